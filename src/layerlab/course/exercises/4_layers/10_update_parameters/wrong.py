# %% M40 the weights go uphill | expect: value W1: sign of term learning_rate * dW1
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = params[f"W{l}"] + learning_rate * grads[f"dW{l}"]  # <-
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% M40 everything goes uphill | expect: value W1: sign of term learning_rate * dW1
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = params[f"W{l}"] + learning_rate * grads[f"dW{l}"]  # <-
        parameters[f"b{l}"] = params[f"b{l}"] + learning_rate * grads[f"db{l}"]
    return parameters


# %% M40 the sign in the biases | expect: value b1: sign of term learning_rate * db1
import numpy as np


def update_parameters(params, grads, learning_rate):
    parameters = params.copy()
    L = len(parameters) // 2
    for l in range(L):
        parameters["W" + str(l + 1)] = parameters["W" + str(l + 1)] - learning_rate * grads["dW" + str(l + 1)]
        parameters["b" + str(l + 1)] = parameters["b" + str(l + 1)] + learning_rate * grads["db" + str(l + 1)]  # <-
    return parameters


# %% M52 L counts the weights and the biases | expect: exception L: missing-key
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params)  # <-
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = params[f"W{l}"] - learning_rate * grads[f"dW{l}"]
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% M52 the last layer left out | expect: structure: missing key 'W3' or structure: missing key 'W2'
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L):
        parameters[f"W{l}"] = params[f"W{l}"] - learning_rate * grads[f"dW{l}"]
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% M52 the last layer keeps its parameters | expect: value L: is len(params) / 2 or value L: missing term 1 or value L - 1: off by term 1 or small-change: index
import numpy as np


def update_parameters(params, grads, learning_rate):
    parameters = params.copy()
    L = len(parameters) // 2
    for l in range(L - 1):
        parameters["W" + str(l + 1)] = parameters["W" + str(l + 1)] - learning_rate * grads["dW" + str(l + 1)]
        parameters["b" + str(l + 1)] = parameters["b" + str(l + 1)] - learning_rate * grads["db" + str(l + 1)]
    return parameters


# %% M52 from layer 0 | expect: exception l: missing-key
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(L + 1):  # <-
        parameters[f"W{l}"] = params[f"W{l}"] - learning_rate * grads[f"dW{l}"]
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% M71 a shallow copy and in place | expect: mutated params
import numpy as np


def update_parameters(params, grads, learning_rate):
    parameters = params.copy()
    L = len(parameters) // 2
    for l in range(L):
        parameters["W" + str(l + 1)] -= learning_rate * grads["dW" + str(l + 1)]  # <-
        parameters["b" + str(l + 1)] -= learning_rate * grads["db" + str(l + 1)]
    return parameters


# %% M71 the caller's dict filled with the new arrays | expect: mutated params
import numpy as np


def update_parameters(params, grads, learning_rate):
    for key in params:
        params[key] = params[key] - learning_rate * grads["d" + key]  # <-
    return params


# %% M71 the gradients scaled in place | expect: mutated grads
import numpy as np


def update_parameters(params, grads, learning_rate):
    parameters = {}
    for key, value in params.items():
        step = grads["d" + key]
        step *= learning_rate  # <-
        parameters[key] = value - step
    return parameters


# %% M72 the new arrays never kept | expect: value W1: unchanged
import numpy as np


def update_parameters(params, grads, learning_rate):
    parameters = params.copy()
    for l in range(1, len(params) // 2 + 1):
        W = parameters[f"W{l}"] - learning_rate * grads[f"dW{l}"]
        b = parameters[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% M72 the old dict returned | expect: value W1: unchanged
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = params[f"W{l}"] - learning_rate * grads[f"dW{l}"]
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return params  # <-


# %% M74 whole numbers | expect: value W1: truncated
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = (params[f"W{l}"] - learning_rate * grads[f"dW{l}"]).astype(int)  # <-
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% M75 a learning rate of its own | expect: value learning_rate: is 0.0075 or small-change: extra step
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    learning_rate = 0.0075  # <-
    for l in range(1, L + 1):
        parameters[f"W{l}"] = params[f"W{l}"] - learning_rate * grads[f"dW{l}"]
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% M75 without the learning rate | expect: value W1: is W1 - dW1 or value W1: without factor learning_rate
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = params[f"W{l}"] - grads[f"dW{l}"]  # <-
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% M75 divided by the learning rate | expect: value W1: is W1 - dW1 / learning_rate
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = params[f"W{l}"] - grads[f"dW{l}"] / learning_rate  # <-
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% M29 a global learning rate | expect: uses-global alpha
import numpy as np


alpha = 0.5


def update_parameters(params, grads, learning_rate):
    parameters = {}
    for l in range(1, len(params) // 2 + 1):
        parameters[f"W{l}"] = params[f"W{l}"] - alpha * grads[f"dW{l}"]  # <-
        parameters[f"b{l}"] = params[f"b{l}"] - alpha * grads[f"db{l}"]
    return parameters


# %% own gradient minus parameter | expect: value W1: is learning_rate * dW1 - W1 or value W1: ratio -1
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = learning_rate * grads[f"dW{l}"] - params[f"W{l}"]  # <-
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% own only the step | expect: value W1: missing term W1 or value W1: is -learning_rate * dW1
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = -learning_rate * grads[f"dW{l}"]  # <-
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% own the gradient of the layer before | expect: exception: missing-key or exception W1: missing-key
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = params[f"W{l}"] - learning_rate * grads[f"dW{l - 1}"]  # <-
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% own dA for dW | expect: exception W1: shapes or exception: shapes
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = params[f"W{l}"] - learning_rate * grads[f"dA{l - 1}"]  # <-
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return parameters


# %% own returned inside the loop | expect: structure: return in a loop
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = params[f"W{l}"] - learning_rate * grads[f"dW{l}"]
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"db{l}"]
        return parameters  # <-


# %% own the bias from the new weights | expect: value b1: is b1 - learning_rate * dW1
import numpy as np


def update_parameters(params, grads, learning_rate):
    L = len(params) // 2
    parameters = {}
    for l in range(1, L + 1):
        parameters[f"W{l}"] = params[f"W{l}"] - learning_rate * grads[f"dW{l}"]
        parameters[f"b{l}"] = params[f"b{l}"] - learning_rate * grads[f"dW{l}"]  # <-
    return parameters

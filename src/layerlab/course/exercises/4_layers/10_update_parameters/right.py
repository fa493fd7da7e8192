# %% a comprehension over all names
import numpy as np


def update_parameters(params, grads, learning_rate):
    return {name: value - learning_rate * grads["d" + name] for name, value in params.items()}


# %% a copy of the dict, new arrays put into it
import numpy as np


def update_parameters(params, grads, learning_rate):
    parameters = params.copy()
    L = len(parameters) // 2
    for l in range(L):
        parameters["W" + str(l + 1)] = parameters["W" + str(l + 1)] - learning_rate * grads["dW" + str(l + 1)]
        parameters["b" + str(l + 1)] = parameters["b" + str(l + 1)] - learning_rate * grads["db" + str(l + 1)]
    return parameters


# %% deep copies, changed in place
import copy


def update_parameters(params, grads, learning_rate):
    new = copy.deepcopy(params)
    for key in new:
        new[key] -= learning_rate * grads[f"d{key}"]
    return new


# %% each array copied, the step added with a minus
import numpy as np


def update_parameters(params, grads, learning_rate):
    parameters = {}
    for key, value in params.items():
        array = value.copy()
        array += -learning_rate * grads["d" + key]
        parameters[key] = array
    return parameters


# %% np.subtract and np.multiply, from the last layer
import numpy as np


def update_parameters(params, grads, learning_rate):
    parameters = dict(params)
    for layer in reversed(range(1, len(params) // 2 + 1)):
        for kind in ("W", "b"):
            key = kind + str(layer)
            step = np.multiply(learning_rate, grads["d" + key])
            parameters[key] = np.subtract(params[key], step)
    return parameters


# %% a while loop, as long as there is a layer
import numpy as np


def update_parameters(params, grads, learning_rate):
    result, layer = {}, 1
    while "W%d" % layer in params:
        result["W%d" % layer] = params["W%d" % layer] - grads["dW%d" % layer] * learning_rate
        result["b%d" % layer] = params["b%d" % layer] - grads["db%d" % layer] * learning_rate
        layer += 1
    return result


# %% over the gradients that have a parameter
import numpy as np


def update_parameters(params, grads, learning_rate):
    parameters = {}
    for name, gradient in grads.items():
        if name[1:] in params:
            parameters[name[1:]] = params[name[1:]] - learning_rate * gradient
    return parameters


# %% row by row
import numpy as np


def update_parameters(params, grads, learning_rate):
    parameters = {}
    for key in params:
        old, slope = params[key], grads["d" + key]
        new = np.empty(old.shape)
        for i in range(old.shape[0]):
            for j in range(old.shape[1]):
                new[i, j] = old[i, j] - learning_rate * slope[i, j]
        parameters[key] = new
    return parameters


# %% the widths of all layers from the keys
import numpy as np


def update_parameters(params, grads, learning_rate):
    def moved(key):
        return params[key] + (-learning_rate) * grads["d" + key]

    layers = sorted({int(key[1:]) for key in params})
    return {f"W{l}": moved(f"W{l}") for l in layers} | {f"b{l}": moved(f"b{l}") for l in layers}

# %% taken out, changed, put in
import numpy as np


def update_parameters(parameters, grads, learning_rate=1.2):
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    dW1 = grads["dW1"]
    db1 = grads["db1"]
    dW2 = grads["dW2"]
    db2 = grads["db2"]
    W1 = W1 - learning_rate * dW1
    b1 = b1 - learning_rate * db1
    W2 = W2 - learning_rate * dW2
    b2 = b2 - learning_rate * db2
    parameters = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    return parameters


# %% a comprehension
def update_parameters(parameters, grads, learning_rate=1.2):
    return {key: parameters[key] - learning_rate * grads["d" + key] for key in parameters}


# %% deep copies in place
import copy


def update_parameters(parameters, grads, learning_rate=1.2):
    W1 = copy.deepcopy(parameters["W1"])
    b1 = copy.deepcopy(parameters["b1"])
    W2 = copy.deepcopy(parameters["W2"])
    b2 = copy.deepcopy(parameters["b2"])
    W1 -= learning_rate * grads["dW1"]
    b1 -= learning_rate * grads["db1"]
    W2 -= learning_rate * grads["dW2"]
    b2 -= learning_rate * grads["db2"]
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% a copied dict with new arrays
import numpy as np


def update_parameters(parameters, grads, learning_rate=1.2):
    new = dict(parameters)
    for key, gradient in grads.items():
        new[key[1:]] = new[key[1:]] - learning_rate * gradient
    return new


# %% np.subtract and np.multiply
import numpy as np


def update_parameters(parameters, grads, learning_rate=1.2):
    W1, b1, W2, b2 = [
        np.subtract(parameters[name], np.multiply(grads["d" + name], learning_rate)) for name in ("W1", "b1", "W2", "b2")
    ]
    return dict(W1=W1, b1=b1, W2=W2, b2=b2)


# %% the step is negative, and is added
import numpy as np


def update_parameters(parameters, grads, learning_rate=1.2):
    steps = {name[1:]: -learning_rate * grad for name, grad in grads.items()}
    return {name: steps[name] + parameters[name] for name in ("b2", "W2", "b1", "W1")}


# %% zip over both dicts
import numpy as np


def update_parameters(parameters, grads, learning_rate=1.2):
    names = ["W1", "b1", "W2", "b2"]
    olds = [parameters[n] for n in names]
    slopes = [grads["d" + n] for n in names]
    return dict(zip(names, [old - slope * learning_rate for old, slope in zip(olds, slopes)]))


# %% one long vector, and back
import numpy as np


def update_parameters(parameters, grads, learning_rate=1.2):
    names = list(parameters)
    theta = np.concatenate([parameters[n].ravel() for n in names])
    slope = np.concatenate([grads["d" + n].ravel() for n in names])
    theta = theta - learning_rate * slope
    result, start = {}, 0
    for n in names:
        size = parameters[n].size
        result[n] = theta[start : start + size].reshape(parameters[n].shape)
        start += size
    return result


# %% a function for one parameter
import numpy as np


def update_parameters(parameters, grads, learning_rate=1.2):
    def step(name):
        value = np.array(parameters[name], dtype=float)
        value -= np.dot(learning_rate, grads["d" + name])
        return value

    return {"W1": step("W1"), "b1": step("b1"), "W2": step("W2"), "b2": step("b2")}

# %% names by str
import numpy as np


def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A_prev = A
        A, cache = linear_activation_forward(
            A_prev, parameters["W" + str(l)], parameters["b" + str(l)], activation="relu"
        )
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters["W" + str(L)], parameters["b" + str(L)], activation="sigmoid")
    caches.append(cache)
    return AL, caches


# %% the activation chosen in the loop
import numpy as np
from given import linear_activation_forward


def L_model_forward(X, parameters):
    A, caches = X, []
    L = len(parameters) // 2
    for l in range(1, L + 1):
        activation = "relu" if l < L else "sigmoid"
        A, cache = linear_activation_forward(A, parameters[f"W{l}"], parameters[f"b{l}"], activation)
        caches.append(cache)
    return A, caches


# %% from layer 0, a list of activations
import numpy as np


def L_model_forward(X, parameters):
    L = len([name for name in parameters if name.startswith("W")])
    activations = ["relu"] * (L - 1) + ["sigmoid"]
    AL, caches = X, []
    for i, g in enumerate(activations):
        AL, cache = linear_activation_forward(AL, parameters["W%d" % (i + 1)], parameters["b%d" % (i + 1)], g)
        caches += [cache]
    return AL, caches


# %% without the given functions
import numpy as np


def L_model_forward(X, parameters):
    L = len(parameters) // 2
    A, caches = X, []
    for l in range(1, L + 1):
        W, b = parameters["W" + str(l)], parameters["b" + str(l)]
        Z = np.dot(W, A) + b
        caches.append(((A, W, b), Z))
        A = np.maximum(Z, 0) if l != L else 1 / (1 + np.exp(-Z))
    return A, caches


# %% a while loop
import numpy as np


def L_model_forward(X, parameters):
    l, A, caches = 1, X, []
    while f"W{l + 1}" in parameters:
        A, cache = linear_activation_forward(A, parameters[f"W{l}"], parameters[f"b{l}"], "relu")
        caches.append(cache)
        l = l + 1
    A, cache = linear_activation_forward(A, parameters[f"W{l}"], parameters[f"b{l}"], "sigmoid")
    return A, [*caches, cache]


# %% a list of the outputs of all layers
import numpy as np


def L_model_forward(X, parameters):
    L = int(len(parameters) / 2)
    outputs, caches = [X], [None] * L
    for l in range(1, L + 1):
        Z, linear_cache = linear_forward(outputs[l - 1], parameters[f"W{l}"], parameters[f"b{l}"])
        A, Z = relu(Z) if l < L else sigmoid(Z)
        outputs.append(A)
        caches[l - 1] = (linear_cache, Z)
    return outputs[-1], caches


# %% a function of its own for a layer
import numpy as np


def L_model_forward(X, parameters):
    def layer(l, A, activation):
        A, cache = linear_activation_forward(A, parameters["W" + str(l)], parameters["b" + str(l)], activation)
        caches.append(cache)
        return A

    caches = []
    L = len(parameters) // 2
    A = X.copy()
    for l in range(1, L):
        A = layer(l, A, "relu")
    return layer(L, A, "sigmoid"), caches


# %% layer by layer, called again
import numpy as np


def L_model_forward(X, parameters):
    L = len(parameters) // 2

    def rest(A, l):
        if l > L:
            return A, []
        A, cache = linear_activation_forward(
            A, parameters[f"W{l}"], parameters[f"b{l}"], {True: "relu", False: "sigmoid"}[l < L]
        )
        AL, caches = rest(A, l + 1)
        return AL, [cache] + caches

    return rest(X, 1)

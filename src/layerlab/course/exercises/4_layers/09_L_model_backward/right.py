# %% names by str, layers counted from 0
import numpy as np


def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    m = AL.shape[1]
    Y = Y.reshape(AL.shape)
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    current_cache = caches[L - 1]
    dA_prev_temp, dW_temp, db_temp = linear_activation_backward(dAL, current_cache, "sigmoid")
    grads["dA" + str(L - 1)] = dA_prev_temp
    grads["dW" + str(L)] = dW_temp
    grads["db" + str(L)] = db_temp
    for l in reversed(range(L - 1)):
        current_cache = caches[l]
        dA_prev_temp, dW_temp, db_temp = linear_activation_backward(grads["dA" + str(l + 1)], current_cache, "relu")
        grads["dA" + str(l)] = dA_prev_temp
        grads["dW" + str(l + 1)] = dW_temp
        grads["db" + str(l + 1)] = db_temp
    return grads


# %% one loop with the activation in it
import numpy as np
from given import linear_activation_backward


def L_model_backward(AL, Y, caches):
    grads, L = {}, len(caches)
    dA = (1 - Y) / (1 - AL) - Y / AL
    for l in range(L, 0, -1):
        g = "sigmoid" if l == L else "relu"
        dA, grads[f"dW{l}"], grads[f"db{l}"] = linear_activation_backward(dA, caches[l - 1], g)
        grads[f"dA{l - 1}"] = dA
    return grads


# %% dZ of the output at once
import numpy as np


def L_model_backward(AL, Y, caches):
    L = len(caches)
    grads = {}
    dA, dW, db = linear_backward(AL - Y, caches[-1][0])
    grads.update({f"dA{L - 1}": dA, f"dW{L}": dW, f"db{L}": db})
    for l in range(L - 1, 0, -1):
        dA, dW, db = linear_activation_backward(dA, caches[l - 1], "relu")
        grads.update({f"dA{l - 1}": dA, f"dW{l}": dW, f"db{l}": db})
    return grads


# %% the combined fraction
import numpy as np


def L_model_backward(AL, Y, caches):
    dA = (AL - Y) / (AL * (1 - AL))
    grads = {}
    activation = "sigmoid"
    for l, cache in reversed(list(enumerate(caches, start=1))):
        dA, dW, db = linear_activation_backward(dA, cache, activation)
        grads["dA%d" % (l - 1)], grads["dW%d" % l], grads["db%d" % l] = dA, dW, db
        activation = "relu"
    return grads


# %% nothing of the given functions
import numpy as np


def L_model_backward(AL, Y, caches):
    L, m = len(caches), Y.shape[1]
    grads = {}
    dZ = AL - Y
    for l in range(L, 0, -1):
        (A_prev, W, b), Z = caches[l - 1]
        grads["dW" + str(l)] = np.dot(dZ, A_prev.T) / m
        grads["db" + str(l)] = np.sum(dZ, axis=1, keepdims=True) / m
        dA = np.dot(W.T, dZ)
        grads["dA" + str(l - 1)] = dA
        if l > 1:
            dZ = np.where(caches[l - 2][1] > 0, dA, 0)
    return grads


# %% a list taken apart from its end
import numpy as np


def L_model_backward(AL, Y, caches):
    left = list(caches)
    grads = {}
    dA = np.where(Y == 1, -1 / AL, 1 / (1 - AL))
    name = "sigmoid"
    while left:
        l = len(left)
        result = linear_activation_backward(dA, left.pop(), name)
        grads["dA" + str(l - 1)], grads["dW" + str(l)], grads["db" + str(l)] = result
        dA, name = result[0], "relu"
    return grads


# %% layer by layer, called again
import numpy as np


def L_model_backward(AL, Y, caches):
    def back(dA, l, activation):
        if l == 0:
            return {}
        dA_prev, dW, db = linear_activation_backward(dA, caches[l - 1], activation)
        return {f"dA{l - 1}": dA_prev, f"dW{l}": dW, f"db{l}": db} | back(dA_prev, l - 1, "relu")

    return back(-Y / AL + (1 - Y) / (1 - AL), len(caches), "sigmoid")


# %% a function for the storing
import numpy as np


def L_model_backward(AL, Y, caches):
    L = len(caches)
    grads = {}

    def keep(l, gradients):
        for kind, gradient in zip((f"dA{l - 1}", f"dW{l}", f"db{l}"), gradients):
            grads[kind] = gradient

    dAL = -(Y / AL) + (1 - Y) / (1 - AL)
    keep(L, linear_activation_backward(dAL, caches[L - 1], activation="sigmoid"))
    l = L - 1
    while l >= 1:
        keep(l, linear_activation_backward(grads[f"dA{l}"], caches[l - 1], activation="relu"))
        l -= 1
    return grads

# %% M55 Python's max | expect: exception A: truth-value
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = max(0, Z)  # <-
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)


# %% M55 the largest number of all | expect: value A: not a number or value A: is np.max(Z) or value A: constant or unnamed A or value A: shape ()
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = np.max(Z)  # <-
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)


# %% M55 the smaller one | expect: value A: is np.minimum(Z, 0) or value A: missing term np.abs(Z)
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = np.minimum(0, Z)  # <-
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)


# %% M61 sigmoid for relu | expect: value A: is sigmoid(Z)
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = sigmoid(Z)
    elif activation == "relu":
        A, activation_cache = sigmoid(Z)  # <-
    cache = (linear_cache, activation_cache)
    return A, cache


# %% M61 relu for sigmoid | expect: value A: is np.maximum(Z, 0)
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = relu(Z)  # <-
    elif activation == "relu":
        A, activation_cache = relu(Z)
    cache = (linear_cache, activation_cache)
    return A, cache


# %% M61 the branches exchanged | expect: value activation != "sigmoid": 1 - x
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation != "sigmoid":  # <-
        A, activation_cache = sigmoid(Z)
    else:
        A, activation_cache = relu(Z)
    cache = (linear_cache, activation_cache)
    return A, cache


# %% M2 without the minus | expect: value A: 1 - x
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = np.maximum(0, Z)
    else:
        A = 1 / (1 + np.exp(Z))  # <-
    return A, ((A_prev, W, b), Z)


# %% own tanh for sigmoid | expect: value A: is np.tanh(Z)
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = np.maximum(0, Z)
    else:
        A = np.tanh(Z)  # <-
    return A, ((A_prev, W, b), Z)


# %% own relu forgets its Z | expect: value A: without factor Z or value A: is Z > 0
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = (Z > 0).astype(float)  # <-
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)


# %% own no activation | expect: value A: without function relu or value A: is Z
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = Z  # <-
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)


# %% own the absolute value | expect: value A: is np.abs(Z)
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = np.abs(Z)  # <-
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)


# %% M18 the factors exchanged | expect: exception Z: shapes
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(A_prev, W) + b  # <-
    if activation == "relu":
        A = np.maximum(0, Z)
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)


# %% M56 the two caches exchanged | expect: structure: order or structure
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = sigmoid(Z)
    elif activation == "relu":
        A, activation_cache = relu(Z)
    cache = (activation_cache, linear_cache)
    return A, cache


# %% M56 A in the cache for A_prev | expect: value cache[0][0]: is A
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = np.maximum(0, Z)
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, ((A, W, b), Z)  # <-


# %% M56 A in the cache for Z | expect: value cache[1]: is A
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = np.maximum(0, Z)
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), A)  # <-


# %% M56 one flat tuple | expect: structure: 4 values instead of 2 in cache
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = np.maximum(0, Z)
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, (A_prev, W, b, Z)


# %% M56 only the linear cache | expect: structure: 3 values instead of 2 in cache
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = sigmoid(Z)
    elif activation == "relu":
        A, activation_cache = relu(Z)
    cache = linear_cache
    return A, cache


# %% M56 the cache not packed | expect: structure: 3 values instead of 2
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = sigmoid(Z)
    elif activation == "relu":
        A, activation_cache = relu(Z)
    cache = (linear_cache, activation_cache)
    return A, linear_cache, activation_cache


# %% M56 sigmoid's tuple not unpacked | expect: structure: type tuple instead of array in A
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A = activation_cache = sigmoid(Z)
    elif activation == "relu":
        A, activation_cache = relu(Z)
    cache = (linear_cache, activation_cache)
    return A, cache


# %% own the linear step not unpacked | expect: exception A: types
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = sigmoid(Z)
    elif activation == "relu":
        A, activation_cache = relu(Z)
    cache = (linear_cache, activation_cache)
    return A, cache


# %% own Z returned | expect: value A: is Z or value A: without function relu
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = sigmoid(Z)
    elif activation == "relu":
        A, activation_cache = relu(Z)
    cache = (linear_cache, activation_cache)
    return Z, cache  # <-


# %% own a misspelt activation | expect: exception activation == "ReLU": unassigned or exception A: unassigned
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = sigmoid(Z)
    elif activation == "ReLU":
        A, activation_cache = relu(Z)
    cache = (linear_cache, activation_cache)
    return A, cache


# %% own the Z of relu cut off in place | expect: value cache[1]: is A or value Z: function relu or value Z[Z < 0]: constant 0
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        Z[Z < 0] = 0  # <-
        A = Z
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)


# %% own the inputs cut off in place | expect: mutated A_prev
import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    A_prev[A_prev < 0] = 0  # <-
    Z = np.dot(W, A_prev) + b
    if activation == "relu":
        A = np.maximum(0, Z)
    else:
        A = 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)


# %% M29 a global activation | expect: uses-global mode
import numpy as np


mode = "relu"


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    A, activation_cache = relu(Z) if mode == "relu" else sigmoid(Z)  # <-
    return A, (linear_cache, activation_cache)

# %% the formula in two lines
import numpy as np


def sigmoid_backward(dA, cache):
    s = 1 / (1 + np.exp(-cache))
    return dA * s * (1 - s)


# %% the given sigmoid
import numpy as np
from given import sigmoid


def sigmoid_backward(dA, cache):
    s, _ = sigmoid(cache)
    dZ = np.multiply(dA, s * (1 - s))
    return dZ


# %% the quotient
import numpy as np


def sigmoid_backward(dA, cache):
    e = np.exp(-cache)
    return dA * e / (1 + e) ** 2


# %% the hyperbolic cosine
import numpy as np


def sigmoid_backward(dA, cache):
    return dA / (2 * np.cosh(cache / 2)) ** 2


# %% the product of the sigmoid to both sides
import numpy as np


def sigmoid_backward(dA, cache):
    return sigmoid(cache)[0] * sigmoid(-cache)[0] * dA


# %% tanh
import numpy as np


def sigmoid_backward(dA, cache):
    t = np.tanh(0.5 * cache)
    return 0.25 * dA * (1 - t) * (1 + t)


# %% number by number
import math

import numpy as np


def sigmoid_backward(dA, cache):
    dZ = np.zeros(dA.shape)
    for i in range(dA.shape[0]):
        for j in range(dA.shape[1]):
            s = 1 / (1 + math.exp(-cache[i, j])) if cache[i, j] > -700 else 0.0
            dZ[i, j] = dA[i, j] * s * (1 - s)
    return dZ


# %% a copy, multiplied in place
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache.copy()
    dZ = dA.copy()
    s = np.where(Z >= 0, 1 / (1 + np.exp(-np.abs(Z))), np.exp(-np.abs(Z)) / (1 + np.exp(-np.abs(Z))))
    dZ *= s
    dZ *= 1 - s
    return dZ


# %% einsum
import numpy as np


def sigmoid_backward(dA, cache):
    s = np.reciprocal(1.0 + np.exp(-cache))
    return np.einsum("ij,ij,ij->ij", dA, s, 1 - s)


# %% a quarter minus the square of the distance to one half
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(cache)
    return dA * (0.25 - (A - 0.5) ** 2)

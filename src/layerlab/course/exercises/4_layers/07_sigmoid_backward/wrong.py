# %% M5 Z for the sigmoid | expect: value dZ: is dA * (cache * (1 - cache)) or value dZ: is dA * cache * (1 - cache)
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * Z * (1 - Z)  # <-
    return dZ


# %% M5 plus for minus | expect: value slope: is A * (1 + A) or value 1 + A: sign of term A
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(cache)
    slope = A * (1 + A)  # <-
    dZ = dA * slope
    return dZ


# %% M5 the gradient for the output | expect: value slope: is dA * (1 - dA)
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(cache)
    slope = dA * (1 - dA)  # <-
    dZ = dA * slope
    return dZ


# %% M61 the slope left out | expect: value dZ: is dA
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA  # <-
    return dZ


# %% M61 only half of the slope | expect: value dZ: missing factor or value dZ: without factor 1 - A or value dZ: is dA * A
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * s  # <-
    return dZ


# %% M61 without s | expect: value dZ: without factor A
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * (1 - s)  # <-
    return dZ


# %% M61 the slope of tanh | expect: value slope: is 1 - A**2 or value slope: extra term 1 - A or small-change
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(cache)
    slope = 1 - A**2  # <-
    dZ = dA * slope
    return dZ


# %% M61 the slope of relu | expect: value dZ: is dA * (cache > 0)
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * (Z > 0)  # <-
    return dZ


# %% M61 only the slope | expect: value dZ: is slope or value dZ: without factor dA
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(cache)
    slope = A * (1 - A)
    dZ = slope  # <-
    return dZ


# %% M2 without the minus in the sigmoid | expect: value s: is 1 / (1 - np.exp(-cache)) or value s: is np.exp(-cache) / (np.exp(-cache) * (1 - np.exp(-cache)))
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 - np.exp(-Z))  # <-
    dZ = dA * s * (1 - s)
    return dZ


# %% M3 overflow at -1000, and right all the same | advise: overflow
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = s * (1 - s) * dA
    return dZ


# %% M4 no number at 1000 | advise: overflow
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache
    s = np.exp(Z) / (1 + np.exp(Z))
    dZ = dA * s * (1 - s)
    return dZ


# %% M69 in place | expect: mutated dA
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dA *= s * (1 - s)  # <-
    return dA


# %% M69 the cache turned around in place | expect: mutated cache
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache
    Z *= -1  # <-
    s = 1 / (1 + np.exp(Z))
    dZ = dA * s * (1 - s)
    return dZ


# %% M1 math.exp of an array | expect: exception A: one-number or exception s: one-number
import numpy as np


import math


def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + math.exp(-Z))  # <-
    dZ = dA * s * (1 - s)
    return dZ


# %% M18 a matrix product | expect: exception dZ: shapes
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(cache)
    slope = A * (1 - A)
    dZ = np.dot(dA, slope)  # <-
    return dZ


# %% M18 a matrix product with the slope transposed | expect: value dZ: is dA @ slope.T or value dZ: shape or unnamed dZ
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(cache)
    slope = A * (1 - A)
    dZ = np.dot(dA, slope.T)  # <-
    return dZ


# %% own the sigmoid's tuple not unpacked | expect: exception A: types or exception slope: types
import numpy as np


def sigmoid_backward(dA, cache):
    A = sigmoid(cache)
    slope = A * (1 - A)
    dZ = dA * slope
    return dZ


# %% own the sigmoid of the slope | expect: value A: is sigmoid(dA) or value dZ: is dA * (sigmoid(dA) * (1 - sigmoid(dA)))
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(dA)  # <-
    slope = A * (1 - A)
    dZ = dA * slope
    return dZ


# %% own divided by the slope | expect: value dZ: is dA / slope
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(cache)
    slope = A * (1 - A)
    dZ = dA / slope  # <-
    return dZ


# %% own the square of the sigmoid | expect: value slope: is A**2 or value slope: function square or small-change: term
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(cache)
    slope = A**2  # <-
    dZ = dA * slope
    return dZ


# %% own averaged | expect: value dZ: ratio 1/m
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(cache)
    slope = A * (1 - A)
    dZ = dA * slope / dA.shape[1]  # <-
    return dZ


# %% own the minus of the loss | expect: value dZ: ratio -1
import numpy as np


def sigmoid_backward(dA, cache):
    A, Z = sigmoid(cache)
    slope = A * (1 - A)
    dZ = -dA * slope  # <-
    return dZ


# %% own nothing returned | expect: returned-none
import numpy as np


def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * s * (1 - s)


# %% M29 a global output | expect: uses-global output
import numpy as np


output = np.full((4, 7), 0.5)


def sigmoid_backward(dA, cache):
    slope = output * (1 - output)  # <-
    return dA * slope

# %% M69 in place | expect: mutated dA
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA
    dZ[Z <= 0] = 0  # <-
    return dZ


# %% M69 multiplied in place | expect: mutated dA
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dA *= Z > 0  # <-
    return dA


# %% M69 the cache made the slope | expect: mutated cache
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    Z[Z <= 0] = 0  # <-
    Z[Z > 0] = 1
    dZ = dA * Z
    return dZ


# %% M61 the slope left out | expect: value dZ: is dA
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA  # <-
    return dZ


# %% M61 the output for the slope | expect: value dZ: extra factor cache or value dZ: is dA * np.maximum(cache, 0)
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA * np.maximum(Z, 0)  # <-
    return dZ


# %% M61 Z for the slope | expect: value dZ: is dA * cache
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA * Z  # <-
    return dZ


# %% M61 the slope of the sigmoid | expect: value dZ: is dA * (sigmoid(cache) * (1 - sigmoid(cache)))
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * s * (1 - s)  # <-
    return dZ


# %% M61 only the slope | expect: value dZ: is slope or value slope: is
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = 1.0 * (Z > 0)  # <-
    return dZ


# %% M55 relu of the gradient | expect: value dZ: is np.maximum(dA, 0)
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = np.maximum(0, dA)  # <-
    return dZ


# %% M55 if for an array | expect: exception dZ: truth-value or exception: truth-value
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA if Z > 0 else 0  # <-
    return dZ


# %% M55 Python's max | expect: exception dZ: truth-value or exception: truth-value
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA * (max(0, Z) > 0)  # <-
    return dZ


# %% own the sign of dA decides | expect: value dZ: is np.maximum(dA, 0)
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA * (dA > 0)  # <-
    return dZ


# %% own the closed places | expect: value Z > 0: 1 - x
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = np.array(dA, copy=True)
    dZ[Z > 0] = 0  # <-
    return dZ


# %% own ones for the open places | expect: value dZ: is slope or value dZ: without factor dA or value dZ[Z > 0]: is 1 or small-change: operator
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    dZ[Z > 0] = 1  # <-
    return dZ


# %% own the slope of tanh | expect: value dZ: is dA * (1 - np.tanh(cache)**2)
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA * (1 - np.tanh(Z) ** 2)  # <-
    return dZ


# %% own a small slope for negative numbers | expect: value dZ: without factor slope
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = np.where(Z > 0, dA, 0.01 * dA)  # <-
    return dZ


# %% own minus one for negative numbers | expect: value dZ: is dA * np.sign(cache) or value dZ: without factor slope
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA * np.sign(Z)  # <-
    return dZ


# %% own a matrix product | expect: exception dZ: shapes
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA @ (Z > 0)  # <-
    return dZ


# %% own only the open places returned | expect: value dZ: not a number or value dZ: shape or unnamed dZ
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA[Z > 0]  # <-
    return dZ


# %% own averaged | expect: value dZ: ratio 1/m
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA * (Z > 0) / dA.shape[1]  # <-
    return dZ


# %% own the zeros put into Z | expect: small-change: variable or mutated cache
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = np.array(dA, copy=True)
    Z[Z <= 0] = 0  # <-
    return dZ


# %% own the cache unpacked | expect: exception: unpacking or exception Z: unpacking
import numpy as np


def relu_backward(dA, cache):
    linear_cache, Z = cache  # <-
    dZ = dA * (Z > 0)
    return dZ


# %% own nothing returned | expect: returned-none
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA * (Z > 0)


# %% M29 a global mask | expect: uses-global mask
import numpy as np


mask = np.ones((4, 7)) > 0


def relu_backward(dA, cache):
    dZ = dA * mask  # <-
    return dZ

# %% np.where
import numpy as np


def relu_backward(dA, cache):
    return np.where(cache > 0, dA, 0)


# %% a copy and a mask
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = dA.copy()
    dZ[Z <= 0] = 0
    return dZ


# %% the slope as numbers
import numpy as np


def relu_backward(dA, cache):
    slope = (cache > 0).astype(float)
    return np.multiply(dA, slope)


# %% the slope from the output
import numpy as np


def relu_backward(dA, cache):
    A = np.maximum(0, cache)
    return dA * (A > 0)


# %% 1 at exactly 0
import numpy as np


def relu_backward(dA, cache):
    return dA * (cache >= 0)


# %% a step function
import numpy as np


def relu_backward(dA, cache):
    return dA * np.heaviside(cache, 0.0)


# %% loops
import numpy as np


def relu_backward(dA, cache):
    dZ = np.zeros(dA.shape)
    for i in range(dA.shape[0]):
        for j in range(dA.shape[1]):
            if cache[i, j] > 0:
                dZ[i, j] = dA[i, j]
    return dZ


# %% only the places that are open
import numpy as np


def relu_backward(dA, cache):
    dZ = np.zeros_like(dA)
    open_ = np.nonzero(cache > 0)
    dZ[open_] = dA[open_]
    return dZ


# %% the sign of the output
import numpy as np


def relu_backward(dA, cache):
    return np.sign(np.maximum(cache, 0)) * dA


# %% flat, in a comprehension
import numpy as np


def relu_backward(dA, cache):
    flat = [d if z > 0 else 0.0 for d, z in zip(dA.ravel(), cache.ravel())]
    return np.array(flat).reshape(dA.shape)

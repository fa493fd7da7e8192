# %% a copy, and zeros put into it
import numpy as np


def relu_backward(dA, cache):
    Z = cache
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ


# %% the slope from the layer's output
import numpy as np


def relu_backward(dA, cache):
    A = np.maximum(cache, 0)
    slope = np.where(A > 0, 1.0, 0.0)
    return dA * slope

# %% the formula as it is written
import numpy as np


def sigmoid(x):
    e = np.exp(-x)
    s = 1 / (1 + e)
    return s


# %% with the exponential of x itself
import numpy as np


def sigmoid(x):
    e = np.exp(x)
    s = e / (1 + e)
    return s


# %% by the hyperbolic tangent
import numpy as np


def sigmoid(x):
    half = x / 2
    s = (1 + np.tanh(half)) / 2
    return s

# %% by the exponential
import numpy as np


def sigmoid_derivative(x):
    e = np.exp(-x)
    ds = e / (1 + e) ** 2
    return ds


# %% the sigmoid minus its square
import numpy as np


def sigmoid_derivative(x):
    s = 1 / (1 + np.exp(-x))
    square = s**2
    ds = s - square
    return ds


# %% the sigmoid times the sigmoid of the other side
import numpy as np


def sigmoid_derivative(x):
    left = 1 / (1 + np.exp(x))
    right = 1 / (1 + np.exp(-x))
    ds = left * right
    return ds

# %% the formula in one line
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# %% step by step, with other names
import numpy as np


def sigmoid(numbers):
    minus = -numbers
    powers = np.exp(minus)
    below = powers + 1.0
    return below**-1


# %% NumPy's functions in place of signs
import numpy


def sigmoid(x):
    return numpy.reciprocal(numpy.add(numpy.exp(numpy.negative(x)), 1.0))


# %% a power of e
import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.e ** (-x))


# %% one minus its mirror image
import numpy as np


def sigmoid(x):
    return 1 - 1 / (1 + np.exp(x))


# %% tanh
import numpy as np


def sigmoid(x):
    return 0.5 * (np.tanh(0.5 * x) + 1)


# %% the logarithm of a sum of powers
import numpy as np


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


# %% masks, each half with its own form
import numpy as np


def sigmoid(x):
    s = np.empty(x.shape)
    positive = x >= 0
    s[positive] = 1 / (1 + np.exp(-x[positive]))
    e = np.exp(x[~positive])
    s[~positive] = e / (1 + e)
    return s


# %% two loops and math.exp
import math

import numpy as np


def sigmoid(x):
    s = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            s[i, j] = 1 / (1 + math.exp(-x[i, j]))
    return s


# %% a function for one number, given to np.vectorize
import math

import numpy as np


def sigmoid(x):
    def one(number):
        return 1 / (1 + math.exp(-number))

    return np.vectorize(one, otypes=[float])(x)


# %% a copy that is changed in place
import numpy as np


def sigmoid(x):
    s = np.array(x, dtype=float)
    np.negative(s, out=s)
    np.exp(s, out=s)
    s += 1
    return np.divide(1, s)


# %% lists of lists
import math

import numpy as np


def sigmoid(x):
    return np.array([[1 / (1 + math.exp(-float(number))) for number in row] for row in x])

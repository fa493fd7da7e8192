# %% M1 math.exp on an array | expect: exception s: one-number
import math

import numpy as np


def sigmoid(x):
    s = 1 / (1 + math.exp(-x))  # <-
    return s


# %% M2 without the minus | expect: value s: 1 - x
import numpy as np


def sigmoid(x):
    s = 1 / (1 + np.exp(x))  # <-
    return s


# %% M2 without the minus, step by step | expect: value e: is np.exp(x) or value s: 1 - x
import numpy as np


def sigmoid(x):
    e = np.exp(x)  # <-
    s = 1 / (1 + e)  # <-
    return s


# %% M3 the formula as it is written overflows at -1000 and is right all the same | advise: overflow
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# %% M4 with the exponential of x: not a number at 1000 | advise: overflow
import numpy as np


def sigmoid(x):
    e = np.exp(x)
    return e / (1 + e)


# %% own brackets forgotten | expect: value s
import numpy as np


def sigmoid(x):
    s = 1 / 1 + np.exp(-x)  # <-
    return s


# %% own one minus in place of one plus | expect: value s or value 1: is 1 or small-change: operator
import numpy as np


def sigmoid(x):
    s = 1 / (1 - np.exp(-x))  # <-
    return s


# %% own a result array with the type of x | expect: edge: integers
import numpy as np


def sigmoid(x):
    s = np.zeros_like(x)
    s[:] = 1 / (1 + np.exp(-x))
    return s


# %% own computed and not returned | expect: returned-none
import numpy as np


def sigmoid(x):
    s = 1 / (1 + np.exp(-x))


# %% own only the first row | expect: structure: return in a loop
import numpy as np


def sigmoid(x):
    s = np.zeros(x.shape)
    for i in range(x.shape[0]):
        s = 1 / (1 + np.exp(-x[i]))  # <-
        return s  # <-

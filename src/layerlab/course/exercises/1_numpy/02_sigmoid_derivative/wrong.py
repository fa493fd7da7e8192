# %% M5 x in place of the sigmoid | expect: value ds: is x * (1 - x)
import numpy as np


def sigmoid_derivative(x):
    ds = x * (1 - x)  # <-
    return ds


# %% M5 the sigmoid computed and x taken | expect: value ds: is x * (1 - x)
import numpy as np


def sigmoid_derivative(x):
    s = sigmoid(x)
    ds = x * (1 - x)  # <-
    return ds


# %% M5 one plus the sigmoid | expect: value ds: is s * (1 + s) or value 1 + s: sign of term s
import numpy as np


def sigmoid_derivative(x):
    s = sigmoid(x)
    ds = s * (1 + s)  # <-
    return ds


# %% M1 math.exp on an array | expect: exception s: one-number
import math

import numpy as np


def sigmoid_derivative(x):
    s = 1 / (1 + math.exp(-x))  # <-
    return s * (1 - s)


# %% own one of two exponentials without the minus | expect: value ds
import numpy as np


def sigmoid_derivative(x):
    ds = np.exp(-x) / (1 + np.exp(x)) ** 2  # <-
    return ds


# %% own the sigmoid itself | expect: value ds: is s
import numpy as np


def sigmoid_derivative(x):
    s = sigmoid(x)
    return s


# %% own the slope of tanh | expect: value ds: extra term 1 - s or value ds: is 1 - s**2 or value s: is 1
import numpy as np


def sigmoid_derivative(x):
    s = sigmoid(x)
    ds = 1 - s**2  # <-
    return ds


# %% own the wrong sign | expect: value ds: ratio -1
import numpy as np


def sigmoid_derivative(x):
    s = sigmoid(x)
    ds = s * (s - 1)  # <-
    return ds


# %% own the sigmoid twice | expect: value s: function sigmoid
import numpy as np


def sigmoid_derivative(x):
    s = sigmoid(sigmoid(x))  # <-
    return s * (1 - s)


# %% own x is changed | expect: mutated x
import numpy as np


def sigmoid_derivative(x):
    x *= -1  # <-
    s = 1 / (1 + np.exp(x))
    return s * (1 - s)

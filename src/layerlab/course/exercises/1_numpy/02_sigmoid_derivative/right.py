# %% the sigmoid that is given
import numpy as np


def sigmoid_derivative(x):
    a = sigmoid(x)
    return a * (1 - a)


# %% a sigmoid of one's own
import numpy as np


def my_sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_derivative(x):
    return my_sigmoid(x) * (1.0 - my_sigmoid(x))


# %% sigmoid written again under the given name
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_derivative(x):
    s = sigmoid(x)
    ds = np.multiply(s, np.subtract(1, s))
    return ds


# %% minus the square
import numpy as np


def sigmoid_derivative(x):
    s = 1 / (1 + np.exp(-x))
    return s - s * s


# %% the quotient rule, written out
import numpy as np


def sigmoid_derivative(x):
    e = np.exp(-x)
    return e / np.square(1 + e)


# %% hyperbolic tangent: a quarter of 1 - tanh²
import numpy as np


def sigmoid_derivative(x):
    t = np.tanh(x / 2)
    return (1 - t**2) / 4


# %% hyperbolic cosine
import numpy as np


def sigmoid_derivative(x):
    return 0.25 / np.cosh(x / 2) ** 2


# %% both sides by their own exponentials
import numpy as np


def sigmoid_derivative(x):
    return 1 / (2 + np.exp(x) + np.exp(-x))


# %% two loops
import math

import numpy as np


def sigmoid_derivative(x):
    out = np.empty(x.shape)
    for i in range(len(x)):
        for j in range(len(x[i])):
            s = 1 / (1 + math.exp(-x[i, j]))
            out[i, j] = s * (1 - s)
    return out


# %% einsum
import numpy as np


def sigmoid_derivative(x):
    s = 1 / (1 + np.exp(-x))
    return np.einsum("ij,ij->ij", s, 1 - s)


# %% a copy that is changed in place
import numpy as np


def sigmoid_derivative(x):
    s = np.copy(1 / (1 + np.exp(-x)))
    other = s.copy()
    other *= -1
    other += 1
    s *= other
    return s

# %% M28 no second axis | expect: value w: shape (n,)
import numpy as np


def initialize_with_zeros(dim):
    w = np.zeros(dim)  # <-
    b = 0.0
    return w, b


# %% M28 a row in place of a column | expect: value w: transposed
import numpy as np


def initialize_with_zeros(dim):
    w = np.zeros((1, dim))  # <-
    b = 0.0
    return w, b


# %% M28 the bias as an array of one number | advise: one-by-one
import numpy as np


def initialize_with_zeros(dim):
    w = np.zeros((dim, 1))
    b = np.zeros((1, 1))
    return w, b


# %% M28 a bias for each weight | expect: value b: not added or value b: repeated or value b: shape (n, 1)
import numpy as np


def initialize_with_zeros(dim):
    w = np.zeros((dim, 1))
    b = np.zeros((dim, 1))  # <-
    return w, b


# %% M28 a square | expect: value w: not added axis 0 or value w: repeated or value w: shape (n, n)
import numpy as np


def initialize_with_zeros(dim):
    w = np.zeros((dim, dim))  # <-
    b = 0.0
    return w, b


# %% M74 whole numbers | expect: value w: integers
import numpy as np


def initialize_with_zeros(dim):
    w = np.zeros((dim, 1), dtype=int)
    b = 0
    return w, b


# %% M29 the size of one data set, typed in | expect: value w: shape (4, 1) or value w
import numpy as np


def initialize_with_zeros(dim):
    w = np.zeros((4, 1))  # <-
    b = 0.0
    return w, b


# %% own the sizes as two arguments | expect: exception w: other or exception w: types or exception w: call
import numpy as np


def initialize_with_zeros(dim):
    w = np.zeros(dim, 1)  # <-
    b = 0.0
    return w, b


# %% own ones | expect: value w or small-change: function
import numpy as np


def initialize_with_zeros(dim):
    w = np.ones((dim, 1))  # <-
    b = 0.0
    return w, b


# %% own random numbers | expect: value w or unnamed w or small-change: constant
import numpy as np


def initialize_with_zeros(dim):
    w = np.random.randn(dim, 1) * 0.01  # <-
    b = 0.0
    return w, b


# %% own the bias first | expect: structure: order: b, w or structure
import numpy as np


def initialize_with_zeros(dim):
    w = np.zeros((dim, 1))
    b = 0.0
    return b, w


# %% own a dict | expect: structure: type dict instead of tuple
import numpy as np


def initialize_with_zeros(dim):
    w = np.zeros((dim, 1))
    b = 0.0
    return {"w": w, "b": b}

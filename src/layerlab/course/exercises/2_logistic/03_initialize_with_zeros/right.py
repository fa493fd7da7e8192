# %% one line
import numpy as np


def initialize_with_zeros(dim):
    return np.zeros((dim, 1)), 0.0


# %% a list of lists, and a whole number for b
import numpy as np


def initialize_with_zeros(dim):
    return np.array([[0.0]] * dim), 0


# %% full
import numpy as np


def initialize_with_zeros(dim):
    w = np.full((dim, 1), 0.0)
    b = np.float64(0)
    return w, b


# %% reshape
import numpy as np


def initialize_with_zeros(dim):
    w = np.zeros(dim).reshape(dim, 1)
    return w, float(0)


# %% a new axis
import numpy as np


def initialize_with_zeros(dim):
    return np.zeros(dim)[:, None], np.zeros(())


# %% zero times ones
import numpy as np


def initialize_with_zeros(dim):
    ones = np.ones(shape=(dim, 1))
    return 0 * ones, 0.0


# %% empty, then filled
import numpy as np


def initialize_with_zeros(dim):
    w = np.empty([dim, 1])
    w.fill(0)
    return (w, 0.0)


# %% concatenated
import numpy as np


def initialize_with_zeros(dim):
    w = np.concatenate([np.zeros((1, 1)) for _ in range(dim)])
    b = w.sum()
    return w, b


# %% transposed
import numpy as np


def initialize_with_zeros(dim):
    return np.zeros((1, dim)).T, 0.0


# %% floats named
import numpy as np


def initialize_with_zeros(dim):
    size = dim, 1
    return np.zeros(size, dtype=float), 0.0

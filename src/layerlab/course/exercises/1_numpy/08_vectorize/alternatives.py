# %% multiplied out: no table of n·k·m numbers
import numpy as np


def squared_distances(X, means):
    lengths = np.sum(X**2, axis=0, keepdims=True)
    mean_lengths = np.sum(means**2, axis=0, keepdims=True).T
    products = means.T @ X
    D = mean_lengths + lengths - 2 * products
    return D


# %% examples first, transposed at the end
import numpy as np


def squared_distances(X, means):
    differences = X[:, :, None] - means[:, None, :]
    squares = differences**2
    table = np.sum(squares, axis=0)
    D = table.T
    return D


# %% with the numbers of an example last
import numpy as np


def squared_distances(X, means):
    differences = X.T[None, :, :] - means.T[:, None, :]
    squares = differences**2
    D = np.sum(squares, axis=2)
    return D

# %% M17 no new axes | expect: exception differences: shapes
import numpy as np


def squared_distances(X, means):
    differences = X - means  # <-
    return np.sum(differences**2, axis=0)


# %% M18 a product element by element in place of the matrix product | expect: exception products: shapes
import numpy as np


def squared_distances(X, means):
    lengths = np.sum(X**2, axis=0, keepdims=True)
    mean_lengths = np.sum(means**2, axis=0, keepdims=True).T
    products = means.T * X  # <-
    return mean_lengths + lengths - 2 * products


# %% M37 the matrix product without the transpose | expect: exception products: shapes
import numpy as np


def squared_distances(X, means):
    lengths = np.sum(X**2, axis=0, keepdims=True)
    mean_lengths = np.sum(means**2, axis=0, keepdims=True).T
    products = means @ X  # <-
    return mean_lengths + lengths - 2 * products


# %% M31 examples as rows | expect: value D: transposed
import numpy as np


def squared_distances(X, means):
    differences = X[:, :, None] - means[:, None, :]
    D = np.sum(differences**2, axis=0)
    return D


# %% own added along the means | expect: unnamed D or value D or small-change: axis
import numpy as np


def squared_distances(X, means):
    differences = X[:, None, :] - means[:, :, None]
    D = np.sum(differences**2, axis=1)  # <-
    return D


# %% own not squared | expect: value squares
import numpy as np


def squared_distances(X, means):
    differences = X[:, None, :] - means[:, :, None]
    squares = differences  # <-
    D = np.sum(squares, axis=0)
    return D


# %% own one product in place of two | expect: value D: extra term means.T @ X or value means.T @ X: ratio 1/2
import numpy as np


def squared_distances(X, means):
    lengths = np.sum(X**2, axis=0, keepdims=True)
    mean_lengths = np.sum(means**2, axis=0, keepdims=True).T
    D = mean_lengths + lengths - means.T @ X  # <-
    return D


# %% own the lengths of the examples left out | expect: value D or unnamed D
import numpy as np


def squared_distances(X, means):
    mean_lengths = np.sum(means**2, axis=0, keepdims=True).T
    D = mean_lengths - 2 * means.T @ X  # <-
    return D


# %% own the root | expect: value D: function sqrt
import numpy as np


def squared_distances(X, means):
    D = np.linalg.norm(X[:, None, :] - means[:, :, None], axis=0)  # <-
    return D


# %% own absolute values | expect: value squares or small-change: function
import numpy as np


def squared_distances(X, means):
    differences = X[:, None, :] - means[:, :, None]
    squares = np.abs(differences)  # <-
    D = np.sum(squares, axis=0)
    return D


# %% own the loops again | expect: loop
import numpy as np


def squared_distances(X, means):
    D = np.zeros((means.shape[1], X.shape[1]))
    for c in range(means.shape[1]):
        for j in range(X.shape[1]):
            D[c, j] = np.sum((X[:, j] - means[:, c]) ** 2)
    return D


# %% own a loop hidden in a list | expect: loop
import numpy as np


def squared_distances(X, means):
    return np.array([[np.sum((x - mean) ** 2) for x in X.T] for mean in means.T])


# %% own each mean by map | expect: loop
import numpy as np


def squared_distances(X, means):
    def row(c):  # <-
        return np.sum((X - means[:, c : c + 1]) ** 2, axis=0)

    return np.array(list(map(row, range(means.shape[1]))))


# %% own np.vectorize for every pair | expect: loop
import numpy as np


def squared_distances(X, means):
    pair = np.vectorize(lambda c, i: np.sum((X[:, i] - means[:, c]) ** 2))  # <-
    return pair(np.arange(means.shape[1])[:, None], np.arange(X.shape[1])[None, :])

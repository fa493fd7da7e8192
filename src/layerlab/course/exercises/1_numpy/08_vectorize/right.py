# %% one line
import numpy as np


def squared_distances(X, means):
    return ((X[:, None, :] - means[:, :, None]) ** 2).sum(axis=0)


# %% multiplied out
import numpy as np


def squared_distances(X, means):
    return (means**2).sum(axis=0)[:, None] - 2 * means.T @ X + (X**2).sum(axis=0)


# %% multiplied out, with np.dot
import numpy as np


def squared_distances(X, means):
    a = np.sum(np.square(means), axis=0).reshape(-1, 1)
    b = np.sum(np.square(X), axis=0).reshape(1, -1)
    return a + b - 2 * np.dot(means.T, X)


# %% einsum
import numpy as np


def squared_distances(X, means):
    d = means[:, :, np.newaxis] - X[:, np.newaxis, :]
    return np.einsum("icj,icj->cj", d, d)


# %% examples and means as rows
import numpy as np


def squared_distances(X, means):
    rows, centres = X.T, means.T
    return np.sum((centres[:, None, :] - rows[None, :, :]) ** 2, axis=-1)


# %% norms
import numpy as np


def squared_distances(X, means):
    return np.linalg.norm(X[:, None, :] - means[:, :, None], axis=0) ** 2


# %% expand_dims
import numpy as np


def squared_distances(X, means):
    difference = np.expand_dims(X, 1) - np.expand_dims(means, 2)
    return np.power(np.abs(difference), 2).sum(0)


# %% the other way round, and transposed
import numpy as np


def squared_distances(X, means):
    table = ((X.T[:, :, None] - means[None, :, :]) ** 2).sum(axis=1)
    return np.ascontiguousarray(table.T)


# %% the diagonal holds the lengths
import numpy as np


def squared_distances(X, means):
    both = np.hstack([means, X])
    gram = both.T @ both
    length = np.diag(gram)
    table = length[:, None] + length[None, :] - 2 * gram
    k = means.shape[1]
    return table[:k, k:]


# %% repeated and tiled
import numpy as np


def squared_distances(X, means):
    n, m = X.shape
    k = means.shape[1]
    left = np.repeat(means, m, axis=1)
    right = np.tile(X, (1, k))
    return np.square(left - right).sum(axis=0).reshape(k, m)

# %% in one line
def layer_sizes(X, Y):
    return X.shape[0], 4, Y.shape[0]


# %% len
def layer_sizes(X, Y):
    n_x, n_y = len(X), len(Y)
    return (n_x, 4, n_y)


# %% np.shape, unpacked
import numpy as np


def layer_sizes(X, Y):
    inputs, m = np.shape(X)
    outputs, m = np.shape(Y)
    hidden = 4
    return inputs, hidden, outputs


# %% np.size along axis 0
import numpy as np


def layer_sizes(X, Y):
    return np.size(X, 0), 2 + 2, np.size(Y, axis=0)


# %% the length of a column
def layer_sizes(X, Y):
    n_x = X[:, 0].size
    n_y = Y[:, 0].shape[0]
    n_h = 4
    return n_x, n_h, n_y


# %% all numbers divided by the examples
def layer_sizes(X, Y):
    m = X.shape[1]
    return X.size // m, 4, Y.size // m


# %% NumPy's integers
import numpy as np


def layer_sizes(X, Y):
    sizes = np.array([X.shape, Y.shape])[:, 0]
    return sizes[0], np.int64(4), sizes[1]


# %% the columns of the transposed arrays, counted
def layer_sizes(X, Y):
    def rows(array):
        return sum(1 for _ in array)

    return rows(X), 4, Y.T.shape[-1]

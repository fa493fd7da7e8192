# %% one line
import numpy as np


def L2(yhat, y):
    return np.sum((y - yhat) ** 2)


# %% dot
import numpy as np


def L2(yhat, y):
    d = y - yhat
    return np.dot(d, d)


# %% matrix product
def L2(yhat, y):
    return (yhat - y) @ (yhat - y)


# %% dot with a transposed copy, which changes nothing for one axis
import numpy as np


def L2(yhat, y):
    x = yhat - y
    return np.dot(x, x.T)


# %% norm, squared
import numpy as np


def L2(yhat, y):
    return np.linalg.norm(y - yhat) ** 2


# %% einsum
import numpy as np


def L2(yhat, y):
    d = np.subtract(y, yhat)
    return np.einsum("i,i->", d, d)


# %% square and method
import numpy as np


def L2(yhat, y):
    return np.square(np.abs(y - yhat)).sum()


# %% power
import numpy as np


def L2(yhat, y):
    return float(np.power(yhat - y, 2).sum())


# %% a loop
def L2(yhat, y):
    total = 0.0
    for a, b in zip(yhat, y):
        total = total + (a - b) * (a - b)
    return total


# %% a sum over indices
def L2(yhat, y):
    return sum((y[i] - yhat[i]) ** 2 for i in range(y.shape[0]))


# %% multiplied out
import numpy as np


def L2(yhat, y):
    return np.dot(y, y) - 2 * np.dot(y, yhat) + np.dot(yhat, yhat)


# %% variance and mean
import numpy as np


def L2(yhat, y):
    d = y - yhat
    return d.size * (d.var() + d.mean() ** 2)


# %% a column times itself
import numpy as np


def L2(yhat, y):
    column = (y - yhat).reshape(-1, 1)
    return (column.T @ column).item()

# %% one line
import numpy as np


def L1(yhat, y):
    return np.sum(np.abs(y - yhat))


# %% methods
import numpy as np


def L1(yhat, y):
    return abs(yhat - y).sum()


# %% a norm
import numpy as np


def L1(yhat, y):
    return np.linalg.norm(y - yhat, ord=1)


# %% the difference times its sign
import numpy as np


def L1(yhat, y):
    d = yhat - y
    return np.dot(np.sign(d), d)


# %% the larger minus the smaller
import numpy as np


def L1(yhat, y):
    return (np.maximum(y, yhat) - np.minimum(y, yhat)).sum()


# %% the root of squares
import numpy as np


def L1(yhat, y):
    return np.sqrt((y - yhat) ** 2).sum()


# %% a loop
def L1(yhat, y):
    loss = 0
    for i in range(len(y)):
        loss += abs(y[i] - yhat[i])
    return loss


# %% a sum over pairs
def L1(yhat, y):
    return float(sum(abs(a - b) for a, b in zip(yhat, y)))


# %% chosen by where
import numpy as np


def L1(yhat, y):
    d = y - yhat
    return np.where(d < 0, -d, d).sum()


# %% einsum, and a number made from an array
import numpy as np


def L1(yhat, y):
    return np.einsum("i->", np.abs(y - yhat)).item()


# %% positive and negative ones apart
import numpy as np


def L1(yhat, y):
    d = y - yhat
    return d[d > 0].sum() - d[d < 0].sum()


# %% as a column, made from both
import numpy as np


def L1(yhat, y):
    d = y.reshape(-1, 1) - yhat.reshape(-1, 1)
    return np.abs(d).sum(axis=0)[0]


# %% the mean times their number
import numpy as np


def L1(yhat, y):
    return np.mean(np.abs(y - yhat)) * y.size

# %% the formula in one line
import numpy as np


def softmax(x):
    return np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True)


# %% shifted by the row's maximum
import numpy as np


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# %% shifted by the maximum of all
import numpy as np


def softmax(x):
    e = np.exp(x - np.max(x))
    return e / e.sum(axis=1)[:, None]


# %% shifted by the mean
import numpy as np


def softmax(x):
    e = np.exp(x - x.mean(axis=1, keepdims=True))
    total = e.sum(axis=1).reshape(-1, 1)
    return e / total


# %% the logarithm of the sum
import numpy as np


def softmax(x):
    return np.exp(x - np.logaddexp.reduce(x, axis=1, keepdims=True))


# %% one over the sum of all ratios
import numpy as np


def softmax(x):
    differences = x[:, None, :] - x[:, :, None]
    return 1 / np.exp(differences).sum(axis=2)


# %% einsum
import numpy as np


def softmax(x):
    e = np.exp(x)
    return np.einsum("ij,i->ij", e, 1 / np.einsum("ij->i", e))


# %% a matrix product with ones adds
import numpy as np


def softmax(x):
    e = np.exp(x)
    return e / np.dot(e, np.ones((x.shape[1], 1)))


# %% transposed and back
import numpy as np


def softmax(x):
    e = np.exp(x).T
    return (e / np.sum(e, axis=0)).T


# %% a loop over the rows
import numpy as np


def softmax(x):
    s = np.zeros(x.shape)
    for i in range(x.shape[0]):
        e = np.exp(x[i] - x[i].max())
        s[i] = e / e.sum()
    return s


# %% two loops and math
import math

import numpy as np


def softmax(x):
    rows = []
    for row in x:
        powers = [math.exp(number) for number in row]
        rows.append([power / sum(powers) for power in powers])
    return np.array(rows)


# %% in place, on arrays of its own
import numpy as np


def softmax(x):
    s = np.array(x, dtype=np.float64)
    s -= s.max(axis=1, keepdims=True)
    np.exp(s, out=s)
    s /= s.sum(axis=1, keepdims=True)
    return s


# %% a stack of rows
import numpy as np


def softmax(x):
    return np.stack([np.exp(row) / np.exp(row).sum() for row in x])

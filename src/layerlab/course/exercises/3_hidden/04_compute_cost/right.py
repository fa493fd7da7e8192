# %% the formula in two lines
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    logprobs = np.multiply(Y, np.log(A2)) + np.multiply(1 - Y, np.log(1 - A2))
    return -np.sum(logprobs) / m


# %% a product of rows and columns, squeezed
import numpy as np


def compute_cost(A2, Y):
    m = A2.shape[1]
    cost = -(np.dot(Y, np.log(A2).T) + np.dot(1 - Y, np.log(1 - A2).T)) / m
    return np.squeeze(cost)


# %% a Python number
import numpy as np


def compute_cost(A2, Y):
    cost = (-1 / Y.shape[1]) * (Y @ np.log(A2.T) + (1 - Y) @ np.log(1 - A2.T))
    return cost.item()


# %% a loop over the examples
import math


def compute_cost(A2, Y):
    total = 0.0
    m = Y.shape[1]
    for i in range(m):
        a, y = A2[0, i], Y[0, i]
        total += -math.log(a) if y == 1 else -math.log(1 - a)
    return total / m


# %% np.where
import numpy as np


def compute_cost(A2, Y):
    chance = np.where(Y == 1, A2, 1 - A2)
    return float(np.mean(-np.log(chance)))


# %% boolean masks
import numpy as np


def compute_cost(A2, Y):
    yes = Y == 1
    return -(np.log(A2[yes]).sum() + np.log(1 - A2[~yes]).sum()) / Y.size


# %% einsum
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    return -np.einsum("im,im->", Y, np.log(A2)) / m - np.einsum("im,im->", 1 - Y, np.log(1 - A2)) / m


# %% clipped
import numpy as np


def compute_cost(A2, Y):
    P = np.clip(A2, 1e-15, 1 - 1e-15)
    return np.average(-Y * np.log(P) - (1 - Y) * np.log(1 - P))


# %% the odds
import numpy as np


def compute_cost(A2, Y):
    losses = -np.log(1 - A2) - Y * np.log(A2 / (1 - A2))
    return losses.mean()


# %% log1p, flat arrays
import numpy as np


def compute_cost(A2, Y):
    p, y = A2.ravel(), np.ravel(Y)
    return np.vdot(y, -np.log(p)) / p.size + np.vdot(1 - y, -np.log1p(-p)) / p.size


# %% through z = log(a / (1 - a))
import numpy as np


def compute_cost(A2, Y):
    z = np.log(A2) - np.log(1 - A2)
    return np.mean(np.logaddexp(0, z) - Y * z)


# %% one array of the labels' chances, multiplied up
import numpy as np


def compute_cost(A2, Y):
    chance = A2**Y * (1 - A2) ** (1 - Y)
    return -np.log(np.prod(chance)) / Y.shape[1]

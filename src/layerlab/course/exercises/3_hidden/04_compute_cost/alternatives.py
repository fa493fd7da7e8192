# %% the sum of both terms, and the minus last
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    logprobs = np.multiply(Y, np.log(A2)) + np.multiply(1 - Y, np.log(1 - A2))
    total = np.sum(logprobs)
    cost = -total / m
    return cost


# %% the minus first, for each class
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    of_1 = -Y * np.log(A2)
    of_0 = -(1 - Y) * np.log(1 - A2)
    losses = of_1 + of_0
    cost = np.mean(losses)
    return cost


# %% products of rows and columns
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    of_1 = np.dot(Y, np.log(A2).T)
    of_0 = np.dot(1 - Y, np.log(1 - A2).T)
    both = of_1 + of_0
    cost = np.squeeze(-both / m)
    return cost


# %% the probability that the right label got
import numpy as np


def compute_cost(A2, Y):
    chance = np.where(Y == 1, A2, 1 - A2)
    losses = -np.log(chance)
    return np.mean(losses)


# %% no logarithm of 0
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    tiny = 1e-300
    losses = -(Y * np.log(np.maximum(A2, tiny)) + (1 - Y) * np.log(np.maximum(1 - A2, tiny)))
    return np.sum(losses) / m

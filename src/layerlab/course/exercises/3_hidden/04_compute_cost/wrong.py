# %% M18 a matrix product of two rows | expect: exception: shapes or exception cost: shapes or exception losses: shapes
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y @ np.log(A2) + (1 - Y) * np.log(1 - A2))  # <-
    cost = np.sum(losses) / m
    return cost


# %% M18 a product of columns and rows | expect: value cost: shape (m, m) of other numbers or value cost: all pairs
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    cost = -(np.dot(Y.T, np.log(A2)) + np.dot((1 - Y).T, np.log(1 - A2))) / m  # <-
    return np.squeeze(cost)


# %% M20 not added | expect: value cost: not added
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = losses / m  # <-
    return cost


# %% M20 the losses returned | expect: value cost: not averaged or value cost: is losses
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = np.sum(losses) / m
    return losses  # <-


# %% M21 every label with every prediction | expect: value losses: shape (m, m) of other numbers or value losses: all pairs
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2).T + (1 - Y) * np.log(1 - A2).T)  # <-
    cost = np.sum(losses) / m
    return cost


# %% M21 a sum of the outer product | expect: unnamed cost or value cost
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    cost = -(np.sum(np.dot(Y.T, np.log(A2))) + np.sum(np.dot((1 - Y).T, np.log(1 - A2)))) / m  # <-
    return np.squeeze(cost)


# %% M22 the 1 outside the logarithm | expect: value np.log(1 - A2): is 1 - np.log(A2) or value 1 - np.log(A2) or value losses
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * (1 - np.log(A2)))  # <-
    cost = np.sum(losses) / m
    return cost


# %% M22 the 1 outside, in another style | expect: value np.log(1 - A2): is 1 - np.log(A2) or value 1 - np.log(A2) or value logprobs
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(1 - np.log(A2), 1 - Y)  # <-
    cost = -np.sum(logprobs) / m
    cost = float(np.squeeze(cost))
    return cost


# %% M23 without the minus | expect: value cost: ratio -1
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)
    cost = np.sum(logprobs) / m  # <-
    cost = float(np.squeeze(cost))
    return cost


# %% M23 the minus at the first term only | expect: value losses: sign of term (1 - Y) * np.log(1 - A2)
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -Y * np.log(A2) + (1 - Y) * np.log(1 - A2)  # <-
    cost = np.sum(losses) / m
    return cost


# %% M23 the second term subtracted | expect: value losses: sign of term (1 - Y) * np.log(1 - A2)
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) - (1 - Y) * np.log(1 - A2))  # <-
    cost = np.sum(losses) / m
    return cost


# %% M24 not averaged | expect: value cost: ratio m
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = np.sum(losses)  # <-
    return cost


# %% M24 half of the mean | expect: value cost: ratio 1/2
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = np.sum(losses) / (2 * m)  # <-
    return cost


# %% M24 over one example less | expect: value cost: ratio m/(m-1)
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)
    cost = -np.sum(logprobs) / (m - 1)  # <-
    cost = float(np.squeeze(cost))
    return cost


# %% M24 divided by the number of rows | expect: value m: is 1
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[0]  # <-
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = np.sum(losses) / m
    return cost


# %% M24 averaged twice | expect: value cost: ratio 1/m
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = np.mean(losses) / m  # <-
    return cost


# %% M26 an array of one number | advise: one-by-one cost
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    cost = -(np.dot(Y, np.log(A2).T) + np.dot(1 - Y, np.log(1 - A2).T)) / m
    return cost


# %% M26 an array of one number, by keepdims | advise: one-by-one cost
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = np.sum(losses, axis=1, keepdims=True) / m
    return cost


# %% M27 no number where the network is certain | advise: overflow
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = np.mean(losses)
    return cost


# %% M29 the labels of another variable | expect: uses-global labels
import numpy as np


labels = np.array([[1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]])


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(labels * np.log(A2) + (1 - labels) * np.log(1 - A2))  # <-
    cost = np.sum(losses) / m
    return cost


# %% M36 the labels flat and the predictions a column | expect: value a: transposed
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    y = Y.reshape(-1)
    a = A2.reshape(-1, 1)  # <-
    losses = -(y * np.log(a) + (1 - y) * np.log(1 - a))
    return np.sum(losses) / m


# %% own only the first term | expect: value losses: missing term (1 - Y) * np.log(1 - A2)
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -Y * np.log(A2)  # <-
    cost = np.sum(losses) / m
    return cost


# %% own labels and predictions exchanged | expect: value losses: not a number
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(A2 * np.log(Y) + (1 - A2) * np.log(1 - Y))  # <-
    cost = np.sum(losses) / m
    return cost


# %% own the squared error | expect: value losses: is (A2 - Y)**2 or unnamed losses
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = (A2 - Y) ** 2  # <-
    cost = np.sum(losses) / m
    return cost


# %% own the logarithm to base 10 | expect: value losses: ratio 1/np.log(10)
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log10(A2) + (1 - Y) * np.log10(1 - A2))  # <-
    cost = np.sum(losses) / m
    return cost


# %% own the same label in both terms | expect: value losses or value 1 - Y
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + Y * np.log(1 - A2))  # <-
    cost = np.sum(losses) / m
    return cost


# %% own 1 - A2 without a logarithm | expect: value log_of_0: without function log or value losses or value log_of_0: is 1 - A2 or value np.log(1 - A2): is 1 - A2
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * (1 - A2))  # <-
    cost = np.sum(losses) / m
    return cost


# %% own the loss of the first example | expect: unnamed cost or value cost or value losses
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = losses[0, 0]  # <-
    return cost


# %% own rounded | expect: unnamed cost or value cost or small-change
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = np.sum(losses) / m
    return round(cost, 2)  # <-


# %% own nothing returned | expect: returned-none
import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = np.sum(losses) / m
    print(cost)

# %% M15 without absolute values | expect: value loss: is np.sum(difference) or value absolute: is difference
import numpy as np


def L1(yhat, y):
    loss = np.sum(y - yhat)  # <-
    return loss


# %% M15 the absolute value outside of the sum | expect: value loss or value absolute: is difference
import numpy as np


def L1(yhat, y):
    loss = np.abs(np.sum(y - yhat))  # <-
    return loss


# %% M17 one of the two made a column | expect: value difference: all pairs or value difference: shape (m, m) of other numbers
import numpy as np


def L1(yhat, y):
    difference = y.reshape(-1, 1) - yhat  # <-
    loss = np.sum(np.abs(difference))
    return loss


# %% M20 not summed | expect: value loss: not added
import numpy as np


def L1(yhat, y):
    loss = np.abs(y - yhat)  # <-
    return loss


# %% M24 the mean in place of the sum | expect: value loss: ratio 1/m
import numpy as np


def L1(yhat, y):
    loss = np.mean(np.abs(y - yhat))  # <-
    return loss


# %% own the absolute values of each | expect: value loss or value absolute or value difference
import numpy as np


def L1(yhat, y):
    loss = np.sum(np.abs(y) - np.abs(yhat))  # <-
    return loss


# %% own squared | expect: value absolute
import numpy as np


def L1(yhat, y):
    absolute = (y - yhat) ** 2  # <-
    loss = np.sum(absolute)
    return loss


# %% own the root of the sum of squares | expect: value loss: is np.linalg.norm(difference)
import numpy as np


def L1(yhat, y):
    loss = np.linalg.norm(y - yhat)  # <-
    return loss


# %% own added in place of subtracted | expect: value difference: is y + yhat or value difference: sign of term yhat
import numpy as np


def L1(yhat, y):
    difference = y + yhat  # <-
    loss = np.sum(np.abs(difference))
    return loss


# %% own the largest error | expect: value loss: is np.max(absolute)
import numpy as np


def L1(yhat, y):
    loss = np.max(np.abs(y - yhat))  # <-
    return loss


# %% own the last one is left out | expect: value loss or value range(len(y) - 1): is m-1 or small-change: operator
def L1(yhat, y):
    loss = 0
    for i in range(len(y) - 1):
        loss += abs(y[i] - yhat[i])
    return loss


# %% own the labels of the caller are changed | expect: mutated y
import numpy as np


def L1(yhat, y):
    y -= yhat  # <-
    return np.sum(np.abs(y))

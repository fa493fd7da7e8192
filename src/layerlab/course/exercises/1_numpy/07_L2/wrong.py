# %% M17 a column and a row: all pairs | expect: value difference: all pairs or value difference: shape (m, m) of other numbers
import numpy as np


def L2(yhat, y):
    difference = y.reshape(-1, 1) - yhat  # <-
    loss = np.sum(difference**2)
    return loss


# %% M18 a product element by element, and no sum | expect: value loss: not added
import numpy as np


def L2(yhat, y):
    difference = y - yhat
    loss = difference * difference  # <-
    return loss


# %% M18 an outer product | expect: value difference: shape (m, 1) or value loss
import numpy as np


def L2(yhat, y):
    difference = (y - yhat).reshape(-1, 1)  # <-
    loss = np.sum(difference * difference.T)  # <-
    return loss


# %% M18 the arrays in place of their difference | expect: value loss
import numpy as np


def L2(yhat, y):
    loss = np.dot(y, yhat)  # <-
    return loss


# %% M15 squared after the sum | expect: value loss
import numpy as np


def L2(yhat, y):
    loss = np.sum(y - yhat) ** 2  # <-
    return loss


# %% M24 the mean | expect: value loss: ratio 1/m
import numpy as np


def L2(yhat, y):
    loss = np.mean((y - yhat) ** 2)  # <-
    return loss


# %% M24 halved | expect: value loss: ratio 1/2
import numpy as np


def L2(yhat, y):
    loss = np.sum((y - yhat) ** 2) / 2  # <-
    return loss


# %% own the root of it | expect: value loss: is np.sqrt(loss) or value loss: function sqrt
import numpy as np


def L2(yhat, y):
    loss = np.linalg.norm(y - yhat)  # <-
    return loss


# %% own absolute values | expect: value squares: function sqrt or value squares: is np.abs(difference)
import numpy as np


def L2(yhat, y):
    squares = np.abs(y - yhat)  # <-
    loss = np.sum(squares)
    return loss


# %% own twice in place of squared | expect: value squares: is 2 * difference
import numpy as np


def L2(yhat, y):
    squares = (y - yhat) * 2  # <-
    loss = np.sum(squares)
    return loss


# %% own the squares of each | expect: value squares or unnamed squares
import numpy as np


def L2(yhat, y):
    squares = y**2 - yhat**2  # <-
    loss = np.sum(squares)
    return loss


# %% own exclusive or in place of a power | expect: exception squares: types
import numpy as np


def L2(yhat, y):
    squares = (y - yhat) ^ 2  # <-
    loss = np.sum(squares)
    return loss

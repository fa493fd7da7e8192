# %% prediction minus truth, and a product with itself
import numpy as np


def L2(yhat, y):
    difference = yhat - y
    loss = np.dot(difference, difference)
    return loss


# %% multiplied out
import numpy as np


def L2(yhat, y):
    truth = np.sum(y**2)
    prediction = np.sum(yhat**2)
    both = np.sum(y * yhat)
    loss = truth + prediction - 2 * both
    return loss

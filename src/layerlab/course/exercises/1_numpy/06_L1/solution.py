import numpy as np


def L1(yhat, y):
    difference = y - yhat
    absolute = np.abs(difference)
    loss = np.sum(absolute)
    return loss

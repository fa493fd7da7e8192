# %% prediction minus truth
import numpy as np


def L1(yhat, y):
    difference = yhat - y
    absolute = np.abs(difference)
    loss = np.sum(absolute)
    return loss

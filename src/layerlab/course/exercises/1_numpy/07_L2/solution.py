import numpy as np


def L2(yhat, y):
    difference = y - yhat
    squares = difference**2
    loss = np.sum(squares)
    return loss

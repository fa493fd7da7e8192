import numpy as np


def sigmoid(x):
    small = np.exp(-np.abs(x))  # at most 1, so nothing overflows
    s = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    return s

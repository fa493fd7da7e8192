import numpy as np


def softmax(x):
    shifted = x - np.max(x, axis=1, keepdims=True)  # at most 0, so nothing overflows
    x_exp = np.exp(shifted)
    x_sum = np.sum(x_exp, axis=1, keepdims=True)
    s = x_exp / x_sum
    return s

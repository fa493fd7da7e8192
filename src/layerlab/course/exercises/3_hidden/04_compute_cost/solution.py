import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    tiny = 1e-300  # log(0) is −inf, and 0 times −inf is no number
    log_of_1 = np.log(np.maximum(A2, tiny))
    log_of_0 = np.log(np.maximum(1 - A2, tiny))
    losses = -(Y * log_of_1 + (1 - Y) * log_of_0)
    cost = np.sum(losses) / m
    return cost

import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    A2 = np.clip(A2, 1e-15, 1 - 1e-15)  # log(0) would be −inf
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    cost = np.sum(losses) / m
    return cost

import numpy as np


def squared_distances(X, means):
    differences = X[:, None, :] - means[:, :, None]  # (n, k, m): every mean with every example
    squares = differences**2
    D = np.sum(squares, axis=0)
    return D

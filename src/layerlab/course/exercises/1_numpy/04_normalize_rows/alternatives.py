# %% the lengths by squares, sums and roots
import numpy as np


def normalize_rows(x):
    squares = x**2
    sums = np.sum(squares, axis=1, keepdims=True)
    norms = np.sqrt(sums)
    normalized = x / norms
    return normalized


# %% the lengths as a plain row
import numpy as np


def normalize_rows(x):
    lengths = np.linalg.norm(x, axis=1)
    turned = x.T / lengths
    normalized = turned.T
    return normalized

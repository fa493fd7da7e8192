import numpy as np


def sigmoid(x):
    """Return the sigmoid of every number of x, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x)))

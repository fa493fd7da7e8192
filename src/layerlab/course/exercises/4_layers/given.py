import numpy as np


def sigmoid(Z):
    """Return the sigmoid of Z, and Z itself for the way back."""
    return 0.5 * (1 + np.tanh(0.5 * Z)), Z


def relu(Z):
    """Return the larger of Z and 0, and Z itself for the way back."""
    return np.maximum(Z, 0), Z

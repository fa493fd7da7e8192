import numpy as np


def sigmoid(z):
    """Return the sigmoid of every number of z, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z)))


def propagate(w, b, X, Y):
    """Return the gradients {"dw", "db"} of the cost, and the cost: what exercise 05 asks for."""
    Z = np.dot(w.T, X) + b
    error = sigmoid(Z) - Y
    cost = np.mean(np.logaddexp(0, Z) - Y * Z)  # as in the formula, with Z
    return {"dw": np.dot(X, error.T) / X.shape[1], "db": np.mean(error)}, cost

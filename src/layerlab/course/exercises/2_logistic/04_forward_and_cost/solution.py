import numpy as np
from given import sigmoid


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X) + b
    A = np.clip(sigmoid(Z), 1e-15, 1 - 1e-15)  # never exactly 0 or 1: log(0) is -inf
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return A, cost

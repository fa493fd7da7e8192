import numpy as np
from given import sigmoid


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    inside = np.clip(A, 1e-15, 1 - 1e-15)  # log(0) would be -inf
    ones = Y * np.log(inside)
    zeros = (1 - Y) * np.log(1 - inside)
    cost = -np.sum(ones + zeros) / m
    return A, cost

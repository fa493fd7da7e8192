import numpy as np
from given import sigmoid


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    losses = np.logaddexp(0, Z) - Y * Z  # the same as -(Y log A + (1 - Y) log(1 - A)), for every Z
    cost = np.sum(losses) / m
    return A, cost

import numpy as np
from given import sigmoid


def propagate(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    losses = np.logaddexp(0, Z) - Y * Z  # the same as -(Y log A + (1 - Y) log(1 - A)), for every Z
    cost = np.sum(losses) / m
    dZ = A - Y
    dw = np.dot(X, dZ.T) / m
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost

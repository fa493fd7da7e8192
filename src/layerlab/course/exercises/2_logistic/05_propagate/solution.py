import numpy as np
from given import sigmoid


def propagate(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X) + b
    A = np.clip(sigmoid(Z), 1e-15, 1 - 1e-15)  # never exactly 0 or 1: log(0) is -inf
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dZ = A - Y
    dw = np.dot(X, dZ.T) / m
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost

# %% the formulas in one line each
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% the formula, step by step
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    logs = Y * np.log(A) + (1 - Y) * np.log(1 - A)
    total = np.sum(logs)
    cost = -total / m
    dZ = A - Y
    product = np.dot(X, dZ.T)
    dw = product / m
    sum_dZ = np.sum(dZ)
    db = sum_dZ / m
    return {"dw": dw, "db": db}, cost


# %% from Z, so that log(0) cannot happen
import numpy as np


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


# %% means in place of sums
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    Z = w.T @ X + b
    A = sigmoid(Z)
    losses = -(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    cost = np.mean(losses)
    dZ = A - Y
    db = np.mean(dZ)
    mean_dZ = dZ / m
    dw = X @ mean_dZ.T
    return {"dw": dw, "db": db}, cost


# %% labels minus predictions, and the minus sign at the end
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    total = np.dot(Y, np.log(A).T) + np.dot(1 - Y, np.log(1 - A).T)
    cost = -np.squeeze(total) / m
    error = Y - A
    dw = -np.dot(X, error.T) / m
    db = -np.sum(error) / m
    return {"dw": dw, "db": db}, cost


# %% the chain of slopes
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dA = -Y / A + (1 - Y) / (1 - A)
    slope = A * (1 - A)
    dZ = dA * slope
    dw = np.dot(X, dZ.T) / m
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost

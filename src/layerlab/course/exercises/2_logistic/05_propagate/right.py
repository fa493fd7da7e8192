# %% the formulas as they are written
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = 1 / m * np.dot(X, (A - Y).T)
    db = 1 / m * np.sum(A - Y)
    grads = {"dw": dw, "db": db}
    return grads, cost


# %% matrix product and means
import numpy as np


def propagate(w, b, X, Y):
    A = sigmoid(w.T @ X + b)
    cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    return {"dw": X @ (A - Y).T / A.size, "db": np.mean(A - Y)}, cost


# %% a sigmoid of one's own, and squeeze
import numpy as np


def propagate(w, b, X, Y):
    m = Y.shape[1]
    A = 1.0 / (1.0 + np.exp(-(np.dot(w.T, X) + b)))
    cost = np.squeeze(-(np.dot(Y, np.log(A).T) + np.dot(1 - Y, np.log(1 - A).T)) / m)
    dZ = A - Y
    return {"db": float(np.sum(dZ) / m), "dw": np.matmul(X, dZ.T) / m}, float(cost)


# %% einsum
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.einsum("ik,ij->kj", w, X) + b)
    E = A - Y
    cost = -(np.einsum("ij,ij->", Y, np.log(A)) + np.einsum("ij,ij->", 1 - Y, np.log(1 - A))) / m
    return {"dw": np.einsum("ij,kj->ik", X, E) / m, "db": np.einsum("ij->", E) / m}, cost


# %% rows of X times the errors, added
import numpy as np


def propagate(w, b, X, Y):
    A = sigmoid(np.sum(w * X, axis=0, keepdims=True) + b)
    error = A - Y
    dw = np.mean(X * error, axis=1, keepdims=True)
    db = error.mean()
    cost = np.mean(-Y * np.log(A) - (1 - Y) * np.log(1 - A))
    return {"dw": dw, "db": db}, cost


# %% averaged first
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    dZ = (A - Y) / m
    dw = np.dot(X, dZ.T)
    db = np.sum(dZ)
    cost = -np.sum((Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m)
    return {"dw": dw, "db": db}, cost


# %% labels minus predictions
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    residual = Y - A
    dw = -X.dot(residual.T) / m
    db = -residual.sum() / m
    cost = -(np.log(A[Y == 1]).sum() + np.log(1 - A[Y == 0]).sum()) / m
    return {"dw": dw, "db": db}, cost


# %% the chain of slopes
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dA = (A - Y) / (A * (1 - A))
    dZ = dA * A * (1 - A)
    return {"dw": np.dot(X, dZ.T) / m, "db": np.sum(dZ) / m}, cost


# %% transposed, with examples as rows
import numpy as np


def propagate(w, b, X, Y):
    rows, y = X.T, Y.T
    a = sigmoid(rows @ w + b)
    e = a - y
    cost = np.average(np.where(y == 1, -np.log(a), -np.log(1 - a)))
    return {"dw": rows.T @ e / len(y), "db": e.sum() / len(y)}, cost


# %% a loop over the examples
import numpy as np


def propagate(w, b, X, Y):
    n, m = X.shape
    dw, db, cost = np.zeros((n, 1)), 0.0, 0.0
    for j in range(m):
        x = X[:, j : j + 1]
        a = sigmoid((w.T @ x).item() + b)
        y = Y[0, j]
        cost += -y * np.log(a) - (1 - y) * np.log(1 - a)
        dw += x * (a - y)
        db += a - y
    return {"dw": dw / m, "db": db / m}, cost / m


# %% b as one more weight, with inputs of ones
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    wide = np.vstack([X, np.ones((1, m))])
    weights = np.vstack([w, [[b]]])
    Z = weights.T @ wide
    gradient = wide @ (sigmoid(Z) - Y).T / m
    cost = np.mean(np.logaddexp(0, Z) - Y * Z)
    return {"dw": gradient[:-1], "db": gradient[-1, 0]}, cost


# %% copies of the inputs, and a dict by keywords
import numpy as np


def propagate(w, b, X, Y):
    w, X, Y = w.copy(), np.array(X), np.array(Y)
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    cost = np.mean(np.logaddexp(0, -Z) + (1 - Y) * Z)
    dZ = A - Y
    return dict(dw=np.dot(X, dZ.T) / X.shape[1], db=np.mean(dZ)), cost

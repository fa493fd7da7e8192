# %% M37 element by element, and broadcast | expect: value dw: not added axis 1 or value dw
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dZ = A - Y
    dw = X * dZ / m  # <-
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost


# %% M37 without the transpose | expect: exception dw: shapes
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dZ = A - Y
    dw = np.dot(X, dZ) / m  # <-
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost


# %% M37 element by element with the transpose | expect: exception dw: shapes
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = X * (A - Y).T / m  # <-
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% M37 a row in place of a column | expect: value dw: transposed
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(A - Y, X.T) / m  # <-
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% M38 one bias gradient for each example | expect: value db: not added axis 1 or value db: not added or value db
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y, axis=0) / m  # <-
    return {"dw": dw, "db": db}, cost


# %% M38 the bias gradient as an array of one number | advise: one-by-one
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y, axis=1, keepdims=True) / m
    return {"dw": dw, "db": db}, cost


# %% M38 the bias gradient not averaged | expect: value db: ratio m
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y)  # <-
    return {"dw": dw, "db": db}, cost


# %% M39 labels minus predictions | expect: value dZ: ratio -1
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dZ = Y - A  # <-
    dw = np.dot(X, dZ.T) / m
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost


# %% M39 labels minus predictions for the weights alone | expect: value dw: ratio -1
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(X, (Y - A).T) / m  # <-
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% M24 the weights' gradient not averaged | expect: value dw: ratio m
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(X, (A - Y).T)  # <-
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% M24 divided by the number of inputs throughout | expect: value m: is n
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[0]  # <-
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% M20 the cost not summed | expect: value cost: not added or value cost: not added axis 1
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m  # <-
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% M21 every label with every prediction | expect: value cost or value logs or value losses or value ones
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(np.dot(Y.T, np.log(A)) + np.dot((1 - Y).T, np.log(1 - A))) / m  # <-
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% M22 the 1 outside of the logarithm | expect: value cost or value zeros
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * (1 - np.log(A))) / m  # <-
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% M23 the minus sign forgotten | expect: value cost: ratio -1
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m  # <-
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% M26 the cost as an array of one number | advise: one-by-one
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -(np.dot(Y, np.log(A).T) + np.dot(1 - Y, np.log(1 - A).T)) / m
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% M27 the logarithm of 0 once the sigmoid is rounded | advise: overflow
import numpy as np


def propagate(w, b, X, Y):
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    return {"dw": np.dot(X, (A - Y).T) / X.shape[1], "db": np.mean(A - Y)}, cost


# %% M29 the size of one's own data set | expect: uses-global m_train
import numpy as np

m_train = 209


def propagate(w, b, X, Y):
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m_train
    dw = np.dot(X, (A - Y).T) / m_train
    db = np.sum(A - Y) / m_train
    return {"dw": dw, "db": db}, cost


# %% M36 labels without a second axis, made a column | expect: value labels: transposed or value dZ
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    labels = Y.reshape(m, 1)  # <-
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dZ = A - labels  # <-
    dw = np.dot(X, np.mean(dZ, axis=0).reshape(m, 1)) / m
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost


# %% M18 element by element in the forward pass | expect: value Z: not added axis 0 or value Z: shape (n, m) of other numbers
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    Z = w * X + b  # <-
    A = sigmoid(Z)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.sum(X * (A - Y), axis=1, keepdims=True) / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


# %% own the slope of the sigmoid once more | expect: value dZ: extra factor A * (1 - A) or value dZ
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dZ = (A - Y) * A * (1 - A)  # <-
    dw = np.dot(X, dZ.T) / m
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost


# %% own the inputs left out of the gradient | expect: value dw
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.sum(A - Y) / m  # <-
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost  # <-


# %% own the sums in place of the probabilities | expect: value dZ: is Z - Y or value A: is Z
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dZ = Z - Y  # <-
    dw = np.dot(X, dZ.T) / m
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost


# %% own other keys | expect: structure: missing key 'dw' in grads
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"dW": dw, "db": db}, cost


# %% own the cost first | expect: structure
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return cost, {"dw": dw, "db": db}


# %% own the gradients under each other's key | expect: value dw or value db: is dw or small-change: order
import numpy as np


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    return {"dw": db, "db": dw}, cost

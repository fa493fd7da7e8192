# %% where
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    return np.where(A > 0.5, 1, 0)


# %% True and False as numbers
import numpy as np


def predict(w, b, X):
    return (sigmoid(w.T @ X + b) > 0.5).astype(int)


# %% True and False, which count as 1 and 0
import numpy as np


def predict(w, b, X):
    return sigmoid(w.T @ X + b) > 0.5


# %% by the sign of Z
import numpy as np


def predict(w, b, X):
    return (np.dot(w.T, X) + b > 0) * 1.0


# %% a sigmoid of one's own, and a loop over the columns
import numpy as np


def predict(w, b, X):
    m = X.shape[1]
    predictions = np.zeros((1, m))
    A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    for i in range(A.shape[1]):
        if A[0, i] > 0.5:
            predictions[0, i] = 1
        else:
            predictions[0, i] = 0
    return predictions


# %% the threshold written as at most
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    predictions = np.ones(A.shape)
    predictions[A <= 0.5] = 0
    return predictions


# %% einsum and the step function
import numpy as np


def predict(w, b, X):
    Z = np.einsum("ik,ij->kj", w, X) + b
    return np.heaviside(Z, 0.0)


# %% greater
import numpy as np


def predict(w, b, X):
    Z = (w * X).sum(axis=0).reshape(1, -1) + b
    return np.greater(sigmoid(Z), 0.5).astype(np.float64)


# %% masks on an array of zeros
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    result = np.zeros_like(A)
    result[A > 0.5] = 1.0
    return result


# %% a list, shaped as a row
import numpy as np


def predict(w, b, X):
    A = sigmoid(X.T @ w + b).ravel()
    return np.array([1.0 if a > 0.5 else 0.0 for a in A]).reshape(1, -1)


# %% the ceiling of half the sign
import numpy as np


def predict(w, b, X):
    Z = np.matmul(w.T, X) + b
    return np.maximum(np.sign(Z), 0)


# %% more probable than the other class
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    both = np.vstack([1 - A, A])
    return both.argmax(axis=0).reshape(1, -1)

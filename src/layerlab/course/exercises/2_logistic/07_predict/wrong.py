# %% M42 one half taken as the threshold of Z | expect: value A: without function sigmoid or value predictions
import numpy as np


def predict(w, b, X):
    Z = np.dot(w.T, X) + b
    predictions = np.where(Z > 0.5, 1.0, 0.0)  # <-
    return predictions


# %% M42 the probabilities themselves | expect: value predictions: without function threshold or value predictions: is A
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    return A


# %% M42 True and False | advise: boolean
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    return A > 0.5


# %% M42 without a second axis | expect: value predictions: shape (m,) or value predictions: shape (m,) of other numbers
import numpy as np


def predict(w, b, X):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    predictions = np.zeros(m)
    for j in range(m):
        predictions[j] = 1.0 if A[0, j] > 0.5 else 0.0
    return predictions


# %% M42 one half counts as class 1 | expect: edge: half
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    return np.where(A >= 0.5, 1.0, 0.0)


# %% M42 rounded upwards at one half | expect: edge: half
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    return np.floor(A + 0.5)


# %% M43 pixels scaled once more, which training did not do | expect: value X: ratio 1/255
import numpy as np


def predict(w, b, X):
    X = X / 255  # <-
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    return np.where(A > 0.5, 1.0, 0.0)


# %% M29 the weights of one's own training | expect: uses-global params
import numpy as np

params = {"w": np.ones((4, 1)), "b": 0.3}


def predict(w, b, X):
    Z = np.dot(w.T, X) + params["b"]
    A = sigmoid(Z)
    return np.where(A > 0.5, 1.0, 0.0)


# %% M28 w not transposed | expect: exception Z: shapes
import numpy as np


def predict(w, b, X):
    Z = np.dot(w, X) + b  # <-
    A = sigmoid(Z)
    return np.where(A > 0.5, 1.0, 0.0)


# %% M55 if for a whole array | expect: exception: truth-value
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    return 1.0 if A > 0.5 else 0.0  # <-


# %% own the classes exchanged | expect: value predictions: 1 - x
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    predictions = np.where(A > 0.5, 0.0, 1.0)  # <-
    return predictions


# %% own the bias forgotten | expect: value Z: missing term b or value Z: is np.dot(w.T, X)
import numpy as np


def predict(w, b, X):
    Z = np.dot(w.T, X)  # <-
    A = sigmoid(Z)
    predictions = np.where(A > 0.5, 1.0, 0.0)
    return predictions


# %% own the sigmoid twice, so that everything is above one half | expect: value Z: function sigmoid or value A: function sigmoid
import numpy as np


def predict(w, b, X):
    Z = sigmoid(np.dot(w.T, X) + b)  # <-
    A = sigmoid(Z)  # <-
    predictions = np.where(A > 0.5, 1.0, 0.0)
    return predictions


# %% own cut off in place of rounded | expect: value predictions: constant or value predictions
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    predictions = A.astype(int)  # <-
    return predictions


# %% own -1 for class 0 | expect: value predictions
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    predictions = np.where(A > 0.5, 1.0, -1.0)  # <-
    return predictions


# %% own returned in the loop | expect: structure: return in a loop
import numpy as np


def predict(w, b, X):
    m = X.shape[1]
    predictions = np.zeros((1, m))
    A = sigmoid(np.dot(w.T, X) + b)
    for j in range(m):
        predictions[0, j] = 1.0 if A[0, j] > 0.5 else 0.0
        return predictions  # <-


# %% own compared with the mean probability | expect: value predictions or unnamed predictions
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    predictions = np.where(A > A.mean(), 1.0, 0.0)  # <-
    return predictions

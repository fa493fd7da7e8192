# %% in one line
def predict(parameters, X):
    return forward_propagation(X, parameters)[0] > 0.5


# %% zeros and ones
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = (A2 > 0.5).astype(int)
    return predictions


# %% np.where
import numpy as np


def predict(parameters, X):
    A2, _ = forward_propagation(X, parameters)
    return np.where(A2 > 0.5, 1, 0)


# %% the sign of Z2
import numpy as np


def predict(parameters, X):
    _, cache = forward_propagation(X, parameters)
    return cache["Z2"] > 0


# %% rounded to the next even number at one half
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    return np.round(A2)


# %% loops
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = np.zeros(A2.shape)
    for i in range(A2.shape[0]):
        for j in range(A2.shape[1]):
            if A2[i, j] > 0.5:
                predictions[i, j] = 1
    return predictions


# %% a mask
import numpy as np


def predict(parameters, X):
    P = forward_propagation(X, parameters)[0].copy()
    above = P > 0.5
    P[above] = 1.0
    P[~above] = 0.0
    return P


# %% the forward pass by hand
import numpy as np


def predict(parameters, X):
    A1 = np.tanh(np.dot(parameters["W1"], X) + parameters["b1"])
    A2 = 1 / (1 + np.exp(-(np.dot(parameters["W2"], A1) + parameters["b2"])))
    return np.greater(A2, 0.5)


# %% a step function
import numpy as np
from given import forward_propagation


def predict(parameters, X):
    A2 = forward_propagation(X, parameters)[0]
    return np.heaviside(A2 - 0.5, 0.0)


# %% against the other class
import numpy as np


def predict(parameters, X):
    A2 = forward_propagation(X, parameters)[0]
    return ~(A2 <= 1 - A2)

# %% by the sign of Z
import numpy as np


def predict(w, b, X):
    Z = np.dot(w.T, X) + b
    positive = Z > 0
    predictions = positive.astype(float)
    return predictions


# %% True and False first
import numpy as np


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    above = A > 0.5
    predictions = above * 1.0
    return predictions

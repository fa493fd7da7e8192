import numpy as np
from given import sigmoid


def predict(w, b, X):
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    predictions = np.where(A > 0.5, 1.0, 0.0)
    return predictions

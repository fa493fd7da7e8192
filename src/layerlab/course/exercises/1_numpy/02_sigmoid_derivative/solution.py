import numpy as np
from given import sigmoid


def sigmoid_derivative(x):
    s = sigmoid(x)
    ds = s * (1 - s)
    return ds

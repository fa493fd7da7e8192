import numpy as np
from given import sigmoid


def sigmoid_backward(dA, cache):
    Z = cache
    A, Z = sigmoid(Z)
    slope = A * (1 - A)
    dZ = dA * slope
    return dZ

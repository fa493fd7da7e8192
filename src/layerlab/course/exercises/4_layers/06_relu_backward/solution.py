import numpy as np


def relu_backward(dA, cache):
    Z = cache
    slope = Z > 0  # True counts as 1, False as 0
    dZ = dA * slope
    return dZ

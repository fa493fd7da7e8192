import numpy as np
from given import sigmoid


def sigmoid_backward(dA, cache):
    Z = cache
    # TODO
    return dZ


if __name__ == "__main__":
    dA = np.array([[1.0, 1.0, 1.0]])
    Z = np.array([[0.0, 2.0, -2.0]])
    print(sigmoid_backward(dA, Z))

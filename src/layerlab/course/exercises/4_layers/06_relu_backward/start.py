import numpy as np


def relu_backward(dA, cache):
    Z = cache
    # TODO
    return dZ


if __name__ == "__main__":
    dA = np.array([[1.0, 2.0, 3.0]])
    Z = np.array([[0.5, -0.5, 4.0]])
    print(relu_backward(dA, Z))

import numpy as np
from given import linear_backward, relu_backward, sigmoid_backward


def linear_activation_backward(dA, cache, activation):
    linear_cache, activation_cache = cache
    # TODO
    return dA_prev, dW, db


if __name__ == "__main__":
    A_prev, W, b = np.array([[1.0, -2.0, 3.0]]), np.array([[2.0], [-1.0]]), np.zeros((2, 1))
    dA = np.array([[1.0, 1.0, 1.0], [0.0, 2.0, -1.0]])
    print(linear_activation_backward(dA, ((A_prev, W, b), W @ A_prev + b), "relu"))

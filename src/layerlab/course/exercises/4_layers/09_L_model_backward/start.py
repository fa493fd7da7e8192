import numpy as np
from given import linear_activation_backward


def L_model_backward(AL, Y, caches):
    L = len(caches)
    grads = {}
    # TODO
    return grads


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    X, W1, W2 = rng.normal(size=(2, 5)), rng.normal(size=(3, 2)), rng.normal(size=(1, 3))
    b1, b2 = np.zeros((3, 1)), np.zeros((1, 1))
    Z1 = W1 @ X + b1
    A1 = np.maximum(Z1, 0)
    Z2 = W2 @ A1 + b2
    AL, Y = 1 / (1 + np.exp(-Z2)), np.array([[0, 1, 1, 0, 1]])
    print(L_model_backward(AL, Y, [((X, W1, b1), Z1), ((A1, W2, b2), Z2)]))

import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    # TODO


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    cache = rng.normal(size=(5, 7)), rng.normal(size=(3, 5)), np.zeros((3, 1))
    print(linear_backward(rng.normal(size=(3, 7)), cache))

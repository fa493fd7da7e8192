import numpy as np


def layer_sizes(X, Y):
    # TODO
    return n_x, n_h, n_y


if __name__ == "__main__":
    X = np.zeros((6, 10))  # 10 examples of 6 numbers each
    Y = np.zeros((3, 10))
    print(layer_sizes(X, Y))

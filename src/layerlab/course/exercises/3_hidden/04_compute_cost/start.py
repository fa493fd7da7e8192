import numpy as np


def compute_cost(A2, Y):
    m = Y.shape[1]
    # TODO
    return cost


if __name__ == "__main__":
    A2 = np.array([[0.9, 0.2, 0.5]])
    Y = np.array([[1, 0, 1]])
    print(compute_cost(A2, Y))

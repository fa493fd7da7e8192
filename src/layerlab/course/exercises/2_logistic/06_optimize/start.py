import numpy as np
from given import propagate


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False):
    # TODO
    pass


if __name__ == "__main__":
    X = np.array([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]])
    print(optimize(np.zeros((2, 1)), 0.0, X, np.array([[1, 0, 1]]), 201, 0.1))

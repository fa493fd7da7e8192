import numpy as np
from given import sigmoid


def forward_and_cost(w, b, X, Y):
    # TODO
    pass


if __name__ == "__main__":
    X = np.array([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]])
    print(forward_and_cost(np.zeros((2, 1)), 0.0, X, np.array([[1, 0, 1]])))

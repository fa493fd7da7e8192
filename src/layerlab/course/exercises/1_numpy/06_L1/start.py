import numpy as np


def L1(yhat, y):
    # TODO
    pass


if __name__ == "__main__":
    print(L1(np.array([2.5, 0.0, 4.0]), np.array([3.0, 1.0, 2.0])))

import numpy as np


def softmax(x):
    # TODO
    pass


if __name__ == "__main__":
    print(softmax(np.array([[0.0, 1.0, 3.0], [2.0, 2.0, 2.0]])))

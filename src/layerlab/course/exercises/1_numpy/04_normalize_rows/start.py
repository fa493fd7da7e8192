import numpy as np


def normalize_rows(x):
    # TODO
    pass


if __name__ == "__main__":
    print(normalize_rows(np.array([[5.0, 12.0], [-8.0, 6.0]])))

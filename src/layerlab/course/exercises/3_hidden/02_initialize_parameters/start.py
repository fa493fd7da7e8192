import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    # TODO
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


if __name__ == "__main__":
    print(initialize_parameters(2, 3, 1, seed=8))

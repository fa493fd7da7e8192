import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1  # the input is layer 0, and is not counted
    parameters = {}
    # TODO
    return parameters


if __name__ == "__main__":
    for name, value in initialize_parameters_deep([4, 3, 2], seed=8).items():
        print(name, value.shape)

import numpy as np
from given import sigmoid


def forward_propagation(X, parameters):
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    # TODO
    cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    return A2, cache


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    parameters = {"W1": rng.normal(size=(4, 2)), "b1": np.zeros((4, 1))}
    parameters |= {"W2": rng.normal(size=(1, 4)), "b2": np.zeros((1, 1))}
    print(forward_propagation(rng.normal(size=(2, 5)), parameters))

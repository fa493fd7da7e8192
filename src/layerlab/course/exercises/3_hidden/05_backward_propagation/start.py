import numpy as np


def backward_propagation(parameters, cache, X, Y):
    W2 = parameters["W2"]
    A1, A2 = cache["A1"], cache["A2"]
    m = X.shape[1]
    # TODO
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    parameters = {"W1": rng.normal(size=(4, 2)), "b1": np.zeros((4, 1))}
    parameters |= {"W2": rng.normal(size=(1, 4)), "b2": np.zeros((1, 1))}
    X, Y = rng.normal(size=(2, 5)), np.array([[0, 1, 1, 0, 1]])
    Z1 = parameters["W1"] @ X
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1
    cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": 1 / (1 + np.exp(-Z2))}
    print(backward_propagation(parameters, cache, X, Y))

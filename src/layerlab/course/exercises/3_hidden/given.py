"""Functions that the exercises of this chapter hand you. Some are answers to other exercises: write your own first."""

import numpy as np


def sigmoid(x):
    """Return the sigmoid of x, between 0 and 1."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def layer_sizes(X, Y):
    """Return the numbers of inputs, hidden units and outputs."""
    return X.shape[0], 4, Y.shape[0]


def initialize_parameters(n_x, n_h, n_y, seed=None):
    """Return small random weights and biases of 0."""
    rng = np.random.RandomState(seed)
    W1, W2 = (0.01 * rng.randn(*shape) for shape in ((n_h, n_x), (n_y, n_h)))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


def forward_propagation(X, parameters):
    """Return A2, and a dict of Z1, A1, Z2 and A2."""
    Z1 = parameters["W1"] @ X + parameters["b1"]
    Z2 = parameters["W2"] @ np.tanh(Z1) + parameters["b2"]
    return sigmoid(Z2), {"Z1": Z1, "A1": np.tanh(Z1), "Z2": Z2, "A2": sigmoid(Z2)}


def compute_cost(A2, Y):
    """Return the cost: the mean loss of an example."""
    tiny = 1e-300
    losses = -(Y * np.log(np.maximum(A2, tiny)) + (1 - Y) * np.log(np.maximum(1 - A2, tiny)))
    return float(losses.sum() / Y.shape[1])


def backward_propagation(parameters, cache, X, Y):
    """Return a dict of the gradients dW1, db1, dW2 and db2."""
    errors = {"2": cache["A2"] - Y}
    errors["1"] = parameters["W2"].T @ errors["2"] * (1 - cache["A1"] ** 2)
    inputs = {"1": X, "2": cache["A1"]}
    grads = {}
    for layer in ("1", "2"):
        grads["dW" + layer] = errors[layer] @ inputs[layer].T / X.shape[1]
        grads["db" + layer] = errors[layer].mean(axis=1, keepdims=True)
    return grads


def update_parameters(parameters, grads, learning_rate=1.2):
    """Return new parameters, one step of gradient descent further."""
    return {name: value - learning_rate * grads["d" + name] for name, value in parameters.items()}

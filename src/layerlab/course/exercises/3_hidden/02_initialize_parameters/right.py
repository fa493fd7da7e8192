# %% NumPy's global stream
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    np.random.seed(seed)
    W1 = np.random.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = np.random.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    parameters = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    return parameters


# %% the new generator, with its standard deviation
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.default_rng(seed)
    return {
        "W1": rng.normal(0, 0.01, size=(n_h, n_x)),
        "b1": np.zeros((n_h, 1)),
        "W2": rng.normal(0, 0.01, size=(n_y, n_h)),
        "b2": np.zeros((n_y, 1)),
    }


# %% W2 first
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.RandomState(seed)
    W2 = 0.01 * rng.standard_normal((n_y, n_h))
    W1 = 0.01 * rng.standard_normal((n_h, n_x))
    return dict(W1=W1, b1=np.zeros([n_h, 1]), W2=W2, b2=np.zeros([n_y, 1]))


# %% divided by 100
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal(shape) / 100 for shape in ((n_h, n_x), (n_y, n_h))]
    biases = [np.full((n, 1), 0.0) for n in (n_h, n_y)]
    return {"W1": weights[0], "b1": biases[0], "W2": weights[1], "b2": biases[1]}


# %% one stream of numbers, cut up
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    numbers = np.random.RandomState(seed).normal(scale=0.01, size=n_h * n_x + n_y * n_h)
    W1, W2 = numbers[: n_h * n_x], numbers[n_h * n_x :]
    return {
        "W1": W1.reshape(n_h, n_x),
        "b1": np.array([[0.0]] * n_h),
        "W2": W2.reshape(n_y, n_h),
        "b2": np.array([[0.0]] * n_y),
    }


# %% a loop over the layers
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    sizes = [n_x, n_h, n_y]
    rng = np.random.RandomState(seed)
    parameters = {}
    for l in (1, 2):
        parameters["W" + str(l)] = np.multiply(rng.randn(sizes[l], sizes[l - 1]), 0.01)
        parameters["b" + str(l)] = np.zeros(shape=(sizes[l], 1), dtype=float)
    return parameters


# %% number by number, with Python's generator
import random

import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = random.Random(seed)
    W1 = np.array([[rng.gauss(0, 0.01) for _ in range(n_x)] for _ in range(n_h)])
    W2 = np.array([[rng.gauss(0, 0.01) for _ in range(n_h)] for _ in range(n_y)])
    return {"W1": W1, "b1": 0 * W1[:, :1], "W2": W2, "b2": 0 * W2[:, :1]}


# %% scaled in place
import numpy as np


def initialize_parameters(n_x, n_h, n_y, seed=None):
    rng = np.random.default_rng(seed)
    W1, W2 = rng.normal(size=(n_h, n_x)), rng.normal(size=(n_y, n_h))
    W1 *= 0.01
    W2 *= 0.01
    b1, b2 = np.zeros_like(W1[:, [0]]), np.zeros_like(W2[:, [0]])
    return {"b1": b1, "b2": b2, "W1": W1, "W2": W2}

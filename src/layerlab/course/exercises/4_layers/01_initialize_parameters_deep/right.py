# %% NumPy's global stream
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    np.random.seed(seed)
    parameters = {}
    L = len(layer_dims)
    for l in range(1, L):
        parameters["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) / np.sqrt(layer_dims[l - 1])
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters


# %% the new generator, with its standard deviation
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.default_rng(seed)
    parameters = {}
    for l, (n_prev, n) in enumerate(zip(layer_dims[:-1], layer_dims[1:]), start=1):
        parameters[f"W{l}"] = rng.normal(0, n_prev**-0.5, size=(n, n_prev))
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% a factor under the root
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    parameters = {}
    for l in range(len(layer_dims) - 1):
        rows, columns = layer_dims[l + 1], layer_dims[l]
        parameters["W%d" % (l + 1)] = np.multiply(rng.standard_normal((rows, columns)), np.sqrt(1 / columns))
        parameters["b%d" % (l + 1)] = np.full((rows, 1), 0.0)
    return parameters


# %% two comprehensions
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.default_rng(seed)
    L = len(layer_dims) - 1
    weights = {f"W{l}": rng.standard_normal((layer_dims[l], layer_dims[l - 1])) for l in range(1, L + 1)}
    scaled = {name: W / W.shape[1] ** 0.5 for name, W in weights.items()}
    return scaled | {f"b{l}": np.zeros((layer_dims[l], 1)) for l in range(1, L + 1)}


# %% from the last layer to the first
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    parameters = {}
    layer = len(layer_dims) - 1
    while layer > 0:
        W = rng.randn(layer_dims[layer], layer_dims[layer - 1])
        W *= np.power(layer_dims[layer - 1], -0.5)
        parameters[f"b{layer}"] = np.zeros_like(W[:, :1])
        parameters[f"W{layer}"] = W
        layer -= 1
    return parameters


# %% a generator of its own for each layer
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    def layer(l):
        rng = np.random.default_rng([seed, l])
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        return rng.normal(scale=1 / np.sqrt(n_prev), size=(n, n_prev)), np.zeros([n, 1])

    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"], parameters[f"b{l}"] = layer(l)
    return parameters


# %% one long stream, cut up
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    shapes = [(n, n_prev) for n_prev, n in zip(layer_dims, layer_dims[1:])]
    numbers = np.random.RandomState(seed).randn(sum(n * n_prev for n, n_prev in shapes))
    parameters, start = {}, 0
    for l, (n, n_prev) in enumerate(shapes, 1):
        parameters["W" + str(l)] = numbers[start : start + n * n_prev].reshape(n, n_prev) / np.sqrt(n_prev)
        parameters["b" + str(l)] = np.array([[0.0]] * n)
        start += n * n_prev
    return parameters

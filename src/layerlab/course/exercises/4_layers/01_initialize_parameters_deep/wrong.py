# %% M45 numbers between 0 and 1 | expect: value W1: only positive
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.rand(n, n_prev) / np.sqrt(n_prev)  # <-
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M47 the inputs as rows | expect: value W1: shape (n_0, n_1)
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n_prev, n) / np.sqrt(n_prev)  # <-
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M48 flat biases | expect: value b1: shape (n_1,)
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters[f"b{l}"] = np.zeros(n)  # <-
    return parameters


# %% M48 biases as rows | expect: value b1: shape (1, n_1)
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters[f"b{l}"] = np.zeros((1, n))  # <-
    return parameters


# %% M48 random biases | expect: value b1: not zero
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters[f"b{l}"] = rng.randn(n, 1)  # <-
    return parameters


# %% M48 biases as long as the layer before | expect: value b1: shape (n_0, 1)
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters[f"b{l}"] = np.zeros((n_prev, 1))  # <-
    return parameters


# %% M49 weights of zero | expect: value W1: constant 0
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = np.zeros((n, n_prev))  # <-
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M49 the same number everywhere | expect: value W1: constant or value W1: rows equal
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = np.full((n, n_prev), 1 / np.sqrt(n_prev))  # <-
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M49 equal units | expect: value W1: rows equal
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(1, n_prev).repeat(n, axis=0) / np.sqrt(n_prev)  # <-
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M50 the factor 0.01 in a deep net | expect: value W1: scale 0.01 instead of 1/n_prev**0.5
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) * 0.01  # <-
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M50 no factor | expect: value W1: scale 1 instead of 1/n_prev**0.5
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev)  # <-
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M50 without the root | expect: value W1: scale 1/n_prev instead of 1/n_prev**0.5
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / n_prev  # <-
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M50 the root of this layer's units | expect: value W1: scale 1/n**0.5 instead of 1/n_prev**0.5
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n)  # <-
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M50 multiplied by the root | expect: value W1: scale n_prev**0.5 instead of 1/n_prev**0.5
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) * np.sqrt(n_prev)  # <-
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M52 the input counted as a layer | expect: exception: index or exception n: index
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims)
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]  # <-
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M52 the last layer left out | expect: structure: missing key 'W3' or structure: missing key 'W2'
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M52 from layer 0 | expect: structure: missing key 'W3' or structure: missing key 'W2'
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(L):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% M74 whole numbers | expect: value W1: constant 0 or value W1: integers or unnamed W1
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = (rng.randn(n, n_prev) / np.sqrt(n_prev)).astype(int)  # <-
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% own the same generator anew in every turn | expect: value W2: repeats W1
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        rng = np.random.RandomState(seed)
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% own the seed not used | expect: value W1: not repeatable
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState()
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% own always the same seed | expect: value W1: same for every seed
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(1)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters


# %% own returned inside the loop | expect: structure: return in a loop
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters[f"b{l}"] = np.zeros((n, 1))
        return parameters  # <-


# %% own all layers under one key | expect: structure: missing key 'W1'
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = {}
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters["W"] = rng.randn(n, n_prev) / np.sqrt(n_prev)
        parameters["b"] = np.zeros((n, 1))
    return parameters


# %% own lists for a dict | expect: structure: type list instead of dict
import numpy as np


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    L = len(layer_dims) - 1
    parameters = []
    for l in range(1, L + 1):
        n, n_prev = layer_dims[l], layer_dims[l - 1]
        parameters.append(rng.randn(n, n_prev) / np.sqrt(n_prev))
        parameters.append(np.zeros((n, 1)))
    return parameters


# %% M29 the widths of another network | expect: uses-global dims
import numpy as np


dims = [60, 40, 50, 30]


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    parameters = {}
    for l in range(1, len(dims)):  # <-
        parameters[f"W{l}"] = rng.randn(dims[l], dims[l - 1]) / np.sqrt(dims[l - 1])
        parameters[f"b{l}"] = np.zeros((dims[l], 1))
    return parameters

# %% M18 element by element | expect: exception Z: shapes
import numpy as np


def linear_forward(A, W, b):
    Z = W * A + b  # <-
    cache = (A, W, b)
    return Z, cache


# %% M18 the factors exchanged | expect: exception Z: shapes
import numpy as np


def linear_forward(A, W, b):
    Z = np.dot(A, W) + b  # <-
    cache = (A, W, b)
    return Z, cache


# %% M18 the weights transposed | expect: exception Z: shapes
import numpy as np


def linear_forward(A, W, b):
    Z = np.dot(W.T, A) + b  # <-
    cache = (A, W, b)
    return Z, cache


# %% M18 examples as rows | expect: value Z: transposed
import numpy as np


def linear_forward(A, W, b):
    Z = A.T @ W.T + b.T  # <-
    cache = (A, W, b)
    return Z, cache


# %% M17 the bias flattened | expect: exception Z: shapes
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A + b.ravel()  # <-
    cache = (A, W, b)
    return Z, cache


# %% M48 the bias as a row | expect: exception Z: shapes
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A + b.T  # <-
    cache = (A, W, b)
    return Z, cache


# %% own without the bias | expect: value Z: missing term b
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A  # <-
    cache = (A, W, b)
    return Z, cache


# %% own the bias subtracted | expect: value Z: sign of term b
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A - b  # <-
    cache = (A, W, b)
    return Z, cache


# %% own one bias for all units | expect: value Z: no axis: W @ A + np.sum(b) or value b: added or value Z: no axis: W @ A + np.sum(b) or value Z: missing term b - np.sum(b)
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A + np.sum(b)  # <-
    cache = (A, W, b)
    return Z, cache


# %% own the bias multiplied | expect: value Z: is b * (W @ A)
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A * b  # <-
    cache = (A, W, b)
    return Z, cache


# %% own the bias inside the product | expect: exception Z: shapes
import numpy as np


def linear_forward(A, W, b):
    Z = W @ (A + b)  # <-
    cache = (A, W, b)
    return Z, cache


# %% own added over the examples | expect: value Z: is b + np.sum(W @ A, axis=1, keepdims=True) or value W @ A: added axis 1
import numpy as np


def linear_forward(A, W, b):
    Z = np.sum(W @ A, axis=1, keepdims=True) + b  # <-
    cache = (A, W, b)
    return Z, cache


# %% own averaged | expect: value W @ A: ratio 1/m or value Z: is b + W @ A / m
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A / A.shape[1] + b  # <-
    cache = (A, W, b)
    return Z, cache


# %% own an activation too early | expect: value Z: function tanh
import numpy as np


def linear_forward(A, W, b):
    Z = np.tanh(W @ A + b)  # <-
    cache = (A, W, b)
    return Z, cache


# %% M56 another order in the cache | expect: structure: order: cache[1], cache[0], cache[2]
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A + b
    cache = (W, A, b)
    return Z, cache


# %% M56 Z in the cache for A | expect: value cache[0]: is Z
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A + b
    cache = (Z, W, b)  # <-
    return Z, cache


# %% M56 the cache without b | expect: structure: 2 values instead of 3 in cache
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A + b
    cache = (A, W)
    return Z, cache


# %% M56 the cache is a dict | expect: structure: type dict instead of tuple in cache
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A + b
    cache = {"A": A, "W": W, "b": b}
    return Z, cache


# %% M56 the cache not packed | expect: structure: 4 values instead of 2
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A + b
    cache = (A, W, b)
    return Z, A, W, b


# %% own only Z | expect: structure: type array instead of tuple
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A + b
    cache = (A, W, b)
    return Z


# %% own the cache first | expect: structure: order: cache, Z
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A + b
    cache = (A, W, b)
    return cache, Z


# %% own nothing returned | expect: returned-none
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A + b
    cache = (A, W, b)


# %% own the bias added in place to the weights | expect: mutated W
import numpy as np


def linear_forward(A, W, b):
    W += b  # <-
    Z = W @ A
    cache = (A, W, b)
    return Z, cache


# %% own an unknown name | expect: exception Z: unknown-name or exception: unknown-name
import numpy as np


def linear_forward(A, W, b):
    Z = W @ A_prev + b  # <-
    cache = (A, W, b)
    return Z, cache


# %% M29 a global bias | expect: uses-global bias
import numpy as np


bias = np.ones((3, 1))


def linear_forward(A, W, b):
    Z = W @ A + bias[0, 0]  # <-
    cache = (A, W, b)
    return Z, cache

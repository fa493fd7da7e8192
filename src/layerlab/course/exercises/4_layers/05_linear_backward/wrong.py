# %% M64 not averaged | expect: value dW: ratio m
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T  # <-
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


# %% M64 divided by the number of inputs | expect: value dW: ratio m/p
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    n_prev, m = A_prev.shape
    dW = np.dot(dZ, A_prev.T) / n_prev  # <-
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


# %% M64 m is the number of units | expect: value m: is n
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = dZ.shape[0]  # <-
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


# %% M24 averaged over one example less | expect: value dW: ratio m/(m-1)
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / (m - 1)  # <-
    db = np.mean(dZ, axis=1, keepdims=True)
    return np.dot(W.T, dZ), dW, db


# %% M24 half of the mean | expect: value db: ratio 1/2
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dA_prev = W.T @ dZ
    dW = 1 / m * dZ @ A_prev.T
    db = 1 / (2 * m) * np.sum(dZ, axis=1, keepdims=True)  # <-
    return dA_prev, dW, db


# %% M65 the bias without keepdims | expect: value db: shape (n,)
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1) / m  # <-
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


# %% M65 one number for all units | expect: value db: added
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ) / m  # <-
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


# %% M65 added over the units | expect: value db or value np.sum(dZ, axis=0, keepdims=True) or small-change: axis
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=0, keepdims=True) / m  # <-
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


# %% M65 the mean of everything | expect: value db: averaged
import numpy as np


def linear_backward(dZ, cache):
    inputs, weights, bias = cache
    m = inputs.shape[1]
    grad_w = dZ @ inputs.T / m
    grad_b = np.mean(dZ, keepdims=True)  # <-
    grad_in = weights.T @ dZ
    return grad_in, grad_w, grad_b


# %% own the bias not added up | expect: value db: not added axis 1
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = dZ / m  # <-
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


# %% M66 the inputs not turned | expect: exception dW: shapes
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev) / m  # <-
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


# %% M66 element by element | expect: exception dW: shapes
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ * A_prev.T / m  # <-
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


# %% M66 the factors exchanged | expect: value dW: transposed
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = A_prev @ dZ.T / m  # <-
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


# %% M67 the weights not turned | expect: exception dA_prev: shapes
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W @ dZ  # <-
    return dA_prev, dW, db


# %% M62 the mean taken in dA_prev as well | expect: value dA_prev: ratio 1/m
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ / m  # <-
    return dA_prev, dW, db


# %% M29 the number of examples of another variable | expect: uses-global m
import numpy as np

m = 7


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    dW = dZ @ A_prev.T / m  # <-
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


# %% own returned in another order | expect: structure: order: dW, db, dA_prev
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dW, db, dA_prev


# %% own nothing returned | expect: returned-none
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ


# %% own the cache unpacked in another order | expect: exception W, A_prev, b: shapes or exception W: shapes or exception A_prev: shapes
import numpy as np


def linear_backward(dZ, cache):
    W, A_prev, b = cache  # <-
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


# %% own dZ averaged in place | expect: mutated dZ
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    dA_prev = W.T @ dZ
    dZ /= A_prev.shape[1]  # <-
    dW = dZ @ A_prev.T
    db = np.sum(dZ, axis=1, keepdims=True)
    return dA_prev, dW, db

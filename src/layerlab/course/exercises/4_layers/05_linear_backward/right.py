# %% einsum
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = dZ.shape[1]
    return np.dot(W.T, dZ), np.einsum("im,jm->ij", dZ, A_prev) / m, dZ.mean(axis=1, keepdims=True)


# %% np.dot and the factor first
import numpy as np


def linear_backward(dZ, cache):
    (A_prev, W, b) = cache
    m = A_prev.shape[1]
    dW = (1 / m) * np.dot(dZ, A_prev.T)
    db = (1 / m) * np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


# %% a loop over the examples
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    dA_prev = np.zeros(A_prev.shape)
    for i in range(m):
        column = dZ[:, i : i + 1]
        dW += column @ A_prev[:, i : i + 1].T
        db += column
        dA_prev[:, i : i + 1] = W.T @ column
    return dA_prev, dW / m, db / m


# %% three loops, number by number
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    n, p = W.shape
    m = dZ.shape[1]
    dW, db, dA_prev = np.zeros((n, p)), np.zeros((n, 1)), np.zeros((p, m))
    for i in range(n):
        for e in range(m):
            db[i, 0] += dZ[i, e] / m
            for j in range(p):
                dW[i, j] += dZ[i, e] * A_prev[j, e] / m
                dA_prev[j, e] += W[i, j] * dZ[i, e]
    return dA_prev, dW, db


# %% np.matmul, other names, the gradient averaged first
import numpy as np


def linear_backward(dZ, cache):
    inputs, weights, _ = cache
    mean_error = dZ / dZ.shape[1]
    grad_weights = np.matmul(mean_error, inputs.transpose())
    grad_bias = np.sum(mean_error, axis=1).reshape(-1, 1)
    grad_inputs = np.matmul(weights.transpose(), dZ)
    return grad_inputs, grad_weights, grad_bias


# %% the bias as a product with ones
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    ones = np.ones((m, 1))
    db = dZ @ ones / m
    dW = (A_prev @ dZ.T).T / m
    dA_prev = (dZ.T @ W).T
    return dA_prev, dW, db


# %% a mean of outer products
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W = cache[0], cache[1]
    outer = dZ[:, None, :] * A_prev[None, :, :]
    return np.tensordot(W, dZ, axes=(0, 0)), outer.mean(axis=2), np.mean(dZ, axis=1)[:, np.newaxis]


# %% np.average, copies, and a list of examples
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = (np.array(part, copy=True) for part in cache)
    errors = np.array(dZ, dtype=float)
    dW = sum(np.outer(errors[:, i], A_prev[:, i]) for i in range(errors.shape[1])) / errors.shape[1]
    db = np.average(errors, axis=1).reshape(b.shape)
    dA_prev = np.stack([W.T.dot(errors[:, i]) for i in range(errors.shape[1])], axis=1)
    return dA_prev, dW, db


# %% divided in place, after the sum
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    count = float(len(dZ[0]))
    dW = np.inner(dZ, A_prev)
    dW /= count
    db = np.add.reduce(dZ, axis=1, keepdims=True)
    db *= 1.0 / count
    return W.T @ dZ, dW, db

# %% np.dot and np.power, the factor in front
import numpy as np


def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    W1 = parameters["W1"]
    W2 = parameters["W2"]
    A1 = cache["A1"]
    A2 = cache["A2"]
    dZ2 = A2 - Y
    dW2 = (1 / m) * np.dot(dZ2, A1.T)
    db2 = (1 / m) * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.multiply(np.dot(W2.T, dZ2), 1 - np.power(A1, 2))
    dW1 = (1 / m) * np.dot(dZ1, X.T)
    db1 = (1 / m) * np.sum(dZ1, axis=1, keepdims=True)
    grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
    return grads


# %% the slope of tanh from Z1
import numpy as np


def backward_propagation(parameters, cache, X, Y):
    number = Y.shape[1]
    d2 = cache["A2"] - Y
    d1 = parameters["W2"].T @ d2 * (1 - np.tanh(cache["Z1"]) ** 2)
    return {
        "db2": d2.mean(axis=1, keepdims=True),
        "dW2": d2 @ cache["A1"].T / number,
        "db1": d1.mean(axis=1, keepdims=True),
        "dW1": d1 @ X.T / number,
    }


# %% one over cosh squared
import numpy as np


def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dZ1 = np.matmul(parameters["W2"].T, dZ2) / np.cosh(cache["Z1"]) ** 2
    grads = {}
    grads["dW2"] = np.matmul(dZ2, cache["A1"].T) / m
    grads["db2"] = dZ2.sum(1, keepdims=True) / m
    grads["dW1"] = np.matmul(dZ1, X.T) / m
    grads["db1"] = dZ1.sum(1, keepdims=True) / m
    return grads


# %% einsum
import numpy as np


def backward_propagation(parameters, cache, X, Y):
    A1 = cache["A1"]
    e = (cache["A2"] - Y) / X.shape[1]
    h = np.einsum("oh,om->hm", parameters["W2"], e) * (1 + A1) * (1 - A1)
    return dict(
        dW1=np.einsum("hm,xm->hx", h, X),
        db1=np.einsum("hm->h", h)[:, None],
        dW2=np.einsum("om,hm->oh", e, A1),
        db2=np.einsum("om->o", e)[:, None],
    )


# %% a loop over the examples
import numpy as np


def backward_propagation(parameters, cache, X, Y):
    W1, W2 = parameters["W1"], parameters["W2"]
    m = X.shape[1]
    grads = {"d" + name: np.zeros_like(value) for name, value in parameters.items()}
    for i in range(m):
        x = X[:, i : i + 1]
        a1, a2, y = cache["A1"][:, i : i + 1], cache["A2"][:, i : i + 1], Y[:, i : i + 1]
        d2 = a2 - y
        d1 = (W2.T @ d2) * (1 - a1**2)
        grads["dW2"] += d2 @ a1.T / m
        grads["db2"] += d2 / m
        grads["dW1"] += d1 @ x.T / m
        grads["db1"] += d1 / m
    return grads


# %% through dA2, with copies
import numpy as np


def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    A1 = cache["A1"].copy()
    A2 = cache["A2"].copy()
    dA2 = -(np.divide(Y, A2) - np.divide(1 - Y, 1 - A2))
    dZ2 = dA2 * A2 * (1 - A2)
    dA1 = parameters["W2"].T.dot(dZ2)
    dZ1 = dA1.copy()
    dZ1 *= 1 - A1 * A1
    dW1, dW2 = dZ1.dot(X.T) / m, dZ2.dot(A1.T) / m
    db1, db2 = np.sum(dZ1, axis=1).reshape(-1, 1) / m, np.sum(dZ2, axis=1).reshape(-1, 1) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


# %% one function for both layers
import numpy as np


def backward_propagation(parameters, cache, X, Y):
    def layer(dZ, A_prev):
        m = dZ.shape[1]
        return dZ @ A_prev.T / m, dZ @ np.ones((m, 1)) / m

    dZ2 = cache["A2"] - Y
    dW2, db2 = layer(dZ2, cache["A1"])
    dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
    dW1, db1 = layer(dZ1, X)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


# %% the forward pass made again
import numpy as np


def backward_propagation(parameters, cache, X, Y):
    W1, b1, W2, b2 = (parameters[key] for key in ("W1", "b1", "W2", "b2"))
    hidden = np.tanh(W1 @ X + b1)
    output = 1 / (1 + np.exp(-(W2 @ hidden + b2)))
    error = output - Y
    back = (error.T @ W2).T * (1 - hidden**2)
    m = len(X[0])
    return {
        "dW1": np.inner(back, X) / m,
        "db1": np.average(back, axis=1)[:, np.newaxis],
        "dW2": np.inner(error, hidden) / m,
        "db2": np.average(error, axis=1)[:, np.newaxis],
    }


# %% outer products, stacked
import numpy as np


def backward_propagation(parameters, cache, X, Y):
    A1, A2, W2 = cache["A1"], cache["A2"], parameters["W2"]
    dZ2 = np.subtract(A2, Y)
    dZ1 = np.tensordot(W2, dZ2, axes=([0], [0])) * (1.0 - np.square(A1))
    dW1 = (dZ1[:, None, :] * X[None, :, :]).mean(axis=-1)
    dW2 = (dZ2[:, None, :] * A1[None, :, :]).mean(axis=-1)
    db1 = np.mean(dZ1, axis=-1, keepdims=True)
    db2 = np.mean(dZ2, axis=-1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


# %% the mean taken once, in dZ2
import numpy as np


def backward_propagation(parameters, cache, X, Y):
    W2, A1, A2 = parameters["W2"], cache["A1"], cache["A2"]
    dZ2 = (A2 - Y) / X.shape[1]
    dW2 = dZ2 @ A1.T
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = W2.T @ dZ2 * (1 - A1**2)
    dW1 = dZ1 @ X.T
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}

# %% np.dot and a sigmoid of one's own
import numpy as np


def forward_propagation(X, parameters):
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


# %% a loop over the two layers
import numpy as np


def forward_propagation(X, parameters):
    A, cache = X, {}
    for layer, g in (("1", np.tanh), ("2", sigmoid)):
        Z = parameters["W" + layer] @ A + parameters["b" + layer]
        A = g(Z)
        cache["Z" + layer], cache["A" + layer] = Z, A
    return A, cache


# %% einsum
import numpy as np
from given import sigmoid


def forward_propagation(X, parameters):
    P = parameters
    Z1 = np.einsum("hx,xm->hm", P["W1"], X) + P["b1"]
    A1 = np.tanh(Z1)
    Z2 = np.einsum("oh,hm->om", P["W2"], A1) + P["b2"]
    return sigmoid(Z2), dict(Z1=Z1, A1=A1, Z2=Z2, A2=sigmoid(Z2))


# %% example by example
import numpy as np


def forward_propagation(X, parameters):
    W1, b1, W2, b2 = (parameters[key] for key in ("W1", "b1", "W2", "b2"))
    cache = {"Z1": [], "A1": [], "Z2": [], "A2": []}
    for x in X.T:
        z1 = W1 @ x + b1[:, 0]
        a1 = np.tanh(z1)
        z2 = W2 @ a1 + b2[:, 0]
        for key, value in (("Z1", z1), ("A1", a1), ("Z2", z2), ("A2", sigmoid(z2))):
            cache[key].append(value)
    cache = {key: np.stack(columns, axis=1) for key, columns in cache.items()}
    return cache["A2"], cache


# %% the bias as a weight of a constant input
import numpy as np


def forward_propagation(X, parameters):
    ones = np.ones((1, X.shape[1]))
    Z1 = np.hstack([parameters["W1"], parameters["b1"]]) @ np.vstack([X, ones])
    A1 = np.tanh(Z1)
    Z2 = np.hstack([parameters["W2"], parameters["b2"]]) @ np.vstack([A1, ones])
    A2 = 1.0 / (1.0 + np.exp(-Z2))
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


# %% np.matmul, np.add, tanh by hand
import numpy as np


def forward_propagation(X, parameters):
    Z1 = np.add(np.matmul(parameters["W1"], X), parameters["b1"])
    up, down = np.exp(Z1), np.exp(-Z1)
    A1 = (up - down) / (up + down)
    Z2 = np.add(np.matmul(parameters["W2"], A1), parameters["b2"])
    A2 = np.exp(Z2) / (np.exp(Z2) + 1)
    cache = {}
    cache["A2"], cache["Z2"], cache["A1"], cache["Z1"] = A2, Z2, A1, Z1
    return A2, cache


# %% examples as rows inside, and turned back
import numpy as np


def forward_propagation(X, parameters):
    rows = X.T
    z1 = rows @ parameters["W1"].T + parameters["b1"].T
    a1 = np.tanh(z1)
    z2 = a1 @ parameters["W2"].T + parameters["b2"].T
    a2 = 0.5 * (1 + np.tanh(z2 / 2))
    return a2.T, {"Z1": z1.T, "A1": a1.T, "Z2": z2.T, "A2": a2.T}


# %% the stable sigmoid by masks
import numpy as np


def forward_propagation(X, parameters):
    Z1 = parameters["W1"].dot(X) + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"].dot(A1) + parameters["b2"]
    e = np.exp(-np.abs(Z2))
    A2 = np.where(Z2 >= 0, 1 / (1 + e), e / (1 + e))
    cache = {"Z1": Z1.copy(), "A1": A1.copy(), "Z2": Z2.copy(), "A2": A2.copy()}
    return A2, cache


# %% added in place, into arrays of its own
import numpy as np


def forward_propagation(X, parameters):
    Z1 = parameters["W1"] @ X
    Z1 += parameters["b1"]
    A1 = np.empty_like(Z1)
    np.tanh(Z1, out=A1)
    Z2 = parameters["W2"] @ A1
    Z2 += parameters["b2"]
    A2 = np.reciprocal(1 + np.exp(-Z2))
    return (A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2})

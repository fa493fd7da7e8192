# %% the formula as it is written
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    return A, cost


# %% matrix product and mean
import numpy as np


def forward_and_cost(w, b, X, Y):
    A = sigmoid(w.T @ X + b)
    return A, -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))


# %% dot products of labels and logarithms
import numpy as np


def forward_and_cost(w, b, X, Y):
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -(np.dot(Y, np.log(A).T) + np.dot(1 - Y, np.log(1 - A).T)) / Y.shape[1]
    return A, np.squeeze(cost)


# %% with a sigmoid of one's own
import numpy as np


def forward_and_cost(w, b, X, Y):
    A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    cost = np.average(-Y * np.log(A) - (1 - Y) * np.log(1 - A))
    return A, float(cost)


# %% from Z, without probabilities
import numpy as np


def forward_and_cost(w, b, X, Y):
    Z = w.T @ X + b
    cost = np.mean(np.logaddexp(0, -Z) + (1 - Y) * Z)
    return sigmoid(Z), cost


# %% einsum
import numpy as np


def forward_and_cost(w, b, X, Y):
    Z = np.einsum("ik,ij->kj", w, X) + b
    A = sigmoid(Z)
    logs = np.einsum("ij,ij->", Y, np.log(A)) + np.einsum("ij,ij->", 1 - Y, np.log1p(-A))
    return A, -logs / X.shape[1]


# %% the probability of the right class
import numpy as np


def forward_and_cost(w, b, X, Y):
    A = sigmoid(np.matmul(w.T, X) + b)
    p = np.where(Y > 0.5, A, 1 - A)
    return A, -np.log(p).mean()


# %% powers in place of products
import numpy as np


def forward_and_cost(w, b, X, Y):
    A = sigmoid(np.dot(w.T, X) + b)
    likelihood = A**Y * (1 - A) ** (1 - Y)
    return A, -np.sum(np.log(likelihood)) / likelihood.size


# %% the two classes apart, by masks
import numpy as np


def forward_and_cost(w, b, X, Y):
    A = sigmoid(np.dot(w.T, X) + b)
    total = np.log(A[Y == 1]).sum() + np.log(1 - A[Y == 0]).sum()
    return A, -total / A.shape[1]


# %% a loop over the examples
import numpy as np


def forward_and_cost(w, b, X, Y):
    n, m = X.shape
    A = np.zeros((1, m))
    cost = 0.0
    for j in range(m):
        z = b
        for i in range(n):
            z += w[i, 0] * X[i, j]
        a = 1 / (1 + np.exp(-z))
        A[0, j] = a
        cost -= Y[0, j] * np.log(a) + (1 - Y[0, j]) * np.log(1 - a)
    return A, cost / m


# %% the sum of the weighted inputs by hand
import numpy as np


def forward_and_cost(w, b, X, Y):
    Z = (w * X).sum(axis=0, keepdims=True) + b
    A = sigmoid(Z)
    losses = -np.log(Y * A + (1 - Y) * (1 - A))
    return A, losses.sum() / losses.shape[-1]


# %% transposed, with examples as rows
import numpy as np


def forward_and_cost(w, b, X, Y):
    a = sigmoid(X.T.dot(w) + b)
    y = Y.T
    cost = (-y.T.dot(np.log(a)) - (1 - y).T.dot(np.log(1 - a))).item() / len(y)
    return a.T, cost


# %% clipped, far from these numbers
import numpy as np


def forward_and_cost(w, b, X, Y):
    A = sigmoid(np.dot(w.T, X) + b)
    safe = np.clip(A, 1e-15, 1 - 1e-15)
    cost = -np.mean(Y * np.log(safe) + (1 - Y) * np.log(1 - safe))
    return A, cost

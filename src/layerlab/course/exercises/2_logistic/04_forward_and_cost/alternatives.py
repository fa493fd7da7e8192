# %% the formula in one line
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return A, cost


# %% the formula, step by step
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    logs = Y * np.log(A) + (1 - Y) * np.log(1 - A)
    total = np.sum(logs)
    cost = -total / m
    return A, cost


# %% from Z, so that log(0) cannot happen
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    losses = np.logaddexp(0, Z) - Y * Z  # the same as -(Y log A + (1 - Y) log(1 - A)), for every Z
    cost = np.sum(losses) / m
    return A, cost


# %% losses with their sign, and the mean
import numpy as np


def forward_and_cost(w, b, X, Y):
    Z = w.T @ X + b
    A = sigmoid(Z)
    losses = -(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    cost = np.mean(losses)
    return A, cost


# %% two products in place of the sum
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    total = np.dot(Y, np.log(A).T) + np.dot(1 - Y, np.log(1 - A).T)
    cost = -np.squeeze(total) / m
    return A, cost


# %% the probability of the right class
import numpy as np


def forward_and_cost(w, b, X, Y):
    Z = np.dot(w.T, X) + b
    A = sigmoid(Z)
    right = np.where(Y == 1, A, 1 - A)
    cost = -np.mean(np.log(right))
    return A, cost

# %% M20 not summed | expect: value cost: not added or value cost: not added axis 1
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m  # <-
    return A, cost


# %% M21 every label with every prediction | expect: value cost or value logs or value losses or value ones
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y.T * np.log(A) + (1 - Y).T * np.log(1 - A)) / m  # <-
    return A, cost


# %% M21 a matrix of all pairs, added up | expect: value cost or value logs or value losses
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    ones = np.dot(Y.T, np.log(A))
    zeros = np.dot((1 - Y).T, np.log(1 - A))
    cost = -np.sum(ones + zeros) / m  # <-
    return A, cost


# %% M22 the 1 outside of the logarithm | expect: value cost or value zeros
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * (1 - np.log(A))) / m  # <-
    return A, cost


# %% M23 the minus sign forgotten | expect: value cost: ratio -1
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m  # <-
    return A, cost


# %% M23 the minus sign for one half only | expect: value cost or value zeros: ratio -1 or value ones: ratio -1
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = np.sum(-Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m  # <-
    return A, cost


# %% M24 not averaged | expect: value cost: ratio m
import numpy as np


def forward_and_cost(w, b, X, Y):
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))  # <-
    return A, cost


# %% M24 divided by m - 1 | expect: value cost: ratio m/(m-1)
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / (m - 1)  # <-
    return A, cost


# %% M24 divided by the number of inputs | expect: value m: is n
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[0]  # <-
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return A, cost


# %% M24 divided by 2m | expect: value cost: ratio 1/2
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / (2 * m)  # <-
    return A, cost


# %% M24 averaged twice | expect: value cost: ratio 1/m
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m  # <-
    return A, cost


# %% M26 an array of one number | advise: one-by-one
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -(np.dot(Y, np.log(A).T) + np.dot(1 - Y, np.log(1 - A).T)) / m
    return A, cost


# %% M27 the logarithm of 0 once the sigmoid is rounded to 0 or 1 | advise: overflow
import numpy as np


def forward_and_cost(w, b, X, Y):
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    return A, cost


# %% M28 w is not transposed | expect: exception A: shapes or exception Z: shapes
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w, X) + b)  # <-
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return A, cost


# %% M18 element by element in place of the matrix product | expect: value Z: not added axis 0 or value Z: shape (n, m) of other numbers
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    Z = w * X + b  # <-
    A = sigmoid(Z)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return A, cost


# %% M36 labels made a column | expect: value labels: transposed
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    labels = Y.reshape(-1, 1)  # <-
    cost = -np.sum(labels * np.log(A) + (1 - labels) * np.log(1 - A)) / m
    return A, cost


# %% M17 probabilities without a second axis | expect: value A: shape (m,)
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b).reshape(-1)  # <-
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return A, cost


# %% M29 an X of one's own, beside the function | expect: uses-global X_train
import numpy as np

X_train = np.array([[0.5, -1.0, 2.0, 1.0], [1.5, 0.0, -0.5, 0.3], [0.2, 0.1, 0.7, -2.0], [1.0, 0.4, -1.1, 0.6]])


def forward_and_cost(w, b, X, Y):
    m = X_train.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return A, cost


# %% own the bias forgotten | expect: value Z: missing term b or value Z: is np.dot(w.T, X)
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X)  # <-
    A = sigmoid(Z)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return A, cost


# %% own no sigmoid | expect: value A: without function sigmoid or value A: is Z
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    Z = np.dot(w.T, X) + b
    A = Z  # <-
    cost = np.sum(np.logaddexp(0, Z) - Y * Z) / m
    return A, cost


# %% own the examples of class 1 alone | expect: value cost or value logs or value losses
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A)) / m  # <-
    return A, cost


# %% own the logarithm to the base 10 | expect: value cost
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log10(A) + (1 - Y) * np.log10(1 - A)) / m  # <-
    return A, cost


# %% own labels and predictions exchanged | expect: value cost or value losses or value ones or exception
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(A * np.log(Y) + (1 - A) * np.log(1 - Y)) / m  # <-
    return A, cost


# %% own the squared error | expect: value cost or value losses: is (A - Y) * (A - Y) or value losses
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = np.sum((A - Y) ** 2) / m  # <-
    return A, cost


# %% own only the cost is returned | expect: structure: type number instead of tuple or structure
import numpy as np


def forward_and_cost(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return cost

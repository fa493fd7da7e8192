# %% M42 the probabilities | expect: value predictions: without function threshold or value predictions: is A2
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = A2  # <-
    return predictions


# %% M42 the threshold on Z2 | expect: value predictions: is Z2 > 0.5 or value A2: without function sigmoid
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = cache["Z2"] > 0.5  # <-
    return predictions


# %% M42 one half counts as 1 | expect: edge: half
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = A2 >= 0.5
    return predictions


# %% M42 one half rounded up | expect: edge: half
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = np.floor(A2 + 0.5)
    return predictions


# %% M42 a flat array | expect: value predictions: shape (n_y*m,)
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = (A2 > 0.5).ravel()  # <-
    return predictions


# %% M42 cut off instead of rounded | expect: value predictions: constant 0
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = A2.astype(int)  # <-
    return predictions


# %% M42 the threshold 0 | expect: value predictions: constant
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = A2 > 0  # <-
    return predictions


# %% M42 rounded up | expect: value predictions: constant
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = np.ceil(A2)  # <-
    return predictions


# %% M42 if for an array | expect: exception predictions: truth-value or exception: truth-value
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = 1 if A2 > 0.5 else 0  # <-
    return predictions


# %% M29 other parameters | expect: uses-global trained
import numpy as np


rng = np.random.default_rng(0)
trained = {"W1": rng.normal(size=(4, 5)), "b1": np.zeros((4, 1)), "W2": rng.normal(size=(2, 4)), "b2": np.zeros((2, 1))}


def predict(parameters, X):
    A2, cache = forward_propagation(X, trained)  # <-
    predictions = A2 > 0.5
    return predictions


# %% M36 the transposed predictions | expect: value predictions: transposed
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = A2.T > 0.5  # <-
    return predictions


# %% M42 words for the classes | expect: value predictions: not a number or unnamed predictions
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = np.where(A2 > 0.5, "blue", "red")  # <-
    return predictions


# %% own the classes exchanged | expect: value predictions: 1 - x
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = A2 < 0.5  # <-
    return predictions


# %% own the hidden units | expect: value predictions: is A1 > 0.5 or value A2: is A1
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = cache["A1"] > 0.5  # <-
    return predictions


# %% own the most probable output | expect: value predictions: shape (m,) of other numbers
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = np.argmax(A2, axis=0)  # <-
    return predictions


# %% own the mean of the predictions | expect: value predictions: averaged or value predictions: not a number
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = np.mean(A2 > 0.5)  # <-
    return predictions


# %% own the arguments exchanged | expect: exception A2: types or exception A2: index
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(parameters, X)  # <-
    predictions = A2 > 0.5
    return predictions


# %% own the result of forward not unpacked | expect: exception A2: types or exception predictions: types
import numpy as np


def predict(parameters, X):
    A2 = forward_propagation(X, parameters)
    predictions = A2 > 0.5
    return predictions


# %% own the function not called | expect: exception A2: unpacking or exception A2, cache: unpacking
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation  # <-
    predictions = A2 > 0.5
    return predictions


# %% own both returned | expect: structure: type tuple instead of array
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = A2 > 0.5
    return predictions, A2


# %% own signs | expect: value predictions
import numpy as np


def predict(parameters, X):
    A2, cache = forward_propagation(X, parameters)
    predictions = np.sign(A2 - 0.5)  # <-
    return predictions

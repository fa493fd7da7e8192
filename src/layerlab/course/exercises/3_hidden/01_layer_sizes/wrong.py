# %% own the examples used as inputs | expect: value n_x: is m
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape[1]  # <-
    n_h = 4
    n_y = Y.shape[0]
    return n_x, n_h, n_y


# %% own the examples used as outputs | expect: value n_y: is m
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape[0]
    n_h = 4
    n_y = Y.shape[1]  # <-
    return n_x, n_h, n_y


# %% own the examples used as both | expect: value n_x: is m
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape[1]  # <-
    n_h = 4
    n_y = Y.shape[1]
    return n_x, n_h, n_y


# %% own the outputs from X | expect: value n_y: is n_x or value n_y: ratio n_x/n_y
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape[0]
    n_h = 4
    n_y = X.shape[0]  # <-
    return n_x, n_h, n_y


# %% own the shape for the size | expect: structure: type tuple instead of number in n_x
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape
    n_h = 4
    n_y = Y.shape[0]
    return n_x, n_h, n_y


# %% own five hidden units | expect: value n_h: is 5
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape[0]
    n_h = 5  # <-
    n_y = Y.shape[0]
    return n_x, n_h, n_y


# %% own as many hidden units as inputs | expect: value n_h: is n_x
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape[0]
    n_h = n_x  # <-
    n_y = Y.shape[0]
    return n_x, n_h, n_y


# %% own all numbers counted | expect: value n_x: is n_x*m
import numpy as np


def layer_sizes(X, Y):
    n_x = X.size  # <-
    n_h = 4
    n_y = Y.shape[0]
    return n_x, n_h, n_y


# %% own returned in another order | expect: structure: order: n_x, n_y, n_h
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape[0]
    n_h = 4
    n_y = Y.shape[0]
    return n_x, n_y, n_h


# %% own without the hidden layer | expect: structure: 2 values instead of 3
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape[0]
    n_h = 4
    n_y = Y.shape[0]
    return n_x, n_y


# %% own a dict | expect: structure: type dict instead of tuple
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape[0]
    n_h = 4
    n_y = Y.shape[0]
    return {"n_x": n_x, "n_h": n_h, "n_y": n_y}


# %% own nothing returned | expect: returned-none
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape[0]
    n_h = 4
    n_y = Y.shape[0]
    print(n_x, n_h, n_y)


# %% own brackets for the call | expect: exception n_x: call or exception n_x: types
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape(0)  # <-
    n_h = 4
    n_y = Y.shape[0]
    return n_x, n_h, n_y


# %% own a third axis | expect: exception n_x: index
import numpy as np


def layer_sizes(X, Y):
    n_x = X.shape[2]  # <-
    n_h = 4
    n_y = Y.shape[0]
    return n_x, n_h, n_y


# %% M29 a global X | expect: uses-global x_train
import numpy as np

x_train = np.zeros((5, 9))


def layer_sizes(X, Y):
    n_x = x_train.shape[0]  # <-
    n_h = 4
    n_y = Y.shape[0]
    return n_x, n_h, n_y


# %% M29 the sizes of one dataset | expect: value n_x: is 2
import numpy as np


def layer_sizes(X, Y):
    n_x = 2  # <-
    n_h = 4
    n_y = Y.shape[0]
    return n_x, n_h, n_y

# %% M10 divided by the sum of everything | expect: value x_sum: added
import numpy as np


def softmax(x):
    x_exp = np.exp(x)
    x_sum = np.sum(x_exp)  # <-
    s = x_exp / x_sum
    return s


# %% M10 divided by the sums of the columns | expect: value x_sum
import numpy as np


def softmax(x):
    x_exp = np.exp(x)
    x_sum = np.sum(x_exp, axis=0, keepdims=True)  # <-
    s = x_exp / x_sum
    return s


# %% M10 without keepdims | expect: exception x_sum: shapes or exception s: shapes or value x_sum: shape (n,)
import numpy as np


def softmax(x):
    x_exp = np.exp(x)
    x_sum = np.sum(x_exp, axis=1)  # <-
    s = x_exp / x_sum  # <-
    return s


# %% M10 the sums of the columns, shifted and in other words | expect: value s or value x_sum
import numpy as np


def softmax(scores):
    top = scores.max(axis=1, keepdims=True)
    powers = np.exp(scores - top)
    return powers / powers.sum(axis=0)  # <-


# %% M12 without the shift: not a number at 1000 | advise: overflow
import numpy as np


def softmax(x):
    x_exp = np.exp(x)
    return x_exp / np.sum(x_exp, axis=1, keepdims=True)


# %% M13 a result array with the type of x | expect: edge: integers
import numpy as np


def softmax(x):
    s = np.zeros_like(x)
    for i in range(x.shape[0]):
        e = np.exp(x[i])
        s[i] = e / np.sum(e)
    return s


# %% M1 math.exp on an array | expect: exception x_exp: one-number
import math

import numpy as np


def softmax(x):
    x_exp = math.exp(x)  # <-
    x_sum = np.sum(x_exp, axis=1, keepdims=True)
    return x_exp / x_sum


# %% own the exponential left out above the line | expect: value s or value x_exp: is x or small-change: variable
import numpy as np


def softmax(x):
    x_exp = np.exp(x)
    x_sum = np.sum(x_exp, axis=1, keepdims=True)
    s = x / x_sum  # <-
    return s


# %% own the exponential left out altogether | expect: value x_exp: is x or value x_exp: without function exp
import numpy as np


def softmax(x):
    x_exp = x  # <-
    x_sum = np.sum(x_exp, axis=1, keepdims=True)
    s = x_exp / x_sum
    return s


# %% own the mean in place of the sum | expect: value x_sum: ratio 1/m
import numpy as np


def softmax(x):
    x_exp = np.exp(x)
    x_sum = np.mean(x_exp, axis=1, keepdims=True)  # <-
    s = x_exp / x_sum
    return s


# %% own the exponential of the sum | expect: value x_sum or unnamed x_sum or value s: factor per row
import numpy as np


def softmax(x):
    x_exp = np.exp(x)
    x_sum = np.exp(np.sum(x, axis=1, keepdims=True))  # <-
    s = x_exp / x_sum
    return s


# %% own one shift for each column | expect: value shifted: added axis 0 or value shifted
import numpy as np


def softmax(x):
    shifted = x - np.max(x, axis=0, keepdims=True)  # <-
    x_exp = np.exp(shifted)
    x_sum = np.sum(x_exp, axis=1, keepdims=True)
    s = x_exp / x_sum
    return s


# %% own the wrong sign | expect: value x_exp: is np.exp(-x) or value shifted: is -x
import numpy as np


def softmax(x):
    x_exp = np.exp(-x)  # <-
    x_sum = np.sum(x_exp, axis=1, keepdims=True)
    s = x_exp / x_sum
    return s

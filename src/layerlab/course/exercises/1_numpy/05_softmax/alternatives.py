# %% the formula as it is written
import numpy as np


def softmax(x):
    x_exp = np.exp(x)
    x_sum = np.sum(x_exp, axis=1, keepdims=True)
    s = x_exp / x_sum
    return s


# %% by the logarithm of the sum
import numpy as np


def softmax(x):
    logs = np.log(np.sum(np.exp(x), axis=1, keepdims=True))
    s = np.exp(x - logs)
    return s

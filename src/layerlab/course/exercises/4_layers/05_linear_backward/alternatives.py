# %% the mean taken of dZ, before the products
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    mean_dZ = dZ / m
    dW = mean_dZ @ A_prev.T
    db = np.sum(mean_dZ, axis=1, keepdims=True)
    dA_prev = W.T @ dZ
    return dA_prev, dW, db

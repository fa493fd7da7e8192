"""Functions that the exercises of this chapter hand you. Some are answers to other exercises: write your own first."""

import numpy as np


def sigmoid(Z):
    """Return the sigmoid of Z, and Z itself for the way back."""
    return 0.5 * (1 + np.tanh(0.5 * Z)), Z


def relu(Z):
    """Return the larger of Z and 0, and Z itself for the way back."""
    return np.maximum(Z, 0), Z


def linear_forward(A, W, b):
    """Return W A + b, and the tuple (A, W, b) for the way back."""
    return W @ A + b, (A, W, b)


def linear_activation_forward(A_prev, W, b, activation):
    """Return the layer's output, and the tuple ((A_prev, W, b), Z) for the way back."""
    Z, linear_cache = linear_forward(A_prev, W, b)
    A, activation_cache = {"relu": relu, "sigmoid": sigmoid}[activation](Z)
    return A, (linear_cache, activation_cache)


def relu_backward(dA, cache):
    """Return dZ of a layer with relu; the cache is its Z."""
    return np.where(cache > 0, dA, 0.0)


def sigmoid_backward(dA, cache):
    """Return dZ of a layer with sigmoid; the cache is its Z."""
    return dA * 0.25 / np.cosh(np.clip(cache / 2, -350, 350)) ** 2


def linear_backward(dZ, cache):
    """Return dA_prev, dW and db of a linear step; the cache is (A_prev, W, b)."""
    A_prev, W, _ = cache
    mean_dZ = dZ / dZ.shape[1]
    return W.T @ dZ, mean_dZ @ A_prev.T, mean_dZ.sum(axis=1, keepdims=True)


def linear_activation_backward(dA, cache, activation):
    """Return dA_prev, dW and db of a layer; the cache is ((A_prev, W, b), Z)."""
    linear_cache, Z = cache
    backward = {"relu": relu_backward, "sigmoid": sigmoid_backward}[activation]
    return linear_backward(backward(dA, Z), linear_cache)

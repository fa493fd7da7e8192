"""Initial weights. NumPy's legacy generator makes them: its numbers never change, so published results can be repeated.

Each initialiser makes one layer's W, of shape (n, n_prev). Biases start at zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from layerlab.formulas.arrays import Floats

from .periodic import Periodic

Randn = Callable[[int, int], Floats]
"""A function that makes a matrix of N(0, 1) numbers of the given sizes, as NumPy's ``randn`` does."""


def zeros(randn: Randn, n: int, n_prev: int) -> Floats:  # noqa: ARG001
    """All weights 0. This suits logistic regression; hidden units would start equal and stay equal for ever."""
    return np.zeros((n, n_prev))


def normal(randn: Randn, n: int, n_prev: int) -> Floats:
    """N(0, 1) × 0.01. This breaks the symmetry of one hidden layer; in a deep network the signal vanishes."""
    return randn(n, n_prev) * 0.01


def lecun(randn: Randn, n: int, n_prev: int) -> Floats:
    """N(0, 1) / √n_prev: keeps the variance of a linear layer (LeCun et al. 1998, "Efficient BackProp")."""
    return randn(n, n_prev) / math.sqrt(n_prev)


def xavier(randn: Randn, n: int, n_prev: int) -> Floats:
    """N(0, 1) × √(2 / (n + n_prev)): a compromise between forward and backward pass (Glorot & Bengio 2010)."""
    return randn(n, n_prev) * math.sqrt(2.0 / (n + n_prev))


def he(randn: Randn, n: int, n_prev: int) -> Floats:
    """N(0, 1) × √(2 / n_prev): keeps the variance through relu, which halves it (He et al. 2015)."""
    return randn(n, n_prev) * math.sqrt(2.0 / n_prev)


INITIALIZERS = {"zeros": zeros, "normal": normal, "lecun": lecun, "xavier": xavier, "he": he}
"""Every initialiser by its name."""


def initialize_parameters(
    layer_dims: Sequence[int], initializer: str = "he", seed: int | None = 0, embedding: Periodic | None = None
) -> dict[str, Floats]:
    """Make the initial weights and biases of a network; W1 gets the first random numbers.

    Args:
        layer_dims: (n_0, n_1, …, n_L): inputs, hidden layers, outputs.
        initializer: a name in ``INITIALIZERS``.
        seed: seed of a ``RandomState``; None for NumPy's global generator.
        embedding: waves of some inputs, which the first layer reads too; their parameters get the last random numbers.

    Returns:
        ``W1 b1 … WL bL``: W of shape (n, n_prev), b zeros of shape (n, 1). With an embedding ``f1 c1 V1 v1`` come
        first, and W1 has a column for each of the embedding's outputs too.

    Example:
        >>> initialize_parameters([2, 1], "normal", seed=1)
        {'W1': array([[ 0.01624345, -0.00611756]]), 'b1': array([[0.]])}
    """
    random = np.random if seed is None else np.random.RandomState(seed)
    draw = INITIALIZERS[initializer]
    parameters = {}
    read = (layer_dims[0] + (0 if embedding is None else embedding.width), *layer_dims[1:])
    for layer, (n_prev, n) in enumerate(pairwise(read), start=1):
        parameters[f"W{layer}"] = draw(random.randn, n, n_prev)
        parameters[f"b{layer}"] = np.zeros((n, 1))
    return parameters if embedding is None else embedding.drawn(random.uniform) | parameters

"""Initial parameters made like scikit-learn's, so that the same ``random_state`` gives the same start."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from layerlab.formulas import Parameters, initialize_parameters


def glorot_uniform(layer_dims: Sequence[int], activations: Sequence[str], random: np.random.RandomState) -> Parameters:
    """Draw weights and biases from U(−r, r), r = √(6 / (n_prev + n)), or √(2 / …) for sigmoid (Glorot & Bengio 2010).

    Args:
        layer_dims: (n_0, …, n_L).
        activations: the activation of each hidden layer, and that of the last hidden layer again, for the output layer.
        random: the generator; for each layer it draws Wᵀ (n_prev, n) and then b.
    """
    parameters: Parameters = {}
    for layer, ((n_prev, n), activation) in enumerate(zip(pairwise(layer_dims), activations, strict=True), start=1):
        bound = np.sqrt((2.0 if activation == "sigmoid" else 6.0) / (n_prev + n))
        parameters[f"W{layer}"] = np.ascontiguousarray(random.uniform(-bound, bound, (n_prev, n)).T)
        parameters[f"b{layer}"] = random.uniform(-bound, bound, n)[:, None]
    return parameters


def drawn_parameters(
    initializer: str | None, layer_dims: Sequence[int], activations: Sequence[str], random: np.random.RandomState
) -> Parameters:
    """Draw like scikit-learn if ``initializer`` is None, else by layerlab's initialiser with a seed from ``random``."""
    if initializer is None:
        return glorot_uniform(layer_dims, activations, random)
    return initialize_parameters(layer_dims, initializer, int(random.randint(2**31)))

"""Initial parameters as scikit-learn draws them, so that the same ``random_state`` starts at the same place."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from layerlab.formulas import Parameters, initialize_parameters


def glorot_uniform(layer_dims: Sequence[int], activations: Sequence[str], random: np.random.RandomState) -> Parameters:
    """Draw weights and biases from U(−r, r), r = √(6 / (n_prev + n)), or √(2 / …) for sigmoid (Glorot & Bengio 2010).

    Args:
        layer_dims: (n_0, …, n_L).
        activations: of each hidden layer, and the one that the output layer goes by: the last hidden one's.
        random: from which each layer's Wᵀ (n_prev, n) is drawn and then its b.
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
    """Draw as scikit-learn does for None, else by a layerlab initialiser with a seed that comes from ``random``."""
    if initializer is None:
        return glorot_uniform(layer_dims, activations, random)
    return initialize_parameters(layer_dims, initializer, int(random.randint(2**31)))

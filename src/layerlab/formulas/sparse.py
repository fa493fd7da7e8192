"""The first layer on sparse inputs: SciPy's products, so that zeros cost nothing. NumPy engine only.

Examples are rows here, X (m, n_x) in SciPy's CSR, because a batch is some of its rows.

    Z_1 = (X W_1ᵀ)ᵀ + b_1        dW_1 = (Xᵀ dZ_1ᵀ)ᵀ / m
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import Array, Gradients, Parameters
from .arrays import Floats
from .layers import bias_gradient, mean_of
from .network import FirstLayer, squared_norm


def _forward(X: Any, parameters: Parameters) -> tuple[Array, Any]:
    W = parameters["W1"]
    Z = _columns(X @ W.reshape(-1, W.shape[-1]).T, W.shape[:-1])
    return Z + parameters["b1"], X


def _gradients(dZ: Array, X: Any) -> Gradients:
    total = _columns(X.T @ dZ.reshape(-1, dZ.shape[-1]).T, dZ.shape[:-1])
    return {"dW1": mean_of(total, dZ), "db1": bias_gradient(dZ)}


def _columns(product: Floats, models_and_units: tuple[int, ...]) -> Floats:
    """(k, K n) as (K, n, k); without models (k, n) as (n, k)."""
    return np.ascontiguousarray(product.T).reshape(*models_and_units, -1)


SPARSE = FirstLayer(_forward, _gradients, lambda _, parameters: squared_norm(parameters["W1"]))
"""Z_1 = W_1 X + b_1 for X in SciPy's CSR, examples in rows."""

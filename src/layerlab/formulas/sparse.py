"""The first layer on sparse inputs, with SciPy's products: zeros of X cost neither time nor memory.

scikit-learn gives texts and one-hot features as SciPy's sparse matrices. The estimators of ``layerlab.sklearn`` accept
them, and train on them with the NumPy engine. Examples are rows of X here, (m, n_x) in compressed sparse rows (CSR),
because a mini-batch is then a slice of X.

    Z_1 = (X W_1ᵀ)ᵀ + b_1        dW_1 = (Xᵀ dZ_1ᵀ)ᵀ / m
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import Array, Floats, Gradients, Parameters
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
    """Bring examples back into columns: (k, K n) of K models to (K, n, k), or without a model axis (k, n) to (n, k)."""
    return np.ascontiguousarray(product.T).reshape(*models_and_units, -1)


SPARSE = FirstLayer(_forward, _gradients, lambda _, parameters: squared_norm(parameters["W1"]))
"""The first layer for sparse X, with examples in the rows of SciPy's CSR: Z_1 = W_1 Xᵀ + b_1."""

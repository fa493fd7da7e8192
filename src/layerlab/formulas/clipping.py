"""Clipping: a gradient that is too long is scaled down; its direction stays (Pascanu, Mikolov & Bengio 2013).

    g ← g · min(1, c / ‖g‖)        ‖g‖² = Σ over all parameters of their squared gradients

A rotation of the features does not change ‖g‖, so clipping works in the span of the examples too.
"""

from __future__ import annotations

from typing import Any

from .arrays import Array, Gradients
from .network import INPUTS, FirstLayer, squared_norm


def clip_gradients(X: Any, gradients: Gradients, limit: Array, first: FirstLayer = INPUTS) -> Gradients:
    """Multiply all gradients by one factor, so that their common norm is at most the limit.

    Args:
        X: the inputs of all training examples, which ``first`` may need.
        gradients: ``dW1 db1 … dWL dbL``, the first layer's as ``first`` has them.
        limit: c, (..., 1, 1); infinity for no clipping.
        first: how the first layer is computed.

    Returns:
        Gradients of the same structure.
    """
    factor = clip_factor(X, gradients, limit, first)
    return {name: factor * gradient for name, gradient in gradients.items()}


def clip_factor(X: Any, gradients: Gradients, limit: Array, first: FirstLayer = INPUTS) -> Array:
    """The factor min(1, c / ‖g‖) by which ``clip_gradients`` multiplies all gradients.

    Args:
        X, gradients, limit, first: as for ``clip_gradients``.

    Returns:
        (..., 1, 1): one factor per model, above 0 and at most 1.

    Example:
        >>> import numpy as np
        >>> float(clip_factor(None, {"dW1": np.array([[3.0]]), "db1": np.array([[4.0]])}, np.array(1.0)).item())
        0.2
    """
    own = {name[1:]: gradient for name, gradient in gradients.items()}
    total = first.squared_norm(X, own)
    for name, gradient in own.items():
        if name not in ("W1", "V1", "C1", "s1"):  # the first layer's own norm has those
            total = total + squared_norm(gradient)
    xp = total.__array_namespace__()
    length = xp.sqrt(total)[..., None, None]
    return xp.where(length > limit, limit / xp.where(length > 0, length, 1.0), 1.0)

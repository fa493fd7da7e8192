"""Parameters under scikit-learn's names, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import Parameters


def attributes(parameters: Parameters) -> dict[str, Any]:
    """``coefs_`` of shape (n_prev, n) and ``intercepts_`` (n,), one a layer; of an ensemble with an axis of members.

    Args:
        parameters: ``W1 b1 … WL bL``.
    """
    layers = range(1, len(parameters) // 2 + 1)
    return {
        "coefs_": [np.ascontiguousarray(parameters[f"W{layer}"].mT) for layer in layers],
        "intercepts_": [np.array(parameters[f"b{layer}"][..., 0]) for layer in layers],
    }


def parameters_of(coefs: Sequence[NDArray[Any]], intercepts: Sequence[NDArray[Any]]) -> Parameters:
    """What ``attributes`` was given, as views."""
    parameters: Parameters = {}
    for layer, (coef, intercept) in enumerate(zip(coefs, intercepts, strict=True), start=1):
        parameters[f"W{layer}"], parameters[f"b{layer}"] = coef.mT, intercept[..., None]
    return parameters

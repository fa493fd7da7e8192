"""The network's parameters under scikit-learn's names and layout (``coefs_``, ``intercepts_``), and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import Parameters


def coefficients_of(parameters: Parameters) -> dict[str, list[NDArray[Any]]]:
    """Lay out the parameters as scikit-learn does; those of an ensemble keep the axis of members in front.

    Args:
        parameters: ``W1 b1 … WL bL``, of shapes (n, n_prev) and (n, 1).

    Returns:
        ``coefs_``, one (n_prev, n) array per layer, and ``intercepts_``, one (n,) array per layer.
    """
    layers = range(1, len(parameters) // 2 + 1)
    return {
        "coefs_": [np.ascontiguousarray(parameters[f"W{layer}"].mT) for layer in layers],
        "intercepts_": [np.array(parameters[f"b{layer}"][..., 0]) for layer in layers],
    }


def parameters_of(coefs: Sequence[NDArray[Any]], intercepts: Sequence[NDArray[Any]]) -> Parameters:
    """Undo ``coefficients_of``: return the parameters ``W1 b1 … WL bL`` as views of the coefficients."""
    parameters: Parameters = {}
    for layer, (coef, intercept) in enumerate(zip(coefs, intercepts, strict=True), start=1):
        parameters[f"W{layer}"], parameters[f"b{layer}"] = coef.mT, intercept[..., None]
    return parameters


def members_of(parameters: Parameters) -> list[Parameters]:
    """Split an ensemble's parameters into those of each member, as separate arrays; a single network is one member."""
    if parameters["b1"].ndim == 2:
        return [{name: value.copy() for name, value in parameters.items()}]
    n_members = len(parameters["b1"])
    return [{name: value[k].copy() for name, value in parameters.items()} for k in range(n_members)]


def stacked_members(members: Sequence[Parameters]) -> Parameters:
    """Undo ``members_of``: stack the members along a first axis; a single one stays as it is."""
    if len(members) == 1:
        return members[0]
    return {name: np.stack([member[name] for member in members]) for name in members[0]}

"""Values that are learned on one scale and answered in their own units.

A network learns y' = (y − mean) / scale, because gradient descent wants numbers near 1. Its last layer is linear, so
what undoes the scaling goes into its parameters, and prediction knows nothing of it:

    y = scale (W A + b) + mean = (scale W) A + (scale b + mean)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerlab.datasets import Dataset, Part, Standardization
from layerlab.formulas import Parameters
from layerlab.network import Network

if TYPE_CHECKING:
    from .job import Job

LINEAR = ("identity", "absolute", "huber")
"""Outputs whose prediction is the last layer's Z."""


def scaling_of(network: Network, data: Any) -> Standardization | None:
    """What a dataset says about its target, where the network's output takes it."""
    return data.target_scaling if isinstance(data, Dataset) and network.output in LINEAR else None


def scaled(part: Part, scaling: Standardization | None) -> Part:
    """The part with values on the scale that is learned."""
    return part if scaling is None else Part(part.X, scaling(part.Y).astype(part.Y.dtype))


def in_own_units(job: Job, parameters: Parameters) -> Parameters:
    """Parameters that answer in the target's own units, from those that were learned."""
    if job.scaling is None:
        return parameters
    W, b = _last(parameters)
    mean, scale = (values.astype(parameters[W].dtype) for values in job.scaling)
    return {**parameters, W: scale * parameters[W], b: scale * parameters[b] + mean}


def as_learned(parameters: Parameters, scaling: Standardization | None) -> Parameters:
    """``in_own_units`` undone: parameters to start from."""
    if scaling is None:
        return parameters
    W, b = _last(parameters)
    mean, scale = (values.astype(parameters[W].dtype) for values in scaling)
    return {**parameters, W: parameters[W] / scale, b: (parameters[b] - mean) / scale}


def _last(parameters: Parameters) -> tuple[str, str]:
    return f"W{len(parameters) // 2}", f"b{len(parameters) // 2}"

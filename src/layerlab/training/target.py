"""Scale the target values of a regression: they are learned on a scale near 1 and predicted in their own units.

A network learns y' = (y − mean) / scale, because gradient descent works best with numbers near 1. Its last layer is
linear, so the inverse of the scaling goes into its parameters after the training, and prediction needs no step of its
own:

    y = scale (W A + b) + mean = (scale W) A + (scale b + mean)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerlab.datasets import Dataset, Part, Standardization
from layerlab.formulas import Parameters
from layerlab.formulas.network import n_layers
from layerlab.network import Network

if TYPE_CHECKING:
    from .job import Job

LINEAR = ("identity", "absolute", "huber")
"""Outputs whose prediction is the last layer's Z itself."""


def scaling_of(network: Network, data: Any) -> Standardization | None:
    """Return how a dataset's target values are scaled for this network; None for a classifier, counts or arrays."""
    return data.target_scaling if isinstance(data, Dataset) and network.output in LINEAR else None


def scaled(part: Part, scaling: Standardization | None) -> Part:
    """Return the part with its target values scaled for learning."""
    return part if scaling is None else Part(part.X, scaling(part.Y).astype(part.Y.dtype))


def in_own_units(job: Job, parameters: Parameters) -> Parameters:
    """Turn learned parameters into parameters that predict in the target's own units."""
    if job.scaling is None:
        return parameters
    W, b = _last(parameters)
    mean, scale = (values.astype(parameters[W].dtype) for values in job.scaling)
    return {**parameters, W: scale * parameters[W], b: scale * parameters[b] + mean}


def as_learned(parameters: Parameters, scaling: Standardization | None) -> Parameters:
    """Turn parameters that predict in the target's own units into parameters from which learning can continue."""
    if scaling is None:
        return parameters
    W, b = _last(parameters)
    mean, scale = (values.astype(parameters[W].dtype) for values in scaling)
    return {**parameters, W: parameters[W] / scale, b: (parameters[b] - mean) / scale}


def _last(parameters: Parameters) -> tuple[str, str]:
    """Return the names of the last layer's weights and biases."""
    last = n_layers(parameters)
    return f"W{last}", f"b{last}"

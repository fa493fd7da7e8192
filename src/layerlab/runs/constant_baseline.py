"""The cost of the best constant prediction, which ignores the features: a network that learned anything costs less."""

from __future__ import annotations

import numpy as np

from layerlab.formulas.arrays import Floats
from layerlab.network import Network

HUBER_STEPS = 50
"""Steps of gradient descent from the median to the constant of least Huber loss, which is near it."""


def constant_cost(network: Network, Y: Floats, weights: Floats | None = None) -> float:
    """Return the cost of the best prediction that ignores X: the classes' shares, or the values' mean or median.

    For K equally frequent classes it is ln K.

    Args:
        network: the network, with its output named.
        Y: (n_y, m) labels or values.
        weights: (m,) weights of the examples; None if all count the same.
    """
    return float(np.average(constant_losses(network, Y, weights), weights=weights))


def constant_losses(network: Network, Y: Floats, weights: Floats | None = None) -> Floats:
    """Return the loss (m,) of each example by the best prediction that ignores X, which ``constant_cost`` averages.

    Args:
        network, Y, weights: as for ``constant_cost``.
    """
    if not network.classifies:
        losses: Floats = network.loss.losses(np.broadcast_to(_best_constant(network, Y, weights), Y.shape), Y)
        return losses
    share = np.average(Y, axis=1, weights=weights)[:, None]
    sides = [(share, Y), (1 - share, 1 - Y)] if network.output == "sigmoid" else [(share, Y)]
    found: Floats = -sum((labels * np.log(np.where(own > 0, own, 1))).sum(axis=0) for own, labels in sides)
    return found


def _best_constant(network: Network, Y: Floats, weights: Floats | None) -> Floats:
    """Return the logits (n_y, 1) of least cost among those that are the same for all examples."""
    constant: Floats = np.average(Y, axis=1, weights=weights)[:, None]
    if network.output == "poisson":
        constant = np.log(np.maximum(constant, np.finfo(Y.dtype).tiny))
    if network.output in ("absolute", "huber"):
        constant = np.array([[_median(row, weights)] for row in Y])
    for _ in range(HUBER_STEPS if network.output == "huber" else 0):
        pull = network.loss.gradient(np.broadcast_to(constant, Y.shape), Y)
        constant = constant - np.average(pull, axis=1, weights=weights)[:, None]
    return constant


def _median(values: Floats, weights: Floats | None) -> float:
    """Return the median: the value with half of the weight on each side."""
    if weights is None:
        return float(np.median(values))
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(below, below[-1] / 2)])


def least_cost(network: Network, Y: Floats, weights: Floats | None = None) -> float:
    """Return the lowest possible cost: 0 for plain labels, more for smoothed labels and for counts.

    Args:
        network, Y, weights: as for ``constant_cost``.
    """
    if network.output == "poisson":
        exact = np.log(np.maximum(Y, np.finfo(Y.dtype).tiny))
        return float(np.average(network.loss.losses(exact, Y), weights=weights))
    if not network.classifies:
        return 0.0
    losses = _entropy(Y) + (_entropy(1 - Y) if network.output == "sigmoid" else 0)
    return float(np.average(losses, weights=weights))


def _entropy(shares: Floats) -> Floats:
    """Return −Σ s ln s of each column, (m,)."""
    terms: Floats = -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=0)
    return terms

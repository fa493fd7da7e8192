"""What is wrong with a trained network, in words: the state it is in, the likely cause, what to try.

Every finding follows from numbers that anyone can look at: costs, weights, activations on the training part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..architecture import Network
from ..datasets import Part
from ..formulas import ACTIVATIONS, LayerCache, Parameters, cost, network_forward

STUCK_SHARE = 0.99
"""Stuck: the lowest cost is above this share of the cost of the best constant answer."""

SATURATED_SLOPE = 0.02
"""Saturated: a unit's mean slope over the examples is below this share of the activation's largest slope."""

MOST = 0.5
"""Dead and saturated units are reported when they are at least this share of a layer."""

SURE_LOGIT = 30.0
"""Beyond this logit a probability is 0 or 1 to thirteen digits."""


class Finding(NamedTuple):
    """One thing that is wrong.

    Attributes:
        kind: "diverged", "rising", "stuck", "saturated", "dead" or "equal".
        what: what the numbers show.
        cause: the likely reason.
        remedy: what to try.
    """

    kind: str
    what: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}. Likely cause: {self.cause}. Try: {self.remedy}."


def diagnose(network: Network, parameters: Parameters, costs: NDArray[np.float64], train: Part) -> tuple[Finding, ...]:
    """All findings about a run, gravest first; empty if nothing is wrong.

    Args:
        network: with its output named.
        parameters: at the end of the run.
        costs: (iterations,), every iteration's cost.
        train: the part that was trained on.
    """
    if len(costs) == 0:
        return ()
    if not np.isfinite(costs).all():
        return (_diverged(costs, train),)
    with np.errstate(all="ignore"):
        Z, caches = network_forward(train.X, parameters, network.activations)
        if not np.isfinite(Z).all():
            return (_diverged(np.append(costs, np.nan), train),)
        final = float(cost(network.loss.losses(Z, train.Y)))
    constant = constant_cost(network, train.Y)
    return (
        *_equal(parameters),
        *_dead(caches[:-1]),
        *_saturated(caches[:-1], train),
        *_too_sure(network, caches[-1], final, constant, train),
        *_rising(costs, train),
        *_stuck(network, caches, costs, constant),
    )


def constant_cost(network: Network, Y: NDArray[np.float64]) -> float:
    """The cost of the best answer that ignores X: the labels' own frequencies, or their mean.

    For K equally frequent classes it is ln K.
    """
    if network.output == "identity":
        return float(0.5 * ((Y - Y.mean(axis=1, keepdims=True)) ** 2).sum(axis=0).mean())
    share = Y.mean(axis=1)
    shares = np.stack([share, 1 - share]) if network.output == "sigmoid" else share
    return float(-(shares * np.log(np.where(shares > 0, shares, 1))).sum())


def _range(train: Part) -> str:
    return f"the features reach from {train.X.min():.4g} to {train.X.max():.4g}"


def _scaled_badly(train: Part) -> bool:
    return bool(np.abs(train.X).max() > 20)


def _smaller_steps(train: Part) -> tuple[str, str]:
    """Cause and remedy for steps that are too long."""
    if _scaled_badly(train):
        return (
            f"features too large for the learning rate: {_range(train)}",
            "standardise the features, or a smaller learning rate",
        )
    return "too large a learning rate", "a learning rate 3 to 10 times smaller"


def _diverged(costs: NDArray[np.float64], train: Part) -> Finding:
    first = int(np.argmin(np.isfinite(costs)))
    return Finding(
        "diverged",
        f"the cost is no finite number any more at iteration {first} (it started at {costs[0]:.4g})",
        *_smaller_steps(train),
    )


def _rising(costs: NDArray[np.float64], train: Part) -> Iterator[Finding]:
    """The cost ends above where it started."""
    if len(costs) > 1 and costs[-1] > costs[0] * (1 + 1e-9) + 1e-12:
        what = f"the cost rose from {costs[0]:.4g} to {costs[-1]:.4g}"
        falls = int((np.diff(costs) < 0).sum())
        if falls:
            what += f", going down in {falls} and up in {len(costs) - 1 - falls} of {len(costs) - 1} steps"
        yield Finding("rising", what, *_smaller_steps(train))


def _stuck(
    network: Network, caches: list[LayerCache], costs: NDArray[np.float64], constant: float
) -> Iterator[Finding]:
    """No better than an answer that ignores the examples."""
    if constant == 0 or costs.min() < STUCK_SHARE * constant:
        return
    name = f"{constant:.4f}"
    if network.output == "sigmoid":
        name += f" (a coin toss: ln 2 = {np.log(2) * network.layer_dims[-1]:.4f})"
    elif network.output == "softmax":
        name += f" (all classes alike: ln {network.layer_dims[-1]} = {np.log(network.layer_dims[-1]):.4f})"
    what = f"the cost is {costs[-1]:.4f} after {len(costs)} iterations; always answering the labels' mean costs {name}"
    spread = float(np.std(caches[-1].Z, axis=-1).max())
    if spread < 1e-3 and len(caches) > 1:
        yield Finding(
            "stuck",
            f"{what}, and the outputs for different examples differ by only {spread:.1g}",
            "the signal vanishes on its way through the layers: initial weights too small or equal",
            "initializer 'he' or 'lecun'",
        )
    else:
        yield Finding(
            "stuck",
            what,
            "too few iterations or too small a learning rate, or features that do not tell the labels apart",
            "more iterations, a learning rate 3 to 10 times larger, or a hidden layer more",
        )


def _saturated(hidden: list[LayerCache], train: Part) -> Iterator[Finding]:
    """Hidden sigmoid or tanh units that sit at their ends, where the slope is nearly 0."""
    for layer, cache in enumerate(hidden, start=1):
        largest = {"sigmoid": 0.25, "tanh": 1.0}.get(cache.activation)
        if largest is None:
            continue
        slopes = ACTIVATIONS[cache.activation].slope(cache.Z, cache.A).mean(axis=-1)
        flat = int((slopes < SATURATED_SLOPE * largest).sum())
        if flat >= MOST * len(slopes):
            yield Finding(
                "saturated",
                f"{flat} of {len(slopes)} {cache.activation} units of layer {layer} sit at an end of their range on "
                f"nearly every example, where they hardly learn",
                f"inputs or weights too large: {_range(train)}",
                "standardise the features, smaller initial weights, or a smaller learning rate",
            )


def _too_sure(network: Network, last: LayerCache, final: float, constant: float, train: Part) -> Iterator[Finding]:
    """Outputs that are certain, and wrong often enough to cost more than a constant answer."""
    typical = float(np.median(np.abs(last.Z)))
    if network.classifies and typical > SURE_LOGIT and final > constant:
        cause, remedy = _smaller_steps(train)
        yield Finding(
            "saturated",
            f"half of the outputs are certain to thirteen digits (logits beyond ±{typical:.3g}), and the cost "
            f"{final:.4g} is above the {constant:.4g} of a constant answer: often certain and wrong",
            cause,
            remedy,
        )


def _dead(hidden: list[LayerCache]) -> Iterator[Finding]:
    """Relu units that are 0 for every example: their slope is 0, so they never come back."""
    for layer, cache in enumerate(hidden, start=1):
        if cache.activation != "relu":
            continue
        dead = int((cache.Z <= 0).all(axis=-1).sum())
        if dead >= MOST * len(cache.Z):
            yield Finding(
                "dead",
                f"{dead} of {len(cache.Z)} relu units of layer {layer} are 0 for every example and cannot learn",
                "a step that was too long pushed them below zero, or initial weights of zero",
                "a smaller learning rate, initializer 'he', or hidden='leaky_relu'",
            )


def _equal(parameters: Parameters) -> Iterator[Finding]:
    """Hidden units of one layer that all compute the same: equal weights in and out stay equal for ever."""
    for layer in range(1, len(parameters) // 2):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        rows = np.concatenate([W, b], axis=1)
        if len(rows) > 1 and np.allclose(rows, rows[0], rtol=1e-9, atol=1e-300):
            yield Finding(
                "equal",
                f"all {len(rows)} units of layer {layer} are equal: they compute one and the same thing",
                "equal initial weights give equal gradients, so the units stay equal for ever",
                "random initial weights: initializer 'he'",
            )

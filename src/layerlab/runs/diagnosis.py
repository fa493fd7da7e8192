"""What is wrong with a trained network, in words: the state it is in, the likely cause, what to try.

Every finding follows from numbers that anyone can look at: costs, weights, activations on the training part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from layerlab.datasets import Part
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.network import Network

from .constant_baseline import constant_cost
from .forward_statistics import UnitStatistics, forward_statistics
from .history import History

STUCK_SHARE = 0.99
"""Stuck: the cost at the end is above this share of the cost of the best constant answer."""

FITTED_SHARE = 0.1
"""A network that costs less than this share of a constant answer has learned: steep units are then how it separates
the classes, and idle ones no loss. Trained with long steps such networks have up to all units of a layer saturated."""

RISE = 1e-4
"""Rising: the cost ends this share above its start. A float32 run that starts where another ended moves by 1e-7."""

RISE_AGAIN = 0.1
"""Or it ends above its lowest by this share of the cost of a constant answer. Steps near the largest that work make
the costs swing by half of that, and still train well."""

SWINGS = 0.1
"""With this share of steps upwards, the steps are too long."""

SATURATED_SLOPE = 0.02
"""Saturated: a unit's mean slope over the examples is below this share of the activation's largest slope."""

REPORTED_SHARE = 0.5
"""Dead and saturated units are reported when they are at least this share of a layer."""

CERTAIN_LOGIT = 30.0
"""Beyond this logit a probability is 0 or 1 to thirteen digits."""

SMALL, LARGE = 0.05, 20.0
"""Features whose largest magnitude is below the one or above the other want standardising."""

ROUNDING = 100
"""Equal units drift apart by rounding, each step a little more: while they differ by no more than this many machine
epsilons of the layer's largest number, they are still equal. How their products are rounded depends on the
linear-algebra library and the processor."""

COLUMNS_AT_A_TIME = 256
"""Columns of W that are compared at a time; units that differ mostly do so in the first of them."""

FAINT = 1e-3
"""Numbers that differ by less than this between the examples carry no signal that a run could use."""


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


def diagnose(
    network: Network,
    parameters: Parameters,
    history: History,
    train: Part,
    weights: Floats | None = None,
    dropout: float = 0.0,
) -> tuple[Finding, ...]:
    """All findings about a run, gravest first; empty if nothing is wrong.

    Args:
        network: with its output named.
        parameters: at the end of the run.
        history: every iteration's cost; its curve is looked at.
        train: the part that was trained on.
        weights: (m,) of its examples, or None for all alike.
        dropout: share of the hidden values that each update left out.
    """
    if len(history.costs) == 0:
        return ()
    seen = forward_statistics(network, parameters, train, weights)
    final = seen.cost
    last = final if all(np.isfinite(value).all() for value in parameters.values()) else np.nan
    if not (np.isfinite(history.costs).all() and np.isfinite(last)):
        return (_diverged(np.append(history.costs, last), train),)
    costs, unit = np.append(history.curve, final), "iteration" if history.every == 1 else "epoch"
    constant = constant_cost(network, train.Y, weights)
    equal = list(_equal(parameters))
    lame = [] if final < FITTED_SHARE * constant else [*_dead(seen.hidden, train), *_saturated(seen.hidden, train)]
    sure = list(_too_sure(network, seen.Z, final, constant, train))
    why = _why_swinging(train, history.every, dropout)
    rising = list(_rising(costs, constant, why, unit))
    stuck = [] if rising else list(_stuck(network, seen.Z, costs, constant, train, bool(lame), unit, why))
    return (*equal, *lame, *sure, *rising, *stuck)


def _counted(n: int, unit: str) -> str:
    return f"{n} {unit}{'' if n == 1 else 's'}"


def _range(train: Part) -> str:
    return f"the features reach from {train.X.min():.4g} to {train.X.max():.4g}"


def _largest(X: Floats) -> float:
    """The largest magnitude, without an array of magnitudes: X may fill the memory."""
    return max(float(X.max()), -float(X.min()))


def _scaled_badly(train: Part) -> bool:
    return _largest(train.X) > LARGE


def _smaller_steps(train: Part) -> tuple[str, str]:
    """Cause and remedy for steps that are too long."""
    if _scaled_badly(train):
        return (
            f"features too large for the learning rate: {_range(train)}",
            "standardise the features, or a smaller learning rate",
        )
    return "too large a learning rate", "a learning rate 3 to 10 times smaller"


def _why_swinging(train: Part, every: int, dropout: float) -> tuple[str, str]:
    """Cause and remedy for a cost that goes up: long steps, and what makes each update's cost another one by chance."""
    cause, remedy = _smaller_steps(train)
    if dropout:
        cause, remedy = f"{cause}, or dropout {dropout:g}, which makes the cost noisy", f"{remedy}, or less dropout"
    if every > 1:
        cause, remedy = f"{cause}, or small batches, whose gradients are noisy", f"{remedy}, or larger batches"
    return cause, remedy


def _diverged(costs: Floats, train: Part) -> Finding:
    first = int(np.argmin(np.isfinite(costs)))
    since = f"any more at iteration {first} (the cost started at {costs[0]:.4g})" if first else "from the start"
    return Finding("diverged", f"the cost or the parameters are not finite {since}", *_smaller_steps(train))


def _rising(costs: Floats, constant: float, why: tuple[str, str], unit: str) -> Iterator[Finding]:
    """The cost ends above where it started, or well above where it has been."""
    tenth = max(1, len(costs) // 10)
    level = float(np.median(costs[-tenth:]))  # of swinging costs any single one may be high or low
    lowest = int(costs[:-tenth].argmin())
    if level > costs[0] * (1 + RISE) + 1e-12:
        what = f"the cost rose from {costs[0]:.4g} to about {level:.4g}"
    elif constant > 0 and level > costs[lowest] + RISE_AGAIN * constant:
        what = f"the cost rose from {costs[lowest]:.4g} at {unit} {lowest} to about {level:.4g}"
    else:
        return
    falls = int((np.diff(costs) < 0).sum())
    if falls:
        steps = _counted(len(costs) - 1, "step" if unit == "iteration" else unit)
        what += f", going down in {falls} and up in {len(costs) - 1 - falls} of {steps}"
    yield Finding("rising", what, *why)


def _stuck(
    network: Network,
    Z: Floats,
    costs: Floats,
    constant: float,
    train: Part,
    lame: bool,
    unit: str,
    swinging: tuple[str, str],
) -> Iterator[Finding]:
    """No better than an answer that ignores the examples."""
    if constant == 0 or costs[-1] < STUCK_SHARE * constant:
        return
    n_y = network.layer_dims[-1]
    name = f"{constant:.4f}"
    if network.output == "sigmoid":
        name += f" (a coin toss: {'' if n_y == 1 else f'{n_y} × '}ln 2 = {n_y * np.log(2):.4f})"
    elif network.output == "softmax":
        name += f" (all classes alike: ln {n_y} = {np.log(n_y):.4f})"
    spread = float(np.std(Z, axis=-1).max())
    what = (
        f"the cost is {costs[-1]:.4f} after {_counted(len(costs) - 1, unit)}, and the outputs for different examples "
        f"differ by {spread:.1g}; always answering the labels' mean costs {name}"
    )
    yield Finding("stuck", what, *_why_stuck(len(network.layer_dims) - 1, spread, costs, train, lame, swinging))


def _why_stuck(
    n_layers: int, spread: float, costs: Floats, train: Part, lame: bool, swinging: tuple[str, str]
) -> tuple[str, str]:
    """Cause and remedy, the surest first."""
    if _largest(train.X) < SMALL:
        return f"features too small: {_range(train)}", "standardise the features"
    if lame:
        return "dead or saturated hidden units let no signal through", "what helps against those"
    if spread < FAINT and n_layers > 1:
        return (
            "the signal vanishes on its way through the layers: initial weights too small or equal",
            "initializer 'he' or 'lecun'",
        )
    if (np.diff(costs) > 0).mean() > SWINGS:
        return swinging
    last_tenth = costs[-1 - max(1, len(costs) // 10)] - costs[-1]
    if last_tenth > 0.02 * (costs[0] - costs[-1]):
        return (
            "too few iterations or too small a learning rate",
            "more iterations, or a learning rate 3 to 10 times larger",
        )
    if n_layers == 1:
        return (
            "no weighted sum of the features tells the labels apart, or far too small a learning rate",
            "a hidden layer, or a larger learning rate",
        )
    return (
        "a plateau, or features that do not tell the labels apart",
        "another seed or initializer, or a learning rate 3 to 10 times larger",
    )


def _equal(parameters: Parameters) -> Iterator[Finding]:
    """Hidden units of one layer that all compute the same: equal weights in and out stay equal for ever."""
    layers = []
    for layer in range(1, len(parameters) // 2):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        near = ROUNDING * float(np.finfo(W.dtype).eps) * max(_largest(W), _largest(b))
        blocks = (W[:, i : i + COLUMNS_AT_A_TIME] for i in range(0, W.shape[1], COLUMNS_AT_A_TIME))
        if len(W) > 1 and _alike(b, near) and all(_alike(block, near) for block in blocks):
            layers.append(f"all {len(W)} units of layer {layer}")
    if layers:
        yield Finding(
            "equal",
            f"{_joined(layers)} are equal: they compute one and the same thing",
            "equal initial weights give equal gradients, so the units stay equal for ever",
            "random initial weights: initializer 'he'",
        )


def _alike(rows: Floats, near: float) -> bool:
    """Whether all rows are the first, but for rounding: each number, or, where it is nearly 0, to within ``near``."""
    return np.allclose(rows, rows[0], rtol=np.sqrt(np.finfo(rows.dtype).eps), atol=max(near, 1e-300))


def _dead(hidden: tuple[UnitStatistics, ...], train: Part) -> Iterator[Finding]:
    """Relu units that are 0 for every example: their slope is 0, so they never come back."""
    layers, faint = [], True
    for layer, units in enumerate(hidden, start=1):
        if units.activation != "relu":
            continue
        dead = units.highest <= 0
        if dead.sum() >= REPORTED_SHARE * len(dead):
            layers.append(f"{dead.sum()} of {len(dead)} relu units of layer {layer}")
            faint &= bool((units.lowest[dead] > -FAINT).all())
    if layers:
        reason = "initial weights too small or zero", "initializer 'he', or hidden='leaky_relu'"
        if not faint:
            cause, remedy = _smaller_steps(train)
            reason = f"a step that was too long pushed them below zero: {cause}", f"{remedy}, or hidden='leaky_relu'"
        yield Finding("dead", f"{_joined(layers)} are 0 for every example and cannot learn", *reason)


def _saturated(hidden: tuple[UnitStatistics, ...], train: Part) -> Iterator[Finding]:
    """Hidden sigmoid or tanh units that sit at their ends, where the slope is nearly 0."""
    layers = []
    for layer, units in enumerate(hidden, start=1):
        largest = {"sigmoid": 0.25, "tanh": 1.0}.get(units.activation)
        if largest is None:
            continue
        flat = int((units.slope < SATURATED_SLOPE * largest).sum())
        if flat >= REPORTED_SHARE * len(units.slope):
            layers.append(f"{flat} of {len(units.slope)} {units.activation} units of layer {layer}")
    if layers:
        yield Finding(
            "saturated",
            f"{_joined(layers)} sit at an end of their range on nearly every example, where they hardly learn",
            f"inputs or weights too large: {_range(train)}",
            "standardise the features, smaller initial weights, or a smaller learning rate",
        )


def _too_sure(network: Network, Z: Floats, final: float, constant: float, train: Part) -> Iterator[Finding]:
    """Outputs that are certain, and wrong often enough to cost more than a constant answer."""
    if not network.classifies or final <= constant:
        return
    Z = np.sort(Z, axis=0)
    leads = Z[-1] - Z[-2] if network.output == "softmax" else np.abs(Z)
    typical = float(np.median(leads))
    if typical > CERTAIN_LOGIT:
        yield Finding(
            "saturated",
            f"half of the outputs are certain to thirteen digits (by logits of {typical:.3g} and more), and the cost "
            f"after the last update, {final:.4g}, is above the {constant:.4g} of a constant answer: often certain and "
            f"wrong",
            *_smaller_steps(train),
        )


def _joined(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"

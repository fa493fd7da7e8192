"""What is wrong with a trained network, in words: the state it is in, the likely cause, what to try.

Every finding follows from numbers that anyone can look at: costs, weights, and the units' values on the training set.
``diagnose`` gathers them as ``Evidence``; below it one function for each kind of finding decides whether there is one:
``_equal``, ``_dead``, ``_saturated``, ``_too_sure``, ``_rising``, ``_stuck``.
"""

from __future__ import annotations

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
"""A network that costs less than this share of the best constant answer has learned: saturated units are then how it
separates the classes, and dead ones no loss. Trained with long steps such networks have up to all units of a layer
saturated."""

RISE = 1e-4
"""Rising: the cost ends this share above its start. A float32 run that starts where another ended moves by 1e-7."""

RISE_AGAIN = 0.1
"""Rising, too: the cost ends above its lowest value by this share of the cost of a constant answer. Steps near the
largest that work make the costs swing by half of that, and still train well."""

SWINGS = 0.1
"""If the cost rises after at least this share of the updates, the steps are too long."""

SATURATED_SLOPE = 0.02
"""Saturated: a unit's mean slope over the examples is below this share of the activation's largest slope."""

REPORTED_SHARE = 0.5
"""Dead and saturated units are reported when they are at least this share of a layer."""

CERTAIN_LOGIT = 30.0
"""Beyond this logit a probability is 0 or 1 to thirteen digits."""

SMALL, LARGE = 0.05, 20.0
"""Features whose largest magnitude is below the one or above the other should be standardised."""

EQUAL_WITHIN = 100
"""Equal units drift apart by rounding, each step a little more: while they differ by no more than this many machine
epsilons of the layer's largest number, they are still equal. How their products are rounded depends on the
linear-algebra library and the processor."""

COLUMNS_AT_A_TIME = 256
"""Columns of W that are compared at a time; units that differ mostly do so in the first of them."""

FAINT_SIGNAL = 1e-3
"""Numbers that differ by less than this between the examples carry no signal that a run could use."""


class Finding(NamedTuple):
    """One thing that is wrong with a trained network.

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


class Evidence(NamedTuple):
    """The numbers of a finished training that the findings follow from.

    Attributes:
        network: with its output named.
        train: the training set, X (n_x, m) and Y (n_y, m).
        costs: (n + 1,) the cost curve, and behind it the cost of the final parameters.
        unit: what a step of the curve is: "iteration" or "epoch".
        constant: the cost of the best constant answer.
        Z: (n_y, m) logits of the final parameters.
        hidden: statistics of the units of each hidden layer.
        why_noisy: cause and remedy to name where the cost goes up and down.
    """

    network: Network
    train: Part
    costs: Floats
    unit: str
    constant: float
    Z: Floats
    hidden: tuple[UnitStatistics, ...]
    why_noisy: tuple[str, str]

    @property
    def final(self) -> float:
        """The cost of the final parameters."""
        return float(self.costs[-1])


def diagnose(
    network: Network,
    parameters: Parameters,
    history: History,
    train: Part,
    weights: Floats | None = None,
    dropout: float = 0.0,
) -> tuple[Finding, ...]:
    """Find out what is wrong with a run: all findings, gravest first; empty if nothing is wrong.

    Args:
        network: with its output named.
        parameters: at the end of the run.
        history: every iteration's cost; its curve is looked at.
        train: the training set.
        weights: (m,) weights of its examples, or None for all alike.
        dropout: share of the hidden values that each update left out.
    """
    if len(history.costs) == 0:
        return ()
    seen = forward_statistics(network, parameters, train, weights)
    last = seen.cost if all(np.isfinite(value).all() for value in parameters.values()) else np.nan
    if not (np.isfinite(history.costs).all() and np.isfinite(last)):
        return (_diverged(np.append(history.costs, last), train),)
    evidence = Evidence(
        network=network,
        train=train,
        costs=np.append(history.curve, last),
        unit="iteration" if history.every == 1 else "epoch",
        constant=constant_cost(network, train.Y, weights),
        Z=seen.Z,
        hidden=seen.hidden,
        why_noisy=_why_noisy(train, history.every, dropout),
    )
    has_learned = last < FITTED_SHARE * evidence.constant
    idle = [] if has_learned else [one for one in (_dead(evidence), _saturated(evidence)) if one]
    rising = _rising(evidence)
    # a cost that rose is not called stuck too: it would be the same news twice
    stuck = None if rising else _stuck(evidence, has_idle_units=bool(idle))
    findings = (_equal(parameters), *idle, _too_sure(evidence), rising, stuck)
    return tuple(one for one in findings if one)


def _plain_count(n: int, unit: str) -> str:
    """Write how many there are of something, without commas in large numbers."""
    return f"{n} {unit}{'' if n == 1 else 's'}"


def _range(train: Part) -> str:
    """Say from where to where the features reach."""
    return f"the features reach from {train.X.min():.4g} to {train.X.max():.4g}"


def _largest(X: Floats) -> float:
    """Return the largest magnitude, without an array of magnitudes: X may fill the memory."""
    return max(float(X.max()), -float(X.min()))


def _smaller_steps(train: Part) -> tuple[str, str]:
    """Return cause and remedy for steps that are too long."""
    if _largest(train.X) > LARGE:
        return (
            f"features too large for the learning rate: {_range(train)}",
            "standardise the features, or a smaller learning rate",
        )
    return "too large a learning rate", "a learning rate 3 to 10 times smaller"


def _why_noisy(train: Part, every: int, dropout: float) -> tuple[str, str]:
    """Return cause and remedy for a cost that goes up: long steps, or what makes each update's cost random."""
    cause, remedy = _smaller_steps(train)
    if dropout:
        cause, remedy = f"{cause}, or dropout {dropout:g}, which makes the cost noisy", f"{remedy}, or less dropout"
    if every > 1:
        cause, remedy = f"{cause}, or small batches, whose gradients are noisy", f"{remedy}, or larger batches"
    return cause, remedy


def _diverged(costs: Floats, train: Part) -> Finding:
    """Say since when the cost or the parameters are not finite."""
    first = int(np.argmin(np.isfinite(costs)))
    since = f"any more at iteration {first} (the cost started at {costs[0]:.4g})" if first else "from the start"
    return Finding("diverged", f"the cost or the parameters are not finite {since}", *_smaller_steps(train))


def _rising(seen: Evidence) -> Finding | None:
    """Find out whether the cost ends above where it started, or well above its lowest."""
    costs = seen.costs
    tenth = max(1, len(costs) // 10)
    level = float(np.median(costs[-tenth:]))  # of swinging costs any single one may be high or low
    lowest = int(costs[:-tenth].argmin())
    if level > costs[0] * (1 + RISE) + 1e-12:
        what = f"the cost rose from {costs[0]:.4g} to about {level:.4g}"
    elif seen.constant > 0 and level > costs[lowest] + RISE_AGAIN * seen.constant:
        what = f"the cost rose from {costs[lowest]:.4g} at {seen.unit} {lowest} to about {level:.4g}"
    else:
        return None
    falls = int((np.diff(costs) < 0).sum())
    if falls:
        steps = _plain_count(len(costs) - 1, "step" if seen.unit == "iteration" else seen.unit)
        what += f", going down in {falls} and up in {len(costs) - 1 - falls} of {steps}"
    return Finding("rising", what, *seen.why_noisy)


def _stuck(seen: Evidence, has_idle_units: bool) -> Finding | None:
    """Find out whether the network is no better than a constant answer, which ignores the examples."""
    costs, constant, output = seen.costs, seen.constant, seen.network.output
    if constant == 0 or seen.final < STUCK_SHARE * constant:
        return None
    n_y = seen.network.layer_dims[-1]
    name = f"{constant:.4f}"
    if output == "sigmoid":
        name += f" (a coin toss: {'' if n_y == 1 else f'{n_y} × '}ln 2 = {n_y * np.log(2):.4f})"
    elif output == "softmax":
        name += f" (all classes alike: ln {n_y} = {np.log(n_y):.4f})"
    spread = float(np.std(seen.Z, axis=-1).max())
    what = (
        f"the cost is {seen.final:.4f} after {_plain_count(len(costs) - 1, seen.unit)}, and the outputs for different "
        f"examples differ by {spread:.1g}; always answering the labels' mean costs {name}"
    )
    return Finding("stuck", what, *_why_stuck(seen, spread, has_idle_units))


def _why_stuck(seen: Evidence, spread: float, has_idle_units: bool) -> tuple[str, str]:
    """Return cause and remedy of a stuck network, the surest first.

    Args:
        seen: the evidence.
        spread: standard deviation of the logits over the examples, the largest of the outputs.
        has_idle_units: whether dead or saturated hidden units were found.
    """
    costs, n_layers = seen.costs, len(seen.network.layer_dims) - 1
    if _largest(seen.train.X) < SMALL:
        return f"features too small: {_range(seen.train)}", "standardise the features"
    if has_idle_units:
        return "dead or saturated hidden units let no signal through", "what helps against those"
    if spread < FAINT_SIGNAL and n_layers > 1:
        return (
            "the signal vanishes on its way through the layers: initial weights too small or equal",
            "initializer 'he' or 'lecun'",
        )
    if (np.diff(costs) > 0).mean() > SWINGS:
        return seen.why_noisy
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


def _equal(parameters: Parameters) -> Finding | None:
    """Find hidden units of one layer that all compute the same: equal weights in and out stay equal for ever."""
    layers = []
    for layer in range(1, len(parameters) // 2):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        near = EQUAL_WITHIN * float(np.finfo(W.dtype).eps) * max(_largest(W), _largest(b))
        blocks = (W[:, i : i + COLUMNS_AT_A_TIME] for i in range(0, W.shape[1], COLUMNS_AT_A_TIME))
        if len(W) > 1 and _alike(b, near) and all(_alike(block, near) for block in blocks):
            layers.append(f"all {len(W)} units of layer {layer}")
    if not layers:
        return None
    return Finding(
        "equal",
        f"{_listed(layers)} are equal: they compute one and the same thing",
        "equal initial weights give equal gradients, so the units stay equal for ever",
        "random initial weights: initializer 'he'",
    )


def _alike(rows: Floats, near: float) -> bool:
    """Return whether all rows equal the first up to rounding: each number, or where it is nearly 0 to within near."""
    return np.allclose(rows, rows[0], rtol=np.sqrt(np.finfo(rows.dtype).eps), atol=max(near, 1e-300))


def _dead(seen: Evidence) -> Finding | None:
    """Find layers of relu units that are 0 for every example: their slope is 0, so they never come back."""
    layers, faint = [], True
    for layer, units in enumerate(seen.hidden, start=1):
        if units.activation != "relu":
            continue
        dead = units.highest <= 0
        if dead.sum() >= REPORTED_SHARE * len(dead):
            layers.append(f"{dead.sum()} of {len(dead)} relu units of layer {layer}")
            faint &= bool((units.lowest[dead] > -FAINT_SIGNAL).all())
    if not layers:
        return None
    reason = "initial weights too small or zero", "initializer 'he', or hidden='leaky_relu'"
    if not faint:
        cause, remedy = _smaller_steps(seen.train)
        reason = f"a step that was too long pushed them below zero: {cause}", f"{remedy}, or hidden='leaky_relu'"
    return Finding("dead", f"{_listed(layers)} are 0 for every example and cannot learn", *reason)


def _saturated(seen: Evidence) -> Finding | None:
    """Find layers of sigmoid or tanh units that sit at an end of their range, where the slope is nearly 0."""
    layers = []
    for layer, units in enumerate(seen.hidden, start=1):
        largest = {"sigmoid": 0.25, "tanh": 1.0}.get(units.activation)
        if largest is None:
            continue
        flat = int((units.slope < SATURATED_SLOPE * largest).sum())
        if flat >= REPORTED_SHARE * len(units.slope):
            layers.append(f"{flat} of {len(units.slope)} {units.activation} units of layer {layer}")
    if not layers:
        return None
    return Finding(
        "saturated",
        f"{_listed(layers)} sit at an end of their range on nearly every example, where they hardly learn",
        f"inputs or weights too large: {_range(seen.train)}",
        "standardise the features, smaller initial weights, or a smaller learning rate",
    )


def _too_sure(seen: Evidence) -> Finding | None:
    """Find outputs that are certain, and wrong often enough to cost more than a constant answer."""
    if not seen.network.classifies or seen.final <= seen.constant:
        return None
    Z = np.sort(seen.Z, axis=0)
    leads = Z[-1] - Z[-2] if seen.network.output == "softmax" else np.abs(Z)
    typical = float(np.median(leads))
    if typical <= CERTAIN_LOGIT:
        return None
    return Finding(
        "saturated",
        f"half of the outputs are certain to thirteen digits (by logits of {typical:.3g} and more), and the cost "
        f"after the last update, {seen.final:.4g}, is above the {seen.constant:.4g} of a constant answer: often "
        f"certain and wrong",
        *_smaller_steps(seen.train),
    )


def _listed(items: list[str]) -> str:
    """Join items with commas, and "and" before the last."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"

"""The verdict on a training: what its cost curve did, and which hidden units do not work.

It depends on the run alone, so the same run gets the same words wherever it is shown. The first word that
fits is used: diverged, rose, oscillated, stuck, crept, fell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from layerlab.formulas.arrays import Floats
from layerlab.text import count_text

from .findings import Verdict
from .forward_statistics import UnitStatistics
from .history import History

FAINT = 1e-9
"""A change by a smaller share of the first cost counts as rounding."""

SWING = 0.5
"""A curve oscillated if its upward steps sum to at least this share of its fall to the lowest cost, ..."""

HIGH, HIGHER_THAN, HIGHER_BY_CHANCE = 0.05, 0.01, 0.1
"""... and if it once rose above its lowest cost so far by at least the first share of that fall and the second share of
its first cost: smaller swings are noise. For a short noisy curve the third share replaces the second."""

LEAST_FALL = 0.05
"""A curve got stuck or crept if it fell by less than this share of its first cost, or if its end is no lower than the
cost of the best constant prediction."""

SMOOTHED = 20
"""A noisy curve is judged by its means over a twentieth of its points."""

STILL = 0.01
"""A curve that fell so little crept if its last tenth has at least this share of its fall; else it got stuck."""

SATURATED_SLOPE = 0.02
"""A sigmoid or tanh unit is saturated if its mean slope over the examples is below this share of the largest slope."""

LARGEST_SLOPES = {"sigmoid": 0.25, "tanh": 1.0}
"""The largest slope of each activation that can saturate."""

ENDS = {"sigmoid": "0 or 1", "tanh": "−1 or 1"}
"""The ends of the range of each activation that can saturate."""

REPORTED_SHARE = 0.1
"""Units that do not work are reported where they are at least this share of their layer."""


class Constant(NamedTuple):
    """The best constant prediction, which ignores the features.

    Attributes:
        cost: its cost on the training set.
        reached: whether the network's cost is no lower.
    """

    cost: float = math.nan
    reached: bool = False


NOT_KNOWN = Constant()


def verdict_of(
    history: History, constant: Constant = NOT_KNOWN, hidden: Sequence[UnitStatistics] = (), noisy: bool = False
) -> Verdict:
    """Return what a training did, in a word and a sentence.

    Args:
        history: the costs, up to the first that is not finite.
        constant: the best constant prediction, where it is known.
        hidden: statistics of the hidden units on the training set after the training; empty where they are not known.
        noisy: whether every cost is random, as with dropout.
    """
    word, what = _curve(history, constant, noisy)
    units = "" if word == "diverged" else listed(idle_units(hidden))
    idle = f" {units[0].upper()}{units[1:]}." if units else ""
    return Verdict(word, f"The cost {what}.{idle}")


def from_start(history: History) -> Floats:
    """Return the curve with the cost of the initial parameters as first value; the first epoch's mean may hide it."""
    start = [] if history.every == 1 or history.start is None else [history.start]
    return np.append(start, history.curve)


def _smoothed(curve: Floats) -> Floats:
    """Return the first cost, then moving means over a twentieth of the points, in which chance averages out."""
    if len(curve) < 2:
        return curve
    width = max(1, len(curve) // SMOOTHED)
    return np.append(curve[:1], np.convolve(curve[1:], np.full(width, 1 / width), mode="valid"))


def _curve(history: History, constant: Constant, noisy: bool) -> tuple[str, str]:
    n = len(history.costs)
    if n == 0:
        return "stuck", "was not changed: no update was made"
    if history.diverged:
        when = f"after {count_text(n - 1, 'iteration')}" if n > 1 else "from the start"
        return "diverged", f"diverged: it was not finite {when}"
    raw, by_chance = from_start(history), noisy or history.every > 1
    # costs of batches go up and down as the batches differ: what their curve did shows where chance is averaged out
    curve = _smoothed(raw) if by_chance else raw
    fall = float(curve[0] - curve.min())
    start, last = _told_apart(float(raw[0]), float(raw[-1]))
    if history.epoch > 1 and history.initial_cost is None:
        start += " in the first epoch"
    swing = HIGHER_BY_CHANCE if by_chance and len(raw) < SMOOTHED else HIGHER_THAN
    if goes_up(curve, swing):
        unit = "iterations" if history.every == 1 else "epochs"
        ups = f"it went up in {_percent((np.diff(raw) > 0).mean())} of the {unit}"
        if curve[-1] >= curve[0]:
            return "rose", f"rose from {start} to {last}: {ups}"
        steps = np.diff(curve)
        rises = steps[steps > 0].sum()
        high = f", to as high as {raw.max():.4g}" if raw.max() > raw[0] else f" (all rises together: {rises:.2g})"
        return "oscillated", f"oscillated on its way from {start} to {last}: {ups}{high}"
    moved = fall >= LEAST_FALL * abs(curve[0])
    if moved and not constant.reached:
        return "fell", f"fell from {start} to {last}"
    # by how much the last tenth fell, to tell a slow curve from one that stands still
    late = curve[-1 - max(1, len(curve) // 10)] - curve[-1] if len(curve) > 1 else 0.0
    word = "crept" if late >= STILL * fall > FAINT * abs(curve[0]) else "stuck"
    falling = ", and was still falling" if word == "crept" else ""
    if moved:
        return (
            word,
            f"fell from {start} to {last}{falling}, but a constant prediction costs no more: {constant.cost:.4g}",
        )
    if falling:
        return word, f"hardly fell, from {start} to {last}{falling}"
    return word, f"got stuck at {last}" + ("" if start == last else f", from {start}")


def goes_up(curve: Floats, least: float = HIGHER_THAN) -> bool:
    """Return whether a curve of finite costs rose or oscillated, rather than fell or stood still.

    Args:
        curve: (n,), n at least 1.
        least: the share of its first cost by which it has to rise above its lowest cost so far.
    """
    steps, fall = np.diff(curve), float(curve[0] - curve.min())
    rise = float((curve - np.minimum.accumulate(curve)).max())
    return float(steps[steps > 0].sum()) >= SWING * fall and rise >= max(HIGH * fall, least * abs(curve[0]))


def _told_apart(start: float, last: float) -> tuple[str, str]:
    """Write two costs with at least four digits, and with more digits if they would look equal otherwise."""
    for digits in range(4, 12):
        if f"{start:.{digits}g}" != f"{last:.{digits}g}":
            break
    else:
        digits = 4
    return f"{start:.{digits}g}", f"{last:.{digits}g}"


def idle_units(hidden: Sequence[UnitStatistics], share: float = REPORTED_SHARE) -> list[str]:
    """Say how many units are dead or saturated, for each layer in which they are at least this share of the units.

    Args:
        hidden: statistics of the hidden units, layer by layer.
        share: a share from 0 to 1.
    """
    said: list[str] = []
    for layer, units in enumerate(hidden, start=1):
        n = len(units.slope)
        for count, do in ((dead(units), "0 for every training example"), (saturated(units), "saturated")):
            if count and count >= share * n:
                some = "all" if count == n else f"{count} of"
                number = f"the {units.activation} unit" if n == count == 1 else f"{some} {n} {units.activation} units"
                is_new = do == "saturated" and not any(do in one for one in said)
                meaning = f" (output near {ENDS[units.activation]}, so hardly any learning)" if is_new else ""
                said.append(f"{number} of layer {layer} {'are' if count > 1 else 'is'} {do}{meaning}")
    return said


def dead(units: UnitStatistics) -> int:
    """Return how many relu units are 0 for every example: their slope is 0 there, so they never learn again."""
    return int((units.highest <= 0).sum()) if units.activation == "relu" else 0


def saturated(units: UnitStatistics) -> int:
    """Return how many sigmoid or tanh units are near an end of their range for nearly all examples and hardly learn."""
    largest = LARGEST_SLOPES.get(units.activation)
    return 0 if largest is None else int((units.slope < SATURATED_SLOPE * largest).sum())


def listed(items: Sequence[str]) -> str:
    """Join items with commas, and "and" before the last; "" for none."""
    return "".join(items) if len(items) < 2 else f"{', '.join(items[:-1])} and {items[-1]}"


def _percent(share: float) -> str:
    return "less than 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"

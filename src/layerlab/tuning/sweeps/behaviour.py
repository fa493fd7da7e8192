"""Describe a cost curve in a word and a sentence: it fell, crept, got stuck, oscillated, rose or diverged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from layerlab.formulas.arrays import Floats
from layerlab.runs.history import History

FAINT = 1e-9
"""A change that is a smaller share of the first cost is taken for rounding."""

SWING = 0.5
"""A curve oscillated if its steps upwards add up to at least this share of its fall from first to lowest cost."""

HALF = 0.5
"""A curve crept or got stuck if it fell less than this share of the way from its start to the lowest of all curves."""

LEAST_FALL = 0.05
"""The way from a curve's start to the lowest of all curves counts as at least this share of the curve's first cost, so
that where no curve moves, none fell."""

STILL = 0.01
"""A curve crept rather than got stuck if its last tenth brought at least this share of its fall."""


class Behaviour(NamedTuple):
    """What a cost curve did.

    Attributes:
        word: "fell", "crept", "stuck", "oscillated", "rose" or "diverged".
        sentence: the same with its numbers.
    """

    word: str
    sentence: str


def behaviours(histories: Sequence[History]) -> list[Behaviour]:
    """Describe the curves of several models; the one that came lowest says how far the others could have fallen.

    Each is measured from its own start: other initial weights begin at another cost, which is no merit.

    Args:
        histories: the costs of each model, up to the first that is not finite.

    Returns:
        One word and sentence for each model.
    """
    lowest = min((float(_from_start(history).min()) for history in histories if _finite(history)), default=math.inf)
    return [_behaviour(history, lowest) for history in histories]


def _finite(history: History) -> bool:
    return len(history.costs) > 0 and bool(np.isfinite(history.costs[-1]))


def _from_start(history: History) -> Floats:
    """The curve with the very first cost before it: an epoch's mean over many iterations may hide where it started."""
    return history.curve if history.every == 1 else np.append(history.costs[:1], history.curve)


def _behaviour(history: History, lowest: float) -> Behaviour:
    n = len(history.costs)
    if n == 0:
        return Behaviour("stuck", "made no step")
    if not _finite(history):
        when = f"at iteration {n - 1:,}" if n > 1 else "from the start"
        return Behaviour("diverged", f"diverged: its cost was not finite {when}")
    curve = _from_start(history)
    # fall: how far this curve came down; furthest: how far it would have, had it reached the lowest of all curves
    steps, fall, furthest = np.diff(curve), float(curve[0] - curve.min()), float(curve[0]) - lowest
    up, start, last = float(steps[steps > 0].sum()), f"{curve[0]:.4g}", f"{curve[-1]:.4g}"
    unit = "steps" if history.every == 1 else "epochs"
    if up >= SWING * fall and up > FAINT * abs(curve[0]):
        ups = f"up in {_percent((steps > 0).mean())} of its {unit}"
        if curve[-1] >= curve[0]:
            return Behaviour("rose", f"rose from {start} to {last}, {ups}")
        high = f"as high as {curve.max():.4g}" if curve.max() > curve[0] else f"by {up:.2g} in all"
        return Behaviour("oscillated", f"oscillated from {start} to {last}, {ups}, {high}")
    if fall >= HALF * max(furthest, LEAST_FALL * abs(curve[0])):
        return Behaviour("fell", f"fell from {start} to {last}")
    share = f", {_percent(fall / furthest)} as far as the best" if fall < furthest else ""
    # what the last tenth brought, to tell a slow curve from one that stands still
    late = curve[-1 - max(1, len(curve) // 10)] - curve[-1] if len(curve) > 1 else 0.0
    if late >= STILL * fall > FAINT * abs(curve[0]):
        return Behaviour("crept", f"crept from {start} to {last}{share}, and was still falling")
    return Behaviour("stuck", f"got stuck at {last}, from {start}{share}")


def _percent(share: float) -> str:
    return "less than 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"

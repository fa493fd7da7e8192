"""What a cost curve did, in a word and a sentence: fell, crept, stuck, oscillated, rose or diverged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from layerlab.formulas.arrays import Floats
from layerlab.runs.history import History

FAINT = 1e-9
"""A way that is a smaller share of the first cost is rounding."""

SWING = 0.5
"""Oscillated: its steps upwards add up to at least this share of the way from its first cost to its lowest."""

HALF = 0.5
"""Crept or stuck: it fell less than this share of the way from its own start to where the lowest curve came."""

LITTLE = 0.05
"""That way counts as at least this share of a curve's first cost: of curves that all stay where they are, none fell."""

STILL = 0.01
"""Crept rather than stuck: the last tenth of the curve brought at least this share of its fall."""


class Behaviour(NamedTuple):
    """What a curve did.

    Attributes:
        word: "fell", "crept", "stuck", "oscillated", "rose" or "diverged".
        sentence: the same with its numbers.
    """

    word: str
    sentence: str


def behaviours(histories: Sequence[History]) -> list[Behaviour]:
    """What the curve of each of several models did; how far is far is told by the one that came lowest.

    Each is measured from its own start: other initial weights begin at another cost, which is no merit.

    Args:
        histories: costs of each model, ending at the first that is not finite.
    """
    lowest = min((float(_from_start(history).min()) for history in histories if _finite(history)), default=math.inf)
    return [_behaviour(history, lowest) for history in histories]


def _finite(history: History) -> bool:
    return len(history.costs) > 0 and bool(np.isfinite(history.costs[-1]))


def _from_start(history: History) -> Floats:
    """The curve from the very first cost on: a mean of many iterations may hide where it started."""
    return history.curve if history.every == 1 else np.append(history.costs[:1], history.curve)


def _behaviour(history: History, lowest: float) -> Behaviour:
    n = len(history.costs)
    if n == 0:
        return Behaviour("stuck", "made no step")
    if not _finite(history):
        when = f"at iteration {n - 1:,}" if n > 1 else "from the start"
        return Behaviour("diverged", f"diverged: its cost was not finite {when}")
    curve = _from_start(history)
    steps, fall, furthest = np.diff(curve), float(curve[0] - curve.min()), float(curve[0]) - lowest
    up, start, last = float(steps[steps > 0].sum()), f"{curve[0]:.4g}", f"{curve[-1]:.4g}"
    unit = "steps" if history.every == 1 else "epochs"
    if up >= SWING * fall and up > FAINT * abs(curve[0]):
        ups = f"up in {_percent((steps > 0).mean())} of its {unit}"
        if curve[-1] >= curve[0]:
            return Behaviour("rose", f"rose from {start} to {last}, {ups}")
        high = f"as high as {curve.max():.4g}" if curve.max() > curve[0] else f"by {up:.2g} in all"
        return Behaviour("oscillated", f"oscillated from {start} to {last}, {ups}, {high}")
    if fall >= HALF * max(furthest, LITTLE * abs(curve[0])):
        return Behaviour("fell", f"fell from {start} to {last}")
    share = f", {_percent(fall / furthest)} as far as the best" if fall < furthest else ""
    late = curve[-1 - max(1, len(curve) // 10)] - curve[-1] if len(curve) > 1 else 0.0
    if late >= STILL * fall > FAINT * abs(curve[0]):
        return Behaviour("crept", f"crept from {start} to {last}{share}, and was still falling")
    return Behaviour("stuck", f"got stuck at {last}, from {start}{share}")


def _percent(share: float) -> str:
    return "less than 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"

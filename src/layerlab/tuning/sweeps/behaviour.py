"""What the members of a sweep did: each one's verdict, and how far its cost fell, compared with the best one's."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from layerlab.runs.findings import Verdict
from layerlab.runs.history import History
from layerlab.runs.verdict import from_start

HALF = 0.5
"""If a cost fell by less than this share of the way to the lowest cost of all, its sentence says how far it fell."""


def beside_the_best(histories: Sequence[History], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts; where a cost fell much less than the best one's, the sentence says how far.

    Each is measured from its own start, since other initial weights begin at another cost.

    Args:
        histories: the costs of each member.
        verdicts: the verdicts of each member alone.
    """
    curves = [from_start(history) if len(history.costs) else np.full(1, math.nan) for history in histories]
    lowest = min((float(curve.min()) for curve in curves if np.isfinite(curve[-1])), default=math.inf)
    return [_beside(curve, verdict, lowest) for curve, verdict in zip(curves, verdicts, strict=True)]


def _beside(curve: np.ndarray, verdict: Verdict, lowest: float) -> Verdict:
    fall, furthest = float(curve[0] - curve.min()), float(curve[0]) - lowest
    if verdict.word in ("diverged", "rose") or not fall < HALF * furthest:
        return verdict
    share = 100 * fall / furthest
    said = "less than 1" if share < 0.5 else f"{share:.0f}"
    what, stop, units = verdict.sentence.removesuffix(".").partition(". ")
    return verdict._replace(sentence=f"{what} ({said} % of the best one's fall){stop}{units}.")

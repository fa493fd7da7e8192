"""What a cost curve did, in a word and a sentence: fell, crept, stuck, oscillated, rose or diverged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SWING = 0.5
"""Oscillated: its steps upwards add up to at least this share of the way from its first cost to its lowest."""

HALF = 0.5
"""Crept or stuck: it fell less than this share of the way that the best curve fell."""

STILL = 0.01
"""Crept rather than stuck: the last tenth of the iterations brought at least this share of its fall."""


class Behaviour(NamedTuple):
    """What a curve did.

    Attributes:
        word: "fell", "crept", "stuck", "oscillated", "rose" or "diverged".
        sentence: the same with its numbers.
    """

    word: str
    sentence: str


def behaviours(curves: Sequence[NDArray[np.float64]]) -> list[Behaviour]:
    """What each of several curves did; how far is far is told by the one that fell furthest.

    Args:
        curves: costs (n,) of each model, ending at the first that is not finite.
    """
    furthest = max((_fall(costs) for costs in curves if len(costs) and np.isfinite(costs).all()), default=0.0)
    return [_behaviour(costs, furthest) for costs in curves]


def _rounded(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _fall(costs: NDArray[np.float64]) -> float:
    return float(costs[0] - costs.min())


def _behaviour(costs: NDArray[np.float64], furthest: float) -> Behaviour:
    if len(costs) == 0:
        return Behaviour("stuck", "made no step")
    if not np.isfinite(costs[-1]):
        when = f"at iteration {len(costs) - 1:,}" if len(costs) > 1 else "from the start"
        return Behaviour("diverged", f"diverged: its cost was not finite {when}")
    steps, fall = np.diff(costs), _fall(costs)
    up, net = float(steps[steps > 0].sum()), f"from {costs[0]:.4g} to {costs[-1]:.4g}"
    if up >= SWING * fall and up > 0:
        ups = f"up in {100 * (steps > 0).mean():.0f} % of its steps"
        if costs[-1] >= costs[0]:
            return Behaviour("rose", f"rose {net}, {ups}")
        return Behaviour("oscillated", f"oscillated {net}, {ups}, {_rounded(up / fall)} times as far as it fell in all")
    if fall >= HALF * furthest:
        return Behaviour("fell", f"fell {net}")
    share = f"{100 * fall / furthest:.0f} % as far as the best"
    late = costs[-1 - max(1, len(costs) // 10)] - costs[-1] if len(costs) > 1 else 0.0
    if late >= STILL * fall > 0:
        return Behaviour("crept", f"crept {net}, {share}, and was still falling")
    return Behaviour("stuck", f"got stuck {net}, {share}")

"""Successive halving: trials are trained a part of the way, and the best of them go on from where they are.

A trial is kept if it is among the best 1/η of all that were seen at its rung: those of its own task, and those of all
earlier batches. That is asynchronous successive halving (Li et al. 2020, "A system for massively parallel
hyperparameter tuning") with "seen" made a pure function of the batches, so that who computed what when does not matter.

It is decided once with all blocks of held-out examples, and once without each of them, for the report on that block: a
trial goes on where one of these decisions keeps it, and counts where the decision in question did.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

ETA = 4
"""One of so many goes on."""

RUNGS = 2
"""How often it is decided."""

MOMENTS = 20
"""At which the held-out examples are looked at, evenly by the logarithm of the iterations."""

FIRST = 64
"""The first moment is at one of so many of the iterations."""


def rungs(iterations: int, eta: int) -> list[int]:
    """Iterations after which trials are given up; none with η = 1.

    Example:
        >>> rungs(900, 3)
        [100, 300]
    """
    if eta == 1:
        return []
    wanted = [math.ceil(iterations / eta**k) for k in range(RUNGS, 0, -1)]
    return [one for one in dict.fromkeys(wanted) if one < iterations]


def moments(iterations: int, eta: int) -> list[int]:
    """Iterations after which the held-out examples are looked at; the rungs and the end are among them.

    Example:
        >>> moments(8, 1)
        [1, 2, 3, 4, 5, 6, 7, 8]
    """
    first = max(1.0, iterations / FIRST)
    spaced = np.geomspace(first, iterations, MOMENTS).round().astype(int)
    return sorted({*spaced.tolist(), *rungs(iterations, eta), iterations})


def in_question(scores: Floats, passed: NDArray[np.int64], rung: int) -> Floats:
    """Scores at a rung of those trials that a decision has kept so far; nan for those that only others keep.

    Args:
        scores: (n, D) or (D,) at the rung.
        passed: of the same shape, rungs at which each decision kept a trial.
        rung: number of the rung, from 0.
    """
    return np.where(passed >= rung, scores, np.nan)


def kept(scores: Floats, seen: Sequence[Floats], eta: int) -> NDArray[np.bool_]:
    """Which trials of a task are kept by each decision.

    Args:
        scores: (n, D) at a rung for each of D decisions, less is better; what is not finite is never
            kept, and what is nan does not count.
        seen: (D,) scores of each trial of earlier batches that came to the same rung.
        eta: η.

    Returns:
        (n, D).

    Example:
        >>> kept(np.array([[0.3], [0.1], [0.2], [0.4]]), [], 3).ravel()
        array([False,  True,  True, False])
    """
    every = np.sort(np.vstack([scores, *seen]), axis=0)
    seen_of_each = (~np.isnan(every)).sum(axis=0)
    places = np.maximum(np.ceil(seen_of_each / eta).astype(int) - 1, 0)
    bar = every[places, np.arange(every.shape[1])]
    return np.asarray(np.isfinite(scores) & (scores <= bar))

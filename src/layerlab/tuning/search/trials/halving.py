"""Successive halving: trials are trained part of the way, and the best of them go on from where they are.

A trial is kept at a rung if it is among the best 1/η of all trials that came to it: those of its own task, and those of
all earlier batches. That is asynchronous successive halving (Li et al. 2020, "A system for massively parallel
hyperparameter tuning"), with one difference: the trials that it compares with depend only on the batches. So it does
not matter which process computed what, and when.

Pruning is a choice, and examples that score a choice must not influence it. So there are 1 + B decisions (D in the
code): one with all blocks of held-out examples, and one without each of them, for the score on that block. A trial goes
on while one of the decisions keeps it; a score uses only the trials that its own decision kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

ETA = 4
"""The default of η: one of this many trials goes on."""

RUNGS = 2
"""Number of rungs, at each of which it is decided which trials go on."""

MOMENTS = 20
"""Number of moments at which the held-out examples are scored; they are evenly spaced on a logarithmic scale."""

FIRST = 64
"""The first moment is after 1 / FIRST of the iterations."""


def rungs(iterations: int, eta: int) -> list[int]:
    """Return the iterations after which trials may be pruned; none with η = 1.

    Example:
        >>> rungs(900, 3)
        [100, 300]
    """
    if eta == 1:
        return []
    wanted = [math.ceil(iterations / eta**k) for k in range(RUNGS, 0, -1)]
    return [one for one in dict.fromkeys(wanted) if one < iterations]


def moments(iterations: int, eta: int) -> list[int]:
    """Return the iterations after which the held-out examples are scored; the rungs and the end are among them.

    Example:
        >>> moments(8, 1)
        [1, 2, 3, 4, 5, 6, 7, 8]
    """
    first = max(1.0, iterations / FIRST)
    spaced = np.geomspace(first, iterations, MOMENTS).round().astype(int)
    return sorted({*spaced.tolist(), *rungs(iterations, eta), iterations})


def scores_in_question(scores: Floats, passed: NDArray[np.int64], rung: int) -> Floats:
    """Return the scores at a rung of the trials that a decision has kept so far; nan for trials kept by others only.

    Args:
        scores: (n, D) or (D,) at the rung.
        passed: (n, D) or (D,) number of rungs at which each decision kept a trial.
        rung: number of the rung, from 0.
    """
    return np.where(passed >= rung, scores, np.nan)


def kept_trials(scores: Floats, seen: Sequence[Floats], eta: int) -> NDArray[np.bool_]:
    """Decide which trials of a task are kept at a rung.

    Args:
        scores: (n, D) for each of D decisions, lower is better; a score that is not finite is never kept, and nan is
            not compared with.
        seen: (D,) scores of each trial of earlier batches that came to the same rung.
        eta: η.

    Returns:
        (n, D) whether each decision keeps each trial.

    Example:
        >>> kept_trials(np.array([[0.3], [0.1], [0.2], [0.4]]), [], 3).ravel()
        array([False,  True,  True, False])
    """
    # the bar of each decision is the score in place ceil(seen / η) of all that were seen; nan is sorted to the end
    every = np.sort(np.vstack([scores, *seen]), axis=0)
    seen_of_each = (~np.isnan(every)).sum(axis=0)
    places = np.maximum(np.ceil(seen_of_each / eta).astype(int) - 1, 0)
    bar = every[places, np.arange(every.shape[1])]
    return np.asarray(np.isfinite(scores) & (scores <= bar))

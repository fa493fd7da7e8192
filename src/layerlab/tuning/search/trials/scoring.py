"""The score of a trial: each block of held-out examples is scored at the moment at which the others would stop.

Stopping at the moment that is best on the same examples would make the score too good.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

Curves = Floats
"""(E, B): what a trial is ranked by, at each of E moments on each of B blocks; lower is better."""


LEAST_BLOCKS = 3
"""Blocks that are needed at least: one to report, one to rank, one to pick the moment."""


def best_moments(curves: Curves, without: int | None = None) -> NDArray[np.intp]:
    """(B,) number of the moment at which each block is scored: where the mean over the other blocks is lowest.

    Args:
        curves: (E, B), B at least 3; a value that is not finite counts as infinitely bad.
        without: a block that has no say in the moments of the others either, because it is kept for a report.
    """
    if without is not None:
        chosen = best_moments(curves)
        others = np.arange(curves.shape[1]) != without  # these choose among themselves, as if the block were not there
        chosen[others] = best_moments(curves[:, others])
        return chosen
    finite = np.where(np.isfinite(curves), curves, np.inf)
    return np.asarray(np.argmin(_others(finite), axis=0))


def _others(curves: Curves) -> Curves:
    """(E, B) for each block the mean over the other blocks, infinite where one of them is."""
    return np.stack([np.delete(curves, b, axis=1).mean(axis=1) for b in range(curves.shape[1])], axis=1)


def best_moment(curves: Curves) -> int:
    """Number of the moment at which the mean over all blocks is lowest: where training on all examples shall stop."""
    finite = np.where(np.isfinite(curves), curves, np.inf)
    return int(np.argmin(finite.mean(axis=1)))


def score(curves: Curves, sizes: NDArray[Any], blocks: NDArray[np.bool_] | None = None) -> float:
    """The mean over the held-out examples, each block at the moment at which the others would stop.

    Args:
        curves: (E, B).
        sizes: (B,) examples in each block.
        blocks: (B,) which blocks are used, at least two; None for all. Nothing is read from the others.

    Example:
        >>> score(np.array([[0.6, 0.7], [0.4, 0.5], [0.5, 0.3]]), np.array([10, 10]))
        0.5
    """
    if blocks is not None:
        curves, sizes = curves[:, blocks], sizes[blocks]
    at = curves[best_moments(curves), np.arange(curves.shape[1])]
    value = float((at * sizes).sum() / sizes.sum())
    return value if math.isfinite(value) else math.inf


def decision_scores(curves: Curves, sizes: NDArray[Any]) -> Floats:
    """(1 + B,) the score on all blocks, and on all but each of them: one for each decision that halving makes."""
    b = curves.shape[1]
    return np.array([score(curves, sizes), *(score(curves, sizes, np.arange(b) != without) for without in range(b))])

"""What a trial is worth: each block of held-out examples is counted at the moment that the others would stop at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

Curves = Floats
"""(E, B): a figure, less is better, at each moment on each block of held-out examples."""


LEAST_BLOCKS = 3
"""One to report, one to rank, one to pick the moment."""


def stops(curves: Curves, without: int | None = None) -> NDArray[np.intp]:
    """(B,) number of the moment at which each block is counted: the best of the other blocks' mean.

    Args:
        curves: (E, B), B at least 3; what is not finite counts as infinitely bad.
        without: a block that has no say in the moments of the others either, because it is kept for a report.
    """
    if without is not None:
        chosen = stops(curves)
        others = np.arange(curves.shape[1]) != without
        chosen[others] = stops(curves[:, others])
        return chosen
    finite = np.where(np.isfinite(curves), curves, np.inf)
    return np.asarray(np.argmin(_others(finite), axis=0))


def _others(curves: Curves) -> Curves:
    """(E, B) mean over the other blocks, infinite where one of them is."""
    return np.stack([np.delete(curves, b, axis=1).mean(axis=1) for b in range(curves.shape[1])], axis=1)


def stop(curves: Curves) -> int:
    """Number of the moment at which all blocks together are best: where training on everything ends."""
    finite = np.where(np.isfinite(curves), curves, np.inf)
    return int(np.argmin(finite.mean(axis=1)))


def score(curves: Curves, sizes: NDArray[Any], blocks: NDArray[np.bool_] | None = None) -> float:
    """The mean over the held-out examples, each block at the moment that the others would stop at.

    Args:
        curves: (E, B).
        sizes: (B,) examples in each block.
        blocks: (B,) those that count, at least two; None for all. Of the others nothing is used.

    Example:
        >>> score(np.array([[0.6, 0.7], [0.4, 0.5], [0.5, 0.3]]), np.array([10, 10]))
        0.5
    """
    if blocks is not None:
        curves, sizes = curves[:, blocks], sizes[blocks]
    at = curves[stops(curves), np.arange(curves.shape[1])]
    value = float((at * sizes).sum() / sizes.sum())
    return value if math.isfinite(value) else math.inf


def decisions(curves: Curves, sizes: NDArray[Any]) -> Floats:
    """(1 + B,) the score of all blocks, and that without each of them."""
    b = curves.shape[1]
    return np.array([score(curves, sizes), *(score(curves, sizes, np.arange(b) != without) for without in range(b))])

"""What a trial is worth: counted on each block of held-out examples at the moment that the other blocks would stop at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Curves = NDArray[np.float64]
"""(E, B): a figure, less is better, at each moment on each block of held-out examples."""


def stops(curves: Curves) -> NDArray[np.intp]:
    """(B,) number of the moment at which each block is counted: the best of the other blocks' mean.

    Args:
        curves: (E, B), B at least 2; what is not finite counts as infinitely bad.
    """
    finite = np.where(np.isfinite(curves), curves, np.inf)
    others = (finite.sum(axis=1, keepdims=True) - finite) / (curves.shape[1] - 1)
    others = np.where(np.isnan(others), np.inf, others)  # infinity less itself
    return np.argmin(others, axis=0)


def stop(curves: Curves) -> int:
    """Number of the moment at which all blocks together are best: where training on everything ends."""
    finite = np.where(np.isfinite(curves), curves, np.inf)
    return int(np.argmin(finite.mean(axis=1)))


def score(curves: Curves, sizes: NDArray[Any], blocks: NDArray[np.bool_] | None = None) -> float:
    """The mean over the held-out examples, each block at the moment that the others would stop at.

    Args:
        curves: (E, B).
        sizes: (B,) examples in each block.
        blocks: (B,) those that count; None for all. With fewer, the others say nothing at all.

    Example:
        >>> score(np.array([[0.6, 0.7], [0.4, 0.5], [0.5, 0.3]]), np.array([10, 10]))
        0.5
    """
    if blocks is not None:
        curves, sizes = curves[:, blocks], sizes[blocks]
    if curves.shape[1] == 1:
        return float(curves[stop(curves), 0])
    at = curves[stops(curves), np.arange(curves.shape[1])]
    value = float((at * sizes).sum() / sizes.sum())
    return value if math.isfinite(value) else math.inf

"""The score of a trial: each block of held-out examples is scored at the moment at which the others would stop.

Stopping at the moment that is best on the same examples would make the score too good.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.evaluating.pseudo_values import pseudo_values
from layerlab.formulas import LOSSES
from layerlab.formulas.arrays import Floats
from layerlab.runs.metrics import RANKED_BY_CLASSES

Curves = Floats
"""(E, B): the number that ranks a trial, at each of E moments on each of B blocks; lower is better."""


LEAST_BLOCKS = 3
"""At least this many blocks are needed: one to score, one to rank, one to pick the moment."""


def mean_over_blocks(values: Floats, sizes: NDArray[Any]) -> Floats:
    """Return the mean (…,) over the held-out examples, from the means of each block (…, B) and their sizes (B,).

    Example:
        >>> print(mean_over_blocks(np.array([1.0, 4.0]), np.array([2, 1])))
        2.0
    """
    return np.asarray((values * sizes).sum(axis=-1) / sizes.sum())


def best_moments(curves: Curves, sizes: NDArray[Any], without: int | None = None) -> NDArray[np.intp]:
    """Return for each of the B blocks the moment at which it is scored: where the mean over other blocks is lowest.

    Args:
        curves: (E, B), B at least 3; a value that is not finite counts as infinitely bad.
        sizes: (B,) examples in each block.
        without: a block that is not used to pick the moments of the others either, because a choice is scored on it.
    """
    if without is not None:
        chosen = best_moments(curves, sizes)
        others = np.arange(curves.shape[1]) != without  # these choose among themselves, as if the block were not there
        chosen[others] = best_moments(curves[:, others], sizes[others])
        return chosen
    finite = np.where(np.isfinite(curves), curves, np.inf)
    return np.asarray(np.argmin(_others(finite, sizes), axis=0))


def _others(curves: Curves, sizes: NDArray[Any]) -> Curves:
    """Return for each block the mean over the other blocks' examples, (E, B); infinite where one of them is."""
    every = range(curves.shape[1])
    return np.stack([mean_over_blocks(np.delete(curves, b, axis=1), np.delete(sizes, b)) for b in every], axis=1)


def best_moment(curves: Curves, sizes: NDArray[Any]) -> int:
    """Return the moment at which the mean over all held-out examples is lowest: training on all examples ends there."""
    finite = np.where(np.isfinite(curves), curves, np.inf)
    return int(np.argmin(mean_over_blocks(finite, sizes)))


def score(curves: Curves, sizes: NDArray[Any], blocks: NDArray[np.bool_] | None = None) -> float:
    """Return the mean over the held-out examples, each block at the moment at which the others would stop.

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
    at = curves[best_moments(curves, sizes), np.arange(curves.shape[1])]
    value = float(mean_over_blocks(at, sizes))
    return value if math.isfinite(value) else math.inf


def share_right(output: str, predictions: NDArray[Any], Y: NDArray[Any]) -> Floats:
    """Return the share of each example's labels that are correct, (…, m).

    It is nan for regression, and where a prediction is not finite: nan would count as a class, which is often correct.

    Args:
        output: the output of the networks, a name in ``LOSSES``.
        predictions: (…, n_y, m).
        Y: (n_y, m).
    """
    labels = LOSSES[output].labels
    if labels is None:
        return np.full((*predictions.shape[:-2], predictions.shape[-1]), np.nan)
    right = (labels(predictions) == labels(Y)).mean(axis=-2)
    return np.where(np.isfinite(predictions).all(axis=-2), right, np.nan)


def example_scores(
    by: str, output: str, predictions: NDArray[Any], Y: NDArray[Any], blocks: Sequence[NDArray[np.bool_]]
) -> Floats:
    """Return a number for each example, (…, m), whose mean over a block is the block's score.

    For "balanced_accuracy", "roc_auc" and "average_precision" these are pseudo-values within the block
    (``evaluating.pseudo_values``), because areas of networks that were trained on different folds must not be pooled.
    They are nan outside the blocks, and if a prediction in the block is not finite. Otherwise it is ``share_right``.

    Args:
        by: what ranks.
        output: the output of the networks, a name in ``LOSSES``.
        predictions: (…, n_y, m).
        Y: (n_y, m).
        blocks: (m,) which examples are scored together, for each block.
    """
    labels = LOSSES[output].labels
    if by not in RANKED_BY_CLASSES or labels is None:
        return share_right(output, predictions, Y)
    parts = np.full((*predictions.shape[:-2], predictions.shape[-1]), np.nan)
    for place in np.ndindex(*predictions.shape[:-2]):
        for block in blocks:
            P = np.asarray(predictions[place][:, block], np.float64)
            if np.isfinite(P).all():
                parts[place][block] = pseudo_values(by, P, labels(P)[0], Y[:, block])
    return parts


def decision_scores(curves: Curves, sizes: NDArray[Any]) -> Floats:
    """Return 1 + B scores: on all blocks, and on all but each of them; one for each decision of halving."""
    b = curves.shape[1]
    return np.array([score(curves, sizes), *(score(curves, sizes, np.arange(b) != without) for without in range(b))])

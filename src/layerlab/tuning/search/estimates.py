"""Estimate how good a network is on examples that were not used to choose it, with an interval."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import class_numbers
from layerlab.evaluating.pseudo_values import score_interval, score_p_value
from layerlab.evaluating.statistics import (
    cross_validated_interval,
    mcnemar_p_value,
    paired_p_value,
    r_squared,
    wilson_interval,
)
from layerlab.formulas import LOSSES
from layerlab.formulas.arrays import Floats
from layerlab.runs.metrics import RANKED_BY_CLASSES

from .trials.scoring import example_scores

TINY = 1e-7
"""Probabilities are kept in float32; closer to 0 or 1 than this, their logarithm is only rounding."""


class Choice(NamedTuple):
    """The chosen trials: one, or several that are averaged.

    Attributes:
        trials: their numbers, the best first.
        score: what the choice was ranked by; lower is better.
    """

    trials: tuple[int, ...]
    score: float


class Estimate(NamedTuple):
    """A score with its 95 % interval.

    Attributes:
        figure: accuracy for classification (or the score that ranks the trials), R² for regression; nan if the network
            diverged.
        low, high: the interval's ends; nan if there is none.
        cost: the mean loss.
        right: (m,) share of each example's labels that are correct, or what it adds to the score of classes;
            for regression the negative squared error; nan where a prediction is not finite.
    """

    figure: float
    low: float
    high: float
    cost: float
    right: Floats


def estimate(
    output: str,
    predictions: Floats,
    Y: Floats,
    folds: int = 0,
    by: str = "accuracy",
    block: NDArray[Any] | None = None,
) -> Estimate:
    """Estimate accuracy, or the score of classes that ranks, with its interval; or R² without one.

    Args:
        output: the output of the networks, a name in ``LOSSES``.
        predictions, Y: (n_y, m).
        folds: number of folds, each predicted by models that were trained on the other folds; that makes predictions
            depend on each other, and the interval wider. 0 for a separate set.
        by: what ranks.
        block: (m,) numbers of the blocks in which a score of classes is taken; None for all examples together.
    """
    right = correctness(output, predictions, Y, by, block)
    cost = float(prediction_losses(output, predictions, Y).mean())
    if LOSSES[output].labels is None:
        return Estimate(r_squared(np.asarray(Y, np.float64), predictions), np.nan, np.nan, cost, right)
    if not np.isfinite(right).all():  # of a network that diverged
        return Estimate(np.nan, np.nan, np.nan, cost, right)
    if by in RANKED_BY_CLASSES:
        mean, (low, high) = score_interval(right, class_numbers(Y), folds)
        return Estimate(mean, max(0.0, low), min(1.0, high), cost, right)
    if folds > 1:
        low, high = cross_validated_interval(float(right.mean()), len(right), folds)
    else:
        low, high = wilson_interval(round(float(right.sum())), len(right))
    return Estimate(float(right.mean()), low, high, cost, right)


def prediction_losses(output: str, predictions: Floats, Y: Floats) -> Floats:
    """Return (m,) the loss of each example's prediction; it is computed from logits, which the losses take."""
    if output == "sigmoid":
        inside = np.clip(predictions, TINY, 1 - TINY)
        logits = np.log(inside) - np.log1p(-inside)
    elif output in ("softmax", "poisson"):
        logits = np.log(np.maximum(predictions, TINY))
    else:
        logits = predictions
    losses: Floats = LOSSES[output].losses(logits, np.asarray(Y, np.float64))
    return losses


def correctness(
    output: str, predictions: Floats, Y: Floats, by: str = "accuracy", block: NDArray[Any] | None = None
) -> Floats:
    """Return (m,) the share of each example's labels that are right, or what it adds to the score of classes.

    For regression the negative squared error. nan where a prediction is not finite.
    """
    if LOSSES[output].labels is None:
        return -np.asarray(((predictions - Y) ** 2).sum(axis=0), np.float64)
    together = np.zeros(Y.shape[1], np.int64) if block is None else block
    return example_scores(by, output, predictions, Y, [together == number for number in np.unique(together)])


def paired(output: str, first: Estimate, second: Estimate, Y: Floats, by: str = "accuracy") -> tuple[int, int, float]:
    """Compare two networks on the same examples, whose true values are Y (n_y, m).

    Returns:
        The number of examples that only the first network predicts correctly (for regression: more closely), the number
        for the second network, and the p-value of the difference. If one of them diverged: 0, 0 and nan. For a score of
        classes no single example decides, and both numbers are 0.
    """
    if not (np.isfinite(first.right).all() and np.isfinite(second.right).all()):
        return 0, 0, np.nan
    if by in RANKED_BY_CLASSES:
        return 0, 0, score_p_value(first.right, second.right, class_numbers(Y))
    only_first, only_second = int((first.right > second.right).sum()), int((first.right < second.right).sum())
    if LOSSES[output].labels is None:
        return only_first, only_second, paired_p_value(first.right, second.right)
    return only_first, only_second, mcnemar_p_value(only_first, only_second)

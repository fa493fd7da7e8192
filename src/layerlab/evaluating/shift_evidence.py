"""Measure, with trees instead of the network, whether a test set from later or from elsewhere is harder for any model.

A network that fits the training set much better than such a test set may have memorised the training examples, or the
data may have changed. Trees that learn from four fifths of the training set show which: the other fifth is as new to
them as the test set, so only a change makes the test set harder.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from layerlab.datasets import Dataset, Part
from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.text import amount, percent

from .boosted_baseline import OutOfTimeError, boosted_baseline, is_quick
from .statistics import mean_interval, wilson_interval

SECONDS = 2.0
"""Seconds that the trees may take; if they take longer, nothing is measured."""

FEWEST_ROWS = 100
"""Rows that the training set must have, so that a fifth of them is enough to measure on."""

_LEARNED = "Boosted trees were trained on a random four fifths of the training set. They"


class Shift(NamedTuple):
    """How well the trees predict held-out training examples and the test set.

    Attributes:
        what: both scores, in a sentence without its full stop.
        shown: whether the test set is shown to be harder: the two 95 % intervals do not overlap.
    """

    what: str
    shown: bool


def measure_shift(dataset: Dataset, classes: bool, seed: int = 0) -> Shift | None:
    """Compare how well trees predict a held-out fifth of the training set and the test set.

    Args:
        dataset: the dataset, prepared as for the network.
        classes: whether the labels are classes.
        seed: the seed of the random choice of the fifth.

    Returns:
        None where it cannot be measured: for images, wide arrays, streams, few rows, or trees that take too long.

    Example:
        >>> X = np.random.RandomState(0).rand(2, 600)
        >>> moved = Dataset("moved", Part(X[:, :500], X[:1, :500]), Part(X[:, 500:], X[:1, 500:] + 1))
        >>> measure_shift(moved, classes=False).shown
        True
    """
    m = dataset.train.X.shape[1]
    if dataset.stream is not None or not is_quick(dataset) or m < FEWEST_ROWS:
        return None
    held_out = np.random.RandomState(seed).permutation(m)[: m // 5]
    learned = np.setdiff1d(np.arange(m), held_out)
    train, test = dataset.train, dataset.test
    both = Part(np.hstack([train.X[:, held_out], test.X]), np.hstack([train.Y[:, held_out], test.Y]))
    split = replace(dataset, raw=None, train=Part(train.X[:, learned], train.Y[:, learned]), test=both)
    try:
        predictions = boosted_baseline(split, classes=classes, seed=seed, seconds=SECONDS).predictions
    except (InputError, OutOfTimeError):
        return None
    n = len(held_out)
    if classes:
        right = predictions[0] == class_numbers(both.Y)
        inside, outside = (wilson_interval(int(some.sum()), len(some)) for some in (right[:n], right[n:]))
        scores = f"{percent(right[:n].mean())} of the other fifth and {percent(right[n:].mean())} of the test set"
        return Shift(f"{_LEARNED} classify {scores} correctly", outside[1] < inside[0])
    errors = np.abs(both.Y - predictions).mean(axis=0)
    (error, inside), (error_test, outside) = (mean_interval(some) for some in (errors[:n], errors[n:]))
    scores = f"{amount(error)} on the other fifth and by {amount(error_test)} on the test set"
    return Shift(f"{_LEARNED} are off by {scores}", inside[1] < outside[0])

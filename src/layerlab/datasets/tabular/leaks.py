"""Leaks: columns that predict the target alone, learned on one half of the training rows and checked on the other.

Each column predicts by a table of averages: over each word of a category, over each interval of a number. A column that
predicts almost every row in this way is more often a copy of the target than a discovery.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

from .splitting import class_codes, is_classes
from .table import Column, Table

LEAK_SCORE = 0.99
"""A notice says that a column alone predicts the target from this balanced accuracy (or R² of the ranks) on."""

MISSING_LEAK_SCORE = 0.95
"""The score that is enough if the target is predicted from whether a column has a value: it is probably filled in
later. For values it would be too low: petal width alone predicts the species of an iris with 0.95."""

MOST_LEAK_ROWS = 100_000
"""How many rows are examined."""

MOST_LEAK_CELLS = 20_000_000
"""How many cells are examined: with many columns, fewer rows."""

FEWEST_LEAK_ROWS = 40
"""With fewer rows, nothing is said, since a few rows can be predicted well by luck."""

INTERVALS = 4096
"""A number's range is cut into this many intervals with equally many values."""


class Leak(NamedTuple):
    """A column that alone predicts the target, with its score: balanced accuracy for classes, R² of ranks for numbers.

    ``by_missing`` says whether it is enough to know where the column has a value.
    """

    name: str
    score: float
    by_missing: bool = False


def find_leaks(table: Table, target: str, names: Sequence[str], seed: int = 0) -> tuple[Leak, ...]:
    """Find the columns that alone predict the target with a score of at least ``LEAK_SCORE``.

    ``MISSING_LEAK_SCORE`` is enough where the target is predicted from whether a column has a value.

    Args:
        table: the training rows, each with a target.
        target: the target's name; "truth" and "category" are classes.
        names: names of the columns that are examined.
        seed: seed of the random choice of rows and halves.
    """
    # What is learned on one half is measured on the other, so that a different name in each row is not called a leak.
    most = min(table.m, MOST_LEAK_ROWS, max(2 * FEWEST_LEAK_ROWS, MOST_LEAK_CELLS // max(1, len(names))))
    if most < FEWEST_LEAK_ROWS:
        return ()
    rows = np.random.RandomState(seed).permutation(table.m)[:most]
    half = most // 2
    values, score = _wanted(table[target], rows)
    weights = _weights(values[:half])
    learned, asked = values[:half] * weights, values[half:]
    found = []
    for name in names:
        leak = Leak(name, score(_predicted(table[name], rows, half, learned), asked))
        missing = table[name].missing[rows]
        if leak.score < LEAK_SCORE and missing.any():
            leak = Leak(name, score(_by_code(missing.astype(np.int64), 2, half, learned), asked), by_missing=True)
        found.append(leak)
    return tuple(leak for leak in found if leak.score >= (MISSING_LEAK_SCORE if leak.by_missing else LEAK_SCORE))


def _wanted(column: Column, rows: NDArray[np.int64]) -> tuple[Floats, Any]:
    """Return the target (rows, outputs), and the function that scores a prediction of it."""
    if is_classes(column):
        codes, names = class_codes(column)
        return np.eye(len(names))[codes[rows]], _balanced_accuracy
    return _ranks(np.asarray(column.values, np.float64)[rows])[:, None], _r2


def _ranks(values: Floats) -> Floats:
    """Ranks from 0 to 1, equal for equal values; without ranks, a few huge values would hide all others."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle: Floats = (np.cumsum(counts) - counts / 2)[places] / len(values)
    return middle


def _weights(wanted: Floats) -> Floats:
    """Return a weight for each class, so that rare classes count as much as frequent ones; 1 for a regression."""
    if wanted.shape[1] == 1:
        return np.ones(1)
    weights: Floats = 1.0 / np.maximum(wanted.sum(axis=0), 1.0)
    return weights


def _balanced_accuracy(predicted: Floats, target: Floats) -> float:
    """Return the mean of the recalls of all classes."""
    right = predicted.argmax(axis=1) == target.argmax(axis=1)
    counts = target.sum(axis=0)
    recalls = (target * right[:, None]).sum(axis=0)[counts > 0] / counts[counts > 0]
    return float(recalls.mean()) if len(recalls) > 1 else 0.0


def _r2(predicted: Floats, target: Floats) -> float:
    """Return the share of the variance that is explained."""
    spread = ((target - target.mean()) ** 2).sum()
    return float(1 - ((target - predicted) ** 2).sum() / spread) if spread > 0 else 0.0


def _predicted(column: Column, rows: NDArray[np.int64], half: int, learned: Floats) -> Floats:
    """Predict the rows after the first half from the column alone, (rows − half, outputs)."""
    if column.kind == "category":
        return _by_code(*_word_codes(column.values[rows]), half, learned)
    values = np.asarray(column.values, np.float64)[rows]
    if learned.shape[1] == 1:
        return _between(values, half, learned)
    return _by_code(*_interval_codes(values, half), half, learned)


def _word_codes(words: NDArray[Any]) -> tuple[NDArray[np.int64], int]:
    """Number the words of a category."""
    places: dict[Any, int] = {}
    codes = np.fromiter((places.setdefault(word, len(places)) for word in words), np.int64, len(words))
    return codes, len(places)


def _interval_codes(values: Floats, half: int) -> tuple[NDArray[np.int64], int]:
    """The interval of each value, by the values of the first half; missing values have an interval of their own."""
    known = np.unique(values[:half][~np.isnan(values[:half])])
    if len(known) > INTERVALS:
        known = known[np.linspace(0, len(known) - 1, INTERVALS).astype(np.int64)]
    codes = np.searchsorted((known[1:] + known[:-1]) / 2, values, side="right")
    return np.where(np.isnan(values), len(known), codes), len(known) + 1


def _by_code(codes: NDArray[np.int64], count: int, half: int, learned: Floats) -> Floats:
    """Predict the average of each code in the first half; for a new code, the average of all."""
    sums = np.stack([np.bincount(codes[:half], one, count) for one in learned.T], axis=1)
    rows = np.bincount(codes[:half], minlength=count)[:, None]
    predicted: Floats = np.where(rows > 0, sums / np.maximum(rows, 1), learned.mean(axis=0))[codes[half:]]
    return predicted


def _between(values: Floats, half: int, learned: Floats) -> Floats:
    """Predict by linear interpolation between the learned values; for missing values, their average."""
    first, missing = values[:half], np.isnan(values)
    predicted = np.full((len(values) - half, 1), learned.mean())
    if missing[:half].any():
        predicted[missing[half:]] = learned[missing[:half]].mean()
    if missing[:half].all():
        return predicted
    known, places, counts = np.unique(first[~missing[:half]], return_inverse=True, return_counts=True)
    means = np.bincount(places, learned[~missing[:half], 0]) / counts
    predicted[~missing[half:], 0] = np.interp(values[half:][~missing[half:]], known, means)
    return predicted

"""Columns that tell the target alone: learned on one half of the training rows, asked on the other.

Each is one table of averages: of a category by its word, of a number by the interval it is in. A column that tells
almost every row that way is more often a copy of the answer than a discovery.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

from .splitting import class_codes, is_classes
from .table import Column, Table

ALONE = 0.99
"""Balanced accuracy, or R² of the ranks, from which a column is said to tell the target alone."""

THERE = 0.95
"""The same from which a column is said to have values only where the answer is one of them: that it is filled in later
is likely then, while a measurement may well tell as much (the width of its petals tells an iris with 0.95)."""

MOST_ROWS = 100_000
"""Rows that are looked at."""

MOST_CELLS = 20_000_000
"""Cells that are looked at, so that many columns mean fewer rows."""

FEWEST = 40
"""Rows below which nothing is said: chance tells a few rows well."""

INTERVALS = 4096
"""Into which a number's range is cut, each with as many of its values."""


class Leak(NamedTuple):
    """A column that tells the target alone, and how well: balanced accuracy of classes, R² of the values' ranks.

    ``by_missing`` says whether it is enough to know where the column has a value.
    """

    name: str
    score: float
    by_missing: bool = False


def leaks(table: Table, target: str, names: Sequence[str], seed: int = 0) -> tuple[Leak, ...]:
    """The columns that tell the target with at least ``ALONE``, or with at least ``THERE`` by where they are missing.

    Args:
        table: the training rows, no target missing.
        target: its name; "truth" and "category" are classes.
        names: of the columns that are asked.
        seed: of the ``RandomState`` that chooses rows and halves.
    """
    most = min(table.m, MOST_ROWS, max(2 * FEWEST, MOST_CELLS // max(1, len(names))))
    if most < FEWEST:
        return ()
    rows = np.random.RandomState(seed).permutation(table.m)[:most]
    half = most // 2
    wanted, score = _wanted(table[target], rows)
    weights = _weights(wanted[:half])
    learned, asked = wanted[:half] * weights, wanted[half:]
    found = []
    for name in names:
        leak = Leak(name, score(_told(table[name], rows, half, learned), asked))
        missing = table[name].missing[rows]
        if leak.score < ALONE and missing.any():
            leak = Leak(name, score(_by_code(missing.astype(np.int64), 2, half, learned), asked), by_missing=True)
        found.append(leak)
    return tuple(leak for leak in found if leak.score >= (THERE if leak.by_missing else ALONE))


def _wanted(column: Column, rows: NDArray[np.int64]) -> tuple[Floats, Any]:
    """The target (rows, outputs), and how good a prediction of it is."""
    if is_classes(column):
        codes, names = class_codes(column)
        return np.eye(len(names))[codes[rows]], _balanced_accuracy
    return _ranks(np.asarray(column.values, np.float64)[rows])[:, None], _r2


def _ranks(values: Floats) -> Floats:
    """Places in the order from 0 to 1, equal values at one: a few huge values would hide what the others say."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle: Floats = (np.cumsum(counts) - counts / 2)[places] / len(values)
    return middle


def _weights(wanted: Floats) -> Floats:
    """One a class, so that a frequent class does not drown a rare one; 1 for values."""
    if wanted.shape[1] == 1:
        return np.ones(1)
    weights: Floats = 1.0 / np.maximum(wanted.sum(axis=0), 1.0)
    return weights


def _balanced_accuracy(told: Floats, wanted: Floats) -> float:
    right = told.argmax(axis=1) == wanted.argmax(axis=1)
    counts = wanted.sum(axis=0)
    recalls = (wanted * right[:, None]).sum(axis=0)[counts > 0] / counts[counts > 0]
    return float(recalls.mean()) if len(recalls) > 1 else 0.0


def _r2(told: Floats, wanted: Floats) -> float:
    spread = ((wanted - wanted.mean()) ** 2).sum()
    return float(1 - ((wanted - told) ** 2).sum() / spread) if spread > 0 else 0.0


def _told(column: Column, rows: NDArray[np.int64], half: int, learned: Floats) -> Floats:
    """What the column says of the rows behind the half, (rows − half, outputs)."""
    if column.kind == "category":
        return _by_code(*_word_codes(column.values[rows]), half, learned)
    values = np.asarray(column.values, np.float64)[rows]
    if learned.shape[1] == 1:
        return _between(values, half, learned)
    return _by_code(*_interval_codes(values, half), half, learned)


def _word_codes(words: NDArray[Any]) -> tuple[NDArray[np.int64], int]:
    places: dict[Any, int] = {}
    codes = np.fromiter((places.setdefault(word, len(places)) for word in words), np.int64, len(words))
    return codes, len(places)


def _interval_codes(values: Floats, half: int) -> tuple[NDArray[np.int64], int]:
    """The interval that each value is in, by the values of the half; a missing one is in one of its own."""
    known = np.unique(values[:half][~np.isnan(values[:half])])
    if len(known) > INTERVALS:
        known = known[np.linspace(0, len(known) - 1, INTERVALS).astype(np.int64)]
    codes = np.searchsorted((known[1:] + known[:-1]) / 2, values, side="right")
    return np.where(np.isnan(values), len(known), codes), len(known) + 1


def _by_code(codes: NDArray[np.int64], count: int, half: int, learned: Floats) -> Floats:
    """The average of what was learned by each code; of a code that is new, the average of all."""
    sums = np.stack([np.bincount(codes[:half], one, count) for one in learned.T], axis=1)
    rows = np.bincount(codes[:half], minlength=count)[:, None]
    told: Floats = np.where(rows > 0, sums / np.maximum(rows, 1), learned.mean(axis=0))[codes[half:]]
    return told


def _between(values: Floats, half: int, learned: Floats) -> Floats:
    """The line between the values that were learned, and the average for missing ones."""
    first, missing = values[:half], np.isnan(values)
    told = np.full((len(values) - half, 1), learned.mean())
    if missing[:half].any():
        told[missing[half:]] = learned[missing[:half]].mean()
    if missing[:half].all():
        return told
    known, places, counts = np.unique(first[~missing[:half]], return_inverse=True, return_counts=True)
    means = np.bincount(places, learned[~missing[:half], 0]) / counts
    told[~missing[half:], 0] = np.interp(values[half:][~missing[half:]], known, means)
    return told

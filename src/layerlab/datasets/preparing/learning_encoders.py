"""What the training rows say of each column, as its encoder.

A category is rare if it has fewer than ten examples (of less than a thousand rows: fewer than one in a hundred, but two
at least), since a weight learned from fewer is mostly chance; and if fifty others are more frequent, so that a
column of many values does not become most of the network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.printable_names import number_order
from layerlab.datasets.tabular.table import Column
from layerlab.formulas.arrays import Floats
from layerlab.formulas.scaling import quantiles, robust_scale

from .encoders import LARGEST_NUMBER, PERIODS, Category, Date, Encoder, Number, Truth, without_huge

FEWEST_EXAMPLES, FEWEST_SHARE, MOST_CATEGORIES = 10, 0.01, 50
"""A category with a row of its own has so many examples, or this share of the rows if that is less. At most so many
categories have one."""

MOST_RARE = 1000
"""Names of rare categories that are remembered, so that they can be told from new ones."""


def learn_encoder(column: Column) -> Encoder:
    """Learn the encoder of a column from its training rows."""
    return LEARNERS[column.kind](column)


def _number(column: Column) -> Number:
    """Learn the encoder of numbers."""
    return Number(column.name, *_learned_scale(column.values))


def _learned_scale(values: NDArray[Any]) -> tuple[float, float, tuple[float, ...], tuple[int, ...], int]:
    """Center, scale, edges and counts of numbers (m,), and how many are missing."""
    x = without_huge(values)
    here = x[~np.isnan(x)]
    missing = len(x) - len(here)
    if not len(here):
        return 0.0, float("inf"), (), (), missing
    center, scale = robust_scale(here[None])
    spread = float(scale[0, 0]) if scale[0, 0] > 1 / LARGEST_NUMBER else float("inf")
    edges = np.unique(np.concatenate(quantiles(here[None], np.linspace(0.0, 1.0, 11).tolist())))
    return float(center[0, 0]), spread, tuple(edges.tolist()), tuple(bin_counts(here, edges)), missing


def bin_counts(x: Floats, edges: Any) -> list[int]:
    """Count the numbers between two edges each; what lies beyond the ends belongs to the first or the last bin."""
    inner = np.asarray(edges)[1:-1]
    counts: list[int] = np.bincount(np.searchsorted(inner, x, side="right"), minlength=len(inner) + 1).tolist()
    return counts


def _truth(column: Column) -> Truth:
    """Learn the encoder of truth values."""
    values = np.asarray(column.values, np.float64)
    ones, zeros = int((values == 1).sum()), int((values == 0).sum())
    return Truth(column.name, tuple(column.words), (zeros, ones), len(values) - ones - zeros)


def _category(column: Column) -> Category:
    """Learn which categories get a row of their own, and which are rare."""
    counted = Counter(column.values.tolist())
    missing = counted.pop(None, 0) + counted.pop("", 0)
    few = min(FEWEST_EXAMPLES, max(2, int(np.ceil(FEWEST_SHARE * len(column.values)))))
    frequent = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
    kept = [value for value, count in frequent[:MOST_CATEGORIES] if count >= few]
    rare = frequent[len(kept) :]
    values = tuple(sorted(kept, key=number_order))
    counts = (*(counted[value] for value in values), sum(count for _, count in rare))
    return Category(column.name, values, counts, tuple(value for value, _ in rare[:MOST_RARE]), missing)


def _date(column: Column) -> Date:
    """Learn the encoder of dates: its scale, and the periods that training spans."""
    scale = _learned_scale(column.values)
    edges, x = scale[2], without_huge(column.values)
    span = edges[-1] - edges[0] if edges else 0.0
    has_times = bool((x[~np.isnan(x)] % 1.0 != 0).any())
    wanted = {"year": True, "week": True, "day": has_times}
    return Date(column.name, *scale, tuple(name for name in PERIODS if wanted[name] and span > PERIODS[name]))


LEARNERS: dict[str, Callable[[Column], Encoder]] = {
    "number": _number,
    "truth": _truth,
    "category": _category,
    "date": _date,
}
"""How each kind of column is learned."""

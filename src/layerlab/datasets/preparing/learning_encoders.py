"""What the training rows say of each column.

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

from layerlab.datasets.printable_names import by_value
from layerlab.datasets.tabular.table import Column
from layerlab.formulas.arrays import Floats
from layerlab.formulas.scaling import quantiles, robust_scale

from .encoders import LARGEST, PERIODS, Category, Date, Encoder, Number, Truth, limited

FEWEST, SHARE, MOST = 10, 0.01, 50
"""Of the examples of a category with a row of its own, and of such categories."""

MOST_RARE = 1000
"""Names of rare categories that are remembered, to be told from new ones."""


def encoder_of(column: Column) -> Encoder:
    """What one column of the training part says."""
    return LEARN[column.kind](column)


def _number(column: Column) -> Number:
    return Number(column.name, *_learned_scale(column.values))


def _learned_scale(values: NDArray[Any]) -> tuple[float, float, tuple[float, ...], tuple[int, ...], int]:
    """Center, scale, edges, counts and missing ones of numbers (m,)."""
    x = limited(values)
    here = x[~np.isnan(x)]
    missing = len(x) - len(here)
    if not len(here):
        return 0.0, float("inf"), (), (), missing
    center, scale = robust_scale(here[None])
    spread = float(scale[0, 0]) if scale[0, 0] > 1 / LARGEST else float("inf")
    edges = np.unique(np.concatenate(quantiles(here[None], np.linspace(0.0, 1.0, 11).tolist())))
    return float(center[0, 0]), spread, tuple(edges.tolist()), tuple(binned(here, edges)), missing


def binned(x: Floats, edges: Any) -> list[int]:
    """How many of the numbers lie between two edges each; what lies beyond the ends belongs to the first or last."""
    inner = np.asarray(edges)[1:-1]
    counts: list[int] = np.bincount(np.searchsorted(inner, x, side="right"), minlength=len(inner) + 1).tolist()
    return counts


def _truth(column: Column) -> Truth:
    values = np.asarray(column.values, np.float64)
    ones, zeros = int((values == 1).sum()), int((values == 0).sum())
    return Truth(column.name, tuple(column.words), (zeros, ones), len(values) - ones - zeros)


def _category(column: Column) -> Category:
    counted = Counter(column.values.tolist())
    missing = counted.pop(None, 0) + counted.pop("", 0)
    few = min(FEWEST, max(2, int(np.ceil(SHARE * len(column.values)))))
    frequent = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
    kept = [value for value, count in frequent[:MOST] if count >= few]
    rare = frequent[len(kept) :]
    values = tuple(sorted(kept, key=by_value))
    counts = (*(counted[value] for value in values), sum(count for _, count in rare))
    return Category(column.name, values, counts, tuple(value for value, _ in rare[:MOST_RARE]), missing)


def _date(column: Column) -> Date:
    scale = _learned_scale(column.values)
    edges, x = scale[2], limited(column.values)
    span = edges[-1] - edges[0] if edges else 0.0
    has_times = bool((x[~np.isnan(x)] % 1.0 != 0).any())
    wanted = {"year": True, "week": True, "day": has_times}
    return Date(column.name, *scale, tuple(name for name in PERIODS if wanted[name] and span > PERIODS[name]))


LEARN: dict[str, Callable[[Column], Encoder]] = {
    "number": _number,
    "truth": _truth,
    "category": _category,
    "date": _date,
}
"""By kind."""

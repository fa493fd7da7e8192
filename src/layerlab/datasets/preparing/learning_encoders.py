"""Learn the encoder of each column from the training rows.

A value of a category gets an input of its own if it has at least five examples (with fewer than 500 rows: one in a
hundred, but at least two). A weight learned from fewer examples is mostly chance. If memory does not allow an input for
each of these values, the most frequent ones get one. With ``max_categories``, exactly this many of the most frequent
values get an input, however few examples they have. All other values of the column share one input: they are pooled.

Numbers and dates are scaled in one of two ways, ``SCALING``: by median and quartiles, or by their ranks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.printable_names import number_order
from layerlab.datasets.tabular.table import Column
from layerlab.formulas.arrays import Floats
from layerlab.formulas.scaling import evenly_ranked, quantiles, robust_scale
from layerlab.settings import Setting

from .encoders import LARGEST_NUMBER, PERIODS, Category, Date, Encoder, Number, Truth, without_huge

FEWEST_EXAMPLES, FEWEST_SHARE = 5, 0.01
"""A value with an input of its own has so many examples, or this share of the rows if that is less. With five, all 142
countries in a table of 1704 rows get an input, and a column of random names with 3 to 6 rows each does little harm.
With two, the error was a third lower where the countries had 3 or 4 rows each, and a third higher with a column of
random names with 2 or 3 rows each: nobody can know without looking at the target."""

MAX_CATEGORIES = Setting(
    "max_categories",
    int,
    None,
    "How many of the most frequent values of a category have an input each",
    low=1,
    optional=True,
)
SCALING = Setting(
    "scaling",
    str,
    "robust",
    "How numbers and dates are scaled",
    choices=("robust", "quantile"),
)
"""The two ways of scaling numbers, and the usual one. ``formulas.scaling`` has both."""

MOST_KNOTS = 1000
"""How many training values describe the ranks of a column, so that a rank is right to within a two-thousandth."""

MOST_NUMBERS = 2**25
"""The inputs of all categories take at most this many numbers of the training set's X (256 MiB), unless
``max_categories`` is given. A training takes about three times as much memory."""

LEAST_LIMIT = 50
"""So many values of a column may have an input each, whatever memory they take."""

MOST_RARE = 1000
"""How many names of rare categories are remembered, so that they can be distinguished from new ones."""


class CountedValues(NamedTuple):
    """The training values of a category: (value, rows), the most frequent first, and how many are missing."""

    frequent: list[tuple[str, int]]
    missing: int

    @property
    def enough(self) -> int:
        """How many values have enough examples for an input of their own."""
        few = fewest_examples(sum(count for _, count in self.frequent) + self.missing)
        return sum(count >= few for _, count in self.frequent)


def learn_encoders(
    columns: Sequence[Column],
    max_categories: int | None = None,
    numbers: int = MOST_NUMBERS,
    scaling: str = SCALING.default,
) -> tuple[Encoder, ...]:
    """Learn the encoder of each column from the training rows.

    Args:
        columns: the columns, training rows only.
        max_categories: how many of the most frequent values of a category get an input each; None for all with enough
            rows, as far as ``numbers`` allows.
        numbers: how many numbers of X the inputs of all categories may take; 50 values of each column always fit.
        scaling: how numbers and dates are scaled, a choice of ``SCALING``.
    """
    counted = {one.name: count_values(one) for one in columns if one.kind == "category"}
    m = len(columns[0].values) if columns else 0
    limit = category_limit([one.enough for one in counted.values()], m, numbers)
    own = {name: max_categories or min(one.enough, limit) for name, one in counted.items()}
    return tuple(
        _category(one.name, counted[one.name], own[one.name])
        if one.kind == "category"
        else LEARNERS[one.kind](one, scaling)
        for one in columns
    )


def category_limit(counts: Sequence[int], m: int, numbers: int) -> int:
    """Return the largest number of values of one column for which the inputs of all columns fit, but at least 50.

    Args:
        counts: for each column, how many values have enough examples.
        m: number of training rows.
        numbers: how many numbers the inputs of all columns may take.

    Example:
        >>> category_limit([3, 400, 900], 1000, 1_000_000), category_limit([3, 400], 1000, 1_000_000)
        (597, 400)
    """
    room, columns = numbers // max(m, 1), len(counts)
    for place, count in enumerate(sorted(counts)):
        share = room // (columns - place)  # what a small column does not need is left for the larger ones
        if count > share:
            return max(LEAST_LIMIT, share)
        room -= count
    return max((LEAST_LIMIT, *counts))


def fewest_examples(m: int) -> int:
    """Return how many of m training rows a value needs for an input of its own."""
    return min(FEWEST_EXAMPLES, max(2, int(np.ceil(FEWEST_SHARE * m))))


def count_values(column: Column) -> CountedValues:
    """Count the values of a category."""
    counted = Counter(column.values.tolist())
    missing = counted.pop(None, 0) + counted.pop("", 0)
    return CountedValues(sorted(counted.items(), key=lambda entry: (-entry[1], entry[0])), missing)


def _number(column: Column, scaling: str) -> Number:
    """Learn the encoder of numbers."""
    scale = _learned_scale(column.values)
    return Number(column.name, *scale, knots=_knots(column.values, scale, scaling))


LearnedScale: TypeAlias = tuple[float, float, tuple[float, ...], tuple[int, ...], int]
"""Center, scale, edges, counts, and how many values are missing, as in ``Number``."""


def _knots(values: NDArray[Any], scale: LearnedScale, scaling: str) -> tuple[float, ...]:
    """Return the training values whose ranks scale a column; none for the robust way, or if the column is constant."""
    if scaling == "robust" or not np.isfinite(scale[1]):
        return ()
    x = without_huge(values)
    knots: list[float] = evenly_ranked(x[~np.isnan(x)], MOST_KNOTS).tolist()
    return tuple(knots)


def _learned_scale(values: NDArray[Any]) -> LearnedScale:
    """Return center, scale, edges and counts of numbers (m,), and how many are missing."""
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
    """Count the numbers between each edge and the next; numbers beyond the ends are in the first or last bin."""
    inner = np.asarray(edges)[1:-1]
    counts: list[int] = np.bincount(np.searchsorted(inner, x, side="right"), minlength=len(inner) + 1).tolist()
    return counts


def _truth(column: Column, scaling: str) -> Truth:  # noqa: ARG001  (called like the others)
    """Learn the encoder of a column of yes and no."""
    values = np.asarray(column.values, np.float64)
    ones, zeros = int((values == 1).sum()), int((values == 0).sum())
    return Truth(column.name, tuple(column.words), (zeros, ones), len(values) - ones - zeros)


def _category(name: str, counted: CountedValues, own: int) -> Category:
    """Learn which values (at most ``own``) get a row of their own, and which are pooled."""
    kept, pooled = dict(counted.frequent[:own]), counted.frequent[own:]
    values = tuple(sorted(kept, key=number_order))
    counts = (*(kept[value] for value in values), sum(count for _, count in pooled))
    return Category(name, values, counts, tuple(value for value, _ in pooled[:MOST_RARE]), counted.missing)


def _date(column: Column, scaling: str) -> Date:
    """Learn the encoder of dates: its scale, and the periods that the training dates span."""
    scale = _learned_scale(column.values)
    edges, x = scale[2], without_huge(column.values)
    span = edges[-1] - edges[0] if edges else 0.0
    known = x[~np.isnan(x)]
    has_times = bool((known % 1.0 != 0).any())
    days = np.floor(np.clip(known, -1e6, 1e6)).astype("M8[D]")  # years that NumPy can represent
    are_months = bool((days == days.astype("M8[M]")).all())  # the first of a month falls on any day of the week
    wanted = {"year": True, "week": not are_months, "day": has_times}
    periods = tuple(name for name in PERIODS if wanted[name] and span > PERIODS[name])
    return Date(column.name, *scale, periods, _knots(column.values, scale, scaling))


LEARNERS: dict[str, Callable[[Column, str], Encoder]] = {
    "number": _number,
    "truth": _truth,
    "date": _date,
}
"""How each kind of column is learned, except categories, which share a limit."""

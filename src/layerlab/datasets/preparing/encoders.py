"""One encoder for each kind of column: what was learned from it in training, and the rows of X that it becomes.

    number      (x − median) / scale, smoothly clipped, or the normal score of its rank (``formulas.scaling``)
    truth       −1 and 1
    category    a row of 0 and 1 for each value with enough examples, one for all others, one for "missing"
    date        the day as a number, and sine and cosine of the time of the year, the week and the day

A missing number, truth or date becomes 0 (for a number: the median, or the middle rank). If some were missing in
training, one more row says where. Rows of 0 and 1 are not scaled, so that each means what its name says. All rows are
within ±3.
``TabularScaler`` does centre and scale them, since its recipe was tuned in that way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.printable_names import usual_form
from layerlab.formulas.arrays import Floats
from layerlab.formulas.scaling import normal_scores, piecewise_linear, smooth_clip

LARGEST_NUMBER = 1e300
"""Larger numbers, and infinity, are cut to this one: all are clipped to ±3 anyway, and nothing overflows."""

PERIODS = {"year": 365.2425, "week": 7.0, "day": 1.0}
"""The days in each period. The year is the calendar's mean year: within a century it is at most two days off."""


@dataclass(frozen=True)
class Number:
    """The encoder of a column of numbers.

    Attributes:
        name: the column's name.
        center: its median.
        scale: its interquartile range, or another scale if that is 0; infinite if the column is constant (to within
            1 / ``LARGEST_NUMBER``) or has no value.
        edges: its least value, nine deciles and largest value, without repetitions; empty if it has no value.
        counts: how many values lie between each edge and the next.
        missing: how many values are missing.
        knots: training values with evenly spaced ranks, whose normal scores scale the column; empty if center and scale
            do. A constant column has none.
    """

    name: str
    center: float
    scale: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int
    knots: tuple[float, ...] = ()
    kind: ClassVar[str] = "number"

    def __post_init__(self) -> None:
        _check_scaled(self)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name for each row of X that this encoder makes."""
        return (self.name, *_missing_name(self))

    @cached_property
    def curve(self) -> tuple[Floats, Floats]:
        """The different knots in ascending order, and the normal score of each."""
        return _curve(self)

    def rows(self, values: NDArray[Any]) -> Floats:
        """Encode values (m,), NaN where missing, as rows of X (n, m)."""
        scaled = _scaled(self, values)
        return np.stack([scaled, *_missing_row(self, values)]) if self.missing else scaled[np.newaxis]


@dataclass(frozen=True)
class Truth:
    """The encoder of a column of yes and no.

    Attributes:
        name: the column's name.
        words: the file's words for 0 and 1, or empty.
        counts: how many 0 and how many 1 there are.
        missing: how many values are missing.
    """

    name: str
    words: tuple[str, ...]
    counts: tuple[int, ...]
    missing: int
    kind: ClassVar[str] = "truth"

    def __post_init__(self) -> None:
        _check(len(self.words) in (0, 2) and len(self.counts) == 2, "a column of yes and no has two values")

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name for each row of X that this encoder makes."""
        return (self.name, *_missing_name(self))

    def rows(self, values: NDArray[Any]) -> Floats:
        """Encode values (m,), which are 0, 1 or NaN where missing, as rows of X (n, m)."""
        sides = np.nan_to_num(2.0 * np.asarray(values, np.float64) - 1.0)
        return np.stack([sides, *_missing_row(self, values)])


@dataclass(frozen=True)
class Category:
    """The encoder of a column of categories.

    Attributes:
        name: the column's name.
        values: the values with a row of their own, in order.
        counts: how many examples each of them has, and last how many all rare values have together.
        rare: names of rare values, the most frequent first, at most ``learning_encoders.MOST_RARE``.
        missing: how many values are missing.
    """

    name: str
    values: tuple[str, ...]
    counts: tuple[int, ...]
    rare: tuple[str, ...]
    missing: int
    kind: ClassVar[str] = "category"

    def __post_init__(self) -> None:
        names = (*self.values, *self.rare)
        _check(len(set(names)) == len(names) and "" not in names, "a category is named twice or empty")
        _check(len(self.counts) == len(self.values) + 1, "a count for each category")
        _check(self.has_rare == bool(self.rare), "rare categories have names and counts")

    @property
    def has_rare(self) -> bool:
        """Whether the training set has rare values; then new values are treated as rare ones."""
        return bool(self.counts) and self.counts[-1] > 0

    @property
    def two_sided(self) -> bool:
        """Whether the column becomes a single row of −1 and 1."""
        return len(self.values) == 2 and not self.has_rare and not self.missing

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name for each row of X that this encoder makes."""
        if self.two_sided:
            return (f"{self.name}={self.values[1]}",)
        rare = (f"{self.name} rare or unseen",) if self.has_rare else ()
        return (*(f"{self.name}={value}" for value in self.values), *rare, *_missing_name(self))

    @cached_property
    def table(self) -> Floats:
        """(n_values + 2, n): the rows of X for each value, for any other value, and for a missing one."""
        if self.two_sided:
            return np.array([[-1.0], [1.0], [0.0], [0.0]])
        kept = [True] * len(self.values) + [self.has_rare, self.missing > 0]
        return np.ascontiguousarray(np.eye(len(kept))[:, kept])

    def places(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Return the row of ``table`` for each value (m,), None or "" where missing."""
        n = len(self.values)
        # A run of an earlier version may hold a category in another Unicode form than that of cells now.
        known: dict[str | None, int] = {usual_form(value): place for place, value in enumerate(self.values)}
        known |= {value: place for place, value in enumerate(self.values)}
        known |= {None: n + 1, "": n + 1}
        return np.fromiter((known.get(value, n) for value in values), np.int64, len(values))

    def rows(self, values: NDArray[Any]) -> Floats:
        """Encode values (m,), None where missing, as rows of X (n, m)."""
        rows: Floats = self.table.T[:, self.places(values)]
        return rows


@dataclass(frozen=True)
class Date:
    """The encoder of a column of dates, as days since 1970.

    Attributes:
        name, center, scale, edges, counts, missing, knots: as in ``Number``.
        periods: names in ``PERIODS`` that get sine and cosine rows: those that the training dates span, and the day if
            there are times of day.
    """

    name: str
    center: float
    scale: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int
    periods: tuple[str, ...]
    knots: tuple[float, ...] = ()
    kind: ClassVar[str] = "date"

    def __post_init__(self) -> None:
        _check_scaled(self)
        _check(len(set(self.periods)) == len(self.periods) and set(self.periods) <= set(PERIODS), "unknown periods")

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name for each row of X that this encoder makes."""
        waves = (f"{self.name} {wave} of the {period}" for period in self.periods for wave in ("sine", "cosine"))
        return (self.name, *waves, *_missing_name(self))

    @cached_property
    def curve(self) -> tuple[Floats, Floats]:
        """The different knots in ascending order, and the normal score of each."""
        return _curve(self)

    def rows(self, values: NDArray[Any]) -> Floats:
        """Encode days (m,), NaN where missing, as rows of X (n, m)."""
        waves = [wave for period in self.periods for wave in _waves(values, PERIODS[period])]
        return np.stack([_scaled(self, values), *waves, *_missing_row(self, values)])


Encoder: TypeAlias = Number | Truth | Category | Date


def without_huge(values: NDArray[Any]) -> Floats:
    """Return numbers cut to ±``LARGEST_NUMBER``, infinity included."""
    return np.clip(np.asarray(values, np.float64), -LARGEST_NUMBER, LARGEST_NUMBER)


def _scaled(encoder: Number | Date, values: NDArray[Any]) -> Floats:
    """Center, scale and clip numbers (m,), or take the normal scores of their ranks; a missing one becomes 0."""
    z = without_huge(values)  # a copy, which is overwritten
    if encoder.knots:
        scores: Floats = np.where(np.isnan(z), 0.0, piecewise_linear(z, *encoder.curve))
        return scores
    with np.errstate(over="ignore", invalid="ignore"):  # infinity is clipped to 3; a signalling nan stays nan
        z -= encoder.center
        z /= encoder.scale
    z[np.isnan(z)] = 0.0
    clipped: Floats = smooth_clip(z)
    return clipped


def _curve(encoder: Number | Date) -> tuple[Floats, Floats]:
    """Return the different knots of an encoder, (K,), and their normal scores, (K,)."""
    ranked = np.array(encoder.knots)
    knots, places = np.unique(ranked, return_index=True)
    return knots, normal_scores(ranked)[places]


def _waves(values: NDArray[Any], period: float) -> tuple[Floats, Floats]:
    """Sine and cosine of the place of each day (m,) in its period; both are 0 where the day is missing."""
    turns = without_huge(values) / period
    angle = 2.0 * np.pi * (turns - np.floor(turns))
    here = ~np.isnan(angle)
    angle = np.where(here, angle, 0.0)
    return np.sin(angle), np.cos(angle) * here


def _missing_row(encoder: Number | Truth | Date, values: NDArray[Any]) -> list[Floats]:
    """Return the row of X that says where a value is missing, if the encoder has one."""
    return [np.isnan(np.asarray(values, np.float64)).astype(np.float64)] if encoder.missing else []


def _missing_name(encoder: Encoder) -> tuple[str, ...]:
    """Return the name of that row, if there is one."""
    return (f"{encoder.name} missing",) if encoder.missing else ()


def _check_scaled(encoder: Number | Date) -> None:
    """Check a scaled encoder that was read from a file."""
    edges = encoder.edges
    _check(
        abs(encoder.center) <= LARGEST_NUMBER and encoder.scale > 1 / LARGEST_NUMBER, "center and scale are no scaling"
    )
    _check(all(low < high for low, high in pairwise(edges)), "edges do not ascend")
    _check(all(abs(edge) <= LARGEST_NUMBER for edge in edges), "an edge is not finite")
    knots = encoder.knots
    _check(all(low <= high for low, high in pairwise(knots)), "knots do not ascend")
    _check(all(abs(knot) <= LARGEST_NUMBER for knot in knots), "a knot is not finite")
    _check(not knots or knots[0] < knots[-1], "the knots are a single value")
    _check(len(encoder.counts) == max(len(edges) - 1, min(len(edges), 1)), "a count between two edges each")


def _check(right: bool, what: str) -> None:
    """Raise ValueError if what a file says is not right."""
    if not right:
        raise ValueError(what)

"""One encoder for each kind of column: what was learned of it in training, and the rows of X that are made of it.

    number      (x − median) / scale, smoothly clipped (``formulas.scaling``)
    truth       −1 and 1
    category    a row of 0 and 1 for each value with enough examples, one for all others, one for "missing"
    date        the days as a number, and sine and cosine of its place in the year, the week and the day

A missing number, truth or date is 0 (of a number: the median), and a row of its own says so if any was missing in
training. Rows of 0 and 1 stay as they are: every row lies within ±3, most within ±1, and a row says what its name says.
``TabularScaler`` centres and scales them too, since its recipe was tuned so.
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
from layerlab.formulas.scaling import smooth_clip

LARGEST_NUMBER = 1e300
"""Numbers beyond it, infinity among them, count as this one: it is clipped to ±3 in any case, and nothing overflows."""

PERIODS = {"year": 365.2425, "week": 7.0, "day": 1.0}
"""Days in a period of dates. The year is the calendar's mean year: within a century it is at most two days off."""


@dataclass(frozen=True)
class Number:
    """The encoder of a column of numbers.

    Attributes:
        name: the column's name.
        center: its median.
        scale: its interquartile range or what stands for it; infinite if the column is constant (to within
            1 / ``LARGEST_NUMBER``), or nothing was there.
        edges: its least value, nine deciles and largest value, without repetitions; empty if nothing was there.
        counts: how many values lie between two edges each.
        missing: how many were missing.
    """

    name: str
    center: float
    scale: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int
    kind: ClassVar[str] = "number"

    def __post_init__(self) -> None:
        _check_scaled(self)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name for each row of X that this encoder makes."""
        return (self.name, *_missing_name(self))

    def rows(self, values: NDArray[Any]) -> Floats:
        """Encode values (m,), NaN where missing, as rows of X (n, m)."""
        return np.stack([_scaled(self, values), *_missing_row(self, values)])


@dataclass(frozen=True)
class Truth:
    """The encoder of a column of truth values.

    Attributes:
        name: the column's name.
        words: what 0 and 1 were called in the file, or nothing.
        counts: how many 0 and 1 there were.
        missing: how many were missing.
    """

    name: str
    words: tuple[str, ...]
    counts: tuple[int, ...]
    missing: int
    kind: ClassVar[str] = "truth"

    def __post_init__(self) -> None:
        _check(len(self.words) in (0, 2) and len(self.counts) == 2, "truth values are two")

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
        values: those with a row of their own, in order.
        counts: how many examples each had, then how many the rare ones had together.
        rare: names of the rare ones, the most frequent first, not more than ``learning_encoders.MOST_RARE``.
        missing: how many were missing.
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
        """Whether there were rare values in training; new values count as rare ones then."""
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
        """(n_values + 2, n): the numbers in the rows of X for each value, for any other, and for a missing one."""
        if self.two_sided:
            return np.array([[-1.0], [1.0], [0.0], [0.0]])
        kept = [True] * len(self.values) + [self.has_rare, self.missing > 0]
        return np.ascontiguousarray(np.eye(len(kept))[:, kept])

    def places(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """The row of ``table`` for each value (m,), None or "" where missing."""
        n = len(self.values)
        # A run of an earlier version may have learned a category in another Unicode form than cells are read in now.
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
    """The encoder of a column of dates, which are days since 1970.

    Attributes:
        name, center, scale, edges, counts, missing: as of ``Number``.
        periods: names in ``PERIODS`` whose waves are rows: those that training spans, and the day if there are times.
    """

    name: str
    center: float
    scale: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int
    periods: tuple[str, ...]
    kind: ClassVar[str] = "date"

    def __post_init__(self) -> None:
        _check_scaled(self)
        _check(len(set(self.periods)) == len(self.periods) and set(self.periods) <= set(PERIODS), "unknown periods")

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name for each row of X that this encoder makes."""
        waves = (f"{self.name} {wave} of the {period}" for period in self.periods for wave in ("sine", "cosine"))
        return (self.name, *waves, *_missing_name(self))

    def rows(self, values: NDArray[Any]) -> Floats:
        """Encode days (m,), NaN where missing, as rows of X (n, m)."""
        waves = [wave for period in self.periods for wave in _waves(values, PERIODS[period])]
        return np.stack([_scaled(self, values), *waves, *_missing_row(self, values)])


Encoder: TypeAlias = Number | Truth | Category | Date


def without_huge(values: NDArray[Any]) -> Floats:
    """Numbers cut to ±``LARGEST_NUMBER``, infinity included."""
    return np.clip(np.asarray(values, np.float64), -LARGEST_NUMBER, LARGEST_NUMBER)


def _scaled(encoder: Number | Date, values: NDArray[Any]) -> Floats:
    """Center, scale and clip numbers (m,); a missing one becomes 0."""
    x = without_huge(values)
    with np.errstate(over="ignore", invalid="ignore"):  # infinity is clipped to 3; a signalling nan is one
        z = (x - encoder.center) / encoder.scale
    clipped: Floats = smooth_clip(np.where(np.isnan(z), 0.0, z))
    return clipped


def _waves(values: NDArray[Any], period: float) -> tuple[Floats, Floats]:
    """Sine and cosine of the place of each day (m,) in its period; both are 0 where it is missing."""
    turns = without_huge(values) / period
    angle = 2.0 * np.pi * (turns - np.floor(turns))
    here = ~np.isnan(angle)
    angle = np.where(here, angle, 0.0)
    return np.sin(angle), np.cos(angle) * here


def _missing_row(encoder: Number | Truth | Date, values: NDArray[Any]) -> list[Floats]:
    """The row of X that says where a value is missing, if the encoder has one."""
    return [np.isnan(np.asarray(values, np.float64)).astype(np.float64)] if encoder.missing else []


def _missing_name(encoder: Encoder) -> tuple[str, ...]:
    """The name of that row, if there is one."""
    return (f"{encoder.name} missing",) if encoder.missing else ()


def _check_scaled(encoder: Number | Date) -> None:
    """Check a scaled encoder that was read from a file."""
    edges = encoder.edges
    _check(
        abs(encoder.center) <= LARGEST_NUMBER and encoder.scale > 1 / LARGEST_NUMBER, "center and scale are no scaling"
    )
    _check(all(low < high for low, high in pairwise(edges)), "edges do not ascend")
    _check(all(abs(edge) <= LARGEST_NUMBER for edge in edges), "an edge is not finite")
    _check(len(encoder.counts) == max(len(edges) - 1, min(len(edges), 1)), "a count between two edges each")


def _check(right: bool, what: str) -> None:
    """Raise ValueError if what a file says is not right."""
    if not right:
        raise ValueError(what)

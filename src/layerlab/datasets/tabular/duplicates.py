"""Repeated rows: copies, rows that the model cannot distinguish, and rows about the same person or thing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice
from layerlab.formulas.arrays import Indices

from .cell_reports import first_rows
from .table import Column, Table

if TYPE_CHECKING:
    import polars as pl

Fingerprints = NDArray[np.uint64]

COARSEST_COLUMNS = 12
"""So many columns, those with the fewest different values, decide whether rows may be equal by chance."""

BY_CHANCE = 0.05
"""Equal rows are not called copies if at least this share of the equal pairs is expected by chance. The estimate takes
columns as independent, so it is several times too low where columns depend on each other."""

FEWEST_ENTITIES = 20
"""A column that names persons or things has at least this many different values; fewer are kinds of something."""

FEWEST_ENTITY_ROWS, MOST_ENTITY_ROWS = 2, 50
"""The median number of rows for each person or thing is between these two."""

REPEATED_SHARE = 0.8
"""At least this share of the persons or things has two rows or more."""

ENTITY_NAMES = re.compile(
    r"(?:^|[^a-z])(?:id|uuid|guid|key|patient|subject|person|participant|user|client|customer|student|household|"
    r"family|animal|device|machine|sensor|session)(?:s|[^a-z]?(?:id|no|nr|number|code))?$",
    re.IGNORECASE,
)
CAMEL_ENTITIES = re.compile(r"[a-z](?:Id|ID|No|Nr|Number|Key|Code)$")
"""Names of columns whose numbers identify a person or thing."""


class FileRows(NamedTuple):
    """The rows of a whole file, including the columns that are not used.

    Attributes:
        prints: (m,) a number for each row, equal for equal rows.
        by_chance: whether rows are probably equal without being copies, because the columns have few values.
    """

    prints: Fingerprints
    by_chance: bool

    def taken(self, rows: Indices) -> FileRows:
        """Return the rows with these numbers; the first row is 1."""
        return self._replace(prints=self.prints[rows - 1])

    def joined(self, other: FileRows) -> FileRows:
        """These rows and those of another file."""
        return FileRows(np.concatenate([self.prints, other.prints]), self.by_chance or other.by_chance)


def file_rows_of(frame: pl.DataFrame, names: Sequence[str]) -> FileRows:
    """Return the rows of a frame, compared by these columns; lists and objects are compared as text."""
    import polars as pl

    columns = [frame[name] for name in names]
    plain = [
        pl.Series(one.name, list(map(str, one.to_list()))) if one.dtype.is_nested() or one.dtype == pl.Object else one
        for one in columns
    ]
    return _rows_of(pl.DataFrame(plain))


def table_rows_of(table: Table) -> FileRows:
    """Return the rows of a table, in the form in which copies are searched for."""
    import polars as pl

    columns = [
        pl.Series(str(place), list(one.values) if one.kind == "category" else one.values)
        for place, one in enumerate(table.columns)
    ]
    return _rows_of(pl.DataFrame(columns))


def _rows_of(frame: pl.DataFrame) -> FileRows:
    prints: Fingerprints = frame.hash_rows(seed=0).to_numpy()
    return FileRows(prints, len(np.unique(prints)) < len(prints) and _equal_by_chance(frame))


def _equal_by_chance(frame: pl.DataFrame) -> bool:
    """Return whether about as many rows are equal as is expected from those that differ in one column only.

    If n pairs of rows differ only in column j, and two different rows agree in column j with probability s, then
    n s / (1 − s) pairs are expected to agree in all columns. Copies have n = 0; where all columns have few values, n is
    large. If the other columns predict column j, this s is too small. For numbers, half as many equal pairs are then
    expected as pairs that differ only in the last digit, since the density of differences is smooth at 0.
    """
    import polars as pl

    rows = np.zeros(frame.height, np.uint64)  # minus a column's hash, it is the row without that column
    for place in range(frame.width):
        rows += frame.to_series(place).hash(seed=place).to_numpy()
    first = np.unique(rows, return_index=True)[1]
    counts = frame.select(pl.all().n_unique()).row(0)
    coarse = sorted((count, place) for place, count in enumerate(counts) if count > 1)[:COARSEST_COLUMNS]
    equal = _equal_pairs(rows)
    for _, place in coarse:
        own = frame.to_series(place).hash(seed=place).to_numpy()
        near = _equal_pairs(rows - own) - equal
        agree = _equal_pairs(own[first]) / (len(first) * (len(first) - 1) / 2)
        expected = near * agree / (1 - agree) if agree < 1 else 0.0
        if max(expected, _a_step_apart(frame.to_series(place), rows - own) / 2) >= BY_CHANCE * equal:
            return True
    return False


def _a_step_apart(column: pl.Series, rest: NDArray[np.uint64]) -> float:
    """Return how many pairs of rows differ only by the smallest step in a column of numbers; 0 for a column of words.

    Args:
        column: as it is in the file, perhaps with decimal commas.
        rest: (m,) numbers that are equal where the other columns are.
    """
    import polars as pl

    text = column.cast(pl.String).str.replace(",", ".", literal=True)
    values = text.cast(pl.Float64, strict=False)
    steps = values.unique().drop_nulls().sort().diff().drop_nulls()
    step = steps.min()
    if not isinstance(step, float) or not 0 < step < np.inf:
        return 0.0
    frame = pl.DataFrame({"rest": rest, "at": (values / step).round()}).filter(pl.col("at").is_finite())
    counts = frame.group_by("rest", "at").len()
    beside = counts.join(counts.with_columns(pl.col("at") + 1), on=["rest", "at"])
    return float((beside["len"].cast(pl.Float64) * beside["len_right"]).sum())


def _equal_pairs(values: NDArray[np.uint64]) -> float:
    """Return how many pairs of values are equal."""
    counts = np.unique(values, return_counts=True)[1].astype(np.float64)
    return float((counts * (counts - 1) / 2).sum())


def duplicate_notices(
    table: Table, names: Sequence[str], train: Indices, test: Indices, whole: FileRows
) -> tuple[Notice, ...]:
    """Say how many rows are copies of an earlier row, how many only look so, and how many test rows are trained on.

    Args:
        table: all rows.
        names: names of the columns that are used, and of the target.
        train, test: places of the two sets' rows.
        whole: the rows with all of the file's columns.
    """
    again, both = _again(whole.prints, train, test)
    alike, near = _again(table_rows_of(table.only(names)).prints, train, test)
    alike, near = np.setdiff1d(alike, again), np.setdiff1d(near, both)
    why, end = (_BY_CHANCE, _IF_COPIES) if whole.by_chance else ("", _FLATTERS)
    return (
        *_repeats(table, again, len(both), len(test), why, "also in the training set", end if both.size else ""),
        *_repeats(table, alike, len(near), len(test), _USED, "equal to a training row in them", ""),
    )


_FLATTERS = ", so the scores look better than they are: delete the copies from the file"
_BY_CHANCE = ", which is normal where the columns have few different values"
_IF_COPIES = ". Delete one of two equal rows only if both are about the same person or thing"
_USED = " that is used, so the model cannot distinguish them"


def _again(prints: Fingerprints, train: Indices, test: Indices) -> tuple[Indices, Indices]:
    """Find the rows that are equal to an earlier row, and the test rows that are equal to a training row."""
    _, first = np.unique(prints, return_index=True)
    return np.setdiff1d(np.arange(len(prints)), first), test[np.isin(prints[test], prints[train])]


def _repeats(
    table: Table, again: Indices, both: int, m_test: int, why: str, where: str, end: str
) -> tuple[Notice, ...]:
    """Make the notice about repeated rows, if there are some."""
    if not again.size:
        return ()
    what = f"{again.size} {'row equals' if again.size == 1 else 'rows equal'} an earlier row in every column{why}"
    if both:
        what += f", and {both} of the {m_test} test rows {'is' if both == 1 else 'are'} {where}{end}"
    return (Notice("duplicates", "", what, first_rows(table.rows[again])),)


def repeated_entity_notices(table: Table, names: Sequence[str]) -> tuple[Notice, ...]:
    """Make a notice about each column that names persons or things with several rows each.

    A random split puts some rows of the same person or thing into both sets.

    Args:
        table: all rows.
        names: names of the columns that are examined.
    """
    return tuple(_someone(table[name]) for name in names if _names_someone(table[name]))


def _names_someone(column: Column) -> bool:
    """Return whether a column names persons or things that have several rows each."""
    if column.kind not in ("category", "number") or column.missing.any():
        return False
    if column.kind == "number" and not (ENTITY_NAMES.search(column.name) or CAMEL_ENTITIES.search(column.name)):
        return False  # an age or a count repeats as well
    counts = np.fromiter(Counter(column.values.tolist()).values(), np.int64)
    return (
        len(counts) >= FEWEST_ENTITIES
        and FEWEST_ENTITY_ROWS <= float(np.median(counts)) <= MOST_ENTITY_ROWS
        and float((counts >= FEWEST_ENTITY_ROWS).mean()) >= REPEATED_SHARE
    )


def _someone(column: Column) -> Notice:
    """Make the notice on such a column."""
    different = len(set(column.values.tolist()))
    what = (
        f"{column.name!r} has {different} different values in {len(column.values)} rows, so a random split puts rows "
        f"with the same value into both sets. If new data will have other values, keep equal rows together: "
        f"group={column.name!r}"
    )
    return Notice("group", column.name, what)

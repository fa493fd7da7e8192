"""Rows that are there again: copies, rows that the model cannot tell apart, and rows about the same person or thing."""

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
"""Columns with the fewest different values by which it is judged whether rows are equal by chance."""

BY_CHANCE = 0.05
"""Share of the equal pairs of rows that has to be expected by chance, so that these are not called copies. The estimate
takes columns as independent, and is too low by several times where answers go together."""

FEWEST_ENTITIES = 20
"""Different values from which a column may name persons or things; fewer are kinds of something."""

FEWEST_ENTITY_ROWS, MOST_ENTITY_ROWS = 2, 50
"""Least and most rows of a person or thing (the median)."""

REPEATED_SHARE = 0.8
"""Share of persons or things that have two rows at least."""

ENTITY_NAMES = re.compile(
    r"(?:^|[^a-z])(?:id|uuid|guid|key|patient|subject|person|participant|user|client|customer|student|household|"
    r"family|animal|device|machine|sensor|session)(?:s|[^a-z]?(?:id|no|nr|number|code))?$",
    re.IGNORECASE,
)
CAMEL_ENTITIES = re.compile(r"[a-z](?:Id|ID|No|Nr|Number|Key|Code)$")
"""Names of columns whose numbers name a person or thing."""


class FileRows(NamedTuple):
    """The rows of a whole file, with the columns that are not used.

    Attributes:
        prints: (m,) a number for each row, equal for equal rows.
        by_chance: whether rows are likely to be equal without being copies, since the columns have few values.
    """

    prints: Fingerprints
    by_chance: bool

    def taken(self, rows: Indices) -> FileRows:
        """The rows of these numbers, counted from 1."""
        return self._replace(prints=self.prints[rows - 1])

    def joined(self, other: FileRows) -> FileRows:
        """These rows and those of another file."""
        return FileRows(np.concatenate([self.prints, other.prints]), self.by_chance or other.by_chance)


def file_rows_of(frame: pl.DataFrame, names: Sequence[str]) -> FileRows:
    """The rows of a frame by these columns; lists and objects count as what they print as."""
    import polars as pl

    columns = [frame[name] for name in names]
    plain = [
        pl.Series(one.name, list(map(str, one.to_list()))) if one.dtype.is_nested() or one.dtype == pl.Object else one
        for one in columns
    ]
    return _rows_of(pl.DataFrame(plain))


def table_rows_of(table: Table) -> FileRows:
    """Make the rows of a table comparable, in the form in which copies are looked for."""
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
    """Whether so many rows are equal as one expects from those that are equal in all columns but one.

    If n pairs of rows differ in the column j alone, and two different rows agree in it with probability s, then
    n s / (1 − s) pairs are expected to agree in all columns. Of copies n is 0; where all columns have few values it is
    large. If the others predict column j, s is too small; of numbers then half as many pairs are expected as differ in
    the last digit alone, since a density is as high at 0 as just beside it.
    """
    import polars as pl

    rows = np.zeros(frame.height, np.uint64)  # without a column's hash it is as without the column
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
    """How many pairs of rows differ by the smallest step of a column of numbers, and in nothing else; 0 of words.

    Args:
        column: as it is in the file, where a comma may stand before decimals.
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
    """How many pairs of values are equal."""
    counts = np.unique(values, return_counts=True)[1].astype(np.float64)
    return float((counts * (counts - 1) / 2).sum())


def duplicate_notices(
    table: Table, names: Sequence[str], train: Indices, test: Indices, whole: FileRows
) -> tuple[Notice, ...]:
    """Say how many rows are copies of an earlier one, how many only look so, and how many test rows are trained on.

    Args:
        table: all rows.
        names: names of the columns that are used, and of the target.
        train, test: places of the two sets' rows.
        whole: the rows with all of the file's columns.
    """
    again, both = _again(whole.prints, train, test)
    alike, near = _again(table_rows_of(table.only(names)).prints, train, test)
    alike, near = np.setdiff1d(alike, again), np.setdiff1d(near, both)
    used, end = (_BY_CHANCE, _IF_COPIES) if whole.by_chance else ("", _FLATTERS)
    return (
        *_told(table, again, len(both), len(test), used, "in the training part as well", end if both.size else ""),
        *_told(table, alike, len(near), len(test), _USED, "like one of the training part", ""),
    )


_FLATTERS = ", which flatters the figures: take the copies out of the file"
_BY_CHANCE = ", as rows do by themselves where the columns have few different values"
_IF_COPIES = "; only if they are about the same person or thing twice, take one of the two out"
_USED = " that is used, so that the model cannot tell them apart"


def _again(prints: Fingerprints, train: Indices, test: Indices) -> tuple[Indices, Indices]:
    """Indices of rows that are equal to an earlier row, and of test rows that are equal to a training row."""
    _, first = np.unique(prints, return_index=True)
    return np.setdiff1d(np.arange(len(prints)), first), test[np.isin(prints[test], prints[train])]


def _told(table: Table, again: Indices, both: int, m_test: int, used: str, where: str, end: str) -> tuple[Notice, ...]:
    """Make the notice about rows that are there again, if there are some."""
    if not again.size:
        return ()
    what = f"{again.size} {'row says' if again.size == 1 else 'rows say'} the same as an earlier row in every column"
    what += used
    if both:
        what += f", and {both} of the {m_test} test rows {'is' if both == 1 else 'are'} {where}{end}"
    return (Notice("duplicates", "", what, first_rows(table.rows[again])),)


def repeated_entity_notices(table: Table, names: Sequence[str]) -> tuple[Notice, ...]:
    """Make a notice of each column that names persons or things with several rows each.

    A random split puts some rows of the same person or thing into both sets.

    Args:
        table: all rows.
        names: names of the columns that are looked at.
    """
    return tuple(_someone(table[name]) for name in names if _names_someone(table[name]))


def _names_someone(column: Column) -> bool:
    """Whether a column names persons or things that have several rows each."""
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
        f"rows repeat {column.name!r} ({different} different in {len(column.values)} rows): if new data have others, "
        f"say --group {column.name!r}, so that the test part has others too"
    )
    return Notice("group", column.name, what)

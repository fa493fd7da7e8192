"""Rows that are there again: copies, rows that the model cannot tell apart, and rows about the same someone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .cell_reports import some_rows
from .table import Column, Notice, Table

if TYPE_CHECKING:
    import polars as pl

Places = NDArray[np.int64]
Prints = NDArray[np.uint64]

FEWEST_VALUES = 20
"""Different values from which a column may name someone: fewer are kinds of something."""

TWO, MOST = 2, 50
"""Rows that an average (the median) one of them stands in."""

MOSTLY = 0.8
"""Share of them that stand in two rows at least."""

SOMEONE = re.compile(
    r"(?:^|[^a-z])(?:id|uuid|guid|key|patient|subject|person|participant|user|client|customer|student|household|"
    r"family|animal|device|machine|sensor|session)(?:s|[^a-z]?(?:id|no|nr|number|code))?$",
    re.IGNORECASE,
)
CAMEL = re.compile(r"[a-z](?:Id|ID|No|Nr|Number|Key|Code)$")
"""Names of columns whose numbers name someone."""


def copies(table: Table, names: Sequence[str], train: Places, test: Places, whole: Prints) -> tuple[Notice, ...]:
    """How many rows are copies of an earlier one, how many only look so, and how many of the test part are trained on.

    Args:
        table: all rows.
        names: of the columns that are used, and of the target.
        train, test: places of the two parts' rows.
        whole: (m,) a number for each row, equal where all of the file's columns are.
    """
    again, both = _again(whole, train, test)
    alike, near = _again(fingerprints(table.only(names)), train, test)
    alike, near = np.setdiff1d(alike, again), np.setdiff1d(near, both)
    return (
        *_told(table, again, len(both), len(test), "", "in the training part as well", _FLATTERS),
        *_told(table, alike, len(near), len(test), _USED, "like one of the training part", ""),
    )


_FLATTERS = ", which flatters the figures: take the copies out of the file"
_USED = " that is used, so that the model cannot tell them apart"


def _again(prints: Prints, train: Places, test: Places) -> tuple[Places, Places]:
    """Places of rows that an earlier one is equal to, and of rows of the test part that one of training is equal to."""
    _, first = np.unique(prints, return_index=True)
    return np.setdiff1d(np.arange(len(prints)), first), test[np.isin(prints[test], prints[train])]


def _told(table: Table, again: Places, both: int, m_test: int, used: str, where: str, end: str) -> tuple[Notice, ...]:
    if not again.size:
        return ()
    what = f"{again.size} {'row says' if again.size == 1 else 'rows say'} the same as an earlier row in every column"
    what += used
    if both:
        what += f", and {both} of the {m_test} test rows {'is' if both == 1 else 'are'} {where}{end}"
    return (Notice("duplicates", "", what, some_rows(table.rows[again])),)


def fingerprints(table: Table) -> Prints:
    """A number for each row, equal for rows that are equal."""
    import polars as pl

    columns = [
        pl.Series(str(place), list(one.values) if one.kind == "category" else one.values)
        for place, one in enumerate(table.columns)
    ]
    prints: Prints = pl.DataFrame(columns).hash_rows(seed=0).to_numpy()
    return prints


def frame_prints(frame: pl.DataFrame, names: Sequence[str]) -> Prints:
    """The same of a file as it was read, lists and objects as they print."""
    import polars as pl

    columns = [frame[name] for name in names]
    plain = [
        pl.Series(one.name, list(map(str, one.to_list()))) if one.dtype.is_nested() or one.dtype == pl.Object else one
        for one in columns
    ]
    prints: Prints = pl.DataFrame(plain).hash_rows(seed=0).to_numpy()
    return prints


def repeated(table: Table, names: Sequence[str]) -> tuple[Notice, ...]:
    """A notice of each column that names someone who is in several rows, so that parts dealt by chance share them.

    Args:
        table: all rows.
        names: of the columns that are looked at.
    """
    return tuple(_someone(table[name]) for name in names if _names_someone(table[name]))


def _names_someone(column: Column) -> bool:
    if column.kind not in ("category", "number") or column.missing.any():
        return False
    if column.kind == "number" and not (SOMEONE.search(column.name) or CAMEL.search(column.name)):
        return False  # an age or a count repeats as well
    counts = np.fromiter(Counter(column.values.tolist()).values(), np.int64)
    return (
        len(counts) >= FEWEST_VALUES
        and TWO <= float(np.median(counts)) <= MOST
        and float((counts >= TWO).mean()) >= MOSTLY
    )


def _someone(column: Column) -> Notice:
    different = len(set(column.values.tolist()))
    what = (
        f"rows repeat {column.name!r} ({different} different in {len(column.values)} rows): if new data have others, "
        f"say --group {column.name!r}, so that the test part has others too"
    )
    return Notice("group", column.name, what)

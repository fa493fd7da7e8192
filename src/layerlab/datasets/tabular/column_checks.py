"""What is wrong with a table beyond its cells: columns without information, copies of rows, columns that leak."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice

from .dates import day_in_words
from .duplicates import FileRows, duplicate_notices, table_rows_of
from .leaks import Leak, find_leaks
from .splitting import is_classes
from .table import Column, Table

FEWEST_IDENTIFIED_ROWS = 20
"""Rows below which a column of values that all differ may be anything."""

DISTINCT_SHARE = 0.95
"""Share of the rows that have a value of their own in an identifier; the other rows may be copies."""

COUNTING_SPAN = 1.1
"""Range of whole numbers for each row up to which numbers that all differ count the rows."""

TEXT_LETTERS = 30
"""Letters of an average cell from which a column is prose."""

IDENTIFIER_NAMES = re.compile(r"(?:^|[^a-zA-Z])(?:id|uuid|guid|key|index)$", re.IGNORECASE)
CAMEL_IDENTIFIERS = re.compile(r"[a-z0-9](?:Id|ID|Uuid|UUID|Guid|GUID|Key|Index)$")
"""Names of identifiers: id, user_id, customerId, but not humid."""


TIME_NAMES = re.compile(
    r"(?:^|[^a-zA-Z])(?:year|yr|jahr|ann[eé]e|año|month|monat|mois|week|woche|semaine|semana|quarter|quartal|"
    r"day|tag|jour|d[ií]a|hour|date|datum|fecha|time|season|period|decade)s?(?:$|[^a-zA-Z])|[a-z](?:Year|Month|Day|Date)$",
    re.IGNORECASE,
)
"""Names of columns that say when: year, birth_year, release date."""


class CheckedColumns(NamedTuple):
    """The notices, and the names of the columns that may be features."""

    notices: tuple[Notice, ...]
    names: tuple[str, ...]


def check_columns(
    table: Table,
    target: str,
    names: Sequence[str],
    *,
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    keep: Collection[str] = (),
    whole: FileRows | None = None,
) -> CheckedColumns:
    """Find all that a user should know about the columns and the rows before training.

    Args:
        table: all rows, no target missing.
        target: the target's name.
        names: names of the columns that could be features.
        train, test: places of the rows of the two sets.
        keep: names of columns that stay whatever is noticed.
        whole: the rows with all of the file's columns; None where the table has them all.
    """
    notices, stay = [], []
    for name in names:
        notice = column_notice(table[name], name in keep)
        notices += [notice] if notice else []
        stay += [] if notice and notice.left_out else [name]
    found = find_leaks(table.only((*stay, target)).taken(train), target, stay)
    leak_notices = [_leak(leak, table[leak.name], target, is_classes(table[target])) for leak in found]
    whole = table_rows_of(table) if whole is None else whole
    return CheckedColumns(
        (*notices, *leak_notices, *duplicate_notices(table, (*stay, target), train, test, whole)), tuple(stay)
    )


def column_notice(column: Column, kept: bool) -> Notice | None:
    """Make the notice on a column: the first of ``COLUMN_CHECKS`` that has something to say."""
    for kind, look in COLUMN_CHECKS.items():
        if what := look(column):
            end = ", and kept as asked" if kept else f", and is left out (--keep {column.name!r} keeps it)"
            return Notice(kind, column.name, f"{column.name!r} {what}{end}", left_out=not kept)
    return None


def _says_nothing(column: Column) -> str:
    """Say it if every value is missing."""
    return "has no value in any row" if column.missing.all() else ""


def _constant(column: Column) -> str:
    """Say it if a column has the same value in every row; where some are missing, that is information."""
    first = column.values[0]
    if column.kind == "category":
        return (
            f"says {first!r} in every row" if first is not None and all(word == first for word in column.values) else ""
        )
    same = bool(np.all(column.values == first))
    if not same:
        return ""
    value = (
        column.words[int(first)]
        if column.kind == "truth" and column.words
        else day_in_words(first)
        if column.kind == "date"
        else f"{first:.12g}"
    )
    return f"says {value!r} in every row"


def _identifier(column: Column) -> str:
    """Say it if a column has a name or a number for each row: what is learned of one row applies to no other."""
    if len(column.values) < FEWEST_IDENTIFIED_ROWS:
        return ""
    if column.kind == "category":
        words, present = _distinct(column)
        is_name = present >= FEWEST_IDENTIFIED_ROWS and words >= DISTINCT_SHARE * present and not _long(column)
        return f"has a word of its own in {_nearly(words, present)}, as a name has" if is_name else ""
    if column.kind != "number" or column.missing.any() or not np.all(column.values == np.floor(column.values)):
        return ""
    different, rows = len(np.unique(column.values)), len(column.values)
    counts_up = np.ptp(column.values) <= COUNTING_SPAN * rows  # some rows are missing, as those without target
    if IDENTIFIER_NAMES.search(column.name) or CAMEL_IDENTIFIERS.search(column.name):
        if different < DISTINCT_SHARE * rows:
            return ""
    elif not counts_up or different < rows or TIME_NAMES.search(column.name):
        return ""  # a year, or a number of rooms, comes back
    own = f"has a number of its own in {_nearly(different, rows)}, as an identifier has"
    return "counts the rows" if counts_up and different == rows else own


def _nearly(different: int, rows: int) -> str:
    """How many rows have a value of their own, in words."""
    return "every row" if different == rows else f"nearly every row ({different} in {rows})"


def _text(column: Column) -> str:
    """Say it if a column is prose: most cells are long, and differ from all others."""
    if column.kind != "category" or len(column.values) < FEWEST_IDENTIFIED_ROWS or not _long(column):
        return ""
    words, present = _distinct(column)
    return f"is text ({words} different ones in {present} rows)" if words > present / 2 else ""


def _distinct(column: Column) -> tuple[int, int]:
    """How many different words there are, and how many rows have one."""
    present = [word for word in column.values if word is not None]
    return len(set(present)), len(present)


def _long(column: Column) -> bool:
    """Whether the average cell is as long as prose."""
    some = [len(word) for word in column.values[:1000] if word is not None]
    return bool(some) and sum(some) / len(some) >= TEXT_LETTERS


COLUMN_CHECKS = {
    "missing": _says_nothing,
    "constant": _constant,
    "identifier": _identifier,
    "text": _text,
}
"""What is looked for in a column, in this order."""


def _leak(leak: Leak, column: Column, target: str, classes: bool) -> Notice:
    """Make the notice of a column that predicts the target alone."""
    score = f"a balanced accuracy of {100 * leak.score:.1f} %" if classes else f"R² = {leak.score:.3f} of the ranks"
    alone = f"where {leak.name!r} has a value" if leak.by_missing else f"{leak.name!r} alone"
    what = f"{alone} tells {target!r} with {score} (learned on half of the training rows, checked on the other half): "
    if (column.kind == "date" or TIME_NAMES.search(column.name)) and not leak.by_missing:
        what += (
            f"the answer follows a trend in time, and of rows split at random both parts have neighbours in time; if "
            f"new rows will be later ones, --time {leak.name!r} tests on the last rows"
        )
        return Notice("trend", leak.name, what)
    what += (
        f"if it is known before the answer is, it may be all that a model needs; if it is known only when the answer "
        f"is, the model learns nothing else: leave it out with --leave-out {leak.name!r}"
    )
    return Notice("leak", leak.name, what)

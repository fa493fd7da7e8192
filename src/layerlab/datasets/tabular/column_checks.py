"""What is wrong with a table as a whole: columns without information, copied rows, columns that leak the target."""

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
"""With fewer rows, values that all differ do not show that a column is an identifier."""

DISTINCT_SHARE = 0.95
"""An identifier differs in at least this share of the rows; the other rows may be copies."""

COUNTING_SPAN = 1.1
"""Whole numbers that all differ number the rows if their range is at most this many times the number of rows."""

TEXT_LETTERS = 30
"""A column whose average cell has at least this many letters is free text."""

IDENTIFIER_NAMES = re.compile(r"(?:^|[^a-zA-Z])(?:id|uuid|guid|key|index)$", re.IGNORECASE)
CAMEL_IDENTIFIERS = re.compile(r"[a-z0-9](?:Id|ID|Uuid|UUID|Guid|GUID|Key|Index)$")
"""Names of identifiers: id, user_id, customerId, but not humid."""


TIME_NAMES = re.compile(
    r"(?:^|[^a-zA-Z])(?:year|yr|jahr|ann[eé]e|año|month|monat|mois|week|woche|semaine|semana|quarter|quartal|"
    r"day|tag|jour|d[ií]a|hour|date|datum|fecha|time|season|period|decade)s?(?:$|[^a-zA-Z])|[a-z](?:Year|Month|Day|Date)$",
    re.IGNORECASE,
)
"""Names of columns that hold a time: year, birth_year, release date."""


class CheckedColumns(NamedTuple):
    """The notices, and the names of the columns that can be features."""

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
    """Find what a user should know about the columns and the rows before training.

    Args:
        table: all rows, no target missing.
        target: the target's name.
        names: names of the columns that could be features.
        train, test: places of the rows of the two sets.
        keep: names of columns that are used whatever is noticed about them.
        whole: the rows with all columns of the file; None if the table has all of them.
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
    """Make the notice about a column from the first of ``COLUMN_CHECKS`` that finds something."""
    for kind, look in COLUMN_CHECKS.items():
        if what := look(column):
            own = f"keep=[{column.name!r}]"
            end = f"; it is used all the same, because of {own}" if kept else f"; it is left out ({own} keeps it)"
            return Notice(kind, column.name, f"{column.name!r} {what}{end}", left_out=not kept)
    return None


def _says_nothing(column: Column) -> str:
    """Report a column in which every value is missing."""
    return "is empty in every row" if column.missing.all() else ""


def _constant(column: Column) -> str:
    """Report a column with the same value in every row; one with missing values carries information."""
    first = column.values[0]
    if column.kind == "category":
        return (
            f"has the value {first!r} in every row"
            if first is not None and all(word == first for word in column.values)
            else ""
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
    return f"has the value {value!r} in every row"


def _identifier(column: Column) -> str:
    """Report a column that names or numbers the rows: what is learned from one row applies to no other."""
    if len(column.values) < FEWEST_IDENTIFIED_ROWS:
        return ""
    if column.kind == "category":
        words, present = _distinct(column)
        is_name = present >= FEWEST_IDENTIFIED_ROWS and words >= DISTINCT_SHARE * present and not _long(column)
        return f"has a different word in {_nearly(words, present)}, like a name" if is_name else ""
    if column.kind != "number" or column.missing.any() or not np.all(column.values == np.floor(column.values)):
        return ""
    different, rows = len(np.unique(column.values)), len(column.values)
    counts_up = np.ptp(column.values) <= COUNTING_SPAN * rows  # some rows are missing, as those without target
    if IDENTIFIER_NAMES.search(column.name) or CAMEL_IDENTIFIERS.search(column.name):
        if different < DISTINCT_SHARE * rows:
            return ""
    elif not counts_up or different < rows or TIME_NAMES.search(column.name):
        return ""  # a year, or a number of rooms, occurs in other rows again
    own = f"has a different number in {_nearly(different, rows)}, like an identifier"
    return "numbers the rows" if counts_up and different == rows else own


def _nearly(different: int, rows: int) -> str:
    """Say in how many rows the value differs from all others."""
    return "every row" if different == rows else f"nearly every row ({different} different in {rows} rows)"


def _text(column: Column) -> str:
    """Report a column of free text: most cells are long, and differ from all others."""
    if column.kind != "category" or len(column.values) < FEWEST_IDENTIFIED_ROWS or not _long(column):
        return ""
    words, present = _distinct(column)
    return f"is free text ({words} different texts in {present} rows)" if words > present / 2 else ""


def _distinct(column: Column) -> tuple[int, int]:
    """Return how many different words there are, and how many rows have one."""
    present = [word for word in column.values if word is not None]
    return len(set(present)), len(present)


def _long(column: Column) -> bool:
    """Return whether the average cell is as long as free text."""
    some = [len(word) for word in column.values[:1000] if word is not None]
    return bool(some) and sum(some) / len(some) >= TEXT_LETTERS


COLUMN_CHECKS = {
    "missing": _says_nothing,
    "constant": _constant,
    "identifier": _identifier,
    "text": _text,
}
"""What is searched for in a column, in this order."""


def _leak(leak: Leak, column: Column, target: str, classes: bool) -> Notice:
    """Make the notice of a column that predicts the target alone."""
    score = f"a balanced accuracy of {100 * leak.score:.1f} %" if classes else f"R² = {leak.score:.3f} of the ranks"
    alone = f"Whether {leak.name!r} has a value" if leak.by_missing else f"{leak.name!r} alone"
    what = f"{alone} predicts {target!r} with {score} (learned on half of the training rows, measured on the others). "
    if (column.kind == "date" or TIME_NAMES.search(column.name)) and not leak.by_missing:
        what += (
            f"The target follows a trend in time, and a random split puts neighbours in time into both sets. If new "
            f"rows will be later ones, test on the last rows: time={leak.name!r}"
        )
        return Notice("trend", leak.name, what)
    what += (
        f"If {leak.name!r} is known before the target is, a model may need nothing else. If it becomes known only "
        f"together with the target, the model would learn nothing useful: leave it out with drop=[{leak.name!r}]"
    )
    return Notice("leak", leak.name, what)

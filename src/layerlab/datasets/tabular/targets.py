"""The column that is predicted: its name, whether it holds classes or numbers, and rows without a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np

from layerlab.datasets.part import LARGEST_LEARNED, Notice
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .cell_reports import first_rows, rows_in_words
from .splitting import class_codes, in_order, is_classes
from .table import Column, Table

TASKS = ("classes", "values")
"""Classification or regression."""

MOST_NUMBER_CLASSES = 10
"""A target of at most this many different whole numbers is treated as classes."""

ROWS_PER_CLASS = 8
"""Each of these classes needs at least this many rows on average."""


class PreparedTarget(NamedTuple):
    """A table whose target has a value in each row, and the kind that its task needs."""

    table: Table
    task: str
    notices: tuple[Notice, ...]


def check_column(name: object, names: Sequence[str], argument: str, file: str) -> str:
    """Return a column's name if the file has it; else raise InputError with similar names and the file's names."""
    if isinstance(name, str) and name in names:
        return name
    close = similar_names(str(name), names)
    hint = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
    raise InputError(f"{argument}={name!r}: {file} has no such column; {hint}it has {first_and_last_names(names)}")


def similar_names(name: str, names: Sequence[str]) -> list[str]:
    """Return names similar to one, the most similar first; capitals, spaces around it, and _ for - do not matter.

    Example:
        >>> similar_names("age", ["Age", "wage", "city"])
        ['Age', 'wage']
    """
    plain = {one: _plain(one) for one in names}
    close = get_close_matches(_plain(name), list(plain.values()), n=3, cutoff=0.6)
    return list(dict.fromkeys(one for word in close for one in names if plain[one] == word))[:3]


def _plain(name: str) -> str:
    """Return a name without capitals, hyphens, underscores and extra spaces."""
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())


def first_and_last_names(names: Sequence[str]) -> str:
    """Return the first names, and the last one, which is often the target."""
    shown = [repr(one) for one in names] if len(names) <= 8 else [*map(repr, names[:7]), "…", repr(names[-1])]
    return ", ".join(shown)


def prepare_target(table: Table, target: str, task: str | None, file: str, drop_rare: bool) -> PreparedTarget:
    """Turn the target into classes or numbers, and leave out rows without a target.

    Args:
        table: as it was read.
        target: name of its column.
        task: one of ``TASKS``; None to infer it.
        file: the file's name, for messages.
        drop_rare: whether a row that is the only one of its class is left out, instead of refused.

    Raises:
        InputError: nothing can be learned: no target, a single value, dates, or a class for almost every row.
    """
    if task not in (None, *TASKS):
        raise InputError(f"task={task!r}: wanted 'classes' or 'values'")
    table, lost_notices = _with_target(table, target, file)
    column, task_notices = _as_task(table[target], task, file)
    table = with_column(table, column)
    rare_notices: tuple[Notice, ...] = ()
    if is_classes(column):
        if drop_rare:
            table, rare_notices = _without_rare(table, target)
        _check_classes(table, target, file)
    elif float(np.ptp(_learnable(table, target, file))) == 0:
        raise InputError(_constant(file, target, f"{column.values[0]:.12g}"))
    return PreparedTarget(
        table, "classes" if is_classes(column) else "values", (*lost_notices, *task_notices, *rare_notices)
    )


def prepare_second_target(table: Table, first: Column, file: str) -> PreparedTarget:
    """Turn the target of a second table into the same kind as that of the first.

    Args:
        table: the second table, its columns of the kinds of the first.
        first: the target of the first, as ``prepare_target`` left it.
        file: the second file's name, for messages.

    Raises:
        InputError: it has no target, or a class that the first table does not have.
    """
    table, lost = _with_target(table, first.name, file)
    column = table[first.name]
    if not is_classes(first):
        _learnable(table, first.name, file)
        return PreparedTarget(table, "values", lost)
    if column.kind == "number":
        column = _words_of(column)
    if first.kind == "category":
        known = set(first.values.tolist())
        new = np.array([word not in known for word in column.values])
        if new.any():
            word, row = column.values[new][0], table.rows[new][0]
            raise InputError(
                f"{file}, row {row}, column {first.name!r}: {word!r} is not a class of the training set; wanted one of "
                + ", ".join(repr(one) for one in in_order(known)[:8])
            )
    return PreparedTarget(with_column(table, column), "classes", lost)


def _learnable(table: Table, target: str, file: str) -> Floats:
    """Return the values of the target, after a check that none is too large to learn."""
    values = np.asarray(table[target].values, np.float64)
    large = np.abs(values) > LARGEST_LEARNED
    if large.any():
        place = int(np.argmax(large))
        raise InputError(
            f"{file}, row {table.rows[place]}, column {target!r}: {values[place]:g} is too large to learn; wanted "
            f"numbers up to {LARGEST_LEARNED:g}: correct it, or use another unit"
        )
    return values


def with_column(table: Table, column: Column) -> Table:
    """Return the table with a column in place of the column of the same name."""
    return replace(table, columns=tuple(column if one.name == column.name else one for one in table.columns))


def _with_target(table: Table, target: str, file: str) -> tuple[Table, tuple[Notice, ...]]:
    """Return the rows that have a target."""
    missing = table[target].missing
    if missing.all():
        raise InputError(f"{file}, column {target!r}: no row has a value that can be read; wanted a target in each row")
    if not missing.any():
        return table, ()
    rows = table.rows[missing]
    one = len(rows) == 1
    what = (
        f"{target!r}: {len(rows)} row{'' if one else 's'} {'has' if one else 'have'} no value and "
        f"{'is' if one else 'are'} left out: {rows_in_words(rows)}"
    )
    return table.taken(np.flatnonzero(~missing)), (Notice("missing", target, what, first_rows(rows)),)


def _as_task(column: Column, task: str | None, file: str) -> tuple[Column, tuple[Notice, ...]]:
    """Return the target as classes ("truth" or "category") or as numbers ("number")."""
    if column.kind == "date":
        raise InputError(
            f"{file}, column {column.name!r}: holds dates; wanted classes or numbers, such as the days until then"
        )
    if column.kind != "number":
        if task == "values":
            word = next(iter(column.words), column.values[0])  # the file's own words for no and yes
            raise InputError(
                f"{file}, column {column.name!r}: {word!r} is not a number; wanted numbers for task='values', or "
                "task='classes' for words"
            )
        return column, ()
    different = np.unique(column.values)
    if task == "values" or (task is None and not _few(different, len(column.values))):
        return column, ()
    what = (
        f"{column.name!r} has {len(different)} different values, so it is treated as classes (task='values' treats it "
        "as a number)"
    )
    notices = () if task else (Notice("task", column.name, what),)
    return _words_of(column), notices


def _words_of(column: Column) -> Column:
    """Write numbers as names of classes: 3.0 becomes "3"."""
    words = {value: f"{value:.12g}" for value in np.unique(column.values).tolist()}
    return Column(column.name, "category", np.array([words[value] for value in column.values.tolist()], object))


def _few(different: Floats, m: int) -> bool:
    """Return whether numbers look like classes: two different ones, or a few whole ones with many rows each."""
    if len(different) == 2:
        return m >= 2 * 2
    whole = bool(np.all(different == np.floor(different)))
    return whole and len(different) <= MOST_NUMBER_CLASSES and m >= ROWS_PER_CLASS * len(different)


def _without_rare(table: Table, target: str) -> tuple[Table, tuple[Notice, ...]]:
    """Leave out each row that is the only one of its class."""
    codes, _ = class_codes(table[target])
    single = np.bincount(codes)[codes] == 1
    if not single.any():
        return table, ()
    rows = table.rows[single]
    what = (
        f"{target!r}: {f'{len(rows)} rows are each' if len(rows) > 1 else '1 row is'} the only one of a class and left "
        f"out, because of drop_rare=True: {rows_in_words(rows)}"
    )
    return table.taken(np.flatnonzero(~single)), (Notice("rare", target, what, first_rows(rows)),)


def _check_classes(table: Table, target: str, file: str) -> None:
    """Check that there are several classes, with several rows each."""
    codes, names = class_codes(table[target]) if table.m else (np.zeros(0, np.int64), ())
    present = len(np.unique(codes))
    if table.m > 1 and present == table.m:
        raise InputError(
            f"{file}, column {target!r}: has a different word in each of its {table.m} rows, such as {names[0]!r}; "
            "wanted classes with several rows each"
        )
    if present < 2:
        raise InputError(_constant(file, target, names[codes[0]] if table.m else "nothing"))
    if present > table.m / 2:
        raise InputError(
            f"{file}, column {target!r}: has {present} classes in {table.m} rows; wanted several rows of each class "
            "(are these names, or numbers written as words?)"
        )


def _constant(file: str, target: str, value: str) -> str:
    """Return the error message about a target with a single value."""
    return f"{file}, column {target!r}: has the value {value!r} in every row; wanted at least two different values"

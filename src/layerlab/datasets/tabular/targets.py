"""The column that is predicted: which it is, whether it is told apart or measured, and the rows that have none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .cell_reports import said_rows, some_rows
from .splitting import class_codes, in_order, is_classes
from .table import LARGEST, Column, Notice, Table

TASKS = ("classes", "values")
"""To tell rows apart, or to predict a number."""

MOST_CLASSES = 10
"""Different whole numbers up to which a target is taken for classes."""

ROWS_EACH = 8
"""Rows of each of them on average from which it is."""


class Aimed(NamedTuple):
    """A table whose target is whole and of the kind that its task wants; ``task`` of ``TASKS``."""

    table: Table
    task: str
    notices: tuple[Notice, ...]


def check_named(name: object, names: Sequence[str], said: str, file: str) -> str:
    """A column's name, if the file has it; else InputError with the names that are close, and those that are there."""
    if isinstance(name, str) and name in names:
        return name
    close = like(str(name), names)
    hint = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
    raise InputError(f"{said}={name!r}: {file} has no such column; {hint}it has {some_names(names)}")


def like(name: str, names: Sequence[str]) -> list[str]:
    """The names that are like one, the most like first; capital letters, spaces around and _ for - do not count.

    Example:
        >>> like("age", ["Age", "wage", "city"])
        ['Age', 'wage']
    """
    plain = {one: _plain(one) for one in names}
    close = get_close_matches(_plain(name), list(plain.values()), n=3, cutoff=0.6)
    return list(dict.fromkeys(one for word in close for one in names if plain[one] == word))[:3]


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())


def some_names(names: Sequence[str]) -> str:
    """The first names and the last, which a target often is."""
    shown = [repr(one) for one in names] if len(names) <= 8 else [*map(repr, names[:7]), "…", repr(names[-1])]
    return ", ".join(shown)


def aimed(table: Table, target: str, task: str | None, file: str, drop_rare: bool) -> Aimed:
    """The table with its target as classes or values, without the rows that have none.

    Args:
        table: as it was read.
        target: name of its column.
        task: of ``TASKS``; None to infer it.
        file: for messages.
        drop_rare: whether rows of a class that has one row are left out, rather than refused.

    Raises:
        InputError: nothing can be learned: no target, one value, a date, a class for almost every row.
    """
    if task not in (None, *TASKS):
        raise InputError(f"task={task!r}: wanted 'classes' or 'values'")
    table, lost = _with_target(table, target, file)
    column, said = _as_task(table[target], task, file)
    table = with_column(table, column)
    rare: tuple[Notice, ...] = ()
    if is_classes(column):
        if drop_rare:
            table, rare = _without_rare(table, target)
        _check_classes(table, target, file)
    elif float(np.ptp(_learnable(table, target, file))) == 0:
        raise InputError(_constant(file, target, f"{column.values[0]:.12g}"))
    return Aimed(table, "classes" if is_classes(column) else "values", (*lost, *said, *rare))


def aimed_alike(table: Table, first: Column, file: str) -> Aimed:
    """A second table with its target as the first one's.

    Args:
        table: its columns of the kinds of the first.
        first: the target of the first, as ``aimed`` left it.
        file: of the second, for messages.

    Raises:
        InputError: it has no target, or a class that the first has not.
    """
    table, lost = _with_target(table, first.name, file)
    column = table[first.name]
    if not is_classes(first):
        _learnable(table, first.name, file)
        return Aimed(table, "values", lost)
    if column.kind == "number":
        column = _words_of(column)
    if first.kind == "category":
        known = set(first.values.tolist())
        new = np.array([word not in known for word in column.values])
        if new.any():
            word, row = column.values[new][0], table.rows[new][0]
            raise InputError(
                f"{file}, row {row}, column {first.name!r}: {word!r} is no class of the training part; wanted one of "
                + ", ".join(repr(one) for one in in_order(known)[:8])
            )
    return Aimed(with_column(table, column), "classes", lost)


def _learnable(table: Table, target: str, file: str) -> Floats:
    """The values of the target, if none is too large."""
    values = np.asarray(table[target].values, np.float64)
    large = np.abs(values) > LARGEST
    if large.any():
        place = int(np.argmax(large))
        raise InputError(
            f"{file}, row {table.rows[place]}, column {target!r}: {values[place]:g} is too large to be learned; wanted "
            f"numbers up to {LARGEST:g}: correct it, or take another unit"
        )
    return values


def with_column(table: Table, column: Column) -> Table:
    """The table with another column in the place of the one of its name."""
    return replace(table, columns=tuple(column if one.name == column.name else one for one in table.columns))


def _with_target(table: Table, target: str, file: str) -> tuple[Table, tuple[Notice, ...]]:
    missing = table[target].missing
    if missing.all():
        raise InputError(f"{file}, column {target!r}: no row has a value that can be read; wanted a target in each row")
    if not missing.any():
        return table, ()
    rows = table.rows[missing]
    one = len(rows) == 1
    what = (
        f"{target!r}: {len(rows)} row{'' if one else 's'} {'has' if one else 'have'} no target and "
        f"{'is' if one else 'are'} left out: {said_rows(rows)}"
    )
    return table.taken(np.flatnonzero(~missing)), (Notice("missing", target, what, some_rows(rows)),)


def _as_task(column: Column, task: str | None, file: str) -> tuple[Column, tuple[Notice, ...]]:
    """The target as classes ("truth" or "category") or as values ("number")."""
    if column.kind == "date":
        raise InputError(
            f"{file}, column {column.name!r}: holds dates; wanted classes or numbers, such as the days until then"
        )
    if column.kind != "number":
        if task == "values":
            raise InputError(
                f"{file}, column {column.name!r}: task='values' and {column.values[0]!r} is no number; wanted numbers, "
                "or task='classes'"
            )
        return column, ()
    different = np.unique(column.values)
    if task == "values" or (task is None and not _few(different, len(column.values))):
        return column, ()
    what = (
        f"{column.name!r}: its {len(different)} different numbers are taken for classes (--task values: for a number)"
    )
    said = () if task else (Notice("task", column.name, what),)
    return _words_of(column), said


def _words_of(column: Column) -> Column:
    """Numbers as names of classes: 3.0 is "3"."""
    words = {value: f"{value:.12g}" for value in np.unique(column.values).tolist()}
    return Column(column.name, "category", np.array([words[value] for value in column.values.tolist()], object))


def _few(different: Floats, m: int) -> bool:
    """Whether numbers look like names of classes: two of them, or few whole ones in many rows each."""
    if len(different) == 2:
        return m >= 2 * 2
    whole = bool(np.all(different == np.floor(different)))
    return whole and len(different) <= MOST_CLASSES and m >= ROWS_EACH * len(different)


def _without_rare(table: Table, target: str) -> tuple[Table, tuple[Notice, ...]]:
    codes, _ = class_codes(table[target])
    single = np.bincount(codes)[codes] == 1
    if not single.any():
        return table, ()
    rows = table.rows[single]
    what = (
        f"{target!r}: {len(rows)} row{'s' * (len(rows) > 1)} alone in a class and left out as asked: {said_rows(rows)}"
    )
    return table.taken(np.flatnonzero(~single)), (Notice("rare", target, what, some_rows(rows)),)


def _check_classes(table: Table, target: str, file: str) -> None:
    codes, names = class_codes(table[target]) if table.m else (np.zeros(0, np.int64), ())
    present = len(np.unique(codes))
    if table.m > 1 and present == table.m:
        raise InputError(
            f"{file}, column {target!r}: has another word in each of its {table.m} rows, such as {names[0]!r}; wanted "
            "classes with several rows each"
        )
    if present < 2:
        raise InputError(_constant(file, target, names[codes[0]] if table.m else "nothing"))
    if present > table.m / 2:
        raise InputError(
            f"{file}, column {target!r}: has {present} classes in {table.m} rows; wanted several rows of each class "
            "(is it a name, or a number written as words?)"
        )


def _constant(file: str, target: str, said: str) -> str:
    return f"{file}, column {target!r}: says {said!r} in every row; wanted at least two different values to predict"

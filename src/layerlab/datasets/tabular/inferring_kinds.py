"""Which kind each column of a frame has: number, truth value, category or date; cells that do not fit are reported.

A text column has the kind that at least ``KIND_SHARE`` of its cells fit; the others are missing from then on.

A column of text is what at least ``KIND_SHARE`` of its cells are; the others are missing from then on, and named.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from layerlab.datasets.part import Notice
from layerlab.errors import InputError

from . import cells
from .cell_reports import REMEMBERED_ROWS, CellReport, quoted
from .parsing_columns import (
    COMMA,
    TypedColumn,
    category_column,
    date_column,
    floats,
    given_days,
    given_numbers,
    number_column,
    read_as_kind,
    read_numbers,
    truth_column,
    with_missing_notice,
)
from .table import Column, Table

if TYPE_CHECKING:
    import polars as pl

KIND_SHARE = 0.9
"""Share of a column's cells that have to fit a kind."""


MIXED_SHARE = 0.5
"""Share of numbers among words from which a column is called mixed."""


SAMPLED_CELLS = 2000
"""Cells that are looked at first, so that a column of prose is not searched for numbers to its end."""


def infer_kinds(
    frame: pl.DataFrame, *, categories: Collection[str] = (), numbers: Collection[str] = (), file: str = "the table"
) -> tuple[Table, tuple[Notice, ...]]:
    """Make a table of a frame whose columns are text or have types already.

    Args:
        frame: m rows.
        categories, numbers: names of columns that are of these kinds, whatever they look like.
        file: the file's name, for messages.

    Returns:
        The table, its rows numbered from 1, and what was noticed: cells repaired or missing from now on, columns that
        are left out for what they hold (lists, bytes).

    Raises:
        InputError: a name is not there, or in both lists; no cell of a column of ``numbers`` is a number.
    """
    _check_names(frame.columns, categories, numbers, file)
    categories, numbers = set(categories), set(numbers)
    typed = []
    for series in frame.iter_columns():
        kind = "category" if series.name in categories else "number" if series.name in numbers else ""
        typed.append(read_as_kind(series, kind) if kind else infer_column(series))
        if kind == "number" and not _says_something(typed[-1].column):
            raise InputError(f"{file}, column {series.name!r}: no cell is a number; wanted some, or another kind of it")
    columns = tuple(one.column for one in typed if one.column is not None)
    notices = tuple(notice for one in typed for notice in one.notices)
    return Table(columns, np.arange(1, frame.height + 1)), notices


def _check_names(names: list[str], categories: Collection[str], numbers: Collection[str], file: str) -> None:
    """Check the names of columns whose kind the user gave."""
    known = set(names)
    for argument, given in (("categories", categories), ("numbers", numbers)):
        if isinstance(given, str):
            raise InputError(f"{argument}={given!r}: is one word; wanted a list of columns' names")
        for name in given:
            if name not in known:
                raise InputError(f"{argument}: {file} has no column {name!r}; wanted some of its columns' names")
    if both := set(categories) & set(numbers):
        raise InputError(f"{min(both)!r} is in categories and in numbers; wanted it in one of them")


def _says_something(column: Column | None) -> bool:
    """Whether a column has any value."""
    return column is not None and not column.missing.all()


def infer_column(series: pl.Series) -> TypedColumn:
    """Read a column as the kind that its type or its cells say."""
    import polars as pl

    kind = series.dtype
    if kind == pl.Boolean:
        return TypedColumn(Column(series.name, "truth", floats(series), ("false", "true")))
    if kind.is_numeric():
        return given_numbers(series)
    if kind in (pl.Date, pl.Datetime):
        return TypedColumn(Column(series.name, "date", given_days(series)))
    if kind == pl.Null:
        return TypedColumn(Column(series.name, "number", np.full(len(series), np.nan)))
    if kind in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
        words = cells.stripped(series)
        return with_missing_notice(category_column(series.name, words), series, words)
    return _from_text(series) if kind == pl.String else _useless(series)


def _from_text(series: pl.Series) -> TypedColumn:
    """Read a column of text; if all cells are plain numbers, the most frequent case, without looking at their words."""
    values = cells.plain_column(series)
    if values is not None:
        return TypedColumn(Column(series.name, "number", floats(values)))
    words = cells.stripped(series)
    return with_missing_notice(_from_words(words), series, words)


def _useless(series: pl.Series) -> TypedColumn:
    """Leave out a column whose values are no numbers, words or dates."""
    kind = str(series.dtype).split("(")[0].lower()
    holds = "lists or objects" if series.dtype.is_nested() else f"values of the type {kind}"
    what = f"{series.name!r} holds {holds}, which are no numbers, words or dates, and is left out"
    return TypedColumn(None, (Notice("type", series.name, what, left_out=True),))


def _from_words(words: pl.Series) -> TypedColumn:
    """Read a column as the kind that fits most of its words."""
    present = words.drop_nulls()
    if not len(present):
        return TypedColumn(Column(words.name, "number", np.full(len(words), np.nan)))
    if pair := cells.truth_words(present):
        return truth_column(words, pair)
    some = present.gather_every(max(1, len(present) // SAMPLED_CELLS)).head(SAMPLED_CELLS)
    comma = cells.has_decimal_commas(some) and cells.has_decimal_commas(present)
    numeric = _share(read_numbers(some, comma), some)
    if numeric >= KIND_SHARE / 2:
        numeric = _share(read_numbers(present, comma), present)
    if numeric >= KIND_SHARE:
        return _codes(words) if cells.has_codes(present) else number_column(words, COMMA if comma else ())
    formats = cells.date_formats(present, KIND_SHARE)
    if len(formats) == 1:
        return date_column(words, tuple(formats))
    typed = category_column(words.name, words)
    notice = (
        _ambiguous(words.name, formats)
        if formats
        else _mixed(words, numeric, comma)
        if numeric >= MIXED_SHARE
        else None
    )
    return typed._replace(notices=(*typed.notices, *([notice] if notice else [])))


def _share(read: pl.Series, words: pl.Series) -> float:
    """The share of words that could be read."""
    return read.count() / len(words)


def _codes(words: pl.Series) -> TypedColumn:
    """Take numbers that begin with zeros as categories, since they name something."""
    example = words.filter(words.str.contains(cells.CODE)).head(1).to_list()[0]
    what = (
        f"{words.name!r}: numbers with zeros in front, such as {quoted(example)}, are taken for codes, so it is a "
        f"category; if they are numbers, say --numbers {words.name!r}"
    )
    return TypedColumn(category_column(words.name, words).column, (Notice("codes", words.name, what),))


def _ambiguous(name: str, formats: list[str]) -> Notice:
    """Make a notice of dates of which nobody knows which number is the day."""
    ways = " and as ".join(how.replace("%", "") for how in formats)
    what = f"{name!r}: dates that can be read as {ways}, so it is taken as a category; write them as 2024-12-31"
    return Notice("ambiguous", name, what)


def _mixed(words: pl.Series, numeric: float, comma: bool) -> Notice:
    """Make a notice of numbers among words, in a column that is taken as a category."""
    odd = (read_numbers(words, comma).is_null() & words.is_not_null()).arg_true().to_numpy()
    report = CellReport(words.name, odd + 1, words.gather(odd[:REMEMBERED_ROWS]).to_list())
    what = (
        f"no number{{s}} among {100 * numeric:.0f} % that are, so it is a category (--numbers {words.name!r} to change)"
    )
    return report.notice("mixed", what)

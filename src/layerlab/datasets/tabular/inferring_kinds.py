"""What each column of a frame is: a number, truth, a category or a date; every cell that did not fit is reported.

A column of text is what at least ``ENOUGH`` of its cells are; the others are missing from then on, and named.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from layerlab.errors import InputError

from . import cells
from .cell_reports import ROWS, Report, shown
from .parsing_columns import (
    COMMA,
    Typed,
    as_kind,
    category,
    date,
    floats,
    number,
    read_numbers,
    truth,
    typed_days,
    typed_numbers,
    with_missing,
)
from .table import Column, Notice, Table

if TYPE_CHECKING:
    import polars as pl

ENOUGH = 0.9
"""Share of a column's cells that make it what they are."""


MIXED = 0.5
"""Share of numbers among words from which a column is called mixed."""


SAMPLE = 2000
"""Cells that are looked at first: a column of prose is not searched for numbers to its end."""


def inferred(
    frame: pl.DataFrame, *, categories: Collection[str] = (), numbers: Collection[str] = (), file: str = "the table"
) -> tuple[Table, tuple[Notice, ...]]:
    """A table from a frame whose columns are text or have types already.

    Args:
        frame: m rows.
        categories, numbers: names of columns that are of these kinds, whatever they look like.
        file: for messages.

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
        typed.append(as_kind(series, kind) if kind else inferred_column(series))
        if kind == "number" and not _says_something(typed[-1].column):
            raise InputError(f"{file}, column {series.name!r}: no cell is a number; wanted some, or another kind of it")
    columns = tuple(one.column for one in typed if one.column is not None)
    notices = tuple(notice for one in typed for notice in one.notices)
    return Table(columns, np.arange(1, frame.height + 1)), notices


def _check_names(names: list[str], categories: Collection[str], numbers: Collection[str], file: str) -> None:
    known = set(names)
    for said, asked in (("categories", categories), ("numbers", numbers)):
        if isinstance(asked, str):
            raise InputError(f"{said}={asked!r}: is one word; wanted a list of columns' names")
        for name in asked:
            if name not in known:
                raise InputError(f"{said}: {file} has no column {name!r}; wanted some of its columns' names")
    if both := set(categories) & set(numbers):
        raise InputError(f"{min(both)!r} is in categories and in numbers; wanted it in one of them")


def _says_something(column: Column | None) -> bool:
    return column is not None and not column.missing.all()


def inferred_column(series: pl.Series) -> Typed:
    """A column of the kind that its type or its cells say."""
    import polars as pl

    kind = series.dtype
    if kind == pl.Boolean:
        return Typed(Column(series.name, "truth", floats(series), ("false", "true")))
    if kind.is_numeric():
        return typed_numbers(series)
    if kind in (pl.Date, pl.Datetime):
        return Typed(Column(series.name, "date", typed_days(series)))
    if kind == pl.Null:
        return Typed(Column(series.name, "number", np.full(len(series), np.nan)))
    if kind in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
        words = cells.stripped(series)
        return with_missing(category(series.name, words), series, words)
    return _from_text(series) if kind == pl.String else _useless(series)


def _from_text(series: pl.Series) -> Typed:
    """A column of text; one of nothing but plain numbers, the most frequent case, without looking at its words."""
    values = cells.plain(series)
    if values is not None:
        return Typed(Column(series.name, "number", floats(values)))
    words = cells.stripped(series)
    return with_missing(_from_words(words), series, words)


def _useless(series: pl.Series) -> Typed:
    kind = str(series.dtype).split("(")[0].lower()
    holds = "lists or objects" if series.dtype.is_nested() else f"values of the type {kind}"
    what = f"{series.name!r} holds {holds}, which are no numbers, words or dates, and is left out"
    return Typed(None, (Notice("type", series.name, what, left_out=True),))


def _from_words(words: pl.Series) -> Typed:
    """A column of the kind that most of its words are."""
    present = words.drop_nulls()
    if not len(present):
        return Typed(Column(words.name, "number", np.full(len(words), np.nan)))
    if pair := cells.truth_words(present):
        return truth(words, pair)
    some = present.gather_every(max(1, len(present) // SAMPLE)).head(SAMPLE)
    comma = cells.speaks_with_comma(some) and cells.speaks_with_comma(present)
    numeric = _share(read_numbers(some, comma), some)
    if numeric >= ENOUGH / 2:
        numeric = _share(read_numbers(present, comma), present)
    if numeric >= ENOUGH:
        return _codes(words) if cells.has_codes(present) else number(words, COMMA if comma else ())
    formats = cells.date_formats(present, ENOUGH)
    if len(formats) == 1:
        return date(words, tuple(formats))
    typed = category(words.name, words)
    said = _ambiguous(words.name, formats) if formats else _mixed(words, numeric, comma) if numeric >= MIXED else None
    return typed._replace(notices=(*typed.notices, *([said] if said else [])))


def _share(read: pl.Series, words: pl.Series) -> float:
    return read.count() / len(words)


def _codes(words: pl.Series) -> Typed:
    """Numbers with zeros in front are names of something."""
    example = words.filter(words.str.contains(cells.CODE)).head(1).to_list()[0]
    what = (
        f"{words.name!r}: numbers with zeros in front, such as {shown(example)}, are taken for codes, so it is a "
        f"category; if they are numbers, say --numbers {words.name!r}"
    )
    return Typed(category(words.name, words).column, (Notice("codes", words.name, what),))


def _ambiguous(name: str, formats: list[str]) -> Notice:
    """Dates of which nobody knows which is the day."""
    ways = " and as ".join(how.replace("%", "") for how in formats)
    what = f"{name!r}: dates that can be read as {ways}, so it is taken as a category; write them as 2024-12-31"
    return Notice("ambiguous", name, what)


def _mixed(words: pl.Series, numeric: float, comma: bool) -> Notice:
    """Numbers among words, in a column that is taken as a category."""
    odd = (read_numbers(words, comma).is_null() & words.is_not_null()).arg_true().to_numpy()
    report = Report(words.name, odd + 1, words.gather(odd[:ROWS]).to_list())
    said = (
        f"no number{{s}} among {100 * numeric:.0f} % that are, so it is a category (--numbers {words.name!r} to change)"
    )
    return report.notice("mixed", said)

"""What each column of a frame is: a number, truth, a category or a date; every cell that did not fit is reported.

A column of text is what at least ``ENOUGH`` of its cells are; the others are missing from then on, and named.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from . import cells
from .reporting import ROWS, Report, shown
from .table import Column, Notice, Table

if TYPE_CHECKING:
    import polars as pl

ENOUGH = 0.9
"""Share of a column's cells that make it what they are."""

MIXED = 0.5
"""Share of numbers among words from which a column is called mixed."""

SAMPLE = 2000
"""Cells that are looked at first: a column of prose is not searched for numbers to its end."""

COMMA = (",",)
"""``Column.words`` of numbers whose decimals follow a comma."""


class Typed(NamedTuple):
    """A column and what is to be said of it; no column where there is no use for one."""

    column: Column | None
    notices: tuple[Notice, ...] = ()


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
            raise InputError(f"{file}, column {series.name!r}: no cell is a number; take it out of numbers=")
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
        return Typed(Column(series.name, "truth", _floats(series), ("false", "true")))
    if kind.is_numeric():
        return _typed_numbers(series)
    if kind in (pl.Date, pl.Datetime):
        return Typed(Column(series.name, "date", _typed_days(series)))
    if kind == pl.Null:
        return Typed(Column(series.name, "number", np.full(len(series), np.nan)))
    if kind in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
        words = cells.stripped(series)
        return _with_missing(_category(series.name, words), series, words)
    return _from_text(series) if kind == pl.String else _useless(series)


def as_kind(series: pl.Series, kind: str, words: tuple[str, ...] = ()) -> Typed:
    """A column of a kind that is given; cells that are nothing of it are missing, and reported.

    Args:
        series: text or typed.
        kind: of ``KINDS``.
        words: as ``Column.words`` of the column that was learned from.
    """
    import polars as pl

    numeric = series.dtype.is_numeric() or series.dtype == pl.Boolean
    if kind == "number" and numeric:
        return _typed_numbers(series)
    if kind == "date" and series.dtype in (pl.Date, pl.Datetime):
        return Typed(Column(series.name, "date", _typed_days(series), words))
    if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
        return _unfit(Column(series.name, kind, _nothing(kind, len(series)), words), _printed(series))
    text = _as_words(series)
    stripped = cells.stripped(text)
    return _with_missing(MAKERS[kind](stripped, words), text, stripped)


def _from_text(series: pl.Series) -> Typed:
    """A column of text; one of nothing but plain numbers, the most frequent case, without looking at its words."""
    values = cells.plain(series)
    if values is not None:
        return Typed(Column(series.name, "number", _floats(values)))
    words = cells.stripped(series)
    return _with_missing(_from_words(words), series, words)


def _with_missing(typed: Typed, text: pl.Series, words: pl.Series) -> Typed:
    """With a notice of words such as "n/a" that were taken for missing values; empty cells are no news."""
    if words.null_count() == text.null_count():
        return typed
    lost = (words.is_null() & text.is_not_null() & (text.str.strip_chars() != "")).arg_true().to_numpy()
    if not lost.size:
        return typed
    report = Report(words.name, lost + 1, text.gather(lost[:ROWS]).to_list())
    return typed._replace(notices=(*typed.notices, report.notice("missing", "taken for missing")))


def _printed(series: pl.Series) -> pl.Series:
    """What lists and the like print as, for messages."""
    import polars as pl

    words = [None if value is None else str(value) for value in series.to_list()]
    return pl.Series(series.name, words, dtype=pl.String)


def _as_words(series: pl.Series) -> pl.Series:
    """The words that a CSV would have: whole numbers without a decimal point."""
    import polars as pl

    if series.dtype.is_float():
        whole = series.cast(pl.Int64, strict=False)
        is_whole = whole.cast(pl.Float64) == series
        words = pl.when(is_whole).then(whole.cast(pl.String)).otherwise(series.cast(pl.String))
        return pl.select(words).to_series().alias(series.name)
    return series.cast(pl.String)


def _floats(series: pl.Series) -> NDArray[np.float64]:
    import polars as pl

    values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.array(values, np.float64)


def _typed_numbers(series: pl.Series) -> Typed:
    """Numbers that came as such; infinite ones are missing, for no mean has room for them."""
    values = _floats(series)
    infinite = np.isinf(values)
    column = Column(series.name, "number", np.where(infinite, np.nan, values))
    if not infinite.any():
        return Typed(column)
    rows = np.flatnonzero(infinite) + 1
    report = Report(series.name, rows, [str(value) for value in values[infinite][:ROWS]])
    return Typed(column, (report.notice("dirty", "infinite and {was} read as missing"),))


def _typed_days(series: pl.Series) -> NDArray[np.float64]:
    """Days since 1970 of a column of dates; a time zone counts from Greenwich."""
    import polars as pl

    if series.dtype == pl.Date:
        return _floats(series.cast(pl.Int32))
    return _floats(series.dt.cast_time_unit("us").cast(pl.Int64).cast(pl.Float64) / 86_400e6)


def _useless(series: pl.Series) -> Typed:
    kind = str(series.dtype).split("(")[0].lower()
    what = f"{series.name!r} holds values of the type {kind}, which are no numbers, words or dates, and is left out"
    return Typed(None, (Notice("type", series.name, what, left_out=True),))


def _from_words(words: pl.Series) -> Typed:
    """A column of the kind that most of its words are."""
    present = words.drop_nulls()
    if not len(present):
        return Typed(Column(words.name, "number", np.full(len(words), np.nan)))
    if truth := cells.truth_words(present):
        return _truth(words, truth)
    some = present.gather_every(max(1, len(present) // SAMPLE)).head(SAMPLE)
    comma = cells.speaks_with_comma(some) and cells.speaks_with_comma(present)
    numeric = _share(_read(some, comma), some)
    if numeric >= ENOUGH / 2:
        numeric = _share(_read(present, comma), present)
    if numeric >= ENOUGH:
        return _codes(words) if cells.has_codes(present) else _number(words, COMMA if comma else ())
    formats = cells.date_formats(present, ENOUGH)
    if len(formats) == 1:
        return _date(words, tuple(formats))
    typed = _category(words.name, words)
    said = _ambiguous(words.name, formats) if formats else _mixed(words, numeric, comma) if numeric >= MIXED else None
    return typed._replace(notices=(*typed.notices, *([said] if said else [])))


def _share(read: pl.Series, words: pl.Series) -> float:
    return read.count() / len(words)


def _read(words: pl.Series, comma: bool) -> pl.Series:
    """Numbers, plain ones or in need of repair."""
    import polars as pl

    plain = cells.numbers(words)
    if comma:
        return cells.with_comma(words)
    odd = plain.is_null() & words.is_not_null()
    if not odd.any():
        return plain
    places = odd.arg_true()
    return plain.scatter(places, cells.repaired(words.gather(places)).cast(pl.Float64))


def _number(words: pl.Series, how: tuple[str, ...] = ()) -> Typed:
    """Numbers; which were repaired and which could not be is reported."""
    comma = how == COMMA or (not how and cells.speaks_with_comma(words))
    values = _read(words, comma)
    column = Column(words.name, "number", _floats(values), COMMA if comma else ())
    unfit = _unfit(column, words).notices
    if comma:
        example = words.filter(words.str.contains(",", literal=True) & values.is_not_null()).head(1).to_list()
        said = f", such as {shown(example[0])}" if example else ""
        what = f"{words.name!r}: decimals follow a comma{said}, and the cells were read so"
        return Typed(column, (Notice("comma", words.name, what), *unfit))
    odd = (cells.numbers(words).is_null() & values.is_not_null()).arg_true().to_numpy()
    if not odd.size:
        return Typed(column, unfit)
    report = Report(
        words.name, odd + 1, words.gather(odd[:ROWS]).to_list(), [f"{column.values[at]:.12g}" for at in odd[:ROWS]]
    )
    return Typed(column, (report.notice("dirty", "no plain number{s} and {was} read as such"), *unfit))


def _unfit(column: Column, words: pl.Series) -> Typed:
    """The column, and a notice of the words that came to nothing."""
    kinds = {"number": "number", "truth": "yes or no", "date": "date", "category": "word"}
    lost = np.flatnonzero(column.missing & words.is_not_null().to_numpy())
    if not lost.size:
        return Typed(column)
    report = Report(column.name, lost + 1, words.gather(lost[:ROWS]).to_list())
    plural = "" if column.kind == "truth" else "{s}"
    return Typed(column, (report.notice("dirty", f"no {kinds[column.kind]}{plural} and {{was}} read as missing"),))


def _truth(words: pl.Series, truth: tuple[str, ...] = ()) -> Typed:
    """0 and 1; of the words that were learned from first, then of any that mean the same."""
    import polars as pl

    truth = truth or cells.truth_words(words.drop_nulls()) or ("no", "yes")
    no, yes = (word.lower() for word in truth)
    own = words.str.to_lowercase().replace_strict({no: 0.0, yes: 1.0}, default=None, return_dtype=pl.Float64)
    return _unfit(Column(words.name, "truth", _floats(own.fill_null(cells.truths(words))), truth), words)


def _date(words: pl.Series, how: tuple[str, ...] = ()) -> Typed:
    """Days since 1970; the format that was learned from is tried, then ISO's."""
    formats = how or tuple(cells.date_formats(words.drop_nulls(), 0.5)[:1]) or cells.DATE_FORMATS[:1]
    values = cells.days(words, formats[0])
    if formats[0] != cells.DATE_FORMATS[0] and values.count() < words.count():
        values = values.fill_null(cells.days(words, cells.DATE_FORMATS[0]))
    kept = () if formats[0] == cells.DATE_FORMATS[0] else formats
    return _unfit(Column(words.name, "date", _floats(values), kept), words)


def _category(name: str, words: pl.Series) -> Typed:
    return Typed(Column(name, "category", _objects(words)))


def _objects(words: pl.Series) -> NDArray[Any]:
    values = np.empty(len(words), object)
    values[:] = words.to_list()
    return values


def _nothing(kind: str, m: int) -> NDArray[Any]:
    return np.full(m, None, object) if kind == "category" else np.full(m, np.nan)


def _codes(words: pl.Series) -> Typed:
    """Numbers with zeros in front are names of something."""
    example = words.filter(words.str.contains(cells.CODE)).head(1).to_list()[0]
    what = (
        f"{words.name!r}: numbers with zeros in front, such as {shown(example)}, are taken for codes, so it is a "
        f"category; if they are numbers, say --numbers {words.name!r}"
    )
    return Typed(_category(words.name, words).column, (Notice("codes", words.name, what),))


def _ambiguous(name: str, formats: list[str]) -> Notice:
    """Dates of which nobody knows which is the day."""
    ways = " and as ".join(how.replace("%", "") for how in formats)
    what = f"{name!r}: dates that can be read as {ways}, so it is taken as a category; write them as 2024-12-31"
    return Notice("ambiguous", name, what)


def _mixed(words: pl.Series, numeric: float, comma: bool) -> Notice:
    """Numbers among words, in a column that is taken as a category."""
    odd = (_read(words, comma).is_null() & words.is_not_null()).arg_true().to_numpy()
    report = Report(words.name, odd + 1, words.gather(odd[:ROWS]).to_list())
    said = (
        f"no number{{s}} among {100 * numeric:.0f} % that are, so it is a category (--numbers {words.name!r} to change)"
    )
    return report.notice("mixed", said)


MAKERS = {
    "number": _number,
    "truth": _truth,
    "date": _date,
    "category": lambda words, _: _category(words.name, words),
}
"""How the words of a column become values of a kind."""

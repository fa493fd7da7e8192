"""Columns of a known kind: cells become values, and every cell that was repaired or does not fit is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice
from layerlab.formulas.arrays import Floats

from . import cells
from .cell_reports import REMEMBERED_ROWS, CellReport, quoted
from .table import Column

if TYPE_CHECKING:
    import polars as pl

COMMA = (",",)
"""``Column.words`` of numbers with a decimal comma."""

POINT = (".",)
"""``Column.words`` of numbers with a decimal point in a file that is not written as the one that was learned from."""


class TypedColumn(NamedTuple):
    """A column with its kind, and the notices about it; no column where it cannot be used."""

    column: Column | None
    notices: tuple[Notice, ...] = ()


def read_as_kind(series: pl.Series, kind: str, words: tuple[str, ...] = ()) -> TypedColumn:
    """Read a column as a given kind; cells that are no such value are missing from then on, and reported.

    Args:
        series: text or typed.
        kind: one of ``KINDS``.
        words: as ``Column.words`` of the column that was learned from.
    """
    import polars as pl

    numeric = series.dtype.is_numeric() or series.dtype == pl.Boolean
    if kind == "number" and numeric:
        return given_numbers(series)
    if kind == "date" and series.dtype in (pl.Date, pl.Datetime):
        return TypedColumn(Column(series.name, "date", given_days(series), words))
    if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
        return _unfit(Column(series.name, kind, _nothing(kind, len(series)), words), _printed(series))
    text = _as_words(series)
    stripped = cells.stripped(text)
    return with_missing_notice(COLUMN_READERS[kind](stripped, words), text, stripped)


def with_missing_notice(typed: TypedColumn, text: pl.Series, words: pl.Series) -> TypedColumn:
    """Add a notice of words such as "n/a" that were taken as missing; empty cells are not reported."""
    if words.null_count() == text.null_count():
        return typed
    lost = (words.is_null() & text.is_not_null() & (text.str.strip_chars() != "")).arg_true().to_numpy()
    if not lost.size:
        return typed
    report = CellReport(words.name, lost + 1, text.gather(lost[:REMEMBERED_ROWS]).to_list())
    return typed._replace(notices=(*typed.notices, report.notice("missing", "taken for missing")))


def _printed(series: pl.Series) -> pl.Series:
    """What lists and the like print as, for messages."""
    import polars as pl

    words = [None if value is None else str(value) for value in series.to_list()]
    return pl.Series(series.name, words, dtype=pl.String)


def _as_words(series: pl.Series) -> pl.Series:
    """The words that a CSV file would have: whole numbers without a decimal point."""
    import polars as pl

    if series.dtype.is_float():
        whole = series.cast(pl.Int64, strict=False)
        is_whole = whole.cast(pl.Float64) == series
        words = pl.when(is_whole).then(whole.cast(pl.String)).otherwise(series.cast(pl.String))
        return pl.select(words).to_series().alias(series.name)
    return series.cast(pl.String)


def floats(series: pl.Series) -> Floats:
    """The values of a column of numbers or truth values as float64, NaN where there are none."""
    import polars as pl

    if series.dtype.is_float() or series.dtype.is_integer():
        return np.array(series.to_numpy(), np.float64)
    values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.array(values, np.float64)


def given_numbers(series: pl.Series) -> TypedColumn:
    """A column that came as numbers; infinite ones are missing, since no mean has room for them."""
    values = floats(series)
    infinite = np.isinf(values)
    if not infinite.any():
        return TypedColumn(Column(series.name, "number", values))
    column = Column(series.name, "number", np.where(infinite, np.nan, values))
    rows = np.flatnonzero(infinite) + 1
    report = CellReport(series.name, rows, [str(value) for value in values[infinite][:REMEMBERED_ROWS]])
    return TypedColumn(column, (report.notice("dirty", "infinite and {was} read as missing"),))


def given_days(series: pl.Series) -> Floats:
    """Days since 1970 of a column that came as dates; a time zone is converted to Greenwich time."""
    import polars as pl

    if series.dtype == pl.Date:
        return floats(series.cast(pl.Int32))
    return floats(series.dt.cast_time_unit("us").cast(pl.Int64).cast(pl.Float64) / 86_400e6)


def read_numbers(words: pl.Series, comma: bool) -> pl.Series:
    """Read words as numbers, plain ones or in need of repair."""
    import polars as pl

    plain = cells.plain_numbers(words)
    if comma:
        return cells.comma_numbers(words)
    odd = plain.is_null() & words.is_not_null()
    if not odd.any():
        return plain
    places = odd.arg_true()
    return plain.scatter(places, cells.repaired_numbers(words.gather(places)).cast(pl.Float64))


def number_column(words: pl.Series, how: tuple[str, ...] = ()) -> TypedColumn:
    """Read words as numbers; which were repaired and which could not be read is reported."""
    comma = how == COMMA or (not how and cells.has_decimal_commas(words))
    values = read_numbers(words, comma)
    column = Column(words.name, "number", floats(values), COMMA if comma else ())
    unfit = _unfit(column, words).notices
    if comma:
        example = words.filter(words.str.contains(",", literal=True) & values.is_not_null()).head(1).to_list()
        said = f", such as {quoted(example[0])}" if example else ""
        what = f"{words.name!r}: decimals follow a comma{said}, and the cells were read so"
        return TypedColumn(column, (Notice("comma", words.name, what), *unfit))
    odd = (cells.plain_numbers(words).is_null() & values.is_not_null()).arg_true().to_numpy()
    if not odd.size:
        return TypedColumn(column, unfit)
    report = CellReport(
        words.name,
        odd + 1,
        words.gather(odd[:REMEMBERED_ROWS]).to_list(),
        [f"{column.values[at]:.12g}" for at in odd[:REMEMBERED_ROWS]],
    )
    return TypedColumn(column, (report.notice("dirty", "no plain number{s} and {was} read as such"), *unfit))


def _unfit(column: Column, words: pl.Series) -> TypedColumn:
    """Report the words that no value was made of."""
    kinds = {"number": "number", "truth": "yes or no", "date": "date", "category": "word"}
    lost = np.flatnonzero(column.missing & words.is_not_null().to_numpy())
    if not lost.size:
        return TypedColumn(column)
    report = CellReport(column.name, lost + 1, words.gather(lost[:REMEMBERED_ROWS]).to_list())
    plural = "" if column.kind == "truth" else "{s}"
    return TypedColumn(
        column, (report.notice("dirty", f"no {kinds[column.kind]}{plural} and {{was}} read as missing"),)
    )


def truth_column(words: pl.Series, how: tuple[str, ...] = ()) -> TypedColumn:
    """Read words as 0 and 1: first those of the column that was learned from, then any that mean the same."""
    import polars as pl

    how = how or cells.truth_words(words.drop_nulls()) or ("no", "yes")
    no, yes = (word.lower() for word in how)
    own = words.str.to_lowercase().replace_strict({no: 0.0, yes: 1.0}, default=None, return_dtype=pl.Float64)
    return _unfit(Column(words.name, "truth", floats(own.fill_null(cells.truths(words))), how), words)


def date_column(words: pl.Series, how: tuple[str, ...] = ()) -> TypedColumn:
    """Read words as days since 1970, in the format that was learned or ISO's.

    Where day and month cannot be told apart, ISO's format alone is read.
    """
    iso = cells.DATE_FORMATS[0]
    fitting = () if how else cells.date_formats(words.drop_nulls(), 0.5)
    form = how[0] if how else fitting[0] if len(fitting) == 1 else iso
    values = cells.days(words, form)
    if form != iso and values.count() < words.count():
        values = values.fill_null(cells.days(words, iso))
    return _unfit(Column(words.name, "date", floats(values), () if form == iso else (form,)), words)


def category_column(name: str, words: pl.Series) -> TypedColumn:
    """Take words as categories, as they are."""
    return TypedColumn(Column(name, "category", _objects(words)))


def _objects(words: pl.Series) -> NDArray[Any]:
    """The words as an array of Python objects."""
    values = np.empty(len(words), object)
    values[:] = words.to_list()
    return values


def _nothing(kind: str, m: int) -> NDArray[Any]:
    """A column in which every value is missing."""
    return np.full(m, None, object) if kind == "category" else np.full(m, np.nan)


COLUMN_READERS = {
    "number": number_column,
    "truth": truth_column,
    "date": date_column,
    "category": lambda words, _: category_column(words.name, words),
}
"""How the words of a column become values of each kind."""

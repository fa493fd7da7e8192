"""Columns of a known kind: cells become values, and each cell that was repaired or does not fit is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice
from layerlab.formulas.arrays import Floats

from . import cells, dates
from .cell_reports import REMEMBERED_ROWS, CellReport, quoted
from .table import Column

if TYPE_CHECKING:
    import polars as pl

COMMA = (",",)
"""``Column.words`` of numbers with a decimal comma."""

POINT = (".",)
"""``Column.words`` of numbers with a decimal point in a file that is written differently from the training file."""


def is_comma(words: tuple[str, ...]) -> bool:
    """Return whether decimals follow a comma, according to ``Column.words``."""
    return words[:1] == COMMA


def unit_in(words: tuple[str, ...]) -> str:
    """Return the unit of a column of numbers, according to ``Column.words``, or ""."""
    return words[1] if len(words) > 1 else ""


class TypedColumn(NamedTuple):
    """A column with its kind, and the notices about it; None for the column if it cannot be used."""

    column: Column | None
    notices: tuple[Notice, ...] = ()


def read_as_kind(series: pl.Series, kind: str, words: tuple[str, ...] = ()) -> TypedColumn:
    """Read a column as a given kind; cells that do not fit it become missing and are reported.

    Args:
        series: text or typed.
        kind: one of ``KINDS``.
        words: ``Column.words`` of the training column.
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
    """Add a notice about words such as "n/a" that were read as missing, and one about words in an unusual form.

    Empty cells are not reported.
    """
    notices = [*typed.notices]
    if words.null_count() > text.null_count():
        lost = (words.is_null() & text.is_not_null() & (text.str.strip_chars() != "")).arg_true().to_numpy()
        if lost.size:
            report = CellReport(words.name, lost + 1, text.gather(lost[:REMEMBERED_ROWS]).to_list())
            notices.append(report.notice("missing", "read as missing"))
    if typed.column is not None and typed.column.kind == "category":
        other = (text.str.strip_chars() != words).arg_true().to_numpy()  # null where either is
        if other.size:
            report = CellReport(words.name, other + 1, words.gather(other[:REMEMBERED_ROWS]).to_list())
            what = "written in an unusual Unicode form (accents, spaces) and {was} read in the usual one (NFC)"
            notices.append(report.notice("unicode", what))
    return typed._replace(notices=tuple(notices))


def _printed(series: pl.Series) -> pl.Series:
    """Return the text that lists and other objects print as, for messages."""
    import polars as pl

    words = [None if value is None else str(value) for value in series.to_list()]
    return pl.Series(series.name, words, dtype=pl.String)


def _as_words(series: pl.Series) -> pl.Series:
    """Return the words that a CSV file would have; whole numbers are without a decimal point."""
    import polars as pl

    if series.dtype.is_float():
        whole = series.cast(pl.Int64, strict=False)
        is_whole = whole.cast(pl.Float64) == series
        words = pl.when(is_whole).then(whole.cast(pl.String)).otherwise(series.cast(pl.String))
        return pl.select(words).to_series().alias(series.name)
    return series.cast(pl.String)


def floats(series: pl.Series) -> Floats:
    """Return the values of a column of numbers or yes/no values as float64, NaN where missing."""
    import polars as pl

    if series.dtype.is_float() or series.dtype.is_integer():
        return np.array(series.to_numpy(), np.float64)
    values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.array(values, np.float64)


def given_numbers(series: pl.Series) -> TypedColumn:
    """Return a column that came as numbers; infinite ones become missing, since they would make every mean infinite."""
    values = floats(series)
    infinite = np.isinf(values)
    if not infinite.any():
        return TypedColumn(Column(series.name, "number", values))
    column = Column(series.name, "number", np.where(infinite, np.nan, values))
    rows = np.flatnonzero(infinite) + 1
    report = CellReport(series.name, rows, [str(value) for value in values[infinite][:REMEMBERED_ROWS]])
    return TypedColumn(column, (report.notice("dirty", "infinite and {was} read as missing"),))


def given_days(series: pl.Series) -> Floats:
    """Days since 1970 of a column that came as dates; a time zone is converted to UTC."""
    import polars as pl

    if series.dtype == pl.Date:
        return floats(series.cast(pl.Int32))
    return floats(series.dt.cast_time_unit("us").cast(pl.Int64).cast(pl.Float64) / 86_400e6)


def read_numbers(words: pl.Series, comma: bool, unit: str = "") -> pl.Series:
    """Read words as numbers, repaired if necessary; a unit after them is dropped."""
    words = cells.without_unit(words, unit)
    plain = cells.plain_numbers(words)
    if comma:
        return cells.comma_numbers(words)
    odd = plain.is_null() & words.is_not_null()
    if not odd.any():
        return plain
    import polars as pl

    places = odd.arg_true()
    return plain.scatter(places, cells.repaired_numbers(words.gather(places)).cast(pl.Float64))


def number_column(words: pl.Series, how: tuple[str, ...] = ()) -> TypedColumn:
    """Read words as numbers; repaired cells and cells that cannot be read are reported."""
    comma, unit = is_comma(how), unit_in(how)
    values = read_numbers(words, comma, unit)
    column = Column(words.name, "number", floats(values), how if comma or unit else ())
    bare = cells.without_unit(words, unit)
    said = [_unit_notice(words, bare, values, unit)] if unit and (bare != words).any() else []
    if comma:
        said += _comma_notices(bare, values)
    elif (odd := (cells.plain_numbers(bare).is_null() & values.is_not_null()).arg_true().to_numpy()).size:
        first = odd[:REMEMBERED_ROWS]
        became = [f"{column.values[at]:.12g}" for at in first]
        report = CellReport(words.name, odd + 1, words.gather(first).to_list(), became)
        said.append(report.notice("dirty", "not {a}plain number{s} and {was} converted"))
    return TypedColumn(column, (*said, *_more_on_numbers(words), *_unfit(column, words).notices))


def _unit_notice(words: pl.Series, bare: pl.Series, values: pl.Series, unit: str) -> Notice:
    """Say which unit was dropped."""
    with_unit = (bare != words).arg_true().to_numpy()
    first = with_unit[:REMEMBERED_ROWS]
    read = [f"{value:.12g}" if value is not None else "missing" for value in values.gather(first).to_list()]
    report = CellReport(words.name, with_unit + 1, words.gather(first).to_list(), read)
    return report.notice("unit", f"written with the unit {quoted(unit)}, and {{was}} read without it")


def _comma_notices(words: pl.Series, values: pl.Series) -> list[Notice]:
    """Say that decimals follow a comma, with an example cell."""
    start = f"{words.name!r}: decimals follow a comma"
    read = values.is_not_null()
    sayings = {",": "{}, as in {}; they are read so", ".": "{} in this file, so {} is read as {}"}
    for mark, said in sayings.items():
        if (marked := words.str.contains(mark, literal=True) & read).any():
            example, value = words.filter(marked)[0], values.filter(marked)[0]
            return [Notice("comma", words.name, said.format(start, quoted(example), f"{value:.12g}"))]
    return []


def _more_on_numbers(words: pl.Series) -> list[Notice]:
    """Say that leading zeros were lost, or that amounts are in several currencies."""
    notices = []
    if cells.has_zeros_in_front(words):
        example = words.filter(words.str.contains(cells.ZERO_IN_FRONT))[0]
        what = (
            f"{words.name!r}: leading zeros, as in {quoted(example)}, are lost, since the column is read as numbers. "
            f"If they name something, use categories=[{words.name!r}]"
        )
        notices.append(Notice("codes", words.name, what))
    if len(found := cells.currencies(words)) > 1:
        named = ", ".join(map(repr, found))
        what = (
            f"{words.name!r}: has amounts in several currencies ({named}); they are read as numbers and not converted"
        )
        notices.append(Notice("unit", words.name, what))
    return notices


def _unfit(column: Column, words: pl.Series) -> TypedColumn:
    """Report the words that could not be read as values."""
    kinds = {"number": "{a}number{s}", "truth": "yes or no", "date": "{a}date{s}", "category": "{a}word{s}"}
    lost = np.flatnonzero(column.missing & words.is_not_null().to_numpy())
    if not lost.size:
        return TypedColumn(column)
    report = CellReport(column.name, lost + 1, words.gather(lost[:REMEMBERED_ROWS]).to_list())
    return TypedColumn(column, (report.notice("dirty", f"not {kinds[column.kind]} and {{was}} read as missing"),))


def truth_column(words: pl.Series, how: tuple[str, ...] = ()) -> TypedColumn:
    """Read words as 0 and 1: the training column's own words, or any others that mean yes and no."""
    import polars as pl

    how = how or cells.truth_words(words.drop_nulls()) or ("no", "yes")
    no, yes = (word.lower() for word in how)
    own = words.str.to_lowercase().replace_strict({no: 0.0, yes: 1.0}, default=None, return_dtype=pl.Float64)
    return _unfit(Column(words.name, "truth", floats(own.fill_null(cells.truths(words))), how), words)


def date_column(words: pl.Series, how: tuple[str, ...] = ()) -> TypedColumn:
    """Read words as days since 1970, in the training column's format (and first year of two digits) or in ISO's.

    Where day and month cannot be distinguished, only ISO's format is read.
    """
    fitting = () if how else dates.date_formats(words.drop_nulls(), 0.5)
    form = how[0] if how else fitting[0] if len(fitting) == 1 else dates.ISO
    values = dates.days(words, form, dates.first_year_of(how))
    if form != dates.ISO and values.count() < words.count():
        values = values.fill_null(dates.days(words, dates.ISO))
    return _unfit(Column(words.name, "date", floats(values), () if form == dates.ISO else (form, *how[1:])), words)


def category_column(name: str, words: pl.Series) -> TypedColumn:
    """Make a column of categories of words, unchanged."""
    return TypedColumn(Column(name, "category", _objects(words)))


def _objects(words: pl.Series) -> NDArray[Any]:
    """Return the words as an array of Python objects."""
    values = np.empty(len(words), object)
    values[:] = words.to_list()
    return values


def _nothing(kind: str, m: int) -> NDArray[Any]:
    """Return a column in which every value is missing."""
    return np.full(m, None, object) if kind == "category" else np.full(m, np.nan)


COLUMN_READERS = {
    "number": number_column,
    "truth": truth_column,
    "date": date_column,
    "category": lambda words, _: category_column(words.name, words),
}
"""How the words of a column become values of each kind."""

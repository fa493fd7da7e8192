"""The kind of each column of a frame: number, yes/no, category or date; cells that do not fit are reported.

A text column has the kind that at least ``KIND_SHARE`` of its cells fit; the other cells become missing and are
reported. How decimals and dates are written is decided for the whole file.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from layerlab.datasets.part import Notice
from layerlab.errors import InputError

from . import cells, dates
from .cell_reports import REMEMBERED_ROWS, CellReport, quoted
from .decimal_separators import FileNumbers, file_numbers
from .parsing_columns import (
    POINT,
    TypedColumn,
    category_column,
    date_column,
    floats,
    given_days,
    given_numbers,
    is_comma,
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
"""Share of a column's cells that must fit a kind."""


LARGEST_EXACT = 1 << 53
"""Up to this number, float64 holds every whole number exactly."""


MIXED_SHARE = 0.5
"""A column is called mixed if at least this share of its cells are numbers and the others words."""


MOST_UNITS = 5
"""A notice names at most this many units of a column."""


CLOCK_TIME = r"^\d{1,3}:[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?$"
"""Two or three numbers with colons, such as 2:13."""


class Written(NamedTuple):
    """What is known about how a file is written, apart from its cells.

    Attributes:
        separator: the separator of its fields; "" if it has none.
        decimal: the decimal separator that the user gives, "." or ","; None to decide it.
        day_first: whether the user says that days stand before months; None to decide it.
    """

    separator: str = ""
    decimal: str | None = None
    day_first: bool | None = None


NOTHING_KNOWN = Written()


def infer_kinds(
    frame: pl.DataFrame,
    *,
    categories: Collection[str] = (),
    numbers: Collection[str] = (),
    file: str = "the table",
    written: Written = NOTHING_KNOWN,
) -> tuple[Table, tuple[Notice, ...]]:
    """Make a table of a frame whose columns are text or have types already.

    Args:
        frame: m rows.
        categories, numbers: names of columns that have these kinds, whatever they look like.
        file: the file's name, for messages.
        written: what is known of how the file is written.

    Returns:
        The table, its rows numbered from 1, and notices. They are about cells that were repaired or became missing, and
        columns that are left out because they hold lists or bytes. They also say how decimals or dates were read where
        that is uncertain.

    Raises:
        InputError: a name is unknown, or in both lists; no cell of a column of ``numbers`` is a number.
    """
    _check_names(frame.columns, categories, numbers, file)
    categories, numbers = set(categories), set(numbers)
    names = [name for name in frame.columns if name not in categories]
    found = file_numbers(frame, names, written.separator, written.decimal, file)
    typed = []
    for series in frame.iter_columns():
        if series.name in numbers:
            typed.append(read_as_kind(series, "number", found.words_of(series.name) or POINT))
        elif series.name in categories:
            typed.append(read_as_kind(series, "category"))
        else:
            typed.append(infer_column(series, found))
        if series.name in numbers and not _says_something(typed[-1].column):
            raise InputError(
                f"{file}, column {series.name!r}: no cell is a number; wanted some, or leave it out of numbers="
            )
    typed = _with_order_of_days(frame, typed, written, found)
    columns = tuple(one.column for one in typed if one.column is not None)
    said = {notice.column for notice in found.notices} if found.sure else set(frame.columns)  # one notice is enough
    own = (notice for one in typed for notice in one.notices)
    notices = (*found.notices, *(notice for notice in own if notice.kind != "comma" or notice.column not in said))
    return Table(columns, np.arange(1, frame.height + 1)), notices


def _check_names(names: list[str], categories: Collection[str], numbers: Collection[str], file: str) -> None:
    """Check the names of columns whose kind the user gave."""
    known = set(names)
    for argument, given in (("categories", categories), ("numbers", numbers)):
        if isinstance(given, str):
            raise InputError(f"{argument}={given!r}: is one word; wanted a list of column names")
        for name in given:
            if name not in known:
                raise InputError(f"{argument}: {file} has no column {name!r}; wanted some of its column names")
    if both := set(categories) & set(numbers):
        raise InputError(f"{min(both)!r} is in categories and in numbers; wanted it in one of them")


def _says_something(column: Column | None) -> bool:
    """Return whether a column has any value."""
    return column is not None and not column.missing.all()


def infer_column(series: pl.Series, found: FileNumbers) -> TypedColumn:
    """Read a column as the kind that its type or its cells show."""
    import polars as pl

    kind = series.dtype
    if kind == pl.Boolean:
        return TypedColumn(Column(series.name, "truth", floats(series), ("false", "true")))
    if kind.is_integer() and _is_long(series):
        return _codes(series.cast(pl.String))
    if kind.is_numeric():
        typed = given_numbers(series)
        return _compact_dates(series, typed)
    if kind in (pl.Date, pl.Datetime):
        return TypedColumn(Column(series.name, "date", given_days(series)))
    if kind == pl.Null:
        return TypedColumn(Column(series.name, "number", np.full(len(series), np.nan)))
    if kind in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
        words = cells.stripped(series)
        return with_missing_notice(category_column(series.name, words), series, words)
    return _from_text(series, found) if kind == pl.String else _useless(series)


def _is_long(series: pl.Series) -> bool:
    """Return whether some whole numbers are too long for float64 to hold exactly."""
    low, high = series.min(), series.max()
    return isinstance(low, int) and isinstance(high, int) and max(abs(low), abs(high)) > LARGEST_EXACT


def _from_text(series: pl.Series, found: FileNumbers) -> TypedColumn:
    """Read a text column; if all cells are plain numbers, the usual case, they are not parsed a second time."""
    values = found.plain.get(series.name)
    how = found.words_of(series.name)
    if values is not None and not (is_comma(how) and series.name in found.pointed):
        typed = TypedColumn(Column(series.name, "number", floats(values), how))
        return _compact_dates(series, typed)
    words = cells.stripped(series)
    return with_missing_notice(_from_words(words, found), series, words)


def _compact_dates(series: pl.Series, typed: TypedColumn) -> TypedColumn:
    """Read whole numbers such as 20240229 as dates; leave other numbers as they are."""
    how = None if typed.column is None else dates.compact_format(typed.column.values)
    if how is None:
        return typed
    read = read_as_kind(series, "date", (how,))
    digits = "eight digits" if how == dates.COMPACT else "six digits"
    of = "year, month and day" if how == dates.COMPACT else "year and month"
    example = series.drop_nulls().head(1).cast(str).str.strip_chars()[0].removesuffix(".0")
    what = (
        f"{series.name!r}: numbers of {digits} such as {example} are read as dates ({of}). If they are numbers, "
        f"use numbers=[{series.name!r}]"
    )
    return typed._replace(column=read.column, notices=(*read.notices, Notice("dates", series.name, what)))


def _useless(series: pl.Series) -> TypedColumn:
    """Leave out a column whose values are not numbers, words or dates."""
    kind = str(series.dtype).split("(")[0].lower()
    holds = "lists or objects" if series.dtype.is_nested() else f"values of the type {kind}"
    what = f"{series.name!r} holds {holds} instead of numbers, words or dates; it is left out"
    return TypedColumn(None, (Notice("type", series.name, what, left_out=True),))


def _from_words(words: pl.Series, found: FileNumbers) -> TypedColumn:
    """Read a column as the kind that fits most of its words."""
    present = words.drop_nulls()
    if not len(present):
        return TypedColumn(Column(words.name, "number", np.full(len(words), np.nan)))
    if pair := cells.truth_words(present):
        return truth_column(words, pair)
    how = found.words_of(words.name)
    read = found.columns.get(words.name)
    if read is None:
        values = read_numbers(words, comma=True) if words.name in found.pointed else None
    else:
        values = read.by_comma if is_comma(how) else read.by_point
    numeric = 0.0 if values is None else values.count() / len(present)
    if numeric >= KIND_SHARE:
        return number_column(words, how)
    formats = dates.date_formats(present, KIND_SHARE)
    if len(formats) == 1:
        return _dated(words, formats[0])
    if cells.has_codes(present) and _are_numbers(present):
        return _codes(words)
    typed = category_column(words.name, words)
    if formats:
        return typed._replace(notices=(_ambiguous(words.name, formats),))
    if units := _several_units(words, present) or _clock_times(words, present):
        return typed._replace(notices=units)
    if values is not None and numeric >= MIXED_SHARE:
        return typed._replace(notices=(_mixed(words, values, numeric),))
    return typed


def _are_numbers(present: pl.Series) -> bool:
    """Return whether most words are numbers, in one way to write them or the other."""
    return max(read_numbers(present, comma).count() for comma in (False, True)) >= KIND_SHARE * len(present)


def _codes(words: pl.Series) -> TypedColumn:
    """Read numbers that begin with zeros, or are too long for quantities, as categories: they name something."""
    named = words.filter(words.str.contains(cells.CODE))
    example = (named if len(named) else words.filter(words.str.contains("^0") | (words.str.len_chars() > 15)))[0]
    which = "numbers with leading zeros" if example.startswith("0") else "very long numbers"
    what = (
        f"{words.name!r}: {which}, such as {quoted(example)}, are read as codes, so the column is a category. If they "
        f"are numbers, use numbers=[{words.name!r}]"
    )
    return TypedColumn(category_column(words.name, words).column, (Notice("codes", words.name, what),))


def _dated(words: pl.Series, form: str) -> TypedColumn:
    """Read words as dates in a format; a notice says how two-digit years and months are read, with an example."""
    how = dates.with_first_year(words, form)
    typed = date_column(words, how)
    if not ("%y" in form or form in dates.MONTH_FORMATS) or typed.column is None:
        return typed
    first = int(np.argmin(typed.column.missing))
    day = dates.day_in_words(typed.column.values[first])
    year = dates.first_year_of(how)
    read = f"two-digit years are read as {year} to {year + 99}" + ", not as later ones" * (len(how) > 1)
    if form in dates.MONTH_FORMATS:
        read = f"{'quarters' if '%q' in form else 'months'} are read as their first day"
    what = f"{words.name!r}: {read}, for example {quoted(words[first])} as {day}"
    return typed._replace(notices=(Notice("dates", words.name, what), *typed.notices))


def _with_order_of_days(
    frame: pl.DataFrame, typed: list[TypedColumn], written: Written, found: FileNumbers
) -> list[TypedColumn]:
    """Read dates whose day and month cannot be distinguished as the user says, or as other dates in the file show."""
    formats = [one.column.words[0] for one in typed if one.column is not None and _has_format(one.column)]
    orders = set(map(dates.is_day_first, formats)) - {None}
    if found.decimal == "," and not found.notices:
        orders |= {True}
    known = written.day_first if written.day_first is not None else orders.pop() if len(orders) == 1 else None
    return [_ordered(frame, one, known) if _is_ambiguous(one) else one for one in typed]


def _has_format(column: Column) -> bool:
    """Return whether a column has dates in a format other than ISO."""
    return column.kind == "date" and bool(column.words)


def _is_ambiguous(typed: TypedColumn) -> bool:
    """Return whether a column has dates whose day and month cannot be distinguished."""
    return typed.column is not None and any(notice.kind == "ambiguous" for notice in typed.notices)


def _ordered(frame: pl.DataFrame, typed: TypedColumn, day_first: bool | None) -> TypedColumn:
    """Read such dates with the day first or second; in monthly data, the day is the number that never changes."""
    assert typed.column is not None  # noqa: S101
    series = frame[typed.column.name]
    words = cells.stripped(series)
    formats = dates.date_formats(words.drop_nulls(), KIND_SHARE)
    if day_first is None:
        chosen = [how for how in formats if dates.same_day_of_month(words, how)]
    else:
        chosen = [how for how in formats if dates.is_day_first(how) == day_first]
    if len(chosen) != 1:
        return typed
    read = _dated(words, chosen[0])
    what = (
        f"{words.name!r}: dates such as {quoted(words.drop_nulls()[0])} are read as {dates.shown(chosen[0])} "
        f"(day_first={not dates.is_day_first(chosen[0])} reads them the other way)"
    )
    notices = (Notice("dates", words.name, what), *read.notices)
    return with_missing_notice(read._replace(notices=notices), series, words)


def _ambiguous(name: str, formats: list[str]) -> Notice:
    """Make a notice about dates in which either number may be the day."""
    ways = " or as ".join(map(dates.shown, formats))
    what = (
        f"{name!r}: its dates can be read as {ways}, so the column is a category for now. Choose with day_first=True "
        "or day_first=False, or write the dates as 2024-12-31"
    )
    return Notice("ambiguous", name, what)


def _mixed(words: pl.Series, values: pl.Series, numeric: float) -> Notice:
    """Make a notice about words among numbers, in a column that is read as a category."""
    odd = (values.is_null() & words.is_not_null()).arg_true().to_numpy()
    report = CellReport(words.name, odd + 1, words.gather(odd[:REMEMBERED_ROWS]).to_list())
    end = f" and {100 * numeric:.0f} % are, so it is a category (numbers=[{words.name!r}] reads the others as missing)"
    return report.notice("mixed", "not {a}number{s}", end)


def _several_units(words: pl.Series, present: pl.Series) -> tuple[Notice, ...]:
    """Make a notice about numbers with several units, which cannot be read as one quantity."""
    units = cells.units_of(present)
    if not 1 < len(units) <= MOST_UNITS:
        return ()
    named = ", ".join(map(repr, units))
    what = f"{words.name!r}: numbers have several units ({named}), so it is a category; convert them to one unit"
    return (Notice("unit", words.name, what),)


def _clock_times(words: pl.Series, present: pl.Series) -> tuple[Notice, ...]:
    """Make a notice about durations or times of day, since 2:13 may be minutes or hours."""
    if int(present.str.contains(CLOCK_TIME).sum()) < KIND_SHARE * len(present):
        return ()
    what = (
        f"{words.name!r}: durations or times of day, such as {quoted(present[0])}, are read as a category, which has "
        f"no order; write each as one number, for example of minutes"
    )
    return (Notice("unit", words.name, what),)

"""Whether the decimals of a file follow a point or a comma, decided once from all of its columns.

"80.5" can only have a decimal point and "80,5" only a decimal comma; "1.234" and "1,234" may have either. Columns that
show it for certain decide for the others. A new file is read like the training file, or in the other way if only that
one occurs in it. A column that mixes both is refused if many cells would be lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from layerlab.datasets.part import Notice
from layerlab.errors import InputError

from . import cells
from .cell_reports import quoted
from .parsing_columns import COMMA, POINT, is_comma, read_numbers, unit_in

if TYPE_CHECKING:
    import polars as pl

CLEAR_SHARE = 0.2
"""Another way of writing in at least this share of a column's cells, or of its certain ones, is not a mistake."""

LIKELY_SHARE = 0.45
"""All cells of a column are tried as numbers if at least this share of its first cells are numbers."""

SAMPLED_CELLS = 2000
"""How many cells of a column are examined first."""

DECIMALS = (".", ",")

Words = Mapping[str, tuple[str, ...]]


class NumberCells(NamedTuple):
    """The cells of a column of text that may be numbers, read in both ways.

    Attributes:
        words: the cells in their usual form, null where missing.
        unit: the unit after the numbers, or "".
        by_point, by_comma: (m,) the numbers with a decimal point, and those with a decimal comma.
    """

    words: pl.Series
    unit: str
    by_point: pl.Series
    by_comma: pl.Series

    @property
    def point(self) -> pl.Series:
        """Whether each cell can only have a decimal point."""
        return self.by_point.is_not_null() & self.by_comma.is_null() & self._marked

    @property
    def comma(self) -> pl.Series:
        """Whether each cell can only have a decimal comma."""
        return self.by_comma.is_not_null() & self.by_point.is_null() & self._marked

    @property
    def unsure(self) -> pl.Series:
        """Whether each cell is a number in both ways, and a different one in each."""
        return (self.by_comma != self.by_point).fill_null(False)

    @property
    def sure(self) -> str:
        """The decimal separator that the column shows for certain: ".", "," or "" for neither."""
        point, comma = int(self.point.sum()), int(self.comma.sum())
        few = CLEAR_SHARE * (point + comma)
        return "." if point > comma <= few else "," if comma > point <= few else ""

    @property
    def thousands(self) -> str:
        """The thousands separator, if there are numbers below 1000 and all of them are without it; else ""."""
        unsure, small = self.words.filter(self.unsure), self.by_point.filter(~self.unsure).drop_nulls().abs()
        marks = {mark for mark in DECIMALS if unsure.str.contains(mark, literal=True).any()}
        return marks.pop() if len(marks) == 1 and len(small) and small.max() < 1000 else ""  # type: ignore[operator]

    @property
    def _marked(self) -> pl.Series:
        return self.words.str.contains("[.,]")


class FileNumbers(NamedTuple):
    """How the numbers of a file are written.

    Attributes:
        decimal: the decimal separator, "." or ",".
        plain: the text columns of plain numbers, as numbers.
        columns: the other text columns that may be numbers.
        other: the columns that certainly have the other decimal separator.
        pointed: plain columns whose points would separate thousands if decimals followed a comma.
        notices: what was decided without being certain.
        sure: whether a cell, or the user, shows how numbers are written.
    """

    decimal: str
    plain: Mapping[str, pl.Series]
    columns: Mapping[str, NumberCells]
    other: Collection[str] = ()
    pointed: Collection[str] = ()
    notices: tuple[Notice, ...] = ()
    sure: bool = True

    def words_of(self, name: str) -> tuple[str, ...]:
        """``Column.words`` of a column of numbers."""
        comma = (self.decimal == ",") != (name in self.other)
        unit = self.columns[name].unit if name in self.columns else ""
        return (*(COMMA if comma else POINT), unit) if unit else COMMA if comma else ()


def check_decimal(decimal: object) -> None:
    """Refuse anything that is not a decimal separator."""
    if decimal is not None and decimal not in DECIMALS:
        raise InputError(f"decimal={decimal!r}: wanted '.' or ',', the decimal separator of the file")


def file_numbers(
    frame: pl.DataFrame, names: Collection[str], separator: str, decimal: str | None, file: str
) -> FileNumbers:
    """Find how a file writes its numbers.

    Args:
        frame: the file.
        names: its columns that may be numbers.
        separator: the separator of its fields; "" if it has none.
        decimal: the decimal separator that the user gives for uncertain columns; None to decide it.
        file: the file's name, for messages.
    """
    check_decimal(decimal)
    text = [frame[name] for name in names if is_text(frame[name])]
    plain = cells.plain_columns(frame, [one.name for one in text])
    others = {one.name: found for one in text if one.name not in plain and (found := _numbers(one)) is not None}
    sure = {name: way for name, found in others.items() if (way := found.sure)}
    if decimal is None and "," not in sure.values() and (sure or _pointed(frame, plain, clear=True)):
        return FileNumbers(".", plain, others)  # the usual case: most columns need no second look
    pointed = _pointed(frame, plain)
    sure |= dict.fromkeys(_pointed(frame, pointed, clear=True), ".")
    either = [name for name in pointed if name not in sure]
    tried = others | {name: _read_twice(cells.stripped(_some(frame[name])), "") for name in either}
    unsure = {name: one for name, one in tried.items() if name not in sure and one.unsure.any()}
    votes = Counter(sure.values())
    notices: list[Notice] = []
    if decimal is not None or votes:
        chosen = decimal or ("," if votes[","] > votes["."] - (separator == ";") else ".")
        notices = [_divided(name, one, chosen, sure) for name, one in unsure.items() if len(votes) > 1 and not decimal]
    else:
        chosen = _likely(unsure, separator)
        notices = [_undecided(unsure, chosen, file)] if unsure else []
    other = [name for name, way in sure.items() if way != chosen]
    notices += [_otherwise(name, frame[name]) for name in other if chosen == ","]
    return FileNumbers(
        chosen, plain, others, frozenset(other), frozenset(either), tuple(notices), bool(votes or decimal)
    )


def _some(series: pl.Series) -> pl.Series:
    """Return some cells from the whole length of a column, so that not all have to be read."""
    return series.gather_every(max(1, len(series) // SAMPLED_CELLS)).head(SAMPLED_CELLS)


def _numbers(series: pl.Series) -> NumberCells | None:
    """Read a column in both ways, unless it clearly does not hold numbers."""
    if not series.str.contains(r"\d").any():
        return None
    words = cells.stripped(series)
    present = words.drop_nulls()
    some = _some(present)
    unit = next(iter(cells.units_of(some)), "")
    readable = max(read_numbers(some, comma, unit).count() for comma in (False, True))
    if not len(some) or readable < LIKELY_SHARE * len(some) or cells.has_codes(present):
        return None
    return _read_twice(words, unit)


def _as_numbers(series: pl.Series, unit: str = "") -> NumberCells:
    """Read a column in both ways."""
    return _read_twice(cells.stripped(series), unit)


def _read_twice(words: pl.Series, unit: str) -> NumberCells:
    return NumberCells(words, unit, *(read_numbers(words, comma, unit) for comma in (False, True)))


def is_text(series: pl.Series) -> bool:
    """Return whether a column is text."""
    import polars as pl

    return series.dtype == pl.String


def _pointed(frame: pl.DataFrame, names: Collection[str], clear: bool = False) -> list[str]:
    """Return the columns of plain numbers that have a point; with ``clear``, one that can only be a decimal point.

    All columns are tested at once, since there may be very many.
    """
    import polars as pl

    if not names:
        return []
    some = frame[list(names)]
    has = pl.all().str.contains(".", literal=True)
    has = ~pl.all().filter(has).str.contains(cells.MAYBE_THOUSANDS) if clear else has
    return [name for name, found in zip(some.columns, some.select(has.any()).row(0), strict=True) if found]


def _likely(unsure: Mapping[str, NumberCells], separator: str) -> str:
    """Return the likely decimal separator where no cell shows it for certain."""
    marks = {mark for one in unsure.values() if (mark := one.thousands)}
    if len(marks) == 1:
        return "," if marks.pop() == "." else "."
    return "," if separator == ";" and unsure else "."  # spreadsheets separate by ; where the comma is taken


def _first(one: NumberCells, chosen: str) -> tuple[str, float, float]:
    """The first cell that can be read in two ways, its number in the chosen way, and its number in the other way."""
    word, point, comma = (series.filter(one.unsure)[0] for series in (one.words, one.by_point, one.by_comma))
    return quoted(word), *((comma, point) if chosen == "," else (point, comma))


def _undecided(unsure: Mapping[str, NumberCells], chosen: str, file: str) -> Notice:
    """Say how numbers were read where no cell of the file shows it for certain."""
    name, *others = unsure
    word, here, there = _first(unsure[name], chosen)
    also = f" (and so is {', '.join(map(repr, others[:5]))}{', …' * (len(others) > 5)})" if others else ""
    other = "." if chosen == "," else ","
    what = (
        f"{file}: no cell shows for certain whether decimals follow a point or a comma; {word} in {name!r} is read as "
        f"{here:.12g}{also}. If it is {there:.12g}, use decimal={other!r}"
    )
    return Notice("decimal", name, what)


def _divided(name: str, one: NumberCells, chosen: str, sure: Mapping[str, str]) -> Notice:
    """Say how a column was read where the columns that are certain disagree."""
    word, here, there = _first(one, chosen)
    points, commas = (next(repr(column) for column, way in sure.items() if way == decimal) for decimal in DECIMALS)
    what = (
        f"{name!r}: {word} is read as {here:.12g}; other columns have decimal points ({points}) and decimal commas "
        f"({commas}). If it is {there:.12g}, use decimal={'.' if chosen == ',' else ','!r}"
    )
    return Notice("decimal", name, what)


def _otherwise(name: str, series: pl.Series) -> Notice:
    """Say that a column has decimal points in a file with decimal commas."""
    example = series.filter(series.str.contains(".", literal=True) & ~series.str.contains(cells.MAYBE_THOUSANDS))[0]
    what = f"{name!r}: decimals follow a point, as in {quoted(example)}, and a comma in other columns; they are read so"
    return Notice("decimal", name, what)


def words_as_written(
    frame: pl.DataFrame, kinds: Mapping[str, str], words: Words, file: str
) -> tuple[Words, list[Notice]]:
    """Decide how each column is read: like the training file, or in the other way if the new file clearly needs it.

    Args:
        frame: a new file.
        kinds: kinds of the columns that are read.
        words: ``Column.words`` of the training file.
        file: the file's name, for messages.

    Raises:
        InputError: a column mixes both ways, and many cells would be lost.
    """
    text = [name for name, kind in kinds.items() if kind == "number" and is_text(frame[name])]
    learned = {name: words.get(name, ()) for name in text}
    if not any(map(is_comma, learned.values())) and len(cells.plain_columns(frame, text)) == len(text):
        return words, []
    ways = {name: _as_numbers(frame[name], unit_in(learned[name])) for name in text}
    sure = {name: way for name, one in ways.items() if (way := one.sure)}
    own = next(iter(sure.values())) if len(set(sure.values())) == 1 else ""
    changed: dict[str, tuple[str, ...]] = {}
    for name, one in ways.items():
        comma = is_comma(learned[name])
        way = sure.get(name, own)
        if way == ("." if comma else ",") and not (one.point.any() and one.comma.any()):
            changed[name] = (way, *learned[name][1:])
        else:
            _check(one, comma, file)
    return {**words, **changed}, _other_way_notices(ways, changed, file)


def _check(one: NumberCells, comma: bool, file: str) -> None:
    """Refuse a column in which many cells are not written as in the training file."""
    other = one.point if comma else one.comma
    if not int(other.sum()) > CLEAR_SHARE * one.words.count():
        return
    row = int(np.argmax(other.to_numpy()))
    names = ("commas", "points") if comma else ("points", "commas")
    raise InputError(
        f"{file}, row {row + 1}, column {one.words.name!r}: {quoted(one.words[row])}: the training data have "
        f"decimal {names[0]}, and this file has decimal {names[1]} too; wanted one of them in the whole file"
    )


def _other_way_notices(ways: Mapping[str, NumberCells], changed: Words, file: str) -> list[Notice]:
    """Make a notice that a file is not written like the training file, with the first cell that shows it."""
    notices = []
    for here, there in (("points", "commas"), ("commas", "points")):
        for name, words in changed.items():
            sure = ways[name].comma if is_comma(words) else ways[name].point
            if is_comma(words) == (here == "commas") and sure.any():
                example = quoted(ways[name].words.filter(sure)[0])
                what = f"{file}: has decimal {here}, as in {example}, and the training data have decimal {there}"
                notices.append(Notice("comma", "", f"{what}; it is read so"))
                break
    return notices

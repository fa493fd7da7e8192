"""Whether a file writes its decimals behind a point or a comma, decided once from all of its columns.

"80.5" can only be a number with a point and "80,5" only one with a comma; "1.234" and "1,234" may be either. Columns
that are sure decide for the others. A new file is read as the one that was learned from, or, where only the other way
occurs, by its own; a column in which both do is refused if many cells would be lost.
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
"""Share of a column's cells, or of its sure ones, from which another way of writing is no slip."""

LIKELY_SHARE = 0.45
"""Share of numbers among the first cells of a column from which all of its cells are tried."""

SAMPLED_CELLS = 2000
"""Cells of a column that are looked at first."""

DECIMALS = (".", ",")

Words = Mapping[str, tuple[str, ...]]


class NumberCells(NamedTuple):
    """The cells of a column of text that may be numbers, read in both ways.

    Attributes:
        words: the cells in their usual form, null where missing.
        unit: what stands behind the numbers, or "".
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
        """Whether each cell is a number in both ways, and not the same one."""
        return (self.by_comma != self.by_point).fill_null(False)

    @property
    def sure(self) -> str:
        """The way in which the column is written for certain: ".", "," or "" for neither."""
        point, comma = int(self.point.sum()), int(self.comma.sum())
        few = CLEAR_SHARE * (point + comma)
        return "." if point > comma <= few else "," if comma > point <= few else ""

    @property
    def thousands(self) -> str:
        """What sets thousands apart if all numbers below 1000 are without it, and there are such; else ""."""
        unsure, small = self.words.filter(self.unsure), self.by_point.filter(~self.unsure).drop_nulls().abs()
        marks = {mark for mark in DECIMALS if unsure.str.contains(mark, literal=True).any()}
        return marks.pop() if len(marks) == 1 and len(small) and small.max() < 1000 else ""  # type: ignore[operator]

    @property
    def _marked(self) -> pl.Series:
        return self.words.str.contains("[.,]")


class FileNumbers(NamedTuple):
    """How the numbers of a file are written.

    Attributes:
        decimal: what stands before decimals, "." or ",".
        plain: the columns of text that are plain numbers, read as such.
        columns: the other columns of text that may be numbers.
        other: the columns that are for certain written otherwise.
        pointed: plain columns whose points would set thousands apart if decimals followed a comma.
        notices: what was decided without being sure.
        sure: whether some cell, or the user, says how they are written.
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
    """Refuse what is no way to write decimals."""
    if decimal is not None and decimal not in DECIMALS:
        raise InputError(f"decimal={decimal!r}: wanted '.' or ',', which stands before decimals in the file")


def file_numbers(
    frame: pl.DataFrame, names: Collection[str], separator: str, decimal: str | None, file: str
) -> FileNumbers:
    """Find how a file writes its numbers.

    Args:
        frame: the file.
        names: its columns that may be numbers.
        separator: what separates its fields; "" where nothing does.
        decimal: what the user says of columns that are not sure; None to decide it.
        file: the file's name, for messages.
    """
    check_decimal(decimal)
    text = [frame[name] for name in names if is_text(frame[name])]
    plain = cells.plain_columns(frame, [one.name for one in text])
    others = {one.name: found for one in text if one.name not in plain and (found := _numbers(one)) is not None}
    sure = {name: way for name, found in others.items() if (way := found.sure)}
    if decimal is None and "," not in sure.values() and (sure or _pointed(frame, plain, clear=True)):
        return FileNumbers(".", plain, others)  # the most frequent case: most columns need not be looked at
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
    """Cells from the whole length of a column, so that it is not searched to its end."""
    return series.gather_every(max(1, len(series) // SAMPLED_CELLS)).head(SAMPLED_CELLS)


def _numbers(series: pl.Series) -> NumberCells | None:
    """Read a column in both ways, unless it is clearly none of numbers."""
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
    """Whether a column is text."""
    import polars as pl

    return series.dtype == pl.String


def _pointed(frame: pl.DataFrame, names: Collection[str], clear: bool = False) -> list[str]:
    """Those columns of plain numbers that have a point, or a ``clear`` one, which can only stand before decimals.

    All columns are asked at once, since there may be very many.
    """
    import polars as pl

    if not names:
        return []
    some = frame[list(names)]
    has = pl.all().str.contains(".", literal=True)
    has = ~pl.all().filter(has).str.contains(cells.MAYBE_THOUSANDS) if clear else has
    return [name for name, found in zip(some.columns, some.select(has.any()).row(0), strict=True) if found]


def _likely(unsure: Mapping[str, NumberCells], separator: str) -> str:
    """The likely decimal separator where no cell is sure."""
    marks = {mark for one in unsure.values() if (mark := one.thousands)}
    if len(marks) == 1:
        return "," if marks.pop() == "." else "."
    return "," if separator == ";" and unsure else "."  # spreadsheets separate by ; where the comma is taken


def _first(one: NumberCells, chosen: str) -> tuple[str, float, float]:
    """The first cell that can be read in two ways, and what it is in the chosen and in the other one."""
    word, point, comma = (series.filter(one.unsure)[0] for series in (one.words, one.by_point, one.by_comma))
    return quoted(word), *((comma, point) if chosen == "," else (point, comma))


def _undecided(unsure: Mapping[str, NumberCells], chosen: str, file: str) -> Notice:
    """Say how numbers were read where no cell of the file is sure."""
    name, *others = unsure
    word, here, there = _first(unsure[name], chosen)
    also = f" ({', '.join(map(repr, others[:5]))}{', …' * (len(others) > 5)} likewise)" if others else ""
    other = "." if chosen == "," else ","
    what = (
        f"{file}: no cell shows for certain how numbers are written; {word} in {name!r} is read as {here:.12g}{also}; "
        f"if it is {there:.12g}, say --decimal {other} (decimal={other!r})"
    )
    return Notice("decimal", name, what)


def _divided(name: str, one: NumberCells, chosen: str, sure: Mapping[str, str]) -> Notice:
    """Say how a column was read where those that are sure do not agree."""
    word, here, there = _first(one, chosen)
    points, commas = (next(repr(column) for column, way in sure.items() if way == decimal) for decimal in DECIMALS)
    what = (
        f"{name!r}: {word} is read as {here:.12g}; other columns have decimal points ({points}) and decimal commas "
        f"({commas}); if it is {there:.12g}, say --decimal {'.' if chosen == ',' else ','}"
    )
    return Notice("decimal", name, what)


def _otherwise(name: str, series: pl.Series) -> Notice:
    """Say that a column has decimal points in a file with decimal commas."""
    example = series.filter(series.str.contains(".", literal=True) & ~series.str.contains(cells.MAYBE_THOUSANDS))[0]
    what = f"{name!r}: decimals follow a point, such as {quoted(example)}, and not a comma as elsewhere; read so"
    return Notice("decimal", name, what)


def words_as_written(
    frame: pl.DataFrame, kinds: Mapping[str, str], words: Words, file: str
) -> tuple[Words, list[Notice]]:
    """How each column is to be read: as learned, or, where a file is clearly written otherwise, in its own way.

    Args:
        frame: a new file.
        kinds: kinds of the columns that are read.
        words: ``Column.words`` that were learned.
        file: the file's name, for messages.

    Raises:
        InputError: a column is written in both ways, and many cells would be lost.
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
    return {**words, **changed}, _told(ways, changed, file)


def _check(one: NumberCells, comma: bool, file: str) -> None:
    """Refuse a column of which many cells are not written in the way in which it was learned."""
    other = one.point if comma else one.comma
    if not int(other.sum()) > CLEAR_SHARE * one.words.count():
        return
    row = int(np.argmax(other.to_numpy()))
    names = ("commas", "points") if comma else ("points", "commas")
    raise InputError(
        f"{file}, row {row + 1}, column {one.words.name!r}: {quoted(one.words[row])}: the model learned numbers with "
        f"decimal {names[0]}, and this file has decimal {names[1]} too; wanted one of them in the whole file"
    )


def _told(ways: Mapping[str, NumberCells], changed: Words, file: str) -> list[Notice]:
    """Make a notice that a file is not written as the one that the model learned, with the first sure cell."""
    notices = []
    for here, there in (("points", "commas"), ("commas", "points")):
        for name, words in changed.items():
            sure = ways[name].comma if is_comma(words) else ways[name].point
            if is_comma(words) == (here == "commas") and sure.any():
                example = quoted(ways[name].words.filter(sure)[0])
                what = f"{file}: has decimal {here}, such as {example}, where the model learned decimal {there}"
                notices.append(Notice("comma", "", f"{what}, and was read so"))
                break
    return notices

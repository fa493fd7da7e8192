"""Whether a new file writes its decimals as the first one did: with a comma, or with a point.

"80.5" can only be a number with a point and "80,5" only one with a comma; "1.234" and "1,234" may be either. A file in
which only the other way occurs is read by its own; a column in which both do is refused if many cells would be lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from layerlab.datasets.part import Notice
from layerlab.errors import InputError

from . import cells
from .cell_reports import quoted
from .parsing_columns import COMMA, POINT, read_numbers

if TYPE_CHECKING:
    import polars as pl

CLEAR_SHARE = 0.2
"""Share of a column's cells, or of a file's numbers with a separator, from which another way of writing is no slip."""

Words = Mapping[str, tuple[str, ...]]


class DecimalCells(NamedTuple):
    """The cells of a column, and which of them certainly have a decimal point, which a decimal comma.

    Attributes:
        words: the cells without spaces, null where missing.
        point, comma: (m,) whether each can only be that.
        marked: how many have a point or a comma at all.
    """

    words: pl.Series
    point: pl.Series
    comma: pl.Series
    marked: int


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
    text = [name for name, kind in kinds.items() if kind == "number" and _is_text(frame[name])]
    if COMMA not in words.values() and all(cells.plain_column(frame[name]) is not None for name in text):
        return words, []
    ways = {name: _ways(frame[name]) for name in text}
    point = sum(int(way.point.sum()) for way in ways.values())
    comma = sum(int(way.comma.sum()) for way in ways.values())
    certain = CLEAR_SHARE * sum(way.marked for way in ways.values())
    own = POINT if point > certain and not comma else COMMA if comma > certain and not point else ()
    other = [name for name, way in ways.items() if way.marked and (words.get(name) == COMMA) != (own == COMMA)]
    changed = dict.fromkeys(other, own) if own else {}
    for name in set(ways) - set(changed):
        _check(ways[name], words.get(name) == COMMA, file)
    notices = _told(ways, changed, file) if own == POINT else []  # a comma is told column by column
    return {**words, **changed}, notices


def _is_text(series: pl.Series) -> bool:
    """Whether a column is text."""
    import polars as pl

    return series.dtype == pl.String


def _ways(series: pl.Series) -> DecimalCells:
    """Find which cells of a column have a decimal point, and which a comma."""
    words = cells.stripped(series)
    by_point, by_comma = read_numbers(words, comma=False).is_not_null(), read_numbers(words, comma=True).is_not_null()
    marked = words.str.contains("[.,]") & (by_point | by_comma)
    return DecimalCells(words, by_point & ~by_comma & marked, by_comma & ~by_point & marked, int(marked.sum()))


def _check(way: DecimalCells, comma: bool, file: str) -> None:
    """Refuse a column of which many cells are not written in the way in which it was learned."""
    other, same = (way.point, way.comma) if comma else (way.comma, way.point)
    if not int(other.sum()) > CLEAR_SHARE * way.words.count() or not (comma or same.any()):
        return
    row = int(np.argmax(other.to_numpy()))
    names = ("commas", "points") if comma else ("points", "commas")
    raise InputError(
        f"{file}, row {row + 1}, column {way.words.name!r}: {quoted(way.words[row])}: the model learned numbers with "
        f"decimal {names[0]}, and this file has decimal {names[1]} too; wanted one of them in the whole file"
    )


def _told(ways: Mapping[str, DecimalCells], changed: Words, file: str) -> list[Notice]:
    """Make a notice that a file has decimal points where the model learned decimal commas."""
    for name in changed:
        if ways[name].point.any():
            example = quoted(ways[name].words.filter(ways[name].point)[0])
            what = f"{file}: has decimal points, such as {example}, where the model learned decimal commas"
            return [Notice("comma", "", f"{what}, and was read so")]
    return []

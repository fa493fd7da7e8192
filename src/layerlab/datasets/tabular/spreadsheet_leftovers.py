"""What a spreadsheet leaves around its table: lines above the names, empty columns, a row of sums."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from layerlab.datasets.part import Notice
from layerlab.datasets.printable_names import usual_form
from layerlab.errors import InputError

from .cell_reports import first_rows, quoted, rows_in_words
from .cells import usual_words
from .csv_layout import RETURN, CsvLayout, csv_layout

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

LOOKED_AT_BYTES = 1 << 16
"""How many bytes from the start of the file are examined."""

LOOKED_AT_LINES = 50
"""The names are searched for in this many lines."""

UNNAMED_COLUMN = "\0"
"""Begins the name of an unnamed column until it is known whether it holds anything; no name in a file begins so."""

SUM_WORDS = ("total", "totals", "grand total", "subtotal", "sum", "summe", "gesamt", "insgesamt", "average", "mean")
"""Words in the first cell of a row of sums or averages."""


class Line(NamedTuple):
    """A line of the file: its number, from 0, and its fields without spaces around them."""

    number: int
    fields: list[str]


def without_first_lines(data: bytes, skip: int, name: str) -> bytes:
    """Return the text without its first lines.

    Raises:
        InputError: the text has no more lines than those.
    """
    if isinstance(skip, bool) or not isinstance(skip, int) or skip < 0:
        raise InputError(f"skip={skip!r}: wanted the number of lines above the names, 0 or more")
    place = 0
    for number in range(skip):
        end = data.find(b"\n", place) + 1
        if not end:
            lines = number + bool(data[place:])
            raise InputError(
                f"skip={skip}: {name} has {lines} line{'s' * (lines != 1)}; wanted fewer to skip, so that some are left"
            )
        place = end
    return data[place:]


def lines_above(data: bytes, separators: Collection[str], known: Collection[str]) -> int:
    """Return how many lines stand above the first line that has all known names; 0 if none has."""
    wanted = set(map(usual_form, known))
    found = [
        line.number
        for separator in (separators if wanted else ())
        for line in _lines(data, separator)[:LOOKED_AT_LINES]
        if wanted <= set(line.fields)
    ]
    return min(found, default=0)


def check_no_title(data: bytes, separators: Collection[str], name: str) -> None:
    """Refuse a file with a title, a comment or a line of separators above its line of names.

    Args:
        data: the text.
        separators: all separators, the found one first.
        name: the file's name, for messages.
    """
    for separator in separators:
        lines = _lines(data, separator)
        if not lines:
            return
        usual = int(np.bincount([len(line.fields) for line in lines]).argmax())
        if usual == 1:
            continue  # a title may have hidden the true separator
        names = _names(lines, usual)
        if names is not None:
            said = ", ".join(quoted(field) for field in names.fields[:3]) + ", …" * (len(names.fields) > 3)
            first, what = _said(lines[0])
            raise InputError(
                f"{name}: line {first} ({what}) stands above the line of names ({said}); wanted the names first: "
                f"skip={names.number} leaves out the lines above them"
            )
        return


def _said(line: Line) -> tuple[int, str]:
    """Return the number of a line, and its first field for a message."""
    filled = [field for field in line.fields if field]
    return line.number + 1, quoted(filled[0]) if filled else "only separators"


def _names(lines: list[Line], usual: int) -> Line | None:
    """Find the line of names, if it is not the first line and the lines above look like titles."""
    for place, line in enumerate(lines[:LOOKED_AT_LINES]):
        if not _is_title(line, lines[place + 1 : place + 2], usual):
            return line if place and _may_be_names(line, usual) else None
    return None


def _is_title(line: Line, following: list[Line], usual: int) -> bool:
    """Return whether a line looks like a title: few of its fields are filled, or it is a comment.

    A single line with "#" and as many fields as the table may hold the names.
    """
    filled = sum(field != "" for field in line.fields)
    if line.fields[0].startswith("#"):
        return len(line.fields) != usual or any(one.fields[0].startswith("#") for one in following)
    return 2 * filled <= usual


def _may_be_names(line: Line, usual: int) -> bool:
    """Return whether a line may hold the names: different words, with empty fields allowed at the end."""
    names = [field for field in line.fields if field]
    return len(line.fields) == usual and len(set(names)) == len(names) and not any(map(_is_number, names))


def _is_number(field: str) -> bool:
    """Return whether a field is a number, with a point or a comma."""
    try:
        float(field.replace(",", "."))
    except ValueError:
        return False
    return True


def _lines(data: bytes, separator: str) -> list[Line]:
    """Return the first lines that are not blank."""
    start = data[:LOOKED_AT_BYTES]
    start = start if len(data) <= LOOKED_AT_BYTES else start[: start.rfind(b"\n") + 1] or start
    shape = csv_layout(start, separator)
    lines, place, number = [], 0, 0
    for end, blank in zip(shape.ends.tolist(), shape.blank.tolist(), strict=True):
        text = start[place:end].decode("utf-8", "replace")
        if not blank:
            lines.append(Line(number, _fields(text, separator)))
        place, number = end + 1, number + 1 + text.count("\n")
    return lines


def _fields(text: str, separator: str) -> list[str]:
    """Return the fields of a line, parsed as CSV."""
    row = next(csv.reader(io.StringIO(text.replace("\r", " "), newline=""), delimiter=separator), [""])
    return [usual_form(field) for field in row] or [""]


def without_empty(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, tuple[Notice, ...]]:
    """The frame without columns that have neither a name nor a value, as separators at the end of lines cause them."""
    unnamed = [column for column in frame.columns if column.startswith(UNNAMED_COLUMN)]
    empty = [column for column in unnamed if not (frame[column].str.strip_chars().fill_null("") != "").any()]
    if not empty or len(empty) == frame.width:
        return frame, ()
    places = ", ".join(str(frame.columns.index(column) + 1) for column in empty)
    which = f"column {places} has" if len(empty) == 1 else f"columns {places} have"
    what = f"{name}: {which} neither a name nor any value; {'it is' if len(empty) == 1 else 'they are'} left out"
    return frame.drop(empty), (Notice("names", "", what, left_out=True),)


def without_end_separators(
    data: bytes, separator: str, shape: CsvLayout, names: tuple[str, ...], name: str
) -> tuple[bytes, CsvLayout, tuple[str, ...], tuple[Notice, ...]]:
    """Remove separators at the end of rows, or at the end of the line of names, that nothing follows.

    Args:
        data: the text.
        separator: between fields.
        shape: its layout.
        names: the names of the columns.
        name: the file's name, for messages.

    Returns:
        The text, its layout and the names without these separators, and a notice if there were some.
    """
    filled = np.flatnonzero(~shape.blank)
    header, rows = filled[0], filled[1:]
    wanted = int(shape.fields[header])
    if not shape.open_quote and names[-1].startswith(UNNAMED_COLUMN) and (shape.fields[rows] == wanted - 1).all():
        what = f"{name}: the line of names has a separator at its end that the rows do not have; it is ignored"
        names, longer = names[:-1], filled[:1]
    else:
        longer = rows[shape.fields[rows] == wanted + 1]
        octets = np.frombuffer(data, np.uint8)
        last = shape.ends[longer] - 1
        last = last - (octets[last] == RETURN)
        if shape.open_quote or not longer.size or not np.all(octets[last] == ord(separator)):
            return data, shape, names, ()
        of_all = "every row has" if len(longer) == len(rows) else f"{len(longer)} rows have"
        what = f"{name}: {of_all} a separator after the last column; it is ignored"
    ends = shape.ends[longer]
    places = ends - 1 - (np.frombuffer(data, np.uint8)[ends - 1] == RETURN)
    data = np.delete(np.frombuffer(data, np.uint8), places).tobytes()
    return data, csv_layout(data, separator), names, (Notice("separator", "", what),)


def without_repeated_names(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, tuple[Notice, ...]]:
    """Return the frame without rows that repeat the column names, as in files that were joined."""
    import polars as pl

    if frame.width < 2 or any(kind != pl.String for kind in frame.dtypes):
        return frame, ()
    repeats = pl.Series([True]).new_from_index(0, frame.height)
    for series in frame.iter_columns():
        repeats &= (usual_words(series) == series.name).fill_null(False)
        if not repeats.any():
            return frame, ()
    count = int(repeats.sum())
    behind = repeats.arg_true().to_numpy() - np.arange(count)
    where = rows_in_words(behind) if count < frame.height else ""
    what = (
        f"{name}: {'a line repeats' if count == 1 else f'{count} lines repeat'} the column names, as in joined files "
        f"(after {where}); {'it is' if count == 1 else 'they are'} left out, and row numbers do not count "
        f"{'it' if count == 1 else 'them'}"
    )
    return frame.filter(~repeats), (Notice("header", "", what, first_rows(behind)),)


def skipped_line_notices(above: int, shape: CsvLayout, name: str) -> tuple[Notice, ...]:
    """Make notices about skipped lines: above the line of names, and blank ones between rows."""
    filled = np.flatnonzero(~shape.blank)
    blank = int(shape.blank[: filled[-1]].sum())
    return tuple(
        Notice(kind, "", f"{name}: {one if count == 1 else several.format(count)} skipped")
        for kind, count, one, several in (
            ("title", above, "a line above the names was", "{} lines above the names were"),
            ("blank", blank, "an empty line was", "{} empty lines were"),
        )
        if count
    )


def sum_row_notices(frame: pl.DataFrame, name: str) -> tuple[Notice, ...]:
    """Make a notice if the last row looks like a row of sums: no other row has the same first cell."""
    for series in frame.iter_columns():
        last = series[-1]
        if last is None or not last.strip():
            continue
        if last.strip(" :").lower() not in SUM_WORDS or int((series == last).sum()) > 1:
            return ()
        what = f"{name}: the last row ({frame.height}) begins with {quoted(last)}. If it sums up the others, delete it"
        return (Notice("sums", series.name, what, (frame.height,)),)
    return ()

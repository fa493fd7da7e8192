"""Text with separators (CSV, TSV) to a frame of text: what is wrong is said with its row before anything is read.

The bytes are scanned once for what gives them their shape: quotation marks, separators and line ends outside of them.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from layerlab.datasets.files import check_table_size
from layerlab.errors import InputError

from .cell_reports import shown
from .csv_layout import LINE_END, QUOTE, RETURN, Shape, shape_of
from .spreadsheet_leftovers import UNNAMED, below, check_no_title, lines_above, told_lines, told_sums, without_empty
from .table import Notice

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""What may stand between two fields, and what it is called."""

SAMPLE = 1 << 16
"""Bytes from the start in which the separator is looked for."""


class Text(NamedTuple):
    """A text table as it came.

    Attributes:
        data: UTF-8 bytes.
        separator: between fields.
        name: of the file, for messages.
    """

    data: bytes
    separator: str
    name: str


def read_delimited(
    data: bytes,
    name: str,
    expected: str,
    encoding: str | None,
    limit: int,
    skip: int = 0,
    known: Collection[str] = (),
) -> tuple[pl.DataFrame, tuple[Notice, ...]]:
    """A frame of text columns.

    Args:
        data: the file's bytes.
        name: of the file, for messages.
        expected: the separator that the file's ending promises.
        encoding: of the text; None for UTF-8, or UTF-16 with a byte order mark.
        limit: of bytes that the table may have as numbers.
        skip: lines above the names.
        known: names that the table has to have, by which the line of names is found where it is not the first.

    Raises:
        InputError: it is no such text or too large; rows differ in their fields; quotation marks or names are wrong.
    """
    data = below(as_utf8(data, name, encoding, skip), skip, name)
    above = lines_above(data, SEPARATORS, known)
    data = below(data, above, name)
    separator = found_separator(data, expected)
    check_no_title(data, (separator, *SEPARATORS), name)
    said = f"{name}: fields are separated by {SEPARATORS[separator]}, not {SEPARATORS[expected]}, and were read so"
    notices = () if separator == expected else (Notice("separator", "", said),)
    text = Text(data, separator, name)
    shape = shape_of(data, separator)
    names = header_of(text, shape)
    _check_rows(text, shape)
    check_table_size(name, len(shape.ends) - 1, len(names), limit)
    frame, empty = without_empty(_parsed(text, shape, names), name)
    frame, more = _first_named(frame, name)
    return frame, (*told_lines(above, shape, name), *notices, *empty, *more, *told_sums(frame, name))


def as_utf8(data: bytes, name: str, encoding: str | None, skip: int = 0) -> bytes:
    """The text as UTF-8 without a byte order mark, lines ended by a line feed."""
    if encoding is None and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    try:
        text = data.decode(encoding or "utf-8-sig")
    except (LookupError, TypeError):  # no such encoding, or no word: a run's record can be changed
        raise InputError(
            f"{name}: encoding={encoding!r}: no such encoding; wanted one like 'utf-8' or 'latin-1'"
        ) from None
    except UnicodeError as error:
        raise InputError(_not_decoded(data, name, encoding, error, skip)) from None
    if encoding is not None:
        data = text.removeprefix("\ufeff").encode("utf-8", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if (nul := data.find(b"\0")) >= 0:
        raise InputError(
            f"{name}, {_place(data, nul, skip)}: a zero byte, which no text has; wanted a table as text "
            "(or Parquet, Arrow, JSON lines by their endings)"
        )
    return data.replace(b"\r", b"\n") if b"\r" in data and b"\n" not in data else data


def _not_decoded(data: bytes, name: str, encoding: str | None, error: UnicodeError, skip: int) -> str:
    at = error.start if isinstance(error, UnicodeDecodeError) else len(data)
    byte = f"byte 0x{data[at]:02x}" if at < len(data) else "the end"
    where = _place(data, at, skip)
    if encoding is not None:
        return f"{name}, {where}: {byte} is no {encoding}; wanted the encoding that the file was written in"
    return (
        f"{name}, {where}: {byte} is no UTF-8; wanted UTF-8, or the encoding's name to train with: try --encoding "
        f"{_likely(data)}"
    )


def _likely(data: bytes) -> str:
    """Windows' encoding where there are bytes that are letters, dashes or the euro only there."""
    try:
        data.decode("cp1252")
    except UnicodeError:
        return "latin-1"
    return "cp1252" if any(byte in data for byte in range(0x80, 0xA0)) else "latin-1"


def _place(data: bytes, at: int, skip: int) -> str:
    line = data.count(b"\n", 0, at) - skip
    return f"row {line}" if line > 0 else "the header"


def found_separator(data: bytes, expected: str) -> str:
    """The separator that the first rows agree on: as often in each as in the header; the expected one if several."""
    start = data[:SAMPLE]
    whole = start if len(data) <= SAMPLE else start[: start.rfind(b"\n") + 1] or start
    fields = {}
    for separator in (expected, *SEPARATORS):
        shape = shape_of(whole, separator)
        counts = shape.fields[~shape.blank][:50]
        fields[separator] = (counts[0] if counts.size else 1, counts.size and float(np.mean(counts == counts[0])))
    agreed = {separator: count for separator, (count, share) in fields.items() if count > 1 and share == 1.0}
    if expected in agreed or (not agreed and fields[expected][0] > 1):
        return expected
    several = agreed or {separator: count for separator, (count, _) in fields.items() if count > 1}
    return max(several, key=lambda separator: several[separator], default=expected)


def header_of(text: Text, shape: Shape) -> tuple[str, ...]:
    """The names in the first row that has something in it; ``UNNAMED`` and its number where a column has none.

    Raises:
        InputError: there is none, names are double or numbers, or no row follows.
    """
    name = text.name
    filled = np.flatnonzero(~shape.blank)
    if not filled.size:
        raise InputError(f"{name}: holds nothing but blank lines; wanted a line of names and a row for each example")
    first = filled[0]
    start = 0 if first == 0 else shape.ends[first - 1] + 1
    line = text.data[start : shape.ends[first]].decode("utf-8")
    if shape.open_quote and first == len(shape.ends) - 1:
        raise InputError(f"{name}, the header: a quotation mark is opened and never closed; wanted one behind the name")
    row = next(csv.reader(io.StringIO(line, newline=""), delimiter=text.separator, strict=False))
    names = [field.strip() for field in row]
    if filled.size == 1:
        raise InputError(f"{name}: has a line of names ({_some(names)}) and no row; wanted a row for each example")
    _check_no_data([one for one in names if one], name)
    names = [one or f"{UNNAMED}{place}" for place, one in enumerate(names)]
    check_names(names, name)
    return tuple(names)


def _first_named(frame: pl.DataFrame, file: str) -> tuple[pl.DataFrame, tuple[Notice, ...]]:
    """A name for a first column without, which is how pandas writes the numbers of its rows; for no other."""
    names = ["" if name.startswith(UNNAMED) else name for name in frame.columns]
    if len(names) < 2 or names[0] or "" in names[1:] or "column 1" in names:
        check_names(names, file)
        return frame, ()
    what = f"{file}: the first column has no name and is called 'column 1' here"
    return frame.rename({frame.columns[0]: "column 1"}), (Notice("names", "column 1", what),)


def check_names(names: list[str], file: str) -> None:
    """Raises InputError where a column has no name, or the name of another."""
    if "" in names:
        raise InputError(
            f"{file}: column {names.index('') + 1} of {len(names)} has no name; wanted a name for each column"
        )
    if len(set(names)) < len(names):
        seen: dict[str, int] = {}
        place = next(i for i, name in enumerate(names) if seen.setdefault(name, i) != i)
        raise InputError(
            f"{file}: columns {seen[names[place]] + 1} and {place + 1} are both called {names[place]!r}; "
            "wanted a name of its own for each column"
        )


def _check_no_data(names: list[str], file: str) -> None:
    """Raises InputError where the names are all numbers, but for a count from 0 or 1."""
    try:
        values = [float(name.replace(",", ".")) for name in names]
    except ValueError:
        return
    if values not in ([float(i) for i in range(len(names))], [float(i + 1) for i in range(len(names))]):
        raise InputError(
            f"{file}: the first line, {_some(names)}, holds numbers; wanted a line of names above the rows"
        )


def _some(names: list[str]) -> str:
    return ", ".join(shown(name) for name in names[:4]) + ", …" * (len(names) > 4)


def _check_rows(text: Text, shape: Shape) -> None:
    """Raises InputError at the first row that is torn: by a quotation mark, or by too few or too many fields."""
    wanted = shape.fields[np.argmin(shape.blank)]
    ragged = np.flatnonzero((shape.fields != wanted) & ~shape.blank)
    if not ragged.size and not shape.open_quote:
        return
    stray = _stray_quote(text)
    limit = ragged[0] if ragged.size else len(shape.ends)
    if stray is not None and _row_of(shape, stray) <= limit:
        raise InputError(_stray(text, shape, stray))
    came, row = int(shape.fields[ragged[0]]), _record(shape, ragged[0])
    raise InputError(
        f"{text.name}, row {row}: has {came} field{'s' * (came != 1)}; wanted {wanted} as in the header, separated by "
        f"{SEPARATORS[text.separator]} (a field that holds one is written in quotation marks)"
    )


def _stray(text: Text, shape: Shape, stray: int) -> str:
    row = _record(shape, _row_of(shape, stray))
    near = text.data[max(0, stray - 12) : stray + 12].decode("utf-8", "ignore").strip()
    where = f"row {row}" if row else "the header"
    return (
        f"{text.name}, {where}: a quotation mark is not closed or stands inside a field, near {near!r}; wanted "
        'fields as "…", with "" for a quotation mark in one'
    )


def _stray_quote(text: Text) -> int | None:
    """Place of the first quotation mark that neither begins nor ends a field, or of the last if it is never closed."""
    octets = np.frombuffer(text.data, np.uint8)
    quotes = np.flatnonzero(octets == QUOTE)
    if not quotes.size:
        return None
    border = np.array([ord(text.separator), LINE_END, RETURN, QUOTE], np.uint8)
    openers, closers = quotes[::2], quotes[1::2]
    before = np.isin(octets[np.maximum(openers - 1, 0)], border) | (openers == 0)
    after = np.isin(octets[np.minimum(closers + 1, octets.size - 1)], border) | (closers == octets.size - 1)
    strays = np.concatenate([openers[~before], closers[~after]])
    if strays.size:
        return int(strays.min())
    return int(quotes[-1]) if quotes.size % 2 else None


def _row_of(shape: Shape, at: int) -> int:
    return int(np.searchsorted(shape.ends, at))


def _record(shape: Shape, place: int) -> int:
    """Number of a row, from 1 after the header, blank lines not counted."""
    return int(np.sum(~shape.blank[:place]))


def _parsed(text: Text, shape: Shape, names: tuple[str, ...]) -> pl.DataFrame:
    """The rows behind the header as text columns."""
    import polars as pl

    data = _below_header(text.data, shape)
    try:
        frame = pl.read_csv(
            io.BytesIO(data),
            has_header=False,
            schema=dict.fromkeys(names, pl.String),
            separator=text.separator,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError:
        frame = pl.DataFrame()
    rows = int(np.sum(~shape.blank)) - 1
    if frame.height == rows:
        return frame
    stray = _stray_quote(text)
    if stray is not None:
        raise InputError(_stray(text, shape, stray))
    raise InputError(f'{text.name}: cannot be read as text in columns; wanted fields as "…" or without quotation marks')


def _below_header(data: bytes, shape: Shape) -> bytes:
    """The rows without the header and without blank lines, which would become rows of missing cells."""
    header = np.argmin(shape.blank)
    if not shape.blank[header:].any():
        return data[shape.ends[header] + 1 :]
    starts = np.concatenate([[0], shape.ends[:-1] + 1])
    filled = np.flatnonzero(~shape.blank)[1:]
    return b"\n".join(data[start:end] for start, end in zip(starts[filled], shape.ends[filled], strict=True)) + b"\n"

"""Text with separators (CSV, TSV) read as a frame of text columns; what is wrong is reported with its row.

The bytes are scanned once for quotation marks, and for separators and line ends outside of them.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from layerlab.datasets.files import bytes_in_words, check_table_size
from layerlab.datasets.part import Notice
from layerlab.datasets.printable_names import usual_form
from layerlab.errors import InputError

from .cell_reports import quoted
from .csv_layout import LINE_END, QUOTE, RETURN, CsvLayout, csv_layout
from .spreadsheet_leftovers import (
    UNNAMED_COLUMN,
    check_no_title,
    lines_above,
    skipped_line_notices,
    sum_row_notices,
    without_empty,
    without_end_separators,
    without_first_lines,
    without_repeated_names,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""The separators that may stand between two fields, and their names."""

SEPARATOR_SAMPLE = 1 << 16
"""The separator is searched for in this many bytes from the start."""

MOST_BLANK_BYTES = 1 << 20
"""In a text of at most this many bytes, most lines may be empty."""


class CsvText(NamedTuple):
    """A text table as it was read.

    Attributes:
        data: UTF-8 bytes.
        separator: between fields.
        name: the file's name, for messages.
    """

    data: bytes
    separator: str
    name: str


def read_csv_text(
    data: bytes,
    name: str,
    expected: str,
    encoding: str | None,
    limit: int,
    skip: int = 0,
    known: Collection[str] = (),
) -> tuple[pl.DataFrame, tuple[Notice, ...], str]:
    """Read text with separators as a frame of text columns.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        expected: the usual separator for the ending of the file's name.
        encoding: encoding of the text; None for UTF-8, or UTF-16 with a byte order mark.
        limit: bytes that the table may take as numbers.
        skip: how many lines stand above the line of names.
        known: names that the table must have; they show which line holds the names, if it is not the first.

    Returns:
        The frame, what was noticed, and what separates the fields.

    Raises:
        InputError: it is no such text or too large; rows differ in their fields; quotation marks or names are wrong.
    """
    data = without_first_lines(as_utf8(data, name, encoding, skip), skip, name)
    _check_not_blank(data, name)
    above = lines_above(data, SEPARATORS, known)
    data = without_first_lines(data, above, name)
    separator = found_separator(data, expected)
    check_no_title(data, (separator, *SEPARATORS), name)
    what = (
        f"{name}: the fields are separated by {SEPARATORS[separator]}, not by {SEPARATORS[expected]}; they were read so"
    )
    notices = () if separator == expected else (Notice("separator", "", what),)
    text = CsvText(data, separator, name)
    shape = csv_layout(data, separator)
    names = column_names(text, shape)
    data, shape, names, ends = without_end_separators(data, separator, shape, names, name)
    text = text._replace(data=data)
    _check_rows(text, shape)
    check_table_size(name, len(shape.ends) - 1, len(names), limit)
    frame, empty = without_empty(_parsed(text, shape, names), name)
    frame, more = _first_named(frame, name)
    frame, headers = without_repeated_names(frame, name)
    said = (*skipped_line_notices(above, shape, name), *notices, *ends, *empty, *more, *headers)
    return frame, (*said, *sum_row_notices(frame, name)), separator


def _check_not_blank(data: bytes, name: str) -> None:
    """Refuse a text that consists mostly of empty lines: each takes as much memory as a row."""
    runs = max(3 * data.count(b"\n\n\n"), 6 * data.count(b"\r\n\r\n\r\n"))
    if 2 * runs > len(data) > MOST_BLANK_BYTES:
        raise InputError(
            f"{name}: {100 * runs / len(data):.0f} % of its {bytes_in_words(len(data))} are empty lines; "
            "wanted rows, so delete these lines"
        )


def as_utf8(data: bytes, name: str, encoding: str | None, skip: int = 0) -> bytes:
    """Decode the text to UTF-8 without a byte order mark, with line feeds at the ends of lines."""
    if encoding is None and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    try:
        text = data.decode(encoding or "utf-8-sig")
    except (LookupError, TypeError):  # no such encoding, or no word: a run's record can be changed
        raise InputError(
            f"{name}: encoding={encoding!r}: no such encoding; wanted one like 'utf-8' or 'cp1252'"
        ) from None
    except UnicodeError as error:
        raise InputError(_not_decoded(data, name, encoding, error, skip)) from None
    if encoding is not None:
        data = text.removeprefix("\ufeff").encode("utf-8", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if (nul := data.find(b"\0")) >= 0:
        raise InputError(
            f"{name}, {_place(data, nul, skip)}: a zero byte, which never occurs in text; wanted a table as text "
            "(or Parquet, Arrow or JSON lines, with their own endings)"
        )
    return data.replace(b"\r", b"\n") if b"\r" in data and b"\n" not in data else data


def _not_decoded(data: bytes, name: str, encoding: str | None, error: UnicodeError, skip: int) -> str:
    """Say which byte cannot be decoded, and what to try."""
    at = error.start if isinstance(error, UnicodeDecodeError) else len(data)
    byte = f"byte 0x{data[at]:02x}" if at < len(data) else "the end"
    where = _place(data, at, skip)
    if encoding is not None:
        return f"{name}, {where}: {byte} is not {encoding}; wanted the encoding that the file was written in"
    return (
        f"{name}, {where}: {byte} is not UTF-8; wanted UTF-8, or the name of the encoding: try encoding="
        f"{_likely(data)!r}"
    )


def _likely(data: bytes) -> str:
    """Guess an encoding: that of Windows if possible, which has latin-1's letters, the euro sign and dashes."""
    try:
        data.decode("cp1252")
    except UnicodeError:
        return "latin-1"
    return "cp1252"


def _place(data: bytes, at: int, skip: int) -> str:
    """Say in which row a byte is."""
    line = data.count(b"\n", 0, at) - skip
    return f"row {line}" if line > 0 else "the header"


def found_separator(data: bytes, expected: str) -> str:
    """Find the separator that occurs equally often in the header and in each of the first rows.

    If several do, it is the expected one.
    """
    start = data[:SEPARATOR_SAMPLE]
    whole = start if len(data) <= SEPARATOR_SAMPLE else start[: start.rfind(b"\n") + 1] or start
    fields = {}
    for separator in (expected, *SEPARATORS):
        shape = csv_layout(whole, separator)
        counts = shape.fields[~shape.blank][:50]
        fields[separator] = (counts[0] if counts.size else 1, counts.size and float(np.mean(counts == counts[0])))
    agreed = {separator: count for separator, (count, share) in fields.items() if count > 1 and share == 1.0}
    if expected in agreed or (not agreed and fields[expected][0] > 1):
        return expected
    several = agreed or {separator: count for separator, (count, _) in fields.items() if count > 1}
    return max(several, key=lambda separator: several[separator], default=expected)


def column_names(text: CsvText, shape: CsvLayout) -> tuple[str, ...]:
    """Return the names in the first row that is not blank; ``UNNAMED_COLUMN`` and a number where a column has none.

    Raises:
        InputError: there is no such row, names are repeated or are numbers, or no row follows.
    """
    name = text.name
    filled = np.flatnonzero(~shape.blank)
    if not filled.size:
        raise InputError(f"{name}: has only blank lines; wanted a line of names and a row for each example")
    first = filled[0]
    start = 0 if first == 0 else shape.ends[first - 1] + 1
    line = text.data[start : shape.ends[first]].decode("utf-8")
    if shape.open_quote and first == len(shape.ends) - 1:
        raise InputError(f"{name}, the header: a quotation mark is never closed; wanted a second one after the name")
    try:
        row = next(csv.reader(io.StringIO(line, newline=""), delimiter=text.separator, strict=False))
    except csv.Error as error:
        raise InputError(f"{name}, the header: cannot be read ({error}); wanted a short name for each column") from None
    names = [usual_form(field) for field in row]
    if filled.size == 1:
        raise InputError(f"{name}: has a line of names ({_some(names)}) and no row; wanted a row for each example")
    _check_no_data([one for one in names if one], name)
    names = [one or f"{UNNAMED_COLUMN}{place}" for place, one in enumerate(names)]
    check_names(names, name)
    return tuple(names)


def _first_named(frame: pl.DataFrame, file: str) -> tuple[pl.DataFrame, tuple[Notice, ...]]:
    """Give a name to a first column without one, as pandas writes its index; no other column gets a name."""
    names = ["" if name.startswith(UNNAMED_COLUMN) else name for name in frame.columns]
    if len(names) < 2 or names[0] or "" in names[1:] or "column 1" in names:
        check_names(names, file)
        return frame, ()
    what = f"{file}: the first column has no name, so it is called 'column 1'"
    return frame.rename({frame.columns[0]: "column 1"}), (Notice("names", "column 1", what),)


def check_names(names: list[str], file: str) -> None:
    """Check that each column has a name of its own.

    Raises:
        InputError: a column has no name, or two columns have the same name.
    """
    if "" in names:
        raise InputError(
            f"{file}: column {names.index('') + 1} of {len(names)} has no name; wanted a name for each column"
        )
    if len(set(names)) < len(names):
        places: dict[str, int] = {}
        place = next(i for i, name in enumerate(names) if places.setdefault(name, i) != i)
        raise InputError(
            f"{file}: columns {places[names[place]] + 1} and {place + 1} are both called {names[place]!r}; "
            "wanted a different name for each column"
        )


def _check_no_data(names: list[str], file: str) -> None:
    """Refuse a line of names that are all numbers, unless they count from 0 or from 1."""
    try:
        values = [float(name.replace(",", ".")) for name in names]
    except ValueError:
        return
    if values not in ([float(i) for i in range(len(names))], [float(i + 1) for i in range(len(names))]):
        raise InputError(
            f"{file}: the first line ({_some(names)}) holds numbers; wanted a line of names above the rows"
        )


def _some(names: list[str]) -> str:
    """Return the first of some names, quoted."""
    return ", ".join(quoted(name) for name in names[:4]) + ", …" * (len(names) > 4)


def _check_rows(text: CsvText, shape: CsvLayout) -> None:
    """Refuse a table at the first row with a misplaced quotation mark, or with too few or too many fields."""
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
        f"{SEPARATORS[text.separator]} (a field that contains one needs quotation marks)"
    )


def _stray(text: CsvText, shape: CsvLayout, stray: int) -> str:
    """Say where the misplaced quotation mark is."""
    row = _record(shape, _row_of(shape, stray))
    near = text.data[max(0, stray - 12) : stray + 12].decode("utf-8", "ignore").strip()
    where = f"row {row}" if row else "the header"
    return (
        f"{text.name}, {where}: a quotation mark is not closed or stands inside a field, near {near!r}; wanted "
        'fields as "…", with "" for a quotation mark inside'
    )


def _stray_quote(text: CsvText) -> int | None:
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


def _row_of(shape: CsvLayout, at: int) -> int:
    """Return the row that contains a byte; blank lines and the header count as rows."""
    return int(np.searchsorted(shape.ends, at))


def _record(shape: CsvLayout, place: int) -> int:
    """Return the number of a row, from 1 below the header, blank lines not counted."""
    return int(np.sum(~shape.blank[:place]))


def _parsed(text: CsvText, shape: CsvLayout, names: tuple[str, ...]) -> pl.DataFrame:
    """Parse the rows below the header as text columns."""
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


def _below_header(data: bytes, shape: CsvLayout) -> bytes:
    """Return the rows without the header and without blank lines, which would become rows of missing cells."""
    header = np.argmin(shape.blank)
    if not shape.blank[header:].any():
        return data[shape.ends[header] + 1 :]
    starts = np.concatenate([[0], shape.ends[:-1] + 1])
    filled = np.flatnonzero(~shape.blank)[1:]
    return b"\n".join(data[start:end] for start, end in zip(starts[filled], shape.ends[filled], strict=True)) + b"\n"

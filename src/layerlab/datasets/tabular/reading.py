"""Tables from files, open files and data frames, as polars frames; text stays text, so that no cell loses anything."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from layerlab.datasets.files import (
    HARMLESS_BYTES,
    bytes_in_words,
    check_ratio,
    check_table_size,
    memory_budget,
    open_file,
    read_within,
    too_large,
    without_library_messages,
)
from layerlab.datasets.packed_files import FileContent, read_unpacked, unpack
from layerlab.datasets.part import Notice
from layerlab.datasets.using_polars import check_can_be_read, check_not_forked
from layerlab.errors import InputError

from .csv_files import check_names, read_csv_text
from .data_frames import as_frame, check_frame, is_frame
from .spreadsheet_leftovers import without_repeated_names

if TYPE_CHECKING:
    import polars as pl

TEXT_SEPARATORS = {".csv": ",", ".txt": ",", ".tsv": "\t", ".tab": "\t"}
"""Endings of text tables, and the separator that is expected in them."""

NAMED_ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".arrow", ".feather", ".ipc", ".jsonl", ".ndjson")
"""Endings of tables that messages list; each may be followed by .gz, .bz2, .xz or .zip."""

FIRST_BYTES = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"{": "jsonl",
    b"%PDF": "pdf",
    b"\x89HDF": "hdf5",
    b"\x93NUMPY": "numpy",
    b"PK\x03\x04": "zip",
    b"\x1f\x8b": "gzip",
}
"""First bytes that show what a file is, whatever its name is."""

BINARY_FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
"""Endings of tables that are not text with separators."""


MOST_COLUMNS_RATIO = 1000
"""A Parquet file that unpacks to more bytes for each of its own is refused as a bomb; equal values take no space."""

UNNAMED_TABLE = "the table"
"""What a table without a file's name is called."""


class Read(NamedTuple):
    """A table that was read.

    Attributes:
        name: what to call it in messages: the path, or "the table".
        frame: the columns; those of text files are all text.
        notices: what was noticed.
        separator: what separates the fields of a text file; "" of others.
    """

    name: str
    frame: pl.DataFrame
    notices: tuple[Notice, ...] = ()
    separator: str = ""


class LinesAbove(NamedTuple):
    """What is known about the lines above a text file's names: ``skip`` and ``known`` of ``read_frame``."""

    skip: int
    known: Collection[str]

    def check_text(self, name: str) -> None:
        """Refuse to skip lines in a file that is not text."""
        if self.skip:
            raise InputError(f"skip={self.skip!r}: {name} is not a text file; leave skip out")


def read_frame(
    source: Any,
    *,
    encoding: str | None = None,
    limit_bytes: int | None = None,
    skip: int = 0,
    known: Collection[str] = (),
) -> Read:
    """Read a table from a file, an open file or a data frame.

    Args:
        source: a path (CSV, TSV, Parquet, Arrow, JSON lines, packed or not), an open file, or a data frame of pandas,
            polars or pyarrow.
        encoding: encoding of a text file; None for UTF-8, or UTF-16 with a byte order mark.
        limit_bytes: bytes that it may take; None for a share of the free memory.
        skip: how many lines of a text file stand above its names.
        known: names that it must have; they show which line of a text file holds the names, if it is not the first.

    Raises:
        InputError: it cannot be read; the sentence says what is wrong, and where.
    """
    limit, trusted = memory_budget() if limit_bytes is None else limit_bytes, limit_bytes is not None
    lines = LinesAbove(skip, known)
    check_not_forked()
    if is_frame(source):
        lines.check_text(UNNAMED_TABLE)
        return Read(UNNAMED_TABLE, *without_repeated_names(as_frame(source), UNNAMED_TABLE))
    if hasattr(source, "read"):
        name, inside = _read_open(source, limit, trusted)
        return _read_bytes(name, inside, encoding, limit, lines)
    if not isinstance(source, str | Path):
        raise InputError(f"{type(source).__name__} is not a table; wanted a path, an open file, or a data frame")
    path = Path(source)
    if path.suffix.lower() in BINARY_FORMATS and BINARY_FORMATS[path.suffix.lower()] != "jsonl":
        lines.check_text(str(path))
        with open_file(path) as file:
            frame = _columns(file, str(path), BINARY_FORMATS[path.suffix.lower()], limit)
        return Read(str(path), *without_repeated_names(frame, str(path)))
    return _read_bytes(str(path), read_unpacked(path, limit, trusted=trusted), encoding, limit, lines)


def _read_open(source: Any, limit: int, trusted: bool) -> tuple[str, FileContent]:
    """Return an open file's name and content; without a known ending, the content shows the format."""
    name = getattr(source, "name", None)
    name = name if isinstance(name, str) and not name.startswith("<") else UNNAMED_TABLE  # <fdopen> is no name
    data = source.read(limit + 1)
    data = data.encode() if isinstance(data, str) else data
    if not data:
        raise InputError(f"{name}: is empty, or was already read to its end; wanted a file with data")
    inside = unpack(io.BytesIO(data), name, limit, trusted=trusted)
    known = Path(inside.name).suffix.lower() in (*TEXT_SEPARATORS, *BINARY_FORMATS)
    return name, inside if known else inside._replace(name=UNNAMED_TABLE)


def _read_bytes(name: str, inside: FileContent, encoding: str | None, limit: int, lines: LinesAbove) -> Read:
    """Read the table in the bytes of an unpacked file, whose inner name shows the format."""
    data, ending = inside.data, Path(inside.name).suffix.lower()
    content = next((what for start, what in FIRST_BYTES.items() if data.startswith(start)), "text")
    what = (
        content
        if inside.name == UNNAMED_TABLE
        else BINARY_FORMATS.get(ending, "text" if ending in TEXT_SEPARATORS else "")
    )
    if not what or content not in ("text", "jsonl", what):
        raise InputError(
            f"{name}: {_mistaken(ending, content)}; wanted a table: one of {', '.join(NAMED_ENDINGS)}, packed or not"
        )
    if what == "text":
        return Read(name, *read_csv_text(data, name, TEXT_SEPARATORS.get(ending, ","), encoding, limit, *lines))
    lines.check_text(name)
    return Read(name, *without_repeated_names(_columns(io.BytesIO(data), name, what, limit), name))


def _mistaken(ending: str, content: str) -> str:
    """Say what is wrong with a file that has not the ending and content of a table."""
    if content != "text" and content != "jsonl":
        return f"contains {FORMAT_WORDS[content]} and ends in {ending!r}"
    if ending == ".json":
        return "is JSON, which is read as a table only with one object in each line (.jsonl)"
    return f"ends in {ending!r}" if ending else "has no ending that shows the format"


def _columns(file: IO[bytes], name: str, what: str, limit: int) -> pl.DataFrame:
    """Read a frame from Parquet, Arrow or JSON lines."""
    import polars as pl

    try:
        with without_library_messages():
            frame = FORMAT_READERS[what](file, name, limit)
    except RecursionError:
        raise InputError(
            f"{name}: cannot be read as {FORMAT_WORDS[what]}: objects or lists are nested too deep; wanted a value for "
            "each column"
        ) from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, MemoryError) as error:
        if isinstance(error, InputError):
            raise
        why = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise InputError(
            f"{name}: cannot be read as {FORMAT_WORDS[what]}: {why}; wanted a whole file of this kind"
        ) from None
    return check_frame(frame, name)


def _parquet(file: IO[bytes], name: str, limit: int) -> pl.DataFrame:
    """Read Parquet, unless it is too large."""
    took = _bytes_of_table(file, "parquet", name, limit)
    import polars as pl

    rows = int(pl.scan_parquet(file).select(pl.len()).collect().item())
    file.seek(0)
    columns = len(pl.read_parquet_schema(file))
    check_table_size(name, rows, columns, limit)
    _check_room(file, max(took, 8 * rows * columns), name, limit, "read it in blocks with memory_mib=256")
    return pl.read_parquet(file)


def _bytes_of_table(file: IO[bytes], kind: str, name: str, limit: int) -> int:
    """Bytes that the table of a file takes, measured by another process, which first shows that it can be read."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    most = min(limit, max(HARMLESS_BYTES, MOST_COLUMNS_RATIO * size))
    return check_can_be_read(file, kind, name, FORMAT_WORDS[kind.split()[0]], most)


def _check_room(file: IO[bytes], took: int, name: str, limit: int, remedy: str) -> None:
    """Refuse a file whose table takes far more room than the file, or more than the limit; then go to its beginning."""
    check_ratio(name, took, file.seek(0, os.SEEK_END), remedy, MOST_COLUMNS_RATIO)
    if took > limit:
        raise too_large(name, f"{bytes_in_words(took)} in memory", limit)
    file.seek(0)


def _arrow(file: IO[bytes], name: str, limit: int) -> pl.DataFrame:
    """Read an Arrow file or stream, unless it is too large."""
    start = file.read(6)
    file.seek(0)
    took = _bytes_of_table(file, "arrow" if start == b"ARROW1" else "arrow stream", name, limit)
    import polars as pl

    _check_room(
        file, took, name, limit, "wanted a sample of its rows, or Parquet, which memory_mib=256 reads in blocks"
    )
    if start != b"ARROW1":  # a stream, which says nothing of its rows beforehand
        return pl.read_ipc_stream(io.BytesIO(read_within(file, name, limit)))
    rows = int(pl.scan_ipc(file).select(pl.len()).collect().item())
    file.seek(0)
    check_table_size(name, rows, len(pl.read_ipc_schema(file)), limit)
    file.seek(0)
    return pl.read_ipc(file)


def _json_lines(file: IO[bytes], name: str, limit: int) -> pl.DataFrame:
    """Read one object from each line; the lines are searched for an error only if polars fails."""
    import polars as pl

    data = file.read().removeprefix(b"\xef\xbb\xbf")
    try:
        fields = pl.scan_ndjson(io.BytesIO(data), infer_schema_length=None).collect_schema()
        # Each object may have new fields, which then all rows get, so a small file can become a huge table.
        rows = data.count(b"\n") + 1
        check_table_size(name, rows, len(fields), limit)
        check_ratio(name, 8 * rows * len(fields), len(data), "wanted objects that have most fields in common")
        frame = pl.read_ndjson(io.BytesIO(data), schema=fields)
    except pl.exceptions.PolarsError as error:
        if wrong := _wrong_line(data, name):
            raise InputError(wrong) from None
        try:
            frame = pl.read_ndjson(io.BytesIO(_nested_as_words(data)), infer_schema_length=None)
        except pl.exceptions.PolarsError:
            raise InputError(f"{name}: cannot be read as JSON lines: {error}") from None
    return frame.select(_in_order(data, frame.columns, name))


def _in_order(data: bytes, names: list[str], name: str) -> list[str]:
    """Return the first object's fields in their order, then the others'; polars returns fields in any order."""
    import json

    start = next(line for line in io.BytesIO(data) if line.strip())
    first = [field for field, _ in json.loads(start, object_pairs_hook=list)]
    check_names(first, name)
    return [*first, *sorted(set(names) - set(first))]


def _wrong_line(data: bytes, name: str) -> str:
    """Say what is wrong with the first line that is not an object."""
    import json

    row = 0
    for line in data.splitlines():
        if not line.strip():
            continue
        row += 1
        try:
            came = json.loads(line, parse_constant=_refuse_constant)
        except ValueError as error:
            return f"{name}, row {row}: is not JSON ({error}); wanted an object in each line"
        if not isinstance(came, dict):
            return (
                f'{name}, row {row}: is {JSON_WORDS[type(came)]}; wanted an object in each line: {{"name": value, …}}'
            )
    return "" if row else f"{name}: has only blank lines; wanted an object in each line"


def _refuse_constant(word: str) -> None:
    """Refuse NaN and Infinity, which Python reads but the JSON standard does not have."""
    raise ValueError(f"{word} is not a JSON number: write null")


def _nested_as_words(data: bytes) -> bytes:
    """Rewrite fields with lists or objects as lists of one word, so that all rows have the same type."""
    import json

    rows = [json.loads(line) for line in data.splitlines() if line.strip()]
    nested = {field for row in rows for field, value in row.items() if isinstance(value, list | dict)}
    for row in rows:
        row.update({field: [json.dumps(row[field])] for field in nested & set(row)})
    return "\n".join(map(json.dumps, rows)).encode()


JSON_WORDS = {
    list: "a list",
    str: "a word",
    int: "a number",
    float: "a number",
    bool: "a truth value",
    type(None): "null",
}
"""What a line of JSON may be instead of an object."""

FORMAT_READERS: dict[str, Callable[[IO[bytes], str, int], pl.DataFrame]] = {
    "parquet": _parquet,
    "arrow": _arrow,
    "jsonl": _json_lines,
}
"""How each kind of file is read."""
FORMAT_WORDS = {
    "parquet": "Parquet",
    "arrow": "Arrow",
    "jsonl": "JSON lines",
    "pdf": "PDF",
    "hdf5": "HDF5",
    "numpy": "a NumPy array",
    "zip": "another zip file",
    "gzip": "another gzip file (it is packed twice)",
}
"""The names of the file formats in messages."""

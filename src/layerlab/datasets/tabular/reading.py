"""From a file, an open file or a data frame to a frame of polars; text stays text, so that no cell loses its words."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from layerlab.datasets.files import (
    Opened,
    check_file,
    check_table_size,
    memory_budget,
    opened,
    unpacked,
    whole,
    without_chatter,
)
from layerlab.errors import InputError

from .csv_files import check_names, read_delimited
from .data_frames import as_frame, check_frame, is_frame
from .table import Notice

if TYPE_CHECKING:
    import polars as pl

TEXT = {".csv": ",", ".txt": ",", ".tsv": "\t", ".tab": "\t"}
"""Endings of text in columns, and what is expected between two fields."""

ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".arrow", ".feather", ".ipc", ".jsonl", ".ndjson")
"""Endings of tables; each may be followed by .gz, .bz2, .xz or .zip."""

MAGIC = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"{": "jsonl",
    b"%PDF": "pdf",
    b"\x89HDF": "hdf5",
    b"\x93NUMPY": "numpy",
    b"PK\x03\x04": "zip",
    b"\x1f\x8b": "gzip",
}
"""First bytes that tell what a file is, whatever it is called."""

FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
"""Endings of what is no text in columns."""


UNNAMED = "the table"
"""What a table without a file's name is called."""


class Read(NamedTuple):
    """A table that was read.

    Attributes:
        name: for messages: the path, or "the table".
        frame: its columns; of text files all are text.
        notices: what was noticed.
    """

    name: str
    frame: pl.DataFrame
    notices: tuple[Notice, ...] = ()


class Lines(NamedTuple):
    """What is said of a text file's lines: ``skip`` and ``known`` of ``read_frame``."""

    skip: int
    known: Collection[str]

    def check_text(self, name: str) -> None:
        """Raises InputError where there are no lines to skip."""
        if self.skip:
            raise InputError(f"skip={self.skip!r}: {name} is no text in lines; wanted it left out")


def read_frame(
    source: Any,
    *,
    encoding: str | None = None,
    limit_bytes: int | None = None,
    skip: int = 0,
    known: Collection[str] = (),
) -> Read:
    """A table from wherever it is.

    Args:
        source: a path (CSV, TSV, Parquet, Arrow, JSON lines, packed or not), an open file, or a data frame of pandas,
            polars or pyarrow.
        encoding: of a text file; None for UTF-8, or UTF-16 with a byte order mark.
        limit_bytes: that it may take; None for a share of the free memory.
        skip: lines of a text file above its names.
        known: names that it has to have, by which a text file's line of names is found where it is not the first.

    Raises:
        InputError: it cannot be read: what is wrong, and where.
    """
    limit = memory_budget() if limit_bytes is None else limit_bytes
    lines = Lines(skip, known)
    if is_frame(source):
        lines.check_text(UNNAMED)
        return Read(UNNAMED, as_frame(source))
    if hasattr(source, "read"):
        name, inside = _read_open(source, limit)
        return _read_bytes(name, inside, encoding, limit, lines)
    if not isinstance(source, str | Path):
        raise InputError(f"{type(source).__name__} is no table; wanted a path, an open file, or a data frame")
    path = check_file(source)
    if path.suffix.lower() in FORMATS and FORMATS[path.suffix.lower()] != "jsonl":
        lines.check_text(str(path))
        with path.open("rb") as file:
            return Read(str(path), _columns(file, str(path), FORMATS[path.suffix.lower()], limit))
    return _read_bytes(str(path), opened(path, limit), encoding, limit, lines)


def _read_open(source: Any, limit: int) -> tuple[str, Opened]:
    """The name of an open file, and what is in it; one without an ending that tells is told by its content."""
    name = getattr(source, "name", None)
    name = name if isinstance(name, str) and not name.startswith("<") else UNNAMED  # <fdopen> tells nothing
    data = source.read(limit + 1)
    data = data.encode() if isinstance(data, str) else data
    if not data:
        raise InputError(f"{name}: is empty, or was read to its end before; wanted a file with data")
    inside = unpacked(io.BytesIO(data), name, limit)
    known = Path(inside.name).suffix.lower() in (*TEXT, *FORMATS)
    return name, inside if known else inside._replace(name=UNNAMED)


def _read_bytes(name: str, inside: Opened, encoding: str | None, limit: int, lines: Lines) -> Read:
    """The table in the bytes of a file that is not packed any more; its inner name tells what it is."""
    data, ending = inside.data, Path(inside.name).suffix.lower()
    told = next((what for start, what in MAGIC.items() if data.startswith(start)), "text")
    what = told if inside.name == UNNAMED else FORMATS.get(ending, "text" if ending in TEXT else "")
    if not what or told not in ("text", "jsonl", what):
        raise InputError(
            f"{name}: {_mistaken(ending, told)}; wanted a table: one of {', '.join(ENDINGS)}, packed or not"
        )
    if what == "text":
        return Read(name, *read_delimited(data, name, TEXT.get(ending, ","), encoding, limit, *lines))
    lines.check_text(name)
    return Read(name, _columns(io.BytesIO(data), name, what, limit))


def _mistaken(ending: str, told: str) -> str:
    """What to say of a file whose ending and content do not tell of a table."""
    if told != "text" and told != "jsonl":
        return f"is {SAID[told]} by its content and ends in {ending!r}"
    if ending == ".json":
        return "is JSON, which is a table only with an object for each row in a line of its own (.jsonl)"
    return f"ends in {ending!r}" if ending else "its name has no ending that tells what it is"


def _columns(file: IO[bytes], name: str, what: str, limit: int) -> pl.DataFrame:
    """A frame from Parquet, Arrow or JSON lines."""
    import polars as pl

    try:
        with without_chatter():
            frame = READERS[what](file, name, limit)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, MemoryError) as error:
        if isinstance(error, InputError):
            raise
        why = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise InputError(f"{name}: cannot be read as {SAID[what]}: {why}; wanted a whole file of this kind") from None
    return check_frame(frame, name)


def _parquet(file: IO[bytes], name: str, limit: int) -> pl.DataFrame:
    import polars as pl

    rows = int(pl.scan_parquet(file).select(pl.len()).collect().item())
    file.seek(0)
    check_table_size(name, rows, len(pl.read_parquet_schema(file)), limit)
    file.seek(0)
    return pl.read_parquet(file)


def _arrow(file: IO[bytes], name: str, limit: int) -> pl.DataFrame:
    import polars as pl

    start = file.read(6)
    file.seek(0)
    if start != b"ARROW1":  # a stream, which says nothing of its rows beforehand
        return pl.read_ipc_stream(io.BytesIO(whole(file, name, limit)))
    rows = int(pl.scan_ipc(file).select(pl.len()).collect().item())
    file.seek(0)
    check_table_size(name, rows, len(pl.read_ipc_schema(file)), limit)
    file.seek(0)
    return pl.read_ipc(file)


def _json_lines(file: IO[bytes], name: str, limit: int) -> pl.DataFrame:  # noqa: ARG001
    """Objects in lines; what is wrong is looked for in the lines only when there is something wrong."""
    import polars as pl

    data = file.read().removeprefix(b"\xef\xbb\xbf")
    try:
        frame = pl.read_ndjson(io.BytesIO(data), infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        if wrong := _wrong_line(data, name):
            raise InputError(wrong) from None
        try:
            frame = pl.read_ndjson(io.BytesIO(_nested_as_words(data)), infer_schema_length=None)
        except pl.exceptions.PolarsError:
            raise InputError(f"{name}: cannot be read as JSON lines: {error}") from None
    return frame.select(_in_order(data, frame.columns, name))


def _in_order(data: bytes, names: list[str], name: str) -> list[str]:
    """The first object's fields as they stand, then those that only others have; polars returns them in any order."""
    import json

    start = next(line for line in io.BytesIO(data) if line.strip())
    first = [field for field, _ in json.loads(start, object_pairs_hook=list)]
    check_names(first, name)
    return [*first, *sorted(set(names) - set(first))]


def _wrong_line(data: bytes, name: str) -> str:
    """What is wrong with the first line that is no object."""
    import json

    row = 0
    for line in data.splitlines():
        if not line.strip():
            continue
        row += 1
        try:
            came = json.loads(line, parse_constant=_refuse_constant)
        except ValueError as error:
            return f"{name}, row {row}: is no JSON ({error}); wanted an object in each line"
        if not isinstance(came, dict):
            return f'{name}, row {row}: is {JSON[type(came)]}; wanted an object in each line: {{"name": value, …}}'
    return "" if row else f"{name}: holds nothing but blank lines; wanted an object in each line"


def _refuse_constant(word: str) -> None:
    """Python reads NaN and Infinity, which no standard knows."""
    raise ValueError(f"{word} is none of its numbers: write null")


def _nested_as_words(data: bytes) -> bytes:
    """The lines with lists of one word in fields that hold lists or objects anywhere, be they never so unlike."""
    import json

    rows = [json.loads(line) for line in data.splitlines() if line.strip()]
    nested = {field for row in rows for field, value in row.items() if isinstance(value, list | dict)}
    for row in rows:
        row.update({field: [json.dumps(row[field])] for field in nested & set(row)})
    return "\n".join(map(json.dumps, rows)).encode()


JSON = {list: "a list", str: "a word", int: "a number", float: "a number", bool: "a truth value", type(None): "null"}
"""What a line of JSON may be that is no object."""

READERS: dict[str, Callable[[IO[bytes], str, int], pl.DataFrame]] = {
    "parquet": _parquet,
    "arrow": _arrow,
    "jsonl": _json_lines,
}
SAID = {
    "parquet": "Parquet",
    "arrow": "Arrow",
    "jsonl": "JSON lines",
    "pdf": "PDF",
    "hdf5": "HDF5",
    "numpy": "NumPy's",
    "zip": "a zip in what was unpacked",
    "gzip": "packed by gzip twice",
}
"""What the kinds of files are called."""

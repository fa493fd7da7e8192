"""Compressed files, unpacked within a memory budget: gzip, bzip2, xz, or a zip with one file."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import IO, Any, NamedTuple

from layerlab.errors import InputError

from .files import (
    BYTES_PER_BYTE,
    HARMLESS_BYTES,
    MOST_UNPACKED_RATIO,
    UNPACKED_AT_A_TIME,
    bytes_in_words,
    memory_budget,
    open_file,
    read_up_to,
    read_within,
    too_large,
)

NUMBERS_PER_BYTE = 4
"""A byte of text can become this many bytes of numbers: two bytes, a digit and a separator, become 8."""

LONGEST_COUNT = 3.0
"""For this many seconds, the size of a refused file's content is measured."""


class FileContent(NamedTuple):
    """The content of a file that was read.

    Attributes:
        name: the file's name without the ending for its compression; in a zip, the name of the file inside.
        data: the file's bytes, unpacked.
    """

    name: str
    data: bytes


def read_unpacked(path: str | Path, limit_bytes: int | None = None, *, trusted: bool = False) -> FileContent:
    """Read a whole file, and unpack it if it is compressed by gzip, bzip2 or xz, or is a zip with one file.

    Args:
        path: the file.
        limit_bytes: the largest allowed content; None for ``memory_budget()``.
        trusted: whether a small file may unpack to any size; the limit then applies to its numbers in memory.

    Raises:
        InputError: there is no such file, the content is too large, or it cannot be unpacked.
    """
    limit = memory_budget() if limit_bytes is None else limit_bytes
    try:
        with open_file(path) as file:
            return unpack(file, str(path), limit, trusted=trusted)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror or error}); wanted a file that can be read: check the disk"
        ) from None


def unpack(file: IO[bytes], name: str, limit: int, *, trusted: bool = False) -> FileContent:
    """Read a file object from its beginning; unpack it if its first bytes are those of a compressed file."""
    start = file.read(6)
    file.seek(0)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    packed = next((packing for packing in PACKINGS if start.startswith(packing.start)), None)
    if packed is None and size > limit:
        raise too_large(name, bytes_in_words(size), limit)
    if packed is None:
        return FileContent(Path(name).name, read_within(file, name, limit))
    with _sound(name, packed.name), packed.open(file, name) as content:
        inside = getattr(content, "name", None) if packed.name == "zip" else None
        bare = name[: -len(packed.ending)] if name.lower().endswith(packed.ending) else name
        return FileContent(Path(inside or bare).name, _unpacked(content, name, limit, size, trusted))


def _unpacked(content: IO[bytes], name: str, limit: int, size: int, trusted: bool) -> bytes:
    """Read all bytes of a compressed file, unless they are far more than its size, or more than the limit."""
    most = limit // NUMBERS_PER_BYTE if trusted else min(limit, max(HARMLESS_BYTES, MOST_UNPACKED_RATIO * size))
    data = read_up_to(content, most)
    if len(data) <= most:
        return data
    total = len(data)
    del data
    ends = monotonic() + LONGEST_COUNT
    while (chunk := content.read(UNPACKED_AT_A_TIME)) and monotonic() < ends:
        total += len(chunk)
    more = "more than " if chunk else ""
    raise InputError(
        f"{name}: its {bytes_in_words(size)} unpack to {more}{bytes_in_words(total)}, more than the "
        f"{bytes_in_words(most)} that are read of it by default; if you trust it, --memory "
        f"{-(-BYTES_PER_BYTE * total // 2**20)} reads it (MiB; in Python limit_bytes={NUMBERS_PER_BYTE * total})"
    )


@contextmanager
def _sound(name: str, packing: str) -> Iterator[None]:
    """Turn every error of unpacking into an ``InputError``."""
    try:
        yield
    except (
        OSError,
        EOFError,
        zlib.error,
        lzma.LZMAError,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
    ) as error:
        why = "it ends too early" if isinstance(error, EOFError) else str(error).rstrip(".") or type(error).__name__
        raise InputError(
            f"{name}: cannot be unpacked as {packing}: {why}; wanted a whole file, so copy it again"
        ) from None


def _only_member(file: IO[bytes], name: str) -> IO[bytes]:
    """Open the only file in a zip."""
    archive = zipfile.ZipFile(file)
    members = [item for item in archive.infolist() if not item.is_dir() and not item.filename.startswith("__MACOSX/")]
    if any(item.filename in ("[Content_Types].xml", "mimetype") for item in members):
        raise InputError(f"{name}: is a document or a spreadsheet; wanted a table: save its sheet as CSV")
    if len(members) != 1:
        names = ", ".join(repr(item.filename) for item in members[:3]) + ", …" * (len(members) > 3) or "nothing"
        raise InputError(f"{name}: holds {names}; wanted a zip with one file: unpack it and give the name of the file")
    if members[0].flag_bits & 1:
        raise InputError(
            f"{name}: is locked with a password; wanted a zip without one: unpack it and give the name of the file"
        )
    return archive.open(members[0])


def _refuse_zstd(_: IO[bytes], name: str) -> IO[bytes]:
    """Refuse a file that is compressed by zstd."""
    raise InputError(
        f"{name}: is compressed by zstd; wanted gzip, bzip2, xz or zip: unpack it first with zstd -d {name}"
    )


def _as_is(opener: Callable[[IO[bytes]], Any]) -> Callable[[IO[bytes], str], Any]:
    """Make an opener that ignores the file's name."""
    return lambda file, _: opener(file)


class Packing(NamedTuple):
    """A kind of compression, and how its files are opened.

    Attributes:
        name, ending: its name, and the ending of its files.
        start: the first bytes of its files.
        open: returns the content of a file object as a file object; the name is for messages.
    """

    name: str
    ending: str
    start: bytes
    open: Callable[[IO[bytes], str], Any]


PACKINGS = (
    Packing("gzip", ".gz", b"\x1f\x8b", _as_is(lambda file: gzip.GzipFile(fileobj=file))),
    Packing("bzip2", ".bz2", b"BZh", _as_is(bz2.BZ2File)),
    Packing("xz", ".xz", b"\xfd7zXZ\x00", _as_is(lzma.LZMAFile)),
    Packing("zip", ".zip", b"PK\x03\x04", _only_member),
    Packing("zip", ".zip", b"PK\x05\x06", _only_member),
    Packing("zstd", ".zst", b"\x28\xb5\x2f\xfd", _refuse_zstd),
)
"""All kinds of compression; the first bytes of a file show which one it is."""

"""A user's file as bytes: refused in one sentence if it cannot be read, and unpacked within a memory budget.

All readers of files start here, so that a missing file, a pipe without an end, or an archive that would fill the memory
is refused in the same words everywhere.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import IO, Any, TypeVar

from layerlab.errors import InputError
from layerlab.machine import free_memory

T = TypeVar("T")

UNPACKED_AT_A_TIME = 1 << 20
"""How many bytes are unpacked at a time."""

MOST_UNPACKED_RATIO = 100
"""A file that unpacks to more bytes for each of its own is refused, if the result exceeds ``HARMLESS_BYTES``."""

HARMLESS_BYTES = 100_000_000
"""Up to this many unpacked bytes, any ratio is allowed: a small table of zeros does no harm."""

BYTES_PER_BYTE = 8
"""Reading takes this many bytes of memory for each unpacked byte: text, cells, columns and features."""


def check_file(path: str | Path) -> Path:
    """Return the path if it is a file that can be read.

    Raises:
        InputError: there is no file, or it is a folder, a pipe, a socket, a device, empty, or locked.
    """
    path = Path(path)
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {_not_there(path, error)}; wanted a file that can be read") from None
    _check_kind(path, status, empty=False)
    if not os.access(path, os.R_OK):
        raise InputError(f"{path}: this user may not read it; wanted permission to read it (chmod u+r)")
    return path


def _check_kind(path: Path, status: os.stat_result, empty: bool) -> None:
    """Refuse what is not a file, and an empty file unless ``empty`` allows it."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    if not stat.S_ISREG(status.st_mode):
        kind = kinds.get(stat.S_IFMT(status.st_mode), "a device")
        raise InputError(f"{path}: is {kind}; wanted a file (write its content to a file first)")
    if status.st_size == 0 and not empty:
        raise InputError(f"{path}: is empty (0 bytes); wanted a file with data: check how it was written")


def open_file(path: str | Path, *, empty: bool = False) -> io.BufferedReader:
    """Open a file to read its bytes, and check what was opened, since the file at a path may change.

    It never waits, unlike the usual opening of a pipe into which nobody writes.

    Args:
        path: the file.
        empty: whether it may be empty.

    Raises:
        InputError: as ``check_file``.
    """
    path = Path(path)
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        check_file(path)  # raises an error that says why
        raise InputError(f"{path}: cannot be read ({error}); wanted a file that can be read") from None
    try:
        _check_kind(path, os.fstat(handle), empty)
    except InputError:
        os.close(handle)
        raise
    return io.BufferedReader(_WithoutWaiting(handle, path))


class _WithoutWaiting(io.FileIO):
    """An open file that is never waited for; one without bytes and without an end (/proc/kmsg) is refused."""

    def __init__(self, handle: int, path: Path) -> None:
        super().__init__(handle)
        self._path = path

    def readinto(self, buffer: Any) -> int:
        return self._checked(super().readinto(buffer))

    def readall(self) -> bytes:
        return self._checked(super().readall())

    def _checked(self, read: T) -> T:
        if read is None:
            raise InputError(f"{self._path}: has no bytes now and no end; wanted a file that can be read")
        return read


def read_file(path: str | Path, limit_bytes: int | None = None) -> bytes:
    """Read the bytes of a whole file, without unpacking it.

    Args:
        path: the file.
        limit_bytes: the largest allowed size; None for ``memory_budget()``.

    Raises:
        InputError: as ``check_file``, or the file is larger.
    """
    limit = memory_budget() if limit_bytes is None else limit_bytes
    with open_file(path, empty=True) as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(limit + 1) if size <= limit else b""
    if max(size, len(data)) > limit:
        raise too_large(str(path), bytes_in_words(max(size, len(data))), limit)
    return data


PLACE_STARTS = {"row ": ", ", "column ": ", ", "the table": ": "}
"""How errors without the name of their file begin, and what joins the name to them."""


@contextmanager
def placed_in(file: str | Path) -> Iterator[None]:
    """Put the file's name before an error that begins with a row or a column."""
    try:
        yield
    except InputError as error:
        join = next((join for start, join in PLACE_STARTS.items() if str(error).startswith(start)), None)
        if join is None:
            raise
        raise InputError(f"{file}{join}{error}") from error


def _not_there(path: Path, error: Exception) -> str:
    """Say why the system cannot find a path."""
    if isinstance(error, FileNotFoundError):
        link = f"is a link to {path.readlink()}, which does not exist" if path.is_symlink() else ""
        return link or "there is no such file"
    if isinstance(error, PermissionError):
        return "this user may not enter its folder"
    return "cannot be a path (" + (getattr(error, "strerror", None) or str(error)).lower() + ")"


def read_within(content: IO[bytes], name: str, limit: int) -> bytes:
    """Read all bytes, if there are no more than the limit."""
    data = read_up_to(content, limit)
    if len(data) > limit:
        raise too_large(name, "", limit)
    return data


def read_up_to(content: IO[bytes], most: int) -> bytes:
    """Read all bytes in chunks, but stop after ``most``."""
    chunks, total = [], 0
    while total <= most and (chunk := content.read(UNPACKED_AT_A_TIME)):
        total += len(chunk)
        chunks.append(chunk)
    return b"".join(chunks)


def check_ratio(what: str, unpacked: float, stored: float, remedy: str, most: int = MOST_UNPACKED_RATIO) -> None:
    """Refuse a file that unpacks to far more bytes than it has, since it may be meant to fill the memory.

    Raises:
        InputError: it unpacks to more than ``HARMLESS_BYTES``, and more than ``most`` times its size.
    """
    if unpacked > max(HARMLESS_BYTES, most * stored):
        raise InputError(
            f"{what}: its {bytes_in_words(stored)} unpack to {bytes_in_words(unpacked)}, more than {most} times as "
            f"much, like a file that is meant to fill the memory; {remedy}"
        )


def too_large(name: str, size: str, limit: int) -> InputError:
    """Make the error for a file that is larger than the limit; ``size`` is "" if it is not known."""
    came = f"{size}, " if size else ""
    return InputError(
        f"{name}: holds {came}more than the {bytes_in_words(limit)} that may be read into memory; wanted a smaller "
        "file, or a sample of its rows"
    )


class _StandardError:
    """The original standard error while libraries are silenced: the first thread silences it, the last restores it."""

    lock, silenced, kept = Lock(), 0, -1


@contextmanager
def without_library_messages() -> Iterator[None]:
    """Silence what libraries in other languages print to standard error; layerlab's own errors say what is wrong."""
    _silence()
    try:
        yield
    finally:
        with _StandardError.lock:
            _StandardError.silenced -= 1
            if not _StandardError.silenced and _StandardError.kept >= 0:
                os.dup2(_StandardError.kept, 2)
                os.close(_StandardError.kept)
                _StandardError.kept = -1


def _silence() -> None:
    """Redirect standard error to nowhere, unless it is already."""
    with _StandardError.lock:
        _StandardError.silenced += 1
        if _StandardError.silenced > 1:
            return
        try:
            sys.stderr.flush()
            _StandardError.kept = os.dup(2)
        except (AttributeError, OSError, ValueError):  # there is no standard error
            return
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn every error on reading into an ``InputError``."""
    try:
        yield
    except InputError:
        raise
    except BaseException as error:  # whatever a library raises for a missing or damaged file
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":  # polars' is not an Exception
            raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{name}: cannot be read ({reason}); wanted a whole file that nobody changes") from None


def memory_budget() -> int:
    """Return the largest file that is read if no limit is given: an eighth of the free memory, since it is copied."""
    return free_memory() // BYTES_PER_BYTE


def bytes_in_words(count: float) -> str:
    """Write a number of bytes in words, in units of 1000.

    Example:
        >>> bytes_in_words(3_000_000_000)
        '3.0 GB'
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count:.0f} bytes"


def check_table_size(name: str, rows: int, columns: int, limit: int) -> None:
    """Raise InputError if a table of numbers of this size is larger than the limit, in bytes."""
    if rows * columns * 8 > limit:
        size = bytes_in_words(8 * rows * columns)
        raise InputError(
            f"{name}: {rows} rows of {columns} columns are {size} as numbers, more than the {bytes_in_words(limit)} "
            "that may be read into memory at once; wanted a smaller table, or reading in blocks (Parquet, HDF5 and "
            ".npy) with memory_mib=256"
        )


def check_room(what: str, bytes_: float, remedy: str) -> None:
    """Refuse to read what takes more than half of the free memory.

    Args:
        what: the file and its content.
        bytes_: the bytes that it takes in memory.
        remedy: what the user can do.

    Raises:
        InputError: it takes more than half.
    """
    free = free_memory()
    if bytes_ > free / 2:
        raise InputError(
            f"{what} takes {bytes_ / 2**30:,.1f} GiB of memory, and {free / 2**30:,.1f} GiB are free: wanted at most "
            f"half of that; {remedy}"
        )


def file_of(path: str) -> Path:
    """Return the file in a path that may end in a colon and the name of an array."""
    return Path(path) if os.path.lexists(path) else Path(path.rpartition(":")[0] or path)

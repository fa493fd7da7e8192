"""A user's file as bytes: refused in one sentence if it cannot be read, unpacked within a memory budget.

All readers of files ask here first, so that a missing file, a pipe that never ends or an archive of zeros that would
fill the memory is refused in the same words everywhere.
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
"""Bytes that are unpacked at a time."""

MOST_UNPACKED_RATIO = 100
"""Unpacked bytes for a packed one above which a file is taken for a bomb, if it is larger than ``HARMLESS_BYTES``."""

HARMLESS_BYTES = 100_000_000
"""Unpacked bytes up to which any ratio is fine: a table of zeros is small, and no danger."""

BYTES_PER_BYTE = 8
"""Bytes of memory that reading takes for each byte of a table, unpacked: text, cells, columns and features."""


def check_file(path: str | Path) -> Path:
    """Return the path if a file that can be read is there.

    Raises:
        InputError: nothing is there, or a folder, a pipe, a socket, a device, an empty or a locked file.
    """
    path = Path(path)
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {_not_there(path, error)}; wanted a file that can be read") from None
    _check_kind(path, status, empty=False)
    if not os.access(path, os.R_OK):
        raise InputError(f"{path}: may not be read by this user; wanted permission to read it (chmod u+r)")
    return path


def _check_kind(path: Path, status: os.stat_result, empty: bool) -> None:
    """Refuse what is no file, and a file without a byte unless ``empty`` allows it."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    if not stat.S_ISREG(status.st_mode):
        kind = kinds.get(stat.S_IFMT(status.st_mode), "a device")
        raise InputError(f"{path}: is {kind}; wanted a file (write what it holds to a file first)")
    if status.st_size == 0 and not empty:
        raise InputError(f"{path}: is empty (0 bytes); wanted a file with data, so check how it was written")


def open_file(path: str | Path, *, empty: bool = False) -> io.BufferedReader:
    """Open a file to read its bytes, and check what was opened: a path may be another file by the time it is opened.

    It never waits, as opening a pipe does that nobody writes into.

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
        check_file(path)  # says in its own words why
        raise InputError(f"{path}: cannot be read ({error}); wanted a file that can be read") from None
    try:
        _check_kind(path, os.fstat(handle), empty)
    except InputError:
        os.close(handle)
        raise
    return io.BufferedReader(_WithoutWaiting(handle, path))


class _WithoutWaiting(io.FileIO):
    """An open file that is never waited for; one that has no bytes now and no end is refused, such as /proc/kmsg."""

    def __init__(self, handle: int, path: Path) -> None:
        super().__init__(handle)
        self._path = path

    def readinto(self, buffer: Any) -> int:
        return self._checked(super().readinto(buffer))

    def readall(self) -> bytes:
        return self._checked(super().readall())

    def _checked(self, read: T) -> T:
        if read is None:
            raise InputError(f"{self._path}: has nothing to read now and no end; wanted a file that can be read")
        return read


def read_file(path: str | Path, limit_bytes: int | None = None) -> bytes:
    """Read a whole file as it is, packed or not.

    Args:
        path: the file.
        limit_bytes: bytes that it may have; None for ``memory_budget()``.

    Raises:
        InputError: as ``check_file``, or it is larger.
    """
    limit = memory_budget() if limit_bytes is None else limit_bytes
    with open_file(path, empty=True) as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(limit + 1) if size <= limit else b""
    if max(size, len(data)) > limit:
        raise too_large(str(path), bytes_in_words(max(size, len(data))), limit)
    return data


PLACE_STARTS = {"row ": ", ", "column ": ", ", "the table": ": "}
"""How errors begin that still have to name their file, and what is put between the two."""


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
    """Say why the system does not know a path."""
    if isinstance(error, FileNotFoundError):
        link = f"is a link to {path.readlink()}, which is not there" if path.is_symlink() else ""
        return link or "there is no such file"
    if isinstance(error, PermissionError):
        return "its folder may not be entered by this user"
    return "is no path of a file (" + (getattr(error, "strerror", None) or str(error)).lower() + ")"


def read_within(content: IO[bytes], name: str, limit: int) -> bytes:
    """Read all bytes, as long as they are within the limit."""
    data = read_up_to(content, limit)
    if len(data) > limit:
        raise too_large(name, "", limit)
    return data


def read_up_to(content: IO[bytes], most: int) -> bytes:
    """Read all bytes a chunk at a time, or one chunk more than ``most``."""
    chunks, total = [], 0
    while total <= most and (chunk := content.read(UNPACKED_AT_A_TIME)):
        total += len(chunk)
        chunks.append(chunk)
    return b"".join(chunks)


def check_ratio(what: str, unpacked: float, stored: float, remedy: str, most: int = MOST_UNPACKED_RATIO) -> None:
    """Refuse numbers that take far more room in memory than in their file, as in a file that is meant to fill it.

    Raises:
        InputError: they take more than ``HARMLESS_BYTES`` and ``most`` times as much.
    """
    if unpacked > max(HARMLESS_BYTES, most * stored):
        raise InputError(
            f"{what}: its {bytes_in_words(stored)} unpack to {bytes_in_words(unpacked)}, more than {most} times as "
            f"many, as in a file that is meant to fill the memory; {remedy}"
        )


def too_large(name: str, size: str, limit: int) -> InputError:
    """Make the error for a file that is larger than the limit; its size is "" where that is not known."""
    came = f"{size}, " if size else ""
    return InputError(
        f"{name}: holds {came}more than the {bytes_in_words(limit)} that may be read into memory; wanted a smaller "
        "file, or a sample of its rows"
    )


class _StandardError:
    """Where standard error went before libraries were silenced: the first thread silences it, the last restores it."""

    lock, silenced, kept = Lock(), 0, -1


@contextmanager
def without_library_messages() -> Iterator[None]:
    """Silence what libraries in other languages print to standard error; our own errors say what is wrong."""
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
    """Let standard error lead nowhere, unless it does already."""
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
    """Turn whatever goes wrong on reading into an ``InputError``."""
    try:
        yield
    except InputError:
        raise
    except BaseException as error:  # whatever a library raises for a file that is gone, cut or damaged
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":  # polars' is no Exception
            raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{name}: cannot be read ({reason}); wanted a whole file that stays as it is") from None


def memory_budget() -> int:
    """Bytes of a file that are read where no limit is given: an eighth of the free memory, since it is copied."""
    return free_memory() // BYTES_PER_BYTE


def bytes_in_words(count: float) -> str:
    """A number of bytes in words, in units of 1000.

    Example:
        >>> bytes_in_words(3_000_000_000)
        '3.0 GB'
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count:.0f} bytes"


def check_table_size(name: str, rows: int, columns: int, limit: int) -> None:
    """Raises InputError where a table of numbers of this size is larger than the limit, in bytes."""
    if rows * columns * 8 > limit:
        size = bytes_in_words(8 * rows * columns)
        raise InputError(
            f"{name}: {rows} rows of {columns} columns are {size} as numbers, more than the {bytes_in_words(limit)} "
            "that may be read into memory at once; wanted a smaller table, or blocks of it with --memory (Parquet, "
            "HDF5 and .npy)"
        )


def check_room(what: str, bytes_: float, remedy: str) -> None:
    """Refuse to begin what takes more than half of the free memory.

    Args:
        what: the file, and what it holds.
        bytes_: bytes that it takes once it is read.
        remedy: what to do, in words.

    Raises:
        InputError: it takes more.
    """
    free = free_memory()
    if bytes_ > free / 2:
        raise InputError(
            f"{what} takes {bytes_ / 2**30:,.1f} GiB of memory, and {free / 2**30:,.1f} GiB are free: wanted at most "
            f"half of that; {remedy}"
        )


def file_of(path: str) -> Path:
    """The file of a path that may have the name of an array behind a colon."""
    return Path(path) if os.path.lexists(path) else Path(path.rpartition(":")[0] or path)

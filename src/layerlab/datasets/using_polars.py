"""Two protections around polars: it does not survive a fork, and some damaged files make it end the process.

Lengths in a damaged Parquet or Arrow file can make polars request more memory than there is, which cannot be caught. So
another process reads such a file first, while this one loads polars. That takes 0.2 seconds and reads the file twice.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from layerlab.errors import InputError

from . import reading_trial
from .files import memory_budget, open_file

LEAST_ALLOWED = 1 << 30
"""The trial process may always take this many bytes, since threads and decoders need some."""

_in_use = {"by": 0}
"""The process that used polars first; a process that is forked from it does not have its threads."""

_sound: dict[tuple[int, int, int, int], int] = {}
"""Bytes of the tables in files that could be read, by the file's device, number, size and time of change."""


def check_not_forked() -> None:
    """Refuse to use polars in a process that was forked from one that used it: it would wait forever for its threads.

    Raises:
        InputError: the process was forked.
    """
    if _in_use["by"] not in (0, os.getpid()):
        raise InputError(
            "a table was read before this process was forked, and the threads that read tables do not survive a fork; "
            "wanted new processes instead (multiprocessing.get_context('spawn')), or tables that are read before the "
            "fork"
        )
    _in_use["by"] = os.getpid()


def check_can_be_read(source: IO[bytes] | Path, kind: str, name: str, words: str, most: int = sys.maxsize) -> int:
    """Let another process read a file first, since reading it may end the process.

    Args:
        source: an open file, at its beginning, or a path.
        kind: "parquet", "arrow", "arrow stream", or "stream" for a Parquet file that is read in blocks.
        name: the file's name in messages.
        words: its kind in messages.
        most: after this many bytes of its table, reading may stop.

    Returns:
        The bytes that its table takes, estimated if they exceed ``most``; 0 if no process could measure it.

    Raises:
        InputError: it cannot be read.
    """
    status = source.stat() if isinstance(source, Path) else _status(source)
    stamp = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns) if status else None
    if stamp is not None and stamp in _sound:
        return _sound[stamp]
    if not sys.executable or not _has_its_frame(source, kind):
        return 0
    data = source.read() if status is None and not isinstance(source, Path) else None
    size = status.st_size if status else len(data or b"")
    allowed = LEAST_ALLOWED + (os.cpu_count() or 1) * 2**25 + size + 4 * min(memory_budget(), 2**28 + 1000 * size)
    place = str(source) if isinstance(source, Path) else "-"
    trial = subprocess.Popen(  # noqa: S603 - our own file
        [
            sys.executable,
            "-P",
            reading_trial.__file__,
            kind,
            place,
            str(allowed),
            str(most),
        ],
        stdin=source if status and not isinstance(source, Path) else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        import polars  # noqa: F401 - loaded while the other process loads it as well

        said, complained = trial.communicate(data)
    finally:
        trial.kill()
        trial.wait()
        if not isinstance(source, Path):
            source.seek(0, os.SEEK_END)  # empties the buffer: the other process has moved the shared position
            source.seek(0)
    if trial.returncode in (1, 2):  # it could not begin: it found no polars, or Python lacks an option
        return 0
    if trial.returncode:
        why = (said or complained).decode(errors="replace").strip().splitlines() or ["reading it ends the process"]
        raise InputError(f"{name}: cannot be read as {words}: {why[0].rstrip('.')}; wanted a whole file of this kind")
    if stamp is not None:
        _sound[stamp] = int(said)
    return int(said)


def _has_its_frame(source: IO[bytes] | Path, kind: str) -> bool:
    """Return whether a file begins and ends like one of its kind; polars safely refuses all other files."""
    if isinstance(source, Path):
        with open_file(source) as file:
            return _has_its_frame(file, kind)
    start, size = source.read(8), source.seek(0, os.SEEK_END)
    source.seek(max(0, size - 10))
    end = source.read(10)
    source.seek(0)
    if kind in ("parquet", "stream"):
        footer = int.from_bytes(end[2:6], "little")
        return start[:4] == end[6:] == b"PAR1" and 0 < footer <= size - 12
    if kind == "arrow":
        return end[4:] == b"ARROW1"
    return start[:4] == b"\xff\xff\xff\xff" or 0 < int.from_bytes(start[:4], "little") <= size


def _status(file: IO[bytes]) -> os.stat_result | None:
    """Return the system's record of an open file; None for bytes in memory."""
    try:
        return os.fstat(file.fileno())
    except OSError:
        return None

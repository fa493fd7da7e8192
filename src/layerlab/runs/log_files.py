"""The log of a training in two files, CSV and JSON lines, for whatever reads tables.

Each line is written by one call, with its end: a training that is killed leaves lines that are whole.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .writing import check_new

LogRow = Mapping[str, float | None]
"""A line's figures by column; None for what was not recorded."""

ENDINGS = ("csv", "jsonl")


def log_files(place: str | Path) -> tuple[Path, ...]:
    """``log.csv`` and ``log.jsonl`` of a folder that is there; elsewhere the place with either ending."""
    place = Path(place)
    stem = place / "log" if place.is_dir() else place
    return tuple(stem.with_name(f"{stem.name}.{kind}") for kind in ENDINGS)


def check_log(place: str | Path, again: bool) -> tuple[Path, ...]:
    """The files of a log that can be begun.

    Args:
        place: a folder, or a path without ending.
        again: whether those that are there may be begun anew.

    Raises:
        InputError: a file is there already, or the place cannot be written to.
    """
    files = log_files(place)
    for file in files:
        if not (again and file.is_file()):
            check_new(file, "place for the log")
    return files


def log_lines(columns: Sequence[str], rows: Iterable[LogRow], header: bool = True) -> tuple[list[str], list[str]]:
    """The lines of either file, each with its end.

    Args:
        columns: names, in their order.
        rows: what to say.
        header: whether the CSV begins with the names.
    """
    rows = list(rows)
    plain = [",".join("" if row[name] is None else str(row[name]) for name in columns) + "\n" for row in rows]
    marked = [json.dumps({name: _finite(row[name]) for name in columns}) + "\n" for row in rows]
    return [",".join(columns) + "\n"] * header + plain, marked


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value  # JSON knows no nan and no infinity


class LogWriter:
    """Both files, begun with the first rows that come.

    Args:
        files: where.
        columns: names, in their order.
    """

    def __init__(self, files: Sequence[Path], columns: Sequence[str]) -> None:
        self.files, self.columns, self.begun, self.broken = files, columns, False, False

    def write(self, rows: Sequence[LogRow]) -> None:
        """Some more lines; a disk that takes none costs the log and not the training."""
        if not rows or self.broken:
            return
        try:
            for file, lines in zip(self.files, log_lines(self.columns, rows, header=not self.begun), strict=True):
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open("ab" if self.begun else "wb", buffering=0) as raw:
                    for line in lines:
                        raw.write(line.encode())
        except OSError as error:
            self.broken = True
            print(
                f"{error.filename or self.files[0]}: the log could not be written ({error}); the training goes on",
                file=sys.stderr,
            )
        self.begun = True


def copy_log(place: str | Path, folder: str | Path) -> None:
    """The files of a log into a run's folder, in place of those that are there."""
    for file, other in zip(log_files(place), log_files(folder), strict=True):
        if file.exists():
            shutil.copyfile(file, other)


def remove_log(place: str | Path) -> None:
    """No log any more at a place."""
    for file in log_files(place):
        file.unlink(missing_ok=True)

"""The log of a training in two files, CSV and JSON lines, for any software that reads tables.

Each line is written by one call, with its line end: a training that is killed leaves only whole lines.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from layerlab.escapes import printable

from .writing import check_new

LOG_ENDINGS = ("csv", "jsonl")


def log_files(place: str | Path) -> tuple[Path, ...]:
    """Return a log's paths: ``log.csv`` and ``log.jsonl`` in an existing folder, else the place with each ending."""
    place = Path(place)
    stem = place / "log" if place.is_dir() else place
    return tuple(stem.with_name(f"{stem.name}.{kind}") for kind in LOG_ENDINGS)


def check_log(place: str | Path, again: bool) -> tuple[Path, ...]:
    """Check that a log can be written at a place, and return its files.

    Args:
        place: a folder, or a path without ending.
        again: whether log files that exist may be overwritten.

    Raises:
        InputError: a file is there already, or the place cannot be written to.
    """
    files = log_files(place)
    for file in files:
        if not (again and file.is_file()):
            check_new(file, "place for the log")
    return files


def log_lines(
    columns: Sequence[str], rows: Sequence[Mapping[str, float | None]], header: bool = True
) -> tuple[list[str], list[str]]:
    """Write rows as the lines of the CSV file and of the JSON lines file, each with its line end.

    Args:
        columns: names of the columns, in their order.
        rows: the numbers of each line by column; None for what was not recorded.
        header: whether the CSV begins with the names of the columns.
    """
    plain = [",".join("" if row[name] is None else str(row[name]) for name in columns) + "\n" for row in rows]
    marked = [json.dumps({name: _finite(row[name]) for name in columns}) + "\n" for row in rows]
    return [",".join(columns) + "\n"] * header + plain, marked


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value  # JSON knows no nan and no infinity


class LogWriter:
    """Writes the rows of a training to both files of its log, which are created with the first rows.

    Args:
        files: paths of the CSV and of the JSON lines file.
        columns: names of the columns, in their order.
    """

    def __init__(self, files: Sequence[Path], columns: Sequence[str]) -> None:
        self.files, self.columns, self.begun, self.broken = files, columns, False, False

    def write(self, rows: Sequence[Mapping[str, float | None]]) -> None:
        """Append rows to both files; where the disk refuses, a message says so and the training goes on without."""
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
                printable(
                    f"{error.filename or self.files[0]}: the log could not be written ({error}); the training goes on"
                ),
                file=sys.stderr,
            )
        self.begun = True


def copy_log(place: str | Path, folder: str | Path) -> None:
    """Copy the files of a log into a run's folder, over those that the run has made."""
    for file, other in zip(log_files(place), log_files(folder), strict=True):
        if file.exists():
            shutil.copyfile(file, other)


def remove_log(place: str | Path) -> None:
    """Delete both log files at this place, if they exist."""
    for file in log_files(place):
        file.unlink(missing_ok=True)

"""The log of a training in two files, CSV and JSON lines, for any software that reads tables.

Each line is written by one call, with its line end, so a training that is killed leaves only whole lines. Where a disk
has room for half a line, that half is removed again.
"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path

from layerlab.errors import InputError

from .writing import check_new, go_on_without, kind_at

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
    kind_at(place)  # a folder on the way that may not be entered
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
    """Write the rows of a training to both files of its log, which are created with the first rows.

    Args:
        files: paths of the CSV and of the JSON lines file.
        columns: names of the columns, in their order.
        again: whether existing files are overwritten.
    """

    def __init__(self, files: Sequence[Path], columns: Sequence[str], again: bool = False) -> None:
        self.files, self.columns, self.again, self.begun, self.broken = files, columns, again, False, False

    def write(self, rows: Sequence[Mapping[str, float | None]]) -> None:
        """Append rows to both files; where the disk refuses, a message says so and the training goes on."""
        if not rows or self.broken:
            return
        try:
            for file, lines in zip(self.files, log_lines(self.columns, rows, header=not self.begun), strict=True):
                file.parent.mkdir(parents=True, exist_ok=True)
                # of two trainings that begin the same log at the same moment, one is refused
                with file.open("ab" if self.begun else "wb" if self.again else "xb", buffering=0) as raw:
                    _write_lines(raw, lines)
        except OSError as error:
            self.broken = True
            go_on_without("log", error.filename or file, error)
        self.begun = True


def _write_lines(raw: FileIO, lines: Sequence[str]) -> None:
    """Append whole lines to an open file.

    Raises:
        OSError: the disk is full; nothing is left of the line that did not fit.
    """
    for line in lines:
        data, whole, written = line.encode(), raw.tell(), 0
        try:
            while written < len(data):  # a disk that has room for a part writes that part, and refuses the next one
                written += raw.write(data[written:])
        except OSError:
            with suppress(OSError):  # of a device
                raw.truncate(whole)
            raise


def copy_log(place: str | Path, folder: str | Path) -> None:
    """Copy the files of a log into a run's folder, over those that the run itself has written.

    Where the log broke off on a full disk, the run's own is more complete and stays.
    """
    for file, other in zip(log_files(place), log_files(folder), strict=True):
        if file.exists() and not _broke_off(_epochs_in(file), _epochs_in(other)):
            shutil.copyfile(file, other)


def _epochs_in(file: Path) -> list[int]:
    """Return the epochs that have a line in a log file."""
    text = file.read_bytes() if file.exists() else b""
    return [int(epoch) for epoch in re.findall(rb'^(?:{"epoch": )?(\d+)', text, re.MULTILINE)]


def _broke_off(epochs: Sequence[int], all_epochs: Sequence[int]) -> bool:
    """Return whether lines are missing at the end of a log; its first line says how many epochs lie between two."""
    return bool(all_epochs) and (not epochs or epochs[-1] + epochs[0] <= all_epochs[-1])


def remove_log(place: str | Path) -> None:
    """Delete both log files at this place, if they exist and that is possible."""
    with suppress(OSError):
        for file in log_files(place):
            file.unlink(missing_ok=True)


def remove_left_log(place: str | Path) -> None:
    """Delete the log that a killed training left at this place.

    Raises:
        InputError: a file there is not a log but something else.
    """
    for file in log_files(place):
        if kind_at(file) and not (file.is_file() and re.match(rb'epoch|{"epoch|$', file.read_bytes()[:10])):
            raise InputError(
                f"{file}: is there already, where the log would be written; rename it, or name another place"
            )
    remove_log(place)

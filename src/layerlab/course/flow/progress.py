"""``progress.json``: what is done, which hints were read, and what was handed out; whole at any moment.

    {
     "format_version": 1,
     "course": "0.1.0",                             the version of layerlab that handed the files out
     "lang": "ko",
     "at": "4.05-linear-backward",                  where the learner was last
     "done": {"4.04-L-model-forward": "2026-11-30"},
     "hints": {"4.05-linear-backward": 2},
     "files": {"README.md": "3f0c…"}                a checksum of each file as it was handed out
    }

It is written beside its place and renamed, so a process that is killed leaves the old file or the new one. Exercises
are named by their ids, one a line, so that Git can merge the work of two machines.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from layerlab.errors import InputError, WorkError
from layerlab.machine import VERSION

from .words import LANGUAGES, said

FILE = "progress.json"

FORMAT = 1

ASIDE = ".progress-"
"""How a file begins that is being written; one that a killed process left is removed by a later one."""

ABANDONED = 60.0
"""Seconds after which such a file belongs to nobody."""


@dataclass
class CourseProgress:
    """What a course remembers of its learner.

    Attributes:
        course: the version of layerlab that handed the files out.
        lang: "en" or "ko".
        at: the id of the exercise that was opened last, or "".
        done: the date of each exercise that was passed, by its id.
        hints: how many hints of an exercise were shown.
        files: a checksum of each file as it was handed out, by its path in the course.
    """

    course: str = VERSION
    lang: str = "en"
    at: str = ""
    done: dict[str, str] = field(default_factory=dict)
    hints: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def is_course(folder: Path) -> bool:
    """Return whether a folder holds a course: its progress, be it damaged, empty or without sense."""
    path = folder / FILE
    if not path.exists():
        return False
    if next(folder.glob("*/given.py"), None) is not None:
        return True
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return '"format_version"' in text and '"course"' in text


def read_progress(folder: Path, lang: str | None = None) -> CourseProgress:
    """Read what a course remembers.

    Args:
        folder: of the course.
        lang: the language of an error; None for the one that the file names, be it damaged.

    Raises:
        InputError: the file is damaged, or a newer layerlab wrote it.
    """
    path, written = folder / FILE, lang or "en"
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        if lang is None and re.search(r'"lang": *"ko"', text):
            written = "ko"
        record = json.loads(text)
    except OSError as error:
        raise InputError(said("progress.unreadable", written, path=path, why=error.strerror or error)) from error
    except ValueError as error:
        key = "progress.conflict" if "<<<<<<<" in text else "progress.damaged"
        raise InputError(said(key, written, path=path, why=error)) from error
    if why := _fault(record):
        raise InputError(said("progress.damaged", written, path=path, why=why))
    if record["format_version"] > FORMAT:
        raise InputError(said("progress.newer", written, path=path))
    known = CourseProgress.__dataclass_fields__
    return CourseProgress(**{name: value for name, value in record.items() if name in known})


def _fault(record: Any) -> str:
    """Return what in a record is not as this page describes it, or ""."""
    if not isinstance(record, dict) or not isinstance(record.get("format_version"), int):
        return "there is no format_version"
    if record["format_version"] > FORMAT:
        return ""
    if record.get("lang", "en") not in LANGUAGES:
        return f"lang is {record['lang']!r}"
    for name, kind in (("course", str), ("at", str), ("done", str), ("hints", int), ("files", str)):
        value = record.get(name)
        values = list(value.values()) if isinstance(value, dict) and name in ("done", "hints", "files") else [value]
        if value is not None and not all(type(one) is kind for one in values):
            return f"{name} is {value!r}"
    return ""


def write_progress(folder: Path, progress: CourseProgress) -> None:
    """Write what a course remembers: the file is replaced as a whole.

    Raises:
        WorkError: it cannot be written, and the file is as it was.
    """
    path = folder / FILE
    record = {"format_version": FORMAT, **asdict(progress)}
    record["done"] = dict(sorted(progress.done.items()))
    aside = None
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=ASIDE)
        aside = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        aside.chmod(0o644)
        aside.replace(path)
    except OSError as error:
        raise WorkError(said("progress.unwritten", progress.lang, path=path, why=error.strerror or error)) from error
    finally:
        if aside is not None:
            aside.unlink(missing_ok=True)
    _remove_abandoned(folder)


def _remove_abandoned(folder: Path) -> None:
    """Remove what killed processes left half written."""
    for path in folder.glob(f"{ASIDE}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED:
                path.unlink()

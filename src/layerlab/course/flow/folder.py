"""A course on the disk: made, brought up to date without touching the learner's work, an exercise handed out anew."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from layerlab.course.checker.exercise import Exercise, all_exercises
from layerlab.errors import InputError
from layerlab.machine import VERSION
from layerlab.runs.writing import kind_at, try_folder, write_text

from .handed_out import handed_out, start_text
from .progress import CourseProgress, is_course, read_progress, write_progress
from .words import said

BACKUP = ".backup"

NEW = ".new"
"""What the name of a newer text ends in that lies beside a file which the learner has changed."""

NO_CONTENT = {".git", ".DS_Store"}
"""What an empty folder may hold."""


class Course:
    """A learner's course: its folder, what it remembers, and the exercises that this version of layerlab has."""

    def __init__(self, folder: Path, progress: CourseProgress, exercises: Sequence[Exercise]) -> None:
        self.folder, self.progress, self.exercises = folder, progress, tuple(exercises)

    def path(self, exercise: Exercise) -> Path:
        """Return where the learner's file of an exercise is."""
        return self.folder / exercise.file

    def shown_path(self, exercise: Exercise) -> str:
        """Return where the learner's file is, as seen from the working folder, so that a click on it opens it."""
        return from_here(self.path(exercise))

    def is_done(self, exercise: Exercise) -> bool:
        """Return whether an exercise was passed."""
        return exercise.id in self.progress.done

    def is_untouched(self, exercise: Exercise) -> bool:
        """Return whether the file of an exercise is as it was handed out."""
        return _checksum_at(self.path(exercise)) == self.progress.files.get(exercise.file, "nothing was handed out")

    def n_done(self) -> int:
        """Return how many exercises of this version were passed."""
        return sum(map(self.is_done, self.exercises))

    def current(self) -> Exercise:
        """Return the exercise to work on: the one opened last, or the next that is not done; at the end the last."""
        ids = [exercise.id for exercise in self.exercises]
        begin = ids.index(self.progress.at) if self.progress.at in ids else 0
        return self.next_open(begin) or self.exercises[-1]

    def next_open(self, begin: int) -> Exercise | None:
        """Return the first exercise from a position on that is not done, going round; None if all are done."""
        turned = [*self.exercises[begin:], *self.exercises[:begin]]
        return next((exercise for exercise in turned if not self.is_done(exercise)), None)

    def remember(self, change: Callable[[CourseProgress], object]) -> None:
        """Change what the course remembers, and save it; what another process saved meanwhile stays.

        Raises:
            InputError: the file has been damaged meanwhile.
            WorkError: it cannot be written.
        """
        progress = read_progress(self.folder)
        change(progress)
        write_progress(self.folder, progress)
        self.progress = progress

    def mark_done(self, exercise: Exercise) -> None:
        """Remember that an exercise was passed today; the first date counts."""
        if not self.is_done(exercise):
            today = datetime.now().astimezone().date().isoformat()
            self.remember(lambda progress: progress.done.setdefault(exercise.id, today))


class Changes(NamedTuple):
    """What bringing a course up to date did, as paths in its folder."""

    added: list[str]
    replaced: list[str]
    kept: list[str]


def from_here(path: Path) -> str:
    """Write a path as seen from the working folder, if that is shorter."""
    whole = str(path)
    try:
        return min(whole, os.path.relpath(path), key=len)
    except (OSError, ValueError):  # another drive, or a working folder that is gone
        return whole


def find_course(start: Path) -> Path | None:
    """Return the folder of the course that a place lies in, or None."""
    return next((folder for folder in (start, *start.parents) if is_course(folder)), None)


def courses_in(place: Path) -> Iterator[Path]:
    """Yield the courses that lie directly in a folder."""
    yield from sorted(path.parent for path in place.glob("*/progress.json") if is_course(path.parent))


def open_course(folder: Path, lang: str | None = None) -> Course:
    """Open a course.

    Args:
        folder: of the course.
        lang: the language of an error; None for the course's own.

    Raises:
        InputError: its progress is damaged.
    """
    return Course(folder, read_progress(folder, lang), all_exercises())


def make_course(folder: Path, lang: str) -> Course:
    """Make a course in a new or empty folder.

    Raises:
        InputError: the folder holds something, lies in a course, or cannot be written to; then nothing was changed.
    """
    kind = kind_at(folder)
    if kind not in ("folder", ""):
        raise InputError(said("new.file", lang, folder=folder))
    if kind == "folder" and {path.name for path in folder.iterdir()} - NO_CONTENT:
        raise InputError(said("new.full", lang, folder=folder))
    if (outer := find_course(folder.resolve().parent)) is not None:
        raise InputError(said("new.inside", lang, folder=folder, outer=outer))
    there = folder.absolute()
    while not kind_at(there):
        there = there.parent
    if kind_at(there) != "folder":
        raise InputError(said("new.file", lang, folder=from_here(there)))
    try_folder(there, folder)
    folder.mkdir(parents=True, exist_ok=True)
    course = Course(folder, CourseProgress(lang=lang), all_exercises())
    write_progress(folder, course.progress)  # first: if this is interrupted, the same command completes it
    bring_up_to_date(course, lang)
    return course


def bring_up_to_date(course: Course, lang: str) -> Changes:
    """Write what is new or missing; a file that the learner has changed stays, and a newer text is put beside it."""
    changes, checksums = Changes([], [], []), dict(course.progress.files)
    for name, text in handed_out(course.exercises, lang).items():
        path, new = course.folder / name, _checksum(text.encode())
        there, known = _checksum_at(path), checksums.get(name)
        checksums[name] = new
        if there == new:
            continue
        if there in ("", known):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, text)
            (changes.replaced if there else changes.added).append(name)
        elif known != new:
            beside = path.with_name(path.name + NEW)
            if _checksum_at(beside) not in ("", new):
                back_up(course, beside)
            write_text(beside, text)
            changes.kept.append(name)

    def change(progress: CourseProgress) -> None:
        progress.course, progress.lang, progress.files = VERSION, lang, checksums

    course.remember(change)
    return changes


def hand_out_again(course: Course, exercise: Exercise) -> Path | None:
    """Replace an exercise's file by the one that was handed out; return where the learner's text is kept.

    Returns:
        The copy in the backup folder; None if there was nothing to keep.
    """
    path, text = course.path(exercise), start_text(exercise, course.progress.lang)
    there, new = _checksum_at(path), _checksum(text.encode())
    kept = back_up(course, path) if there not in ("", new, course.progress.files.get(exercise.file)) else None
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)

    def change(progress: CourseProgress) -> None:
        progress.files[exercise.file] = new
        progress.done.pop(exercise.id, None)

    course.remember(change)
    return kept


def back_up(course: Course, path: Path) -> Path:
    """Copy a file into the backup folder, under the time of day, and return the copy; nothing is replaced there."""
    stamp = datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
    number = 1
    while True:
        folder = course.folder / BACKUP / (stamp if number == 1 else f"{stamp}-{number}")
        copy = folder / path.relative_to(course.folder)
        if not copy.exists():
            break
        number += 1
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, copy)
    return copy


def _checksum_at(path: Path) -> str:
    """Return the checksum of a file, or "" if there is none."""
    try:
        return _checksum(path.read_bytes())
    except FileNotFoundError:
        return ""


def _checksum(content: bytes) -> str:
    """Return a checksum of a text; how its lines end makes no difference, because Git and editors change that."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()[:16]

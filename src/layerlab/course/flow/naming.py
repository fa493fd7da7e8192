"""Which exercise the learner means: by id, number, function or path, or by what a file defines."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from layerlab.course.checker.exercise import Exercise
from layerlab.errors import InputError

from .folder import Course
from .words import said

LARGEST = 1_000_000
"""Bytes of a file that may be an exercise."""


def _names(exercise: Exercise) -> set[str]:
    """Return the names of an exercise, in the form of ``_plain``."""
    number, _, words = exercise.id.partition("-")
    chapter, _, place = number.partition(".")
    names = {exercise.id, number, words, f"{chapter}.{int(place)}", exercise.function, exercise.folder.name}
    file = exercise.file
    return {_plain(name) for name in (*names, file, file.removesuffix(".py"), f"{exercise.folder.name}.py")}


def _plain(name: str) -> str:
    """Return a name in small letters, with one sign between its words."""
    return name.strip().lower().replace("_", "-").replace("\\", "/").removeprefix("./")


def named(name: str, exercises: Sequence[Exercise], lang: str) -> Exercise:
    """Return the exercise of a name: `4.05-linear-backward`, `4.5`, `linear_backward`, or its file.

    Raises:
        InputError: there is none, or several have this name.
    """
    found = [exercise for exercise in exercises if _plain(name) in _names(exercise)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(exercise.id for exercise in found)
        raise InputError(said("name.several", lang, name=name, ids=ids, first=found[0].id))
    known = {one: exercise.id for exercise in exercises for one in _names(exercise)}
    near = get_close_matches(_plain(name), known, n=1)
    if near and any(letter.isalpha() for letter in name):
        raise InputError(said("name.near", lang, name=name, near=known[near[0]]))
    raise InputError(said("name.unknown", lang, name=name))


def read_source(path: Path, lang: str) -> str:
    """Read a learner's file.

    Raises:
        InputError: there is none, it is no text in UTF-8, or it is too large.
    """
    if not path.exists():
        raise InputError(said("file.missing", lang, path=path))
    if not path.is_file():
        raise InputError(said("file.no-file", lang, path=path))
    if path.stat().st_size > LARGEST:
        raise InputError(said("file.large", lang, path=path, size=f"{path.stat().st_size / 1e6:.1f}"))
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(said("file.encoding", lang, path=path)) from error


def read_own_source(course: Course, exercise: Exercise, lang: str) -> str:
    """Read the file of an exercise in the learner's course.

    Raises:
        InputError: it is gone, it is no text in UTF-8, or it is too large.
    """
    path = course.path(exercise)
    if not path.exists():
        raise InputError(said("file.gone", lang, path=course.shown_path(exercise), id=exercise.id))
    return read_source(path, lang)


def exercise_of_file(path: Path, source: str, exercises: Sequence[Exercise], lang: str) -> Exercise:
    """Return the exercise that a file answers: by its path, by its name, or by the functions that it defines.

    Raises:
        InputError: none of them says which.
    """
    whole, defined = f"/{path.resolve().as_posix().lstrip('/')}", _functions(source)
    defining = [exercise for exercise in exercises if exercise.function in defined]
    for found in (
        [exercise for exercise in exercises if whole.endswith(f"/{exercise.file}")],
        defining,
        [exercise for exercise in exercises if path.name == Path(exercise.file).name],
    ):
        if len(found) == 1:
            return found[0]
    if defining:
        ids = ", ".join(exercise.id for exercise in defining)
        raise InputError(said("file.several", lang, path=path, ids=ids, first=defining[0].id))
    raise InputError(said("file.unknown", lang, path=path))


def _functions(source: str) -> set[str]:
    """Return the names of the functions at the top level of a source; none if it cannot be read."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

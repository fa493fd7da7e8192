"""What all commands of ``layerlab learn`` need: the course, the language, where to print, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError

if TYPE_CHECKING:
    from layerlab.course.checker.exercise import Exercise
    from layerlab.course.flow.folder import Course
    from layerlab.course.flow.screen import Screen, ScreenLine

    from .output import Output

Lang = Annotated[
    str | None,
    typer.Option("--lang", metavar="en|ko", help="Language: English or Korean; your course remembers it; default: en."),
]
Name = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME",
        help="Exercise: id, number such as 4.05, function or file; default: the one that is next.",
        show_default=False,
    ),
]

USUAL_COURSE = "my-course"
"""The folder that is recommended."""


@dataclass(frozen=True)
class Setting:
    """Where a command works.

    Attributes:
        output: what the command has at its beginning and end.
        lang: the language of what is written: JSON and files.
        course: the learner's course; None outside of one.
        given: what --course said.
    """

    output: Output
    lang: str
    course: Course | None
    given: Path | None

    @property
    def shown(self) -> str:
        """The language of what is printed: English where the stream has no Korean letters."""
        from layerlab.course.flow.screen import shown_language

        return shown_language(self.lang, self.output.console.encoding)

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """Every exercise of this version."""
        from layerlab.course.checker.exercise import all_exercises

        return all_exercises() if self.course is None else self.course.exercises

    @property
    def screen(self) -> Screen:
        """The screen on which this command prints its lines; it only adds to them."""
        from layerlab.course.flow.screen import Screen

        return Screen(self.output.console, plain=True)

    def say(self, key: str, /, **holes: object) -> None:
        """Print a sentence of ``words.py`` in the language of the course, in lines that fit the screen."""
        from layerlab.course.flow.screen import prose
        from layerlab.course.flow.words import said

        self.add(prose(said(key, self.shown, **holes), self.screen.width))

    def add(self, lines: Sequence[ScreenLine]) -> None:
        """Print lines that are made already."""
        self.screen.add(lines)

    def say_of_letters(self) -> None:
        """Say that the words are English if Korean was asked for and cannot be printed."""
        if self.shown != self.lang:
            self.say("lang.letters", encoding=self.output.console.encoding)

    def needed_course(self) -> Course:
        """Return the course.

        Raises:
            InputError: there is none here.
        """
        from layerlab.course.flow.words import said

        if self.course is None:
            raise InputError(said("no-course", self.shown, place=Path.cwd()))
        return self.course

    def exercise(self, name: str | None) -> Exercise:
        """Return the exercise of a name; without a name the one that is next in the course.

        Raises:
            InputError: there is none of this name, or no course that knows which is next.
        """
        from layerlab.course.flow.naming import named

        return self.needed_course().current() if name is None else named(name, self.exercises, self.shown)

    def then(self, *words: object, folder: Path | None = None) -> None:
        """Choose what the last line recommends: a command of ``layerlab learn`` on this course, or on one elsewhere."""
        from layerlab.course.flow.words import said

        folder = folder or self.given
        given = () if folder is None else ("--course", folder)
        self.output.next_title = said("next", self.shown)
        self.output.next_step("layerlab", "learn", *given, *words)


def language_of(context: typer.Context, lang: str | None) -> str | None:
    """Return the language that was asked for, with the command or before its name; None if none was.

    Raises:
        InputError: it is unknown.
    """
    from layerlab.course.flow.words import LANGUAGES, said

    lang = lang or _given_above(context, "lang")
    if lang is not None and lang not in LANGUAGES:
        raise InputError(said("lang.unknown", "en", lang=lang))
    return lang


def _given_above(context: typer.Context, name: str) -> Any:
    """Return an option that was given before the command's name."""
    return None if context.parent is None else context.parent.params.get(name)


def setting_of(context: typer.Context, output: Output, lang: str | None = None, *, anywhere: bool = False) -> Setting:
    """Return where a command works: in the course of --course, or in the one that the working folder lies in.

    Args:
        context: of the command; options that were given before its name count too.
        output: of the command.
        lang: what its own --lang said; a course remembers it.
        anywhere: whether the command works outside of courses, too, so that a damaged one is no hindrance.

    Raises:
        InputError: the language is unknown, --course is no course, or the course is damaged.
    """
    from layerlab.course.flow.folder import find_course, open_course
    from layerlab.course.flow.words import said

    lang = language_of(context, lang)
    given: Path | None = context.params.get("course_folder") or _given_above(context, "course_folder")
    folder = given or find_course(Path.cwd())
    if given is not None and find_course(given) != given:
        raise InputError(said("no-course.there", lang or "en", place=given))
    try:
        course = None if folder is None else open_course(folder, lang)
    except InputError:
        if not anywhere:
            raise
        course = None
    if course is not None and lang not in (None, course.progress.lang):
        course.remember(lambda progress: setattr(progress, "lang", lang))
    found = Setting(output, lang or (course.progress.lang if course else "en"), course, given)
    found.say_of_letters()
    return found

"""``layerlab learn``: one exercise is watched after the other, until the learner leaves.

Success never goes on by itself, unless that was asked for: a learner who has just saved wants to see what it said.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from layerlab.course.checker.exercise import Exercise
from layerlab.errors import InputError, WorkError
from layerlab.escapes import printable

from .folder import Course, from_here
from .handed_out import hints
from .naming import read_own_source
from .progress import CourseProgress
from .screen import (
    BLANK,
    Screen,
    ScreenLine,
    after_success,
    failed_line,
    heading,
    hint_lines,
    key_lines,
    list_lines,
    passed_line,
    printed_lines,
    prose,
    report_lines,
    solution_lines,
)
from .watching import END, POLL, Keys, Watched
from .words import said

if TYPE_CHECKING:
    from layerlab.course.reports import Report

KEYS = {name: f"key.{name}" for name in "nphslrq"}

HANGUL_KEYS = dict(zip("ㅜㅔㅗㄴㅣㄱㅂ", "nphslrq", strict=True))
"""The letters on the same keys while the keyboard writes Korean."""


class Checks(Protocol):
    """What checks an exercise: a ``Checker`` with its child process."""

    def check(self, exercise: Exercise, source: str, verdict: Callable[[bool], None] | None = None) -> Report:
        """Check a text; ``verdict`` is called as soon as it is known whether it is right."""


class Sitting:
    """A learner at work in a course.

    Args:
        course: where the files are.
        lang: of the words.
        screen: where they are shown.
        checker: runs the learner's functions.
        exercise: the one to begin with; None for the one that is next.
        auto: whether the next exercise opens by itself after success.
        edit: a command that opens a file, or "".
    """

    def __init__(
        self,
        course: Course,
        lang: str,
        screen: Screen,
        checker: Checks,
        exercise: Exercise | None = None,
        *,
        auto: bool = False,
        edit: str = "",
    ) -> None:
        self.course, self.lang, self.screen, self.checker = course, lang, screen, checker
        self.auto, self.edit = auto, edit
        self.exercise = exercise or course.current()
        self.watched = Watched(course.path(self.exercise))
        self.verdict: list[ScreenLine] = []
        self.does: dict[str, Callable[[], None]] = {
            "n": self.go_on,
            "p": self.go_back,
            "h": self.show_hint,
            "s": self.show_solution,
            "l": self.show_list,
            "r": self.check,
        }

    def work(self, keys: Keys) -> None:
        """Watch and answer keys until the learner leaves.

        Raises:
            InputError: the course's progress was damaged meanwhile.
            WorkError: it cannot be written.
        """
        self.open(self.exercise)
        while True:
            key = keys(POLL)
            key = HANGUL_KEYS.get(key or "", key)
            if key in ("q", END):
                return
            if key is not None and key.strip():
                self.does.get(key.lower(), lambda key=key: self._say_keys(key))()
            elif self.watched.was_saved():
                self.check()

    def _say_keys(self, key: str) -> None:
        """Say which keys there are, after one that does nothing."""
        self._tell(prose(said("watch.key", self.lang, key=printable(key)), self.screen.width))

    def open(self, exercise: Exercise, before: Sequence[ScreenLine] = ()) -> None:
        """Turn to an exercise: show it, and check it unless it is as it was handed out.

        Args:
            exercise: the exercise.
            before: what is said above it.
        """
        self.exercise, self.watched = exercise, Watched(self.course.path(exercise))
        if self.course.progress.at != exercise.id:
            self.course.remember(lambda progress: setattr(progress, "at", exercise.id))
        said_of_editor = self._edit()
        if self.course.is_untouched(exercise):
            self.verdict = [*before, *self._untouched(), *said_of_editor]
            self._draw()
        else:
            self.check([*before, *said_of_editor])

    def check(self, before: Sequence[ScreenLine] = ()) -> None:
        """Check the file as it is now, and show what was found."""
        exercise, width = self.exercise, self.screen.width
        try:
            source = read_own_source(self.course, exercise, self.lang)
            report = self.checker.check(exercise, source, self._say_at_once)
        except (InputError, WorkError) as error:
            self.verdict = [*before, BLANK, *prose(str(error), width, "yellow")]
            self._draw()
            return
        shown = report_lines(report.record(self.lang), exercise, self.lang, width, self.course.shown_path(exercise))
        clock = said("watch.clock", self.lang, time=datetime.now().astimezone().strftime("%H:%M:%S"))
        self.verdict = [*before, BLANK, *shown]
        if report.passed:
            self.course.mark_done(exercise)
            self._after_success(before)
        else:
            self.verdict += [*printed_lines(report.printed, self.lang), BLANK, ScreenLine(clock, "dim")]
            self._draw()

    def _after_success(self, before: Sequence[ScreenLine]) -> None:
        """Say what to read and where to go on; with ``auto`` go on at once."""
        exercise, following, width = self.exercise, self._following(), self.screen.width
        if self.auto and following is not None:
            self.open(following, [*before, BLANK, passed_line(exercise, self.lang)])
            return
        then = [BLANK, *prose(said("watch.next" if following else "watch.all", self.lang), width, "bold")]
        room = self.screen.height - len(self._framed([*self.verdict, *then])) - 1
        self.verdict += [*after_success(exercise, self.lang, width, room), *then]
        self._draw()

    def go_on(self) -> None:
        """Turn to the next exercise that is not done."""
        following = self._following()
        if following is None:
            self._tell(prose(said("watch.all", self.lang), self.screen.width, "bold"))
        else:
            self.open(following)

    def go_back(self) -> None:
        """Turn to the exercise before this one, whether it is done or not."""
        place = self.course.exercises.index(self.exercise)
        if place == 0:
            self._tell(prose(said("watch.first", self.lang), self.screen.width))
        else:
            self.open(self.course.exercises[place - 1])

    def show_hint(self) -> None:
        """Show one hint more than before."""
        self._tell(hint_lines(self.exercise, self.lang, self.screen.width, one_more_hint(self.course, self.exercise)))

    def show_solution(self) -> None:
        """Show a solution, if the learner's own is right."""
        if self.course.is_done(self.exercise):
            room = self.screen.height - len(self._framed([BLANK])) - 1
            self._tell(solution_lines(self.exercise, self.lang, self.screen.width, room), instead=True)
        else:
            self._tell(prose(said("solution.key", self.lang), self.screen.width))

    def show_list(self) -> None:
        """Show this chapter's exercises, and how far the other chapters are."""
        width = self.screen.width
        self._tell(list_lines(self.course, self.course.exercises, self.lang, width, self.exercise), instead=True)

    def _following(self) -> Exercise | None:
        """Return the exercise that comes next: the first after this one that is not done."""
        return self.course.next_open(self.course.exercises.index(self.exercise) + 1)

    def _untouched(self) -> list[ScreenLine]:
        """Return what is said of an exercise that was not begun."""
        width = self.screen.width
        lines = [BLANK, *prose(said("watch.untouched", self.lang), width)]
        lesson = self.course.path(self.exercise).with_name("lesson.md")
        own = [one for one in self.course.exercises if one.chapter == self.exercise.chapter]
        if self.exercise is own[0] and lesson.exists():
            lines += prose(said("watch.lesson", self.lang, path=from_here(lesson)), width)
        return [*lines, *prose(said("watch.open", self.lang), width)]

    def _edit(self) -> list[ScreenLine]:
        """Open the file with the learner's command; return why that is not possible."""
        if not self.edit:
            return []
        try:
            subprocess.Popen(  # noqa: S603 the learner's own command
                [*shlex.split(self.edit), str(self.course.path(self.exercise))],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, ValueError, IndexError) as error:
            return prose(said("watch.no-editor", self.lang, command=self.edit, why=error), self.screen.width, "yellow")
        return []

    def _say_at_once(self, passed: bool) -> None:
        """Say on a terminal that it is not right yet, before it is known why."""
        if self.screen.redraws and not passed:
            self.verdict = [
                BLANK,
                failed_line(self.exercise, self.lang),
                ScreenLine(said("watch.why", self.lang), "dim"),
            ]
            self._draw()

    def _framed(self, lines: Sequence[ScreenLine]) -> list[ScreenLine]:
        """Return lines below the exercise's heading and above the keys."""
        width = self.screen.width
        head = heading(self.course, self.exercise, self.lang, width)
        return [BLANK, *head, *lines, BLANK, *key_lines(KEYS, self.lang, width)]

    def _draw(self) -> None:
        """Show the exercise and what was found."""
        self.screen.show(self._framed(self.verdict))

    def _tell(self, lines: Sequence[ScreenLine], instead: bool = False) -> None:
        """Show something that was asked for, below what was found or instead of it."""
        if self.screen.redraws:
            self.screen.show(self._framed([*([] if instead else self.verdict), BLANK, *lines]))
        else:
            self.screen.add([BLANK, *lines])


def one_more_hint(course: Course, exercise: Exercise) -> int:
    """Remember that one hint more is shown, and return how many are."""
    most = len(hints(exercise, "en"))

    def change(progress: CourseProgress) -> None:
        progress.hints[exercise.id] = min(progress.hints.get(exercise.id, 0) + 1, most)

    if most:
        course.remember(change)
    return course.progress.hints.get(exercise.id, 0)

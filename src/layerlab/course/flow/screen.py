"""The lines of a screen: as wide as the terminal, in letters that it can print.

A function here returns lines with their styles; ``Screen`` prints them. Nothing here asks or decides anything.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from layerlab.console import Console
from layerlab.course.checker.exercise import Exercise
from layerlab.escapes import printable

from .folder import Course
from .handed_out import chapter_title, hints, section_of
from .words import said
from .wrapping import JOINED, can_print, fitted, wrapped_lines

WIDEST = 88
"""Columns of a line of prose at most: longer lines are hard to read."""

ROOM_FOR_TITLES = 64
"""Columns from which on a list has the exercises' titles beside their functions."""

PRINTED = 10
"""Lines of the learner's own prints that are shown at most."""

BAR = 20
"""Columns of the bar that shows how much is done."""

RIGHT, WRONG, HERE, OPEN = "✓", "✗", "▸", "·"


class ScreenLine(NamedTuple):
    """A line of a screen and the style of rich in which it is printed."""

    text: str
    style: str = ""


BLANK = ScreenLine("")


def shown_language(lang: str, encoding: str | None) -> str:
    """Return the language to print in: English where a stream has no Korean letters."""
    return lang if can_print(said("next", lang), encoding) else "en"


class Screen:
    """Where lines are printed.

    Args:
        console: prints them.
        plain: never clear the screen; without this, a terminal shows one state at a time.
    """

    def __init__(self, console: Console, plain: bool = False) -> None:
        self.console = console
        self.redraws = console.is_terminal and not plain and os.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int:
        """How many columns a line of the screen has."""
        return min(self.console.width, WIDEST)

    @property
    def height(self) -> float:
        """Lines that are seen at once; there is no limit where lines are only added."""
        return self.console.height if self.redraws else math.inf

    def show(self, lines: Sequence[ScreenLine]) -> None:
        """Print lines; a terminal is cleared before."""
        if self.redraws:
            self.console.clear()
        self.add(lines)

    def add(self, lines: Sequence[ScreenLine]) -> None:
        """Print lines below what is there."""
        for line in lines:
            text = fitted(printable(line.text), self.console.encoding)
            self.console.print(Text(text, line.style), soft_wrap=True)


def prose(text: str, width: int, style: str = "", indent: str = "") -> list[ScreenLine]:
    """Return a text as lines of a width."""
    return [ScreenLine(line, style) for line in wrapped_lines(text, width, indent)]


def bar(done: int, of: int) -> str:
    """Return a bar that shows how much is done, and the numbers."""
    full = max(BAR * done // max(of, 1), done > 0)
    return f"{'█' * full}{'░' * (BAR - full)} {done}/{of}"


def heading(course: Course, exercise: Exercise, lang: str, width: int) -> list[ScreenLine]:
    """Return which exercise is open, its title, its file, and how much of the course is done."""
    name, done = f"{_number(exercise)} {exercise.function}", bar(course.n_done(), len(course.exercises))
    gap = width - cell_len(name) - cell_len(done)
    first = f"{name}{' ' * gap}{done}" if gap > 1 else name
    return [
        ScreenLine(first, "bold"),
        *prose(section_of(exercise, lang, "Title"), width),
        ScreenLine(course.shown_path(exercise), "cyan"),
    ]


def passed_line(exercise: Exercise, lang: str) -> ScreenLine:
    """Return the verdict on a function that is right."""
    return ScreenLine(f"{RIGHT} {said('check.passed', lang, function=exercise.function)}", "bold green")


def failed_line(exercise: Exercise, lang: str) -> ScreenLine:
    """Return the verdict on a function that is not right."""
    return ScreenLine(f"{WRONG} {said('check.failed', lang, function=exercise.function)}", "bold yellow")


def report_lines(record: Mapping[str, Any], exercise: Exercise, lang: str, width: int, file: str) -> list[ScreenLine]:
    """Return what a check found: the verdict, the first finding with its question, and advice.

    Args:
        record: a report as JSON has it.
        exercise: the exercise that was checked.
        lang: of the words.
        width: of the lines.
        file: the name of the learner's file.
    """
    lines = [passed_line(exercise, lang) if record["passed"] else failed_line(exercise, lang)]
    findings = record["findings"]
    if findings:
        first = findings[0]
        place = f"{file}:{first['line']}" if first["line"] else file
        lines += [ScreenLine(place, "cyan"), BLANK, *prose(first["message"], width)]
        if first["question"]:
            lines += [BLANK, *_pointed(HERE, first["question"], width, "bold")]
        if len(findings) > 1:
            lines += [BLANK, *prose(said("check.more", lang, number=len(findings) - 1), width, "dim")]
    for advice in record["advice"]:
        text = "\n".join(filter(None, (advice["message"], advice["question"])))
        lines += [BLANK, *prose(said("check.advice", lang, text=text), width)]
    return lines


def verdict_lines(record: Mapping[str, Any], exercise: Exercise, begun: bool, width: int) -> list[ScreenLine]:
    """Return one of many verdicts: a mark, the exercise, and what was found first in a file that was begun."""
    mark, style = (RIGHT, "green") if record["passed"] else (WRONG, "yellow") if begun else (OPEN, "dim")
    lines = [ScreenLine(f"{mark} {_number(exercise)} {exercise.function}", style)]
    if record["passed"] or not begun:
        return lines
    first = record["findings"][0]["message"] if record["findings"] else record["problem"] or ""
    return [*lines, *prose(first.partition("\n")[0], width, indent="       ")]


def printed_lines(printed: str, lang: str) -> list[ScreenLine]:
    """Return what the learner's own code printed, its first lines."""
    if not printed.strip():
        return []
    given = printed.rstrip("\n").split("\n")
    shown = [ScreenLine(f"  {line}", "dim") for line in given[:PRINTED]]
    return [
        BLANK,
        ScreenLine(said("check.printed", lang)),
        *shown,
        *([ScreenLine("  …")] if len(given) > PRINTED else []),
    ]


def after_success(exercise: Exercise, lang: str, width: int, room: float = math.inf) -> list[ScreenLine]:
    """Return what to read once an exercise is right: why, what to try, and where to see it.

    Args:
        exercise: the exercise.
        lang: of the words.
        width: of the lines.
        room: lines that there may be; the first block that does not fit is left out, with all after it.
    """
    blocks = [
        [BLANK, ScreenLine(said(key, lang), "bold"), *prose(part, width)]
        for key, part in (("why", section_of(exercise, lang, "Why")), ("try", section_of(exercise, lang, "Try")))
        if part
    ]
    places: list[ScreenLine] = []
    if exercise.lab:
        places += prose(said("see", lang, command=f"layerlab lab {exercise.lab}"), width)
    if exercise.learn:
        folder = "docs/learn" if lang == "en" else f"docs/learn/{lang}"
        places += prose(said("read", lang, page=f"{folder}/{exercise.learn}"), width)
    blocks += [[BLANK, *places]] if places else []
    lines: list[ScreenLine] = []
    for block in blocks:
        if len(lines) + len(block) > room:
            break
        lines += block
    return lines


def hint_lines(exercise: Exercise, lang: str, width: int, shown: int) -> list[ScreenLine]:
    """Return the first hints of an exercise, and whether there are more."""
    texts = hints(exercise, lang)
    if not texts:
        return prose(said("hint.none", lang, id=exercise.id), width)
    lines: list[ScreenLine] = []
    for number, text in enumerate(texts[:shown], start=1):
        lines += [
            ScreenLine(said("hint.number", lang, number=number, all=len(texts)), "bold"),
            *prose(text, width),
            BLANK,
        ]
    more = said("hint.more", lang, number=shown + 1) if shown < len(texts) else said("hint.last", lang)
    return [*lines, *prose(more, width, "dim")]


def solution_lines(exercise: Exercise, lang: str, width: int, room: float = math.inf) -> list[ScreenLine]:
    """Return a solution, and why it is right as far as there is room."""
    code = [ScreenLine(f"  {line}".rstrip(), "cyan") for line in exercise.solution.rstrip("\n").split("\n")]
    head = prose(said("solution.one", lang, id=exercise.id), width)
    return [*head, BLANK, *code, *after_success(exercise, lang, width, room - len(head) - len(code) - 1)]


def list_lines(
    course: Course | None, exercises: Sequence[Exercise], lang: str, width: int, here: Exercise | None = None
) -> list[ScreenLine]:
    """Return the exercises by chapter, with marks for what is done and for where the learner is.

    Args:
        course: the learner's course, or None where there is none.
        exercises: those of this version.
        lang: of the words.
        width: of the lines.
        here: of other chapters than this exercise's only the heading is shown; None shows all.
    """
    lines: list[ScreenLine] = []
    current = None if course is None else (here or course.current())
    longest = max(len(exercise.function) for exercise in exercises)
    for chapter in sorted({exercise.chapter for exercise in exercises}):
        own = [exercise for exercise in exercises if exercise.chapter == chapter]
        title = said("list.chapter", lang, number=chapter, title=_bare(chapter_title(own[0], lang)))
        count = f"  {sum(map(course.is_done, own))}/{len(own)}" if course is not None else ""
        if here is not None and here.chapter != chapter:
            lines.append(ScreenLine(f"{title}{count}"))
            continue
        lines += [BLANK] if lines and here is None else []
        lines.append(ScreenLine(f"{title}{count}", "bold"))
        for exercise in own:
            done = course is not None and course.is_done(exercise)
            mark = f"{HERE if exercise is current else ' '} {RIGHT if done else OPEN}"
            words = section_of(exercise, lang, "Title") if width >= ROOM_FOR_TITLES else ""
            text = f"{mark} {_number(exercise)}  {exercise.function.ljust(longest if words else 0)}  {words}".rstrip()
            lines.append(ScreenLine(_cut(text, width), "bold" if exercise is current else "green" if done else ""))
    if course is not None and here is None:
        marks = said("list.marks", lang, done=RIGHT, here=HERE)
        lines += [BLANK, ScreenLine(bar(course.n_done(), len(exercises))), ScreenLine(marks, "dim")]
    return lines


def key_lines(keys: Mapping[str, str], lang: str, width: int) -> list[ScreenLine]:
    """Return the keys that can be pressed, each with what it does."""
    words = " ".join(f"{key} {said(name, lang)} ".replace(" ", JOINED) for key, name in keys.items())
    return [ScreenLine(line.rstrip(), "dim") for line in wrapped_lines(words, width)]


def _number(exercise: Exercise) -> str:
    """Return the number of an exercise: 4.05."""
    return exercise.id.partition("-")[0]


def _bare(title: str) -> str:
    """Return a lesson's title without a number that it begins with."""
    head, dot, rest = title.partition(". ")
    return rest if dot and head.isdigit() else title


def _pointed(mark: str, text: str, width: int, style: str) -> list[ScreenLine]:
    """Return a text that hangs on a mark."""
    return [
        ScreenLine(f"{mark if number == 0 else ' '} {line}", style)
        for number, line in enumerate(wrapped_lines(text, width - 2))
    ]


def _cut(text: str, width: int) -> str:
    """Return a line that is cut where the screen ends."""
    if cell_len(text) <= width:
        return text
    while cell_len(text) > width - 1:
        text = text[:-1]
    return f"{text.rstrip()}…"

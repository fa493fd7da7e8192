"""``layerlab learn check``: is a function right, and if not, where and how does it go wrong?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError

from .learn_setting import Lang, Setting, setting_of
from .options import Json
from .output import Output

if TYPE_CHECKING:
    from layerlab.course.checker.exercise import Exercise
    from layerlab.course.flow.folder import Course
    from layerlab.course.reports import Report
    from layerlab.course.running import Checker

CHECK = (
    "Check an exercise: say whether the function is right, and if not, in which line it goes wrong, and how.\n\n"
    "Example: [bold]layerlab learn check 4.05[/]\n\n"
    "A file of yours may lie anywhere, and need not hold more than imports and the function: [bold]layerlab learn "
    "check mine.py[/]. If its name and its functions do not say its exercise, --exercise does. Exit status: 0 "
    "right, 1 not right, 2 the request was wrong."
)


def learn_check(
    context: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|FILE",
            help="Exercise, or a file with your function; default: the exercise that is next.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Check all exercises of the course.")] = False,
    exercise: Annotated[
        str | None, typer.Option(metavar="NAME", help="Exercise that FILE answers: its id, number or function.")
    ] = None,
    lang: Lang = None,
    json_path: Json = None,
) -> None:
    """Check one exercise, a file, or all exercises; the exit status is 0 if all of it is right."""
    from layerlab.course.flow.words import said

    with Output(json=json_path) as output:
        setting = setting_of(context, output, lang)
        if every and (what is not None or exercise is not None):
            raise InputError(said("check.one-or-all", setting.shown))
        passed = _check_all(setting) if every else _check_one(setting, what, exercise)
    if not passed:
        sys.exit(1)


def _check_one(setting: Setting, what: str | None, name: str | None) -> bool:
    """Check one exercise or file, and print and keep what was found."""
    from layerlab.course.flow.folder import from_here
    from layerlab.course.flow.naming import read_own_source, read_source
    from layerlab.course.flow.screen import BLANK, after_success, printed_lines, report_lines
    from layerlab.course.running import check_source

    path, exercise = _path_and_exercise(setting, what, name)
    course, shown, width = setting.course, setting.shown, setting.screen.width
    own = course if course is not None and path.resolve() == course.path(exercise).resolve() else None
    source = read_source(path, shown) if own is None else read_own_source(own, exercise, shown)
    report = check_source(exercise, source)
    setting.output.keep(report.record(setting.lang))
    setting.add(report_lines(report.record(shown), exercise, shown, width, from_here(path)))
    setting.add([*printed_lines(report.printed, shown), BLANK])
    if report.passed:
        if own is not None:
            own.mark_done(exercise)
        if reasons := after_success(exercise, shown, width):
            setting.add([*reasons[1:], BLANK])
    _recommend(setting, report, path, exercise, own is not None)
    return report.passed


def _recommend(setting: Setting, report: Report, path: Path, exercise: Exercise, own: bool) -> None:
    """Recommend the next exercise after success, else a hint, or to check the file again."""
    if own and report.passed:
        setting.then()
    elif own:
        setting.then("hint", exercise.id)
    elif report.passed:
        setting.then("list")
    else:
        setting.then("check", path, "--exercise", exercise.id)


def _path_and_exercise(setting: Setting, what: str | None, name: str | None) -> tuple[Path, Exercise]:
    """Return the file to check, and the exercise that it answers.

    Raises:
        InputError: there is no such file, or nothing says which exercise it answers.
    """
    from layerlab.course.flow.naming import exercise_of_file, read_source

    if what is None:
        exercise = setting.exercise(name)
        return setting.needed_course().path(exercise), exercise
    path = Path(what)
    if name is not None:
        return path, setting.exercise(name)
    if path.is_file():
        return path, exercise_of_file(path, read_source(path, setting.shown), setting.exercises, setting.shown)
    try:
        exercise = setting.exercise(what)
    except InputError:
        if path.suffix == ".py" or len(path.parts) > 1:
            read_source(path, setting.shown)  # says that there is no such file
        raise
    return setting.needed_course().path(exercise), exercise


def _check_all(setting: Setting) -> bool:
    """Check all exercises of a course, print a line for each as it is checked, and keep their records."""
    from layerlab.course.flow.screen import BLANK, verdict_lines
    from layerlab.course.running import Checker

    course, untouched = setting.needed_course(), 0
    records: list[dict[str, Any]] = []
    with Checker() as checker:
        for exercise in course.exercises:
            record = _record_of(setting, course, checker, exercise)
            begun = not course.is_untouched(exercise)
            untouched += not begun
            setting.add(verdict_lines(record, exercise, begun, setting.screen.width))
            records.append(record)
    right: int = sum(record["passed"] for record in records)
    setting.output.keep({"passed": right == len(records), "right": right, "exercises": records})
    setting.add([BLANK])
    setting.say("check.all", passed=right, wrong=len(records) - right - untouched, untouched=untouched)
    setting.then(*(("export-results",) if right == len(records) else ()))
    return right == len(records)


def _record_of(setting: Setting, course: Course, checker: Checker, exercise: Exercise) -> dict[str, Any]:
    """Return what checking the learner's file of an exercise found; "problem" says why a file cannot be read."""
    from layerlab.course.flow.naming import read_own_source

    beside = {"file": exercise.file, "problem": None}
    try:
        source = read_own_source(course, exercise, setting.lang)
    except InputError as error:
        nothing = {"exercise": exercise.id, "passed": False, "advice": [], "findings": []}
        return nothing | beside | {"problem": str(error)}
    report = checker.check(exercise, source)
    if report.passed:
        course.mark_done(exercise)
    return report.record(setting.lang) | beside

"""``layerlab learn doctor``: whether the course works here."""

from __future__ import annotations

import platform
from typing import NamedTuple

import typer

from layerlab.errors import InputError, WorkError

from .learn_setting import Lang, Setting, setting_of
from .options import Json
from .output import Output

CHECKUP = (
    "Look whether the course works here: Python, the grader, your files, what is remembered, the terminal.\n\n"
    "Example: [bold]layerlab learn doctor[/]"
)

GOOD, BAD = "✓", "✗"


class Checkup(NamedTuple):
    """One thing that was looked at."""

    name: str
    works: bool
    text: str


def learn_doctor(context: typer.Context, lang: Lang = None, json_path: Json = None) -> None:
    """Look whether the course works here."""
    from layerlab.course.flow.screen import prose
    from layerlab.course.flow.words import said

    with Output(json=json_path) as output:
        setting = setting_of(context, output, lang, anywhere=True)
        shown = setting.shown
        checks = [_python(), _grader(setting), *_course(setting), _terminal(setting)]
        works = all(one.works for one in checks)
        output.keep({"works": works, "checks": [one._asdict() for one in checks]})
        setting.say("doctor.well" if works else "doctor.ill", mark=BAD)
        for one in checks:
            line = f"{GOOD if one.works else BAD} {said(f'doctor.{one.name}', shown)}: {one.text}"
            setting.add(prose(line, setting.screen.width))
        if not works:
            output.failure = said("doctor.ill", shown, mark=BAD)
        setting.then(*(() if works else ("doctor",)))


def _python() -> Checkup:
    """Return which Python and which NumPy there are."""
    from layerlab.machine import VERSION, version_of

    return Checkup("python", True, f"{platform.python_version()}, NumPy {version_of('numpy')}, layerlab {VERSION}")


def _grader(setting: Setting) -> Checkup:
    """Return whether the grader accepts a right solution, and in what time."""
    from layerlab.course.flow.words import said
    from layerlab.course.running import check_source

    exercise = setting.exercises[0]
    try:
        report = check_source(exercise, exercise.solution)
    except (InputError, WorkError, OSError) as error:
        return Checkup("grader", False, said("doctor.grader.wrong", setting.shown, why=error))
    if report.passed:
        return Checkup("grader", True, said("doctor.grader.right", setting.shown, seconds=f"{report.seconds:.1f}"))
    findings = report.record(setting.shown)["findings"]
    why = findings[0]["message"] if findings else exercise.id
    return Checkup("grader", False, said("doctor.grader.wrong", setting.shown, why=why))


def _course(setting: Setting) -> list[Checkup]:
    """Return whether a course is here, whole, and up to date."""
    from pathlib import Path

    from layerlab.course.flow.folder import NEW, find_course, open_course
    from layerlab.course.flow.words import said
    from layerlab.runs.writing import try_folder

    shown = setting.shown
    folder = setting.given or find_course(Path.cwd())
    if folder is None:
        return [Checkup("course", True, said("doctor.course.none", shown))]
    try:
        course = open_course(folder, shown)
        try_folder(folder, folder)
    except (InputError, WorkError) as error:
        return [Checkup("course", False, str(error))]
    missing = [exercise.file for exercise in course.exercises if not course.path(exercise).exists()]
    untouched = sum(map(course.is_untouched, course.exercises))
    edited = len(course.exercises) - len(missing) - untouched
    newer = [path.relative_to(folder).as_posix() for path in sorted(folder.glob(f"*/*{NEW}"))]
    done = said("list.done", shown, done=course.n_done(), all=len(course.exercises))
    texts = [said("doctor.files.there", shown, edited=edited, untouched=untouched)]
    texts += [said("doctor.files.missing", shown, files=", ".join(missing))] if missing else []
    texts += [said("doctor.files.newer", shown, files=", ".join(newer))] if newer else []
    return [
        Checkup("course", True, f"{folder}: {done}"),
        Checkup("files", not missing, "; ".join(texts)),
    ]


def _terminal(setting: Setting) -> Checkup:
    """Return how wide the terminal is, and which letters it has."""
    from layerlab.course.flow.words import said

    console = setting.output.console
    return Checkup(
        "terminal", True, said("doctor.terminal.is", setting.shown, width=console.width, encoding=console.encoding)
    )

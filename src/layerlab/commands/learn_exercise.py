"""``layerlab learn list``, ``hint`` and ``solution``: commands that show an exercise or all of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from layerlab.errors import InputError

from .learn_setting import USUAL_COURSE, Lang, Name, Setting, setting_of
from .options import Json
from .output import Output

LIST_EXERCISES = (
    "List the exercises, and which of them are done.\n\n"
    "Example: [bold]layerlab learn list[/]\n\n"
    "JSON has of each its id, chapter, function, file, title, whether it is done, and how many hints were read."
)

HINT = (
    "Show a hint about an exercise, and each time one more: from a nudge to nearly the line.\n\n"
    "Example: [bold]layerlab learn hint 4.05[/]"
)

SOLUTION = (
    "Show a solution of an exercise that you have solved, and why it is right.\n\n"
    "Example: [bold]layerlab learn solution 4.05[/]"
)


def learn_list(context: typer.Context, lang: Lang = None, json_path: Json = None) -> None:
    """List the exercises; outside of a course, too."""
    from layerlab.course.flow.screen import list_lines

    with Output(json=json_path) as output:
        setting = setting_of(context, output, lang)
        output.keep({"exercises": _listed(setting)})
        setting.add(list_lines(setting.course, setting.exercises, setting.shown, setting.screen.width))
        if setting.course is None:
            setting.then("new", USUAL_COURSE, *(() if lang is None else ("--lang", lang)))
        else:
            setting.then()


def _listed(setting: Setting) -> list[dict[str, Any]]:
    """Return the facts about each exercise."""
    from layerlab.course.flow.handed_out import section_of

    course = setting.course
    return [
        {
            "id": exercise.id,
            "chapter": exercise.chapter,
            "function": exercise.function,
            "file": exercise.file,
            "title": section_of(exercise, setting.lang, "Title"),
            "done": course is not None and course.is_done(exercise),
            "hints": 0 if course is None else course.progress.hints.get(exercise.id, 0),
        }
        for exercise in setting.exercises
    ]


def learn_hint(context: typer.Context, name: Name = None, lang: Lang = None, json_path: Json = None) -> None:
    """Show one hint more than before."""
    from layerlab.course.flow.handed_out import hints
    from layerlab.course.flow.screen import hint_lines
    from layerlab.course.flow.sitting import one_more_hint

    with Output(json=json_path) as output:
        setting = setting_of(context, output, lang)
        course, exercise = setting.needed_course(), setting.exercise(name)
        shown = one_more_hint(course, exercise)
        texts = hints(exercise, setting.lang)
        output.keep({"exercise": exercise.id, "hints": texts[:shown], "of": len(texts)})
        setting.add(hint_lines(exercise, setting.shown, setting.screen.width, shown))
        setting.then("check", exercise.id)


def learn_solution(
    context: typer.Context,
    name: Name = None,
    anyway: Annotated[
        bool, typer.Option("--show-anyway", help="Show it although the exercise is not solved yet.")
    ] = False,
    lang: Lang = None,
    json_path: Json = None,
) -> None:
    """Show a solution, and why it is right."""
    from layerlab.course.flow.handed_out import section_of
    from layerlab.course.flow.screen import solution_lines
    from layerlab.course.flow.words import said

    with Output(json=json_path) as output:
        setting = setting_of(context, output, lang)
        exercise = setting.exercise(name)
        if not anyway and not setting.needed_course().is_done(exercise):
            raise InputError(said("solution.not-yet", setting.shown, id=exercise.id))
        why = section_of(exercise, setting.lang, "Why")
        output.keep({"exercise": exercise.id, "solution": exercise.solution, "why": why})
        setting.add(solution_lines(exercise, setting.shown, setting.screen.width))
        setting.then(*(() if setting.course else ("new", USUAL_COURSE)))

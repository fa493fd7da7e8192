"""``layerlab learn``: a course in the learner's own editor; this page watches one exercise after the other."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from .learn_setting import USUAL_COURSE, Lang, Setting, setting_of
from .output import Output

LEARN = (
    "Learn by writing the functions of a neural network yourself, in your own editor.\n\n"
    f"Example: [bold]layerlab learn new {USUAL_COURSE}[/]\n\n"
    "That makes a folder of exercises. In it, [bold]layerlab learn[/] watches the next one and checks it each time you "
    "save: it says in which line your function goes wrong, how, and asks a question that helps. Keys: n next, p "
    "previous, h hint, s solution, l list, r check again, q leave. It works offline. Checking runs your code on this "
    "machine: it is kept from accidents, and this is no protection against harmful programs."
)


def learn(
    context: typer.Context,
    lang: Lang = None,
    course_folder: Annotated[  # noqa: ARG001 ``setting_of`` reads it, for this command and those below it
        Path | None,
        typer.Option(
            "--course", metavar="DIR", help="Folder of the course; default: the one that this folder lies in."
        ),
    ] = None,
    exercise: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Begin with this exercise; default: where you were, or the next that is not done."
        ),
    ] = None,
    auto: Annotated[
        bool, typer.Option("--auto", help="Go on to the next exercise by itself once one is right.")
    ] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Only add lines: never clear the screen.")] = False,
    edit_cmd: Annotated[
        str | None,
        typer.Option(metavar="COMMAND", help="Open each exercise with this editor, which has a window of its own."),
    ] = None,
) -> None:
    """Watch the exercises of a course until the learner leaves, by Ctrl-C, too; outside of one, say how to begin."""
    if context.invoked_subcommand is not None:
        return
    from layerlab.course.flow.screen import Screen
    from layerlab.course.flow.sitting import Sitting
    from layerlab.course.flow.watching import pressed_keys
    from layerlab.course.running import Checker

    with Output() as output:
        setting = setting_of(context, output, lang)
        if setting.course is None:
            _say_how_to_begin(setting, lang)
            return
        course, chosen = setting.course, setting.exercise(exercise)
    screen = Screen(output.console, plain)
    with suppress(KeyboardInterrupt), Checker() as checker, pressed_keys() as keys:
        Sitting(course, setting.shown, screen, checker, chosen, auto=auto, edit=edit_cmd or "").work(keys)
    setting.say("watch.left", done=course.n_done(), all=len(course.exercises))
    setting.then()
    output.say_next_step()


def _say_how_to_begin(setting: Setting, lang: str | None) -> None:
    """Say what the course is and how to begin; if a course lies in this folder, recommend it."""
    from layerlab.course.flow.folder import courses_in
    from layerlab.course.flow.wrapping import can_print

    exercises = setting.exercises
    setting.say("begin.what")
    setting.say("begin.many", exercises=len(exercises), chapters=len({one.chapter for one in exercises}))
    if there := next(courses_in(Path()), None):
        setting.say("begin.there", folder=there)
        setting.then(folder=there)
        return
    setting.say("begin.how")
    words = "new", USUAL_COURSE
    if lang is None and can_print("한국어", setting.output.console.encoding):
        setting.output.say(f"한국어: layerlab learn {' '.join(words)} --lang ko")
    setting.then(*words, *(() if lang is None else ("--lang", lang)))

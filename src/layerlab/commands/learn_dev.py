"""``layerlab learn dev``: for authors of exercises."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from .options import Json
from .output import Output

DEV = "For authors of exercises: hold what their folders promise against the grader."

DEV_CHECK = (
    "Check what the authors' folders promise: solutions and other right texts pass, wrong ones get their finding.\n\n"
    "Example: [bold]layerlab learn dev check 4.05[/]\n\n"
    "Without a name all exercises are checked, which takes minutes. Exit status: 0 if every promise is kept, else 1."
)


def learn_dev_check(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME…", help="Exercises; default: all of them.", show_default=False),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Texts that are checked at a time; default: one per processor core."),
    ] = None,
    json_path: Json = None,
) -> None:
    """Check every text of the authors' folders."""
    from layerlab.course.authoring import check_promises
    from layerlab.course.checker.exercise import all_exercises
    from layerlab.course.flow.naming import named

    with Output(json=json_path) as output:
        exercises = all_exercises()
        chosen = [named(name, exercises, "en") for name in names or []] or exercises
        found = check_promises(chosen, processes or os.cpu_count() or 1)
        output.keep(found.facts())
        for line in found.table().split("\n"):
            output.say(line, soft_wrap=True)
        if not found.passed:
            broken = sum(not result.kept for result in found.results)
            output.failure = f"{broken} of {len(found.results)} promises are not kept"
        output.next_step("layerlab", "learn", "list")

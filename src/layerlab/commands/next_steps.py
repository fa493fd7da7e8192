"""What the last line of a screen recommends: the running command with other options, or a command on a saved run."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from layerlab.text import value_text

if TYPE_CHECKING:
    from layerlab.runs.run import Run

PLACES = ("out", "json_path", "plots", "log", "checkpoint", "resume", "explain")
"""Parameters that say where results go, or how one training is kept: another command has places of its own."""


def again(context: typer.Context, command: str, *, leave_out: Collection[str] = (), **changes: Any) -> tuple[str, ...]:
    """Return the words of a command on the same data with the same options, except for some changes.

    Options come from the command line that is running, in the order of its help page; its places are left out.

    Args:
        context: the context of the running command.
        command: the name of the command to recommend, such as "train".
        leave_out: parameters of the running command that the other one does not have.
        changes: the value of an option by its parameter's name: True or False for a switch, None to leave it out.

    Example:
        Inside of `layerlab train flower --learning-rate 300 --out runs/bad`,
        ``again(context, "train", learning_rate=3.0)`` gives the words of `layerlab train flower --learning-rate 3`.
    """
    given: list[str] = []
    added = dict(changes)
    for parameter in context.command.params:
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        was_given = source is not None and source.name == "COMMANDLINE"
        if name in changes:
            value = added.pop(name)
        elif name in (*PLACES, *leave_out) or not was_given:
            continue
        else:
            value = context.params[name]
        given += _words(parameter, value)
    for name, value in added.items():  # options of the other command alone
        given += [] if value is None else [f"--{name.replace('_', '-')}", value_text(value)]
    return ("layerlab", command, *given)


def _words(parameter: Any, value: Any) -> list[str]:
    """Return an option or an argument as it is typed; nothing for None."""
    if value is None:
        return []
    if parameter.param_type_name == "argument":
        return [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
    if isinstance(value, bool):
        return [(parameter.opts if value else parameter.secondary_opts)[0]]
    if isinstance(value, list | tuple):  # an option that is given several times
        return [word for one in value for word in (parameter.opts[0], value_text(one))]
    return [parameter.opts[0], value_text(value)]


def after(
    place: Path, run: Run, command: str = "report", *words: object, folder: Path | None = None
) -> tuple[str, ...]:
    """Return the words of a command that looks at a saved run, such as "report" or "explain".

    If the data of the run cannot be found any more, or the run predicts several labels per example, neither command can
    run: then it is the help page of `layerlab predict`.

    Args:
        place: where the run is.
        run: the run itself.
        command: its name; "report" writes its page into a new file.
        words: what follows the run on the command line.
        folder: where the files of the cats are, if --folder said so.
    """
    from layerlab.reporting.run_data import data_are_there

    if run.network.has_several_labels or run.diverged or not (folder or data_are_there(run)):
        return ("layerlab", "predict", "--help")
    given = [*map(str, words), *(["--folder", str(folder)] if folder else [])]
    page = usual_page(place)
    if command == "report" and page.exists():
        number = 2
        while page.with_stem(f"{page.stem}-{number}").exists():
            number += 1
        given += ["--out", str(page.with_stem(f"{page.stem}-{number}"))]
    return ("layerlab", command, str(place), *given)


def usual_page(place: Path) -> Path:
    """Return the file that `layerlab report` writes if no other is named: here, and called as the run."""
    return Path(f"{place.resolve().name.removesuffix('.safetensors')}.html")

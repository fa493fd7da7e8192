"""The command that is running, written once more with other options: what the last line of a screen recommends."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import typer

from layerlab.text import value_text

PLACES = ("out", "json_path", "plots", "log", "checkpoint", "resume", "explain")
"""Parameters that say where results go, or how one training is kept: another command has places of its own."""


def again(context: typer.Context, command: str, *, leave_out: Collection[str] = (), **changes: Any) -> tuple[str, ...]:
    """Return the words of a command on the same data with the same options, except for some changes.

    Options come from the command line that is running, in the order of its help page; its places are left out.

    Args:
        context: of the running command.
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
    """An option or an argument as it is typed; nothing for None."""
    if value is None:
        return []
    if parameter.param_type_name == "argument":
        return [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
    if isinstance(value, bool):
        return [(parameter.opts if value else parameter.secondary_opts)[0]]
    return [parameter.opts[0], value_text(value)]

"""The options that commands share, each once: data, places to write to, and one for every hyperparameter."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from layerlab.errors import InputError
from layerlab.settings import SETTINGS, VARIED, Setting

from .ranges import values_in

Command = Callable[..., None]

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA", help="A dataset by name (`layerlab data list`), or a table, a folder of images, or arrays."
    ),
]
Folder = Annotated[
    Path | None, typer.Option(help="Where the files are (cats); else LAYERLAB_DATA, the cache, a download.")
]
Json = Annotated[
    Path | None, typer.Option("--json", metavar="PATH", help="Write the facts as JSON; - is standard output.")
]
Plots = Annotated[
    Path | None, typer.Option("--plots", metavar="DIR", help="Draw pictures into this folder, PNG and SVG.")
]


Standardize = Annotated[bool | None, typer.Option(help="Features to mean 0 and deviation 1, by the training part.")]
Validation = Annotated[
    float | None, typer.Option(metavar="SHARE", help="Hold out this share of the training part: --validation 0.2.")
]
Explain = Annotated[bool, typer.Option("--explain", help="Say how it would be computed, and compute nothing.")]
Hidden = Annotated[
    str | None,
    typer.Option(
        help="Hidden activation: relu, tanh, sigmoid, leaky_relu, selu, mish, identity; or one a layer with commas."
    ),
]


def takes_settings(several: Collection[str] = ()) -> Callable[[Command], Command]:
    """A command with an option for every hyperparameter, in the words of its row in the table.

    Those that were given reach the command as keywords, and no others.

    Args:
        several: names of those that take several values, with commas; they reach it as lists.
    """

    def with_options(command: Command) -> Command:
        own = signature(command, eval_str=True).parameters.values()
        options = [_option(setting, setting.name in several) for setting in SETTINGS.values()]
        parameters = [*(parameter for parameter in own if parameter.kind != Parameter.VAR_KEYWORD), *options]

        @wraps(command)
        def with_settings(*args: Any, **kwargs: Any) -> None:
            given = {name: text for name, text in kwargs.items() if name in SETTINGS and text is not None}
            others = {name: value for name, value in kwargs.items() if name not in SETTINGS}
            command(*args, **others, **{name: _value(name, text, name in several) for name, text in given.items()})

        del with_settings.__wrapped__
        with_settings.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        with_settings.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return with_settings

    return with_options


def _value(name: str, text: str, several: bool) -> Any:
    """What the text of an option says: a value, or a list of those with commas between them.

    Raises:
        InputError: one of them is no number, or there are several where one is wanted.
    """
    setting, option = SETTINGS[name], f"--{name.replace('_', '-')} {text!r}"
    try:
        values = values_in(setting, text)
    except InputError:  # a range that is none
        raise
    except ValueError as error:
        ranges = ", or a range, such as 0..9" if setting.kind is int else ", or a range, such as 0.001..1x7"
        wanted = f"numbers with commas, such as 0.01,0.001{ranges}" if several else setting.wanted
        raise InputError(f"{option}: wanted {wanted}") from error
    if several:
        return values
    if len(values) > 1:
        elsewhere = " here; `layerlab sweep` takes several" if name in VARIED else ""
        raise InputError(f"{option}: takes one value only{elsewhere}")
    return values[0]


def _option(setting: Setting, several: bool) -> Parameter:
    choices = f": {', '.join(setting.choices)}" if setting.choices else ""
    ranges = {int: " or as 0..9", float: " or as 0.001..1x7", str: ""}[setting.kind]
    text = f"{setting.help}{choices}{f'; several with commas{ranges}' if several else ''}."
    metavar = "A,B,…" if several else {int: "INTEGER", float: "FLOAT", str: "TEXT"}[setting.kind]
    shown = typer.Option(help=text, metavar=metavar, rich_help_panel="Hyperparameters")
    return Parameter(
        setting.name,
        Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[str | None, shown],
    )

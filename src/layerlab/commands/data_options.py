"""What the command line can be told about data of one's own: an option for each argument of ``load_data``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError
from layerlab.settings import DATA_OPTIONS, DataOption

if TYPE_CHECKING:
    from rich.console import Console

    from layerlab.datasets import Dataset

Command = Callable[..., None]

PANEL = "Your own data"


def takes_data(command: Command) -> Command:
    """A command with the options above, which reach it as one mapping ``own`` of those that were given."""
    parameters = [p for p in signature(command, eval_str=True).parameters.values() if p.name != "own"]
    extra = [p for p in parameters if p.kind == Parameter.VAR_KEYWORD]
    plain = [p for p in parameters if p.kind != Parameter.VAR_KEYWORD]

    @wraps(command)
    def with_data(*args: Any, **kwargs: Any) -> None:
        given = {option: kwargs.pop(option.parameter, None) for option in DATA_OPTIONS.values()}
        own = {option.argument: _value(option, value) for option, value in given.items() if value is not None}
        command(*args, own=own, **kwargs)

    options = map(_parameter, DATA_OPTIONS.values())
    with_data.__signature__ = Signature([*plain, *options, *extra])  # type: ignore[attr-defined]
    return with_data


def _parameter(option: DataOption) -> Parameter:
    """Make the parameter of a command from which typer makes an option."""
    shown = typer.Option(option.flags, help=option.help, metavar=option.metavar or None, rich_help_panel=PANEL)
    return Parameter(
        option.parameter, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[option.kind | None, shown]
    )


def _value(option: DataOption, value: Any) -> Any:
    """The value of an argument: a list where the option takes several values with commas."""
    return [part.strip() for part in value.split(",")] if option.listed else value


def chosen_data(data: str, folder: Path | None, own: Mapping[str, Any]) -> Dataset:
    """The dataset that a user names: one that comes with layerlab, or a path.

    Raises:
        InputError: neither is there, or an option does not suit what is.
    """
    from layerlab.datasets import LOADERS, load_dataset
    from layerlab.datasets.loading.anything import load_data
    from layerlab.datasets.provenance import is_path

    if data.replace("-", "_") in LOADERS:
        if own:
            flag = DATA_OPTIONS[next(iter(own))].flag
            raise InputError(f"{flag} is for data of your own, and {data} comes with layerlab")
        return load_dataset(data, folder)
    if not is_path(data):
        raise InputError(
            f"no dataset is called {data!r}, and there is no such file or folder: wanted one of {', '.join(LOADERS)}, "
            f"or the path of a table, of a folder of images, or of arrays"
        )
    if folder is not None:
        raise InputError(f"--folder is for cats, and {data} is a path: leave it out")
    try:
        return load_data(data, **own)
    except InputError as error:
        raise InputError(_with_flags(str(error), own)) from error


def _with_flags(sentence: str, own: Mapping[str, Any]) -> str:
    """Name the option in an error that begins with the argument that it gave."""
    for argument in own:
        if sentence.startswith(f"{argument}="):
            return f"{DATA_OPTIONS[argument].flag} {sentence.removeprefix(f'{argument}=')}"
    return sentence


def told_data(data: Dataset, console: Console) -> Dataset:
    """The dataset, after it was said what was read and what was done to it, if it does not come with layerlab."""
    if data.source is not None:
        from layerlab.datasets.describing import print_data

        print_data(data, console)
    return data

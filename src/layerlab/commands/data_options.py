"""What the command line can be told about data of one's own: an option for each argument of ``load_data``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from layerlab.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from layerlab.datasets import Dataset

Command = Callable[..., None]

PANEL = "Your own data"


class DataOption(NamedTuple):
    """An option about data.

    Attributes:
        flags: as typed, such as "--target"; none for the name with two hyphens.
        metavar: what stands for its value; "" for a switch.
        help: one sentence.
        kind: type of the value.
        listed: whether several values come with commas.
    """

    help: str
    metavar: str = "NAME"
    kind: Any = str
    listed: bool = False
    flags: str = ""


DATA_OPTIONS = {
    "target": DataOption("What is to be predicted: a column, or an array."),
    "task": DataOption("classes or values; else by what the target holds.", "TASK"),
    "test": DataOption("Share of the rows for the test part, or a file that is the test part.", "SHARE|FILE"),
    "split_seed": DataOption("Seed by which rows are dealt.", "INTEGER", int),
    "group": DataOption("Rows that are equal in this column stay in one part."),
    "time": DataOption("The last rows by this column are the test part."),
    "leave_out": DataOption("Columns to leave out.", "A,B,…", listed=True),
    "keep": DataOption("Columns to keep that would be left out.", "A,B,…", listed=True),
    "categories": DataOption("Columns of numbers that are categories.", "A,B,…", listed=True),
    "numbers": DataOption("Columns that are numbers, whatever else stands in them.", "A,B,…", listed=True),
    "drop_rare": DataOption("Leave out rows that are alone in their class.", "", bool, flags="--drop-rare"),
    "encoding": DataOption("Of a text file that is not UTF-8, such as latin-1."),
    "skip": DataOption("Lines of a text file above its line of names.", "N", int),
    "size": DataOption("Images: width × height that all are brought to.", "64|64x48"),
    "colour": DataOption("Images: in colours or grey; else as the files are.", "", bool, flags="--colour/--grey"),
    "skip_bad": DataOption("Images: leave out files that cannot be read, and say which.", "", bool, flags="--skip-bad"),
    "augment": DataOption("Images: new variants for each epoch, such as flip,shift=2,rotate=10,brightness=0.2.", "HOW"),
    "memory": DataOption("Stream a file that is larger than memory, with this many MiB for its examples.", "MIB", int),
}
"""By the names under which the command gets them."""


def takes_data(command: Command) -> Command:
    """A command with the options above, which reach it as one mapping ``own`` of those that were given."""
    parameters = [p for p in signature(command, eval_str=True).parameters.values() if p.name != "own"]
    extra = [p for p in parameters if p.kind == Parameter.VAR_KEYWORD]
    plain = [p for p in parameters if p.kind != Parameter.VAR_KEYWORD]

    @wraps(command)
    def with_data(*args: Any, **kwargs: Any) -> None:
        given = {name: kwargs.pop(name) for name in DATA_OPTIONS if name in kwargs}
        command(*args, own={name: _told(name, value) for name, value in given.items() if value is not None}, **kwargs)

    with_data.__signature__ = Signature([*plain, *map(_option, DATA_OPTIONS), *extra])  # type: ignore[attr-defined]
    return with_data


def _option(name: str) -> Parameter:
    option = DATA_OPTIONS[name]
    flags = [option.flags or f"--{name.replace('_', '-')}"]
    shown = typer.Option(*flags, help=option.help, metavar=option.metavar or None, rich_help_panel=PANEL)
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[option.kind | None, shown])


def _told(name: str, value: Any) -> Any:
    return [part.strip() for part in value.split(",")] if DATA_OPTIONS[name].listed else value


def chosen_data(data: str, folder: Path | None, own: Mapping[str, Any]) -> Dataset:
    """The dataset that a user names: one that comes with layerlab, or a path.

    Raises:
        InputError: neither is there, or an option does not suit what is.
    """
    from layerlab.datasets import LOADERS, load_dataset
    from layerlab.datasets.source import is_path, load_data

    if data.replace("-", "_") in LOADERS:
        if own:
            raise InputError(f"{_flag(next(iter(own)))} is for data of your own, and {data} comes with layerlab")
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
    """What a loader says of an argument, said of the option that gave it."""
    from layerlab.datasets.source import RENAMED

    for name in own:
        for called in (name, RENAMED.get(name, name)):
            if sentence.startswith(f"{called}="):
                return sentence.replace(f"{called}=", f"{_flag(name)} ", 1)
    return sentence


def told_options(options: Mapping[str, Any]) -> list[str]:
    """Arguments of ``load_data`` as words of a command line, by their own names or by those of a loader."""
    from layerlab.datasets.source import RENAMED

    called = {loader: name for name, loader in RENAMED.items()} | {"test_file": "test"}
    words: list[str] = []
    for name, value in options.items():
        option = called.get(name, name)
        if value in (None, [], ""):
            continue
        if DATA_OPTIONS[option].kind is bool:
            words += [flags.split("/")[0 if value else 1]] if "/" in (flags := DATA_OPTIONS[option].flags) else [flags]
        else:
            words += [_flag(option), ",".join(value) if isinstance(value, list) else f"{value}"]
    return words


def told_data(data: Dataset, console: Console) -> Dataset:
    """The dataset, after it was said what was read and what was done to it, if it does not come with layerlab."""
    if data.source is not None:
        from layerlab.datasets.words import print_data

        print_data(data, console)
    return data


def _flag(name: str) -> str:
    return (DATA_OPTIONS[name].flags if name in DATA_OPTIONS else "").split("/")[0] or f"--{name.replace('_', '-')}"

"""The options that several commands have, each declared once: data, output files, and every hyperparameter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from layerlab.errors import InputError
from layerlab.settings import DATA_OPTIONS, SETTINGS, VARIED, DataOption, Setting
from layerlab.typed_options import as_typed

from .ranges import values_in

Command = Callable[..., None]

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA", help="Name of a dataset (`layerlab data list`), or path of a table, of images, or of arrays."
    ),
]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="Folder or file of a run, as `layerlab train` saved it.")]
RunData = Annotated[
    str | None, typer.Option(metavar="DATA", help="Dataset or path; default: what the run was trained on.")
]
Folder = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Only for cats: folder with its files; default: LAYERLAB_DATA, the cache, or a download."
    ),
]
Json = Annotated[
    Path | None,
    typer.Option("--json", metavar="PATH", help="Write the results as JSON into this file; -: standard output."),
]
Plots = Annotated[
    Path | None, typer.Option("--plots", metavar="DIR", help="Draw pictures into this folder, as PNG and SVG.")
]
Layers = Annotated[
    str | None,
    typer.Option(metavar="20,7,5", help="Sizes of the hidden layers; the word none: logistic or linear regression."),
]
Hidden = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Activation of the hidden layers: relu, tanh, sigmoid, leaky_relu, selu, mish, identity; or one per "
        "layer, with commas.",
    ),
]
Standardize = Annotated[
    bool | None,
    typer.Option(help="Scale the features to mean 0 and standard deviation 1, as measured on the training set."),
]
Validation = Annotated[
    float | None,
    typer.Option(metavar="SHARE", help="Hold out this share of the training set as validation set, such as 0.2."),
]


def _known_baseline(name: str | None) -> str | None:
    """Refuse an unknown baseline before anything is trained; without one, NumPy is not loaded."""
    if name is not None:
        from layerlab.evaluating.baseline import BASELINE

        try:
            BASELINE.check(name)
        except InputError as error:
            raise InputError(as_typed(str(error), {"baseline": "--baseline"})) from None
    return name


Baseline = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        callback=_known_baseline,
        help="What the network is compared with: linear, boosted (linear and boosted trees), or none; default: "
        "boosted, but linear for images and for arrays of more than 500 columns.",
    ),
]
Threshold = Annotated[
    str | None,
    typer.Option(
        metavar="SCORE|P",
        help="Predict the second of two classes above this probability, such as 0.3 (fraud=0.03: the class fraud). Or "
        "a score: balanced_accuracy, f1 or accuracy; then the best probability on the validation set is used.",
    ),
]
By = Annotated[
    str | None,
    typer.Option(
        metavar="SCORE", help="Score of a classifier: accuracy, balanced_accuracy, roc_auc or average_precision."
    ),
]
Explain = Annotated[
    bool,
    typer.Option(
        "--explain", help="Train nothing; only say how the training would be computed, and how long it takes."
    ),
]


def takes_data(command: Command) -> Command:
    """Add the options about the user's own data to a command.

    The command gets those that were given as ``data_options``, a mapping of arguments of ``load_data``.
    """

    def collected(given: dict[str, Any]) -> dict[str, Any]:
        options = [option for option in DATA_OPTIONS.values() if option.parameter in given]
        return {"data_options": {option.argument: _data_value(option, given[option.parameter]) for option in options}}

    return _with_options(command, "data_options", list(map(_data_parameter, DATA_OPTIONS.values())), collected)


def takes_settings(several: Collection[str] = (), more: Sequence[Setting] = ()) -> Callable[[Command], Command]:
    """Add an option for every hyperparameter to a command; it gets those that were given as ``**settings``.

    Args:
        several: names of the hyperparameters that take several values, with commas; the command gets them as lists.
        more: settings that this command has besides.
    """
    all_settings = SETTINGS | {setting.name: setting for setting in more}

    def decorate(command: Command) -> Command:
        def collected(given: dict[str, Any]) -> dict[str, Any]:
            return {name: _setting_value(all_settings[name], text, name in several) for name, text in given.items()}

        options = [_setting_parameter(setting, setting.name in several) for setting in all_settings.values()]
        return _with_options(command, "settings", options, collected)

    return decorate


def _with_options(
    command: Command,
    instead_of: str,
    options: Sequence[Parameter],
    collected: Callable[[dict[str, Any]], Mapping[str, Any]],
) -> Command:
    """Replace one parameter of a command by options, in the signature that typer reads.

    Args:
        command: the function that is called in the end.
        instead_of: the name of the parameter.
        options: keyword parameters for typer, with None as default.
        collected: makes the command's keyword arguments from the options that were given.
    """
    own = [one for one in signature(command, eval_str=True).parameters.values() if one.name != instead_of]
    last = [one for one in own if one.kind == Parameter.VAR_KEYWORD]  # **settings, which stays after the options
    parameters = [*(one for one in own if one not in last), *options, *last]
    names = {option.name for option in options}

    @wraps(command)
    def extended(*args: Any, **kwargs: Any) -> None:
        given = {name: value for name, value in kwargs.items() if name in names and value is not None}
        others = {name: value for name, value in kwargs.items() if name not in names}
        command(*args, **others, **collected(given))

    del extended.__wrapped__
    extended.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    extended.__annotations__ = {one.name: one.annotation for one in parameters}
    return extended


def _data_parameter(option: DataOption) -> Parameter:
    panel, metavar = "Your own data", option.metavar or None
    shown = typer.Option(option.flags, help=option.help, metavar=metavar, rich_help_panel=panel)
    return Parameter(
        option.parameter, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[option.kind | None, shown]
    )


def _data_value(option: DataOption, value: Any) -> Any:
    """Return the value of an argument: a list if the option takes several values with commas."""
    return [part.strip() for part in value.split(",")] if option.listed else value


def _setting_parameter(setting: Setting, several: bool) -> Parameter:
    choices = f": {', '.join(setting.choices)}" if len(setting.choices) > 1 else ""
    usual = f"; default: {setting.usual}" if setting.usual else ""
    ranges = {int: " or as 0..9", float: " or as 0.001..1x7", str: ""}[setting.kind]
    text = f"{setting.help}{choices}{usual}{f'; several with commas{ranges}' if several else ''}."
    metavar = "A,B,…" if several else {int: "INTEGER", float: "FLOAT", str: "TEXT"}[setting.kind]
    shown = typer.Option(help=text, metavar=metavar, rich_help_panel="Hyperparameters")
    return Parameter(setting.name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, shown])


def _setting_value(setting: Setting, text: str, several: bool) -> Any:
    """Return the value in the text of an option, or the list of its values with commas between them.

    Raises:
        InputError: a value is no number, or there are several where one is wanted.
    """
    option = f"--{setting.name.replace('_', '-')} {text!r}"
    try:
        values = values_in(setting, text)
    except InputError:  # about a range, which has its own message
        raise
    except ValueError as error:
        ranges = ", or a range, such as 0..9" if setting.kind is int else ", or a range, such as 0.001..1x7"
        wanted = f"numbers with commas, such as 0.01,0.001{ranges}" if several else setting.wanted
        raise InputError(f"{option}: wanted {wanted}") from error
    if several:
        return values
    if len(values) > 1:
        elsewhere = " here; `layerlab sweep` takes several" if setting.name in VARIED else ""
        raise InputError(f"{option}: takes one value only{elsewhere}")
    return values[0]

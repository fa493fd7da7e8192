"""The options that commands share, each once: data, places to write to, and one for every hyperparameter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .settings import SETTINGS

Data = Annotated[str, typer.Argument(metavar="DATA", help="A dataset by name; `layerlab data list` shows them.")]
Folder = Annotated[
    Path | None, typer.Option(help="Where the files are (cats); else LAYERLAB_DATA, the cache, a download.")
]
Json = Annotated[
    Path | None, typer.Option("--json", metavar="PATH", help="Write the facts as JSON; - is standard output.")
]
Plots = Annotated[
    Path | None, typer.Option("--plots", metavar="DIR", help="Draw pictures into this folder, PNG and SVG.")
]


def setting_option(name: str) -> Any:
    """An option that sets one hyperparameter, in the words of its row in the table."""
    setting = SETTINGS[name]
    choices = f": {', '.join(setting.choices)}" if setting.choices else ""
    return typer.Option(help=f"{setting.help}{choices}.")


def several_option(name: str, example: str) -> Any:
    """An option that takes several values of a hyperparameter, with commas."""
    return typer.Option(metavar=example, help=f"{SETTINGS[name].help}; several with commas.")


Hidden = Annotated[str | None, typer.Option(help="Hidden activation: relu, tanh, sigmoid, leaky_relu, identity.")]
Iterations = Annotated[int | None, setting_option("iterations")]
Epochs = Annotated[int | None, setting_option("epochs")]
Optimizer = Annotated[str | None, setting_option("optimizer")]
BatchSize = Annotated[int | None, setting_option("batch_size")]
BatchSeed = Annotated[int | None, setting_option("batch_seed")]
Engine = Annotated[str | None, setting_option("engine")]
Basis = Annotated[str | None, setting_option("basis")]
Dtype = Annotated[str | None, setting_option("dtype")]
Standardize = Annotated[bool | None, typer.Option(help="Features to mean 0 and deviation 1, by the training part.")]
Explain = Annotated[bool, typer.Option("--explain", help="Say how it would be computed, and compute nothing.")]

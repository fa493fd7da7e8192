"""How to train a run once more: the command, and the lines of Python."""

from __future__ import annotations

import shlex
from typing import Any

from ..datasets import LOADERS, Dataset
from ..settings import SETTINGS
from ..training.run import Run

ALWAYS = ("learning_rate", "iterations", "initializer", "seed")
"""Settings that are always said: where the command line is not given them, it takes the dataset's own."""


def told_settings(run: Run) -> dict[str, Any]:
    """The settings that have to be given: all that are not what ``train`` takes by itself."""
    return {name: value for name, value in run.settings.items() if name in ALWAYS or value != SETTINGS[name].default}


def command(run: Run) -> str:
    """The ``layerlab train`` line."""
    layers = ",".join(map(str, run.network.layer_dims[1:-1])) or "none"
    options = {"layers": layers, "hidden": ",".join(run.network.activations) or "relu", **told_settings(run)}
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    standardize = "--standardize" if run.standardization else "--no-standardize"
    return shlex.join(["layerlab", "train", run.dataset, *words, standardize])


def python_lines(run: Run, known: bool) -> str:
    """The same in Python.

    Args:
        run: trained.
        known: whether its data can be loaded by their name.
    """
    data = "(X, Y)  # what the run was trained on: it does not name it"
    if known:
        data = f"layerlab.datasets.load_dataset({run.dataset!r})" + ".standardized()" * (
            run.standardization is not None
        )
    if (run.settings.get("monitor") or "").startswith("validation"):
        data += (
            "\nvalidation = (X, Y)  # what was monitored: the run does not keep it; give it as validation=validation"
        )
    network = run.network
    settings = "".join(f"    {name}={value!r},\n" for name, value in told_settings(run).items())
    return (
        f"import layerlab\n\n"
        f"data = {data}\n"
        f"network = layerlab.Network({network.layer_dims!r}, hidden={network.hidden!r}, output={network.output!r})\n"
        f"run = layerlab.train(\n    network,\n    data,\n{settings})\n"
    )


def can_be_loaded(run: Run, data: Dataset) -> bool:
    """Whether the run's data are a dataset that comes with a name, all of its training part."""
    whole = run.plan is None or run.plan.examples == data.train.X.shape[1]
    whole &= not (run.settings.get("monitor") or "").startswith("validation")
    return run.dataset in LOADERS and run.dataset == data.name and whole

"""What can be taken away from a training: Python that repeats it, a notebook, its weights, its curves, the model."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets.part import Source
from layerlab.escapes import printable
from layerlab.machine import one_thread
from layerlab.plots.style import svg
from layerlab.reporting.pictures.of_runs import cost_picture, cost_unit
from layerlab.runs.history import History

from .links import link_of
from .opening import Training

COLUMNS = ("iteration", "cost", "validation_cost", "validation_accuracy")
"""Columns of the table of curves."""

CURVE = """\
import matplotlib.pyplot as plt

history = run.history
curves = {{"training set": history.curve}}
if len(history.validation_costs):
    curves["validation set"] = history.validation_costs
axes = plt.subplots(figsize=(7, 4))[1]
layerlab.plots.cost_curves(curves, every=history.every, unit={unit!r}, axes=axes)
plt.show()
"""
"""The cell of a notebook that draws the curves of the cost."""

ABOUT = """\
# A network {layers} that learns `{data}`

A training of the lab up to iteration {update:,}. The cells load the data, make the network, train it, and draw its
cost. They need layerlab (`pip install layerlab`).
"""

_drawing = Lock()
"""matplotlib's settings are those of the whole process, so one session draws at a time."""


class Taken(NamedTuple):
    """What is taken away: a text, or a file.

    Attributes:
        name: what a saved file is called.
        text: the text, for Python and links.
        path: the file.
    """

    name: str
    text: str | None = None
    path: Path | None = None


def take(training: Training, what: str, folder: Path) -> Taken:
    """Return what a person takes away from a training, up to its present update.

    Args:
        training: the training.
        what: "python", "notebook", "weights", "curves_csv", "curves_svg", "model" or "link".
        folder: an empty folder for the file.

    Raises:
        InputError: it cannot be made, such as the model file of a training that diverged.
    """
    with one_thread():
        if what == "python":
            return Taken(_name(training, ".py"), python(training))
        if what == "link":
            return Taken("link", link_of(training))
        path = folder / _name(training, ENDINGS[what])
        {
            "notebook": _save_notebook,
            "weights": _save_weights,
            "curves_csv": _save_table,
            "curves_svg": _save_picture,
            "model": _save_model,
        }[what](training, path)
        return Taken(path.name, path=path)


ENDINGS = {
    "notebook": ".ipynb",
    "weights": "-weights.npz",
    "curves_csv": "-curves.csv",
    "curves_svg": "-curves.svg",
    "model": ".safetensors",
}
"""How the names of files end."""


def _name(training: Training, ending: str) -> str:
    """Return a file's name: the data and the number of updates."""
    source = training.data.source
    stem = training.data.name if source is None else Path(source.path.partition(":")[0]).stem
    plain = re.sub(r"[^\w-]+", "_", stem).strip("_")[:60] or "training"
    return f"{plain}-{training.stepper.update}{ending}"


def python(training: Training) -> str:
    """Return the lines of Python that repeat the training up to its present update; they name ``data`` and ``run``.

    A path of data is absolute in them, so that they run in any folder.
    """
    text, source = training.stepper.python(), training.data.source
    return text if source is None else _with_whole_paths(text, source)


def _with_whole_paths(text: str, source: Source) -> str:
    text = text.replace(f".load_data({source.path!r}", f".load_data({_whole(source.path)!r}")
    if test := source.options.get("test_file"):
        text = text.replace(f", test_file={test!r}", f", test_file={_whole(test)!r}")
    return text


def _whole(path: str) -> str:
    return str(Path(path).expanduser().absolute())


def notebook(training: Training) -> dict[str, Any]:
    """Return a notebook as its JSON: the same Python in cells, and a picture of the costs."""
    text, run = python(training), training.stepper.run()
    layers, data = "-".join(map(str, run.network.layer_dims)), printable(training.data.name).replace("`", "'")
    curve = CURVE.format(unit=cost_unit(run.network.output))
    cells = [_cell("markdown", ABOUT.format(layers=layers, data=data, update=training.stepper.update))]
    cells += [_cell("code", piece) for piece in (*cells_of(text), curve)]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return {
        "cells": cells,
        "metadata": about | {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def cells_of(text: str) -> list[str]:
    r"""Divide the Python of a training into cells: its data, its network, its training.

    Example:
        >>> cells_of("import layerlab\n\ndata = 1\nnetwork = 2\nrun = 3\n")
        ['import layerlab\n\ndata = 1\n', 'network = 2\n', 'run = 3\n']
    """
    data, network, rest = text.partition("\nnetwork = ")
    line, _, training = rest.partition("\n")
    return [data + "\n", network[1:] + line + "\n", training]


def _cell(kind: str, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": text.rstrip("\n").splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _save_notebook(training: Training, path: Path) -> None:
    path.write_text(json.dumps(notebook(training), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _save_weights(training: Training, path: Path) -> None:
    np.savez(path, **training.stepper.run().parameters)


def _save_table(training: Training, path: Path) -> None:
    lines = [",".join(COLUMNS), *curve_lines(training.stepper.history)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def curve_lines(history: History) -> Iterator[str]:
    """Yield the lines of a table of the curves: the number of updates made, and what was measured then.

    Numbers are written so that they are read back exactly. What was not measured is left empty.
    """
    costs, epoch = history.costs.tolist(), history.epoch
    late = history.validated_after or epoch > 1
    scores = zip(history.validation_costs.tolist(), history.validation_accuracies.tolist(), strict=True)
    rows = {(k + 1) * epoch if late else k: pair for k, pair in enumerate(scores)}
    for k in range(max(len(costs), *(at + 1 for at in rows), 0)):
        cost = repr(costs[k]) if k < len(costs) else ""
        yield ",".join([str(k), cost, *("" if math.isnan(one) else repr(one) for one in rows.get(k, (math.nan,) * 2))])


def _save_picture(training: Training, path: Path) -> None:
    with _drawing:
        text = svg(cost_picture(training.stepper.run(), training.data.name))
    path.write_text(text, encoding="utf-8")


def _save_model(training: Training, path: Path) -> None:
    training.stepper.run().save(path)

"""``layerlab export``: a run as a model that needs no layerlab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError

from .options import Folder, Json
from .output import check_apart, check_places, console_for, write_json

if TYPE_CHECKING:
    from layerlab.runs.run import Run


EXPORT = (
    "Write a run as a model that needs no layerlab, and check it on the test part of its dataset.\n\n"
    "[bold]onnx[/] is one file for onnxruntime and its kin, [bold]numpy[/] a folder with a readable predict.py and "
    "its weights. Both take examples in rows, as they came: the run's standardisation is in the model. Where the "
    "answers deviate from layerlab's, nothing is kept."
)


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder or file that `layerlab train` made.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new file for onnx, a new folder for numpy.")],
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="onnx or numpy.")] = "onnx",
    folder: Folder = None,
    json_path: Json = None,
) -> None:
    """A model for other software."""
    from layerlab.runs.loading import load

    check_places(json_path)
    check_apart(PATH=path, json=json_path)
    facts = export_run(load(run), path, form, folder)
    console_for(json_path).print(
        f"Kept in {path}: on the {facts['examples']:,} test examples of {facts['dataset']} it deviates from layerlab's "
        f"own prediction by {facts['deviation']:.1g} at most (tolerance {facts['tolerance']:.0e}).",
        highlight=False,
        markup=False,
    )
    write_json(json_path, facts)


def export_run(run: Run, path: Path, form: str, folder: Path | None) -> dict[str, Any]:
    """A run as a model for other software, checked on the test part of its dataset.

    Raises:
        InputError: what ``export`` refuses, or layerlab does not have the run's dataset.
    """
    from layerlab.datasets import LOADERS, load_dataset
    from layerlab.datasets.loading.anything import read_again
    from layerlab.runs.exports.export import check_export
    from layerlab.runs.exports.export import export as export_model

    check_export(path, form)
    if run.source is None and run.dataset not in LOADERS:
        raise InputError(
            f"the run was trained on {run.dataset or 'data of your own'}, which is none of layerlab's datasets: export "
            f"it in Python on examples of yours, layerlab.export(layerlab.load(RUN), PATH, X)"
        )
    data = load_dataset(run.dataset, folder) if run.source is None else read_again(run.source)
    raw = data.test.X if data.raw is None else data.raw.table.taken(data.raw.test)
    done = export_model(run, path, raw, format=form)
    return {**done._asdict(), "path": str(path), "dataset": run.dataset}

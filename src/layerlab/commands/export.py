"""``layerlab export``: a run as a model that runs without layerlab."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError

from .next_steps import after
from .options import Folder, Json, RunPath
from .output import Output

if TYPE_CHECKING:
    from layerlab.runs.run import Run


EXPORT = (
    "Save a trained network as a model that runs without layerlab, and check that it predicts the same.\n\n"
    "Example: [bold]layerlab export runs/digits-1 digits.onnx[/]\n\n"
    "[bold]onnx[/] is one file for onnxruntime and similar software, [bold]numpy[/] a folder with a readable "
    "predict.py and its weights. Both take examples in rows, as they came: preparation and standardisation are part "
    "of the model. If its predictions on the test set differ from layerlab's, nothing is saved."
)


def export(
    run: RunPath,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="New file (onnx) or new folder (numpy).")],
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="Format of the model: onnx or numpy.")
    ] = "onnx",
    folder: Folder = None,
    json_path: Json = None,
) -> None:
    """Export a run for other software, and check the exported model on the run's test set."""
    from layerlab.runs.class_words import threshold_line
    from layerlab.runs.loading import load

    with Output(PATH=path, json=json_path) as output:
        trained = load(run)
        facts = export_run(trained, path, form, folder)
        output.made.append(str(path))
        output.keep(facts)
        output.say(
            f"The exported model predicts what layerlab predicts: on the {facts['examples']:,} test examples of "
            f"{facts['dataset']}, the predictions differ by at most {facts['deviation']:.1g} (allowed: "
            f"{facts['tolerance']:.0e})."
        )
        for line in threshold_line({"threshold": trained.threshold, "recall": trained.class_names}):
            output.say(line)
        output.say(f"Saved in {path}")
        yours = " on a table of your own, ROWS.csv" if form == "numpy" else ""
        output.say(f"To run it{yours}: {_how_to_run(path, form)}", soft_wrap=True)
        output.next_step(*after(run, trained, folder=folder))


def _how_to_run(path: Path, form: str) -> str:
    """Return the command, or the lines of Python, that run the exported model."""
    if form == "numpy":
        return shlex.join(["python", str(path / "predict.py"), "ROWS.csv"])
    return f"onnxruntime.InferenceSession({str(path)!r}) in Python"


def export_run(run: Run, path: Path, form: str, folder: Path | None) -> dict[str, Any]:
    """Write a run as a model for other software, check it on the test set, and return the facts of the check.

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
            f"the run was trained on {run.dataset or 'data of your own'}, which layerlab cannot load again: export it "
            f"in Python with examples of your own, layerlab.export(layerlab.load(RUN), PATH, X)"
        )
    data = load_dataset(run.dataset, folder) if run.source is None else read_again(run.source)
    raw = data.test.X if data.raw is None else data.raw.table.taken(data.raw.test)
    done = export_model(run, path, raw, format=form)
    return {**done._asdict(), "path": str(path), "dataset": run.dataset}

"""The commands that train: compare, train and sweep."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError

from .data_options import chosen_data, takes_data, told_data
from .options import Data, Explain, Folder, Hidden, Json, Plots, Standardize, Validation, takes_settings
from .output import check_apart, check_places, console_for, fail, tell_pictures, write_json
from .sweep import _tell_plans

if TYPE_CHECKING:
    from layerlab.datasets import Dataset
    from layerlab.runs.run import Run


GO_ON = "; with --resume, and another --out, the training goes on"


TRAIN = (
    "Train one network and keep it in a folder: model.safetensors, run.json, and a log of its epochs, which grows "
    "beside it until then; or in one file, [bold]--out NAME.safetensors[/], which has no log.\n\n"
    "What is not given comes from the dataset's own 2-layer network, or with --layers from its network that is as "
    "deep. Ctrl-C keeps what was trained until then."
)


@takes_settings()
@takes_data
def train(
    data: Data,
    layers: Annotated[
        str | None, typer.Option(metavar="20,7,5", help="Sizes of the hidden layers, or none for logistic regression.")
    ] = None,
    hidden: Hidden = None,
    standardize: Standardize = None,
    validation: Validation = None,
    explain: Explain = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="A new folder, or file NAME.safetensors; default runs/DATA-1, -2, …"),
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep all that is needed to go on, every 30 seconds.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint, if there is one.")] = False,
    metrics: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Figures to take after an epoch, such as accuracy,f1,auc.")
    ] = None,
    every: Annotated[int | None, typer.Option(help="Epochs from one line of the log to the next.")] = None,
    log: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Write PATH.csv and PATH.jsonl, a line an epoch; else beside RUN."),
    ] = None,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
    own: Any = None,
    **settings: Any,
) -> None:
    """One network, trained and saved."""
    from layerlab.evaluating.comparisons.recipe_training import explain_recipe, hold_out_and_standardize, train_recipe
    from layerlab.evaluating.scores import train_facts
    from layerlab.runs.log_files import remove_log
    from layerlab.runs.run_files import kind_of
    from layerlab.runs.summary import print_run
    from layerlab.runs.writing import check_new
    from layerlab.training.watching import deferred

    from .networks import recipes_for

    check_places(json_path, plots)
    console = console_for(json_path)
    raw = told_data(chosen_data(data, folder, own), console)
    dataset, held_out = hold_out_and_standardize(raw, standardize, validation)
    name, settings["validation"] = dataset.name, held_out
    (recipe,) = recipes_for(dataset, [] if layers is None else [layers], hidden, usual=1)
    if explain:
        _tell_plans([explain_recipe(recipe, dataset, **settings)], console, json_path)
        return
    usual = out is None
    out = out or free_folder(Path("runs"), name)
    check_new(out, kind_of(out))
    _check_checkpoint(checkpoint, resume)
    check_apart(out=out, checkpoint=checkpoint, json=json_path, plots=plots, log=log)
    live = log or out.with_name(f"{out.name}.log")
    if log is None:
        remove_log(live)  # of a training that was killed
    with deferred():  # nobody interrupts between the last update and the saved run
        progress = recipe.name if sys.stderr.isatty() else False
        told = {"metrics": metrics and metrics.split(","), "every": every, "log": live}
        run = train_recipe(recipe, dataset, progress=progress, checkpoint=checkpoint, resume=resume, **told, **settings)
        if not len(run.history.costs):
            fail("interrupted before the first update; no run was kept", 1)
        facts = train_facts(run, dataset) | {"metrics": run.history.final_metrics}
        print_run(run, facts, console)
        for name, value in run.history.final_metrics.items():
            console.print(f"{name.replace('_', ' ')}: {value:.6g}", highlight=False, markup=False)
        diverged = any(finding.kind == "diverged" for finding in run.diagnosis)
        if not diverged:
            if usual and out.exists():  # another training has been faster
                out = free_folder(Path("runs"), name)
            facts["out"] = str(_saved(run, out, live, (dataset, raw)))
        if log is None:
            remove_log(live)
    if checkpoint and not run.history.interrupted:
        checkpoint.unlink(missing_ok=True)  # it has done its duty
    if not diverged:
        console.print(f"Kept in {out}", highlight=False, markup=False)
        if run.image_shape:
            console.print(f"Try: layerlab predict {out} photo.jpg", highlight=False, markup=False)
    if plots and not diverged:
        from layerlab.reporting.pictures.of_runs import run_pictures

        facts["plots"] = tell_pictures(run_pictures(run, dataset, plots), json_path)
    write_json(json_path, facts)
    if diverged:
        fail("the training diverged; no run was kept", 1)
    if run.history.interrupted:
        fail(f"interrupted: the run holds what was trained until then{GO_ON * bool(checkpoint)}", 1)


def _saved(run: Run, out: Path, live: Path, data: tuple[Dataset, Dataset]) -> Path:
    """Where the run was saved, with the log that grew beside it and the split; one file has no room for these.

    Args:
        run, out, live: what, where to, and its log.
        data: what was trained on, and the same before a share was held out.
    """
    from layerlab.datasets.describing import split_text
    from layerlab.runs.log_files import copy_log
    from layerlab.runs.run_files import is_one_file
    from layerlab.runs.writing import write_text

    run.save(out)
    if not is_one_file(out):
        copy_log(live, out)
        if data[0].called is not None and data[0].stream is None:
            write_text(out / "split.csv", split_text(*data))
    return out


def _check_checkpoint(checkpoint: Path | None, resume: bool) -> None:
    """Raises InputError where ``train`` would, in the words of the command line."""
    if checkpoint is None:
        if resume:
            raise InputError("--resume: name the file to go on from, with --checkpoint FILE")
    elif str(checkpoint) == ".":
        raise InputError("--checkpoint: wanted the name of a file")
    elif checkpoint.is_file() and not resume:
        raise InputError(f"{checkpoint}: is there already; --resume goes on from it, or remove it")


def free_folder(parent: Path, name: str) -> Path:
    """The first of parent/name-1, -2, … that is not there yet, nor on its way, as its log shows."""
    number = 1
    while any((parent / f"{name}-{number}{end}").exists() for end in ("", ".log.csv")):
        number += 1
    return parent / f"{name}-{number}"

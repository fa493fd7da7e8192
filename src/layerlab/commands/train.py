"""``layerlab train``: one network, trained and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError

from .options import (
    Baseline,
    Data,
    Explain,
    Folder,
    Hidden,
    Json,
    Layers,
    Plots,
    Standardize,
    Threshold,
    Validation,
    takes_data,
    takes_settings,
)
from .output import Output, fail, progress_title

if TYPE_CHECKING:
    from layerlab.datasets import Dataset, Part
    from layerlab.evaluating.comparisons.recipes import Recipe
    from layerlab.evaluating.thresholds import ThresholdChoice
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
    layers: Layers = None,
    hidden: Hidden = None,
    standardize: Standardize = None,
    validation: Validation = None,
    threshold: Threshold = None,
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
    advice: Annotated[
        bool,
        typer.Option(
            "--advice/--no-advice", help="After a run that ends badly, try for a few seconds what would have helped."
        ),
    ] = True,
    baseline: Baseline = None,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
    *,
    data_options: Mapping[str, Any],
    **settings: Any,
) -> None:
    """Train one network and keep it."""
    from layerlab.evaluating.comparisons.recipe_training import explain_recipe
    from layerlab.runs.log_files import remove_log
    from layerlab.runs.run_files import kind_of
    from layerlab.runs.writing import check_new
    from layerlab.training.interrupts import deferred_interrupts

    from .inputs import recipe_for, threshold_for, training_data_for

    with Output(out=out, checkpoint=checkpoint, json=json_path, plots=plots, log=log) as output:
        raw, dataset, settings["validation"] = training_data_for(
            data, folder, data_options, standardize, validation, output.console
        )
        recipe, wanted = recipe_for(dataset, layers, hidden), threshold_for(threshold, dataset, settings["validation"])
        if explain:
            output.say_plans([explain_recipe(recipe, dataset, **settings)])
            return
        place = out or free_folder(Path("runs"), dataset.name)
        check_new(place, kind_of(place))
        _check_checkpoint(checkpoint, resume)
        output.add_place(out=place)
        log_path = log or place.with_name(f"{place.name}.log")
        if log is None:
            remove_log(log_path)  # of a training that was killed
        settings |= {
            "metrics": metrics and metrics.split(","),
            "every": every,
            "log": log_path,
            "checkpoint": checkpoint,
            "resume": resume,
            "advice": advice,
            "progress": progress_title(recipe.name),
        }
        with deferred_interrupts():  # Ctrl-C does not come between the last update and the saved run
            run = _train_and_print(recipe, dataset, settings, wanted, baseline, output)
            kept = not any(finding.kind == "diverged" for finding in run.diagnosis)
            if kept:
                if out is None and place.exists():  # another training has been faster
                    place = free_folder(Path("runs"), dataset.name)
                _save(run, place, log_path, dataset, raw)
                output.facts["out"] = str(place)
            if log is None:
                remove_log(log_path)
        if checkpoint and not run.history.interrupted:
            checkpoint.unlink(missing_ok=True)  # nothing is left to go on with
        if not kept:
            output.failure = "the training diverged; no run was kept"
            return
        _print_place_and_draw(run, dataset, place, output)
        if run.history.interrupted:
            output.failure = f"interrupted: the run holds what was trained until then{GO_ON if checkpoint else ''}"


def _train_and_print(
    recipe: Recipe,
    dataset: Dataset,
    settings: Mapping[str, Any],
    threshold: float | str | None,
    baseline: str | None,
    output: Output,
) -> Run:
    """Train a network, set its threshold, and print its scores; the facts are those of the run.

    Args:
        recipe, dataset, settings: as for ``train_recipe``.
        threshold: of ``threshold_for``.
        baseline: as for ``train_facts``.
        output: of the command.
    """
    from layerlab.evaluating.comparisons.recipe_training import train_recipe
    from layerlab.evaluating.scores import train_facts
    from layerlab.runs.summary import print_run

    run = train_recipe(recipe, dataset, **settings)
    if not len(run.history.costs):
        fail("interrupted before the first update; no run was kept", 1)
    run, choice = _at_threshold(run, threshold, settings["validation"])
    output.facts = train_facts(run, dataset, baseline) | {"metrics": run.history.final_metrics}
    output.facts["threshold_choice"] = choice and choice.facts()
    print_run(run, output.facts, output.console)
    if choice is not None:
        output.say(str(choice))
    for name, value in run.history.final_metrics.items():
        output.say(f"{name.replace('_', ' ')}: {value:.6g}")
    return run


def _at_threshold(run: Run, threshold: float | str | None, held_out: Part | None) -> tuple[Run, ThresholdChoice | None]:
    """The run with the threshold that is wanted, and how it was chosen if it was; one that diverged has none."""
    from layerlab.evaluating.thresholds import choose_threshold

    if threshold is None or run.diverged:
        return run, None
    if not isinstance(threshold, str):
        return replace(run, threshold=threshold), None
    assert held_out is not None  # noqa: S101
    choice = choose_threshold(run, held_out, threshold)
    return choice.run, choice


def _print_place_and_draw(run: Run, dataset: Dataset, place: Path, output: Output) -> None:
    output.say(f"Kept in {place}")
    if run.image_shape:
        output.say(f"Try: layerlab predict {place} photo.jpg")
    if output.places["plots"] is not None:  # the pictures' modules would slow the start of every training
        from layerlab.reporting.pictures.of_runs import run_pictures

        output.draw(run_pictures, run, dataset)


def _save(run: Run, place: Path, log_path: Path, dataset: Dataset, raw: Dataset) -> None:
    """Save a run, and if it is a folder the log that grew beside it and the split of the data.

    Args:
        run: trained on ``dataset``.
        place: a new folder, or a new file.
        log_path: the log's path without ending.
        dataset: what the run was trained on.
        raw: the same before a share was held out and features were standardised.
    """
    from layerlab.datasets.describing import split_csv
    from layerlab.runs.log_files import copy_log
    from layerlab.runs.run_files import is_one_file
    from layerlab.runs.writing import write_text

    run.save(place)
    if not is_one_file(place):
        copy_log(log_path, place)
        if dataset.called is not None and dataset.stream is None:
            write_text(place / "split.csv", split_csv(dataset, raw))


def _check_checkpoint(checkpoint: Path | None, resume: bool) -> None:
    """Refuse what ``layerlab.train`` would refuse, in the words of the command line.

    Raises:
        InputError: --resume comes without --checkpoint, or the checkpoint is no file, or there is one already.
    """
    if checkpoint is None:
        if resume:
            raise InputError("--resume: name the file to go on from, with --checkpoint FILE")
    elif str(checkpoint) == ".":
        raise InputError("--checkpoint: wanted the name of a file")
    elif checkpoint.is_file() and not resume:
        raise InputError(f"{checkpoint}: is there already; --resume goes on from it, or remove it")


def free_folder(parent: Path, name: str) -> Path:
    """The first of parent/name-1, -2, … that is not there yet and that no other training is writing a log for."""
    number = 1
    while any((parent / f"{name}-{number}{end}").exists() for end in ("", ".log.csv")):
        number += 1
    return parent / f"{name}-{number}"

"""``layerlab train``: train one network, and save it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError
from layerlab.runs.writing import kind_at
from layerlab.settings import FOLDS, MEMBERS

from .compare import SPLITS
from .keeping import keep
from .next_steps import after, again
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
from .output import Output, progress_title

if TYPE_CHECKING:
    from layerlab.datasets import Dataset, Part
    from layerlab.evaluating.thresholds import ThresholdChoice
    from layerlab.runs.run import Run

BEFORE = " before the first iteration; no run was saved"

GO_ON = "; with --resume, and another --out, the training goes on"

OF_TRAINING = ("threshold", "metrics", "every", "advice", "baseline", "learning_rate", "members", "folds")
"""Parameters of ``train`` that ``layerlab rate`` does not have, or that it chooses."""

TRAIN = (
    "Train one network, say how good it is and what went wrong, and save it.\n\n"
    "Example: [bold]layerlab train flower[/]\n\n"
    "With a table of your own: [bold]layerlab train wine.csv --target cultivar[/]\n\n"
    "Settings that you do not give are those of layerlab's network for this dataset: of its 2-layer network, or with "
    "--layers of its network with as many layers. If it has none, the defaults below hold. The run is saved in a "
    "folder: the weights in model.safetensors, everything else in run.json, and a log of the epochs. With --out "
    "NAME.safetensors it is one file, without a log. Ctrl-C ends the training and saves the network as it is then."
)


@takes_settings(more=(MEMBERS, FOLDS))
@takes_data
def train(
    context: typer.Context,
    data: Data,
    layers: Layers = None,
    hidden: Hidden = None,
    embedding: Annotated[
        str | None,
        typer.Option(metavar="HOW", help="Embed a table's numbers by waves: periodic or none; default: by the data."),
    ] = None,
    time_budget: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="Cut epochs, then members, so that it takes about so long; usual for tables: 60."
        ),
    ] = None,
    standardize: Standardize = None,
    validation: Validation = None,
    threshold: Threshold = None,
    explain: Explain = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN", help="New folder for the run, or new file NAME.safetensors; default: runs/DATA-1, -2, …"
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Save all that is needed to continue, every 30 seconds.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the checkpoint, if there is one.")] = False,
    metrics: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Metrics to log after an epoch, such as accuracy,f1,auc.")
    ] = None,
    every: Annotated[int | None, typer.Option(metavar="N", help="Write a line of the log every N epochs.")] = None,
    log: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Write the log to PATH.csv and PATH.jsonl; default: next to the run."),
    ] = None,
    advice: Annotated[
        bool,
        typer.Option(
            "--advice/--no-advice", help="After a bad training, try for a few seconds which change would have helped."
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
    from layerlab.evaluating.comparisons.recipe_training import explain_recipe, train_recipe
    from layerlab.evaluating.comparisons.time_budget import with_cut
    from layerlab.runs.log_files import remove_log

    from .inputs import threshold_for
    from .usual_training import WantedNetwork, check_budget, usual_training, within_budget

    with Output(
        out=out, checkpoint=checkpoint, json=json_path, plots=plots, log=log, shared=("checkpoint",)
    ) as output:  # the training itself claims its checkpoint
        output.interrupted = BEFORE
        network = WantedNetwork(layers, hidden, embedding, validation, settings)
        raw, dataset, settings["validation"], recipe = usual_training(
            network, data, folder, data_options, standardize, output.console
        )
        wanted = threshold_for(threshold, dataset, settings["validation"])
        check_budget(time_budget, settings, checkpoint)
        if explain:
            output.say_plans([explain_recipe(recipe, dataset, **settings)], again(context, "train"))
            return
        _check_checkpoint(checkpoint, resume)
        place = out or _next_place(dataset.name, output)
        log_path = _log_beside(place, log)
        fewer, cut = within_budget(recipe, dataset, settings, time_budget, checkpoint, output.console)
        settings |= {"metrics": metrics and metrics.split(","), "every": every, "log": log_path, "advice": advice}
        settings |= {"checkpoint": checkpoint, "resume": resume, "progress": progress_title(recipe.name)} | fewer
        with output.finishing():
            run = with_cut(train_recipe(recipe, dataset, **settings), cut)
            if not len(run.history.costs):
                raise KeyboardInterrupt
            run, choice = _at_threshold(run, wanted, settings["validation"])
            if out is None and place.exists():  # somebody has put something there meanwhile
                place = _next_place(dataset.name, output)
            kept = None if _diverged(run) else keep(run, place, log_path, dataset, raw, output)
            if log is None:
                remove_log(log_path)
        if checkpoint and not run.history.interrupted and (kept or _diverged(run)):
            with suppress(OSError):  # of a disk that has become read-only
                checkpoint.unlink(missing_ok=True)  # nothing is left to go on with
        _say(run, dataset, kept, choice, baseline, output)
        output.next_step(*_next_step(context, run, kept, output))
        _say_failure(run, output, can_go_on=checkpoint is not None)


def _log_beside(place: Path, log: Path | None) -> Path:
    """Check that the place of the run is free, and return that of its log; that of a killed training is removed."""
    from layerlab.runs.log_files import remove_left_log
    from layerlab.runs.run_files import kind_of
    from layerlab.runs.writing import check_new

    check_new(place, kind_of(place))
    beside = place.with_name(f"{place.name}.log")
    if log is None:
        remove_left_log(beside)
    return log or beside


def _say_failure(run: Run, output: Output, *, can_go_on: bool) -> None:
    """Say at the end that a run diverged or was interrupted."""
    if _diverged(run):
        output.failure = "the training diverged; no run was saved"
    elif run.history.interrupted and not output.failure:
        go_on = GO_ON if can_go_on and "checkpoint" not in output.unwritten else ""
        output.failure = f"interrupted: the saved run has what was trained until then{go_on}"


def _next_place(name: str, output: Output) -> Path:
    """Claim the first of runs/NAME-1, -2, … that is free; not one where a killed training has left its log."""
    from layerlab.runs.claims import claim_next, short_name

    place, lock = claim_next(Path("runs"), short_name(name), ("", ".log.csv"))
    output.claim(lock, out=place)
    return place


def _diverged(run: Run) -> bool:
    return any(finding.kind == "diverged" for finding in run.diagnosis)


def _at_threshold(run: Run, threshold: float | str | None, held_out: Part | None) -> tuple[Run, ThresholdChoice | None]:
    """Return the run with the threshold that is wanted, and how it was chosen if it was; one that diverged has none."""
    from layerlab.evaluating.thresholds import choose_threshold

    if threshold is None or run.diverged:
        return run, None
    if not isinstance(threshold, str):
        return replace(run, threshold=threshold), None
    assert held_out is not None  # noqa: S101
    choice = choose_threshold(run, held_out, threshold)
    return choice.run, choice


def _say(
    run: Run,
    dataset: Dataset,
    kept: Path | None,
    choice: ThresholdChoice | None,
    baseline: str | None,
    output: Output,
) -> None:
    """Compute the facts of a run, print them, and draw its pictures.

    Args:
        run: a network that was trained on ``dataset``.
        dataset: the dataset, prepared as for the training.
        kept: the path that the run was saved in, or None.
        choice: how its threshold was chosen, or None.
        baseline: as for ``train_facts``.
        output: where the facts go.
    """
    from layerlab.evaluating.scores import train_facts
    from layerlab.runs.summary import print_run

    metrics = run.history.final_metrics
    facts = train_facts(run, dataset, baseline) | {"metrics": metrics, "out": kept and str(kept)}
    output.keep(facts | {"threshold_choice": choice and choice.facts()})
    print_run(run, output.facts, output.console)
    if choice is not None:
        output.say(str(choice))
    for name, value in metrics.items():
        output.say(f"{name.replace('_', ' ')}: {value:.6g}")
    if kept is None:
        return
    output.say(f"Saved in {kept}")
    if output.places["plots"] is not None:  # the pictures' modules would slow the start of every training
        from layerlab.reporting.pictures.of_runs import run_pictures

        output.draw(run_pictures, run, dataset)


def _next_step(context: typer.Context, run: Run, kept: Path | None, output: Output) -> tuple[str, ...]:
    """Return the command that fits what came out, word by word; none where the run could not be saved.

    Args:
        context: the context of the running command.
        run: the trained network.
        kept: the path that it was saved in, or None.
        output: has its facts.
    """
    from layerlab.datasets import LOADERS

    findings = output.facts["diagnosis"]
    if findings and (changes := findings[0]["changes"]):
        return again(context, "train", **changes)
    if _diverged(run):
        return again(context, "rate", leave_out=OF_TRAINING)
    if kept is None:
        return ()
    if run.history.interrupted and context.params["checkpoint"] and "checkpoint" not in output.unwritten:
        return again(context, "train", checkpoint=context.params["checkpoint"], resume=True)
    if output.facts["train_test_gap"]["outcome"] == "unclear" and context.params["data"] in LOADERS:
        kept_options = ("data", "folder")  # the dataset's networks have settings of their own
        others = [str(one.name) for one in context.command.params if one.name not in kept_options]
        return again(context, "compare", leave_out=others, splits=SPLITS)
    return after(kept, run, folder=context.params["folder"])


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
    elif kind_at(checkpoint) == "file" and not resume:
        raise InputError(f"{checkpoint}: is there already; --resume goes on from it, or remove it")

"""``layerlab sweep``: several settings at once, as one population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError
from layerlab.settings import VARIED

from .next_steps import again
from .options import By, Data, Explain, Folder, Hidden, Json, Standardize, Validation, takes_data, takes_settings
from .output import Output, progress_title

if TYPE_CHECKING:
    from layerlab.datasets import Dataset, Part

SWEEP = (
    "Train many combinations of settings at once, and say which to take and what each cost curve did.\n\n"
    "Example: [bold]layerlab sweep flower --learning-rate 0.1..10x5 --seed 0..4[/]\n\n"
    "Several values have commas between them: 0.1,0.01. A range of seven values that grow by the same factor is "
    "0.001..1x7, and 0..4 is 0,1,2,3,4. The learning-rate picture of the course notes (the notes of the Deep Learning "
    "Specialization's first course, weeks 2 to 4) comes from [bold]layerlab sweep cats --layers none --learning-rate "
    "0.01,0.001,0.0001[/].\n\n"
    "Settings that you do not give are those of layerlab's network for this dataset, as for `train`. One that does not "
    "fit is left out: L-BFGS if learning rates are given, dropout if there is no hidden layer."
)

VALIDATION = 0.2
"""Share of the training set that a next step holds out, where there is nothing by which to choose."""


@takes_settings(several=VARIED)
@takes_data
def sweep(
    context: typer.Context,
    data: Data,
    layers: Annotated[
        list[str] | None,
        typer.Option(metavar="20,7,5", help="Sizes of the hidden layers, or none; repeat the option for several."),
    ] = None,
    hidden: Hidden = None,
    memory_gib: Annotated[
        float | None,
        typer.Option(metavar="GIB", help="Memory for the networks, without the data; default: half of what is free."),
    ] = None,
    standardize: Standardize = None,
    validation: Validation = None,
    by: By = None,
    explain: Explain = False,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Save all that is needed to continue, every 30 seconds.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the checkpoints, if there are any.")] = False,
    folder: Folder = None,
    plots: Annotated[
        Path, typer.Option("--plots", metavar="DIR", help="Draw the cost curves into this folder.")
    ] = Path("plots"),
    json_path: Json = None,
    *,
    data_options: Mapping[str, Any],
    **settings: Any,
) -> None:
    """Train several networks as one population, and draw their curves."""
    from layerlab.reporting.pictures.of_sweeps import sweep_pictures
    from layerlab.tuning.sweeps.checkpoints import SweepCheckpoints
    from layerlab.tuning.sweeps.facts import explain_sweep, fit_sweep, sweep_facts
    from layerlab.tuning.sweeps.words import print_sweep

    from .inputs import recipes_for, training_data_for

    with Output(json=json_path, plots=plots) as output:
        _, dataset, settings["validation"] = training_data_for(
            data, folder, data_options, standardize, validation, output.console
        )
        recipes = recipes_for(dataset, layers or [], hidden)
        settings["memory_gib"] = memory_gib
        _check_by(by, dataset, settings["validation"])
        if explain:
            output.say_plans(explain_sweep(recipes, dataset, **settings), again(context, "sweep"))
            return
        settings |= {"checkpoint": checkpoint, "resume": resume}
        with output.finishing():
            result = fit_sweep(recipes, dataset, progress=progress_title("sweep"), **settings)
            if not any(len(history.costs) for history in result.histories):
                raise KeyboardInterrupt
            output.keep(sweep_facts(result, dataset, by))
        print_sweep(output.facts, output.console, result.histories[0].every if result.histories else 1)
        if result.interrupted:
            goes_on = checkpoint and "checkpoint" not in output.unwritten
            kept = "with --resume, the sweep goes on" if goes_on else "a sweep saves nothing else"
            output.failure = f"interrupted: the table shows how far the networks came; {kept}"
            if goes_on:
                output.next_step(*again(context, "sweep", checkpoint=checkpoint, resume=True))
        else:
            output.draw(sweep_pictures, result, dataset.name)
            output.next_step(*_next_step(context, output.facts, layers or [], settings["validation"] is not None))
    if checkpoint:
        SweepCheckpoints(checkpoint).remove()


def _next_step(context: typer.Context, facts: Mapping[str, Any], layers: list[str], held_out: bool) -> Sequence[str]:
    """Return the command that trains what the sweep recommends; where it recommends nothing, one that finds out more.

    Args:
        context: the context of the sweep.
        facts: the facts of the sweep.
        layers: hidden layers of each network that was asked for.
        held_out: whether there is a validation set.
    """
    from layerlab.tuning.sweeps.words import rate_to_examine, settings_to_train

    own: dict[str, Any] = dict.fromkeys(name for name in facts["varied"] if name != "network")  # one value is taken
    own |= {"layers": layers[0] if layers else None, "by": None, "memory_gib": None}
    if (chosen := settings_to_train(facts)) is not None:
        return again(context, "train", **(own | chosen))
    if facts["advice"] and (rate := rate_to_examine(facts)) is not None:
        return again(context, "train", **(own | {"learning_rate": rate}))
    if facts["advice"]:
        return again(context, "rate", **own)
    if held_out:
        return again(context, "train", **own)
    return again(context, "sweep", validation=VALIDATION)


def _check_by(by: str | None, data: Dataset, held_out: Part | None) -> None:
    """Check the score that the best network is chosen by.

    Raises:
        InputError: there is no such score, the data have no classes, or no validation set.
    """
    from layerlab.evaluating.pseudo_values import check_class_score
    from layerlab.network import Network

    if by is None:
        return
    check_class_score(by, Network((data.n_x, data.n_y)).for_labels(data.train.Y))
    if held_out is None:
        raise InputError(
            f"--by {by}: needs a validation set, since the test set is never used to choose: give --validation 0.2 too"
        )

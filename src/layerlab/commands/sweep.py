"""``layerlab sweep``: several settings at once, as one population."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.settings import VARIED

from .data_options import chosen_data, takes_data, told_data
from .options import Data, Explain, Folder, Hidden, Json, Standardize, Validation, takes_settings
from .output import check_apart, check_places, console_for, fail, tell_pictures, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from layerlab.runs.plan import Plan

SWEEP = (
    "Train the product of several settings at once, as one population, and say what each cost curve did.\n\n"
    "[bold]layerlab sweep cats --learning-rate 0.01,0.001,0.0001[/] draws the notes' learning-rate figure; "
    "[bold]0.001..1x7[/] is a range of seven, [bold]--seed 0..4[/] makes a band of five curves each. What is "
    "not given comes from the dataset's own logistic regression, as in the notes; with --layers from its network "
    "that is as deep."
)


@takes_settings(several=VARIED)
@takes_data
def sweep(
    data: Data,
    layers: Annotated[
        list[str] | None,
        typer.Option(metavar="20,7,5", help="Hidden layers, or none for logistic regression; repeat for several."),
    ] = None,
    hidden: Hidden = None,
    memory_gib: Annotated[
        float | None, typer.Option(help="GiB that the networks may need beside the data; default half of what is free.")
    ] = None,
    standardize: Standardize = None,
    validation: Validation = None,
    explain: Explain = False,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep all that is needed to go on, every 30 seconds.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoints, if there are any.")] = False,
    folder: Folder = None,
    plots: Annotated[Path, typer.Option("--plots", metavar="DIR", help="Draw the curves into this folder.")] = Path(
        "plots"
    ),
    json_path: Json = None,
    own: Any = None,
    **settings: Any,
) -> None:
    """Several networks at once, and their curves."""
    from layerlab.evaluating.comparisons.recipe_training import hold_out_and_standardize
    from layerlab.tuning.sweeps.checkpoints import Slices
    from layerlab.tuning.sweeps.facts import explain_sweep, fit_sweep, sweep_facts
    from layerlab.tuning.sweeps.words import print_sweep

    from .networks import recipes_for

    check_places(json_path, plots)
    check_apart(json=json_path, plots=plots)
    console = console_for(json_path)
    raw = told_data(chosen_data(data, folder, own), console)
    dataset, held_out = hold_out_and_standardize(raw, standardize, validation)
    recipes = recipes_for(dataset, layers or [], hidden, usual=0 if raw.source is None else 1)
    settings["validation"] = held_out
    if explain:
        _tell_plans(explain_sweep(recipes, dataset, memory_gib=memory_gib, **settings), console, json_path)
        return
    progress = "sweep" if sys.stderr.isatty() else False
    settings |= {"memory_gib": memory_gib, "checkpoint": checkpoint, "resume": resume}
    result = fit_sweep(recipes, dataset, progress=progress, **settings)
    facts = sweep_facts(result, dataset)
    print_sweep(result, facts["members"], console)
    if not result.interrupted:
        from layerlab.reporting.pictures.of_sweeps import sweep_pictures

        facts["plots"] = tell_pictures(sweep_pictures(result, dataset.name, plots), json_path)
    write_json(json_path, facts)
    if result.interrupted:
        kept = "with --resume, the sweep goes on" if checkpoint else "a sweep keeps nothing else"
        fail(f"interrupted: the table shows how far the networks came; {kept}", 1)
    if checkpoint:
        Slices(checkpoint).remove()


def _tell_plans(plans: Sequence[Plan], console: Console, json_path: Path | None) -> None:
    """How something would be computed."""
    for plan in plans:
        console.print(plan.explain(), highlight=False, markup=False, soft_wrap=True)
    write_json(json_path, {"plans": [asdict(plan) for plan in plans]})

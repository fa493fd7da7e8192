"""The command that answers which learning rate to take."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from .data_options import chosen_data, takes_data, told_data
from .options import Data, Folder, Hidden, Json, Plots, Standardize, Validation, takes_settings
from .output import check_apart, check_places, console_for, fail, tell_pictures, write_json

RATE = (
    "Recommend a learning rate, with its reasons.\n\n"
    "A range test (one short training with a rising rate) finds where the cost explodes; rates of three decades below "
    "it are tried with five initial weights each, as one population; the largest that falls without oscillating in "
    "all of them is recommended. For full-batch descent the sharpness of the cost along that training says which steps "
    "are stable. What is not given comes from the dataset's own 2-layer network; --learning-rate says which to try."
)


@takes_settings(several=("learning_rate", "seed"))
@takes_data
def rate(
    data: Data,
    layers: Annotated[
        str | None, typer.Option(metavar="20,7,5", help="Sizes of the hidden layers, or none for logistic regression.")
    ] = None,
    hidden: Hidden = None,
    standardize: Standardize = None,
    validation: Validation = None,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
    own: Any = None,
    **settings: Any,
) -> None:
    """Which learning rate, and why."""
    from layerlab.evaluating.comparisons.recipe_training import hold_out_and_standardize
    from layerlab.tuning.learning_rate.facts import fit_rates, rate_facts
    from layerlab.tuning.sweeps.words import print_table

    from .networks import recipes_for

    check_places(json_path, plots)
    check_apart(json=json_path, plots=plots)
    console = console_for(json_path)
    raw = told_data(chosen_data(data, folder, own), console)
    dataset, held_out = hold_out_and_standardize(raw, standardize, validation)
    (recipe,) = recipes_for(dataset, [] if layers is None else [layers], hidden, usual=1)
    progress = "rates" if sys.stderr.isatty() else False
    found = fit_rates(recipe, dataset, validation=held_out, progress=progress, **settings)
    facts = rate_facts(found, dataset)
    print_table(found.sweep, facts["sweep"]["members"], console)
    for sentence in found.sentences:
        console.print(f"• {sentence}", highlight=False, markup=False)
    if plots and not found.sweep.interrupted:
        from layerlab.reporting.pictures.of_sweeps import rate_pictures

        facts["plots"] = tell_pictures(rate_pictures(found, dataset.name, plots), json_path)
    write_json(json_path, facts)
    if found.sweep.interrupted:
        fail("interrupted: the table shows how far the networks came", 1)

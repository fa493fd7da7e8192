"""``layerlab compare``: several networks on the same test set."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .data_options import chosen_data, takes_data, told_data
from .options import Data, Folder, Json, Plots
from .output import check_apart, check_places, console_for, fail, tell_pictures, write_json

COMPARE = (
    "Train a logistic regression, a 2-layer and a 4-layer network on the same data and compare them honestly.\n\n"
    "Accuracies come with 95 % intervals and the base rate, pairs of networks with an exact test on the examples "
    "on which they disagree. On cats the settings are the notes' published ones. One split of a small test set "
    "says little: [bold]--splits 16[/] deals the examples anew sixteen times."
)


@takes_data
def compare(
    data: Data = "digits",
    folder: Folder = None,
    seeds: Annotated[int, typer.Option(min=1, help="Repeat with this many initial weights.")] = 1,
    splits: Annotated[
        int, typer.Option(min=0, help="Deal all examples anew into two parts this often (2 or more).")
    ] = 0,
    plots: Plots = None,
    json_path: Json = None,
    own: Any = None,
) -> None:
    """The main job: several networks on the same data."""
    from layerlab.evaluating.comparisons.comparison import compare as compare_networks
    from layerlab.evaluating.comparisons.words import print_comparison

    check_places(json_path, plots)
    check_apart(json=json_path, plots=plots)
    console = console_for(json_path)
    dataset = told_data(chosen_data(data, folder, own), console)
    result = compare_networks(dataset, seeds=seeds, splits=splits)
    facts = result.facts()
    print_comparison(facts, result.data.about, console)
    if plots and not result.interrupted:
        from layerlab.reporting.pictures.of_runs import comparison_pictures

        facts["plots"] = tell_pictures(comparison_pictures(result, plots), json_path)
    write_json(json_path, facts)
    if result.interrupted:
        fail("interrupted: not all networks were trained to the end", 1)

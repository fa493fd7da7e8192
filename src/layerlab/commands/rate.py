"""``layerlab rate``: which learning rate to take, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from .next_steps import again
from .options import Data, Folder, Hidden, Json, Layers, Plots, Standardize, Validation, takes_data, takes_settings
from .output import Output, progress_title

RATE = (
    "Recommend a learning rate, and say why.\n\n"
    "Example: [bold]layerlab rate flower[/]\n\n"
    "First comes a range test: a short training in which the learning rate rises until the cost explodes. Then "
    "learning rates down to a thousandth of that are trained, each with five different initial weights. Recommended "
    "is the one with which the cost falls furthest, on average over the five; of several that are about equally good, "
    "the smallest. For full-batch gradient descent, the sharpness of the cost also shows which learning rates are "
    "stable. --learning-rate says which ones to try. Settings that you do not give are those of layerlab's 2-layer "
    "network for this dataset."
)


@takes_settings(several=("learning_rate", "seed"))
@takes_data
def rate(
    context: typer.Context,
    data: Data,
    layers: Layers = None,
    hidden: Hidden = None,
    standardize: Standardize = None,
    validation: Validation = None,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
    *,
    data_options: Mapping[str, Any],
    **settings: Any,
) -> None:
    """Recommend a learning rate for one network."""
    from layerlab.reporting.pictures.of_sweeps import rate_pictures
    from layerlab.tuning.learning_rate.facts import fit_rates, rate_facts
    from layerlab.tuning.sweeps.words import finding_lines, print_table, rate_to_examine

    from .inputs import recipe_for, training_data_for

    with Output(json=json_path, plots=plots) as output:
        _, dataset, settings["validation"] = training_data_for(
            data, folder, data_options, standardize, validation, output.console
        )
        recipe = recipe_for(dataset, layers, hidden)
        with output.finishing():
            found = fit_rates(recipe, dataset, progress=progress_title("rates"), **settings)
            if not any(len(history.costs) for history in found.sweep.histories):
                raise KeyboardInterrupt
            output.keep(rate_facts(found, dataset))
        answer, *reasons = output.facts["reasons"]
        output.say(answer)
        for sentence in reasons:
            output.say(f"• {sentence}")
        if found.rate is None:  # something else may keep the network from learning
            for line in finding_lines(output.facts["sweep"]["members"], output.facts["sweep"]["varied"]):
                output.say(line)
        output.say("")
        print_table(output.facts["sweep"], output.console)
        if found.sweep.interrupted:
            output.failure = "interrupted: the table shows how far the networks came"
        else:
            output.draw(rate_pictures, found, dataset.name)
            best = found.rate or rate_to_examine(output.facts["sweep"])
            output.next_step(*again(context, "train", learning_rate=best, seed=None))

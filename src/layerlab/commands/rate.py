"""``layerlab rate``: which learning rate to take, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .options import Data, Folder, Hidden, Json, Layers, Plots, Standardize, Validation, takes_data, takes_settings
from .output import Output, progress_title

RATE = (
    "Recommend a learning rate, with its reasons.\n\n"
    "A range test (one short training with a rising learning rate) finds where the cost explodes; learning rates of "
    "three decades below that are tried with five initial weights each, as one population; the one that reaches the "
    "lowest cost with all of them is recommended, of several alike the smallest. For full-batch descent the sharpness "
    "of the cost along that training says which steps are stable. What is not given comes from the dataset's own "
    "2-layer network; --learning-rate says which to try."
)


@takes_settings(several=("learning_rate", "seed"))
@takes_data
def rate(
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
    from layerlab.tuning.sweeps.words import finding_lines, print_table

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
        print_table(output.facts["sweep"], output.console)
        if found.sweep.interrupted:
            output.failure = "interrupted: the table shows how far the networks came"
        else:
            output.draw(rate_pictures, found, dataset.name)

"""``layerlab compare``: several networks on the same test set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError

from .options import Data, Folder, Json, Plots, takes_data
from .output import Output

if TYPE_CHECKING:
    from layerlab.datasets import Dataset
    from layerlab.evaluating.comparisons.recipes import Recipe

COMPARE = (
    "Train logistic regression, a 2-layer and a 4-layer network on the same data, and say which is best.\n\n"
    "Example: [bold]layerlab compare breast_cancer --splits 4[/]\n\n"
    "Every accuracy comes with a 95 % interval, and every pair of networks with a significance test. One split of a "
    "small dataset says little: --splits 16 splits it at random 16 times. On a table, the eight networks that layerlab "
    "train trains are compared too, and take most of the time. On cats, the settings are those of the "
    "course notes (the notes of the Deep Learning Specialization's first course, weeks 2 to 4)."
)

SPLITS = 16
"""Random splits that a next step asks for, where one test set does not show which network is best."""


@takes_data
def compare(
    context: typer.Context,
    data: Data = "digits",
    folder: Folder = None,
    seeds: Annotated[int, typer.Option(min=1, help="Train each network with this many different initial weights.")] = 1,
    splits: Annotated[
        int,
        typer.Option(
            min=0, help="Split the data at random this many times, at least 2; 0 keeps the dataset's own test set."
        ),
    ] = 0,
    plots: Plots = None,
    json_path: Json = None,
    *,
    data_options: Mapping[str, Any],
) -> None:
    """Train the networks that belong to a dataset and compare them on its test set."""
    from layerlab.evaluating.comparisons.comparison import compare as compare_networks
    from layerlab.evaluating.comparisons.words import options_to_train, print_comparison
    from layerlab.reporting.pictures.of_runs import comparison_pictures

    from .inputs import dataset_for
    from .next_steps import again

    with Output(json=json_path, plots=plots) as output:
        dataset = dataset_for(data, folder, data_options, output.console)
        with output.finishing():
            models = _as_read(dataset) if "scaling" in data_options else None
            result = compare_networks(dataset, models=models, seeds=seeds, splits=splits)
            if not any(len(model.run.history.costs) for model in result.models):
                raise KeyboardInterrupt
            output.keep(result.facts())
        print_comparison(output.facts, dataset.about, output.console)
        if result.interrupted:
            output.failure = "interrupted: not all networks were trained to the end"
        else:
            output.draw(comparison_pictures, result)
            best = options_to_train(output.facts)
            if best is not None:
                output.next_step(*again(context, "train", leave_out=("seeds", "splits"), data=data, **best))
            elif splits == 0 and _can_be_split_again(dataset):
                output.next_step(*again(context, "compare", splits=SPLITS))


def _as_read(dataset: Dataset) -> list[Recipe]:
    """Return the dataset's networks, all for numbers that are scaled as the user asked."""
    from layerlab.evaluating.comparisons.recipes import suite_of

    suite = suite_of(dataset)
    return [] if suite is None else [replace(recipe, scaling=None) for recipe in suite.contenders]


def _can_be_split_again(dataset: Dataset) -> bool:
    """Whether ``--splits`` works: not where a file or a column of the user's says which examples are the test set."""
    try:
        dataset.resplit(seed=0)
    except InputError:
        return False
    return True

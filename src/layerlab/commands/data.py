"""``layerlab data``: list, describe and download datasets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from .options import Data, Folder, Json, Plots, takes_data
from .output import Output

LIST = "List the datasets that come with layerlab, each with a sentence.\n\nExample: [bold]layerlab data list[/]"

DESCRIBE = (
    "Describe a dataset: its sizes, its classes, and the share of the majority class (the base rate).\n\n"
    "Example: [bold]layerlab data describe digits[/]\n\n"
    "With a table of your own: [bold]layerlab data describe wine.csv --target cultivar[/]. Then it also says what is "
    "remarkable about the columns, and how each of them is prepared for the network."
)

FETCH = (
    "Download the files of a dataset into the cache. Only cats need this.\n\n"
    "Example: [bold]layerlab data fetch cats[/]\n\n"
    "The files are checked: their SHA-256 has to be the known one."
)


def data_list(json_path: Json = None) -> None:
    """List the datasets that come with layerlab."""
    from layerlab.console import print_pairs
    from layerlab.datasets import ABOUT

    with Output(json=json_path) as output:
        output.keep({"datasets": ABOUT})
        print_pairs(ABOUT, output.console)
        output.next_step("layerlab", "data", "describe", next(iter(ABOUT)))


@takes_data
def data_describe(
    context: typer.Context,
    data: Data,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
    *,
    data_options: Mapping[str, Any],
) -> None:
    """Print the sizes, classes, columns and notices of a dataset."""
    from layerlab.console import print_pairs
    from layerlab.datasets.describing import (
        class_counts,
        data_facts,
        dataset_facts,
        print_class_counts,
        print_data,
        print_preparation,
    )
    from layerlab.reporting.pictures.of_runs import data_pictures

    from .inputs import dataset_for
    from .next_steps import again

    with Output(json=json_path, plots=plots) as output:
        dataset = dataset_for(data, folder, data_options)
        shown = dataset_facts(dataset)
        counts = class_counts(dataset)
        own = {} if dataset.source is None else data_facts(dataset) or {}
        output.keep(shown | own | {"class_counts": counts})
        if dataset.source is not None:
            print_data(dataset, output.console, most=len(dataset.notices))
        if dataset.preparation is None:
            print_pairs(shown, output.console)
        else:
            print_class_counts(counts, output.console)
            print_preparation(dataset.preparation.described(), output.console)
        output.draw(data_pictures, dataset)
        output.next_step(*again(context, "train"))


def data_fetch(data: Data, json_path: Json = None) -> None:
    """Download the files of a dataset into the cache."""
    from layerlab.datasets import known_name
    from layerlab.datasets.included.cats import fetch_cats

    with Output(json=json_path) as output:
        folder = str(fetch_cats(tell=output.say)) if known_name(data) == "cats" else None
        output.made += [folder] if folder else []
        output.keep({"dataset": data, "folder": folder})
        if folder is None:
            output.say(f"{data} comes with layerlab: there is nothing to download.")
        else:
            output.say(f"The files of {data} are complete and undamaged (SHA-256). Saved in {folder}")
        output.next_step("layerlab", "data", "describe", data)

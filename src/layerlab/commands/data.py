"""``layerlab data``: list, describe and fetch datasets."""

from __future__ import annotations

from typing import Any

import typer

from .data_options import chosen_data, takes_data
from .options import Data, Folder, Json, Plots
from .output import check_apart, check_places, console_for, tell_pictures, write_json

data_app = typer.Typer(help="What there is to learn from: list, describe, fetch.", no_args_is_help=True)


@data_app.command("list")
def data_list(json_path: Json = None) -> None:
    """Every dataset by name, in a sentence."""
    from layerlab.datasets import ABOUT
    from layerlab.text import print_pairs

    check_places(json_path)
    print_pairs(ABOUT, console_for(json_path))
    write_json(json_path, {"datasets": ABOUT})


@data_app.command("describe")
@takes_data
def data_describe(
    data: Data, folder: Folder = None, plots: Plots = None, json_path: Json = None, own: Any = None
) -> None:
    """Sizes, classes, ranges and base rate of a dataset; of your own data what is noticed, and done to each column."""
    from layerlab.datasets.describing import data_facts, describe, print_columns, print_data
    from layerlab.text import print_pairs

    check_places(json_path, plots)
    check_apart(json=json_path, plots=plots)
    dataset = chosen_data(data, folder, own)
    facts, console = describe(dataset), console_for(json_path)
    if dataset.source is not None:
        print_data(dataset, console, most=len(dataset.notices))
        facts |= data_facts(dataset) or {}
    if dataset.preparation is None:
        print_pairs(describe(dataset), console)
    else:
        print_columns(dataset.preparation.described(), console)
    if plots:
        from layerlab.reporting.pictures.of_runs import data_pictures

        facts["plots"] = tell_pictures(data_pictures(dataset, plots), json_path)
    write_json(json_path, facts)


@data_app.command("fetch")
def data_fetch(data: Data, json_path: Json = None) -> None:
    """Download a dataset's files into the cache, checked by their SHA-256; cats are the only ones that need it."""
    from layerlab.datasets import known_name
    from layerlab.datasets.included.cats import fetch_cats

    check_places(json_path)
    console = console_for(json_path)
    where = None
    if known_name(data) == "cats":
        where = str(fetch_cats(tell=lambda line: console.print(line, highlight=False, markup=False)))
        console.print(f"{data} is in {where}, checksums right", highlight=False, markup=False)
    else:
        console.print(f"{data} comes with layerlab: nothing to fetch", highlight=False, markup=False)
    write_json(json_path, {"dataset": data, "folder": where})

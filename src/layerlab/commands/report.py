"""``layerlab report``: a run or a search on one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layerlab.errors import InputError

from .options import Folder, Json
from .output import check_apart, check_places, console_for, write_json

REPORT = (
    "Write all there is to know about a run, or a search, into one HTML file, pictures and all, that loads nothing "
    "and runs nothing.\n\n"
    "Data, plan, settings, cost curve, accuracy with interval and base rate, confusion matrix, wrong answers, "
    "reliability of the probabilities, diagnosis, versions, and the command that trains the run once more."
)


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="What `layerlab train` or `layerlab search` made.")],
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="A dataset or path; default what the run was trained on.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A new file for the page; default the run's name and .html.")
    ] = None,
    folder: Folder = None,
    json_path: Json = None,
) -> None:
    """One page about a run, or about a search."""
    from layerlab.reporting.report import data_of, written
    from layerlab.reporting.search_page import is_search, written_search
    from layerlab.runs.loading import load

    check_places(json_path)
    out = out or Path(f"{run.resolve().name.removesuffix('.safetensors')}.html")
    check_apart(out=out, json=json_path)
    if is_search(run):
        if data is not None or folder is not None:
            raise InputError(
                f"{run}: is a search, whose folder has all that is reported; leave --data and --folder out"
            )
        facts = written_search(run, out)
    else:
        trained = load(run)
        facts = written(trained, data_of(trained, data, folder), out)
    console = console_for(json_path)
    console.print(f"Written to {out}", highlight=False, markup=False)
    write_json(json_path, {"run": str(run), **facts, "out": str(out)})

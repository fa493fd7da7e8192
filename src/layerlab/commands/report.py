"""``layerlab report``: a run or a search on one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layerlab.errors import InputError

from .next_steps import after, usual_page
from .options import Baseline, Folder, Json, RunData
from .output import Output

REPORT = (
    "Write a report on a run or a search: one HTML page with all its pictures, for any browser.\n\n"
    "Example: [bold]layerlab report runs/flower-1[/]\n\n"
    "The report on a run says how good it is, compared with baselines, and what went wrong. It shows the wrong "
    "predictions, what the predictions depend on, the cost curve, the data and the settings, and the command that "
    "trains the run again. The page loads nothing from the internet and runs no scripts."
)


def report(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="A run or a search, as `layerlab train` or `layerlab search` saved it."),
    ],
    data: RunData = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="New file for the page; default: the run's name with .html.")
    ] = None,
    baseline: Baseline = None,
    folder: Folder = None,
    json_path: Json = None,
) -> None:
    """Write the page about a run or a search."""
    from layerlab.reporting.report import write_report
    from layerlab.reporting.run_data import dataset_of
    from layerlab.reporting.search_page import is_search, write_search_page
    from layerlab.runs.loading import load
    from layerlab.runs.writing import check_new_file

    out = out or usual_page(run)
    check_new_file(out)  # before its name is claimed, for which a folder would be made
    with Output(out=out, json=json_path) as output:
        if not is_search(run):
            trained = load(run)
            facts = write_report(trained, dataset_of(trained, data, folder), out, baseline)
            shown = ["--data", data] if data else []
            output.next_step(*after(run, trained, "explain", *shown, folder=folder))
        elif data is None and folder is None and baseline is None:
            facts = write_search_page(run, out)
            output.next_step(*_after_search(run))
        else:
            raise InputError(
                f"{run}: is a search, whose folder has all that is reported; leave --data, --folder and --baseline out"
            )
        output.made.append(str(out))
        output.keep({"run": str(run), **facts, "out": str(out)})
        output.say(f"Saved in {out}: open it in a browser.")


def _after_search(folder: Path) -> tuple[str, ...]:
    """Return the command that reports the first network that the search chose, if it kept one."""
    from layerlab.runs.loading import load

    chosen = sorted(path.parent for path in folder.glob("chosen/*/run.json"))
    return after(chosen[0], load(chosen[0])) if chosen else ("layerlab", "predict", "--help")

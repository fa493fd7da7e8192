"""The command that searches: ``layerlab search DATA --trials N``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.runs.writing import check_new_file

from .data_options import chosen_data, takes_data, told_data
from .options import Data, Folder, Json, Plots
from .output import check_apart, check_places, console_for, fail, tell_pictures, write_json

if TYPE_CHECKING:
    from layerlab.datasets import Dataset
    from layerlab.tuning.search.result import Search

SEARCH = (
    "Choose hyperparameters: try many networks on folds of the training part, keep the best, and say what it is "
    "worth on data that chose nothing.\n\n"
    "The search is kept in a folder: Ctrl-C, a kill or a power cut lose nothing, [bold]--resume[/] goes on, and "
    "several processes may work in it. The test part is looked at once, at the end. [bold]--show-space[/] prints what "
    "would be tried, as TOML that can be edited and given back with --space."
)


@takes_data
def search(
    data: Data,
    trials: Annotated[int, typer.Option(metavar="N", help="How many networks are tried.")] = 100,
    space: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML with what may be tried, where it is not the usual.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="cost|accuracy", help="The held-out figure that ranks; default accuracy, of values cost."),
    ] = None,
    folds: Annotated[int, typer.Option(help="Parts of the training examples, each held out once.")] = 5,
    seeds: Annotated[int, typer.Option(help="Initial weights that each network is tried with.")] = 1,
    halving: Annotated[
        int, typer.Option(metavar="N", help="One of N goes on at a sixteenth and a quarter (N = 4); 1 for all.")
    ] = 4,
    outer: Annotated[
        int, typer.Option(metavar="N", help="Repeat the whole search without each of N outer folds, and count there.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Of the proposals, the folds and the first initial weights.")] = 0,
    batch: Annotated[
        int | None, typer.Option(metavar="N", help="Networks proposed together; default an eighth, 16 to 256.")
    ] = None,
    ensemble: Annotated[
        bool, typer.Option("--ensemble/--no-ensemble", help="Whether the average of the best may be chosen.")
    ] = True,
    rank_on_test: Annotated[
        bool, typer.Option("--rank-on-test", help="Rank by the test part: a leak, and labelled as one.")
    ] = False,
    dtype: Annotated[str, typer.Option(help="Type of all numbers: float64, float32.")] = "float64",
    engine: Annotated[str, typer.Option(help="What runs the updates: auto, numpy, xla.")] = "auto",
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes that train; default one a core, 0 trains in this one.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="WHERE", help="Workers of a dask cluster: local:2, tcp://host:8786.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The search's folder; default runs/DATA-search.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the search in that folder, or work in it beside others.")
    ] = False,
    show_space: Annotated[
        bool, typer.Option("--show-space", help="Print what may be tried, and train nothing.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write a page about the search into a new file.")
    ] = None,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
    own: Any = None,
) -> None:
    """Hyperparameters chosen systematically, and honestly reported."""
    from layerlab.tuning.search.words import print_search

    if show_space:
        print(_space_text(chosen_data(data, folder, own), space), end="")
        return
    check_places(json_path, plots)
    check_apart(out=out, json=json_path, plots=plots, report=report, space=space)
    if report is not None:
        check_new_file(report)
    console = console_for(json_path)
    dataset = told_data(chosen_data(data, folder, own), console)
    out = out or Path("runs") / f"{dataset.name}-search"
    done = _searched(
        dataset,
        out,
        trials=trials,
        space=space,
        by=by,
        folds=folds,
        seeds=seeds,
        halving=halving,
        outer=outer,
        seed=seed,
        batch=batch,
        ensemble=ensemble,
        rank_on_test=rank_on_test,
        dtype=dtype,
        engine=engine,
        workers=workers,
        cluster=cluster,
        resume=resume,
    )
    facts = done.facts()
    print_search(facts, console)
    console.print(_kept_text(done), highlight=False, markup=False, soft_wrap=True)
    if plots and not done.interrupted:
        from layerlab.reporting.pictures.of_searches import search_pictures

        facts["plots"] = tell_pictures(search_pictures(facts, plots), json_path)
    if report and not done.interrupted:
        from layerlab.reporting.search_page import search_page
        from layerlab.runs.writing import write_text

        write_text(report, search_page(facts))
        console.print(f"Written to {report}", highlight=False, markup=False)
    write_json(json_path, facts)
    if done.interrupted:
        looked = "" if done.looked else "; the test part was not looked at"
        fail(f"interrupted: {GO_ON}{looked}", 1)


GO_ON = "the same command with --resume goes on"


def _searched(dataset: Dataset, out: Path, **asked: Any) -> Search:
    """The search, watched on a terminal.

    Raises:
        InputError: what was asked is not right.
    """
    from layerlab.tuning.search.progress_view import watching
    from layerlab.tuning.search.search import search

    try:
        with watching() as watcher:
            return search(dataset, folder=out, watcher=watcher, **asked)
    except KeyboardInterrupt:  # after the trials, while the choice is trained on all examples
        fail(f"interrupted: {GO_ON}", 1)


def _kept_text(done: Search) -> str:
    """Where the search is, and what one does with it."""
    if done.interrupted or done.choice is None:
        return f"Kept in {done.folder}"
    first, *others = (f"{done.folder}/chosen/trial-{number}" for number in done.choice.trials)
    together = "".join(f" --with {other}" for other in others)
    return f"Kept in {done.folder}\nTry: layerlab predict {first}{together} FILE, or layerlab report {done.folder}"


def _space_text(dataset: Dataset, path: Path | None) -> str:
    """What would be tried, as TOML with a comment on each line."""
    from layerlab.evaluating.comparisons.recipe_training import hold_out_and_standardize
    from layerlab.network import output_for
    from layerlab.tuning.search.proposals.space import KNOWN, Range, space_from, usual_space, with_changes

    ready, _ = hold_out_and_standardize(dataset)
    usual = usual_space(ready.n_x, ready.train.X.shape[1], output_for(ready.train.Y) != "identity")
    lines = []
    for name, one in with_changes(usual, {} if path is None else space_from(path)).dimensions.items():
        setting = KNOWN[name.partition(" (")[0]]
        key = name if name.isidentifier() else f'"{name}"'
        if isinstance(one, Range):
            low, high = (repr(setting.kind(bound)) for bound in (one.low, one.high))
            value = f"{{ low = {low}, high = {high}{', log = true' if one.log else ''} }}"
        else:
            value = f"[{', '.join(_toml(value) for value in one)}]"
        lines.append(f"# {setting.help}\n{key} = {value}\n")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)

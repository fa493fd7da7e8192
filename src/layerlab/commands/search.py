"""``layerlab search``: hyperparameters chosen by trying many networks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.runs.claims import short_name
from layerlab.runs.writing import check_new_file, write_text

from .options import Data, Folder, Json, Plots, takes_data
from .output import Output, fail

if TYPE_CHECKING:
    from layerlab.datasets import Dataset
    from layerlab.tuning.search.result import Search

GO_ON = "the same command with --resume goes on"

SEARCH = (
    "Find good hyperparameters: try many networks by cross-validation, keep the best, and say how good it really "
    "is.\n\n"
    "Example: [bold]layerlab search flower --trials 30[/]\n\n"
    "The test set is used once, at the end, and never for choosing. The dataset's own networks take part as reference "
    "networks. The search is saved in a folder. After Ctrl-C, a crash or a power cut, the same command with --resume "
    "continues it, and several processes may work in one folder. --show-space prints what would be tried, as TOML. "
    "You can edit that and give it back with --space."
)


@takes_data
def search(
    context: typer.Context,
    data: Data,
    trials: Annotated[int, typer.Option(metavar="N", help="How many networks to try.")] = 100,
    space: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="TOML file with what may be tried; default: what --show-space prints."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="SCORE",
            help="Score on the held-out examples that ranks the networks: cost, accuracy, balanced_accuracy, roc_auc, "
            "average_precision; default: accuracy, for regression cost.",
        ),
    ] = None,
    folds: Annotated[int, typer.Option(help="Number of folds of the training set; each is held out once.")] = 5,
    seeds: Annotated[int, typer.Option(help="Train each network with this many different initial weights.")] = 1,
    halving: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Only the best of N networks train on after 1/16 and 1/4 of the updates (N = 4); 1: all of them.",
        ),
    ] = 4,
    outer: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Nested cross-validation: repeat the whole search N times, and measure it on N outer folds; 0: no.",
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the proposals, the folds and the first initial weights.")] = 0,
    batch: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="How many networks are proposed together; default: an eighth of them, 16 to 256."
        ),
    ] = None,
    ensemble: Annotated[
        bool,
        typer.Option(
            "--ensemble/--no-ensemble", help="Whether the average of several of the best networks may be chosen."
        ),
    ] = True,
    rank_on_test: Annotated[
        bool, typer.Option("--rank-on-test", help="Rank by the test set: this is a leak, and the result says so.")
    ] = False,
    dtype: Annotated[str, typer.Option(help="Floating-point type of all numbers: float64, float32.")] = "float64",
    engine: Annotated[str, typer.Option(help="What computes the updates: auto, numpy, xla.")] = "auto",
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Number of processes that train; default: one per core; 0: this process."),
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="WHERE", help="Train on a dask cluster, such as local:2 or tcp://host:8786.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the search; default: runs/DATA-search.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the search in that folder, or help other processes with it.")
    ] = False,
    show_space: Annotated[bool, typer.Option("--show-space", help="Only print what may be tried.")] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Also write a report on the search into this new file."),
    ] = None,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
    *,
    data_options: Mapping[str, Any],
) -> None:
    """Search for hyperparameters, keep the best networks, and print what they are worth."""
    from layerlab.reporting.pictures.of_searches import search_pictures
    from layerlab.reporting.search_page import search_page
    from layerlab.tuning.search.words import print_search

    from .inputs import dataset_for
    from .next_steps import again

    if show_space:
        print(_space_text(dataset_for(data, folder, data_options), space), end="")
        return
    several = "out", "space"  # several processes may work in one folder
    with Output(out=out, json=json_path, plots=plots, report=report, space=space, shared=several) as output:
        if report is not None:
            check_new_file(report)
        dataset = dataset_for(data, folder, data_options, output.console)
        result = _run_search(
            dataset,
            folder=out or Path("runs") / f"{short_name(dataset.name)}-search",
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
        output.made.append(str(result.folder))
        output.keep(result.facts())
        print_search(output.facts, output.console)
        output.say(_saved_text(result), soft_wrap=True)
        output.failure = _failure(result)
        if result.interrupted:
            output.next_step(*again(context, "search", out=result.folder, resume=True))
            return
        if report is not None:
            write_text(report, search_page(output.facts))
            output.made.append(str(report))
            output.say(f"Saved in {report}")
        output.draw(search_pictures, output.facts)
        output.next_step("layerlab", "report", result.folder)


def _run_search(dataset: Dataset, **arguments: Any) -> Search:
    """Run the search, its progress shown on a terminal; Ctrl-C after the last trial ends the process.

    Raises:
        InputError: an argument is not right.
    """
    from layerlab.tuning.search.progress_view import watching
    from layerlab.tuning.search.search import search

    try:
        with watching() as watcher:
            return search(dataset, watcher=watcher, **arguments)
    except KeyboardInterrupt:  # after the trials, while the choice is trained on all examples
        fail(f"interrupted: {GO_ON}", 1)


def _failure(result: Search) -> str:
    """Say why the search did not come to a good end, or ""."""
    if result.interrupted:
        return f"interrupted: {GO_ON}{'' if result.looked else '; the test set was not used'}"
    if result.diverged:
        return "the choice diverged when it was trained on the whole training set, and was not saved"
    return ""


def _saved_text(result: Search) -> str:
    """Say where the search is, and in it the chosen networks."""
    if result.choice is None or not result.runs:
        return f"Saved in {result.folder}"
    first, *others = (f"{result.folder}/{result.place(number)}" for number in result.choice.trials)
    if not others:
        return f"Saved in {result.folder}, the chosen network in {first}"
    together = " ".join(f"--with {other}" for other in others)
    return f"Saved in {result.folder}, the chosen networks in {first} and beside it: predict {first} {together} FILE"


def _space_text(dataset: Dataset, path: Path | None) -> str:
    """Return the search space as TOML, each setting below a comment that says what it is.

    Args:
        dataset: what would be searched on; the usual space depends on its sizes.
        path: a TOML file with changes to the usual space, or None.
    """
    from layerlab.evaluating.comparisons.recipe_training import hold_out_and_standardize
    from layerlab.network import output_for
    from layerlab.tuning.search.proposals.space import SEARCHABLE, Range, read_space, usual_space, with_changes

    ready, _ = hold_out_and_standardize(dataset)
    usual = usual_space(ready.n_x, ready.train.X.shape[1], output_for(ready.train.Y) != "identity")
    lines = []
    for name, dimension in with_changes(usual, {} if path is None else read_space(path)).dimensions.items():
        setting = SEARCHABLE[name.partition(" (")[0]]
        key = name if name.isidentifier() else f'"{name}"'
        if isinstance(dimension, Range):
            low, high = (repr(setting.kind(bound)) for bound in (dimension.low, dimension.high))
            value = f"{{ low = {low}, high = {high}{', log = true' if dimension.log else ''} }}"
        else:
            value = f"[{', '.join(_toml(value) for value in dimension)}]"
        lines.append(f"# {setting.help}\n{key} = {value}\n")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)

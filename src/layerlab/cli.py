"""The command line: parses, calls, prints. Every command that computes has ``--json PATH``.

Exit status: 0 done, 1 the work failed (a download, a diverged or interrupted training), 2 the request was wrong.
"""

from __future__ import annotations

import io
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import InputError, WorkError
from .options import Data, Explain, Folder, Hidden, Json, Plots, Standardize, Validation, takes_settings
from .output import check_places, write_json
from .recipes import SUITES
from .settings import VARIED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from .datasets import Dataset, Part
    from .training.plan import Plan

GO_ON = "; the same command with --resume goes on"

INTERRUPTED = 130
"""What the parser returns for a Ctrl-C that nobody handled."""

app = typer.Typer(
    name="layerlab",
    help=(
        "Neural networks you can read, watch and trust.\n\n"
        "Start with [bold]layerlab compare[/]: three networks on real "
        f"handwritten digits, compared on the same test set. Data: {', '.join(SUITES)}."
    ),
    epilog="Exit status: 0 done, 1 the work failed, 2 the request was wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
data_app = typer.Typer(help="What there is to learn from: list, describe, fetch.", no_args_is_help=True)
app.add_typer(data_app, name="data")


def main() -> None:
    """Run a command; an error is one sentence on standard error, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot print "×" gets "?", not an error
    try:
        if app(prog_name="layerlab", standalone_mode=False) == INTERRUPTED:
            raise KeyboardInterrupt
    except InputError as error:
        _fail(str(error), 2)
    except WorkError as error:
        _fail(str(error), 1)
    except KeyboardInterrupt:
        _fail("interrupted", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left: nothing more to say
        sys.exit(1)
    except OSError as error:
        _fail(f"{error.filename or 'a file'}: {error.strerror or error}", 1)
    except MemoryError:
        _fail("not enough memory for this request: choose smaller layers or less data", 1)
    except Exception as error:
        if hasattr(error, "format_message"):  # typer's, about what was asked
            _refuse(error)
        if os.environ.get("LAYERLAB_DEBUG"):
            raise
        _fail(f"a mistake in layerlab itself ({type(error).__name__}: {error}); LAYERLAB_DEBUG=1 shows where", 1)


def _refuse(error: Any) -> None:
    """What the parser says to options and arguments it does not know, in one sentence; bare groups show their help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        sys.exit(2)
    command = error.ctx.command_path if getattr(error, "ctx", None) else "layerlab"
    _fail(f"{error.format_message().rstrip('.')}; `{command} --help` shows what there is", 2)


def _fail(sentence: str, status: int) -> None:
    print(f"layerlab: {sentence}", file=sys.stderr)
    sys.exit(status)


@app.command(
    help=(
        "Train a logistic regression, a 2-layer and a 4-layer network on the same data and compare them honestly.\n\n"
        "Accuracies come with 95 % intervals and the base rate, pairs of networks with an exact test on the examples "
        "on which they disagree. On cats the settings are the notes' published ones. One split of a small test set "
        "says little: [bold]--splits 16[/] deals the examples anew sixteen times."
    )
)
def compare(
    data: Data = "digits",
    folder: Folder = None,
    seeds: Annotated[int, typer.Option(min=1, help="Repeat with this many initial weights.")] = 1,
    splits: Annotated[
        int, typer.Option(min=0, help="Deal all examples anew into two parts this often (2 or more).")
    ] = 0,
    plots: Plots = None,
    json_path: Json = None,
) -> None:
    """The main job: several networks on the same data."""
    from .comparison import compare as compare_networks
    from .tables import print_comparison

    check_places(json_path, plots)
    result = compare_networks(data, seeds=seeds, splits=splits, folder=folder)
    print_comparison(result, _console(json_path))
    facts = result.facts()
    if plots and not result.interrupted:
        from .gallery import comparison_pictures

        facts["plots"] = _tell_pictures(comparison_pictures(result, plots), json_path)
    write_json(json_path, facts)
    if result.interrupted:
        _fail("interrupted: not all networks were trained to the end", 1)


@app.command(
    help=(
        "Train one network and keep it in a folder: model.safetensors and run.json.\n\n"
        "What is not given comes from the dataset's own 2-layer network, or with --layers from its network that is as "
        "deep. Ctrl-C keeps what was trained until then."
    )
)
@takes_settings()
def train(
    data: Data,
    layers: Annotated[
        str | None, typer.Option(metavar="20,7,5", help="Sizes of the hidden layers, or none for logistic regression.")
    ] = None,
    hidden: Hidden = None,
    standardize: Standardize = None,
    validation: Validation = None,
    explain: Explain = False,
    out: Annotated[
        Path | None, typer.Option(metavar="RUN", help="A new folder for the run; default runs/DATA-1, -2, …")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep all that is needed to go on, every 30 seconds.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint, if there is one.")] = False,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
    **settings: Any,
) -> None:
    """One network, trained and saved."""
    from .jobs import free_folder, recipes_for, train_facts
    from .tables import print_run
    from .training.storage import check_new
    from .training.watching import deferred
    from .trials import explain_fit, fit

    check_places(json_path, plots)
    name, dataset, held_out = _prepared(data, folder, standardize, validation)
    settings["validation"] = held_out
    (recipe,) = recipes_for(name, [] if layers is None else [layers], hidden, usual=1)
    console = _console(json_path)
    if explain:
        _tell_plans([explain_fit(recipe, dataset, **settings)], console, json_path)
        return
    out = check_new(out or free_folder(Path("runs"), name))
    with deferred():  # nobody interrupts between the last update and the saved run
        progress = recipe.name if sys.stderr.isatty() else False
        run = fit(recipe, dataset, progress=progress, checkpoint=checkpoint, resume=resume, **settings)
        if not len(run.history.costs):
            _fail("interrupted before the first update; no run was kept", 1)
        facts = train_facts(run, dataset)
        print_run(run, facts, console)
        diverged = any(finding.kind == "diverged" for finding in run.diagnosis)
        if not diverged:
            facts["out"] = str(run.save(out))
    if checkpoint and not run.history.interrupted:
        checkpoint.unlink(missing_ok=True)  # it has done its duty
    if not diverged:
        console.print(f"Kept in {out}", highlight=False, markup=False)
        if run.image_shape:
            console.print(f"Try: layerlab predict {out} photo.jpg", highlight=False, markup=False)
    if plots and not diverged:
        from .gallery import run_pictures

        facts["plots"] = _tell_pictures(run_pictures(run, dataset, plots), json_path)
    write_json(json_path, facts)
    if diverged:
        _fail("the training diverged; no run was kept", 1)
    if run.history.interrupted:
        _fail(f"interrupted: the run holds what was trained until then{GO_ON * bool(checkpoint)}", 1)


@app.command(
    help=(
        "Train the product of several settings at once, as one population, and say what each cost curve did.\n\n"
        "[bold]layerlab sweep cats --learning-rate 0.01,0.001,0.0001[/] draws the notes' learning-rate figure. What is "
        "not given comes from the dataset's own logistic regression, as in the notes; with --layers from its network "
        "that is as deep."
    )
)
@takes_settings(several=VARIED)
def sweep(
    data: Data,
    layers: Annotated[
        list[str] | None,
        typer.Option(metavar="20,7,5", help="Hidden layers, or none for logistic regression; repeat for several."),
    ] = None,
    hidden: Hidden = None,
    memory_gib: Annotated[
        float | None, typer.Option(help="GiB that the networks may need beside the data; default half of what is free.")
    ] = None,
    standardize: Standardize = None,
    validation: Validation = None,
    explain: Explain = False,
    folder: Folder = None,
    plots: Annotated[Path, typer.Option("--plots", metavar="DIR", help="Draw the curves into this folder.")] = Path(
        "plots"
    ),
    json_path: Json = None,
    **settings: Any,
) -> None:
    """Several networks at once, and their curves."""
    from .jobs import explain_sweep, fit_sweep, recipes_for, several, sweep_facts
    from .tables import print_sweep

    check_places(json_path, plots)
    name, dataset, held_out = _prepared(data, folder, standardize, validation)
    recipes = recipes_for(name, layers or [], hidden, usual=0)
    settings = {"validation": held_out} | {name: several(name, value) for name, value in settings.items()}
    console = _console(json_path)
    if explain:
        _tell_plans(explain_sweep(recipes, dataset, memory_gib=memory_gib, **settings), console, json_path)
        return
    progress = "sweep" if sys.stderr.isatty() else False
    result = fit_sweep(recipes, dataset, memory_gib=memory_gib, progress=progress, **settings)
    facts = sweep_facts(result, dataset)
    print_sweep(result, facts["members"], console)
    if not result.interrupted:
        from .gallery import sweep_pictures

        facts["plots"] = _tell_pictures(sweep_pictures(result, dataset.name, plots), json_path)
    write_json(json_path, facts)
    if result.interrupted:
        _fail("interrupted: the table shows how far the networks came; a sweep keeps nothing else", 1)


@app.command(
    help=(
        "Predict the class of photographs, with the probability of each class.\n\n"
        "A photograph goes the way of the training images: turned upright, put on white where it is transparent, and "
        "brought to their size and colours; nothing is cropped."
    )
)
def predict(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `layerlab train` made.")],
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO…", help="JPEG, PNG or WebP files of any size.")],
    json_path: Json = None,
) -> None:
    """Classes and probabilities of photographs."""
    from .jobs import predict_photos
    from .tables import print_predictions
    from .training.run import load

    check_places(json_path)
    trained = load(run)
    predictions = predict_photos(trained, photos)
    print_predictions(predictions, _console(json_path))
    write_json(json_path, {"run": str(run), "predictions": predictions})


@app.command(
    help=(
        "Write all there is to know about a run into one HTML file, pictures and all, that loads nothing and runs "
        "nothing.\n\n"
        "Data, plan, settings, cost curve, accuracy with interval and base rate, confusion matrix, wrong answers, "
        "reliability of the probabilities, diagnosis, versions, and the command that trains the run once more."
    )
)
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `layerlab train` made.")],
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="The dataset by name; default the one that the run names.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="A new file for the page.")] = Path("report.html"),
    folder: Folder = None,
    json_path: Json = None,
) -> None:
    """One page about a run."""
    from .reporting.report import data_of, written
    from .training.run import load

    check_places(json_path)
    trained = load(run)
    facts = written(trained, data_of(trained, data, folder), out)
    console = _console(json_path)
    console.print(f"Written to {out}", highlight=False, markup=False)
    write_json(json_path, {"run": str(run), **facts, "out": str(out)})


@app.command(
    help=(
        "Write a run as a model that needs no layerlab, and check it on the test part of its dataset.\n\n"
        "[bold]onnx[/] is one file for onnxruntime and its kin, [bold]numpy[/] a folder with a readable predict.py and "
        "its weights. Both take examples in rows, as they came: the run's standardisation is in the model. Where the "
        "answers deviate from layerlab's, nothing is kept."
    )
)
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `layerlab train` made.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new file for onnx, a new folder for numpy.")],
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="onnx or numpy.")] = "onnx",
    folder: Folder = None,
    json_path: Json = None,
) -> None:
    """A model for other software."""
    from .jobs import export_run
    from .training.run import load

    check_places(json_path)
    if json_path is not None and json_path.resolve() == path.resolve():
        raise InputError(f"{json_path}: is the model's place too; name another file for the JSON")
    facts = export_run(load(run), path, form, folder)
    _console(json_path).print(
        f"Kept in {path}: on the {facts['examples']:,} test examples of {facts['dataset']} it deviates from layerlab's "
        f"own prediction by {facts['deviation']:.1g} at most (tolerance {facts['tolerance']:.0e}).",
        highlight=False,
        markup=False,
    )
    write_json(json_path, facts)


@data_app.command("list")
def data_list(json_path: Json = None) -> None:
    """Every dataset by name, in a sentence."""
    from .datasets import ABOUT
    from .tables import print_pairs

    check_places(json_path)
    print_pairs(ABOUT, _console(json_path))
    write_json(json_path, {"datasets": ABOUT})


@data_app.command("describe")
def data_describe(data: Data, folder: Folder = None, json_path: Json = None) -> None:
    """Sizes, classes, ranges and base rate of a dataset."""
    from .datasets import load_dataset
    from .jobs import describe
    from .tables import print_pairs

    check_places(json_path)
    facts = describe(load_dataset(data, folder))
    print_pairs(facts, _console(json_path))
    write_json(json_path, facts)


@data_app.command("fetch")
def data_fetch(data: Data, json_path: Json = None) -> None:
    """Download a dataset's files into the cache, checked by their SHA-256; cats are the only ones that need it."""
    from .datasets import known_name
    from .datasets.cats import fetch_cats

    check_places(json_path)
    console = _console(json_path)
    where = None
    if known_name(data) == "cats":
        where = str(fetch_cats(tell=lambda line: console.print(line, highlight=False, markup=False)))
        console.print(f"{data} is in {where}, checksums right", highlight=False, markup=False)
    else:
        console.print(f"{data} comes with layerlab: nothing to fetch", highlight=False, markup=False)
    write_json(json_path, {"dataset": data, "folder": where})


@app.command()
def doctor(
    measure: Annotated[
        bool, typer.Option("--measure", help="Time this machine's engines first, for the planner; about 20 seconds.")
    ] = False,
    json_path: Json = None,
) -> None:
    """Versions, threads, engines and caches of this installation, and whether a gradient check passes."""
    from .jobs import examine, measure_machine
    from .tables import print_pairs

    check_places(json_path)
    if measure:
        measure_machine(lambda line: print(f"measuring {line}", file=sys.stderr))
    facts = examine()
    print_pairs(facts, _console(json_path))
    write_json(json_path, facts)
    if not facts["gradient check"].startswith("right"):
        _fail("the gradient check failed: this installation computes wrong numbers", 1)


def _prepared(
    data: str, folder: Path | None, standardize: bool | None, validation: float | None
) -> tuple[str, Dataset, Part | None]:
    """A dataset by its name, with a part held out if asked for, standardised if asked for or if its suite is."""
    from .datasets import known_name, load_dataset
    from .datasets.dataset import hold_out

    name = known_name(data)
    dataset, held_out = load_dataset(name, folder), None
    if validation is not None:
        dataset, held_out = hold_out(dataset, validation)
    if not (SUITES[name].standardize if standardize is None else standardize):
        return name, dataset, held_out
    dataset = dataset.standardized()
    if held_out is not None and dataset.standardization is not None:
        held_out = held_out._replace(X=dataset.standardization(held_out.X))
    return name, dataset, held_out


def _tell_plans(plans: Sequence[Plan], console: Console, json_path: Path | None) -> None:
    """How something would be computed."""
    for plan in plans:
        console.print(plan.explain(), highlight=False, markup=False, soft_wrap=True)
    write_json(json_path, {"plans": [asdict(plan) for plan in plans]})


def _console(json_path: Path | None) -> Console:
    """Standard output, or standard error where standard output carries JSON."""
    from rich.console import Console

    return Console(stderr=json_path == Path("-"))


def _tell_pictures(paths: list[Path], json_path: Path | None) -> list[str]:
    names = [str(path) for path in paths]
    _console(json_path).print("Pictures: " + ", ".join(names), highlight=False, markup=False)
    return names

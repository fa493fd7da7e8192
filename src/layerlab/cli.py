"""The command line: parses, calls, prints. Every command that computes has ``--json PATH``.

Exit status: 0 done, 1 the work failed (a download, a diverged or interrupted training), 2 the request was wrong.
"""

from __future__ import annotations

import io
import json
import math
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import InputError, WorkError
from .recipes import SUITES
from .settings import SETTINGS

if TYPE_CHECKING:
    from rich.console import Console

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

Data = Annotated[str, typer.Argument(metavar="DATA", help="A dataset by name; `layerlab data list` shows them.")]
Folder = Annotated[
    Path | None, typer.Option(help="Where the files are (cats); else LAYERLAB_DATA, the cache, a download.")
]
Json = Annotated[
    Path | None, typer.Option("--json", metavar="PATH", help="Write the facts as JSON; - is standard output.")
]
Plots = Annotated[
    Path | None, typer.Option("--plots", metavar="DIR", help="Draw pictures into this folder, PNG and SVG.")
]


def main() -> None:
    """Run a command; an error is one sentence on standard error, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot print "×" gets "?", not an error
    try:
        app(prog_name="layerlab")
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
        if os.environ.get("LAYERLAB_DEBUG"):
            raise
        _fail(f"a mistake in layerlab itself ({type(error).__name__}: {error}); LAYERLAB_DEBUG=1 shows where", 1)


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

    _check_places(json_path, plots)
    result = compare_networks(data, seeds=seeds, splits=splits, folder=folder)
    print_comparison(result, _console(json_path))
    facts = result.facts()
    if plots and not result.interrupted:
        from .gallery import comparison_pictures

        facts["plots"] = _tell_pictures(comparison_pictures(result, plots), json_path)
    _write_json(json_path, facts)
    if result.interrupted:
        _fail("interrupted: not all networks were trained to the end", 1)


@app.command(
    help=(
        "Train one network and keep it in a folder: model.safetensors and run.json.\n\n"
        "What is not given comes from the dataset's own 2-layer network. Ctrl-C keeps what was trained until then."
    )
)
def train(
    data: Data,
    layers: Annotated[
        str | None, typer.Option(metavar="20,7,5", help="Sizes of the hidden layers, or none for logistic regression.")
    ] = None,
    hidden: Annotated[
        str | None, typer.Option(help="Hidden activation: relu, tanh, sigmoid, leaky_relu, identity.")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(help=SETTINGS["learning_rate"].help + ".")] = None,
    iterations: Annotated[int | None, typer.Option(help=SETTINGS["iterations"].help + ".")] = None,
    initializer: Annotated[
        str | None, typer.Option(help=f"{SETTINGS['initializer'].help}: {', '.join(SETTINGS['initializer'].choices)}.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help=SETTINGS["seed"].help + ".")] = None,
    dtype: Annotated[str, typer.Option(help=SETTINGS["dtype"].help + ": float64 or float32.")] = "float64",
    standardize: Annotated[
        bool | None, typer.Option(help="Features to mean 0 and deviation 1, by the training part.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="RUN", help="A new folder for the run; default runs/DATA-1, -2, …")
    ] = None,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
) -> None:
    """One network, trained and saved."""
    from .datasets import known_name, load_dataset
    from .jobs import free_folder, recipe_for, train_facts
    from .tables import print_run
    from .training.storage import check_new_folder
    from .trials import fit

    _check_places(json_path, plots)
    name = known_name(data)
    out = check_new_folder(out or free_folder(Path("runs"), name))
    dataset = load_dataset(name, folder)
    given = {"learning_rate": learning_rate, "iterations": iterations, "initializer": initializer, "seed": seed}
    recipe = recipe_for(name, layers, hidden, **given)
    if SUITES[name].standardize if standardize is None else standardize:
        dataset = dataset.standardized()
    run = fit(recipe, dataset, dtype=dtype, progress=recipe.name if sys.stderr.isatty() else False)
    console = _console(json_path)
    facts = train_facts(run, dataset)
    print_run(run, facts, console)
    diverged = any(finding.kind == "diverged" for finding in run.diagnosis)
    if not diverged:
        facts["out"] = str(run.save(out))
        console.print(f"Kept in {out}", highlight=False, markup=False)
        if run.image_shape:
            console.print(f"Try: layerlab predict {out} photo.jpg", highlight=False, markup=False)
    if plots and not diverged:
        from .gallery import run_pictures

        facts["plots"] = _tell_pictures(run_pictures(run, dataset, plots), json_path)
    _write_json(json_path, facts)
    if diverged:
        _fail("the training diverged; no run was kept", 1)
    if run.history.interrupted:
        _fail("interrupted: the run holds what was trained until then", 1)


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

    _check_places(json_path)
    trained = load(run)
    predictions = predict_photos(trained, photos)
    print_predictions(predictions, _console(json_path))
    _write_json(json_path, {"run": str(run), "predictions": predictions})


@data_app.command("list")
def data_list(json_path: Json = None) -> None:
    """Every dataset by name, in a sentence."""
    from .datasets import ABOUT
    from .tables import print_pairs

    _check_places(json_path)
    print_pairs(ABOUT, _console(json_path))
    _write_json(json_path, {"datasets": ABOUT})


@data_app.command("describe")
def data_describe(data: Data, folder: Folder = None, json_path: Json = None) -> None:
    """Sizes, classes, ranges and base rate of a dataset."""
    from .datasets import load_dataset
    from .jobs import describe
    from .tables import print_pairs

    _check_places(json_path)
    facts = describe(load_dataset(data, folder))
    print_pairs(facts, _console(json_path))
    _write_json(json_path, facts)


@data_app.command("fetch")
def data_fetch(data: Data, json_path: Json = None) -> None:
    """Download a dataset's files into the cache, checked by their SHA-256; cats are the only ones that need it."""
    from .datasets import known_name
    from .datasets.cats import fetch_cats

    _check_places(json_path)
    console = _console(json_path)
    where = None
    if known_name(data) == "cats":
        where = str(fetch_cats(tell=lambda line: console.print(line, highlight=False, markup=False)))
        console.print(f"{data} is in {where}, checksums right", highlight=False, markup=False)
    else:
        console.print(f"{data} comes with layerlab: nothing to fetch", highlight=False, markup=False)
    _write_json(json_path, {"dataset": data, "folder": where})


@app.command()
def doctor(json_path: Json = None) -> None:
    """Versions, threads, engines and caches of this installation, and whether a gradient check passes."""
    from .jobs import examine
    from .tables import print_pairs

    _check_places(json_path)
    facts = examine()
    print_pairs(facts, _console(json_path))
    _write_json(json_path, facts)
    if not facts["gradient check"].startswith("right"):
        _fail("the gradient check failed: this installation computes wrong numbers", 1)


def _console(json_path: Path | None) -> Console:
    """Standard output, or standard error where standard output carries JSON."""
    from rich.console import Console

    return Console(stderr=json_path == Path("-"))


def _check_places(json_path: Path | None, folder: Path | None = None) -> None:
    """Places to write to are tried out before any long work."""
    if json_path is not None and json_path != Path("-"):
        if json_path.is_dir():
            raise InputError(f"{json_path}: is a folder; name a file for the JSON")
        _try_folder(json_path.parent, json_path)
    if folder is not None:
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder}: is a file; name a folder for the pictures")
        place = folder
        while not place.exists():
            place = place.parent
        _try_folder(place, folder)


def _try_folder(place: Path, wanted: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise InputError(f"{wanted}: cannot be written ({error.strerror}); name another place") from error


def _tell_pictures(paths: list[Path], json_path: Path | None) -> list[str]:
    names = [str(path) for path in paths]
    _console(json_path).print("Pictures: " + ", ".join(names), highlight=False, markup=False)
    return names


def _write_json(path: Path | None, facts: Any) -> None:
    """Facts as JSON, written aside and renamed; a number that is not finite becomes null."""
    if path is None:
        return
    text = json.dumps(_finite(facts), indent=1, allow_nan=False, ensure_ascii=False)
    if path == Path("-"):
        print(text)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    aside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        aside.chmod(0o644)
        aside.replace(path)
    except OSError as error:
        raise WorkError(f"{path}: writing failed ({error.strerror}); nothing was left there") from error
    finally:
        aside.unlink(missing_ok=True)


def _finite(facts: Any) -> Any:
    if isinstance(facts, float) and not math.isfinite(facts):
        return None
    if isinstance(facts, dict):
        return {key: _finite(value) for key, value in facts.items()}
    return [_finite(value) for value in facts] if isinstance(facts, list | tuple) else facts

"""The command line: parses, calls, prints. Every command that computes has ``--json PATH``.

Exit status: 0 done, 1 the work failed (a download, a diverged or interrupted training), 2 the request was wrong.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError, WorkError
from layerlab.evaluating.comparisons.recipes import SUITES

from .data_options import chosen_data, takes_data
from .options import Data, Folder, Json, Plots
from .output import DASH, check_apart, check_places, console_for, fail, tell_pictures, write_json
from .rate import RATE, rate
from .search import SEARCH, search
from .train import COMPARE, SWEEP, TRAIN, compare, sweep, train

if TYPE_CHECKING:
    from layerlab.datasets import Dataset
    from layerlab.runs.run import Run

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
        fail(str(error), 2)
    except WorkError as error:
        fail(str(error), 1)
    except KeyboardInterrupt:
        fail("interrupted", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left: nothing more to say
        sys.exit(1)
    except OSError as error:
        fail(f"{error.filename or 'a file'}: {error.strerror or error}", 1)
    except MemoryError:
        fail("not enough memory for this request: choose smaller layers or less data", 1)
    except Exception as error:
        if hasattr(error, "format_message"):  # typer's, about what was asked
            _refuse(error)
        if os.environ.get("LAYERLAB_DEBUG"):
            raise
        fail(f"a mistake in layerlab itself ({type(error).__name__}: {error}); LAYERLAB_DEBUG=1 shows where", 1)


def _refuse(error: Any) -> None:
    """What the parser says to options and arguments it does not know, in one sentence; bare groups show their help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        sys.exit(2)
    command = error.ctx.command_path if getattr(error, "ctx", None) else "layerlab"
    fail(f"{error.format_message().rstrip('.')}; `{command} --help` shows what there is", 2)


app.command(help=COMPARE)(compare)
app.command(help=TRAIN)(train)
app.command(help=SWEEP)(sweep)
app.command(help=RATE)(rate)
app.command(help=SEARCH)(search)


@app.command(
    help=(
        "Predict: classes with their probabilities, or values, of new examples.\n\n"
        "A run on a table takes tables with the same columns, in any order, and says what is unlike the training "
        "part. A run on images takes photographs and folders of them, which go the way of the training images: turned "
        "upright, put on white where they are transparent, and brought to their size and colours; nothing is cropped. "
        "Other runs take arrays (.npy, .npz, .h5, .mat), an example a row. [bold]-[/] is a table on standard input.\n\n"
        "With --with, several runs on the same data answer together: their mean, and their lowest and highest."
    )
)
def predict(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder or file that `layerlab train` made.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Tables, photographs, folders, or -.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write every answer as CSV into a new file; - is standard output."),
    ] = None,
    others: Annotated[
        list[Path] | None, typer.Option("--with", metavar="RUN", help="Another run that answers too; may be repeated.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of a text file that is not UTF-8, such as cp1252.")] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out photographs that cannot be read, and say which.")
    ] = False,
    json_path: Json = None,
) -> None:
    """Answers to new examples."""
    from layerlab.evaluating.comparisons.words import print_predictions
    from layerlab.runs.new_examples import examples_for
    from layerlab.runs.predictions import predicted, write_predictions
    from layerlab.runs.run import load
    from layerlab.runs.storage import check_new

    check_places(json_path)
    check_apart(out=out, json=json_path)
    if out is not None and out != DASH:
        check_new(out, "file")
    if out == json_path == DASH:
        raise InputError("--out - and --json -: both would be standard output; name a file for one of them")
    runs = [load(path) for path in (run, *(others or []))]
    predictions = predicted(runs, examples_for(runs[0], files, encoding, skip_bad))
    console = console_for(DASH if out == DASH else json_path)
    for notice in predictions.examples.notices:
        console.print(f"• {notice}", highlight=False, markup=False)
    if out is None:
        print_predictions(predictions, console)
    else:
        write_predictions(predictions, out)
        if out != DASH:
            console.print(f"Written to {out}", highlight=False, markup=False)
    notices = [notice._asdict() for notice in predictions.examples.notices]
    write_json(json_path, {"run": str(run), "notices": notices, "predictions": list(predictions.rows())})


@app.command(
    help=(
        "Write all there is to know about a run, or a search, into one HTML file, pictures and all, that loads nothing "
        "and runs nothing.\n\n"
        "Data, plan, settings, cost curve, accuracy with interval and base rate, confusion matrix, wrong answers, "
        "reliability of the probabilities, diagnosis, versions, and the command that trains the run once more."
    )
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
    from layerlab.reporting.searches import is_search, written_search
    from layerlab.runs.run import load

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


@app.command(
    help=(
        "Say which inputs moved one answer: integrated gradients of a row of the run's data, or of an image.\n\n"
        "The shares of all columns sum up to the difference between the answer and that for an example that says "
        "nothing. They say what this network uses, not what is a cause. Without a ROW: what the score on the test part "
        "loses when a column is shuffled (permutation importance), with 95 % intervals."
    )
)
def explain(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder or file that `layerlab train` made.")],
    row: Annotated[
        str | None,
        typer.Argument(metavar="ROW", help="A table's row from 1, an image's file, else a test example from 0."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="A dataset or path; default what the run was trained on.")
    ] = None,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
) -> None:
    """One answer explained, or what the network depends on."""
    from layerlab.evaluating.explanations.explanation import explained, print_explanation
    from layerlab.evaluating.explanations.importance import permutation_importance, print_importance
    from layerlab.reporting.report import data_of, fitting
    from layerlab.runs.run import load

    check_places(json_path, plots)
    check_apart(json=json_path, plots=plots)
    trained = load(run)
    dataset = _new_examples(trained, row, data, folder) or fitting(trained, data_of(trained, data, folder))
    facts = permutation_importance(trained, dataset).facts if row is None else explained(trained, dataset, row)
    (print_importance if row is None else print_explanation)(facts, console_for(json_path))
    if plots:
        from layerlab.reporting.pictures.of_runs import explanation_pictures, importance_pictures

        drawn = (
            importance_pictures(dataset, facts, plots)
            if row is None
            else explanation_pictures(trained, dataset, facts, plots)
        )
        facts["plots"] = tell_pictures(drawn, json_path)
    write_json(json_path, {"run": str(run), **facts})


def _new_examples(run: Run, row: str | None, data: str | None, folder: Path | None) -> Dataset | None:
    """A photograph, or a table without the target, whose answer is to be explained; None for data with answers."""
    from layerlab.reporting.report import data_of
    from layerlab.runs.new_examples import examples_for, unlabelled

    if row is None:
        return None
    if run.image_shape is not None and Path(row).is_file():
        return unlabelled(run, examples_for(run, [Path(row)]), data_of(run, data, folder))
    if run.preparation is None or data is None or not Path(data).is_file():
        return None
    from layerlab.datasets.tabular.reading import read_frame

    if run.preparation.target.name in read_frame(data, encoding=None).frame.columns:
        return None
    return unlabelled(run, examples_for(run, [Path(data)]))


@app.command(
    help=(
        "Write a run as a model that needs no layerlab, and check it on the test part of its dataset.\n\n"
        "[bold]onnx[/] is one file for onnxruntime and its kin, [bold]numpy[/] a folder with a readable predict.py and "
        "its weights. Both take examples in rows, as they came: the run's standardisation is in the model. Where the "
        "answers deviate from layerlab's, nothing is kept."
    )
)
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder or file that `layerlab train` made.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new file for onnx, a new folder for numpy.")],
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="onnx or numpy.")] = "onnx",
    folder: Folder = None,
    json_path: Json = None,
) -> None:
    """A model for other software."""
    from layerlab.runs.run import load

    from .doctor import export_run

    check_places(json_path)
    check_apart(PATH=path, json=json_path)
    facts = export_run(load(run), path, form, folder)
    console_for(json_path).print(
        f"Kept in {path}: on the {facts['examples']:,} test examples of {facts['dataset']} it deviates from layerlab's "
        f"own prediction by {facts['deviation']:.1g} at most (tolerance {facts['tolerance']:.0e}).",
        highlight=False,
        markup=False,
    )
    write_json(json_path, facts)


@data_app.command("list")
def data_list(json_path: Json = None) -> None:
    """Every dataset by name, in a sentence."""
    from layerlab.datasets import ABOUT
    from layerlab.evaluating.comparisons.words import print_pairs

    check_places(json_path)
    print_pairs(ABOUT, console_for(json_path))
    write_json(json_path, {"datasets": ABOUT})


@data_app.command("describe")
@takes_data
def data_describe(
    data: Data, folder: Folder = None, plots: Plots = None, json_path: Json = None, own: Any = None
) -> None:
    """Sizes, classes, ranges and base rate of a dataset; of your own data what is noticed, and done to each column."""
    from layerlab.datasets.words import data_facts, print_data
    from layerlab.evaluating.comparisons.words import print_columns, print_pairs

    from .doctor import describe

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


@app.command()
def doctor(
    measure: Annotated[
        bool, typer.Option("--measure", help="Time this machine's engines first, for the planner; about 20 seconds.")
    ] = False,
    json_path: Json = None,
) -> None:
    """Versions, threads, engines and caches of this installation, and whether a gradient check passes."""
    from layerlab.evaluating.comparisons.words import print_pairs

    from .doctor import examine, measure_machine

    check_places(json_path)
    if measure:
        measure_machine(lambda line: print(f"measuring {line}", file=sys.stderr))
    facts = examine()
    print_pairs(facts, console_for(json_path))
    write_json(json_path, facts)
    if not facts["gradient check"].startswith("right"):
        fail("the gradient check failed: this installation computes wrong numbers", 1)

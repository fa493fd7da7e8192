"""``layerlab predict``: the predictions of a run for new examples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layerlab.errors import InputError
from layerlab.runs.writing import DASH

from .next_steps import after, again
from .options import Json, RunPath
from .output import Output

if TYPE_CHECKING:
    from layerlab.runs.new_examples import NewExamples
    from layerlab.runs.predictions import Predictions
    from layerlab.runs.run import Run

FEW_PHOTOS = 3
"""Of at most this many images, the nearest training images are shown."""

OF_SEVERAL = 3
"""How many nearest training images are shown of each of several images; of one image ``NEIGHBOURS``."""

UNSURE = 0.8
"""A prediction with a smaller probability than this is worth an explanation."""

USUAL_TABLE = Path("predictions.csv")
"""Where the next step writes predictions that were not all shown."""

PREDICT = (
    "Predict new examples with a trained network: classes with their probabilities, or values.\n\n"
    "Example: [bold]layerlab predict runs/digits-1 photo.png[/]\n\n"
    "A run on a table takes tables with the same columns, in any order. It marks rows with values that the training "
    "set does not have. A run on images takes photos and folders of photos. They are turned upright, put on white if "
    "they are transparent, and resized, but not cropped. Other runs take arrays (.npy, .npz, .h5, .mat) with one "
    "example per row. [bold]-[/] reads a table from standard input.\n\n"
    "For up to 3 images it shows the most similar training images, if they are on this machine.\n\n"
    "With --with, several runs on the same data predict together: their mean, and the lowest and highest of them.\n\n"
    "With --intervals, a run with members also says how far off each value may be, or which classes are likely."
)


def predict(
    context: typer.Context,
    run: RunPath,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Tables, photos, folders of photos, arrays, or -.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Save all predictions as CSV in this new file; -: standard output."),
    ] = None,
    others: Annotated[
        list[Path] | None, typer.Option("--with", metavar="RUN", help="Another run that predicts too; may be repeated.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Encoding of a text file that is not UTF-8, such as cp1252.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out photos that cannot be read, and list them.")
    ] = False,
    id_column: Annotated[
        str | None,
        typer.Option("--id", metavar="NAME", help="Column that names the rows; default: the same as in training."),
    ] = None,
    intervals: Annotated[
        float | None,
        typer.Option(
            metavar="LEVEL",
            help="Add intervals that contain this share of the true values, such as 0.9; of a classifier: sets of "
            "classes.",
        ),
    ] = None,
    json_path: Json = None,
) -> None:
    """Predict new examples, and print the predictions or write them as CSV."""
    from layerlab.runs.loading import load
    from layerlab.runs.new_examples import read_new_examples
    from layerlab.runs.predictions import predictions_of, write_predictions
    from layerlab.runs.writing import check_new
    from layerlab.typed_options import as_typed

    with Output(stdout_taken=out == DASH, out=out, json=json_path) as output:
        if out is not None and out != DASH:
            check_new(out, "file")
        if out == json_path == DASH:
            raise InputError("--out - and --json -: both would be standard output; name a file for one of them")
        runs = [load(path) for path in (run, *(others or []))]
        examples = read_new_examples(runs[0], files, encoding, skip_bad, id_column)
        try:
            predictions = predictions_of(runs, examples, intervals)
        except InputError as error:
            raise InputError(as_typed(str(error), {"level": "--intervals"})) from None
        notices = predictions.examples.notices
        if out is not None and out != DASH:
            write_predictions(predictions, out)
            output.made.append(str(out))
        output.keep(
            {
                "run": str(run),
                "notices": [notice._asdict() for notice in notices],
                "level": intervals,
                "predictions": list(predictions.rows()),
            }
        )
        _say(runs[0], predictions, out, output)
        if runs[0].image_shape is not None and len(runs) == 1 and out is None:
            _show_nearest(run, runs[0], predictions, output)
        output.next_step(*_next_step(context, runs[0], predictions))


def _say(run: Run, predictions: Predictions, out: Path | None, output: Output) -> None:
    """Print a summary, the predictions or where they are, and what to know about them.

    Args:
        run: the first of the runs.
        predictions: the predictions of the new examples.
        out: the file that they were saved in; or standard output, where they are written now; or None.
        output: where to print.
    """
    from layerlab.runs.class_words import threshold_line
    from layerlab.runs.prediction_words import advice_lines, interval_lines, print_predictions, summary_lines
    from layerlab.runs.predictions import write_predictions

    for line in summary_lines(predictions, with_table=out is None):
        output.say(line)
    if out is None:
        print_predictions(predictions, output.console)
    elif out == DASH:
        write_predictions(predictions, out)
    notices = (f"• {notice}" for notice in predictions.examples.notices)
    at = threshold_line({"threshold": run.threshold, "recall": run.class_names})
    for line in (*interval_lines(predictions), *notices, *advice_lines(predictions), *at):
        output.say(line)
    if out is not None and out != DASH:
        output.say(f"Saved in {out}")


def _show_nearest(place: Path, run: Run, predictions: Predictions, output: Output) -> None:
    """Print the nearest training images of a few images; of more images, the command that shows them.

    Args:
        place: where the run is.
        run: a run on images.
        predictions: the predictions of the new images.
        output: where to print, and which facts to extend.
    """
    from layerlab.evaluating.explanations.neighbour_facts import NEIGHBOURS, neighbour_facts
    from layerlab.evaluating.explanations.neighbour_words import print_neighbours
    from layerlab.reporting.run_data import data_are_there, quickly_read, training_images

    examples = predictions.examples
    if predictions.m > FEW_PHOTOS or not quickly_read(run):
        if "row" not in examples.called and data_are_there(run):
            output.say(f"The nearest training images of an image: layerlab explain {place} FILE", soft_wrap=True)
        return
    names = [str(name) for name in list(examples.called.values())[-1]]
    dataset, missing = training_images(run)
    k = NEIGHBOURS if predictions.m == 1 else OF_SEVERAL
    facts = neighbour_facts(run, examples.X, names, dataset, missing=missing, k=k)
    output.keep({**output.facts, "nearest": facts})
    print_neighbours(facts, output.console)


def _next_step(context: typer.Context, run: Run, predictions: Predictions) -> tuple[str, ...]:
    """Return the command that explains the prediction to check first; else one that saves them all, or the report.

    Args:
        context: the context of the running command.
        run: the first of the runs.
        predictions: the predictions for the new examples.
    """
    from layerlab.runs.prediction_words import SHOWN_PREDICTIONS

    place, files, out = context.params["run"], context.params["files"], context.params["out"]
    number = _to_check(predictions)
    words = () if number is None or DASH in files else _explained(run, predictions.examples, files, number)
    if words and (step := after(place, run, "explain", *words))[1] == "explain":
        return step
    if out is None and predictions.m > SHOWN_PREDICTIONS and DASH not in files and not USUAL_TABLE.exists():
        return again(context, "predict", out=USUAL_TABLE)
    return after(place, run)


def _to_check(predictions: Predictions) -> int | None:
    """Return the place of the prediction to check first: of those to distrust, or of all, the least certain one."""
    doubtful = sorted(predictions.examples.doubtful)
    if predictions.probabilities is None:
        return doubtful[0] if doubtful else None
    sure = predictions.probabilities.max(axis=0)
    if doubtful:
        return min(doubtful, key=lambda place: float(sure[place]))
    least = int(sure.argmin())
    return least if sure[least] < UNSURE else None


def _explained(run: Run, examples: NewExamples, files: Sequence[Path], number: int) -> tuple[str, ...]:
    """Return what follows `layerlab explain RUN` for one of the new examples; nothing where it cannot explain that.

    Of a table that has the target, `explain` reads only rows that training would take: such a row may be left out.
    """
    if run.image_shape is not None and "row" not in examples.called:
        return (str(examples.called["file"][number]),)
    if run.preparation is None or len(files) > 1 or examples.labelled:
        return ()
    return (str(list(examples.called.values())[-1][number]), "--data", str(files[0]))

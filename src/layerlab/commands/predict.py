"""``layerlab predict``: a run's answers to new examples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layerlab.errors import InputError
from layerlab.runs.writing import DASH

from .options import Json, RunPath
from .output import Output

PREDICT = (
    "Predict: classes with their probabilities, or values, of new examples.\n\n"
    "A run on a table takes tables with the same columns, in any order, and says what is unlike the training "
    "part. A run on images takes photographs and folders of them, which go the way of the training images: turned "
    "upright, put on white where they are transparent, and brought to their size and colours; nothing is cropped. "
    "Other runs take arrays (.npy, .npz, .h5, .mat), an example a row. [bold]-[/] is a table on standard input.\n\n"
    "With --with, several runs on the same data answer together: their mean, and their lowest and highest."
)


def predict(
    run: RunPath,
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
    id_column: Annotated[
        str | None,
        typer.Option("--id", metavar="NAME", help="Column that names the rows; default as in training."),
    ] = None,
    json_path: Json = None,
) -> None:
    """Predict the answers to new examples, and print them or write them as CSV."""
    from layerlab.runs.class_words import threshold_line
    from layerlab.runs.loading import load
    from layerlab.runs.new_examples import read_new_examples
    from layerlab.runs.predictions import predictions_of, print_predictions, write_predictions
    from layerlab.runs.writing import check_new

    with Output(stdout_taken=out == DASH, out=out, json=json_path) as output:
        if out is not None and out != DASH:
            check_new(out, "file")
        if out == json_path == DASH:
            raise InputError("--out - and --json -: both would be standard output; name a file for one of them")
        runs = [load(path) for path in (run, *(others or []))]
        examples = read_new_examples(runs[0], files, encoding, skip_bad, id_column)
        predictions = predictions_of(runs, examples)
        notices = predictions.examples.notices
        if out is not None and out != DASH:
            write_predictions(predictions, out)
            output.made.append(str(out))
        output.keep(
            {
                "run": str(run),
                "notices": [notice._asdict() for notice in notices],
                "predictions": list(predictions.rows()),
            }
        )
        for notice in notices:
            output.say(f"• {notice}")
        for line in threshold_line({"threshold": runs[0].threshold, "recall": runs[0].class_names}):
            output.say(line)
        if out is None:
            print_predictions(predictions, output.console)
        elif out == DASH:
            write_predictions(predictions, out)
        else:
            output.say(f"Written to {out}")

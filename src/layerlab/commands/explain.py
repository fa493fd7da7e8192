"""``layerlab explain``: which inputs moved one answer, or which matter to the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Folder, Json, Plots
from .output import check_apart, check_places, console_for, tell_pictures, write_json

if TYPE_CHECKING:
    from layerlab.datasets import Dataset
    from layerlab.runs.run import Run


EXPLAIN = (
    "Say which inputs moved one answer: integrated gradients of a row of the run's data, or of an image.\n\n"
    "The shares of all columns sum up to the difference between the answer and that for an example that says "
    "nothing. They say what this network uses, not what is a cause. Without a ROW: what the score on the test part "
    "loses when a column is shuffled (permutation importance), with 95 % intervals."
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
    from layerlab.evaluating.explanations.explanation import explain_answer, print_explanation
    from layerlab.evaluating.explanations.importance import permutation_importance, print_importance
    from layerlab.reporting.report import data_of, fitting
    from layerlab.runs.loading import load

    check_places(json_path, plots)
    check_apart(json=json_path, plots=plots)
    trained = load(run)
    dataset = _new_examples(trained, row, data, folder) or fitting(trained, data_of(trained, data, folder))
    facts = permutation_importance(trained, dataset).facts if row is None else explain_answer(trained, dataset, row)
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
    from layerlab.runs.new_examples import as_unlabelled_dataset, read_new_examples

    if row is None:
        return None
    if run.image_shape is not None and Path(row).is_file():
        return as_unlabelled_dataset(run, read_new_examples(run, [Path(row)]), data_of(run, data, folder))
    if run.preparation is None or data is None or not Path(data).is_file():
        return None
    from layerlab.datasets.tabular.reading import read_frame

    if run.preparation.target.name in read_frame(data, encoding=None).frame.columns:
        return None
    return as_unlabelled_dataset(run, read_new_examples(run, [Path(data)]))

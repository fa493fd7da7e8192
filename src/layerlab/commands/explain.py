"""``layerlab explain``: how much each input contributes to one prediction, or which inputs matter to the network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layerlab.errors import InputError

from .next_steps import after
from .options import By, Folder, Json, Plots, RunData, RunPath
from .output import Output

if TYPE_CHECKING:
    from layerlab.datasets import Dataset
    from layerlab.datasets.part import Notice
    from layerlab.runs.run import Run


EXPLAIN = (
    "Say why the network predicts this for one example, or which inputs matter to it.\n\n"
    "Example: [bold]layerlab explain runs/flower-1 3[/]\n\n"
    "With ROW: how much each input contributes to this prediction (integrated gradients). Without ROW: how much the "
    "score on the test set drops if an input is shuffled (permutation importance), with 95 % intervals. Both show "
    "what this network uses, not what causes what in the real world."
)


def explain(
    run: RunPath,
    row: Annotated[
        str | None,
        typer.Argument(
            metavar="ROW",
            help="Number of a table's row (the first is 1), or its id; an image file; a test example (the first is 0).",
        ),
    ] = None,
    by: By = None,
    data: RunData = None,
    folder: Folder = None,
    plots: Plots = None,
    json_path: Json = None,
) -> None:
    """Explain one prediction of a run, or say which inputs its score depends on."""
    from layerlab.evaluating.class_scores import usual_score
    from layerlab.evaluating.explanations.explanation import explain_answer
    from layerlab.evaluating.explanations.importance import permutation_importance
    from layerlab.evaluating.explanations.words import print_explanation, print_importance
    from layerlab.evaluating.scores import lasting_findings
    from layerlab.reporting.pictures.of_explanations import explanation_pictures, importance_pictures
    from layerlab.reporting.run_data import dataset_of, prepared_for
    from layerlab.runs.class_words import threshold_line
    from layerlab.runs.events import event_lines
    from layerlab.runs.loading import load
    from layerlab.runs.summary import doubts

    with Output(json=json_path, plots=plots) as output:
        trained = load(run)
        if by is not None and row is not None:
            raise InputError("--by is the score that shuffled inputs are measured by: leave ROW or --by out")
        new, notices = _new_examples(trained, row, data, folder)
        dataset = new or prepared_for(trained, dataset_of(trained, data, folder))
        if row is None:
            facts = permutation_importance(trained, dataset, by=by or usual_score(trained, dataset)).facts
        else:
            facts = explain_answer(trained, dataset, row)
        output.keep({"run": str(run), "verdict": trained.verdict and trained.verdict._asdict(), **facts})
        if row is None:
            print_importance(facts, output.console)
        else:
            print_explanation(facts, output.console)
        for notice in notices:
            output.say(f"• {notice}")
        said = threshold_line({"threshold": trained.threshold, "recall": dataset.class_names})
        found = trained.diagnosis if new else lasting_findings(trained, dataset)
        for line in (*doubts(trained.verdict, found), *event_lines(trained.events), *said):
            output.say(line)
        if row is None:
            output.draw(importance_pictures, dataset, facts)
        else:
            output.draw(explanation_pictures, trained, dataset, facts)
        shown = ["--data", data] if data and new is None else []
        output.next_step(*after(run, trained, "report", *shown, folder=folder))


def _new_examples(
    run: Run, row: str | None, data: str | None, folder: Path | None
) -> tuple[Dataset | None, Sequence[Notice]]:
    """Return the photo, or the table without a target, that ROW is in, and notices on what is unusual about it.

    None if there is no ROW, or if it is an example of data with a target, which are read like the run's own data. A
    target column with the same value in all rows counts as no target.
    """
    from layerlab.reporting.run_data import dataset_of, prepared_for
    from layerlab.runs.new_examples import as_unlabelled_dataset, read_new_examples

    if row is None:
        return None, ()
    if run.image_shape is not None and Path(row).is_file():
        trained_on = prepared_for(run, dataset_of(run, data, folder))
        examples = read_new_examples(run, [Path(row)])
        return as_unlabelled_dataset(run, examples, trained_on), examples.notices
    if run.preparation is None or data is None or not Path(data).is_file():
        return None, ()
    from layerlab.datasets.tabular.reading import read_frame

    frame, target = read_frame(data, encoding=None).frame, run.preparation.target.name
    if target in frame.columns and frame[target].drop_nulls().n_unique() > 1:  # else nothing can be learned from it
        return None, ()
    examples = read_new_examples(run, [Path(data)])
    return as_unlabelled_dataset(run, examples), examples.notices

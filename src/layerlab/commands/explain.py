"""``layerlab explain``: how much each input contributes to one prediction, or which inputs matter to the network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

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
    "what this network uses, not what causes what in the real world.\n\n"
    "For an image it also shows the 5 nearest training images: the most similar ones for the last hidden layer."
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
    from layerlab.evaluating.explanations.neighbour_words import print_neighbours
    from layerlab.evaluating.explanations.words import print_explanation, print_importance
    from layerlab.evaluating.scores import lasting_findings
    from layerlab.reporting.pictures.of_explanations import explanation_pictures, importance_pictures
    from layerlab.runs.class_words import threshold_line
    from layerlab.runs.events import event_lines, events_facts
    from layerlab.runs.loading import load
    from layerlab.runs.summary import doubts

    with Output(json=json_path, plots=plots) as output:
        trained = load(run)
        if by is not None and row is not None:
            raise InputError("--by is the score that shuffled inputs are measured by: leave ROW or --by out")
        asked = _read(trained, row, data, folder)
        dataset = asked.dataset
        if row is None:
            facts = permutation_importance(trained, dataset, by=by or usual_score(trained, dataset)).facts
        else:
            facts = explain_answer(trained, dataset, row)
            facts |= _nearest(trained, asked, row, facts["named"])
        output.keep(
            {
                "run": str(run),
                "verdict": trained.verdict and trained.verdict._asdict(),
                "events": events_facts(trained.events),
                **facts,
            }
        )
        if row is None:
            print_importance(facts, output.console)
        else:
            print_explanation(facts, output.console)
        if "nearest" in facts:
            print_neighbours(facts["nearest"], output.console)
        for notice in asked.notices:
            output.say(f"• {notice}")
        said = threshold_line({"threshold": trained.threshold, "recall": dataset.class_names})
        found = trained.diagnosis if asked.new else lasting_findings(trained, dataset)
        for line in (*doubts(trained.verdict, found), *event_lines(trained.events), *said):
            output.say(line)
        if row is None:
            output.draw(importance_pictures, dataset, facts)
        else:
            output.draw(partial(explanation_pictures, trained_on=asked.trained_on), trained, dataset, facts)
        shown = ["--data", data] if data and not asked.new else []
        output.next_step(*after(run, trained, "report", *shown, folder=folder))


class Asked(NamedTuple):
    """The examples among which ROW is, and the data of the training.

    Attributes:
        dataset: the run's own data, or new examples as a test set.
        new: whether they are new: a photo, or a table without a target.
        notices: on what is unusual about new examples.
        trained_on: the dataset of the training, if the examples are images and it is there; else None.
        missing: why it is not there, or is another, as a sentence; else "".
    """

    dataset: Dataset
    new: bool = False
    notices: Sequence[Notice] = ()
    trained_on: Dataset | None = None
    missing: str = ""


def _read(run: Run, row: str | None, data: str | None, folder: Path | None) -> Asked:
    """Read the photo, or the table without a target, that ROW is in; else data like the run's own.

    A target column with the same value in all rows counts as no target.
    """
    from layerlab.reporting.run_data import dataset_of, other_than_trained_on, prepared_for

    if row is not None and run.image_shape is not None and Path(row).is_file():
        return _read_photo(run, row, data, folder)
    if row is not None and run.preparation is not None and data is not None and Path(data).is_file():
        from layerlab.datasets.tabular.reading import read_frame
        from layerlab.runs.new_examples import as_unlabelled_dataset, read_new_examples

        frame, target = read_frame(data, encoding=None).frame, run.preparation.target.name
        if target not in frame.columns or frame[target].drop_nulls().n_unique() <= 1:  # nothing can be learned from it
            examples = read_new_examples(run, [Path(data)])
            return Asked(as_unlabelled_dataset(run, examples), True, examples.notices)
    dataset = prepared_for(run, dataset_of(run, data, folder))
    if row is None or run.image_shape is None:
        return Asked(dataset)
    return Asked(dataset, trained_on=dataset, missing=other_than_trained_on(run, dataset))


def _read_photo(run: Run, row: str, data: str | None, folder: Path | None) -> Asked:
    """Read a photo, and the training images; if nothing but the nearest ones needs them, they may be missing."""
    from layerlab.reporting.run_data import dataset_of, other_than_trained_on, prepared_for, training_images
    from layerlab.runs.new_examples import as_unlabelled_dataset, read_new_examples

    if data is None and run.standardization is not None:  # the baseline is known: all features 0
        trained_on, missing = training_images(run, folder)
    else:
        trained_on = prepared_for(run, dataset_of(run, data, folder))
        missing = other_than_trained_on(run, trained_on)
    examples = read_new_examples(run, [Path(row)])
    return Asked(as_unlabelled_dataset(run, examples, trained_on), True, examples.notices, trained_on, missing)


def _nearest(run: Run, asked: Asked, row: str, name: str) -> dict[str, Any]:
    """Return the facts about the training images that are nearest to an image, as "nearest"; {} for other examples."""
    if run.image_shape is None:
        return {}
    from layerlab.evaluating.explanations.explanation import find_example
    from layerlab.evaluating.explanations.neighbour_facts import neighbour_facts

    which, number = find_example(asked.dataset, row)
    X = getattr(asked.dataset, which).X[:, [number]]
    itself = number if which == "train" and not asked.new else None
    return {"nearest": neighbour_facts(run, X, [name], asked.trained_on, missing=asked.missing, itself=itself)}

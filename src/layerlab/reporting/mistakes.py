"""The test examples that a run gets wrong, as rows of a table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.evaluating.calibration import confidences
from layerlab.evaluating.explanations.input_groups import column_groups, example_name, example_naming, value_texts
from layerlab.runs.run import Run
from layerlab.text import percent

from .page import Html, table

MOST = 24
"""Wrong examples that are shown, the surest first."""

COLUMNS = 6
"""Columns that are shown of each; a page is no wider."""


def mistaken(run: Run, data: Dataset) -> NDArray[np.int64]:
    """Numbers of the test examples that are answered wrong, (k,), the surest answers first."""
    confidence, right = confidences(run, data.test)
    wrong = np.flatnonzero(~right)
    return wrong[np.argsort(-confidence[wrong], kind="stable")]


def mistakes_table(run: Run, data: Dataset, wrong: NDArray[np.int64]) -> Html:
    """A row an example: the answer, its confidence, the true class, and columns as in the file.

    Args:
        run: a classifier.
        data: prepared as the training part was, with class names.
        wrong: (k,), of ``mistaken``.
    """
    shown = wrong[:MOST]
    names, features = features_of(run, data, shown)
    predicted, truth = run.predict(data.test.X)[0][shown], class_numbers(data.test.Y)[shown]
    confidence = confidences(run, data.test)[0][shown]
    head = (example_naming(data)[0], "answer", "sure to", "is", *names)
    rows = []
    for k, number in enumerate(shown):
        said, true = data.class_names[predicted[k]], data.class_names[truth[k]]
        rows.append((example_name(data, number), said, percent(confidence[k]), true, *features[k]))
    return table(_caption(run, len(wrong), data), head, rows)


def features_of(run: Run, data: Dataset, shown: NDArray[np.int64]) -> tuple[list[str], list[list[str]]]:
    """Names of the columns that are shown, and what some test examples have there, as in the file or in its units."""
    columns = column_groups(run, data)
    some = [columns[k] for k in strongest(run, data)]
    return [one.name for one in some], [value_texts(data, ("test", int(number)), some) for number in shown]


def _caption(run: Run, k: int, data: Dataset) -> str:
    all_of_them = f"{k:,} of {data.test.X.shape[1]:,} test examples{example_naming(data)[1]} are answered wrong"
    most = f"; the {MOST} surest" if k > MOST else "; the surest first"
    n, what = len(column_groups(run, data)), "features" if data.raw is None else "columns"
    few = f", with the {COLUMNS} of {n} {what} that move the first layer most" if n > COLUMNS else ""
    return all_of_them + most + few


def strongest(run: Run, data: Dataset) -> list[int]:
    """The columns that move the first layer most over the training part, in their own order, ``COLUMNS`` at most.

    A row of X moves it by the length of its column of W1 times its standard deviation, a column by all its rows' moves.
    """
    moves = np.linalg.norm(run.parameters["W1"], axis=0) * data.train.X.std(axis=1)
    strength = np.array([np.linalg.norm(moves[column.rows]) for column in column_groups(run, data)])
    return sorted(np.argsort(-strength, kind="stable")[:COLUMNS].tolist())

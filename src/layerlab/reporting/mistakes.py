"""The test examples that a run gets wrong, as rows of a table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..calibration import answers
from ..datasets import Dataset
from ..datasets.dataset import class_numbers
from ..statistics import percent
from ..training.run import Run
from .page import Html, table

MOST = 24
"""Wrong examples that are shown, the surest first."""

COLUMNS = 6
"""Features that are shown of each; a page is no wider."""


def mistaken(run: Run, data: Dataset) -> NDArray[np.int64]:
    """Numbers of the test examples that are answered wrong, (k,), the surest answers first."""
    confidence, right = answers(run, data.test)
    wrong = np.flatnonzero(~right)
    return wrong[np.argsort(-confidence[wrong], kind="stable")]


def mistakes_table(run: Run, data: Dataset, wrong: NDArray[np.int64]) -> Html:
    """A row an example: the answer, its confidence, the true class, and features in their own units.

    Args:
        run: a classifier.
        data: prepared as the training part was, with class names.
        wrong: (k,), of ``mistaken``.
    """
    shown = wrong[:MOST]
    names, features = features_of(run, data, shown)
    predicted, truth = run.predict(data.test.X)[0][shown], class_numbers(data.test.Y)[shown]
    confidence = answers(run, data.test)[0][shown]
    head = ("test example", "answer", "sure to", "is", *names)
    rows = []
    for k, number in enumerate(shown):
        said, true = data.class_names[predicted[k]], data.class_names[truth[k]]
        rows.append((number, said, percent(confidence[k]), true, *features[k]))
    return table(_caption(len(wrong), data), head, rows)


def features_of(run: Run, data: Dataset, shown: NDArray[np.int64]) -> tuple[list[str], list[list[str]]]:
    """Names of the features that are shown, and of each of some test examples their values in their own units."""
    some = strongest(run, data)
    X = data.test.X[:, shown]
    X = data.standardization.undone(X) if data.standardization else X
    names = data.feature_names or [f"feature {i + 1}" for i in range(data.n_x)]
    return [names[j] for j in some], [[f"{value:.4g}" for value in column] for column in X[some].T]


def _caption(k: int, data: Dataset) -> str:
    all_of_them = f"{k:,} of {data.test.X.shape[1]:,} test examples (counted from 0) are answered wrong"
    most = f"; the {MOST} surest" if k > MOST else "; the surest first"
    few = f", with the {COLUMNS} of {data.n_x} features that move the first layer most" if data.n_x > COLUMNS else ""
    return all_of_them + most + few


def strongest(run: Run, data: Dataset) -> list[int]:
    """The features that move the first layer most over the training part, in their own order, ``COLUMNS`` at most.

    A feature moves it by the length of its column of W1 times its standard deviation.
    """
    moves = np.linalg.norm(run.parameters["W1"], axis=0) * data.train.X.std(axis=1)
    return sorted(np.argsort(-moves, kind="stable")[:COLUMNS].tolist())

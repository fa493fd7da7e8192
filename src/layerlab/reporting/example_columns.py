"""What tables of single test examples show beside the prediction: the columns that move the first layer most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.evaluating.explanations.input_groups import column_groups, value_texts
from layerlab.runs.run import Run

MOST_EXAMPLES = 24
"""Rows of a table of test examples."""

MOST_COLUMNS = 6
"""Columns of the data in such a table; a page is no wider."""


def shown_columns(run: Run, data: Dataset, examples: NDArray[np.int64]) -> tuple[list[str], list[list[str]]]:
    """Names of the columns that are shown, and their values as texts, as in the file or in the features' units.

    Args:
        run: trained on ``data``.
        data: prepared as for the run.
        examples: (k,) numbers of test examples.

    Returns:
        The names, and for each example a text a name.
    """
    columns = column_groups(run, data)
    shown = [columns[k] for k in strongest_columns(run, data)]
    return [one.name for one in shown], [value_texts(data, ("test", int(number)), shown) for number in examples]


def strongest_columns(run: Run, data: Dataset) -> list[int]:
    """Numbers of the columns that move the first layer most, in their own order, at most ``MOST_COLUMNS``.

    A row of X moves the layer by the length of its column of W1 times the row's standard deviation over the training
    set; a column of a table by the length of what all its rows of X do.
    """
    moves = np.linalg.norm(run.parameters["W1"], axis=0) * data.train.X.std(axis=1, dtype=np.float64)
    strength = np.array([np.linalg.norm(moves[column.rows]) for column in column_groups(run, data)])
    return sorted(np.argsort(-strength, kind="stable")[:MOST_COLUMNS].tolist())

"""The columns that tables of single test examples show: those that affect the first layer most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.evaluating.explanations.input_groups import column_groups, value_texts
from layerlab.runs.forward_statistics import effect_of_inputs
from layerlab.runs.run import Run

MOST_EXAMPLES = 12
"""A table of test examples has at most this many rows."""

MOST_COLUMNS = 6
"""Such a table shows at most this many columns of the data, because more do not fit the page."""


def shown_columns(run: Run, data: Dataset, examples: NDArray[np.int64]) -> tuple[list[str], list[list[str]]]:
    """Choose the columns to show; return their names, and their values as texts in the file's or the features' units.

    Args:
        run: a network that was trained on ``data``.
        data: the dataset, prepared as for the run.
        examples: (k,) numbers of test examples.

    Returns:
        The names, and for each example a text for each name.
    """
    columns = column_groups(run, data)
    shown = [columns[k] for k in strongest_columns(run, data)]
    return [one.name for one in shown], [value_texts(data, ("test", int(number)), shown) for number in examples]


def strongest_columns(run: Run, data: Dataset) -> list[int]:
    """Return numbers of the columns that affect the first layer most, in their own order, at most ``MOST_COLUMNS``.

    ``effect_of_inputs`` says how much a row of X affects it. A column of a table has several rows of X; its effect is
    the norm of theirs.
    """
    moves = effect_of_inputs(run.network, run.all_parameters, data.train.X)
    strength = np.array([np.linalg.norm(moves[column.rows]) for column in column_groups(run, data)])
    return sorted(np.argsort(-strength, kind="stable")[:MOST_COLUMNS].tolist())

"""The examples that an exported model is checked with, as they came: features in columns, or a table."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.tabular.data_frames import is_frame
from layerlab.datasets.tabular.table import Table
from layerlab.errors import InputError
from layerlab.runs.argument_checks import check_features
from layerlab.runs.run import Run

FeaturesOrTable: TypeAlias = NDArray[Any] | Table
"""(n_x, m) features in columns, or of a run with a preparation the table that they are made of."""

MOST_EXAMPLES = 200_000
"""Examples that a model is checked with: more take long and show nothing new."""


def check_examples(run: Run, X: Any) -> FeaturesOrTable:
    """Examples that the run can take, ``MOST_EXAMPLES`` at most.

    Raises:
        InputError: they are none, or not finite, or a table where features were wanted or the other way round.
    """
    if run.preparation is None:
        if isinstance(X, Table):
            raise InputError("X is a table, but the run was trained on features: wanted (n_x, m) examples in columns")
        return check_features(X, run.network)[:, :MOST_EXAMPLES]
    if is_frame(X):
        X = run.preparation.table_of(X)
    if not isinstance(X, Table):
        raise InputError(
            f"X is {type(X).__name__}, but the run was trained on the columns of a table: wanted a data frame "
            f"with the columns as they came"
        )
    if X.m == 0:
        raise InputError("X is a table without rows: wanted at least one example")
    run.preparation.features(X.taken(np.arange(1)))  # all columns are there, of the right kinds
    return X.only(run.preparation.columns).taken(np.arange(min(X.m, MOST_EXAMPLES)))


def number_of(examples: FeaturesOrTable) -> int:
    """How many there are."""
    return examples.m if isinstance(examples, Table) else int(examples.shape[1])


def network_inputs(run: Run, examples: Any) -> NDArray[Any]:
    """(n_x, m) as the network takes it, of examples as they came.

    Args:
        run: with its preparation and its standardisation, if it has them.
        examples: a table for a run with a preparation, else (n_x, m).
    """
    X: NDArray[Any] = examples if run.preparation is None else run.preparation.features(examples)
    with np.errstate(all="ignore"):  # predict refuses what is not finite
        return run.standardization(X) if run.standardization else X

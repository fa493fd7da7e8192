"""The examples that an exported model is checked on, before any preparation: features in columns, or a table."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.input_record import InputRecord
from layerlab.datasets.tabular.data_frames import is_frame
from layerlab.datasets.tabular.table import Table
from layerlab.errors import InputError
from layerlab.runs.argument_checks import check_features
from layerlab.runs.run import Run

FeaturesOrTable: TypeAlias = NDArray[Any] | Table
"""Features in columns, (n_x, m); or for a run with a preparation the table that its features are made from."""

MOST_EXAMPLES = 200_000
"""The largest number of examples that a model is checked on: more would take long and show nothing new."""


def check_examples(run: Run, X: Any) -> FeaturesOrTable:
    """Check that the run can predict these examples, and return the first ``MOST_EXAMPLES`` of them.

    Raises:
        InputError: there are none, one is not finite, or it is a table instead of features, or the other way round.
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
    """Return how many examples there are."""
    return examples.m if isinstance(examples, Table) else int(examples.shape[1])


def network_inputs(run: Run, examples: FeaturesOrTable) -> NDArray[Any]:
    """Prepare and standardise examples as the run does, and return X (n_x, m) as its network takes it."""
    with np.errstate(all="ignore"):  # predict refuses what is not finite
        return InputRecord.of(run).features(examples)

"""layerlab's default network in the tables benchmark, as a user reaches it: a table goes in, a run comes out.

The one place that changes when the default does.
"""

from __future__ import annotations

from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import load_table
from layerlab.evaluating.comparisons.recipe_training import train_recipe
from layerlab.evaluating.comparisons.recipes import suite_of

from .tables_list import entries, frame_of
from .tables_scores import Answer


def layerlab_default(name: str, train: NDArray[np.int64], test: NDArray[np.int64], seed: int) -> Answer:
    """Train what ``layerlab train FILE --target NAME`` trains, on the training rows of a split, and ask it."""
    entry, frame = entries()[name], frame_of(name)
    start, start_cpu = perf_counter(), process_time()
    data = load_table(
        frame.iloc[train].reset_index(drop=True),
        target=entry.target,
        task="classes" if entry.classifies else "values",
        test_file=frame.iloc[test].reset_index(drop=True),
    )
    suite = suite_of(data)
    assert suite is not None  # noqa: S101
    run = train_recipe(suite.recipes[1], data, progress=False, seed=seed)
    seconds, cpu_seconds = perf_counter() - start, process_time() - start_cpu
    if not entry.classifies:
        return Answer(run.predict(data.test.X)[0], seconds, cpu_seconds)
    P = run.predict_proba(data.test.X)
    if len(P) == 1:
        P = np.concatenate([1 - P, P])
    assert data.class_names is not None  # noqa: S101
    by_name = [data.class_names.index(each) for each in sorted(set(frame[entry.target]))]
    return Answer(P[by_name].T, seconds, cpu_seconds)

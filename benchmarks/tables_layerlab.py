"""layerlab's default network in the tables benchmark, as a user reaches it: a table goes in, a run comes out.

The one place that changes when the default does.
"""

from __future__ import annotations

from time import perf_counter, process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset, load_table
from layerlab.evaluating.comparisons.recipe_training import train_recipe
from layerlab.evaluating.comparisons.recipes import suite_of

from .tables_list import entries, frame_of
from .tables_scores import LEVEL, Answer


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
    recipe = suite.usual or suite.recipes[1]
    data = data if recipe.scaling is None else data.rescaled(recipe.scaling)
    run = train_recipe(recipe, data, progress=False, seed=seed, advice=False)
    seconds, cpu_seconds = perf_counter() - start, process_time() - start_cpu
    answered = None if run.members is None else run.members.out_of_fold[:, _file_order(data)]
    if not entry.classifies:
        ends = (
            None if run.members is None else np.stack([one[0] for one in run.predict_intervals(data.test.X, LEVEL)], 1)
        )
        return Answer(
            run.predict(data.test.X)[0], seconds, cpu_seconds, None if answered is None else answered[0], ends
        )
    by_name = [data.class_names.index(each) for each in sorted(set(frame[entry.target]))]
    P = _of_all_classes(run.predict_proba(data.test.X))[by_name].T
    out_of_fold = None if answered is None else _of_all_classes(answered)[by_name].T
    sets = None if run.members is None else run.predict_sets(data.test.X, LEVEL)[by_name].T
    return Answer(P, seconds, cpu_seconds, out_of_fold, sets)


def _of_all_classes(P: NDArray[Any]) -> NDArray[Any]:
    """(K, m) probabilities of all classes, where a network of two classes has only that of the second, (1, m)."""
    return np.concatenate([1 - P, P]) if len(P) == 1 else P


def _file_order(data: Dataset) -> NDArray[np.int64]:
    """(m,) places of the training examples in the order of their rows in the table."""
    assert data.raw is not None  # noqa: S101
    return np.argsort(data.raw.table.rows[data.raw.train])

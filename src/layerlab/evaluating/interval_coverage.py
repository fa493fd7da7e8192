"""How often prediction intervals and sets of classes contain the truth on the test set, and how large they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.runs.intervals import USUAL_LEVEL, why_no_intervals
from layerlab.runs.run import Run
from layerlab.text import amount, percent

from .statistics import interval_facts, mean_share_interval, share_interval


def coverage_facts(run: Run, dataset: Dataset, level: float = USUAL_LEVEL) -> dict[str, Any] | None:
    """Return how often a run's intervals or sets contain the truth on the test set, and their mean size.

    Args:
        run: the trained network.
        dataset: the dataset, prepared as for the run.
        level: the share that they should contain.

    Returns:
        None for a run without members, and one that diverged. Else ``level``, ``covered`` (the share of the test set),
        its 95 % ``interval``, ``size`` (mean width of the intervals of each output, as a list; or the mean number of
        classes in a set), and ``what``, in words. If the run has no intervals of this level, ``what`` says why, and the
        others are None.
    """
    if run.members is None or run.diverged or run.network.has_several_labels:
        return None
    X, Y = dataset.test
    kind = "sets of classes" if run.network.classifies else "prediction intervals"
    if why := why_no_intervals(run.members, run.network):
        return _without(level, kind, why)
    try:
        if run.network.classifies:
            sets = run.predict_sets(X, level)
            covered, interval = share_interval(sets[class_numbers(Y), np.arange(sets.shape[1])])
            size: Any = float(sets.sum(axis=0).mean())
            large = f"a set holds {size:.3g} classes on average"
        else:
            low, high = run.predict_intervals(X, level)
            covered, interval = mean_share_interval(((low <= Y) & (high >= Y)).mean(axis=0))
            size = [float(one) for one in (high - low).mean(axis=1)]
            large = f"on average they are {' and '.join(map(amount, size))} wide"
    except InputError as error:
        return _without(level, kind, str(error))
    ends = f"95 % interval {percent(interval[0])} to {percent(interval[1])}"
    what = (
        f"The {kind} of {100 * level:g} % contain the truth for {percent(covered)} of the test set ({ends}); {large}."
    )
    return {"level": level, "covered": covered, "interval": interval_facts(interval), "size": size, "what": what}


def _without(level: float, kind: str, why: str) -> dict[str, Any]:
    """Return the facts of a run that has no intervals of a level, with the reason."""
    what = f"There are no {kind} of {100 * level:g} %: {why}."
    return {"level": level, "covered": None, "interval": None, "size": None, "what": what}

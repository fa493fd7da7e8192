"""How much better a network knows the training set than the test set, and what that may come from.

Memorising is only one cause. A network that answers the same to every example scores the shares of that class, which
differ between the sets; test rows that are later, or from other groups or files, may be of another distribution. So a
cause is named where the evidence is there, and else both.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import base_rate, class_numbers
from layerlab.datasets.preparing.split_table import Raw
from layerlab.datasets.tabular.target_drift import target_drift_notices
from layerlab.formulas.arrays import Floats, Indices
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.run import Run
from layerlab.text import amount, percent

from .class_scores import are_unequal, balanced_accuracy_interval, confusion
from .shift_evidence import Shift, measure_shift
from .statistics import mean_interval, wilson_interval

FEWEST_POINTS = 10.0
"""Percentage points between training and test accuracy from which the difference is spoken of."""

FEWEST_TIMES = 1.5
"""The same of a regression: by how much the test error is larger than the training error."""


class _Score(NamedTuple):
    """A share or an error of one set, and its 95 % interval."""

    value: float
    low: float
    high: float


def gap_facts(run: Run, dataset: Dataset, on_train: NDArray[Any], on_test: NDArray[Any]) -> dict[str, Any]:
    """Say whether a network fits the training set much better than the test set, and why, as far as that is known.

    Accuracies are compared with the test set's shares of the classes in both sets, so that a network that prefers one
    class has no gap from that alone; where a class is rare balanced accuracies are compared. It counts from 10
    percentage points on (of a regression from an error 1.5 times as large), if the 95 % interval of the difference
    leaves out 0 (Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10; of
    a regression if the two intervals are apart), and if the network is better on the training set than the best
    constant answer.

    Args:
        run: trained on ``dataset``.
        dataset: prepared as for the run.
        on_train, on_test: predictions for both sets: class numbers (1, m), labels or values (n_y, m).

    Returns:
        ``outcome``: "memorised" where the sets were split at random; where they were not, "changed" if boosted trees
        are worse on the test set too than on held-out training examples (``measure_shift``), else "unclear"; None
        without a gap. ``what``: a sentence, "" without a gap.
    """
    scores = _class_scores if run.network.classifies else _value_scores
    fits = scores(run, dataset, on_train, on_test)
    if fits is None:
        return {"outcome": None, "what": ""}
    beginning = f"It fits the training set much better than the test set ({fits})"
    if dataset.split_at_random:
        what = f"{beginning}: it has partly memorised the training examples (overfitting)."
        return {"outcome": "memorised", "what": f"{what} {_what_helps(run, dataset)}"}
    shift = measure_shift(dataset, run.network.classifies) if not run.network.has_several_labels else None
    outcome = "changed" if shift is not None and shift.shown else "unclear"
    return {"outcome": outcome, "what": f"{beginning}. {_other_cause(run, dataset, shift)}"}


def _class_scores(run: Run, dataset: Dataset, on_train: NDArray[Any], on_test: NDArray[Any]) -> str | None:
    """Both accuracies in words if they differ by more than chance and more than the classes' shares explain."""
    Y, Y_test = dataset.train.Y, dataset.test.Y
    if not run.network.has_several_labels and are_unequal(dataset):
        return _balanced_scores(dataset, on_train, on_test)
    if run.network.has_several_labels:
        known = train = _mean((on_train == (Y > 0.5)).mean(axis=0))
        test = _mean((on_test == (Y_test > 0.5)).mean(axis=0))
        ones = (Y > 0.5).mean(axis=1)
        base = float(np.maximum(ones, 1 - ones).mean())
    else:
        truth, truth_test = class_numbers(Y), class_numbers(Y_test)
        right, right_test = on_train[0] == truth, on_test[0] == truth_test
        known, test = (_share(some, np.ones(len(some))) for some in (right, right_test))
        train, base = _share(right, _as_in_test(truth, truth_test)), base_rate(Y)
    gap = train.value - test.value
    least = gap - math.hypot(train.value - train.low, test.high - test.value)
    if not (known.low > base and least > 0 and 100 * gap >= FEWEST_POINTS):
        return None
    return f"{percent(known.value)} right against {percent(test.value)}"


def _balanced_scores(dataset: Dataset, on_train: NDArray[Any], on_test: NDArray[Any]) -> str | None:
    """Both balanced accuracies in words if they differ by more than chance: where a class is rare accuracies do not."""
    counts = confusion(dataset, on_train, "train"), confusion(dataset, on_test)
    intervals = [balanced_accuracy_interval(some) for some in counts]
    if intervals[0] is None or intervals[1] is None:
        return None
    values = [float((some.diagonal() / some.sum(axis=1)).mean()) for some in counts]
    gap = values[0] - values[1]
    least = gap - math.hypot(values[0] - intervals[0][0], intervals[1][1] - values[1])
    if not (intervals[0][0] > 1 / len(counts[0]) and least > 0 and 100 * gap >= FEWEST_POINTS):
        return None
    return f"balanced accuracy {percent(values[0])} against {percent(values[1])}"


def _value_scores(run: Run, dataset: Dataset, on_train: NDArray[Any], on_test: NDArray[Any]) -> str | None:  # noqa: ARG001
    """Both mean absolute errors in words if they differ by more than chance."""
    Y, Y_test = dataset.train.Y, dataset.test.Y
    train, test = _mean(np.abs(Y - on_train).mean(axis=0)), _mean(np.abs(Y_test - on_test).mean(axis=0))
    constant = float(np.abs(Y - np.median(Y, axis=1, keepdims=True)).mean())
    if not (train.high < constant and train.high < test.low and test.value >= FEWEST_TIMES * train.value):
        return None
    return f"mean absolute error {amount(train.value)} against {amount(test.value)}"


def _as_in_test(truth: Indices, truth_test: Indices) -> Floats:
    """Weights (m,) of the training examples that give each class the share that it has in the test set."""
    n = 1 + int(max(truth.max(), truth_test.max()))
    here, there = (np.bincount(some, minlength=n) / len(some) for some in (truth, truth_test))
    weights: Floats = (there / np.where(here > 0, here, 1.0))[truth]
    return weights


def _share(right: NDArray[np.bool_], weights: Floats) -> _Score:
    """A weighted share of right answers, with the Wilson interval of as many examples as weigh alike (Kish 1965)."""
    total = float(weights.sum())
    if total == 0:
        return _Score(math.nan, math.nan, math.nan)
    share, like = float(weights @ right) / total, max(1, round(total**2 / float(weights @ weights)))
    return _Score(share, *wilson_interval(round(share * like), like))


def _mean(values: Floats) -> _Score:
    mean, (low, high) = mean_interval(values)
    return _Score(mean, low, high)


def _what_helps(run: Run, dataset: Dataset) -> str:
    """Say what helps against memorising: what suits the network and the data, and is not in use yet."""
    settings, hidden = run.settings, bool(run.network.activations)
    decays = settings["optimizer"] == "adamw"
    helps = {
        "smaller layers": hidden,
        "weight decay" if decays else "an L2 penalty": not (settings["l2"] or (decays and settings["weight_decay"])),
        "dropout": hidden and not settings["dropout"] and settings["optimizer"] != LBFGS,
        "--augment": bool(dataset.image_shape) and dataset.source is not None and dataset.augmentation is None,
    }
    words = [what for what, suits in helps.items() if suits]
    if words:
        words[-1] = f"or {words[-1]}"
    return ", ".join(["More training examples help", *words]) + "."


def _other_cause(run: Run, dataset: Dataset, shift: Shift | None) -> str:
    """Say what else than memorising the difference may come from, by how the sets were made and what trees came to."""
    split = None if dataset.raw is None else dataset.raw.split
    if dataset.raw is not None and split is not None and split.time is not None:
        how = f"The test rows are later by {split.time!r} than the training rows{_moved(dataset.raw)}."
        cause, changed = "a change over time (drift)", "the data have changed over time (drift)"
    elif split is not None and split.group is not None:
        how = f"The test rows are of other groups (by {split.group!r})."
        cause, changed = "how the groups differ", "the groups differ"
    else:
        how = "The test set was not split off at random."
        cause, changed = f"how the two sets differ{_shares(dataset)}", f"the two sets differ{_shares(dataset)}"
    if shift is None:
        return f"{how} This can be memorising (overfitting) or {cause}."
    if shift.shown:
        return f"{how} {shift.what}: {changed}, which memorising does not explain."
    likelier = "which shows no such change, so memorising (overfitting) is likelier."
    return f"{how} {shift.what}, {likelier} {_what_helps(run, dataset)}"


def _moved(raw: Raw) -> str:
    """Say how the target has changed over time, which memorising does not explain; "" where it is not shown to have."""
    found = target_drift_notices(raw.table[raw.target], raw.train, raw.test)
    return f", and {found[0].what.split(', so ')[0]}" if found else ""


def _shares(dataset: Dataset) -> str:
    """Name the class whose share differs most between the sets; "" without classes, or where it hardly differs."""
    if not dataset.class_names:
        return ""
    n = len(dataset.class_names)
    here, there = (
        np.bincount(class_numbers(part.Y), minlength=n) / part.Y.shape[1] for part in (dataset.train, dataset.test)
    )
    most = int(np.abs(here - there).argmax())
    if 100 * abs(here[most] - there[most]) < FEWEST_POINTS:
        return ""
    name = dataset.class_names[most]
    return f" (of the class {name}: {percent(here[most])} of the training set, {percent(there[most])} of the test set)"

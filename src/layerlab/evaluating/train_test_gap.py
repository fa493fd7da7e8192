"""How much better a network fits the training set than the test set, and the possible reasons.

Overfitting is only one reason. Test rows that are later, or that come from other groups or files, may have another
distribution. A network that predicts one class for all examples has different accuracies where that class's shares
differ. So one reason is named where there is evidence for it, and otherwise both.
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
"""The difference of training and test accuracy, in percentage points, from which it is reported."""

FEWEST_TIMES = 1.5
"""The same for a regression: test error divided by training error."""

BEGINNING = "The network fits the training set much better than the test set"
"""How the sentence about a gap begins."""


class _Score(NamedTuple):
    """An accuracy or an error on one set, and its 95 % interval."""

    value: float
    low: float
    high: float


def gap_facts(run: Run, dataset: Dataset, on_train: NDArray[Any], on_test: NDArray[Any]) -> dict[str, Any]:
    """Say whether a network fits the training set much better than the test set, and why, as far as that is known.

    In both accuracies the classes have the test set's shares, so that a network that prefers one class has no gap for
    that reason alone. Where a class is rare, balanced accuracies are compared. Three conditions make a gap:

    - It is at least 10 percentage points; for a regression the test error is at least 1.5 times the training error.
    - The 95 % interval of the difference does not contain 0 (Newcombe 1998, "Interval estimation for the difference
      between independent proportions", method 10); for a regression the two intervals do not overlap.
    - On the training set the network is better than the best constant prediction.

    Args:
        run: a network that was trained on ``dataset``.
        dataset: the dataset, prepared as for the run.
        on_train, on_test: predictions for both sets: class numbers (1, m), labels or values (n_y, m).

    Returns:
        ``outcome``: None without a gap; "memorised" where the sets were split at random. Where they were not, "changed"
        if boosted trees, too, are worse on the test set than on held-out training examples (``measure_shift``), else
        "unclear". ``what``: sentences, "" without a gap.
    """
    scores = _class_scores if run.network.classifies else _value_scores
    fits = scores(run, dataset, on_train, on_test)
    if fits is None:
        return {"outcome": None, "what": ""}
    beginning = f"{BEGINNING} ({fits})"
    if dataset.split_at_random:
        what = f"{beginning}: it has partly memorised the training examples (overfitting)."
        return {"outcome": "memorised", "what": f"{what} {_what_helps(run, dataset)}"}
    shift = measure_shift(dataset, run.network.classifies) if not run.network.has_several_labels else None
    outcome = "changed" if shift is not None and shift.shown else "unclear"
    return {"outcome": outcome, "what": f"{beginning}. {_other_cause(run, dataset, shift)}"}


def _class_scores(run: Run, dataset: Dataset, on_train: NDArray[Any], on_test: NDArray[Any]) -> str | None:
    """Return both accuracies in words if they differ by more than luck and the classes' shares explain; else None."""
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
    return f"{percent(known.value)} correct, test set {percent(test.value)}"


def _balanced_scores(dataset: Dataset, on_train: NDArray[Any], on_test: NDArray[Any]) -> str | None:
    """Return both balanced accuracies in words if they differ by more than luck explains; else None."""
    counts = confusion(dataset, on_train, "train"), confusion(dataset, on_test)
    intervals = [balanced_accuracy_interval(some) for some in counts]
    if intervals[0] is None or intervals[1] is None:
        return None
    values = [float((some.diagonal() / some.sum(axis=1)).mean()) for some in counts]
    gap = values[0] - values[1]
    least = gap - math.hypot(values[0] - intervals[0][0], intervals[1][1] - values[1])
    if not (intervals[0][0] > 1 / len(counts[0]) and least > 0 and 100 * gap >= FEWEST_POINTS):
        return None
    return f"balanced accuracy {percent(values[0])}, test set {percent(values[1])}"


def _value_scores(run: Run, dataset: Dataset, on_train: NDArray[Any], on_test: NDArray[Any]) -> str | None:  # noqa: ARG001
    """Return both mean absolute errors in words if they differ by more than luck explains; else None."""
    Y, Y_test = dataset.train.Y, dataset.test.Y
    train, test = _mean(np.abs(Y - on_train).mean(axis=0)), _mean(np.abs(Y_test - on_test).mean(axis=0))
    constant = float(np.abs(Y - np.median(Y, axis=1, keepdims=True)).mean())
    if not (train.high < constant and train.high < test.low and test.value >= FEWEST_TIMES * train.value):
        return None
    return f"mean absolute error {amount(train.value)}, test set {amount(test.value)}"


def _as_in_test(truth: Indices, truth_test: Indices) -> Floats:
    """Return weights (m,) of the training examples that give each class its share of the test set."""
    n = 1 + int(max(truth.max(), truth_test.max()))
    here, there = (np.bincount(some, minlength=n) / len(some) for some in (truth, truth_test))
    weights: Floats = (there / np.where(here > 0, here, 1.0))[truth]
    return weights


def _share(right: NDArray[np.bool_], weights: Floats) -> _Score:
    """Return a weighted accuracy and the Wilson interval of the effective number of examples (Kish 1965)."""
    total = float(weights.sum())
    if total == 0:
        return _Score(math.nan, math.nan, math.nan)
    share, like = float(weights @ right) / total, max(1, round(total**2 / float(weights @ weights)))
    return _Score(share, *wilson_interval(round(share * like), like))


def _mean(values: Floats) -> _Score:
    mean, (low, high) = mean_interval(values)
    return _Score(mean, low, high)


def _what_helps(run: Run, dataset: Dataset) -> str:
    """Say what helps against overfitting: what suits the network and the data, and is not in use yet."""
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
    """Say which reason other than overfitting is possible: by how the sets were made, and by how trees do on them."""
    split = None if dataset.raw is None else dataset.raw.split
    if dataset.raw is not None and split is not None and split.time is not None:
        how = f"The test rows are later (by {split.time!r}) than the training rows{_moved(dataset.raw)}."
        cause, changed = "a change over time (drift)", "the data have changed over time (drift)"
    elif split is not None and split.group is not None:
        how = f"The test rows are from other groups (by {split.group!r})."
        cause, changed = "how the groups differ", "the groups differ"
    else:
        how = "The test set is not a random part of the data."
        cause, changed = f"how the two sets differ{_shares(dataset)}", f"the two sets differ{_shares(dataset)}"
        cause += ". To find out, train on random splits: a gap that remains is overfitting"
    if shift is None:
        return f"{how} The reason can be overfitting (memorised training examples) or {cause}."
    if shift.shown:
        return f"{how} {shift.what}. So {changed}; overfitting alone does not explain it."
    likelier = "This shows no such change, so overfitting (memorised training examples) is the likelier reason."
    return f"{how} {shift.what}. {likelier} {_what_helps(run, dataset)}"


def _moved(raw: Raw) -> str:
    """Say how the target has changed over time; "" where it is not shown to have changed."""
    found = target_drift_notices(raw.table[raw.target], raw.train, raw.test)
    return f", and {found[0].what.split('. Scores on ')[0]}" if found else ""


def _shares(dataset: Dataset) -> str:
    """Say which class's share differs most between the sets; "" without classes, or where no share differs much."""
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
    return f" (class {name}: {percent(here[most])} of the training set, {percent(there[most])} of the test set)"

"""Compare a network with the best constant prediction: if it is no better, it learned nothing that generalises."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import class_numbers
from layerlab.formulas.arrays import Floats
from layerlab.text import amount

from .paired_words import by_luck_text
from .statistics import CONFIDENCE_LEVEL, mcnemar_p_value, paired_p_value


def constant_facts(Y_train: Floats, Y: Floats, predictions: NDArray[Any]) -> dict[str, Any]:
    """Compare a regression on the test set with the constants that are best on the training set.

    Absolute errors are compared with those of the training set's median, squared errors with those of its mean, each by
    Student's paired t-test. A network that is worse by either counts as worse: where the data drift, it may predict
    values far beyond those that it has seen.

    Args:
        Y_train: (n_y, m_train) values of the training set.
        Y: (n_y, m) values of the test set.
        predictions: (n_y, m) of the network for the test set.

    Returns:
        ``outcome``: "better", "unclear" (the difference can be luck), "worse", or None for predictions that are not
        finite; ``what``: sentences, "" where the network is better; ``p_value``: of the comparison that decides.
    """
    if not np.isfinite(predictions).all():
        return {"outcome": None, "what": "", "p_value": None}
    constants = {
        "median": (np.abs, np.median(Y_train, axis=1, keepdims=True), "mean absolute error"),
        "mean": (np.square, Y_train.mean(axis=1, keepdims=True), "mean squared error"),
    }
    found = {}
    for name, (size, constant, error) in constants.items():
        ours, theirs = (size(Y - answers).mean(axis=0) for answers in (predictions, constant))
        p, lower = paired_p_value(ours, theirs), bool(ours.mean() < theirs.mean())
        outcome = "better" if lower else "worse"
        if p >= 1 - CONFIDENCE_LEVEL and not (lower and name == "mean"):  # few large errors make squares uncertain
            outcome = "unclear"
        # the mean absolute errors are said elsewhere
        scores = f" ({error} {amount(ours.mean())}; the mean {amount(theirs.mean())})" * (name == "mean")
        luck = by_luck_text("a difference this large", (p, p))
        found[outcome, name] = f"always predicting the training set's {name}{scores}. {luck}", p
    outcome, name = min(found, key=lambda one: tuple(BEGINNINGS).index(one[0]))
    rest, p = found[outcome, name]
    return {"outcome": outcome, "what": BEGINNINGS[outcome] and f"{BEGINNINGS[outcome]} {rest}", "p_value": p}


def majority_facts(Y: Floats, predictions: NDArray[Any], least: float) -> dict[str, Any]:
    """Compare a classifier with always predicting the test set's majority class, or each label's more frequent value.

    Args:
        Y: (n_y, m) classes or several labels of the test set, as a dataset has them.
        predictions: (1, m) class numbers, or (n_y, m) labels, of the network for the test set.
        least: lower end of the 95 % interval of the accuracy. The network counts as better if the accuracy of the
            constant prediction is lower than that.

    Returns:
        As ``constant_facts``. The p-value is that of the exact McNemar test; with several labels that of the paired
        t-test on each example's share of correct labels.
    """
    if len(predictions) > 1:
        truth = Y > 0.5
        majority = truth.mean(axis=1, keepdims=True) > 0.5
        ours, theirs = ((answers == truth).mean(axis=0) for answers in (predictions, majority))
        p, result = paired_p_value(ours, theirs), "a difference this large"
    else:
        numbers = class_numbers(Y)
        ours, theirs = (answers == numbers for answers in (predictions[0], np.bincount(numbers).argmax()))
        p = mcnemar_p_value(int((ours & ~theirs).sum()), int((theirs & ~ours).sum()))
        result = "a result this one-sided"
    own, base = float(ours.mean()), float(theirs.mean())
    if least > base:
        return {"outcome": "better", "what": "", "p_value": p}
    if own >= base:
        what = "The network is not shown to be better than a constant answer."
        return {"outcome": "unclear", "what": what, "p_value": p}
    luck = by_luck_text(result, (p, p))
    if p < 1 - CONFIDENCE_LEVEL:
        return {"outcome": "worse", "what": f"The network is worse than a constant answer. {luck}", "p_value": p}
    what = f"The network is correct less often than a constant answer would be. {luck}"
    return {"outcome": "unclear", "what": what, "p_value": p}


BEGINNINGS = {
    "worse": "The network is worse than",
    "unclear": "The network is not shown to be better than",
    "better": "",
}
"""How the sentence about each outcome begins; the outcome that decides comes first."""

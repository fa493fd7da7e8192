"""The best constant answer beside a network: one that is no better has learned nothing that holds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import class_numbers
from layerlab.formulas.arrays import Floats
from layerlab.text import amount, percent

from .baseline_comparison import p_text
from .statistics import CONFIDENCE_LEVEL, mcnemar_p_value, paired_p_value


def constant_facts(Y_train: Floats, Y: Floats, predictions: NDArray[Any]) -> dict[str, Any]:
    """Compare a regression with the constants that are best on the training set, on the test set.

    Absolute errors are compared with those of the training set's median, squared errors with those of its mean, each by
    Student's paired t-test. What is worse by either is worse: drift lets a network answer far beyond what it has seen.

    Args:
        Y_train: (n_y, m_train) values of the training set.
        Y: (n_y, m) values of the test set.
        predictions: (n_y, m) of the network for the test set.

    Returns:
        ``outcome``: "better", "unclear" (the difference may be chance), "worse", or None for predictions that are not
        finite; ``what``: a sentence, "" where the network is better; ``p_value``: of the comparison that counts.
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
        scores = f"{error} {amount(ours.mean())} on the test set, against {amount(theirs.mean())}"
        found[outcome, name] = f"the training set's {name}: {scores} (paired t-test, {p_text(p)}).", p
    outcome, name = min(found, key=lambda one: tuple(BEGINNINGS).index(one[0]))
    rest, p = found[outcome, name]
    return {"outcome": outcome, "what": BEGINNINGS[outcome] and f"{BEGINNINGS[outcome]} {rest}", "p_value": p}


def majority_facts(Y: Floats, predictions: NDArray[Any], least: float) -> dict[str, Any]:
    """Compare a classifier with always giving the test set's most frequent class, or of each label its usual value.

    Args:
        Y: (n_y, m) classes or several labels of the test set, as a dataset has them.
        predictions: (1, m) class numbers, or (n_y, m) labels, of the network for the test set.
        least: lower end of the 95 % interval of the accuracy: the network is better where the constant is right less
            often than that.

    Returns:
        As ``constant_facts``; the p-value is of the exact McNemar test, of several labels of the paired t-test over the
        shares of each example's labels that are right.
    """
    if len(predictions) > 1:
        truth = Y > 0.5
        usual = truth.mean(axis=1, keepdims=True) > 0.5
        ours, theirs = ((answers == truth).mean(axis=0) for answers in (predictions, usual))
        p, test = paired_p_value(ours, theirs), "paired t-test"
    else:
        numbers = class_numbers(Y)
        ours, theirs = (answers == numbers for answers in (predictions[0], np.bincount(numbers).argmax()))
        p, test = mcnemar_p_value(int((ours & ~theirs).sum()), int((theirs & ~ours).sum())), "exact McNemar test"
    own, base = float(ours.mean()), float(theirs.mean())
    if least > base:
        return {"outcome": "better", "what": "", "p_value": p}
    majority = "always giving the most frequent class"
    if own >= base:
        what = f"It is not shown to be better than {majority}, which is right in {percent(base)} of the test part."
        return {"outcome": "unclear", "what": what, "p_value": p}
    scores = f"in {percent(own)} of the test part, against {percent(base)}"
    if p < 1 - CONFIDENCE_LEVEL:
        what = f"The network is worse than {majority}: right {scores} ({test}, {p_text(p)})."
        return {"outcome": "worse", "what": what, "p_value": p}
    chance = f"the difference may be chance ({test}, {p_text(p)})"
    what = f"The network is right less often than {majority} would be: {scores}; {chance}."
    return {"outcome": "unclear", "what": what, "p_value": p}


BEGINNINGS = {
    "worse": "The network is worse than always answering",
    "unclear": "The network is not shown to be better than always answering",
    "better": "",
}
"""How the sentence about each outcome begins, the one that counts most first."""

"""The threshold of two classes: the probability above which class 1 is predicted, chosen on held-out examples.

At 0.5 a network that learned a rare class from few examples hardly ever predicts it, though its probabilities may rank
the examples well. Another threshold changes the predicted classes but no probability.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from layerlab.datasets import Part
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.runs.argument_checks import check_labels_fit, check_part, check_threshold
from layerlab.runs.metrics import METRICS, metric_value
from layerlab.runs.run import Run
from layerlab.text import percent

from .area_intervals import FEWEST

CHOSEN_BY = ("balanced_accuracy", "f1", "accuracy")
"""The scores by which a threshold can be chosen: those of ``runs.metrics`` that depend on it."""

MOST_THRESHOLDS = 1000
"""The largest number of thresholds that are tried."""


@dataclass(frozen=True)
class ThresholdChoice:
    """A run with another threshold, and what that changes on the examples that it was chosen on.

    Attributes:
        run: the run with its new ``threshold``; its probabilities are the same.
        by: name of the score.
        thresholds, scores: each before and after. The score after is optimistic, because the threshold was chosen by
            it.
        examples: number of examples that the threshold was chosen on.
        rarer: number of these examples that belong to the rarer class.
    """

    run: Run
    by: str
    thresholds: tuple[float, float]
    scores: tuple[float, float]
    examples: int
    rarer: int

    def facts(self) -> dict[str, Any]:
        """Return the choice as plain values for JSON."""
        return {
            "by": self.by,
            "thresholds": list(self.thresholds),
            "scores": list(self.scores),
            "examples": self.examples,
            "rarer": self.rarer,
        }

    def __str__(self) -> str:
        before, after = self.scores
        n, are = self.rarer, "is" if self.rarer == 1 else "are"
        few = f" Only {n:,} of them {are} of the rarer class: do not rely on it." if n < FEWEST else ""
        return (
            f"The threshold was chosen by {self.by.replace('_', ' ')} on {self.examples:,} held-out examples: it is "
            f"{percent(after)} with {self.thresholds[1]:.4g}, {percent(before)} with {self.thresholds[0]:.4g}."
            f"{few}"
        )


def choose_threshold(run: Run, part: Part | tuple[Any, Any], by: str = "balanced_accuracy") -> ThresholdChoice:
    """Choose the threshold of a network for two classes: the one with the best score on some examples.

    Class 1 is predicted if its probability is above the threshold. The run's own threshold is tried, and all thresholds
    that belong to corners of the ROC curve; these lie half-way between two probabilities. Among equal scores, the one
    nearest to the run's own threshold is taken. scikit-learn's ``TunedThresholdClassifierCV`` does the same.

    Args:
        run: a classifier with one "sigmoid" output.
        part: X (n_x, m) and Y (1, m), examples of both classes that the run was not trained on, prepared as the
            training set was; not the test set, whose scores would be optimistic then.
        by: "balanced_accuracy" (the mean of both classes' recalls), "f1" (the mean of both classes' F1), or "accuracy".

    Returns:
        The new run, which keeps the threshold when it is saved and exported, and the scores before and after.

    Raises:
        InputError: the network is not for two classes, the run diverged, ``by`` is another name, or the examples do not
            fit or are of only one class.

    Example:
        >>> import layerlab
        >>> X, Y = layerlab.datasets.load_breast_cancer().standardized().train
        >>> run = layerlab.train(layerlab.Network([30, 1]), (X[:, 100:], Y[:, 100:]), learning_rate=0.1, iterations=100)
        >>> choice = choose_threshold(run, (X[:, :100], Y[:, :100]))
        >>> choice.run.threshold == choice.thresholds[1], choice.scores[1] >= choice.scores[0]
        (True, True)
    """
    check_threshold(run.network, run.threshold)
    if by not in CHOSEN_BY:
        raise InputError(f"by={by!r}: wanted one of {', '.join(map(repr, CHOSEN_BY))}, the score of the threshold")
    if run.diverged:
        raise InputError(
            "the run diverged, so its probabilities mean nothing: train with a smaller learning rate first"
        )
    X, Y = check_part(run.network, part, run.parameters["W1"].dtype, "validation ")
    check_labels_fit(run.network, Y, "validation ")
    if len(np.unique(Y)) < 2:
        raise InputError(
            "the validation set has examples of only one class: wanted two, between which a threshold is chosen; hold "
            "out a larger share"
        )
    P = run.predict_proba(X)
    tried = _thresholds(P[0], Y[0], run.threshold)
    scores = [metric_value(METRICS[by], run.network, P, Y, threshold=one) for one in tried]
    best = tried[int(np.argmax(scores))]
    return ThresholdChoice(
        replace(run, threshold=best),
        by,
        (run.threshold, best),
        (scores[0], max(scores)),
        X.shape[1],
        int(min(Y.sum(), (1 - Y).sum())),
    )


def _thresholds(P: Floats, truth: Floats, own: float) -> list[float]:
    """Return the run's own threshold and those at which the ROC curve turns, the nearest to its own first."""
    from sklearn.metrics import roc_curve

    *_, turns = roc_curve(truth, P.astype(np.float64))
    probabilities = np.unique(P.astype(np.float64))
    places = np.searchsorted(probabilities, turns[1:])  # the first "threshold" of the curve is infinite
    below = probabilities[np.maximum(places - 1, 0)]
    middles = np.unique((probabilities[places] + below) / 2)
    middles = middles[(middles > 0) & (middles < 1)]
    if len(middles) > MOST_THRESHOLDS:
        middles = middles[np.linspace(0, len(middles) - 1, MOST_THRESHOLDS).astype(np.int64)]
    return [own, *sorted(map(float, middles), key=lambda one: abs(one - own))]

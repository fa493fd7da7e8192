"""Scores of predictions by name, each defined once: scikit-learn computes them.

``train(metrics=…)`` records them while a training runs; the scores of a test set, rankings of sweeps, searches and
columns, and the choice of a threshold use the same ones.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.network import Network

MEASURED_SETS = ("training", "validation")


class Metric(NamedTuple):
    """A score: a number that says how good predictions are.

    Attributes:
        of: what is compared with the true labels or values: "labels", "probabilities", "rarer" (of two classes the
            probabilities of the rarer one) or "values".
        score: called with the truth (m,), the predictions (m,), and ``sample_weight`` (m,) or None.
    """

    of: str
    score: Callable[..., float]


def _by_scikit_learn(name: str, **own: Any) -> Callable[..., float]:
    """Return a metric of scikit-learn, which is imported when the metric is first computed."""

    def score(truth: NDArray[Any], predicted: NDArray[Any], sample_weight: NDArray[Any] | None) -> float:
        from sklearn import metrics

        return float(getattr(metrics, name)(truth, predicted, sample_weight=sample_weight, **own))

    return score


METRICS = {
    "accuracy": Metric("labels", _by_scikit_learn("accuracy_score")),
    "error": Metric("labels", _by_scikit_learn("zero_one_loss")),
    "balanced_accuracy": Metric("labels", _by_scikit_learn("balanced_accuracy_score")),
    "f1": Metric("labels", _by_scikit_learn("f1_score", average="macro", zero_division=0.0)),
    "auc": Metric("probabilities", _by_scikit_learn("roc_auc_score")),
    "roc_auc": Metric("probabilities", _by_scikit_learn("roc_auc_score")),
    "average_precision": Metric("rarer", _by_scikit_learn("average_precision_score")),
    "r2": Metric("values", _by_scikit_learn("r2_score")),
    "mae": Metric("values", _by_scikit_learn("mean_absolute_error")),
    "rmse": Metric("values", _by_scikit_learn("root_mean_squared_error")),
}
"""By name: share of correct and of wrong labels, the mean of the classes' recalls, the mean of their F1, the area under
the ROC curve (each class against the others, and their mean; "auc" and "roc_auc" are the same), the average precision
(of two classes that of the rarer one; else as the area); R², mean absolute error, root mean squared error."""

RANKED_BY_CLASSES = ("balanced_accuracy", "roc_auc", "average_precision")
"""Scores that, unlike accuracy, depend little on the classes' shares; a ranking can be by one of them."""


def check_metrics(names: Any, network: Network) -> tuple[str, ...]:
    """Check that metrics exist and suit the network, and return their names.

    Args:
        names: one name, or several.
        network: the network, with its output named.

    Raises:
        InputError: one is unknown, is named twice, or is for networks of the other kind (classes or regression).
    """
    names = (names,) if isinstance(names, str) else names
    known = [name for name, metric in METRICS.items() if (metric.of != "values") == network.classifies]
    if not isinstance(names, Sequence) or any(name not in known or names.count(name) > 1 for name in names):
        kind = "classes" if network.classifies else "values (regression)"
        raise InputError(
            f"metrics={names!r}: wanted some of {', '.join(map(repr, known))}, each once: the network learns {kind}"
        )
    return tuple(names)


def metric_value(
    metric: Metric,
    network: Network,
    outputs: NDArray[Any],
    Y: NDArray[Any],
    weights: NDArray[Any] | None = None,
    threshold: float = 0.5,
) -> float:
    """Return a metric of predictions; nan where it is not defined, as for predictions that are not finite.

    Several labels of an example, or several target values, are rows: the metric is the mean over them.

    Args:
        metric: a metric of ``METRICS``.
        network: the network that predicts.
        outputs: (n_y, m) probabilities, or values of a regression.
        Y: (n_y, m) truth: 0 and 1, one-hot, or values.
        weights: (m,) weights of the examples; None if all count the same.
        threshold: probability above which class 1 of two is predicted.
    """
    if not np.isfinite(outputs).all():
        return float("nan")
    truth, predicted = Y, outputs
    if metric.of == "labels":
        truth, predicted = network.labels(Y), network.labels(outputs, threshold)
    elif metric.of == "rarer" and len(Y) == 1 and positive_class(Y[0]) == 0:
        truth, predicted = 1 - Y, -outputs  # as ranks: 1 − p would make ties of small probabilities
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a class without examples: the metric is nan then
        if metric.of == "rarer" and any(len(np.unique(row)) < 2 for row in truth):
            return float("nan")
        return float(np.mean([metric.score(*rows, weights) for rows in zip(truth, predicted, strict=True)]))


def positive_class(labels: NDArray[Any]) -> int:
    """Return which of two classes is looked for: the rarer one, or class 1 where both are equally frequent.

    Args:
        labels: (m,) 0 or 1.
    """
    return int(2 * labels.sum() <= labels.size)

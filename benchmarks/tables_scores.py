"""What is measured of one fit on one split of a table: scores on the test rows, the cover of intervals, and seconds.

The main score is what models are ranked by, and less of it is better: the root mean squared error over the training
targets' standard deviation for values, 1 − ROC AUC for two classes, the log loss for several classes.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

LEVEL = 0.9
"""The level of the intervals and class sets that are asked for."""


class Answer(NamedTuple):
    """What a contender says after it was fitted to the training rows of a split.

    Attributes:
        predictions: of the test rows: (m,) values, or (m, K) probabilities of the classes in the order of their names.
        seconds, cpu_seconds: what the fit took, by the clock and of the processor.
        out_of_fold: the same as ``predictions`` for the training rows, each by models that were not trained on it; None
            where a contender has none.
        interval: of the test rows: (m, 2) ends of ``LEVEL`` intervals; for classes (m, K) whether a class is in the
            row's set; None where a contender has none.
    """

    predictions: Floats
    seconds: float
    cpu_seconds: float
    out_of_fold: Floats | None = None
    interval: NDArray[Any] | None = None


Record = dict[str, float]
"""What is kept of a fit; its names are those of ``record_of``."""


def record_of(y_train: NDArray[Any], y_test: NDArray[Any], answer: Answer, first_time: NDArray[np.bool_]) -> Record:
    """Return everything that is kept of a fit.

    Args:
        y_train, y_test: (m,) values, or whole numbers of classes.
        answer: what the contender says.
        first_time: (m_test,) whether a row is in no test set of an earlier split, so that it is counted once in all.

    Returns:
        ``main``, the scores beside it, ``seconds`` and ``cpu_seconds``. With intervals, how many of the ``rows`` and
        of the ``new_rows``, those that no earlier split tested, are ``covered`` and ``new_covered``, and the mean
        ``width`` (in standard deviations of the training targets, or classes a set). With predictions out of fold,
        ``out_of_fold_excess``: by how many standard errors their mean loss exceeds that on the test rows.
    """
    found = scores(y_train, y_test, answer.predictions)
    found |= {"seconds": answer.seconds, "cpu_seconds": answer.cpu_seconds}
    if answer.interval is not None:
        found |= cover(y_train, y_test, answer.interval, first_time)
    if answer.out_of_fold is not None:
        found["out_of_fold_excess"] = excess(losses(y_train, answer.out_of_fold), losses(y_test, answer.predictions))
    return {name: float(f"{value:.6g}") for name, value in found.items()}


def scores(y_train: NDArray[Any], y_test: NDArray[Any], predictions: Floats) -> Record:
    """Return the main score and those beside it; scikit-learn's definitions."""
    from sklearn.metrics import log_loss, roc_auc_score

    if predictions.ndim == 1:
        errors, spread = predictions - y_test, float(y_train.std())
        return {"main": math.sqrt(float((errors**2).mean())) / spread, "mae": float(np.abs(errors).mean()) / spread}
    classes = np.arange(predictions.shape[1])
    whole = predictions / predictions.sum(axis=1, keepdims=True)
    loss = float(log_loss(y_test, whole, labels=classes))
    beside = {"log_loss": loss, "accuracy": float((predictions.argmax(axis=1) == y_test).mean())}
    return {"main": 1 - float(roc_auc_score(y_test, whole[:, 1])) if len(classes) == 2 else loss, **beside}


def losses(y: NDArray[Any], predictions: Floats) -> Floats:
    """Return each row's squared error, or the cross-entropy of its class; a probability of 0 counts as 2.2e-16."""
    if predictions.ndim == 1:
        return np.asarray((predictions - y) ** 2)
    of_its_class = predictions[np.arange(len(y)), y] / predictions.sum(axis=1)
    return np.asarray(-np.log(np.maximum(of_its_class, np.finfo(np.float64).eps)))


def excess(first: Floats, second: Floats) -> float:
    """Return by how many standard errors the mean of the first losses exceeds that of the second ones."""
    error = math.sqrt(float(first.var(ddof=1)) / len(first) + float(second.var(ddof=1)) / len(second))
    return float(first.mean() - second.mean()) / error


def cover(y_train: NDArray[Any], y_test: NDArray[Any], interval: NDArray[Any], first_time: NDArray[np.bool_]) -> Record:
    """Return how many test rows lie in their intervals or class sets, and how wide these are."""
    if interval.dtype == bool:
        held, width = interval[np.arange(len(y_test)), y_test], float(interval.sum(axis=1).mean())
    else:
        held = (interval[:, 0] <= y_test) & (y_test <= interval[:, 1])
        width = float((interval[:, 1] - interval[:, 0]).mean()) / float(y_train.std())
    counts = {"rows": held.size, "covered": held.sum()}
    new = {"new_rows": first_time.sum(), "new_covered": held[first_time].sum()}
    return {name: float(count) for name, count in {**counts, **new}.items()} | {"width": width}

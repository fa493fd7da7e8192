"""What all baselines share: the examples and weights that they learn from, their predictions and their scores."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.datasets.preparing.split_table import Raw
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.network import output_for
from layerlab.runs.argument_checks import check_weights
from layerlab.settings import Setting
from layerlab.training.job import balanced_weights

from .statistics import mean_interval, r_squared, share_interval

BASELINE = Setting(
    "baseline", str, None, "What the network is compared with", choices=("linear", "boosted", "none"), optional=True
)
"""The option that says which baselines are fitted: the linear one alone, both, or none; None: those that are quick."""


class Baseline(NamedTuple):
    """A simpler model that a network should beat: its predictions on the test set, and their score.

    Attributes:
        name: "logistic regression", "ridge regression" or "histogram gradient boosting".
        predictions: (1, m) class numbers, or (n_y, m) values.
        accuracy, balanced_accuracy: share of correct predictions, and mean recall of the classes; None for a
            regression.
        r2, error: R² and mean absolute error; None for a classifier.
        interval: 95 % interval of the accuracy (Wilson), or of the error (Student's t).
        examples: number of training examples that it learned from.
        remark: sentences about what limits the comparison, such as fewer training examples or the sample of a stream;
            else empty.
        seconds: how long the fit took; None where that was not measured.
        probabilities: (K, m) a classifier's probabilities for the test set.
    """

    name: str
    predictions: NDArray[Any]
    accuracy: float | None
    balanced_accuracy: float | None
    r2: float | None
    error: float | None
    interval: tuple[float, float]
    examples: int
    remark: str
    seconds: float | None = None
    probabilities: Floats | None = None


class BaselineData(NamedTuple):
    """The training examples that a baseline learns from.

    Attributes:
        some: an index of these k examples in the training set.
        Y: (n_y, k) their labels or values.
        weights: (k,) weights of mean 1; None if all count the same.
        classifies: whether Y are classes.
        remark: a sentence where they are not all training examples; else empty.
    """

    some: Any
    Y: Floats
    weights: Floats | None
    classifies: bool
    remark: str


def fit_data(
    dataset: Dataset,
    most: int,
    *,
    classes: bool | None = None,
    class_weight: str | None = None,
    sample_weight: Any = None,
    seed: int = 0,
) -> BaselineData:
    """Choose the training examples, and give them the weights that the network's examples have.

    Of a stream only the sample is in memory, so a baseline learns from that.

    Args:
        dataset: the dataset, prepared as for the network.
        most: the largest number of examples; if there are more, this many are chosen at random.
        classes: whether the labels are classes; None decides by the labels, as ``train`` does.
        class_weight: "balanced" gives every class the same sum of weights, as the setting of ``train`` does.
        sample_weight: (m,) weights of the training examples; None if all count the same.
        seed: the seed of the ``RandomState`` that chooses the examples.

    Raises:
        InputError: the training set has only one class, or there is not one weight for each example.
    """
    m, stream = dataset.train.X.shape[1], dataset.stream
    some = slice(None) if m <= most else np.sort(np.random.RandomState(seed).permutation(m)[:most])
    drawn = f", chosen at random (seed {seed})" * (m > most)
    remark = f"It learned from {most:,} of {m:,} training examples{drawn}." if m > most else ""
    if stream is not None:
        rows = f"{most:,} rows of the sample of {m:,}{drawn}" if m > most else f"the sample of {m:,} rows"
        remark = f"It learned from {rows}; the network learned from {stream.rows:,}."
    Y = np.asarray(dataset.train.Y[:, some], np.float64)
    classes = output_for(dataset.train.Y) != "identity" if classes is None else classes
    if classes and len(np.unique(class_numbers(Y))) < 2:
        raise InputError("the training set has examples of only one class: wanted at least two")
    weights = check_weights(sample_weight, m, np.float64)
    weights = None if weights is None else weights[some] / weights[some].mean()
    if classes and class_weight is not None:
        own = np.ones(Y.shape[1]) if weights is None else weights
        weights = balanced_weights(own, class_numbers(Y), Y.shape[0])
    return BaselineData(some, Y, weights, classes, remark)


def table_of(dataset: Dataset) -> Raw | None:
    """Return the table that the dataset was made of; None if there is none, or its sets were replaced."""
    raw = dataset.raw
    if raw is None or dataset.preparation is None:
        return None
    sizes = dataset.train.X.shape[1], dataset.test.X.shape[1]
    return raw if sizes == (len(raw.train), len(raw.test)) else None


def scored(
    name: str,
    predictions: NDArray[Any],
    Y_test: Floats,
    data: BaselineData,
    *remarks: str,
    seconds: float | None = None,
    probabilities: Floats | None = None,
) -> Baseline:
    """Make a ``Baseline`` from its predictions (1, m) or (n_y, m) for a test set with labels Y_test (n_y, m)."""
    about = data.Y.shape[1], sentences(data.remark, *remarks), seconds
    if data.classifies:
        truth = class_numbers(Y_test)
        accuracy, interval = share_interval(predictions[0] == truth)
        balanced = balanced_accuracy(predictions[0] == truth, truth)
        return Baseline(name, predictions, accuracy, balanced, None, None, interval, *about, probabilities)
    error, interval = mean_interval(np.abs(Y_test - predictions).mean(axis=0))
    return Baseline(name, predictions, None, None, r_squared(Y_test, predictions), error, interval, *about)


def balanced_accuracy(right: NDArray[np.bool_], truth: NDArray[np.int64]) -> float:
    """Return the balanced accuracy: the mean recall of the classes.

    Args:
        right: (m,) whether each prediction is correct.
        truth: (m,) true class numbers; other classes do not count.
    """
    return float(np.mean([right[truth == k].mean() for k in np.unique(truth)]))


def class_shares(truth: NDArray[np.int64]) -> Floats:
    """Return each example's share (m,) in the balanced accuracy: 1 / (K n_k) for one of n_k examples of K classes."""
    _, places, counts = np.unique(truth, return_inverse=True, return_counts=True)
    shares: Floats = 1 / (len(counts) * counts[places])
    return shares


def sentences(*remarks: str) -> str:
    """Join the remarks that are not empty."""
    return " ".join(filter(None, remarks))


def probabilities_by(model: Any, X: Any, data: BaselineData) -> Floats:
    """Return a scikit-learn classifier's probabilities (K, m) for X (m, n), sparse or not; 0 for unseen classes."""
    P: Floats = np.zeros((max(2, len(data.Y)), X.shape[0]))
    P[model.classes_.astype(np.int64)] = model.predict_proba(X).T
    return P

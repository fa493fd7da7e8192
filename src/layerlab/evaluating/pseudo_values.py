"""Pseudo-values: one number per example, whose mean is a score of classes. With them two networks can be compared.

An accuracy is a mean over examples. The balanced accuracy is a weighted mean, and an area under a curve has
pseudo-values (``curves.area_values``). So the same intervals and paired tests over examples work for all of them.

How certain a score is depends on the rarest class: with five examples of one class, 400 examples tell little more about
an area than ten. So the variance is computed class by class (for the area under the ROC curve it is DeLong's), and the
degrees of freedom are Welch's. With five examples of one class, a test at 5 % with a pooled variance called two equally
good networks different in 12 % of cases, this test in 4 % (with two examples in 11 %). So with fewer than ``FEWEST``
examples of a class nothing is tested.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.metrics import RANKED_BY_CLASSES, positive_class

from .area_intervals import FEWEST
from .baseline import class_shares
from .curves import area_values
from .statistics import CONFIDENCE_LEVEL, overlap_factor

CLASS_SCORES = ("accuracy", *RANKED_BY_CLASSES)
"""The scores of classifiers that can be chosen by name."""


def check_class_score(by: Any, network: Network) -> str:
    """Check that a score exists and suits a network with one class per example, and return its name.

    Args:
        by: the name; None for "accuracy".
        network: the network, with its output named.

    Raises:
        InputError: there is no such score, or the network learns values (regression) or several labels per example.
    """
    by = "accuracy" if by is None else by
    if by not in CLASS_SCORES:
        raise InputError(f"by={by!r}: wanted one of {', '.join(map(repr, CLASS_SCORES))}, the score of classes")
    if not network.classifies or network.has_several_labels:
        has = "several labels per example" if network.has_several_labels else "values (regression)"
        raise InputError(f"by={by!r}: is a score for one class per example, and the network learns {has}")
    return str(by)


def pseudo_values(by: str, P: Floats, labels: NDArray[Any], Y: NDArray[Any]) -> Floats:
    """Return each example's part (m,) in a score: their mean is the score.

    Args:
        by: one of ``CLASS_SCORES``.
        P: (n_y, m) probabilities: one row for two classes, else a row for each class.
        labels: (m,) predicted class numbers.
        Y: (n_y, m) true labels, 0 and 1 or one-hot.

    Example:
        >>> Y, P = np.array([[0.0, 0.0, 0.0, 1.0]]), np.array([[0.1, 0.2, 0.7, 0.6]])
        >>> for by in CLASS_SCORES:
        ...     print(by, pseudo_values(by, P, np.array([0, 0, 1, 1]), Y).mean().round(4))
        accuracy 0.75
        balanced_accuracy 0.8333
        roc_auc 0.6667
        average_precision 0.5
    """
    truth = class_numbers(Y)
    if by in ("accuracy", "balanced_accuracy"):
        weights = len(truth) * class_shares(truth) if by == "balanced_accuracy" else 1.0
        return np.asarray((labels == truth) * weights, np.float64)
    if len(P) > 1:
        return area_values(by, P, truth == np.arange(len(P))[:, None])
    rarer = positive_class(truth)
    return area_values(by, P if rarer else -P, (truth == rarer)[None])


def few_examples(truth: NDArray[Any]) -> list[int]:
    """Return the classes with fewer than ``FEWEST`` examples (but some): too few for a test of a score.

    Args:
        truth: (m,) class numbers.

    Example:
        >>> few_examples(np.repeat([0, 1, 2], [20, 4, 5]))
        [1]
    """
    return [int(k) for k, n in zip(*np.unique(truth, return_counts=True), strict=True) if n < FEWEST]


class _Sureness(NamedTuple):
    """The standard error of a mean of parts, and its degrees of freedom."""

    error: float
    freedom: float


def score_interval(values: Floats, truth: NDArray[Any], folds: int = 0) -> tuple[float, tuple[float, float]]:
    """Return a score, or a difference of two, and its 95 % interval by Student's t with Welch's degrees of freedom.

    If a class has too few examples (``few_examples``), its variance is not known, and the interval is the score ± 1.

    Args:
        values: (m,) results of ``pseudo_values``, or differences of two.
        truth: (m,) true class numbers.
        folds: of cross-validated values, the number of folds (``overlap_factor``); 0 for independent ones.

    Example:
        >>> mean, (low, high) = score_interval(np.tile([1.0, 0.5], 5), np.repeat([0, 1], 5))
        >>> print(f"{mean:.2f} {low:.2f} {high:.2f}")
        0.75 0.55 0.95
    """
    from scipy.special import stdtrit

    mean, sureness = float(values.mean()), _sureness(values, truth)
    reach = 1.0 if sureness is None else sureness.error * float(stdtrit(sureness.freedom, (1 + CONFIDENCE_LEVEL) / 2))
    reach *= math.sqrt(overlap_factor(folds))
    return mean, (mean - reach, mean + reach)


def score_p_value(first: Floats, second: Floats, truth: NDArray[Any], folds: int = 0) -> float:
    """Test whether two networks can have the same score, by their contributions on the same examples.

    Args:
        first, second: (m,) pseudo-values of each network's score, from ``pseudo_values``.
        truth: (m,) true class numbers.
        folds: as for ``score_interval``.

    Returns:
        Two-sided p-value, at least 2¹⁻ⁿ for n parts that differ (as for ``statistics.paired_p_value``); 1 if no part
        differs, or if a class has too few examples (``few_examples``).

    Example:
        >>> better, worse = np.ones(100), np.linspace(0.5, 0.6, 100)
        >>> for k in (4, 5):
        ...     print(f"{score_p_value(better, worse, np.repeat([0, 1], [100 - k, k])):.2f}")
        1.00
        0.00
    """
    from scipy.special import stdtr

    differences = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    sureness = _sureness(differences, truth)
    if sureness is None or not differences.any():
        return 1.0
    mean, error, freedom = float(differences.mean()), *sureness
    error *= math.sqrt(overlap_factor(folds))
    by_t = 0.0 if error == 0 else float(2 * stdtr(freedom, -abs(mean) / error))
    return max(by_t, 2.0 ** (1 - np.count_nonzero(differences)))


def _sureness(values: Floats, truth: NDArray[Any]) -> _Sureness | None:
    """Return the standard error of the mean of parts, class by class; None if a class has too few examples.

    Source: Welch 1947, "The generalization of 'Student's' problem when several different population variances are
    involved".
    """
    if few_examples(truth):
        return None
    _, which, counts = np.unique(truth, return_inverse=True, return_counts=True)
    means = np.bincount(which, values) / counts
    squares = np.bincount(which, (values - means[which]) ** 2) / (counts - 1)
    variances = counts * squares / len(values) ** 2
    total = float(variances.sum())
    if total <= 0:
        return _Sureness(0.0, float(len(values) - 1))
    return _Sureness(math.sqrt(total), total**2 / float((variances**2 / (counts - 1)).sum()))

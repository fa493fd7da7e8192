"""Confidence intervals, significance tests and the calibration error: how certain a score from a small test set is.

    share of correct ones     ``wilson_interval``, ``share_interval``; over folds ``cross_validated_interval``
    mean share per example    ``mean_share_interval``
    mean of numbers           ``mean_interval`` (Student's t), ``r_squared``
    an interval in JSON       ``interval_facts``
    two models                ``mcnemar_p_value`` (classes), ``paired_p_value`` (errors), ``corrected_resampled_t``
    a model and a known share ``share_p_value``
    several tests at once     ``holm``
    probabilities             ``reliability_bins``, ``calibration_error``

The distributions are SciPy's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

CONFIDENCE_LEVEL = 0.95
"""Level of every interval. A difference counts as shown if its p-value is below 1 − CONFIDENCE_LEVEL; where several
tests are judged at once, if the adjusted p-value of ``holm`` is."""


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share (score method, Wilson 1927); also good for few examples.

    Args:
        right: number of correct predictions.
        total: number of predictions, at least 1.

    Returns:
        (low, high), from 0 to 1.

    Example:
        >>> low, high = wilson_interval(40, 50)
        >>> print(f"{low:.3f} {high:.3f}")
        0.670 0.888
    """
    return _wilson(float(right / total), float(total))


def share_p_value(right: int, total: int, share: float) -> float:
    """Test whether the true share of correct predictions can be a given one (score test, Wilson 1927).

    The p-value is below 0.05 exactly if the given share lies outside ``wilson_interval``.

    Args:
        right: number of correct predictions.
        total: number of predictions, at least 1.
        share: from 0 to 1.

    Returns:
        Two-sided p-value.

    Example:
        >>> print(f"{share_p_value(40, 50, 0.66):.3f}")
        0.037
    """
    difference = right / total - share
    error = math.sqrt(share * (1 - share) / total)
    if error == 0:
        return 1.0 if difference == 0 else 0.0
    return math.erfc(abs(difference) / error / math.sqrt(2))


def share_interval(right: NDArray[np.bool_]) -> tuple[float, tuple[float, float]]:
    """Return the share of correct predictions and its 95 % Wilson interval.

    Args:
        right: (m,) whether each prediction is correct, m at least 1.

    Example:
        >>> share, (low, high) = share_interval(np.arange(50) < 40)
        >>> print(f"{share:.2f} {low:.3f} {high:.3f}")
        0.80 0.670 0.888
    """
    return float(right.mean()), wilson_interval(int(right.sum()), right.size)


def cross_validated_interval(share: float, total: int, folds: int) -> tuple[float, float]:
    """Return the 95 % interval of a cross-validated share: each fold is scored by a model trained on the other folds.

    The models share most of their training examples, so their scores on different folds are not independent. The
    variance is taken as (1 + K / (K − 1)) times that of independent examples (Nadeau & Bengio 2003, for K folds): that
    is Wilson's interval of that many times fewer examples. On shuffled labels, where the true share is known, the plain
    interval contains it in only 85 % of searches (``benchmarks/search_optimism.md``).

    Args:
        share: share of the examples that were predicted correctly, over all folds.
        total: number of examples.
        folds: K, at least 2.

    Returns:
        (low, high), from 0 to 1.

    Example:
        >>> low, high = cross_validated_interval(0.8, 225, folds=5)
        >>> print(f"{low:.3f} {high:.3f}")
        0.711 0.867
    """
    return _wilson(share, total / overlap_factor(folds))


def overlap_factor(folds: int) -> float:
    """Return how many times larger the variance of a cross-validated mean is taken than that of independent examples.

    It is 1 + K / (K − 1) for K folds, because their models share most training examples (Nadeau & Bengio 2003).

    Args:
        folds: K; below 2 the examples were not cross-validated, and the factor is 1.

    Example:
        >>> overlap_factor(5), overlap_factor(0)
        (2.25, 1.0)
    """
    return 1 + folds / (folds - 1) if folds > 1 else 1.0


def _wilson(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's interval of a share of n predictions, where n need not be a whole number."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE_LEVEL) / 2)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return 0.0 if share == 0 else max(0.0, middle - reach), 1.0 if share == 1 else min(1.0, middle + reach)


def mean_share_interval(shares: Floats) -> tuple[float, tuple[float, float]]:
    """Return the mean of one share per example, such as its share of correct labels, and its 95 % interval.

    This is Wilson's interval for an effective number of predictions: the number of independent predictions that would
    have the same variance, m x̄ (1 − x̄) / s². If all examples have the same share, it is m. Source: Dean & Pagano 2015,
    "Evaluating confidence interval methods for binomial proportions in clustered surveys".

    Args:
        shares: (m,) from 0 to 1, m at least 1.

    Example:
        >>> mean, (low, high) = mean_share_interval(np.ones(20))
        >>> print(f"{mean:.0f} {low:.3f} {high:.3f}")
        1 0.839 1.000
    """
    mean, spread = float(shares.mean()), float(shares.var())
    answers = len(shares) * max(1.0, mean * (1 - mean) / spread if spread > 1e-12 else 1.0)
    return mean, _wilson(mean, answers)


@np.errstate(over="ignore", invalid="ignore")  # of a training that diverged
def mean_interval(values: Floats, folds: int = 0) -> tuple[float, tuple[float, float]]:
    """Return the mean and its 95 % interval by Student's t, x̄ ± t s / √k; the interval of a single value is nan.

    Args:
        values: (k,), k at least 1.
        folds: of cross-validated values, the number of folds (``overlap_factor``); 0 for independent ones.

    Example:
        >>> mean, (low, high) = mean_interval(np.array([1.0, 2.0, 3.0]))
        >>> print(f"{mean:.2f} {low:.2f} {high:.2f}")
        2.00 -0.48 4.48
    """
    from scipy.special import stdtrit

    k, mean = len(values), float(values.mean())
    if k < 2:
        return mean, (math.nan, math.nan)
    reach = float(stdtrit(k - 1, (1 + CONFIDENCE_LEVEL) / 2)) * float(values.std(ddof=1)) / math.sqrt(k)
    reach *= math.sqrt(overlap_factor(folds))
    return mean, (mean - reach, mean + reach)


def interval_facts(interval: Sequence[float]) -> list[float] | None:
    """Return an interval as plain values for JSON: [low, high], or None if there is none.

    Example:
        >>> interval_facts((0.5, 0.75)), interval_facts((math.nan, math.nan))
        ([0.5, 0.75], None)
    """
    return [float(end) for end in interval] if all(map(math.isfinite, interval)) else None


@np.errstate(over="ignore", invalid="ignore")  # of a training that diverged
def r_squared(Y: NDArray[Any], predictions: NDArray[Any]) -> float:
    """Return R²: the share of the variance of Y that the predictions explain, averaged over the outputs.

        R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)²

    Args:
        Y, predictions: (n_y, m).

    Returns:
        1 if all predictions are exact, 0 for always predicting the mean; nan if an output has only one value.

    Example:
        >>> r_squared(np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 2.0, 2.0]]))
        0.5
    """
    left = ((Y - predictions) ** 2).sum(axis=1)
    spread = ((Y - Y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    if not spread.all():
        return math.nan
    return float((1 - left / spread).mean())


def mcnemar_p_value(only_first: int, only_second: int) -> float:
    """Test whether two classifiers are equally good on the same examples: McNemar's exact paired test (1947).

    Only examples that exactly one of the two classifies correctly show which is better. If neither is, each of these is
    a fair coin toss between the models.

    Args:
        only_first: number of examples that only the first model classifies correctly.
        only_second: number of examples that only the second model classifies correctly.

    Returns:
        Two-sided p-value; 1 if the models never disagree.

    Example:
        >>> print(round(mcnemar_p_value(2, 6), 4))
        0.2891
    """
    from scipy.special import bdtr

    disagree = only_first + only_second
    return min(1.0, 2 * float(bdtr(min(only_first, only_second), disagree, 0.5)))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return adjusted p-values of several tests that are judged at once (Holm 1979).

    Of many p-values some are low by luck alone. If a hypothesis is rejected where its adjusted p-value is below 5 %,
    the probability that any true hypothesis is rejected stays below 5 %, however the tests depend on each other.

        p₍₁₎ ≤ … ≤ p₍ₖ₎:   adjusted p₍ᵢ₎ = max over j ≤ i of min(1, (k − j + 1) p₍ⱼ₎)

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure".

    Args:
        p_values: those of all tests, in any order, or none. A nan (a test that could not be made) does not
            count.

    Returns:
        The adjusted p-values in the same order. A single p-value stays as it is; nan stays nan.

    Example:
        >>> print([round(p, 3) for p in holm([0.04, 0.01, 0.03])])
        [0.06, 0.03, 0.06]
    """
    made = sorted((k for k, p in enumerate(p_values) if not math.isnan(p)), key=lambda k: p_values[k])
    adjusted, highest = list(p_values), 0.0
    for rank, which in enumerate(made):
        highest = max(highest, min(1.0, (len(made) - rank) * p_values[which]))
        adjusted[which] = highest
    return tuple(adjusted)


def corrected_resampled_t(
    values: Floats, n_train: int, n_test: int, *, step: float = 0.0
) -> tuple[float, tuple[float, float], float]:
    """Test whether the mean of a score over random splits can be 0: the corrected resampled t-test.

    The splits share most of their training examples, so the scores are not independent. The variance of their mean is
    taken as (1/k + n_test/n_train) s² instead of s²/k (Nadeau & Bengio 2003, "Inference for the generalization error").

    Args:
        values: (k,) the score, or a difference of two scores, on each split; k at least 2.
        n_train, n_test: number of examples in the training set and in the test set.
        step: the smallest change of the score, 1 / n_test for an accuracy; 0 if there is none. A few splits can agree
            exactly by luck. Therefore s² is at least step² / k: its value if one split had one more correct example.

    Returns:
        The mean, its 95 % interval (low, high), and the two-sided p-value of a true mean of 0.

    Example:
        >>> mean, interval, p = corrected_resampled_t(np.array([0.1, 0.0, 0.2, 0.1]), n_train=80, n_test=20)
        >>> print(f"{mean:.2f} {p:.2f}")
        0.10 0.18
    """
    from scipy.special import stdtr, stdtrit

    k = len(values)
    mean = float(values.mean())
    error = math.sqrt((1 / k + n_test / n_train) * max(float(values.var(ddof=1)), step**2 / k))
    if error <= 1e-12:  # the same score on every split: the spread is rounding
        return mean, (mean, mean), 1.0 if abs(mean) <= 1e-12 else 0.0
    reach = float(stdtrit(k - 1, (1 + CONFIDENCE_LEVEL) / 2)) * error
    return mean, (mean - reach, mean + reach), float(2 * stdtr(k - 1, -abs(mean) / error))


BINS = 10
"""Number of bins of confidence, of equal width from 0 to 1. Guo et al. use 15, but with a few hundred examples most of
those would be empty."""


class Bin(NamedTuple):
    """One bar of a reliability diagram: the predictions with a confidence above ``low`` and at most ``high``.

    Attributes:
        low, high: bounds of the confidence, from 0 to 1.
        total: number of predictions in the bin; never 0.
        right: number of correct ones.
        confidence: their mean confidence.
    """

    low: float
    high: float
    total: int
    right: int
    confidence: float

    @property
    def accuracy(self) -> float:
        """The share of the bin's predictions that are correct."""
        return self.right / self.total


def reliability_bins(confidence: NDArray[Any], right: NDArray[np.bool_]) -> list[Bin]:
    """Sort predictions by their confidence into ``BINS`` bins of equal width; empty bins are left out.

    Args:
        confidence: (k,) the probability that the network gave to each predicted class.
        right: (k,) whether each prediction is correct.

    Example:
        >>> for some in reliability_bins(np.array([0.55, 0.6, 0.95]), np.array([True, False, True])):
        ...     print(f"{some.low} to {some.high}: {some.right} of {some.total}, said {some.confidence:.3f}")
        0.5 to 0.6: 1 of 2, said 0.575
        0.9 to 1.0: 1 of 1, said 0.950
    """
    which = np.searchsorted(np.arange(1, BINS) / BINS, confidence)
    return [
        Bin(i / BINS, (i + 1) / BINS, int(here.sum()), int(right[here].sum()), float(confidence[here].mean()))
        for i in range(BINS)
        if (here := which == i).any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error (ECE): the mean distance of confidence and accuracy over k predictions.

        Σ over bins of total / k · |accuracy − mean confidence|

    With few predictions it is too large, because luck alone makes the two differ. Source: Guo et al. 2017,
    "On calibration of modern neural networks", equation 3.

    Args:
        bins: the result of ``reliability_bins``; at least one bin.

    Example:
        >>> bins = reliability_bins(np.array([0.55, 0.6, 0.95]), np.array([True, False, True]))
        >>> print(f"{calibration_error(bins):.4f}")  # 2/3 · |0.5 − 0.575| + 1/3 · |1 − 0.95|
        0.0667
    """
    k = sum(some.total for some in bins)
    return sum(some.total / k * abs(some.accuracy - some.confidence) for some in bins)


@np.errstate(over="ignore", invalid="ignore")
def paired_p_value(first: NDArray[Any], second: NDArray[Any], folds: int = 0) -> float:
    """Test whether two models' errors on the same examples have the same mean: Student's paired t-test.

    With a few nearly equal differences, the t-test is far too certain. If each difference could equally well have the
    other sign, n of them would all have the same sign with probability 2¹⁻ⁿ. So no p-value here is below that, as in
    Fisher's test of the signs ("The design of experiments", 1935, section 21).

    Args:
        first, second: (k,) errors of the two models, example by example.
        folds: of cross-validated errors, the number of folds (``overlap_factor``); 0 for independent ones.

    Returns:
        Two-sided p-value of a true mean difference of 0; 1 if there is a single example, or if no error differs.

    Example:
        >>> first = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        >>> print(round(paired_p_value(first, first + np.array([0.5, 0.0, 1.0, 0.5, -0.5, 0.5])), 4))
        0.1747
        >>> print(paired_p_value(first[:2], first[:2] + 1))  # two examples, and both differ by 1
        0.5
    """
    from scipy.special import stdtr

    differences = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    k, mean = len(differences), float(differences.mean())
    if k < 2 or not differences.any():
        return 1.0
    error = float(differences.std(ddof=1)) * math.sqrt(overlap_factor(folds) / k)
    by_t = 0.0 if error == 0 else float(2 * stdtr(k - 1, -abs(mean) / error))
    return max(by_t, 2.0 ** (1 - np.count_nonzero(differences)))

"""Confidence intervals, significance tests and the calibration error: what a score from a small test set is worth.

    share of right answers    ``wilson_interval``, ``share_interval``; over folds ``cross_validated_interval``
    mean share an example     ``mean_share_interval``
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
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

CONFIDENCE_LEVEL = 0.95
"""Level of every interval; a difference counts as shown when its p-value is below 1 − CONFIDENCE_LEVEL. Where several
tests are judged at once, that is the adjusted p-value of ``holm``."""


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """95 % Wilson interval of a share (score method, Wilson 1927); sensible for small sets and shares near 0 or 1.

    Args:
        right: number of right answers.
        total: number of answers, at least 1.

    Returns:
        (low, high), from 0 to 1.

    Example:
        >>> low, high = wilson_interval(40, 50)
        >>> print(f"{low:.3f} {high:.3f}")
        0.670 0.888
    """
    from scipy.stats import binomtest

    interval = binomtest(right, total).proportion_ci(confidence_level=CONFIDENCE_LEVEL, method="wilson")
    return float(interval.low), float(interval.high)


def share_p_value(right: int, total: int, share: float) -> float:
    """Score test (Wilson 1927) of whether the true share of right answers may be a given one.

    Below 0.05 exactly where the given share lies outside ``wilson_interval``.

    Args:
        right: number of right answers.
        total: number of answers, at least 1.
        share: from 0 to 1.

    Returns:
        Two-sided p-value.

    Example:
        >>> print(f"{share_p_value(40, 50, 0.66):.3f}")
        0.037
    """
    from scipy.stats import norm

    difference = right / total - share
    error = math.sqrt(share * (1 - share) / total)
    if error == 0:
        return 1.0 if difference == 0 else 0.0
    return float(2 * norm.sf(abs(difference) / error))


def share_interval(right: NDArray[np.bool_]) -> tuple[float, tuple[float, float]]:
    """Share of right answers and its 95 % Wilson interval.

    Args:
        right: (m,) whether each answer is right, m at least 1.

    Example:
        >>> share, (low, high) = share_interval(np.arange(50) < 40)
        >>> print(f"{share:.2f} {low:.3f} {high:.3f}")
        0.80 0.670 0.888
    """
    return float(right.mean()), wilson_interval(int(right.sum()), right.size)


def cross_validated_interval(share: float, total: int, folds: int) -> tuple[float, float]:
    """95 % interval of a cross-validated share: each fold is scored by a model that was trained on the other folds.

    The models share most of their training examples, so their scores on different folds are not independent: the
    variance is taken as (1 + K / (K − 1)) times that of independent examples (Nadeau & Bengio 2003 for K folds), which
    is Wilson's interval of that many times fewer examples. On shuffled labels, where the true share is known, the plain
    interval holds it in only 85 % of searches (``benchmarks/search_optimism.md``).

    Args:
        share: share of the examples that were right, over all folds.
        total: number of examples.
        folds: K, at least 2.

    Returns:
        (low, high), from 0 to 1.

    Example:
        >>> low, high = cross_validated_interval(0.8, 225, folds=5)
        >>> print(f"{low:.3f} {high:.3f}")
        0.711 0.867
    """
    return _wilson(share, total / (1 + folds / (folds - 1)))


def _wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share of n answers, where n need not be whole."""
    from scipy.stats import norm

    z = float(norm.ppf((1 + CONFIDENCE_LEVEL) / 2))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def mean_share_interval(shares: Floats) -> tuple[float, tuple[float, float]]:
    """Mean of one share an example, as of its labels that are right, and its 95 % interval.

    Wilson's of the effective number of answers: as many as would give the variance that the examples' shares have,
    m x̄ (1 − x̄) / s² (Dean & Pagano 2015, "Evaluating confidence interval methods for binomial proportions in clustered
    surveys"); of m answers where all examples have the same share.

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
def mean_interval(values: Floats) -> tuple[float, tuple[float, float]]:
    """Mean and its 95 % interval by Student's t, x̄ ± t s / √k; the interval of a single value is nan.

    Args:
        values: (k,), k at least 1.

    Example:
        >>> mean, (low, high) = mean_interval(np.array([1.0, 2.0, 3.0]))
        >>> print(f"{mean:.2f} {low:.2f} {high:.2f}")
        2.00 -0.48 4.48
    """
    from scipy.stats import t

    k, mean = len(values), float(values.mean())
    if k < 2:
        return mean, (math.nan, math.nan)
    reach = float(t.ppf((1 + CONFIDENCE_LEVEL) / 2, k - 1)) * float(values.std(ddof=1)) / math.sqrt(k)
    return mean, (mean - reach, mean + reach)


def interval_facts(interval: Sequence[float]) -> list[float] | None:
    """An interval as facts and JSON have it: [low, high], or None where there is none.

    Example:
        >>> interval_facts((0.5, 0.75)), interval_facts((math.nan, math.nan))
        ([0.5, 0.75], None)
    """
    return [float(end) for end in interval] if all(map(math.isfinite, interval)) else None


@np.errstate(over="ignore", invalid="ignore")  # of a training that diverged
def r_squared(Y: NDArray[Any], predictions: NDArray[Any]) -> float:
    """R²: share of the variance of Y that the predictions explain, averaged over the outputs.

        R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)²

    Args:
        Y, predictions: (n_y, m).

    Returns:
        1 where all predictions are right, 0 for always predicting the mean; nan where an output has only one value.

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
    """McNemar's exact paired test (1947) of two classifiers on the same examples.

    Only examples that exactly one of the two gets right say which is better. If neither is, each of them is a fair coin
    toss between the models.

    Args:
        only_first: number of examples that the first model alone gets right.
        only_second: number of examples that the second model alone gets right.

    Returns:
        Two-sided p-value; 1 where the models never disagree.

    Example:
        >>> print(round(mcnemar_p_value(2, 6), 4))
        0.2891
    """
    from scipy.special import bdtr

    disagree = only_first + only_second
    return min(1.0, 2 * float(bdtr(min(only_first, only_second), disagree, 0.5)))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values of several tests that are judged at once (Holm 1979).

    Of many tests some come out low by chance alone. Rejecting where the adjusted p-value is below 5 % keeps the chance
    that any true hypothesis is rejected below 5 %, however the tests depend on each other.

        p₍₁₎ ≤ … ≤ p₍ₖ₎:   adjusted p₍ᵢ₎ = max over j ≤ i of min(1, (k − j + 1) p₍ⱼ₎)

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure".

    Args:
        p_values: of all tests, in any order; none at all are allowed. A nan, of a test that could not be made, does not
            count.

    Returns:
        The adjusted ones in the same order; that of a single test is its own, that of a nan is nan.

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
    """Corrected resampled t-test: mean of a score over re-drawn splits, its 95 % interval, and whether it may be 0.

    The splits share most of their training examples, so the scores are not independent: the variance of their mean is
    taken as (1/k + n_test/n_train) s² instead of s²/k (Nadeau & Bengio 2003, "Inference for the generalization error").

    Args:
        values: (k,) the score, or a difference of two scores, on each split; k at least 2.
        n_train, n_test: number of examples in the training set and in the test set.
        step: what the score moves by at least, 1 / n_test for an accuracy; 0 where there is no least step. A few splits
            can agree to the last example by chance. Therefore s² is at least step² / k, what it would be if one split
            had one more example right.

    Returns:
        The mean, (low, high), and the two-sided p-value of a true mean of 0.

    Example:
        >>> mean, interval, p = corrected_resampled_t(np.array([0.1, 0.0, 0.2, 0.1]), n_train=80, n_test=20)
        >>> print(f"{mean:.2f} {p:.2f}")
        0.10 0.18
    """
    from scipy.stats import t

    k = len(values)
    mean = float(values.mean())
    error = math.sqrt((1 / k + n_test / n_train) * max(float(values.var(ddof=1)), step**2 / k))
    if error <= 1e-12:  # the same score on every split: the spread is rounding
        return mean, (mean, mean), 1.0 if abs(mean) <= 1e-12 else 0.0
    reach = float(t.ppf((1 + CONFIDENCE_LEVEL) / 2, k - 1)) * error
    return mean, (mean - reach, mean + reach), float(2 * t.sf(abs(mean) / error, k - 1))


BINS = 10
"""Number of bins of confidence, of equal width from 0 to 1. Guo et al. take 15; a few hundred examples leave most of
those empty."""


class Bin(NamedTuple):
    """One bar of a reliability diagram: the answers whose confidence is above ``low`` and at most ``high``.

    Attributes:
        low, high: bounds of the confidence, from 0 to 1.
        total: number of answers in the bin; never 0.
        right: number of them that are right.
        confidence: their mean confidence.
    """

    low: float
    high: float
    total: int
    right: int
    confidence: float

    @property
    def accuracy(self) -> float:
        """Share of the bin's answers that are right."""
        return self.right / self.total


def reliability_bins(confidence: NDArray[Any], right: NDArray[np.bool_]) -> list[Bin]:
    """Sort answers by their confidence into ``BINS`` bins of equal width; empty bins are left out.

    Args:
        confidence: (k,) the probability that the network gave to each answer.
        right: (k,) whether each answer is right.

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
    """Expected calibration error (ECE): mean distance of confidence and share of right answers, over all k answers.

        Σ over bins of total / k · |share right − mean confidence|

    From few answers it comes out too large, because chance alone moves the two apart. Source: Guo et al. 2017,
    "On calibration of modern neural networks", equation 3.

    Args:
        bins: at least one, of ``reliability_bins``.

    Example:
        >>> bins = reliability_bins(np.array([0.55, 0.6, 0.95]), np.array([True, False, True]))
        >>> print(f"{calibration_error(bins):.4f}")  # 2/3 · |0.5 − 0.575| + 1/3 · |1 − 0.95|
        0.0667
    """
    k = sum(some.total for some in bins)
    return sum(some.total / k * abs(some.accuracy - some.confidence) for some in bins)


@np.errstate(over="ignore", invalid="ignore")
def paired_p_value(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Student's paired t-test of two models' errors on the same examples.

    Student's t takes a few differences that are alike for certain. Were each as likely to have the other sign, n of
    them would all have the same one with probability 2¹⁻ⁿ, so that no p-value is below that (Fisher's test of the
    signs, "The design of experiments", 1935, section 21, gives none either).

    Args:
        first, second: (k,) errors of the two models, example by example.

    Returns:
        Two-sided p-value of a true mean difference of 0; 1 where there is a single example, or no error differs.

    Example:
        >>> first = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        >>> print(round(paired_p_value(first, first + np.array([0.5, 0.0, 1.0, 0.5, -0.5, 0.5])), 4))
        0.1747
        >>> print(paired_p_value(first[:2], first[:2] + 1))  # two examples, and both differ by 1
        0.5
    """
    from scipy.stats import t

    differences = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    k, mean = len(differences), float(differences.mean())
    if k < 2 or not differences.any():
        return 1.0
    error = float(differences.std(ddof=1)) / math.sqrt(k)
    by_t = 0.0 if error == 0 else float(2 * t.sf(abs(mean) / error, k - 1))
    return max(by_t, 2.0 ** (1 - np.count_nonzero(differences)))

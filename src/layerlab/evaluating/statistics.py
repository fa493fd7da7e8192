"""What a number from a small test set is worth: intervals, paired tests, and the reliability of probabilities.

The distributions are SciPy's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

LEVEL = 0.95
"""Of every interval; a difference counts as shown when its p-value is below 1 − LEVEL."""


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """95 % interval of a share by Wilson's score method (1927); sensible for small sets and shares near 0 or 1.

    Args:
        right: how many were right.
        total: of how many.

    Example:
        >>> low, high = wilson_interval(40, 50)
        >>> print(f"{low:.3f} {high:.3f}")
        0.670 0.888
    """
    from scipy.stats import binomtest

    interval = binomtest(right, total).proportion_ci(confidence_level=LEVEL, method="wilson")
    return float(interval.low), float(interval.high)


def cross_validated_interval(share: float, total: int, folds: int) -> tuple[float, float]:
    """95 % interval of a share counted over folds, each by a model that was trained on the others.

    The models share most of their training examples, so what they say of different folds is not independent: the
    variance is taken as (1 + K / (K − 1)) times that of independent examples (Nadeau & Bengio 2003 for K folds), which
    is Wilson's interval with so many examples fewer. Without it the interval would hold chance in 85 % of searches on
    shuffled labels (``benchmarks/search_optimism.md``).

    Args:
        share: of the examples that were right.
        total: examples.
        folds: K, at least 2.

    Example:
        >>> low, high = cross_validated_interval(0.8, 225, folds=5)
        >>> print(f"{low:.3f} {high:.3f}")
        0.711 0.867
    """
    from scipy.stats import norm

    n, z = total / (1 + folds / (folds - 1)), float(norm.ppf((1 + LEVEL) / 2))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return max(0.0, middle - reach), min(1.0, middle + reach)


@np.errstate(over="ignore", invalid="ignore")  # of a training that diverged
def mean_interval(values: Floats) -> tuple[float, tuple[float, float]]:
    """A mean and its 95 % interval by Student's t, x̄ ± t s / √k; nan for the interval of a single value.

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
    reach = float(t.ppf((1 + LEVEL) / 2, k - 1)) * float(values.std(ddof=1)) / math.sqrt(k)
    return mean, (mean - reach, mean + reach)


@np.errstate(over="ignore", invalid="ignore")  # of a training that diverged
def r_squared(Y: NDArray[Any], predictions: NDArray[Any]) -> float:
    """Share of the values' variance that predictions explain, the mean over the outputs.

        R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)²

    Args:
        Y, predictions: (n_y, m).

    Returns:
        1 where all are right, 0 for their mean; nan where an output has but one value.

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
    """Exact paired test (McNemar 1947): could the examples on which two models disagree have split so by chance?

    If neither model is better, each example that just one of them gets right is a fair coin.

    Args:
        only_first: examples that the first model alone gets right.
        only_second: examples that the second model alone gets right.

    Returns:
        Two-sided p-value; 1 where the models never disagree.

    Example:
        >>> print(round(mcnemar_p_value(2, 6), 4))
        0.2891
    """
    from scipy.stats import binomtest

    disagree = only_first + only_second
    return float(binomtest(only_first, disagree, 0.5).pvalue) if disagree else 1.0


def corrected_resampled_t(values: Floats, n_train: int, n_test: int) -> tuple[float, tuple[float, float], float]:
    """Mean of a figure measured on several re-drawn splits, its 95 % interval, and the p-value of its being 0.

    The splits share most of their training examples, so the figures are not independent: the variance of their mean is
    taken as (1/k + n_test/n_train) s² instead of s²/k (Nadeau & Bengio 2003, "Inference for the generalization error").

    Args:
        values: (k,), one a split, k at least 2.
        n_train, n_test: examples in each part.

    Returns:
        Mean, (low, high), two-sided p-value.

    Example:
        >>> mean, interval, p = corrected_resampled_t(np.array([0.1, 0.0, 0.2, 0.1]), n_train=80, n_test=20)
        >>> print(f"{mean:.2f} {p:.2f}")
        0.10 0.18
    """
    from scipy.stats import t

    k = len(values)
    mean = float(values.mean())
    error = math.sqrt((1 / k + n_test / n_train) * float(values.var(ddof=1)))
    if error <= 1e-12:  # the same figure on every split: the spread is rounding
        return mean, (mean, mean), 1.0 if abs(mean) <= 1e-12 else 0.0
    reach = float(t.ppf((1 + LEVEL) / 2, k - 1)) * error
    return mean, (mean - reach, mean + reach), float(2 * t.sf(abs(mean) / error, k - 1))


BINS = 10
"""Of equal width from 0 to 1. Guo et al. take 15, of which a few hundred examples leave most empty."""


class Bin(NamedTuple):
    """The answers whose confidence is above ``low`` and at most ``high``.

    Attributes:
        low, high: confidences, from 0 to 1.
        total: how many answers there are; never 0.
        right: how many of them are right.
        confidence: their mean confidence.
    """

    low: float
    high: float
    total: int
    right: int
    confidence: float

    @property
    def accuracy(self) -> float:
        """Share that is right."""
        return self.right / self.total


def reliability_bins(confidence: NDArray[Any], right: NDArray[np.bool_]) -> list[Bin]:
    """Answers sorted by their confidence into ``BINS`` bins of equal width; empty ones are left out.

    Args:
        confidence: (k,) probabilities that were given to the answers.
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
    """Expected calibration error: how far confidence and share right lie apart, on average over the answers.

        Σ over bins of total / k · |share right − mean confidence|

    It comes out too large from few answers, where chance parts the two as well. Source: Guo et al. 2017,
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
    """Student's paired t-test: could two models' errors on the same examples differ so by chance?

    Args:
        first, second: (k,) errors of the two, example by example.

    Returns:
        Two-sided p-value; 1 where there is a single example, or none differs.

    Example:
        >>> print(round(paired_p_value(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.5, 2.0, 4.0, 4.5])), 4))
        0.0917
    """
    from scipy.stats import t

    differences = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    k, mean = len(differences), float(differences.mean())
    if k < 2 or not differences.any():
        return 1.0
    error = float(differences.std(ddof=1)) / math.sqrt(k)
    return 0.0 if error == 0 else float(2 * t.sf(abs(mean) / error, k - 1))

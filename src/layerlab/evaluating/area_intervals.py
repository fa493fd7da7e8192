"""95 % intervals of the ROC area and of the average precision, for classes of at least five examples.

With few examples of a class an estimated variance is unreliable, and the areas have skewed distributions. So the
interval is found by simulation: test sets of the same size are drawn whose scores are normal, those of the class ``d``
standard deviations above the others. The interval contains the areas of every d under which the observed area is
neither too high nor too low to be likely. With a hundred examples of each kind the estimated variance is good enough,
and the interval is ±1.96 standard errors on the logit scale. ``benchmarks/intervals.md`` has the shares of intervals
that contain the truth.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np

from layerlab.formulas.arrays import Floats

from .statistics import CONFIDENCE_LEVEL, wilson_interval

Interval: TypeAlias = tuple[float, float]

FEWEST = 5
"""How many examples of a class, and of the others, an interval needs. With fewer, the interval of a ROC area of 0.6
would on average be wider than half of the scale."""

ENOUGH = 100
"""How many examples of the class, and of the others, make the estimated variance reliable."""

DRAWS = 1000
"""Number of drawn test sets for each distance d."""

TAIL = 0.02
"""Share of the draws in each tail outside the interval: 2.5 % minus the standard error of such a share of ``DRAWS``."""

STEP = 0.125
"""The distances d that are tried are multiples of this number."""

STEPS = range(-48, 49)
"""Which multiples of ``STEP`` are tried: they give ROC areas from 0.00001 to 0.99999."""

NORMAL_WORTH = 10
"""The variance of the normal scores counts as much as an estimate from this many additional examples."""


class Estimated(NamedTuple):
    """An area under a curve as estimated from some examples, and the variance of the estimate."""

    value: float
    variance: float


def area_intervals(
    positives: int, negatives: int, auc: Estimated, average_precision: Estimated
) -> tuple[Interval, Interval]:
    """Return 95 % intervals of a class's ROC area and of its average precision.

    The interval of the average precision is for test sets with the same share of the class. It covers two true values:
    that of infinitely many examples, and the somewhat higher mean over test sets of this size.

    With fewer than ``ENOUGH`` examples of the class or of the others, two one-sided tests at 2.5 % are inverted
    (Carpenter 1999, "Test inversion bootstrap confidence intervals"). They assume normal scores of equal variance
    (Hanley 1988, "The robustness of the binormal assumptions used in fitting ROC curves"). If the estimated variance is
    above that of normal scores, the interval is wider by the root of their ratio, on the logit scale. Before that the
    ratio is moved towards 1, as if ``NORMAL_WORTH`` more examples had shown normal scores.

    With more examples the interval is logit(a) ± z s / (a (1 − a)). Sources: Pepe 2003, "The statistical evaluation of
    medical tests for classification and prediction", section 5.2. Boyd, Eng & Page 2013, "Area under the
    precision-recall curve: point estimates and confidence intervals".

    If every example of the class scores above all others, the examples do not show the spread. Then the interval is
    Wilson's for as many correct predictions, all correct, as there are examples of the rarer kind. The average
    precision of a frequent class is at least the one that belongs to the low end of the ROC area.

    Args:
        positives, negatives: number of examples of the class, and of the others, at least ``FEWEST`` each.
        auc, average_precision: the two areas, with variances from the examples' influences.

    Example:
        >>> (low, high), _ = area_intervals(10, 100, Estimated(0.9, 0.002), Estimated(0.6, 0.016))
        >>> print(f"{low:.2f} to {high:.2f}")
        0.76 to 0.97
    """
    rarer, share = min(positives, negatives), positives / (positives + negatives)
    if auc.value >= 1 - 1e-12:
        low = wilson_interval(rarer, rarer)[0]
        return (low, 1.0), (max(low, _limit_of_average_precision(_distance(low), share)), 1.0)
    if rarer >= ENOUGH and auc.value > 1e-12:
        return _logit_interval(auc, rarer), _logit_interval(average_precision, rarer)
    if auc.value <= 1e-12:  # the perfect ranking upside down
        high = 1 - wilson_interval(rarer, rarer)[0]
        return (0.0, high), (0.0, max(average_precision.value, _limit_of_average_precision(_distance(high), share)))
    kinds = positives, negatives
    low, high = _likely_distances(auc.value, kinds, "auc")
    roc = _roc_area(low), _roc_area(high)
    low, high = _likely_distances(average_precision.value, kinds, "average_precision")
    precision = _limit_of_average_precision(low, share), _mean_precision(high, kinds)
    return _widened(roc, auc, rarer), _widened(precision, average_precision, rarer)


def interval_of_mean(values: Floats, intervals: Sequence[Interval], covariances: Floats) -> Interval:
    """Return the 95 % interval of the mean of K areas from the interval of each.

        low = mean − √(Σ_ij r_ij (a_i − low_i) (a_j − low_j)) / K        and likewise the high end

    Source: Zou & Donner 2008, "Construction of confidence limits about effect measures: a general approach"; with the
    correlations r of the estimates, Zou 2007, "Toward using confidence intervals to compare correlations".

    Args:
        values: (K,) areas.
        intervals: K intervals.
        covariances: (K, K) estimated covariances of the areas.

    Example:
        >>> low, high = interval_of_mean(np.array([0.7, 0.9]), [(0.6, 0.8), (0.8, 1.0)], np.eye(2))
        >>> print(f"{low:.3f} {high:.3f}")
        0.729 0.871
    """
    errors = np.sqrt(covariances.diagonal())
    known = errors > 0
    correlations = np.eye(len(values))
    correlations[np.ix_(known, known)] = covariances[np.ix_(known, known)] / np.outer(errors[known], errors[known])
    mean = float(values.mean())
    below, above = np.abs(np.array(intervals).T - values)
    low, high = (math.sqrt(max(0.0, float(one @ correlations @ one))) / len(values) for one in (below, above))
    return max(0.0, mean - low), min(1.0, mean + high)


class _Drawn(NamedTuple):
    """The areas of drawn test sets, (draws,) each, in rising order."""

    auc: Floats
    average_precision: Floats


@lru_cache(maxsize=1000)
def _drawn_areas(kinds: tuple[int, int], step: int) -> _Drawn:
    """Draw test sets with these numbers of positives and negatives; their normal scores lie step × ``STEP`` apart.

    Only the scores of the rarer kind are drawn. The number of the others between them is binomial, so the work depends
    only on the number of the rarer kind.
    """
    scores, (positives, negatives) = _rarer_scores(min(kinds)), kinds
    distance = step * STEP if positives <= negatives else -step * STEP  # by which the rarer kind lies higher
    above = _above(scores + distance, max(kinds), np.random.RandomState(_seed(step)))
    return _Drawn(*map(np.sort, _areas(above, positives, negatives)))


def _seed(step: int) -> int:
    """Return the seed of a step's draws, above 0; the coverage in benchmarks/intervals.md was measured with these."""
    return 25 + step if step >= -24 else 1000 - step


@lru_cache(maxsize=8)
def _rarer_scores(rarer: int) -> Floats:
    """Draw (draws, rarer) standard normal numbers, each row from high to low; they are the same for all distances."""
    return -np.sort(-np.random.RandomState(0).standard_normal((DRAWS, rarer)), axis=1)


def _above(scores: Floats, others: int, random: np.random.RandomState) -> Floats:
    """Return how many of ``others`` standard normal scores lie above each score; (draws, rarer), from the top."""
    from scipy.special import ndtr

    shares = ndtr(-scores)
    counts, before = np.zeros(scores.shape), np.zeros(len(scores))
    so_far = np.zeros(len(scores), np.int64)
    for k in range(scores.shape[1]):
        between = np.clip((shares[:, k] - before) / np.maximum(1 - before, 1e-300), 0.0, 1.0)
        so_far = so_far + random.binomial(others - so_far, between)
        counts[:, k], before = so_far, shares[:, k]
    return counts


def _areas(above: Floats, positives: int, negatives: int) -> tuple[Floats, Floats]:
    """Return ROC area and average precision of each draw from the counts of ``_above``."""
    from scipy.special import digamma

    rank = np.arange(1, above.shape[1] + 1)
    if positives <= negatives:  # above: how many negatives are above each positive
        return 1 - above.mean(axis=1) / negatives, (rank / (rank + above)).mean(axis=1)
    # Between a negative and the next, j negatives are above, so the precisions there are i/(i + j) = 1 − j/(i + j) for
    # the positives' ranks i; the sum of 1/(i + j) is a difference of two digammas.
    until = np.append(above[:, 1:], np.full((len(above), 1), positives), axis=1)
    lost = (rank * (digamma(until + rank + 1) - digamma(above + rank + 1))).sum(axis=1)
    return above.mean(axis=1) / positives, 1 - lost / positives


def _likely_distances(value: float, kinds: tuple[int, int], name: str) -> Interval:
    """Return the distances below and above which areas as high (low) as the observed one are rarer than ``TAIL``."""
    from scipy.special import ndtri

    def as_high(step: int) -> float:
        count = DRAWS - np.searchsorted(getattr(_drawn_areas(kinds, step), name), value - 1e-12, side="left")
        return float(ndtri((count + 1) / (DRAWS + 2)))

    def not_as_low(step: int) -> float:
        count = DRAWS - np.searchsorted(getattr(_drawn_areas(kinds, step), name), value + 1e-12, side="right")
        return float(ndtri((count + 1) / (DRAWS + 2)))

    tail = float(ndtri(TAIL))
    return _crossing(as_high, tail), _crossing(not_as_low, -tail)


def _crossing(rising: Callable[[int], float], level: float) -> float:
    """Return the distance at which a function of the step reaches a level; infinite if that is outside of ``STEPS``."""
    found = bisect_left(STEPS, level, key=rising)
    if found in (0, len(STEPS)):
        return math.inf if found else -math.inf
    before, after = rising(STEPS[found - 1]), rising(STEPS[found])
    return STEP * (STEPS[found] - (after - level) / (after - before))


def _roc_area(distance: float) -> float:
    """Return Φ(d / √2), the ROC area of normal scores d standard deviations apart."""
    from scipy.special import ndtr

    return float(ndtr(distance / math.sqrt(2)))


def _distance(roc_area: float) -> float:
    """Return √2 Φ⁻¹(area), the distance of normal scores with this ROC area."""
    from scipy.special import ndtri

    return math.sqrt(2) * float(ndtri(roc_area))


def _limit_of_average_precision(distance: float, share: float) -> float:
    """Return the average precision of endless normal scores: the mean over recalls r of π r / (π r + (1 − π) f(r))."""
    from scipy.special import ndtr, ndtri

    if math.isinf(distance):
        return float(distance > 0)
    recall = (np.arange(2000) + 0.5) / 2000
    others = ndtr(ndtri(recall) - distance)
    return float((share * recall / (share * recall + (1 - share) * others)).mean())


def _mean_precision(distance: float, kinds: tuple[int, int]) -> float:
    """Return the mean average precision of normal test sets of this size."""
    if math.isinf(distance):
        return float(distance > 0)
    step = math.floor(distance / STEP)
    low, high = (float(_drawn_areas(kinds, k).average_precision.mean()) for k in (step, step + 1))
    return low + (distance / STEP - step) * (high - low)


def _widened(interval: Interval, area: Estimated, rarer: int) -> Interval:
    """Return the interval, widened if the estimated variance is above that of normal scores."""
    low, high = min(interval[0], area.value), max(interval[1], area.value)
    if not 0 < low < high < 1:
        return low, high
    middle, z = _logit(area.value), _normal_quantile()
    estimated = area.variance / (area.value * (1 - area.value)) ** 2
    ratio = estimated / ((_logit(high) - _logit(low)) / (2 * z)) ** 2
    reach = math.sqrt(max(1.0, (NORMAL_WORTH + (rarer - 1) * ratio) / (NORMAL_WORTH + rarer - 1)))
    return _expit(middle - reach * (middle - _logit(low))), _expit(middle + reach * (_logit(high) - middle))


def _logit_interval(area: Estimated, rarer: int) -> Interval:
    """Return logit(a) ± z s / (a (1 − a)), as areas; Wilson's interval if everything is in the wrong order."""
    if area.value <= 1e-12:
        return 0.0, wilson_interval(0, rarer)[1]
    reach = _normal_quantile() * math.sqrt(area.variance) / (area.value * (1 - area.value))
    return _expit(_logit(area.value) - reach), _expit(_logit(area.value) + reach)


def _normal_quantile() -> float:
    """Return 1.96: this many standard errors on each side cover 95 %."""
    from scipy.special import ndtri

    return float(ndtri((1 + CONFIDENCE_LEVEL) / 2))


def _logit(share: float) -> float:
    return math.log(share) - math.log1p(-share)


def _expit(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-700.0, min(700.0, logit))))

"""Intervals and paired tests against their definitions."""

import math
from itertools import product

import numpy as np
import pytest

from layerlab.evaluating.statistics import (
    corrected_resampled_t,
    mcnemar_p_value,
    mean_interval,
    r_squared,
    wilson_interval,
)
from layerlab.text import percent


@pytest.mark.parametrize(("right", "total"), [(40, 50), (36, 50), (0, 50), (50, 50), (1, 3), (345, 360)])
def test_wilson_interval_holds_the_shares_whose_score_test_does_not_reject(right: int, total: int) -> None:
    # the ends solve |p̂ − p| = z √(p (1 − p) / n)
    share = right / total
    for end in wilson_interval(right, total):
        if end not in (0.0, 1.0):
            assert abs(share - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / total), rel=1e-5)
    low, high = wilson_interval(right, total)
    assert 0 <= low <= share <= high <= 1


def test_wilson_interval_of_the_notes_headline() -> None:
    assert wilson_interval(40, 50) == pytest.approx((0.6696, 0.8876), abs=1e-4)
    assert wilson_interval(36, 50) == pytest.approx((0.5833, 0.8253), abs=1e-4)


@pytest.mark.parametrize(("first", "second"), list(product(range(5), repeat=2)))
def test_mcnemar_counts_the_coin_tosses_that_are_at_least_as_uneven(first: int, second: int) -> None:
    tosses = list(product((0, 1), repeat=first + second))
    uneven = [t for t in tosses if abs(sum(t) - len(t) / 2) >= abs(first - second) / 2]
    assert mcnemar_p_value(first, second) == pytest.approx(len(uneven) / len(tosses))


def test_models_that_never_disagree_are_not_told_apart() -> None:
    assert mcnemar_p_value(0, 0) == 1.0


def test_corrected_t_is_the_plain_t_with_a_larger_variance() -> None:
    values = np.array([0.02, 0.05, -0.01, 0.04, 0.03])
    mean, (low, high), p = corrected_resampled_t(values, n_train=209, n_test=50)
    error = math.sqrt((1 / 5 + 50 / 209) * values.var(ddof=1))
    assert mean == pytest.approx(values.mean())
    assert (high - mean) == pytest.approx(2.7764451 * error, rel=1e-6)  # t quantile, 4 degrees of freedom
    assert (mean - low) == pytest.approx(high - mean)
    # by numerical integration of Student's density with 4 degrees of freedom: Γ(5/2) / (√(4π) Γ(2)) (1 + t²/4)^(−5/2)
    t = np.linspace(mean / error, 2000, 2_000_001)
    density = math.gamma(2.5) / math.sqrt(4 * math.pi) * (1 + t * t / 4) ** -2.5
    assert p == pytest.approx(2 * np.trapezoid(density, t), rel=1e-4)


def test_corrected_t_without_spread() -> None:
    mean, interval, p = corrected_resampled_t(np.full(4, 0.1), 80, 20)
    assert (mean, *interval) == pytest.approx((0.1, 0.1, 0.1))
    assert p == 0
    assert corrected_resampled_t(np.zeros(4), 80, 20) == (0.0, (0.0, 0.0), 1.0)


def test_percent_has_one_decimal() -> None:
    assert percent(0.66) == "66.0 %"
    assert percent(1) == "100.0 %"


def test_r_squared_and_a_means_interval_as_others_have_them() -> None:
    from scipy.stats import ttest_1samp
    from sklearn.metrics import r2_score

    random = np.random.RandomState(0)
    Y = random.randn(3, 20)
    predictions = Y + random.rand(3, 20)
    assert r_squared(Y, predictions) == pytest.approx(r2_score(Y.T, predictions.T))
    assert np.isnan(r_squared(np.ones((1, 3)), np.ones((1, 3))))
    mean, interval = mean_interval(Y[0])
    assert mean == pytest.approx(Y[0].mean())
    assert interval == pytest.approx(tuple(ttest_1samp(Y[0], 0.0).confidence_interval(0.95)))
    assert np.isnan(mean_interval(Y[0, :1])[1]).all()

"""Intervals and paired tests against their definitions."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import layerlab
from layerlab import Network
from layerlab.datasets import Dataset, Part, load_flower
from layerlab.evaluating.scores import train_facts
from layerlab.evaluating.statistics import (
    corrected_resampled_t,
    holm,
    mcnemar_p_value,
    mean_interval,
    mean_share_interval,
    r_squared,
    share_p_value,
    wilson_interval,
)
from layerlab.runs.summary import run_lines
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
    # accuracies move in steps of 1/20: the spread is at least that of one of the four splits having one more right
    mean, (low, high), p = corrected_resampled_t(np.full(4, 0.1), 80, 20, step=0.05)
    same = corrected_resampled_t(np.array([0.1, 0.1, 0.1, 0.15]) - 0.0125, 80, 20)
    assert mean == pytest.approx(0.1)
    assert (mean, low, high, p) == pytest.approx((same[0], *same[1], same[2]))


@pytest.mark.parametrize(("right", "total"), [(0, 5), (3, 5), (40, 50), (50, 50)])
def test_the_share_test_rejects_what_wilsons_interval_leaves_out(right: int, total: int) -> None:
    for end, outwards in zip(wilson_interval(right, total), (-1, 1), strict=True):
        if 0 < end < 1:
            assert share_p_value(right, total, end) == pytest.approx(0.05)
            assert (
                share_p_value(right, total, end + outwards * 1e-4)
                < 0.05
                < share_p_value(right, total, end - outwards * 1e-4)
            )
    assert share_p_value(5, 5, 1.0) == 1.0
    assert share_p_value(4, 5, 1.0) == 0.0


def test_holm_as_written_down() -> None:
    # 4 · 0.005, 3 · 0.01, 2 · 0.03, 0.04 in rising order; an adjusted one is never below one of a lower p-value
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.5, 0.6]) == (1.0, 1.0)
    assert holm([0.03]) == (0.03,)
    assert holm([]) == ()
    assert holm([0.03, math.nan, 0.5]) == pytest.approx((0.06, math.nan, 0.5), nan_ok=True)  # two tests were made


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


def test_the_interval_of_a_mean_share_is_wilsons_where_an_example_has_one_label() -> None:
    right = np.arange(50) < 40
    mean, interval = mean_share_interval(right.astype(float))
    assert (mean, *interval) == pytest.approx((0.8, *wilson_interval(40, 50)))
    # five labels an example, each right or wrong by itself: as many answers as labels
    random = np.random.RandomState(0)
    mean, (low, high) = mean_share_interval((random.rand(400, 5) < 0.9).mean(axis=1))
    assert high - low == pytest.approx(np.diff(wilson_interval(1800, 2000))[0], rel=0.15)
    # all right: Student's interval of the mean was 1 to 1
    assert mean_share_interval(np.ones(12))[1] == pytest.approx(wilson_interval(12, 12))


def test_an_interval_that_there_is_not_is_null() -> None:
    X = np.random.RandomState(0).randn(3, 80)
    data = Dataset("values", Part(X, 2 * X[:1] + 1), Part(X, 2 * X[:1] + 1))
    network = Network([3, 4, 1], output="identity")
    run = layerlab.train(network, data, learning_rate=0.1, iterations=50, progress=False)
    facts = train_facts(run, replace(data, test=Part(X[:, :1], data.test.Y[:, :1])))
    assert (facts["test_error_interval"], facts["baseline"]["test_error_interval"]) == (None, None)
    assert "interval" not in " ".join(run_lines(run, facts))
    low, high = train_facts(run, data)["test_error_interval"]
    assert 0 < low < high


def test_a_run_that_diverged_has_no_interval_of_its_accuracy() -> None:
    flower = load_flower()
    run = layerlab.train(Network([2, 3, 1]), flower, learning_rate=1.0, iterations=500, progress=False)
    diverged = replace(run, parameters={**run.parameters, "b1": np.full((3, 1), np.nan)})
    facts = train_facts(diverged, flower)
    assert facts["test_interval"] is None
    assert "interval" not in " ".join(run_lines(diverged, facts))

"""Prediction intervals and sets of classes: against their definition written out, and their coverage on drawn data."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.formulas.prediction_intervals import (
    completed_sets,
    cv_plus_interval,
    cv_plus_sets,
    interval_rank,
)


def written_out(answers: Floats, residuals: list[Floats], level: float) -> tuple[Floats, Floats]:
    """The definition of CV+ for values, with all n · m numbers sorted."""
    n = sum(map(len, residuals))
    below = np.concatenate([a - R[:, None] for a, R in zip(answers, residuals, strict=True)])
    above = np.concatenate([a + R[:, None] for a, R in zip(answers, residuals, strict=True)])
    alpha = round(1 - level, 9)
    first, last = math.floor(round(alpha * (n + 1), 9)), math.ceil(round((1 - alpha) * (n + 1), 9))
    return np.sort(below, axis=0)[first - 1], np.sort(above, axis=0)[last - 1]


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("sizes", [(7, 7, 6), (1, 30, 4, 12), (19,), (50, 0, 50)])
def test_intervals_are_those_of_the_definition(sizes: tuple[int, ...], level: float) -> None:
    random = np.random.RandomState(0)
    answers = random.randn(len(sizes), 40) * 10.0 ** random.randint(-3, 4, 40)
    residuals = [np.abs(random.standard_cauchy(size)) for size in sizes]
    for own, defined in zip(
        cv_plus_interval(answers, residuals, level), written_out(answers, residuals, level), strict=True
    ):
        np.testing.assert_allclose(own, defined, rtol=1e-12, atol=1e-12)


def test_equal_residuals_and_answers_give_the_plain_interval() -> None:
    low, high = cv_plus_interval(np.full((4, 3), 5.0), [np.full(10, 0.25)] * 4, 0.9)
    np.testing.assert_array_equal(low, np.full(3, 4.75))
    np.testing.assert_array_equal(high, np.full(3, 5.25))


def test_one_fold_gives_the_split_conformal_interval() -> None:
    residuals = np.random.RandomState(1).exponential(size=99)
    low, high = cv_plus_interval(np.array([[0.0, 7.0]]), [residuals], 0.9)
    np.testing.assert_allclose(high - [0, 7], np.sort(residuals)[89], rtol=1e-12)
    np.testing.assert_allclose(low + high, [0, 14], atol=1e-12)


@pytest.mark.parametrize("level", [0.6, 0.9])
def test_sets_are_those_of_the_definition(level: float) -> None:
    random = np.random.RandomState(2)
    probabilities = random.dirichlet(np.ones(3), size=(4, 25)).transpose(0, 2, 1)
    residuals = [random.rand(size) for size in (5, 9, 6, 11)]
    smaller = np.zeros((3, 25))
    for P, some in zip(probabilities, residuals, strict=True):
        for R in some:
            smaller += R < 1 - P
    np.testing.assert_array_equal(cv_plus_sets(probabilities, residuals, level), smaller < level * 32)


@pytest.mark.parametrize(("n", "level", "rank"), [(9, 0.9, 9), (19, 0.9, 18), (99, 0.95, 95), (9999, 0.29, 2900)])
def test_ranks_have_no_rounding_error(n: int, level: float, rank: int) -> None:
    assert interval_rank(n, level) == rank


def test_a_level_that_needs_more_examples_is_refused_with_the_level_that_is_possible() -> None:
    with pytest.raises(InputError, match=re.escape("wanted at least 19 examples")) as refused:
        interval_rank(10, 0.95)
    possible = float(re.findall(r"ask for at most ([\d.]+)", str(refused.value))[0])
    assert interval_rank(10, possible) == 10
    with pytest.raises(InputError):
        interval_rank(10, possible + 0.001)


@pytest.mark.parametrize("level", [0, 1, -0.5, 90, float("nan"), float("inf"), "much", None])
def test_what_is_no_level_is_refused(level: object) -> None:
    with pytest.raises(InputError, match=r"wanted a number between 0 and 1, such as 0\.9"):
        interval_rank(100, level)  # type: ignore[arg-type]


def test_the_most_probable_class_stands_for_an_empty_set() -> None:
    sets = np.array([[False, True, False], [False, True, False], [False, False, True]])
    P = np.array([[0.4, 0.5, 0.1], [0.35, 0.5, 0.8], [0.25, 0.0, 0.1]])
    completed = completed_sets(sets, P)
    assert completed.T.tolist() == [[True, False, False], [True, True, False], [False, False, True]]


def least_squares(X: Floats, y: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(np.vstack([X, np.ones(X.shape[1])]).T, y, rcond=None)[0])


def test_nine_of_ten_drawn_values_are_in_their_intervals() -> None:
    """Coverage with models without each fold, on 300 drawn data sets of 60 rows: one new value each.

    The number of covered values is binomial if coverage is 0.9: below 246 or above 295 of 300 has a probability of
    about 10⁻⁵.
    """
    random, covered = np.random.RandomState(3), 0
    for _ in range(300):
        X = random.randn(3, 61)
        y = X.sum(axis=0) + np.abs(X[0]) * random.randn(61)
        folds = random.permutation(60) % 8
        models = [least_squares(X[:, :60][:, folds != j], y[:60][folds != j]) for j in range(8)]
        answers = np.array([model[:3] @ X + model[3] for model in models])
        residuals = [np.abs(y[:60] - answers[j, :60])[folds == j] for j in range(8)]
        low, high = cv_plus_interval(answers[:, 60:], residuals, 0.9)
        covered += int(low[0] <= y[60] <= high[0])
    assert 246 <= covered <= 295


def test_nine_of_ten_drawn_classes_are_in_their_sets() -> None:
    """The same for three classes, with the frequencies of the classes among near examples as probabilities."""
    random, covered = np.random.RandomState(4), 0
    for _ in range(300):
        x = random.rand(81)
        y = (3 * np.clip(x + 0.15 * random.randn(81), 0, 0.999)).astype(int)
        folds = random.permutation(80) % 8
        P = np.empty((8, 3, 81))
        for j in range(8):
            near = np.exp(-(((x[:80][folds != j][:, None] - x) / 0.1) ** 2))
            P[j] = np.array([near[y[:80][folds != j] == c].sum(axis=0) for c in range(3)]) / near.sum(axis=0)
        residuals = [1 - P[j, y[:80], np.arange(80)][folds == j] for j in range(8)]
        sets = completed_sets(cv_plus_sets(P[:, :, 80:], residuals, 0.9), P[:, :, 80:].mean(axis=0))
        covered += int(sets[y[80], 0])
    assert covered >= 246

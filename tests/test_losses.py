"""Losses from logits: against the textbook, exact when saturated, weighted, and each gradient against differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from layerlab import InputError
from layerlab.formulas import (
    L1,
    L2,
    LOSSES,
    Array,
    L1_gradient,
    L2_gradient,
    binary_cross_entropy,
    binary_cross_entropy_gradient,
    cost,
    cross_entropy,
    cross_entropy_gradient,
    linear_backward,
    linear_forward,
    sigmoid,
    softmax,
    squared_error,
    squared_error_gradient,
)
from layerlab.formulas.arrays import Floats

WIDTHS = [("sigmoid", 1), ("sigmoid", 3), ("softmax", 3)]
WIDTHS += [(output, n_y) for output in ("identity", "absolute", "huber", "poisson") for n_y in (1, 3)]
properties = settings(deadline=None, max_examples=50, derandomize=True)


def labels(output: str, n_y: int, m: int, seed: int = 0) -> Floats:
    """Hard labels for most examples, probabilities for the last two."""
    random = np.random.RandomState(seed)
    if output in ("identity", "absolute", "huber"):
        return 2 * random.randn(n_y, m)
    if output == "poisson":
        return random.poisson(1.5, (n_y, m)).astype(np.float64)
    if output == "sigmoid":
        Y = random.randint(0, 2, (n_y, m)).astype(np.float64)
        Y[:, -2:] = random.rand(n_y, 2)
        return Y
    Y = np.eye(n_y)[:, random.randint(0, n_y, m)]
    Y[:, -2:] = softmax(random.randn(n_y, 2))
    return Y


def textbook(output: str, Z: Floats, Y: Floats) -> list[float]:
    """One example and one output at a time, probabilities first, as the textbooks write it."""
    losses = []
    for z, y in zip(Z.T, Y.T, strict=True):
        if output == "identity":
            loss = sum((float(a) - float(b)) ** 2 / 2 for a, b in zip(z, y, strict=True))
        elif output == "absolute":
            loss = sum(abs(float(a) - float(b)) for a, b in zip(z, y, strict=True))
        elif output == "huber":
            sizes = [abs(float(a) - float(b)) for a, b in zip(z, y, strict=True)]
            loss = sum(d**2 / 2 if d <= 1 else d - 0.5 for d in sizes)
        elif output == "poisson":
            means = [math.exp(a) for a in z]
            loss = sum(a - b + (b * math.log(b / a) if b else 0.0) for a, b in zip(means, y, strict=True))
        elif output == "sigmoid":
            p = [1 / (1 + math.exp(-a)) for a in z]
            loss = -sum(b * math.log(a) + (1 - b) * math.log(1 - a) for a, b in zip(p, y, strict=True))
        else:
            total = sum(math.exp(a) for a in z)
            loss = -sum(b * math.log(math.exp(a) / total) for a, b in zip(z, y, strict=True))
        losses.append(loss)
    return losses


def complex_step(output: str, Z: Floats, Y: Floats, weights: Floats | None = None) -> Floats:
    """Derivative of each example's loss by each of its outputs."""
    rows = []
    for row in range(Z.shape[-2]):
        step = np.zeros((Z.shape[-2], 1), dtype=complex)
        step[row] = 1e-30j
        rows.append(LOSSES[output].losses(Z + step, Y, weights).imag / 1e-30)
    return np.stack(rows, axis=-2)


def central_difference(output: str, Z: Floats, Y: Floats, weights: Floats | None = None) -> Floats:
    rows = []
    for row in range(Z.shape[-2]):
        step = np.zeros((Z.shape[-2], 1))
        step[row] = 1e-5
        up, down = (LOSSES[output].losses(Z + sign * step, Y, weights) for sign in (1, -1))
        rows.append((up - down) / 2e-5)
    return np.stack(rows, axis=-2)


@pytest.mark.parametrize(("output", "n_y"), WIDTHS)
def test_losses_are_those_of_the_textbook(output: str, n_y: int) -> None:
    Z, Y = np.random.RandomState(1).randn(n_y, 7) * 2.0, labels(output, n_y, 7)
    assert_allclose(LOSSES[output].losses(Z, Y), textbook(output, Z, Y), rtol=1e-13)


def test_certain_and_wrong_costs_exactly_the_logit() -> None:
    Z = np.array([[2000.0, -2000.0, 2000.0, -2000.0]])
    Y = np.array([[0.0, 1.0, 1.0, 0.0]])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert_array_equal(binary_cross_entropy(Z, Y), [2000.0, 2000.0, 0.0, 0.0])
        assert_array_equal(binary_cross_entropy_gradient(Z, Y), [[1.0, -1.0, 0.0, 0.0]])


def test_certain_and_wrong_class_costs_exactly_the_logit() -> None:
    Z = np.array([[2000.0, 2000.0, 0.0], [0.0, 0.0, 2000.0], [0.0, -2000.0, 2000.0]])
    Y = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        # The last example: log(e^2000 + e^2000) − 0 = 2000 + ln 2.
        assert_array_equal(cross_entropy(Z, Y), [2000.0, 0.0, 2000.0 + math.log(2.0)])
        assert_array_equal(cross_entropy_gradient(Z, Y), [[1.0, 0.0, -1.0], [-1.0, 0.0, 0.5], [0.0, 0.0, 0.5]])


def test_certain_and_right_still_costs_a_little() -> None:
    # log(1 + e⁻⁵⁰) is e⁻⁵⁰ to the last digit: −log(σ(50)) would be 0, for σ(50) rounds to 1.
    loss = float(binary_cross_entropy(np.array([[50.0]]), np.array([[1.0]]))[0])
    assert loss == pytest.approx(math.exp(-50.0), rel=1e-14, abs=0)


def test_squared_error_by_hand() -> None:
    # Example 1: predicted (1, 3), true (0, 1):  ½ (1² + 2²) = 2.5.  Example 2: (2, 0), (2, 4):  ½ (0² + 4²) = 8.
    Z, Y = np.array([[1.0, 2.0], [3.0, 0.0]]), np.array([[0.0, 2.0], [1.0, 4.0]])
    assert_array_equal(squared_error(Z, Y), [2.5, 8.0])
    assert_array_equal(squared_error_gradient(Z, Y), [[1.0, 0.0], [2.0, -4.0]])
    assert cost(squared_error(Z, Y)) == 5.25


def test_guessing_costs_the_logarithm_of_the_number_of_answers() -> None:
    assert_allclose(binary_cross_entropy(np.zeros((3, 2)), np.array([[0.0, 1.0]] * 3)), 3 * math.log(2.0), rtol=1e-15)
    assert_allclose(cross_entropy(np.zeros((3, 3)), np.eye(3)), math.log(3.0), rtol=1e-15)


@pytest.mark.parametrize("models", [(), (2,), (2, 4)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("output", "n_y"), WIDTHS)
def test_gradient_is_the_complex_step_derivative(
    output: str, n_y: int, weighted: bool, models: tuple[int, ...]
) -> None:
    random = np.random.RandomState(2)
    Z, Y = random.randn(*models, n_y, 7) * 3.0, labels(output, n_y, 7)
    weights = random.randint(0, 4, (*models, 7)) / 1.5 if weighted else None
    computed, numerical = LOSSES[output].gradient(Z, Y, weights), complex_step(output, Z, Y, weights)
    assert computed.shape == Z.shape
    assert np.abs(computed - numerical).max() <= 1e-12 * np.abs(numerical).max()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("output", "n_y"), WIDTHS)
def test_gradient_is_the_central_difference(output: str, n_y: int, weighted: bool) -> None:
    random = np.random.RandomState(3)
    Z, Y = random.randn(n_y, 7) * 2.0, labels(output, n_y, 7)
    weights = random.randint(0, 4, 7) / 1.5 if weighted else None
    assert_allclose(
        LOSSES[output].gradient(Z, Y, weights), central_difference(output, Z, Y, weights), rtol=1e-8, atol=1e-9
    )


@pytest.mark.parametrize(("output", "n_y"), WIDTHS)
def test_gradient_is_right_at_logits_of_exactly_zero(output: str, n_y: int) -> None:
    Z, Y = np.zeros((n_y, 5)), labels(output, n_y, 5)
    assert_allclose(LOSSES[output].gradient(Z, Y), complex_step(output, Z, Y), rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize(("output", "n_y"), WIDTHS)
@properties
@given(counts=st.lists(st.integers(0, 3), min_size=5, max_size=5).filter(any))
def test_an_example_of_weight_two_counts_as_two_and_one_of_weight_zero_not_at_all(
    output: str, n_y: int, counts: list[int]
) -> None:
    random = np.random.RandomState(4)
    X, W, b, Y = random.randn(4, 5), random.randn(n_y, 4), random.randn(n_y, 1), labels(output, n_y, 5)
    weights = np.array(counts) * 5.0 / sum(counts)  # of mean 1
    loss = LOSSES[output]

    Z, cache = linear_forward(X, W, b)
    repeated = np.repeat(np.arange(5), counts)
    Z_repeated, cache_repeated = linear_forward(X[:, repeated], W, b)

    assert_allclose(cost(loss.losses(Z, Y, weights)), cost(loss.losses(Z_repeated, Y[:, repeated])), rtol=1e-13)
    _, dW, db = linear_backward(loss.gradient(Z, Y, weights), cache)
    _, dW_repeated, db_repeated = linear_backward(loss.gradient(Z_repeated, Y[:, repeated]), cache_repeated)
    assert_allclose(dW, dW_repeated, rtol=0, atol=1e-13)
    assert_allclose(db, db_repeated, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("output", "n_y"), WIDTHS)
def test_each_model_may_weigh_the_examples_its_own_way(output: str, n_y: int) -> None:
    random = np.random.RandomState(5)
    Z, Y, weights = random.randn(2, n_y, 7), labels(output, n_y, 7), random.rand(2, 7)
    loss = LOSSES[output]
    assert loss.losses(Z, Y, weights).shape == (2, 7)
    for model in range(2):
        alone = Z[model], Y, weights[model]
        assert_allclose(loss.losses(Z, Y, weights)[model], loss.losses(*alone), rtol=1e-14)
        assert_allclose(loss.gradient(Z, Y, weights)[model], loss.gradient(*alone), rtol=0, atol=1e-15)


@pytest.mark.parametrize(("output", "n_y"), WIDTHS)
def test_weights_of_one_are_no_weights(output: str, n_y: int) -> None:
    Z, Y = np.random.RandomState(6).randn(n_y, 7), labels(output, n_y, 7)
    assert_array_equal(LOSSES[output].losses(Z, Y, np.ones(7)), LOSSES[output].losses(Z, Y))
    assert_array_equal(LOSSES[output].gradient(Z, Y, np.ones(7)), LOSSES[output].gradient(Z, Y))


def test_cost_is_the_mean_over_examples() -> None:
    assert cost(np.array([1.0, 2.0, 6.0])) == 3.0
    assert_array_equal(cost(np.array([[1.0, 3.0], [5.0, 0.0]])), [2.0, 2.5])


def test_every_output_activation_has_its_own_prediction() -> None:
    Z = np.random.RandomState(7).randn(3, 4)
    assert_array_equal(LOSSES["sigmoid"].prediction(Z), sigmoid(Z))
    assert_array_equal(LOSSES["softmax"].prediction(Z), softmax(Z))
    assert_array_equal(LOSSES["identity"].prediction(Z), Z)


@pytest.mark.parametrize(("output", "n_y"), [("sigmoid", 1), ("softmax", 3), ("identity", 1)])
def test_the_gradient_vanishes_where_the_prediction_is_the_label(output: str, n_y: int) -> None:
    Z = np.random.RandomState(8).randn(n_y, 7)
    assert_array_equal(LOSSES[output].gradient(Z, LOSSES[output].prediction(Z)), np.zeros((n_y, 7)))


def test_L1_and_L2_by_hand() -> None:
    # Differences ŷ − y: −0.5, 0.25, 0, 0.75.  Sizes sum to 1.5; squares 0.25 + 0.0625 + 0 + 0.5625 = 0.875.
    yhat, y = np.array([0.5, 0.25, 1.0, 0.75]), np.array([1.0, 0.0, 1.0, 0.0])
    assert L1(yhat, y) == 1.5
    assert L2(yhat, y) == 0.875
    assert_array_equal(L1_gradient(yhat, y), [-1.0, 1.0, 0.0, 1.0])
    assert_array_equal(L2_gradient(yhat, y), [-1.0, 0.5, 0.0, 1.5])


@pytest.mark.parametrize("shape", [(6,), (1, 6), (2, 3)])
def test_L1_and_L2_gradients_are_central_differences(shape: tuple[int, ...]) -> None:
    random = np.random.RandomState(9)
    yhat, y = random.randn(*shape), random.randn(*shape)
    assert np.abs(yhat - y).min() > 1e-3  # no entry at the kink of L1
    for function, gradient in ((L1, L1_gradient), (L2, L2_gradient)):
        numerical = np.empty(shape)
        for entry in np.ndindex(shape):
            step = np.zeros(shape)
            step[entry] = 1e-5
            numerical[entry] = (function(yhat + step, y) - function(yhat - step, y)) / 2e-5
        assert_allclose(gradient(yhat, y), numerical, rtol=1e-8)


def test_squared_error_is_half_of_L2() -> None:
    Z, Y = np.random.RandomState(10).randn(2, 3, 7)
    assert_allclose(squared_error(Z, Y).sum(), L2(Z, Y) / 2, rtol=1e-14)


FORMULAS = [loss.losses for loss in LOSSES.values()] + [loss.gradient for loss in LOSSES.values()]
NORMS = [L1, L1_gradient, L2, L2_gradient]


@pytest.mark.parametrize("formula", FORMULAS + NORMS)
@pytest.mark.parametrize(
    ("predictions", "truth", "wanted"),
    [
        ((1, 7), (7,), (1, 7)),
        ((1, 7), (7, 1), (1, 7)),
        ((3, 7), (7, 3), (3, 7)),
        ((3, 7), (1, 7), (3, 7)),
        ((1, 7), (1, 1), (1, 7)),
        ((2, 1, 7), (7,), (1, 7)),
    ],
)
def test_labels_of_another_shape_are_refused_in_words(
    formula: Array, predictions: tuple[int, ...], truth: tuple[int, ...], wanted: tuple[int, ...]
) -> None:
    with pytest.raises(InputError) as refusal:
        formula(np.zeros(predictions), np.zeros(truth))
    assert str(refusal.value) == (
        f"predictions have the shape {predictions} and labels {truth}: wanted one label for each prediction, "
        f"examples in columns; give Y the shape {wanted}, for one row of labels Y.reshape(1, -1)"
    )


@pytest.mark.parametrize("formula", FORMULAS + NORMS)
@pytest.mark.parametrize("truth", [(7,), (7, 1)])
def test_the_remedy_for_refused_labels_helps(formula: Array, truth: tuple[int, ...]) -> None:
    Z, Y = np.ones((1, 7)), np.zeros(truth)
    assert_array_equal(formula(Z, Y.reshape(1, -1)), formula(Z, np.zeros((1, 7))))


@pytest.mark.parametrize(("output", "n_y"), WIDTHS)
def test_float32_stays_float32(output: str, n_y: int) -> None:
    random = np.random.RandomState(11)
    Z, Y, weights = random.randn(n_y, 7), labels(output, n_y, 7), random.rand(7)
    narrow = Z.astype(np.float32), Y.astype(np.float32), weights.astype(np.float32)
    losses, gradient = LOSSES[output].losses(*narrow), LOSSES[output].gradient(*narrow)
    assert losses.dtype == gradient.dtype == cost(losses).dtype == np.float32
    assert_allclose(losses, LOSSES[output].losses(Z, Y, weights), rtol=1e-4, atol=1e-6)
    assert_allclose(gradient, LOSSES[output].gradient(Z, Y, weights), rtol=1e-4, atol=1e-6)


def test_L1_and_L2_of_float32_stay_float32() -> None:
    yhat, y = np.array([[[0.5, 0.25]], [[1.0, 0.0]]], np.float32)
    assert [formula(yhat, y).dtype for formula in NORMS] == [np.float32] * 4

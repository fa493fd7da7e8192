"""Chapter 2 as a notebook uses it: logistic regression from zeros, step by step and as one model."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from layerlab import InputError
from layerlab.formulas import flatten_images
from layerlab.formulas.arrays import Floats
from layerlab.notes.logistic import initialize_with_zeros, load_dataset, model, optimize, predict, propagate, sigmoid

N_X, M = 4, 7


@pytest.fixture
def example() -> tuple[Floats, float, Floats, Floats]:
    """w, b, X and Y of a small problem."""
    random = np.random.RandomState(0)
    return random.randn(N_X, 1), 0.3, random.randn(N_X, M), random.randint(0, 2, (1, M)).astype(np.float64)


def notes_propagate(w: Floats, b: float, X: Floats, Y: Floats) -> tuple[Floats, float, float]:
    """dw, db and the cost, line by line as the notes have them."""
    m = X.shape[1]
    Y_hat = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    cost = -1 / m * np.sum(Y * np.log(Y_hat) + (1 - Y) * np.log(1 - Y_hat))
    dw = 1 / m * np.dot(X, (Y_hat - Y).T)
    db = 1 / m * np.sum(Y_hat - Y)
    return dw, db, cost


def notes_loop(w: Floats, b: float, X: Floats, Y: Floats, iterations: int, rate: float) -> tuple[Floats, float, Any]:
    """w, b and the cost before each update."""
    costs = []
    for _ in range(iterations):
        dw, db, cost = notes_propagate(w, b, X, Y)
        w, b = w - rate * dw, b - rate * db
        costs.append(cost)
    return w, b, costs


def test_sigmoid_is_that_of_the_first_chapter() -> None:
    assert_allclose(sigmoid(np.log([3, 0.25])), [0.75, 0.2], rtol=1e-15)
    assert list(inspect.signature(sigmoid).parameters) == ["z"]


def test_initialize_with_zeros_gives_a_column_and_a_python_float() -> None:
    w, b = initialize_with_zeros(5)
    assert_array_equal(w, np.zeros((5, 1)))
    assert w.dtype == np.float64
    assert type(b) is float
    assert b == 0.0


def test_propagate_is_the_notes_formula(example: tuple[Floats, float, Floats, Floats]) -> None:
    w, b, X, Y = example
    grads, cost = propagate(w, b, X, Y)
    dw, db, expected = notes_propagate(w, b, X, Y)
    assert list(grads) == ["dw", "db"]
    assert grads["dw"].shape == (N_X, 1)
    assert np.shape(grads["db"]) == np.shape(cost) == ()
    assert_allclose(grads["dw"], dw, rtol=1e-13)
    assert grads["db"] == pytest.approx(db, rel=1e-13)
    assert cost == pytest.approx(expected, rel=1e-13)


def test_propagate_by_hand() -> None:
    # From zeros every probability is ½ and the cost ln 2. A − Y = (−½, ½, −½), so
    # dw = ((−1 + 2 − 4), (−3 + 0 + 3)) / 2 / 3 = (−½, 0) and db = −½ / 3.
    grads, cost = propagate([[0], [0]], 0, [[1, 2, 4], [3, 0, -3]], [[1, 0, 1]])
    assert_allclose(grads["dw"], [[-1 / 2], [0.0]], atol=1e-16)
    assert grads["db"] == pytest.approx(-1 / 6, rel=1e-15)
    assert cost == pytest.approx(np.log(2), rel=1e-15)


def test_propagate_gives_the_slope_of_its_cost(example: tuple[Floats, float, Floats, Floats]) -> None:
    w, b, X, Y = example
    grads, _ = propagate(w, b, X, Y)
    step = 1e-6
    for i in range(N_X):
        e = np.zeros((N_X, 1))
        e[i] = step
        slope = (propagate(w + e, b, X, Y)[1] - propagate(w - e, b, X, Y)[1]) / (2 * step)
        assert grads["dw"][i, 0] == pytest.approx(slope, abs=1e-8)
    slope = (propagate(w, b + step, X, Y)[1] - propagate(w, b - step, X, Y)[1]) / (2 * step)
    assert grads["db"] == pytest.approx(slope, abs=1e-8)


def test_one_example_is_enough() -> None:
    # σ(ln 3) = ¾: the cost is ln 4, dw = ¾ x and db = ¾.
    grads, cost = propagate([[1], [0]], np.log(3) - 2, [[2], [8]], [[0]])
    assert_allclose(grads["dw"], [[1.5], [6.0]], rtol=1e-14)
    assert grads["db"] == pytest.approx(0.75, rel=1e-14)
    assert cost == pytest.approx(np.log(4), rel=1e-14)


def test_the_cost_stays_finite_where_log_0_would_not() -> None:
    # σ(±10⁶) rounds to 1 and 0: the notes' formula gives nan. Right answers cost nothing, each wrong one |z|.
    X = np.array([[1e6, 1e6, -1e6, -1e6]])
    Y = np.array([[1, 0, 1, 0]])
    with np.errstate(all="ignore"):
        assert np.isnan(notes_propagate(np.ones((1, 1)), 0.0, X, Y)[2])
    grads, cost = propagate([[1]], 0, X, Y)
    assert cost == 2e6 / 4
    assert_allclose(grads["dw"], [[2e6 / 4]])
    assert grads["db"] == 0


@pytest.mark.parametrize("labels", [[0.3, 0.5, 1.0], [2.0, -1.0, 5.0]])
def test_a_formula_does_not_insist_on_labels_0_and_1(labels: list[float]) -> None:
    w, X, Y = np.array([[0.5], [-1.0]]), np.array([[1.0, 2.0, -1.0], [0.0, 1.0, 3.0]]), np.array([labels])
    grads, cost = propagate(w, 0.1, X, Y)
    dw, db, expected = notes_propagate(w, 0.1, X, Y)
    assert_allclose(grads["dw"], dw, rtol=1e-13)
    assert grads["db"] == pytest.approx(db, rel=1e-13)
    assert cost == pytest.approx(expected, rel=1e-13)


def test_shapes_that_do_not_fit_are_refused(example: tuple[Floats, float, Floats, Floats]) -> None:
    w, b, X, Y = example
    with pytest.raises(InputError, match="W has the shape"):
        propagate(w.T, b, X, Y)
    with pytest.raises(InputError, match="for one row of labels"):
        propagate(w, b, X, Y.ravel())


def test_optimize_is_the_plain_loop(example: tuple[Floats, float, Floats, Floats]) -> None:
    w, b, X, Y = example
    parameters, grads, costs = optimize(w, b, X, Y, 101, 0.1)
    expected_w, expected_b, expected_costs = notes_loop(w, b, X, Y, 101, 0.1)
    assert_allclose(parameters["w"], expected_w, rtol=1e-10)
    assert parameters["b"] == pytest.approx(expected_b, rel=1e-10)
    assert_allclose(costs, expected_costs[::100], rtol=1e-10)
    assert type(costs) is list
    last_w, last_b, _ = notes_loop(w, b, X, Y, 100, 0.1)
    dw, db, _ = notes_propagate(last_w, last_b, X, Y)
    assert_allclose(grads["dw"], dw, rtol=1e-10)
    assert grads["db"] == pytest.approx(db, rel=1e-10)


def test_optimize_by_hand() -> None:
    # One update from zeros with the gradient of the example above and α = 2.
    parameters, grads, costs = optimize([[0], [0]], 0, [[1, 2, 4], [3, 0, -3]], [[1, 0, 1]], 1, 2)
    assert_allclose(parameters["w"], [[1], [0]], atol=1e-15)
    assert parameters["b"] == pytest.approx(1 / 3, rel=1e-15)
    assert_allclose(grads["dw"], [[-1 / 2], [0.0]], atol=1e-16)
    assert_allclose(costs, [np.log(2)])


def test_without_an_update_optimize_gives_back_the_start() -> None:
    parameters, grads, costs = optimize([[1], [2]], 3, [[1, 2, 4], [3, 0, -3]], [[1, 0, 1]], num_iterations=0)
    assert_array_equal(parameters["w"], [[1], [2]])
    assert parameters["b"] == 3
    assert (grads, costs) == ({}, [])


def test_optimize_defaults_are_the_notes(example: tuple[Floats, float, Floats, Floats]) -> None:
    parameters, _, costs = optimize(*example)
    expected_w, expected_b, _ = notes_loop(*example, 100, 0.009)
    assert_allclose(parameters["w"], expected_w, rtol=1e-10)
    assert f"{parameters['b']:.8f}" == f"{expected_b:.8f}"  # a number, so it formats like one
    assert len(costs) == 1


def test_optimize_takes_b_in_any_shape_of_one_number(example: tuple[Floats, float, Floats, Floats]) -> None:
    w, b, X, Y = example
    expected, _, _ = optimize(w, b, X, Y, 5)
    for same in (np.float64(b), np.array(b), np.array([b]), [[b]]):
        parameters, _, _ = optimize(w, same, X, Y, 5)
        assert_array_equal(parameters["w"], expected["w"])
        assert np.shape(parameters["b"]) == ()
        assert parameters["b"] == expected["b"]


def test_a_small_learning_rate_is_slow_and_nothing_worse(example: tuple[Floats, float, Floats, Floats]) -> None:
    w, b, X, Y = example
    (few, _, (start, *_)), (many, _, slow) = optimize(w, b, X, Y, 100, 0.01), optimize(w, b, X, Y, 1000, 0.001)
    assert_allclose(many["w"], few["w"], rtol=1e-2)  # ten times smaller steps: ten times as many for the same way
    assert slow == sorted(slow, reverse=True)
    assert slow[0] == start


def test_too_large_a_learning_rate_makes_the_cost_go_up_and_down() -> None:
    X, Y = np.array([[1.0, 2.0, -1.0]]), np.array([[1.0, 0.0, 0.0]])
    w, b, costs = np.zeros((1, 1)), 0.0, []
    for _ in range(20):
        parameters, _, cost = optimize(w, b, X, Y, 1, 30)
        w, b = parameters["w"], parameters["b"]
        costs += cost
    rises = np.diff(costs) > 0
    assert rises.any()
    assert not rises.all()


def test_predict_is_1_above_a_half() -> None:
    # wᵀ X + b = ln 3, 0, −ln 3: probabilities ¾, ½ and ¼; one half itself is not above.
    predictions = predict([[1], [0]], 0, [[np.log(3), 0, -np.log(3)], [5, 5, 5]])
    assert_array_equal(predictions, [[1.0, 0.0, 0.0]])
    assert predictions.dtype == np.float64


def test_predict_is_the_notes_formula(example: tuple[Floats, float, Floats, Floats]) -> None:
    w, b, X, _ = example
    probabilities = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    assert_array_equal(predict(w, b, X), (probabilities > 0.5).astype(np.float64))
    assert set(predict(w, b, X).ravel()) == {0.0, 1.0}


def test_model_is_the_plain_loop(example: tuple[Floats, float, Floats, Floats]) -> None:
    _, _, X, Y = example
    X_test, Y_test = X[:, :3] + 0.1, Y[:, :3]
    answer = model(X, Y, X_test, Y_test, num_iterations=201, learning_rate=0.1)
    w, b, costs = notes_loop(np.zeros((N_X, 1)), 0.0, X, Y, 201, 0.1)
    assert_allclose(answer["w"], w, rtol=1e-10)
    assert answer["b"] == pytest.approx(b, rel=1e-10)
    assert np.shape(answer["b"]) == ()
    assert_allclose(answer["costs"], costs[::100], rtol=1e-10)
    assert type(answer["costs"]) is list
    for part, features in (("train", X), ("test", X_test)):
        assert_array_equal(answer[f"Y_prediction_{part}"], (np.dot(w.T, features) + b > 0).astype(float))
    assert (answer["num_iterations"], answer["learning_rate"]) == (201, 0.1)
    assert set(answer) == {
        *("costs", "Y_prediction_train", "Y_prediction_test", "w", "b", "learning_rate", "num_iterations")
    }


@pytest.mark.parametrize("iterations", [0, 1])
def test_model_may_run_for_no_or_one_iteration(example: tuple[Floats, float, Floats, Floats], iterations: int) -> None:
    _, _, X, Y = example
    answer = model(X, Y, X, Y, num_iterations=iterations)
    w, b, costs = notes_loop(np.zeros((N_X, 1)), 0.0, X, Y, iterations, 0.5)
    assert_allclose(answer["w"], w, rtol=1e-14)
    assert answer["b"] == pytest.approx(b, rel=1e-14)
    assert_allclose(answer["costs"], costs, rtol=1e-14)


def test_model_of_huge_features_gives_numbers_and_no_warning(example: tuple[Floats, float, Floats, Floats]) -> None:
    _, _, X, Y = example
    answer = model(1e6 * X, Y, 1e6 * X, Y, num_iterations=101)
    assert np.isfinite(answer["costs"]).all()
    assert np.isfinite(answer["w"]).all()


@pytest.mark.parametrize("function", ["optimize", "model"])
def test_costs_are_printed_as_the_notes_print_them(
    function: str, example: tuple[Floats, float, Floats, Floats], capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, X, Y = example
    w, b = initialize_with_zeros(N_X)
    runs: dict[str, Callable[[bool], Any]] = {
        "optimize": lambda show: optimize(w, b, X, Y, 150, 0.1, show),
        "model": lambda show: model(X, Y, X, 1 - Y, 150, 0.1, show),  # on the test part all is the other way round
    }
    runs[function](False)
    assert capsys.readouterr().out == ""
    runs[function](True)
    _, _, costs = notes_loop(w, b, X, Y, 150, 0.1)
    first, second, *rest = capsys.readouterr().out.splitlines()
    assert first == "Cost after iteration 0: 0.693147"
    assert second == f"Cost after iteration 100: {costs[100]:.6f}"
    if function == "model":
        right = (predict(*notes_loop(w, b, X, Y, 150, 0.1)[:2], X) == Y).sum()
        assert right != M - right
        assert rest == [f"train accuracy: {100 * (right / M)} %", f"test accuracy: {100 * ((M - right) / M)} %"]
    else:
        assert rest == []


def test_flattening_keeps_each_image_whole_where_the_notes_scramble_them() -> None:
    train = np.random.RandomState(0).randint(0, 256, (5, 2, 4, 3))  # (m, height, width, channels)
    scrambled = train.reshape(2 * 4 * 3, 5)
    columns = flatten_images(train)
    assert columns.shape == scrambled.shape
    for i, image in enumerate(train):
        assert_array_equal(columns[:, i], image.ravel())
        assert not np.array_equal(scrambled[:, i], image.ravel())


@pytest.mark.parametrize("named", ["argument", "variable"])
def test_load_dataset_gives_the_five_arrays(named: str, small_cats: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if named == "variable":
        monkeypatch.setenv("LAYERLAB_DATA", str(small_cats))
    X_train, Y_train, X_test, Y_test, classes = load_dataset(*([small_cats] if named == "argument" else []))
    assert (X_train.shape, X_test.shape) == ((12, 8, 8, 3), (6, 8, 8, 3))
    assert X_train.dtype == X_test.dtype == np.uint8
    assert_array_equal(Y_train, [[0, 0, 1] * 4])
    assert_array_equal(Y_test, [[0, 0, 1] * 2])
    assert classes.tolist() == [b"non-cat", b"cat"]
    assert not np.array_equal(X_train[:6], X_test)

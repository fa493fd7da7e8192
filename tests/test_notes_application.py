"""Chapter 5 as a notebook uses it: the chapter's models on small data, and what they print and draw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from layerlab import InputError
from layerlab.formulas.arrays import Floats
from layerlab.notes import deep
from layerlab.notes.application import (
    L_layer_model,
    L_model_backward,
    L_model_forward,
    compute_cost,
    initialize_parameters,
    initialize_parameters_deep,
    linear_activation_backward,
    linear_activation_forward,
    load_data,
    plot_costs,
    predict,
    print_mislabeled_images,
    two_layer_model,
    update_parameters,
)

Model = Callable[..., tuple[dict[str, Any], list[Any]]]
Loop = Callable[[Floats, Floats, tuple[int, ...], int], tuple[dict[str, Any], list[float]]]

RATE = 0.05


@pytest.fixture
def example() -> tuple[Floats, Floats]:
    """30 examples of 6 features, that a hidden layer can tell apart."""
    X = np.random.RandomState(0).randn(6, 30)
    return X, (X[:1] * X[1:2] > 0).astype(np.float64)


def two_layer_loop(X: Floats, Y: Floats, dims: tuple[int, ...], iterations: int) -> tuple[Any, list[float]]:
    """The notebook's two-layer model, from the chapter's steps."""
    parameters, costs = initialize_parameters(*dims), []
    for _ in range(iterations):
        A1, cache1 = linear_activation_forward(X, parameters["W1"], parameters["b1"], "relu")
        A2, cache2 = linear_activation_forward(A1, parameters["W2"], parameters["b2"], "sigmoid")
        costs.append(float(compute_cost(A2, Y)))
        dA2 = -(np.divide(Y, A2) - np.divide(1 - Y, 1 - A2))
        dA1, dW2, db2 = linear_activation_backward(dA2, cache2, "sigmoid")
        _, dW1, db1 = linear_activation_backward(dA1, cache1, "relu")
        grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
        parameters = update_parameters(parameters, grads, RATE)
    return parameters, costs


def deep_loop(X: Floats, Y: Floats, dims: tuple[int, ...], iterations: int) -> tuple[Any, list[float]]:
    """The notebook's L-layer model, from the chapter's steps."""
    parameters, costs = initialize_parameters_deep(dims), []
    for _ in range(iterations):
        AL, caches = L_model_forward(X, parameters)
        costs.append(float(compute_cost(AL, Y)))
        parameters = update_parameters(parameters, L_model_backward(AL, Y, caches), RATE)
    return parameters, costs


MODELS: dict[str, tuple[Model, Loop, tuple[int, ...]]] = {
    "two layers": (two_layer_model, two_layer_loop, (6, 4, 1)),
    "deep": (L_layer_model, deep_loop, (6, 5, 4, 3, 1)),
}
each_model = pytest.mark.parametrize("which", MODELS)


@each_model
def test_a_model_is_the_plain_loop_of_the_steps(which: str, example: tuple[Floats, Floats]) -> None:
    model, loop, dims = MODELS[which]
    X, Y = example
    parameters, costs = model(X, Y, dims, RATE, 101)
    expected, every_cost = loop(X, Y, dims, 101)
    assert every_cost == sorted(every_cost, reverse=True)
    assert set(parameters) == set(expected)
    for name, value in expected.items():
        assert_allclose(parameters[name], value, rtol=1e-10, atol=1e-15, err_msg=name)
    assert_allclose(costs, every_cost[::100], rtol=1e-10)
    assert type(costs) is list
    assert len(costs) == 2
    for cost in costs:  # as the course's own tests want them: np.squeeze of (1, 1), no Python numbers
        assert type(cost) is np.ndarray
        assert (cost.shape, cost.dtype) == ((), np.float64)


@each_model
def test_a_model_may_run_for_no_or_one_iteration(which: str, example: tuple[Floats, Floats]) -> None:
    model, loop, dims = MODELS[which]
    for iterations in (0, 1):
        parameters, costs = model(*example, dims, learning_rate=RATE, num_iterations=iterations)
        expected, every_cost = loop(*example, dims, iterations)
        assert_allclose(costs, every_cost, rtol=1e-13)
        for name, value in expected.items():
            assert_allclose(parameters[name], value, rtol=1e-13)


@each_model
def test_the_first_the_hundredth_and_the_last_cost_are_printed_in_full(
    which: str, example: tuple[Floats, Floats], capsys: pytest.CaptureFixture[str]
) -> None:
    model, loop, dims = MODELS[which]
    model(*example, dims, RATE, 150)
    assert capsys.readouterr().out == ""
    model(*example, dims, RATE, 150, True)
    lines = [line.split(": ") for line in capsys.readouterr().out.splitlines()]
    _, every_cost = loop(*example, dims, 150)
    assert [line[0] for line in lines] == [f"Cost after iteration {i}" for i in (0, 100, 149)]
    for (_, printed), cost in zip(lines, (every_cost[i] for i in (0, 100, 149)), strict=True):
        assert float(printed) == pytest.approx(cost, rel=1e-12)


@each_model
def test_models_take_one_example_huge_features_and_odd_labels(which: str) -> None:
    model, _, dims = MODELS[which]
    random = np.random.RandomState(0)
    for X, Y in ((random.randn(6, 1), [[1]]), (1e6 * random.randn(6, 3), [[0, 1, 1]]), (random.randn(6, 2), [[-1, 7]])):
        parameters, costs = model(X, Y, dims, 1e-6, 20)
        assert np.isfinite(costs).all()
        assert all(np.isfinite(value).all() for value in parameters.values())


@each_model
def test_a_model_that_diverges_stops_early_and_quietly(which: str, example: tuple[Floats, Floats]) -> None:
    model, _, dims = MODELS[which]
    _, costs = model(*example, dims, 1e200, 300)
    assert len(costs) < 3


@each_model
def test_models_do_not_move_the_global_stream(which: str, example: tuple[Floats, Floats]) -> None:
    model, _, dims = MODELS[which]
    np.random.seed(4)
    first, _ = model(*example, dims, RATE, 2)
    second, _ = model(*example, dims, RATE, 2)
    assert_array_equal(first["W1"], second["W1"])
    assert np.random.randn() == np.random.RandomState(4).randn()


def test_shapes_that_do_not_fit_are_refused(example: tuple[Floats, Floats]) -> None:
    X, Y = example
    with pytest.raises(InputError, match="examples are columns"):
        L_layer_model(X.T, Y, (6, 3, 1))
    with pytest.raises(InputError, match="one row of labels"):
        two_layer_model(X, Y.ravel(), (6, 3, 1))


def test_dividing_by_the_root_of_n_prev_frees_the_four_layer_net_from_ln_2() -> None:
    random = np.random.RandomState(1)
    X, Y = random.randn(60, 40), np.array([[0.0, 1.0] * 20])
    dims = (60, 20, 7, 5, 1)
    costs: dict[Any, list[float]] = {}
    for initialize in (deep.initialize_parameters_deep, initialize_parameters_deep):
        parameters, costs[initialize] = initialize(dims), []
        for _ in range(400):
            AL, caches = L_model_forward(X, parameters)
            costs[initialize].append(float(compute_cost(AL, Y)))
            parameters = update_parameters(parameters, L_model_backward(AL, Y, caches), RATE)
    assert_allclose(costs[deep.initialize_parameters_deep], np.log(2), atol=1e-6)
    assert costs[initialize_parameters_deep][-1] < 0.5
    assert_allclose(L_layer_model(X, Y, dims, RATE, 400)[1], costs[initialize_parameters_deep][::100], rtol=1e-6)


def test_predict_gives_zeros_and_ones_and_prints_the_accuracy(capsys: pytest.CaptureFixture[str]) -> None:
    # relu keeps 2 and 1; the logits are 2 − 1, 1 − 1, 0 − 1 and 0 − 1: exactly ½ is not above.
    parameters = {"W1": [[1]], "b1": [[0]], "W2": [[1]], "b2": [[-1]]}
    predictions = predict([[2, 1, 0, -3]], [[1, 1, 0, 0]], parameters)
    assert_array_equal(predictions, [[1.0, 0.0, 0.0, 0.0]])
    assert predictions.dtype == np.float64
    assert capsys.readouterr().out == "Accuracy: 0.75\n"


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_the_accuracy_compares_each_label_with_its_own_prediction(
    shape: tuple[int, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    parameters = {"W1": [[1]], "b1": [[0]], "W2": [[1]], "b2": [[-1]]}
    predict([[2, 1, 0, -3]], np.reshape([1, 1, 0, 0], shape), parameters)
    assert capsys.readouterr().out == "Accuracy: 0.75\n"


def test_load_data_gives_the_five_arrays(small_cats: Path) -> None:
    X_train, Y_train, X_test, Y_test, classes = load_data(small_cats)
    assert (X_train.shape, X_test.shape) == ((12, 8, 8, 3), (6, 8, 8, 3))
    assert (Y_train.shape, Y_test.shape) == ((1, 12), (1, 6))
    assert classes.tolist() == [b"non-cat", b"cat"]


def test_the_notebook_runs_from_images_to_predictions(small_cats: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images, labels, *_ = load_data(small_cats)
    X = images.reshape(len(images), -1).T / 255
    parameters, costs = L_layer_model(X, labels, [192, 5, 3, 1], learning_rate=0.05, num_iterations=301)
    assert costs == sorted(costs, reverse=True)
    predictions = predict(X, labels, parameters)
    assert capsys.readouterr().out == f"Accuracy: {(predictions == labels).sum() / 12}\n"


def test_plot_costs_draws_one_curve_of_hundreds() -> None:
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    figure = plt.figure()
    plot_costs([0.7, 0.5, 0.4], 0.0075)
    (axes,) = figure.axes
    (line,) = axes.lines
    curve = np.asarray(line.get_xydata()).T.tolist()
    assert "0.0075" in axes.get_title()
    plt.title("Learning rate = 0.0075")  # as a notebook may go on: one title, and not two over one another
    titles = [axes.get_title(loc=where) for where in ("left", "center", "right")]
    plt.close(figure)
    assert curve == [[0.0, 100.0, 200.0], [0.7, 0.5, 0.4]]
    assert titles == ["", "Learning rate = 0.0075", ""]


def test_print_mislabeled_images_draws_those_and_no_others() -> None:
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    figure = plt.figure()
    X = np.random.RandomState(0).rand(12288, 5)
    print_mislabeled_images([b"non-cat", b"cat"], X, [[0, 1, 0, 1, 1]], [[0.0, 0.0, 1.0, 1.0, 1.0]])
    pictures = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    plt.close(figure)
    assert len(pictures) == 2
    for picture, column in zip(pictures, (1, 2), strict=True):
        shown = np.asarray(picture, dtype=np.float64)
        shown = shown / 255 if shown.max() > 1 else shown
        assert_allclose(shown, X[:, column].reshape(64, 64, 3), atol=1 / 255)

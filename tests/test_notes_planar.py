"""Chapter 3 as a notebook uses it: points in the plane and one hidden layer of tanh units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from layerlab import InputError
from layerlab.formulas.arrays import Floats
from layerlab.notes.planar import (
    backward_propagation,
    compute_cost,
    forward_propagation,
    initialize_parameters,
    layer_sizes,
    load_extra_datasets,
    load_planar_dataset,
    nn_model,
    plot_decision_boundary,
    predict,
    sigmoid,
    update_parameters,
)

N_X, N_H, N_Y, M = 3, 4, 2, 7


@pytest.fixture
def example() -> tuple[Floats, Floats, dict[str, Floats]]:
    """X, Y and parameters of a small problem with two outputs."""
    random = np.random.RandomState(0)
    parameters: dict[str, Floats] = {
        "W1": random.randn(N_H, N_X),
        "b1": random.randn(N_H, 1),
        "W2": random.randn(N_Y, N_H),
        "b2": random.randn(N_Y, 1),
    }
    X: Floats = random.randn(N_X, M)
    return X, random.randint(0, 2, (N_Y, M)).astype(np.float64), parameters


def notes_forward(X: Floats, parameters: dict[str, Floats]) -> dict[str, Floats]:
    """Line by line as the notes have it."""
    W1, b1, W2, b2 = (parameters[name] for name in ("W1", "b1", "W2", "b2"))
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    return {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def notes_cost(A2: Floats, Y: Floats) -> float:
    m = Y.shape[1]
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), (1 - Y))
    return float(-1 / m * np.sum(logprobs))


def notes_backward(parameters: dict[str, Floats], cache: dict[str, Floats], X: Floats, Y: Floats) -> dict[str, Floats]:
    m = X.shape[1]
    A1, A2, W2 = cache["A1"], cache["A2"], parameters["W2"]
    dZ2 = A2 - Y
    dW2 = 1 / m * np.dot(dZ2, A1.T)
    db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))
    dW1 = 1 / m * np.dot(dZ1, X.T)
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def notes_loop(
    X: Floats, Y: Floats, parameters: dict[str, Floats], iterations: int, rate: float
) -> tuple[dict[str, Floats], list[float]]:
    """The trained parameters, and the cost before each update."""
    costs = []
    for _ in range(iterations):
        cache = notes_forward(X, parameters)
        costs.append(notes_cost(cache["A2"], Y))
        grads = notes_backward(parameters, cache, X, Y)
        parameters = {name: value - rate * grads[f"d{name}"] for name, value in parameters.items()}
    return parameters, costs


def drawn(n_x: int, n_h: int, n_y: int, seed: int) -> dict[str, Floats]:
    stream = np.random.RandomState(seed)
    W1, W2 = stream.randn(n_h, n_x) * 0.01, stream.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


def assert_dicts_close(found: dict[str, Any], expected: dict[str, Any], rtol: float) -> None:
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert found[name].shape == value.shape, name
        assert_allclose(found[name], value, rtol=rtol, err_msg=name)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_flower_is_drawn_class_by_class_angles_first(seed: int) -> None:
    X, Y = load_planar_dataset(seed)
    stream = np.random.RandomState(seed)
    points, labels = [], []
    for j in (0, 1):
        t = np.linspace(j * 3.12, (j + 1) * 3.12, 200) + stream.randn(200) * 0.2
        r = 4 * np.sin(4 * t) + stream.randn(200) * 0.2
        points += list(zip(r * np.sin(t), r * np.cos(t), strict=True))
        labels += [j] * 200
    assert_allclose(X, np.array(points).T, rtol=1e-13)
    assert_array_equal(Y, [labels])
    assert X.dtype == Y.dtype == np.float64


def test_the_flower_is_that_of_seed_1_unless_told_otherwise() -> None:
    assert_array_equal(load_planar_dataset()[0], load_planar_dataset(seed=1)[0])
    assert not np.array_equal(load_planar_dataset()[0], load_planar_dataset(2)[0])


def test_the_extra_sets_are_five_in_the_notes_order() -> None:
    np.random.seed(3)
    circles, moons, blobs, quantiles, structureless = sets = load_extra_datasets()
    for points, classes in sets:
        assert (points.shape, classes.shape) == ((200, 2), (200,))
    assert [len(np.unique(classes)) for _, classes in sets] == [2, 2, 6, 2, 2]
    radius = {
        name: np.linalg.norm(points, axis=1) for name, (points, _) in zip("cq", (circles, quantiles), strict=True)
    }
    assert radius["c"][circles[1] == 0].mean() > radius["c"][circles[1] == 1].mean()  # the outer circle is class 0
    assert radius["q"][quantiles[1] == 0].max() < radius["q"][quantiles[1] == 1].min()  # inside and outside
    assert moons[0][moons[1] == 0, 1].mean() > moons[0][moons[1] == 1, 1].mean()  # the upper moon is class 0
    assert 0 <= structureless[0].min() < structureless[0].max() <= 1
    assert max(np.ptp(blobs[0][blobs[1] == k], axis=0).max() for k in range(6)) < 8
    np.random.seed(3)
    assert_array_equal(load_extra_datasets()[1][0], moons[0])  # from the global stream
    assert not np.array_equal(load_extra_datasets()[1][0], moons[0])
    assert_array_equal(load_extra_datasets()[2][0], blobs[0])  # but for the blobs


def test_layer_sizes_are_4_hidden_units_between_rows_of_x_and_y() -> None:
    assert layer_sizes(np.zeros((5, 3)), np.zeros((2, 3))) == (5, 4, 2)
    assert layer_sizes([[1, 2, 3]], [[0, 1, 0]]) == (1, 4, 1)


def test_initial_weights_are_small_and_random_biases_zero() -> None:
    parameters = initialize_parameters(N_X, N_H, N_Y, seed=2)
    assert_dicts_close(parameters, drawn(N_X, N_H, N_Y, 2), rtol=1e-15)


def test_forward_propagation_is_the_notes_formula(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, _, parameters = example
    A2, cache = forward_propagation(X, parameters)
    assert_dicts_close(cache, notes_forward(X, parameters), rtol=1e-13)
    assert_array_equal(A2, cache["A2"])


def test_forward_propagation_by_hand() -> None:
    # tanh(½ ln 3) = (3 − 1)/(3 + 1) = ½; with W2 = 2 ln 2 and b2 = 0 the logit is ln 2, and σ(ln 2) = ⅔.
    parameters = {"W1": [[np.log(3)]], "b1": [[0]], "W2": [[2 * np.log(2)]], "b2": [[0]]}
    A2, cache = forward_propagation([[0.5]], parameters)
    assert_allclose(cache["A1"], [[1 / 2]], rtol=1e-15)
    assert_allclose(A2, [[2 / 3]], rtol=1e-15)


def test_the_cost_is_the_notes_formula_and_a_python_float(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, Y, parameters = example
    A2 = notes_forward(X, parameters)["A2"]
    assert compute_cost(A2, Y) == pytest.approx(notes_cost(A2, Y), rel=1e-13)  # two outputs: their sum
    assert compute_cost(A2[:1], Y[:1]) == pytest.approx(notes_cost(A2[:1], Y[:1]), rel=1e-13)
    assert type(compute_cost(A2, Y)) is float


def test_the_cost_by_hand() -> None:
    # −(log ½ + log(1 − ¾) + log 1)/3 = (1 + 2) log 2 / 3
    assert compute_cost([[0.5, 0.75, 1.0]], [[1, 0, 1]]) == pytest.approx(np.log(2), rel=1e-15)


def test_the_cost_of_certainty() -> None:
    assert compute_cost([[0.0, 1.0]], [[0, 1]]) == 0.0  # the notes: 0 · log 0 is no number
    assert compute_cost([[0.0, 0.5]], [[1, 1]]) == np.inf
    assert np.isnan(compute_cost([[-0.5, 0.5]], [[1, 1]]))


def test_backward_propagation_is_the_notes_formula(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, Y, parameters = example
    _, cache = forward_propagation(X, parameters)
    grads = backward_propagation(parameters, cache, X, Y)
    assert_dicts_close(grads, notes_backward(parameters, notes_forward(X, parameters), X, Y), rtol=1e-12)


def test_backward_propagation_by_hand() -> None:
    # A2 − Y = ⅔ − 1 = −⅓; dW2 = −⅓ · ½; dZ1 = W2 · (−⅓) · (1 − ¼) = −½ ln 2, and dW1 = ½ dZ1.
    parameters = {"W1": [[np.log(3)]], "b1": [[0]], "W2": [[2 * np.log(2)]], "b2": [[0]]}
    grads = backward_propagation(parameters, {"A1": [[1 / 2]], "A2": [[2 / 3]]}, [[0.5]], [[1]])
    expected = {"dW1": -np.log(2) / 4, "db1": -np.log(2) / 2, "dW2": -1 / 6, "db2": -1 / 3}
    assert_dicts_close(grads, {name: np.array([[value]]) for name, value in expected.items()}, rtol=1e-14)


def test_backward_propagation_gives_the_slope_of_the_cost(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, Y, parameters = example
    grads = backward_propagation(parameters, forward_propagation(X, parameters)[1], X, Y)

    def cost(name: str, change: Floats) -> float:
        return compute_cost(forward_propagation(X, parameters | {name: parameters[name] + change})[0], Y)

    for name, value in parameters.items():
        for place in np.ndindex(value.shape):
            step = np.zeros(value.shape)
            step[place] = 1e-6
            slope = (cost(name, step) - cost(name, -step)) / 2e-6
            assert grads[f"d{name}"][place] == pytest.approx(slope, abs=1e-8)


def test_update_parameters_steps_against_the_slope(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    _, _, parameters = example
    grads = {f"d{name}": np.cos(value) for name, value in parameters.items()}
    expected = {name: value - 0.3 * grads[f"d{name}"] for name, value in parameters.items()}
    assert_dicts_close(update_parameters(parameters, grads, 0.3), expected, rtol=1e-14)
    expected = {name: value - 1.2 * grads[f"d{name}"] for name, value in parameters.items()}
    assert_dicts_close(update_parameters(parameters, grads), expected, rtol=1e-14)


def test_a_negative_derivative_increases_the_parameter() -> None:
    parameters = {"W1": [[1]], "b1": [[0]], "W2": [[1]], "b2": [[0]]}
    grads = {"dW1": [[-2]], "db1": [[2]], "dW2": [[0]], "db2": [[-1]]}
    updated = update_parameters(parameters, grads, learning_rate=0.5)
    assert {name: float(value[0, 0]) for name, value in updated.items()} == {"W1": 2, "b1": -1, "W2": 1, "b2": 0.5}


def by_steps(parameters: dict[str, Any], X: Floats, Y: Floats, iterations: int) -> dict[str, Any]:
    """The notebook's own loop."""
    for _ in range(iterations):
        _, cache = forward_propagation(X, parameters)
        parameters = update_parameters(parameters, backward_propagation(parameters, cache, X, Y))
    return parameters


def test_units_that_start_equal_stay_equal_whatever_they_start_from() -> None:
    X, Y = load_planar_dataset()
    equal = {"W1": np.full((4, 2), 0.3), "b1": np.zeros((4, 1)), "W2": np.full((1, 4), 0.2), "b2": np.zeros((1, 1))}
    trained = by_steps(equal, X, Y, 50)
    assert np.ptp(trained["W1"], axis=0).max() < 1e-12
    assert np.abs(trained["W1"] - 0.3).max() > 0.1  # they did learn, all the same thing
    random = by_steps(initialize_parameters(2, 4, 1, seed=3), X, Y, 50)
    assert np.ptp(random["W1"], axis=0).min() > 0.1


def test_hidden_weights_that_start_at_zero_stay_there() -> None:
    X, Y = load_planar_dataset()
    zeros = {name: np.zeros_like(value) for name, value in initialize_parameters(2, 4, 1, seed=3).items()}
    trained = by_steps(zeros, X, Y * (X[:1] > 0), 50)
    assert not trained["W1"].any()
    assert not trained["W2"].any()
    assert trained["b2"][0, 0] < -0.1  # the output's bias alone learns how many labels are 1


def test_nn_model_is_the_plain_loop(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, Y, _ = example
    expected, costs = notes_loop(X, Y, drawn(N_X, N_H, N_Y, 5), 100, 0.3)
    assert costs == sorted(costs, reverse=True)
    assert_dicts_close(nn_model(X, Y, N_H, 100, False, 0.3, 5), expected, rtol=1e-10)


def test_nn_model_defaults_are_the_notes() -> None:
    X, Y = load_planar_dataset()
    expected, _ = notes_loop(X, Y, drawn(2, 5, 1, 3), 50, 1.2)
    assert_dicts_close(nn_model(X, Y, 5, num_iterations=50), expected, rtol=1e-10)


@pytest.mark.parametrize("iterations", [0, 1])
def test_nn_model_may_run_for_no_or_one_iteration(
    example: tuple[Floats, Floats, dict[str, Floats]], iterations: int
) -> None:
    X, Y, _ = example
    expected, _ = notes_loop(X, Y, drawn(N_X, N_H, N_Y, 3), iterations, 1.2)
    assert_dicts_close(nn_model(X, Y, N_H, num_iterations=iterations), expected, rtol=1e-13)


def test_nn_model_takes_one_example_huge_features_and_odd_labels() -> None:
    for X, Y in (([[1], [2]], [[1]]), ([[1e6, -1e6, 3e6], [0, 1e6, 2e6]], [[0, 1, 1]]), ([[1, 2], [3, 4]], [[-1, 7]])):
        parameters = nn_model(X, Y, 3, num_iterations=20)
        assert all(np.isfinite(value).all() for value in parameters.values())


def test_nn_model_prints_every_thousandth_cost(capsys: pytest.CaptureFixture[str]) -> None:
    X, Y = np.array([[0.0, 1.0, 2.0, 3.0]]), np.array([[0.0, 1.0, 1.0, 0.0]])
    nn_model(X, Y, 2, num_iterations=1500)
    assert capsys.readouterr().out == ""
    nn_model(X, Y, 2, num_iterations=1500, print_cost=True)
    _, costs = notes_loop(X, Y, drawn(1, 2, 1, 3), 1001, 1.2)
    assert capsys.readouterr().out.splitlines() == [f"Cost after iteration {i}: {costs[i]:.6f}" for i in (0, 1000)]


def test_predict_says_whether_a2_is_above_a_half(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, _, parameters = example
    predictions = predict(parameters, X)
    assert predictions.dtype == np.bool_
    assert_array_equal(predictions, notes_forward(X, parameters)["A2"] > 0.5)
    assert 0 < predictions.sum() < predictions.size
    flat = {name: np.zeros_like(value) for name, value in parameters.items()}
    assert not predict(flat, X).any()  # exactly ½ is not above


def test_the_notebook_computes_its_accuracy_from_the_predictions() -> None:
    X, Y = load_planar_dataset()
    predictions = predict(nn_model(X, Y, 4, num_iterations=500), X)
    percent = ((np.dot(Y, predictions.T) + np.dot(1 - Y, 1 - predictions.T)) / Y.size * 100).item()
    assert percent == pytest.approx(100 * (predictions == Y).mean())
    assert percent > 80


def test_shapes_that_do_not_fit_are_refused(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, Y, parameters = example
    with pytest.raises(InputError, match="examples are columns"):
        forward_propagation(X.T, parameters)
    with pytest.raises(InputError, match="reshape Y"):
        compute_cost(Y[:1] / 2 + 0.2, Y[0])
    with pytest.raises(InputError, match="one row of labels"):
        nn_model(X, Y.T, 4, num_iterations=1)


def test_sigmoid_is_that_of_the_first_chapter() -> None:
    assert_allclose(sigmoid(x=np.log([3, 0.25])), [0.75, 0.2], rtol=1e-15)


def test_plot_decision_boundary_takes_the_notebooks_lambda() -> None:
    import matplotlib.pyplot as plt

    X, Y = load_planar_dataset()
    parameters = nn_model(X, Y, 4, num_iterations=100)
    plt.switch_backend("agg")
    figure = plt.figure()
    plot_decision_boundary(lambda x: predict(parameters, x.T), X, Y)
    plt.title("Decision Boundary for hidden layer size 4")
    (axes,) = figure.axes
    titles = [axes.get_title(loc=where) for where in ("left", "center", "right")]
    assert titles == ["", "Decision Boundary for hidden layer size 4", ""]
    legend = axes.get_legend()
    assert legend is not None
    assert legend.get_title().get_text() == "points X, classes y"
    drawn_points = sum(np.size(line.get_xdata()) for line in axes.lines)
    plt.close(figure)
    assert drawn_points == 400


def test_the_flower_without_a_seed_comes_from_the_global_stream() -> None:
    np.random.seed(1)
    X, _ = load_planar_dataset(seed=None)
    np.testing.assert_array_equal(X, load_planar_dataset(seed=1)[0])

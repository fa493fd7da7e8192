"""Chapter 4 as a notebook uses it: an L-layer network step by step, through probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from layerlab import InputError
from layerlab.formulas.arrays import Floats
from layerlab.notes.deep import (
    L_model_backward,
    L_model_forward,
    compute_cost,
    initialize_parameters_deep,
    linear_activation_backward,
    linear_activation_forward,
    linear_backward,
    linear_forward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    update_parameters,
)

DIMS, M = (5, 4, 3, 1), 7


@pytest.fixture
def example() -> tuple[Floats, Floats, dict[str, Floats]]:
    """X, Y and parameters of a network of three layers."""
    random = np.random.RandomState(0)
    parameters: dict[str, Floats] = {}
    for layer in (1, 2, 3):
        parameters[f"W{layer}"] = random.randn(DIMS[layer], DIMS[layer - 1])
        parameters[f"b{layer}"] = random.randn(DIMS[layer], 1)
    X: Floats = random.randn(DIMS[0], M)
    return X, random.randint(0, 2, (1, M)).astype(np.float64), parameters


def notes_forward(X: Floats, parameters: dict[str, Floats]) -> tuple[list[Floats], list[Floats]]:
    """A0 … AL and Z1 … ZL, as the notes have them."""
    As, Zs = [X], []
    L = len(parameters) // 2
    for layer in range(1, L + 1):
        Z = np.dot(parameters[f"W{layer}"], As[-1]) + parameters[f"b{layer}"]
        Zs.append(Z)
        As.append(np.maximum(0, Z) if layer < L else 1 / (1 + np.exp(-Z)))
    return As, Zs


def notes_backward(X: Floats, Y: Floats, parameters: dict[str, Floats]) -> dict[str, Floats]:
    As, Zs = notes_forward(X, parameters)
    m, L, grads = X.shape[1], len(Zs), {}
    dA = -(np.divide(Y, As[-1]) - np.divide(1 - Y, 1 - As[-1]))
    for layer in range(L, 0, -1):
        if layer == L:
            s = 1 / (1 + np.exp(-Zs[-1]))
            dZ = dA * s * (1 - s)
        else:
            dZ = np.array(dA, copy=True)
            dZ[Zs[layer - 1] <= 0] = 0
        grads[f"dW{layer}"] = 1 / m * np.dot(dZ, As[layer - 1].T)
        grads[f"db{layer}"] = 1 / m * np.sum(dZ, axis=1, keepdims=True)
        grads[f"dA{layer - 1}"] = dA = np.dot(parameters[f"W{layer}"].T, dZ)
    return grads


def cost_of(X: Floats, Y: Floats, parameters: dict[str, Any]) -> float:
    return float(compute_cost(L_model_forward(X, parameters)[0], Y))


def test_sigmoid_and_relu_give_back_z_as_their_cache() -> None:
    Z = np.array([[-2.0, 0.0, 3.0], [1.0, -0.5, 0.25]])
    A, cache = sigmoid(Z)
    assert_allclose(A, 1 / (1 + np.exp(-Z)), rtol=1e-14)
    assert_array_equal(cache, Z)
    A, cache = relu(Z)
    assert_array_equal(A, [[0, 0, 3], [1, 0, 0.25]])
    assert_array_equal(cache, Z)


def test_sigmoid_backward_is_the_notes_formula() -> None:
    random = np.random.RandomState(0)
    dA, Z = random.randn(3, 5), random.randn(3, 5)
    s = 1 / (1 + np.exp(-Z))
    assert_allclose(sigmoid_backward(dA, Z), dA * s * (1 - s), rtol=1e-13)
    assert_allclose(sigmoid_backward(32, np.log(3)), 6, rtol=1e-14)  # 32 · ¾ · ¼


def test_relu_backward_passes_only_where_z_is_positive() -> None:
    dA, Z = np.array([[1.0, -2.0, 3.0, 4.0, np.inf]]), np.array([[5.0, 1e-300, 0.0, -1.0, -1.0]])
    assert_array_equal(relu_backward(dA, Z), [[1, -2, 0, 0, 0]])


def test_the_activations_take_single_numbers() -> None:
    values = [sigmoid(0)[0], relu(-3)[0], sigmoid_backward(8, 0), relu_backward(2, 3), relu_backward(2, 0)]
    assert [f"{value:.2f}" for value in values] == ["0.50", "0.00", "2.00", "2.00", "0.00"]
    assert f"{sigmoid_backward(np.float64(8), np.float64(0)) + relu_backward(np.float64(1), np.float64(1)):g}" == "3"


def test_saturated_activations_are_exact_and_quiet() -> None:
    Z = np.array([[-1e6, -745.0, 40.0, 1e6]])
    assert_allclose(sigmoid(Z)[0], [[0.0, np.exp(-745.0), 1.0, 1.0]], rtol=1e-15)
    assert_allclose(sigmoid_backward(np.full((1, 4), 1e6), Z), 0.0, atol=1e-300)
    assert_array_equal(relu(Z)[0], [[0, 0, 40, 1e6]])


def test_linear_forward_is_the_notes_formula(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, _, p = example
    Z, cache = linear_forward(X, p["W1"], p["b1"])
    assert_allclose(Z, np.dot(p["W1"], X) + p["b1"], rtol=1e-13)
    A_prev, W, b = cache
    for found, expected in ((A_prev, X), (W, p["W1"]), (b, p["b1"])):
        assert_array_equal(found, expected)


def test_linear_forward_and_backward_by_hand() -> None:
    # Two units, one feature, three examples.
    Z, cache = linear_forward([[1, 2, -3]], [[2], [-1]], [[1], [0]])
    assert_array_equal(Z, [[3, 5, -5], [-1, -2, 3]])
    dA_prev, dW, db = linear_backward([[3, 0, -3], [1, 1, 1]], cache)
    assert_array_equal(dA_prev, [[5, -1, -7]])  # 2 · dz1 − 1 · dz2
    assert_array_equal(dW, [[4], [0]])  # (3 + 9)/3 and (1 + 2 − 3)/3
    assert_array_equal(db, [[0], [1]])


def test_linear_backward_is_the_notes_formula() -> None:
    random = np.random.RandomState(0)
    n, n_prev, m = 3, 4, 7
    dZ, A_prev, W, b = random.randn(n, m), random.randn(n_prev, m), random.randn(n, n_prev), random.randn(n, 1)
    dA_prev, dW, db = linear_backward(dZ, (A_prev, W, b))
    assert_allclose(dA_prev, np.dot(W.T, dZ), rtol=1e-13)
    assert_allclose(dW, 1 / m * np.dot(dZ, A_prev.T), rtol=1e-13)
    assert_allclose(db, 1 / m * np.sum(dZ, axis=1, keepdims=True), rtol=1e-13)


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_linear_activation_is_linear_then_activation_and_back(activation: str) -> None:
    random = np.random.RandomState(1)
    n, n_prev, m = 3, 4, 7
    dA, A_prev, W, b = random.randn(n, m), random.randn(n_prev, m), random.randn(n, n_prev), random.randn(n, 1)
    A, cache = linear_activation_forward(A_prev, W, b, activation)
    Z = np.dot(W, A_prev) + b
    s = 1 / (1 + np.exp(-Z))
    assert_allclose(A, s if activation == "sigmoid" else np.where(Z > 0, Z, 0), rtol=1e-13)
    linear_cache, activation_cache = cache
    assert_allclose(activation_cache, Z, rtol=1e-13)
    assert [part.shape for part in linear_cache] == [(n_prev, m), (n, n_prev), (n, 1)]
    dZ = dA * (s * (1 - s) if activation == "sigmoid" else (Z > 0))
    dA_prev, dW, db = linear_activation_backward(dA, cache, activation)
    assert_allclose(dA_prev, np.dot(W.T, dZ), rtol=1e-12)
    assert_allclose(dW, 1 / m * np.dot(dZ, A_prev.T), rtol=1e-12)
    assert_allclose(db, 1 / m * np.sum(dZ, axis=1, keepdims=True), rtol=1e-12)


def test_an_activation_has_to_be_sigmoid_or_relu() -> None:
    with pytest.raises(InputError, match="activation='tanh': wanted 'sigmoid' or 'relu'"):
        linear_activation_forward([[1]], [[1]], [[0]], "tanh")
    with pytest.raises(InputError, match="activation='Relu': wanted 'sigmoid' or 'relu'"):
        linear_activation_backward([[1]], (([[1]], [[1]], [[0]]), [[1]]), "Relu")


def test_the_forward_pass_is_the_notes_loop(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, _, parameters = example
    AL, caches = L_model_forward(X, parameters)
    As, Zs = notes_forward(X, parameters)
    assert_allclose(AL, As[-1], rtol=1e-12)
    assert len(caches) == 3
    for layer, ((A_prev, W, b), Z) in enumerate(caches, start=1):
        assert_allclose(A_prev, As[layer - 1], rtol=1e-12)
        assert_array_equal(W, parameters[f"W{layer}"])
        assert_array_equal(b, parameters[f"b{layer}"])
        assert_allclose(Z, Zs[layer - 1], rtol=1e-12)


def test_the_forward_pass_by_hand() -> None:
    # relu(2 − 1) = 1 and relu(−2 − 1) = 0; then σ(ln 3 · 1) = ¾ and σ(0) = ½.
    parameters = {"W1": [[1]], "b1": [[-1]], "W2": [[np.log(3)]], "b2": [[0]]}
    AL, _ = L_model_forward([[2, -2]], parameters)
    assert_allclose(AL, [[3 / 4, 1 / 2]], rtol=1e-15)


def test_one_layer_is_a_logistic_regression() -> None:
    AL, caches = L_model_forward([[1, -1]], {"W1": [[np.log(3)]], "b1": [[0]]})
    assert_allclose(AL, [[3 / 4, 1 / 4]], rtol=1e-15)
    grads = L_model_backward(AL, [[1, 0]], caches)
    assert sorted(grads) == ["dA0", "dW1", "db1"]
    assert_allclose(grads["dW1"], [[-1 / 4]], rtol=1e-14)
    assert_allclose(grads["db1"], [[0.0]], atol=1e-16)


def test_the_cost_is_the_notes_formula_and_has_no_axes() -> None:
    random = np.random.RandomState(0)
    AL, Y = random.rand(1, M), random.randint(0, 2, (1, M))
    expected = -1 / M * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    assert compute_cost(AL, Y) == pytest.approx(expected, rel=1e-13)
    assert compute_cost(AL, Y).shape == ()


def test_the_cost_by_hand() -> None:
    # −(log ½ + log(1 − ¾) + log 1)/3 = (1 + 2) log 2 / 3
    assert compute_cost([[0.5, 0.75, 1.0]], [[1, 0, 1]]) == pytest.approx(np.log(2), rel=1e-15)


def test_certain_and_right_costs_nothing_certain_and_wrong_everything() -> None:
    with np.errstate(all="ignore"):
        assert np.isnan(0 * np.log(np.float64(0)))  # what the notes' formula adds for a right answer
    assert compute_cost([[0.0, 1.0]], [[0, 1]]) == 0.0
    assert compute_cost([[0.0, 1.0]], [[1, 1]]) == np.inf
    assert compute_cost([[0.5, 1.0]], [[1, 0]]) == np.inf


def test_the_cost_is_a_formula_for_any_labels_and_quiet_outside_its_domain() -> None:
    AL, Y = np.array([[0.25, 0.5, 0.75]]), np.array([[2.0, -1.0, 0.5]])
    expected = -np.mean(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    assert compute_cost(AL, Y) == pytest.approx(expected, rel=1e-13)
    assert compute_cost([[0.0, 0.5]], [[0.5, 0.5]]) == np.inf
    assert np.isnan(compute_cost([[1.5, -1e6]], [[0, 1]]))
    assert np.isnan(compute_cost([[0.0, 1.0]], [[2, 2]]))  # ∞ − ∞


def test_labels_of_another_shape_are_refused_by_the_cost() -> None:
    with pytest.raises(InputError, match=r"AL has the shape \(1, 3\) and Y \(3,\): wanted the same; reshape Y"):
        compute_cost([[0.5, 0.5, 0.5]], [0, 1, 1])


def test_the_backward_pass_is_the_notes_loop(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, Y, parameters = example
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)
    expected = notes_backward(X, Y, parameters)
    assert set(grads) == {"dA0", "dA1", "dA2", "dW1", "db1", "dW2", "db2", "dW3", "db3"}
    for name, value in expected.items():
        assert grads[name].shape == value.shape
        assert_allclose(grads[name], value, rtol=1e-10, atol=1e-15, err_msg=name)


def test_the_backward_pass_gives_the_slope_of_the_cost(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, Y, parameters = example
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)
    for name, value in parameters.items():
        for place in np.ndindex(value.shape):
            step = np.zeros(value.shape)
            step[place] = 1e-6
            up, down = (cost_of(X, Y, parameters | {name: value + sign * step}) for sign in (1, -1))
            assert grads[f"d{name}"][place] == pytest.approx((up - down) / 2e-6, abs=1e-7)
    for place in np.ndindex(X.shape):
        step = np.zeros(X.shape)
        step[place] = 1e-6
        slope = (cost_of(X + step, Y, parameters) - cost_of(X - step, Y, parameters)) / 2e-6
        assert grads["dA0"][place] / M == pytest.approx(slope, abs=1e-7)  # dA is of each example's own loss


def test_the_backward_pass_takes_labels_in_any_shape(example: tuple[Floats, Floats, dict[str, Floats]]) -> None:
    X, Y, parameters = example
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)
    for labels in (Y.ravel(), Y.T, Y.astype(int), Y.ravel().tolist(), Y.astype(bool)):
        for name, value in L_model_backward(AL, labels, caches).items():
            assert_array_equal(value, grads[name])


def test_the_backward_pass_takes_probabilities_of_any_origin(
    example: tuple[Floats, Floats, dict[str, Floats]],
) -> None:
    # AL need not be the sigmoid of the cached Z: dZ3 = dAL · σ(Z3)(1 − σ(Z3)) with the AL that is given.
    X, Y, parameters = example
    _, caches = L_model_forward(X, parameters)
    AL = np.linspace(0.2, 0.8, M).reshape(1, M)
    s = notes_forward(X, parameters)[0][-1]
    dZ3 = -(Y / AL - (1 - Y) / (1 - AL)) * s * (1 - s)
    grads = L_model_backward(AL, Y, caches)
    assert_allclose(grads["db3"], [[dZ3.mean()]], rtol=1e-12)
    assert_allclose(grads["dA2"], parameters["W3"].T * dZ3, rtol=1e-12)


def test_saturated_and_odd_probabilities_do_not_stop_the_backward_pass() -> None:
    parameters = {"W1": [[1], [-1]], "b1": [[0], [0]], "W2": [[1, -1]], "b2": [[0]]}
    X = [[1e6, -1e6, 730.0, -730.0, -720.0]]
    AL, caches = L_model_forward(X, parameters)
    assert AL[0, :2].tolist() == [1.0, 0.0]
    right = L_model_backward(AL, [[1, 0, 1, 0, 0]], caches)
    assert all(np.isfinite(value).all() for value in right.values())
    assert np.abs(right["dW2"]).max() < 1e-300
    for labels in ([0, 1, 0, 1, 1], [0.5, 2, -1, 0, 1]):  # no digits are left here, as the chapter's head says
        wrong = L_model_backward(AL, labels, caches)
        assert not np.isfinite(wrong["db2"]).any()
    for outside in (-0.5, 1.5, 1e6):
        L_model_backward(np.full((1, 5), outside), [0, 1, 0, 1, 0.5], caches)


def test_update_parameters_steps_every_layer_against_the_slope(
    example: tuple[Floats, Floats, dict[str, Floats]],
) -> None:
    X, Y, parameters = example
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)  # the dA among them are passed over
    updated = update_parameters(parameters, grads, 0.3)
    assert set(updated) == set(parameters)
    for name, value in parameters.items():
        assert_allclose(updated[name], value - 0.3 * grads[f"d{name}"], rtol=1e-14)


def test_a_negative_derivative_increases_the_parameter() -> None:
    updated = update_parameters({"W1": [[1]], "b1": [[0]]}, {"dW1": [[-2]], "db1": [[2]]}, 0.5)
    assert_array_equal(updated["W1"], [[2]])
    assert_array_equal(updated["b1"], [[-1]])


def test_whole_numbers_are_updated_where_the_notes_in_place_step_fails() -> None:
    W1 = np.array([[1, 2]])
    with pytest.raises(TypeError, match="Cannot cast"):
        W1 -= 0.1 * np.array([[1.0, 1.0]])
    updated = update_parameters({"W1": W1, "b1": np.array([[0]])}, {"dW1": [[1, 1]], "db1": [[1]]}, 0.1)
    assert_allclose(updated["W1"], [[0.9, 1.9]], rtol=1e-15)


def test_a_gradient_has_to_be_laid_out_like_its_parameter() -> None:
    with pytest.raises(InputError, match=r"W1 has the shape \(1, 2\) and dW1 \(2, 1\)"):
        update_parameters({"W1": [[1, 2]], "b1": [[0]]}, {"dW1": [[1], [1]], "db1": [[0]]}, 0.1)


def test_a_notebooks_loop_over_the_steps_is_the_notes_loop() -> None:
    random = np.random.RandomState(4)
    X = random.randn(DIMS[0], 30)
    Y = (X[:1] * X[1:2] > 0).astype(np.float64)
    parameters = {name: 50 * value for name, value in initialize_parameters_deep(DIMS, seed=1).items()}
    expected, costs = parameters, []
    for _ in range(100):
        AL, caches = L_model_forward(X, parameters)
        costs.append(float(compute_cost(AL, Y)))
        parameters = update_parameters(parameters, L_model_backward(AL, Y, caches), 0.05)
        slopes = notes_backward(X, Y, expected)
        expected = {name: value - 0.05 * slopes[f"d{name}"] for name, value in expected.items()}
    assert costs == sorted(costs, reverse=True)
    for name, value in expected.items():
        assert_allclose(parameters[name], value, rtol=1e-10, err_msg=name)


def test_four_layers_of_small_weights_stay_at_ln_2() -> None:
    random = np.random.RandomState(1)
    X, Y = random.rand(60, 40), np.array([[0, 1] * 20])
    parameters = initialize_parameters_deep((60, 20, 7, 5, 1))
    for _ in range(200):
        AL, caches = L_model_forward(X, parameters)
        assert compute_cost(AL, Y) == pytest.approx(np.log(2), abs=1e-6)
        parameters = update_parameters(parameters, L_model_backward(AL, Y, caches), 0.0075)
    assert np.ptp(AL) < 1e-5  # hardly a trace of X arrives at the output

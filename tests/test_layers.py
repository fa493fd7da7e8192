"""One layer and a small network, forward and backward: worked by hand, refused in words, nothing changed in place."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import DTypeLike

from layerlab import InputError
from layerlab.formulas import (
    ACTIVATIONS,
    activation_backward,
    binary_cross_entropy,
    binary_cross_entropy_gradient,
    cost,
    gradient_descent,
    layer_backward,
    layer_forward,
    linear_backward,
    linear_forward,
    linear_gradients,
    network_backward,
    network_forward,
    sigmoid,
)
from layerlab.formulas.arrays import Floats


def frozen(*shape: int, seed: int = 0) -> Floats:
    """Random numbers that nobody can change."""
    values = np.asarray(np.random.RandomState(seed).randn(*shape))
    values.flags.writeable = False
    return values


def test_a_network_of_two_inputs_two_hidden_units_and_one_output_by_hand() -> None:
    # Two examples, (1, 3) and (2, −1), both with the label 1.
    X = np.array([[1.0, 2.0], [3.0, -1.0]])
    Y = np.array([[1.0, 1.0]])
    parameters = {
        "W1": np.array([[1.0, -1.0], [2.0, 1.0]]),
        "b1": np.array([[1.0], [-1.0]]),
        "W2": np.array([[0.5, 1.0]]),
        "b2": np.array([[-4.0]]),
    }
    Z2, (first, second) = network_forward(X, parameters, ["relu"])

    # Unit 1:  1·1 − 1·3 + 1 = −1   and  1·2 + 1·1 + 1 = 4.    Unit 2:  2·1 + 3 − 1 = 4   and  2·2 − 1 − 1 = 2.
    assert_array_equal(first.Z, [[-1.0, 4.0], [4.0, 2.0]])
    assert_array_equal(first.A, [[0.0, 4.0], [4.0, 2.0]])
    # Output:  ½·0 + 4 − 4 = 0   and  ½·4 + 2 − 4 = 0: both examples on the fence.
    assert_array_equal(Z2, [[0.0, 0.0]])
    assert second.linear.A_prev is first.A
    assert cost(binary_cross_entropy(Z2, Y)) == pytest.approx(math.log(2.0), rel=1e-15)

    # dZ2 = σ(0) − 1 = −½ twice.
    dZ2 = binary_cross_entropy_gradient(Z2, Y)
    assert_array_equal(dZ2, [[-0.5, -0.5]])
    gradients = network_backward(dZ2, [first, second])
    # dW2 = dZ2 A1ᵀ / 2 = (−½ (0 + 4) / 2, −½ (4 + 2) / 2);  db2 = (−½ − ½) / 2.
    assert_array_equal(gradients["dW2"], [[-1.0, -1.5]])
    assert_array_equal(gradients["db2"], [[-0.5]])
    # dA1 = W2ᵀ dZ2 has the rows (−¼, −¼) and (−½, −½); relu lets through all but unit 1 on example 1:
    # dZ1 has the rows (0, −¼) and (−½, −½).
    # dW1 = dZ1 Xᵀ / 2: row 1 (−¼·2, −¼·(−1)) / 2, row 2 (−½·(1 + 2), −½·(3 − 1)) / 2.
    assert_array_equal(gradients["dW1"], [[-0.25, 0.125], [-0.75, -0.5]])
    assert_array_equal(gradients["db1"], [[-0.125], [-0.5]])

    # One step of length 1.
    stepped = gradient_descent(parameters, gradients, learning_rate=1.0)
    assert_array_equal(stepped["W1"], [[1.25, -1.125], [2.75, 1.5]])
    assert_array_equal(stepped["b1"], [[1.125], [-0.5]])
    assert_array_equal(stepped["W2"], [[1.5, 2.5]])
    assert_array_equal(stepped["b2"], [[-3.5]])


def test_one_layer_backward_by_hand() -> None:
    # Z = 2·1 − 1·2 + 1 = 1 and 2·3 − 1·8 + 1 = −1: the leak multiplies the second example's gradient by 0.01.
    A_prev, W, b = np.array([[1.0, 3.0], [2.0, 8.0]]), np.array([[2.0, -1.0]]), np.array([[1.0]])
    A, cache = layer_forward(A_prev, W, b, "leaky_relu")
    assert_allclose(A, [[1.0, -0.01]], rtol=1e-15)
    # dZ = (4, 5·0.01).  dW = (4·1 + 0.05·3, 4·2 + 0.05·8) / 2,  db = 4.05 / 2,  dA_prev = Wᵀ dZ.
    dA_prev, dW, db = layer_backward(np.array([[4.0, 5.0]]), cache)
    assert_allclose(dW, [[2.075, 4.2]], rtol=1e-15)
    assert_allclose(db, [[2.025]], rtol=1e-15)
    assert_allclose(dA_prev, [[8.0, 0.1], [-4.0, -0.05]], rtol=1e-15)


def test_without_hidden_layers_it_is_logistic_regression() -> None:
    X, W, b, Y = frozen(5, 7), frozen(1, 5, seed=1), frozen(1, 1, seed=2), np.array([[0.0, 1, 1, 0, 1, 0, 0]])
    Z, caches = network_forward(X, {"W1": W, "b1": b}, [])
    assert len(caches) == 1
    assert_allclose(Z, W @ X + b, rtol=1e-14)
    gradients = network_backward(binary_cross_entropy_gradient(Z, Y), caches)
    assert set(gradients) == {"dW1", "db1"}
    # dw = (A − Y) Xᵀ / m and db = mean(A − Y), as in the notes.
    A = sigmoid(Z)
    assert_allclose(gradients["dW1"], (A - Y) @ X.T / 7, rtol=1e-14)
    assert_allclose(gradients["db1"], [[np.mean(A - Y)]], rtol=1e-14)


def test_the_caches_say_what_each_layer_did() -> None:
    parameters = {"W1": frozen(4, 5), "b1": frozen(4, 1), "W2": frozen(3, 4), "b2": frozen(3, 1)}
    X = frozen(5, 7)
    Z, (first, second) = network_forward(X, parameters, ["tanh"])
    assert (first.activation, second.activation) == ("tanh", "identity")
    assert first.linear.A_prev is X
    assert first.linear.W is parameters["W1"]
    assert first.linear.b is parameters["b1"]
    assert_allclose(first.Z, parameters["W1"] @ X + parameters["b1"], rtol=1e-15)
    assert_allclose(first.A, np.tanh(first.Z), rtol=1e-15)
    assert_allclose(Z, parameters["W2"] @ first.A + parameters["b2"], rtol=1e-15)


def test_a_layer_is_its_linear_part_and_its_activation() -> None:
    A_prev, W, b, dA = frozen(5, 7), frozen(4, 5, seed=1), frozen(4, 1, seed=2), frozen(4, 7, seed=3)
    for name, (function, *_) in ACTIVATIONS.items():
        Z, linear = linear_forward(A_prev, W, b)
        A, cache = layer_forward(A_prev, W, b, name)
        assert_array_equal(A, function(Z))
        whole = layer_backward(dA, cache)
        parts = linear_backward(activation_backward(dA, cache), linear)
        for one, other in zip(whole, parts, strict=True):
            assert_array_equal(one, other)
        for one, other in zip(whole[1:], linear_gradients(activation_backward(dA, cache), linear), strict=True):
            assert_array_equal(one, other)


def test_nothing_changes_its_arguments() -> None:
    # The arrays are frozen: a change in place would raise. They are compared all the same.
    for name in ACTIVATIONS:
        parameters = {"W1": frozen(4, 5), "b1": frozen(4, 1), "W2": frozen(1, 4), "b2": frozen(1, 1)}
        X, dZ = frozen(5, 7), frozen(1, 7)
        before = {key: value.copy() for key, value in (parameters | {"X": X, "dZ": dZ}).items()}
        _, caches = network_forward(X, parameters, [name])
        kept = [(cache.Z.copy(), cache.A.copy()) for cache in caches]
        first, again = network_backward(dZ, caches), network_backward(dZ, caches)
        layer_backward(frozen(4, 7), caches[0])
        for key, value in (parameters | {"X": X, "dZ": dZ}).items():
            assert_array_equal(value, before[key])
        for cache, (Z, A) in zip(caches, kept, strict=True):
            assert_array_equal(cache.Z, Z)
            assert_array_equal(cache.A, A)
        for key in first:
            assert_array_equal(first[key], again[key])


def test_a_cache_is_printed_in_one_line_of_facts() -> None:
    _, cache = layer_forward(np.eye(2), np.array([[1.0, -1.0]]), np.zeros((1, 1)), "relu")
    assert str(cache) == ("A_prev (2, 2) → Z (1, 2) in [-1, 1] → relu → A in [0, 1], mean 0.5, 50 % zero")


@pytest.mark.parametrize("models", [(), (2,)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_cache_can_be_printed(name: str, dtype: DTypeLike, models: tuple[int, ...]) -> None:
    X, W, b = (frozen(*shape).astype(dtype) for shape in ((5, 7), (*models, 4, 5), (*models, 4, 1)))
    A, cache = layer_forward(X, W, b, name)
    line = str(cache)
    assert "\n" not in line
    assert line.startswith(f"A_prev (5, 7) → Z {A.shape} in [{cache.Z.min():.4g}, {cache.Z.max():.4g}] → {name} → A in")
    assert f"A in [{A.min():.4g}, {A.max():.4g}], mean {A.mean():.4g}, {100 * (A == 0).mean():.0f} % zero" in line


@pytest.mark.parametrize(
    ("W", "A_prev"),
    [((2, 4), (3, 5)), ((4, 5), (7, 5)), ((4, 1), (5, 7)), ((2, 4, 3), (5, 7))],
)
def test_weights_that_do_not_fit_the_layer_before_are_refused_in_words(
    W: tuple[int, ...], A_prev: tuple[int, ...]
) -> None:
    wanted = (
        f"W has the shape {W} and A_prev {A_prev}: wanted as many columns in W as rows in A_prev; "
        f"examples are columns, so a table with examples in rows goes in transposed"
    )
    b = np.zeros((*W[:-1], 1))
    with pytest.raises(InputError, match=f"^{re.escape(wanted)}$"):
        linear_forward(np.zeros(A_prev), np.zeros(W), b)
    with pytest.raises(InputError, match=f"^{re.escape(wanted)}$"):
        layer_forward(np.zeros(A_prev), np.zeros(W), b, "relu")
    with pytest.raises(InputError, match=f"^{re.escape(wanted)}$"):
        network_forward(np.zeros(A_prev), {"W1": np.zeros(W), "b1": b}, [])


@pytest.mark.parametrize(
    ("rows", "wanted", "words"),
    [
        (
            4096,
            12288,
            r"grey or a palette has 1 number per pixel, and the network takes 3 .*load_photos.*\(64, 64, 3\)",
        ),
        (8192, 12288, "grey and transparency has 2 numbers"),
        (16384, 12288, "transparency or printer's colours has 4 numbers"),
        (12288, 4096, r"colours has 3 numbers per pixel, and the network takes 1 \(grey\).*load_photos.*\(64, 64\)"),
        (12288, 12289, "in rows goes in transposed"),
        (4, 3, "in rows goes in transposed"),  # a table, not a photograph of one pixel
    ],
)
def test_a_photograph_of_other_channels_is_told_with_what_to_do(rows: int, wanted: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        linear_forward(np.zeros((rows, 1)), np.zeros((2, wanted)), np.zeros((2, 1)))


def test_a_table_with_examples_in_rows_fits_once_transposed() -> None:
    table, W, b = frozen(7, 5), frozen(4, 5), frozen(4, 1)
    with pytest.raises(InputError, match="transposed"):
        linear_forward(table, W, b)
    assert linear_forward(table.T, W, b)[0].shape == (4, 7)


@pytest.mark.parametrize(
    ("b", "W", "remedy"),
    [
        ((4,), (4, 5), (4, 1)),
        ((1, 4), (4, 5), (4, 1)),
        ((4, 7), (4, 5), (4, 1)),
        ((1, 1), (4, 5), (4, 1)),
        ((3, 1), (4, 5), (4, 1)),
        ((), (4, 5), (4, 1)),
        ((2, 1, 4), (2, 4, 5), (2, 4, 1)),
    ],
)
def test_biases_that_do_not_fit_the_weights_are_refused_in_words(
    b: tuple[int, ...], W: tuple[int, ...], remedy: tuple[int, ...]
) -> None:
    with pytest.raises(InputError) as refusal:
        linear_forward(np.zeros((5, 7)), np.zeros(W), np.zeros(b))
    assert str(refusal.value) == (
        f"b has the shape {b} and W {W}: wanted one bias for each row of W; give b the shape {remedy}"
    )
    assert linear_forward(np.zeros((5, 7)), np.zeros(W), np.zeros(remedy))[0].shape == (*W[:-1], 7)


@pytest.mark.parametrize("shape", [(3, 7), (7, 4), (1, 7), (7,), (4, 1), (4, 8), (2, 3, 7)])
def test_a_gradient_that_does_not_fit_the_layer_is_refused_in_words(shape: tuple[int, ...]) -> None:
    wanted = (
        f"dZ has the shape {shape}, the layer's Z had (4, 7): wanted the same; pass the gradient by this layer's own Z"
    )
    _, cache = linear_forward(frozen(5, 7), frozen(4, 5), frozen(4, 1))
    for formula in (linear_gradients, linear_backward):
        with pytest.raises(InputError, match=f"^{re.escape(wanted)}$"):
            formula(np.zeros(shape), cache)


def test_a_network_is_as_deep_as_its_hidden_activations_say() -> None:
    parameters = {f"W{layer}": frozen(4, 4, seed=layer) for layer in (1, 2, 3)}
    parameters |= {f"b{layer}": frozen(4, 1, seed=layer) for layer in (1, 2, 3)}
    Z, caches = network_forward(frozen(4, 7), parameters, ["relu", "sigmoid"])
    assert [cache.activation for cache in caches] == ["relu", "sigmoid", "identity"]
    assert_array_equal(Z, caches[-1].Z)  # the last layer is linear: the loss owns the output activation

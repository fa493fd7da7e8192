"""Initial weights: shapes, spread, and the very digits of NumPy's legacy generator."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from layerlab.formulas import INITIALIZERS, initialize_parameters

RANDOM = [name for name in INITIALIZERS if name != "zeros"]


@pytest.fixture(autouse=True)
def _global_stream_given_back() -> Iterator[None]:
    state = np.random.get_state()
    yield
    np.random.set_state(state)


def spread(name: str, n: int, n_prev: int) -> float:
    """The standard deviation that each initialiser promises."""
    return {
        "normal": 0.01,
        "lecun": math.sqrt(1 / n_prev),
        "xavier": math.sqrt(2 / (n + n_prev)),
        "he": math.sqrt(2 / n_prev),
    }[name]


@pytest.mark.parametrize("name", INITIALIZERS)
def test_every_layer_has_its_shape(name: str) -> None:
    parameters = initialize_parameters([5, 4, 3, 1], name, seed=0)
    assert {key: value.shape for key, value in parameters.items()} == {
        "W1": (4, 5),
        "b1": (4, 1),
        "W2": (3, 4),
        "b2": (3, 1),
        "W3": (1, 3),
        "b3": (1, 1),
    }
    assert list(parameters) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert {value.dtype for value in parameters.values()} == {np.dtype(np.float64)}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_biases_start_at_zero(name: str) -> None:
    parameters = initialize_parameters([5, 4, 3], name, seed=0)
    assert not parameters["b1"].any()
    assert not parameters["b2"].any()


def test_zeros_are_zeros() -> None:
    assert not initialize_parameters([5, 4], "zeros", seed=0)["W1"].any()


@pytest.mark.parametrize("name", RANDOM)
def test_weights_spread_as_promised(name: str) -> None:
    n, n_prev = 400, 250
    W = initialize_parameters([n_prev, n], name, seed=1)["W1"]
    promised = spread(name, n, n_prev)
    # 100 000 draws: their spread is known to 1/√200 000 = 0.2 %, their mean to spread/√100 000.
    assert W.std() == pytest.approx(promised, rel=0.01)
    assert abs(W.mean()) < 5 * promised / math.sqrt(W.size)
    assert 0.49 < (W > 0).mean() < 0.51


@pytest.mark.parametrize("name", RANDOM)
def test_weights_are_the_generators_own_digits(name: str) -> None:
    # One stream, W1 drawn first; the biases take nothing from it.
    stream = np.random.RandomState(3)
    first, second, third = stream.randn(4, 5), stream.randn(3, 4), stream.randn(1, 3)
    parameters = initialize_parameters([5, 4, 3, 1], name, seed=3)
    assert_allclose(parameters["W1"], first * spread(name, 4, 5), rtol=1e-15)
    assert_allclose(parameters["W2"], second * spread(name, 3, 4), rtol=1e-15)
    assert_allclose(parameters["W3"], third * spread(name, 1, 3), rtol=1e-15)


def test_small_normal_weights_are_the_published_ones_to_the_last_bit() -> None:
    stream = np.random.RandomState(1)
    parameters = initialize_parameters([3, 2, 1], "normal", seed=1)
    assert_array_equal(parameters["W1"], stream.randn(2, 3) * 0.01)
    assert_array_equal(parameters["W2"], stream.randn(1, 2) * 0.01)
    # 1.62434536366 and −0.61175641 open the stream of seed 1.
    assert_allclose(parameters["W1"][0, :2], [0.0162434536366, -0.0061175641367], rtol=1e-10)


def test_lecun_divides_by_the_root_of_the_inputs_to_the_last_bit() -> None:
    stream = np.random.RandomState(1)
    parameters = initialize_parameters([3, 2, 1], "lecun", seed=1)
    assert_array_equal(parameters["W1"], stream.randn(2, 3) / np.sqrt(3))
    assert_array_equal(parameters["W2"], stream.randn(1, 2) / np.sqrt(2))


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_says_it_all(name: str) -> None:
    one, again, other = (initialize_parameters([5, 4, 3], name, seed) for seed in (7, 7, 8))
    for key in ("W1", "W2"):
        assert_array_equal(one[key], again[key])
        assert (one[key] != other[key]).all()


def test_without_words_it_is_he_with_seed_zero() -> None:
    assert_array_equal(initialize_parameters([5, 4])["W1"], np.random.RandomState(0).randn(4, 5) * math.sqrt(2 / 5))


@pytest.mark.parametrize("name", RANDOM)
def test_no_seed_draws_from_the_global_stream(name: str) -> None:
    np.random.seed(5)
    first, second = (initialize_parameters([5, 4, 3], name, seed=None) for _ in range(2))
    seeded = initialize_parameters([5, 4, 3], name, seed=5)
    assert_array_equal(first["W1"], seeded["W1"])
    assert_array_equal(first["W2"], seeded["W2"])
    assert (second["W1"] != first["W1"]).all()  # the stream went on


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_seed_leaves_the_global_stream_alone(name: str) -> None:
    np.random.seed(5)
    initialize_parameters([5, 4, 3], name, seed=9)
    assert np.random.randn() == np.random.RandomState(5).randn()

"""Optimisers against their papers written out a second time, number by number; L2 by central differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

import layerlab
from layerlab import InputError, Network
from layerlab.datasets import Part
from layerlab.formulas import INPUTS, OPTIMIZERS, gradient_descent, l2_gradients, l2_penalty
from layerlab.formulas.arrays import Floats
from layerlab.runs.settings_rules import batches_an_epoch
from layerlab.training.batches import batches

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short


SLOPES = [0.5, -2.0, 0.25, 3.0, -0.125, 0.0]
RATE = 0.1


def walk(name: str, slopes: list[float], **rates: float) -> list[float]:
    """Where the number 1 goes when its gradient is one slope after the other."""
    optimizer = OPTIMIZERS[name]
    p = {"W1": np.array([[1.0]]), "b1": np.array([[1.0]])}
    state = optimizer.start(p)
    places = []
    for slope in slopes:
        gradients = {"dW1": np.array([[slope]]), "db1": np.array([[slope]])}
        p, state = optimizer.update(p, gradients, state, learning_rate=RATE, **{**optimizer.defaults, **rates})
        places.append(float(p["W1"][0, 0]))
    return places


# Each paper once more, in plain numbers.


def by_gd() -> list[float]:
    p, places = 1.0, []
    for g in SLOPES:
        p -= RATE * g
        places.append(p)
    return places


def by_momentum(mu: float = 0.9) -> list[float]:
    p, v, places = 1.0, 0.0, []
    for g in SLOPES:
        v = mu * v - RATE * g
        p += v
        places.append(p)
    return places


def by_nesterov(mu: float = 0.9) -> list[float]:
    """The step is taken from the point looked ahead to: there the next gradient is taken as well."""
    x, v, places = 1.0, 0.0, []  # x is where the ball is, x + μ v where it looks
    for g in SLOPES:
        v = mu * v - RATE * g
        x += v
        places.append(x + mu * v)
    return places


def by_rmsprop(rho: float = 0.9, eps: float = 1e-8) -> list[float]:
    p, r, places = 1.0, 0.0, []
    for g in SLOPES:
        r = rho * r + (1 - rho) * g * g
        p -= RATE * g / (math.sqrt(r) + eps)
        places.append(p)
    return places


def by_adam(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8, decay: float = 0.0) -> list[float]:
    p, m, v, places = 1.0, 0.0, 0.0, []
    for t, g in enumerate(SLOPES, start=1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        p -= RATE * (m / (1 - b1**t) / (math.sqrt(v / (1 - b2**t)) + eps) + decay * p)
        places.append(p)
    return places


def by_adam_hat(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> list[float]:
    p, m, v, places = 1.0, 0.0, 0.0, []
    for t, g in enumerate(SLOPES, start=1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        p -= RATE * math.sqrt(1 - b2**t) / (1 - b1**t) * m / (math.sqrt(v) + eps)
        places.append(p)
    return places


PAPERS: dict[str, Callable[[], list[float]]] = {
    "gd": by_gd,
    "momentum": by_momentum,
    "nesterov": by_nesterov,
    "rmsprop": by_rmsprop,
    "adam": by_adam,
    "adam_hat": by_adam_hat,
    "adamw": lambda: by_adam(decay=0.01),
}


def test_every_optimizer_has_its_paper_here() -> None:
    assert PAPERS.keys() == OPTIMIZERS.keys()


@pytest.mark.parametrize("name", PAPERS)
def test_an_optimizer_does_what_its_paper_says(name: str) -> None:
    assert_allclose(walk(name, SLOPES), PAPERS[name](), rtol=1e-14)


def test_hyperparameters_reach_the_formula() -> None:
    assert_allclose(walk("momentum", SLOPES, momentum=0.5), by_momentum(0.5), rtol=1e-14)
    assert_allclose(walk("nesterov", SLOPES, momentum=0.5), by_nesterov(0.5), rtol=1e-14)
    assert_allclose(walk("rmsprop", SLOPES, beta2=0.99, epsilon=1e-3), by_rmsprop(0.99, 1e-3), rtol=1e-14)
    assert_allclose(walk("adam", SLOPES, beta1=0.5, beta2=0.9, epsilon=1e-3), by_adam(0.5, 0.9, 1e-3), rtol=1e-14)
    assert_allclose(walk("adam_hat", SLOPES, beta1=0.5, beta2=0.9, epsilon=0.1), by_adam_hat(0.5, 0.9, 0.1), rtol=1e-14)
    assert_allclose(walk("adamw", SLOPES, weight_decay=0.5), by_adam(decay=0.5), rtol=1e-14)


def test_momentum_of_zero_is_gradient_descent() -> None:
    for name in ("momentum", "nesterov"):
        assert_allclose(walk(name, SLOPES, momentum=0.0), by_gd(), rtol=1e-15)


def test_adams_first_step_has_the_length_of_the_learning_rate() -> None:
    for slope in (1e-6, 1.0, 1e6):
        assert walk("adam", [slope])[0] == pytest.approx(1 - RATE, rel=1e-2 if slope < 1e-5 else 1e-8)


def test_adam_with_the_epsilon_beside_v_is_scikit_learns() -> None:
    from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

    random, optimizer = np.random.RandomState(0), OPTIMIZERS["adam_hat"]
    p = {"W1": random.randn(4, 3), "b1": random.randn(4, 1)}
    theirs, rates = [value.copy() for value in p.values()], {"beta1": 0.8, "beta2": 0.97, "epsilon": 1e-3}
    adam = AdamOptimizer(theirs, learning_rate_init=0.01, beta_1=0.8, beta_2=0.97, epsilon=1e-3)
    state = optimizer.start(p)
    for _ in range(50):
        slopes = [random.randn(*value.shape) for value in p.values()]
        adam.update_params(theirs, slopes)
        gradients = {f"d{name}": slope for name, slope in zip(p, slopes, strict=True)}
        p, state = optimizer.update(p, gradients, state, learning_rate=0.01, **rates)
        for value, their in zip(p.values(), theirs, strict=True):
            assert_allclose(value, their, rtol=1e-15, atol=0)


def test_biases_do_not_decay_and_weights_do() -> None:
    p = {"W1": np.array([[2.0]]), "b1": np.array([[2.0]])}
    optimizer = OPTIMIZERS["adamw"]
    still = {"dW1": np.zeros((1, 1)), "db1": np.zeros((1, 1))}
    rates = {**optimizer.defaults, "weight_decay": 0.5}
    stepped, _ = optimizer.update(p, still, optimizer.start(p), learning_rate=0.1, **rates)
    assert (stepped["W1"], stepped["b1"]) == (2.0 - 0.1 * 0.5 * 2.0, 2.0)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_models_side_by_side_go_as_they_go_alone(name: str) -> None:
    random, optimizer = np.random.RandomState(0), OPTIMIZERS[name]
    shapes = {"W1": (4, 3), "b1": (4, 1), "W2": (2, 4), "b2": (2, 1)}
    p = {key: random.randn(3, *shape) for key, shape in shapes.items()}
    rates = {key: np.array([0.5, 1.0, 0.9]) * value for key, value in optimizer.defaults.items()}
    rates["learning_rate"] = np.array([0.1, 0.01, 1.0])
    together, state = p, optimizer.start(p)
    alone = [{key: value[k] for key, value in p.items()} for k in range(3)]
    states = [optimizer.start(one) for one in alone]
    for _ in range(3):
        gradients = {f"d{key}": random.randn(*value.shape) for key, value in p.items()}
        columns = {key: value.reshape(3, 1, 1) for key, value in rates.items()}
        together, state = optimizer.update(together, gradients, state, **columns)
        for k in range(3):
            own = {key: value[k] for key, value in gradients.items()}
            numbers = {key: float(value[k]) for key, value in rates.items()}
            alone[k], states[k] = optimizer.update(alone[k], own, states[k], **numbers)
    for k in range(3):
        for key, value in alone[k].items():
            assert_allclose(together[key][k], value, rtol=1e-13)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_nothing_is_changed_in_place(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    p, gradients = {"W1": np.ones((2, 2))}, {"dW1": np.full((2, 2), 0.5)}
    for array in (p["W1"], gradients["dW1"]):
        array.flags.writeable = False
    state = optimizer.start(p)
    first = optimizer.update(p, gradients, state, learning_rate=0.1, **optimizer.defaults)
    again = optimizer.update(p, gradients, state, learning_rate=0.1, **optimizer.defaults)
    assert_allclose(first[0]["W1"], again[0]["W1"], rtol=0)


# L2


def penalty_of(parameters: dict[str, Any], l2: float, m: int) -> float:
    return l2 / 2 * sum(float((value**2).sum()) for name, value in parameters.items() if name[0] == "W") / m


def test_the_penalty_is_half_the_squares_of_the_weights_over_m() -> None:
    p = {"W1": np.array([[1.0, 2.0]]), "b1": np.array([[9.0]]), "W2": np.array([[3.0]]), "b2": np.array([[9.0]])}
    # 0.4 / 2 · (1 + 4 + 9) / 7 = 0.4
    assert float(l2_penalty(None, p, 0.4, 7, INPUTS)) == pytest.approx(0.4, rel=1e-15)
    gradients = l2_gradients(p, {f"d{name}": np.zeros_like(value) for name, value in p.items()}, 0.7, 7)
    assert_allclose(gradients["dW1"], [[0.1, 0.2]], rtol=1e-15)
    assert_allclose([gradients["db1"], gradients["db2"]], np.zeros((2, 1, 1)), atol=0)


@pytest.mark.parametrize("name", ["gd", "momentum", "adam"])
def test_training_with_l2_makes_smaller_what_it_reports(name: str) -> None:
    random = np.random.RandomState(0)
    X, Y = random.randn(3, 20), random.randint(0, 2, (1, 20)).astype(float)
    settings: dict[str, Any] = {"learning_rate": 0.05, "optimizer": name, "progress": False}
    network = Network([3, 4, 1], hidden="tanh", output="sigmoid")
    run = layerlab.train(network, (X, Y), iterations=1, l2=3.0, seed=2, **settings)
    start = layerlab.train(network, (X, Y), iterations=1, seed=2, **{**settings, "learning_rate": 1e-300})
    plain = layerlab.train(network, (X, Y), iterations=1, seed=2, **settings)
    assert run.history.costs[0] == pytest.approx(
        plain.history.costs[0] + penalty_of(start.parameters, 3.0, 20), rel=1e-13
    )
    if name == "gd":
        for key, value in start.parameters.items():
            shrink = 0.05 * 3.0 / 20 * value if key[0] == "W" else 0.0
            assert_allclose(run.parameters[key], plain.parameters[key] - shrink, rtol=1e-12, atol=1e-15)


# Settings


def test_an_optimizers_own_values_are_kept_and_others_are_not() -> None:
    part = Part(np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]]))
    run = layerlab.train(Network([1, 1]), part, learning_rate=0.1, iterations=1, optimizer="adamw", beta1=0.5)
    own = {name: run.settings[name] for name in ("beta1", "beta2", "epsilon", "weight_decay")}
    assert own == {"beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01}
    assert "momentum" not in run.settings
    assert layerlab.train(Network([1, 1]), part, learning_rate=0.1, iterations=1, optimizer="rmsprop").settings[
        "beta2"
    ] == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"momentum": 0.5},
            "momentum=0.5 has no meaning for optimizer='gd': wanted 'momentum', 'nesterov', or leave it out",
        ),
        (
            {"optimizer": "adam", "weight_decay": 0.1},
            "weight_decay=0.1 has no meaning for optimizer='adam': wanted 'adamw', or leave it out",
        ),
        ({"optimizer": "momentum", "momentum": 1.0}, "momentum=1.0: wanted a finite number of at least 0, below 1"),
        (
            {"optimizer": "sgd"},
            "optimizer='sgd': wanted one of 'gd', 'momentum', 'nesterov', 'rmsprop', 'adam', 'adam_hat', 'adamw'",
        ),
        ({"l2": -1}, "l2=-1: wanted a finite number of at least 0 (strength λ"),
        ({"batch_size": 0}, "batch_size=0: wanted a whole number of at least 1"),
        ({"batch_size": 5}, "batch_size=5: wanted at most the 4 training examples; leave it out to take all at once"),
        ({"epochs": 3}, "iterations=10, epochs=3: wanted one of the two; leave the other out"),
        ({"iterations": None}, "iterations=None, epochs=None: wanted one of the two; leave the other out"),
        ({"iterations": None, "epochs": 0}, "epochs=0: wanted a whole number of at least 1"),
    ],
)
def test_settings_that_are_refused(settings: dict[str, Any], words: str) -> None:
    part = Part(np.arange(4.0).reshape(1, 4), np.array([[0.0, 0.0, 1.0, 1.0]]))
    with pytest.raises(InputError) as caught:
        layerlab.train(Network([1, 1]), part, **{"learning_rate": 0.1, "iterations": 10, **settings})
    assert str(caught.value).startswith(words)


# Mini-batches


@pytest.mark.parametrize(("m", "size"), [(10, 4), (12, 4), (5, 1), (7, 7), (7, 6)])
def test_an_epoch_takes_every_example_once(m: int, size: int) -> None:
    dealt = batches(m, size, seed=3, dtype="float64")
    orders = []
    for _ in range(3):
        epoch = [next(dealt) for _ in range(batches_an_epoch(m, size))]
        taken = [one.examples[one.weights > 0].tolist() for one in epoch]
        assert sorted(example for some in taken for example in some) == list(range(m))
        assert [len(some) for some in taken] == [float(one.size) for one in epoch]
        assert all(one.weights.mean() == pytest.approx(1.0, rel=1e-15) for one in epoch)
        assert {len(one.examples) for one in epoch} == {size}
        orders.append(taken)
    assert m == 5 or orders[0] != orders[1]
    again = batches(m, size, seed=3, dtype="float64")
    assert next(again).examples.tolist() == next(batches(m, size, seed=3, dtype="float64")).examples.tolist()


def by_hand(
    X: Floats, Y: Floats, size: int, iterations: int, rate: float, l2: float, seed: int
) -> tuple[list[float], Floats, float]:
    """Logistic regression from zeros by mini-batches: slices of a shuffled order, each with its own mean."""
    w, b, costs, random = np.zeros(X.shape[0]), 0.0, [], np.random.RandomState(seed)
    order = np.empty(0, int)
    for _ in range(iterations):
        if len(order) == 0:
            order = random.permutation(X.shape[1])
        now, order = order[:size], order[size:]
        x, y = X[:, now], Y[0, now]
        p = 1 / (1 + np.exp(-(w @ x + b)))
        costs.append(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + l2 / 2 * (w @ w) / len(now))
        gradient, bias = x @ (p - y) / len(now) + l2 * w / len(now), np.mean(p - y)
        w, b = w - rate * gradient, b - rate * bias
    return costs, w, b


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("basis", ["full", "span"])
@pytest.mark.parametrize("size", [4, 5])  # of 20 examples in whole batches, and of 17 with a short one
def test_batches_with_l2_are_those_of_a_plain_loop(size: int, basis: str, engine: str) -> None:
    random = np.random.RandomState(0)
    m = 20 if size == 4 else 17
    X, Y = random.randn(30, m), random.randint(0, 2, (1, m)).astype(float)
    costs, w, b = by_hand(X, Y, size, iterations=23, rate=0.05, l2=0.7, seed=9)
    run = layerlab.train(
        Network([30, 1]), (X, Y), learning_rate=0.05, iterations=23, initializer="zeros", batch_size=size, batch_seed=9,
        l2=0.7, engine=engine, basis=basis, progress=False,
    )  # fmt: skip
    assert_allclose(run.history.costs, costs, rtol=1e-12)
    assert_allclose(run.parameters["W1"][0], w, rtol=1e-11, atol=1e-14)
    assert float(run.parameters["b1"][0, 0]) == pytest.approx(b, rel=1e-11)


def test_epochs_are_turned_into_updates() -> None:
    random = np.random.RandomState(0)
    part = Part(random.randn(2, 10), np.array([[0.0, 1.0] * 5]))
    settings: dict[str, Any] = {"learning_rate": 0.1, "progress": False}
    assert len(layerlab.train(Network([2, 1]), part, epochs=3, batch_size=4, **settings).history.costs) == 9
    run = layerlab.train(Network([2, 1]), part, epochs=3, **settings)
    assert run.settings["iterations"] == 3
    assert "epochs" not in run.settings


def test_a_batch_of_all_examples_is_no_batch() -> None:
    random = np.random.RandomState(0)
    part = Part(random.randn(2, 10), np.array([[0.0, 1.0] * 5]))
    settings: dict[str, Any] = {"learning_rate": 0.1, "iterations": 5, "progress": False, "engine": "numpy"}
    one = layerlab.train(Network([2, 1]), part, batch_size=10, **settings)
    other = layerlab.train(Network([2, 1]), part, **settings)
    assert (one.history.costs == other.history.costs).all()


def test_gradient_descent_is_the_update_of_gd() -> None:
    p, g = {"W1": np.ones((1, 1))}, {"dW1": np.full((1, 1), 2.0)}
    assert OPTIMIZERS["gd"].update(p, g, (), learning_rate=0.5)[0] == gradient_descent(p, g, 0.5)

"""Every gradient against differences and complex steps: loss × activation × depth × width × models × weights."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from layerlab import InputError
from layerlab.formulas import (
    ACTIVATIONS,
    LOSSES,
    Gradients,
    Parameters,
    cost,
    gradient_descent,
    linear_backward,
    linear_forward,
    network_backward,
    network_forward,
)
from layerlab.formulas.arrays import Floats

# All sizes differ, so that no axis can stand in for another: 5 features, 7 examples, 4, 8 and 6 hidden units, 2 models.
FEATURES, EXAMPLES, MODELS = 5, 7, 2
HIDDEN = {1: (), 2: (4,), 4: (4, 8, 6)}
KINK = 1e-3
"""No hidden Z comes closer to zero than this: no step of a difference crosses the kink of relu."""


class Problem(NamedTuple):
    """A network with data, all drawn at random."""

    X: Floats  # (5, 7)
    Y: Floats  # (n_y, 7)
    weights: Floats | None  # (..., 7)
    parameters: Parameters
    hidden: tuple[str, ...]
    output: str

    def costs(self, parameters: Parameters) -> Floats:
        """One cost a model."""
        Z, _ = network_forward(self.X, parameters, self.hidden)
        return np.asarray(cost(LOSSES[self.output].losses(Z, self.Y, self.weights)))

    def gradients(self) -> Gradients:
        Z, caches = network_forward(self.X, self.parameters, self.hidden)
        return network_backward(LOSSES[self.output].gradient(Z, self.Y, self.weights), caches)


def draw(
    random: np.random.RandomState, output: str, n_y: int, depth: int, hidden: str, models: int | None, weighted: bool
) -> Problem:
    stack = () if models is None else (models,)
    parameters = {}
    for layer, (n_prev, n) in enumerate(pairwise((FEATURES, *HIDDEN[depth], n_y)), start=1):
        parameters[f"W{layer}"] = random.randn(*stack, n, n_prev) * 1.5 / np.sqrt(n_prev)
        parameters[f"b{layer}"] = random.randn(*stack, n, 1) * 0.5
    Y = {
        "sigmoid": random.randint(0, 2, (n_y, EXAMPLES)).astype(np.float64),
        "softmax": np.eye(n_y)[:, random.randint(0, n_y, EXAMPLES)],
        "poisson": random.poisson(2.0, (n_y, EXAMPLES)).astype(np.float64),
    }.get(output, random.randn(n_y, EXAMPLES))
    weights = np.stack([random.permutation([0.0, 0.5, 0.5, 1.0, 1.0, 1.5, 2.5]) for _ in range(models or 1)])
    return Problem(
        X=random.randn(FEATURES, EXAMPLES),
        Y=Y,
        weights=weights.reshape(*stack, EXAMPLES) if weighted else None,
        parameters=parameters,
        hidden=(hidden,) * (depth - 1),
        output=output,
    )


def problem(
    output: str, n_y: int, depth: int, hidden: str, models: int | None = None, weighted: bool = False
) -> Problem:
    """The first drawn problem that is away from the kinks and in which every parameter matters."""
    for seed in count():
        drawn = draw(np.random.RandomState(seed), output, n_y, depth, hidden, models, weighted)
        _, caches = network_forward(drawn.X, drawn.parameters, drawn.hidden)
        smooth = all(np.abs(cache.Z).min() > KINK for cache in caches[:-1])
        if smooth and all(np.linalg.norm(gradient) > 1e-4 for gradient in drawn.gradients().values()):
            return drawn
    raise AssertionError  # not reached


def by_every_entry(parameters: Parameters, derivative: Callable[[str, Floats], float]) -> Gradients:
    """The gradients, entry by entry; ``derivative`` gets a parameter's name and a one at the entry."""
    gradients = {f"d{name}": np.empty(value.shape) for name, value in parameters.items()}
    for name, value in parameters.items():
        for entry in np.ndindex(value.shape):
            one = np.zeros(value.shape)
            one[entry] = 1.0
            gradients[f"d{name}"][entry] = derivative(name, one)
    return gradients


def central_differences(given: Problem, step: float = 1e-5) -> Gradients:
    def derivative(name: str, one: Floats) -> float:
        value = given.parameters[name]
        up, down = (given.costs(given.parameters | {name: value + sign * step * one}).sum() for sign in (1, -1))
        return float((up - down) / (2 * step))

    return by_every_entry(given.parameters, derivative)


def complex_steps(given: Problem) -> Gradients:
    def derivative(name: str, one: Floats) -> float:
        return float(given.costs(given.parameters | {name: given.parameters[name] + 1e-30j * one}).sum().imag / 1e-30)

    return by_every_entry(given.parameters, derivative)


def distance(one: Floats, other: Floats) -> float:
    """‖difference‖ / ‖sum‖: 0 for equal arrays, 1 for unrelated ones."""
    return float(np.linalg.norm(one - other) / np.linalg.norm(one + other))


def assert_same(computed: Gradients, numerical: Gradients, tolerance: float) -> None:
    assert set(computed) == set(numerical)
    for name in numerical:
        assert computed[name].shape == numerical[name].shape, name
        assert distance(computed[name], numerical[name]) <= tolerance, name


every_loss = pytest.mark.parametrize(
    ("output", "n_y"),
    [("sigmoid", 1), ("sigmoid", 3), ("softmax", 3), ("identity", 1)]
    + [(name, 3) for name in LOSSES if LOSSES[name].labels is None],
)
every_net = pytest.mark.parametrize(
    ("depth", "hidden"), [(1, "identity"), *((depth, hidden) for depth in (2, 4) for hidden in ACTIVATIONS)]
)
with_and_without_models = pytest.mark.parametrize("models", [None, MODELS])
with_and_without_weights = pytest.mark.parametrize("weighted", [False, True])


@with_and_without_weights
@with_and_without_models
@every_net
@every_loss
def test_gradients_are_central_differences(
    output: str, n_y: int, depth: int, hidden: str, models: int | None, weighted: bool
) -> None:
    given = problem(output, n_y, depth, hidden, models, weighted)
    assert_same(given.gradients(), central_differences(given), tolerance=1e-6)


@with_and_without_weights
@with_and_without_models
@every_net
@every_loss
def test_gradients_are_complex_step_derivatives(
    output: str, n_y: int, depth: int, hidden: str, models: int | None, weighted: bool
) -> None:
    given = problem(output, n_y, depth, hidden, models, weighted)
    assert_same(given.gradients(), complex_steps(given), tolerance=1e-12)


@every_loss
def test_hidden_layers_may_differ_in_their_activations(output: str, n_y: int) -> None:
    given = problem(output, n_y, depth=4, hidden="tanh", models=MODELS)._replace(hidden=("tanh", "sigmoid", "identity"))
    assert_same(given.gradients(), complex_steps(given), tolerance=1e-12)


def test_the_referee_sees_one_wrong_entry() -> None:
    given = problem("softmax", 3, depth=4, hidden="tanh")
    for name in given.gradients():
        spoiled = given.gradients()
        spoiled[name].flat[0] *= 1.001
        with pytest.raises(AssertionError, match=name):
            assert_same(spoiled, central_differences(given), tolerance=1e-6)


@with_and_without_weights
@every_net
@every_loss
def test_stacked_models_are_models_alone(output: str, n_y: int, depth: int, hidden: str, weighted: bool) -> None:
    given = problem(output, n_y, depth, hidden, MODELS, weighted)
    costs, gradients = given.costs(given.parameters), given.gradients()
    assert costs.shape == (MODELS,)
    for model in range(MODELS):
        alone = given._replace(
            parameters={name: value[model] for name, value in given.parameters.items()},
            weights=None if given.weights is None else given.weights[model],
        )
        assert_allclose(costs[model], alone.costs(alone.parameters), rtol=1e-12)
        assert_same({name: value[model] for name, value in gradients.items()}, alone.gradients(), tolerance=1e-12)


def test_models_may_have_two_leading_axes() -> None:
    given = problem("softmax", 3, depth=4, hidden="relu", models=6, weighted=True)
    assert given.weights is not None
    grid = given._replace(
        parameters={name: value.reshape(2, 3, *value.shape[1:]) for name, value in given.parameters.items()},
        weights=given.weights.reshape(2, 3, EXAMPLES),
    )
    assert_allclose(grid.costs(grid.parameters).ravel(), given.costs(given.parameters), rtol=1e-12)
    for name, gradient in grid.gradients().items():
        assert gradient.shape[:2] == (2, 3)
        assert distance(gradient.reshape(6, *gradient.shape[2:]), given.gradients()[name]) <= 1e-12


@every_loss
def test_the_mean_over_examples_is_taken_once(output: str, n_y: int) -> None:
    # Every example twice: the same cost, the same gradients.
    given = problem(output, n_y, depth=4, hidden="tanh")
    twice = given._replace(X=np.tile(given.X, 2), Y=np.tile(given.Y, 2))
    assert_allclose(twice.costs(given.parameters), given.costs(given.parameters), rtol=1e-14)
    assert_same(twice.gradients(), given.gradients(), tolerance=1e-13)


@pytest.mark.parametrize("stack", ["", "k"])
def test_linear_backward_is_an_einsum(stack: str) -> None:
    random = np.random.RandomState(0)
    models = (2,) * len(stack)
    A_prev, W, b = random.randn(*models, 5, 7), random.randn(*models, 4, 5), random.randn(*models, 4, 1)
    dZ = random.randn(*models, 4, 7)
    Z, cache = linear_forward(A_prev, W, b)
    dA_prev, dW, db = linear_backward(dZ, cache)
    # j and i count units of this layer and the one before, e examples.
    assert_allclose(Z, np.einsum(f"{stack}ji,{stack}ie->{stack}je", W, A_prev) + b, rtol=1e-12, atol=1e-14)
    assert_allclose(dA_prev, np.einsum(f"{stack}ji,{stack}je->{stack}ie", W, dZ), rtol=1e-12, atol=1e-14)
    assert_allclose(dW, np.einsum(f"{stack}je,{stack}ie->{stack}ji", dZ, A_prev) / 7, rtol=1e-12, atol=1e-14)
    assert_allclose(db[..., 0], np.einsum(f"{stack}je->{stack}j", dZ) / 7, rtol=1e-12, atol=1e-14)


def test_models_on_shared_data_are_an_einsum() -> None:
    random = np.random.RandomState(1)
    X, W, b, dZ = random.randn(5, 7), random.randn(2, 4, 5), random.randn(2, 4, 1), random.randn(2, 4, 7)
    Z, cache = linear_forward(X, W, b)
    _, dW, _ = linear_backward(dZ, cache)
    assert_allclose(Z, np.einsum("kji,ie->kje", W, X) + b, rtol=1e-12, atol=1e-14)
    assert_allclose(dW, np.einsum("kje,ie->kji", dZ, X) / 7, rtol=1e-12, atol=1e-14)


@settings(deadline=None, max_examples=50, derandomize=True)
@given(
    n=st.integers(1, 5),
    n_prev=st.integers(1, 5),
    m=st.integers(1, 6),
    models=st.none() | st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_linear_backward_passes_back_what_the_forward_sends(
    n: int, n_prev: int, m: int, models: int | None, seed: int
) -> None:
    # The backward is the transpose of the forward: ⟨dZ, W V⟩ = ⟨Wᵀ dZ, V⟩, and the same by W and by b.
    random = np.random.RandomState(seed)
    stack = () if models is None else (models,)
    A_prev, W, b = random.randn(*stack, n_prev, m), random.randn(*stack, n, n_prev), random.randn(*stack, n, 1)
    dZ = random.randn(*stack, n, m)
    V, U, c = random.randn(*A_prev.shape), random.randn(*W.shape), random.randn(*b.shape)
    dA_prev, dW, db = linear_backward(dZ, linear_forward(A_prev, W, b)[1])
    assert np.sum(dA_prev * V) == pytest.approx(np.sum(dZ * (W @ V)), rel=1e-10, abs=1e-12)
    assert m * np.sum(dW * U) == pytest.approx(np.sum(dZ * (U @ A_prev)), rel=1e-10, abs=1e-12)
    assert m * np.sum(db * c) == pytest.approx(np.sum(dZ * c), rel=1e-10, abs=1e-12)


def test_a_step_goes_down_the_slope_and_leaves_its_arguments_alone() -> None:
    parameters = {"W1": np.array([[1.0, -2.0]]), "b1": np.array([[0.5]])}
    gradients = {"dW1": np.array([[4.0, 0.0]]), "db1": np.array([[-2.0]])}
    for array in (*parameters.values(), *gradients.values()):
        array.flags.writeable = False
    stepped = gradient_descent(parameters, gradients, learning_rate=0.25)
    assert set(stepped) == {"W1", "b1"}
    assert_array_equal(stepped["W1"], [[0.0, -2.0]])
    assert_array_equal(stepped["b1"], [[1.0]])
    assert_array_equal(parameters["W1"], [[1.0, -2.0]])
    assert_array_equal(parameters["b1"], [[0.5]])
    assert_array_equal(gradients["dW1"], [[4.0, 0.0]])
    assert_array_equal(gradients["db1"], [[-2.0]])
    assert not any(np.shares_memory(stepped[name], parameters[name]) for name in parameters)


@every_net
@every_loss
def test_a_short_step_lowers_the_cost_by_the_squared_length_of_the_gradient(
    output: str, n_y: int, depth: int, hidden: str
) -> None:
    given = problem(output, n_y, depth, hidden)
    gradients = given.gradients()
    rate = 1e-10 if output == "poisson" else 1e-7  # e^z bends most
    fall = given.costs(given.parameters) - given.costs(gradient_descent(given.parameters, gradients, rate))
    assert_allclose(fall, rate * sum(np.sum(gradient**2) for gradient in gradients.values()), rtol=1e-3)


def test_each_model_may_have_its_own_learning_rate() -> None:
    given = problem("sigmoid", 3, depth=4, hidden="tanh", models=MODELS)
    gradients = given.gradients()
    rates = np.array([0.1, 0.5])
    together = gradient_descent(given.parameters, gradients, rates.reshape(MODELS, 1, 1))
    for model, rate in enumerate(rates):
        alone = gradient_descent(
            {name: value[model] for name, value in given.parameters.items()},
            {name: value[model] for name, value in gradients.items()},
            float(rate),
        )
        for name, value in alone.items():
            assert_array_equal(together[name][model], value)


def test_a_float32_step_stays_float32() -> None:
    parameters, gradients = {"W1": np.ones((1, 2), np.float32)}, {"dW1": np.ones((1, 2), np.float32)}
    assert gradient_descent(parameters, gradients, learning_rate=0.1)["W1"].dtype == np.float32


@pytest.mark.parametrize("shape", [(3, 4), (4,), (1, 3), (2, 4, 3)])
def test_a_gradient_of_another_shape_is_refused_in_words(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError) as refusal:
        gradient_descent({"W1": np.zeros((4, 3))}, {"dW1": np.zeros(shape)}, learning_rate=0.1)
    assert str(refusal.value) == (
        f"W1 has the shape (4, 3) and dW1 {shape}: wanted the same shape; a gradient is laid out like its parameter"
    )

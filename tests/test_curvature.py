"""Hessian times a direction: jax's jvp of grad, central differences of the gradient, and dense eigenvalues."""

from __future__ import annotations

from itertools import count
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from covering import covering
from numpy.testing import assert_allclose

from layerlab import InputError
from layerlab.formulas import (
    ACTIVATIONS,
    LOSSES,
    Activation,
    Loss,
    Parameters,
    cost,
    hessian_product,
    l2_gradients,
    l2_penalty,
    network_backward,
    network_forward,
    place_at,
    sigmoid,
    sigmoid_slope,
)

FEATURES, EXAMPLES, MODELS = 5, 7, 2
HIDDEN = {1: (), 2: (4,), 4: (4, 8, 6)}


class Problem:
    """A network with data and a direction, drawn away from every kink."""

    def __init__(
        self, output: str, n_y: int, depth: int, hidden: str, models: int | None, weighted: bool, l2: float
    ) -> None:
        for seed in count():
            self.draw(np.random.RandomState(seed), output, n_y, depth, hidden, models, weighted)
            Z, caches = network_forward(self.X, self.parameters, self.hidden)
            away = [np.abs(cache.Z).min() for cache in caches[:-1]]
            error = np.abs(Z - self.Y)
            if output in ("absolute", "huber"):
                away += [error.min() if output == "absolute" else np.abs(error - 1.0).min()]
            if min(away, default=1.0) > 1e-3:
                break
        self.l2 = l2

    def draw(
        self,
        random: np.random.RandomState,
        output: str,
        n_y: int,
        depth: int,
        hidden: str,
        models: int | None,
        weighted: bool,
    ) -> None:
        stack = () if models is None else (models,)
        dims = (FEATURES, *HIDDEN[depth], n_y)
        self.hidden, self.output = (hidden,) * (depth - 1), output
        self.X = random.randn(FEATURES, EXAMPLES)
        self.Y = {
            "sigmoid": random.randint(0, 2, (n_y, EXAMPLES)).astype(np.float64),
            "softmax": np.eye(n_y)[:, random.randint(0, n_y, EXAMPLES)],
            "poisson": random.poisson(2.0, (n_y, EXAMPLES)).astype(np.float64),
        }.get(output, random.randn(n_y, EXAMPLES))
        self.weights = np.array([0.0, 0.5, 0.5, 1.0, 1.0, 1.5, 2.5]) if weighted else None
        self.parameters, self.direction = (
            {
                name: value
                for layer in range(1, depth + 1)
                for name, value in (
                    (f"W{layer}", random.randn(*stack, dims[layer], dims[layer - 1]) / np.sqrt(dims[layer - 1])),
                    (f"b{layer}", 0.5 * random.randn(*stack, dims[layer], 1)),
                )
            }
            for _ in range(2)
        )

    def product(self) -> Parameters:
        arguments = (self.X, self.Y, self.parameters, self.hidden, self.output, self.weights, self.l2 / EXAMPLES)
        return hessian_product(place_at(*arguments), self.direction)

    def gradients(self, parameters: Parameters) -> Parameters:
        Z, caches = network_forward(self.X, parameters, self.hidden)
        gradients = network_backward(LOSSES[self.output].gradient(Z, self.Y, self.weights), caches)
        gradients = l2_gradients(parameters, gradients, self.l2, EXAMPLES)
        return {name: gradients[f"d{name}"] for name in parameters}

    def objective(self, parameters: Parameters) -> Any:
        """Traced by jax: the sum over models, of which each has its own parameters."""
        Z, _ = network_forward(jnp.asarray(self.X), parameters, self.hidden)
        weights = None if self.weights is None else jnp.asarray(self.weights)
        own = cost(LOSSES[self.output].losses(Z, jnp.asarray(self.Y), weights))
        return jnp.sum(own + l2_penalty(self.X, parameters, self.l2, EXAMPLES))


def assert_same(computed: Parameters, wanted: Parameters, tolerance: float) -> None:
    assert set(computed) == set(wanted)
    size = np.sqrt(sum(float(np.sum(np.square(value))) for value in wanted.values()))
    for name, value in wanted.items():
        assert computed[name].shape == value.shape, name
        assert np.abs(np.asarray(computed[name]) - np.asarray(value)).max() <= tolerance * max(size, 1e-3), name


EVERY_LOSS = [("sigmoid", 1), ("sigmoid", 3), ("softmax", 3), ("identity", 1)] + [
    (name, 3) for name in LOSSES if LOSSES[name].labels is None
]
EVERY_NET = [(1, "identity"), *((depth, hidden) for depth in (2, 4) for hidden in ACTIVATIONS)]


@pytest.mark.parametrize(
    ("output", "n_y", "depth", "hidden"), [(*loss, *net) for loss, net in covering(EVERY_LOSS, EVERY_NET)]
)
def test_the_product_is_jaxs_jvp_of_grad(output: str, n_y: int, depth: int, hidden: str) -> None:
    given = Problem(output, n_y, depth, hidden, MODELS, weighted=True, l2=0.7)
    with jax.enable_x64(True):
        there, along = (
            {name: jnp.asarray(value) for name, value in tree.items()} for tree in (given.parameters, given.direction)
        )
        _, wanted = jax.jvp(jax.grad(given.objective), (there,), (along,))
    assert_same(given.product(), wanted, tolerance=1e-12)


@pytest.mark.parametrize(("depth", "hidden"), EVERY_NET)
@pytest.mark.parametrize(("output", "n_y"), EVERY_LOSS)
def test_the_product_is_a_central_difference_of_the_gradient(output: str, n_y: int, depth: int, hidden: str) -> None:
    given, step = Problem(output, n_y, depth, hidden, None, weighted=False, l2=0.0), 1e-6
    up, down = (
        given.gradients({name: value + sign * step * given.direction[name] for name, value in given.parameters.items()})
        for sign in (1, -1)
    )
    assert_same(given.product(), {name: (up[name] - down[name]) / (2 * step) for name in up}, tolerance=1e-6)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_under_jaxs_compiler_it_is_the_same(hidden: str) -> None:
    given = Problem("softmax", 3, 4, hidden, MODELS, weighted=True, l2=0.7)

    @jax.jit
    def product(parameters: Parameters, direction: Parameters) -> Parameters:
        X, Y, weights = map(jnp.asarray, (given.X, given.Y, given.weights))
        return hessian_product(place_at(X, Y, parameters, given.hidden, "softmax", weights, 0.1), direction)

    with jax.enable_x64(True):
        compiled = product(given.parameters, given.direction)
    given.l2 = 0.1 * EXAMPLES
    assert_same(given.product(), {name: np.asarray(compiled[name]) for name in given.direction}, tolerance=1e-12)


def test_models_padded_to_one_width_are_models_alone() -> None:
    wide, narrow = (Problem("softmax", 3, 2, "sigmoid", None, weighted=True, l2=0.0) for _ in range(2))
    rows = np.arange(4)[:, None] < np.array([4, 2])[:, None, None]

    def cut(tree: Parameters) -> Parameters:
        return {"W1": tree["W1"][:2], "b1": tree["b1"][:2], "W2": tree["W2"][:, :2], "b2": tree["b2"]}

    def padded(tree: Parameters) -> Parameters:
        own = {"W1": ((0, 2), (0, 0)), "b1": ((0, 2), (0, 0)), "W2": ((0, 0), (0, 2)), "b2": ((0, 0), (0, 0))}
        return {name: np.stack([tree[name], np.pad(cut(tree)[name], own[name])]) for name in tree}

    narrow.parameters, narrow.direction = cut(wide.parameters), cut(wide.direction)
    place = place_at(wide.X, wide.Y, padded(wide.parameters), ["sigmoid"], "softmax", wide.weights, units=[rows])
    product = hessian_product(place, padded(wide.direction))
    assert_same({name: value[0] for name, value in product.items()}, wide.product(), 1e-14)
    assert_same(cut({name: value[1] for name, value in product.items()}), narrow.product(), 1e-14)
    assert not product["W1"][1, 2:].any()
    assert not product["W2"][1, :, 2:].any()


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_the_product_is_symmetric(hidden: str) -> None:
    given = Problem("softmax", 3, 4, hidden, None, weighted=True, l2=0.7)
    first, first_product = given.direction, given.product()
    given.direction = {name: value[..., ::-1] ** 2 for name, value in first.items()}
    one, other = (
        sum(float(np.sum(a[name] * b[name])) for name in first)
        for a, b in ((given.direction, first_product), (first, given.product()))
    )
    assert one == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_a_bend_is_the_difference_of_slopes_and_finite_far_out(hidden: str) -> None:
    row, step = ACTIVATIONS[hidden], 1e-6
    assert row.bend is not None
    Z = np.concatenate([np.linspace(-8, 8, 33) + 0.1, [39.0, 60.0, -60.0]])
    up, down = (row.slope(z, row.function(z)) for z in (Z + step, Z - step))
    assert_allclose(row.bend(Z, row.function(Z)), (up - down) / (2 * step), atol=1e-8)
    far = np.array([-1e4, -800.0, 800.0, 1e4])
    assert_allclose(row.bend(far, row.function(far)), 0.0, atol=1e-12)
    single = far.astype(np.float32)
    assert row.bend(single, row.function(single)).dtype == np.float32


def test_what_has_no_second_derivative_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIVATIONS, "plain", Activation(sigmoid, sigmoid_slope))
    given = Problem("sigmoid", 1, 2, "sigmoid", None, weighted=False, l2=0.0)
    with pytest.raises(InputError, match="the activation 'plain' has no second derivative here: wanted one"):
        place_at(given.X, given.Y, given.parameters, ["plain"], "sigmoid")
    monkeypatch.setitem(LOSSES, "plain", Loss(*LOSSES["sigmoid"][:4]))
    with pytest.raises(InputError, match="the loss of 'plain' has no second derivative here: wanted one"):
        place_at(given.X, given.Y, given.parameters, ["sigmoid"], "plain")

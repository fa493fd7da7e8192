"""Every formula in the strictest reading of the array API standard, where NumPy cannot lend a hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import DTypeLike

from layerlab import formulas as f
from layerlab.formulas import Array

ELSEWHERE = strict.Device("device1")
"""A device whose arrays refuse to become NumPy arrays, and refuse to meet arrays of another device."""

StrictArray = type(strict.ones(1))
Arrays = dict[str, Array]


@pytest.fixture(autouse=True)
def _shapes_known_beforehand() -> Iterator[None]:
    """As under a compiler: no shape may depend on values."""
    with strict.ArrayAPIStrictFlags(boolean_indexing=False, data_dependent_shapes=False):
        yield


def numbers(dtype: DTypeLike, models: tuple[int, ...] = ()) -> Arrays:
    """A 5-4-3 network of each model, seven examples, labels of every kind, images."""
    random = np.random.RandomState(0)
    arrays = {
        "X": random.randn(5, 7),
        "W1": random.randn(*models, 4, 5),
        "b1": random.randn(*models, 4, 1),
        "W2": random.randn(*models, 3, 4),
        "b2": random.randn(*models, 3, 1),
        "Z": random.randn(*models, 3, 7) * 10.0,
        "dZ": random.randn(*models, 3, 7),
        "Y": np.eye(3)[:, random.randint(0, 3, 7)],
        "weights": random.rand(*models, 7) * 2.0,
        "rates": random.rand(*models, 1, 1),
        "images": random.rand(7, 2, 3, 3),
    }
    arrays["Z"][..., 0, :3] = [0.0, 2000.0, -2000.0]
    return {name: np.asarray(value, dtype=dtype) for name, value in arrays.items()}


def parameters(a: Arrays) -> f.Parameters:
    return {name: a[name] for name in ("W1", "b1", "W2", "b2")}


def curved(a: Arrays) -> list[Array]:
    """The Hessian times the parameters, with weights and a penalty."""
    place = f.place_at(a["X"], a["Y"], parameters(a), ["tanh"], "softmax", a["weights"], a["rates"])
    return list(f.hessian_product(place, parameters(a)).values())


def one_step(a: Arrays, hidden: str, output: str) -> list[Array]:
    """Forward, loss, backward, update."""
    Z, caches = f.network_forward(a["X"], parameters(a), [hidden])
    loss = f.LOSSES[output]
    gradients = f.network_backward(loss.gradient(Z, a["Y"], a["weights"]), caches)
    stepped = f.gradient_descent(parameters(a), gradients, a["rates"])
    return [f.cost(loss.losses(Z, a["Y"], a["weights"])), loss.prediction(Z), *gradients.values(), *stepped.values()]


def spanned(a: Arrays, place: bool) -> tuple[f.Span, f.Parameters]:
    """Five training examples of which three are in play, or all; a column of C1 for each."""
    xp, X = a["X"].__array_namespace__(), a["X"][:, :5]
    start, gram = a["W1"] @ X, X.mT @ X
    one_hot = xp.astype(gram[:, :3] == gram[:1, :3], gram.dtype)  # a matrix of zeros and ones on the right device
    norm = xp.sum(a["W1"] * a["W1"], axis=(-2, -1), keepdims=True)
    span = f.Span(gram[:, :3], start[..., :3], norm, one_hot) if place else f.Span(gram, start, norm)
    return span, {"C1": 0.1 * start, "s1": a["rates"], "b1": a["b1"], "W2": a["W2"], "b2": a["b2"]}


def span_steps(a: Arrays) -> list[Array]:
    """Forward, backward and the penalty in the span of the examples."""
    values = []
    for place in (False, True):
        span, own = spanned(a, place)
        Z, caches = f.network_forward(span, own, ["tanh"], first=f.SPAN)
        gradients = f.l2_gradients(own, f.network_backward(Z, caches, f.SPAN), a["rates"], 3.0)
        values += [Z, *gradients.values()]
    span, own = spanned(a, place=False)
    return [*values, f.l2_penalty(span, own, a["rates"], 3.0, f.SPAN)]


def scaled_step(a: Arrays) -> list[Array]:
    """Forward and backward with a factor for each parameter and a scale for each feature."""
    factors = {"W1": 0.5, "b1": 0.1, "g1": 6.0}
    own = f.multiplied({**parameters(a), "g1": a["X"][:, :1]}, factors)
    Z, caches = f.network_forward(a["X"], own, ["tanh"], first=f.SCALED)
    gradients = f.multiplied_gradients(f.network_backward(Z, caches, f.SCALED), factors)
    return [Z, *gradients.values(), f.without_scales(own)["W1"], f.l2_penalty(a["X"], own, a["rates"], 3.0, f.SCALED)]


def periodic_step(a: Arrays) -> list[Array]:
    """Forward, backward, the penalty and the Hessian times the parameters, with waves of the rows 3, 4 and 0."""
    columns = a["W1"].__array_namespace__().concat([a["W1"], 0.5 * a["W1"][..., :3]], axis=-1)
    wave = {"f1": a["W1"][..., :3, :4], "c1": 0.3 * a["W2"], "V1": a["W2"][..., :3, :], "v1": a["b1"][..., :3, :]}
    own, first = {**wave, **parameters(a), "W1": columns}, f.periodic_layer((3, 4, 0))
    Z, caches = f.network_forward(a["X"], own, ["tanh"], first=first)
    gradients = f.network_backward(f.LOSSES["softmax"].gradient(Z, a["Y"]), caches, first)
    assert first.inputs_gradient is not None
    dX = first.inputs_gradient(caches[0].Z, caches[0].linear)
    place = f.place_at(a["X"], a["Y"], own, ["tanh"], "softmax", a["weights"], a["rates"], first=first)
    penalty = f.l2_penalty(a["X"], own, a["rates"], 3.0, first)
    clipped = f.clip_gradients(a["X"], gradients, 0.1 * a["rates"], first)
    both = caches[0].linear.A_prev
    return [Z, *gradients.values(), dX, both, penalty, *clipped.values(), *f.hessian_product(place, own).values()]


def optimizer_steps(name: str) -> Callable[[Arrays], list[Array]]:
    """Two steps, so that what is remembered counts."""

    def formula(a: Arrays) -> list[Array]:
        optimizer, p = f.OPTIMIZERS[name], parameters(a)
        state = optimizer.start(p)
        own = {key: value * a["rates"] for key, value in optimizer.defaults.items()}
        for _ in range(2):
            Z, caches = f.network_forward(a["X"], p, ["tanh"])
            gradients = f.network_backward(f.LOSSES["identity"].gradient(Z, a["Y"]), caches)
            p, state = optimizer.update(p, gradients, state, learning_rate=0.1 * a["rates"], **own)
        return list(p.values())

    return formula


def layer_by_layer(a: Arrays) -> list[Array]:
    """The backward pass with what it computes on the way."""
    Z, caches = f.network_forward(a["X"], parameters(a), ["tanh"])
    steps = list(f.backward_steps(Z, caches))
    return [step.dZ for step in steps] + [value for step in steps for value in step.gradients.values()]


def padded_step(a: Arrays) -> list[Array]:
    Z, caches = f.network_forward(a["X"], parameters(a), ["sigmoid"], [a["b1"] > 0])
    return [Z, *f.network_backward(Z, caches).values()]


def step_of(hidden: str, output: str) -> Callable[[Arrays], list[Array]]:
    return lambda a: one_step(a, hidden, output)


def with_weights(formula: Callable[..., Array]) -> Callable[[Arrays], list[Array]]:
    return lambda a: [formula(a["Z"], a["Y"]), formula(a["Z"], a["Y"], a["weights"])]


def linear(a: Arrays) -> tuple[Array, f.LinearCache]:
    return f.linear_forward(a["X"], a["W1"], a["b1"])


def layer(a: Arrays) -> tuple[Array, f.LayerCache]:
    return f.layer_forward(a["X"], a["W1"], a["b1"], "leaky_relu")


def span_free(a: Arrays) -> f.Gradients:
    """The parameters as if they were gradients."""
    return {f"d{name}": value for name, value in parameters(a).items()}


def dropout(a: Arrays) -> list[Array]:
    xp = a["X"].__array_namespace__()
    device = a["X"].device
    number, units, examples = xp.asarray(3, device=device), xp.arange(5, device=device), xp.arange(7, device=device)
    return [f.dropout_factors(0.5, number, number, 2, units, examples, a["X"].dtype)]


def schedules(a: Arrays) -> list[Array]:
    xp = a["X"].__array_namespace__()
    progress = f.Progress(
        *(xp.asarray(value, dtype=a["X"].dtype, device=a["X"].device) for value in (7.0, 2.0, 9.0, 3.0))
    )
    own = {
        "decay": a["rates"],
        "interval": 2.0,
        "drop": 0.5,
        "warmup": 4.0,
        "cycles": 3.0,
        "plateau": 2,
        "least_progress": 0.1,
    }
    factors = [row.factor(progress, **{name: own[name] for name in row.defaults}) for row in f.SCHEDULES.values()]
    return factors[1:]  # the first is the number 1


FORMULAS: dict[str, Callable[[Arrays], list[Array]]] = {
    "sigmoid": lambda a: [f.sigmoid(a["Z"])],
    "sigmoid_slope": lambda a: [f.sigmoid_slope(a["Z"], f.sigmoid(a["Z"]))],
    "tanh": lambda a: [f.tanh(a["Z"])],
    "tanh_slope": lambda a: [f.tanh_slope(a["Z"], f.tanh(a["Z"]))],
    "relu": lambda a: [f.relu(a["Z"])],
    "relu_slope": lambda a: [f.relu_slope(a["Z"], f.relu(a["Z"]))],
    "leaky_relu": lambda a: [f.leaky_relu(a["Z"])],
    "leaky_relu_slope": lambda a: [f.leaky_relu_slope(a["Z"], f.leaky_relu(a["Z"]))],
    "selu": lambda a: [f.selu(a["Z"])],
    "selu_slope": lambda a: [f.selu_slope(a["Z"], f.selu(a["Z"]))],
    "mish": lambda a: [f.mish(a["Z"])],
    "mish_slope": lambda a: [f.mish_slope(a["Z"], f.mish(a["Z"]))],
    "identity": lambda a: [f.identity(a["Z"])],
    "identity_slope": lambda a: [f.identity_slope(a["Z"], a["Z"])],
    "softmax": lambda a: [f.softmax(a["Z"])],
    "softmax_backward": lambda a: [f.softmax_backward(a["dZ"], f.softmax(a["Z"]))],
    "normalize_rows": lambda a: [f.normalize_rows(a["Z"]), f.normalize_rows(a["Z"] * 0.0)],
    "normalize_columns": lambda a: [f.normalize_columns(a["Z"]), f.normalize_columns(a["Z"] * 0.0)],
    "image2vector": lambda a: [f.image2vector(a["images"][0, ...]), f.image2vector(a["X"])],
    "flatten_images": lambda a: [f.flatten_images(a["images"])],
    "binary_cross_entropy": with_weights(f.binary_cross_entropy),
    "binary_cross_entropy_gradient": with_weights(f.binary_cross_entropy_gradient),
    "cross_entropy": with_weights(f.cross_entropy),
    "cross_entropy_gradient": with_weights(f.cross_entropy_gradient),
    "squared_error": with_weights(f.squared_error),
    "squared_error_gradient": with_weights(f.squared_error_gradient),
    "absolute_error": with_weights(f.absolute_error),
    "absolute_error_gradient": with_weights(f.absolute_error_gradient),
    "huber": with_weights(f.huber),
    "huber_gradient": with_weights(f.huber_gradient),
    "poisson": lambda a: [f.poisson(1e-3 * a["Z"], a["Y"], a["weights"])],
    "poisson_gradient": lambda a: [f.poisson_gradient(1e-3 * a["Z"], a["Y"], a["weights"])],
    "exponential": lambda a: [f.exponential(1e-3 * a["Z"])],
    "clip_gradients": lambda a: [*f.clip_gradients(a["X"], span_free(a), 0.1 * a["rates"]).values()],
    "clip_factor": lambda a: [f.clip_factor(a["X"], span_free(a), 0.1 * a["rates"])],
    "euclidean_distances": lambda a: [f.euclidean_distances(a["X"], a["X"][:, :1])],
    "dropout_factors": dropout,
    "SCHEDULES": schedules,
    "cost": lambda a: [f.cost(a["weights"])],
    "L1": lambda a: [f.L1(a["Z"], a["dZ"])],
    "L1_gradient": lambda a: [f.L1_gradient(a["Z"], a["dZ"])],
    "L2": lambda a: [f.L2(a["Z"], a["dZ"])],
    "L2_gradient": lambda a: [f.L2_gradient(a["Z"], a["dZ"])],
    "linear_forward": lambda a: [linear(a)[0]],
    "linear_backward": lambda a: [*f.linear_backward(2.0 * linear(a)[0], linear(a)[1])],
    "linear_gradients": lambda a: [*f.linear_gradients(2.0 * linear(a)[0], linear(a)[1])],
    "layer_forward": lambda a: [layer(a)[0]],
    "layer_backward": lambda a: [*f.layer_backward(2.0 * layer(a)[0], layer(a)[1])],
    "activation_backward": lambda a: [f.activation_backward(2.0 * layer(a)[0], layer(a)[1])],
    "network_forward": lambda a: [f.network_forward(a["X"], parameters(a), ["tanh"])[0]],
    "network_backward": step_of("relu", "softmax"),
    "backward_steps": layer_by_layer,
    "gradient_descent": step_of("sigmoid", "identity"),
    "activation_forward": padded_step,
    "accuracy": lambda a: [f.accuracy(f.softmax(a["Z"]), a["Y"], f.LOSSES["softmax"].labels)],  # type: ignore[arg-type]
    "l2_penalty": lambda a: [f.l2_penalty(a["X"], parameters(a), a["rates"], 7.0)],
    "l2_gradients": span_steps,
    **dict.fromkeys(("multiplied", "multiplied_gradients", "without_scales"), scaled_step),
    **dict.fromkeys(("place_at", "hessian_product"), curved),
    "periodic_layer": periodic_step,
    **{name: optimizer_steps(name) for name in f.OPTIMIZERS if name != "gd"},
}
STEPS = {
    f"a step with hidden {hidden} and output {output}": step_of(hidden, output)
    for hidden in f.ACTIVATIONS
    for output in f.LOSSES
}
NO_FORMULA = {
    "Place",
    *("ACTIVATIONS", "INITIALIZERS", "INPUTS", "LEAK", "LOSSES", "OPTIMIZERS", "SCALED", "SPAN", "Activation", "Array"),
    *("MISH_END", "Progress", "SELU_ALPHA", "SELU_SCALE", "Schedule"),
    *(
        "FirstCurvature",
        "FirstLayer",
        "Gradients",
        "LayerCache",
        "LayerGradients",
        "LinearCache",
        "Loss",
        "Optimizer",
        "Parameters",
        "Periodic",
        "PeriodicCache",
        "Span",
    ),
    *("completed_sets", "cv_plus_interval", "cv_plus_sets"),  # they sort and search by NumPy
    *("he", "initialize_parameters", "lecun", "normal", "xavier", "zeros"),  # drawn by NumPy's generator
}


def strictly(arrays: Arrays, device: Any = ELSEWHERE) -> Arrays:
    return {name: strict.asarray(value, device=device) for name, value in arrays.items()}


def test_no_formula_is_left_out() -> None:
    assert set(FORMULAS) == set(f.__all__) - NO_FORMULA


def test_the_device_admits_no_help_from_numpy() -> None:
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        np.asarray(strict.ones(2, device=ELSEWHERE))
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        strict.ones(2, device=ELSEWHERE) + strict.ones(2)


@pytest.mark.parametrize("models", [(), (2,)], ids=["one model", "two models"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", [*FORMULAS, *STEPS])
def test_the_standard_gives_the_same_numbers_as_numpy(name: str, dtype: DTypeLike, models: tuple[int, ...]) -> None:
    formula = (FORMULAS | STEPS)[name]
    arrays = numbers(dtype, models)
    expected, computed = formula(arrays), formula(strictly(arrays))
    for one, other in zip(computed, expected, strict=True):
        assert type(one) is StrictArray
        assert one.device == ELSEWHERE
        values = np.from_dlpack(one.to_device(strict.Device("CPU_DEVICE")))
        assert values.dtype == other.dtype == dtype
        assert values.shape == other.shape
        assert_allclose(values, other, rtol=1e-13 if dtype == np.float64 else 1e-6)


@pytest.mark.parametrize("hidden", f.ACTIVATIONS)
def test_a_cache_of_another_library_prints_like_numpys(hidden: str) -> None:
    arrays = numbers(np.float64)
    (expected, _), (computed, _) = (
        f.network_forward(a["X"], parameters(a), [hidden])[1] for a in (arrays, strictly(arrays))
    )
    assert str(computed) == str(expected)

"""An update taken apart is the update that comes next: for every optimiser, loss, activation and setting.

Each case trains update by update, takes the next one apart, makes it, and compares. In NumPy at full width both sides
are the same bits, and those of ``train``. In XLA, and where the updates are computed in the span, they agree to
rounding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import pytest
from covering import covering
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import Anatomy, Network, Stepper
from layerlab.datasets import Part
from layerlab.formulas import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES
from layerlab.runs.history import History

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # all runs here are short

UPDATES = 5
"""Of a case: two are made, two are taken apart, and one is made after a schedule had time to act."""

ROUNDING = 1e-12
"""Relative: where two programs compute the same update."""

OWN_OF_SCHEDULES: dict[str, dict[str, Any]] = {
    "interval": {"interval": 1, "decay": 0.5},
    "step": {"interval": 1, "drop": 0.5},
    "cosine": {"warmup": 0.5},
    "log_cosine": {"cycles": 1},
    "adaptive": {"plateau": 1, "least_progress": 10.0},
}
"""Settings by which a schedule changes the rate within a few updates."""

BATCHES: tuple[int | None, ...] = (None, 4, 3)
"""All eight examples, even batches, and ragged ones."""


def draw(output: str, n_x: int = 3, m: int = 8) -> Part:
    random = np.random.RandomState(5)
    X = random.randn(n_x, m)
    Y = {
        "sigmoid": random.randint(0, 2, (1, m)).astype(np.float64),
        "several labels": random.randint(0, 2, (3, m)).astype(np.float64),
        "softmax": np.eye(3)[:, np.arange(m) % 3],
        "poisson": random.poisson(2.0, (2, m)).astype(np.float64),
        "identity": random.randn(1, m),
    }.get(output, random.randn(2, m))
    return Part(X, Y)


def network_for(part: Part, output: str, hidden: str = "tanh", layers: tuple[int, ...] = (4, 3)) -> Network:
    dims = (part.X.shape[0], *layers, part.Y.shape[0])
    return Network(dims, hidden=hidden, output="sigmoid" if output == "several labels" else output)


def settings_of(optimizer: str = "gd", schedule: str = "constant", **settings: Any) -> dict[str, Any]:
    usual = {"learning_rate": 0.05, "seed": 1, "optimizer": optimizer, "schedule": schedule, "basis": "full"}
    return {**usual, **OWN_OF_SCHEDULES.get(schedule, {}), "iterations": UPDATES, "engine": "numpy", **settings}


def taken_apart(stepper: Stepper) -> Iterator[tuple[Anatomy, dict[str, Any], float]]:
    """Take the third and fourth update apart; yield them with the parameters and the cost when they have been made."""
    stepper.advance(2)
    for update in (2, 3):
        anatomy = stepper.dissect()
        assert anatomy.update == update
        before = stepper.parameters()
        assert set(anatomy.parameters) == set(before) == set(stepper.network.shapes)
        assert stepper.advance() == 1
        yield anatomy, stepper.parameters(), float(stepper.costs[update])


def assert_same_bits(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    assert list(one) == list(other)
    for name, value in other.items():
        assert one[name].dtype == value.dtype, name
        assert_array_equal(one[name], value, err_msg=name)


def assert_within_rounding(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    assert set(one) == set(other)
    for name, value in other.items():
        size = max(1e-3, float(np.abs(value).max()))
        assert_allclose(one[name], value, rtol=0, atol=ROUNDING * size, err_msg=name)


def leaves(memory: Any) -> list[Any]:
    """The arrays of an optimiser's state, in order."""
    if isinstance(memory, Mapping):
        return [leaf for name in memory for leaf in leaves(memory[name])]
    return [leaf for one in memory for leaf in leaves(one)] if isinstance(memory, tuple) else [np.asarray(memory)]


def assert_is_the_next_update(network: Network, part: Part, **settings: Any) -> None:
    """Taken apart or made: the same bits, which are those of ``train`` too."""
    stepper = Stepper(network, part, **settings)
    shown = list(taken_apart(stepper))
    for anatomy, parameters, cost in shown:
        assert anatomy.cost == cost
        assert anatomy.new_parameters is not None
        assert anatomy.steps is not None
        assert_same_bits(anatomy.new_parameters, parameters)
        assert_same_bits(anatomy.steps, {name: parameters[name] - anatomy.parameters[name] for name in parameters})
    (first, after, _), (second, _, _) = shown
    assert_same_bits(second.parameters, after)
    for kept, found in zip(leaves(first.new_memory), leaves(second.memory), strict=True):
        assert_array_equal(kept, found)
    run = layerlab.train(network, part, advice=False, progress=False, **{**settings, "iterations": UPDATES})
    assert_array_equal(run.history.costs[2:4], [cost for *_, cost in shown])
    stepper.advance()
    assert_array_equal(stepper.costs, run.history.costs)
    assert_same_bits(stepper.run().parameters, run.parameters)


# In NumPy, at full width: no difference


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_loss_and_activation_with_every_optimizer(optimizer: str) -> None:
    for output, hidden in product((*LOSSES, "several labels"), ACTIVATIONS):
        part = draw(output)
        assert_is_the_next_update(network_for(part, output, hidden), part, **settings_of(optimizer))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_combination_of_batches_dropout_penalty_clipping_schedule_and_weights(schedule: str) -> None:
    choices = product(BATCHES, (0.0, 0.3), (0.0, 0.7), (None, 0.05), (None, 1.0))
    part, optimizers = draw("softmax"), list(OPTIMIZERS)
    weight = np.array([1.0, 0.5, 2.0, 0.0, 1.0, 3.0, 1.0, 0.25])
    for number, (batch_size, dropout, l2, clip_norm, weighs) in enumerate(choices):
        settings = settings_of(
            optimizers[number % len(optimizers)],
            schedule,
            batch_size=batch_size,
            dropout=dropout,
            l2=l2,
            clip_norm=clip_norm,
            sample_weight=None if weighs is None else weight,
            dtype="float32" if number % 3 == 2 else "float64",
        )
        assert_is_the_next_update(network_for(part, "softmax"), part, **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"class_weight": "balanced"},
        {"class_weight": "balanced", "batch_size": 3, "sample_weight": np.arange(8.0)},
        {"label_smoothing": 0.2, "l2": 0.3},
        {"monitor": "cost", "patience": 100, "batch_size": 3},
        {"monitor": "validation_accuracy", "batch_size": 4},
        {"initializer": "zeros"},
        {"momentum": 0.0, "optimizer": "momentum"},
        {"beta1": 0.0, "beta2": 0.5, "epsilon": 1.0, "optimizer": "adam", "schedule": "cosine"},
        {"weight_decay": 0.5, "optimizer": "adamw", "schedule": "step", "interval": 1},
        {"batch_size": 1, "batch_seed": 7, "dropout": 0.5, "dropout_seed": 9},
    ],
)
def test_other_settings(settings: dict[str, Any]) -> None:
    part = draw("softmax")
    monitor = settings.get("monitor") or ""
    if monitor.startswith("validation"):
        settings = {**settings, "validation": part}
    assert_is_the_next_update(network_for(part, "softmax"), part, **settings_of(**settings))


@pytest.mark.parametrize("layers", [(), (1,), (5, 4, 3, 2)])
def test_any_depth(layers: tuple[int, ...]) -> None:
    part = draw("sigmoid")
    for optimizer in OPTIMIZERS:
        assert_is_the_next_update(network_for(part, "sigmoid", layers=layers), part, **settings_of(optimizer))


def test_a_single_example_and_a_single_input() -> None:
    part = Part(np.array([[0.5]]), np.array([[1.5]]))
    assert_is_the_next_update(Network([1, 2, 1], hidden="tanh", output="identity"), part, **settings_of("adam"))


def test_taking_apart_changes_nothing() -> None:
    part = draw("softmax")
    network, settings = network_for(part, "softmax"), settings_of("adam", batch_size=3, dropout=0.3)
    looked, alone = Stepper(network, part, **settings), Stepper(network, part, **settings)
    for _ in range(UPDATES):
        looked.dissect(), looked.dissect()
        looked.advance()
        alone.advance()
    assert_array_equal(looked.costs, alone.costs)
    assert_same_bits(looked.parameters(), alone.parameters())
    assert looked.events == ()


def test_what_is_taken_apart_stays_when_training_goes_on() -> None:
    part = draw("softmax")
    for engine in ("numpy", "xla"):
        stepper = Stepper(network_for(part, "softmax"), part, **settings_of("adam", engine=engine))
        stepper.advance(2)
        anatomy, before = stepper.dissect(), stepper.parameters()
        kept = {name: value.copy() for name, value in before.items()}
        stepper.advance(2)
        assert list(anatomy.parameters) == list(kept), "jax sorts names"
        assert_same_bits(anatomy.parameters, kept)
        assert_same_bits(before, kept)  # those that a caller was given, too


# The same update of a finished run


@pytest.mark.parametrize(
    ("optimizer", "settings"),
    [
        ("gd", {}),
        ("momentum", {"batch_size": 3}),
        ("nesterov", {"l2": 0.5, "schedule": "adaptive"}),
        ("rmsprop", {"dropout": 0.3, "batch_size": 3}),
        ("adam", {"schedule": "cosine", "batch_size": 4, "dropout": 0.3}),
        ("adam_hat", {"clip_norm": 0.05}),
        ("adamw", {"schedule": "inverse_time", "l2": 0.1}),
    ],
)
def test_a_run_s_update_is_that_of_the_stepper(optimizer: str, settings: dict[str, Any]) -> None:
    part = draw("softmax")
    network, complete = network_for(part, "softmax"), settings_of(optimizer, **settings)
    run = layerlab.train(network, part, advice=False, progress=False, **complete)
    stepper = Stepper(network, part, **complete)
    for update in range(UPDATES):
        shown, anatomy = layerlab.dissect(run, part, update=update), stepper.dissect()
        assert shown.update == anatomy.update == update
        assert shown.cost == anatomy.cost == run.history.costs[update]
        assert shown.new_parameters is not None
        assert anatomy.new_parameters is not None
        assert_same_bits(shown.new_parameters, anatomy.new_parameters)
        assert_array_equal(shown.examples, anatomy.examples)
        stepper.advance()
    assert_same_bits(run.parameters, stepper.parameters())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_update_after_a_run_s_end(optimizer: str) -> None:
    part = draw("softmax")
    network, complete = network_for(part, "softmax"), settings_of(optimizer, batch_size=3, dropout=0.3)
    runs = [
        layerlab.train(network, part, advice=False, progress=False, **{**complete, "iterations": n}) for n in (4, 5)
    ]
    anatomy = layerlab.dissect(runs[0], part)
    assert (anatomy.update, anatomy.cost) == (4, runs[1].history.costs[4])
    assert anatomy.new_parameters is not None
    assert_same_bits(anatomy.new_parameters, runs[1].parameters)


# In the span: the same to rounding


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "nesterov"])
def test_in_the_span_the_update_is_shown_at_full_width(optimizer: str) -> None:
    part = draw("softmax", n_x=40)
    for batch_size, l2, clip_norm in product(BATCHES, (0.0, 0.7), (None, 0.05)):
        settings = settings_of(optimizer, batch_size=batch_size, l2=l2, clip_norm=clip_norm, basis="span")
        network = network_for(part, "softmax")
        for anatomy, parameters, cost in taken_apart(Stepper(network, part, **settings)):
            assert anatomy.layers[0].W.shape == (4, 40)
            assert anatomy.new_parameters is not None
            assert_allclose(anatomy.cost, cost, rtol=ROUNDING)
            assert_within_rounding(anatomy.new_parameters, parameters)


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "nesterov"])
def test_where_the_span_is_left_the_updates_go_on_and_no_difference_is_left(optimizer: str) -> None:
    part = draw("sigmoid", n_x=40)
    network, settings = network_for(part, "sigmoid"), settings_of(optimizer, l2=0.7, basis="span", iterations=8)
    stepper, stays = Stepper(network, part, **settings), Stepper(network, part, **settings)
    stepper.advance(4)
    stays.advance(8)
    stepper.change(basis="full")
    for update in range(4, 8):
        anatomy = stepper.dissect()
        stepper.advance()
        assert anatomy.cost == stepper.costs[update]
        assert anatomy.new_parameters is not None
        assert_same_bits(anatomy.new_parameters, stepper.parameters())
    assert_allclose(stepper.costs, stays.costs, rtol=ROUNDING)
    for name, value in stays.parameters().items():
        assert_allclose(stepper.parameters()[name], value, rtol=0, atol=1e-11, err_msg=name)


# Compiled: the same to rounding

COMPILED = covering(
    OPTIMIZERS, (*LOSSES, "several labels"), ACTIVATIONS, BATCHES, (0.0, 0.3), (0.0, 0.7), (0.05, None), SCHEDULES
)


def assert_compiled_is_shown(case: tuple[Any, ...]) -> None:
    optimizer, output, hidden, batch_size, dropout, l2, clip_norm, schedule = case
    part = draw(output)
    settings = settings_of(
        optimizer,
        schedule,
        batch_size=batch_size,
        dropout=dropout,
        l2=l2,
        clip_norm=clip_norm,
        sample_weight=np.arange(8.0) if len(output) % 2 else None,
        engine="xla",
    )
    for anatomy, parameters, cost in taken_apart(Stepper(network_for(part, output, hidden), part, **settings)):
        assert anatomy.new_parameters is not None
        assert_allclose(anatomy.cost, cost, rtol=ROUNDING)
        assert_within_rounding(anatomy.new_parameters, parameters)


@pytest.mark.parametrize("case", COMPILED[1:2], ids=str)
def test_of_the_compiled_engine(case: tuple[Any, ...]) -> None:
    assert_compiled_is_shown(case)


@pytest.mark.processes
@pytest.mark.parametrize("case", COMPILED[:1] + COMPILED[2:], ids=str)
def test_of_the_compiled_engine_everything_else(case: tuple[Any, ...]) -> None:
    assert_compiled_is_shown(case)


@pytest.mark.parametrize("optimizer", ["momentum", pytest.param("gd", marks=pytest.mark.processes)])
def test_of_the_compiled_engine_in_the_span(optimizer: str) -> None:
    part = draw("softmax", n_x=40)
    settings = settings_of(optimizer, batch_size=3, l2=0.7, basis="span", engine="xla")
    for anatomy, parameters, cost in taken_apart(Stepper(network_for(part, "softmax"), part, **settings)):
        assert anatomy.new_parameters is not None
        assert_allclose(anatomy.cost, cost, rtol=ROUNDING)
        assert_within_rounding(anatomy.new_parameters, parameters)


# L-BFGS: its line search has no inside


def costs_and_gradients(anatomy: Anatomy, history: History) -> None:
    assert anatomy.cost == history.costs[anatomy.update]
    assert anatomy.new_parameters is None
    assert anatomy.new_memory is None
    assert anatomy.steps is None
    assert anatomy.new_cost is None
    assert anatomy.learning_rate is None
    assert any("line search" in note for note in anatomy.notes)
    assert "line search" in str(anatomy)


@pytest.mark.parametrize("output", [*LOSSES, "several labels"])
def test_of_lbfgs_forward_cost_and_backward_are_shown_and_the_line_search_is_named(output: str) -> None:
    part = draw(output)
    network, settings = network_for(part, output), settings_of("lbfgs", learning_rate=None, l2=0.1)
    run = layerlab.train(network, part, advice=False, progress=False, **settings)
    stepper = Stepper(network, part, **settings)
    for update in range(3):
        anatomy = stepper.dissect()
        costs_and_gradients(anatomy, run.history)
        costs_and_gradients(layerlab.dissect(run, part, update=update), run.history)
        assert len(anatomy.layers) == 3
        assert set(anatomy.gradients) == {f"d{name}" for name in network.shapes}
        assert_slopes(anatomy, part)
        stepper.advance()


def assert_slopes(anatomy: Anatomy, part: Part, step: float = 1e-6) -> None:
    """The gradients are the central differences of the cost along one direction."""
    random, network = np.random.RandomState(0), anatomy.network
    direction = {name: random.randn(*value.shape) for name, value in anatomy.parameters.items()}

    def cost_at(t: float) -> float:
        A, theta = part.X, {name: value + t * direction[name] for name, value in anatomy.parameters.items()}
        for layer, activation in enumerate((*network.activations, None), start=1):
            Z = theta[f"W{layer}"] @ A + theta[f"b{layer}"]
            A = Z if activation is None else ACTIVATIONS[activation].function(Z)
        squares = sum(float((value**2).sum()) for name, value in theta.items() if name.startswith("W"))
        mean = float(np.mean(network.loss.losses(Z, part.Y)))
        return float(mean + 0.1 / (2 * part.X.shape[1]) * squares)

    slope = sum(float(np.vdot(anatomy.gradients[f"d{name}"], direction[name])) for name in direction)
    assert_allclose(slope, (cost_at(step) - cost_at(-step)) / (2 * step), rtol=1e-5, atol=1e-7)
    assert_allclose(anatomy.cost, cost_at(0.0), rtol=1e-12)

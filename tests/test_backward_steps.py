"""The backward pass layer by layer, and an update's parts: the same bits and the same compiled program as without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from layerlab import Network
from layerlab.formulas import (
    LayerCache,
    Parameters,
    activation_backward,
    backward_steps,
    clip_gradients,
    linear_backward,
    linear_gradients,
    network_backward,
    network_forward,
)
from layerlab.runs.settings_rules import with_defaults
from layerlab.training.batches import batches
from layerlab.training.job import Job, Member
from layerlab.training.layout import laid_out
from layerlab.training.train import single_job
from layerlab.training.updates import EngineData, Program, State, objective, parts

Case = tuple[Program, EngineData, State, Any]
EXAMPLES, FEATURES = 24, 30

CASES: dict[str, tuple[dict[str, Any], bool, int]] = {
    "relu, batches": ({"batch_size": 9}, False, 1),
    "L2, clipping, dropout": ({"l2": 0.3, "clip_norm": 0.05, "dropout": 0.4, "optimizer": "adam"}, False, 1),
    "weights": ({"class_weight": "balanced", "label_smoothing": 0.1, "l2": 0.1, "batch_size": 7}, False, 1),
    "span": ({"l2": 0.2, "clip_norm": 0.1}, True, 1),
    "population": ({"l2": 0.2}, False, 3),
}
"""Settings, whether the first layer is in the span, and how many models."""


def job_of(settings: dict[str, Any], models: int = 1) -> Job:
    random = np.random.RandomState(2)
    X, Y = random.randn(FEATURES, EXAMPLES), np.eye(3)[:, np.arange(EXAMPLES) % 3]
    network = Network([FEATURES, 6, 5, 3], hidden=["relu", "tanh"])
    complete = with_defaults({"learning_rate": 0.1, "iterations": 9, **settings})
    job = single_job(network, (X, Y), validation=None, parameters=None, settings=complete)
    if models == 1:
        return job
    own = job.members[0]
    members = [Member(own.network, {**own.settings, "seed": seed}, seed) for seed in range(models)]
    return Job(tuple(members), job.part, alone=False)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    settings, span, models = CASES[request.param]
    job = job_of(settings, models)
    data, state = laid_out(job, span)
    batch = next(batches(job.m, job.batch_size, 0, "float64", job.weights)) if job.batch_size else None
    return job.program(span), data, state, batch


def spelled_out(dZ: Any, caches: Sequence[LayerCache]) -> dict[str, Any]:
    """The backward pass of three layers, line by line."""
    one, two, three = caches
    dA2, dW3, db3 = linear_backward(dZ, three.linear)
    dA1, dW2, db2 = linear_backward(activation_backward(dA2, two), two.linear)
    dW1, db1 = linear_gradients(activation_backward(dA1, one), one.linear)
    return {"dW3": dW3, "db3": db3, "dW2": dW2, "db2": db2, "dW1": dW1, "db1": db1}


def forward() -> tuple[Any, list[LayerCache]]:
    job = job_of({})
    return network_forward(job.part.X, job.start(job.members[0]), job.network.activations)


def test_a_step_for_each_layer_from_the_last_down_with_the_bits_of_the_formulas() -> None:
    Z, caches = forward()
    steps = list(backward_steps(Z, caches))
    assert [step.layer for step in steps] == [3, 2, 1]
    assert steps[0].dA is None
    for step, cache in zip(steps[1:], caches[1::-1], strict=True):
        assert step.dA is not None
        assert_array_equal(activation_backward(step.dA, cache), step.dZ)
    expected = spelled_out(Z, caches)
    assert list(network_backward(Z, caches)) == list(expected)  # the order too, which a compiled program keeps
    for name, value in network_backward(Z, caches).items():
        assert_array_equal(value, expected[name], strict=True)


def flops(function: Callable[..., Any], *arguments: Any) -> float:
    with jax.enable_x64(True):
        cost: Any = jax.jit(function).lower(*arguments).compile().cost_analysis()
    return float(cost["flops"])


def test_the_steps_compile_to_the_operations_of_the_formulas() -> None:
    Z, _ = forward()
    job = job_of({})
    start = job.start(job.members[0])

    def through(backward: Callable[..., Any], parameters: Parameters) -> Any:
        logits, caches = network_forward(job.part.X, parameters, job.network.activations)
        return backward(logits, caches)

    assert Z.shape == (3, EXAMPLES)
    assert flops(partial(through, network_backward), start) == flops(partial(through, spelled_out), start)


def test_the_parts_have_the_bits_of_the_objective(case: Case) -> None:
    program, data, state, batch = case
    value, gradients = objective(program, data, state.parameters, batch, update=state.update)
    found = parts(program, data, state.parameters, batch, update=state.update, by_layer=True)
    assert_array_equal(found.cost, value, strict=True)
    assert list(found.gradients) == list(gradients)
    for name, gradient in gradients.items():
        assert_array_equal(found.gradients[name], gradient, strict=True)
    assert [layer.layer for layer in found.layers] == [3, 2, 1]
    assert_array_equal(found.layers[0].dZ, found.dZ)
    assert program.penalized == bool(np.all(np.asarray(found.penalty) > 0))
    assert program.clipped == bool(np.all(np.asarray(found.clipped_by) < 1))


def test_parts_that_are_not_used_are_not_compiled(case: Case) -> None:
    program, data, state, batch = case

    def used(parameters: Parameters) -> Any:
        found = parts(program, data, parameters, batch, update=state.update, by_layer=True)
        return found.cost, found.gradients

    plain = partial(objective, program, data, batch=batch, update=state.update)
    assert flops(used, state.parameters) == flops(plain, state.parameters)


def test_a_training_does_not_keep_the_layers(case: Case) -> None:
    program, data, state, batch = case
    assert parts(program, data, state.parameters, batch, update=state.update).layers == ()


def test_clipped_gradients_have_the_bits_of_their_formula() -> None:
    job = job_of({"clip_norm": 0.05})
    data, state = laid_out(job, span=False)
    free, clipped = (
        parts(job.program(span=False)._replace(clipped=on), data, state.parameters) for on in (False, True)
    )
    expected = clip_gradients(data.X, free.gradients, data.rates["clip_norm"])
    for name, value in expected.items():
        assert_array_equal(clipped.gradients[name], value, strict=True)
    assert free.clipped_by == 1.0

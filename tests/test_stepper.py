"""A training that is driven update by update is that of ``train``, and goes back and on with the same numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import layerlab
from layerlab import Network, Run, Stepper
from layerlab.datasets import Part
from layerlab.formulas import Parameters

whole_flower = layerlab.datasets.load_flower()
flower = replace(
    whole_flower,
    train=Part(whole_flower.train.X[:, ::7], whole_flower.train.Y[:, ::7]),
    test=Part(whole_flower.test.X[:, ::11], whole_flower.test.Y[:, ::11]),
)
SMALL = Network([2, 5, 4, 1], hidden="tanh")


def same(one: Parameters, other: Parameters) -> bool:
    """Whether all parameters have the same bits."""
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def assert_same_run(one: Run, other: Run) -> None:
    """Everything that a run says but its times."""
    assert same(one.parameters, other.parameters)
    for name in ("costs", "validation_costs", "validation_accuracies", "sizes"):
        np.testing.assert_array_equal(getattr(one.history, name), getattr(other.history, name), name)
    for name in ("every", "epoch", "kept_at", "initial_cost", "stopped", "interrupted", "validated_after"):
        assert getattr(one.history, name) == getattr(other.history, name), name
    assert (one.verdict, one.diagnosis, one.settings) == (other.verdict, other.diagnosis, other.settings)


WAYS: list[dict[str, Any]] = [
    {"learning_rate": 0.3},
    {"learning_rate": 0.01, "optimizer": "adam", "batch_size": 16, "dropout": 0.2, "l2": 0.1, "clip_norm": 1.0},
    {"learning_rate": 0.3, "schedule": "adaptive", "plateau": 2, "validation": flower.test},
    {"optimizer": "lbfgs", "validation": flower.test},
]


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("way", WAYS)
def test_a_training_in_steps_is_the_training(way: dict[str, Any], engine: str) -> None:
    settings = {**way, "iterations": 50, "engine": engine}
    s = Stepper(SMALL, flower, **settings)
    assert [s.advance(n) for n in (1, 1, 3, 5, 40)] == [1, 1, 3, 5, 40]
    whole = layerlab.train(SMALL, flower, **settings, advice=False)
    assert_same_run(s.run(), whole)
    assert np.array_equal(s.costs, whole.history.costs)
    with pytest.raises(layerlab.InputError, match="all 50 iterations are made; prolong"):
        s.advance()

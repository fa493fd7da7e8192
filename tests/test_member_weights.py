"""A population whose members weigh the examples each in their own way: what cross-validation trains."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import layerlab
from layerlab import Network
from layerlab.datasets import Part
from layerlab.formulas.arrays import Floats
from layerlab.runs.argument_checks import check_part
from layerlab.runs.settings_rules import complete_settings
from layerlab.settings import SETTINGS
from layerlab.training.fit import chunks_of, coordinates_of, full_parameters, start_engine
from layerlab.training.job import Job, Member
from layerlab.training.planner import make_plan

FOLDS = 3


def _wide() -> Part:
    random = np.random.RandomState(0)
    X = random.randn(60, 40)
    return Part(X, (X[:1] * X[1:2] > 0).astype(float))


def _masks(m: int) -> Floats:
    return np.asarray(np.arange(m) % FOLDS != np.arange(FOLDS)[:, None], float)


def _job(part: Part, network: Network, **settings: object) -> Job:
    usual = {name: setting.default for name, setting in SETTINGS.items()}
    complete = complete_settings(part.X.shape[1], **{**usual, **settings})
    members = tuple(Member(network.for_labels(part.Y), complete, number) for number in range(FOLDS))
    checked = check_part(network, part, complete["dtype"])
    return Job(members, checked, alone=False, sample_weight=_masks(part.X.shape[1]))


HOW = {
    "span": {"optimizer": "nesterov", "l2": 0.5},
    "full width": {"optimizer": "adam", "l2": 0.5},
    "batches": {"optimizer": "momentum", "batch_size": 7, "l2": 0.5, "dropout": 0.3},
    "batches in the span": {"optimizer": "gd", "batch_size": 7, "l2": 0.5, "basis": "span"},
    "balanced": {"optimizer": "gd", "class_weight": "balanced"},
}


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
def test_each_member_is_what_train_gives_with_its_weights(how: dict[str, object], engine: str) -> None:
    part, network = _wide(), Network([60, 5, 1], hidden="tanh")
    asked = {"learning_rate": 0.05, "iterations": 40, "engine": engine, **how}
    job = _job(part, network, **asked)
    plan = make_plan(job)
    *_, last = list(chunks_of(job, plan))
    for number, mask in enumerate(_masks(40)):
        alone = layerlab.train(network, part, sample_weight=mask, **asked)  # type: ignore[arg-type]
        parameters = full_parameters(job, number, coordinates_of(job, last, number))
        for name, value in alone.parameters.items():
            np.testing.assert_allclose(parameters[name], value, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
def test_examples_are_judged_without_weights(how: dict[str, object], engine: str) -> None:
    part = _wide()
    job = _job(part, Network([60, 5, 1], hidden="tanh"), learning_rate=0.05, iterations=1, engine=engine, **how)
    plan = make_plan(job)
    losses, said = start_engine(job, plan).engine.losses_and_predictions(start_engine(job, plan).state.parameters)
    assert losses.shape == (FOLDS, 40)
    assert said.shape == (FOLDS, 1, 40)
    np.testing.assert_allclose(losses, -np.log(np.where(part.Y == 1, said, 1 - said))[:, 0], rtol=1e-9)


def test_a_slice_keeps_its_own_weights() -> None:
    job = _job(_wide(), Network([60, 1]), learning_rate=0.1, iterations=1)
    some = job.slice(1, 3)
    assert some.sample_weight is not None
    np.testing.assert_array_equal(some.sample_weight, _masks(40)[1:])
    one = replace(job, sample_weight=np.ones(40)).slice(0, 1)
    assert one.sample_weight is not None
    assert one.sample_weight.shape == (40,)


def test_a_weight_of_nothing_is_an_example_left_out() -> None:
    part, mask = _wide(), _masks(40)[0]
    asked = {"learning_rate": 0.05, "iterations": 40, "l2": 0.5, "optimizer": "nesterov"}
    network = Network([60, 5, 1], hidden="tanh")
    weighted = layerlab.train(network, part, sample_weight=mask, **asked)  # type: ignore[arg-type]
    left = Part(part.X[:, mask > 0], part.Y[:, mask > 0])
    without = layerlab.train(network, left, **asked)  # type: ignore[arg-type]
    for name, value in without.parameters.items():
        np.testing.assert_allclose(weighted.parameters[name], value, rtol=1e-9, atol=1e-11)

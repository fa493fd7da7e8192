"""What overflows in one place is no 0 · ∞ elsewhere: of a neighbour in a population, of an example without weight."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import Network
from layerlab.datasets import Part
from layerlab.formulas import l2_penalty
from layerlab.formulas.losses import LOSSES
from layerlab.training.fit import start_engine
from layerlab.training.planner import make_plan
from layerlab.training.short_trainings import last_costs
from layerlab.training.train import single_job

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")

SIGNS = np.array([[1.0, -1.0] * 10])
TINY = (1e-20 * SIGNS, 1e5 * SIGNS)
"""Examples whose weight grows to 1e20, whose square float32 cannot hold."""


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_a_member_without_a_penalty_beside_one_whose_penalty_overflows(engine: str) -> None:
    how: dict[str, Any] = {"learning_rate": 1e35, "iterations": 5, "dtype": "float32", "engine": engine}
    result = layerlab.sweep(Network([1, 1]), TINY, l2=[0.0, 1e-3], progress=False, **how)
    assert [history.diverged for history in result.histories] == [False, True]
    alone = layerlab.train(Network([1, 1]), TINY, progress=False, **how)
    assert np.abs(alone.parameters["W1"]).max() > 1e19
    assert_allclose(result.histories[0].costs, alone.history.costs, rtol=1e-5)


@np.errstate(over="ignore")
def test_the_penalty_of_nothing_is_nothing() -> None:
    parameters = {"W1": np.array([[[1e200]], [[1e200]]]), "b1": np.zeros((2, 1, 1))}
    l2 = np.array([0.0, 1.0])[:, None, None]
    assert_array_equal(l2_penalty(None, parameters, l2, 3), [0.0, np.inf])
    assert_array_equal(l2_penalty(None, parameters, 0.0, 3), [0.0, 0.0])


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("batch_size", [None, 3])
def test_an_example_of_weight_0_whose_loss_is_infinite_counts_for_nothing(engine: str, batch_size: int | None) -> None:
    X, Y = np.array([[0.1, 0.2, 0.3, 4000.0]]), np.array([[1.0, 2.0, 3.0, 5.0]])
    how: dict[str, Any] = {"learning_rate": 0.1, "iterations": 4, "engine": engine, "batch_size": batch_size}
    network, weights = Network([1, 1], output="poisson"), np.array([1.0, 1.0, 1.0, 0.0])
    start = {"W1": np.array([[1.0]]), "b1": np.array([[0.0]])}
    run = layerlab.train(network, (X, Y), sample_weight=weights, parameters=start, progress=False, **how)
    assert len(run.history.costs) == 4
    assert np.isfinite(run.history.costs).all()
    assert np.isfinite(run.history.curve).all()
    assert not run.diverged
    assert "diverged" not in [finding.kind for finding in run.diagnosis]
    if batch_size is None:
        without = layerlab.train(network, (X[:, :3], Y[:, :3]), parameters=start, progress=False, **how)
        assert_allclose(run.history.costs, without.history.costs, rtol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_a_weight_of_0_takes_loss_and_gradient_away(name: str) -> None:
    loss, weights = LOSSES[name], np.array([2.0, 0.0])
    Z, Y = np.array([[0.5, np.inf], [0.1, -np.inf]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    with np.errstate(all="ignore"):
        assert loss.losses(Z, Y, weights)[1] == 0.0
        assert_array_equal(loss.gradient(Z, Y, weights)[:, 1], [0.0, 0.0])
    assert_allclose(loss.losses(Z[:, :1], Y[:, :1], weights[:1]), 2 * loss.losses(Z[:, :1], Y[:, :1]))


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_a_batch_without_weight_is_no_part_of_the_monitored_mean(engine: str) -> None:
    X = np.random.default_rng(0).normal(size=(2, 40))
    part, weights = (X, (X[:1] > 0).astype(float)), (np.arange(40) % 10 == 0).astype(float)
    how: dict[str, Any] = {"batch_size": 3, "epochs": 6, "learning_rate": 0.1, "l2": 0.5, "monitor": "cost"}
    run = layerlab.train(Network([2, 1]), part, sample_weight=weights, engine=engine, progress=False, **how)
    assert (run.history.sizes == 0).any()
    assert run.history.kept_at == run.history.epoch * (1 + int(np.argmin(run.history.curve)))
    assert run.history.figures["cost"] == pytest.approx(run.history.curve.min(), rel=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("basis", ["full", "span"])
def test_the_objective_of_all_examples_has_their_weights_with_batches_too(engine: str, basis: str) -> None:
    X, weights = np.random.default_rng(0).normal(size=(4, 19)), np.linspace(0.0, 2.0, 19)
    part, costs = (X, (X[:1] > 0).astype(float)), []
    for batch_size in (None, 5):
        settings: dict[str, Any] = {"learning_rate": 0.1, "iterations": 3, "l2": 0.7, "batch_size": batch_size}
        settings |= {"engine": engine, "basis": basis}
        whole = {name: row.default for name, row in layerlab.settings.SETTINGS.items()} | settings
        job = single_job(Network([4, 1]), part, (weights, None), validation=None, parameters=None, settings=whole)
        started, state = start_engine(job, make_plan(job), longest=1)
        costs.append(float(started.objective(state.parameters)[0]))
    assert costs[1] == pytest.approx(costs[0], rel=1e-12)


def test_short_trainings_count_an_example_of_weight_0_for_nothing() -> None:
    X, Y = np.linspace(-1, 1, 9)[None], np.linspace(0, 2, 9)[None]
    weights = np.where(np.arange(9) > 0, np.arange(9.0), 0.0)
    costs = []
    for first in (0.0, 1e200):  # its square is infinite
        part = Part(X, np.where(np.arange(9) > 0, Y, first))
        how = {"learning_rate": 0.1, "iterations": 9}
        network = Network([1, 1], output="identity")
        job = single_job(network, part, (weights, None), validation=None, parameters=None, settings=how)
        costs.append(last_costs(job, [{}], 9, lambda: False))
    assert np.isfinite(costs[0]).all()
    assert_allclose(costs[1], costs[0], rtol=1e-9)

"""Values that are learned on one scale and answered in their own units, against the same done by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_diabetes

import layerlab
from layerlab.datasets import Dataset, Part, Standardization

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")

X, y = load_diabetes(return_X_y=True)
X, Y = 20 * X.T, y[None]
TRAIN, TEST = Part(X[:, :350], Y[:, :350]), Part(X[:, 350:], Y[:, 350:])
SCALING = Standardization(TRAIN.Y.mean(axis=1, keepdims=True), TRAIN.Y.std(axis=1, keepdims=True))
DIABETES = Dataset("diabetes", TRAIN, TEST, target_scaling=SCALING)
NETWORK = layerlab.Network([10, 8, 1], hidden="tanh")


def scaled(part: Part) -> Part:
    return Part(part.X, SCALING(part.Y))


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_costs_are_those_of_the_scaled_values_and_answers_are_in_their_own_units(engine: str) -> None:
    how: dict[str, Any] = {"learning_rate": 0.1, "iterations": 50, "engine": engine, "metrics": ["rmse", "r2"]}
    run = layerlab.train(NETWORK, DIABETES, validation=TEST, **how)
    by_hand = layerlab.train(NETWORK, scaled(TRAIN), validation=scaled(TEST), **how)
    assert_array_equal(run.history.costs, by_hand.history.costs)
    assert_array_equal(run.history.validation_costs, by_hand.history.validation_costs)
    assert_allclose(run.predict(TEST.X), SCALING.undone(by_hand.predict(TEST.X)), rtol=1e-12)
    ours, theirs = run.history.final_metrics, by_hand.history.final_metrics
    assert ours["validation_r2"] == pytest.approx(theirs["validation_r2"], rel=1e-10)
    assert ours["training_rmse"] == pytest.approx(theirs["training_rmse"] * float(SCALING.scale[0, 0]), rel=1e-10)


def test_a_sweep_answers_as_train_does() -> None:
    sweep = layerlab.sweep(NETWORK, DIABETES, learning_rate=[0.1, 0.05], iterations=50)
    run = layerlab.train(NETWORK, DIABETES, learning_rate=0.05, iterations=50)
    assert_allclose(sweep.runs[1].predict(TEST.X), run.predict(TEST.X), rtol=1e-10)
    assert sweep.runs[1].target_scaling == SCALING


def test_a_callback_sees_parameters_that_answer_in_own_units() -> None:
    seen = []
    run = layerlab.train(
        NETWORK,
        DIABETES,
        learning_rate=0.1,
        iterations=20,
        every=20,
        callback=lambda moment: seen.append(moment.parameters()),
    )
    assert_allclose(seen[-1]["W2"], run.parameters["W2"], rtol=1e-12)


def test_training_goes_on_from_parameters_in_own_units() -> None:
    whole = layerlab.train(NETWORK, DIABETES, learning_rate=0.1, iterations=40)
    first = layerlab.train(NETWORK, DIABETES, learning_rate=0.1, iterations=20)
    second = layerlab.train(NETWORK, DIABETES, learning_rate=0.1, iterations=20, parameters=first.parameters)
    assert_allclose(second.history.costs, whole.history.costs[20:], rtol=1e-9)


def test_counts_are_not_scaled() -> None:
    network = layerlab.Network([10, 4, 1], output="poisson")
    run = layerlab.train(network, DIABETES, learning_rate=1e-4, iterations=3)
    plain = layerlab.train(network, TRAIN, learning_rate=1e-4, iterations=3)
    assert_array_equal(run.history.costs, plain.history.costs)


def test_a_saved_run_remembers_the_scale(tmp_path: Path) -> None:
    run = layerlab.train(NETWORK, DIABETES, learning_rate=0.1, iterations=3)
    again = layerlab.load(run.save(tmp_path / "run"))
    assert again.target_scaling is not None
    assert_array_equal(again.target_scaling.scale, SCALING.scale)
    assert_array_equal(again.predict(TEST.X), run.predict(TEST.X))

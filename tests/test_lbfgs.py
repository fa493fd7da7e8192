"""L-BFGS in ``train`` and ``sweep``: SciPy's, on our objective; how it ends, and what it is not mixed with."""

from __future__ import annotations

import gc
import threading
import time
from typing import Any

import numpy as np
import pytest
from command import Say
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.optimize import minimize

import layerlab
from layerlab import InputError, Network
from layerlab.datasets import Dataset, load_breast_cancer, load_flower
from layerlab.training import lbfgs

NETWORK = Network([30, 8, 1], hidden="tanh")


@pytest.fixture(scope="module")
def cancer() -> Dataset:
    return load_breast_cancer().standardized()


def trained(data: Any, network: Network = NETWORK, **settings: Any) -> layerlab.Run:
    arguments: dict[str, Any] = {"iterations": 40, "l2": 1.0, "optimizer": "lbfgs", "progress": False}
    return layerlab.train(network, data, **(arguments | settings))


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_costs_are_those_of_scipy_on_a_cost_written_by_hand(engine: str, cancer: Dataset) -> None:
    X, Y = cancer.train
    drawn = np.random.RandomState(0)
    W1, W2 = drawn.randn(8, 30) * np.sqrt(2 / 30), drawn.randn(1, 8) * np.sqrt(2 / 8)

    def cost(x: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        W, b, V, c = x[:240].reshape(8, 30), x[240:248, None], x[248:256].reshape(1, 8), x[256:]
        A = np.tanh(W @ X + b)
        Z, m = V @ A + c, X.shape[1]
        value = np.mean(np.logaddexp(0, Z) - Y * Z) + 0.5 * ((W**2).sum() + (V**2).sum()) / m
        dZ = (1 / (1 + np.exp(-Z)) - Y) / m
        dA = V.T @ dZ * (1 - A**2)
        slopes = (dA @ X.T + W / m, dA.sum(axis=1), dZ @ A.T + V / m, dZ.sum(axis=1))
        return float(value), np.concatenate([slope.ravel() for slope in slopes])

    seen = []
    first = np.concatenate([W1.ravel(), np.zeros(8), W2.ravel(), [0.0]])
    result = minimize(
        cost, first, jac=True, method="L-BFGS-B", options={"maxiter": 40, "gtol": 1e-5},
        callback=lambda intermediate_result: seen.append(intermediate_result.fun),
    )  # fmt: skip
    run = trained(cancer, engine=engine)
    assert_allclose(run.history.costs, [cost(first)[0], *seen[:-1]], rtol=1e-6)
    assert_allclose(run.parameters["W1"].ravel(), result.x[:240], rtol=1e-4, atol=1e-6)


def test_engines_and_chunks_and_populations_agree(cancer: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    one = trained(cancer)
    assert_allclose(trained(cancer, engine="xla").history.costs, one.history.costs, rtol=1e-7)
    result = layerlab.sweep(NETWORK, cancer, optimizer="lbfgs", iterations=40, l2=[0.5, 1.0], progress=False)
    assert_allclose(result.runs[1].history.costs, one.history.costs, rtol=1e-9)
    assert result.table[0]["cost"] != result.table[1]["cost"]
    monkeypatch.setattr("layerlab.training.engines.CHUNK_SECONDS", 0.0)
    assert_array_equal(trained(cancer).history.costs, one.history.costs)


def test_it_ends_where_the_gradient_vanishes(cancer: Dataset) -> None:
    run = trained(cancer, iterations=5000, engine="numpy")
    assert 50 < len(run.history.costs) < 5000
    assert not run.history.interrupted
    assert run.diagnosis == ()
    assert_array_equal(run.history.costs, trained(cancer, iterations=400, engine="numpy").history.costs)


def test_a_monitor_ends_it_and_keeps_the_best(cancer: Dataset) -> None:
    run = trained(cancer, iterations=500, l2=0.0, monitor="validation_cost", patience=5, validation=cancer.test)
    kept, costs = run.history.kept_at, run.history.validation_costs
    assert kept is not None
    assert len(costs) == kept + 5
    assert kept == int(np.argmin(costs[1:])) + 1 or kept == len(costs)
    part = trained(cancer, iterations=kept, l2=0.0)
    assert_array_equal(run.parameters["W1"], part.parameters["W1"])


def test_weights_and_float32_and_callbacks(cancer: Dataset) -> None:
    weights = np.arange(cancer.train.X.shape[1]) % 3
    X, Y = cancer.train
    repeated = np.repeat(np.arange(len(weights)), weights)
    run = trained((X, Y), sample_weight=weights, iterations=10)
    assert_allclose(
        run.history.costs, trained((X[:, repeated], Y[:, repeated]), iterations=10).history.costs, rtol=1e-9
    )
    single = trained(cancer, dtype="float32", iterations=10)
    assert single.parameters["W1"].dtype == np.float32
    assert_allclose(single.history.costs, trained(cancer, iterations=10).history.costs, rtol=1e-3)
    told: list[int] = []

    def callback(moment: layerlab.Moment) -> bool:
        told.append(moment.iteration)
        return moment.iteration == 6

    ended = trained(cancer, every=2, callback=callback)
    assert told == [2, 4, 6]
    assert_array_equal(ended.parameters["W1"], trained(cancer, iterations=6).parameters["W1"])


def test_nothing_of_it_stays_behind(cancer: Dataset) -> None:
    trained(cancer, callback=lambda moment: True, every=1)
    gc.collect()
    deadline = time.monotonic() + 10
    while any(thread.name == "L-BFGS" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_goes_wrong_in_its_thread_is_raised(cancer: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any, **settings: Any) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(lbfgs, "minimized", broken)
    with pytest.raises(MemoryError, match="no room"):
        trained(cancer)


def test_a_cost_that_is_not_finite_from_the_start() -> None:
    X = np.array([[1e200, -1e200, 1e200]])
    with pytest.warns(layerlab.TrainingWarning, match="diverged"):
        run = trained((X, X), Network([1, 1]), l2=0.0)
    assert len(run.history.costs) <= 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"learning_rate": 0.1}, "learning_rate=0.1 has no meaning for optimizer='lbfgs', whose line search"),
        ({"batch_size": 10}, "batch_size=10 has no meaning for optimizer='lbfgs'"),
        ({"dropout": 0.1}, "dropout=0.1 has no meaning for optimizer='lbfgs'"),
        ({"clip_norm": 1.0}, "clip_norm=1.0 has no meaning for optimizer='lbfgs'"),
        ({"schedule": "cosine"}, "schedule='cosine' has no meaning for optimizer='lbfgs'"),
        ({"basis": "span"}, "basis='span': L-BFGS uses lengths, which the coefficients of examples do not preserve"),
        ({"checkpoint": "c"}, "a checkpoint of optimizer='lbfgs': SciPy does not give access to"),
        ({"optimizer": "gd"}, "learning_rate=None: wanted a finite number above 0 (step size α"),
    ],
)
def test_what_it_is_not_mixed_with(settings: dict[str, Any], words: str, cancer: Dataset) -> None:
    with pytest.raises(InputError) as caught:
        trained(cancer, **settings)
    assert str(caught.value).startswith(words)


def test_on_the_command_line_and_in_a_folder(say: Say) -> None:
    said = say("train", "flower", "--hidden", "tanh", "--optimizer", "lbfgs", "--iterations", 200, "--out", "run")
    assert said.status == 0
    assert "L-BFGS" in said.words
    assert "learning rate" not in said.words
    run = layerlab.load("run")
    assert run.settings["learning_rate"] is None
    assert run.accuracy(load_flower().train) > 0.85
    assert say("train", "flower", "--optimizer", "lbfgs", "--learning-rate", 1, "--iterations", 2).status == 2


def test_a_start_that_cannot_be_made_better_is_a_run(say: Say) -> None:
    said = say("train", "flower", "--optimizer", "lbfgs", "--iterations", 50, "--initializer", "zeros", "--out", "z")
    assert said.status == 0


@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore::layerlab.TrainingWarning")
def test_features_out_of_reach_are_told() -> None:
    X = np.random.RandomState(0).randn(3, 9) * 1e200
    run = trained((X, np.arange(9)[None] % 2), Network([3, 4, 1]), l2=0.0)
    assert len(run.history.costs) == 1
    assert any("the features are large" in finding.cause for finding in run.diagnosis)

"""What a network may be trained for: values by several errors, counts, several labels, with weights of examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

import layerlab
from layerlab import InputError, Network
from layerlab.datasets import Part
from layerlab.training.diagnosis import constant_cost

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short

Floats = NDArray[np.float64]
X0 = np.zeros((1, 9))
COUNTS = np.array([[0.0, 1, 1, 2, 3, 5, 8, 13, 30]])


def fitted(output: str, Y: Floats, **settings: Any) -> layerlab.Run:
    """A network of one bias: X is zero."""
    arguments: dict[str, Any] = {"learning_rate": 0.02, "iterations": 6000, "progress": False, **settings}
    return layerlab.train(Network([1, 1], output=output), (X0, Y), **arguments)


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize(
    ("output", "constant"),
    [("identity", COUNTS.mean()), ("absolute", 3.0), ("poisson", COUNTS.mean()), ("huber", 3.0)],
)
def test_without_features_each_loss_has_its_own_mean(output: str, constant: float, engine: str) -> None:
    run = fitted(output, COUNTS, engine=engine)
    assert_allclose(run.predict(X0), constant, atol=0.02)
    assert run.predict(X0).shape == (1, 9)
    assert_allclose(run.history.costs[-1], constant_cost(run.network, COUNTS), rtol=2e-3)
    assert np.isnan(run.accuracy((X0, COUNTS)))
    with pytest.raises(InputError, match="has no probabilities"):
        run.predict_proba(X0)


def test_huber_s_constant_minimises_its_cost() -> None:
    random = np.random.RandomState(0)
    Y = np.concatenate([random.randn(2, 40), 100 + random.randn(2, 5)], axis=1)
    network = Network([1, 2], output="huber")
    scan = [network.loss.losses(np.full(Y.shape, c), Y).mean() for c in np.linspace(-2, 2, 4001)]
    each = [
        min(
            Network([1, 1], output="huber").loss.losses(np.full((1, 45), c), row[None]).mean()
            for c in np.linspace(-2, 2, 4001)
        )
        for row in Y
    ]
    assert constant_cost(network, Y) <= min(scan)
    assert_allclose(constant_cost(network, Y), sum(each), rtol=1e-6)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(InputError, match="labels reach down to -1: wanted counts of at least 0 for a poisson output"):
        fitted("poisson", COUNTS - 1)


def test_several_labels_at_once() -> None:
    random = np.random.RandomState(0)
    X = random.randn(4, 200)
    Y = (random.randn(3, 4) @ X > 0).astype(float)
    run = layerlab.train(
        Network([4, 8, 3], output="sigmoid"), (X, Y), learning_rate=0.5, iterations=500, validation=(X, Y)
    )
    assert run.predict(X).shape == run.predict_proba(X).shape == (3, 200)
    assert run.accuracy((X, Y)) == (run.predict(X) == Y).mean() > 0.95


def test_an_activation_a_layer_is_what_one_writes_by_hand(tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    X, Y = random.randn(3, 30), random.randint(0, 2, (1, 30)).astype(float)
    network = Network([3, 5, 4, 1], hidden=["relu", "tanh"])
    runs = [
        layerlab.train(network, Part(X, Y), learning_rate=0.1, iterations=50, engine=engine)
        for engine in ("numpy", "xla")
    ]
    p = runs[0].parameters
    A1 = np.maximum(p["W1"] @ X + p["b1"], 0)
    A2 = np.tanh(p["W2"] @ A1 + p["b2"])
    assert_allclose(runs[0].predict_proba(X), 1 / (1 + np.exp(-(p["W3"] @ A2 + p["b3"]))), rtol=1e-12)
    assert_allclose(runs[0].history.costs, runs[1].history.costs, rtol=1e-11)
    again = layerlab.load(runs[0].save(tmp_path / "run"))
    assert again.network == runs[0].network
    result = layerlab.sweep([network, Network([3, 5, 4, 1])], (X, Y), learning_rate=0.1, iterations=50)
    assert [row["network"] for row in result.table] == ["3-5-4-1 relu-tanh", "3-5-4-1 relu"]
    assert_allclose(result.histories[0].costs, runs[0].history.costs, rtol=1e-11)

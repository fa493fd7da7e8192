"""Early stopping: against a loop written by hand, in both engines, with batches, in populations."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import InputError, Network, Run
from layerlab.datasets import Part

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short


def noisy(m: int, seed: int) -> Part:
    """Few examples, many features, labels that are half chance: a network soon learns them by heart."""
    random = np.random.RandomState(seed)
    X = random.randn(30, m)
    return Part(X, (X[:1] + 1.5 * random.randn(1, m) > 0).astype(np.float64))


TRAIN, HELD_OUT = noisy(40, 0), noisy(60, 1)
NETWORK = Network([30, 8, 1], hidden="tanh")


def trained(**settings: Any) -> Run:
    arguments: dict[str, Any] = {
        "learning_rate": 0.2, "iterations": 400, "validation": HELD_OUT, "progress": False, **settings
    }  # fmt: skip
    return layerlab.train(NETWORK, TRAIN, **arguments)


def by_hand(monitor: str, n: int, patience: int, min_delta: float = 0.0, **settings: Any) -> tuple[int, int, Run]:
    """Updates made at the end and at the best epoch, and the run that ends there, from runs of every length."""
    best, waited, kept = math.inf, 0, 0
    for epoch in range(1, 400 // n + 1):
        run = trained(**{**settings, "iterations": epoch * n})
        if monitor == "cost":
            figure = run.history.costs[-n:].mean()
        elif monitor == "validation_cost":
            figure = NETWORK.for_labels(TRAIN.Y).loss.losses(logits(run), HELD_OUT.Y).mean()
        else:
            figure = -run.accuracy(HELD_OUT)
        waited = 0 if figure < best and figure <= best - min_delta else waited + 1
        if figure < best:
            best, kept = figure, epoch * n
        if waited >= patience:
            return epoch * n, kept, trained(**{**settings, "iterations": kept})
    raise AssertionError("patience never ended")


def logits(run: Run) -> Any:
    p = run.parameters
    return p["W2"] @ np.tanh(p["W1"] @ HELD_OUT.X + p["b1"]) + p["b2"]


@pytest.mark.parametrize("batch_size", [None, 10])
@pytest.mark.parametrize(
    ("monitor", "patience", "min_delta"),
    [("validation_cost", 5, 0.0), ("validation_cost", 3, 0.004), ("validation_accuracy", 6, 0.0), ("cost", 4, 0.02)],
)
def test_the_training_ends_where_patience_does_and_the_best_epoch_is_kept(
    monitor: str, patience: int, min_delta: float, batch_size: int | None
) -> None:
    ended, kept, best = by_hand(monitor, 4 if batch_size else 1, patience, min_delta, batch_size=batch_size)
    assert 0 < kept <= ended < 400
    for engine, basis in (("numpy", "full"), ("xla", "full"), ("xla", "span")):
        settings: dict[str, Any] = {"engine": engine, "basis": "full" if basis == "full" else "auto"}
        run = trained(monitor=monitor, patience=patience, min_delta=min_delta, batch_size=batch_size, **settings)
        assert (len(run.history.costs), run.history.kept_at) == (ended, kept)
        for name, value in best.parameters.items():
            assert_allclose(run.parameters[name], value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_every_member_ends_by_itself(engine: str) -> None:
    settings: dict[str, Any] = {"monitor": "validation_cost", "patience": 5, "iterations": 400, "progress": False}
    nets = [NETWORK, Network([30, 3, 1], hidden="tanh")]
    result = layerlab.sweep(nets, TRAIN, learning_rate=[0.2, 0.02, 1e6], validation=HELD_OUT, engine=engine, **settings)
    lengths = [len(history.costs) for history in result.histories]
    assert len(set(lengths)) > 3
    for run in result.runs:
        alone = layerlab.train(
            run.network, TRAIN, validation=HELD_OUT, progress=False, **{**run.settings, "engine": "numpy"}
        )
        assert len(run.history.costs) == len(alone.history.costs)
        assert run.history.kept_at == alone.history.kept_at
        if np.isfinite(alone.history.costs).all() and run.settings["learning_rate"] < 1:
            for name, value in alone.parameters.items():
                assert_allclose(run.parameters[name], value, rtol=1e-8, atol=1e-11)


def test_without_an_end_the_best_epoch_is_kept_all_the_same(tmp_path: Path) -> None:
    run = trained(monitor="validation_cost", patience=400, iterations=200)
    assert len(run.history.costs) == 200
    assert run.history.kept_at == 1 + int(np.argmin(trained(iterations=201).history.validation_costs[1:]))
    assert_array_equal(run.parameters["W1"], trained(iterations=run.history.kept_at).parameters["W1"])
    again = layerlab.load(run.save(tmp_path / "run"))
    assert again.history.kept_at == run.history.kept_at
    assert again.settings["patience"] == 400


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_standing_still_is_no_improvement(engine: str) -> None:
    run = trained(learning_rate=1e-12, monitor="validation_accuracy", patience=5, engine=engine)
    assert (len(run.history.costs), run.history.kept_at) == (6, 1)


def test_less_than_an_epoch_keeps_what_there_is() -> None:
    run = trained(monitor="cost", iterations=3, batch_size=10)
    assert run.history.kept_at == 0
    assert run.history.figures["cost"] == run.history.final_cost
    assert_array_equal(run.parameters["W1"], trained(iterations=3, batch_size=10).parameters["W1"])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"monitor": "loss"}, "monitor='loss': wanted one of 'cost', 'validation_cost', 'validation_accuracy'"),
        ({"monitor": "validation_cost", "validation": None}, "monitor='validation_cost' needs a validation set"),
        ({"patience": 3}, "patience=3 has no meaning for monitor=None: wanted 'cost', 'validation_cost'"),
        ({"monitor": "cost", "patience": 0}, "patience=0: wanted a whole number of at least 1"),
        ({"monitor": "cost", "min_delta": -1}, "min_delta=-1: wanted a finite number of at least 0"),
    ],
)
def test_monitors_that_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        trained(**settings)
    assert str(caught.value).startswith(words)
    values = np.zeros((1, 3))
    with pytest.raises(
        InputError, match="wanted classes, and the network learns values \\(regression\\); take 'validation_cost'"
    ):
        layerlab.train(
            Network([1, 1], output="identity"), (values, values), learning_rate=0.1, iterations=1,
            validation=(values, values), monitor="validation_accuracy",
        )  # fmt: skip

"""A mean over several updates weighs each by its examples: in curves, scores, logs, callbacks and files."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from old_files import FILES

import layerlab
from layerlab import Network, Run, plots
from layerlab.datasets import Part, load_flower
from layerlab.evaluating.comparisons.recipes import Recipe
from layerlab.reporting.pictures.of_runs import comparison_pictures
from layerlab.runs.history import History, history_record, mean_costs, sampled_costs

STILL = 1e-12
"""A learning rate at which nothing moves: the cost of every epoch is that of the initial parameters."""

NETWORK = Network([2, 4, 1], hidden="tanh")


def weights_of(kind: str) -> dict[str, Any]:
    """Arguments of ``train`` that weigh the examples of the flower; every third of them may weigh nothing."""
    own = np.random.default_rng(3).uniform(size=400) * (np.arange(400) % 3 > 0)
    kinds: dict[str, dict[str, Any]] = {
        "alike": {},
        "weights": {"sample_weight": own},
        "classes": {"class_weight": "balanced"},
        "both": {"sample_weight": own, "class_weight": "balanced"},
    }
    return kinds[kind]


def still(**settings: Any) -> Run:
    how = {"learning_rate": STILL, "epochs": 4, "batch_size": 399, "progress": False}
    return layerlab.train(NETWORK, load_flower(), **how | settings)


pytestmark = pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")


# Means of epochs


def test_an_epoch_of_a_network_that_stands_still_costs_what_all_examples_cost() -> None:
    history = still(seed=2, monitor="cost", patience=9).history
    assert np.ptp(history.costs) > 0.05  # a batch of one example, and the others
    whole = layerlab.train(NETWORK, load_flower(), learning_rate=STILL, iterations=1, seed=2, progress=False)
    assert_allclose(history.curve, whole.history.costs[0], rtol=1e-9)
    for value in (history.final_cost, history.figures["cost"], history.start, history.initial_cost):
        assert value == pytest.approx(whole.history.costs[0], rel=1e-9)


@pytest.mark.parametrize(("weighing", "l2"), list(product(["alike", "weights", "classes", "both"], [0.0, 3.0])))
def test_every_mean_of_a_network_that_stands_still_is_the_same(weighing: str, l2: float) -> None:
    history = still(batch_size=150, l2=l2, **weights_of(weighing)).history
    assert_allclose(history.curve, np.array(history.initial_cost), rtol=1e-9)
    assert history.start == history.initial_cost


@pytest.mark.parametrize(("engine", "weighing"), [("numpy", "alike"), ("numpy", "both"), ("xla", "both")])
def test_the_monitored_mean_is_that_of_the_curve(engine: str, weighing: str) -> None:
    how = {"engine": engine, "learning_rate": 3.0, "epochs": 12, "batch_size": 150, "l2": 0.5, "monitor": "cost"}
    how |= weights_of(weighing)
    alone = still(seed=4, **how).history
    several = layerlab.sweep(NETWORK, load_flower(), **how | {"learning_rate": [3.0, 1.0]}, seed=4, progress=False)  # type: ignore[arg-type]
    for history in (alone, *several.histories):
        assert history.kept_at is not None
        best = history.kept_at // history.epoch - 1
        assert best == np.argmin(history.curve)
        assert history.figures["cost"] == pytest.approx(history.curve[best], rel=1e-12)
    assert_allclose(several.histories[0].curve, alone.curve, rtol=1e-9)
    assert several.table[0]["cost"] == pytest.approx(alone.curve.min(), rel=1e-9)


def test_the_best_by_cost_goes_by_the_means() -> None:
    result = layerlab.sweep(
        NETWORK, load_flower(), learning_rate=STILL, seed=[0, 1, 2, 3], epochs=1, batch_size=399, monitor="cost"
    )
    starts = np.array([history.initial_cost for history in result.histories], np.float64)
    assert [row["cost"] for row in result.table] == pytest.approx(starts, rel=1e-9)
    assert result.best(by="cost").settings["seed"] == int(np.argmin(starts))


def test_the_mean_of_the_monitored_epoch_of_a_run_that_has_one() -> None:
    history = still(epochs=1, monitor="cost").history
    assert len(history.curve) == 2  # halves of the epoch, so that there is something to see
    assert history.figures["cost"] == pytest.approx(history.initial_cost, rel=1e-9)


def test_costs_that_are_nearly_too_large_have_a_mean() -> None:
    assert mean_costs(np.array([1e308, 1e308]), np.array([300.0, 100.0]), 2) == pytest.approx([1e308])
    assert mean_costs(np.array([1.0, np.inf, 5.0]), np.array([2.0, 2.0, 0.0]), 2).tolist() == [np.inf, 0.0]


# What is said while it runs, and kept


def test_callback_log_and_samples_have_the_means_of_the_curve(tmp_path: Path) -> None:
    moments: list[float] = []
    run = still(
        batch_size=150,
        learning_rate=0.5,
        callback=lambda moment: moments.append(moment.cost),
        log=tmp_path,
        **weights_of("both"),
    )
    run.save(tmp_path / "kept")
    assert_allclose(moments, run.history.curve, rtol=1e-12)
    assert [cost for _, cost in sampled_costs(run.history)] == run.history.curve.tolist()
    for folder in (tmp_path, tmp_path / "kept"):
        lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
        assert_allclose([line["cost"] for line in lines], run.history.curve, rtol=1e-12)
    loaded = layerlab.load(tmp_path / "kept").history
    assert loaded.curve.tolist() == run.history.curve.tolist()
    assert (loaded.start, loaded.figures) == (run.history.start, run.history.figures)


def test_a_resumed_run_has_the_same_means(tmp_path: Path) -> None:
    how = {"batch_size": 150, "epochs": 6, "learning_rate": 0.5, **weights_of("both")}
    whole, logs = still(log=tmp_path / "whole", **how), []
    where = {"checkpoint": tmp_path / "checkpoint", "log": tmp_path / "log"}
    still(callback=lambda moment: moment.epoch == 2, **where, **how)
    again = still(resume=True, callback=lambda moment: logs.append(moment.cost), **where, **how)
    assert again.history.curve.tolist() == whole.history.curve.tolist()
    assert again.history.start == whole.history.start
    assert_allclose(logs, whole.history.curve[2:], rtol=1e-12)
    texts = [(tmp_path / f"{name}.csv").read_text().splitlines() for name in ("log", "whole")]
    assert [line.split(",")[:3] for line in texts[0]] == [line.split(",")[:3] for line in texts[1]]


def test_a_run_that_was_saved_before_has_the_means_that_follow_from_its_settings(tmp_path: Path) -> None:
    run = still(batch_size=150, learning_rate=0.5)
    file = run.save(tmp_path / "kept") / "run.json"
    record = json.loads(file.read_text())
    record["format_version"] = 4
    for name in ("sizes", "initial_cost", "validated_after"):
        del record["history"][name]
    del record["verdict"]
    for finding in record["diagnosis"]:
        del finding["changes"]
    file.write_text(json.dumps(record))
    loaded = layerlab.load(tmp_path / "kept").history
    assert loaded.curve.tolist() == run.history.curve.tolist()
    assert (loaded.initial_cost, loaded.start) == (None, loaded.curve[0])
    assert layerlab.load(FILES / "plane").history.sizes.tolist() == []


def test_sizes_are_kept_only_where_they_differ() -> None:
    assert still(batch_size=200).history.sizes.tolist() == []
    assert still(batch_size=None).history.sizes.tolist() == []
    assert still(batch_size=150).history.sizes.tolist() == [150.0, 150.0, 100.0]
    weighted = still(batch_size=200, **weights_of("weights")).history
    assert_allclose(weighted.sizes.reshape(4, 2).sum(axis=1), weights_of("weights")["sample_weight"].sum())
    assert set(history_record(weighted)) == set(History.__dataclass_fields__)


def test_the_start_is_that_of_the_first_epoch_where_no_other_is_comparable() -> None:
    dropped = still(dropout=0.5, batch_size=150).history
    assert (dropped.initial_cost, dropped.start) == (None, dropped.curve[0])
    whole = still(batch_size=None).history
    assert (whole.initial_cost, whole.start) == (None, whole.costs[0])
    assert History(np.empty(0)).start is None


def test_the_start_of_values_that_are_scaled_and_of_narrow_members() -> None:
    X = np.random.default_rng(0).normal(size=(3, 50))
    part = Part(X, X[:1] + X[1:2] ** 2)
    networks = [Network([3, 5, 1]), Network([3, 2, 1])]
    result = layerlab.sweep(networks, part, learning_rate=STILL, epochs=2, batch_size=8, l2=[0.0, 2.0], progress=False)
    for history in result.histories:
        assert_allclose(history.curve, np.array(history.start), rtol=1e-9)


# Pictures


@pytest.mark.processes
def test_the_curves_of_a_comparison_have_the_means_of_epochs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    moving = Recipe("2-layer network", (4,), STILL, None, others={"batch_size": 399, "epochs": 4})
    linear = Recipe("logistic regression", (), 0.1, 3, initializer="zeros")
    compared = layerlab.compare(load_flower(), models=[linear, moving], progress=False)
    drawn: dict[str, Any] = {}
    draw = plots.cost_curves
    monkeypatch.setattr(plots, "cost_curves", lambda curves, **how: drawn.update(curves, **how) or draw(curves, **how))
    comparison_pictures(compared, tmp_path)
    whole, epochs = (model.run.history for model in compared.models)
    curves = {name.partition(" (")[0].partition(":")[0]: curve for name, curve in drawn.items()}  # without what it did
    assert curves["logistic regression"].tolist() == whole.costs.tolist()
    assert np.ptp(epochs.costs) > 0.05
    assert_allclose(curves["2-layer network"], np.full(8, epochs.initial_cost), rtol=1e-9)
    assert "the mean of each epoch" in drawn["title"]

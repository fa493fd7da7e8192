"""Every finding provoked by a real training and named, and none about runs that went well."""

from __future__ import annotations

import json
import math
import time
import warnings
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerlab
from layerlab import Network, Run, TrainingWarning
from layerlab.datasets import Dataset, Part, load_breast_cancer, load_cats, load_dataset, load_digits, load_flower
from layerlab.datasets.part import standardization_of
from layerlab.evaluating.comparisons.recipe_training import train_recipe
from layerlab.evaluating.comparisons.recipes import SUITES
from layerlab.formulas.arrays import Floats
from layerlab.runs.causes import Suspect, suspects_of
from layerlab.runs.constant_baseline import constant_cost
from layerlab.runs.diagnosis import findings
from layerlab.runs.evidence import Evidence, evidence_of
from layerlab.runs.findings import Finding
from layerlab.runs.forward_statistics import forward_statistics
from layerlab.runs.history import History
from layerlab.runs.verdict import Constant, verdict_of
from layerlab.training.basis import products

pytestmark = pytest.mark.advice


def trained(network: Network, data: Any, **settings: Any) -> Run:
    """A run whose warnings are no concern of the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        return layerlab.train(network, data, **({"iterations": 200, "progress": False} | settings))


def separable() -> Part:
    """100 points in four dimensions, whose class is the sign of the first."""
    X = np.random.RandomState(0).randn(4, 100)
    return Part(X, (X[:1] > 0).astype(np.float64))


def followed(run: Run, network: Network, data: Any) -> Run:
    """The run with the changes that its finding advises."""
    (finding,) = run.diagnosis
    changes = dict(finding.changes)
    assert changes
    if changes.pop("standardize", False):
        data = data.standardized() if isinstance(data, Dataset) else Part(standardization_of(data.X)(data.X), data.Y)
    return trained(network, data, **{**run.settings, **changes})


def final_cost(run: Run, data: Any) -> float:
    """The cost of a run's parameters on the training set, without penalty."""
    part = data.train if isinstance(data, Dataset) else data
    return forward_statistics(run.network, run.parameters, part).cost


def evidence(network: Network, parameters: Any, history: History, part: Part) -> Evidence:
    """What a training by plain gradient descent would show."""
    settings = {"optimizer": "gd", "learning_rate": 0.1, "schedule": "constant", "iterations": 10, "initializer": "he"}
    return evidence_of(network, parameters, history, part, settings)


def diagnosed(network: Network, parameters: Any, history: History, part: Part) -> list[str]:
    """The kinds of findings about it, without a trial."""
    return [finding.kind for finding in findings(evidence(network, parameters, history, part), None)]


def kinds(run: Run) -> list[str]:
    for finding in run.diagnosis:
        assert finding.what
        assert finding.cause
        assert finding.remedy
        assert str(finding) == (
            f"{finding.what[0].upper()}{finding.what[1:]}. Likely cause: {finding.cause}. Try: {finding.remedy}."
        )
    return [finding.kind for finding in run.diagnosis]


def the(kind: str, run: Run) -> Finding:
    """The one finding of a kind."""
    (finding,) = [finding for finding in run.diagnosis if finding.kind == kind]
    return finding


def line(n: int = 20) -> Part:
    X = np.linspace(-1, 1, n).reshape(1, -1)
    return Part(X, 2 * X + 1)


def three_classes() -> Part:
    """Three clouds of 30 points, one around each corner of a triangle."""
    random = np.random.RandomState(0)
    classes = np.arange(90) % 3
    corners = np.array([[0.0, 2.0, -2.0], [2.0, -1.0, -1.0]])
    return Part(corners[:, classes] + 0.5 * random.randn(2, 90), np.eye(3)[:, classes])


# The best constant answer


@pytest.mark.parametrize(
    ("output", "Y", "logits"),
    [
        ("sigmoid", [[0, 1, 1, 0, 1, 1, 1]], 1),
        ("sigmoid", [[0, 1, 1, 0, 1, 1, 1], [1, 0, 0, 0, 0, 0, 1]], 2),
        ("softmax", np.eye(3)[:, [0, 1, 1, 2, 1, 0, 1]], 3),
        ("identity", [[1.5, -2.0, 0.5, 4.0], [1.0, 1.0, -1.0, 2.0]], 2),
    ],
)
def test_constant_cost_is_the_lowest_over_all_constant_logits(output: str, Y: Any, logits: int) -> None:
    Y = np.array(Y, dtype=np.float64)
    network = Network([1, logits], output=output)

    def cost(z: Floats) -> float:
        Z = np.tile(z.reshape(-1, 1), Y.shape[1])
        return float(network.loss.losses(Z, Y).mean())

    best, width = np.zeros(logits), 4.0
    for _ in range(40):  # a finer and finer grid around the best answer so far
        grid = (best + width * np.array(step) for step in product((-1, -0.5, 0, 0.5, 1), repeat=logits))
        best, width = min(grid, key=cost), width * 0.6
    assert constant_cost(network, Y) == pytest.approx(cost(best), rel=1e-9)


def test_constant_cost_of_equally_frequent_classes_is_the_logarithm_of_their_number() -> None:
    assert constant_cost(Network([1, 1], output="sigmoid"), np.array([[0.0, 1.0]])) == pytest.approx(math.log(2))
    assert constant_cost(Network([1, 5], output="softmax"), np.eye(5)) == pytest.approx(math.log(5))
    assert constant_cost(Network([1, 3], output="softmax"), np.eye(3)[:, [0, 0]]) == 0


# Each finding, by a real training; what is advised is followed


def test_diverged_names_the_iteration() -> None:
    network, data = Network([1, 3, 1], hidden="identity"), line()
    run = trained(network, data, learning_rate=5.0, iterations=5000)
    assert kinds(run) == ["diverged"]
    n = len(run.history.costs)
    assert n < 100
    assert f"it was not finite after {n - 1} iterations" in run.diagnosis[0].what
    assert run.diagnosis[0].cause == "the learning rate is too large"
    assert run.diagnosis[0].changes["learning_rate"] < 5
    assert final_cost(followed(run, network, data), data) < 1e-3


def test_diverged_is_seen_when_it_happens_in_the_very_last_update() -> None:
    network, data = Network([1, 3, 1], hidden="identity"), line()
    n = len(trained(network, data, learning_rate=5.0, iterations=5000, advice=False).history.costs)
    run = trained(network, data, learning_rate=5.0, iterations=n - 1, advice=False)
    assert np.isfinite(run.history.costs).all()
    assert kinds(run) == ["diverged"]
    assert f"after {n - 1} iterations" in run.diagnosis[0].what


def test_diverged_is_seen_in_parameters_that_no_cost_shows() -> None:
    network, part = Network([1, 1, 1], hidden="sigmoid", output="sigmoid"), Part(np.ones((1, 2)), np.array([[0.0, 1]]))
    parameters = {"W1": np.array([[math.inf]]), "b1": np.zeros((1, 1)), "W2": np.ones((1, 1)), "b2": np.zeros((1, 1))}
    assert diagnosed(network, parameters, History(np.array([0.7])), part) == ["diverged"]


def test_diverged_from_the_start_by_features_of_which_none_is_of_use() -> None:
    X = np.array([[1e200, -1e200, 0.0]])
    run = trained(Network([1, 1]), (X, X), learning_rate=0.1)
    assert kinds(run) == ["diverged"]
    assert "from the start" in run.diagnosis[0].what
    assert run.verdict is not None
    assert run.verdict.word == "diverged"


@pytest.mark.processes
def test_rising_by_steps_that_are_too_long() -> None:
    network, data = Network([2, 1]), load_dataset("noisy_moons")
    run = trained(network, data, learning_rate=100.0, optimizer="momentum")
    assert kinds(run)[0] in ("rising", "oscillating")
    assert run.diagnosis[0].cause == "the learning rate is too large"
    assert run.diagnosis[0].changes["learning_rate"] < 100
    assert final_cost(followed(run, network, data), data) < final_cost(run, data)


def test_raw_features_are_the_cause_and_scaling_them_helps() -> None:
    network, data = Network([30, 4, 1], hidden="leaky_relu"), load_breast_cancer()
    run = trained(network, data, learning_rate=0.1)
    finding = run.diagnosis[0]
    assert finding.cause.startswith("the features are large: their values go from 0 to ")
    assert finding.changes == {"standardize": True}
    remedy = "scaling the features to mean 0 and standard deviation 1 (layerlab train --standardize)"
    assert finding.remedy.startswith(remedy)
    assert final_cost(followed(run, network, data), data.standardized()) < 0.1 < final_cost(run, data)


def test_zeros_are_told_by_their_equal_units() -> None:
    network, data = Network([2, 4, 1], hidden="tanh"), load_flower()
    run = trained(network, data, learning_rate=1.2, initializer="zeros", iterations=500)
    assert kinds(run) == ["equal"]
    finding = run.diagnosis[0]
    assert "all 4 units of layer 1 compute the same" in finding.what
    assert (
        "After the last iteration the cost is 0.6931; predicting the same probabilities for every example (the shares "
        "of the classes) would cost 0.6931" in finding.what
    )
    assert "equal initial weights" in finding.cause
    assert finding.changes == {"initializer": "he"}
    assert final_cost(followed(run, network, data), data) < 0.4


@pytest.mark.parametrize("hidden", ["relu", "tanh", "sigmoid", "leaky_relu"])
def test_small_weights_let_the_signal_vanish_in_a_deep_network(hidden: str) -> None:
    network, data = Network([2, 10, 10, 5, 1], hidden=hidden), load_flower()
    run = trained(network, data, learning_rate=0.1, initializer="normal", iterations=500)
    (finding,) = run.diagnosis
    assert finding.what.startswith(("the network has learned nothing useful", "all "))
    if hidden != "sigmoid":  # none of the changes helps a sigmoid network of four layers in so few updates
        assert finding.cause.startswith("the initial weights are too small: the examples differ less and less")
        assert finding.changes["initializer"] in ("he", "lecun")
        assert final_cost(followed(run, network, data), data) < 0.65


def test_too_small_a_learning_rate_is_shown_by_larger_ones() -> None:
    network, data = Network([64, 10, 10, 5, 10], hidden="tanh"), load_digits()
    run = trained(network, data, learning_rate=0.001, iterations=60)
    (finding,) = run.diagnosis
    assert finding.cause.endswith("the learning rate is too small")
    assert finding.changes["learning_rate"] > 0.01
    assert "tried from the start" in finding.remedy
    assert final_cost(followed(run, network, data), data) < 0.8 * final_cost(run, data)


@pytest.mark.parametrize("batch_size", [None, 32])
def test_a_rate_that_is_too_small_is_not_called_too_large_for_noise(batch_size: int | None) -> None:
    data = load_breast_cancer().standardized()
    settings = {"optimizer": "adamw", "learning_rate": 1e-5, "iterations": 300, "batch_size": batch_size}
    run = trained(Network([30, 1]), data, **settings)
    (finding,) = run.diagnosis
    assert finding.changes["learning_rate"] > 1e-4
    assert "the learning rate is too small" in finding.cause


def test_the_schedule_is_known_to_the_findings() -> None:
    data = load_breast_cancer().standardized()
    settings = {"learning_rate": 0.003, "schedule": "inverse_time", "decay": 1.0, "iterations": 300}
    (finding,) = trained(Network([30, 1]), data, **settings).diagnosis
    assert "the schedule 'inverse_time' lowers the learning rate to" in finding.cause


def test_no_weighted_sum_tells_circles_apart() -> None:
    run = trained(Network([2, 1]), load_dataset("noisy_circles"), learning_rate=1.2, initializer="zeros")
    assert kinds(run) == ["stuck"]
    assert run.diagnosis[0].cause.startswith("a weighted sum of the features does not predict the labels")
    assert run.diagnosis[0].remedy == "a hidden layer"
    assert run.diagnosis[0].changes == {}


def test_features_divided_twice() -> None:
    digits = load_digits()
    run = trained(Network([64, 16, 10]), (digits.train.X / 255, digits.train.Y), learning_rate=0.5, iterations=100)
    assert run.diagnosis[0].cause.startswith("the features are small: their values go from 0 to 0.003922")
    assert run.diagnosis[0].changes["standardize"] is True


def test_labels_that_nothing_explains_are_said_so() -> None:
    random = np.random.RandomState(0)
    part = Part(random.randn(1, 2000), random.randint(0, 2, (1, 2000)).astype(np.float64))
    run = trained(Network([1, 3, 1], hidden="tanh"), part, learning_rate=0.5)
    assert kinds(run) == ["stuck"]
    assert "the features may not predict the labels" in run.diagnosis[0].cause
    assert run.diagnosis[0].changes == {}


@pytest.mark.parametrize("hidden", ["tanh", "sigmoid"])
def test_saturated_by_raw_features(hidden: str) -> None:
    network, data = Network([30, 10, 1], hidden=hidden), load_breast_cancer()
    run = trained(network, data, learning_rate=0.1)
    assert kinds(run) == ["saturated"]
    assert f"10 {hidden} units of layer 1 are saturated (output near " in run.diagnosis[0].what
    assert run.diagnosis[0].changes["standardize"] is True
    assert final_cost(followed(run, network, data), data.standardized()) < 0.2


def test_dead_after_steps_that_were_too_long() -> None:
    run = trained(Network([64, 4, 10]), load_digits(), learning_rate=10.0)
    finding = the("dead", run)
    assert finding.what.startswith("all 4 relu units of layer 1 are 0 for every training example")
    assert ". After the last iteration the cost is " in finding.what
    assert "the learning rate is too large" in finding.cause
    assert finding.changes["learning_rate"] < 10
    Z = run.parameters["W1"] @ load_digits().train.X + run.parameters["b1"]
    assert (Z <= 0).all()


def test_living_units_are_not_called_dead() -> None:
    part = three_classes()
    parameters = {"W1": np.array([[1.0, 0], [0, 1], [1, 1]]), "b1": np.zeros((3, 1)), "W2": np.ones((3, 3))}
    parameters |= {"b2": np.zeros((3, 1))}
    network = Network([2, 3, 3], output="softmax")

    def sentence(b1: float) -> str:
        changed = parameters | {"b1": np.array([[0.0], [b1], [b1]])}
        return evidence(network, changed, History(np.ones(1)), part).verdict.sentence

    assert ";" not in sentence(0.0)
    assert sentence(-100.0).endswith(". 2 of 3 relu units of layer 1 are 0 for every training example.")


@pytest.mark.parametrize(("hidden", "dtype"), list(product(["tanh", "sigmoid", "leaky_relu"], ["float64", "float32"])))
def test_equal_units_from_equal_weights(hidden: str, dtype: str) -> None:
    part = three_classes()
    network = Network([2, 4, 5, 3], hidden=hidden)
    constant = {name: np.full(shape, 0.3) for name, shape in network.shapes.items()}
    run = trained(network, part, learning_rate=0.3, parameters=constant, dtype=dtype, iterations=50, advice=False)
    assert the("equal", run).what.startswith("all 4 units of layer 1 and all 5 units of layer 2 compute the same")
    assert run.diagnosis[0].changes == {}  # no initializer changes given parameters
    assert run.diagnosis[0].remedy == "initial parameters that differ from unit to unit"
    assert "equal" not in kinds(trained(network, part, learning_rate=0.3, dtype=dtype, advice=False))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("parted", "equal"), [(0, True), (8, True), (1e4, False)])
def test_equal_units_may_part_by_rounding_also_where_a_weight_is_nearly_0(
    parted: float, equal: bool, dtype: str
) -> None:
    away = parted * np.finfo(dtype).eps * np.array([[0.0], [1.0], [-1.0], [0.5]])  # of each unit
    parameters = {"W1": np.array([[1.0, -2.0]]) + away, "b1": away, "W2": np.full((1, 4), 0.5), "b2": np.zeros((1, 1))}
    narrow = {name: value.astype(dtype) for name, value in parameters.items()}
    part = Part(np.array([[0.0, 1.0, -1.0], [1.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 1.0]]))
    network = Network([2, 4, 1], hidden="tanh", output="sigmoid")
    assert bool(evidence(network, narrow, History(np.array([0.8, 0.7])), part).equal) == equal


def test_equal_units_are_named_though_the_cost_falls() -> None:
    network, data = Network([30, 4, 3], hidden="sigmoid"), load_digits()
    data = Dataset("three", Part(data.train.X[:30], data.train.Y[:3]), Part(data.test.X[:30], data.test.Y[:3]))
    keep = data.train.Y.any(axis=0)
    part = Part(data.train.X[:, keep], data.train.Y[:, keep])
    run = trained(network, part, learning_rate=1.0, initializer="zeros", iterations=500)
    assert run.verdict is not None
    assert run.verdict.word == "fell"
    assert kinds(run) == ["equal"]
    assert final_cost(followed(run, network, part), part) < 0.5 * final_cost(run, part)


def test_a_logistic_regression_may_start_from_zeros() -> None:
    data = load_breast_cancer().standardized()
    assert kinds(trained(Network([30, 1]), data, learning_rate=0.1, initializer="zeros")) == []


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.processes
def test_the_cats_with_weights_of_a_hundredth_are_helped_by_larger_ones(seed: int, cats_folder: Path) -> None:
    cats, network = load_cats(cats_folder), Network([12288, 20, 7, 5, 1])
    run = trained(network, cats, learning_rate=0.0075, iterations=2500, seed=seed, initializer="normal")
    assert run.verdict is not None
    assert run.verdict.word == "stuck"
    (finding,) = run.diagnosis
    assert finding.cause.startswith("the initial weights are too small")
    assert finding.changes["initializer"] in ("he", "lecun")
    assert final_cost(followed(run, network, cats), cats) < 0.8 * constant_cost(run.network, cats.train.Y)


def test_the_trials_share_the_products_of_their_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Floats] = []

    def counted(A: Floats, B: Floats) -> Floats:
        seen.append(A)
        return products(A, B)

    monkeypatch.setattr("layerlab.training.job.products", counted)
    X = np.random.RandomState(0).randn(300, 12)
    part, network = Part(X, (X[:1] > 0).astype(float)), Network([300, 5, 5, 1], hidden="tanh")
    run = trained(network, part, learning_rate=0.01, iterations=300, initializer="normal", basis="span")
    assert run.diagnosis[0].changes == {"initializer": "he"}
    assert len(seen) == len({id(X) for X in seen}) > 1, "other examples, here standardised ones, have their own"


# What is advised without trying


def test_without_advice_a_direction_is_named_only_where_the_run_shows_it() -> None:
    network, data = Network([64, 10, 10, 5, 10], hidden="tanh"), load_digits()
    (slow,) = trained(network, data, learning_rate=1e-5, iterations=60, advice=False).diagnosis
    assert slow.kind == "stuck"
    assert slow.changes == {}
    assert "layerlab rate" in slow.remedy
    line_network, part = Network([1, 3, 1], hidden="identity"), line()
    (fast,) = trained(line_network, part, learning_rate=5.0, iterations=5000, advice=False).diagnosis
    assert fast.changes == {"learning_rate": 0.5}


def test_a_sweep_takes_its_other_learning_rates_for_what_was_tried() -> None:
    data = load_breast_cancer().standardized()
    result = layerlab.sweep(Network([30, 4, 1]), data, learning_rate=[1e-6, 0.1], iterations=300, progress=False)
    slow, good = (result.runs[k].diagnosis for k in range(2))
    assert good == ()
    assert slow[0].changes == {"learning_rate": 0.1}


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "lbfgs", "learning_rate": None, "initializer": "zeros"},
        {"sample_weight": np.linspace(0.5, 1.5, 40), "class_weight": "balanced"},
        {"batch_size": 7, "schedule": "cosine", "monitor": "cost", "patience": 50},
        {"dropout": 0.3, "l2": 0.1, "dtype": "float32", "engine": "numpy"},
        {"schedule": "adaptive", "batch_size": 40},
        {"label_smoothing": 0.1, "clip_norm": 1e-3, "metrics": ["accuracy"], "callback": lambda _: None},
    ],
)
def test_every_kind_of_training_can_be_tried_again(settings: dict[str, Any]) -> None:
    random = np.random.RandomState(0)
    X = random.randn(3, 40)
    part = Part(X, (X[:1] * X[1:2] > 0).astype(np.float64))
    network = Network([3, 6, 1], hidden="tanh")
    run = trained(network, part, **({"learning_rate": 1e-6, "iterations": 60} | settings))
    (finding,) = run.diagnosis
    assert "tried" in finding.remedy + finding.cause
    assert trained(network, part, **({"learning_rate": 1e-6, "iterations": 60} | settings)).diagnosis == run.diagnosis


def test_given_parameters_are_where_the_trials_start() -> None:
    data = load_flower()
    network = Network([2, 4, 1], hidden="tanh")
    given = trained(network, data, learning_rate=1.2, iterations=50).parameters
    before = {name: value.copy() for name, value in given.items()}
    run = trained(network, data, learning_rate=1e-5, iterations=400, parameters=given)
    assert "the learning rate is too small" in run.diagnosis[0].cause
    assert all((given[name] == before[name]).all() for name in before)
    after = trained(network, data, learning_rate=run.diagnosis[0].changes["learning_rate"], iterations=400,
                    parameters=given)  # fmt: skip
    assert final_cost(after, data) < final_cost(run, data)


def test_a_training_that_was_ended_on_purpose_is_not_called_slow() -> None:
    data, network = load_digits(), Network([64, 10])
    settings: dict[str, Any] = {"learning_rate": 0.01, "iterations": 2000}
    stopped = trained(network, data, callback=lambda moment: moment.epoch >= 40, every=20, **settings)
    assert stopped.history.stopped
    assert stopped.diagnosis == ()
    half = {"monitor": "validation_cost", "validation": data.test, "patience": 1, "min_delta": 0.002}
    early = trained(network, data, **settings | half | {"learning_rate": 0.1})
    assert 50 < len(early.history.costs) < 2000
    assert early.diagnosis == ()


@pytest.mark.parametrize("rate", [1e-13, 1e-9, 1e7, 1e20, 5e-324, 1e308])
def test_a_rate_that_is_off_by_many_decades_is_found_out(rate: float) -> None:
    run = trained(Network([4, 5, 1], hidden="tanh"), separable(), learning_rate=rate, iterations=100)
    (finding,) = run.diagnosis
    assert 1e-3 < finding.changes["learning_rate"] < 100
    assert f"the learning rate is too {'small' if rate < 1 else 'large'}" in finding.cause


def test_a_schedule_is_changed_with_the_settings_of_its_own() -> None:
    data, network = load_digits(), Network([64, 10])
    settings: dict[str, Any] = {"learning_rate": 1.0, "schedule": "inverse_time", "decay": 5.0, "iterations": 200}
    (finding,) = trained(network, data, **settings).diagnosis
    if "schedule" in finding.changes:
        assert finding.changes["decay"] is None
        assert "without decay" in finding.remedy
    assert final_cost(trained(network, data, **settings | dict(finding.changes)), data) < 1.0


def test_a_penalty_that_keeps_a_network_from_learning_is_the_cause() -> None:
    run = trained(Network([4, 5, 1], hidden="tanh"), separable(), learning_rate=0.1, iterations=500, l2=100.0)
    (finding,) = run.diagnosis
    assert finding.changes["l2"] == 0
    assert "the L2 penalty of 100 is strong" in finding.cause
    mild = trained(Network([4, 5, 1], hidden="tanh"), separable(), learning_rate=0.5, iterations=500, l2=3.0)
    assert mild.diagnosis == ()


def test_lbfgs_that_converges_is_no_failure_of_a_change() -> None:
    network = Network([4, 5, 1], hidden="tanh")
    run = trained(network, separable(), optimizer="lbfgs", iterations=300, initializer="zeros")
    assert "initializer" in run.diagnosis[0].changes
    assert final_cost(followed(run, network, separable()), separable()) < 0.01


def test_constant_features_get_no_advice_that_brings_nothing() -> None:
    part = Part(np.zeros((4, 100)), separable().Y)
    for finding in trained(Network([4, 5, 1], hidden="tanh"), part, learning_rate=0.1).diagnosis:
        assert finding.changes == {}


def test_a_trial_takes_no_longer_and_no_more_memory_than_it_may() -> None:
    random = np.random.RandomState(0)
    X = random.randn(20, 20_000)
    part = Part(X, (X[:1] > 0).astype(np.float64))
    begun = time.process_time()
    trained(Network([20, 800, 1]), part, learning_rate=1e-5, iterations=40, batch_size=50, engine="numpy")
    assert time.process_time() - begun < 60  # it was minutes, and gigabytes; some seconds where the machine is busy


# How it is told


def test_every_finding_is_one_warning_at_the_callers_line() -> None:
    with pytest.warns(TrainingWarning) as caught:
        run = layerlab.train(
            Network([2, 4, 1]), load_flower(), learning_rate=1.2, iterations=50, initializer="zeros", progress=False
        )
    assert [str(warning.message) for warning in caught] == [str(finding) for finding in run.diagnosis]
    assert len(caught) == 1
    assert {warning.filename for warning in caught} == {__file__}


def test_nothing_is_said_of_a_run_without_an_iteration() -> None:
    network, part = Network([1, 1], output="identity"), line()
    nothing = History(np.empty(0))
    assert diagnosed(network, {"W1": np.zeros((1, 1)), "b1": np.zeros((1, 1))}, nothing, part) == []


def test_a_finding_and_a_verdict_come_back_from_the_disk(tmp_path: Path) -> None:
    run = trained(Network([2, 4, 1]), load_flower(), learning_rate=1.2, iterations=50, initializer="zeros")
    again = layerlab.load(run.save(tmp_path / "run"))
    assert again.diagnosis == run.diagnosis
    assert again.verdict == run.verdict
    assert again.diagnosis[0].changes["initializer"] in ("he", "lecun")
    record = tmp_path / "run" / "run.json"
    kept = json.loads(record.read_text(encoding="utf-8"))
    for changes in ({"initializer": "hen"}, {"standardize": 1}, {"secret": 1}, [1]):
        kept["diagnosis"][0]["changes"] = changes
        record.write_text(json.dumps(kept), encoding="utf-8")
        with pytest.raises(layerlab.InputError, match="was changed"):
            layerlab.load(tmp_path / "run")


# The verdict


@pytest.mark.parametrize(
    ("costs", "word", "sentence"),
    [
        ([1.0, 0.2, 0.1], "fell", "The cost fell from 1 to 0.1."),
        ([1.0, 0.999, 0.998], "crept", "The cost hardly fell, from 1 to 0.998, and was still falling."),
        ([1.0, 0.999, 0.998, 0.998, 0.998, 0.998], "stuck", "The cost got stuck at 0.998, from 1."),
        (
            [1.0, 2.0, 0.2, 1.5, 0.1],
            "oscillated",
            "The cost oscillated on its way from 1 to 0.1: it went up in 50 % of the iterations, to as high as 2.",
        ),
        (
            [1.0, 0.4, 0.9, 0.2],
            "oscillated",
            (
                "The cost oscillated on its way from 1 to 0.2: it went up in 33 % of the iterations (all rises "
                "together: 0.5)."
            ),
        ),
        ([1.0, 0.5, 2.0], "rose", "The cost rose from 1 to 2: it went up in 50 % of the iterations."),
        ([1.0, 5.0, math.inf], "diverged", "The cost diverged: it was not finite after 2 iterations."),
        ([math.nan], "diverged", "The cost diverged: it was not finite from the start."),
        ([], "stuck", "The cost was not changed: no update was made."),
    ],
)
def test_what_a_curve_did_in_words(costs: list[float], word: str, sentence: str) -> None:
    assert verdict_of(History(np.array(costs))) == (word, sentence)


def test_a_curve_that_ends_at_a_constant_answer_is_stuck_however_far_it_fell() -> None:
    curve = History(np.array([3.0, 0.7, 0.6931, 0.6931, 0.6931]))
    assert verdict_of(curve).word == "fell"
    stuck = verdict_of(curve, Constant(math.log(2), reached=True))
    assert stuck.word == "stuck"
    assert stuck.sentence == "The cost fell from 3 to 0.6931, but a constant prediction costs no more: 0.6931."


def test_many_tiny_steps_upwards_are_noise() -> None:
    noise = 0.1 + 1e-3 * np.random.RandomState(0).rand(3000)
    assert verdict_of(History(np.append(1.0, noise))).word == "fell"


@pytest.mark.processes
def test_one_run_has_one_verdict_in_train_sweep_and_rate(cats_folder: Path) -> None:
    cats, network = load_cats(cats_folder), Network([12288, 20, 7, 5, 1])
    settings: dict[str, Any] = {"iterations": 2500, "initializer": "lecun", "progress": False}
    run = trained(network, cats, learning_rate=0.0075, seed=1, **settings)
    assert run.verdict is not None
    assert run.verdict.word == "oscillated"
    assert run.verdict.sentence.endswith(". 2 of 7 relu units of layer 2 are 0 for every training example.")
    swept = layerlab.sweep(network, cats, learning_rate=[0.0075], seed=[1], **settings)
    assert swept.table[0]["behaviour"] == "oscillated"
    assert swept.table[0]["what"].endswith(". 2 of 7 relu units of layer 2 are 0 for every training example.")
    assert swept.runs[0].diagnosis == run.diagnosis == ()


# Runs that went well


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        *(("digits", index) for index in (0, 1)),
        *(("flower", index) for index in (0, 1)),
        *(("breast_cancer", index) for index in (0, 1, 2)),
        *(("noisy_moons", index) for index in (0, 1)),
        ("gaussian_quantiles", 1),
        ("blobs", 0),
    ],
)
def test_no_finding_about_the_recipes(name: str, recipe: int) -> None:
    data = load_dataset(name)
    data = data.standardized() if SUITES[name].standardize else data
    assert train_recipe(SUITES[name].recipes[recipe], data).diagnosis == ()


@pytest.mark.parametrize("seed", range(4))
def test_no_finding_about_deep_networks_of_several_seeds(seed: int) -> None:
    data = load_breast_cancer().standardized()
    for dtype in ("float64", "float32"):
        assert train_recipe(SUITES["breast_cancer"].recipes[2], data, seed=seed, dtype=dtype).diagnosis == ()


def test_no_finding_about_a_regression_that_fits() -> None:
    random = np.random.RandomState(0)
    X = random.randn(3, 60)
    Y = np.stack([X[0] * X[1], np.sin(X[2])])
    for network, target in ((Network([3, 2]), X[:2] + 5), (Network([3, 12, 2], hidden="tanh"), Y)):
        run = layerlab.train(network, (X, target), learning_rate=0.1, iterations=2000, progress=False)
        assert run.diagnosis == ()
        assert run.history.costs[-1] < 0.1 * constant_cost(run.network, target)


def test_no_finding_about_constant_values_that_are_learned() -> None:
    X = np.linspace(-1, 1, 9).reshape(1, -1)
    run = layerlab.train(Network([1, 1]), (X, 0 * X + 4), learning_rate=0.5, iterations=200, progress=False)
    assert run.diagnosis == ()


def test_no_finding_about_a_run_that_goes_on_from_a_minimum() -> None:
    for dtype in ("float64", "float32"):
        settings: dict[str, Any] = {"learning_rate": 1.0, "iterations": 2000, "progress": False, "dtype": dtype}
        first = layerlab.train(Network([2, 1]), load_flower(), initializer="zeros", **settings)
        again = layerlab.train(Network([2, 1]), load_flower(), parameters=first.parameters, **settings)
        assert again.history.costs[-1] == pytest.approx(again.history.costs[0], rel=1e-5)
        assert again.diagnosis == ()


def test_no_finding_about_steep_units_that_separate_the_classes() -> None:
    x: Floats = np.concatenate([np.linspace(-1, -0.1, 20), np.linspace(0.1, 1, 20)])
    part, network = (
        Part(x.reshape(1, -1), (x > 0).reshape(1, -1).astype(np.float64)),
        Network([1, 4, 1], "tanh", "sigmoid"),
    )
    W1 = np.array([[100.0], [-100.0], [80.0], [1.0]])
    assert ((1 - np.tanh(W1 * x) ** 2).mean(axis=1) < 0.001).sum() == 3  # flat nearly everywhere
    falling = History(np.linspace(0.7, 0.001, 500))

    def found(outgoing: list[float]) -> tuple[Suspect, ...]:
        parameters = {"W1": W1, "b1": np.zeros((4, 1)), "W2": np.array([outgoing]), "b2": np.zeros((1, 1))}
        return suspects_of(evidence(network, parameters, falling, part))

    assert found([3.0, -3.0, 3.0, 0.0]) == ()  # a cost of 1e-4: that is how they tell the classes apart
    assert found([0.1, -0.1, 0.1, 0.0])  # a cost of 0.6: there it is looked into


def test_no_finding_about_rare_positives_that_are_learned() -> None:
    random = np.random.RandomState(0)
    X = random.randn(2, 400)
    data = Dataset("rare", Part(X, (X[:1] > 2).astype(np.float64)), Part(X[:, :5], np.array([[0.0, 1, 0, 1, 0]])))
    assert data.train.Y.mean() < 0.05
    assert kinds(trained(Network([2, 1]), data, learning_rate=10.0, iterations=1000)) == []


def test_what_is_seen_in_blocks_is_what_is_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = load_breast_cancer().standardized()
    for hidden in ("relu", "tanh"):
        network = Network([30, 6, 4, 1], hidden=hidden, output="sigmoid")
        parameters = layerlab.formulas.initialize_parameters(network.layer_dims, seed=1)
        whole = forward_statistics(network, parameters, data.train)
        monkeypatch.setattr("layerlab.runs.forward_statistics.EXAMPLES_AT_A_TIME", 100)  # of 455 examples
        cut = forward_statistics(network, parameters, data.train)
        monkeypatch.undo()
        assert cut.cost == pytest.approx(whole.cost, rel=1e-14)
        np.testing.assert_allclose(cut.Z, whole.Z, rtol=1e-12)
        for one, other in zip(cut.hidden, whole.hidden, strict=True):
            assert one.activation == hidden
            for values, wanted in zip(one[1:], other[1:], strict=True):
                np.testing.assert_allclose(values, wanted, rtol=1e-12)

"""Every finding provoked by a real training and named, and none about runs that went well."""

from __future__ import annotations

import math
import warnings
from itertools import product
from typing import Any

import numpy as np
import pytest

import layerlab
from layerlab import Network, Run, TrainingWarning
from layerlab.datasets import Dataset, Part, load_breast_cancer, load_dataset, load_digits, load_flower
from layerlab.evaluating.comparisons.recipe_training import train_recipe
from layerlab.evaluating.comparisons.recipes import SUITES
from layerlab.formulas.arrays import Floats
from layerlab.runs.constant_baseline import constant_cost
from layerlab.runs.diagnosis import Finding, diagnose
from layerlab.runs.forward_statistics import forward_statistics
from layerlab.runs.history import History


def trained(network: Network, data: Any, **settings: Any) -> Run:
    """A run whose warnings are no concern of the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        return layerlab.train(network, data, **({"iterations": 200, "progress": False} | settings))


def kinds(run: Run) -> list[str]:
    for finding in run.diagnosis:
        assert finding.what
        assert finding.cause
        assert finding.remedy
        assert str(finding) == (
            f"{finding.kind}: {finding.what}. Likely cause: {finding.cause}. Try: {finding.remedy}."
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


# Each finding


def test_diverged_names_the_iteration() -> None:
    run = trained(Network([1, 3, 1], hidden="identity"), line(), learning_rate=5.0, iterations=5000)
    assert kinds(run) == ["diverged"]
    n = len(run.history.costs)
    assert n < 100
    assert f"not finite any more at iteration {n - 1} (the cost started at " in run.diagnosis[0].what
    assert run.diagnosis[0].cause == "too large a learning rate"
    assert run.diagnosis[0].remedy == "a learning rate 3 to 10 times smaller"


def test_diverged_is_seen_when_it_happens_in_the_very_last_update() -> None:
    network, data = Network([1, 3, 1], hidden="identity"), line()
    n = len(trained(network, data, learning_rate=5.0, iterations=5000).history.costs)
    run = trained(network, data, learning_rate=5.0, iterations=n - 1)
    assert np.isfinite(run.history.costs).all()
    assert kinds(run) == ["diverged"]
    assert f"at iteration {n - 1} " in run.diagnosis[0].what


def test_diverged_is_seen_in_parameters_that_no_cost_shows() -> None:
    network, part = Network([1, 1, 1], hidden="sigmoid", output="sigmoid"), Part(np.ones((1, 2)), np.array([[0.0, 1]]))
    parameters = {"W1": np.array([[math.inf]]), "b1": np.zeros((1, 1)), "W2": np.ones((1, 1)), "b2": np.zeros((1, 1))}
    (finding,) = diagnose(network, parameters, History(np.array([0.7])), part)
    assert finding.kind == "diverged"


def test_diverged_from_the_start() -> None:
    X = np.array([[1e200, -1e200, 0.0]])
    run = trained(Network([1, 1]), (X, X), learning_rate=0.1)
    assert kinds(run) == ["diverged"]
    assert run.diagnosis[0].what == "the cost or the parameters are not finite from the start"
    assert "features too large" in run.diagnosis[0].cause


def test_rising() -> None:
    run = trained(Network([2, 1]), load_flower(), learning_rate=10.0, initializer="zeros", iterations=500)
    assert kinds(run) == ["rising"]
    ups = int((np.diff(run.history.costs) > 0).sum())
    assert run.diagnosis[0].what.startswith("the cost rose from 0.6931 to about ")
    assert "of 500 steps" in run.diagnosis[0].what
    assert abs(int(run.diagnosis[0].what.split(" up in ")[1].split()[0]) - ups) <= 1  # the last update counts too
    assert run.diagnosis[0].remedy == "a learning rate 3 to 10 times smaller"


def test_what_makes_costs_noisy_is_named_beside_the_learning_rate() -> None:
    rising = np.concatenate([np.linspace(1.0, 0.5, 50), np.linspace(0.5, 1.5, 50)])
    part, network = line(), Network([1, 2, 1], output="identity")
    parameters = trained(network, part, learning_rate=0.1, iterations=1).parameters
    cause = "too large a learning rate"
    for every, dropout, others, remedies in (
        (1, 0.0, "", ""),
        (1, 0.5, ", or dropout 0.5, which makes the cost noisy", ", or less dropout"),
        (2, 0.0, ", or small batches, whose gradients are noisy", ", or larger batches"),
        (2, 0.2, ", or dropout 0.2, which makes the cost noisy, or small batches, whose gradients are noisy",
         ", or less dropout, or larger batches"),
    ):  # fmt: skip
        findings = diagnose(network, parameters, History(rising, every=every), part, dropout=dropout)
        finding = next(finding for finding in findings if finding.kind == "rising")
        assert finding.cause == cause + others
        assert finding.remedy == f"a learning rate 3 to 10 times smaller{remedies}"
    run = trained(Network([2, 8, 1]), load_flower(), learning_rate=20.0, dropout=0.5)
    assert "dropout 0.5" in the("rising", run).cause


def test_rising_after_a_single_step_that_was_far_too_long() -> None:
    run = trained(Network([1, 1]), line(), learning_rate=50.0, iterations=1)
    assert kinds(run) == ["rising"]


def test_rising_again_after_a_fall_says_from_where() -> None:
    run = trained(
        Network([64, 10, 10, 5, 10], hidden="leaky_relu"), load_digits(), learning_rate=1.0, initializer="lecun"
    )
    lowest = run.history.costs.argmin()
    assert run.history.costs[-1] < run.history.costs[0]
    assert kinds(run) == ["rising"]
    assert f"at iteration {lowest} to " in run.diagnosis[0].what


def test_raw_features_are_named_as_the_cause() -> None:
    run = trained(Network([30, 4, 1], hidden="leaky_relu"), load_breast_cancer(), learning_rate=0.1)
    assert "rising" in kinds(run)
    finding = the("rising", run)
    assert finding.cause.startswith("features too large for the learning rate: the features reach from 0 to ")
    assert finding.remedy.startswith("standardise the features")


def test_stuck_from_zeros_names_the_cost_of_a_coin_toss() -> None:
    run = trained(Network([2, 4, 1], hidden="tanh"), load_flower(), learning_rate=1.2, initializer="zeros")
    assert kinds(run) == ["equal", "stuck"]
    finding = the("stuck", run)
    assert "the cost is 0.6931 after 200 iterations" in finding.what
    assert "costs 0.6931 (a coin toss: ln 2 = 0.6931)" in finding.what
    assert "initial weights too small or equal" in finding.cause
    assert finding.remedy == "initializer 'he' or 'lecun'"


@pytest.mark.parametrize("hidden", ["relu", "tanh", "sigmoid", "leaky_relu"])
def test_stuck_where_small_weights_let_the_signal_vanish_in_a_deep_network(hidden: str) -> None:
    run = trained(
        Network([2, 10, 10, 5, 1], hidden=hidden),
        load_flower(),
        learning_rate=0.1,
        initializer="normal",
        iterations=500,
    )
    assert kinds(run) == ["stuck"]
    assert "the cost is 0.6931 after 500 iterations" in run.diagnosis[0].what
    assert run.diagnosis[0].cause.startswith("the signal vanishes on its way through the layers")


@pytest.mark.parametrize("hidden", ["relu", "tanh"])
def test_stuck_with_three_classes(hidden: str) -> None:
    network = Network([2, 6, 6, 6, 3], hidden=hidden)
    run = trained(network, three_classes(), learning_rate=0.1, initializer="normal")
    assert "always answering the labels' mean costs 1.0986 (all classes alike: ln 3 = 1.0986)" in the("stuck", run).what
    assert kinds(trained(network, three_classes(), learning_rate=0.1)) == []


def test_stuck_with_several_sigmoid_outputs_counts_the_coins() -> None:
    part = three_classes()
    labels = np.concatenate([part.Y[:1], part.Y[:1]])
    run = trained(Network([2, 2], output="sigmoid"), (part.X, labels), learning_rate=1e-9, initializer="zeros")
    assert "(a coin toss: 2 × ln 2 = 1.3863)" in the("stuck", run).what


def test_stuck_for_too_small_a_learning_rate() -> None:
    run = trained(Network([64, 10, 10, 5, 10], hidden="tanh"), load_digits(), learning_rate=0.001, iterations=50)
    assert kinds(run) == ["stuck"]
    assert run.diagnosis[0].cause == "too few iterations or too small a learning rate"
    assert run.diagnosis[0].remedy == "more iterations, or a learning rate 3 to 10 times larger"


def test_stuck_where_no_weighted_sum_tells_the_classes_apart() -> None:
    run = trained(
        Network([2, 1]), load_dataset("noisy_circles"), learning_rate=1.2, initializer="zeros", iterations=2000
    )
    assert kinds(run) == ["stuck"]
    assert run.diagnosis[0].cause.startswith("no weighted sum of the features tells the labels apart")
    assert run.diagnosis[0].remedy.startswith("a hidden layer")


def test_stuck_for_features_divided_twice() -> None:
    digits = load_digits()
    run = trained(Network([64, 16, 10]), (digits.train.X / 255, digits.train.Y), learning_rate=0.5, iterations=100)
    assert kinds(run) == ["stuck"]
    assert run.diagnosis[0].cause == "features too small: the features reach from 0 to 0.003922"
    assert run.diagnosis[0].remedy == "standardise the features"


def test_stuck_where_the_steps_swing_around_the_constant_answer() -> None:
    random = np.random.RandomState(0)
    part = Part(4 * random.randn(2, 200), random.randint(0, 2, (1, 200)).astype(np.float64))
    run = trained(Network([2, 1]), part, learning_rate=0.5)
    assert (np.diff(run.history.costs) > 0).mean() > 0.4
    assert kinds(run) == ["stuck"]
    assert run.diagnosis[0].cause == "too large a learning rate"


@pytest.mark.parametrize("hidden", ["tanh", "sigmoid"])
def test_saturated_by_raw_features(hidden: str) -> None:
    run = trained(Network([30, 10, 1], hidden=hidden), load_breast_cancer(), learning_rate=0.1)
    assert kinds(run) == ["saturated", "stuck"]
    assert f"of 10 {hidden} units of layer 1 sit at an end of their range" in run.diagnosis[0].what
    assert run.diagnosis[0].cause.startswith("inputs or weights too large: the features reach from 0 to ")
    assert "dead or saturated" in run.diagnosis[1].cause


def test_saturated_layers_are_named_together() -> None:
    run = trained(Network([64, 10, 10, 5, 10], hidden="tanh"), load_digits(), learning_rate=10.0)
    assert kinds(run) == ["saturated", "rising"]
    for layer in (1, 2, 3):
        assert f"tanh units of layer {layer}" in run.diagnosis[0].what


@pytest.mark.parametrize("n_y", [1, 3])
def test_saturated_outputs_are_certain_and_wrong(n_y: int) -> None:
    part = three_classes()
    Y = part.Y[:1] if n_y == 1 else part.Y
    run = trained(Network([2, n_y]), (1000 * part.X + 3000, Y), learning_rate=0.1, iterations=20)
    finding = the("saturated", run)
    assert finding.what.startswith("half of the outputs are certain to thirteen digits")
    assert finding.what.endswith("of a constant answer: often certain and wrong")
    assert finding.cause.startswith("features too large")


def test_dead_after_steps_that_were_too_long() -> None:
    run = trained(Network([64, 4, 10]), load_digits(), learning_rate=10.0)
    assert kinds(run) == ["dead", "stuck"]
    finding = the("dead", run)
    assert finding.what == "4 of 4 relu units of layer 1 are 0 for every example and cannot learn"
    assert finding.cause == "a step that was too long pushed them below zero: too large a learning rate"
    assert "a learning rate 3 to 10 times smaller" in finding.remedy
    Z = run.parameters["W1"] @ load_digits().train.X + run.parameters["b1"]
    assert (Z <= 0).all()


def test_dead_because_all_weights_are_zero() -> None:
    run = trained(Network([2, 1, 1]), load_flower(), learning_rate=1.0, initializer="zeros")
    assert kinds(run) == ["dead", "stuck"]
    assert the("dead", run).cause == "initial weights too small or zero"


def test_living_units_are_not_called_dead() -> None:
    part = three_classes()
    parameters = {"W1": np.array([[1.0, 0], [0, 1], [1, 1]]), "b1": np.zeros((3, 1)), "W2": np.ones((3, 3))}
    parameters |= {"b2": np.zeros((3, 1))}
    network = Network([2, 3, 3], output="softmax")

    def dead(b1: float) -> list[str]:
        changed = parameters | {"b1": np.array([[0.0], [b1], [b1]])}
        return [
            finding.what for finding in diagnose(network, changed, History(np.ones(1)), part) if finding.kind == "dead"
        ]

    assert dead(0.0) == []
    assert dead(-100.0) == ["2 of 3 relu units of layer 1 are 0 for every example and cannot learn"]


@pytest.mark.parametrize(("hidden", "dtype"), list(product(["tanh", "sigmoid", "leaky_relu"], ["float64", "float32"])))
def test_equal_units_from_equal_weights(hidden: str, dtype: str) -> None:
    part = three_classes()
    network = Network([2, 4, 5, 3], hidden=hidden)
    constant = {name: np.full(shape, 0.3) for name, shape in network.shapes.items()}
    run = trained(network, part, learning_rate=0.3, parameters=constant, dtype=dtype, iterations=50)
    assert the("equal", run).what == (
        "all 4 units of layer 1 and all 5 units of layer 2 are equal: they compute one and the same thing"
    )
    assert the("equal", run).remedy == "random initial weights: initializer 'he'"
    assert "equal" not in kinds(trained(network, part, learning_rate=0.3, dtype=dtype))


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
    found = [finding.kind for finding in diagnose(network, narrow, History(np.array([0.8, 0.7])), part)]
    assert ("equal" in found) == equal


def test_equal_units_are_named_though_the_cost_falls() -> None:
    data = load_breast_cancer().standardized()
    run = trained(Network([30, 4, 1], hidden="sigmoid"), data, learning_rate=1.0, initializer="zeros", iterations=500)
    assert run.history.costs[-1] < 0.1
    assert kinds(run) == ["equal"]


def test_a_logistic_regression_may_start_from_zeros() -> None:
    data = load_breast_cancer().standardized()
    assert kinds(trained(Network([30, 1]), data, learning_rate=0.1, initializer="zeros")) == []


# How it is told


def test_every_finding_is_one_warning_at_the_callers_line() -> None:
    with pytest.warns(TrainingWarning) as caught:
        run = layerlab.train(
            Network([2, 4, 1]), load_flower(), learning_rate=1.2, iterations=50, initializer="zeros", progress=False
        )
    assert [str(warning.message) for warning in caught] == [str(finding) for finding in run.diagnosis]
    assert len(caught) == len(kinds(run)) == len(set(kinds(run))) == 3
    assert {warning.filename for warning in caught} == {__file__}


def test_nothing_is_said_of_a_run_without_an_iteration() -> None:
    network, part = Network([1, 1], output="identity"), line()
    assert diagnose(network, {"W1": np.zeros((1, 1)), "b1": np.zeros((1, 1))}, History(np.empty(0)), part) == ()


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
        ("no_structure", 1),
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

    def found(outgoing: list[float]) -> list[str]:
        parameters = {"W1": W1, "b1": np.zeros((4, 1)), "W2": np.array([outgoing]), "b2": np.zeros((1, 1))}
        return [finding.kind for finding in diagnose(network, parameters, falling, part)]

    assert found([3.0, -3.0, 3.0, 0.0]) == []  # a cost of 1e-4: that is how they tell the classes apart
    assert found([0.1, -0.1, 0.1, 0.0])[:1] == ["saturated"]  # a cost of 0.6: there it is a complaint


def test_no_finding_about_rare_positives_that_are_learned() -> None:
    random = np.random.RandomState(0)
    X = random.randn(2, 400)
    data = Dataset("rare", Part(X, (X[:1] > 2).astype(np.float64)), Part(X[:, :5], np.array([[0.0, 1, 0, 1, 0]])))
    assert data.train.Y.mean() < 0.05
    assert kinds(trained(Network([2, 1]), data, learning_rate=1.0, iterations=1000)) == []


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

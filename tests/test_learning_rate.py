"""The learning rate: ranges, seeds, the range test, the sharpness and its bounds, and what is recommended."""

from __future__ import annotations

import copy
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st
from matplotlib.text import Text
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

import layerlab
from layerlab import InputError, Network, Run, plots
from layerlab.commands.ranges import values_in
from layerlab.datasets import Dataset, Part, Standardization, load_flower
from layerlab.datasets.loading.array_streams import ArrayExamples
from layerlab.datasets.streaming.stream import Stream
from layerlab.formulas import ACTIVATIONS, cost, network_backward, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.reporting.pictures.of_sweeps import band
from layerlab.runs.history import History
from layerlab.settings import SETTINGS
from layerlab.tuning.learning_rate.recommendation import rates_below
from layerlab.tuning.learning_rate.rising_rate import RangeTest
from layerlab.tuning.sweeps.advice import advised
from layerlab.tuning.sweeps.behaviour import behaviours
from layerlab.tuning.sweeps.seeds import over_seeds

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")

RATE, SEED = SETTINGS["learning_rate"], SETTINGS["seed"]
TANH = Network([2, 4, 1], hidden="tanh")


def data(p: int = 6, m: int = 19, seed: int = 0) -> Part:
    random = np.random.RandomState(seed)
    return Part(random.randn(p, m), random.randint(0, 2, (1, m)).astype(np.float64))


def values(p: int = 3, m: int = 12) -> Part:
    random = np.random.RandomState(1)
    return Part(random.randn(p, m), random.randn(1, m))


# Ranges


def test_ranges_in_words() -> None:
    assert values_in(RATE, "0.001..1x4") == [0.001, 0.01, 0.1, 1.0]
    assert values_in(RATE, "0.01..1") == [0.01, 0.03162, 0.1, 0.3162, 1.0]
    assert values_in(RATE, "1e-3..1e-1x3, 5") == [0.001, 0.01, 0.1, 5.0]
    assert values_in(RATE, "0.1,None") == [0.1, None]
    assert values_in(SEED, "0..3,7") == [0, 1, 2, 3, 7]
    assert values_in(SETTINGS["schedule"], "constant,cosine") == ["constant", "cosine"]


@how(deadline=None, derandomize=True)
@given(low=st.floats(1e-9, 1.0), decades=st.floats(0.1, 8.0), n=st.integers(2, 40))
def test_a_range_begins_and_ends_where_it_says_and_goes_by_equal_factors(low: float, decades: float, n: int) -> None:
    high = low * 10**decades
    several = values_in(RATE, f"{low!r}..{high!r}x{n}")
    assert (len(several), several[0], several[-1]) == (n, low, high)
    assert_allclose(np.diff(np.log(several)), math.log(high / low) / (n - 1), atol=1.1e-3)
    assert all(value == float(f"{value:.4g}") for value in several[1:-1])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("learning_rate", "1..0.1", "learning rate 1..0.1: wanted a range from a lower to a higher number, such as"),
        ("learning_rate", "0..1x3", "learning rate 0..1x3: a range goes by equal factors: wanted finite ends above 0"),
        ("learning_rate", "0.1..infx3", "learning rate 0.1..infx3: a range goes by equal factors: wanted finite ends"),
        ("learning_rate", "0.1..1x1", "learning rate 0.1..1x1: wanted at least 2 values in a range"),
        ("learning_rate", "0.1..1x1000000", "learning rate 0.1..1x1000000: names 1,000,000 values: wanted at most"),
        ("seed", "0..9x3", "seed 0..9x3: wanted whole numbers from the first to the last, such as 0..9, without"),
        ("seed", "3..3", "seed 3..3: wanted a range from a lower to a higher number, such as 0..9"),
        ("seed", "0..999999999", "seed 0..999999999: names 1,000,000,000 values: wanted at most 10,000"),
    ],
)  # fmt: skip
def test_ranges_that_are_none(name: str, text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        values_in(SETTINGS[name], text)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize("text", ["0.1..x3", "..1x3", "0.1..1x", "a..b", "0.1..1xmany", "0.1..0.2..0.3"])
def test_text_that_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"could not convert|invalid literal"):
        values_in(RATE, text)


# Seeds


def test_members_that_differ_in_their_seed_are_one_row() -> None:
    swept = layerlab.sweep(TANH, load_flower(), learning_rate=[0.01, 1.0], seed=range(3), iterations=40, progress=False)
    slow, fast = swept.over_seeds
    assert (slow.settings, slow.members, fast.members) == ({"learning_rate": 0.01}, (0, 1, 2), (3, 4, 5))
    costs = sorted(row["cost"] for row in swept.table[:3])
    assert slow.figures["cost"] == (costs[1], costs[0], costs[2])
    assert slow.figures["validation_cost"] is None
    assert sum(slow.behaviours.values()) == 3
    text = str(swept)
    assert f"{costs[1]:.4f}" in text
    assert f"{costs[0]:.4f} to {costs[2]:.4f}" in text
    assert "Figures are medians over the seeds, below them the lowest and the highest" in text


def test_one_seed_is_no_spread_and_what_diverged_is_left_out() -> None:
    made = ((1.0, 0, 0.5, "fell"), (1.0, 1, math.inf, "diverged"), (9.0, 0, math.nan, "diverged"))
    names = ("learning_rate", "seed", "cost", "behaviour")
    rows = [dict(zip(names, row, strict=True)) for row in made]
    mixed, lost = over_seeds(rows, ["learning_rate", "seed"])
    assert (mixed.figures["cost"], mixed.words) == ((0.5, 0.5, 0.5), "1 fell, 1 diverged")
    assert (lost.figures["cost"], lost.words) == (None, "diverged")
    assert [group.members for group in over_seeds(rows, ["seed"])] == [(0, 1, 2)]


def test_a_band_is_the_median_the_lowest_and_the_highest() -> None:
    curves = [np.array([3.0, 2.0, 1.0]), np.array([3.0, 1.0, 0.5]), np.array([3.0, np.inf])]
    middle, low, high = band(curves)
    assert_array_equal(middle, [3, 2, 1])
    assert_array_equal(low, [3, 1, 0.5])
    assert_array_equal(high, [3, np.inf, np.inf])
    stopped = band([np.array([3.0, 2.0]), np.array([3.0, 1.0, 0.5])])
    assert_array_equal(stopped[2], [3, 2, 2])  # one that ended early stays where it ended
    figure = plots.cost_curves({"rate 1": middle}, bands={"rate 1": (low, high)})
    assert len(figure.axes[0].lines) == 1
    area = np.asarray(figure.axes[0].collections[0].get_paths()[0].vertices)
    assert area[:, 1].min() == 0.5
    assert np.isfinite(area).all()


# The range test


def test_the_rates_rise_by_equal_factors_and_the_costs_are_those_of_a_training_with_them() -> None:
    test = layerlab.range_test(TANH, load_flower(), lowest=1e-3, highest=1.0, updates=31, seed=3)
    assert_allclose(np.diff(np.log10(test.rates)), 0.1, rtol=1e-9)
    by_hand = layerlab.train(TANH, load_flower(), learning_rate=1e-3, iterations=1, seed=3)
    X, Y = load_flower().train
    parameters = layerlab.formulas.initialize_parameters([2, 4, 1], "he", 3)
    for rate, there in zip(test.rates, test.costs, strict=True):
        Z, caches = network_forward(X, parameters, ["tanh"])
        assert there == pytest.approx(float(cost(by_hand.network.loss.losses(Z, Y))), rel=1e-12)
        gradients = network_backward(by_hand.network.loss.gradient(Z, Y), caches)
        parameters = {name: value - rate * gradients[f"d{name}"] for name, value in parameters.items()}


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("settings", [{}, {"optimizer": "adam", "batch_size": 64}, {"optimizer": "momentum"}])
def test_both_engines_agree(settings: dict[str, Any], engine: str) -> None:
    own = {"updates": 60, "highest": 0.1, **settings}
    test = layerlab.range_test(TANH, load_flower(), engine=engine, **own)
    assert_allclose(test.costs, layerlab.range_test(TANH, load_flower(), **own).costs, rtol=1e-9)


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("basis", ["full", "span"])
def test_everything_is_as_it_was(engine: str, basis: str) -> None:
    part = data(p=30)
    how_trained: dict[str, Any] = {"learning_rate": 0.1, "iterations": 20, "optimizer": "momentum", "progress": False}
    run = layerlab.train(Network([30, 4, 1]), part, **how_trained)

    def there() -> list[Any]:
        drawn = np.random.RandomState()  # whatever the global generator is at
        drawn.set_state(np.random.get_state())
        return [*run.parameters.values(), *part, run.history.costs, drawn.randn(3)]

    before = copy.deepcopy(there())
    test = layerlab.range_test(
        run.network, part, parameters=run.parameters, optimizer="momentum", engine=engine, basis=basis, updates=80
    )
    Z, _ = network_forward(part.X, run.parameters, ["relu"])
    assert test.costs[0] == pytest.approx(float(cost(run.network.loss.losses(Z, part.Y))))
    for one, other in zip(there(), before, strict=True):
        assert_array_equal(one, other)
    again = layerlab.train(Network([30, 4, 1]), part, **how_trained)
    assert_array_equal(again.history.costs, run.history.costs)  # to the last bit


def test_it_ends_where_the_cost_explodes_and_suggests_a_rate_before() -> None:
    part = values()
    test = layerlab.range_test(Network([3, 1]), part)
    assert test.exploded_at is not None
    assert test.exploded_at == test.rates[-1] < 100
    assert test.costs[-1] > 2 * test.costs[:20].max() >= test.costs[:-1].max()
    steep, suggestion = test.steepest_at, test.suggestion
    assert steep is not None
    assert suggestion is not None
    assert suggestion == min(steep, test.lowest_at / 10) < test.exploded_at
    told = str(test)
    assert f"the cost exploded at {test.exploded_at:.3g}." in told
    assert f"it suggests {suggestion:.2g}, " in told
    calm = layerlab.range_test(Network([3, 1]), part, highest=1e-3)
    assert calm.exploded_at is None
    assert "the cost did not explode up to 0.001." in str(calm)
    nothing = layerlab.range_test(Network([3, 1]), part, lowest=1e-12, highest=1e-11)
    assert nothing.suggestion is None
    assert "did not fall at any of these rates: there is nothing to suggest" in str(nothing)
    json.dumps([test.facts, calm.facts, nothing.facts])


def test_a_cost_that_is_not_finite_ends_it_and_stays_out_of_the_smoothed_ones() -> None:
    steep, network = Part(1e5 * np.abs(data(p=2).X), np.full((1, 19), 2.0)), Network([2, 1], output="poisson")
    with pytest.raises(InputError, match="the cost is not finite before the first update: wanted smaller features"):
        layerlab.range_test(network, steep, seed=1)
    test = layerlab.range_test(network, steep, lowest=1.0, initializer="zeros")
    assert (test.exploded_at, test.steepest_at) == (test.rates[1], None)
    assert not np.isfinite(test.costs[-1])
    assert np.isfinite(test.smoothed[:-1]).all()
    assert isinstance(test, RangeTest)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"learning_rate": 0.1}, "learning_rate=0.1 has no meaning for a range test, in which the learning rate rises"),
        ({"epochs": 3}, "epochs=3 has no meaning for a range test"),
        ({"schedule": "cosine"}, "schedule='cosine' has no meaning for a range test"),
        ({"monitor": "cost"}, "monitor='cost' has no meaning for a range test"),
        ({"optimizer": "lbfgs"}, "optimizer='lbfgs' has no learning rate to test: its line search finds the length"),
        ({"lowest": 2.0, "highest": 1.0}, "lowest=2.0, highest=1.0: wanted a lowest rate below the highest"),
        ({"lowest": 0}, "lowest=0: wanted a finite number above 0"),
        ({"updates": 3}, "updates=3: wanted a whole number of at least 20"),
        ({"seed": [1, 2]}, "seed=[1, 2]: takes one value only"),
        ({"rate": 2}, "no setting is called 'rate'"),
    ],
)
def test_range_tests_that_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        layerlab.range_test(TANH, load_flower(), **settings)
    assert str(caught.value).startswith(words)


# Sharpness


def dense_hessian(run: Run, part: Part, l2: float, weights: Floats) -> Floats:
    """By central differences of the gradient, entry by entry."""
    names = list(run.parameters)

    def gradient(flat: Floats) -> Floats:
        ends = np.cumsum([run.parameters[name].size for name in names])[:-1]
        own = {
            name: piece.reshape(run.parameters[name].shape)
            for name, piece in zip(names, np.split(flat, ends), strict=True)
        }
        Z, caches = network_forward(part.X, own, run.network.activations)
        slopes = network_backward(run.network.loss.gradient(Z, part.Y, weights / weights.mean()), caches)
        decay = {name: l2 / weights.sum() * own[name] if name[0] == "W" else 0.0 for name in names}
        return np.concatenate([(slopes[f"d{name}"] + decay[name]).ravel() for name in names])

    there = np.concatenate([run.parameters[name].ravel() for name in names])
    steps = 1e-5 * np.eye(len(there))
    columns = [(gradient(there + step) - gradient(there - step)) / 2e-5 for step in steps]
    return np.array(columns)


@pytest.mark.parametrize(("p", "m"), [(3, 19), (12, 5)])  # more examples than features, and fewer
@pytest.mark.parametrize("hidden", ["tanh", "mish"])
def test_sharpness_is_the_largest_eigenvalue_of_the_dense_hessian(hidden: str, p: int, m: int) -> None:
    part, weights = data(p, m), np.linspace(0.5, 2.0, m)
    run = layerlab.train(
        Network([p, 4, 1], hidden=hidden), part, learning_rate=0.5, iterations=60, l2=0.3, sample_weight=weights
    )
    eigenvalues = np.linalg.eigvalsh(dense_hessian(run, part, 0.3, weights))
    assert layerlab.sharpness(run, part, sample_weight=weights) == pytest.approx(eigenvalues[-1], rel=1e-6)


def test_where_the_largest_in_magnitude_is_negative_the_largest_is_taken() -> None:
    part = Part(np.array([[1.0, -1.0]]), np.array([[10.0, -10.0]]))
    start = {"W1": np.full((1, 1), 0.1), "b1": np.zeros((1, 1)), "W2": np.full((1, 1), 0.1), "b2": np.zeros((1, 1))}
    run = layerlab.train(
        Network([1, 1, 1], hidden="identity"), part, learning_rate=1e-9, iterations=1, parameters=start
    )
    eigenvalues = np.linalg.eigvalsh(dense_hessian(run, part, 0.0, np.ones(2)))
    assert -eigenvalues[0] == pytest.approx(9.97, abs=0.01)
    assert layerlab.sharpness(run, part) == pytest.approx(eigenvalues[-1], rel=1e-6)


def test_special_costs() -> None:
    part = values()
    flat = layerlab.train(Network([3, 1], output="absolute"), part, learning_rate=0.1, iterations=3)
    assert layerlab.sharpness(flat, part) == 0.0
    wide = Part(np.zeros((5, 2)), np.array([[0.0, 1.0]]))
    with_penalty = layerlab.train(Network([5, 1]), wide, learning_rate=0.1, iterations=3, l2=8.0)
    assert layerlab.sharpness(with_penalty, wide) == pytest.approx(4.0)  # λ / m, where no example says anything
    line = layerlab.train(Network([3, 1]), part, learning_rate=0.1, iterations=3)
    design = np.vstack([part.X, np.ones((1, 12))])
    assert layerlab.sharpness(line, part) == pytest.approx(np.linalg.eigvalsh(design @ design.T / 12)[-1], rel=1e-9)


def test_the_sharpness_of_scaled_values_is_that_of_the_cost_that_is_learned() -> None:
    part = values()
    scaling = Standardization(np.array([[700.0]]), np.array([[50.0]]))
    own = Part(part.X, scaling.undone(part.Y))
    dataset = Dataset("own", own, own, target_scaling=scaling)
    network, settings = Network([3, 4, 1], hidden="tanh"), dict[str, Any](learning_rate=0.1, iterations=30)
    curve = layerlab.edge_of_stability(network, dataset, every=10, **settings)
    learned = layerlab.edge_of_stability(network, part, every=10, **settings)
    assert_allclose(curve.sharpness, learned.sharpness, rtol=1e-9)
    assert layerlab.sharpness(curve.run, dataset) == pytest.approx(learned.sharpness[-1], rel=1e-9)


def test_weights_that_are_missing_are_asked_for() -> None:
    part = data()
    run = layerlab.train(Network([6, 1]), part, learning_rate=0.1, iterations=3, sample_weight=np.ones(19))
    with pytest.raises(InputError, match="the run was trained with example weights, which its cost depends on"):
        layerlab.sharpness(run, part)


# The edge of stability


HEAVY: dict[str, Any] = {"optimizer": "momentum", "momentum": 0.7}


@pytest.mark.parametrize(
    ("settings", "factor"), [({}, 2.0), (HEAVY, 3.4), ({**HEAVY, "optimizer": "nesterov"}, 3.4 / 2.4)]
)
def test_just_below_the_bound_a_quadratic_falls_and_just_above_it_rises(
    settings: dict[str, Any], factor: float
) -> None:
    part, network = values(), Network([3, 1])
    sharp = layerlab.sharpness(layerlab.train(network, part, learning_rate=0.1, iterations=1), part)
    for share, falls in ((0.98, True), (1.02, False)):
        rate = share * factor / sharp
        curve = layerlab.edge_of_stability(network, part, learning_rate=rate, iterations=900, every=300, **settings)
        assert curve.bound == pytest.approx(sharp / share)
        assert_allclose(curve.sharpness, sharp, rtol=1e-6)  # of a quadratic the same everywhere
        costs = curve.run.history.costs
        assert (costs[-1] < costs[0]) == falls
        assert ("it was never reached: every step was stable" in str(curve)) == falls
        assert ("it was reached after 0 updates" in str(curve)) != falls


def test_a_tanh_network_sharpens_until_it_hovers_at_the_bound() -> None:
    curve = layerlab.edge_of_stability(
        TANH, load_flower(), learning_rate=3.0, iterations=4000, every=100, initializer="normal", seed=3
    )
    assert curve.bound is not None
    assert curve.bound == pytest.approx(2 / 3)
    assert curve.sharpness[0] < 0.5 * curve.bound
    assert 0.8 < np.median(curve.sharpness[len(curve.sharpness) // 2 :]) / curve.bound < 1.6
    assert curve.iterations.tolist() == list(range(0, 4001, 100))
    assert curve.sharpness[-1] == pytest.approx(layerlab.sharpness(curve.run, load_flower()), rel=1e-6)
    plain = layerlab.train(TANH, load_flower(), learning_rate=3.0, iterations=4000, initializer="normal", seed=3)
    assert_allclose(curve.run.history.costs, plain.history.costs, rtol=1e-9)
    json.dumps(curve.facts)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"optimizer": "adam"}, "No bound: Adam scales its steps by what came before"),
        ({"batch_size": 50}, "No bound: each update sees another cost than that of all examples."),
        ({"dropout": 0.2}, "No bound: each update sees another cost"),
        ({"schedule": "cosine"}, "No bound: the learning rate changes from update to update."),
        ({"clip_norm": 1.0}, "No bound: clipped gradients make steps of another length."),
    ],
)
def test_where_no_bound_holds_it_is_said(settings: dict[str, Any], words: str) -> None:
    curve = layerlab.edge_of_stability(TANH, load_flower(), learning_rate=0.01, epochs=4, **settings)
    assert curve.bound is None
    assert words in str(curve)
    assert np.isfinite(curve.sharpness).all()


def test_a_training_that_diverges_has_no_sharpness_there() -> None:
    steep, network = Part(1e5 * np.abs(data(p=2).X), np.full((1, 19), 2.0)), Network([2, 1], output="poisson")
    curve = layerlab.edge_of_stability(network, steep, learning_rate=1.0, iterations=50, initializer="zeros")
    assert np.isfinite(curve.sharpness[0])
    assert np.isnan(curve.sharpness[-1])
    assert curve.run.diagnosis[0].kind == "diverged"
    assert "nan at the end" in str(curve)


# What is recommended


def table(**words: list[str]) -> list[dict[str, Any]]:
    """Rows of a sweep: rates by name, a word a seed; costs fall with the rate."""
    return [
        {
            "learning_rate": float(name[1:].replace("_", ".")),
            "seed": seed,
            "cost": 1.0 / (1 + number),
            "behaviour": word,
        }
        for number, (name, several) in enumerate(words.items())
        for seed, word in enumerate(several)
    ]


LARGEST = "the largest of the tried rates that fell without oscillating"
SEVERAL = (
    f"Learning rate 0.1: {LARGEST} in all 2 seeds; 1 oscillated in 1 of 2. Lower ended 1 at the median, at a cost of "
    f"0.333 against 0.5, though it oscillated in 1 of 2."
)
ONE = f"Learning rate 0.1: {LARGEST}; 1 oscillated. Lower ended 1, at a cost of 0.5 against 1, though it oscillated."


def test_the_largest_rate_that_fell_in_all_seeds() -> None:
    rows = table(r0_01=["crept"] * 2, r0_1=["fell"] * 2, r1=["fell", "oscillated"], r10=["diverged"] * 2)
    assert advised(rows, ["learning_rate", "seed"]) == (0.1, SEVERAL)
    assert advised(table(r0_1=["fell"], r1=["oscillated"]), ["learning_rate"]) == (0.1, ONE)
    assert advised(table(r0_1=["crept"], r1=["fell"]), ["learning_rate"]) == (
        1.0,
        "Learning rate 1: the largest of the tried rates that fell without oscillating; no larger one was tried.",
    )


def test_where_none_fell_it_is_said_where_to_look() -> None:
    none = "No tried learning rate fell without oscillating"
    assert advised(table(r0_1=["crept"], r1=["stuck"]), ["learning_rate"]) == (None, f"{none}; try larger ones than 1.")
    assert advised(table(r1=["rose"], r10=["diverged"]), ["learning_rate"]) == (
        None,
        f"{none}; try smaller ones than 1.",
    )
    assert advised(table(r0_1=["crept"], r1=["oscillated"]), ["learning_rate"]) == (
        None,
        f"{none}; 0.1 crept and 1 oscillated: try rates between.",
    )


def test_there_is_no_one_answer_where_something_else_was_varied() -> None:
    rows = [row | {"l2": 0.1} for row in table(r0_1=["fell"], r1=["fell"])]
    assert advised(rows, ["learning_rate", "l2"]) is None
    assert advised(rows, ["seed"]) is None
    swept = layerlab.sweep(TANH, load_flower(), learning_rate=[0.01, 0.1], l2=[0.0, 0.1], iterations=5, progress=False)
    assert "→" not in str(swept)


@how(deadline=None, derandomize=True)
@given(st.floats(1e-6, 1e3))
def test_rates_below_a_rate_cover_three_decades(highest: float) -> None:
    rates = rates_below(highest)
    assert highest / 3.4 < rates[-1] <= highest * (1 + 1e-9) or rates[-1] == pytest.approx(highest, rel=0.06)
    assert len(rates) == 7
    assert rates[0] == pytest.approx(rates[-1] / 1000)


def test_a_recommendation_holds_what_it_was_read_from() -> None:
    flower = load_flower()
    found = layerlab.recommend_learning_rate(TANH, flower, iterations=1500, initializer="normal", seed=[3, 4])
    assert found.range_test is not None
    assert found.stability is not None
    assert len(found.sweep.table) == 14
    assert found.rate in {row["learning_rate"] for row in found.sweep.table}
    fell = [row["learning_rate"] for row in found.sweep.table if row["behaviour"] == "fell"]
    assert fell.count(found.rate) == 2
    assert found.rate == max(rate for rate in fell if fell.count(rate) == 2)
    assert str(found).startswith(f"Learning rate {found.rate:g}: the largest of the tried rates")
    assert "By the sharpness of the training cost, rates up to " in str(found)
    number = next(k for k, row in enumerate(found.sweep.table) if row["learning_rate"] == found.rate)
    assert_allclose(found.stability.run.history.costs, found.sweep.histories[number].costs, rtol=1e-8)


def test_without_a_bound_the_reason_is_said_and_zeros_need_one_seed() -> None:
    settings: dict[str, Any] = {"optimizer": "adam", "batch_size": 100, "epochs": 5, "schedule": "cosine"}
    found = layerlab.recommend_learning_rate(TANH, load_flower(), learning_rate=[1e-6, 0.05], seed=0, **settings)
    assert (found.rate, found.range_test, found.stability) == (0.05, None, None)
    assert "The sharpness of the cost says nothing here: Adam scales its steps by what came before" in str(found)
    zeros = layerlab.recommend_learning_rate(
        Network([2, 1]), load_flower(), initializer="zeros", iterations=50, learning_rate=[0.1, 1.0]
    )
    assert len(zeros.sweep.table) == 2


def test_recommendations_that_are_refused() -> None:
    for rates in (0.1, [0.1]):
        with pytest.raises(InputError, match="wanted a list of at least two rates to choose from, or None"):
            layerlab.recommend_learning_rate(TANH, load_flower(), learning_rate=rates, iterations=5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="optimizer='lbfgs' has no learning rate to test"):
        layerlab.recommend_learning_rate(TANH, load_flower(), optimizer="lbfgs", iterations=5)
    with pytest.raises(InputError, match="iterations=None, epochs=None: wanted one of the two"):
        layerlab.recommend_learning_rate(TANH, load_flower())


# Pictures


def words(figure: Any) -> str:
    return " ".join(" ".join(one.get_text().split()) for one in figure.findobj(Text) if isinstance(one, Text))


def test_the_picture_of_a_range_test() -> None:
    rates, costs = np.geomspace(1e-4, 1, 50), np.append(np.linspace(0.7, 0.2, 49), np.inf)
    figure = plots.range_test(rates, costs, costs, 0.01)
    assert figure.axes[0].get_xscale() == "log"
    assert "suggested: 0.01" in words(figure)
    assert "mathdefault" not in words(figure)
    assert len(plots.range_test(rates, costs, costs).axes[0].lines) == 2
    with pytest.raises(InputError, match=r"have the shapes \(50,\), \(50,\) and \(49,\): wanted as many of each"):
        plots.range_test(rates, costs, costs[1:])


def test_the_picture_of_cost_and_sharpness() -> None:
    costs, at, sharp = np.linspace(1, 0.1, 101), np.arange(0, 101, 10), np.geomspace(0.1, 60, 11)
    figure = plots.stability(costs, at, sharp, 50.0)
    above, below = figure.axes
    assert below.get_yscale() == "log"
    assert "steps are unstable above 50" in words(figure)
    assert "mathdefault" not in words(figure)
    assert_array_equal(below.lines[0].get_ydata(), sharp)
    assert above.get_xlim() == below.get_xlim()
    flat = plots.stability(costs, at, np.append(sharp[:1].repeat(10), np.nan))
    assert flat.axes[1].get_yscale() == "linear"
    with pytest.raises(InputError, match="wanted as many of the one as of the other"):
        plots.stability(costs, at, sharp[1:])


# From the command line


@pytest.fixture
def say(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*words: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "layerlab", *map(str, words)]
        own = {**os.environ, "COLUMNS": "200"}
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=own)  # noqa: S603

    return run


@pytest.mark.processes
def test_rate_says_a_rate_with_its_reasons(say: Any, tmp_path: Path) -> None:
    said = say("rate", "flower", "--iterations", 1500, "--seed", "3..5", "--plots", "p", "--json", "facts.json")
    assert said.returncode == 0, said.stderr
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert f"• Learning rate {facts['learning_rate']:g}: the largest of the tried rates that fell" in said.stdout
    assert [row["seed"] for row in facts["sweep"]["members"]][:3] == [3, 4, 5]
    assert facts["sweep"]["advice"]["rate"] == facts["learning_rate"]
    assert facts["sweep"]["over_seeds"][0]["members"] == [0, 1, 2]
    assert facts["stability"]["bound"] == pytest.approx(2 / facts["learning_rate"])
    assert len(facts["range_test"]["rates"]) == len(facts["range_test"]["costs"])
    assert [Path(path).name for path in facts["plots"]] == ["range_test.png", "sweep.png", "stability.png"]
    for path in facts["plots"]:
        with Image.open(tmp_path / path) as picture:
            assert picture.size[0] == 1050


@pytest.mark.processes
def test_rate_tries_the_rates_that_are_given_and_takes_other_optimizers(say: Any) -> None:
    said = say(
        "rate", "flower", "--learning-rate", "0.001..0.1x3", "--optimizer", "adam", "--iterations", 1000, "--json", "-"
    )
    assert said.returncode == 0, said.stderr
    facts = json.loads(said.stdout)
    assert {row["learning_rate"] for row in facts["sweep"]["members"]} == {0.001, 0.01, 0.1}
    assert (facts["range_test"], facts["stability"]) == (None, None)
    assert "The sharpness of the cost says nothing here" in said.stderr


@pytest.mark.processes
def test_a_sweep_takes_ranges_and_draws_a_band_for_each_rate(say: Any, tmp_path: Path) -> None:
    rates = ["--learning-rate", "0.01..1x3", "--seed", "0..4", "--iterations", 3000]
    said = say("sweep", "flower", "--layers", 4, "--hidden", "tanh", *rates, "--json", "f.json")
    assert said.returncode == 0, said.stderr
    facts = json.loads((tmp_path / "f.json").read_text())
    assert len(facts["members"]) == 15
    assert [group["learning_rate"] for group in facts["over_seeds"]] == [0.01, 0.1, 1.0]
    assert "→ Learning rate " in said.stdout
    assert "Figures are medians over the seeds" in said.stdout


@pytest.mark.processes
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sweep", "flower", "--learning-rate", "1..0.1"], "learning rate 1..0.1: wanted a range from a lower"),
        (["sweep", "flower", "--seed", "0..x"], "--seed '0..x': wanted numbers with commas, such as 0.01"),
        (["train", "flower", "--learning-rate", "0.1..1"], "--learning-rate '0.1..1': takes one value only here"),
        (["train", "flower", "--iterations", "1..3"], "--iterations '1..3': takes one value only"),
        (["rate", "flower", "--learning-rate", "0.1"], "learning_rate=[0.1]: wanted a list of at least two rates"),
        (["rate", "flower", "--optimizer", "lbfgs"], "optimizer='lbfgs' has no learning rate to test"),
        (["rate", "nothing"], "no dataset is called 'nothing'"),
    ],
)  # fmt: skip
def test_requests_that_are_refused(say: Any, arguments: list[str], words: str) -> None:
    said = say(*arguments)
    assert said.returncode == 2
    assert said.stderr.startswith(f"layerlab: {words}")
    assert not said.stdout


def test_every_activation_can_be_asked_for_its_sharpness() -> None:
    for hidden in ACTIVATIONS:
        run = layerlab.train(Network([6, 3, 1], hidden=hidden), data(), learning_rate=0.01, iterations=2)
        assert math.isfinite(layerlab.sharpness(run, data()))


def test_a_curve_is_measured_from_its_own_start() -> None:
    high, low = History(np.array([9.0, 0.1])), History(np.array([0.5, 0.12]))
    assert [what.word for what in behaviours([high, low])] == ["fell", "fell"]


def test_an_interrupted_recommendation_recommends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from layerlab.training.fit import chunks_of
    from layerlab.tuning.sweeps import sweep as population

    def interrupted(*args: Any) -> Any:
        for chunk in chunks_of(*args):
            yield chunk
            raise KeyboardInterrupt

    monkeypatch.setattr(population, "chunks_of", interrupted)
    found = layerlab.recommend_learning_rate(TANH, load_flower(), learning_rate=[0.1, 1.0], seed=0, iterations=10**6)
    assert (found.rate, found.stability) == (None, None)
    assert str(found) == "Interrupted: not all rates were trained to the end."


def test_streams_have_a_range_test_and_no_sharpness() -> None:
    flower = load_flower()
    rows = Stream(ArrayExamples("rows", flower.train.X.T.copy(), flower.train.Y.T.copy(), 50), None, 256.0)
    streamed = Dataset("rows", flower.train, flower.test, stream=rows)
    test = layerlab.range_test(TANH, streamed, batch_size=100, lowest=0.01, highest=1.0, updates=30)
    assert len(test.costs) == 30
    with pytest.raises(InputError, match="is a stream: wanted examples that lie in memory, over all of which the cost"):
        layerlab.edge_of_stability(TANH, streamed, learning_rate=0.1, batch_size=100, epochs=1)

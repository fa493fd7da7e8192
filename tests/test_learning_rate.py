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
from layerlab.settings import SETTINGS
from layerlab.tuning.learning_rate.rising_rate import rates_below, rising_test
from layerlab.tuning.sweeps.advice import advised
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
        ("learning_rate", "0..1x3", "learning rate 0..1x3: a range grows by equal factors: wanted finite ends above 0"),
        ("learning_rate", "0.1..infx3", "learning rate 0.1..infx3: a range grows by equal factors: wanted finite ends"),
        ("learning_rate", "0.1..1x1", "learning rate 0.1..1x1: wanted at least 2 values in a range"),
        ("learning_rate", "0.1..1x1000000", "learning rate 0.1..1x1000000: has 1,000,000 values: wanted at most"),
        ("seed", "0..9x3", "seed 0..9x3: wanted whole numbers from the first to the last, such as 0..9, without"),
        ("seed", "3..3", "seed 3..3: wanted a range from a lower to a higher number, such as 0..9"),
        ("seed", "0..999999999", "seed 0..999999999: has 1,000,000,000 values: wanted at most 10,000"),
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
    medians = "Values are medians over the seeds, below them the lowest and the highest"
    lost = "; diverged networks are left out"
    diverged = "diverged" in {row["behaviour"] for row in swept.table}
    assert f"{medians}{lost * diverged}." in " ".join(text.split())


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
    test = rising_test(TANH, load_flower(), engine=engine, **settings)
    calm = test.rates < 0.1
    assert_allclose(test.costs[calm], rising_test(TANH, load_flower(), **settings).costs[: calm.sum()], rtol=1e-9)


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


def test_it_ends_where_the_cost_explodes_and_suggests_a_rate_that_was_trained_with() -> None:
    part = values()
    test = layerlab.range_test(Network([3, 1]), part)
    assert test.exploded_at is not None
    assert test.exploded_at == test.rates[-1] < 100
    assert test.costs[-1] > 2 * test.costs[:20].max() >= test.costs[:-1].max()
    suggestion, tried = test.suggestion, test.tried
    assert suggestion is not None
    assert tried is not None
    assert (suggestion < test.exploded_at, tried.updates) == (True, 200)
    own = layerlab.train(Network([3, 1]), part, learning_rate=suggestion, iterations=200)
    Z, _ = network_forward(part.X, own.parameters, ())
    reached = float(cost(own.network.loss.losses(Z, part.Y)))
    assert tried.costs[tried.rates.tolist().index(suggestion)] == pytest.approx(reached)
    assert reached - tried.costs.min() <= 0.05 * (test.costs[0] - tried.costs.min())
    told = str(test)
    raised = f"The learning rate was raised from 0.000001 to {test.rates[-1]:.3g} in "
    assert told.startswith(f"Suggested learning rate: {suggestion:g}. {raised}")
    assert (
        f" and exploded at {test.exploded_at:.3g}. From the same start the network was trained for 200 updates" in told
    )
    assert f": with {suggestion:g} the cost fell from {test.costs[0]:.4g} to {reached:.4g}." in told
    calm = layerlab.range_test(Network([3, 1]), part, highest=1e-3)
    assert calm.exploded_at is None
    assert "raised from 0.000001 to 0.001 in" in str(calm)
    assert " and did not explode." in str(calm)
    assert calm.suggestion == 1e-3  # none beyond is tried
    nothing = layerlab.range_test(Network([3, 1]), part, lowest=1e-12, highest=1e-11)
    assert nothing.suggestion is None
    assert str(nothing).startswith("No learning rate is suggested: the cost did not fall with any of them.")
    json.dumps([test.facts, calm.facts, nothing.facts])


SMALL_BATCHES: list[tuple[str, Network, dict[str, Any]]] = [
    ("adamw", Network([2, 1]), {"optimizer": "adamw", "batch_size": 8, "seed": 685, "batch_seed": 629}),
    ("gd", Network([2, 8, 8, 8, 1]), {"batch_size": 8, "seed": 2}),
    ("nesterov", TANH, {"optimizer": "nesterov", "batch_size": 64}),
]


@pytest.mark.parametrize("case", SMALL_BATCHES, ids=lambda case: case[0])
def test_with_mini_batches_the_suggestion_trains(case: tuple[str, Network, dict[str, Any]]) -> None:
    """It misses at most 5 % of the fall that the best of nine learning rates reaches in the same epochs."""
    _, network, settings = case
    X, Y = load_flower().train
    suggestion = layerlab.range_test(network, load_flower(), epochs=10, **settings).suggestion
    assert suggestion is not None
    rates = [*np.geomspace(1e-4, 100, 9).tolist(), 1.01 * suggestion]
    swept = layerlab.sweep(network, load_flower(), learning_rate=rates, epochs=10, progress=False, **settings)

    def end(run: Run) -> float:
        with np.errstate(all="ignore"):
            Z, _ = network_forward(X, run.parameters, run.network.activations)
            value = float(cost(run.network.loss.losses(Z, Y)))
        return value if np.isfinite(value) else np.inf

    *others, own = map(end, swept.runs)
    first = swept.histories[0].start
    assert first is not None
    assert own - min(others) <= 0.05 * (first - min(others))


def test_the_rising_cost_is_that_of_fixed_examples_so_that_where_nothing_moves_it_is_flat() -> None:
    flat = layerlab.range_test(TANH, load_flower(), batch_size=8, optimizer="adam", lowest=1e-9, highest=1e-7)
    assert_allclose(flat.costs, flat.costs[0], rtol=1e-3)  # a batch of 8 has a cost between 0.4 and 1.2
    assert flat.suggestion is None


def test_the_length_of_the_trainings_is_that_of_the_updates_or_of_the_epochs() -> None:
    def length(**settings: Any) -> int:
        tried = layerlab.range_test(Network([2, 1]), load_flower(), highest=0.01, updates=20, **settings).tried
        assert tried is not None
        return tried.updates

    assert [length(), length(iterations=7), length(epochs=3)] == [20, 7, 3]
    assert [length(batch_size=200), length(batch_size=40), length(batch_size=200, epochs=3)] == [40, 200, 6]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"learning_rate": 0.1}, "learning_rate=0.1 has no meaning for a range test, in which the learning rate rises"),
        ({"epochs": 3, "iterations": 3}, "iterations=3, epochs=3: wanted one of the two"),
        ({"epochs": 0}, "epochs=0: wanted a whole number of at least 1"),
        ({"schedule": "cosine"}, "schedule='cosine' has no meaning for a range test"),
        ({"monitor": "cost"}, "monitor='cost' has no meaning for a range test"),
        ({"optimizer": "lbfgs"}, "optimizer='lbfgs' has no learning rate to test: its line search finds the length"),
        ({"lowest": 2.0, "highest": 1.0}, "lowest=2.0, highest=1.0: wanted a lowest learning rate below the highest"),
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
        assert ("which was never reached: every step was stable" in str(curve)) == falls
        assert ("That was reached after 0 updates; from there on the sharpness was " in str(curve)) != falls


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
        ({"optimizer": "adam"}, "No bound: Adam scales its steps by earlier gradients"),
        ({"batch_size": 50}, "No bound: with mini-batches or dropout, each update has a cost of its own."),
        ({"dropout": 0.2}, "No bound: with mini-batches or dropout, each update has"),
        ({"schedule": "cosine"}, "No bound: the learning rate changes from update to update."),
        ({"clip_norm": 1.0}, "No bound: clipped gradients change the length of the steps."),
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


def table(ends: dict[float, list[float]], start: float = 1.0, word: str = "fell") -> list[dict[str, Any]]:
    """Rows of a sweep: the cost at which each seed ended, by learning rate; an infinite one diverged."""
    return [
        {
            "learning_rate": rate,
            "seed": seed,
            "start_cost": start,
            "cost": end,
            "behaviour": word if math.isfinite(end) else "diverged",
        }
        for rate, costs in ends.items()
        for seed, end in enumerate(costs)
    ]


def told(ends: dict[float, list[float]], **more: Any) -> tuple[float | None, str]:
    """The learning rate that is advised, and all that is said of it."""
    several = any(len(costs) > 1 for costs in ends.values())
    advice = advised(table(ends, **more), ["learning_rate", "seed"][: 1 + several])
    assert advice is not None
    return advice.rate, f"{advice.answer} {advice.why}"


def test_curves_that_oscillate_and_end_lower_are_not_passed_over() -> None:
    """As the logistic regression on cats: 0.01 oscillates early, and ends at 0.07 where 0.001 is at 0.33."""
    rate, said = told({0.0001: [0.56], 0.001: [0.33], 0.01: [0.07]}, start=0.693, word="oscillated")
    assert rate == 0.01
    assert said == (
        "Recommended learning rate: 0.01. The training cost fell from 0.693 to 0.07. It oscillated. The next smaller "
        "one, 0.001, ended at a cost of 0.33. It is the largest one tried and clearly better than its neighbour: try "
        "larger ones too."
    )


def test_the_smallest_of_those_that_end_alike_is_taken_and_the_lower_one_named() -> None:
    rate, said = told({0.01: [0.9, 0.9], 0.1: [0.11, 0.1], 1.0: [0.1, 0.09], 10.0: [math.inf, math.inf]})
    assert rate == 0.1
    assert said == (
        "Recommended learning rate: 0.1. The training cost fell from 1 to 0.105 (median over 2 seeds; lowest 0.1, "
        "highest 0.11). It fell with both seeds. A learning rate of 1 reached a lower median cost (0.095 instead of "
        "0.105), but on average over the seeds that is only 1 % of the fall, and a smaller learning rate is safer. The "
        "next smaller one, 0.01, ended at a cost of 0.9."
    )


def test_a_rate_that_fails_with_some_seed_is_passed_over_with_that_reason() -> None:
    rate, why = told({0.1: [0.2, 0.2, 0.2], 1.0: [0.1, math.inf, 0.1], 10.0: [math.inf] * 3})
    assert rate == 0.1
    assert (
        "A learning rate of 1 reached a lower median cost (0.1 instead of 0.2), but with one seed it diverged, and the "
        "mean over the seeds decides." in why
    )
    rate, why = told({0.1: [0.2, 0.2, 0.2], 1.0: [0.1, 0.9, 0.1], 10.0: [math.inf] * 3})
    assert rate == 0.1
    assert (
        "A learning rate of 1 reached a lower median cost (0.1 instead of 0.2), but with one seed it ended at 0.9 "
        "instead of 0.2, and the mean over the seeds decides." in why
    )
    assert "No smaller one was tried." in why


def test_a_seed_with_which_nothing_trains_says_nothing_about_the_rate() -> None:
    dead = {0.01: [0.9, 1.0, 0.9], 0.1: [0.5, 1.0, 0.5], 1.0: [0.1, 1.0, 0.1], 10.0: [2.0, 1.0, 2.0]}
    assert told(dead)[0] == 1.0
    lost = {0.01: [0.9, math.inf, 0.9], 0.1: [0.1, math.inf, 0.1]}
    assert told(lost)[0] == 0.1


NONE = "No learning rate is recommended. "
SMALLER = f"{NONE}With the smallest one tried, 0.1, the cost already rose or diverged: try smaller ones."
FLAT = f"{NONE}The cost fell with none of those tried, from 0.1 to 1"
NOT_THE_RATE = "something else than the learning rate keeps it from falling."


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ({0.1: math.inf, 1.0: math.inf}, SMALLER),
        ({0.1: 1.3, 1.0: 1.2}, SMALLER),
        (
            {0.1: 0.9999, 1.0: 0.9998},
            f"{FLAT}, but the larger they were, the further it went down: try larger ones than 1.",
        ),
        ({0.1: 1.0, 1.0: 1.0}, f"{FLAT}: {NOT_THE_RATE}"),
        ({0.1: 0.9998, 1.0: 0.9999}, f"{FLAT}: {NOT_THE_RATE}"),
        ({0.1: 1.01, 1.0: 1.01}, f"{FLAT}: {NOT_THE_RATE}"),  # such a rise may be noise
        (
            {0.1: 1.0, 1.0: math.inf},
            f"{FLAT}. With 0.1 it stayed the same, with 1 it rose or diverged: try learning rates between them.",
        ),
        ({0.1: 1.0, 0.3: 1.0, 1.0: math.inf}, f"{FLAT}: {NOT_THE_RATE}"),
    ],
)
def test_where_the_cost_fell_with_none_a_direction_needs_evidence(ends: dict[float, float], words: str) -> None:
    rate, said = told({rate: [end] for rate, end in ends.items()})
    assert rate is None
    assert said.startswith(words)


def test_beyond_what_was_tried_a_direction_needs_a_trend() -> None:
    assert "try" not in told({0.1: [0.2], 1.0: [0.2]})[1].replace("tried", "")  # at the edge, but no lower than beside
    assert (
        " than its neighbour: try smaller ones too. The next larger one, 1, ended at a cost of 0.5."
        in told({0.1: [0.2], 1: [0.5]})[1]
    )
    assert " than its neighbour: try larger ones too." in told({0.1: [0.5], 1: [0.2]})[1]


def test_epochs_on_mini_batches_get_the_rate_that_trains() -> None:
    """It said that none fell, and to try smaller ones than 0.01, where 3 classified 82 %."""
    found = layerlab.recommend_learning_rate(
        TANH,
        load_flower(),
        seed=range(3),
        batch_size=64,
        epochs=20,
        initializer="normal",
        learning_rate=[0.01, 0.1, 3.0],
    )
    assert found.rate == 3.0
    assert found.sentences[0] == "Recommended learning rate: 3."


def test_there_is_no_one_answer_where_something_else_was_varied() -> None:
    rows = [row | {"l2": 0.1} for row in table({0.1: [0.5], 1.0: [0.4]})]
    assert advised(rows, ["learning_rate", "l2"]) is None
    assert advised(rows, ["seed"]) is None
    swept = layerlab.sweep(TANH, load_flower(), learning_rate=[0.01, 0.1], l2=[0.0, 0.1], iterations=5, progress=False)
    assert "Recommended" not in str(swept)


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
    assert str(found).startswith(f"Recommended learning rate: {found.rate:g}.\nThe training cost fell from ")
    assert f"At the start of a training with learning rate {found.rate:g} (seed 3), learning rates up to " in str(found)
    assert " That only shows the range to try: layerlab then trained with learning rates from " in str(found)
    assert found.range_test.suggestion is None  # one answer, not two
    spreads = {group.settings["learning_rate"]: group.figures["cost"] for group in found.sweep.over_seeds}
    medians = {rate: spread.median for rate, spread in spreads.items() if spread}
    assert medians[found.rate] - min(medians.values()) < 0.05 * (0.69 - min(medians.values()))
    number = next(k for k, row in enumerate(found.sweep.table) if row["learning_rate"] == found.rate)
    assert_allclose(found.stability.run.history.costs, found.sweep.histories[number].costs, rtol=1e-8)


def test_without_a_bound_the_reason_is_said_and_zeros_need_one_seed() -> None:
    settings: dict[str, Any] = {"optimizer": "adam", "batch_size": 100, "epochs": 5, "schedule": "cosine"}
    found = layerlab.recommend_learning_rate(TANH, load_flower(), learning_rate=[1e-6, 0.05], seed=0, **settings)
    assert (found.rate, found.range_test, found.stability) == (0.05, None, None)
    assert "The sharpness of the cost does not help here: Adam scales its steps by earlier gradients" in str(found)
    zeros = layerlab.recommend_learning_rate(
        Network([2, 1]), load_flower(), initializer="zeros", iterations=50, learning_rate=[0.1, 1.0]
    )
    assert len(zeros.sweep.table) == 2


def test_recommendations_that_are_refused() -> None:
    for rates in (0.1, [0.1]):
        with pytest.raises(
            InputError, match="wanted a list of at least two learning rates to choose from; leave it out"
        ):
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
    figure = plots.range_test(rates, costs, 0.01, tried=(np.array([0.01, 0.1]), np.array([0.1, np.inf])))
    assert figure.axes[0].get_xscale() == "log"
    assert "suggested: 0.01" in words(figure)
    assert "mathdefault" not in words(figure)
    assert "end of a whole training with this learning rate" in words(figure)
    dots, ring = figure.axes[0].collections
    assert np.asarray(dots.get_offsets()).tolist() == [[0.01, 0.1], [0.1, np.inf]]
    assert np.asarray(ring.get_offsets()).tolist() == [[0.01, 0.1]]  # around the training, not on the flat part
    assert len(figure.axes[0].lines) == 1
    assert figure.axes[0].get_ylim()[0] < 0.1
    assert len(plots.range_test(rates, costs).axes[0].lines) == 1
    assert len(plots.range_test(rates, costs, 0.02).axes[0].lines) == 2  # without trainings a line is the mark
    flat = np.append(np.full(40, 0.7), np.linspace(0.69, 0.2, 10))
    left, right = plots.range_test(rates, flat, tried=(np.array([0.1]), np.array([0.3]))).axes[0].get_xlim()
    assert [left, right] == pytest.approx([0.01, 1])  # learning rates with which nothing moves are left out
    with pytest.raises(InputError, match=r"have the shapes \(50,\) and \(49,\), those of trainings \(0,\) and \(0,\)"):
        plots.range_test(rates, costs[1:])


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
    assert said.stdout.startswith(
        f"Recommended learning rate: {facts['learning_rate']:g}.\n• The training cost fell from "
    )
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
    assert "The sharpness of the cost does not help here" in said.stderr


@pytest.mark.processes
def test_a_sweep_takes_ranges_and_draws_a_band_for_each_rate(say: Any, tmp_path: Path) -> None:
    rates = ["--learning-rate", "0.01..1x3", "--seed", "0..4", "--iterations", 3000]
    said = say("sweep", "flower", "--layers", 4, "--hidden", "tanh", *rates, "--json", "f.json")
    assert said.returncode == 0, said.stderr
    facts = json.loads((tmp_path / "f.json").read_text())
    assert len(facts["members"]) == 15
    assert [group["learning_rate"] for group in facts["over_seeds"]] == [0.01, 0.1, 1.0]
    assert said.stdout.startswith("Recommended learning rate: 1. ")
    assert "Values are medians over the seeds" in said.stdout


@pytest.mark.processes
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sweep", "flower", "--learning-rate", "1..0.1"], "learning rate 1..0.1: wanted a range from a lower"),
        (["sweep", "flower", "--seed", "0..x"], "--seed '0..x': wanted numbers with commas, such as 0.01"),
        (["train", "flower", "--learning-rate", "0.1..1"], "--learning-rate '0.1..1': takes one value only here"),
        (["train", "flower", "--iterations", "1..3"], "--iterations '1..3': takes one value only"),
        (["rate", "flower", "--learning-rate", "0.1"], "--learning-rate 0.1: wanted a list of at least two "),
        (["rate", "flower", "--optimizer", "lbfgs"], "--optimizer 'lbfgs' has no learning rate to test"),
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
    assert str(found) == "Interrupted: not all networks were trained to the end."


def test_an_interrupted_range_test_suggests_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("layerlab.tuning.learning_rate.fixed_cost.last_costs", interrupted)
    with pytest.raises(KeyboardInterrupt):
        layerlab.range_test(TANH, load_flower(), updates=20)


def test_streams_have_a_range_test_and_no_sharpness() -> None:
    flower = load_flower()
    rows = Stream(ArrayExamples("rows", flower.train.X.T.copy(), flower.train.Y.T.copy(), 50), None, 256.0)
    streamed = Dataset("rows", flower.train, flower.test, stream=rows)
    test = layerlab.range_test(TANH, streamed, batch_size=100, lowest=0.01, highest=1.0, updates=30)
    assert len(test.costs) == 30
    assert test.suggestion == 1.0
    with pytest.raises(
        InputError, match="is a stream: wanted examples that lie in memory, because the cost of all of them is needed"
    ):
        layerlab.edge_of_stability(TANH, streamed, learning_rate=0.1, batch_size=100, epochs=1)

"""Schedules, dropout and clipping: against a few lines written by hand, in both engines, populations, the span."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from covering import covering
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
import layerlab.sklearn
from layerlab import InputError, Network, Run
from layerlab.datasets import Part
from layerlab.formulas import SCHEDULES, Progress, dropout_factors, initialize_parameters
from layerlab.formulas.arrays import Floats

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short

M = 10


def part(p: int = 4, m: int = M) -> Part:
    random = np.random.RandomState(0)
    return Part(random.randn(p, m), random.randint(0, 2, (1, m)).astype(np.float64))


def trained(data: Part, dims: list[int], **settings: Any) -> Run:
    arguments: dict[str, Any] = {"learning_rate": 0.3, "iterations": 20, "progress": False, **settings}
    return layerlab.train(Network(dims, hidden="tanh"), data, **arguments)


def assert_same(one: Run, other: Run, rtol: float = 1e-11) -> None:
    assert_allclose(one.history.costs, other.history.costs, rtol=rtol)
    for name, value in other.parameters.items():
        assert_allclose(one.parameters[name], value, rtol=1e-9, atol=1e-11)


AIDS: list[dict[str, Any]] = [
    {"dropout": 0.4, "dropout_seed": 3},
    {"clip_norm": 0.05},
    {"schedule": "inverse_time", "decay": 0.5},
    {"schedule": "interval", "decay": 0.5, "interval": 2},
    {"schedule": "step", "drop": 0.3, "interval": 2},
    {"schedule": "cosine", "warmup": 1.5},
    {"schedule": "log_cosine", "cycles": 3},
    {"schedule": "adaptive", "plateau": 1, "least_progress": 0.2, "drop": 0.5},
    {"dropout": 0.2, "clip_norm": 0.1, "schedule": "cosine", "l2": 0.3, "optimizer": "nesterov"},
]
NAMES = ["-".join(aids) for aids in AIDS]


@pytest.mark.parametrize(
    ("aids", "batch_size", "basis"),
    [*covering(AIDS, [None], ["full", "span"]), *covering(AIDS, [4], ["span", "full"])],  # batches change each aid
    ids=[*NAMES, *(f"{name}-batches" for name in NAMES)],
)
def test_both_engines_both_bases_and_a_population_agree(
    aids: dict[str, Any], batch_size: int | None, basis: str
) -> None:
    data = part(p=30)
    settings = {**aids, "batch_size": batch_size}
    plain = trained(data, [30, 5, 4, 1], engine="numpy", basis="full", **settings)
    without = trained(data, [30, 5, 4, 1], engine="numpy", basis="full", batch_size=batch_size)
    assert not np.allclose(plain.history.costs, without.history.costs, rtol=1e-6)  # it does something
    assert_same(trained(data, [30, 5, 4, 1], engine="numpy", basis="span", **settings), plain)
    assert_same(trained(data, [30, 5, 4, 1], engine="xla", basis=basis, **settings), plain)
    nets = [Network([30, 5, 4, 1], hidden="tanh"), Network([30, 3, 6, 1], hidden="tanh")]
    for engine in ("numpy", "xla"):
        result = layerlab.sweep(
            nets, data, learning_rate=[0.3, 0.1], iterations=20, engine=engine, progress=False, **settings
        )
        assert_same(result.runs[0], plain)
        assert_same(result.runs[3], trained(data, [30, 3, 6, 1], **{**settings, "learning_rate": 0.1}))


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_members_may_each_have_their_own(engine: str) -> None:
    data = part()
    rows: dict[str, Any] = {
        "dropout": [0.0, 0.5],
        "clip_norm": [None, 0.05],
        "schedule": ["constant", "cosine", "step", "log_cosine"],
    }
    result = layerlab.sweep(
        Network([4, 3, 1], hidden="tanh"), data, learning_rate=0.3, iterations=20, engine=engine, progress=False, **rows
    )
    assert len(result.runs) == 16
    for run in result.runs:
        assert_same(run, layerlab.train(run.network, data, progress=False, **{**run.settings, "engine": "numpy"}))


# Schedules


@pytest.mark.parametrize("batch_size", [None, 4])
@pytest.mark.parametrize(
    ("settings", "factor"),
    [
        ({"schedule": "inverse_time", "decay": 0.5}, lambda t, n: 1 / (1 + 0.5 * (t // n))),
        ({"schedule": "interval", "decay": 0.5, "interval": 3}, lambda t, n: 1 / (1 + 0.5 * (t // n // 3))),
        ({"schedule": "step", "drop": 0.1, "interval": 2}, lambda t, n: 0.1 ** (t // n // 2)),
        ({"schedule": "cosine"}, lambda t, n: 0.5 * (1 + math.cos(math.pi * t / 21))),
        ({"schedule": "log_cosine"}, lambda t, n: 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t / 21)))),
        (
            {"schedule": "log_cosine", "cycles": 2},
            lambda t, n: math.sin(math.pi * math.log2(1 + 3 * t / 21)) ** 2,
        ),
        (
            {"schedule": "cosine", "warmup": 2},
            lambda t, n: (t + 1) / (2 * n) if t < 2 * n else 0.5 * (1 + math.cos(math.pi * (t / n - 2) / (21 / n - 2))),
        ),
    ],
)
def test_a_schedule_changes_the_rate_as_written_by_hand(
    settings: dict[str, Any], factor: Callable[[int, int], float], batch_size: int | None
) -> None:
    data, n = part(), 3 if batch_size else 1
    run = trained(data, [4, 1], iterations=21, batch_size=batch_size, batch_seed=1, **settings)
    W, b = initialize_parameters((4, 1), "he", 0).values()
    random, costs = np.random.RandomState(1), []
    order: Any = None
    for t in range(21):
        if batch_size and t % n == 0:
            order = random.permutation(M)
        chosen = order[4 * (t % n) : 4 * (t % n) + 4] if batch_size else np.arange(M)
        X, Y = data.X[:, chosen], data.Y[:, chosen]
        P = 1 / (1 + np.exp(-(W @ X + b)))
        costs.append(-np.mean(np.where(Y == 1, np.log(P), np.log(1 - P))))
        rate = 0.3 * factor(t, n)
        W, b = W - rate * (P - Y) @ X.T / len(chosen), b - rate * (P - Y).mean(axis=1, keepdims=True)
    assert_allclose(run.history.costs, costs, rtol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("batch_size", [None, 4])
def test_an_adaptive_rate_falls_at_every_plateau_of_the_epochs_cost(batch_size: int | None, engine: str) -> None:
    data, n, own = part(), 3 if batch_size else 1, {"drop": 0.5, "plateau": 2, "least_progress": 0.02}
    run = trained(
        data, [4, 1], iterations=60, batch_size=batch_size, batch_seed=1, schedule="adaptive", engine=engine, **own
    )
    W, b = initialize_parameters((4, 1), "he", 0).values()
    random, costs, rate, waited, fell = np.random.RandomState(1), [], 0.3, 0, 0
    lowest: Any = math.inf
    order: Any = None
    for t in range(60):
        if batch_size and t % n == 0:
            order = random.permutation(M)
        chosen = order[4 * (t % n) : 4 * (t % n) + 4] if batch_size else np.arange(M)
        X, Y = data.X[:, chosen], data.Y[:, chosen]
        P = 1 / (1 + np.exp(-(W @ X + b)))
        costs.append((-np.mean(np.where(Y == 1, np.log(P), np.log(1 - P))), len(chosen)))
        W, b = W - rate * (P - Y) @ X.T / len(chosen), b - rate * (P - Y).mean(axis=1, keepdims=True)
        if (t + 1) % n == 0:
            mean = sum(cost * size for cost, size in costs[-n:]) / M
            waited, lowest = waited + 1 if mean > lowest - 0.02 else 0, min(mean, lowest)
            if waited > 2:
                rate, waited, fell = rate * 0.5, 0, fell + 1
    assert fell > 2
    assert_allclose(run.history.costs, [cost for cost, _ in costs], rtol=1e-10)


def test_an_adaptive_rate_is_scikit_learns_until_that_ends() -> None:
    """Its default rule, five times smaller after more than ten epochs without progress of 1e-4."""
    from sklearn.neural_network import MLPClassifier

    data = part()
    model = MLPClassifier(
        (), solver="sgd", learning_rate="adaptive", learning_rate_init=3.0, momentum=0.0, alpha=0.0, random_state=0,
        batch_size=M, max_iter=3000, tol=1e-4,
    ).fit(data.X.T, data.Y[0])  # fmt: skip
    start = layerlab.sklearn.MLPClassifier(
        (), solver="sgd", momentum=0.0, learning_rate_init=1e-300, max_iter=1, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start.fit(data.X.T, data.Y[0])
    run = trained(
        data, [4, 1], learning_rate=3.0, iterations=model.n_iter_, schedule="adaptive",
        parameters={"W1": start.coefs_[0].T, "b1": start.intercepts_[0][:, None]},
    )  # fmt: skip
    assert model._optimizer.learning_rate <= 1e-6
    assert_allclose(run.history.costs, model.loss_curve_, rtol=1e-10)


def test_a_cosine_with_warm_up_rises_and_falls_to_nothing() -> None:
    number = np.asarray
    rates = [
        float(SCHEDULES["cosine"].factor(Progress(number(t * 1.0), number(10.0), number(8.0)), warmup=2.0))
        for t in range(81)
    ]
    assert rates[0] == 1 / 20
    assert rates[19] == 1.0
    assert all(np.diff(rates[:20]) > 0)
    assert all(np.diff(rates[20:]) < 0)
    assert rates[50] == pytest.approx(0.5)
    assert rates[80] == pytest.approx(0.0, abs=1e-15)


# Dropout


def factors(rate: float = 0.3, seed: int = 0, update: int = 0, layer: int = 1, n: int = 40, m: int = 50) -> Floats:
    number = np.asarray
    kept: Floats = dropout_factors(rate, number(seed), number(update), layer, np.arange(n), np.arange(m), np.float64)
    return kept


def test_the_share_that_is_left_out_is_as_asked_and_the_mean_stays() -> None:
    for rate in (0.0, 0.1, 0.5, 0.9):
        kept = factors(rate, n=300, m=300)
        assert set(np.unique(kept)) <= {0.0, 1 / (1 - rate)}
        spread = math.sqrt(rate * (1 - rate) / kept.size)
        assert abs((kept == 0).mean() - rate) <= 4 * spread
        for axis in (0, 1):  # no unit and no example is left out more often than chance has it
            assert np.abs((kept == 0).mean(axis=axis) - rate).max() <= 5 * math.sqrt(rate * (1 - rate) / 300)


def test_the_choice_is_another_for_every_seed_update_and_layer_and_no_two_hang_together() -> None:
    several = [
        factors(0.5),
        factors(0.5, seed=1),
        factors(0.5, update=1),
        factors(0.5, update=2),
        factors(0.5, layer=2),
    ]
    flat = np.array([kept.ravel() for kept in several])
    assert np.abs(np.corrcoef(flat) - np.eye(5)).max() < 5 / math.sqrt(flat.shape[1])
    for kept in several:  # nor do neighbours
        assert abs(np.corrcoef(kept[:, :-1].ravel(), kept[:, 1:].ravel())[0, 1]) < 5 / math.sqrt(kept.size)
        assert abs(np.corrcoef(kept[:-1].ravel(), kept[1:].ravel())[0, 1]) < 5 / math.sqrt(kept.size)


def test_the_choice_for_a_unit_and_an_example_does_not_hang_on_the_others() -> None:
    wide = factors(0.5)
    assert_array_equal(factors(0.5, n=7, m=9), wide[:7, :9])
    some = dropout_factors(0.5, np.asarray(0), np.asarray(0), 1, np.arange(40), np.array([3, 17, 4]), np.float64)
    assert_array_equal(some, wide[:, [3, 17, 4]])


def test_an_update_with_dropout_as_written_by_hand() -> None:
    data = part()
    run = trained(data, [4, 6, 1], iterations=3, dropout=0.4, dropout_seed=7)
    p, costs = initialize_parameters((4, 6, 1), "he", 0), []
    for t in range(3):
        kept = factors(0.4, seed=7, update=t, n=6, m=M)
        A = np.tanh(p["W1"] @ data.X + p["b1"])
        P = 1 / (1 + np.exp(-(p["W2"] @ (kept * A) + p["b2"])))
        costs.append(-np.mean(np.where(data.Y == 1, np.log(P), np.log(1 - P))))
        dZ2 = (P - data.Y) / M
        dZ1 = kept * (p["W2"].T @ dZ2) * (1 - A**2)
        steps = {"W1": dZ1 @ data.X.T, "b1": dZ1.sum(axis=1, keepdims=True), "W2": dZ2 @ (kept * A).T}
        steps["b2"] = dZ2.sum(axis=1, keepdims=True)
        p = {name: value - 0.3 * steps[name] for name, value in p.items()}
    assert_allclose(run.history.costs, costs, rtol=1e-12)
    A = np.tanh(run.parameters["W1"] @ data.X + run.parameters["b1"])
    Z = run.parameters["W2"] @ A + run.parameters["b2"]
    assert_allclose(run.predict_proba(data.X), 1 / (1 + np.exp(-Z)), rtol=1e-13)  # nothing is left out


def test_without_hidden_layers_there_is_nothing_to_leave_out() -> None:
    words = "dropout=0.5: wanted hidden layers, whose values dropout leaves out, and the network has none; leave"
    with pytest.raises(InputError, match=words):
        trained(part(), [4, 1], dropout=0.5)
    with pytest.raises(InputError, match=words):
        layerlab.sweep(
            [Network([4, 3, 1]), Network([4, 1])], part(), learning_rate=0.1, iterations=2, dropout=[0.0, 0.5]
        )
    trained(part(), [4, 1], dropout=0.0)


# Clipping


@pytest.mark.parametrize("l2", [0.0, 2.0])
def test_a_long_gradient_is_cut_to_the_length_and_keeps_its_direction(l2: float) -> None:
    data, start = part(), initialize_parameters((4, 6, 1), "he", 0)
    free, cut = (
        trained(data, [4, 6, 1], iterations=1, learning_rate=1.0, l2=l2, clip_norm=limit).parameters
        for limit in (None, 0.01)
    )
    steps = [np.concatenate([(end[name] - start[name]).ravel() for name in start]) for end in (free, cut)]
    assert np.linalg.norm(steps[0]) > 0.02
    assert np.linalg.norm(steps[1]) == pytest.approx(0.01)
    assert_allclose(steps[1], steps[0] * 0.01 / np.linalg.norm(steps[0]), rtol=1e-9)
    long = trained(data, [4, 6, 1], iterations=1, learning_rate=1.0, l2=l2, clip_norm=1e6).parameters
    for name, value in free.items():
        assert_array_equal(long[name], value)


def test_clipping_saves_a_training_that_would_diverge() -> None:
    X = np.array([[1.0, 2.0, 3.0]])
    settings: dict[str, Any] = {"learning_rate": 1.0, "iterations": 300, "progress": False}
    assert layerlab.train(Network([1, 1]), (X, 2 * X), **settings).diagnosis[0].kind == "diverged"
    assert np.isfinite(layerlab.train(Network([1, 1]), (X, 2 * X), clip_norm=0.1, **settings).history.costs).all()


# What is refused


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"dropout": 1}, "dropout=1: wanted a finite number of at least 0, below 1"),
        ({"clip_norm": 0}, "clip_norm=0: wanted a finite number above 0"),
        ({"schedule": "linear"}, "schedule='linear': wanted one of 'constant', 'inverse_time'"),
        (
            {"decay": 0.1},
            "decay=0.1 has no meaning for schedule='constant': wanted 'inverse_time', 'interval', or leave",
        ),
        (
            {"schedule": "cosine", "drop": 0.5},
            "drop=0.5 has no meaning for schedule='cosine': wanted 'step', 'adaptive', or leave",
        ),
        ({"schedule": "step", "interval": 0}, "interval=0: wanted a finite number above 0"),
        (
            {"schedule": "cosine", "warmup": 20, "iterations": 20},
            "warmup=20.0: the training has 20 epochs, so the learning rate would only rise",
        ),
        (
            {"schedule": "cosine", "warmup": 3.5, "epochs": 3, "iterations": None},
            "warmup=3.5: the training has 3 epochs",
        ),
        (
            {"schedule": "cosine", "warmup": 1, "iterations": 2, "batch_size": 4},
            "warmup=1.0: the training has 0.666667 epochs",
        ),
    ],
)
def test_aids_that_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        trained(part(), [4, 3, 1], **settings)
    assert str(caught.value).startswith(words)

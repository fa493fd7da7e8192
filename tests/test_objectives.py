"""What a network may be trained for: values by several errors, counts, several labels, with weights of examples."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

import layerlab
from layerlab import InputError, Network
from layerlab.datasets import Part
from layerlab.formulas.arrays import Floats
from layerlab.runs.constant_baseline import constant_cost

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short

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
    with pytest.raises(InputError, match="labels go down to -1: wanted counts of at least 0 for a poisson output"):
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


# Weights of examples


def random_part(m: int = 24, classes: int = 3, seed: int = 0) -> Part:
    random = np.random.RandomState(seed)
    shares = np.array([0.6, 0.3, 0.1])[:classes]
    labels = random.choice(classes, m, p=shares / shares.sum())
    return Part(random.randn(5, m), np.eye(classes)[:, labels])


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("basis", ["full", "span"])
def test_an_example_of_weight_two_counts_as_two(engine: str, basis: str) -> None:
    part = random_part()
    weights = np.random.RandomState(1).randint(0, 4, 24)
    repeated = Part(np.repeat(part.X, weights, axis=1), np.repeat(part.Y, weights, axis=1))
    settings: dict[str, Any] = {"learning_rate": 0.1, "iterations": 50, "l2": 2.0, "engine": engine, "basis": basis}
    network = Network([5, 4, 3], hidden="tanh")
    weighted = layerlab.train(network, part, sample_weight=weights, **settings)
    plain = layerlab.train(network, repeated, **settings)
    assert_allclose(weighted.history.costs, plain.history.costs, rtol=1e-12)
    for name, value in plain.parameters.items():
        assert_allclose(weighted.parameters[name], value, rtol=1e-9, atol=1e-12)
    (member,) = layerlab.sweep(network, part, sample_weight=weights, **settings).histories
    assert_allclose(member.costs, plain.history.costs, rtol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize(("basis", "batch_size"), [("full", None), ("span", None), ("full", 7)])
def test_validation_figures_are_weighted_means(engine: str, basis: str, batch_size: int | None) -> None:
    part, held_out, weights = random_part(), random_part(9, seed=1), np.arange(9.0)
    network = Network([5, 4, 3], hidden="tanh")
    settings: dict[str, Any] = {
        "learning_rate": 0.1, "iterations": 8, "engine": engine, "basis": basis, "batch_size": batch_size,
        "validation": held_out, "validation_weight": weights,
    }  # fmt: skip
    run = layerlab.train(network, part, **settings)
    end = layerlab.train(
        network, part, **{**settings, "iterations": 8 if batch_size else 7}
    )  # after 7 come the figures
    P = end.predict_proba(held_out.X)
    losses = -np.log((P * held_out.Y).sum(axis=0))
    right = P.argmax(axis=0) == held_out.Y.argmax(axis=0)
    assert_allclose(run.history.validation_costs[-1], np.average(losses, weights=weights), rtol=1e-10)
    assert_allclose(run.history.validation_accuracies[-1], np.average(right, weights=weights), rtol=1e-12)
    assert run.history.validation_costs[-1] != pytest.approx(losses.mean(), rel=1e-3)
    (member,) = layerlab.sweep(network, part, **settings).histories
    assert_allclose(member.validation_costs, run.history.validation_costs, rtol=1e-10)
    assert_allclose(member.validation_accuracies, run.history.validation_accuracies, rtol=1e-12)


def test_a_monitor_looks_at_the_weighted_figure() -> None:
    part, held_out, weights = random_part(), random_part(9, seed=1), np.r_[np.zeros(6), 1e-9, 2e-9, 3e-9]
    settings: dict[str, Any] = {"learning_rate": 0.5, "iterations": 60, "monitor": "validation_cost", "patience": 60}
    run = layerlab.train(Network([5, 3]), part, validation=held_out, validation_weight=weights, **settings)
    some = Part(np.repeat(held_out.X[:, 6:], [1, 2, 3], axis=1), np.repeat(held_out.Y[:, 6:], [1, 2, 3], axis=1))
    same = layerlab.train(Network([5, 3]), part, validation=some, **settings)
    assert run.history.kept_at == same.history.kept_at
    assert run.history.validation_accuracies.max() <= 1.0
    assert_allclose(run.history.validation_costs, same.history.validation_costs, rtol=1e-12)


def test_validation_weights_that_are_refused() -> None:
    part, held_out = random_part(), random_part(9)
    settings: dict[str, Any] = {"learning_rate": 0.1, "iterations": 1}
    with pytest.raises(InputError, match="validation_weight needs a validation set: give one with validation=…"):
        layerlab.train(Network([5, 3]), part, validation_weight=np.ones(9), **settings)
    for train in (layerlab.train, layerlab.sweep, layerlab.explain):
        with pytest.raises(InputError, match=r"validation_weight has the shape \(8,\): wanted one weight for each"):
            train(Network([5, 3]), part, validation=held_out, validation_weight=np.ones(8), **settings)
    with pytest.raises(InputError, match="validation_weight goes from -1 to 1"):
        layerlab.train(Network([5, 3]), part, validation=held_out, validation_weight=-np.cos(np.arange(9) * np.pi),
                       **settings)  # fmt: skip


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_weights_in_batches_are_taken_relative_to_their_batch(engine: str) -> None:
    part, weights = random_part(10), np.array([0.0, 1, 2, 3, 0, 0, 0, 0, 0.5, 4])
    settings: dict[str, Any] = {"batch_size": 4, "epochs": 3, "batch_seed": 2, "l2": 0.5, "learning_rate": 0.1}
    run = layerlab.train(Network([5, 3]), part, sample_weight=weights, engine=engine, **settings)
    W, b = layerlab.formulas.initialize_parameters((5, 3), "he", 0).values()
    random, costs = np.random.RandomState(2), []
    for _ in range(3):
        order = random.permutation(10)
        for chosen in (order[:4], order[4:8], order[8:]):
            X, Y, w = part.X[:, chosen], part.Y[:, chosen], weights[chosen]
            share = w / w.sum() if w.any() else w
            penalty = 0.5 / w.sum() if w.any() else 0.0
            Z = W @ X + b
            P = np.exp(Z) / np.exp(Z).sum(axis=0)
            costs.append(-(share * np.log((P * Y).sum(axis=0))).sum() + penalty / 2 * (W**2).sum())
            dZ = (P - Y) * share
            W, b = W - 0.1 * (dZ @ X.T + penalty * W), b - 0.1 * dZ.sum(axis=1, keepdims=True)
    assert_allclose(run.history.costs, costs, rtol=1e-12)
    assert_allclose(run.parameters["W1"], W, rtol=1e-12, atol=1e-14)


def test_balanced_classes_weigh_as_scikit_learn_has_it() -> None:
    from sklearn.utils.class_weight import compute_sample_weight

    part, network = random_part(), Network([5, 3])
    settings: dict[str, Any] = {"learning_rate": 0.1, "iterations": 30}
    weights = compute_sample_weight("balanced", part.Y.argmax(axis=0))
    balanced = layerlab.train(network, part, class_weight="balanced", **settings)
    assert_allclose(
        balanced.history.costs, layerlab.train(network, part, sample_weight=weights, **settings).history.costs
    )
    own = np.arange(24.0)
    both = layerlab.train(network, part, class_weight="balanced", sample_weight=own, **settings)
    shares = [own[part.Y.argmax(axis=0) == k].sum() for k in range(3)]
    product = own / np.array(shares)[part.Y.argmax(axis=0)]
    assert_allclose(both.history.costs, layerlab.train(network, part, sample_weight=product, **settings).history.costs)
    # a constant answer of the best kind now gives every class the same probability
    flat = Part(np.zeros((1, 24)), part.Y)
    run = layerlab.train(Network([1, 3]), flat, class_weight="balanced", learning_rate=1.0, iterations=500)
    assert_allclose(run.predict_proba(flat.X), 1 / 3, atol=1e-6)
    assert run.settings["class_weight"] == "balanced"
    assert run.diagnosis[0].kind == "stuck"
    assert "(the shares of the classes) would cost 1.099" in run.diagnosis[0].what


@pytest.mark.parametrize(("output", "K"), [("softmax", 3), ("sigmoid", 2)])
def test_smoothed_labels_are_dealt_out_over_the_classes(output: str, K: int) -> None:
    part = random_part(classes=K)
    Y = part.Y if output == "softmax" else part.Y[1:]
    network = Network([5, len(Y)], output=output)
    settings: dict[str, Any] = {"learning_rate": 0.1, "iterations": 30}
    smoothed = layerlab.train(network, (part.X, Y), label_smoothing=0.1, **settings)
    by_hand = layerlab.train(network, (part.X, 0.9 * Y + 0.1 / K), **settings)
    assert_allclose(smoothed.history.costs, by_hand.history.costs, rtol=1e-13)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"sample_weight": [1.0] * 8}, "sample_weight has the shape (8,): wanted one weight for each example, (9,)"),
        ({"sample_weight": [0.0] * 9}, "sample_weight goes from 0 to 0: wanted weights of at least 0, some of them"),
        ({"sample_weight": [-1.0] + [1.0] * 8}, "sample_weight goes from -1 to 1"),
        ({"sample_weight": [math.nan] + [1.0] * 8}, "sample_weight has a value that is not finite"),
        ({"sample_weight": "heavy"}, "sample_weight is str: wanted a table of real numbers"),
        ({"class_weight": "balanced"}, "class_weight='balanced': wanted one class per example, and the network learns"),
        ({"class_weight": {0: 1}}, "class_weight={0: 1}: wanted 'balanced'"),
        ({"label_smoothing": 0.1}, "label_smoothing=0.1: wanted classes, and the network learns values (regression)"),
        ({"label_smoothing": 1}, "label_smoothing=1: wanted a finite number of at least 0, below 1"),
    ],
)
def test_weights_that_are_refused(settings: dict[str, Any], words: str) -> None:
    for function in (layerlab.train, layerlab.sweep):
        with pytest.raises(InputError) as caught:
            function(Network([1, 1]), (X0, COUNTS), learning_rate=0.1, iterations=1, **settings)
        assert str(caught.value).startswith(words)


def test_classes_without_an_example_cannot_be_balanced() -> None:
    part = random_part()
    four = np.concatenate([part.Y, np.zeros((1, 24))])
    settings: dict[str, Any] = {"class_weight": "balanced", "learning_rate": 0.1, "iterations": 1}
    for function in (layerlab.train, layerlab.explain, layerlab.sweep):
        with pytest.raises(InputError) as caught:
            function(Network([5, 4]), (part.X, four), **settings)
        assert str(caught.value) == (
            "class_weight='balanced': no training example of class 3: wanted some of every class; add some, or leave "
            "class_weight out"
        )
    weights = (part.Y.argmax(axis=0) != 1) * 2.0
    with pytest.raises(InputError, match="no training example of class 1 has a weight above 0: wanted some of every"):
        layerlab.train(Network([5, 3]), part, sample_weight=weights, **settings)

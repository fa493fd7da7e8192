"""Populations: the product in order, each member the run that it is alone, words for every curve."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import InputError, Network, Run, Sweep
from layerlab.datasets import Part, load_flower
from layerlab.formulas import ACTIVATIONS, OPTIMIZERS
from layerlab.runs.history import History
from layerlab.runs.verdict import verdict_of
from layerlab.tuning.sweeps.behaviour import beside_the_best

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short


def data(p: int = 6, m: int = 19, seed: int = 0) -> Part:
    random = np.random.RandomState(seed)
    return Part(random.randn(p, m), random.randint(0, 2, (1, m)).astype(np.float64))


def swept(networks: Any = None, part: Part | None = None, **settings: Any) -> Sweep:
    arguments: dict[str, Any] = {"learning_rate": 0.05, "iterations": 40, "progress": False, **settings}
    return layerlab.sweep(networks or Network([6, 4, 1], hidden="tanh"), part or data(), **arguments)


def alone(run: Run, part: Part, **settings: Any) -> Run:
    """The same fit on its own, by NumPy at full width."""
    own = {**run.settings, "engine": "numpy", "basis": "full"}
    return layerlab.train(run.network, part, progress=False, **{**own, **settings})


def assert_members_are_what_they_are_alone(result: Sweep, part: Part, rtol: float = 1e-10, **settings: Any) -> None:
    for run, history in zip(result.runs, result.histories, strict=True):
        one = alone(run, part, **settings)
        assert_array_equal(run.history.costs, history.costs)
        assert len(one.history.costs) == len(run.history.costs)
        assert_allclose(run.history.costs, one.history.costs, rtol=rtol)
        assert_allclose(run.history.validation_costs, one.history.validation_costs, rtol=rtol)
        assert_allclose(run.history.validation_accuracies, one.history.validation_accuracies, atol=1e-12)
        for name, value in one.parameters.items():
            assert run.parameters[name].shape == value.shape
            assert_allclose(run.parameters[name], value, rtol=rtol, atol=rtol)
        assert run.verdict is not None
        assert one.verdict is not None
        assert run.verdict.word == one.verdict.word


# The product


def test_the_members_are_the_product_the_last_varying_fastest() -> None:
    nets = [Network([6, 4, 1], hidden="tanh"), Network([6, 1]), Network([6, 2, 1], hidden="tanh")]
    result = swept(nets, learning_rate=[0.1, 0.2], seed=[5, 6], iterations=2)
    assert result.varied == ("network", "learning_rate", "seed")
    named = [(run.network.layer_dims, run.settings["learning_rate"], run.settings["seed"]) for run in result.runs]
    assert named == [(net.layer_dims, rate, seed) for net in nets for rate in (0.1, 0.2) for seed in (5, 6)]
    rows = [(row["network"], row["learning_rate"], row["seed"]) for row in result.table]
    names = {(6, 4, 1): "6-4-1 tanh", (6, 1): "6-1", (6, 2, 1): "6-2-1 tanh"}
    assert rows == [(names[dims], rate, seed) for dims, rate, seed in named]
    assert len(result.plans) == 2  # networks of one depth share a program
    assert_members_are_what_they_are_alone(result, data())


@pytest.mark.parametrize("values", [[0.1, 0.3], (0.1, 0.3), np.array([0.1, 0.3]), iter([0.1, 0.3])])
def test_several_values_may_be_any_list(values: Any) -> None:
    result = swept(learning_rate=values, iterations=1)
    assert [run.settings["learning_rate"] for run in result.runs] == [0.1, 0.3]


def test_one_value_is_a_population_of_one() -> None:
    result = swept(iterations=3)
    assert (len(result.runs), result.varied) == (1, ())
    assert_members_are_what_they_are_alone(result, data())


def test_runs_are_a_sequence_with_the_data_sets_names() -> None:
    result = layerlab.sweep(
        Network([2, 3, 1]), load_flower(), learning_rate=[0.1, 0.2, 0.3], iterations=2, progress=False
    )
    assert result.runs[-1].settings["learning_rate"] == 0.3
    assert [run.dataset for run in result.runs[1:]] == ["flower", "flower"]
    assert len(result.runs[1:]) == 2
    with pytest.raises(IndexError):
        result.runs[3]


# Members are what they are alone


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_widths_differ_within_one_program(hidden: str, engine: str) -> None:
    nets = [Network([6, *sizes, 1], hidden=hidden) for sizes in ((5, 2), (1, 7), (3, 3))]
    result = swept(nets, learning_rate=[0.05, 0.02], seed=[1, 2], l2=[0.0, 0.4], engine=engine, validation=data(seed=1))
    assert len(result.runs) == 24
    assert len(result.plans) == 1
    assert_members_are_what_they_are_alone(result, data(), validation=data(seed=1))


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_with_batches(optimizer: str, engine: str) -> None:
    nets = [Network([6, 5, 1], hidden="tanh"), Network([6, 2, 1], hidden="tanh")]
    settings: dict[str, Any] = {"optimizer": optimizer, "batch_size": 5, "batch_seed": 3, "engine": engine}
    settings |= {"momentum": [0.5, 0.9]} if optimizer in ("momentum", "nesterov") else {}
    settings |= {"beta1": [0.9, 0.5]} if optimizer in ("adam", "adam_hat", "adamw") else {}
    result = swept(nets, learning_rate=[0.01, 0.003], **settings)
    assert_members_are_what_they_are_alone(result, data())


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("batch_size", [None, 4])
def test_in_the_span_with_several_seeds_and_initializers(batch_size: int | None, engine: str) -> None:
    part = data(p=50, m=10)
    nets = [Network([50, 5, 1], hidden="tanh"), Network([50, 3, 1], hidden="tanh")]
    result = swept(
        nets, part, learning_rate=[0.02, 0.01], seed=[1, 2], initializer=["he", "xavier"], l2=[0.0, 0.3],
        momentum=[0.5, 0.8], optimizer="momentum", batch_size=batch_size, engine=engine, basis="span",
        validation=data(p=50, m=7, seed=1),
    )  # fmt: skip
    assert len(result.runs) == 64
    assert result.plans[0].basis == "span"
    assert_members_are_what_they_are_alone(result, part, validation=data(p=50, m=7, seed=1))


def test_float32() -> None:
    result = swept(learning_rate=[0.05, 0.01], dtype="float32")
    assert {value.dtype for value in result.runs[0].parameters.values()} == {np.dtype(np.float32)}
    assert_members_are_what_they_are_alone(result, data(), rtol=1e-4)


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_a_member_that_diverges_disturbs_no_other(engine: str) -> None:
    random = np.random.RandomState(0)
    part = Part(random.randn(3, 20), random.randn(2, 20))
    nets = [Network([3, 8, 2], hidden="relu"), Network([3, 2, 2], hidden="relu")]
    result = swept(nets, part, learning_rate=[0.01, 1e3, 0.02], iterations=60, engine=engine)
    words = [row["behaviour"] for row in result.table]
    assert [word == "diverged" for word in words] == [False, True, False] * 2
    for run in (result.runs[1], result.runs[4]):
        assert 2 < len(run.history.costs) < 60
        assert not math.isfinite(run.history.costs[-1])
        assert run.diagnosis[0].kind == "diverged"
        assert len(run.history.costs) == len(alone(run, part).history.costs)
    healthy = [0, 2, 3, 5]
    for number in healthy:
        one = alone(result.runs[number], part)
        assert_allclose(result.runs[number].history.costs, one.history.costs, rtol=1e-10)
        for name, value in one.parameters.items():
            assert_allclose(result.runs[number].parameters[name], value, rtol=1e-9, atol=1e-10)


def test_slices_that_fit_the_memory_change_no_number() -> None:
    part, rates = data(p=400, m=300), np.geomspace(0.001, 0.05, 7).tolist()
    whole = swept(Network([400, 30, 1]), part, learning_rate=rates, seed=[0, 1], iterations=5)
    assert whole.plans[0].slice == 14
    cut = swept(Network([400, 30, 1]), part, learning_rate=rates, seed=[0, 1], iterations=5, memory_gib=0.005)
    assert cut.plans[0].slice < 14
    assert cut.plans[0].memory <= 0.005 * 1024**3
    assert f"{cut.plans[0].slice} networks at a time" in cut.plans[0].explain()
    assert cut.table == whole.table
    for one, other in zip(cut.runs, whole.runs, strict=True):
        assert_allclose(one.history.costs, other.history.costs, rtol=1e-12)
        assert_allclose(one.parameters["W1"], other.parameters["W1"], rtol=1e-10, atol=1e-13)


# Schedules with settings of their own


def test_each_of_several_schedules_takes_its_own_settings_and_is_trained_once() -> None:
    result = swept(schedule=["constant", "cosine", "step"], warmup=[2, 3], interval=5.0)
    rows = [(row["schedule"], row["interval"], row["warmup"]) for row in result.table]
    assert rows == [("constant", None, None), ("cosine", None, 2.0), ("cosine", None, 3.0), ("step", 5.0, None)]
    assert result.varied == ("schedule", "interval", "warmup")
    assert not {"interval", "warmup", "drop"} & set(result.common)
    assert_members_are_what_they_are_alone(result, data())
    text = str(result)
    assert "constant         –       –" in text
    assert "• schedule cosine, warmup 2: " in text
    assert "• schedule constant: " in text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"schedule": ["constant", "cosine"], "drop": 0.5}, "drop=0.5 has no meaning for schedule='constant': wanted"),
        ({"schedule": ["constant", "cosine"], "warmup": [2, -1]}, "warmup=-1: wanted a finite number of at least 0"),
        ({"schedule": ["constant", "cosine"], "warmup": 40}, "warmup=40.0: the training has 40 epochs"),
        ({"schedule": ["constant", ["cosine"]], "warmup": 2}, "schedule=['cosine']: takes one value only"),
        (
            {"optimizer": "momentum", "momentum": [None, 0.9]},
            "two of the networks would be the same, momentum=0.9: name each once; None is the usual value",
        ),
    ],
)
def test_schedules_and_settings_that_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        swept(**settings)
    assert str(caught.value).startswith(words)


# What a monitor kept


@pytest.mark.parametrize("batch_size", [None, 5])
def test_the_table_has_the_figures_of_the_parameters_that_were_kept(batch_size: int | None) -> None:
    settings: dict[str, Any] = {"batch_size": batch_size, "iterations": 200, "monitor": "validation_cost"}
    held_out = data(seed=1)
    result = swept(learning_rate=[0.3, 0.02], patience=20, validation=held_out, **settings)
    for run, row in zip(result.runs, result.table, strict=True):
        kept, epoch = row["kept_at"], 4 if batch_size else 1
        assert kept == run.history.kept_at
        assert 0 < kept < len(run.history.costs)
        sizes = [5, 5, 5, 4] if batch_size else None
        mean = np.average(run.history.costs[kept - epoch : kept], weights=sizes)
        assert row["cost"] == pytest.approx(mean, rel=1e-12)
        losses = run.network.loss.losses(
            np.log(run.predict_proba(held_out.X) / (1 - run.predict_proba(held_out.X))), held_out.Y
        )
        assert row["validation_cost"] == pytest.approx(losses.mean(), rel=1e-9)
        assert row["validation_accuracy"] == run.accuracy(held_out)
    figures = [row["validation_cost"] for row in result.table]
    assert result.best().settings["learning_rate"] == [0.3, 0.02][int(np.argmin(figures))]
    text = " ".join(str(result).split())
    assert "kept" in text
    assert "The table shows each network at its best epoch by validation cost, after the update in “kept at”; " in text
    assert swept(iterations=2).table[0]["kept_at"] is None
    assert "kept" not in str(swept(iterations=2))


# Picking


def test_the_best_by_each_figure() -> None:
    result = swept(learning_rate=[1e-4, 0.5, 0.01], validation=data(seed=1))
    last = [history.validation_costs[-1] for history in result.histories]
    assert result.best().settings["learning_rate"] == [1e-4, 0.5, 0.01][int(np.argmin(last))]
    assert result.best(by="cost").settings["learning_rate"] == 0.5
    accuracies = [history.validation_accuracies[-1] for history in result.histories]
    best = result.best(by="validation_accuracy")
    assert best.history.validation_accuracies[-1] == max(accuracies)
    assert best.settings["learning_rate"] == [1e-4, 0.5, 0.01][int(np.argmax(accuracies))]


def test_a_diverged_member_is_never_the_best() -> None:
    X = np.array([[1.0, 2.0, 3.0]])
    result = swept(Network([1, 1]), Part(X, 2 * X), learning_rate=[100.0, 0.01], iterations=300)
    assert result.best(by="cost").settings["learning_rate"] == 0.01
    lost = swept(Network([1, 1]), Part(X, 2 * X), learning_rate=[100.0, 1000.0], iterations=300)
    with pytest.raises(InputError, match=r"no run is the best: all 2 diverged, .*; sweep smaller learning rates"):
        lost.best(by="cost")
    with pytest.raises(InputError, match="nothing was recorded under it"):
        swept(Network([1, 1]), Part(X, 2 * X), validation=Part(X, 2 * X)).best(by="validation_accuracy")


@pytest.mark.parametrize("settings", [{}, {"batch_size": 5}, {"batch_size": 5, "monitor": "validation_accuracy"}])
def test_no_score_of_a_run_that_diverged_is_taken_for_one(settings: dict[str, Any]) -> None:
    part = data(m=40)
    zeros = Part(part.X[:, part.Y[0] == 0], part.Y[:, part.Y[0] == 0])
    how: dict[str, Any] = {"learning_rate": [0.1, 1e300], "iterations": 40, "validation": zeros, **settings}
    network = Network([6, 8, 1], hidden="relu")
    result = swept(network, part, **how)
    assert [row["behaviour"] == "diverged" for row in result.table] == [False, True]
    for by in ("validation_accuracy", "validation_cost", "cost"):
        assert result.best(by=by).settings["learning_rate"] == 0.1
    lost = result.runs[1]
    assert lost.diverged
    assert not result.runs[0].diverged
    assert np.isnan(lost.accuracy(part))
    assert np.isnan(lost.history.validation_accuracies[-1:]).all()
    assert result.table[0]["validation_accuracy"] < 1.0  # which always answering 0 would reach, as nan is no 1


def test_a_run_that_diverged_by_its_last_update_is_not_the_best() -> None:
    how: dict[str, Any] = {"learning_rate": [1e300, 0.1], "iterations": 1, "validation": data(seed=1)}
    result = swept(Network([6, 8, 8, 8, 1], hidden="relu"), **how)
    assert [history.diverged for history in result.histories] == [False, False]
    assert result.table[1]["cost"] == result.table[0]["cost"]
    assert result.runs[0].diverged
    for by in ("validation_accuracy", "cost"):
        assert result.best(by=by).settings["learning_rate"] == 0.1


def test_what_cannot_be_ranked_by_is_said() -> None:
    result = swept(iterations=1)
    with pytest.raises(
        InputError, match="nothing was recorded under it; give sweep a validation set, or take by='cost'"
    ):
        result.best()
    with pytest.raises(
        InputError, match="by='accuracy': wanted one of 'validation_cost', 'validation_accuracy', 'cost'"
    ):
        result.best(by="accuracy")


# What is refused


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"learning_rate": []}, "learning_rate=[]: wanted one value or a list of at least one"),
        ({"learning_rate": [0.1, -1]}, "learning_rate=-1: wanted a finite number above 0"),
        ({"seed": [0, 1.5]}, "seed=1.5: wanted a whole number of at least 0"),
        ({"momentum": [0.5, 0.9]}, "momentum=0.5 has no meaning for optimizer='gd'"),
        (
            {"memory_gib": 0},
            "memory_gib=0: wanted a finite number above 0, at most 1e+06 (memory in GiB that the models",
        ),
        ({"memory_gib": 1e-9}, "a network of 33 parameters needs "),
        ({"networks": []}, "networks is empty: wanted at least one layerlab.Network"),
        (
            {"networks": [Network([6, 1]), Network([5, 1])]},
            "Network(layer_dims=(5, 1), hidden='relu', output=None) among",
        ),
        ({"networks": [Network([6, 1]), "net"]}, "'net' among the networks: wanted 6 inputs and 1 outputs for all"),
        ({"networks": "net"}, "networks is str: wanted a layerlab.Network or a list of them"),
        ({"networks": None}, "networks is NoneType: wanted a layerlab.Network or a list of them"),
        ({"memory_gib": 1e300}, "memory_gib=1e+300: wanted a finite number above 0, at most 1e+06"),
        ({"seed": b"ab"}, "seed=b'ab': wanted a whole number"),
        ({"learning_rate": {0.1: 1}}, "learning_rate={0.1: 1}: wanted a finite number above 0"),
        ({"initializer": ["he", "best"]}, "initializer='best': wanted one of"),
        (
            {"networks": [Network([6, 1], output="identity"), Network([6, 1], output="sigmoid")]},
            "Network(layer_dims=(6, 1), hidden='relu', output='sigmoid') among the networks: its output would be",
        ),
        ({"learning_rate": [0.1, 0.1]}, "learning_rate: 0.1 is given twice, and would be trained twice"),
    ],
)
def test_requests_that_are_refused(settings: dict[str, Any], words: str) -> None:
    arguments: dict[str, Any] = {"networks": Network([6, 4, 1]), "learning_rate": 0.1, "iterations": 2, **settings}
    with pytest.raises(InputError) as caught:
        layerlab.sweep(arguments.pop("networks"), data(), **arguments)
    assert str(caught.value).startswith(words)


# Words


@pytest.mark.parametrize(
    ("costs", "word", "sentence"),
    [
        ([1.0, 0.8, 0.5, 0.2], "fell", "The cost fell from 1 to 0.2."),
        ([1.0, 0.8, 0.7, 0.7], "fell", "The cost fell from 1 to 0.7 (33 % of the best one's fall)."),
        (
            [1.0, 0.99, 0.98, 0.97],
            "crept",
            "The cost hardly fell, from 1 to 0.97, and was still falling (3 % of the best one's fall).",
        ),
        ([1.0, 1.0, 1.0], "stuck", "The cost got stuck at 1 (less than 1 % of the best one's fall)."),
        ([1.0, 5.0, math.inf], "diverged", "The cost diverged: it was not finite after 2 iterations."),
        ([], "stuck", "The cost was not changed: no update was made."),
    ],
)
def test_a_sweep_says_how_far_a_curve_came_beside_the_best(costs: list[float], word: str, sentence: str) -> None:
    histories = [History(np.array([1.0, 0.1])), History(np.array(costs))]
    assert beside_the_best(histories, [verdict_of(one) for one in histories])[1] == (word, sentence)


def test_a_curve_is_measured_from_its_own_start() -> None:
    histories = [History(np.array([9.0, 0.1])), History(np.array([0.5, 0.12]))]
    alone = [verdict_of(one) for one in histories]
    assert beside_the_best(histories, alone) == alone


def test_no_curve_fell_where_all_stayed() -> None:
    flat, barely = History(np.array([0.7, 0.7, 0.7 - 1e-17])), History(np.array([0.7, 0.699]))
    assert [verdict_of(one).word for one in (flat, barely)] == ["stuck", "crept"]


def test_costs_of_batches_are_judged_by_the_means_of_epochs() -> None:
    noisy = np.array([1.0, 0.2, 0.9, 0.1, 0.8, 0.05])
    assert verdict_of(History(noisy)).word == "oscillated"
    assert verdict_of(History(noisy, every=2)) == ("fell", "The cost fell from 0.6 to 0.425.")
    high = History(
        np.array([1.0, 39.0, 90.0, 70.0]), every=2, epoch=2, initial_cost=1.0
    )  # its first mean is far higher
    assert verdict_of(high) == ("rose", "The cost rose from 1 to 80: it went up in 100 % of the epochs.")
    result = swept(learning_rate=[0.05], batch_size=5, epochs=4, iterations=None)
    history = result.histories[0]
    assert history.every == 4
    assert_allclose(history.curve, np.average(history.costs.reshape(4, 4), axis=1, weights=[5, 5, 5, 4]))
    assert result.table[0]["cost"] == history.final_cost == history.curve[-1]
    assert "Each cost is the mean of 4 iterations." in str(result)


def test_a_sweep_prints_its_table_and_a_sentence_each() -> None:
    text = str(swept(learning_rate=[0.5, 0.0001], validation=data(seed=1), iterations=100))
    assert "\n\nlayers 6-4-1 tanh; 100 iterations; gradient descent\n" in text
    assert "validation" in text
    assert "• learning rate 0.5: The cost fell from" in text
    assert "• learning rate 0.0001: The cost hardly fell, from" in text
    many = str(swept(learning_rate=np.geomspace(1e-4, 0.5, 15), iterations=30))
    assert "• Of the 15 curves" in many
    assert "• learning rate 0.0001: The cost hardly fell" not in many


def test_an_interrupt_keeps_what_was_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    from layerlab.training.fit import chunks_of
    from layerlab.tuning.sweeps import sweep as population

    def interrupted(*args: Any) -> Any:
        for number, chunk in enumerate(chunks_of(*args)):
            yield chunk
            if number == 2:
                raise KeyboardInterrupt

    monkeypatch.setattr(population, "chunks_of", interrupted)
    result = swept([Network([6, 4, 1]), Network([6, 1])], learning_rate=[0.1, 0.2], iterations=1000)
    assert result.interrupted
    assert len(result.runs) == 2  # the second program was not begun
    assert all(0 < len(run.history.costs) < 1000 and run.history.interrupted for run in result.runs)

"""Members: several networks trained at once, each without one fold, whose mean a run answers with."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Say
from numpy.typing import NDArray

import layerlab
from layerlab import InputError, Network
from layerlab.datasets import Part
from layerlab.formulas import LOSSES, Parameters
from layerlab.runs import how_to_repeat
from layerlab.runs.constant_baseline import constant_losses
from layerlab.runs.members import Members
from layerlab.runs.network_outputs import network_outputs

K = 4


def _classes(m: int = 120) -> Part:
    random = np.random.RandomState(1)
    X = random.randn(6, m)
    return Part(X, np.eye(3)[:, (X[0] > 0).astype(int) + (X[1] * X[2] > 0)])


def _values(m: int = 90) -> Part:
    random = np.random.RandomState(2)
    X = random.randn(5, m)
    return Part(X, 3 + np.stack([X[0] * X[1], X[2]]) + 0.3 * random.randn(2, m))


HOW: dict[str, tuple[Part, dict[str, Any]]] = {
    "batches": (
        _classes(),
        {"optimizer": "adamw", "learning_rate": 0.02, "batch_size": 16, "epochs": 25, "schedule": "cosine"},
    ),
    "dropout and a part of an epoch": (
        _values(),
        {"optimizer": "adam", "learning_rate": 0.02, "batch_size": 20, "iterations": 73, "dropout": 0.2, "l2": 0.1},
    ),
    "all examples": (_classes(), {"learning_rate": 1.0, "iterations": 250, "class_weight": "balanced"}),
}
"""Trainings in which the best epoch is not the last one for all members."""


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
def test_a_member_is_the_network_trained_alone_at_the_epoch_that_the_other_folds_choose(
    how: tuple[Part, dict[str, Any]], engine: str
) -> None:
    part, asked = how
    network = Network([part.X.shape[0], 12, part.Y.shape[0]], hidden="mish").for_labels(part.Y)
    run = layerlab.train(network, part, members=K, folds=K, engine=engine, advice=False, **asked)
    members, m = run.members, part.X.shape[1]
    assert members is not None
    alone = [_alone(network, part, members.folds != k, k, {**asked, "engine": engine}) for k in range(K)]
    weights = (1 / part.Y.mean(axis=1))[part.Y.argmax(axis=0)] if "class_weight" in asked else np.ones(m)
    constant = constant_losses(network, part.Y, weights)
    shares: dict[int, list[float]] = {at: [] for at in alone[0]}
    for k in range(K):
        own = members.folds == k
        scale = np.average(constant[own], weights=weights[own])
        for at, parameters in alone[k].items():
            Z = network_outputs(network, parameters, part.X[:, own], lambda Z: Z)
            shares[at].append(np.average(network.loss.losses(Z, part.Y[:, own]), weights=weights[own]) / scale)
    for k in range(K):
        judged = {at: np.delete(each, k).mean() for at, each in shares.items()}
        assert members.kept_at[k] == min(judged, key=lambda at: judged[at])
        for name, value in alone[k][members.kept_at[k]].items():
            np.testing.assert_allclose(members.parameters[name][k], value, rtol=1e-9, atol=1e-10)
    assert min(members.kept_at) < max(shares)  # something was chosen


def _alone(
    network: Network, part: Part, trained: NDArray[np.bool_], seed: int, asked: dict[str, Any]
) -> dict[int, Parameters]:
    """A member's parameters after each epoch that is judged, from a training of its own."""
    seen: dict[int, Parameters] = {}
    epoch = -(-part.X.shape[1] // asked.get("batch_size", part.X.shape[1]))

    def look(moment: Any) -> None:
        if moment.iteration % epoch == 0:
            seen[moment.iteration] = moment.parameters()

    every = 1 if epoch > 1 else 3  # of 250 updates about a hundred are judged
    layerlab.train(network, part, callback=look, every=every, seed=seed, sample_weight=trained, advice=False, **asked)
    return seen


def _memorised(groups: bool) -> tuple[layerlab.Run, float]:
    """A run on random labels that its members know by heart, and the share of them it knows; each row 40 times."""
    random = np.random.RandomState(0)
    rows = np.repeat(np.arange(64), 40)
    X, Y = random.randn(20, 64)[:, rows], random.permutation(64)[None, rows] % 2.0
    run = layerlab.train(
        Network([20, 64, 1]),
        (X, Y),
        members=8,
        fold_groups=rows if groups else None,
        optimizer="adam",
        learning_rate=0.01,
        batch_size=16,
        epochs=1,
    )
    return run, run.accuracy((X, Y))


def test_out_of_fold_answers_are_by_networks_that_did_not_see_the_example() -> None:
    """Random labels can be known by heart and not be guessed; only where copies lie in other folds, they leak."""
    run, known = _memorised(groups=True)
    leaking, _ = _memorised(groups=False)
    assert run.members is not None
    assert leaking.members is not None
    guessed, leaked = (float(((one.out_of_fold > 0.5) == one.targets).mean()) for one in (run.members, leaking.members))
    assert known > 0.99
    assert leaked > 0.99
    assert 0.25 < guessed < 0.75


@pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")
def test_labels_of_a_fold_do_not_change_its_own_answers() -> None:
    """Members that keep their last epoch anyway: other labels in fold 2 change the answers of all folds but fold 2."""
    X, Y = _classes(200)
    asked: dict[str, Any] = {"learning_rate": 0.05, "iterations": 40, "members": 4, "folds": 4, "engine": "numpy"}
    groups = np.arange(200)
    first = layerlab.train(Network([6, 8, 3]), (X, Y), fold_groups=groups, advice=False, **asked).members
    assert first is not None
    changed = Y.copy()
    some = np.flatnonzero(first.folds == 2)[:5]
    changed[:, some] = np.roll(changed[:, some], 1, axis=0)
    second = layerlab.train(Network([6, 8, 3]), (X, changed), fold_groups=groups, advice=False, **asked).members
    assert second is not None
    assert (first.kept_at, second.kept_at) == ((40,) * 4, (40,) * 4)
    same = (first.out_of_fold == second.out_of_fold).all(axis=0)
    assert same[first.folds == 2].all()
    assert not same[first.folds != 2].any()


def test_a_run_answers_with_the_mean_of_its_members_also_when_it_is_loaded(tmp_path: Path) -> None:
    data = layerlab.datasets.load_digits()
    run = layerlab.train(
        Network([64, 16, 10]), data, members=3, folds=3, optimizer="adam", learning_rate=0.01, batch_size=128, epochs=4
    )
    assert run.members is not None
    alone = [run.member(k) for k in range(3)]
    mean = np.mean([one.predict_proba(data.test.X) for one in alone], axis=0)
    np.testing.assert_allclose(run.predict_proba(data.test.X), mean, rtol=1e-12)
    assert run.accuracy(data.test) == (mean.argmax(axis=0) == data.test.Y.argmax(axis=0)).mean()
    own = run.members.folds == 1
    np.testing.assert_allclose(
        run.members.out_of_fold[:, own], alone[1].predict_proba(data.train.X[:, own]), rtol=1e-12
    )
    for name in ("folder", "one.safetensors"):
        back = layerlab.load(run.save(tmp_path / name))
        np.testing.assert_array_equal(back.predict_proba(data.test.X), run.predict_proba(data.test.X))
        assert back.members is not None
        assert back.members.record() == run.members.record()
        assert repr(back.members) == "<3 members on 3 folds of 1,437 examples>"
        for key, array in run.members.arrays().items():
            np.testing.assert_array_equal(back.members.arrays()[key], array)
    with pytest.raises(InputError, match=r"member\(3\): wanted a whole number from 0 to 2"):
        run.member(3)
    with pytest.raises(InputError, match="a single network"):
        alone[0].member(0)


def test_members_of_a_file_that_was_changed_are_refused(tmp_path: Path) -> None:
    run = layerlab.train(Network([6, 1]), (_classes().X, _classes().Y[:1]), members=2, learning_rate=0.1, iterations=5)
    changes: dict[str, Callable[[dict[str, Any]], None]] = {
        "a seed, a fold and an epoch": lambda record: record["held_out"].pop(),
        "whole number": lambda record: record.update(seeds=["1", "2"]),
        "missing or unknown: ordered": lambda record: record.pop("ordered"),
    }
    for k, (words, change) in enumerate(changes.items()):
        place = run.save(tmp_path / f"run{k}")
        record = json.loads((place / "run.json").read_text())
        change(record["members"])
        (place / "run.json").write_text(json.dumps(record))
        with pytest.raises(InputError, match=words):
            layerlab.load(place)


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_a_resumed_training_of_members_is_the_unbroken_one(engine: str, tmp_path: Path) -> None:
    part, asked = HOW["batches"]
    asked = {**asked, "members": 4, "folds": 4, "engine": engine, "progress": False}
    network = Network([6, 12, 3], hidden="mish")
    whole = layerlab.train(network, part, **asked)
    place = tmp_path / "checkpoint"

    def stop(moment: Any) -> bool:
        return bool(moment.epoch == 13)

    broken = layerlab.train(network, part, callback=stop, checkpoint=place, **asked)
    assert len(broken.history.costs) == 13 * 8
    resumed = layerlab.train(network, part, checkpoint=place, resume=True, **asked)
    assert whole.members is not None
    assert resumed.members is not None
    assert resumed.members.kept_at == whole.members.kept_at
    np.testing.assert_allclose(resumed.members.out_of_fold, whole.members.out_of_fold, rtol=1e-9)
    np.testing.assert_allclose(resumed.history.costs, whole.history.costs, rtol=1e-9)
    with pytest.raises(InputError, match="another training"):  # other folds
        layerlab.train(network, part, checkpoint=place, resume=True, **{**asked, "folds": 5})


def test_ctrl_c_keeps_the_best_epochs_so_far() -> None:
    part, asked = HOW["batches"]

    def interrupt(moment: Any) -> None:
        if moment.epoch == 6:
            signal.raise_signal(signal.SIGINT)

    run = layerlab.train(Network([6, 12, 3]), part, members=3, callback=interrupt, progress=False, **asked)
    assert run.history.interrupted
    assert run.members is not None
    assert 0 < min(run.members.kept_at) <= max(run.members.kept_at) <= len(run.history.costs) < 25 * 8
    assert np.isfinite(run.members.out_of_fold[:, run.members.answered]).all()


def test_fewer_members_than_folds_leave_some_examples_without_an_answer_and_more_share_them() -> None:
    X, Y = _values(60)
    asked: dict[str, Any] = {"learning_rate": 0.1, "iterations": 20, "advice": False}
    few = layerlab.train(Network([5, 4, 2]), (X, Y), members=2, folds=6, **asked).members
    many = layerlab.train(Network([5, 4, 2]), (X, Y), members=6, folds=3, **asked).members
    assert few is not None
    assert many is not None
    assert few.answered.sum() == np.isfinite(few.out_of_fold).all(axis=0).sum() == 20
    assert many.held_out == (0, 1, 2, 0, 1, 2)
    assert many.answered.all()
    run = layerlab.train(Network([5, 4, 2]), (X, Y), members=6, folds=3, **asked)
    own = many.folds == 1
    both = [run.member(k).predict(X[:, own]) for k in (1, 4)]
    np.testing.assert_allclose(many.out_of_fold[:, own], np.mean(both, axis=0), rtol=1e-9)
    np.testing.assert_array_equal(many.targets, Y)


def test_the_history_is_the_mean_over_the_members() -> None:
    part, asked = HOW["batches"]
    lines: list[float] = []
    run = layerlab.train(
        Network([6, 12, 3], hidden="mish"), part, members=K, folds=K, callback=lambda m: lines.append(m.cost), **asked
    )
    assert run.members is not None
    alone = [
        layerlab.train(
            Network([6, 12, 3], hidden="mish"),
            part,
            seed=k,
            sample_weight=run.members.folds != k,
            advice=False,
            **asked,
        )
        for k in range(K)
    ]
    np.testing.assert_allclose(run.history.costs, np.mean([one.history.costs for one in alone], axis=0), rtol=1e-9)
    np.testing.assert_allclose(run.history.curve, lines, rtol=1e-12)
    assert run.verdict is not None
    assert run.verdict.word == "fell"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"members": 0}, "members=0: wanted a whole number of at least 1"),
        ({"members": 1, "folds": 4}, "folds has no meaning for members=1"),
        ({"members": 2, "folds": 1}, "folds=1: wanted a whole number of at least 2"),
        ({"members": 2, "folds": 200}, "folds=200: wanted at least 2, and no more than the 120 examples"),
        ({"members": 2, "validation": _classes()}, "validation=…: each member keeps the epoch"),
        ({"members": 2, "monitor": "cost"}, "monitor=…: each member keeps the epoch"),
        ({"members": 2, "metrics": "accuracy"}, "are measured on a single network"),
        ({"members": 2, "fold_groups": [1, 2]}, r"wanted one group for each training example, \(120,\)"),
        ({"members": 2, "optimizer": "lbfgs", "learning_rate": None}, "trains one network at a time"),
        ({"members": 2, "basis": "span"}, "the members are judged on different folds"),
    ],
)
def test_what_members_cannot_do_is_said_in_a_sentence(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        layerlab.train(Network([6, 4, 3]), _classes(), **{"learning_rate": 0.1, "iterations": 5, **asked})


def test_a_table_that_is_split_by_time_has_folds_in_its_order(tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    lines = [f"2024-{1 + k // 28:02d}-{1 + k % 28:02d},{random.randn():.3f},{random.randn():.3f}" for k in range(200)]
    (tmp_path / "days.csv").write_text("day,x,y\n" + "\n".join(lines))
    data = layerlab.datasets.load_table(tmp_path / "days.csv", target="y", time="day")
    run = layerlab.train(Network([data.n_x, 4, 1]), data, members=4, folds=4, learning_rate=0.01, iterations=5)
    assert run.members is not None
    assert run.members.ordered
    assert (np.diff(run.members.folds) >= 0).all()


def test_members_on_the_command_line(tmp_path: Path, say: Say) -> None:
    said = say(
        "train", "digits", "--members", "3", "--folds", "5", "--iterations", "30", "--out", str(tmp_path / "run")
    )
    assert said.status == 0
    run = layerlab.load(tmp_path / "run")
    assert run.members is not None
    assert (len(run.members), int(run.members.folds.max())) == (3, 4)
    assert "3 networks" in say("train", "digits", "--members", "3", "--explain").out
    refused = say("train", "digits", "--members", "3", "--validation", "0.2")
    assert refused.status == 2
    assert "leave validation out, or take --members 1" in refused.err


def _made(output: str, dtype: str, embedding: layerlab.Periodic | None = None) -> layerlab.Run:
    """A run with three members of random weights: nothing is trained."""
    n_y = 1 if output == "sigmoid" else 3
    network, random = Network([4, 6, 5, n_y], ["mish", "tanh"], output, embedding), np.random.RandomState(0)
    parameters = {name: random.randn(3, *shape).astype(dtype) for name, shape in network.shapes.items()}
    folds, nothing = np.zeros(1, np.int16), np.zeros((n_y, 1), dtype)
    members = Members(parameters, (0, 1, 2), (0, 1, 2), (1, 1, 1), folds, nothing, nothing)
    return layerlab.Run(network, members.own(0), layerlab.History(np.empty(0)), {}, members=members)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("output", "embedding"), [*((output, None) for output in LOSSES), ("softmax", layerlab.Periodic((0, 3), 5, 2))]
)
@pytest.mark.parametrize("form", ["onnx", "numpy"])
def test_an_exported_model_answers_with_the_mean(
    tmp_path: Path, form: str, output: str, embedding: layerlab.Periodic | None, dtype: str
) -> None:
    """``export`` itself compares the model's answers with the run's; here the run's are computed once more."""
    run, X = _made(output, dtype, embedding), np.random.RandomState(1).randn(4, 30)
    done = layerlab.export(run, tmp_path / "model", X, format=form)
    assert done.deviation < (1e-12 if dtype == "float64" else 1e-5)
    answers = run.predict_proba(X) if run.network.classifies else run.predict(X)
    alone = [run.member(k) for k in range(3)]
    each = [one.predict_proba(X) if one.network.classifies else one.predict(X) for one in alone]
    np.testing.assert_allclose(answers, np.mean(each, axis=0), rtol=1e-5 if dtype == "float32" else 1e-12)
    assert np.abs(each[0] - answers).max() > 0.01


def test_members_with_an_embedding_are_trained_scored_and_saved(tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    X = random.uniform(-2, 2, (3, 400))
    Y = np.sin(6 * X[:1]) + X[1:2]
    network = Network([3, 32, 1], hidden="mish", embedding=layerlab.Periodic((0, 1)))
    asked: dict[str, Any] = {"optimizer": "adamw", "learning_rate": 0.02, "batch_size": 32, "epochs": 40}
    for engine in ("numpy", "xla"):
        run = layerlab.train(network, (X, Y), members=4, folds=4, engine=engine, advice=False, **asked)
        assert run.members is not None
        one = run.members.kept_at[2]
        seen = _alone(network, Part(X, Y), run.members.folds != 2, 2, {**asked, "engine": engine})[one]
        for name, value in seen.items():
            np.testing.assert_allclose(run.members.parameters[name][2], value, rtol=1e-8, atol=1e-9)
        error = np.abs(run.members.out_of_fold - Y).mean()
        assert error < 0.4 * np.abs(Y - Y.mean()).mean()
        back = layerlab.load(run.save(tmp_path / engine))
        np.testing.assert_array_equal(back.predict(X), run.predict(X))


def test_shuffled_columns_are_judged_by_the_mean_of_the_members() -> None:
    X, Y = _classes(300)
    data = layerlab.datasets.Dataset(
        "made", Part(X[:, :200], Y[:, :200]), Part(X[:, 200:], Y[:, 200:]), ("a", "b", "c")
    )
    run = layerlab.train(Network([6, 12, 3]), data, members=3, optimizer="adam", learning_rate=0.02, iterations=100)
    found = layerlab.permutation_importance(run, data, repeats=2)
    assert found.base == pytest.approx(run.accuracy(data.test))
    (test_X, test_Y), random = data.test, np.random.RandomState(0)
    some = random.permutation(100)
    shuffled = test_X[:, some].copy()
    shuffled[0] = shuffled[0][random.permutation(100)]
    first = [run.accuracy((test_X[:, some], test_Y[:, some])) - run.accuracy((shuffled, test_Y[:, some]))]
    again = test_X[:, some].copy()
    again[0] = again[0][random.permutation(100)]
    first.append(run.accuracy((test_X, test_Y)) - run.accuracy((again, test_Y[:, some])))
    place = next(k for k, one in enumerate(found.columns) if list(one.rows) == [0])
    assert found.drops[place] == pytest.approx(np.mean(first))


def test_calibrated_members_cost_least_together_and_keep_their_classes() -> None:
    data = layerlab.datasets.load_digits()
    X, Y = data.train
    run = layerlab.train(
        Network([64, 32, 10]), (X[:, :900], Y[:, :900]), members=3, learning_rate=1.0, iterations=400, engine="numpy"
    )
    held = X[:, 900:], Y[:, 900:]
    done = layerlab.calibrate(run, held)
    T = done.run.temperature
    assert done.run.members is not None
    assert run.members is not None
    assert done.costs[1] < done.costs[0]

    def cost(factor: float) -> float:
        each = [network_outputs(run.network, run.members.own(k), held[0], lambda Z: Z) for k in range(3)]  # type: ignore[union-attr]
        P = np.mean([run.network.loss.prediction(Z / factor) for Z in each], axis=0)
        return -float((held[1] * np.log(P)).sum(axis=0).mean())

    assert done.costs == pytest.approx((cost(1.0), cost(T)))
    assert cost(T) < min(cost(0.97 * T), cost(1.03 * T))
    np.testing.assert_allclose(done.run.parameters["W2"], done.run.members.parameters["W2"][0])
    for k in range(3):  # the answers out of fold are those of the calibrated members
        own = run.members.folds == k
        again = done.run.member(k).predict_proba(X[:, :900][:, own])
        np.testing.assert_allclose(done.run.members.out_of_fold[:, own], again, rtol=1e-7, atol=1e-12)


def test_what_looks_into_one_network_says_that_it_is_the_first_member(tmp_path: Path, say: Say) -> None:
    place = str(tmp_path / "run")
    assert say("train", "digits", "--members", "3", "--folds", "3", "--iterations", "40", "--out", place).status == 0
    assert "what is shown of the inside of the network is that of the first member" in say("explain", place, "3").words
    assert "the run has 3 members" in say("step", place).words
    run = layerlab.load(place)
    data = layerlab.datasets.load_digits()
    assert "--members 3 --folds 3" in how_to_repeat.train_command(run)
    assert "members=3,\n    folds=3,\n" in how_to_repeat.python_lines(run, known=True)
    same = layerlab.train(run.network, data, **how_to_repeat.settings_to_give(run), members=3, folds=3)
    np.testing.assert_allclose(same.predict_proba(data.test.X), run.predict_proba(data.test.X), rtol=1e-6, atol=1e-12)

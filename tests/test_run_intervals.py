"""Intervals and sets of classes of runs with members: in Python, from a table, and on the command line."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from command import Say
from members_by_hand import trained_by_hand
from test_prediction_intervals import written_out

from layerlab import InputError, Network, Run, predict_table
from layerlab.datasets import Dataset, Part, load_flower, load_table


def frame(m: int, classes: bool) -> pl.DataFrame:
    """Houses: a price with errors that grow with the size, or which of three kinds a house is."""
    random = np.random.RandomState(5)
    size, age = random.uniform(40, 200, m), random.randint(0, 90, m)
    price = 3 * size - age + size / 8 * random.randn(m)
    kinds = np.array(["flat", "house", "villa"])[np.digitize(size + 15 * random.randn(m), [90, 140])]
    return pl.DataFrame({"size": size, "age": age, "y": kinds if classes else price})


@cache
def run_on(classes: bool) -> tuple[Any, Any]:
    data = load_table(frame(240, classes), target="y")
    network = Network([data.n_x, 6, data.n_y], output="softmax" if classes else "identity")
    return trained_by_hand(network, data, learning_rate=0.1, iterations=150, optimizer="adam"), data


@pytest.fixture(params=[False, True], ids=["values", "classes"])
def trained(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    return run_on(request.param)


def answers_without_each_fold(run: Run, X: np.ndarray) -> np.ndarray:
    assert run.members is not None
    alone = [run.member(k) for k in range(len(run.members))]
    return np.stack([one.predict_proba(X) if run.network.classifies else one.predict(X) for one in alone])


def test_intervals_are_those_of_the_members_one_by_one() -> None:
    run, data = run_on(classes=False)
    low, high = run.predict_intervals(data.test.X, 0.8)
    R = np.abs(run.members.targets - run.members.out_of_fold)[0]
    by_fold = [R[run.members.folds == fold] for fold in run.members.held_out]
    defined = written_out(answers_without_each_fold(run, data.test.X)[:, 0], by_fold, 0.8)
    for own, wanted in zip((low, high), defined, strict=True):
        assert own.shape == data.test.Y.shape
        np.testing.assert_allclose(own[0], wanted, rtol=1e-9)
    inside = float(((low <= data.test.Y) & (high >= data.test.Y)).mean())
    assert 0.6 < inside < 0.97  # 48 rows of level 0.8
    assert (low < run.predict(data.test.X)).all()
    assert (run.predict(data.test.X) < high).all()


def test_sets_are_those_of_the_members_one_by_one() -> None:
    run, data = run_on(classes=True)
    sets = run.predict_sets(data.test.X)
    P, members = answers_without_each_fold(run, data.test.X), run.members
    R = 1 - members.out_of_fold[members.targets.argmax(axis=0), np.arange(len(members.folds))]
    smaller = np.zeros(sets.shape)
    for k, fold in enumerate(members.held_out):
        smaller += (R[members.folds == fold][:, None, None] < 1 - P[k]).sum(axis=0)
    wanted = smaller < 0.9 * (len(R) + 1)
    wanted[P.mean(axis=0).argmax(axis=0), np.arange(sets.shape[1])] |= ~wanted.any(axis=0)
    np.testing.assert_array_equal(sets, wanted)
    assert sets.any(axis=0).all()
    assert sets[data.test.Y.argmax(axis=0), np.arange(sets.shape[1])].mean() > 0.75


def test_members_without_the_same_fold_answer_together() -> None:
    """Eight members on four folds: of each fold the mean of two; a fold that nobody left out counts for nothing."""
    data = load_table(frame(100, classes=False), target="y")
    run = trained_by_hand(
        Network([data.n_x, 3, 1], output="identity"), data, folds=3, models=4, learning_rate=0.1, iterations=30
    )
    assert run.members is not None
    two = replace(run.members, held_out=(0, 1, 0, 1))
    own = replace(run, members=two)
    low, high = own.predict_intervals(data.test.X, 0.9)
    alone = answers_without_each_fold(run, data.test.X)[:, 0]
    R = np.abs(two.targets - two.out_of_fold)[0]
    answers = np.stack([(alone[0] + alone[2]) / 2, (alone[1] + alone[3]) / 2])
    for mine, wanted in zip(
        (low, high), written_out(answers, [R[two.folds == fold] for fold in (0, 1)], 0.9), strict=True
    ):
        np.testing.assert_allclose(mine[0], wanted, rtol=1e-9)


def test_two_classes_have_sets_too() -> None:
    data = load_flower()
    run = trained_by_hand(Network([2, 4, 1], hidden="tanh"), data, learning_rate=1.2, iterations=400)
    sets = run.predict_sets(data.test.X)
    assert sets.shape == (2, data.test.X.shape[1])
    own = run.predict_proba(data.test.X)[0]
    assert sets[1, own > 0.99].all()
    assert not sets[0, own > 0.99].any()
    assert sets[data.test.Y[0].astype(int), np.arange(sets.shape[1])].mean() > 0.8


def test_several_values_have_an_interval_each_and_counts_none_below_zero() -> None:
    random = np.random.RandomState(0)
    X = random.randn(2, 120)
    Y = np.stack([X[0] + 0.1 * random.randn(120), 10 * X[1] + random.randn(120)])
    two = Dataset("two", Part(X[:, :80], Y[:, :80]), Part(X[:, 80:], Y[:, 80:]))
    run = trained_by_hand(Network([2, 2], output="identity"), two, learning_rate=0.1, iterations=200)
    low, high = run.predict_intervals(two.test.X)
    widths = (high - low).mean(axis=1)
    assert low.shape == (2, 40)
    assert widths[1] > 4 * widths[0]
    counts = random.poisson(np.exp(X[:1])).astype(float)
    rare = Dataset("rare", Part(X[:, :80], counts[:, :80]), Part(X[:, 80:], counts[:, 80:]))
    run = trained_by_hand(Network([2, 1], output="poisson"), rare, learning_rate=0.05, iterations=200)
    low, high = run.predict_intervals(rare.test.X)
    assert low.min() == 0
    assert (high > low).all()


def test_runs_without_intervals_say_why(trained: tuple[Any, Any]) -> None:
    run, data = trained
    ask, other = run.predict_intervals, run.predict_sets
    if run.network.classifies:
        ask, other = other, ask
    with pytest.raises(InputError, match="use predict_"):
        other(data.test.X)
    for changed, why in (
        (replace(run, members=None), "train with members"),
        (replace(run, members=replace(run.members, ordered=True)), "ordered in time"),
    ):
        with pytest.raises(InputError, match=why):
            getattr(changed, ask.__name__)(data.test.X)
    with pytest.raises(InputError, match=r"level=0\.999: wanted at least 999 examples .* ask for at most 0\.994"):
        ask(data.test.X, 0.999)
    with pytest.raises(InputError, match=r"level=90: wanted a number between 0 and 1"):
        ask(data.test.X, 90)


def test_a_saved_run_gives_the_same_intervals(trained: tuple[Any, Any], tmp_path: Path) -> None:
    import layerlab

    run, data = trained
    run.save(tmp_path / "run")
    again = layerlab.load(tmp_path / "run")
    found = []
    for one in (run, again):
        ask = one.predict_sets if run.network.classifies else one.predict_intervals
        found += [ask(data.test.X), ask(frame(240, run.network.classifies)[data.raw.test])]
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)


def test_a_table_gets_columns_with_intervals(trained: tuple[Any, Any]) -> None:
    run, data = trained
    rows = frame(240, run.network.classifies)[data.raw.test]
    found = predict_table(run, rows, intervals=0.8)
    plain = predict_table(run, rows)
    if run.network.classifies:
        sets = run.predict_sets(data.test.X, 0.8)
        assert found["set"].to_list() == [
            [name for name, inside in zip(run.class_names, column, strict=True) if inside] for column in sets.T
        ]
        assert found.drop("set").equals(plain)
    else:
        low, high = run.predict_intervals(data.test.X, 0.8)
        np.testing.assert_array_equal(found.select("low", "high").to_numpy().T, np.concatenate([low, high]))
        assert found.drop("low", "high").equals(plain)
    with pytest.raises(InputError, match=r"intervals 8: wanted a number between 0 and 1"):
        predict_table(run, rows, intervals=8)


def test_predict_prints_and_writes_intervals(trained: tuple[Any, Any], say: Say, tmp_path: Path) -> None:
    run, data = trained
    run.save("run")
    frame(240, run.network.classifies)[data.raw.test].drop("y").write_csv("new.csv")
    said = say("predict", "run", "new.csv", "--intervals", 0.8, "--json", "all.json")
    assert said.status == 0, said.err
    facts = json.loads(Path("all.json").read_text())
    assert facts["level"] == 0.8
    first = facts["predictions"][0]
    said = say("predict", "run", "new.csv", "--intervals", 0.8, "--out", "all.csv")
    with Path("all.csv").open() as file:
        written = next(csv.DictReader(file))
    if run.network.classifies:
        sets = run.predict_sets(data.test.X, 0.8)
        assert first["set"] == [run.class_names[k] for k in np.flatnonzero(sets[:, 0])]
        assert written["set"] == " | ".join(first["set"])
        (size,) = re.findall(r"contain the true class of about 80 % of rows .* holds ([\d.]+) classes", said.words)
        assert float(size) == pytest.approx(sets.sum(axis=0).mean(), abs=0.01)
    else:
        low, high = run.predict_intervals(data.test.X, 0.8)
        assert (first["low"], first["high"]) == (low[0, 0], high[0, 0])
        assert (float(written["low"]), float(written["high"])) == (low[0, 0], high[0, 0])
        assert "The intervals contain the true value of about 80 % of rows" in said.words
    assert say("predict", "run", "new.csv").status == 0  # without intervals there are no such columns
    assert "set" not in say("predict", "run", "new.csv", "--out", "-").out.splitlines()[0].split(",")


def test_predict_refuses_intervals_that_a_run_does_not_have(say: Say) -> None:
    run, data = run_on(classes=False)
    run.save("run")
    replace(run, members=None).save("single")
    frame(240, classes=False)[data.raw.test].write_csv("new.csv")
    for words, why in (
        (("single", "new.csv", "--intervals", 0.9), "train with members"),
        (("run", "new.csv", "--intervals", 90), "--intervals 90.0: wanted a number between 0 and 1"),
        (("run", "new.csv", "--intervals", 0.9, "--with", "run"), "intervals belong to one run"),
    ):
        said = say("predict", *words, "--out", "never.csv")
        assert (said.status, Path("never.csv").exists()) == (2, False)
        assert why in said.words

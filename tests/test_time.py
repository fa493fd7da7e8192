"""Rows in time, from outside: a hint where a random split flatters, splits by time and group, drift in plain words."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from command import Say

import layerlab
from layerlab import InputError, Network
from layerlab.datasets import hold_out
from layerlab.datasets.folds import folds_of
from layerlab.datasets.loading.tables import load_table
from layerlab.evaluating.constant_answer import constant_facts
from layerlab.evaluating.scores import train_facts

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")

M = 400
DAYS = [date(2024, 1, 1) + timedelta(number) for number in range(M)]
RANDOM = np.random.RandomState(0)
X = RANDOM.randn(M)
WALK = np.cumsum(RANDOM.randn(M)) + 2 * RANDOM.randn(M)


def said(data: Any, kind: str) -> list[str]:
    return [notice.what for notice in data.notices if notice.kind == kind]


def table(y: Any, when: str = "when", **others: Any) -> pl.DataFrame:
    return pl.DataFrame({when: DAYS, "x": X, **others, "y": y})


# A hint


def test_a_split_by_time_is_offered_where_neighbours_in_time_are_alike() -> None:
    (hint,) = said(load_table(table(WALK), target="y"), "time")
    assert hint.startswith("Rows that follow each other in 'when' have similar values of 'y' (correlation 0.")
    assert hint.endswith("test on the last rows: time='when'")
    classes = np.where(np.median(WALK) < WALK, "up", "down")
    assert len(said(load_table(table(classes), target="y"), "time")) == 1
    shuffled = table(WALK).sample(fraction=1.0, shuffle=True, seed=1)
    assert said(load_table(shuffled, target="y"), "time") == [hint]  # whatever the order in the file


def test_a_number_of_the_year_is_a_time_and_the_months_of_any_year_are_none() -> None:
    years = np.repeat(np.arange(1990, 2010), 20)
    frame = pl.DataFrame({"year": years, "month": np.arange(M) % 12 + 1, "x": X, "y": years % 7 + X})
    (hint,) = said(load_table(frame, target="y"), "time")
    assert hint.startswith("Rows that follow each other in 'year' have similar values of 'y'")
    assert said(load_table(frame.drop("year"), target="y"), "time") == []


def test_a_rare_class_that_becomes_frequent_is_said() -> None:
    random = np.random.RandomState(2)
    m = 4000
    days = [date(2015, 1, 1) + timedelta(number) for number in range(m)]
    rising = np.where(random.rand(m) < np.linspace(0, 0.3, m) ** 2, "ja", "nein")
    steady = np.where(random.rand(m) < 0.05, "ja", "nein")
    rare = pl.DataFrame({"when": days, "x": random.randn(m), "y": rising})
    (hint,) = said(load_table(rare, target="y"), "time")
    assert hint.startswith("'y' changes over time ('when'): the share of 'ja' is ")
    assert hint.endswith("test on the last rows: time='when'")
    (drift,) = said(load_table(rare, target="y", time="when"), "drift")
    assert drift.startswith("'y' changes over time: the share of 'ja' is ")
    for when in (None, "when"):
        data = load_table(rare.with_columns(y=pl.Series(steady)), target="y", time=when)
        assert not said(data, "drift")
        assert not said(data, "time")


def test_one_notice_offers_a_split_by_time() -> None:
    trend = load_table(table(np.arange(M) + 0.1 * X), target="y")
    offering = [notice for notice in trend.notices if "time='when'" in notice.what]
    assert len(offering) == 1


@pytest.mark.parametrize(
    ("frame", "options"),
    [
        (table(X + RANDOM.randn(M)), {}),  # the order says nothing
        (table(WALK, "date of birth"), {}),
        (table(WALK, "Geburtsdatum"), {}),
        (table(WALK), {"time": "when"}),
        (table(WALK), {"drop": ["when"]}),
        (table(WALK)[:40], {}),  # too few to know
    ],
)
def test_and_nowhere_else(frame: pl.DataFrame, options: dict[str, Any]) -> None:
    assert said(load_table(frame, target="y", **options), "time") == []


# Classes that come and go


def test_a_class_that_the_later_rows_lack_is_said_and_no_reason_to_refuse(tmp_path: Path, say: Say) -> None:
    y = np.where(
        np.arange(M) < 200, np.array(["a", "b", "c"])[np.arange(M) % 3], np.array(["a", "b"])[np.arange(M) % 2]
    )
    table(y).write_csv(tmp_path / "t.csv")
    asked = ["--target", "y", "--time", "when", "--epochs", "3"]
    out = say("train", str(tmp_path / "t.csv"), *asked, "--out", str(tmp_path / "run"))
    assert out.status == 0
    assert "No row of the later test set has the class 'c' of 'y', so test scores say nothing about it" in out.words
    assert say("report", str(tmp_path / "run")).status == 0
    data = load_table(table(y), target="y", time="when")
    assert data.class_names == ("a", "b", "c")
    assert data.test.Y.sum(axis=1).tolist() == [40, 40, 0]


def test_rows_of_a_class_that_training_lacks_are_left_out_and_said() -> None:
    y = [*"ab" * 180, *"abn" * 13, "a"]
    data = load_table(table(y), target="y", time="when")
    assert data.class_names == ("a", "b")
    assert data.test.X.shape[1] == 80 - 13
    (sentence,) = said(data, "unseen")
    assert sentence == (
        "13 of the last rows have the class 'n' of 'y', which no training row has, so no network can predict it; "
        "these rows are left out of the test set"
    )
    with pytest.raises(InputError, match="the training set has only the class 'a' of 'y'"):
        load_table(table([*"a" * 320, *"b" * 80]), target="y", time="when")


def test_a_validation_set_is_the_last_rows_and_takes_no_class_away() -> None:
    data = load_table(table(WALK), target="y", time="when")
    rest, validation = hold_out(data, 0.25)
    assert rest.raw is not None
    assert rest.raw.train.tolist() == list(range(240))
    assert validation.X.shape[1] == 80
    late = load_table(table([*"ab" * 130, *"abc" * 20, *"abc" * 26, *"ab"]), target="y", time="when")
    with pytest.raises(InputError, match="the class 'c' of 'y' occurs only in the last rows by 'when'"):
        hold_out(late, 0.25)


# Groups and time


def test_groups_that_have_later_rows_in_the_test_set_are_not_trained_on() -> None:
    groups = [f"g{number // 30}" for number in range(M)]
    data = load_table(table(WALK, who=groups), target="y", time="when", group="who")
    assert data.raw is not None
    who = np.array(groups)
    assert data.raw.test.tolist() == list(range(320, 400))
    assert not set(who[data.raw.train]) & set(who[data.raw.test])
    assert data.raw.train.tolist() == list(range(300))
    sentence = "20 earlier rows are left out, because the test set has later rows with the same 'who'"
    assert sentence in said(data, "split")
    assert data.preparation is not None
    assert data.preparation.columns == ("x",)
    rest, _ = hold_out(data, 0.25)
    assert rest.raw is not None
    assert rest.raw.train.tolist() == list(range(210))  # 225 to 299 are the validation set, and 210 to 224 of its group
    with pytest.raises(InputError, match="every row is in a group of the test set"):
        load_table(table(WALK, who=["a", "b"] * 200), target="y", time="when", group="who")


def test_folds_of_a_search_are_stretches_of_time_of_whole_groups() -> None:
    groups = [f"g{number // 7}" for number in range(M)]
    for group in (None, "who"):
        data = load_table(table(WALK, who=groups), target="y", time="when", group=group)
        fold = folds_of(data, data.train.Y, 5, classes=False, seed=0)
        assert (np.diff(fold) >= 0).all()
        assert np.bincount(fold).min() > 50
        assert set(fold.tolist()) == set(range(5))
        if group:
            assert data.raw is not None
            who = np.array(groups)[data.raw.train]
            assert all(len(set(fold[who == one].tolist())) == 1 for one in set(who.tolist()))


# What is said of a drift


def test_a_trend_is_not_called_memorised_and_what_moved_is_said() -> None:
    trend = np.arange(M) / 20 + 0.1 * RANDOM.randn(M)
    data = load_table(table(trend), target="y", time="when", keep=["when"])
    run = layerlab.train(Network([data.n_x, 16, 1]), data, learning_rate=0.05, iterations=500, optimizer="adam")
    gap = train_facts(run, data)["train_test_gap"]
    assert gap["outcome"] == "changed"
    assert "'y' changes over time: its mean is" in gap["what"]
    assert gap["what"].endswith("So the data have changed over time (drift); overfitting alone does not explain it.")


def test_a_network_that_is_worse_than_a_constant_is_said_to_be_first_of_all(tmp_path: Path, say: Say) -> None:
    rising = np.where(np.arange(M) < 320, 3 * X, -3 * X) + 0.1 * RANDOM.randn(M)
    table(rising).write_csv(tmp_path / "t.csv")
    asked = ["--target", "y", "--time", "when", "--epochs", "20", "--out", str(tmp_path / "run")]
    out = say("train", str(tmp_path / "t.csv"), *asked, "--json", str(tmp_path / "facts.json"))
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert facts["test_r2"] < -1
    assert facts["constant"]["outcome"] == "worse"
    lines = " ".join(out.out.split())
    first = lines.index("The network is worse than always predicting the training set's median. If both were ")
    assert first < min(lines.index(word) for word in ("ridge regression", "parameters)"))


def test_a_constant_beside_answers_by_hand() -> None:
    Y_train, Y = np.array([[0.0, 1.0, 2.0]]), np.arange(40.0)[None] % 3
    better = constant_facts(Y_train, Y, Y + 0.1)
    assert (better["outcome"], better["what"]) == ("better", "")
    worse = constant_facts(Y_train, Y, Y + 5)
    assert worse["what"].startswith("The network is worse than always predicting the training set's median. If both")
    assert constant_facts(Y_train, Y, np.full_like(Y, 1.0))["outcome"] == "unclear"
    wild = Y.copy()
    wild[0, ::4] += 30  # most answers are right, and by squares a constant is better
    assert constant_facts(Y_train, Y, wild)["outcome"] != "better"
    assert constant_facts(Y_train, Y, np.full_like(Y, np.nan)) == {"outcome": None, "what": "", "p_value": None}


def test_rows_of_one_year_are_not_called_alike_because_of_the_order_in_the_file() -> None:
    """A file that is sorted by the target, with three years in turn: the year says nothing of it."""
    y = np.sort(RANDOM.randn(M))
    some = pl.DataFrame({"year": np.tile([2007, 2008, 2009], M)[:M], "x": RANDOM.randn(M), "y": y})
    assert not [notice for notice in load_table(some, target="y").notices if notice.kind == "time"]
    classes = some.with_columns(y=pl.Series(np.where(y > 0, "a", "b")))
    assert not [notice for notice in load_table(classes, target="y").notices if notice.kind == "time"]


def test_equal_values_of_the_target_are_not_alike_by_their_order() -> None:
    some = pl.DataFrame({"year": np.arange(M), "x": RANDOM.randn(M), "y": RANDOM.randint(0, 40, M) // 13 * 1.5})
    found = load_table(some, target="y", task="values", numbers=["y"]).notices
    assert not [notice for notice in found if notice.kind == "time"]

"""How rows are dealt into a training and a test part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerlab import InputError
from layerlab.datasets.tabular.splitting import Split, class_codes, in_order, split_rows
from layerlab.datasets.tabular.table import Column, Table


def column(name: str, kind: str, values: Any, words: tuple[str, ...] = ()) -> Column:
    return Column(name, kind, np.array(values, object if kind == "category" else np.float64), words)


def table_of(*columns: Column) -> Table:
    return Table(columns, np.arange(1, len(columns[0].values) + 1))


COUNTS = st.lists(st.integers(2, 40), min_size=2, max_size=5)


@given(COUNTS, st.floats(0.01, 0.99), st.integers(0, 2**32 - 1))
def test_every_class_has_its_share_in_both_parts(counts: list[int], share: float, seed: int) -> None:
    y = np.random.RandomState(1).permutation(np.repeat([f"c{k}" for k in range(len(counts))], counts))
    table = table_of(column("y", "category", y))
    train, test = split_rows(table, "y", Split(share, seed))
    assert sorted([*train, *test]) == list(range(len(y)))
    assert (np.diff(train) > 0).all()
    assert (np.diff(test) > 0).all()
    for k, count in enumerate(counts):
        there = int((y[test] == f"c{k}").sum())
        assert 1 <= there < count
        assert abs(there - share * count) <= 1.5
    for one, again in zip((train, test), split_rows(table, "y", Split(share, seed)), strict=True):
        np.testing.assert_array_equal(one, again)


def test_values_are_dealt_by_chance_and_the_numbers_are_known() -> None:
    table = table_of(column("y", "number", range(10)))
    assert (
        split_rows(table, "y", Split(0.3, 0))[1].tolist()
        == np.sort(np.random.RandomState(0).permutation(10)[:3]).tolist()
    )
    assert split_rows(table, "y", Split(0.01))[1].size == 1
    assert split_rows(table, "y", Split(0.99))[0].size == 1
    assert split_rows(table, "y", Split(0.3, 0))[1].tolist() != split_rows(table, "y", Split(0.3, 1))[1].tolist()


@given(st.lists(st.integers(0, 12), min_size=30, max_size=80), st.integers(0, 99), st.booleans())
def test_groups_stay_together(groups: list[int], seed: int, values: bool) -> None:
    y = np.arange(len(groups)) % 2
    words = [None if g is None else f"g{g}" for g in groups]
    table = table_of(column("y", "number" if values else "truth", y), column("g", "category", words))
    try:
        train, test = split_rows(table, "y", Split(0.3, seed, group="g"))
    except InputError as error:
        said = str(error)
        assert len(set(groups)) < 2 or "has no row of the class" in said
        return
    assert len(train) + len(test) == len(groups)
    assert len(train)
    assert len(test)
    assert not {words[at] for at in train} & {words[at] for at in test}


def test_groups_come_close_to_the_share_of_each_class() -> None:
    random = np.random.RandomState(0)
    groups = random.randint(0, 100, 2000)
    y = groups % 10 == 0
    table = table_of(column("y", "truth", y), column("g", "number", groups))
    _, test = split_rows(table, "y", Split(0.2, 3, group="g"))
    assert abs(len(test) - 400) < 30
    assert abs(y[test].sum() - 0.2 * y.sum()) < 25


def test_many_groups_and_a_group_larger_than_the_share() -> None:
    many = table_of(column("y", "truth", np.arange(50_000) % 2), column("g", "number", np.arange(50_000) // 2))
    train, test = split_rows(many, "y", Split(0.2, group="g"))
    assert len(test) == 10_000
    assert not set(train // 2) & set(test // 2)
    two = table_of(column("y", "number", np.arange(10)), column("g", "category", ["a"] * 6 + ["b"] * 4))
    assert split_rows(two, "y", Split(0.1, group="g"))[1].tolist() == [6, 7, 8, 9]


def test_the_last_rows_in_time_are_the_test_part_and_ties_stay_together() -> None:
    y = column("y", "number", np.arange(10))
    times = column("t", "date", [5, 1, 2, 9, 9, 9, 3, 4, 0, 6])
    assert split_rows(table_of(y, times), "y", Split(0.2, time="t"))[1].tolist() == [3, 4, 5]
    assert split_rows(table_of(y, times), "y", Split(0.4, time="t"))[1].tolist() == [3, 4, 5, 9]
    ties = column("t", "number", [0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    assert split_rows(table_of(y, ties), "y", Split(0.5, time="t"))[1].tolist() == [9]


@pytest.mark.parametrize(
    ("split", "said"),
    [
        (Split(0.0), "test=0.0: wanted a finite number above 0, below 1"),
        (Split(1.5), "test=1.5: wanted"),
        (Split(seed=-1), "seed=-1: wanted"),
        (Split(group="z"), "group='z': the table has no such column; wanted one of 'y', 'g', 't', 'w'"),
        (Split(group="y"), "group='y': is the target"),
        (Split(time="w"), "time='w': is a category; wanted dates"),
        (Split(group="gap"), "group='gap': is missing in row 3; wanted a value in every row"),
        (Split(time="gaps"), "time='gaps': is missing in rows 1, 2, 3, …"),
        (Split(group="same"), "group='same': has the same value in all rows; wanted at least two groups"),
        (Split(time="same"), "time='same': has the same value in all rows; wanted at least two times"),
        (Split(time="t"), "time='t': the training set has only the class 'a' of 'y'"),
        (Split(group="g"), "group='g': the training set has no row of the class 'b'"),
    ],
)
def test_what_cannot_be_dealt(split: Split, said: str) -> None:
    table = table_of(
        column("y", "category", ["a"] * 8 + ["b"] * 2),
        column("g", "category", ["u"] * 8 + ["v"] * 2),
        column("t", "number", range(10)),
        column("w", "category", list("abcdefghij")),
        column("gap", "category", ["u", "v", None, *"uvuvuvu"]),
        column("gaps", "number", [np.nan] * 5 + [1, 2, 3, 4, 5]),
        column("same", "number", [1] * 10),
    )
    with pytest.raises(InputError) as caught:
        split_rows(table, "y", split)
    assert said in str(caught.value)


def test_a_class_of_one_row_and_a_table_of_one_row() -> None:
    table = table_of(column("y", "category", ["a", "a", "b", "c", "a"]))
    with pytest.raises(InputError, match=r"row 3, column 'y': 'b' is the only row of its class \(and 1 more classes\)"):
        split_rows(table, "y", Split())
    with pytest.raises(InputError, match="the table has 1 row with a target; wanted at least 2"):
        split_rows(table_of(column("y", "number", [1.0])), "y", Split())


def test_classes_have_their_natural_order() -> None:
    assert in_order({"10", "9", "-1"}) == ("-1", "9", "10")
    assert in_order({"b", "a", "10"}) == ("10", "a", "b")
    codes, names = class_codes(column("y", "category", ["10", "9", "10"]))
    assert (codes.tolist(), names) == ([1, 0, 1], ("9", "10"))
    codes, names = class_codes(column("y", "truth", [1, 0], ("nein", "ja")))
    assert (codes.tolist(), names) == ([1, 0], ("nein", "ja"))

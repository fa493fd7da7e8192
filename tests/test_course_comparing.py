"""What the course's checker takes for right, and what it says of a returned value that is built otherwise."""

from typing import Any

import numpy as np
import pytest

from layerlab.course.checker.comparing import (
    accepted_though,
    is_list_of_numbers,
    leaves,
    misplaced,
    numbers,
    same,
    structure_fault,
)

X = np.random.default_rng(0).normal(size=(3, 4))
COLUMN = X[:, :1]


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (0.25, np.float64(0.25)),
        (np.array(0.25), 0.25),
        (np.array([[0.25]]), 0.25),
        (np.array([0.25]), 0.25),
        (np.float32(0.1), 0.1),
        (3, 3.0),
        (np.int64(3), 3),
        (X.astype(np.float32), X),
        (np.asfortranarray(X), X),
        (X * (1 + 1e-9), X),
        (X > 0, (X > 0).astype(float)),
        ((X > 0).astype(int), X > 0),
        (np.zeros((3, 1), int), np.zeros((3, 1))),
        (np.where(X > 0, 1e-20, 0) + np.eye(3, 4), np.eye(3, 4)),
        ([0.5, np.float64(0.25)], [0.5, 0.25]),
        ((0.5, 0.25), [0.5, 0.25]),
        (np.array([0.5, 0.25]), [0.5, 0.25]),
        ([np.array([[0.5]]), 0.25], [0.5, 0.25]),
        ([X, 0.5], (X, 0.5)),
        ({"dW": X, "more": 1}, {"dW": X}),
        ([[X, COLUMN], (X, COLUMN)], [(X, COLUMN), (X, COLUMN)]),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf])),
        (None, None),
        ("relu", "relu"),
        ([], []),
    ],
)
def test_what_is_right_is_not_refused(got: Any, wanted: Any) -> None:
    assert same(got, wanted)


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (X.T, X),
        (X * (1 + 1e-5), X),
        (X.astype(np.float32) * 1.01, X),
        (X.tolist(), X),
        (COLUMN.ravel(), COLUMN),
        (0.25, np.array([[0.25]])),
        ([0.25], 0.25),
        (None, X),
        ("0.25", 0.25),
        (X + 0j, X),
        (np.array(["a", "b"]), np.array([1.0, 2.0])),
        (np.array([1.0, {}], dtype=object), np.array([1.0, 2.0])),
        ([0.5], [0.5, 0.25]),
        ((X,), X),
        ({"W": X}, {"dW": X}),
        (np.full_like(X, np.nan), X),
        (np.zeros((3, 1)) + 1e-3, np.zeros((3, 1))),
        (X, None),
        (X, "relu"),
        (len, X),
    ],
)
def test_what_is_wrong_is_refused(got: Any, wanted: Any) -> None:
    assert not same(got, wanted)


def test_a_wider_tolerance_is_the_exercises() -> None:
    assert not same(X + 1e-5, X)
    assert same(X + 1e-5, X, tolerance=1e-3)


def test_leaves_have_names() -> None:
    value: Any = ({"dw": X, "db": 0.5}, 0.25, [(X, 1.0), (X, 2.0)], [0.5, 0.25], [])
    found = leaves(value, ["grads", "cost", "caches", "costs", "none"])
    assert list(found) == [
        *("dw", "db", "cost", "caches[0][0]", "caches[0][1]", "caches[1][0]", "caches[1][1]", "costs", "none"),
    ]
    assert found["costs"] == [0.5, 0.25]


def test_a_single_value_has_the_first_name() -> None:
    assert list(leaves(X, ["s"])) == ["s"]
    assert list(leaves({"W1": X, "b1": X}, ["parameters"])) == ["W1", "b1"]
    assert list(leaves({1: X}, ["parameters"])) == ["parameters[1]"]
    assert list(leaves((X, {"A2": X, "Z1": X}), ["A2", "cache"])) == ["A2", "cache['A2']", "Z1"]
    assert list(leaves((X, X, X), ["a", "b"])) == ["a", "b", "value[2]"]


def test_a_list_of_numbers_is_one_leaf() -> None:
    assert is_list_of_numbers([1, 2.5, np.array([[1.0]])])
    assert not is_list_of_numbers([1, X])
    got = numbers([1, np.array([[2.0]])])
    assert got is not None
    assert got.tolist() == [1.0, 2.0]
    assert numbers("text") is None
    assert numbers(np.array(["red"])) is None
    assert numbers(np.array([1j])) is None


@pytest.mark.parametrize(
    ("got", "wanted", "names", "fault"),
    [
        (X.T, X, ["s"], None),
        (0.5, X, ["s"], None),
        ([X, X.T, 0.5], (X, X, 0.5), ["a", "b", "c"], None),
        ({"dW": X, "more": 1}, {"dW": X}, ["grads"], None),
        (None, X, ["s"], "type None instead of array"),
        (X.tolist(), X, ["s"], "type list instead of array"),
        ((X,), X, ["s"], "type tuple instead of array"),
        ([0.5], 0.5, ["cost"], "type list instead of number"),
        ("0.5", 0.5, ["cost"], "type str instead of number"),
        ((X, X), {"dW": X}, ["grads"], "type tuple instead of dict"),
        ({"a": X, "b": X}, (X, X), ["a", "b"], "type dict instead of tuple"),
        (X, (X, X), ["a", "b"], "type array instead of tuple"),
        ((X,), (X, X), ["a", "b"], "1 value instead of 2"),
        ((X, X), (X, X, X), ["a", "b", "c"], "2 values instead of 3"),
        ({"db": X}, {"dW": X, "db": X}, ["grads"], "missing key 'dW'"),
        ((COLUMN, X, 2.0), (X, COLUMN, 2.0), ["dA", "dW", "db"], "order: dW, dA, db"),
        ((0.5, {"dw": X}), ({"dw": X}, 0.5), ["grads", "cost"], "order: cost, grads"),
        ((X, (X, X.tolist())), (X, (X, X)), ["Z", "cache"], "type list instead of array in cache[1]"),
        ((X, (X,)), (X, (X, X)), ["Z", "cache"], "1 value instead of 2 in cache"),
        ((X, (2.0, X)), (X, (X, 2.0)), ["A", "cache"], "order: cache[1], cache[0]"),
        ([(X, X), (X,)], [(X, X), (X, X)], ["caches"], "1 value instead of 2 in caches[1]"),
        ({"W1": [[0.1]]}, {"W1": X}, ["parameters"], "type list instead of array in W1"),
        ({"w": X, "costs": [0.1]}, {"w": X, "costs": [0.1, 0.2]}, ["all"], "1 value instead of 2 in costs"),
        (0.1, [0.1, 0.2], ["costs"], "type number instead of list"),
    ],
)
def test_the_build_of_a_returned_value(got: Any, wanted: Any, names: list[str], fault: str | None) -> None:
    assert structure_fault(got, wanted, names) == fault


def test_equal_values_are_in_order() -> None:
    assert structure_fault((X, X, COLUMN), (X, X, COLUMN), ["a", "b", "c"]) is None
    assert structure_fault((X, 2 * X, COLUMN), (X, X, COLUMN), ["a", "b", "c"]) is None


def test_right_values_under_other_names() -> None:
    wanted = {"dA0": X, "dA1": 2 * X, "dW1": COLUMN}
    assert misplaced({"dA1": X, "dA2": 2 * X, "dW1": COLUMN}, wanted, ["grads"]) == {"dA0": "dA1", "dA1": "dA2"}
    assert misplaced(wanted, wanted, ["grads"]) == {}
    assert misplaced({"dA0": 3 * X, "dA1": 4 * X, "dW1": COLUMN}, wanted, ["grads"]) == {}


def test_advice_on_what_is_right() -> None:
    wanted = (0.5, X, (X > 0).astype(float), X)
    got = (np.array([[0.5]]), X.astype(np.float32), X > 0, X)
    assert accepted_though(got, wanted, ["cost", "A", "Y", "W"]) == {
        "cost": "one-by-one",
        "A": "float32",
        "Y": "boolean",
    }
    assert accepted_though(wanted, wanted, ["cost", "A", "Y", "W"]) == {}
    assert accepted_though((np.float64(0.5), X > 0), (0.5, X > 0), ["cost", "Y"]) == {}

"""Answers drawn at random: right ones are never refused by chance, wrong ones are told by their properties."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from layerlab.course.checker.relating.drawing import drawing_fault, drawn_holds, drawn_relation, drawn_right, drawn_rule
from layerlab.course.checker.relating.relations import WrongValue

RANDOM: Mapping[str, Any] = {
    "seed": "seed",
    "W": {"scale": "1/n_prev**0.5"},
    "W1": {"scale": 0.01},
    "b": "zero",
}
SIZES = ({"n": 40, "p": 30}, {"n": 4, "p": 5}, {"n": 3, "p": 3})


def cases(leaf: str, formula: str, seed: int = 0) -> list[WrongValue]:
    """What a formula draws on every fixture, beside what a solution drew."""
    found = []
    for number, sizes in enumerate(SIZES):
        rng = np.random.default_rng([seed, number])
        n, p = sizes["n"], sizes["p"]
        wanted = np.zeros((n, 1)) if leaf.startswith("b") else np.random.default_rng(seed + 1000).normal(size=(n, p))
        found.append(WrongValue(eval(formula, {"np": np, "rng": rng, **sizes}), wanted, sizes))  # noqa: S307  ours
    return found


@pytest.mark.parametrize(
    ("leaf", "formula", "text"),
    [
        ("W1", "0.01 * rng.random((n, p))", "only positive"),
        ("W1", "-0.01 * rng.random((n, p))", "only negative"),
        ("W1", "0.01 * rng.normal(size=(p, n))", "shape (p, n)"),
        ("W1", "0.01 * rng.normal(size=n * p)", "shape (n*p,)"),
        ("W1", "(0.01 * rng.normal(size=(n, p))).tolist()", "type list"),
        ("W1", "np.zeros((n, p))", "constant 0"),
        ("W1", "np.full((n, p), 0.01)", "constant"),
        ("W1", "np.tile(0.01 * rng.normal(size=p), (n, 1))", "rows equal"),
        ("W1", "np.tile(0.01 * rng.normal(size=(n, 1)), (1, p))", "columns equal"),
        ("W1", "rng.normal(size=(n, p))", "scale 1 instead of 0.01"),
        ("W1", "0.01 + rng.normal(size=(n, p))", "scale 1 instead of 0.01"),
        ("W1", "0.1 * rng.normal(size=(n, p))", "scale 0.1 instead of 0.01"),
        ("W1", "rng.normal(size=(n, p)) / np.sqrt(p)", "scale 1/n_prev**0.5 instead of 0.01"),
        ("W1", "0.02 + 0.01 * rng.normal(size=(n, p))", "not centred"),
        ("W1", "np.log(0.01 * rng.normal(size=(n, p)))", "not a number"),
        ("W2", "rng.normal(size=(n, p))", "scale 1 instead of 1/n_prev**0.5"),
        ("W2", "rng.normal(size=(n, p)) * np.sqrt(2 / p)", "scale (2/n_prev)**0.5 instead of 1/n_prev**0.5"),
        ("W3", "rng.normal(size=(n, p)) / p", "scale 1/n_prev instead of 1/n_prev**0.5"),
        ("b1", "0.01 * rng.normal(size=(n, 1))", "not zero"),
        ("b2", "np.zeros(n)", "shape (n,)"),
        ("b2", "np.zeros((1, n))", "shape (1, n)"),
        ("b2", "0.0", "shape ()"),
    ],
)
def test_what_is_wrong_with_a_drawn_answer(leaf: str, formula: str, text: str) -> None:
    with np.errstate(all="ignore"):
        drawn = cases(leaf, formula)
    found = drawn_relation(leaf, drawn, RANDOM)
    assert found is not None
    assert found.text == text
    wrong = [case for case in drawn if not drawn_right(leaf, case.got, case.wanted, RANDOM)]
    assert all(drawn_holds(text, leaf, case, RANDOM) for case in wrong)
    right = WrongValue(case.wanted, case.wanted, case.sizes) if leaf[0] == "b" else cases(leaf, RIGHT[leaf])[0]
    assert not drawn_holds(text, leaf, right, RANDOM)


case = cases("b1", "0.0")[0]
RIGHT = {"W1": "0.01 * rng.normal(size=(n, p))", **dict.fromkeys(("W2", "W3"), "rng.normal(size=(n, p)) / np.sqrt(p)")}


@pytest.mark.parametrize(
    ("leaf", "formula"), [*RIGHT.items(), ("b1", "np.zeros((n, 1))"), ("b2", "np.zeros((n, 1), int)")]
)
def test_no_right_answer_is_refused_by_bad_luck(leaf: str, formula: str) -> None:
    for seed in range(100):
        assert drawn_relation(leaf, cases(leaf, formula, seed), RANDOM) is None, seed


def test_the_rule_of_a_leaf() -> None:
    assert drawn_rule(RANDOM, "W1") == {"scale": 0.01}
    assert drawn_rule(RANDOM, "W12") == {"scale": "1/n_prev**0.5"}
    assert drawn_rule(RANDOM, "b3") == "zero"
    assert drawn_rule(RANDOM, "cost") is None
    assert drawn_rule(RANDOM, "seed") is None


def initialize(generator: Any, again: Any = None) -> Any:
    def function(n: int, p: int, seed: int = 0) -> dict[str, Any]:
        rng = generator(seed)
        W1 = rng.normal(size=(n, p))
        other = rng if again is None else again(seed)
        return {"W1": 0.01 * W1, "W2": other.normal(size=(n, n)) / np.sqrt(n), "b1": np.zeros((n, 1))}

    return function


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (initialize(np.random.RandomState), None),
        (initialize(lambda seed: np.random.default_rng([seed, 3])), None),
        (initialize(lambda _: np.random.default_rng()), ("W1", "not repeatable")),
        (initialize(np.random.RandomState, lambda _: np.random.default_rng()), ("W2", "not repeatable")),
        (initialize(lambda _: np.random.RandomState(3)), ("W1", "same for every seed")),
        (initialize(np.random.RandomState, np.random.RandomState), ("W2", "repeats W1")),
    ],
)
def test_seeds(function: Any, fault: tuple[str, str] | None) -> None:
    assert drawing_fault(function, {"n": 20, "p": 30, "seed": 5}, ["parameters"], RANDOM) == fault

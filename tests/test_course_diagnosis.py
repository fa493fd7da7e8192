"""The checker's pipeline, step by step: the verdict first, and what is right is never diagnosed."""

from __future__ import annotations

from typing import Any

import pytest

from layerlab.course.checker.diagnosing import examined
from layerlab.course.checker.diagnostic import Diagnostic
from layerlab.course.checker.exercise import Exercise, all_exercises

EXERCISES = {exercise.function: exercise for exercise in all_exercises() if exercise.chapter == 4}
LINEAR = EXERCISES["linear_backward"]

HEAD = "import numpy as np\n"


def answers(exercise: Exercise, source: str) -> tuple[bool, list[Diagnostic], list[Diagnostic]]:
    exercise.hand_out()
    given = list(examined(exercise, source))
    findings = given[1]["findings"] if len(given) > 1 else []
    return (
        given[0]["passed"],
        [Diagnostic.from_record(advice) for advice in given[0]["advice"]],
        [Diagnostic.from_record(finding) for finding in findings],
    )


def first(exercise: Exercise, source: str) -> Diagnostic:
    passed, _, findings = answers(exercise, source)
    assert not passed
    return findings[0]


def linear(**lines: str) -> str:
    """The solution of linear_backward, with other lines for some of its quantities, or more lines before it."""
    body = {
        "unpack": "A_prev, W, b = cache",
        "m": "m = A_prev.shape[1]",
        "dW": "dW = dZ @ A_prev.T / m",
        "db": "db = np.sum(dZ, axis=1, keepdims=True) / m",
        "dA_prev": "dA_prev = W.T @ dZ",
        "end": "return dA_prev, dW, db",
    }
    top = lines.pop("top", "")
    assert set(lines) <= set(body)
    return HEAD + top + "\ndef linear_backward(dZ, cache):\n    " + "\n    ".join((body | lines).values()) + "\n"


def test_what_is_right_has_a_verdict_and_no_diagnosis() -> None:
    given = list(examined(LINEAR, linear()))
    assert given == [{"passed": True, "advice": []}]


@pytest.mark.parametrize(
    ("source", "key", "line"),
    [
        (linear().replace("cache):", "cache)"), "syntax", 3),
        (linear(top="print(nothing)"), "not-loaded", 2),
        (linear().replace("def linear_backward", "def linear_backwards"), "function-missing", None),
        (linear(top="from layerlab.notes.deep import linear_backward"), "imported-answer", 2),
        (LINEAR.text("start.py"), "not-written", 4),
        (HEAD + "def linear_backward(dZ, cache):\n    pass\n", "not-written", 2),
        (linear(end="dA_prev, dW, db"), "returned-none", None),
    ],
)
def test_the_steps_before_any_number(source: str, key: str, line: int | None) -> None:
    found = first(LINEAR, source)
    assert (found.key, found.line) == (key, line)


def test_a_name_of_the_file_that_stands_for_an_argument_is_found_by_what_it_repairs() -> None:
    update = EXERCISES["update_parameters"]
    source = update.solution.replace("learning_rate *", "rate *").replace("\n\n\ndef", "\n\nrate = 0.5\n\n\ndef")
    found = first(update, source)
    assert found.key == "uses-global rate"
    assert found.details["stands_for"] == "learning_rate"


def test_a_constant_of_the_file_is_no_fault() -> None:
    assert answers(LINEAR, linear(top="half = 0.5", db="db = 2 * half * np.sum(dZ, axis=1, keepdims=True) / m"))[0]
    found = first(LINEAR, linear(top="half = 0.5", db="db = half * np.sum(dZ, axis=1, keepdims=True) / m"))
    assert found.code == "value"


def test_right_values_that_were_not_returned_are_named() -> None:
    assert first(LINEAR, linear(end="pass")).details["computed"] == ["dA_prev", "dW", "db"]
    assert first(LINEAR, linear(dW="dW = dZ @ A_prev.T", end="pass")).details["computed"] == ["dA_prev", "db"]


def test_a_changed_argument_is_a_fault_of_a_right_answer_and_stands_beside_other_findings() -> None:
    scaled = {"m": "m = A_prev.shape[1]; dZ /= m", "dW": "dW = dZ @ A_prev.T", "db": "db = dZ.sum(1, keepdims=True)"}
    alone = first(LINEAR, linear(**scaled, dA_prev="dA_prev = m * W.T @ dZ"))
    assert (alone.key, alone.line, alone.details["how"]) == ("mutated dZ", 5, "augmented")
    _, _, findings = answers(LINEAR, linear(**scaled, dA_prev="dA_prev = W.T @ dZ"))
    assert findings[0].code == "value"
    assert findings[-1].code == "mutated"


@pytest.mark.parametrize(
    ("line", "how"),
    [
        ("dZ[0] = 0", "element"),
        ("np.negative(dZ, out=dZ)", "other"),
        ("dZ.shape = (-1, 1)", "other"),
        ("dZ += 1", "augmented"),
    ],
)
def test_the_line_that_writes_into_an_argument_is_found(line: str, how: str) -> None:
    found = first(LINEAR, linear(end=f"answer = dA_prev, dW, db; {line}\n    return answer"))
    assert (found.key, found.line, found.details["how"]) == ("mutated dZ", 9, how)


def test_a_shallow_copy_is_named() -> None:
    update = EXERCISES["update_parameters"]
    source = HEAD + (
        "def update_parameters(params, grads, learning_rate):\n"
        "    new = params.copy()\n"
        "    for name in new:\n"
        "        new[name] -= learning_rate * grads['d' + name]\n"
        "    return new\n"
    )
    found = first(update, source)
    assert (found.key, found.line, found.details["copied"]) == ("mutated params", 5, "params.copy()")


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ({"end": "return dW, dA_prev, db"}, "structure: order: dW, dA_prev, db"),
        ({"end": "return dA_prev, dW"}, "structure: 2 values instead of 3"),
        ({"end": "return {'dA_prev': dA_prev, 'dW': dW, 'db': db}"}, "structure: type dict instead of tuple"),
        ({"end": "for _ in range(2):\n        return dA_prev, dW, 2 * db"}, "structure: return in a loop"),
    ],
)
def test_the_build_of_the_result(lines: dict[str, str], key: str) -> None:
    assert first(LINEAR, linear(**lines)).key == key


def test_advice_does_not_refuse() -> None:
    by_hand: Any = "db = np.array([[sum(row) / m] for row in dZ])"
    passed, advice, _ = answers(LINEAR, linear(db=by_hand))
    assert passed
    assert [(found.code, found.line) for found in advice] == [("loop", 7)]
    passed, advice, _ = answers(LINEAR, linear(end="return dA_prev.astype(np.float32), dW, db"))
    assert passed
    assert [(found.code, found.quantity) for found in advice] == [("float32", "dA_prev")]


BACKWARD = next(exercise for exercise in all_exercises() if exercise.function == "backward_propagation")


def test_a_wrong_place_is_found_with_its_line_its_proof_and_how_it_is_wrong() -> None:
    source = BACKWARD.solution
    right = next(line for line in source.splitlines() if line.strip().startswith("dZ1 = "))
    found = first(BACKWARD, source.replace(right, f"{right} / m"))
    assert (found.key, found.line) == ("value dZ1: ratio 1/m", source.splitlines().index(right) + 1)
    assert found.proof is not None
    assert found.proof.complete
    assert set(found.proof.repaired) == {"dW1", "db1"}
    assert set(found.proof.right) >= {"dW2", "db2"}
    assert found.details["sizes"] == {"m": BACKWARD.sizes[0]["m"]}


def test_with_a_complete_repair_nothing_else_is_stated() -> None:
    _, _, findings = answers(LINEAR, linear(m="m = A_prev.shape[0]"))
    assert [(found.key, found.line) for found in findings] == [("value m: is p", 5)]


def test_two_wrong_places_are_both_stated() -> None:
    _, _, findings = answers(LINEAR, linear(dW="dW = dZ @ A_prev.T", db="db = np.sum(dZ, axis=1) / m"))
    assert {(found.key, found.line) for found in findings} == {("value dW: ratio m", 6), ("value db: shape (n,)", 7)}


@pytest.mark.parametrize(
    ("lines", "key", "details"),
    [
        ({"dW": "dW = np.dot(dZ, A_prev) / m"}, "exception dW: shapes", {"other_product": "turned", "like": "W"}),
        ({"dW": "dW = np.dot(A_prev.T, dZ) / m"}, "exception dW: shapes", {"other_product": "exchanged"}),
        ({"dW": "dW = dZ * A_prev.T / m"}, "exception dW: shapes", {"other_product": "product"}),
        ({"dW": "dW = dz @ A_prev.T / m"}, "exception dW: unknown-name", {"name": "dz", "nearest": "dZ"}),
        ({"dW": "dW = dZ @ A_prev.t / m"}, "exception dW: attribute", {"attribute": "t"}),
        ({"dW": "dW = dZ @ A_prev.T / cache"}, "exception dW: types", {}),
        ({"dW": "dW = dZ @ A_prev.T / b.shape[2]"}, "exception dW: index", {}),
        ({"dW": "dW = np.dot(dZ) / m"}, "exception dW: call", {}),
    ],
)
def test_an_exception_has_the_shapes_and_names_of_its_place(
    lines: dict[str, str], key: str, details: dict[str, Any]
) -> None:
    found = first(LINEAR, linear(**lines))
    assert (found.key, found.line) == (key, 6)
    assert {name: found.details.get(name) for name in details} == details


def test_what_is_left_without_a_name_has_its_largest_difference() -> None:
    found = first(LINEAR, linear(dW="dW = np.sin(dZ @ A_prev.T) + np.cos(W)"))
    assert (found.key, found.line) == ("unnamed dW", 6)
    assert {"index", "got", "expected"} <= set(found.details)


def test_a_gradient_that_nothing_explains_is_compared_with_the_slope_of_the_own_cost() -> None:
    propagate = next(exercise for exercise in all_exercises() if exercise.function == "propagate")
    line = next(line for line in propagate.solution.splitlines() if line.strip().startswith("dw = "))
    _, _, findings = answers(
        propagate, propagate.solution.replace(line, "    dw = np.sin(X @ X.T @ w) / 3 + np.cos(w)")
    )
    assert [found.code for found in findings[:2]] == ["slope", "unnamed"]
    got, expected = findings[0].details["got"], findings[0].details["slope"]
    assert findings[1].details["expected"] == pytest.approx(expected, rel=1e-4)
    assert findings[1].details["got"] == pytest.approx(got)


def test_without_time_the_best_so_far_is_stated() -> None:
    given = list(examined(BACKWARD, BACKWARD.solution.replace("1 - ", "2 - "), deadline=0.0))
    assert given[0]["passed"] is False
    assert len(given[1]["findings"]) >= 1

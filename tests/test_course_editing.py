"""One small change of a learner's text: it is found in any style, proves the line, and never runs for ever."""

from __future__ import annotations

import ast

import pytest

from layerlab.course.checker.changing.editing import SmallChange, small_change
from layerlab.course.checker.changing.edits import KINDS, LEVELS, edits_of
from layerlab.course.checker.changing.slots import scope_of, statements_of
from layerlab.course.checker.deadline import Deadline
from layerlab.course.checker.diagnostic import Diagnostic
from layerlab.course.checker.exercise import EXERCISES, Exercise, read_exercise
from layerlab.course.checker.judging.loading import Loaded, loaded
from layerlab.course.checker.judging.verdict import judged

LINEAR = read_exercise(EXERCISES / "4_layers" / "05_linear_backward")
ROWS = read_exercise(EXERCISES / "1_numpy" / "04_normalize_rows")
UPDATE = read_exercise(EXERCISES / "4_layers" / "10_update_parameters")

LOOPS = """
import numpy as np

def linear_backward(dZ, cache):
    A_prev, W, b = cache
    n, p, m = W.shape[0], W.shape[1], dZ.shape[1]
    dW, db = np.zeros((n, p)), np.zeros((n, 1))
    for i in range(n):
        for k in range(m):
            db[i, 0] += dZ[i, k] / m
            for j in range(p):
                dW[i, j] += dZ[i, k] * A_prev[j, k] / m
    return W.T @ dZ, dW, db
"""


def change_of(exercise: Exercise, source: str, suspected: int | None = None, seconds: float = 5) -> SmallChange | None:
    exercise.hand_out()
    file = loaded(exercise, source)
    assert isinstance(file, Loaded)
    return small_change(judged(exercise, file, source), suspected, Deadline(seconds, seconds))


@pytest.mark.parametrize(
    ("right", "wrong", "kind"),
    [
        ("dZ[i, k] * A_prev[j, k] / m", "dZ[i, k] * A_prev[j, k]", "factor"),
        ("dZ[i, k] * A_prev[j, k] / m", "dZ[i, k] - A_prev[j, k] / m", "operator"),
        ("db[i, 0] += dZ[i, k] / m", "db[i, 0] = dZ[i, k] / m", "operator"),
        ("db[i, 0] += dZ[i, k] / m", "db[i, 0] += -dZ[i, k] / m", "sign"),
        ("A_prev[j, k]", "A_prev[k, j]", "order"),
        ("range(m)", "range(m - 1)", "operator"),
        ("dZ.shape[1]", "dZ.shape[0]", "index"),
        ("W.T @ dZ, dW, db", "W.T @ dZ, db, dW", "order"),
        ("W.T @ dZ, dW", "W @ dZ, dW", "transpose"),
        ("np.zeros((n, 1))", "np.ones((n, 1))", "function"),
        ("np.zeros((n, 1))", "np.zeros((n, 2))", "constant"),
    ],
)
def test_one_change_is_found_on_its_line_in_loops_over_numbers(right: str, wrong: str, kind: str) -> None:
    line = next(k for k, text in enumerate(LOOPS.splitlines(), 1) if right in text)
    change = change_of(LINEAR, LOOPS.replace(right, wrong, 1))
    assert change is not None
    assert change.line == line
    assert change.kind in (kind, "factor", "function", "operator")
    assert change.proof.complete
    assert change.proof.fixtures == 3
    assert change.part in LOOPS.replace(right, wrong, 1).splitlines()[line - 1]


def test_a_returned_variable_is_another_than_the_unread_one() -> None:
    norms = "norms = np.linalg.norm(x, axis=1, keepdims=True)"
    source = f"import numpy as np\n\ndef normalize_rows(x):\n    {norms}\n    n = x / norms\n    return x\n"
    change = change_of(ROWS, source)
    assert change is not None
    assert (change.kind, change.line, change.part) == ("variable", 6, "x")


def test_the_suspected_line_comes_first_where_several_changes_would_do() -> None:
    source = LINEAR.solution.replace("dZ @ A_prev.T / m", "dZ @ A_prev.T").replace(
        "return dA_prev, dW, db", "dW = dW * 1\n    return dA_prev, dW, db"
    )
    lines = {change.line for change in (change_of(LINEAR, source, suspected) for suspected in (7, 10)) if change}
    assert lines == {7, 10}


def test_what_needs_two_changes_is_not_found() -> None:
    source = LINEAR.solution.replace("dZ @ A_prev.T / m", "dZ @ A_prev.T").replace("W.T @ dZ", "W @ dZ")
    assert change_of(LINEAR, source, seconds=20) is None


@pytest.mark.parametrize(
    "append", ["rows.append([number for number in row])", "rows.append(row)\n        rows = rows + []"]
)
def test_a_list_is_never_put_into_itself(append: str) -> None:
    body = f"rows = []\n    for row in x:\n        {append}\n    return np.array(rows)"
    source = f"import numpy as np\n\ndef normalize_rows(x):\n    {body}\n"
    assert isinstance(change_of(ROWS, source, seconds=2), SmallChange | None)


def test_loops_without_an_end_are_left() -> None:
    source = "def normalize_rows(x):\n    k = 0\n    while k < 3:\n        k += 1\n    return x * k\n"
    assert change_of(ROWS, source, seconds=3) is None


def test_the_text_is_as_it_was_after_all_changes() -> None:
    tree = ast.parse(LOOPS)
    before = ast.dump(tree, include_attributes=True)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    scope = scope_of(function, {"m": "number", "dZ": "array"}, {"sigmoid": ["Z"]}, ["relu"])
    kinds, number = set(), 0
    for slot, statement in statements_of(function):
        for level in range(LEVELS):
            for edit in edits_of(slot, statement, scope, level):
                old = edit.slot.get()
                edit.slot.put(edit.new)
                edit.slot.put(old)
                kinds.add(edit.kind)
                number += 1
    assert ast.dump(tree, include_attributes=True) == before
    assert kinds <= set(KINDS)
    assert len(kinds) > 10
    assert number > 1000


def test_what_is_for_other_exercises_is_not_given() -> None:
    sigmoid = read_exercise(EXERCISES / "1_numpy" / "01_sigmoid")
    sigmoid.hand_out()
    found = loaded(sigmoid, "from given import sigmoid\n")
    assert isinstance(found, Diagnostic)
    assert "sigmoid of given.py is for other exercises: here it is yours to write" in found.details["text"]

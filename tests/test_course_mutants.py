"""Faults made by machine, and how what the checker says of them is scored, apart from the checker's own verdict."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from layerlab.course.checker.diagnostic import Diagnostic
from layerlab.course.checker.exercise import EXERCISES, all_exercises, read_exercise
from layerlab.course.mutants import drawn_mutants, facts_of, mutant_table, scores_of
from layerlab.course.mutating import KINDS_OF_FAULTS, Mutant, mutants_of, with_other_names
from layerlab.course.scoring import Score, agrees, kinds_of_variables, relation_is_true

EXERCISE = read_exercise(EXERCISES / "4_layers" / "05_linear_backward")

TEXT = """
def f(X, Y, grads):
    m = X.shape[1]
    A = np.abs(X - Y)
    k = [0] * (1 + m)
    D = np.dot(A, Y.T) / m
    s = -np.sum(D, axis=1, keepdims=True)
    X = X - 2 * s
    Z = Y - m
    if m > 3:
        s += A @ Y
    return (s, grads["dW1"])
"""

KINDS = dict.fromkeys(("X", "Y", "A", "D", "s"), "array") | {"m": "number", "grads": "dict", "k": "list"}


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("operator", "np.abs(X - Y)", "np.abs(X + Y)"),
        ("operator", "np.abs(X - Y)", "np.abs(Y - X)"),
        ("operator", "s += A @ Y", "s -= A @ Y"),
        ("operator", "A @ Y", "A * Y"),
        ("operator", "A @ Y", "Y @ A"),
        ("term", "np.dot(A, Y.T) / m", "np.dot(A, Y.T)"),
        ("term", "-np.sum(", "np.sum("),
        ("term", "X - 2 * s", "X"),
        ("term", "X - 2 * s", "-(2 * s)"),
        ("term", "2 * s", "s"),
        ("axis", "axis=1", "axis=0"),
        ("axis", "axis=1, ", ""),
        ("axis", ", keepdims=True", ""),
        ("transpose", "Y.T", "Y"),
        ("transpose", "np.dot(A, Y.T)", "np.dot(A.T, Y.T)"),
        ("transpose", "A @ Y", "A @ Y.T"),
        ("constant", "2 * s", "3 * s"),
        ("arguments", "np.dot(A, Y.T)", "np.dot(Y.T, A)"),
        ("call", "np.abs(X - Y)", "X - Y"),
        ("call", "np.sum(D", "np.mean(D"),
        ("variable", "np.abs(X - Y)", "np.abs(X - X)"),
        ("index", "shape[1]", "shape[0]"),
        ("index", "'dW1'", "'dW2'"),
        ("comparison", "m > 3", "m < 3"),
        ("removed", "    A = np.abs(X - Y)", "    pass"),
        ("return", "return (s, grads['dW1'])", "return (grads['dW1'], s)"),
        ("return", "return (s, grads['dW1'])", "pass"),
        ("in place", "X = X - 2 * s", "X -= 2 * s"),
        ("in place", "Z = Y - m", "Z = np.subtract(Y, m, out=Y)"),
    ],
)
def test_every_kind_of_fault_is_made(kind: str, old: str, new: str) -> None:
    base = ast.unparse(ast.parse(TEXT))
    assert old in base
    wanted = ast.unparse(ast.parse(base.replace(old, new)))
    (mutant,) = [mutant for mutant in mutants_of(TEXT, KINDS) if mutant.source == wanted]
    assert mutant.kind == kind
    assert kind in KINDS_OF_FAULTS
    place = next(k for k, line in enumerate(base.splitlines(), 1) if old.splitlines()[0] in line)
    if kind == "removed":
        assert mutant.line == place + 2  # the first use of A
    elif new == "pass":
        assert mutant.line is None
    else:
        assert mutant.line == place


def test_a_mutant_differs_from_its_text_in_one_line_and_parses() -> None:
    base = ast.unparse(ast.parse(TEXT)).splitlines()
    mutants = mutants_of(TEXT, KINDS)
    assert len({mutant.source for mutant in mutants}) == len(mutants)
    for mutant in mutants:
        ast.parse(mutant.source)
        lines = mutant.source.splitlines()
        assert sum(a != b for a, b in zip(base, lines, strict=True)) == 1, mutant.shown


def test_only_variables_of_one_kind_are_taken_for_each_other() -> None:
    shown = [mutant.shown for mutant in mutants_of(TEXT, KINDS) if mutant.kind == "variable"]
    assert not [text for text in shown if "/ X" in text or "grads)" in text]


def test_other_names_change_nothing_else() -> None:
    renamed = with_other_names(EXERCISE.solution, EXERCISE.function)
    assert "A_prev" not in renamed
    assert "def linear_backward(dZ, cache)" in renamed
    assert len(renamed.splitlines()) == len(ast.unparse(ast.parse(EXERCISE.solution)).splitlines())
    assert agrees(EXERCISE, renamed)


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.id)
def test_right_texts_agree_with_the_solution_and_wrong_ones_do_not(exercise) -> None:  # type: ignore[no-untyped-def]
    assert agrees(exercise, exercise.solution)
    assert agrees(exercise, with_other_names(exercise.solution, exercise.function))
    assert not agrees(exercise, f"def {exercise.function}(*arguments):\n    return 'nothing'\n")


def test_what_changes_its_arguments_does_not_agree() -> None:
    assert not agrees(
        EXERCISE, EXERCISE.solution.replace("    m =", "    dZ *= 1.5\n    dZ /= 1.5\n    dZ += 1\n    m =")
    )


def test_variables_are_of_kinds() -> None:
    kinds = kinds_of_variables(EXERCISE, EXERCISE.solution)
    assert kinds["m"] == "number"
    assert kinds["dW"] == kinds["dZ"] == "array of 2 axes"
    assert kinds["cache"] == "tuple"


@pytest.mark.parametrize(
    ("relation", "line", "true"),
    [("ratio m", 6, True), ("ratio m", None, True), ("ratio 1/m", 6, False), ("transposed", 6, False)],
)
def test_a_stated_relation_is_computed_again(relation: str, line: int | None, true: bool) -> None:
    text = ast.unparse(ast.parse(EXERCISE.solution.replace("A_prev.T / m", "A_prev.T")))
    assert "dW = dZ @ A_prev.T" in text.splitlines()[5]
    assert relation_is_true(EXERCISE, text, Diagnostic("value", "dW", relation, line)) is true


def test_what_states_no_relation_is_not_computed() -> None:
    assert relation_is_true(EXERCISE, EXERCISE.solution, Diagnostic("exception", None, "shapes", 6)) is None


def test_figures_count_what_was_named_and_where() -> None:
    def score(
        first: Diagnostic | None, line: int | None = 6, *, equal: bool = False, recomputed: bool | None = None
    ) -> Score:
        mutant = Mutant("term", "", line, "")
        return Score("4.05-linear-backward", "solution", mutant, equal, first is None, first, recomputed, 0.25)

    scores = [
        score(Diagnostic("value", "dW", "ratio m", 6), recomputed=True),
        score(Diagnostic("value", "dW", "ratio m", 7), recomputed=False),
        score(Diagnostic("unnamed", "dW", None, 6)),
        score(Diagnostic("exception", None, "other", 6)),
        score(Diagnostic("returned-none"), None),
        score(None),
        score(None, equal=True),
    ]
    facts = facts_of(scores)
    counts = facts["all"]
    assert (counts["mutants"], counts["equal"], counts["wrong"], counts["refused"]) == (7, 1, 6, 5)
    assert (counts["named"], counts["line"], counts["with_line"], counts["both"]) == (3, 3, 5, 2)
    assert len(facts["wrong_passed"]) == len(facts["relations_not_true"]) == 1
    assert facts["seconds"] == {"median": 0.25, "90 %": 0.25, "longest": 0.25}
    assert "named: 50.0 % (3 of 6)" in mutant_table(facts)
    assert "on the line of the fault: 60.0 % (3 of 5)" in mutant_table(facts)
    json.dumps(facts)


def test_draws_repeat_and_can_be_renamed() -> None:
    some = all_exercises()[:3]
    first, again = (drawn_mutants(some, 20, 3) for _ in range(2))
    assert [one.mutant for one in first] == [one.mutant for one in again]
    assert len({(one.exercise.id, one.mutant.source) for one in first}) == 20
    renamed = drawn_mutants(some, 20, 3, rename=True)
    assert [one.mutant.line for one in renamed] == [one.mutant.line for one in first]
    assert drawn_mutants(some, 20, 4) != first


@pytest.mark.processes
@pytest.mark.parametrize("rename", [False, True])
def test_no_wrong_mutant_passes_and_no_stated_relation_is_false(rename: bool) -> None:
    facts = facts_of(scores_of(drawn_mutants(all_exercises(), 50, 11, rename=rename)))
    assert facts["wrong_passed"] == []
    assert facts["relations_not_true"] == []
    assert facts["equal_refused"] == []
    assert facts["all"]["named"] >= 0.85 * facts["all"]["wrong"]
    assert facts["all"]["line"] >= 0.8 * facts["all"]["with_line"]


@pytest.mark.processes
def test_the_command_prints_a_table_and_writes_json(tmp_path: Path) -> None:
    path = tmp_path / "mutants.json"
    command = [
        sys.executable,
        "-m",
        "layerlab.course.mutants",
        "--count",
        "6",
        "--exercise",
        "4.05",
        "--json",
        str(path),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 0, ran.stderr
    assert "4.05-linear-backward" in ran.stdout
    assert "relations computed again" in ran.stdout
    assert json.loads(path.read_text())["mutants"] == 6

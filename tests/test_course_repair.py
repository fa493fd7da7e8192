"""A learner's function is watched place by place, and run again with places repaired."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest

from layerlab.course.checker.deadline import Deadline
from layerlab.course.checker.diagnostic import Proof
from layerlab.course.checker.exercise import Exercise, all_exercises
from layerlab.course.checker.relating.relations import relation
from layerlab.course.checker.repairing.locating import Located, located
from layerlab.course.checker.watching.reference import Reference, reference_of
from layerlab.course.checker.watching.sites import KEEP, CallOutcome, LearnersProgram
from layerlab.course.mutating import with_other_names

STRANGE = '''
import numpy as np


def helper(a):
    for step in range(3):
        a = a + step
    return a


def f(x, cache):
    """What no exercise asks for."""
    (A, W), b = cache
    x[0] += 1
    grads = {}
    for l in range(3):
        grads["dW" + str(l)] = x[l] * np.sum(A, axis=0)[0] + helper(2)
        A -= 1
    positive = [y for x_i in x if (y := x_i) > 0]
    out = np.zeros(3)
    for i in range(3):
        out[i] = x[i] ** 2
    collected = []
    collected.append(b @ np.ones(4))
    if (n := 3) > 2:
        text = f"{n} {len(positive)}"
    u, v = x[0], x[1]
    return u, {"a": v, "b": grads, "text": text, "all": collected, "out": out}
'''


def strange() -> dict[str, Any]:
    return {"x": np.arange(3.0), "cache": ((np.ones((2, 3)), 3), np.ones(4))}


def test_a_watched_function_computes_what_it_computes_unwatched() -> None:
    program = LearnersProgram(STRANGE, "f", {})
    assert program.plain is not None
    plain = program.plain(*strange().values())
    assert str(program.call(strange()).value) == str(plain)
    assert str(program.call(strange(), watch=False).value) == str(plain)


def test_visits_tell_names_turns_and_values_as_they_were() -> None:
    outcome = LearnersProgram(STRANGE, "f", {}).call(strange())
    named = [(outcome.name(visit), visit.value) for visit in outcome.visits if visit.site.kind == "assignment"]
    assert [name for name, _ in named if name is not None and name.startswith("dW")] == ["dW0", "dW1", "dW2"]
    assert [value[0, 0] for name, value in named if name == "A"] == [1, 0, -1, -2]
    assert {"u", "v", "b", "collected[]"} <= {name for name, _ in named}
    assert outcome.locals["n"] == 3


def test_a_patched_place_is_not_evaluated() -> None:
    program = LearnersProgram("def f(x):\n    y = x @ x.T @ x @ x\n    z = y + 1\n    return z\n", "f", {})
    failed = program.call({"x": np.ones((2, 3))})
    assert failed.raised_at is not None
    assert failed.raised_at.text == "x @ x.T @ x @ x"
    assert [text for text, _ in failed.operands] == ["x @ x.T @ x", "x"]
    assert failed.line == 2
    place = next(site for site in program.sites if site.name == "y")
    assert program.call({"x": np.ones((2, 3))}, {place.number: [1]}).value == 2
    assert program.call({"x": np.ones((2, 2))}, {place.number: [KEEP]}).value[0, 0] == 9


def test_elements_of_a_tuple_are_places_of_their_own() -> None:
    program = LearnersProgram("def f(x):\n    a, b = divmod(x, 0)\n    return a + b\n", "f", {})
    assert isinstance(program.call({"x": 7}).exception, ZeroDivisionError)
    a, b = (next(site.number for site in program.sites if site.name == name) for name in "ab")
    assert program.call({"x": 7}, {a: [3], b: [1]}).value == 4
    fine = LearnersProgram("def f(x):\n    a, b = divmod(x, 2)\n    return a + b\n", "f", {})
    assert fine.call({"x": 7}, {b: [10]}).value == 13


@pytest.mark.parametrize(
    "loop", ["while True:\n        x = x", "while x:\n        pass", "for i in iter(int, 1):\n        pass"]
)
def test_an_endless_run_ends(loop: str) -> None:
    assert LearnersProgram(f"def f(x):\n    {loop}\n", "f", {}).call({"x": 1}).out_of_steps
    helped = f"def g(x):\n    {loop}\n\n\ndef f(x):\n    g(x)\n"
    assert LearnersProgram(helped, "f", {}).call({"x": 1}).out_of_steps


@pytest.mark.parametrize(
    ("body", "error", "at"),
    [
        ("y = x + z\n    z = 1\n    return y", UnboundLocalError, "z"),
        ("return x + q", NameError, "q"),
        ("a, b = x, x, x\n    return a", ValueError, "x, x, x"),
        ("a, b = x\n    return a", TypeError, "x"),
        ("p = {}\n    return p['W1']", KeyError, "p['W1']"),
        ("for i in x:\n        pass", TypeError, "x"),
        ("x[0] = 1", TypeError, "1"),
    ],
)
def test_an_exception_has_its_place(body: str, error: type[Exception], at: str) -> None:
    program = LearnersProgram(f"def f(x):\n    {body}\n", "f", {})
    outcome = program.call({"x": 1})
    assert type(outcome.exception) is error
    assert outcome.raised_at is not None
    assert outcome.raised_at.text == at
    assert outcome.line is not None


def test_a_function_under_another_name_and_a_lambda_are_watched() -> None:
    for source in ("def g(x):\n    return x + 1\n\n\nf = g\n", "f = lambda x: x + 1\n"):
        program = LearnersProgram(source, "f", {})
        assert program.call({"x": 1}, {0: [5]}).value == 5
        assert program.function_line == 1


def exercise_of(name: str) -> Exercise:
    return next(exercise for exercise in all_exercises() if exercise.id == name)


def test_a_reference_knows_what_is_right_on_the_way() -> None:
    reference = reference_of(exercise_of("3.05-backward-propagation"))
    case = reference.cases[0]
    assert list(case.leaves) == ["dW1", "db1", "dW2", "db2"]
    before = case.upstream("dZ1")
    assert {"A1", "A2", "X", "Y", "dZ2", "dA1", "dW2", "1 - A1**2"} <= set(before)
    assert not {"dZ1", "dW1", "db1", "A1"} & (set(case.upstream("dZ2")) - set(case.inputs))
    assert np.array_equal(case.known["dZ2"], case.known["A2"] - case.known["Y"])
    assert len(case.routes) == 1 + len(reference.exercise.cells("alternatives.py"))
    assert all(route is not None for route in case.routes)
    assert reference.extra is not None
    assert 0 < reference.extra.arguments["Y"].min() < reference.extra.arguments["Y"].max() < 1


def test_names_that_a_loop_makes_are_known_turn_by_turn() -> None:
    case = reference_of(exercise_of("4.10-update-parameters")).cases[0]
    assert {"W1", "b1", "W2", "b2", "learning_rate"} <= set(case.known)
    assert np.array_equal(case.known["W2"], case.leaves["W2"])
    before = case.upstream("W2")
    assert np.array_equal(before["W2"], case.arguments["params"]["W2"])
    assert np.array_equal(before["W1"], case.leaves["W1"])
    assert "learning_rate * grads[f'dW{l}']" in {text.replace('"', "'") for text in before}


UPHILL = """
def optimize(w, b, X, Y, num_iterations, learning_rate):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w = w + learning_rate * grads["dw"]
        b = b + learning_rate * grads["db"]
        if i % 100 == 0:
            costs.append(cost)
    return {"w": w, "b": b}, grads, costs
"""


def test_two_wrong_places_of_a_loop_are_named_and_not_what_follows_from_them() -> None:
    """Gradients are wrong from the second turn on, since the weights are; a right answer inside another is wrong."""
    exercise = next(exercise for exercise in all_exercises() if exercise.id == "2.06-optimize")
    reference = reference_of(exercise)
    program = LearnersProgram(UPHILL, exercise.function, exercise.given_names)
    outcomes = [program.call(case.fresh()) for case in reference.cases]
    fault = located(program, reference, outcomes, Deadline(30))
    assert fault is not None
    assert fault.second is not None
    assert [(place.line, place.quantity, place.turn) for place in (fault, fault.second)] == [(6, "w", 0), (7, "b", 0)]
    assert fault.second.second is None
    texts = [found.text for place in (fault, fault.second) if (found := relation(place.cases)) is not None]
    assert texts == ["sign of term learning_rate * dw", "sign of term learning_rate * db"]


def outcomes_of(program: LearnersProgram, reference: Reference) -> list[CallOutcome]:
    return [program.call(case.fresh()) for case in reference.cases]


def found(exercise: Exercise, source: str) -> Located | None:
    reference = reference_of(exercise)
    program = LearnersProgram(source, exercise.function, exercise.given_names)
    return located(program, reference, outcomes_of(program, reference), Deadline(20, 60))


def with_changed_names(exercise: Exercise, title: str) -> tuple[str, int]:
    """A wrong solution with other names for all that it assigns, and the line of its mistake."""
    source = next(cell.source for cell in exercise.cells("wrong.py") if cell.title.startswith(f"{title} |"))
    marked = next(n for n, line in enumerate(source.splitlines(), 1) if line.endswith("# <-"))
    tree, plain = ast.parse(source), ast.parse(ast.unparse(ast.parse(source)))
    pairs = zip(ast.walk(tree), ast.walk(plain), strict=True)
    line = next(
        b.lineno for a, b in pairs if isinstance(a, ast.stmt) and isinstance(b, ast.stmt) and a.lineno == marked
    )
    return with_other_names(source, exercise.function), line


MISTAKES = {
    "1.02-sigmoid-derivative": ("M5 the sigmoid computed and x taken", "M5 one plus the sigmoid"),
    "1.05-softmax": ("M10 divided by the sum of everything", "M10 divided by the sums of the columns"),
    "1.06-l1": ("M15 without absolute values", "M20 not summed", "M24 the mean in place of the sum"),
    "2.05-propagate": (
        *("M37 a row in place of a column", "M38 the bias gradient not averaged", "M20 the cost not summed"),
        *("M22 the 1 outside of the logarithm", "M23 the minus sign forgotten"),
    ),
    "2.06-optimize": ("M40 uphill for the bias alone", "M75 the learning rate left out"),
    "3.03-forward-propagation": ("M53 Z1 into the second layer", "M61 sigmoid in the hidden layer"),
    "3.05-backward-propagation": (
        *("M61 the square of Z1", "M62 the mean taken in dZ1 as well", "M64 dW1 not averaged"),
        *("M65 db1 without keepdims", "M66 dW1 with A1 for X", "M39 truth minus prediction"),
    ),
    "3.08-predict": ("M42 the threshold on Z2",),
    "4.05-linear-backward": (
        *("M64 not averaged", "M64 m is the number of units", "M65 added over the units", "M66 the factors exchanged"),
        *("M66 the inputs not turned", "M67 the weights not turned"),
    ),
    "4.09-l-model-backward": ("M61 sigmoid in the hidden layers", "M72 the gradient not handed on"),
    "4.10-update-parameters": ("M40 the weights go uphill", "M75 without the learning rate", "M52 from layer 0"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_the_line_of_a_mistake_is_found_whatever_the_names_are(name: str) -> None:
    exercise = exercise_of(name)
    for title in MISTAKES[name]:
        source, line = with_changed_names(exercise, title)
        fault = found(exercise, source)
        assert fault is not None, title
        assert fault.line == line, f"{title}: {fault.site.statement}"


BACKWARD = """
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = {dW}
    db = {db}
    dA_prev = W.T @ dZ
    return dA_prev, dW, db
"""
DB = "np.sum(dZ, axis=1, keepdims=True) / m"


def test_a_repair_proves_what_comes_out_right_and_narrows_to_a_part() -> None:
    fault = found(exercise_of("4.05-linear-backward"), BACKWARD.format(dW="dZ @ A_prev / m", db=DB))
    assert fault is not None
    assert (fault.line, fault.quantity, fault.part) == (8, "dW", "A_prev")
    assert fault.proof == Proof(True, (), ("dA_prev", "dW", "db"), 3)
    fault = found(exercise_of("4.05-linear-backward"), BACKWARD.format(dW="dZ @ A_prev.T", db=DB))
    assert fault is not None
    assert (fault.line, fault.quantity, fault.part) == (8, "dW", None)
    assert fault.proof == Proof(True, ("dA_prev", "db"), ("dW",), 3)
    assert [np.allclose(case.got, case.sizes["m"] * case.wanted) for case in fault.cases] == [True, True, True]


def test_two_mistakes_are_found_one_after_the_other() -> None:
    source = BACKWARD.format(dW="dZ @ A_prev.T", db="np.sum(dZ, axis=1) / m")
    fault = found(exercise_of("4.05-linear-backward"), source)
    assert fault is not None
    assert fault.second is not None
    assert (fault.line, fault.quantity, fault.second.line, fault.second.quantity) == (8, "dW", 9, "db")
    assert not fault.proof.complete
    assert not fault.second.proof.complete


def test_the_elements_of_a_tuple_are_repaired_one_by_one() -> None:
    source = BACKWARD.replace("dW = {dW}", "dW, db = dZ @ A_prev.T / m, dZ").replace("    db = {db}\n", "")
    fault = found(exercise_of("4.05-linear-backward"), source)
    assert fault is not None
    assert (fault.line, fault.quantity) == (8, "db")
    unpacked = source.replace("A_prev, W, b = cache", "W, A_prev, b = cache").replace("dZ\n    dA", f"{DB}\n    dA")
    fault = found(exercise_of("4.05-linear-backward"), unpacked)
    assert fault is not None
    assert fault.line == 6


def test_a_loop_is_repaired_turn_by_turn() -> None:
    exercise = exercise_of("4.10-update-parameters")
    source = exercise.solution.replace('- learning_rate * grads[f"dW{l}"]', '- grads[f"dW{l}"]')
    assert source != exercise.solution
    fault = found(exercise, source)
    assert fault is not None
    assert (fault.quantity, fault.turn, fault.site.in_loop) == ("W1", 0, True)
    assert fault.proof.complete


def test_a_repair_that_would_loop_for_ever_is_given_up() -> None:
    source = """
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[0]
    left = m
    while left != 0:
        left = left - 1 if left > 0 and left == int(left) else left
    return W.T @ dZ, dZ @ A_prev.T / m, np.sum(dZ, axis=1, keepdims=True) / m
"""
    fault = found(exercise_of("4.05-linear-backward"), source)
    assert fault is not None
    assert (fault.line, fault.quantity) == (7, "m")


def test_a_right_function_has_no_fault() -> None:
    exercise = exercise_of("3.05-backward-propagation")
    for cell in exercise.cells("right.py"):
        assert found(exercise, cell.source) is None, cell.title

"""A learner's function is watched place by place, and run again with places repaired."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerlab.course.checker.deadline import Deadline
from layerlab.course.checker.exercise import Exercise, all_exercises
from layerlab.course.checker.reference import reference_of
from layerlab.course.checker.relations import relation
from layerlab.course.checker.repairing import located
from layerlab.course.checker.sites import KEEP, LearnersProgram

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

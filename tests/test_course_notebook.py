"""``layerlab.course.check`` in a notebook: the function's text is checked, and what it takes from outside is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy import sum as total

import layerlab.course
from layerlab.errors import InputError
from layerlab.notes.deep import linear_backward as answer

pytestmark = pytest.mark.processes

EXAMPLES = 7


def linear_backward(dZ: Any, cache: Any) -> Any:
    A_prev, W, _ = cache
    m = dZ.shape[1]
    return W.T @ dZ, dZ @ A_prev.T / m, total(dZ, axis=1, keepdims=True) / m


def not_averaged(dZ: Any, cache: Any) -> Any:
    A_prev, W, _ = cache
    dW = dZ @ A_prev.T
    return W.T @ dZ, dW, np.sum(dZ, axis=1, keepdims=True) / dZ.shape[1]


def with_a_global(dZ: Any, cache: Any) -> Any:
    A_prev, W, _ = cache
    return W.T @ dZ, dZ @ A_prev.T / EXAMPLES, np.sum(dZ, axis=1, keepdims=True) / EXAMPLES


def line_of(function: Any, text: str) -> int:
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return next(k for k, line in enumerate(lines, 1) if text in line and k > function.__code__.co_firstlineno)


def test_a_right_function_passes_with_the_imports_of_its_notebook(capsys: pytest.CaptureFixture[str]) -> None:
    report = layerlab.course.check(linear_backward=linear_backward)
    assert report.passed
    assert report.exercise == "4.05-linear-backward"
    assert capsys.readouterr().out.strip() == "linear_backward is right on all 3 test cases."
    assert repr(report) == "<Report of 4.05-linear-backward: passed>"


def test_a_wrong_function_is_found_on_the_line_of_its_cell(capsys: pytest.CaptureFixture[str]) -> None:
    report = layerlab.course.check(linear_backward=not_averaged)
    assert not report.passed
    assert report.findings[0].key == "value dW: ratio m"
    assert report.findings[0].line == line_of(not_averaged, "dW = dZ @ A_prev.T")
    assert capsys.readouterr().out.startswith(f"Line {report.findings[0].line}: dW is m times what it should be")


def test_the_words_can_be_korean(capsys: pytest.CaptureFixture[str]) -> None:
    layerlab.course.check(linear_backward=not_averaged, lang="ko")
    assert "번째 줄" in capsys.readouterr().out


def test_a_name_of_the_notebook_is_reported_at_its_line() -> None:
    (finding,) = layerlab.course.check(linear_backward=with_a_global).findings
    assert (finding.code, finding.quantity) == ("uses-global", "EXAMPLES")
    assert finding.line == line_of(with_a_global, "EXAMPLES")


def test_an_imported_answer_never_passes() -> None:
    (finding,) = layerlab.course.check(linear_backward=answer).findings
    assert finding.code == "imported-answer"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "check takes one function by the name that the exercise asks for"),
        ({"sigmoid": answer, "relu": answer}, "2 functions came"),
        ({"no_such_function": answer}, "No exercise has a function 'no_such_function'"),
        ({"linear_backward": answer, "exercise": "1.01"}, "Exercise 1.01 has no function 'linear_backward'"),
        ({"linear_backward": np.dot}, "has to be a function that is written in Python with def"),
        ({"linear_backward": eval("lambda dZ, cache: 0")}, "The text of linear_backward cannot be found"),  # noqa: S307
        (
            {"predict": answer},
            "2.07-predict and 3.08-predict. Say which one, as in check\\(exercise=.2.07., predict=predict\\)",
        ),
    ],
)
def test_what_cannot_be_checked_is_said_in_a_sentence(given: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        layerlab.course.check(**given)

"""What an author's folder promises is held against the checker, and a broken promise is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from layerlab.course.authoring import check_promises, promises_of
from layerlab.course.checker.exercise import EXERCISES, Exercise, read_exercise

pytestmark = pytest.mark.processes

CHAPTER, NAME = "4_layers", "05_linear_backward"

WRONG = """
# %% M64 not averaged | expect: {expected}
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    dW = dZ @ A_prev.T{mark}
    db = np.sum(dZ, axis=1, keepdims=True) / A_prev.shape[1]
    return W.T @ dZ, dW, db


# %% own one number of a size | advise: {advised}
import numpy as np


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.zeros(W.shape)
    for i in range(m):
        dW += np.outer(dZ[:, i], A_prev[:, i]) / m
    return W.T @ dZ, dW, np.sum(dZ, axis=1, keepdims=True) / m
"""


def copy_of(folder: Path) -> Exercise:
    """An exercise of its own, which a test may spoil."""
    (folder / CHAPTER).mkdir()
    shutil.copy(EXERCISES / CHAPTER / "given.py", folder / CHAPTER)
    shutil.copytree(EXERCISES / CHAPTER / NAME, folder / CHAPTER / NAME)
    return read_exercise(folder / CHAPTER / NAME)


def written(exercise: Exercise, expected: str, mark: str = "  # <-", advised: str = "loop") -> Exercise:
    text = WRONG.format(expected=expected, mark=mark, advised=advised)
    (exercise.folder / "wrong.py").write_text(text, encoding="utf-8")
    return exercise


@pytest.mark.parametrize("expected", ["value dW: ratio m", "value dW", "exception: shapes or value dW: ratio m"])
def test_kept_promises_are_counted(tmp_path: Path, expected: str) -> None:
    result = check_promises([written(copy_of(tmp_path), expected)], processes=1)
    assert result.passed, result.table()
    counts = result.facts()["counts"]
    assert counts["wrong"] == {"kept": 1, "of": 1}
    assert counts["advised"] == {"kept": 1, "of": 1}
    assert counts["start"] == counts["solution"] == {"kept": 1, "of": 1}
    assert counts["right"]["of"] >= 1
    assert "1 of 1" in result.table().splitlines()[-1]


@pytest.mark.parametrize(
    ("expected", "mark", "advised", "kind"),
    [
        ("value dW: ratio 1/m", "  # <-", "loop", "wrong"),
        ("value dW: ratio", "  # <-", "loop", "wrong"),
        ("value dW: ratio m", "\n    # <-", "loop", "wrong"),
        ("value dW: ratio m", "  # <-", "one-by-one", "advised"),
    ],
)
def test_a_broken_promise_is_named(tmp_path: Path, expected: str, mark: str, advised: str, kind: str) -> None:
    result = check_promises([written(copy_of(tmp_path), expected, mark, advised)])
    assert not result.passed
    (broken,) = result.facts()["not_kept"]
    assert broken["kind"] == kind
    assert broken["title"] in result.table()
    assert f"came:     {broken['came']}" in result.table()


def test_a_spoiled_solution_is_noticed(tmp_path: Path) -> None:
    exercise = copy_of(tmp_path)
    path = exercise.folder / "solution.py"
    path.write_text(exercise.solution.replace("dZ @ A_prev.T / m", "dZ @ A_prev.T * m"), encoding="utf-8")
    not_kept = check_promises([exercise]).facts()["not_kept"]
    assert {"right", "wrong"} & {broken["kind"] for broken in not_kept}


def test_a_wrong_cell_without_an_expectation_is_never_kept(tmp_path: Path) -> None:
    exercise = copy_of(tmp_path)
    (exercise.folder / "wrong.py").write_text("# %% own nothing\ndef linear_backward(dZ, cache): return 1\n", "utf-8")
    (promise,) = (promise for promise in promises_of(exercise) if promise.kind == "wrong")
    assert promise.expected == ()
    (broken,) = check_promises([exercise]).facts()["not_kept"]
    assert broken["expected"] == "an expectation"

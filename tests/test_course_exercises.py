"""The exercises of the course: their folders are whole, and their solutions compute what ``layerlab.notes`` compute."""

import copy
import re
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerlab.course.checker.exercise import Cell, Exercise, all_exercises
from layerlab.notes import application, basics, deep, logistic, planar

NOTES = {1: basics, 2: logistic, 3: planar, 4: deep}
"""The module of the notes for each chapter."""

OF_ANOTHER_CHAPTER = {"initialize_parameters_deep": application}
"""The functions that the course takes as a later chapter of the notes has them: here, divided by √n_prev."""

SECTIONS = ["Statement", "Hint 1", "Hint 2", "Hint 3", "Why", "Try"]
FILES = ("exercise.toml", "fixture.py", "start.py", "solution.py", "right.py", "wrong.py", "en.md", "ko.md")
EXPECTED = re.compile(r"^(?P<title>(own|M\d+) .*\S) \| (?P<kind>expect|advise): (?P<keys>\S.*)$")
"""The title line of a wrong solution."""

NOT_BY_VALUE = re.compile(r"\| expect: (loop|uses-global|value \w+: integers)")
"""Mistakes that return right numbers."""

exercises = pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.id)
deterministic = pytest.mark.parametrize(
    "exercise", [e for e in all_exercises() if not e.random], ids=lambda exercise: exercise.id
)


def function_of(exercise: Exercise, source: str) -> Any:
    """Run a learner's text as a module that is handed the chapter's names, and return the function in it."""
    given = types.ModuleType("given")
    vars(given).update(exercise.given_names)
    names = dict(exercise.given_names, __name__="learner")
    before = sys.modules.get("given")
    sys.modules["given"] = given
    try:
        exec(compile(source, exercise.function, "exec"), names)  # noqa: S102  a learner's file is code
    finally:
        del sys.modules["given"]
        if before is not None:
            sys.modules["given"] = before
    return names[exercise.function]


def answer(exercise: Exercise, source: str, case: int, seed: int = 0) -> Any:
    """What a solution returns for one fixture."""
    with np.errstate(all="ignore"):
        return function_of(exercise, source)(*exercise.arguments(case, seed).values())


def is_number(value: Any) -> bool:
    """Whether a value is one number: of Python, of NumPy, or an array without axes."""
    return isinstance(value, float | int | np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0)


def flat(value: Any) -> list[Any]:
    """The arrays and numbers of a returned value in order, each behind its key; a list of numbers is an array."""
    if isinstance(value, dict):
        return [(key, *leaf) for key in sorted(value) for leaf in flat(value[key])]
    if isinstance(value, tuple | list) and not (value and all(map(is_number, value))):
        return [(index, *leaf) for index, item in enumerate(value) for leaf in flat(item)]
    return [(np.asarray(value),)]


def same(got: Any, wanted: Any, tolerance: float = 1e-7) -> bool:
    """Whether two returned values have the same keys, shapes and numbers; one number counts as an array of one."""
    ours, theirs = flat(got), flat(wanted)
    return [leaf[:-1] for leaf in ours] == [leaf[:-1] for leaf in theirs] and all(
        a[-1].shape == b[-1].shape and equal(a[-1], b[-1], tolerance) for a, b in zip(ours, theirs, strict=True)
    )


def equal(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], tolerance: float) -> bool:
    """Whether two arrays of one shape hold the same numbers, or the same words."""
    if a.dtype.kind in "biufc" and b.dtype.kind in "biufc":
        return np.allclose(a, b, rtol=tolerance, atol=1e-12)
    return a.dtype.kind == b.dtype.kind == "U" and bool(np.all(a == b))


def sections(text: str) -> dict[str, str]:
    """The sections of an ``en.md`` or ``ko.md`` by their titles."""
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))


@exercises
def test_an_exercise_has_all_its_files(exercise: Exercise) -> None:
    assert [name for name in FILES if not exercise.text(name).strip()] == []
    assert exercise.text("start.py").count("# TODO") == 1
    assert "# TODO" not in exercise.solution
    assert set(exercise.given) == set(exercise.given_names)


@exercises
@pytest.mark.parametrize("language", ["en", "ko"])
def test_an_exercise_has_all_its_texts(exercise: Exercise, language: str) -> None:
    text = exercise.text(f"{language}.md")
    assert re.match(r"# \S", text)
    assert list(sections(text)) == SECTIONS
    assert all(sections(text).values())


@pytest.mark.parametrize(
    "chapter", sorted({exercise.folder.parent for exercise in all_exercises()}), ids=lambda c: c.name
)
def test_a_chapter_has_lessons_that_name_its_page_and_all_its_exercises(chapter: Path) -> None:
    pages = {exercise.learn.partition("#")[0] for exercise in all_exercises() if exercise.folder.parent == chapter}
    count = sum(exercise.folder.parent == chapter for exercise in all_exercises())
    for language in ("en", "ko"):
        text = (chapter / f"lesson.{language}.md").read_text(encoding="utf-8")
        assert re.match(r"# \S", text)
        assert [page for page in pages if f"]({page})" not in text] == []
        assert f"\n{count}. " in text
        assert f"\n{count + 1}. " not in text


@exercises
def test_both_languages_show_the_same_formulas(exercise: Exercise) -> None:
    """Formulas are indented lines; letters of a language may stand in one, numbers and symbols must agree."""
    english, korean = (
        [line for line in exercise.text(f"{n}.md").splitlines() if line[:4] == " " * 4] for n in ("en", "ko")
    )
    assert len(english) == len(korean)


@exercises
def test_no_hint_is_a_line_of_the_solution(exercise: Exercise) -> None:
    lines = {re.sub(r"\s|#.*", "", line) for line in exercise.solution.splitlines()}
    lines = {line.removeprefix("return") for line in lines} | {line.partition("=")[2] for line in lines}
    for language in ("en", "ko"):
        for title, text in sections(exercise.text(f"{language}.md")).items():
            if title.startswith("Hint"):
                squeezed = re.sub(r"\s", "", text)
                assert [line for line in lines if len(line) > 15 and line in squeezed] == [], title


@exercises
def test_the_first_sizes_are_all_different_and_the_last_all_equal(exercise: Exercise) -> None:
    *wide, square = exercise.sizes
    assert len(wide) >= 2
    for sizes in wide:
        assert len(set(sizes.values())) == len(sizes)
        assert sizes.get("m", 0) - 1 not in sizes.values()
        assert min(sizes.values()) > 1 or sizes.get("n_y") == 1
    assert len(set(square.values())) == 1
    assert len({tuple(sizes.items()) for sizes in exercise.sizes}) == len(exercise.sizes)


@exercises
def test_a_fixture_is_drawn_anew_and_repeats_itself(exercise: Exercise) -> None:
    first, again, other = (exercise.arguments(0, seed) for seed in (5, 5, 6))
    assert same(first, again)
    assert first is not again
    if any(np.asarray(leaf[-1]).size > 3 for leaf in flat(other)):
        assert not same(first, other)


@exercises
def test_a_solution_computes_what_the_notes_compute(exercise: Exercise) -> None:
    module = OF_ANOTHER_CHAPTER.get(exercise.function, NOTES[exercise.chapter])
    notes = getattr(module, exercise.function, None)
    if notes is None:
        pytest.skip("the notes have no function of this name")
    solution = function_of(exercise, exercise.solution)
    for seed in range(20):
        for case in range(len(exercise.sizes)):
            arguments = tuple(exercise.arguments(case, seed).values())
            assert same(solution(*arguments), notes(*exercise.arguments(case, seed).values())), (seed, case)


@deterministic
def test_a_solution_changes_no_argument(exercise: Exercise) -> None:
    for case in range(len(exercise.sizes)):
        arguments = exercise.arguments(case)
        function_of(exercise, exercise.solution)(*arguments.values())
        assert same(arguments, exercise.arguments(case))


@exercises
def test_an_exercise_fails_as_it_is_handed_out(exercise: Exercise) -> None:
    for case in range(len(exercise.sizes)):
        try:
            got = answer(exercise, exercise.text("start.py"), case)
        except (NameError, TypeError, ValueError):
            got = None
        assert got is None or not same(got, answer(exercise, exercise.solution, case))


@deterministic
def test_right_solutions_and_alternatives_return_what_the_solution_returns(exercise: Exercise) -> None:
    for cell in [*exercise.cells("right.py"), *exercise.cells("alternatives.py")]:
        for case in range(len(exercise.sizes)):
            got = answer(exercise, cell.source, case)
            equal = same(got, answer(exercise, exercise.solution, case), 1e-5)
            assert equal == ("| advise: " not in cell.title), (cell.title, case)


@pytest.mark.parametrize("exercise", [e for e in all_exercises() if e.chapter < 3], ids=lambda exercise: exercise.id)
def test_an_exercise_has_many_right_and_wrong_solutions(exercise: Exercise) -> None:
    assert len(exercise.cells("right.py")) >= 7
    assert sum(cell.title.startswith("own") for cell in exercise.cells("wrong.py")) >= 2


@exercises
def test_a_wrong_solution_says_what_should_be_found(exercise: Exercise) -> None:
    cells = exercise.cells("wrong.py")
    titles = [cell.title for cell in cells]
    assert [title for title in titles if not EXPECTED.match(title)] == []
    assert len(set(titles)) == len(titles)


@deterministic
def test_wrong_solutions_differ_on_a_fixture_or_at_an_edge(exercise: Exercise) -> None:
    for cell in exercise.cells("wrong.py"):
        if NOT_BY_VALUE.search(cell.title):
            continue
        assert differs(exercise, cell) == (" | expect: " in cell.title), cell.title


def differs(exercise: Exercise, cell: Cell) -> bool:
    """Whether a solution goes wrong on a fixture or at a refused edge: a value, an exception or a changed argument."""
    calls = [(exercise.arguments(case), exercise.arguments(case)) for case in range(len(exercise.sizes))]
    calls += [
        (dict(edge.arguments), dict(again.arguments))
        for edge, again in zip(exercise.edges(), exercise.edges(), strict=True)
        if edge.refused
    ]
    accepted = [exercise.solution, *(c.source for c in exercise.cells("alternatives.py") if "| advise: " in c.title)]
    return all(departs(exercise, cell.source, source, calls) for source in accepted)


def departs(exercise: Exercise, source: str, accepted: str, calls: list[tuple[dict[str, Any], dict[str, Any]]]) -> bool:
    """Whether one solution returns something else than another, or changes an argument, at one of the calls."""
    for pair in calls:
        arguments, again = copy.deepcopy(pair)
        wanted = function_of(exercise, accepted)(*again.values())
        try:
            with np.errstate(all="ignore"):
                got = function_of(exercise, source)(*arguments.values())
        except Exception:
            return True
        if not same(arguments, again) or not (got is not None and same(np_squeezed(got), np_squeezed(wanted))):
            return True
    return False


def np_squeezed(value: Any) -> Any:
    """Return a value with arrays of one number as plain numbers, which a wrong solution is only advised about."""
    if isinstance(value, dict):
        return {key: np_squeezed(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [np_squeezed(item) for item in value]
    array = np.asarray(value)
    return array.reshape(()) if array.size == 1 else array

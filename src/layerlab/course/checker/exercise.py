"""An exercise as its author wrote it: a folder, read by the checker and by the commands alike.

    exercises/4_layers/                    a chapter
        given.py                           functions that the chapter's learners are handed
        lesson.en.md  lesson.ko.md  code.ko.toml   the lesson, and the docstrings of this code in Korean
        05_linear_backward/                an exercise: number and name
            exercise.toml                  function, outputs, sizes of the fixtures, what is given
            fixture.py                     def fixture(rng, **sizes) -> arguments by name, in the order of the call
            start.py                       as handed out; "# TODO" stands where the learner writes
            solution.py                    shown after success; its values are those that the checker knows
            alternatives.py                other right solutions with other intermediate values
            right.py  wrong.py             right and wrong solutions that the author's tests run
            en.md  ko.md                   ## Statement, ## Hint 1 to 3, ## Why, ## Try

``alternatives.py``, ``right.py`` and ``wrong.py`` hold cells: each begins with a line ``# %% title``.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

EXERCISES = Path(__file__).resolve().parent.parent / "exercises"
"""The folder of all chapters."""

Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Cell:
    """One solution of a file that holds several."""

    title: str
    source: str


@dataclass(frozen=True)
class Edge:
    """A call with unusual arguments, for functions that are right on the usual ones.

    Attributes:
        name: "integers", "list", "large", "scalar", "half", "zero", …
        refused: whether a wrong answer refuses the function; else it is only advised.
        arguments: as of a fixture.
    """

    name: str
    refused: bool
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Exercise:
    """An exercise's folder, and what its ``exercise.toml`` says.

    Attributes:
        folder: the author's folder.
        function: the name of the function that the learner writes.
        outputs: names of what it returns, in order; the keys of a returned dict name themselves.
        sizes: the sizes of each fixture: all different in the first ones, all equal in the last.
        given: names of the chapter's ``given.py`` that the function may call.
        learn: the page and heading of docs/learn that explains it.
        lab: what ``layerlab lab`` is called with to see the exercise at work, or "".
        tolerance: relative tolerance of the comparison.
        random: properties of an answer that is drawn at random; empty for all others.
        loops: "advised" where a loop is right and slow; "refused" where the exercise is about having none.
        floats: the outputs whose arrays must hold floats, because later steps write fractions into them.
    """

    folder: Path
    function: str
    outputs: tuple[str, ...]
    sizes: tuple[Sizes, ...]
    given: tuple[str, ...] = ()
    learn: str = ""
    lab: str = ""
    tolerance: float = 1e-7
    random: Mapping[str, Any] | None = None
    loops: str = "advised"
    floats: tuple[str, ...] = ()

    @property
    def chapter(self) -> int:
        """The chapter's number, from 1."""
        return int(self.folder.parent.name.split("_")[0])

    @property
    def id(self) -> str:
        """The name by which commands and files know it: ``4.05-linear-backward``."""
        number, name = self.folder.name.split("_", 1)
        return f"{self.chapter}.{number}-{name.replace('_', '-').lower()}"

    @property
    def file(self) -> str:
        """Where a learner's course keeps it: ``4-layers/05_linear_backward.py``."""
        return f"{self.folder.parent.name.replace('_', '-')}/{self.folder.name}.py"

    @cached_property
    def given_names(self) -> dict[str, Any]:
        """The functions that the learner is handed, and no other name of the chapter's ``given.py``."""
        names = self._chapter_names()
        return {name: names[name] for name in self.given}

    def hand_out(self) -> None:
        """Make ``from given import sigmoid`` work, as beside the chapter's ``given.py`` in a learner's folder."""
        given, others = ModuleType("given"), set(self._chapter_names())

        def missing(name: str) -> Any:
            if name in others:
                raise ImportError(f"{name} of given.py is for other exercises: here it is yours to write")
            raise AttributeError(name)

        vars(given).update({**self.given_names, "__getattr__": missing})
        sys.modules["given"] = given

    @property
    def solution(self) -> str:
        """The text of the solution that a learner sees after success."""
        return self.text("solution.py")

    def text(self, name: str) -> str:
        """The text of one of its files; "" where there is none."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def cells(self, name: str) -> tuple[Cell, ...]:
        """The solutions of ``alternatives.py``, ``right.py`` or ``wrong.py``."""
        parts = re.split(r"^# %% *(.*)$", self.text(name), flags=re.MULTILINE)[1:]
        return tuple(
            Cell(title.strip(), source.strip() + "\n") for title, source in zip(parts[::2], parts[1::2], strict=True)
        )

    def arguments(self, case: int, seed: int = 0) -> dict[str, Any]:
        """The arguments of one fixture, by name in the order of the call; new arrays at every call.

        Args:
            case: which of ``sizes``.
            seed: other seeds draw other numbers of the same sizes.
        """
        rng = np.random.default_rng([seed, case])
        drawn: dict[str, Any] = self._fixtures["fixture"](rng, **self.sizes[case])
        return drawn

    def edges(self) -> tuple[Edge, ...]:
        """The calls with unusual arguments: what ``edges()`` of ``fixture.py`` returns, if it is there."""
        listed: Callable[[], list[dict[str, Any]]] | None = self._fixtures.get("edges")
        return () if listed is None else tuple(Edge(**edge) for edge in listed())

    @cached_property
    def _fixtures(self) -> dict[str, Any]:
        names = self._chapter_names()
        exec(compile(self.text("fixture.py"), str(self.folder / "fixture.py"), "exec"), names)
        return names

    def _chapter_names(self) -> dict[str, Any]:
        path = self.folder.parent / "given.py"
        names: dict[str, Any] = {"np": np, "__name__": "given"}
        if path.exists():
            exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
        return names


def read_exercise(folder: Path) -> Exercise:
    """Read an exercise from its author's folder."""
    values = tomllib.loads((folder / "exercise.toml").read_text(encoding="utf-8"))
    lists = ("outputs", "sizes", "given", "floats")
    listed: dict[str, Any] = {name: tuple(values[name]) for name in lists if name in values}
    return Exercise(folder, **(values | listed))


def all_exercises() -> tuple[Exercise, ...]:
    """Every exercise, in the course's order."""
    return tuple(read_exercise(path.parent) for path in sorted(EXERCISES.glob("*/*/exercise.toml")))

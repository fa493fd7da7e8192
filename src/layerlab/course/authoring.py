"""What an author's folder promises, held against the checker: ``layerlab learn dev check``.

As handed out, an exercise is not written yet. Its solution, its alternatives and its right cells pass. Each wrong cell
gets the finding that its title expects, on the line that is marked, and an advised one passes with its advice:

    # %% M64 not averaged | expect: value dW: ratio m            the first finding's key; "value dW" for any relation
    # %% M18 the wrong product | expect: exception: shapes or value dW: transposed          one of several
    # %% M26 a cost of shape (1, 1) | advise: one-by-one
    dW = dZ @ A_prev.T  # <-                                     the finding's line
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from layerlab.errors import WorkError

from .checker.diagnostic import Diagnostic
from .checker.exercise import Exercise
from .reports import Report
from .running import Checker

KINDS = ("start", "solution", "alternatives", "right", "wrong", "advised")
"""What an exercise holds, in the order in which it is counted."""

MARK = "# <-"
"""The end of a line that is wrong."""


@dataclass(frozen=True)
class Promise:
    """One text of an author, and what the checker should say of it.

    Attributes:
        exercise: what the text is for.
        kind: one of ``KINDS``.
        title: its cell's title, or the file's name.
        source: the text.
        expected: the keys that the first finding, or one piece of advice, may have; none where it has to pass.
        lines: those that are marked as wrong; none where the line does not matter.
    """

    exercise: Exercise
    kind: str
    title: str
    source: str
    expected: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()

    def kept(self, report: Report) -> bool:
        """Whether the checker said what was expected."""
        if self.kind in ("start", "wrong"):
            first = report.findings[0] if report.findings else None
            return first is not None and _fits(first.key, self.expected) and first.line in (self.lines or (first.line,))
        advised = [advice.key for advice in report.advice]
        return report.passed and (not self.expected or any(_fits(key, self.expected) for key in advised))


@dataclass(frozen=True)
class PromiseResult:
    """Whether one promise was kept, and what the checker said.

    Attributes:
        exercise, kind, title: of the promise.
        kept: whether the checker said what was expected.
        expected: what that was.
        came: the key of the first finding, "passed", or "passed with" the keys of its advice.
        lines: the marked lines.
        line: the finding's line.
        seconds: how long the check took.
    """

    exercise: str
    kind: str
    title: str
    kept: bool
    expected: str
    came: str
    lines: tuple[int, ...]
    line: int | None
    seconds: float


@dataclass(frozen=True)
class AuthorsCheck:
    """What became of all promises."""

    results: tuple[PromiseResult, ...]

    @property
    def passed(self) -> bool:
        """Whether all were kept."""
        return all(result.kept for result in self.results)

    def table(self) -> str:
        """A line an exercise with the promises kept of each kind, and then those that were not."""
        exercises = sorted({result.exercise for result in self.results})
        lines = [f"{'exercise':32}" + "".join(f"{kind:>14}" for kind in KINDS)]
        lines += [_row(name, [result for result in self.results if result.exercise == name]) for name in exercises]
        lines.append(_row("all", self.results))
        for result in self.results:
            if not result.kept:
                where = f" on line {' or '.join(map(str, result.lines))}" if result.lines else ""
                lines.append(f"{result.exercise} · {result.kind} · {result.title}")
                lines.append(f"    expected: {result.expected}{where}")
                lines.append(f"    came:     {result.came} on line {result.line}")
        return "\n".join(lines)

    def facts(self) -> dict[str, Any]:
        """The same for JSON: counts by kind, and what was not kept."""
        return {
            "passed": self.passed,
            "counts": {kind: {"kept": kept, "of": number} for kind, (kept, number) in _counts(self.results).items()},
            "not_kept": [asdict(result) for result in self.results if not result.kept],
            "seconds": {"slowest": max((result.seconds for result in self.results), default=0.0)},
        }


def check_promises(exercises: Iterable[Exercise], processes: int = 2) -> AuthorsCheck:
    """Check every text of these exercises' folders.

    Args:
        exercises: whose texts.
        processes: how many are checked at a time.
    """
    promises = [promise for exercise in exercises for promise in promises_of(exercise)]
    reports = check_texts([(promise.exercise, promise.source) for promise in promises], processes)
    return AuthorsCheck(tuple(_result(*pair) for pair in zip(promises, reports, strict=True)))


def check_texts(texts: Sequence[tuple[Exercise, str]], processes: int = 2) -> list[Report]:
    """Check texts that are trusted not to disturb each other, in the given order: some at a time, in a process each."""
    own = threading.local()
    with ExitStack() as stack, ThreadPoolExecutor(processes) as pool:

        def check_one(text: tuple[Exercise, str]) -> Report:
            if not hasattr(own, "checker"):
                own.checker = stack.enter_context(Checker(shared=True))
            try:
                report: Report = own.checker.check(*text)
            except WorkError as error:  # one text on which the checker fails says nothing about the others
                failed = Diagnostic("unnamed", details={"failed": str(error)})
                report = Report.of(text[0], {"passed": False, "findings": [failed.record()]}, "", 0.0)
            return report

        return list(pool.map(check_one, texts))


def promises_of(exercise: Exercise) -> Iterator[Promise]:
    """Every text of an exercise's folder, with what its author expects."""
    yield Promise(exercise, "start", "start.py", exercise.text("start.py"), ("not-written",))
    yield Promise(exercise, "solution", "solution.py", exercise.solution)
    for name in ("alternatives", "right", "wrong"):
        for cell in exercise.cells(f"{name}.py"):
            title, expects, keys = _parts(cell.title)
            kind = "advised" if expects == "advise" else name
            lines = [number for number, line in enumerate(cell.source.splitlines(), 1) if line.rstrip().endswith(MARK)]
            yield Promise(exercise, kind, title, cell.source, keys, tuple(lines))


def _parts(title: str) -> tuple[str, str, tuple[str, ...]]:
    """A cell's title, whether it expects a finding or advice, and the keys."""
    found = re.fullmatch(r"(.*?) *\| *(expect|advise): *(.*)", title)
    return (found[1], found[2], tuple(found[3].split(" or "))) if found else (title, "", ())


def _fits(key: str, expected: Sequence[str]) -> bool:
    """Whether a key is one of those expected, or one of them with a relation; an exception fits with any quantity."""
    keys = {key, re.sub(r"^exception .*: ", "exception: ", key), key.partition(":")[0], re.split("[ :]", key)[0]}
    return bool(keys & set(expected))


def _result(promise: Promise, report: Report) -> PromiseResult:
    first = report.findings[0] if report.findings else None
    advised = ", ".join(advice.key for advice in report.advice)
    failed = str(first.details.get("failed", "")).strip().splitlines() if first is not None else []
    came = (
        f"the checker failed: {failed[-1]}"
        if failed
        else first.key
        if first is not None
        else f"passed with {advised}"
        if advised
        else "passed"
    )
    advises = promise.kind not in ("start", "wrong")
    expected = " or ".join(promise.expected)
    return PromiseResult(
        exercise=promise.exercise.id,
        kind=promise.kind,
        title=promise.title,
        kept=promise.kept(report),
        expected=(f"passed with {expected}" if expected else "passed") if advises else expected or "an expectation",
        came=came,
        lines=promise.lines,
        line=None if first is None else first.line,
        seconds=report.seconds,
    )


def _counts(results: Iterable[PromiseResult]) -> dict[str, tuple[int, int]]:
    """The promises kept and all of them, by kind."""
    results = list(results)
    kept, all_of_them = Counter(r.kind for r in results if r.kept), Counter(r.kind for r in results)
    return {kind: (kept[kind], all_of_them[kind]) for kind in KINDS}


def _row(name: str, results: Iterable[PromiseResult]) -> str:
    counts = [f"{kept} of {number}" if number else "–" for kept, number in _counts(results).values()]
    return f"{name:32}" + "".join(f"{count:>14}" for count in counts)

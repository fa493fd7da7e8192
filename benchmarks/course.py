"""How long a learner waits: from a saved file to the verdict, and to the findings, in processes as learners have them.

    python -m benchmarks.course [--each 6]

Each exercise is tried with its solution and some of its wrong solutions. Before every check the spare process has had
time to load NumPy, as between two saves of a learner. Writes benchmarks/course.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from importlib import metadata
from pathlib import Path

from layerlab.course.authoring import promises_of
from layerlab.course.checker.exercise import Exercise, all_exercises
from layerlab.course.running import Checker

PAUSE = 0.6
"""Seconds between two checks, in which the next process starts."""


def seconds_of(checker: Checker, exercise: Exercise, source: str) -> tuple[float, float]:
    """Seconds until the verdict, and until all is said."""
    time.sleep(PAUSE)
    verdicts: list[float] = []
    start = time.perf_counter()
    checker.check(exercise, source, lambda _: verdicts.append(time.perf_counter() - start))
    end = time.perf_counter() - start
    return (verdicts[0] if verdicts else end), end


def spread(seconds: list[float]) -> str:
    """Median, ninth tenth and longest, as cells of a table."""
    return f"{statistics.median(seconds):.3f} | {statistics.quantiles(seconds, n=10)[-1]:.3f} | {max(seconds):.3f}"


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=6, help="wrong solutions of each exercise")
    each = parser.parse_args().each
    verdicts: list[float] = []
    right: list[float] = []
    wrong: list[float] = []
    with Checker() as checker:
        for exercise in all_exercises():
            promises = list(promises_of(exercise))
            solution = next(promise for promise in promises if promise.kind == "solution")
            chosen = [promise for promise in promises if promise.kind == "wrong"][:each]
            for promise in (solution, *chosen):
                verdict, end = seconds_of(checker, exercise, promise.source)
                verdicts.append(verdict)
                (right if promise is solution else wrong).append(end)
    versions = f"Python {platform.python_version()}, NumPy {metadata.version('numpy')}, {os.cpu_count()} cores"
    lines = [
        "# The course: from a saved file to what is said of it",
        "",
        f"{len(right)} solutions and {len(wrong)} wrong solutions; {versions}.",
        "`python -m benchmarks.course` writes this file.",
        "",
        "| seconds | median | 9 of 10 within | longest |",
        "|---|---|---|---|",
        f"| until the verdict | {spread(verdicts)} |",
        f"| a right solution, all said | {spread(right)} |",
        f"| a wrong solution, all said | {spread(wrong)} |",
        "",
        "Target: the verdict within 0.3 seconds; the findings within 1 second for 9 of 10, and never after 3.",
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    (Path(__file__).parent / "course.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

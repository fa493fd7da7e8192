"""How good the checker is, measured: ``python -m layerlab.course.mutants --count 1000 --seed 7 --json -``.

Small faults are put into the solutions and their right variants by machine (``mutating.py``). What agrees with the
solution on further fixtures is equal to it. Of all others it is asked: was it refused, was it said how it is wrong, and
was the line of the fault named? Each relation that was stated of a value is computed again (``scoring.py``).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .authoring import check_texts
from .checker.exercise import Exercise, all_exercises
from .mutating import KINDS_OF_FAULTS, Mutant, mutants_of, with_other_names
from .reports import Report
from .scoring import Score, agrees, kinds_of_variables, relation_is_true

ROW = "{:32}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}"


@dataclass(frozen=True)
class _Drawn:
    """A mutant of one of an exercise's right texts."""

    exercise: Exercise
    origin: str
    mutant: Mutant


def drawn_mutants(exercises: Sequence[Exercise], count: int, seed: int, *, rename: bool = False) -> list[_Drawn]:
    """Draw different mutants: an exercise, one of its right texts, a kind of fault and one such fault, all by chance.

    Args:
        exercises: whose texts are changed.
        count: how many; fewer where there are not so many.
        seed: of the draw.
        rename: whether the variables get other names.
    """
    rng = random.Random(seed)  # noqa: S311  no secret
    pools = {exercise.id: _pool(exercise) for exercise in exercises}
    drawn: dict[tuple[str, str], _Drawn] = {}
    tries = 0
    while len(drawn) < count and tries < 20 * count:
        tries += 1
        exercise = rng.choice(exercises)
        origin, kinds = rng.choice(pools[exercise.id])
        mutant = rng.choice(kinds[rng.choice(sorted(kinds))])
        drawn.setdefault((exercise.id, mutant.source), _Drawn(exercise, origin, mutant))
    if rename:
        return [_renamed(one) for one in drawn.values()]
    return list(drawn.values())


def scores_of(drawn: Iterable[_Drawn], processes: int = 2) -> list[Score]:
    """Check mutants, and score what was said of each."""
    drawn = sorted(drawn, key=lambda one: one.exercise.id)  # a process keeps what it knows of an exercise
    reports = check_texts([(one.exercise, one.mutant.source) for one in drawn], processes)
    return [_score(*pair) for pair in zip(drawn, reports, strict=True)]


def facts_of(scores: Sequence[Score]) -> dict[str, Any]:
    """The figures: of all, by exercise and by kind of fault, and every mutant that was not named on its line."""
    wrong = [score for score in scores if not score.equal]
    return {
        "mutants": len(scores),
        "all": _counts(scores),
        "by_exercise": _grouped(scores, lambda score: score.exercise),
        "by_kind": _grouped(scores, lambda score: score.mutant.kind),
        "seconds": _seconds([score.seconds for score in wrong]),
        "equal_refused": [_shown(score) for score in scores if score.equal and not score.passed],
        "wrong_passed": [_shown(score) for score in wrong if score.passed],
        "relations_not_true": [_shown(score) for score in scores if score.recomputed is False],
        "not_named_or_not_on_line": [
            _shown(score) for score in wrong if not score.passed and (not score.named or score.on_line is False)
        ],
    }


def mutant_table(facts: dict[str, Any]) -> str:
    """The numbers as lines of text."""
    head = ROW.format("", "mutants", "equal", "wrong", "refused", "named", "line", "of")
    lines = [head, *(_row(name, row) for name, row in facts["by_exercise"].items()), "", head]
    lines += [_row(name, row) for name, row in facts["by_kind"].items()]
    lines += ["", head, _row("all", facts["all"])]
    counts, seconds = facts["all"], facts["seconds"]
    lines.append(f"named: {_share(counts['named'], counts['wrong'])}")
    lines.append(f"on the line of the fault: {_share(counts['line'], counts['with_line'])}")
    lines.append(f"wrong mutants that passed: {len(facts['wrong_passed'])}")
    lines.append(f"relations computed again: {counts['recomputed']}, not true: {len(facts['relations_not_true'])}")
    lines.append("seconds of a check: " + ", ".join(f"{name} {value:.2f}" for name, value in seconds.items()))
    return "\n".join(lines)


def _pool(exercise: Exercise) -> list[tuple[str, dict[str, list[Mutant]]]]:
    """Each right text with its mutants by kind."""
    texts = [("solution", exercise.solution)]
    for name in ("alternatives", "right"):
        cells = exercise.cells(f"{name}.py")
        texts += [(f"{name}: {cell.title}", cell.source) for cell in cells if "advise:" not in cell.title]
    pool = []
    for origin, text in texts:
        kinds: dict[str, list[Mutant]] = {}
        for mutant in mutants_of(text, kinds_of_variables(exercise, text)):
            kinds.setdefault(mutant.kind, []).append(mutant)
        if kinds:
            pool.append((origin, kinds))
    return pool


def _renamed(one: _Drawn) -> _Drawn:
    mutant = one.mutant
    source = with_other_names(mutant.source, one.exercise.function)
    return _Drawn(one.exercise, one.origin, Mutant(mutant.kind, source, mutant.line, mutant.shown))


def _score(one: _Drawn, report: Report) -> Score:
    first = report.findings[0] if report.findings else None
    ended = first is not None and first.code in ("never-ends", "out-of-memory", "died")
    return Score(
        exercise=one.exercise.id,
        origin=one.origin,
        mutant=one.mutant,
        equal=not ended and agrees(one.exercise, one.mutant.source),
        passed=report.passed,
        first=first,
        recomputed=None if first is None else relation_is_true(one.exercise, one.mutant.source, first),
        seconds=report.seconds,
    )


def _counts(scores: Iterable[Score]) -> dict[str, int]:
    scores = list(scores)
    wrong = [score for score in scores if not score.equal]
    refused = [score for score in wrong if not score.passed]
    return {
        "mutants": len(scores),
        "equal": len(scores) - len(wrong),
        "wrong": len(wrong),
        "refused": len(refused),
        "named": sum(score.named for score in refused),
        "line": sum(score.on_line is True for score in refused),
        "with_line": sum(score.on_line is not None for score in wrong),
        "both": sum(score.named and score.on_line is not False for score in refused),
        "recomputed": sum(score.recomputed is not None for score in scores),
    }


def _grouped(scores: Sequence[Score], by: Callable[[Score], str]) -> dict[str, dict[str, int]]:
    order = {kind: number for number, kind in enumerate(KINDS_OF_FAULTS)}
    names = sorted({by(score) for score in scores}, key=lambda name: (order.get(name, 0), name))
    return {name: _counts(score for score in scores if by(score) == name) for name in names}


def _seconds(seconds: Sequence[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    tenths = statistics.quantiles(seconds, n=10)
    return {"median": statistics.median(seconds), "90 %": tenths[-1], "longest": max(seconds)}


def _shown(score: Score) -> dict[str, Any]:
    first = score.first
    return {
        "exercise": score.exercise,
        "origin": score.origin,
        "kind": score.mutant.kind,
        "line": score.mutant.line,
        "shown": score.mutant.shown,
        "finding": None if first is None else first.key,
        "finding_line": None if first is None else first.line,
        "part": None if first is None else first.part,
        "failed": None if first is None else first.details.get("failed"),
        "source": score.mutant.source,
    }


def _row(name: str, row: dict[str, int]) -> str:
    columns = ("mutants", "equal", "wrong", "refused", "named", "line", "with_line")
    return ROW.format(name, *(row[column] for column in columns))


def _share(number: int, of: int) -> str:
    return f"{100 * number / of:.1f} % ({number} of {of})" if of else "–"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m layerlab.course.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="how many mutants")
    parser.add_argument("--seed", type=int, default=7, help="of the draw")
    parser.add_argument("--rename", action="store_true", help="give all variables of a mutant other names")
    parser.add_argument("--exercise", default="", help="only exercises whose id begins so")
    parser.add_argument("--processes", type=int, default=2, help="how many mutants are checked at a time")
    parser.add_argument("--json", help="file for the numbers as JSON; - for standard output")
    return parser.parse_args()


def _command() -> int:
    """Run the command: status 1 when a wrong mutant passed or a stated relation is not true."""
    given = _arguments()
    exercises = [exercise for exercise in all_exercises() if exercise.id.startswith(given.exercise)]
    drawn = drawn_mutants(exercises, given.count, given.seed, rename=given.rename)
    facts = facts_of(scores_of(drawn, given.processes))
    if given.json == "-":
        print(json.dumps(facts, indent=1))
    else:
        print(mutant_table(facts))
    if given.json and given.json != "-":
        Path(given.json).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    return int(bool(facts["wrong_passed"] or facts["relations_not_true"]))


if __name__ == "__main__":
    sys.exit(_command())

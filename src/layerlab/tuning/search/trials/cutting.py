"""A task at which processes died again and again is tried trial by trial, and comes to the same.

A population gives trials up by comparing them with each other. Its trials alone cannot: each is trained to its end, and
when all are there, they are compared at the rungs where the population would have been, and what was trained beyond is
taken away. It costs time, and the table of trials does not depend on who died when.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats
from layerlab.tuning.search.proposals.candidate import Candidate

from .halving import RUNGS, in_question, kept, rungs
from .outcome import Outcome
from .population import How
from .scoring import decisions
from .tasks import Task


def parts_of(task: Task) -> list[Task]:
    """A task for each of its trials."""
    return [task._replace(name=f"{task.name}.{i:02d}", candidates=(one,)) for i, one in enumerate(task.candidates)]


def is_part(task: Task) -> bool:
    """Whether it is one trial of a task that was cut."""
    return "." in task.name


def compared_with_nobody(eta: int, blocks: int) -> list[list[Floats]]:
    """Scores of others with which every trial whose own is finite goes on."""
    return [[np.full(1 + blocks, np.inf)] * (RUNGS + 1)] * eta


def together(
    parts: Sequence[Outcome],
    candidates: Sequence[Candidate],
    seen: Sequence[Sequence[Floats]],
    how: How,
    sizes: NDArray[Any],
) -> Outcome:
    """The outcome of a task from those of its trials, each trained for as long as it could be.

    Args:
        parts: one for each trial.
        candidates: the trials.
        seen: as for ``run_task``.
        how: what is the same for all tasks.
        sizes: (B,) held-out examples in each block.
    """
    outcome = joined(parts)
    when = outcome.moments.tolist()
    passed = np.zeros((len(candidates), 1 + len(sizes)), np.int64)
    for rung, moment in enumerate(rungs(when[-1], how.eta)):
        upto = when.index(moment) + 1
        sound = np.array([one.number not in outcome.failed for one in candidates])
        places = np.flatnonzero(sound & (passed >= rung).any(axis=1)).tolist()
        if places:
            scores = np.array([decisions(outcome.curves(i, how.by)[:upto], sizes) for i in places])
            rivals = [one[rung] for one in seen if len(one) > rung]
            passed[places] += kept(in_question(scores, passed[places], rung), rivals, how.eta)
        outcome = given_up(outcome, [i for i in places if not (passed[i] > rung).any()], upto)
    return outcome._replace(passed=passed)


def joined(parts: Sequence[Outcome]) -> Outcome:
    """Outcomes of the same moments, one after the other."""
    stacked: dict[str, Any] = {
        name: np.concatenate([getattr(one, name) for one in parts]) for name in _arrays(parts[0]) if name != "moments"
    }
    failed = {number: why for one in parts for number, why in one.failed.items()}
    return parts[0]._replace(**stacked, seconds=sum(one.seconds for one in parts), failed=failed)


def given_up(outcome: Outcome, trials: Sequence[int], upto: int) -> Outcome:
    """As if some trials had not been trained beyond a number of moments."""
    copies: dict[str, Any] = {name: value.copy() for name, value in _arrays(outcome).items()}
    own = outcome._replace(**copies)
    for i in trials:
        for curve in (own.cost, own.accuracy, own.trained):
            curve[i, upto:] = np.nan
        own.reached[i] = min(own.reached[i], upto)
        own.diverged[i] = own.diverged[i] if own.diverged[i] <= own.moments[upto - 1] else 0
        own.predictions[i] = np.nan
    return own


def _arrays(outcome: Outcome) -> dict[str, Any]:
    return {name: value for name, value in outcome._asdict().items() if isinstance(value, np.ndarray)}

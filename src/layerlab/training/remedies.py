"""What would have helped a training that ended badly: each likely cause is tested by short trainings, in three rounds.

A suspect is a likely cause with the change of settings that would remove it. The first round trains every suspect with
many learning rates for a few updates. The second round trains the best of them, and learning rates near theirs, for
more updates. The last round trains the best few for all updates, so that advice is given only where it was seen to
help. The time is limited: where it would be too long, the rounds are shorter or use only some of the examples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets import Part
from layerlab.formulas.arrays import Floats
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.causes import Suspect, suspects_of
from layerlab.runs.diagnosis import Trial, TriedChange, rank_of
from layerlab.runs.evidence import LEAST_UPDATES, Evidence

from .job import Job
from .short_trainings import last_costs, seconds_for

LEAST_SECONDS, TIMES_AS_LONG, MOST_SECONDS = 1.0, 2.0, 3.0
"""All trainings of a trial together may take about ``LEAST_SECONDS`` plus ``TIMES_AS_LONG`` times the original
training, but at most ``MOST_SECONDS``. Plans estimate these seconds, so that a training always gets the same trial."""

LEAST_EXAMPLES = 500
"""Where only some of the examples are used, how many there are at least."""

DECADES = (-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)
"""Powers of ten by which the training's own learning rate is multiplied in the first round."""

RATES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Learning rates that the first round tries too, whatever the training's own learning rate is."""

NEIGHBOURS = (0.3, 1.0, 3.0)
"""Factors by which the second round multiplies the best learning rates."""

NEAR = 0.3
"""Two learning rates are near to each other if they differ by less than this power of ten."""

BEST = 2
"""How many learning rates of a suspect go on to the next round."""


class Rounds(NamedTuple):
    """How many updates each of the three rounds makes."""

    first: int
    second: int
    last: int


class Variant(NamedTuple):
    """A suspect's change of settings, together with a learning rate.

    Attributes:
        suspect: the suspect's number.
        rate: the learning rate; None with L-BFGS.
    """

    suspect: int
    rate: float | None


class Trials(NamedTuple):
    """Everything that the rounds share.

    Attributes:
        job: what is trained, perhaps on fewer examples.
        suspects: the suspects whose changes are tried.
        rate: the job's own learning rate; None with L-BFGS.
        seen: what the training showed.
        stop: whether to end early, as Ctrl-C asks for.
    """

    job: Job
    suspects: Sequence[Suspect]
    rate: float | None
    seen: Evidence
    stop: Callable[[], bool]

    def changes(self, variant: Variant) -> dict[str, Any]:
        """Return the settings that a variant changes, with new values: its suspect's settings and the learning rate."""
        own = {} if variant.rate == self.rate else {"learning_rate": variant.rate}
        return {**self.suspects[variant.suspect].changes, **own}

    def costs(self, variants: Sequence[Variant], updates: int) -> dict[Variant, Floats]:
        """Return the cost of each variant after this many updates, and shortly before."""
        found = last_costs(self.job, [self.changes(one) for one in variants], updates, self.stop)
        return dict(zip(variants, found, strict=True))

    def best(self, costs: Mapping[Variant, Floats]) -> list[list[Variant]]:
        """For each suspect, its variants with the lowest costs, the best first."""
        worst = {one: float(some.max()) for one, some in costs.items() if np.isfinite(some).all()}
        ranked = sorted(worst, key=lambda one: self._rank(one, worst[one]))
        return [[one for one in ranked if one.suspect == number][:BEST] for number in range(len(self.suspects))]

    def _rank(self, variant: Variant, cost: float) -> tuple[float, float]:
        """Return a key to sort by; lower is better. If nothing was learned, learning rates near the own are better."""
        away = 0.0 if self.rate is None or variant.rate is None else abs(math.log(variant.rate) - math.log(self.rate))
        return rank_of(self.seen, cost), away


@np.errstate(all="ignore")  # an overflow shows as a cost that is not finite
def trial_of(job: Job, seen: Evidence, stop: Callable[[], bool]) -> Trial | None:
    """Train again from the same start, with the changes of each suspect.

    Args:
        job: a job of one model that has been trained.
        seen: what the training showed.
        stop: whether to end early, as Ctrl-C asks for.

    Returns:
        The cost that each change reached; None if there was nothing to try, if it would take too long, or if ``stop``
        returned true.
    """
    suspects = suspects_of(seen)
    # early stopping may have ended the training; then the trials get no more updates than the training had
    updates = seen.updates if job.common["monitor"] and math.isfinite(seen.final) else job.common["iterations"]
    if not suspects or job.sparse or updates < LEAST_UPDATES:
        return None
    job = replace(job, stream=None, metrics=(), every=0, like=job)
    bounded = _bounded(job, _rounds(updates), len(suspects))
    if bounded is None:
        return None
    fewer, rounds = bounded
    rate = None if job.common["optimizer"] == LBFGS else job.common["learning_rate"]
    trials, numbers = Trials(fewer, suspects, rate, seen, stop), range(len(suspects))
    first = {Variant(number, value) for number in numbers for value in _first_rates(rate)}
    best = trials.best(trials.costs(sorted(first), rounds.first))
    near = {
        Variant(one.suspect, value)
        for one in chain(*best)
        for value in _rates(one.rate, NEIGHBOURS)
        if value == rate or not _is_near(value, rate)
    }
    alone = {Variant(number, rate) for number in numbers if suspects[number].changes}  # the change and nothing else
    best = trials.best(trials.costs(sorted(near | alone), rounds.second))
    whole = fewer is job and rounds.last == updates
    own = Variant(len(suspects) - 1, rate)
    last = trials.costs(sorted({*chain(*best), *alone, *(() if whole else (own,))}), rounds.last)
    if stop():
        return None
    outcomes = tuple(
        TriedChange(suspects[one.suspect], trials.changes(one), float(costs[0]), float(costs.max()))
        for one, costs in last.items()
    )
    return Trial(
        seen.final + seen.penalty if whole else float(last[own][0]),
        rounds.last,
        tuple(one for one in outcomes if one.changes),
        0 if fewer.part is job.part else fewer.part.X.shape[1],
    )


def _rounds(updates: int) -> Rounds:
    """Return the lengths of the rounds for a training of this many updates."""
    first, second = max(20, min(150, updates // 10)), max(50, min(500, updates // 3))
    return Rounds(min(updates, first), min(updates, second), updates)


def _is_near(value: float | None, rate: float | None) -> bool:
    """Return whether two learning rates are so near to each other that the advice would be the same."""
    if not value or not rate:
        return False
    return abs(math.log10(value) - math.log10(rate)) < NEAR


def _first_rates(rate: float | None) -> list[float | None]:
    """Learning rates of the first round: decades around the own one, and those of usual size that are near to none."""
    own = _rates(rate, [10.0**k for k in DECADES])
    far = [value for value in RATES if rate and not any(_is_near(value, one) for one in own)]
    return [*own, *far]


def _rates(rate: float | None, factors: Sequence[float]) -> list[float | None]:
    """Learning rates to try, rounded to two digits; the own one is not rounded."""
    if rate is None:
        return [None]
    tried = [rate if factor == 1 else float(f"{rate * factor:.2g}") for factor in factors]
    return [one for one in tried if np.finfo(float).tiny < one < np.finfo(float).max] or [rate]


def _bounded(job: Job, rounds: Rounds, suspects: int) -> tuple[Job, Rounds] | None:
    """Return the job and the rounds, with fewer examples or updates if these take too long; None if they still do."""
    models = ((len(DECADES) + 2) * suspects, 4 * BEST * suspects, (BEST + 1) * suspects)

    def expected(some: Job, lengths: Rounds) -> float:
        return sum(seconds_for(some, n, updates) for n, updates in zip(models, lengths, strict=True))

    seconds, own = expected(job, rounds), seconds_for(job, 1, job.common["iterations"])
    allowed = min(LEAST_SECONDS + TIMES_AS_LONG * own, MOST_SECONDS)
    if seconds <= allowed:
        return job, rounds
    m = job.part.X.shape[1]
    if not job.batch_size and m > LEAST_EXAMPLES:
        job = _fewer(job, max(LEAST_EXAMPLES, int(m * allowed / seconds)))
        seconds = expected(job, rounds)
    share = min(1.0, allowed / seconds)
    shorter = Rounds(*(max(min(n, LEAST_UPDATES), int(n * share)) for n in rounds))
    return (job, shorter) if expected(job, shorter) <= 2 * allowed else None


def _fewer(job: Job, m: int) -> Job:
    """Return the job with some of its examples, chosen at random."""
    some = np.sort(np.random.RandomState(0).permutation(job.part.X.shape[1])[:m])
    weights = None if job.sample_weight is None else job.sample_weight[some]
    (only,) = job.members
    settings = {**only.settings, "l2": only.settings["l2"] * m / job.part.X.shape[1]}  # the penalty is divided by m
    part = Part(job.part.X[:, some], job.part.Y[:, some])
    return replace(job, members=(replace(only, settings=settings),), part=part, sample_weight=weights)

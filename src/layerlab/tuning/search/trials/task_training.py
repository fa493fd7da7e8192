"""One task: its trials, on all folds and seeds, as one population that is halved on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.training.batches import batches

from .cutting import compared_with_nobody, parts_of, together
from .halving import in_question, kept, moments, rungs
from .held_out_scores import Figures
from .outcome import Outcome, failed_outcome
from .population import How, Population
from .scoring import decisions
from .search_data import Material
from .tasks import Task


class News(NamedTuple):
    """How far a task is.

    Attributes:
        task: its name.
        iteration, iterations: made, and of how many.
        trials: that are being trained.
        costs: mean held-out cost of the best trial at each moment so far.
        moments: iterations of these.
    """

    task: str
    iteration: int
    iterations: int
    trials: int
    costs: list[float]
    moments: list[int]


def run_task(
    material: Material,
    task: Task,
    how: How,
    seen: Sequence[Sequence[Floats]] = (),
    watcher: Callable[[News], None] | None = None,
) -> Outcome:
    """Train a task's trials; one that cannot be trained is reported and does not end the others.

    Where they cannot be trained together each is trained alone, and they are compared afterwards.

    Args:
        material: examples and folds.
        task: the trials.
        how: what is the same for all tasks.
        seen: of each trial of the earlier batches, its scores for each decision, at its rungs and its end.
        watcher: is told how far it is, at every moment.
    """
    begun = perf_counter()
    try:
        outcome = _population(material, task, how, seen, watcher)
    except Exception as error:
        if len(task.candidates) > 1:
            alone, sizes = compared_with_nobody(how.eta, len(material.sizes)), material.sizes
            parts = [run_task(material, one, how, alone, watcher) for one in parts_of(task)]
            outcome = together(parts, task.candidates, seen, how, sizes)
        else:
            why = f"{type(error).__name__}: {error}" if not isinstance(error, InputError) else str(error)
            outcome = _failed(task, material, how, {task.candidates[0].number: why})
    return outcome._replace(seconds=perf_counter() - begun)


def failed_task(task: Task, material: Material, how: How, why: str) -> Outcome:
    """All of a task's trials reported as failed."""
    return _failed(task, material, how, {one.number: why for one in task.candidates})


def _failed(task: Task, material: Material, how: How, why: dict[int, str]) -> Outcome:
    when = moments(task.candidates[0].settings["iterations"], how.eta)
    return failed_outcome(why, when, len(material.sizes), material.Y.shape[0], material.m)


@np.errstate(all="ignore")  # of a network that diverged
def _population(
    material: Material,
    task: Task,
    how: How,
    seen: Sequence[Sequence[Floats]],
    watcher: Callable[[News], None] | None,
) -> Outcome:
    first = task.candidates[0].settings
    when, decided = moments(first["iterations"], how.eta), rungs(first["iterations"], how.eta)
    population = Population(material, task.candidates, how, task.at_least)
    figures, done = Figures(material, len(task.candidates), when), 0
    size, common = population.job.batch_size, population.job.common
    dealt = batches(material.m, size, common["batch_seed"], how.dtype) if size else None
    for at, moment in enumerate(when):
        objective = population.train(dealt, moment - done)
        done = moment
        figures.note(at, population, objective)
        if watcher:
            best = np.nanmin(figures.cost[population.trials, : at + 1].mean(axis=-1), axis=0)
            watcher(News(task.name, moment, when[-1], len(population.trials), best.tolist(), when[: at + 1]))
        if moment in decided:
            number, trials = decided.index(moment), population.trials
            scores = in_question(figures.scores(trials, at + 1, how.by), figures.passed[trials], number)
            rivals = [one[number] for one in seen if len(one) > number]
            figures.passed[trials] += kept(scores, rivals, how.eta)
            which = np.asarray((figures.passed[trials] > number).any(axis=1))
            if not which.any():
                break
            population.keep(which, when[-1] - moment)
    return figures.outcome([one.number for one in task.candidates], how.by)


def scores_of(outcome: Outcome, i: int, how: How, sizes: NDArray[Any]) -> dict[int, Floats]:
    """What a trial was worth for each decision, at each rung that it reached and at its end, by iterations."""
    curves, when = outcome.curves(i, how.by), outcome.moments
    places = [*rungs(int(when[-1]), how.eta), int(when[-1])]
    reached = [place for place in places if len(curves) and place <= when[len(curves) - 1]]
    return {place: decisions(curves[: int(np.searchsorted(when, place)) + 1], sizes) for place in reached}

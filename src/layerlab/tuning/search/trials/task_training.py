"""Train one task: its trials, with all folds and seeds, as one population from which halving takes trials away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.training.batches import batches

from .halving import kept_trials, moments, rungs, scores_in_question
from .held_out_scores import HeldOutScores
from .outcome import Outcome, failed_outcome, joined
from .population import Population, SharedSettings
from .scoring import decision_scores, mean_over_blocks
from .search_data import SearchData
from .tasks import Task


class TaskProgress(NamedTuple):
    """How far a task is.

    Attributes:
        task: its name.
        iteration, iterations: how many were made, and of how many.
        trials: number of trials that are still trained.
        costs: lowest mean held-out cost of these trials at each moment so far.
        moments: the iterations of these moments.
    """

    task: str
    iteration: int
    iterations: int
    trials: int
    costs: list[float]
    moments: list[int]


def train_task(
    search_data: SearchData,
    task: Task,
    shared: SharedSettings,
    seen: Sequence[Sequence[Floats]] = (),
    watcher: Callable[[TaskProgress], None] | None = None,
) -> Outcome:
    """Train a task's trials; one that cannot be trained is reported as failed and does not end the others.

    Args:
        search_data: examples and folds.
        task: the trials.
        shared: settings that all tasks share.
        seen: for each trial of the earlier batches, its scores for each decision, at its rungs and its end.
        watcher: is called with the progress at every moment.
    """
    begin = perf_counter()
    try:
        outcome = _trained_together(search_data, task, shared, seen, watcher)
    except Exception as error:
        if len(task.candidates) > 1:  # one of them is at fault: each is tried alone
            alone = [task._replace(candidates=(one,)) for one in task.candidates]
            outcome = joined([train_task(search_data, one, shared, seen, watcher) for one in alone])
        else:
            why = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
            outcome = failed_task(task, search_data, shared, why)
    return outcome._replace(seconds=perf_counter() - begin)


def failed_task(task: Task, search_data: SearchData, shared: SharedSettings, why: str) -> Outcome:
    """Return the outcome of a task all of whose trials failed, for the same reason."""
    when = moments(task.candidates[0].settings["iterations"], shared.eta)
    reasons = {one.number: why for one in task.candidates}
    return failed_outcome(reasons, when, len(search_data.sizes), search_data.Y.shape[0], search_data.m)


@np.errstate(all="ignore")  # of a network that diverged
def _trained_together(
    search_data: SearchData,
    task: Task,
    shared: SharedSettings,
    seen: Sequence[Sequence[Floats]],
    watcher: Callable[[TaskProgress], None] | None,
) -> Outcome:
    iterations = task.candidates[0].settings["iterations"]
    when, decided = moments(iterations, shared.eta), rungs(iterations, shared.eta)
    population = Population(search_data, task.candidates, shared, task.at_least)
    scores, done = HeldOutScores(search_data, len(task.candidates), when), 0
    size, seed = population.job.batch_size, population.job.common["batch_seed"]
    stream = batches(search_data.m, size, seed, shared.dtype) if size else None
    for at, moment in enumerate(when):
        population.train(stream, moment - done)
        done = moment
        scores.record(at, population)
        if watcher:
            best = np.nanmin(mean_over_blocks(scores.cost[population.trials, : at + 1], search_data.sizes), axis=0)
            watcher(TaskProgress(task.name, moment, when[-1], len(population.trials), best.tolist(), when[: at + 1]))
        if moment in decided:
            going_on = _decide(scores, population, decided.index(moment), at, seen)
            if not going_on.any():
                break
            population.keep(going_on)
    return scores.outcome([one.number for one in task.candidates], shared.by)


def _decide(
    scores: HeldOutScores, population: Population, rung: int, at: int, seen: Sequence[Sequence[Floats]]
) -> NDArray[np.bool_]:
    """Decide at a rung; return which of the population's trials go on, because some decision keeps them."""
    trials, shared = population.trials, population.shared
    own = scores_in_question(scores.scores(trials, at + 1, shared.by), scores.passed[trials], rung)
    rivals = [one[rung] for one in seen if len(one) > rung]
    scores.passed[trials] += kept_trials(own, rivals, shared.eta)
    return np.asarray((scores.passed[trials] > rung).any(axis=1))


def rung_scores(outcome: Outcome, i: int, shared: SharedSettings, sizes: NDArray[Any]) -> dict[int, Floats]:
    """Return the 1 + B scores of trial i for the decisions, at each rung that it reached and at its end."""
    curves, when = outcome.curves(i, shared.by), outcome.moments
    places = [*rungs(int(when[-1]), shared.eta), int(when[-1])]
    reached = [place for place in places if len(curves) and place <= when[len(curves) - 1]]
    return {place: decision_scores(curves[: int(np.searchsorted(when, place)) + 1], sizes) for place in reached}

"""Collect the results of the trials that have ended into a ``Search``; nothing is trained, and no test set is used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.part import base_rate
from layerlab.runs.metrics import RANKED_BY_CLASSES

from .estimates import Estimate, estimate, paired
from .model_selection import ModelSelection, finished_trials
from .on_test_set import earlier_looks
from .proposals.candidate import Candidate
from .proposals.known_networks import KnownNetwork
from .proposals.sampler import recorded_trials
from .proposals.what_mattered import what_mattered
from .request import SearchRequest
from .result import Rival, Search, TrialResult, judged_at_once
from .state import SearchState
from .trials.outcome import Outcome
from .trials.scoring import best_moments, mean_over_blocks
from .trials.search_data import ALWAYS_TRAINED
from .trials.task_training import rung_scores
from .trials.tasks import Work

LEAK = "the test set ranked the networks (rank_on_test), so its score is too good and says nothing about new examples"


def collected(state: SearchState, request: SearchRequest, data: Dataset, seconds: float) -> Search:
    """Return what a search has found so far: all trials that have ended, the choice among them, and its estimates.

    Args:
        state: the search.
        request: what was asked.
        data: the dataset, as networks are trained on it.
        seconds: elapsed time of the search.
    """
    outcomes, trials = saved_outcomes(state), trial_results(state)  # in this order: a task may end in between
    known = [(task.known, outcome) for task in state.known_tasks() if (outcome := state.outcome(task.name))]
    by, search_data = request.shared.by, state.search_data
    search = Search(
        folder=state.folder.path,
        dataset=data.name,
        output=search_data.output,
        by=by,
        folds=search_data.folds,
        seeds=request.shared.seeds,
        examples=int((search_data.fold != ALWAYS_TRAINED).sum()),
        space=state.space,
        trials=tuple(trials),
        known=tuple(trial_result(outcome, 0, one, state) for one, outcome in known),
        base_rates=(_base_rate(state), float("nan")),
        test_examples=data.test.X.shape[1],
        mattered=what_mattered(state.folder.journal) if recorded_trials(state.folder.journal) else None,
        leak=LEAK if request.leak else "",
        seconds=(sum(one.seconds for one in outcomes), seconds),
        asked=request.asked(),
        looked=earlier_looks(state.folder.path),
    )
    done = finished_trials(outcomes, by, search_data.sizes)
    if not done:
        return search
    selection = ModelSelection(search_data, by, done, request.averages)
    cross, _ = selection.cross_fitted()
    usable = {one.number for one in done}
    rivals = tuple(_rival(state, one, own, cross) for one, own in known if one.number in usable)
    choice = selection.choice()
    rivals = judged_at_once(rivals, choice)
    return replace(search, choice=choice, cross=cross, naive=selection.naive(), rivals=rivals)


def _base_rate(state: SearchState) -> float:
    """Return the share of the majority class among the held-out examples.

    It is nan for regression, for several labels per example, and where another score than the accuracy is reported.
    """
    search_data = state.search_data
    if state.shared.by in RANKED_BY_CLASSES:
        return float("nan")
    Y = search_data.Y[:, search_data.fold != ALWAYS_TRAINED]
    one_class = search_data.output == "softmax" or (search_data.output == "sigmoid" and len(Y) == 1)
    return base_rate(np.asarray(Y, np.float64)) if one_class else float("nan")


def saved_outcomes(state: SearchState) -> list[Outcome]:
    """Return the outcomes of all tasks that have ended, in order: of the reference networks, then of the trials."""
    tasks: list[Work] = [*state.known_tasks()]
    tasks += [task for number, some in state.batches() for task in state.tasks(number, some)]
    return [outcome for task in tasks if (outcome := state.outcome(task.name))]


def trial_results(state: SearchState) -> list[TrialResult]:
    """Return all proposed trials that have ended, by number."""
    results = []
    for number, candidates in state.batches():
        for task in state.tasks(number, candidates):
            outcome = state.outcome(task.name)
            if outcome is not None:
                results += [trial_result(outcome, i, one, state) for i, one in enumerate(task.candidates)]
    return sorted(results, key=lambda one: one.candidate.number)


def trial_result(outcome: Outcome, i: int, candidate: Candidate | KnownNetwork, state: SearchState) -> TrialResult:
    """Return the result of the i-th trial of a task."""
    shared, sizes = state.shared, state.search_data.sizes
    failed = outcome.failed.get(candidate.number, "")
    scores = rung_scores(outcome, i, shared, sizes)
    reached = int(outcome.reached[i])
    accuracy = float("nan")
    if reached and shared.by not in RANKED_BY_CLASSES:
        at = best_moments(outcome.curves(i, shared.by), sizes)
        accuracy = float(mean_over_blocks(outcome.accuracy[i][at, np.arange(len(sizes))], sizes))
    return TrialResult(
        candidate=candidate,
        state="failed" if failed else "finished" if outcome.finished(i) else "pruned",
        score=float(scores[max(scores)][0]) if scores else float("inf"),
        accuracy=accuracy,
        stopped_at=outcome.stopped_at(i, shared.by, sizes) if reached else 0,
        moments=tuple(outcome.moments[:reached].tolist()),
        curve=tuple(mean_over_blocks(outcome.cost[i, :reached], sizes).tolist()),
        trained=tuple(outcome.trained[i, :reached].tolist()),
        diverged=int(outcome.diverged[i]),
        failed=failed,
    )


def _rival(state: SearchState, known: KnownNetwork, outcome: Outcome, cross: Estimate) -> Rival:
    """Return the estimate of a reference network on the held-out examples, and its comparison with the choice."""
    search_data = state.search_data
    inside = search_data.fold != ALWAYS_TRAINED
    predictions = outcome.predictions[0, 0][:, inside].astype(np.float64)
    by, block, Y = state.shared.by, search_data.block[inside], search_data.Y[:, inside]
    own = estimate(search_data.output, predictions, Y, search_data.folds, by, block)
    return Rival(known.number, known.name, own, None, paired(search_data.output, cross, own, Y, by), None)

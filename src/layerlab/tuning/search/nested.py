"""Nested cross-validation: the whole search is repeated without each outer fold, and its choice is scored there.

It measures how good the choices of such a search are, and takes as long as one more search for each outer fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.folds import split_into_folds
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .collecting import saved_outcomes
from .estimates import Choice, estimate
from .model_selection import FinishedTrial, ModelSelection, finished_trials
from .on_test_set import predicted, refit
from .request import SearchRequest
from .result import Nested
from .starting import state_in
from .state import SearchState
from .trials.search_data import SearchData, split_into_blocks
from .workers.running import SearchRun, run_trials

SEED_OFFSET = 100_000
"""The difference between the seed of a search and those of its outer folds, so that they share no random numbers."""


def nested_estimate(run: SearchRun, state: SearchState, request: SearchRequest) -> Nested:
    """Repeat the whole search without each outer fold in turn; every example is scored once, by a choice without it.

    Args:
        run: where and by which processes the search is carried out.
        state: the search on all training examples.
        request: what was asked.

    Raises:
        InputError: in an outer fold no trial finished with a finite score.
    """
    search_data, shared = state.search_data, request.shared
    labelled = search_data.output in ("sigmoid", "softmax")
    outer = split_into_folds(search_data.Y, request.outer, labelled, shared.seed + SEED_OFFSET)
    said = np.full(search_data.Y.shape, np.nan)
    lines = []
    for number in range(request.outer):
        inside = outer != number
        own = replace(request, shared=shared._replace(seed=shared.seed + SEED_OFFSET + 1 + number))
        part = _without_fold(search_data, inside, own, labelled)
        inner = state_in(run.place / f"outer-{number}", part, own, state.known_networks)
        run_trials(run, inner, request.trials)
        done = finished_trials(saved_outcomes(inner), shared.by, part.sizes)
        if not done:
            raise InputError(
                f"none of the {request.trials} networks of outer fold {number + 1} finished; try another space, "
                f"or leave outer out"
            )
        choice = ModelSelection(part, shared.by, done, request.averages).choice()
        said[:, ~inside] = _predicted(inner, done, choice, search_data.X[:, ~inside])
        lines.append(_line(inner, choice))
    output, Y = search_data.output, search_data.Y
    by = shared.by
    figures = [estimate(output, said[:, outer == i], Y[:, outer == i], by=by).figure for i in range(request.outer)]
    return Nested(estimate(output, said, Y, request.outer, by, outer), tuple(figures), tuple(lines))


def _without_fold(
    search_data: SearchData, inside: NDArray[np.bool_], request: SearchRequest, classes: bool
) -> SearchData:
    """Return the examples of the other outer folds, split into folds of their own."""
    X, Y, seed = search_data.X[:, inside], search_data.Y[:, inside], request.shared.seed
    fold = split_into_folds(Y, request.folds, classes, seed)
    return SearchData(X, Y, search_data.output, fold, split_into_blocks(Y, fold, classes, seed))


def _predicted(state: SearchState, trials: Sequence[FinishedTrial], choice: Choice, X: NDArray[Any]) -> Floats:
    """Train a choice on all of its search's examples, and predict others with it."""
    when = {one.number: one.iterations for one in trials}
    search_data = state.search_data
    part = search_data.X, search_data.Y
    runs = [
        refit(state.candidate(number), when[number], state.shared, search_data.output, part) for number in choice.trials
    ]
    return np.asarray(np.mean([predicted(run, X) for run in runs], axis=0), np.float64)


def _line(state: SearchState, choice: Choice) -> str:
    """Describe in a line what was chosen."""
    more = f" and {len(choice.trials) - 1} more, averaged" if len(choice.trials) > 1 else ""
    return f"{state.candidate(choice.trials[0])}{more}"

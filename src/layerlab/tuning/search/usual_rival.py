"""The usual training of a table, several networks on folds: a search holds its choice against it, without choosing it.

Its networks predict each training example out of fold, as the trials do, so both are compared on the same examples.
"""

from __future__ import annotations

import numpy as np

from layerlab.datasets import Dataset
from layerlab.evaluating.comparisons.recipe_training import recipe_data, train_recipe
from layerlab.evaluating.comparisons.recipes import members_recipe
from layerlab.evaluating.comparisons.time_budget import USUAL_SECONDS, cut_recipe
from layerlab.formulas.arrays import Floats
from layerlab.runs.run import Run
from layerlab.training.target import scaling_of

from .estimates import Estimate, estimate, paired
from .result import Rival, Search
from .state import SearchState
from .trials.search_data import ALWAYS_TRAINED


def usual_training(search: Search, state: SearchState, data: Dataset) -> tuple[Rival, Run, Dataset] | None:
    """Train what ``layerlab train`` trains on this table, and compare its answers out of fold with those of the choice.

    Args:
        search: what was collected from the trials.
        state: the search.
        data: the dataset, as networks are trained on it.

    Returns:
        The rival, not yet compared on the test set, its run, and the dataset with the numbers scaled for it; None if
        the usual training of these data is a single network.
    """
    recipe = members_recipe(data)
    if recipe is None or search.cross is None:
        return None
    ready, _ = recipe_data(recipe, data)
    cut = cut_recipe(recipe, ready, {"engine": state.shared.engine}, USUAL_SECONDS)
    left = {} if cut is None else cut.settings
    run = train_recipe(recipe, ready, advice=False, engine=state.shared.engine, **left)
    count = 1 if run.members is None else len(run.members)  # fewer where the time did not suffice
    number = min([0, *(one.candidate.number for one in search.known)]) - 1
    cross = _out_of_fold(run, search, state, data)
    Y = state.search_data.Y
    compared = (0, 0, np.nan) if cross is None else paired(search.output, search.cross, cross, Y, search.by)
    return Rival(number, f"usual training (mean of {count} networks)", cross, None, compared, None), run, ready


def _out_of_fold(run: Run, search: Search, state: SearchState, data: Dataset) -> Estimate | None:
    """Return the estimate from the answers out of fold; None if not every example that the search held out has one."""
    search_data = state.search_data
    if run.members is None or not run.members.answered.all() or (search_data.fold == ALWAYS_TRAINED).any():
        return None
    answers: Floats = np.asarray(run.members.out_of_fold, np.float64)
    scaling = scaling_of(run.network, data)
    answers = answers if scaling is None else scaling(answers)
    folds = len(np.unique(run.members.folds))
    return estimate(search.output, answers, search_data.Y, folds, search.by, search_data.block)

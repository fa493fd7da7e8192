"""Plateaus: how often the cost has stopped falling. The adaptive schedule then lowers the learning rate.

    waited ← 0 if the epoch's mean cost is below the lowest by least_progress at least, else waited + 1
    lowest ← min(lowest, cost)
    plateaus ← plateaus + 1 and waited ← 0 when waited is more than plateau

scikit-learn's SGD counts in the same way; there the two settings are called tol and n_iter_no_change.
"""

from __future__ import annotations

from typing import NamedTuple

from layerlab.formulas import Array, Parameters


class PlateauState(NamedTuple):
    """What an adaptive schedule remembers of each model from epoch to epoch, each () or (K,).

    A checkpoint names its arrays by these fields, so that they are not to be renamed.

    Attributes:
        total, weight: sums over the updates of the epoch so far: of cost × examples, and of examples.
        lowest: the lowest mean cost of an epoch so far.
        waited: epochs since the cost last fell by ``least_progress``, or since the last plateau.
        plateaus: number of plateaus so far.
    """

    total: Array
    weight: Array
    lowest: Array
    waited: Array
    plateaus: Array


def new_plateau(parameters: Parameters, alive: Array) -> PlateauState:
    """Return an adaptive schedule's state before the first update.

    Args:
        parameters: the initial parameters; their type is the type of the numbers.
        alive: () or (K,), of any type; only its shape is used.
    """
    xp = alive.__array_namespace__()
    nothing = xp.zeros(alive.shape, dtype=next(iter(parameters.values())).dtype)
    return PlateauState(nothing, nothing, nothing + xp.inf, nothing, nothing)


def plateau_after_epoch(state: PlateauState, patience: Array, least_progress: Array) -> PlateauState:
    """Return the state after an epoch, with its sums set to 0.

    Args:
        state: the state with the costs of the epoch.
        patience, least_progress: () or (K,), the settings ``plateau`` and ``least_progress``.
    """
    mean = state.total / state.weight
    xp = mean.__array_namespace__()
    waited = xp.where(mean > state.lowest - least_progress, state.waited + 1.0, 0.0)
    ended = waited > patience
    return PlateauState(
        xp.zeros_like(state.total),
        xp.zeros_like(state.weight),
        xp.minimum(mean, state.lowest),
        xp.where(ended, 0.0, waited),
        xp.where(ended, state.plateaus + 1.0, state.plateaus),
    )

"""Plateaus: how often the cost has stopped falling, for schedules that heed it.

    waited ← 0 if the epoch's mean cost is below the lowest by least_progress at least, else waited + 1
    lowest ← min(lowest, cost)
    plateaus ← plateaus + 1 and waited ← 0 when waited is more than plateau

As scikit-learn's SGD counts, which calls them tol and n_iter_no_change.
"""

from __future__ import annotations

from typing import NamedTuple

from layerlab.formulas import Array, Parameters


class Plateau(NamedTuple):
    """What is remembered of each model from epoch to epoch, each () or (K,).

    Attributes:
        total, weight: sum of the costs of the epoch so far, each times its examples, and of these.
        lowest: the lowest mean so far.
        waited: epochs since it last fell by enough, or since the last plateau.
        plateaus: number of them.
    """

    total: Array
    weight: Array
    lowest: Array
    waited: Array
    plateaus: Array


def new_plateau(parameters: Parameters, alive: Array) -> Plateau:
    """Before the first update.

    Args:
        parameters: as drawn.
        alive: () or (K,), of any type.
    """
    xp = alive.__array_namespace__()
    nothing = xp.zeros(alive.shape, dtype=next(iter(parameters.values())).dtype)
    return Plateau(nothing, nothing, nothing + xp.inf, nothing, nothing)


def looked_at(plateau: Plateau, patience: Array, least_progress: Array) -> Plateau:
    """After an epoch.

    Args:
        plateau: with the costs of the epoch.
        patience, least_progress: () or (K,).
    """
    figure = plateau.total / plateau.weight
    xp = figure.__array_namespace__()
    waited = xp.where(figure > plateau.lowest - least_progress, plateau.waited + 1.0, 0.0)
    ended = waited > patience
    return Plateau(
        xp.zeros_like(plateau.total),
        xp.zeros_like(plateau.weight),
        xp.minimum(figure, plateau.lowest),
        xp.where(ended, 0.0, waited),
        xp.where(ended, plateau.plateaus + 1.0, plateau.plateaus),
    )

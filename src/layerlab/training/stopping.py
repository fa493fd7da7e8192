"""Early stopping: a figure is looked at after every epoch, its best parameters are kept, and patience has an end.

    waited ← 0 if the figure is below the best, by min_delta at least, else waited + 1
    best ← min(best, figure), with the parameters that gave it
    the training ends when waited reaches patience

The figure is the epoch's mean training cost, or cost or accuracy on the validation part (its negative, so that less is
better).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from layerlab.formulas import Array, Parameters


class Watch(NamedTuple):
    """What is remembered of each model from epoch to epoch, each () or (K,).

    Attributes:
        total, weight: sum of the costs of the epoch so far, each times its examples, and of these.
        best: the lowest figure so far.
        waited: epochs since the figure last fell by enough.
        kept: the parameters that gave the best figure.
        kept_at: updates made until then.
        ended_at: updates made when patience ended; 0 before.
    """

    total: Array
    weight: Array
    best: Array
    waited: Array
    kept: Parameters
    kept_at: Array
    ended_at: Array


def new_watch(parameters: Parameters, alive: Array) -> Watch:
    """Before the first update.

    Args:
        parameters: as drawn.
        alive: () or (K,), of any type.
    """
    xp = alive.__array_namespace__()
    nothing = xp.zeros(alive.shape, dtype=next(iter(parameters.values())).dtype)
    number = xp.zeros(alive.shape, dtype=xp.int32)
    return Watch(nothing, nothing, nothing + xp.inf, number, parameters, number, number)


def with_update_cost(watch: Any, cost: Array, size: Array | float) -> Any:
    """A ``Watch``, or what else sums an epoch's costs, with that of an update's examples."""
    return watch._replace(total=watch.total + cost * size, weight=watch.weight + size)


def judged(
    watch: Watch, figure: Array, parameters: Parameters, update: Array, patience: Array, min_delta: Array
) -> Watch:
    """After an epoch.

    Args:
        watch: before.
        figure: () or (K,) less is better.
        parameters: at the end of the epoch.
        update: () updates made.
        patience, min_delta: () or (K,).
    """
    xp = figure.__array_namespace__()
    better = (figure < watch.best) & (watch.ended_at == 0)
    waited = xp.where(better & (figure <= watch.best - min_delta), 0, watch.waited + 1)
    kept = {name: xp.where(better[..., None, None], value, watch.kept[name]) for name, value in parameters.items()}
    ended = xp.where((waited >= patience) & (watch.ended_at == 0), xp.astype(update, xp.int32), watch.ended_at)
    return Watch(
        xp.zeros_like(watch.total),
        xp.zeros_like(watch.weight),
        xp.where(better, figure, watch.best),
        xp.astype(waited, xp.int32),
        kept,
        xp.where(better, xp.astype(update, xp.int32), watch.kept_at),
        ended,
    )

"""Early stopping: a monitor looks at a value after every epoch, and ends the training when it stops improving.

    waited ← 0 if the value is below the best by min_delta at least, else waited + 1
    best ← min(best, value), with the parameters that gave it
    the training ends when waited reaches patience

The value is the epoch's mean training cost, or the cost or the negative accuracy on the validation set. Lower values
are better.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from layerlab.formulas import Array, Parameters


class MonitorState(NamedTuple):
    """What a monitor remembers of each model from epoch to epoch, each () or (K,).

    A checkpoint names its arrays by these fields, so that they are not to be renamed.

    Attributes:
        total, weight: sums over the updates of the epoch so far: of cost × examples, and of examples.
        best: the lowest value so far.
        waited: epochs since the value last fell by ``min_delta``.
        kept: the parameters that gave the best value.
        kept_at: number of updates made before the best value.
        ended_at: number of updates made when patience ended; 0 before.
    """

    total: Array
    weight: Array
    best: Array
    waited: Array
    kept: Parameters
    kept_at: Array
    ended_at: Array


def new_monitor(parameters: Parameters, alive: Array) -> MonitorState:
    """Return the state of a monitor before the first update.

    Args:
        parameters: the initial parameters.
        alive: () or (K,), of any type; only its shape is used.
    """
    xp = alive.__array_namespace__()
    nothing = xp.zeros(alive.shape, dtype=next(iter(parameters.values())).dtype)
    number = xp.zeros(alive.shape, dtype=xp.int32)
    return MonitorState(nothing, nothing, nothing + xp.inf, number, parameters, number, number)


def with_cost(sums: Any, cost: Array, size: Array | float) -> Any:
    """Add an update's cost to the sums of a ``MonitorState`` or ``PlateauState`` over the epoch.

    Args:
        sums: the state before.
        cost: () or (K,) mean over the update's examples.
        size: the number of those examples, or the sum of their weights.
    """
    return sums._replace(total=sums.total + cost * size, weight=sums.weight + size)


def monitor_after_epoch(
    monitor: MonitorState, value: Array, parameters: Parameters, update: Array, patience: Array, min_delta: Array
) -> MonitorState:
    """Return the state of a monitor after an epoch, with its sums set to 0.

    Args:
        monitor: the state before.
        value: () or (K,) value of the epoch; lower is better.
        parameters: at the end of the epoch.
        update: () number of updates made.
        patience, min_delta: () or (K,).
    """
    xp = value.__array_namespace__()
    # Parameters with any lower value are kept; only a value lower by min_delta counts as progress.
    better = (value < monitor.best) & (monitor.ended_at == 0)
    waited = xp.where(better & (value <= monitor.best - min_delta), 0, monitor.waited + 1)
    kept = {name: xp.where(better[..., None, None], new, monitor.kept[name]) for name, new in parameters.items()}
    ended = xp.where((waited >= patience) & (monitor.ended_at == 0), xp.astype(update, xp.int32), monitor.ended_at)
    return MonitorState(
        xp.zeros_like(monitor.total),
        xp.zeros_like(monitor.weight),
        xp.where(better, value, monitor.best),
        xp.astype(waited, xp.int32),
        kept,
        xp.where(better, xp.astype(update, xp.int32), monitor.kept_at),
        ended,
    )

"""What happens after an update: a monitor and an adaptive schedule see its cost, and judge the epoch when it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layerlab.formulas import Array

from .batches import Batch
from .plateau import plateau_after_epoch
from .stopping import monitor_after_epoch, with_cost
from .updates import EngineData, Program, State, batch_weights
from .whole_sets import evaluate


def after_update(
    program: Program,
    data: EngineData,
    state: State,
    cost: Array,
    batch: Batch | None,
    choose: Callable[[Any, Callable[[State], State], Callable[[State], State], State], State],
) -> State:
    """Let the monitor and an adaptive schedule see the cost of an update; return the new state.

    They sum the cost over the epoch; where the update ends an epoch, they compare its mean with the best so far.

    Args:
        program, data: what is computed, and on what.
        state: the state after the update.
        cost: () or (K,) objective on the update's examples before the update.
        batch: the update's examples; None for all.
        choose: a function that calls the first of two functions with the state if a condition holds, else the second:
            an ``if`` that a compiler understands.
    """
    size = 1.0 if batch is None else _weight(program, data, batch)
    if program.monitor:
        state = state._replace(watch=with_cost(state.watch, cost, size))
    if program.adaptive:
        state = state._replace(plateau=with_cost(state.plateau, cost, size))

    def at_epoch_end(state: State) -> State:
        if program.adaptive:
            state = state._replace(plateau=plateau_after_epoch(state.plateau, *_plateau_rates(data, cost)))
        if program.monitor:
            value = _monitored(program, data, state)
            watch = monitor_after_epoch(
                state.watch, value, state.parameters, state.update, data.patience, data.min_delta
            )
            state = state._replace(watch=watch, alive=state.alive & (watch.ended_at == 0))
        return state

    return choose(state.update % program.epoch == 0, at_epoch_end, lambda state: state, state)


def _weight(program: Program, data: EngineData, batch: Batch) -> Array:
    """Return the weight of a batch in the mean of its epoch, () or (K,); 0 if all its examples have weight 0."""
    size = batch_weights(program, data, batch)[1]
    size = size if size.ndim == 0 else size[..., 0, 0]
    xp = size.__array_namespace__()
    return xp.where(xp.isfinite(size), size, 0.0)


def _plateau_rates(data: EngineData, like: Array) -> list[Array]:
    """``plateau`` and ``least_progress`` of an adaptive schedule, each of the shape () or (K,) of a cost."""
    xp = like.__array_namespace__()
    return [xp.reshape(data.rates[name], like.shape) for name in ("plateau", "least_progress")]


def _monitored(program: Program, data: EngineData, state: State) -> Array:
    """Return the monitored value, () or (K,). Lower is better, so an accuracy is returned with a minus sign."""
    if program.monitor == "cost":
        mean: Array = state.watch.total / state.watch.weight
        return mean
    held_out, right = evaluate(program, data, state.parameters)
    return held_out if program.monitor == "validation_cost" or right is None else -right

"""What runs the updates. An engine is a generator: it yields what each chunk of iterations produced.

To stop early means to stop asking. How the iterations are cut into chunks changes no number. This is the NumPy engine;
``xla`` has the compiled one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..formulas import OPTIMIZERS, Array, Parameters
from .batches import Batch
from .stopping import new_watch
from .updates import Data, Program, State, evaluate, objective, step, watched

CHUNK_SECONDS = 0.05
"""A watcher waits about as long for news, and an interrupt for its effect."""


class Chunk(NamedTuple):
    """What some iterations in a row produced.

    Attributes:
        state: after the chunk's last update; good until the next chunk is asked for.
        costs: (n,) or (n, K), each the objective that its update differentiates, before that update. From a model's
            first cost that is not finite on, the model stands still.
        validation: (n, 2) or (n, 2, K), cost and accuracy on the validation part at the same parameters; (n, 0) without
            one.
        seconds: time spent on the chunk.
    """

    state: State
    costs: NDArray[np.floating[Any]]
    validation: NDArray[np.floating[Any]]
    seconds: float


def started(program: Program, parameters: Parameters) -> State:
    """The state before the first update; the parameters have an axis of models, or none."""
    models = next(iter(parameters.values())).shape[:-2]
    alive = np.ones(models, bool)
    watch = new_watch(parameters, alive) if program.monitor else ()
    return State(parameters, OPTIMIZERS[program.optimizer].start(parameters), alive, np.asarray(0), watch)


def numpy_engine(
    program: Program, data: Data, state: State, batches: Iterator[Batch] | None, iterations: int
) -> Iterator[Chunk]:
    """The formulas as they stand, in NumPy.

    Stops after the iteration at which the last model's cost is not finite: nothing sensible can follow it.

    Args:
        program, data: what to compute, on what.
        state: before the first update; not changed.
        batches: the examples of each update, or None: all of them every time.
        iterations: number of updates.
    """
    done, size = 0, 1
    while done < iterations and state.alive.any():
        begun = perf_counter()
        costs: list[Array] = []
        validation: list[tuple[Array, ...]] = []
        with np.errstate(all="ignore"):  # an overflow shows as a cost that is not finite
            for _ in range(min(size, iterations - done)):
                if data.validation is not None:
                    validation.append(_evaluated(program, data, state.parameters))
                cost, state = _updated(program, data, state, next(batches) if batches else None)
                costs.append(cost)
                if not state.alive.any():
                    break
        done += len(costs)
        seconds = perf_counter() - begun
        if seconds < CHUNK_SECONDS / 2:
            size *= 2
        yield Chunk(state, np.array(costs), np.array(validation or [()] * len(costs)), seconds)


def _updated(program: Program, data: Data, state: State, batch: Batch | None) -> tuple[Array, State]:
    """The objective, and the state after the update; a model whose objective is not finite stays as it is."""
    cost, gradients = objective(program, data, state.parameters, batch, update=state.update)
    alive = state.alive & np.isfinite(cost)
    if not alive.any():
        return cost, state._replace(alive=alive)
    parameters, memory = step(program, data, state, gradients)
    if not alive.all():
        goes = alive[:, None, None]
        parameters = {name: np.where(goes, value, state.parameters[name]) for name, value in parameters.items()}
    state = State(parameters, memory, alive, state.update + 1, state.watch)
    return cost, watched(program, data, state, cost, batch, _choose) if program.monitor else state


def _choose(condition: Any, yes: Callable[[State], State], no: Callable[[State], State], state: State) -> State:
    return yes(state) if condition else no(state)


def _evaluated(program: Program, data: Data, parameters: Parameters) -> tuple[Array, Array]:
    """Cost and accuracy on the validation part; nan where there is no accuracy."""
    cost, right = evaluate(program, data, parameters)
    return cost, np.full_like(cost, np.nan) if right is None else right

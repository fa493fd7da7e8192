"""What runs the updates. This is the NumPy engine; ``xla`` has the compiled one.

An engine makes some updates in a row when it is asked to. ``chunks`` asks it again and again: to stop early means to
stop asking. How the updates are cut into chunks changes no number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import islice, repeat
from time import perf_counter
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import OPTIMIZERS, Array, Gradients, Parameters
from layerlab.formulas.arrays import Floats
from layerlab.machine import one_thread

from .batches import Batch, one_by_one, stacked
from .plateau import new_plateau
from .stopping import new_watch
from .updates import Data, Program, State, evaluate, judgements, objective, predictions, step, watched

CHUNK_SECONDS = 0.05
"""A watcher waits about as long for news, and an interrupt for its effect."""

MOST_UPDATES = 1024
"""Of one call."""

HELD = 1 << 24
"""Bytes. Once a block of this size has been freed, glibc keeps what is freed below it for the next array instead of
giving its pages back and fetching new ones: an update of 30-100-1 on 200 examples takes 245 instead of 415 µs."""


class Advance(NamedTuple):
    """What some updates in a row came to.

    Attributes:
        state: after the last one; good until the next are asked for.
        costs: (n,) or (n, K), each the objective that its update differentiates, before that update. From a model's
            first cost that is not finite on, the model stands still.
        validation: cost and accuracy on the validation part, (n, 2) or (n, 2, K) at the same parameters; with batches
            one row for each epoch that ended, after it; (…, 0) without a validation part.
    """

    state: State
    costs: Floats
    validation: Floats


NOTHING = np.empty((0, 0))


class Chunk(NamedTuple):
    """What some updates in a row came to, as in ``Advance``, and the time spent on them.

    Attributes:
        state, costs, validation: as in ``Advance``.
        seconds: spent on the updates.
        measured: a row for each time that metrics were taken: the updates made until then, and the figures.
    """

    state: State
    costs: Floats
    validation: Floats
    seconds: float
    measured: Floats = NOTHING


class Engine(Protocol):
    """A way to compute a program on its data."""

    def advance(self, state: State, batches: Batch | None, n: int) -> Advance:
        """n updates, fewer if no model is alive any more or, on a stream, where a buffer ends.

        Args:
            state: where to go on from; not to be used afterwards.
            batches: the examples of each update, stacked along a first axis of n, or None: all every time.
            n: at most ``MOST_UPDATES``.
        """
        ...

    def objective(self, parameters: Parameters) -> tuple[Array, Gradients]:
        """What the updates make smaller on all examples, and its gradients, as NumPy arrays."""
        ...

    def change(self, rate: str, value: float) -> None:
        """Another value for a hyperparameter of ``Data.rates``, from the next update on."""
        ...

    def exchange(self, X: NDArray[Any], Y: NDArray[Any]) -> None:
        """Other examples of the same number, in rows, from the next update on; not to be changed afterwards."""
        ...

    def predictions(self, parameters: Parameters) -> list[NDArray[Any]]:
        """What the network says of the training examples and of those held out, if there are any, each (n_y, m)."""
        ...

    def judgements(self, parameters: Parameters) -> tuple[NDArray[Any], NDArray[Any]]:
        """Loss (..., m) without weights, and prediction (..., n_y, m), of every training example."""
        ...


def started(program: Program, parameters: Parameters) -> State:
    """The state before the first update; the parameters have an axis of models, or none."""
    models = next(iter(parameters.values())).shape[:-2]
    alive = np.ones(models, bool)
    watch = new_watch(parameters, alive) if program.monitor else ()
    memory = OPTIMIZERS[program.optimizer].start(parameters) if program.optimizer in OPTIMIZERS else ()
    plateau = new_plateau(parameters, alive) if program.adaptive else ()
    return State(parameters, memory, alive, np.asarray(0), watch, plateau)


def chunks(
    engine: Engine, state: State, batches: Iterator[Batch] | None, iterations: int, every: int = 0
) -> Iterator[Chunk]:
    """Updates until all are made or no model is alive any more, in chunks of about ``CHUNK_SECONDS``.

    Args:
        engine: that makes them.
        state: before the first one.
        batches: the examples of each update, or None: all of them every time.
        iterations: number of updates.
        every: a chunk ends whenever the number of updates made is a multiple of it; 0 for no matter.
    """
    done, size, earlier = 0, 1, int(state.update)
    while done < iterations and np.any(state.alive):
        begun = perf_counter()
        n = min(size, iterations - done, every - (earlier + done) % every if every else size)
        state, costs, validation = engine.advance(state, stacked(list(islice(batches, n))) if batches else None, n)
        done += len(costs)
        seconds = perf_counter() - begun
        if seconds < CHUNK_SECONDS / 2 and len(costs) == size:
            size = min(2 * size, MOST_UPDATES)
        yield Chunk(state, costs, validation, seconds)


class NumpyEngine:
    """The formulas as they stand, in NumPy.

    Args:
        program, data: what to compute, on what.
        one_thread: whether products run on one thread.
    """

    def __init__(self, program: Program, data: Data, one_thread: bool = False) -> None:
        self.program, self.data, self.one_thread = program, data, one_thread
        np.empty(HELD, np.uint8)  # and free it

    def advance(self, state: State, batches: Batch | None, n: int) -> Advance:
        """As in ``Engine``."""
        costs: list[Array] = []
        validation: list[tuple[Array, ...]] = []
        program, data = self.program, self.data
        before = data.validation is not None and not program.batch_size
        after = data.validation is not None and bool(program.batch_size)
        with self._computing():
            dealt: Iterator[Batch | None] = repeat(None) if batches is None else one_by_one(batches)
            for batch in islice(dealt, n):
                if before:
                    validation.append(evaluated(program, data, state.parameters))
                cost, state = _updated(program, data, state, batch)
                costs.append(cost)
                if after and state.update % program.epoch == 0:
                    validation.append(evaluated(program, data, state.parameters))
                if not state.alive.any():
                    break
        made = np.array(costs)
        return Advance(state, made, rows_of(data, made, validation))

    def objective(self, parameters: Parameters) -> tuple[Array, Gradients]:
        """As in ``Engine``."""
        with self._computing():
            return objective(self.program, self.data, parameters)

    def change(self, rate: str, value: float) -> None:
        """As in ``Engine``."""
        self.data = changed(self.data, rate, value)

    def exchange(self, X: NDArray[Any], Y: NDArray[Any]) -> None:
        """As in ``Engine``."""
        self.data = self.data._replace(X=X, Y=Y)

    def predictions(self, parameters: Parameters) -> list[NDArray[Any]]:
        """As in ``Engine``."""
        with self._computing():
            return predictions(self.program, self.data, parameters)

    def judgements(self, parameters: Parameters) -> tuple[NDArray[Any], NDArray[Any]]:
        """As in ``Engine``."""
        with self._computing():
            return judgements(self.program, self.data, parameters)

    @contextmanager
    def _computing(self) -> Iterator[None]:
        """An overflow shows as a cost that is not finite."""
        with np.errstate(all="ignore"), one_thread() if self.one_thread else nullcontext():
            yield


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
    state = state._replace(parameters=parameters, memory=memory, alive=alive, update=state.update + 1)
    return cost, watched(program, data, state, cost, batch, choose) if program.watches else state


def choose(condition: Any, yes: Callable[[State], State], no: Callable[[State], State], state: State) -> State:
    """What follows if the condition holds, or the other."""
    return yes(state) if condition else no(state)


def evaluated(program: Program, data: Data, parameters: Parameters) -> tuple[Array, Array]:
    """Cost and accuracy on the validation part; nan where there is no accuracy."""
    cost, right = evaluate(program, data, parameters)
    return cost, np.full_like(cost, np.nan) if right is None else right


def changed(data: Data, rate: str, value: float) -> Data:
    """The data with another value for a hyperparameter, as NumPy has it."""
    before = data.rates[rate]
    return data._replace(rates={**data.rates, rate: np.full(before.shape, value, before.dtype)})


def rows_of(data: Data, costs: NDArray[Any], validation: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
    """Validation figures as an ``Advance`` has them, whatever number of them there is.

    Args:
        data: on what it was computed.
        costs: (n,) or (n, K) of the updates.
        validation: a cost and an accuracy a row.
    """
    if len(validation):
        return np.array(validation)
    if data.validation is None:
        return np.empty((len(costs), 0))
    return np.empty((0, 2, *costs.shape[1:]))

"""Engines make the updates of a training. Here is the one that runs NumPy; ``xla`` has the compiled one.

An engine makes some updates in a row when it is asked to (``Engine.advance``), and remembers nothing: its caller
holds the state. ``chunks`` asks again and again; a training ends early when its caller stops asking. How the updates
are cut into chunks changes no number.
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

from .batches import Batch, stacked, unstacked
from .epoch_ends import after_update
from .plateau import new_plateau
from .stages import stage
from .stopping import new_monitor
from .updates import EngineData, Program, State, objective, step
from .whole_sets import evaluate, losses_and_predictions, predictions

CHUNK_SECONDS = 0.05
"""About how long a chunk takes. The progress bar and Ctrl-C wait for the end of a chunk."""

GROUPS_FACTOR = 20
"""How many times as long a chunk takes for a population in groups. Between two chunks every group leaves the cache and
comes back, and a call of its program costs time too: 64 networks 64-32-10 on the digits take 185 µs each in chunks of
20 updates, and 290 µs in chunks of one."""

MOST_UPDATES = 1024
"""The most updates of one call of ``Engine.advance``."""

FREED_BLOCK = 1 << 24
"""Bytes. Once a block of this size has been freed, glibc keeps smaller freed blocks for the next array instead of
giving its pages back and fetching new ones: an update of 30-100-1 on 200 examples takes 245 instead of 415 µs."""

NO_METRICS = np.empty((0, 0))
"""``Chunk.measured`` where no metrics were measured."""


class Advance(NamedTuple):
    """The result of some updates in a row.

    Attributes:
        state: the state after the last update; valid until the next updates are asked for.
        costs: (n,) or (n, K), the objective of each update before that update. After a model's first cost that is not
            finite, the model does not change any more.
        validation: cost and accuracy on the validation set, (n, 2) or (n, 2, K), at the same parameters; with batches
            one row for each epoch that ended, after it; (…, 0) without a validation set.
    """

    state: State
    costs: Floats
    validation: Floats


class Chunk(NamedTuple):
    """The result of some updates in a row, how long they took, and the metrics that were measured.

    Attributes:
        state, costs, validation: as in ``Advance``.
        seconds: time spent on the updates.
        measured: a row for each time that metrics were measured: the number of updates until then, and the metrics.
    """

    state: State
    costs: Floats
    validation: Floats
    seconds: float
    measured: Floats = NO_METRICS


class Engine(Protocol):
    """A way to compute a program on its data."""

    def advance(self, state: State, batches: Batch | None, n: int) -> Advance:
        """Make n updates; fewer if no model is alive any more or, on a stream, where a buffer ends.

        Args:
            state: where to continue; it must not be used afterwards.
            batches: the examples of each update, stacked along a first axis of n; None for all examples every time.
            n: number of updates, at most ``MOST_UPDATES``.
        """
        ...

    def objective(self, parameters: Parameters) -> tuple[Array, Gradients]:
        """Return the value that the updates make smaller, on all examples, and its gradients, as NumPy arrays."""
        ...

    def change(self, rate: str, value: float) -> None:
        """Set a hyperparameter of ``EngineData.rates`` to another value, from the next update on."""
        ...

    def exchange(self, X: NDArray[Any], Y: NDArray[Any]) -> None:
        """Use other examples, as many and in rows, from the next update on; they must not be changed."""
        ...

    def predictions(self, parameters: Parameters) -> list[NDArray[Any]]:
        """Return predictions (n_y, m) for the training examples, and for the validation examples if there are some."""
        ...

    def losses_and_predictions(self, parameters: Parameters) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the loss (..., m) without weights, and prediction (..., n_y, m), of every training example."""
        ...


def initial_state(program: Program, parameters: Parameters) -> State:
    """Return the state before the first update.

    Args:
        program: what is computed.
        parameters: the initial parameters, with an axis of models or without.
    """
    models = next(iter(parameters.values())).shape[:-2]
    alive = np.ones(models, bool)
    monitor = new_monitor(parameters, alive) if program.monitor else ()
    memory = OPTIMIZERS[program.optimizer].start(parameters) if program.optimizer in OPTIMIZERS else ()
    plateau = new_plateau(parameters, alive) if program.adaptive else ()
    return State(parameters, memory, alive, np.asarray(0), monitor, plateau)


def chunk_seconds(group: int) -> float:
    """Return about how long a chunk takes, by the number of models in a group; 0 where there are no groups."""
    return CHUNK_SECONDS * (GROUPS_FACTOR if group else 1)


def chunks(
    engine: Engine,
    state: State,
    batches: Iterator[Batch] | None,
    iterations: int,
    every: int = 0,
    group: int = 0,
) -> Iterator[Chunk]:
    """Make updates until all are made or no model is alive, and yield them in chunks of about ``chunk_seconds``.

    Args:
        engine: makes the updates.
        state: the state before the first update.
        batches: the examples of each update; None for all examples every time.
        iterations: number of updates.
        every: a chunk ends whenever the number of updates made (with those before ``state``) is a multiple of it; 0 if
            that does not matter.
        group: as for ``chunk_seconds``.
    """
    done, size, earlier = 0, 1, int(state.update)
    longest = chunk_seconds(group)
    while done < iterations and np.asarray(state.alive).any():  # np.any of a jax array would compile a program
        begun = perf_counter()
        n = min(size, iterations - done, every - (earlier + done) % every if every else size)
        with stage("updates"):
            state, costs, validation = engine.advance(state, stacked(list(islice(batches, n))) if batches else None, n)
        done += len(costs)
        seconds = perf_counter() - begun
        # The first chunk has one update. The size doubles as long as a whole chunk takes at most half of the time.
        if seconds < longest / 2 and len(costs) == size:
            size = min(2 * size, MOST_UPDATES)
        yield Chunk(state, costs, validation, seconds)


class NumpyEngine:
    """The engine that runs the formulas in NumPy, line by line.

    Args:
        program, data: what to compute, on what.
        one_thread: whether matrix products run on one thread.
    """

    def __init__(self, program: Program, data: EngineData, one_thread: bool = False) -> None:
        self.program, self.data, self.one_thread = program, data, one_thread
        np.empty(FREED_BLOCK, np.uint8)  # freed immediately

    def advance(self, state: State, batches: Batch | None, n: int) -> Advance:
        """Make n updates: see ``Engine``."""
        costs: list[Array] = []
        validation: list[tuple[Array, ...]] = []
        program, data = self.program, self.data
        # Without batches, validation is measured at the same parameters as the cost; with batches, after each epoch.
        before = data.validation is not None and not program.batch_size
        after = data.validation is not None and bool(program.batch_size)
        with self._computing():
            each: Iterator[Batch | None] = repeat(None) if batches is None else unstacked(batches)
            for batch in islice(each, n):
                if before:
                    validation.append(evaluated(program, data, state.parameters))
                cost, state = _updated(program, data, state, batch)
                costs.append(cost)
                if after and state.update % program.epoch == 0:
                    validation.append(evaluated(program, data, state.parameters))
                if not state.alive.any():
                    break
        made = np.array(costs)
        return Advance(state, made, validation_rows(data, made, validation))

    def objective(self, parameters: Parameters) -> tuple[Array, Gradients]:
        """Return the objective on all examples and its gradients: see ``Engine``."""
        with self._computing():
            return objective(self.program, self.data, parameters)

    def change(self, rate: str, value: float) -> None:
        """Set a hyperparameter to another value: see ``Engine``."""
        self.data = changed(self.data, rate, value)

    def exchange(self, X: NDArray[Any], Y: NDArray[Any]) -> None:
        """Take other examples: see ``Engine``."""
        self.data = self.data._replace(X=X, Y=Y)

    def predictions(self, parameters: Parameters) -> list[NDArray[Any]]:
        """Return predictions for training and validation examples: see ``Engine``."""
        with self._computing():
            return predictions(self.program, self.data, parameters)

    def losses_and_predictions(self, parameters: Parameters) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the loss and prediction of every training example: see ``Engine``."""
        with self._computing():
            return losses_and_predictions(self.program, self.data, parameters)

    @contextmanager
    def _computing(self) -> Iterator[None]:
        """Compute without NumPy's warnings: an overflow shows as a cost that is not finite."""
        with np.errstate(all="ignore"), one_thread() if self.one_thread else nullcontext():
            yield


class EngineAround:
    """An engine that changes how another engine makes updates, and leaves everything else to it.

    Args:
        engine: the other engine.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def objective(self, parameters: Parameters) -> tuple[Array, Gradients]:
        """Return the objective on the inner engine's examples and its gradients: see ``Engine``."""
        return self.engine.objective(parameters)

    def change(self, rate: str, value: float) -> None:
        """Set a hyperparameter to another value: see ``Engine``."""
        self.engine.change(rate, value)

    def exchange(self, X: NDArray[Any], Y: NDArray[Any]) -> None:
        """Take other examples: see ``Engine``."""
        self.engine.exchange(X, Y)

    def predictions(self, parameters: Parameters) -> list[NDArray[Any]]:
        """Return predictions for training and validation examples: see ``Engine``."""
        return self.engine.predictions(parameters)

    def losses_and_predictions(self, parameters: Parameters) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the loss and prediction of each of the inner engine's examples: see ``Engine``."""
        return self.engine.losses_and_predictions(parameters)


def _updated(program: Program, data: EngineData, state: State, batch: Batch | None) -> tuple[Array, State]:
    """Make one update; return the objective before it and the state after it. A model that diverged stays as it is."""
    cost, gradients = objective(program, data, state.parameters, batch, update=state.update)
    alive = state.alive & np.isfinite(cost)
    if not alive.any():
        return cost, state._replace(alive=alive)
    parameters, memory = step(program, data, state, gradients)
    if not alive.all():  # models that diverged keep their parameters
        goes = alive[:, None, None]
        parameters = {name: np.where(goes, value, state.parameters[name]) for name, value in parameters.items()}
    state = state._replace(parameters=parameters, memory=memory, alive=alive, update=state.update + 1)
    return cost, after_update(program, data, state, cost, batch, choose) if program.checks_epochs else state


def choose(condition: Any, yes: Callable[[State], State], no: Callable[[State], State], state: State) -> State:
    """Call the first function if the condition is true, else the second: ``choose`` of ``after_update`` in Python."""
    return yes(state) if condition else no(state)


def evaluated(program: Program, data: EngineData, parameters: Parameters) -> tuple[Array, Array]:
    """Return the cost and accuracy on the validation set, each () or (K,); nan where there is no accuracy."""
    cost, right = evaluate(program, data, parameters)
    return cost, np.full_like(cost, np.nan) if right is None else right


def changed(data: EngineData, rate: str, value: float) -> EngineData:
    """Return the data with another value for a hyperparameter, the same for all models."""
    before = data.rates[rate]
    return data._replace(rates={**data.rates, rate: np.full(before.shape, value, before.dtype)})


def validation_rows(data: EngineData, costs: NDArray[Any], validation: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
    """Make ``Advance.validation`` from its rows, in the right shape even if there is no row.

    Args:
        data: tells whether there is a validation set.
        costs: (n,) or (n, K) costs of the updates.
        validation: rows of a cost and an accuracy.
    """
    if len(validation):
        return np.array(validation)
    if data.validation is None:
        return np.empty((len(costs), 0))
    return np.empty((0, 2, *costs.shape[1:]))

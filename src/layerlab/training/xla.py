"""The compiled engine: the loop over the same updates runs inside one XLA program.

This module imports jax, and is itself imported when the engine is first used. jax's 64-bit mode is on only during our
own calls; ``compiled`` keeps the programs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from layerlab.formulas import OPTIMIZERS, Array, Gradients, LayerCache, Parameters

from .batches import Batch, repeated_to
from .compiled import COMPILED
from .engines import MOST_UPDATES, Advance, changed, validation_rows
from .epoch_ends import after_update
from .updates import EngineData, Program, State, objective, step
from .whole_sets import evaluate, losses_and_predictions, predictions

imported_in = os.getpid()
"""The process in which jax was started; a process that is forked from it does not have jax's threads."""


def jax_backend() -> str:
    """Return the kind of device on which jax computes, such as "cpu" or "gpu"."""
    return str(jax.default_backend())


class XlaEngine:
    """The engine that does the same as ``NumpyEngine``, but compiled; the results agree up to rounding.

    Args:
        program, data: what to compute, and on what.
        state: any state of the sizes for which the program is compiled.
        longest: how many updates one call can make at most. The number of updates is an argument of the compiled
            program, so that one program can make any number of them.
        threads: whether a matrix product may use several threads; not where several engines compute side by side.
    """

    def __init__(
        self, program: Program, data: EngineData, state: State, longest: int = MOST_UPDATES, threads: bool = True
    ) -> None:
        with jax.enable_x64(True):
            self.program, self.data, self.longest = program, jax.device_put(data), longest
            if program.optimizer in OPTIMIZERS:
                self._call = _loop_program(program, self.data, state, longest, threads)
            else:  # L-BFGS needs only the objective
                self._of_parameters(_objective, state.parameters)

    def advance(self, state: State, batches: Batch | None, n: int) -> Advance:
        """Make n updates: see ``Engine``."""
        with jax.enable_x64(True):
            # The program has room for `longest` batches; those that repeat the last one are not used.
            filled = batches and repeated_to(batches, self.longest)
            made, state, records = self._call(self.data, _owned(state), filled, np.int32(n))
        costs, *validation = (np.asarray(rows)[: int(made)] for rows in records)
        rows = np.stack(validation, axis=1) if validation else np.empty((0, 0))
        if validation and self.program.batch_size:  # a row for each update; only rows that end an epoch are filled
            last = int(state.update)
            rows = rows[np.arange(last - len(costs) + 1, last + 1) % self.program.epoch == 0]
        return Advance(state, costs, validation_rows(self.data, costs, rows))

    def objective(self, parameters: Parameters) -> tuple[Array, Gradients]:
        """Return the objective on all examples and its gradients: see ``Engine``."""
        with jax.enable_x64(True):
            cost, gradients = self._of_parameters(_objective, parameters)(self.data, parameters)
        return np.asarray(cost), {name: np.asarray(value) for name, value in gradients.items()}

    def change(self, rate: str, value: float) -> None:
        """Set a hyperparameter to another value: see ``Engine``."""
        with jax.enable_x64(True):
            self.data = jax.device_put(changed(self.data, rate, value))

    def exchange(self, X: NDArray[Any], Y: NDArray[Any]) -> None:
        """Take other examples: see ``Engine``."""
        with jax.enable_x64(True):
            self.data = self.data._replace(X=jax.device_put(X), Y=jax.device_put(Y))

    def predictions(self, parameters: Parameters) -> list[NDArray[Any]]:
        """Return predictions for training and validation examples: see ``Engine``."""
        with jax.enable_x64(True):
            compute = self._of_parameters(predictions, parameters)
            return [np.asarray(values) for values in compute(self.data, parameters)]

    def losses_and_predictions(self, parameters: Parameters) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the loss and prediction of every training example: see ``Engine``."""
        with jax.enable_x64(True):
            losses, predicted = self._of_parameters(losses_and_predictions, parameters)(self.data, parameters)
        return np.asarray(losses), np.asarray(predicted)

    def _of_parameters(self, compute: Callable[..., Any], parameters: Parameters) -> Any:
        """Return the compiled program of a function of program, data and parameters."""
        key = (compute.__name__, self.program, _shapes(self.data, parameters))
        called = jax.jit(partial(compute, self.program))
        return COMPILED.program(key, lambda: called.lower(self.data, parameters))


def _objective(program: Program, data: EngineData, parameters: Parameters) -> tuple[Array, Gradients]:
    return objective(program, data, parameters, laid_out=_laid_out)


def judge_on_one_thread(
    program: Program, data: EngineData, parameters: Parameters
) -> Callable[[EngineData, Parameters], tuple[NDArray[Any], NDArray[Any]]]:
    """Return ``losses_and_predictions`` of a program, compiled on one thread for data and parameters of these sizes."""
    with jax.enable_x64(True):
        key = ("judge", program, _shapes(data, parameters))
        called = jax.jit(partial(losses_and_predictions, program))
        options = {"xla_cpu_multi_thread_eigen": False}
        compiled = COMPILED.program(key, lambda: called.lower(data, parameters), options)

    def judge(data: EngineData, parameters: Parameters) -> tuple[NDArray[Any], NDArray[Any]]:
        with jax.enable_x64(True):
            losses, predicted = compiled(data, parameters)
        return np.asarray(losses), np.asarray(predicted)

    return judge


def _owned(state: State) -> State:
    """Copy the state into jax's memory, because the program writes the next state over it (donation)."""

    def own(value: Any) -> Any:
        # jnp.array(copy=True) would compile a program for every shape
        return value if isinstance(value, jax.Array) else jax.device_put(np.asarray(value), may_alias=False)

    owned: State = jax.tree.map(own, state)
    return owned


def _loop(
    program: Program, longest: int, data: EngineData, state: State, batches: Batch | None, n: Array
) -> tuple[Array, State, Any]:
    """Make n updates; fewer if no model is alive any more.

    Args:
        program, longest, data, state: as for the engine.
        batches: ``longest`` batches, stacked, or None.
        n: () at most ``longest``.

    Returns:
        () number of updates made; the new state; and the costs, with a row for each update. With a validation set also
        its costs and accuracies, each (longest, …); with batches these are nan except where an epoch ends.
    """
    # A compiled loop writes into arrays of a fixed size: here are the shapes that one update records.
    kind = jax.eval_shape(lambda: _once(program, data, state, _row(batches, 0))[1])
    records = [jnp.zeros((longest, *value.shape), value.dtype) for value in kind]

    def wanted(carry: Any) -> Array:
        i, state, _ = carry
        return (i < n) & jnp.any(state.alive)

    def iteration(carry: Any) -> Any:
        i, state, records = carry
        state, values = _once(program, data, state, _row(batches, i))
        write = partial(lax.dynamic_update_index_in_dim, index=i, axis=0)
        return i + 1, state, [write(rows, value) for rows, value in zip(records, values, strict=True)]

    return lax.while_loop(wanted, iteration, (jnp.int32(0), state, records))


def _row(batches: Batch | None, i: Any) -> Batch | None:
    return batches and Batch(*(rows[i] for rows in batches))


def _once(program: Program, data: EngineData, state: State, batch: Batch | None) -> tuple[State, list[Array]]:
    """Make one update; return the new state, the cost and the validation. A model that diverged stays as it is.

    This is ``engines._updated`` without an ``if`` on values: every step is computed, and used where a model is alive.
    """
    cost, gradients = objective(program, data, state.parameters, batch, _laid_out, state.update)
    held_out = [] if program.batch_size else _evaluated(program, data, state.parameters)
    parameters, memory = step(program, data, state, gradients)
    alive = state.alive & jnp.isfinite(cost)
    goes = alive[..., None, None]
    kept = {name: jnp.where(goes, value, state.parameters[name]) for name, value in parameters.items()}
    state = state._replace(parameters=kept, memory=memory, alive=alive, update=state.update + 1)
    if program.batch_size and data.validation is not None:
        held_out = lax.cond(
            state.update % program.epoch == 0,
            lambda: _evaluated(program, data, state.parameters),
            lambda: [jnp.full_like(cost, jnp.nan)] * 2,
        )
    if program.checks_epochs:
        state = after_update(program, data, state, cost, batch, lax.cond)
    return state, [cost, *held_out]


def _evaluated(program: Program, data: EngineData, parameters: Parameters) -> list[Array]:
    """Return cost and accuracy on the validation set, or nothing without one; a regression's accuracy is nan."""
    if data.validation is None:
        return []
    cost, right = evaluate(program, data, parameters)
    return [cost, jnp.full_like(cost, jnp.nan) if right is None else right]


def _laid_out(caches: list[LayerCache]) -> list[LayerCache]:
    """Return the caches with each W, except the first, as the transpose of a Wᵀ that exists in memory.

    The backward pass multiplies by Wᵀ. XLA would multiply by a transposed view of W instead, for which its products
    are slow (jax 0.10: 95 instead of 170 GFLOP/s). The barrier prevents that.
    """
    first, *others = caches
    return [first, *(one._replace(linear=one.linear._replace(W=_through_memory(one.linear.W))) for one in others)]


def _through_memory(W: Array) -> Array:
    return lax.optimization_barrier(W.mT).mT  # type: ignore[no-untyped-call]


def _loop_program(program: Program, data: EngineData, state: State, longest: int, threads: bool) -> Any:
    """Return the compiled loop for these sizes; it may overwrite the memory of the state."""
    loop = jax.jit(partial(_loop, program, longest), donate_argnums=1)
    return COMPILED.program(
        ("loop", program, longest, _shapes(data, state)),
        lambda: loop.lower(data, state, _batch_shapes(program, data, longest), np.int32(0)),
        {} if threads else {"xla_cpu_multi_thread_eigen": False},
    )


def _shapes(*values: Any) -> Any:
    """Structure, shapes and types of some arguments; equal for all arguments that one compiled program can take."""
    leaves, tree = jax.tree.flatten(values)
    return tree, tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)


def _batch_shapes(program: Program, data: EngineData, longest: int) -> Batch | None:
    """Shapes and types of ``longest`` stacked batches; compiling needs no more."""
    if not program.batch_size:
        return None
    rows, dtype = (longest, program.batch_size), data.Y.dtype
    return Batch(*(_shape(*one) for one in ((rows, np.int32), (rows, dtype), (rows[:1], dtype))))


def _shape(shape: tuple[int, ...], dtype: Any) -> Any:
    return jax.ShapeDtypeStruct(shape, dtype)  # type: ignore[no-untyped-call]

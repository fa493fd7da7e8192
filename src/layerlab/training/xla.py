"""The same updates compiled: the loop over iterations runs inside one XLA program.

jax is imported with this module, which is imported when the engine is first used. jax's 64-bit mode is on around our
own calls alone; ``compiled`` keeps the programs.
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from layerlab.formulas import OPTIMIZERS, Array, Gradients, LayerCache, Parameters

from .batches import Batch, repeated_to
from .compiled import COMPILED, kept_on_disk
from .engines import MOST_UPDATES, Advance, changed, validation_rows
from .updates import (
    EngineData,
    Program,
    State,
    after_update,
    evaluate,
    losses_and_predictions,
    objective,
    predictions,
    step,
)

imported_in = os.getpid()
"""The process in which jax was started: its threads do not live on in one that is forked from it."""


class XlaEngine:
    """What ``NumpyEngine`` does, compiled; the results agree to rounding.

    Args:
        program, data: what to compute, on what.
        state: any state of the sizes that the program is compiled for.
        longest: the most updates of one call. How many of them are wanted is an argument of the compiled program, so
            that one program does for any number.
    """

    def __init__(self, program: Program, data: EngineData, state: State, longest: int = MOST_UPDATES) -> None:
        with jax.enable_x64(True):
            self.program, self.data, self.longest = program, jax.device_put(data), longest
            if program.optimizer in OPTIMIZERS:
                self._call = _compiled(program, self.data, state, longest)
                return
            with kept_on_disk():  # L-BFGS asks for the objective alone; the first call compiles it
                _objective(program, self.data, state.parameters)

    def advance(self, state: State, batches: Batch | None, n: int) -> Advance:
        """Make n updates: see ``Engine``."""
        with jax.enable_x64(True):
            # The program has room for `longest` batches; those that repeat the last one are not looked at.
            filled = batches and repeated_to(batches, self.longest)
            made, state, records = self._call(self.data, _owned(state), filled, np.int32(n))
        costs, *validation = (np.asarray(rows)[: int(made)] for rows in records)
        rows = np.stack(validation, axis=1) if validation else np.empty((0, 0))
        if validation and self.program.batch_size:  # a row for each update, of which those that end an epoch are filled
            last = int(state.update)
            rows = rows[np.arange(last - len(costs) + 1, last + 1) % self.program.epoch == 0]
        return Advance(state, costs, validation_rows(self.data, costs, rows))

    def objective(self, parameters: Parameters) -> tuple[Array, Gradients]:
        """The objective on all examples and its gradients: see ``Engine``."""
        with jax.enable_x64(True):
            cost, gradients = _objective(self.program, self.data, parameters)
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
        """Predictions for training and validation examples: see ``Engine``."""
        with jax.enable_x64(True):
            return [np.asarray(values) for values in _predictions(self.program, self.data, parameters)]

    def losses_and_predictions(self, parameters: Parameters) -> tuple[NDArray[Any], NDArray[Any]]:
        """Loss and prediction of every training example: see ``Engine``."""
        with jax.enable_x64(True):
            key = (self.program, "losses", _shapes(self.data, parameters))
            compute = COMPILED.program(key, lambda: _losses.lower(self.program, self.data, parameters).compile())
            losses, predicted = compute(self.data, parameters)
        return np.asarray(losses), np.asarray(predicted)


@partial(jax.jit, static_argnums=0)
def _objective(program: Program, data: EngineData, parameters: Parameters) -> tuple[Array, Gradients]:
    return objective(program, data, parameters, laid_out=_laid_out)


_predictions = partial(jax.jit, static_argnums=0)(predictions)
_losses = partial(jax.jit, static_argnums=0)(losses_and_predictions)


def _owned(state: State) -> State:
    """The state in memory of jax's own: the program writes the next state over it (donation)."""
    owned: State = jax.tree.map(lambda one: one if isinstance(one, jax.Array) else jnp.array(one, copy=True), state)
    return owned


def _loop(
    program: Program, longest: int, data: EngineData, state: State, batches: Batch | None, n: Array
) -> tuple[Array, State, Any]:
    """n updates, fewer if no model is alive any more.

    Args:
        program, longest, data, state: as for the engine.
        batches: ``longest`` batches, stacked, or None.
        n: () at most ``longest``.

    Returns:
        () number of updates made; the new state; and, with a row for each update, the costs and, with a validation set,
        its costs and accuracies, each (longest, …); with batches these are nan but where an epoch ends.
    """
    # A compiled loop writes into arrays of a fixed size: here is what one update records, without computing it.
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
    """One update, and its cost and validation; a model whose objective is not finite stays as it is.

    It is ``engines._updated`` without an ``if`` on values: each model's step is computed and taken where it is alive.
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
    """Cost and accuracy on the validation set, or nothing without one; nan where there is no accuracy."""
    if data.validation is None:
        return []
    cost, right = evaluate(program, data, parameters)
    return [cost, jnp.full_like(cost, jnp.nan) if right is None else right]


def _laid_out(caches: list[LayerCache]) -> list[LayerCache]:
    """The caches with each W, but the first, as the transpose of a Wᵀ that exists in memory.

    The backward pass multiplies by Wᵀ. XLA would multiply by a transposed view instead, for which its fast products are
    not made (jax 0.10: 95 instead of 170 GFLOP/s); the barrier keeps it from seeing through.
    """
    first, *others = caches
    return [first, *(one._replace(linear=one.linear._replace(W=_through_memory(one.linear.W))) for one in others)]


def _through_memory(W: Array) -> Array:
    return lax.optimization_barrier(W.mT).mT  # type: ignore[no-untyped-call]


def _compiled(program: Program, data: EngineData, state: State, longest: int) -> Any:
    """The loop compiled for these sizes; the state's memory is given to it."""
    loop = jax.jit(partial(_loop, program, longest), donate_argnums=1)
    batches = _batch_shapes(program, data, longest)
    return COMPILED.program(
        (program, longest, _shapes(data, state)), lambda: loop.lower(data, state, batches, np.int32(0)).compile()
    )


def _shapes(*values: Any) -> Any:
    """Structure, shapes and types of some arguments: equal for those that one compiled program serves."""
    leaves, tree = jax.tree.flatten(values)
    return tree, tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)


def _batch_shapes(program: Program, data: EngineData, longest: int) -> Batch | None:
    """Shapes and types of ``longest`` stacked batches, which is all that compiling needs of them."""
    if not program.batch_size:
        return None
    rows, dtype = (longest, program.batch_size), data.Y.dtype
    return Batch(*(_shape(*one) for one in ((rows, np.int32), (rows, dtype), (rows[:1], dtype))))


def _shape(shape: tuple[int, ...], dtype: Any) -> Any:
    return jax.ShapeDtypeStruct(shape, dtype)  # type: ignore[no-untyped-call]

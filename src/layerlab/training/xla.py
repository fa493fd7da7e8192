"""The same updates compiled: the loop over iterations runs inside one XLA program.

jax is imported with this module, which is imported when the engine is first used. Its 64-bit mode is on around our own
calls alone, and compiled programs are kept in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental.compilation_cache import compilation_cache
from numpy.typing import NDArray

from layerlab.formulas import OPTIMIZERS, Array, Gradients, LayerCache, Parameters
from layerlab.machine import cache_folder

from .batches import Batch, lengthened
from .engines import MOST_UPDATES, Advance, changed, rows_of
from .updates import Data, Program, State, evaluate, judgements, objective, predictions, step, watched

imported_in = os.getpid()
"""The process in which jax was started: its threads do not live on in one that is forked from it."""

_programs: dict[Any, Any] = {}
"""The compiled programs of this process, by what they do and the sizes of their arguments."""


class XlaEngine:
    """What ``NumpyEngine`` does, compiled; the results agree to rounding.

    Args:
        program, data: what to compute, on what.
        state: of which it will be asked to go on: its sizes are compiled for.
        longest: the most updates of one call. How many are wanted is an argument, so that one program does for any
            number.
    """

    def __init__(self, program: Program, data: Data, state: State, longest: int = MOST_UPDATES) -> None:
        with jax.enable_x64(True):
            self.program, self.data, self.longest = program, jax.device_put(data), longest
            if program.optimizer in OPTIMIZERS:
                self._call = _compiled(program, self.data, state, longest)
                return
            with _kept_on_disk():
                _objective(program, self.data, state.parameters)

    def advance(self, state: State, batches: Batch | None, n: int) -> Advance:
        """As in ``Engine``."""
        with jax.enable_x64(True):
            dealt = batches and lengthened(batches, self.longest)
            made, state, records = self._call(self.data, _owned(state), dealt, np.int32(n))
        costs, *validation = (np.asarray(rows)[: int(made)] for rows in records)
        figures = np.stack(validation, axis=1) if validation else np.empty((0, 0))
        if validation and self.program.batch_size:
            last = int(state.update)
            figures = figures[np.arange(last - len(costs) + 1, last + 1) % self.program.epoch == 0]
        return Advance(state, costs, rows_of(self.data, costs, figures))

    def objective(self, parameters: Parameters) -> tuple[Array, Gradients]:
        """As in ``Engine``."""
        with jax.enable_x64(True):
            cost, gradients = _objective(self.program, self.data, parameters)
        return np.asarray(cost), {name: np.asarray(value) for name, value in gradients.items()}

    def change(self, rate: str, value: float) -> None:
        """As in ``Engine``."""
        with jax.enable_x64(True):
            self.data = jax.device_put(changed(self.data, rate, value))

    def exchange(self, X: NDArray[Any], Y: NDArray[Any]) -> None:
        """As in ``Engine``."""
        with jax.enable_x64(True):
            self.data = self.data._replace(X=jax.device_put(X), Y=jax.device_put(Y))

    def predictions(self, parameters: Parameters) -> list[NDArray[Any]]:
        """As in ``Engine``."""
        with jax.enable_x64(True):
            return [np.asarray(values) for values in _predictions(self.program, self.data, parameters)]

    def judgements(self, parameters: Parameters) -> tuple[NDArray[Any], NDArray[Any]]:
        """As in ``Engine``."""
        with jax.enable_x64(True):
            losses, said = _judge(self.program, self.data, parameters)(self.data, parameters)
        return np.asarray(losses), np.asarray(said)


@partial(jax.jit, static_argnums=0)
def _objective(program: Program, data: Data, parameters: Parameters) -> tuple[Array, Gradients]:
    return objective(program, data, parameters, laid_out=_laid_out)


_predictions = partial(jax.jit, static_argnums=0)(predictions)


def _owned(state: State) -> State:
    """The state in memory of jax's own, which may be given away."""
    owned: State = jax.tree.map(lambda one: one if isinstance(one, jax.Array) else jnp.array(one, copy=True), state)
    return owned


def _loop(
    program: Program, longest: int, data: Data, state: State, batches: Batch | None, n: Array
) -> tuple[Array, State, Any]:
    """n iterations, fewer if no model is alive any more.

    Args:
        program, longest, data, state: as for the engine.
        batches: that many in rows, or None.
        n: () at most ``longest``.

    Returns:
        () iterations done, the new state, and for each of them in rows the costs and, with a validation part, its costs
        and accuracies, each (longest, …); with batches nan but where an epoch ends.
    """
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


def _once(program: Program, data: Data, state: State, batch: Batch | None) -> tuple[State, list[Array]]:
    """One update, and what is recorded of it; a model whose objective is not finite stays as it is."""
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
    return watched(program, data, state, cost, batch, lax.cond) if program.watches else state, [cost, *held_out]


def _evaluated(program: Program, data: Data, parameters: Parameters) -> list[Array]:
    """Cost and accuracy on the validation part, if there is one; nan where there is no accuracy."""
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


def _compiled(program: Program, data: Data, state: State, longest: int) -> Any:
    """The loop compiled for these sizes; the state's memory is given to it."""
    key = (program, longest, _shapes(data, state))
    if key not in _programs:
        loop = jax.jit(partial(_loop, program, longest), donate_argnums=1)
        with _kept_on_disk():
            _programs[key] = loop.lower(data, state, _batch_shapes(program, data, longest), np.int32(0)).compile()
    return _programs[key]


def _judge(program: Program, data: Data, parameters: Parameters) -> Any:
    """``judgements`` compiled for these sizes."""
    key = (program, "judgements", _shapes(data, parameters))
    if key not in _programs:
        with _kept_on_disk():
            _programs[key] = jax.jit(partial(judgements, program)).lower(data, parameters).compile()
    return _programs[key]


def _shapes(*values: Any) -> Any:
    """Equal for arguments that one compiled program serves."""
    leaves, tree = jax.tree.flatten(values)
    return tree, tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)


def _batch_shapes(program: Program, data: Data, longest: int) -> Batch | None:
    if not program.batch_size:
        return None
    rows, dtype = (longest, program.batch_size), data.Y.dtype
    return Batch(*(_shape(*of) for of in ((rows, np.int32), (rows, dtype), (rows[:1], dtype))))


def _shape(shape: tuple[int, ...], dtype: Any) -> Any:
    return jax.ShapeDtypeStruct(shape, dtype)  # type: ignore[no-untyped-call]


@contextmanager
def nothing_kept() -> Iterator[None]:
    """What is compiled inside is compiled in earnest, whatever a cache holds."""
    before = bool(jax.config.jax_enable_compilation_cache)  # type: ignore[attr-defined]
    known = dict(_programs)
    _programs.clear()
    try:
        _set({"jax_enable_compilation_cache": False})
        yield
    finally:
        _set({"jax_enable_compilation_cache": before})
        _programs.update(known)


@contextmanager
def _kept_on_disk() -> Iterator[None]:
    """What is compiled inside is looked for in the user's cache folder and kept there; jax's settings stay the same.

    A cache that the user has set up for jax is used instead; a folder that cannot be written to is done without.
    """
    ours = {
        "jax_compilation_cache_dir": str(program_folder()),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in ours}
    if before["jax_compilation_cache_dir"] or not _writable(program_folder()):
        yield
        return
    with warnings.catch_warnings(record=True) as told:
        try:
            _set(ours)
            yield
        finally:
            _set(before)
    for warning in told:
        if "persistent compilation cache" not in str(warning.message):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        else:  # an entry that cannot be read or written: begin anew next time
            shutil.rmtree(program_folder(), ignore_errors=True)


def _set(settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        jax.config.update(name, value)  # type: ignore[no-untyped-call]
    compilation_cache.reset_cache()


def program_folder() -> Path:
    """Where compiled programs are kept: a folder for each kind of processor, since they hold its machine code."""
    return cache_folder() / "programs" / hashlib.sha256(_processor().encode()).hexdigest()[:12]


def _processor() -> str:
    """What the processor can do, in any words that differ where that differs."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    return " ".join(
        sorted({line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))})
    )


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)

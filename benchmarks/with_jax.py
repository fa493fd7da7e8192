"""JAX as a contender: a plain forward pass, ``jax.value_and_grad``, and one compiled scan over all iterations.

A population is ``jax.vmap`` of all that, which is the scan over the ``vmap`` of an update.
"""

from __future__ import annotations

import os
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .material import Turn, Work, facts, population_facts

ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh}


def prepare(work: Work) -> Turn:
    """The turn of a row; the first one compiles, or reads what an earlier process has compiled."""
    if work.contender.kept:
        _keep_programs()
    population = work.row.task == "population"
    start = _stacked(work) if population else _start(work)  # NumPy's until it is known whether 64 bits are wanted
    training = jax.vmap(_training(work), (0, None, None, None), (0, 1)) if population else _training(work)
    X, Y = work.material
    order = work.batches() if work.row.batch_size else None
    programs: list[Any] = []

    def turn() -> dict[str, Any]:
        with jax.enable_x64(work.row.dtype == "float64"):
            arguments = (start, X, Y, order)
            begun = perf_counter()
            if not programs:
                programs.append(jax.jit(training).lower(*arguments).compile())
            compiled = perf_counter()
            _, costs = programs[0](*arguments)
            costs.block_until_ready()
            done = perf_counter()
        if population:
            return population_facts(work, done - compiled, np.asarray(costs), compiled - begun)
        return facts(
            seconds=done - begun,
            updates=done - compiled,
            iterations=work.iterations,
            checked=[work.checked_cost(np.asarray(costs))],
            last=[float(costs[-1])],
            stages={"compile": compiled - begun},
        )

    return turn


def _keep_programs() -> None:
    """Switch on jax's own cache of compiled programs, for every program."""
    folder = f"{os.environ['XDG_CACHE_HOME']}/jax"
    jax.config.update("jax_compilation_cache_dir", folder)  # type: ignore[no-untyped-call]
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)  # type: ignore[no-untyped-call]
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)  # type: ignore[no-untyped-call]


def _start(work: Work, seed: int | None = None) -> list[Any]:
    """Initial weights, layer by layer: (n_prev, n) and (n,)."""
    return [(W.T, b) for W, b in work.layers(seed)]


def _stacked(work: Work) -> Any:
    """Those of all members, each with an axis of models in front."""
    return jax.tree.map(lambda *own: np.stack(own), *(_start(work, seed) for seed in work.row.seeds))


def _training(work: Work) -> Any:
    """A function of parameters, X, Y and the order of batches, that returns the last parameters and all costs."""
    activation, start, update = ACTIVATIONS[work.row.hidden], *_optimizer(work)

    def cost(parameters: Any, X: Any, Y: Any) -> Any:
        *hidden, (W, b) = parameters
        for V, c in hidden:
            X = activation(X @ V + c)
        Z = X @ W + b
        if Y.shape[1] == 1:
            return jnp.mean(jnp.logaddexp(0.0, Z) - Y * Z)
        return -jnp.mean(jnp.sum(Y * jax.nn.log_softmax(Z), axis=1))

    def train(parameters: Any, X: Any, Y: Any, order: Any) -> Any:
        def iteration(carry: Any, batch: Any) -> Any:
            parameters, memory = carry
            value, gradients = jax.value_and_grad(cost)(
                parameters, *((X, Y) if batch is None else (X[batch], Y[batch]))
            )
            return update(parameters, gradients, memory), value

        carry = (parameters, start(parameters))
        (parameters, _), costs = jax.lax.scan(iteration, carry, order, length=work.iterations)
        return parameters, costs

    return train


def _optimizer(work: Work) -> tuple[Any, Any]:
    """What the optimiser remembers at first, and its update."""
    rate = work.learning_rate

    def descend(parameters: Any, gradients: Any, memory: Any) -> Any:
        return jax.tree.map(lambda p, g: p - rate * g, parameters, gradients), memory

    def adam(parameters: Any, gradients: Any, memory: Any) -> Any:
        t, m, v = memory
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradients)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradients)
        scale, spread = 1 / (1 - 0.9**t), 1 / (1 - 0.999**t)

        def step(p: Any, m: Any, v: Any) -> Any:
            return p - rate * scale * m / (jnp.sqrt(spread * v) + 1e-8)

        return jax.tree.map(step, parameters, m, v), (t, m, v)

    if work.row.optimizer == "gd":
        return (lambda _: ()), descend
    return (lambda p: (jnp.float32(0), jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p))), adam

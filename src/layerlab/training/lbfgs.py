"""L-BFGS of SciPy, on an engine's objective.

    p ← p − α H dp        H from the last ten steps and changes of gradient, α by a line search

(Liu & Nocedal 1989; Zhu, Byrd, Lu & Nocedal 1997.) It uses all examples at every update, and needs no learning rate.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import Array, Parameters

from .batches import Batch
from .engines import Advance, Engine, EngineAround, choose, evaluated, validation_rows
from .epoch_ends import after_update
from .updates import EngineData, Program, State

AfterUpdate = Callable[[Parameters, float], bool]
"""A function of the parameters after an update and the objective there; if it returns true the minimisation ends."""


def minimized(
    engine: Engine,
    parameters: Parameters,
    seen: AfterUpdate,
    *,
    updates: int,
    evaluations: int = sys.maxsize,
    least_gradient: float = 1e-5,
) -> Any:
    """Minimize an engine's objective.

    Args:
        engine: computes the objective and its gradients.
        parameters: where to start.
        seen: a function that is called after every update.
        updates: how many updates are made at most.
        evaluations: how often the objective is computed at most; a line search may need several for one update.
        least_gradient: the minimisation ends where no component of the gradient is larger.

    Returns:
        SciPy's result, with ``parameters`` added to its flat ``x``.
    """
    from scipy.optimize import minimize

    # SciPy needs all parameters as one flat float64 array, whatever type the engine computes in.
    def value(x: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        cost, gradients = engine.objective(_apart(x, parameters))
        slope = np.concatenate([np.ravel(gradients[f"d{name}"]) for name in parameters])
        return float(cost.item()), slope.astype(np.float64)

    def ended(intermediate_result: Any) -> None:
        if seen(_apart(intermediate_result.x, parameters), float(intermediate_result.fun)):
            raise StopIteration

    flat = np.concatenate([np.ravel(value) for value in parameters.values()]).astype(np.float64)
    with np.errstate(all="ignore"):
        result = minimize(
            value,
            flat,
            method="L-BFGS-B",
            jac=True,
            callback=ended,
            options={"maxiter": updates, "maxfun": evaluations, "gtol": least_gradient},
        )
    result.parameters = _apart(result.x, parameters)
    return result


def _apart(x: NDArray[Any], like: Parameters) -> Parameters:
    """Cut a flat array into parameters of these names, shapes and types."""
    parts, start = {}, 0
    for name, value in like.items():
        parts[name] = x[start : start + value.size].reshape(value.shape).astype(value.dtype)
        start += value.size
    return parts


class LbfgsEngine(EngineAround):
    """An engine that makes the updates of L-BFGS, for one model.

    SciPy calls a function after each update, but an engine has to wait until it is asked for updates. So the
    minimisation runs in a thread of its own, which waits between the calls. ``_asked`` holds a true for each update
    that is wanted and a false at the end; ``_made`` holds what the thread returns.

    Args:
        engine: computes the objective.
        program, data: what it computes, on what, as NumPy arrays.
        updates: how many updates will be asked for at most.

    Attributes:
        cost: the objective at the state's parameters; None before the first update is asked for.
    """

    def __init__(self, engine: Engine, program: Program, data: EngineData, updates: int) -> None:
        super().__init__(engine)
        self.program, self.data, self.updates = program, data, updates
        self.cost: Array | None = None
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._made: SimpleQueue[Any] = SimpleQueue()

    def __del__(self) -> None:
        self._asked.put(False)

    def advance(self, state: State, batches: Batch | None, n: int) -> Advance:  # noqa: ARG002
        """Make n updates, as in ``Engine``; ``alive`` becomes false when the minimisation has converged."""
        costs, validation = [], []
        if self.cost is None:
            self.cost = self._first(state.parameters)
            _start(self.engine, state.parameters, self.updates, self._asked, self._made)
        for _ in range(n if np.any(state.alive) else 0):  # a minimisation that has ended would never answer
            self._asked.put(True)
            made = self._made.get()
            if isinstance(made, BaseException):
                raise made
            finite = bool(np.isfinite(self.cost).all())
            if made is None or not finite:
                # Without any update, only the cost at the start can be recorded.
                if state.update == 0 or not finite:
                    costs.append(self.cost)
                state = state._replace(alive=np.zeros_like(state.alive))
                break
            if self.data.validation is not None:
                validation.append(evaluated(self.program, self.data, state.parameters))
            costs.append(self.cost)
            state, self.cost = self._after(state, made), np.full_like(self.cost, made[1])
            if not np.any(state.alive):
                break
        made_costs = np.array(costs).reshape(len(costs), *state.alive.shape)
        return Advance(state, made_costs, validation_rows(self.data, made_costs, validation))

    def _first(self, parameters: Parameters) -> Array:
        """Return the objective at the start; infinite if a gradient is not finite: the training counts as diverged."""
        cost, gradients = self.engine.objective(parameters)
        sound = all(np.isfinite(gradient).all() for gradient in gradients.values())
        return cost if sound else np.full_like(cost, np.inf)

    def _after(self, state: State, made: tuple[Parameters, float]) -> State:
        """Return the state after an update, in which a monitor has seen the cost before the update."""
        before, state = self.cost, state._replace(parameters=made[0], update=state.update + 1)
        assert before is not None  # noqa: S101
        if not self.program.checks_epochs:
            return state
        return after_update(self.program, self.data, state, before, None, choose)


def _start(
    engine: Engine, parameters: Parameters, updates: int, asked: SimpleQueue[bool], made: SimpleQueue[Any]
) -> None:
    """Start a thread that makes an update each time it is asked.

    Args:
        engine, parameters, updates: as for ``minimized``.
        asked: a true in this queue asks for an update, a false ends the thread.
        made: this queue gets the parameters after each update and the objective there; None when the minimisation has
            ended; or the exception that it raised.
    """

    def seen(parameters: Parameters, cost: float) -> bool:
        made.put((parameters, cost))
        return not asked.get()

    def run() -> None:
        try:
            if asked.get():
                minimized(engine, parameters, seen, updates=updates)
            made.put(None)
        except BaseException as error:
            made.put(error)

    Thread(target=run, daemon=True, name="L-BFGS").start()

"""L-BFGS: SciPy's, on an engine's objective.

    p ← p − α H dp        H from the last ten steps and changes of gradient, α by a line search

(Liu & Nocedal 1989; Zhu, Byrd, Lu & Nocedal 1997.) It takes all examples at every update, and no learning rate.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..formulas import Parameters
from .engines import Engine

Seen = Callable[[Parameters, float], bool]
"""Told the parameters after an update and the objective there; true ends the minimisation."""


def minimized(
    engine: Engine,
    parameters: Parameters,
    seen: Seen,
    *,
    updates: int,
    evaluations: int = sys.maxsize,
    least_gradient: float = 1e-5,
) -> Any:
    """SciPy's result, with ``parameters`` beside its flat ``x``.

    Args:
        engine: whose objective is made smaller.
        parameters: where to start.
        seen: is told of every update.
        updates: the most.
        evaluations: the most of the objective; a line search may take several an update.
        least_gradient: it ends where no component of the gradient is larger.
    """
    from scipy.optimize import minimize

    def value(x: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        cost, gradients = engine.objective(_apart(x, parameters))
        slope = np.concatenate([np.ravel(gradients[f"d{name}"]) for name in parameters])
        return float(cost.item()), slope.astype(np.float64)

    def told(intermediate_result: Any) -> None:
        if seen(_apart(intermediate_result.x, parameters), float(intermediate_result.fun)):
            raise StopIteration

    flat = np.concatenate([np.ravel(value) for value in parameters.values()]).astype(np.float64)
    with np.errstate(all="ignore"):
        result = minimize(
            value,
            flat,
            method="L-BFGS-B",
            jac=True,
            callback=told,
            options={"maxiter": updates, "maxfun": evaluations, "gtol": least_gradient},
        )
    result.parameters = _apart(result.x, parameters)
    return result


def _apart(x: NDArray[Any], like: Parameters) -> Parameters:
    """A flat array as parameters of these names, shapes and types."""
    parts, start = {}, 0
    for name, value in like.items():
        parts[name] = x[start : start + value.size].reshape(value.shape).astype(value.dtype)
        start += value.size
    return parts

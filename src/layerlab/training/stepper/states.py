"""States outside of an engine: a copy that stays as it is, and the same state out of the span, at full width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from layerlab.training.basis import out_of_span
from layerlab.training.job import Job
from layerlab.training.members import each_array, plain_state
from layerlab.training.updates import State


def owned(state: State) -> State:
    """Copy a state into NumPy arrays of its own, which no engine changes or gives away.

    The compiled engine returns arrays of jax. It writes the next state over their memory, and a formula that is called
    on them outside of jax's 64-bit mode computes in float32. So a state that is kept, looked at or changed is copied
    first, before the next update.

    Args:
        state: a state of any engine.

    Returns:
        The same structure and numbers, in NumPy arrays of the same types.

    Example:
        >>> from layerlab.training.updates import State
        >>> state = State({"W1": np.ones((1, 2))}, (), np.asarray(True), np.asarray(0))
        >>> copy = owned(state)
        >>> state.parameters["W1"][0, 0] = 5.0
        >>> print(copy.parameters["W1"])
        [[1. 1.]]
    """
    copy: State = each_array(lambda array: np.array(np.asarray(array)), plain_state(state))
    return copy


def viewed(state: State) -> State:
    """Return a state with NumPy arrays in place of an engine's, without a copy where that is possible.

    Args:
        state: a state of any engine; the next update may write over its arrays.

    Returns:
        The same structure and numbers.
    """
    view: State = each_array(np.asarray, plain_state(state))
    return view


def at_full_width(job: Job, state: State) -> State:
    """Bring a state out of the span of the examples: W1 = s W_0 + C Xᵀ takes the place of the coordinates C1 and s1.

    The optimiser's memory (the velocity of momentum and Nesterov), and the parameters that a monitor keeps, are
    combined in the same way. The result is that of a training at full width, except for rounding.

    Args:
        job: what is trained: a single model.
        state: a state in NumPy arrays; one at full width is returned as it is. It is not changed.

    Returns:
        The state with W1 (n, n_x) wherever C1 (n, m) and s1 (1, 1) were.
    """
    if "C1" not in state.parameters:
        return state

    def wide(coordinates: dict[str, Any]) -> dict[str, Any]:
        if "C1" not in coordinates:
            return coordinates
        return out_of_span(coordinates, job.start(job.members[0])["W1"], job.part.X)

    full: State = _with_dicts(state, wide)
    return full


def size_of(state: State) -> int:
    """Return the bytes of a state's arrays, with what Python needs to hold them."""
    total = 0

    def count(array: Any) -> Any:
        nonlocal total
        total += array.nbytes + ARRAY_BYTES
        return array

    each_array(count, plain_state(state))
    return total


ARRAY_BYTES = 160
"""Bytes that an array takes besides its numbers."""


def _with_dicts(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Return nested named tuples with another dict in the place of each."""
    if isinstance(value, dict):
        return change(value)
    if isinstance(value, tuple):
        return type(value)(*(_with_dicts(one, change) for one in value))
    return value

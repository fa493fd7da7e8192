"""Compare a gradient with the slope of the learner's own cost, for functions that return both.

Where the cost is right and a gradient is not, and nothing says how it differs, this still says what a gradient is: how
much the cost changes when one number does.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .comparing import leaves
from .diagnostic import Diagnostic

STEP = 1e-6
"""How far a number is moved to either side."""


def slope(
    function: Callable[..., Any],
    arguments: Mapping[str, Any],
    wrong: str,
    got: Any,
    wanted: Any,
    outputs: Sequence[str],
) -> Diagnostic | None:
    """The finding that a gradient is not the slope of the cost, at the place where it is furthest off.

    Args:
        function: the learner's function, which returns a right ``cost``.
        arguments: of one fixture.
        wrong: the name of the gradient: ``dw`` belongs to the argument ``w``.
        got: the gradient that it returned.
        wanted: the right one.
        outputs: the names of what it returns.
    """
    argument = wrong.removeprefix("d")
    if argument == wrong or argument not in arguments or np.shape(got) != np.shape(wanted):
        return None
    off = np.abs(np.asarray(got, float) - np.asarray(wanted, float))
    if not np.isfinite(off).all():
        return None
    place = np.unravel_index(int(np.argmax(off)), off.shape)
    costs = [_cost(function, _moved(arguments, argument, place, side * STEP), outputs) for side in (1, -1)]
    if costs[0] is None or costs[1] is None:
        return None
    measured = (costs[0] - costs[1]) / (2 * STEP)
    said = float(np.asarray(got)[place])
    if not np.isfinite(measured) or abs(measured - said) < 1e-4 * (1 + abs(measured)):
        return None
    details = {"argument": argument, "index": [int(n) for n in place], "slope": measured, "got": said}
    return Diagnostic("slope", wrong, details=details)


def _moved(arguments: Mapping[str, Any], argument: str, place: tuple[Any, ...], step: float) -> dict[str, Any]:
    moved = copy.deepcopy(dict(arguments))
    value = np.array(moved[argument], float)
    value[place] += step
    moved[argument] = value if value.ndim else float(value)
    return moved


def _cost(function: Callable[..., Any], arguments: Mapping[str, Any], outputs: Sequence[str]) -> float | None:
    """The cost that a call returns; None where it raises or returns none."""
    try:
        with np.errstate(all="ignore"):
            return float(np.asarray(leaves(function(*arguments.values()), outputs)["cost"]).reshape(()))
    except Exception:
        return None

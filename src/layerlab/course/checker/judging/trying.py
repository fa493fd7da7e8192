"""Call a learner's function as it was written, on one fixture, and remember what happened.

The verdict rests on these calls alone. Nothing of the function is changed for them; its local variables are read when
it returns.
"""

from __future__ import annotations

import copy
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np

from ..comparing import leaves, same, structure_fault
from ..exercise import Exercise
from ..relating.drawing import drawn_right, drawn_rule


@dataclass
class Attempt:
    """One call of a learner's function.

    Attributes:
        arguments: as they were given, by their names in the exercise.
        after: the same objects after the call.
        value: what it returned.
        exception: what it raised, or None.
        locals: its variables at the return or at the exception.
        warnings: what NumPy and Python warned of, each once. Underflow is none: right code does it.
    """

    arguments: Mapping[str, Any]
    after: Mapping[str, Any]
    value: Any = None
    exception: BaseException | None = None
    locals: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def tried(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Attempt:
    """Call a function on a deep copy of the arguments, in their order."""
    trial = Attempt(arguments, copy.deepcopy(dict(arguments)))
    code = getattr(function, "__code__", None)

    def watch(frame: FrameType, event: str, _value: Any) -> None:
        if event == "return" and frame.f_code is code:
            trial.locals = dict(frame.f_locals)

    with warnings.catch_warnings(record=True) as heard, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        before = sys.getprofile()
        sys.setprofile(watch)
        try:
            trial.value = function(*trial.after.values())
        except Exception as error:
            trial.exception = error
        finally:
            sys.setprofile(before)
    trial.warnings = tuple(dict.fromkeys(str(warning.message) for warning in heard))
    return trial


def accepted(trial: Attempt, wanted: Any, exercise: Exercise) -> bool:
    """Whether a call gave the right answer; what is only unusual about it is advice."""
    if trial.exception is not None or structure_fault(trial.value, wanted, exercise.outputs) is not None:
        return False
    got, right = leaves(trial.value, exercise.outputs), leaves(wanted, exercise.outputs)
    return all(name in got and right_leaf(name, got[name], right[name], exercise) for name in right)


def right_leaf(name: str, got: Any, wanted: Any, exercise: Exercise) -> bool:
    """Whether one value of an answer is right: equal to the solution's, or as random as that."""
    if exercise.random and drawn_rule(exercise.random, name) is not None:
        return drawn_right(name, got, wanted, exercise.random)
    return same(got, wanted, exercise.tolerance)

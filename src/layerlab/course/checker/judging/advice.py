"""What is unusual about a right answer, as advice: it is never a reason to refuse.

Overflow on the way to a right number, an array of one number where a number was wanted, ``True`` and ``False`` for 1
and 0, numbers of half the precision, and a division by m in another place than the course notes have it. Loops over
examples are found in ``turns``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..comparing import accepted_though, leaves, same
from ..diagnostic import Diagnostic
from .trying import Attempt

SPURIOUS = ("matmul", "dot", "vecdot")
"""Operations whose flags mean nothing: some processors set them for any small product of matrices."""


def advice_of_values(trials: Sequence[Attempt], wanted: Sequence[Any], outputs: Sequence[str]) -> Iterator[Diagnostic]:
    """Advice that the returned values themselves give: one finding a value, of the first call that gives it."""
    seen: dict[str, Diagnostic] = {}
    for trial, right in zip(trials, wanted, strict=True):
        got = leaves(trial.value, outputs)
        for name, code in accepted_though(trial.value, right, outputs).items():
            array = np.asarray(got[name])
            details = {"shape": list(array.shape), "dtype": str(array.dtype)}
            seen.setdefault(name, Diagnostic(code, name, details=details))
    yield from seen.values()


def overflow(trials: Sequence[Attempt], right: Sequence[Attempt], name: str | None = None) -> Diagnostic | None:
    """Advice about a warning of NumPy that came with right numbers, and that the solution does not cause.

    Args:
        trials: the learner's calls.
        right: the solution's, on the same arguments.
        name: what is special about the arguments, for the words.
    """
    for trial, other in zip(trials, right, strict=True):
        expected = {_class(text) for text in other.warnings}
        for text in trial.warnings:
            kind = _class(text)
            if kind is not None and kind not in expected:
                return Diagnostic("overflow", relation=kind, details={"text": text, "arguments": name})
    return None


def _class(text: str) -> str | None:
    """Which of NumPy's warnings a text is: "overflow", "divide" or "invalid"."""
    found = re.match(r"(overflow|divide by zero|invalid value) encountered in (\w+)", text)
    return None if found is None or found[2] in SPURIOUS else found[1].split()[0]


def convention(
    trials: Sequence[Attempt], known: Sequence[Mapping[str, Any]], sizes: Sequence[Mapping[str, int]]
) -> Diagnostic | None:
    """Advice about a variable that is divided by m although the solution's of that name is not, or the reverse.

    Args:
        trials: the learner's calls, all right.
        known: the solution's variables in each.
        sizes: the fixtures' sizes.
    """
    if not all("m" in size for size in sizes):
        return None
    for name in known[0]:
        if not name.startswith("d"):
            continue
        for relation in ("1/m", "m"):
            factors = [1 / size["m"] if relation == "1/m" else size["m"] for size in sizes]
            if all(
                _is_multiple(trial.locals.get(name), values.get(name), factor)
                for trial, values, factor in zip(trials, known, factors, strict=True)
            ):
                return Diagnostic("convention", name, f"ratio {relation}")
    return None


def _is_multiple(got: Any, wanted: Any, factor: float) -> bool:
    return isinstance(got, np.ndarray) and isinstance(wanted, np.ndarray) and same(got, wanted * factor)

"""What an optimiser uses for the step of one weight: its settings, and its memory before and after the update."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from numpy.typing import NDArray

from layerlab.formulas.optimizers import Moments, corrections
from layerlab.formulas.penalties import is_weight

from .anatomy_terms import StepTerm

Entry = tuple[int, int]


def step_terms(
    name: str, entry: Entry, rates: Mapping[str, NDArray[Any]], before: Any, after: Any
) -> tuple[StepTerm, ...]:
    """Return the values that the optimiser uses for one weight, besides the gradient and the learning rate.

    Args:
        name, entry: the parameter and the place in it.
        rates: the optimiser's own hyperparameters, by name.
        before, after: its memory before and after the update.

    Returns:
        Settings, memory before the update (``m_before``), number of updates (``t``), memory after it (``m``), and for
        Adam in its three forms what m and v are divided by, and the quotients.
    """
    rows = [StepTerm(rate, float(value)) for rate, value in rates.items() if rate != "weight_decay" or is_weight(name)]
    rows += [StepTerm(f"{kept}_before", value) for kept, value in _entries(before, name, entry) if kept != "t"]
    rows += [StepTerm(kept, value) for kept, value in _entries(after, name, entry)]
    if isinstance(after, Moments):
        rows += _corrected(after, name, entry, rates)
    return tuple(rows)


def _entries(memory: Any, name: str, entry: Entry) -> Iterator[tuple[str, float]]:
    """Yield what the memory holds about one weight; the number of updates is called t."""
    for kept in getattr(memory, "_fields", ()):
        value = getattr(memory, kept)
        if isinstance(value, Mapping):
            yield kept, float(value[name][entry])
        else:
            yield "t", float(value.item())


def _corrected(memory: Moments, name: str, entry: Entry, rates: Mapping[str, NDArray[Any]]) -> list[StepTerm]:
    first, second = corrections(memory.step, rates["beta1"], rates["beta2"])
    return [
        StepTerm("correction_1", float(first.item())),
        StepTerm("correction_2", float(second.item())),
        StepTerm("m_corrected", float((memory.m[name][entry] / first).item())),
        StepTerm("v_corrected", float((memory.v[name][entry] / second).item())),
    ]

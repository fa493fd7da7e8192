"""What a stepper remembers: every cost, and so many earlier states that none of them is far away."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats
from layerlab.training.updates import State

from .states import owned, size_of

BUDGET = 1 << 26
"""Bytes that the kept states of a training take at most; the one before the first update is always kept."""

FEWEST, MOST = 8, 4096
"""So many states are kept although they need more than ``BUDGET``, and so many where all are small."""


class Kept(NamedTuple):
    """A state that was kept.

    Attributes:
        update: number of updates made before it.
        number: the stretch of the training to which it belongs: see ``stretches``.
        state: in NumPy arrays of its own.
    """

    update: int
    number: int
    state: State


class Timeline:
    """Copies of earlier states, within a number of bytes.

    Where they need more, some are forgotten. Those that remain lie the wider apart, the older they are: the gap to the
    next one grows with the square root of the age. So few updates have to be made again to come back to any of them,
    fewest near the end, and memory stays the same however long the training is.

    Args:
        budget: how many bytes the states may take.
        fewest: so many are kept although they need more.
    """

    def __init__(self, budget: int = BUDGET, fewest: int = FEWEST) -> None:
        self.budget, self.fewest = budget, fewest
        self.states: list[Kept] = []

    def keep(self, update: int, number: int, state: State) -> None:
        """Copy a state and keep it; it takes the place of one after as many updates."""
        self.drop(update)
        self.states.append(Kept(update, number, owned(state)))
        most = min(MOST, max(self.fewest, self.budget // size_of(state)))
        if len(self.states) > most:
            self._thin(max(2, 3 * most // 4))

    def before(self, update: int) -> Kept:
        """Return the last state that was kept after at most this many updates."""
        return self.states[bisect_right(self.states, update, key=lambda kept: kept.update) - 1]

    def drop(self, update: int) -> None:
        """Forget the states after as many updates and more."""
        while self.states and self.states[-1].update >= update:
            self.states.pop()

    def _thin(self, most: int) -> None:
        """Forget states until ``most`` remain: one by one, whose neighbours are closest for their age."""
        updates, places = np.array([kept.update for kept in self.states], float), np.arange(len(self.states))
        while len(updates) > most:
            gaps, ages = updates[2:] - updates[:-2], updates[-1] - updates[1:-1]
            closest = int(np.argmin(gaps / np.sqrt(ages))) + 1
            updates, places = np.delete(updates, closest), np.delete(places, closest)
        self.states = [self.states[place] for place in places]


class Rows:
    """An array of float64 that grows at its end, in amortized constant time.

    Args:
        shape: of a row.
    """

    def __init__(self, *shape: int) -> None:
        self._array: Floats = np.empty((64, *shape))

    def write(self, start: int, rows: NDArray[np.floating]) -> None:
        """Write rows from row ``start`` on; what stood there is overwritten."""
        end = start + len(rows)
        if end > len(self._array):
            larger = np.empty((max(end, 2 * len(self._array)), *self._array.shape[1:]))
            larger[: len(self._array)] = self._array
            self._array = larger
        self._array[start:end] = rows

    def first(self, n: int) -> Floats:
        """Return a copy of the first n rows, which later writing does not change."""
        return self._array[:n].copy()

    def view(self, n: int) -> Floats:
        """Return the first n rows without copying them; they cannot be written to, and change when they are."""
        view = self._array[:n]
        view.flags.writeable = False
        return view

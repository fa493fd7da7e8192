"""What is costly to compute for a frame: kept as long as nothing has moved, and while playing made only so often."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

CHEAP = 0.002
"""Seconds: what takes less is made for every frame."""

SHARE = 0.2
"""While playing, what takes longer is made so seldom that it takes at most this share of the time."""

MOST_KEPT = 8
"""How many results are kept: several tabs may look at different things."""


class Made(NamedTuple):
    """A result that was made.

    Attributes:
        value: the result.
        moment: what it was made for.
        seconds: how long that took.
        due: when it may be made again while playing.
        update: number of updates at that time.
    """

    value: Any
    moment: Hashable
    seconds: float
    due: float
    update: int


class Pacing:
    """Keeps results by what they are, and makes them again when the training has moved.

    Args:
        clock: returns seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[Hashable, Made] = {}

    def get(
        self, what: Hashable, moment: Hashable, update: int, make: Callable[[], Any], *, fresh: bool
    ) -> tuple[Any, int]:
        """Return a result, and the number of updates for which it was made.

        Args:
            what: which result.
            moment: where the training stands: the result of the same moment is not made again.
            update: number of updates made.
            make: makes it.
            fresh: whether it has to be that of this moment. Else an earlier one is returned where a new one is not due.
        """
        kept = self._kept.get(what)
        now = self._clock()
        if kept is not None and (kept.moment == moment or (not fresh and now < kept.due)):
            return kept.value, kept.update
        value = make()
        end = self._clock()
        seconds = end - now
        due = end if seconds <= CHEAP else end + seconds * (1 / SHARE - 1)
        self._kept.pop(what, None)
        while len(self._kept) >= MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[what] = Made(value, moment, seconds, due, update)
        return value, update

    def make_all_due(self) -> None:
        """Let every result be made anew when it is asked for next: the training has jumped."""
        self._kept = {what: made._replace(moment=None, due=-math.inf) for what, made in self._kept.items()}

"""How long a diagnosis may take: so much computing, and not so long that a learner would notice on a busy machine."""

from __future__ import annotations

import time

WALL = 2.5
"""Seconds of a clock after which a diagnosis ends, however little of them it could compute."""


class Deadline:
    """The end of a diagnosis, in seconds of this process's own computing: a busy machine does not change findings.

    Attributes:
        patience: how many times as long every diagnosis of this process may take; more than 1 where nobody waits.
    """

    patience = 1.0

    def __init__(self, seconds: float, wall: float = WALL) -> None:
        self._computed = time.process_time() + seconds * self.patience
        self._clock = time.perf_counter() + max(wall, seconds) * self.patience

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return time.process_time() > self._computed or time.perf_counter() > self._clock

"""Carrying a search out: proposing whenever a batch has ended, while a crew runs the tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from layerlab.tuning.search.state import Arm

from .processes import Crew

Watcher = Callable[[Arm, int, float], None]
"""Is told the search, how many trials there shall be, and the seconds so far."""


@dataclass(frozen=True)
class Work:
    """Where and by whom a search is carried out.

    Attributes:
        place: its folder.
        crew: who runs the tasks.
        watcher: is told how far it is, or None.
        begun: when, by ``perf_counter``.
    """

    place: Path
    crew: Crew
    watcher: Watcher | None
    begun: float

    @property
    def seconds(self) -> float:
        """Since it was begun."""
        return perf_counter() - self.begun


def carry_out(work: Work, arm: Arm, trials: int) -> None:
    """Until so many trials have ended and were told."""
    while arm.goes_on(trials):
        work.crew.attend(arm)
        if work.watcher:
            work.watcher(arm, trials, work.seconds)

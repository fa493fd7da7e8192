"""Run the trials of a search: propose a batch whenever one has ended, while the workers train the tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from layerlab.tuning.search.state import SearchState

from .processes import Workers

Watcher = Callable[[SearchState, int, float], None]
"""Called with the search, the number of trials that there shall be, and the seconds so far."""


@dataclass(frozen=True)
class SearchRun:
    """Where and by which processes a search is carried out.

    Attributes:
        place: its folder.
        workers: the processes that train the tasks.
        watcher: is called with how far it is, or None.
        begin: when it was begun, by ``perf_counter``.
    """

    place: Path
    workers: Workers
    watcher: Watcher | None
    begin: float

    @property
    def seconds(self) -> float:
        """Seconds since it was begun."""
        return perf_counter() - self.begin


def run_trials(run: SearchRun, state: SearchState, trials: int) -> None:
    """Propose batches and let the workers train them until this many trials have ended and are in the journal."""
    while state.goes_on(trials):
        run.workers.attend(state)
        if run.watcher:
            run.watcher(state, trials, run.seconds)

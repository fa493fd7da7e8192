"""The processes that train a search's tasks on this machine: this process, or others that it starts.

This file also has what such workers have in common with those of a dask cluster (``dask_cluster``).
"""

from __future__ import annotations

from time import sleep
from typing import Self

from layerlab.errors import WorkError
from layerlab.machine import one_thread
from layerlab.training.interrupts import deferred_interrupts
from layerlab.tuning.search.state import SearchState

from .worker_process import PAUSE, WorkerProcess, progress_writer

MOST_DEATHS = 100
"""So many processes may die in one search before it ends with an error."""


class Workers:
    """The processes that train a search's tasks: this one, others on this machine, or those of a dask cluster.

    Leaving the ``with`` block ends them, also on Ctrl-C.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def attend(self, state: SearchState) -> None:
        """Have the search's open tasks trained; return soon, or after one task."""
        raise NotImplementedError


class ThisProcess(Workers):
    """Trains in this process, one task after the other; NumPy on one thread, since the last bits depend on threads."""

    def attend(self, state: SearchState) -> None:
        """Train one task, or wait a moment if none is left to claim.

        Ctrl-C is counted and looked at between updates: raised while jax starts, it could come inside a callback of the
        garbage collector, where Python drops it.
        """
        with deferred_interrupts() as interrupts, one_thread():
            interrupts.waiting = interrupts.at_once = True
            ran = state.run_one(progress_writer(state.folder))
        if not ran:
            sleep(PAUSE)


class WorkerProcesses(Workers):
    """Processes beside this one, each on one thread; one that is killed is replaced.

    Args:
        n: how many.
    """

    def __init__(self, n: int) -> None:
        self.n, self.deaths = n, 0
        self.state: SearchState | None = None
        self.processes: list[WorkerProcess] = []

    def __exit__(self, *_: object) -> None:
        self._end()

    def attend(self, state: SearchState) -> None:
        """Start the processes on this search, replace those that were killed, and wait a moment.

        Raises:
            WorkError: a process stopped with an error, or too many were killed.
        """
        if self.state is not state:  # another outer fold's search: processes work on one folder only
            self._end()
            self.state = state
        for one in [one for one in self.processes if one.status is not None]:
            self.processes.remove(one)
            self._handle_death(one, state)
        self.processes += [WorkerProcess(state.folder.path) for _ in range(self.n - len(self.processes))]
        sleep(PAUSE)

    def _handle_death(self, process: WorkerProcess, state: SearchState) -> None:
        """Note at which task a process died.

        Raises:
            WorkError: it was not killed but stopped with an error, or too many were killed.
        """
        status, words = process.status or 0, process.last_words()
        process.kill()
        self.deaths += 1
        state.folder.note_dead_worker(process.name)
        if status >= 0:
            raise WorkError(f"{state.folder.path}: a process that trains stopped: {words}")
        if self.deaths > MOST_DEATHS:
            raise WorkError(
                f"{state.folder.path}: {self.deaths} of the processes that train were killed, the last by signal "
                f"{-status}; close what needs memory, or take fewer workers"
            )

    def _end(self) -> None:
        for one in self.processes:
            one.kill()
        self.processes = []

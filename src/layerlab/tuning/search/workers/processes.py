"""Who runs the tasks of a search: this process, processes beside it, or the workers of a cluster."""

from __future__ import annotations

import os
from time import sleep
from types import TracebackType
from typing import Protocol, Self

from layerlab.errors import WorkError
from layerlab.machine import one_thread
from layerlab.tuning.search.state import Arm

from .worker_process import PAUSE, Helper, teller

DEATHS = 100
"""Processes that may die in one search before it is given up."""


class Crew(Protocol):
    """Whoever runs tasks."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def attend(self, arm: Arm) -> None:
        """See to it that the arm's open tasks are run; comes back soon, or after one task."""
        ...


class Here:
    """This process, one task after the other; NumPy's products on one thread, on which the last bits depend."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def attend(self, arm: Arm) -> None:
        """As in ``Crew``."""
        with one_thread():
            ran = arm.run_one(teller(arm.folder))
        if not ran:
            sleep(PAUSE)


class Processes:
    """Processes beside this one, each on one thread; one that dies is replaced.

    Args:
        n: how many.
    """

    def __init__(self, n: int) -> None:
        self.n, self.deaths = n, 0
        self.arm: Arm | None = None
        self.helpers: list[Helper] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def attend(self, arm: Arm) -> None:
        """As in ``Crew``.

        Raises:
            WorkError: a process stopped with an error, or too many died.
        """
        if self.arm is not arm:
            self._end()
            self.arm = arm
        for one in [one for one in self.helpers if one.status is not None]:
            self.helpers.remove(one)
            self._mourn(one, arm)
        self.helpers += [Helper(arm.folder.path) for _ in range(self.n - len(self.helpers))]
        sleep(PAUSE)

    def _mourn(self, helper: Helper, arm: Arm) -> None:
        """Note that a process is gone, and at which task; one that was killed is replaced.

        Raises:
            WorkError: it was not killed, or too many were.
        """
        status, words = helper.status or 0, helper.last_words()
        helper.end()
        self.deaths += 1
        arm.folder.died(helper.name)
        if status >= 0:
            raise WorkError(f"{arm.folder.path}: a process that trains stopped: {words}")
        if self.deaths > DEATHS:
            raise WorkError(
                f"{arm.folder.path}: {self.deaths} of the processes that train were killed, the last by signal "
                f"{-status}; close what needs memory, or take fewer workers"
            )

    def _end(self) -> None:
        for one in self.helpers:
            one.end()
        self.helpers = []


def cores() -> int:
    """Processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1

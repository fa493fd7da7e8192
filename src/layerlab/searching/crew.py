"""Who runs the tasks of a search: this process, processes beside it, or the workers of a cluster."""

from __future__ import annotations

import os
from contextlib import suppress
from subprocess import Popen
from time import sleep
from types import TracebackType
from typing import Protocol, Self

from ..errors import WorkError
from .arm import Arm
from .working import PAUSE, start, teller

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
    """This process, one task after the other."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def attend(self, arm: Arm) -> None:
        """As in ``Crew``."""
        if not arm.run_one(teller(arm.folder)):  # type: ignore[arg-type]
            sleep(PAUSE)


class Processes:
    """Processes beside this one, each on one thread; one that dies is replaced.

    Args:
        n: how many.
    """

    def __init__(self, n: int) -> None:
        self.n, self.arm, self.started, self.deaths = n, None, list[Popen[bytes]](), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def attend(self, arm: Arm) -> None:
        """As in ``Crew``."""
        if self.arm is not arm:
            self._end()
            self.arm = arm  # type: ignore[assignment]
        dead = [one for one in self.started if one.poll() is not None]
        self.deaths += len(dead)
        if self.deaths > DEATHS:
            raise WorkError(
                f"{arm.folder.path}: {self.deaths} of the processes that train died, the last with status "
                f"{dead[-1].returncode}; try workers=0, which trains in this process and says what is wrong"
            )
        self.started = [one for one in self.started if one not in dead]
        self.started += [start(arm.folder.path) for _ in range(self.n - len(self.started))]
        sleep(PAUSE)

    def _end(self) -> None:
        for one in self.started:
            with suppress(OSError):
                one.kill()
        for one in self.started:
            one.wait()
        self.started = []


def cores() -> int:
    """Processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1

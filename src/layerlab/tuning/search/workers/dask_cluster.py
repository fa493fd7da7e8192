"""The workers of a dask cluster: tasks go to them and outcomes come back, over the network and not over a disk.

A task that is out there is claimed by this process, so that several processes and clusters may work on one folder. What
is lost with a worker is sent again; a task at which workers die again and again is cut into its trials, and a trial at
which they die even while nothing else runs has failed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from time import monotonic, sleep
from typing import Any, NamedTuple, Self
from uuid import uuid4

from layerlab.errors import InputError, WorkError
from layerlab.formulas.arrays import Floats
from layerlab.machine import VERSION, one_thread
from layerlab.tuning.search.reference_networks import Reference, run_reference
from layerlab.tuning.search.state import Arm, name_of
from layerlab.tuning.search.trials.folder import Lock
from layerlab.tuning.search.trials.outcome import Outcome
from layerlab.tuning.search.trials.population import How
from layerlab.tuning.search.trials.search_data import Material
from layerlab.tuning.search.trials.task_training import News, run_task
from layerlab.tuning.search.trials.tasks import Task

from .dask_connection import connected, workers_here
from .worker_process import PAUSE, on_one_thread, teller

RETRIES = 2
"""Of a call that raised an error; one that trains handles its own, so these are the network's."""


PATIENCE = 20
"""Seconds that a cluster of this machine may be without one of its workers, which dask starts again itself."""


class Order(NamedTuple):
    """What a worker is asked to do.

    Attributes:
        version: of the layerlab that asks.
        work: the task, or the reference.
        how: what is the same for all tasks.
        rivals: what the trials are compared with, as ``run_task`` takes it.
        topic: under which it says how far it is.
    """

    version: str
    work: Task | Reference
    how: How
    rivals: list[list[Floats]]
    topic: str


class Sent(NamedTuple):
    """A task that is out there."""

    task: str | Task
    lock: Lock
    future: Any


class Cluster:
    """The workers of a dask cluster.

    Args:
        target: "local:2", the address of a scheduler, or a ``distributed.Client``.
    """

    def __init__(self, target: Any) -> None:
        self.target, self.topic = target, f"layerlab-{uuid4().hex}"
        self.client: Any = None
        self.arm: Arm | None = None
        self.material: Any = None
        self.sent: dict[str, Sent] = {}
        self.suspects: set[str] = set()
        self.complete = monotonic()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.client = stack.enter_context(connected(self.target))
            self.client.subscribe_topic(self.topic, self._hear)
            stack.callback(self._leave)
            self._stack = stack.pop_all()
        self.complete = monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def attend(self, arm: Arm) -> None:
        """As in ``Crew``.

        Raises:
            InputError: a worker has no layerlab, or another one.
            WorkError: the scheduler is gone.
        """
        if self.arm is not arm:
            self._leave()
            self.arm = arm
        try:
            self._send(arm)
            sleep(PAUSE)
            for name in [name for name, one in self.sent.items() if one.future.done()]:
                self._take(arm, name)
        except (OSError, TimeoutError) as error:
            raise WorkError(
                f"cluster={self.target!r}: its scheduler is gone ({error}); what came back is in {arm.folder.path}, "
                f"where the search can go on"
            ) from error

    def _send(self, arm: Arm) -> None:
        """As many of the open tasks as there are threads; one that is under suspicion alone."""
        threads = sum(self.client.nthreads().values())
        if threads >= workers_here(self.target):
            self.complete = monotonic()
        elif monotonic() - self.complete > PATIENCE:  # dask gives up a worker that dies while it starts
            self._renew(arm)
        for task in arm.open_tasks():
            name = name_of(task)
            if len(self.sent) >= threads or not self.suspects.isdisjoint(self.sent):
                return
            if name not in self.sent and not (name in self.suspects and self.sent):
                self._claim(arm, task)

    def _renew(self, arm: Arm) -> None:
        """Begin anew with all workers; what was out there is sent again."""
        self._stack.close()
        self.__enter__()
        self.arm = arm

    def _claim(self, arm: Arm, task: str | Task) -> None:
        lock = arm.folder.claim(name_of(task))
        if lock is None:
            return
        try:
            if not arm.may_begin(task):
                lock.release()
            elif isinstance(task, Task) and arm.folder.is_cut(task.name):
                arm.end(task, arm.joined(task))
                lock.release()
            else:
                self.sent[name_of(task)] = Sent(task, lock, self._submitted(arm, task))
        except BaseException:
            lock.release()
            raise

    def _submitted(self, arm: Arm, task: str | Task) -> Any:
        if self.material is None or self.material.status != "finished":  # or lost with all who had it
            (self.material,) = self.client.scatter([arm.material], broadcast=True, hash=False)
        work, rivals = (arm.reference(task), []) if isinstance(task, str) else (task, arm.rivals(task))
        order = Order(VERSION, work, arm.how, rivals, self.topic)
        return self.client.submit(carried_out, order, self.material, pure=False, retries=RETRIES)

    def _take(self, arm: Arm, name: str) -> None:
        """What came back, written down, or what did not."""
        task, lock, future = self.sent.pop(name)
        try:
            outcome = self._outcome(arm, task, future)
            if outcome is not None:
                arm.end(task, outcome)
        finally:
            lock.release()

    def _outcome(self, arm: Arm, task: str | Task, future: Any) -> Outcome | None:
        """None where it has to be sent again, or was given up.

        Raises:
            InputError: the worker has no layerlab, or another one.
            WorkError: it failed otherwise.
        """
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        try:
            outcome: Outcome = future.result()
            return outcome
        except KilledWorker:
            self._doubt(arm, task)
        except CancelledError:  # the data were lost with all workers that had them
            self.material = None
        except (InputError, WorkError):
            raise
        except ImportError as error:
            raise InputError(
                f"cluster={self.target!r}: a worker cannot import what it needs ({error}); install layerlab "
                f"{VERSION} on every worker"
            ) from error
        except Exception as error:
            raise WorkError(
                f"cluster={self.target!r}: a worker could not run {name_of(task)} ({type(error).__name__}: {error})"
            ) from error
        return None

    def _doubt(self, arm: Arm, task: str | Task) -> None:
        """Workers died at it, or beside it: a trial is tried once more with nothing else running."""
        name = name_of(task)
        single = isinstance(task, Task) and len(task.candidates) == 1
        if single and name not in self.suspects:
            self.suspects.add(name)
            return
        self.suspects.discard(name)
        arm.give_up(task, "the workers that trained it died again and again")

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """How far a task is, as a worker says."""
        news = News(**event[1]["news"])
        arm = self.arm
        if arm is not None and news.task in self.sent:
            teller(arm.folder)(news)

    def _leave(self) -> None:
        """Let go of all that is out there."""
        with suppress(Exception):  # the scheduler may be gone, and nobody waits for it any more
            self.client.cancel([one.future for one in self.sent.values()])
        for one in self.sent.values():
            one.lock.release()
        self.sent, self.material, self.arm = {}, None, None
        self.suspects.clear()


def carried_out(order: Order, material: Material) -> Outcome:
    """What comes of an order, on the worker.

    Raises:
        InputError: the worker's layerlab is another one.
    """
    if order.version != VERSION:
        raise InputError(
            f"a worker has layerlab {VERSION}, the search {order.version}: wanted the same on all, or the figures "
            f"might differ"
        )
    os.environ.update(on_one_thread(os.environ))  # heeded by jax until it has compiled its first program
    own = material._replace(X=material.X.copy(), Y=material.Y.copy())  # where they lie in a message is left to chance
    with one_thread():
        if isinstance(order.work, Reference):
            return run_reference(own, order.work)
        return run_task(own, order.work, order.how, order.rivals, _teller(order.topic))


def _teller(topic: str) -> Callable[[News], None]:
    from distributed import get_worker

    worker = get_worker()
    return lambda news: worker.log_event(topic, {"news": news._asdict()})

"""The workers of a dask cluster: tasks are sent to them and outcomes come back, over the network.

A task that was sent is claimed by this process, so that several processes and clusters may work on one folder. If a
worker is lost, its task is sent again. If workers die at a task again and again, its trials are sent one by one. A
trial has failed if workers die at it even while nothing else runs.
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
from layerlab.runs.claims import Lock
from layerlab.tuning.search.state import SearchState
from layerlab.tuning.search.trials.known_training import train_known
from layerlab.tuning.search.trials.outcome import Outcome
from layerlab.tuning.search.trials.population import SharedSettings
from layerlab.tuning.search.trials.search_data import SearchData
from layerlab.tuning.search.trials.task_training import TaskProgress, train_task
from layerlab.tuning.search.trials.tasks import KnownTask, Task, Work

from .dask_connection import dask_client, local_workers
from .processes import Workers
from .worker_process import PAUSE, on_one_thread, progress_writer

RETRIES = 2
"""How often a call that raised an error is repeated; training handles its own errors, so these are the network's."""


PATIENCE = 20
"""Seconds that a cluster on this machine may lack one of its workers, which dask starts again itself."""


class TaskOrder(NamedTuple):
    """What a worker is asked to do.

    Attributes:
        version: the version of layerlab that asks.
        work: the task.
        shared: settings that all tasks share.
        seen: scores of earlier trials, as ``train_task`` takes them.
        topic: name under which the worker reports its progress.
    """

    version: str
    work: Work
    shared: SharedSettings
    seen: list[list[Floats]]
    topic: str


class SentTask(NamedTuple):
    """A task that was sent and has not come back: the task, its claim, and dask's handle of it."""

    task: Work
    lock: Lock
    future: Any


class DaskCluster(Workers):
    """Trains on the workers of a dask cluster.

    Args:
        target: "local:2", the address of a scheduler, or a ``distributed.Client``.

    Attributes:
        client: the ``distributed.Client``, once connected.
        state: the search that is worked on.
        search_data: dask's handle of the examples and folds on the workers; None if they have to be sent.
        sent: the tasks that were sent, by name.
        suspects: single trials at which, or beside which, workers died: they are tried once more, alone.
        complete: when all workers of a cluster on this machine were last seen, by ``monotonic``.
    """

    def __init__(self, target: Any) -> None:
        self.target, self.topic = target, f"layerlab-{uuid4().hex}"
        self.client: Any = None
        self.state: SearchState | None = None
        self.search_data: Any = None
        self.sent: dict[str, SentTask] = {}
        self.suspects: set[str] = set()
        self.complete = monotonic()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.client = stack.enter_context(dask_client(self.target))
            self.client.subscribe_topic(self.topic, self._hear)
            stack.callback(self._leave)
            self._stack = stack.pop_all()
        self.complete = monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def attend(self, state: SearchState) -> None:
        """Send open tasks to free workers, save the outcomes that came back, and wait a moment.

        Raises:
            InputError: a worker has no layerlab, or another one.
            WorkError: the scheduler is gone.
        """
        if self.state is not state:
            self._leave()
            self.state = state
        try:
            self._send(state)
            sleep(PAUSE)
            for name in [name for name, one in self.sent.items() if one.future.done()]:
                self._take(state, name)
        except (OSError, TimeoutError) as error:
            raise WorkError(
                f"cluster={self.target!r}: its scheduler is gone ({error}); what came back is in {state.folder.path}, "
                f"where the search can go on"
            ) from error

    def _send(self, state: SearchState) -> None:
        """Send as many open tasks as there are threads; one at which workers died is sent while nothing else runs."""
        threads = sum(self.client.nthreads().values())
        if threads >= local_workers(self.target):
            self.complete = monotonic()
        elif monotonic() - self.complete > PATIENCE:  # dask does not restart a worker that dies while it starts
            self._renew(state)
        for task in state.open_tasks():
            name = task.name
            if len(self.sent) >= threads or not self.suspects.isdisjoint(self.sent):
                return
            if name not in self.sent and not (name in self.suspects and self.sent):
                self._claim(state, task)

    def _renew(self, state: SearchState) -> None:
        """Start all workers anew; the tasks that they had are sent again."""
        self._stack.close()
        self.__enter__()
        self.state = state

    def _claim(self, state: SearchState, task: Work) -> None:
        lock = state.folder.claim(task.name)
        if lock is None:
            return
        try:
            if not state.may_begin(task):
                lock.release()
            else:
                self.sent[task.name] = SentTask(task, lock, self._submitted(state, task))
        except BaseException:
            lock.release()
            raise

    def _submitted(self, state: SearchState, task: Work) -> Any:
        if self.search_data is None or self.search_data.status != "finished":  # or lost with all workers that had it
            (self.search_data,) = self.client.scatter([state.search_data], broadcast=True, hash=False)
        seen = state.seen(task.name) if isinstance(task, Task) else []
        order = TaskOrder(VERSION, task, state.shared, seen, self.topic)
        return self.client.submit(run_order, order, self.search_data, pure=False, retries=RETRIES)

    def _take(self, state: SearchState, name: str) -> None:
        """Save the outcome of a task that came back, and release its claim."""
        task, lock, future = self.sent.pop(name)
        try:
            outcome = self._outcome(state, task, future)
            if outcome is not None:
                state.save(task, outcome)
        finally:
            lock.release()

    def _outcome(self, state: SearchState, task: Work, future: Any) -> Outcome | None:
        """Return the outcome of a task, or None if it has to be sent again, or its trials one by one.

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
            self._doubt(state, task)
        except CancelledError:  # the data were lost with all workers that had them
            self.search_data = None
        except (InputError, WorkError):
            raise
        except ImportError as error:
            raise InputError(
                f"cluster={self.target!r}: a worker cannot import what it needs ({error}); install layerlab "
                f"{VERSION} on every worker"
            ) from error
        except Exception as error:
            raise WorkError(
                f"cluster={self.target!r}: a worker could not run {task.name} ({type(error).__name__}: {error})"
            ) from error
        return None

    def _doubt(self, state: SearchState, task: Work) -> None:
        """Try a task again at which workers died; a single trial is tried once more while nothing else runs."""
        name = task.name
        single = isinstance(task, KnownTask) or len(task.candidates) == 1
        if single and name not in self.suspects:
            self.suspects.add(name)
            return
        self.suspects.discard(name)
        state.give_up(task, "the workers that trained it died again and again")

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """Write down how far a task is, as its worker says."""
        progress = TaskProgress(**event[1]["news"])
        state = self.state
        if state is not None and progress.task in self.sent:
            progress_writer(state.folder)(progress)

    def _leave(self) -> None:
        """Cancel all tasks that were sent, and release their claims."""
        with suppress(Exception):  # the scheduler may be gone, and nobody waits for it any more
            self.client.cancel([one.future for one in self.sent.values()])
        for one in self.sent.values():
            one.lock.release()
        self.sent, self.search_data, self.state = {}, None, None
        self.suspects.clear()


def run_order(order: TaskOrder, search_data: SearchData) -> Outcome:
    """Train what is ordered; this runs on the worker.

    Raises:
        InputError: the worker's layerlab is another one.
    """
    if order.version != VERSION:
        raise InputError(
            f"a worker has layerlab {VERSION}, the search {order.version}: wanted the same on all, or the results "
            f"might differ"
        )
    os.environ.update(on_one_thread(os.environ))  # jax reads it until its first program
    # dask's message may begin at any byte, on which the last bits of products depend
    own = search_data._replace(X=search_data.X.copy(), Y=search_data.Y.copy())
    with one_thread():
        if isinstance(order.work, KnownTask):
            return train_known(own, order.work.known, order.shared)
        return train_task(own, order.work, order.shared, order.seen, _progress_sender(order.topic))


def _progress_sender(topic: str) -> Callable[[TaskProgress], None]:
    """Return a function that sends a task's progress from the worker to the process that searches."""
    from distributed import get_worker

    worker = get_worker()
    return lambda progress: worker.log_event(topic, {"news": progress._asdict()})

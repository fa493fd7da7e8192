"""Connect to a dask cluster: one that is started on this machine, or one that runs already.

Everything else that dask needs (certificates for tls://, time limits) it reads from its own configuration.
"""

from __future__ import annotations

import logging
import re
import signal
import traceback
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import resource_tracker
from typing import Any

from layerlab.errors import InputError, WorkError

from .worker_process import on_one_thread

WAIT = 60
"""Seconds to wait for the first worker."""

MOST_WORKERS = 1024
"""The largest number of workers on this machine."""

WANTED = "wanted 'local:2', 'tcp://host:8786', 'tls://host:8786' or a distributed.Client"

QUIET = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application", "bokeh")
"""Loggers that write on standard error."""


@contextmanager
def dask_client(target: Any) -> Iterator[Any]:
    """Connect to a cluster; yield a ``distributed.Client`` with at least one worker. A given client is not closed.

    Raises:
        InputError: the target is none of these, or there is no answer.
    """
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            f"cluster={target!r}: needs dask ({error}); pip install -e '.[cluster]', or leave cluster out"
        ) from error
    with ExitStack() as stack:
        stack.enter_context(_quiet())
        if isinstance(target, distributed.Client):
            client = _checked(target)
        elif isinstance(target, str) and re.fullmatch(r"local:\d+", target):
            client = stack.enter_context(_local(target, local_workers(target)))
        elif isinstance(target, str) and re.fullmatch(r"\w+://.+", target):
            client = stack.enter_context(_remote(target))
        else:
            raise InputError(f"cluster={target!r}: {WANTED}")
        _wait_for_workers(client, target)
        yield client


def _checked(client: Any) -> Any:
    if client.asynchronous:
        raise InputError("cluster: the distributed.Client is asynchronous; wanted one that is not")
    if client.status != "running":
        raise InputError(f"cluster: the distributed.Client is {client.status}; wanted one that is connected")
    return client


@contextmanager
def _local(target: str, n: int) -> Iterator[Any]:
    """Start workers on this machine, one thread each; they end when this process does."""
    import distributed

    if not 1 <= n <= MOST_WORKERS:
        raise InputError(f"cluster={target!r}: wanted 1 to {MOST_WORKERS} workers, as in 'local:2'")
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(_started(n))
            client = stack.enter_context(distributed.Client(cluster))
        except (RuntimeError, OSError) as error:
            _close_unconnected(error)
            raise WorkError(
                f"cluster={target!r}: the workers cannot be started ({_first_line(error)}); in a script of your own "
                f"the search has to stand below if __name__ == '__main__':, for each worker reads the script again"
            ) from error
        yield client


def _started(n: int) -> Any:
    """Start the cluster; tried again if a worker died before it had begun."""
    import dask
    import distributed

    own: dict[str, str | None] = {**on_one_thread({}), "MALLOC_TRIM_THRESHOLD_": None}  # dask's value doubles the time
    environment = {f"distributed.nanny.pre-spawn-environ.{name}": value for name, value in own.items()}
    for last in (False, False, True):
        try:
            with dask.config.set(environment), _without_interrupts():
                return distributed.LocalCluster(
                    n_workers=n,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address=None,
                    memory_limit=None,
                    silence_logs=logging.CRITICAL,
                )
        except RuntimeError:
            if last:
                raise
    return None


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Inside this context, processes that are started (and theirs) never get Ctrl-C; this process handles it."""
    if not hasattr(signal, "pthread_sigmask"):  # not on every system
        yield
        return
    resource_tracker.ensure_running()  # Python's own helper of processes: to start it, SIGINT is let through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def local_workers(target: Any) -> int:
    """Return the number of workers that are to be started on this machine; 0 for a cluster that runs already."""
    found = re.fullmatch(r"local:(\d+)", target) if isinstance(target, str) else None
    return int(found[1]) if found else 0


@contextmanager
def _remote(target: str) -> Iterator[Any]:
    """Connect to a scheduler that runs already."""
    import distributed

    try:
        client: Any = distributed.Client(target)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        _close_unconnected(error)
        raise InputError(
            f"cluster={target!r}: no dask scheduler can be reached there ({_first_line(error)}); start one with dask "
            f"scheduler, or correct the address"
        ) from error
    try:
        yield client
    finally:
        with suppress(Exception):  # a scheduler that is gone cannot be taken leave of
            client.close()


def _close_unconnected(error: BaseException) -> None:
    """Close the client that could not connect: its constructor raised the error, so only the error's frames have it.

    Otherwise Python would close it at any later moment. If that is while dask starts a thread of its own, dask waits
    for a lock that it holds itself.
    """
    import distributed

    frames = (frame.f_locals.get("self") for frame, _ in traceback.walk_tb(error.__traceback__))
    for client in {id(one): one for one in frames if isinstance(one, distributed.Client)}.values():
        with suppress(Exception):  # it has no connection that could be ended in order
            client.close()


def _wait_for_workers(client: Any, target: Any) -> None:
    try:
        client.wait_for_workers(1, timeout=WAIT)
    except (OSError, TimeoutError) as error:
        raise InputError(
            f"cluster={target!r}: the scheduler has no worker after {WAIT} s; start some with dask worker"
        ) from error


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence dask's own messages, which would appear between ours; a sentence says what matters in them."""
    handlers = {handler: handler.level for name in QUIET for handler in logging.getLogger(name).handlers}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        for handler in handlers:
            handler.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for handler, level in handlers.items():
                handler.setLevel(level)

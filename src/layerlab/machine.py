"""Which work runs on how many threads: NumPy's products on one, or pieces of work side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

_set = Lock()
"""Held by the one that has set the number of threads: it alone may set it back (OpenBLAS heeds other threads' wishes
only as long as the main thread has none, and whoever comes second would take the lowered number for the usual one)."""


@contextmanager
def one_thread() -> Iterator[None]:
    """NumPy's matrix products run on one thread inside, in the whole process; one inside another is the same."""
    if not _set.acquire(blocking=False):
        yield
        return
    try:
        with _controller().limit(limits=1):
            yield
    finally:
        _set.release()


def side_by_side(work: Callable[[int], None], pieces: Sequence[int]) -> None:
    """Do all pieces, on as many threads as there are cores; NumPy lets go of Python's lock while it computes.

    Each piece's products run on one thread then, so that element-wise work is spread over the cores as well.
    """
    if len(pieces) == 1:
        work(pieces[0])
        return
    from concurrent.futures import ThreadPoolExecutor

    with one_thread(), ThreadPoolExecutor(min(cores(), len(pieces))) as pool:
        list(pool.map(work, pieces))


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _controller() -> Any:
    """The process's thread pools, looked up once: NumPy has loaded its own by now."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()

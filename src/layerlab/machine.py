"""This machine and this installation: threads, cores, free memory, the cache folder, versions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from threading import Lock
from typing import Any

UNKNOWN_MEMORY = 4 << 30
"""Bytes taken for free where the system does not say."""


VERSION = "0.1.0"
"""The version of layerlab."""

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


def run_on_all_cores(work: Callable[[int], None], pieces: Sequence[int]) -> None:
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


def cache_folder() -> Path:
    """The user's cache folder for layerlab; on Linux ``XDG_CACHE_HOME`` moves it. It need not exist yet."""
    from platformdirs import user_cache_path

    return user_cache_path("layerlab")


def free_memory() -> int:
    """Bytes that a program can have now: Linux says; elsewhere half of the machine's, or ``UNKNOWN_MEMORY``."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        names = getattr(os, "sysconf_names", {})
        return (
            os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
            if "SC_PHYS_PAGES" in names
            else UNKNOWN_MEMORY
        )


def version_of(package: str) -> str:
    """The version that is installed here, or that it is not."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"

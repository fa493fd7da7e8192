"""This machine and this installation: threads, cores, free memory, the cache folder, installed versions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

UNKNOWN_MEMORY = 4 << 30
"""Bytes of free memory that are assumed if the system does not report them."""

VERSION = "0.1.0"
"""The version of layerlab."""

_limit_holder = Lock()
"""Held by the caller that lowered the number of threads, so that only this caller raises it again.

A second caller would take the lowered number for the usual one. And OpenBLAS follows the limits of other threads only
while the main thread sets none.
"""


@contextmanager
def one_thread() -> Iterator[None]:
    """Run NumPy's matrix products on one thread inside the block, in the whole process. Blocks may be nested."""
    if not _limit_holder.acquire(blocking=False):
        yield
        return
    try:
        with _controller().limit(limits=1):
            yield
    finally:
        _limit_holder.release()


def run_on_all_cores(work: Callable[[int], None], pieces: Sequence[int]) -> None:
    """Call ``work`` for each piece, on as many threads as there are cores.

    NumPy releases Python's lock while it computes, so the pieces run in parallel. The matrix products of each piece run
    on one thread, so that element-wise work is spread over the cores as well.
    """
    if len(pieces) == 1:
        work(pieces[0])
        return
    from concurrent.futures import ThreadPoolExecutor

    with one_thread(), ThreadPoolExecutor(min(cores(), len(pieces))) as pool:
        list(pool.map(work, pieces))


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _controller() -> Any:
    """Return the controller of the process's thread pools. It is made once, after NumPy has loaded its own pool."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def cache_folder() -> Path:
    """Return the user's cache folder for layerlab, which may not exist yet. On Linux, ``XDG_CACHE_HOME`` changes it."""
    from platformdirs import user_cache_path

    return user_cache_path("layerlab")


def free_memory() -> int:
    """Return the bytes of memory that a program can get now.

    Linux reports them; on other systems it is half of the machine's memory, or ``UNKNOWN_MEMORY``.
    """
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
    """Return the version of a package that is installed here, or "not installed"."""
    from importlib import metadata  # importing it takes longer than `import layerlab` itself

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"

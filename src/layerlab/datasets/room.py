"""Whether data fits into memory, asked before it is read."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import InputError

GIB = 1024.0**3


def check_room(what: str, bytes_: float, remedy: str) -> None:
    """More than half of the free memory is not begun with.

    Args:
        what: the file, and what it holds.
        bytes_: that it takes once it is read.
        remedy: what to do, in words.

    Raises:
        InputError: it takes more.
    """
    free = free_memory()
    if bytes_ > free / 2:
        raise InputError(
            f"{what} takes {bytes_ / GIB:,.1f} GiB of memory, and {free / GIB:,.1f} GiB are free: wanted at most half "
            f"of that; {remedy}"
        )


def free_memory() -> float:
    """Bytes that a program can have now: Linux says; elsewhere half of the machine's, or 4 GiB."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return float(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        names = getattr(os, "sysconf_names", {})
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2 if "SC_PHYS_PAGES" in names else 4 * GIB

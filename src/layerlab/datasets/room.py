"""Whether data fits into memory, asked before it is read."""

from __future__ import annotations

from ..errors import InputError
from .opening import free_memory

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

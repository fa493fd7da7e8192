"""Mistakes of the lab itself: each has a number, by which the page and the terminal speak of the same one."""

from __future__ import annotations

import logging
from itertools import count

LOG = logging.getLogger("layerlab.lab")

_NUMBERS = count(1)


def noted(what: str, error: BaseException | None = None) -> int:
    """Write an error to the log, and return its number.

    Args:
        what: where it happened.
        error: the error; None for the one that is being handled.
    """
    number = next(_NUMBERS)
    LOG.error("error %d in %s", number, what, exc_info=error or True)
    return number

"""Ctrl-C during a training: it is counted, not raised, so that the training ends in order and loses nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass
class Interrupts:
    """How often Ctrl-C was pressed inside ``deferred_interrupts``, and what came of it.

    Attributes:
        count: number of presses.
        answered: whether a training ended because of them, so that nothing need be raised at the end.
        waiting: whether a second press raises at once, because the first one's effect may take long.
    """

    count: int = 0
    answered: bool = False
    waiting: bool = False


_outermost: ContextVar[Interrupts | None] = ContextVar("the interrupts that are counted", default=None)


@contextmanager
def deferred_interrupts() -> Iterator[Interrupts]:
    """Count Ctrl-C inside instead of raising it; at the end ``KeyboardInterrupt`` is raised if nobody answered.

    A call inside another shares the outer one's count. Outside the main thread, or where another program handles the
    signal, Ctrl-C does what it did before.
    """
    main_thread = threading.current_thread() is threading.main_thread()
    if main_thread and (outer := _outermost.get()) is not None:
        yield outer
        return
    interrupts = Interrupts()
    if not main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield interrupts
        return

    def note(number: int, frame: Any) -> None:
        interrupts.count += 1
        if interrupts.waiting and interrupts.count > 1:
            signal.default_int_handler(number, frame)

    before = _outermost.set(interrupts)
    signal.signal(signal.SIGINT, note)
    try:
        yield interrupts
    finally:
        _outermost.reset(before)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if interrupts.count and not interrupts.answered:
        raise KeyboardInterrupt

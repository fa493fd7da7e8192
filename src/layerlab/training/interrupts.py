"""Ctrl-C during a training: it is counted, not raised, so that the training ends in order and loses nothing.

In Python that is all: the signal handlers of the process stay as they are. The command line treats every signal that
asks it to end as Ctrl-C (``signals_as_interrupts``), and where nothing would be lost it ends at once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any

ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Signals that ask a command to end: Ctrl-C; `kill`, `docker stop` and Slurm; a closed terminal or ssh; Ctrl-Break on
Windows. Each system knows some of them."""

ONE_REQUEST = 0.25
"""Seconds after the first signal in which further signals count as the same request: `timeout`, shells and terminals
send it to a process and to its group."""

PATIENCE = 4.0
"""Seconds after the first signal in which a command may still report what was trained; saving is never cut short."""

LOST_AGAIN = 0.05
"""If an interrupt comes inside a destructor, Python drops it. It is sent again after this many seconds."""


@dataclass
class Interrupts:
    """How often Ctrl-C was pressed inside ``deferred_interrupts``, and what it did.

    Attributes:
        count: number of presses.
        answered: whether a training ended because of them, so that nothing need be raised at the end.
        waiting: whether a second press raises at once, because the first may take long to have an effect.
        at_once: whether the command line's handler raises at once, because nothing that was trained would be lost.
    """

    count: int = 0
    answered: bool = False
    waiting: bool = False
    at_once: bool = False


@dataclass
class Signals:
    """The state of the command line's signal handler; there is one, as there is one main thread.

    Attributes:
        handled: whether the handler is installed.
        came: whether a signal came.
        first: when the first signal came, by ``monotonic``; None before, and while a dropped signal is sent again.
        deferred: the interrupts that are being counted now, or None.
    """

    handled: bool = False
    came: bool = False
    first: float | None = None
    deferred: Interrupts | None = None


SIGNALS = Signals()

_outermost: ContextVar[Interrupts | None] = ContextVar("the interrupts that are counted", default=None)


@contextmanager
def deferred_interrupts() -> Iterator[Interrupts]:
    """Count Ctrl-C inside this context instead of raising it; raise it at the end if no training ended because of it.

    A call inside another shares the outer one's count. Outside the main thread, or where another program handles the
    signal, Ctrl-C works as before. The command line's handler counts the other signals too.
    """
    main_thread = threading.current_thread() is threading.main_thread()
    if main_thread and (outer := _outermost.get()) is not None:
        yield outer
        return
    interrupts = Interrupts()
    ours = SIGNALS.handled or signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not main_thread or not ours:
        yield interrupts
        return

    def note(number: int, frame: Any) -> None:
        interrupts.count += 1
        if interrupts.waiting and interrupts.count > 1:
            signal.default_int_handler(number, frame)

    before = _outermost.set(interrupts)
    if SIGNALS.handled:
        SIGNALS.deferred = interrupts
    else:
        signal.signal(signal.SIGINT, note)
    try:
        yield interrupts
    finally:
        _outermost.reset(before)
        if SIGNALS.handled:
            SIGNALS.deferred = None
        else:
            signal.signal(signal.SIGINT, signal.default_int_handler)
    if interrupts.count and not interrupts.answered:
        raise KeyboardInterrupt


def check_interrupts() -> None:
    """Raise a Ctrl-C that ``deferred_interrupts`` counted and no training answered, between steps of a computation.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    outer = _outermost.get()
    if outer is not None and outer.count and not outer.answered:
        raise KeyboardInterrupt


def handle(number: int, frame: Any) -> None:  # noqa: ARG001 Python passes it
    """Handle a signal that asks the command to end: the first acts as Ctrl-C, the second ends the process at once.

    Raises:
        KeyboardInterrupt: at the first signal, unless a training counts it.
        SystemExit: at the second signal. Files that are half written are removed; a third signal kills the process.
    """
    now = monotonic()
    if SIGNALS.first is not None:
        if now - SIGNALS.first < ONE_REQUEST:
            return
        _set_handlers(dict.fromkeys(ending_signals(), signal.SIG_DFL))
        sys.exit("layerlab: interrupted twice, and ended at once")
    SIGNALS.came, SIGNALS.first = True, now
    if SIGNALS.deferred is not None:
        SIGNALS.deferred.count += 1
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.signal(signal.SIGALRM, _lose_patience)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE, PATIENCE / 100)
    if SIGNALS.deferred is None or SIGNALS.deferred.at_once:
        raise KeyboardInterrupt


def _lose_patience(number: int, frame: Any) -> None:  # noqa: ARG001 Python passes it
    """End a command that is still running some seconds after the first signal, unless a training is counting it."""
    if SIGNALS.deferred is None or SIGNALS.deferred.at_once:
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise KeyboardInterrupt


def ending_signals() -> list[signal.Signals]:
    """Return the signals of ``ENDING`` that this system knows and does not ignore (`nohup` ignores SIGHUP)."""
    known = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
    return [one for one in known if signal.getsignal(one) is not signal.SIG_IGN]


def _set_handlers(handlers: dict[signal.Signals, Any]) -> None:
    for one, handler in handlers.items():
        signal.signal(one, handler)


@contextmanager
def signals_as_interrupts(until_the_process_ends: bool = False) -> Iterator[None]:
    """Treat every signal that asks a process to end as Ctrl-C; for the command line, in the main thread only.

    Python drops an exception that is raised inside a destructor or a callback of the garbage collector (jax has one).
    Then the signal is sent once more.

    Args:
        until_the_process_ends: whether only the end of Python follows. Then a signal kills the process without a
            message, because everything has been reported.
    """
    if SIGNALS.handled or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, handle) for one in ending_signals()}
    SIGNALS.handled, SIGNALS.came, SIGNALS.first, SIGNALS.deferred = True, False, None, None
    hook, sys.unraisablehook = sys.unraisablehook, _sent_again(sys.unraisablehook)
    try:
        yield
    finally:
        if SIGNALS.first is not None and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        SIGNALS.handled = False
        sys.unraisablehook = hook
        _set_handlers(dict.fromkeys(before, signal.SIG_DFL) if until_the_process_ends else before)


def _sent_again(hook: Callable[[Any], Any]) -> Callable[[Any], None]:
    """Make a hook for uncatchable exceptions: it sends an interrupt again, ends the process, or calls ``hook``."""

    def heard(unraisable: Any) -> None:
        if issubclass(unraisable.exc_type, SystemExit):
            os._exit(1)
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            hook(unraisable)
            return
        SIGNALS.first = None
        number = ending_signals()[0]
        send = signal.raise_signal if os.name == "nt" else partial(os.kill, os.getpid())  # os.kill ends all on Windows
        again = threading.Timer(LOST_AGAIN, send, [number])
        again.daemon = True
        again.start()

    return heard

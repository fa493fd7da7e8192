"""Reads a stream of chunks to its end, or until Ctrl-C, and shows what comes."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from layerlab.formulas.arrays import Floats

from .engines import NOTHING, Chunk
from .progress import progress_bar


class Record(NamedTuple):
    """A stream read to its end.

    Attributes:
        last: the last chunk, or None if there was none.
        costs: (n, …) of all chunks.
        validation: (n, 2, …) of all chunks, or (n, 0).
        seconds: spent on updates.
        interrupted: whether Ctrl-C ended it.
        measured: rows of all chunks.
        stopped: whether the reader ended it.
    """

    last: Chunk | None
    costs: Floats
    validation: Floats
    seconds: float
    interrupted: bool
    measured: Floats = NOTHING
    stopped: bool = False


def watch(
    stream: Iterator[Chunk],
    iterations: int,
    progress: bool | str | None,
    reader: Callable[[Chunk], bool] | None = None,
) -> Record:
    """All chunks of a stream, shown as they come; Ctrl-C ends it between two chunks and loses none.

    Args:
        stream: of an engine.
        iterations: how many are expected.
        progress: as for ``train``.
        reader: called with every chunk, too; the stream ends where it says True.
    """
    shown = sys.stderr.isatty() if progress is None else bool(progress)
    label = progress if isinstance(progress, str) else "training"
    last, costs, validation, measured, seconds, stopped, enough = None, [], [], [], 0.0, False, False
    with progress_bar(label, iterations) if shown else nullcontext(lambda _: None) as show, deferred() as presses:
        presses.waiting = True
        try:
            for chunk in stream:
                last = chunk
                if len(chunk.costs):
                    costs.append(chunk.costs)
                    validation.append(chunk.validation)
                    measured.append(chunk.measured)
                    seconds += chunk.seconds
                    show(chunk)
                    enough = reader is not None and reader(chunk)
                if presses.count:
                    stopped = True
                if stopped or enough:
                    break
        except KeyboardInterrupt:
            stopped = True
        finally:
            presses.waiting = False
        presses.answered |= stopped
    done = sum(map(len, costs))
    if stopped:
        kept = "; what was trained is kept" if done else ": nothing was trained yet"
        print(f"{label}: interrupted after {done} of {iterations} iterations{kept}", file=sys.stderr)
    return Record(last, _joined(costs), _joined(validation), seconds, stopped, _joined(measured), enough)


def _joined(rows: list[Any]) -> Floats:
    return np.concatenate(rows).astype(np.float64, copy=False) if rows else np.empty((0, 0))


@dataclass
class Presses:
    """Of Ctrl-C, inside ``deferred``.

    Attributes:
        count: how many there were.
        answered: whether somebody stopped because of them.
        waiting: whether a second one shall raise, because somebody may wait long for the first one's effect.
    """

    count: int = 0
    answered: bool = False
    waiting: bool = False


_heard: list[Presses] = []


@contextmanager
def deferred() -> Iterator[Presses]:
    """Ctrl-C is noted inside instead of raised, so that nothing is lost; at the end it is raised if nobody answered.

    One inside another is the same. Does nothing outside the main thread, or where somebody else handles the signal.
    """
    mine = threading.current_thread() is threading.main_thread()
    if _heard and mine:
        yield _heard[0]
        return
    presses = Presses()
    if not mine or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield presses
        return

    def note(number: int, frame: Any) -> None:
        presses.count += 1
        if presses.waiting and presses.count > 1:
            signal.default_int_handler(number, frame)

    _heard.append(presses)
    signal.signal(signal.SIGINT, note)
    try:
        yield presses
    finally:
        _heard.clear()
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if presses.count and not presses.answered:
        raise KeyboardInterrupt

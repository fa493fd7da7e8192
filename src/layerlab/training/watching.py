"""Reading a training's chunks to their end, or until Ctrl-C; and Ctrl-C itself, which loses nothing."""

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

from .engines import NO_METRICS, Chunk
from .progress import progress_bar


class Record(NamedTuple):
    """All chunks of a training together.

    Attributes:
        last: the last chunk, or None if there was none.
        costs, validation, measured: of all chunks, joined.
        seconds: spent on updates.
        interrupted: whether Ctrl-C ended the training.
        stopped: whether the callback ended it.
    """

    last: Chunk | None
    costs: Floats
    validation: Floats
    seconds: float
    interrupted: bool
    measured: Floats = NO_METRICS
    stopped: bool = False


def watch(
    stream: Iterator[Chunk],
    iterations: int,
    progress: bool | str | None,
    reader: Callable[[Chunk], bool] | None = None,
) -> Record:
    """Read all chunks, and show them as they come; Ctrl-C ends the training between two chunks and loses none.

    Args:
        stream: the chunks, of ``chunks_of``.
        iterations: how many are expected.
        progress: as for ``train``.
        reader: called with every chunk that has updates; where it returns True the training ends.
    """
    shown = sys.stderr.isatty() if progress is None else bool(progress)
    label = progress if isinstance(progress, str) else "training"
    last, costs, validation, measured, seconds, stopped, enough = None, [], [], [], 0.0, False, False
    # A press is looked at after each chunk, whose numbers are all there then; a second press cuts a long chunk short.
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
    """The rows of all chunks in one float64 array."""
    return np.concatenate(rows).astype(np.float64, copy=False) if rows else np.empty((0, 0))


@dataclass
class Presses:
    """How often Ctrl-C was pressed inside ``deferred``, and what came of it.

    Attributes:
        count: number of presses.
        answered: whether a training ended because of them, so that ``deferred`` need not raise.
        waiting: whether a second press raises at once, because a chunk may take long.
    """

    count: int = 0
    answered: bool = False
    waiting: bool = False


_heard: list[Presses] = []
"""The presses of the outermost ``deferred`` that is open, if one is."""


@contextmanager
def deferred() -> Iterator[Presses]:
    """Inside, Ctrl-C is counted instead of raised, so that nothing is lost; at the end it is raised if nobody answered.

    One inside another is the same one. Outside the main thread, or where another program handles the signal, Ctrl-C
    does what it did before.
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

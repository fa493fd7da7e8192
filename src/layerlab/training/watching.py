"""Read a training's chunks until it ends, or Ctrl-C or the callback ends it, and show its progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np

from layerlab.formulas.arrays import Floats
from layerlab.text import Forgiving, tell

from .engines import NO_METRICS, Chunk
from .interrupts import deferred_interrupts
from .progress import progress_bar


class Record(NamedTuple):
    """All chunks of a training, joined.

    Attributes:
        last: the last chunk, or None if there was none.
        costs, validation, measured: those of all chunks, joined.
        seconds: time spent on updates.
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
    """Read all chunks and show the progress; Ctrl-C ends the training between two chunks and loses none.

    Args:
        stream: the chunks of ``chunks_of``.
        iterations: how many updates are expected.
        progress: as for ``train``.
        reader: a function that is called with every chunk that has updates; if it returns True the training ends.
    """
    shown = Forgiving(sys.stderr).isatty() if progress is None else bool(progress)
    label = progress if isinstance(progress, str) else "training"
    last, costs, validation, measured, seconds, stopped, enough = None, [], [], [], 0.0, False, False
    # Ctrl-C is checked after each chunk, when its numbers are complete; a second press interrupts a long chunk.
    with (
        progress_bar(label, iterations) if shown else nullcontext(lambda _: None) as show,
        deferred_interrupts() as interrupts,
    ):
        interrupts.waiting = interrupts.at_once = True
        try:
            if interrupts.count:  # while the training was prepared
                raise KeyboardInterrupt
            for chunk in stream:
                last = chunk
                if len(chunk.costs):
                    interrupts.at_once = False
                    costs.append(chunk.costs)
                    validation.append(chunk.validation)
                    measured.append(chunk.measured)
                    seconds += chunk.seconds
                    show(chunk)
                    enough = reader is not None and reader(chunk)
                if interrupts.count:
                    stopped = True
                if stopped or enough:
                    break
        except KeyboardInterrupt:
            stopped = True
        finally:
            interrupts.waiting = interrupts.at_once = False
        interrupts.answered |= stopped
    done = sum(map(len, costs))
    if stopped:
        kept = "; what was trained is kept" if done else ": nothing was trained yet"
        tell(f"{label}: interrupted after {done} of {iterations} iterations{kept}")
    return Record(last, _joined(costs), _joined(validation), seconds, stopped, _joined(measured), enough)


def _joined(rows: list[Any]) -> Floats:
    """Return the rows of all chunks in one float64 array."""
    return np.concatenate(rows).astype(np.float64, copy=False) if rows else np.empty((0, 0))

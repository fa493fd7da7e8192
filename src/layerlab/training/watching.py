"""Reads a stream of chunks to its end, or until Ctrl-C, and shows what comes."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .engines import Chunk
from .progress import progress_bar


class Record(NamedTuple):
    """A stream read to its end.

    Attributes:
        last: the last chunk, or None if there was none.
        costs: (n, …) of all chunks.
        validation: (n, 2, …) of all chunks, or (n, 0).
        seconds: spent on updates.
        interrupted: whether Ctrl-C ended it.
    """

    last: Chunk | None
    costs: NDArray[np.float64]
    validation: NDArray[np.float64]
    seconds: float
    interrupted: bool


def watch(stream: Iterator[Chunk], iterations: int, progress: bool | str | None) -> Record:
    """All chunks of a stream, shown as they come; Ctrl-C ends it between two chunks and loses none.

    Args:
        stream: of an engine.
        iterations: how many are expected.
        progress: as for ``train``.
    """
    shown = sys.stderr.isatty() if progress is None else bool(progress)
    label = progress if isinstance(progress, str) else "training"
    last, costs, validation, seconds, stopped = None, [], [], 0.0, False
    with progress_bar(label, iterations) if shown else nullcontext(lambda _: None) as show, _asked_to_stop() as asked:
        try:
            for chunk in stream:
                last = chunk
                if len(chunk.costs):
                    costs.append(chunk.costs)
                    validation.append(chunk.validation)
                    seconds += chunk.seconds
                    show(chunk)
                if asked():
                    stopped = True
                    break
        except KeyboardInterrupt:
            stopped = True
    done = sum(map(len, costs))
    if stopped:
        print(
            f"{label}: interrupted after {done} of {iterations} iterations; what was trained is kept", file=sys.stderr
        )
    return Record(last, _joined(costs), _joined(validation), seconds, stopped)


def _joined(rows: list[Any]) -> NDArray[np.float64]:
    return np.concatenate(rows).astype(np.float64, copy=False) if rows else np.empty((0, 0))


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Notes the first Ctrl-C instead of raising it; the second raises, for those who cannot wait."""
    mine = threading.current_thread() is threading.main_thread()
    if not mine or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: False
        return
    presses = []

    def note(number: int, frame: Any) -> None:
        presses.append(number)
        if len(presses) > 1:
            signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(presses)
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)

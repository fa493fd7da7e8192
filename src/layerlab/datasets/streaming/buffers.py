"""From a stream to buffers: rows are read into memory, one buffer before the training needs it."""

from __future__ import annotations

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, NamedTuple

import numpy as np

from layerlab.formulas.arrays import Indices

from .stream import Layout, Piece, Rows, Stream, shuffled_numbers

ALIGNMENT = 64
"""Arrays whose address is a multiple of this many bytes are shared with XLA; others are copied."""


class Buffer(NamedTuple):
    """Rows in memory, and the order in which batches take them.

    Attributes:
        X: (B, n_x). Rows that are not in the order are unused.
        Y: (B, n_y).
        order: (r,) places of the used rows, r ≤ B.
    """

    X: Rows
    Y: Rows
    order: Indices


def aligned(shape: tuple[int, ...], dtype: Any) -> Rows:
    """Return an array of zeros, aligned to ``ALIGNMENT``; parts that are never written take no memory."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    space = np.zeros(size + ALIGNMENT, np.uint8)
    start = -space.ctypes.data % ALIGNMENT
    numbers: Rows = space[start : start + size].view(dtype).reshape(shape)
    return numbers


def fill_buffers(stream: Stream, layout: Layout, seed: int, dtype: Any, updates: int, stop: Event) -> Iterator[Buffer]:
    """Yield the buffers of one epoch after another, without end.

    If all rows fit into one buffer and never change, it is read once and used in another order in each epoch.

    Args:
        stream, layout: what is read, and how an epoch of it is cut into buffers.
        seed: seed of all orders.
        dtype: type of the numbers.
        updates: number of earlier updates; the first buffer contains the next batch.
        stop: once this is set, no more buffers are filled.
    """
    epoch, number, _ = layout.place(updates)
    if layout.buffers == 1 and not stream.source.renewed:
        whole = next(_of_an_epoch(stream, layout, seed, dtype, (epoch, 0), stop), None)
        while whole is not None:
            yield whole._replace(order=shuffled_numbers(len(whole.order), seed, 1, epoch, 0))
            epoch += 1
        return
    while not stop.is_set():
        yield from _of_an_epoch(stream, layout, seed, dtype, (epoch, number), stop)
        epoch, number = epoch + 1, 0


def _of_an_epoch(
    stream: Stream, layout: Layout, seed: int, dtype: Any, place: tuple[int, int], stop: Event
) -> Iterator[Buffer]:
    """Yield the buffers of an epoch from a given one on, until ``stop`` is set."""
    epoch, first = place
    pieces = stream.pieces(epoch, seed, first * layout.size, dtype, shuffled=layout.buffers > 1)
    rest = Piece(np.empty((0, stream.source.n_x)), np.empty((0, stream.source.n_y)))
    for number in range(first, layout.buffers):
        X, Y = (aligned((layout.size, columns), dtype) for columns in (stream.source.n_x, stream.source.n_y))
        filled, wanted = 0, min(layout.size, layout.rows - number * layout.size)
        while filled < wanted:
            if not len(rest.X):
                rest = next(pieces)
            end = min(wanted, filled + len(rest.X))
            X[filled:end], Y[filled:end] = rest.X[: end - filled], rest.Y[: end - filled]
            rest, filled = Piece(rest.X[end - filled :], rest.Y[end - filled :]), end
            if stop.is_set():
                return
        yield Buffer(X, Y, shuffled_numbers(wanted, seed, 1, epoch, number))
        del X, Y


class BuffersAhead:
    """Buffers that a thread fills while the previous one is in use; ``close`` ends the thread.

    Args:
        stream, layout, seed, dtype, updates: as for ``fill_buffers``.
    """

    def __init__(self, stream: Stream, layout: Layout, seed: int, dtype: Any, updates: int) -> None:
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._made: SimpleQueue[Buffer | BaseException] = SimpleQueue()
        self._stop = Event()
        buffers = fill_buffers(stream, layout, seed, dtype, updates, self._stop)
        self._thread = Thread(target=_fill, args=(buffers, self._asked, self._made), daemon=True, name="stream")
        self._thread.start()
        self._asked.put(True)

    def next(self) -> Buffer:
        """Return the next buffer, and start to fill the one after it.

        Raises:
            InputError: its rows could not be read.
        """
        made = self._made.get()
        if isinstance(made, BaseException):
            raise made
        self._asked.put(True)
        return made

    def close(self) -> None:
        """End the thread as soon as it has read its current block."""
        self._stop.set()
        self._asked.put(False)
        self._thread.join()


def _fill(buffers: Iterator[Buffer], asked: SimpleQueue[bool], made: SimpleQueue[Any]) -> None:
    """In the thread: fill a buffer whenever one is requested."""
    try:
        while asked.get() and (buffer := next(buffers, None)) is not None:
            made.put(buffer)
            del buffer
    except BaseException as error:  # raised again where the buffer is waited for
        made.put(error)

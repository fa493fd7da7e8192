"""Examples that do not all fit in memory: read in blocks, and shuffled by blocks and in a buffer.

An epoch puts the blocks (consecutive rows of a file) into a random order and reads them one after another into a
buffer. When the buffer is full, batches take its rows in a random order. The rest of a block begins the next buffer.
This guarantees:

- Every training row is in exactly one batch of an epoch, and only the last batch of an epoch may be short.
- The order of the blocks is uniformly random, and so is the order of the rows within each buffer. Both are new in every
  epoch, and independent of each other.
- Rows of one block are less than a block and two buffers apart.
- If all rows fit into one buffer, or if every row can be read at the same cost (block = 1), the order of all rows is
  uniformly random: an ordinary shuffle.

Everything depends only on seed, epoch and sizes. So a training can continue in the middle of an epoch without reading
what comes before.
"""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Standardization
from layerlab.errors import InputError
from layerlab.formulas.arrays import Indices
from layerlab.settings import Setting

Rows = NDArray[Any]

MEMORY = Setting(
    "memory_mib", float, 256.0, "MiB that the buffers of a stream and the threads that fill them may take", above=0
)

MIB = 2**20
"""One MiB (mebibyte) in bytes; ``memory_mib`` is given in this unit."""

LARGEST_BLOCK = 65_536
"""A block has at most this many rows: larger blocks are not read faster, and more blocks in a buffer mix better."""

BLOCK_SHARE, BUFFERS_SHARE = 1 / 10, 0.75
"""Shares of the memory: for the numbers of one block, which is copied several times while it is read, and for two
buffers."""


READING_THREADS = 2
"""How many pieces are read at a time, each by its own thread."""


class ExampleSource(Protocol):
    """Where the examples of a stream come from.

    Attributes:
        name: the name of the examples in messages.
        rows, n_x, n_y: numbers of examples, of features, and of rows of Y.
        block: how many rows are read together, a multiple of 8; 1 if every row can be read at the same cost.
        renewed: whether ``read`` returns different numbers in another epoch.
        digest: text that differs if the examples differ.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def rows(self) -> int: ...  # noqa: D102
    @property
    def n_x(self) -> int: ...  # noqa: D102
    @property
    def n_y(self) -> int: ...  # noqa: D102
    @property
    def block(self) -> int: ...  # noqa: D102
    @property
    def renewed(self) -> bool: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102

    def read(self, numbers: Indices, epoch: int) -> Iterator[tuple[Rows, Rows]]:
        """Read the rows with these numbers (from 0), ascending within one block.

        Yields:
            X (k, n_x) and Y (k, n_y) of the next k rows. A source that computes its numbers yields a few rows at a
            time, so that the float64 numbers of a whole block are never in memory together.
        """
        ...


class Piece(NamedTuple):
    """Some rows of a stream: X (k, n_x) and Y (k, n_y)."""

    X: Rows
    Y: Rows


class Layout(NamedTuple):
    """How an epoch is cut into buffers and batches.

    Attributes:
        rows: number of rows in an epoch.
        batch_size: number of rows in a batch.
        batches: number of batches in a full buffer.
    """

    rows: int
    batch_size: int
    batches: int

    @property
    def size(self) -> int:
        """Number of rows in a full buffer."""
        return self.batches * self.batch_size

    @property
    def buffers(self) -> int:
        """Number of buffers in an epoch."""
        return -(-self.rows // self.size)

    @property
    def epoch(self) -> int:
        """Number of batches in an epoch."""
        return -(-self.rows // self.batch_size)

    def place(self, updates: int) -> tuple[int, int, int]:
        """Return the epoch, the buffer in it, and the batch in that buffer, which come after this many updates."""
        epoch, batch = divmod(updates, self.epoch)
        return epoch, *divmod(batch, self.batches)


@dataclass(frozen=True)
class Stream:
    """The training set of a dataset, read as it is needed.

    Attributes:
        source: the source of all rows.
        used: (⌈rows of the source / 8⌉,) a bit for each row of the source: whether it is trained on; None for all.
        memory_mib: MiB for the buffers and the threads that fill them.
        scaling, target_scaling: how features and target are standardised; None if they are not.
    """

    source: ExampleSource
    used: NDArray[np.uint8] | None = None
    memory_mib: float = MEMORY.default
    scaling: Standardization | None = None
    target_scaling: Standardization | None = None

    @cached_property
    def counts(self) -> Indices:
        """Number of training rows in each block, (b,)."""
        rows, block = self.source.rows, self.source.block
        starts = np.arange(0, rows, block)
        if self.used is None:
            return np.minimum(starts + block, rows) - starts
        if block == 1:
            return np.unpackbits(self.used, count=rows).astype(np.int64)
        return np.add.reduceat(np.bitwise_count(self.used), starts // 8, dtype=np.int64)

    @cached_property
    def rows(self) -> int:
        """The number of training rows."""
        return int(self.counts.sum())

    def numbers(self, block: int) -> Indices:
        """Return numbers of the training rows of a block, ascending."""
        start, stop = block * self.source.block, min((block + 1) * self.source.block, self.source.rows)
        if self.used is None:
            return np.arange(start, stop)
        bits = np.unpackbits(self.used[start // 8 : -(-stop // 8)], count=stop - start // 8 * 8)
        return start + np.flatnonzero(bits[start % 8 :])

    def without(self, numbers: Indices) -> Stream:
        """Return the stream without the rows with these numbers (from 0)."""
        source = self.source
        bits = np.ones(source.rows, np.uint8) if self.used is None else np.unpackbits(self.used, count=source.rows)
        bits[numbers] = 0
        return replace(self, used=np.packbits(bits))

    def standardized(self, scaling: Standardization) -> Stream:
        """Return the stream with standardised features."""
        return replace(self, scaling=scaling)

    @property
    def digest(self) -> str:
        """Text that differs if the rows, their scaling or their order differ."""
        digest = hashlib.sha256(
            f"{self.source.digest} {self.source.rows} {self.source.block} {self.memory_mib}".encode()
        )
        arrays = [self.used, *(self.scaling or ()), *(self.target_scaling or ())]
        for number, array in enumerate(arrays):
            if array is not None:
                digest.update(f"{number} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def layout(self, batch_size: int, itemsize: int) -> Layout:
        """Cut an epoch into as few buffers as memory allows, all of about the same size.

        Args:
            batch_size: number of rows in a batch.
            itemsize: bytes of a number in a buffer.

        Raises:
            InputError: not even one batch fits into a buffer.
        """
        row = itemsize * (self.source.n_x + self.source.n_y)
        most = int(MIB * self.memory_mib * BUFFERS_SHARE / 2 / row)
        if most < min(batch_size, self.rows):
            wanted = math.ceil(2 * row * batch_size / BUFFERS_SHARE / MIB)
            raise InputError(
                f"batch_size={batch_size}: a buffer of {self.source.name} holds {most:,} rows, since memory_mib is "
                f"{self.memory_mib:g}: wanted a batch that fits; use a smaller one, or memory_mib={wanted}"
            )
        batches = -(-self.rows // batch_size)
        buffers = -(-batches // max(1, most // batch_size))
        return Layout(self.rows, batch_size, -(-batches // buffers))

    def pieces(self, epoch: int, seed: int, start: int, dtype: Any, shuffled: bool) -> Iterator[Piece]:
        """Read the rows of an epoch in their order, piece by piece, starting at some place.

        Args:
            epoch: number of the epoch.
            seed: seed of the order of the blocks.
            start: how many rows are skipped at the beginning; blocks with only such rows are not read.
            dtype: type of the numbers.
            shuffled: whether the blocks come in random order, or in the order of the file.

        Raises:
            InputError: the rows cannot be read, have changed, or are not finite.
        """
        orders = self._orders(epoch, seed, start, shuffled)
        with ThreadPoolExecutor(READING_THREADS, "stream") as readers:
            asked = deque(
                readers.submit(self._read, numbers, epoch, dtype) for numbers in islice(orders, READING_THREADS)
            )
            while asked:
                pieces = asked.popleft().result()
                asked += [readers.submit(self._read, numbers, epoch, dtype) for numbers in islice(orders, 1)]
                yield from pieces

    def _read(self, numbers: Indices, epoch: int, dtype: Any) -> list[Piece]:
        """Read rows with these numbers, which are checked to be all there."""
        pieces: list[Piece] = []
        came = 0
        for X, Y in self.source.read(numbers, epoch):
            if len(X) == len(Y) <= len(numbers) - came:
                pieces.append(self._prepared(X, Y, numbers[came : came + len(X)], dtype))
            came += len(X)
        if sum(len(piece.X) for piece in pieces) != len(numbers):
            raise InputError(
                f"{self.source.name}, rows {numbers[0] + 1} to {numbers[-1] + 1}: {came} rows came instead of "
                f"{len(numbers)}, so the file has changed; open it again"
            )
        return pieces

    def _prepared(self, X: Rows, Y: Rows, numbers: Indices, dtype: Any) -> Piece:
        """Return rows as a piece: scaled, of the wanted type, contiguous in memory, and checked to be finite."""
        if self.scaling is not None:
            X = (X - self.scaling.mean.T) / self.scaling.scale.T
        if self.target_scaling is not None:
            Y = (Y - self.target_scaling.mean.T) / self.target_scaling.scale.T
        with np.errstate(all="ignore"):
            piece = Piece(*(values.astype(dtype, "C", copy=False) for values in (X, Y)))
            if np.isfinite(piece.X.sum()) and np.isfinite(
                piece.Y.sum()
            ):  # a number that is not finite makes the sum not finite
                return piece
        wrong = np.flatnonzero(~(np.isfinite(piece.X).all(axis=1) & np.isfinite(piece.Y).all(axis=1)))
        if len(wrong):  # otherwise only the sum overflowed
            raise InputError(
                f"{self.source.name}, row {numbers[wrong[0]] + 1}: has a number that is not finite as "
                f"{np.dtype(dtype)}: wanted finite numbers; fill in or leave out what is missing"
            )
        return piece

    def _orders(self, epoch: int, seed: int, start: int, shuffled: bool) -> Iterator[Indices]:
        """Yield numbers of the rows of each piece, in the order of the epoch."""
        counts = self.counts
        order = shuffled_numbers(len(counts), seed, 0, epoch) if shuffled else np.arange(len(counts))
        if self.source.block == 1:
            order = order[counts[order] > 0][start:]
            size = self.piece
            yield from (order[at : at + size] for at in range(0, len(order), size))
            return
        ends = np.cumsum(counts[order])
        first = int(np.searchsorted(ends, start, side="right"))
        skip = start - int(ends[first] - counts[order[first]]) if first < len(order) else 0
        for block in order[first:].tolist():
            if len(numbers := self.numbers(block)[skip:]):
                yield numbers
            skip = 0

    @property
    def piece(self) -> int:
        """How many rows are read at a time from a source whose rows can all be read at the same cost."""
        return rows_of_block(self.source.n_x + self.source.n_y, self.memory_mib)


def rows_of_block(columns: int, memory_mib: float) -> int:
    """Return how many rows of ``columns`` numbers make a block, a multiple of 8."""
    most = int(MIB * memory_mib * BLOCK_SHARE / (8 * columns))
    return max(8, min(most, LARGEST_BLOCK) // 8 * 8)


def shuffled_numbers(n: int, *place: int) -> Indices:
    """Return the numbers below n in a uniformly random order, which depends only on n and the place."""
    random = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(place)))
    return random.permutation(n)

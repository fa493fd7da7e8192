"""Streams of examples that a function makes when they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from layerlab.formulas.arrays import Indices

from .stream import MEMORY, Rows, Stream


class ExampleMaker(Protocol):
    """An object that makes examples on request.

    Attributes:
        rows, n_x: number of examples, and number of features.
    """

    @property
    def rows(self) -> int: ...  # noqa: D102
    @property
    def n_x(self) -> int: ...  # noqa: D102

    def read(self, numbers: Indices, epoch: int) -> tuple[Rows, Rows]:
        """Return X (k, n_x) and Y (k, n_y) of the examples with these numbers (from 0) in an epoch."""
        ...


@dataclass(frozen=True)
class GeneratedExamples:
    """Examples that are made again in each epoch, in any order at the same cost: an ``ExampleSource``.

    Attributes:
        make: the object that makes them.
        n_y: rows of labels.
    """

    make: ExampleMaker
    n_y: int
    name: str = "the stream"
    block: int = field(default=1, init=False)
    renewed: bool = field(default=True, init=False)

    @property
    def rows(self) -> int:
        """The number of examples of an epoch."""
        return self.make.rows

    @property
    def n_x(self) -> int:
        """The number of features of an example."""
        return self.make.n_x

    @property
    def digest(self) -> str:
        """The maker's own digest, if it has one."""
        return str(getattr(self.make, "digest", ""))

    def read(self, numbers: Indices, epoch: int) -> Iterator[tuple[Rows, Rows]]:
        """Make rows, as ``ExampleSource`` specifies."""
        X, Y = self.make.read(numbers, epoch)
        yield np.asarray(X), np.asarray(Y)


def generated(make: ExampleMaker, *, memory_mib: float = MEMORY.default, name: str = "the stream") -> Stream:
    """Create a stream of examples that are made when needed, such as images that are varied in each epoch.

    The order is an ordinary shuffle, whatever the number of buffers.

    Args:
        make: has ``rows``, ``n_x`` and ``read(numbers, epoch)``, which returns X (k, n_x) and Y (k, n_y). It should be
            a pure function, so that a training that was killed can continue from its checkpoint.
        memory_mib: MiB for two buffers and the threads that fill them.
        name: the stream's name in messages.

    Example:
        >>> import numpy as np
        >>> class Noisy:
        ...     rows, n_x = 100, 2
        ...     def read(self, numbers, epoch):
        ...         x = numbers[:, None] / 100 + np.random.RandomState(epoch).rand(len(numbers), 2) / 100
        ...         return x, (numbers[:, None] > 50).astype(float)
        >>> generated(Noisy()).rows
        100
    """
    n_y = np.asarray(make.read(np.zeros(1, np.int64), 0)[1]).shape[1]
    return Stream(GeneratedExamples(make, n_y, name), memory_mib=MEMORY.check(memory_mib))

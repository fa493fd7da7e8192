"""Streams of examples that a function makes when they are needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from layerlab.formulas.arrays import Indices

from .stream import MEMORY, Rows, Stream


class ExampleMaker(Protocol):
    """Something that makes examples when it is asked for them.

    Attributes:
        rows, n_x: number of examples and of features.
    """

    @property
    def rows(self) -> int: ...  # noqa: D102
    @property
    def n_x(self) -> int: ...  # noqa: D102

    def read(self, numbers: Indices, epoch: int) -> tuple[Rows, Rows]:
        """X (k, n_x) and Y (k, n_y) of the examples with these numbers, counted from 0, as they are in an epoch."""
        ...


@dataclass(frozen=True)
class GeneratedExamples:
    """Examples made anew for each epoch, any of them at the price of any other: an ``ExampleSource``.

    Attributes:
        make: what makes them.
        n_y: rows of labels.
    """

    make: ExampleMaker
    n_y: int
    name: str = "the stream"
    block: int = field(default=1, init=False)
    renewed: bool = field(default=True, init=False)

    @property
    def rows(self) -> int:
        """Number of examples."""
        return self.make.rows

    @property
    def n_x(self) -> int:
        """Number of features."""
        return self.make.n_x

    @property
    def digest(self) -> str:
        """The maker's own digest, if it has one."""
        return str(getattr(self.make, "digest", ""))

    def read(self, numbers: Indices, epoch: int) -> tuple[Rows, Rows]:
        """Make rows as ``ExampleSource`` says."""
        X, Y = self.make.read(numbers, epoch)
        return np.asarray(X), np.asarray(Y)


def generated(make: ExampleMaker, *, memory_mib: float = MEMORY.default, name: str = "the stream") -> Stream:
    """Make a stream of examples that are made when they are needed, such as images that are varied in each epoch.

    Their order is an ordinary shuffle, however many buffers there are.

    Args:
        make: with ``rows``, ``n_x`` and ``read(numbers, epoch)``, which returns X (k, n_x) and Y (k, n_y); it should be
            a pure function of both, so that a training that was killed can go on from its checkpoint.
        memory_mib: MiB that two buffers and what fills them may take.
        name: what to call the stream in messages.

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

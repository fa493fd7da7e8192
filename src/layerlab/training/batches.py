"""In which order mini-batches take the examples: seeded, each once an epoch, the last batch as short as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import Array
from layerlab.runs.settings_rules import batches_an_epoch


class Batch(NamedTuple):
    """The examples of one update, or of several stacked along a first axis.

    Attributes:
        examples: (batch_size,) their numbers; a short batch is filled up with example 0.
        weights: (batch_size,) of mean 1; 0 where a short batch is filled up, so that its mean is over its own examples.
        size: () how many examples it has, or the sum of their weights.
    """

    examples: Array
    weights: Array
    size: Array


def batches(
    m: int, batch_size: int, seed: int, dtype: str, weights: NDArray[Any] | None = None, skip: int = 0
) -> Iterator[Batch]:
    """Batches without end: each epoch shuffles all examples anew and deals them out.

    Args:
        m: number of examples.
        batch_size: examples in a batch; the last one of an epoch has the rest.
        seed: of the ``RandomState`` that shuffles.
        dtype: of weights and size.
        weights: (m,) of the examples, or None for all alike.
        skip: batches at the beginning that are left out.

    Example:
        >>> dealt = batches(5, 2, seed=0, dtype="float64")
        >>> for batch in (next(dealt), next(dealt), next(dealt)):
        ...     print(batch.examples, batch.weights, batch.size)
        [2 0] [1. 1.] 2.0
        [1 3] [1. 1.] 2.0
        [4 0] [2. 0.] 1.0
    """
    random = np.random.RandomState(seed)
    epochs, skip = divmod(skip, batches_an_epoch(m, batch_size))
    for _ in range(epochs):
        random.permutation(m)
    while True:
        order, skip = random.permutation(m)[skip * batch_size :], 0
        yield from one_by_one(dealt(order, batch_size, dtype, weights))


def dealt(order: NDArray[Any], batch_size: int, dtype: Any, weights: NDArray[Any] | None = None) -> Batch:
    """All examples once, in this order, as batches stacked along a first axis; the last one short if need be.

    Args:
        order: numbers of the examples.
        batch_size, dtype, weights: as for ``batches``.
    """
    n, m = batches_an_epoch(len(order), batch_size), len(order)
    filled, flat = np.zeros(n * batch_size, np.int32), np.zeros(n * batch_size)
    filled[:m] = order
    flat[:m] = 1.0 if weights is None else weights[order]
    own = flat.reshape(n, batch_size)
    size = own.sum(axis=1)
    size[size == 0] = np.inf  # nothing, and no penalty either, where all weigh nothing
    return Batch(filled.reshape(n, batch_size), (batch_size / size[:, None] * own).astype(dtype), size.astype(dtype))


def one_by_one(stacked: Batch) -> Iterator[Batch]:
    """Stacked batches one by one."""
    return map(Batch, *stacked)


def stacked(some: Sequence[Batch]) -> Batch:
    """Batches along a first axis."""
    return Batch(*(np.stack(values) for values in zip(*some, strict=True)))


def lengthened(batches: Batch, length: int) -> Batch:
    """Stacked batches, as many as wanted by repeating the last."""
    short = length - len(batches.size)
    if not short:
        return batches
    return Batch(*(np.concatenate([values, np.repeat(values[-1:], short, axis=0)]) for values in batches))

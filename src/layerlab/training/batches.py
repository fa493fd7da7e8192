"""The order in which mini-batches take the examples: random by a seed, each example once per epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import Array
from layerlab.runs.settings_rules import batches_an_epoch


class Batch(NamedTuple):
    """The examples of one update, or of several updates stacked along a first axis.

    Attributes:
        examples: (batch_size,) numbers of the examples; a short batch is filled up with example 0.
        weights: (batch_size,) weights of mean 1; 0 where a short batch is filled up, so that only its own examples
            count.
        size: () number of the batch's own examples, or the sum of their weights.
    """

    examples: Array
    weights: Array
    size: Array


def batches(
    m: int, batch_size: int, seed: int, dtype: str, weights: NDArray[Any] | None = None, skip: int = 0
) -> Iterator[Batch]:
    """Batches without end: each epoch takes all examples in a new random order.

    Args:
        m: number of examples.
        batch_size: examples in a batch; the last batch of an epoch has the rest.
        seed: seed of the ``RandomState`` that shuffles.
        dtype: type of weights and size.
        weights: (m,) weights of the examples, or None if all weigh the same.
        skip: number of batches at the beginning to leave out, to continue where a checkpoint ended.

    Example:
        >>> endless = batches(5, 2, seed=0, dtype="float64")
        >>> for batch in (next(endless), next(endless), next(endless)):
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
        yield from unstacked(cut_into_batches(order, batch_size, dtype, weights))


def cut_into_batches(order: NDArray[Any], batch_size: int, dtype: Any, weights: NDArray[Any] | None = None) -> Batch:
    """Return all examples once, in this order, as batches stacked along a first axis; the last one may be shorter.

    Args:
        order: (m,) numbers of the examples.
        batch_size, dtype, weights: as for ``batches``.
    """
    n, m = batches_an_epoch(len(order), batch_size), len(order)
    filled, flat = np.zeros(n * batch_size, np.int32), np.zeros(n * batch_size)
    filled[:m] = order
    flat[:m] = 1.0 if weights is None else weights[order]
    own = flat.reshape(n, batch_size)
    size = own.sum(axis=1)
    size[size == 0] = np.inf  # a batch in which all examples weigh nothing makes no step and pays no penalty
    return Batch(filled.reshape(n, batch_size), (batch_size / size[:, None] * own).astype(dtype), size.astype(dtype))


def unstacked(several: Batch) -> Iterator[Batch]:
    """Take stacked batches apart and yield them one by one."""
    return map(Batch, *several)


def stacked(several: Sequence[Batch]) -> Batch:
    """Stack batches along a first axis."""
    return Batch(*(np.stack(values) for values in zip(*several, strict=True)))


def repeated_to(batches: Batch, length: int) -> Batch:
    """Bring stacked batches to a length by repeating the last one."""
    short = length - len(batches.size)
    if not short:
        return batches
    return Batch(*(np.concatenate([values, np.repeat(values[-1:], short, axis=0)]) for values in batches))

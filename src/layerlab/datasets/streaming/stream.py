"""Examples in blocks, shuffled by blocks and buffer: what ``train`` takes where they do not all lie in memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stream:
    """The training part of a dataset, read as it is needed.

    Attributes:
        rows: number of training examples.
    """

    rows: int

"""A curve of any length as at most 1024 pairs of lowest and highest value; only what is new is read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

MOST = 1024
"""The most pairs of a curve."""


class Curve:
    """The lowest and highest value in each block of a curve that grows at its end.

    A block has 1, 2, 4, 8 … values: as few as give at most ``MOST`` blocks. When the curve becomes too long, two
    neighbouring blocks become one. So a value is read once, and a curve of a million values costs no more than a short
    one. Values that are not numbers are left out of their block; a block without any other is not a number.

    Example:
        >>> curve = Curve()
        >>> print(curve.pairs(np.array([3.0, 1.0, 2.0]), version=0), curve.block)
        [[3. 3.]
         [1. 1.]
         [2. 2.]] 1
        >>> _ = curve.pairs(np.arange(2048.0), version=1)
        >>> print(curve.pairs(np.arange(2049.0), version=1)[-2:], curve.block)
        [[2044. 2047.]
         [2048. 2048.]] 4
    """

    def __init__(self) -> None:
        self.block = 1
        self._pairs = np.empty((MOST, 2), np.float32)
        self._length = 0
        self._version = -1

    def pairs(self, values: Floats, version: int) -> NDArray[np.float32]:
        """Return the pairs, lowest and highest, of all values: (⌈n / block⌉, 2), a view.

        Args:
            values: (n,) the whole curve.
            version: as long as it is the same, what was given before still holds, and only more is added.
        """
        if version != self._version or len(values) < self._length:
            self._version, self._length, self.block = version, 0, 1
        with np.errstate(all="ignore"):
            while len(values) > MOST * self.block:
                self._merge()
            self._add(values)
        self._length = len(values)
        return self._pairs[: -(-self._length // self.block)]

    def _merge(self) -> None:
        """Make one block of every two."""
        count = -(-self._length // self.block)
        pairs = self._pairs
        if count % 2:
            pairs[count] = pairs[count - 1]
            count += 1
        pairs[: count // 2, 0] = np.fmin(pairs[:count:2, 0], pairs[1:count:2, 0])
        pairs[: count // 2, 1] = np.fmax(pairs[:count:2, 1], pairs[1:count:2, 1])
        self.block *= 2

    def _add(self, values: Floats) -> None:
        """Bring the blocks up to date from the first one that was not full."""
        first, block = self._length // self.block, self.block
        new = values[first * block :]
        full = len(new) // block
        for column, of in enumerate((np.fmin, np.fmax)):
            rows = new[: full * block].reshape(full, block)
            self._pairs[first : first + full, column] = of.reduce(rows, axis=1) if block > 1 else rows[:, 0]
            if full * block < len(new):
                self._pairs[first + full, column] = of.reduce(new[full * block :])

"""The data that all trials of a search share: the training examples, and which fold holds which of them out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.folds import split_into_folds

from .files import read_arrays, write_arrays
from .scoring import LEAST_BLOCKS

ALWAYS_TRAINED = -1
"""The fold of an example that is never held out: every model is trained on it."""


class SearchData(NamedTuple):
    """Examples, the folds that hold them out, and the blocks in which held-out examples are scored.

    Attributes:
        X, Y: (n_x, m) and (n_y, m), prepared for the networks; for regression on the scale that is learned.
        output: the output of the networks, a name in ``LOSSES``.
        fold: (m,) number of the fold that holds an example out, or ``ALWAYS_TRAINED``.
        block: (m,) number of the block in which a held-out example is scored. The other blocks decide when training
            should have stopped, so that no example helps to pick the moment at which it is scored.
    """

    X: NDArray[Any]
    Y: NDArray[Any]
    output: str
    fold: NDArray[np.int32]
    block: NDArray[np.int32]

    @property
    def m(self) -> int:
        """Number of examples, held out or not."""
        return int(self.X.shape[1])

    @property
    def folds(self) -> int:
        """Number of folds; 1 where a validation set came with the data."""
        return int(self.fold.max()) + 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(B,) number of held-out examples in each block."""
        return np.bincount(self.block[self.fold != ALWAYS_TRAINED])

    def block_masks(self) -> list[NDArray[np.bool_]]:
        """For each block, (m,) which examples are held out and scored in it."""
        return [(self.block == number) & (self.fold != ALWAYS_TRAINED) for number in range(len(self.sizes))]

    def weights(self) -> NDArray[Any]:
        """(folds, m) example weights of each fold's models: 0 for the examples that the fold holds out, else 1."""
        own: NDArray[Any] = (self.fold[None, :] != np.arange(self.folds)[:, None]).astype(self.X.dtype)
        return own

    def digest(self) -> str:
        """Return SHA-256 of examples, folds and blocks, by which a search folder knows its data."""
        digest = hashlib.sha256(self.output.encode())
        for array in (self.X, self.Y, self.fold, self.block):
            digest.update(f"{array.shape} {array.dtype}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write examples, folds and blocks into one file."""
        write_arrays(path, {name: value for name, value in self._asdict().items() if name != "output"}, self.output)

    @classmethod
    def load(cls, path: Path) -> SearchData:
        """Read the file that ``save`` wrote."""
        arrays, output = read_arrays(path)
        return cls(output=output, **arrays)


def split_into_blocks(Y: NDArray[Any], fold: NDArray[Any], classes: bool, seed: int) -> NDArray[Any]:
    """Return the blocks in which held-out examples are scored: the folds, or parts of folds if there are fewer than 3.

    Args:
        Y: (n_y, m).
        fold: (m,) each example's fold, or ``ALWAYS_TRAINED``.
        classes, seed: as for ``split_into_folds``.

    Raises:
        InputError: there are too few held-out examples.
    """
    folds = int(fold.max()) + 1
    if folds >= LEAST_BLOCKS:
        return fold
    each = 4 // folds
    blocks = np.full(fold.shape, ALWAYS_TRAINED, np.int32)
    for number in range(folds):
        own = np.flatnonzero(fold == number)
        blocks[own] = each * number + split_into_folds(Y[:, own], each, classes, seed)
    return blocks

"""What all trials of a search share: the training examples, and which fold holds which of them out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError

from .scoring import LEAST_BLOCKS

NEVER = -1
"""Fold of an example that every model is trained on."""


class Material(NamedTuple):
    """Examples and folds.

    Attributes:
        X, Y: (n_x, m) and (n_y, m), as networks take them; values on the scale that is learned.
        output: of the networks, a name in ``LOSSES``.
        fold: (m,) number of the fold that holds an example out, or ``NEVER``.
        block: (m,) number of the part of the held-out examples that it counts in: those of the other blocks say when
            training should have stopped, so that no example helps to pick the moment at which it is counted.
    """

    X: NDArray[Any]
    Y: NDArray[Any]
    output: str
    fold: NDArray[np.int32]
    block: NDArray[np.int32]

    @property
    def m(self) -> int:
        """Number of examples."""
        return int(self.X.shape[1])

    @property
    def folds(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Examples in each block."""
        return np.bincount(self.block[self.fold != NEVER])

    def weights(self) -> NDArray[Any]:
        """(folds, m): 0 for the examples that a fold's models are not trained on, else 1."""
        own: NDArray[Any] = (self.fold[None, :] != np.arange(self.folds)[:, None]).astype(self.X.dtype)
        return own

    def digest(self) -> str:
        """Of everything in it."""
        digest = hashlib.sha256(self.output.encode())
        for array in (self.X, self.Y, self.fold, self.block):
            digest.update(f"{array.shape} {array.dtype}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write it into one file."""
        from .folder import write_arrays

        write_arrays(path, {name: value for name, value in self._asdict().items() if name != "output"}, self.output)

    @classmethod
    def load(cls, path: Path) -> Material:
        """What ``save`` wrote."""
        from .folder import read_arrays

        arrays, output = read_arrays(path)
        return cls(output=output, **arrays)


def dealt(Y: NDArray[Any], folds: int, classes: bool, seed: int, groups: NDArray[Any] | None = None) -> NDArray[Any]:
    """Folds of about the same size: of classes each with about the same share of every one, of groups each whole.

    Args:
        Y: (n_y, m) labels.
        folds: how many.
        classes: whether the labels are classes.
        seed: of the order.
        groups: (m,) of each example whose own must stay together, or None.

    Returns:
        (m,) numbers from 0.

    Raises:
        InputError: there are fewer examples, or groups, than folds.
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

    m = Y.shape[1]
    units = m if groups is None else len(np.unique(groups))
    if not 2 <= folds <= units:
        what = "examples" if groups is None else "groups of examples that belong together"
        raise InputError(f"folds={folds}: wanted at least 2, and no more than the {units} {what}")
    labels = class_numbers(Y) if classes else None
    if groups is not None:
        parts = GroupKFold(folds, shuffle=True, random_state=seed).split(Y.T, labels, groups)
    elif labels is not None and np.bincount(labels)[np.unique(labels)].min() >= folds:
        parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(Y.T, labels)
    else:
        parts = KFold(folds, shuffle=True, random_state=seed).split(Y.T)
    numbers = np.empty(m, np.int32)
    for number, (_, held_out) in enumerate(parts):
        numbers[held_out] = number
    return numbers


def blocks_of(Y: NDArray[Any], fold: NDArray[Any], classes: bool, seed: int) -> NDArray[Any]:
    """The folds, or where there are too few of them each cut into blocks, so that there are at least three.

    Args:
        Y: (n_y, m).
        fold: (m,) numbers, or ``NEVER``.
        classes, seed: as for ``dealt``.

    Raises:
        InputError: there are too few held-out examples.
    """
    folds = int(fold.max()) + 1
    if folds >= LEAST_BLOCKS:
        return fold
    each = 4 // folds
    blocks = np.full(fold.shape, NEVER, np.int32)
    for number in range(folds):
        own = np.flatnonzero(fold == number)
        blocks[own] = each * number + dealt(Y[:, own], each, classes, seed)
    return blocks

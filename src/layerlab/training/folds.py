"""The folds that members of a population leave out, and the value by which each member's best epoch is chosen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Part
from layerlab.formulas.arrays import Floats


class Folds(NamedTuple):
    """Which fold each of the K members leaves out, and what a constant prediction costs there.

    Attributes:
        numbers: (m,) fold of each training example, from 0.
        held_out: (K,) fold that each member leaves out.
        scales: (K,) cost of the constant prediction on that fold, above 0.
        ordered: whether the folds follow each other in time.
        weighted: whether the examples had weights before the folds were made.
        grouped: whether the caller said which examples belong together.
    """

    numbers: NDArray[np.int16]
    held_out: NDArray[np.int64]
    scales: Floats
    ordered: bool
    weighted: bool
    grouped: bool

    def masks(self) -> NDArray[np.bool_]:
        """(K, m) which examples each member is trained on."""
        trained: NDArray[np.bool_] = self.numbers[None, :] != self.held_out[:, None]
        return trained


def cost_on_others(costs: Floats, held_out: NDArray[np.int64], scales: Floats) -> Floats:
    """Judge each member's epoch by the folds that it does not leave out: the value by which its best one is chosen.

        c_k = mean over the folds j ≠ j_k of (held-out cost of fold j) / (cost of the constant prediction on fold j)

    The held-out cost of fold j is the mean over the members that leave it out, so none of them was trained on it. Fold
    j_k has no part in c_k: member k's answers on that fold stay answers for examples that chose nothing about it.

    Args:
        costs: (K,) each member's cost on the fold that it leaves out.
        held_out: (K,) that fold; there are at least two of them.
        scales: (K,) cost of the constant prediction there.

    Returns:
        (K,): below 1 if the members predict better than a constant; nan where a member of another fold diverged.

    Example:
        >>> cost_on_others(np.array([1.0, 2.0, 6.0]), np.array([0, 1, 2]), np.array([2.0, 2.0, 2.0]))
        array([2.  , 1.75, 0.75])
    """
    left_out, places = np.unique(held_out, return_inverse=True)
    each = np.bincount(places, costs / scales) / np.bincount(places)
    others = places[:, None] != np.arange(len(left_out))
    judged: Floats = np.where(others, each, 0.0).sum(axis=1) / (len(left_out) - 1)
    return judged


def held_out_parts(part: Part, folds: Folds, weights: Floats | None) -> tuple[Part, Floats]:
    """Gather each member's own fold, so that it is judged there alone and not on all examples.

    Args:
        part: the training set, X (n_x, m) and Y (n_y, m).
        folds: which fold each member leaves out.
        weights: (m,) weights of the examples, or None.

    Returns:
        X (K, n_x, k) and Y (K, n_y, k), and weights (K, k); shorter folds are filled up with examples of weight 0.
    """
    places = [np.flatnonzero(folds.numbers == fold) for fold in folds.held_out]
    longest = max(map(len, places))
    filled = np.zeros((len(places), longest), np.int64)
    own = np.zeros(filled.shape, part.Y.dtype)
    for k, some in enumerate(places):
        filled[k, : len(some)] = some
        own[k, : len(some)] = 1.0 if weights is None else weights[some]
    X, Y = (np.ascontiguousarray(np.moveaxis(values[:, filled], 1, 0)) for values in part)
    return Part(X, Y), own

"""Folds of a training set: each is left out once, by networks that are trained on the others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError

from .dataset import Dataset
from .part import class_numbers


def split_into_folds(
    Y: NDArray[Any], folds: int, classes: bool, seed: int, groups: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Split the examples at random into folds of about the same size.

    Each class has about the same share of every fold; examples of one group are in the same fold.

    Args:
        Y: (n_y, m) labels.
        folds: how many.
        classes: whether the labels are classes.
        seed: the seed of the random order.
        groups: (m,) number of each example's group, or None.

    Returns:
        (m,) each example's fold, from 0.

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


def folds_of(data: Dataset, Y: NDArray[Any], folds: int, classes: bool, seed: int) -> NDArray[Any]:
    """Split the training set as its table was split: at random, by whole groups of rows, or into stretches of time.

    Args:
        data: the dataset; one that was not made from a table is split at random.
        Y, folds, classes, seed: as for ``split_into_folds``.

    Returns:
        (m,) each training example's fold, from 0.

    Raises:
        InputError: there are fewer examples, or groups, than folds.
    """
    split = None if data.raw is None else data.raw.split
    if data.raw is None or split is None or (split.group is None and split.time is None):
        return split_into_folds(Y, folds, classes, seed)
    groups = None
    if split.group is not None:
        words = [str(value) for value in data.raw.table[split.group].values[data.raw.train]]
        groups = np.unique(words, return_inverse=True)[1]
    if split.time is None:
        return split_into_folds(Y, folds, classes, seed, groups=groups)
    times = np.asarray(data.raw.table[split.time].values[data.raw.train], np.float64)
    if groups is not None:  # whole groups, by their last row
        last = np.full(groups.max() + 1, -np.inf)
        np.maximum.at(last, groups, times)
        times = last[groups]
        order = np.lexsort((groups, times))
        return _stretches(order, folds, groups[order])
    return _stretches(np.argsort(times, kind="stable"), folds)


def _stretches(order: NDArray[Any], folds: int, together: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return folds of about the same size, one after the other in an order.

    Args:
        order: (m,) the examples' numbers in their order.
        folds: how many.
        together: (m,) numbers in that order; examples with the same one stay in one fold, that of their first.
    """
    m = len(order)
    fold = np.arange(m) * folds // m
    if together is not None:
        _, first, members = np.unique(together, return_index=True, return_inverse=True)
        fold = fold[first[members]]
        fold = np.unique(fold, return_inverse=True)[1]  # a group that fills a fold leaves none empty
    found = np.empty(m, np.int32)
    found[order] = fold
    return found

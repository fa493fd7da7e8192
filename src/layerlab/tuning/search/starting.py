"""Start a search: prepare the data that its trials share, and create its folder or find it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset, Part
from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.evaluating.comparisons.recipe_training import hold_out_and_standardize
from layerlab.network import Network
from layerlab.runs.metrics import RANKED_BY_CLASSES
from layerlab.training.target import scaled, scaling_of
from layerlab.training.train import checked_parts

from .proposals.known_networks import KnownNetwork, known_networks
from .request import SearchRequest
from .state import SearchState
from .trials.folder import SearchFolder
from .trials.search_data import ALWAYS_TRAINED, SearchData, split_into_blocks, split_into_folds


def start_search(place: Path, data: Dataset, request: SearchRequest) -> tuple[Dataset, SearchState]:
    """Prepare the dataset as networks are trained on it, and begin the search in its folder or find it there.

    Raises:
        InputError: the data do not fit, or the folder holds another search.
    """
    ready, held_out = hold_out_and_standardize(data)
    search_data = _search_data(ready, held_out, request)
    return ready, state_in(place, search_data, request, known_networks(ready, request.shared.dtype))


def state_in(
    place: Path, search_data: SearchData, request: SearchRequest, known: Sequence[KnownNetwork]
) -> SearchState:
    """Begin a search in a folder, or find the same one there.

    Args:
        place: the folder.
        search_data: examples and folds.
        request: what is asked.
        known: the reference networks.

    Raises:
        InputError: the folder holds another search.
    """
    folder = SearchFolder(place)
    folder.begin(
        {
            "data": search_data.digest(),
            "space": request.space.plain(),
            "how": request.shared._asdict(),
            "batch": request.batch,
            "references": [one.record() for one in known],
        }
    )
    if not folder.data_file.exists():
        search_data.save(folder.data_file)
    return SearchState.at(place, search_data)


def _search_data(data: Dataset, held_out: Part | None, request: SearchRequest) -> SearchData:
    """Return the training set in folds; or the training set and a given set that is always held out."""
    n_x, n_y, shared = data.n_x, data.n_y, request.shared
    part, _, network = checked_parts(Network((n_x, n_y)), data, None, shared.dtype)
    extra = data.test if request.leak else held_out
    classes, seed = network.classifies, shared.seed
    if extra is None:
        fold = _folds(data, part.Y, request.folds, classes, seed)
    else:
        checked, _, _ = checked_parts(network, (extra.X, extra.Y), None, shared.dtype)
        checked = scaled(checked, scaling_of(network, data))
        fold = np.repeat(np.array([ALWAYS_TRAINED, 0], np.int32), [part.X.shape[1], checked.X.shape[1]])
        part = Part(np.hstack([part.X, checked.X]), np.hstack([part.Y, checked.Y]))
    search_data = SearchData(part.X, part.Y, str(network.output), fold, split_into_blocks(part.Y, fold, classes, seed))
    if shared.by in RANKED_BY_CLASSES:
        _check_blocks(search_data, shared.by)
    return search_data


def _check_blocks(search_data: SearchData, by: str) -> None:
    """Check that a score of classes is defined in each block of the held-out examples.

    Raises:
        InputError: a block has no example of some class.
    """
    classes = class_numbers(np.asarray(search_data.Y, np.float64))
    for block in search_data.block_masks():
        missing = set(np.unique(classes)) - set(np.unique(classes[block]))
        if missing:
            raise InputError(
                f"by={by!r}: a block of {int(block.sum()):,} held-out examples has none of class {min(missing)}, so it "
                f"cannot be scored there; take fewer folds, or by='cost'"
            )


def _folds(data: Dataset, Y: NDArray[Any], folds: int, classes: bool, seed: int) -> NDArray[Any]:
    """Split the training set as the table was split: at random, by whole groups of rows, or into stretches of time."""
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

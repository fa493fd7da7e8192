"""Start a search: prepare the data that its trials share, and create its folder or find it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from layerlab.datasets import Dataset, Part
from layerlab.datasets.folds import folds_of
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
from .trials.older_tasks import take_over
from .trials.search_data import ALWAYS_TRAINED, SearchData, split_into_blocks


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
    state = SearchState.at(place, search_data)
    for number, candidates in state.batches():
        take_over(folder, state.tasks(number, candidates))
    return state


def _search_data(data: Dataset, held_out: Part | None, request: SearchRequest) -> SearchData:
    """Return the training set in folds; or the training set and a given set that is always held out."""
    n_x, n_y, shared = data.n_x, data.n_y, request.shared
    part, _, network = checked_parts(Network((n_x, n_y)), data, None, shared.dtype)
    extra = data.test if request.leak else held_out
    classes, seed = network.classifies, shared.seed
    if extra is None:
        fold = folds_of(data, part.Y, request.folds, classes, seed)
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

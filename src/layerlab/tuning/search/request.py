"""What is asked of a search, checked; and the first files in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset, Part
from layerlab.errors import InputError
from layerlab.evaluating.comparisons.recipe_training import hold_out_and_standardize
from layerlab.network import Network, output_for
from layerlab.settings import SETTINGS, Setting
from layerlab.training.target import scaled, scaling_of
from layerlab.training.train import checked_parts

from .proposals.space import Space, space_from, usual_space, with_changes
from .reference_networks import references_of
from .state import Arm
from .trials.folder import REQUEST, Folder
from .trials.outcome import FIGURES
from .trials.population import How
from .trials.scoring import LEAST_BLOCKS
from .trials.search_data import NEVER, Material, blocks_of, dealt

TRIALS = Setting("trials", int, 100, "How many networks are tried", low=1, high=1_000_000)
BATCH = Setting("batch", int, None, "Trials that are proposed together", low=1, high=10_000)
FOLDS = Setting("folds", int, 5, "Parts of the training examples, each of which is held out once", low=2, high=1000)
SEEDS = Setting("seeds", int, 1, "Initial weights that each trial is tried with", low=1, high=100)
ETA = Setting("halving", int, 4, "One of so many trials goes on at each rung; 1 for all", low=1, high=100)
OUTER = Setting("outer", int, 0, "Outer folds without each of which the whole search is repeated", low=0, high=100)
WORKERS = Setting("workers", int, None, "Processes that train beside this one; 0 for none", low=0, high=1024)


@dataclass(frozen=True)
class Wish:
    """What is asked of a search, checked.

    Attributes:
        trials, batch, folds, outer, space: as for ``search``.
        how: what is the same for all tasks.
        averages: whether averages of several trials may be chosen.
        leak: whether the test part ranks.
    """

    trials: int
    batch: int
    folds: int
    outer: int
    how: How
    space: Space
    averages: bool
    leak: bool


def wish_for(
    data: Dataset,
    trials: int,
    space: Mapping[str, Any] | str | Path | None,
    by: str | None,
    counts: tuple[int, int, int, int],
    seed: int,
    batch: int | None,
    averages: bool,
    leak: bool,
    dtype: str,
    engine: str,
) -> Wish:
    """The arguments of ``search``, checked; counts are folds, seeds, halving and outer.

    Raises:
        InputError: one is not right.
    """
    if not isinstance(data, Dataset):
        raise InputError(f"data is {type(data).__name__}: wanted a layerlab Dataset, with a training and a test part")
    if data.stream or data.augmentation:
        what = "is a stream" if data.stream else "has augmented images, which come anew in each epoch"
        raise InputError(f"{data.name}: {what}; wanted examples that lie in memory, which all trials share")
    folds, seeds, eta, outer = (one.check(value) for one, value in zip((FOLDS, SEEDS, ETA, OUTER), counts, strict=True))
    n = TRIALS.check(trials)
    classes = output_for(data.train.Y) != "identity"
    by = ("accuracy" if classes else "cost") if by is None else by
    if by not in FIGURES:
        raise InputError(f"by={by!r}: wanted one of {', '.join(map(repr, FIGURES))}, the figure that ranks")
    if by == "accuracy" and not classes:
        raise InputError(f"by='accuracy': {data.name} has values, not classes; take by='cost'")
    if outer == 1:
        raise InputError("outer=1: wanted 0, or at least 2 outer folds, each of which is held out once")
    if outer and (leak or data.validation is not None):
        what = "rank_on_test" if leak else "a validation part that came with the data"
        raise InputError(f"outer={outer} beside {what}: wanted folds of the training part; leave one of the two out")
    changes = space if isinstance(space, Mapping) else {} if space is None else space_from(space)
    usual = usual_space(data.n_x, data.train.X.shape[1], classes)
    size = max(16, min(256, -(-n // 8))) if batch is None else BATCH.check(batch)
    start = SETTINGS["seed"].check(seed)
    how = How(by, eta, seeds, start, SETTINGS["dtype"].check(dtype), SETTINGS["engine"].check(engine))
    wished = with_changes(usual, changes)
    left = _least(data, folds, outer)
    check_batches(wished, left)
    return Wish(n, size, folds, outer, how, wished, averages, leak)


def _least(data: Dataset, folds: int, outer: int) -> int:
    """Examples of the smallest search: of the training part, or of what is left without an outer fold.

    Raises:
        InputError: there are too few of them for the folds, or rows belong together and the folds do not heed it.
    """
    m = int(data.train.X.shape[1])
    if outer > m:
        raise InputError(f"outer={outer}: wanted no more outer folds than the {m} training examples")
    left = m - -(-m // outer) if outer else m
    if folds > left:
        raise InputError(f"folds={folds}: wanted no more than the {left} training examples")
    split = None if data.raw is None else data.raw.split
    if split is not None and (split.group or split.time) and (outer or folds < LEAST_BLOCKS):
        what = f"outer={outer}" if outer else f"folds={folds}"
        raise InputError(
            f"{what} on rows that were split by {split.group or split.time!r}: they would be dealt without heeding it; "
            f"wanted at least {LEAST_BLOCKS} folds, and no outer ones"
        )
    return left


def known_batch(folder: str | Path | None) -> int | None:
    """The batch of a search that is there, so that more trials can be asked for without naming it again."""
    if folder is None or not (Path(folder) / REQUEST).exists():
        return None
    size = Folder(Path(folder)).request().get("batch")
    return size if isinstance(size, int) else None


def check_batches(space: Space, m: int) -> None:
    """Raises InputError where a batch would have more examples than there are."""
    sizes = space.dimensions.get("batch_size", ())
    largest = sizes.high if not isinstance(sizes, tuple) else max((n for n in sizes if isinstance(n, int)), default=0)
    if largest > m:
        raise InputError(f"batch_size={largest:g} in the search space: wanted at most the {m} training examples")


def begun_arm(place: Path, data: Dataset, wish: Wish) -> tuple[Dataset, Arm]:
    """The dataset as its networks are trained on it, and the search in its folder, begun or found.

    Raises:
        InputError: the data do not fit, or the folder holds another search.
    """
    ready, held_out = hold_out_and_standardize(data)
    material = _material(ready, held_out, wish)
    return ready, arm_in(place, material, wish, references_of(ready, wish.how.dtype))


def arm_in(place: Path, material: Material, wish: Wish, references: Any = ()) -> Arm:
    """A search in its folder, begun or found there.

    Raises:
        InputError: the folder holds another search.
    """
    folder = Folder(place)
    folder.begin(
        {
            "data": material.digest(),
            "space": wish.space.plain(),
            "how": wish.how._asdict(),
            "batch": wish.batch,
            "references": [list(one) for one in references],
        }
    )
    if not folder.material.exists():
        material.save(folder.material)
    return Arm.at(place, material)


def _material(data: Dataset, held_out: Part | None, wish: Wish) -> Material:
    """The training examples in folds; or with a part that is held out as it came."""
    n_x, n_y = data.n_x, data.n_y
    part, _, network = checked_parts(Network((n_x, n_y)), data, None, wish.how.dtype)
    extra = data.test if wish.leak else held_out
    classes, seed = network.classifies, wish.how.seed
    if extra is None:
        fold = _folds(data, part.Y, wish.folds, classes, seed)
    else:
        checked, _, _ = checked_parts(network, (extra.X, extra.Y), None, wish.how.dtype)
        checked = scaled(checked, scaling_of(network, data))
        fold = np.repeat(np.array([NEVER, 0], np.int32), [part.X.shape[1], checked.X.shape[1]])
        part = Part(np.hstack([part.X, checked.X]), np.hstack([part.Y, checked.Y]))
    return Material(part.X, part.Y, str(network.output), fold, blocks_of(part.Y, fold, classes, seed))


def _folds(data: Dataset, Y: NDArray[Any], folds: int, classes: bool, seed: int) -> NDArray[Any]:
    """By chance; where rows of a table belong together they stay so, and in time folds are stretches of it."""
    split = None if data.raw is None else data.raw.split
    if data.raw is None or split is None or (split.group is None and split.time is None):
        return dealt(Y, folds, classes, seed)
    values = data.raw.table[str(split.group or split.time)].values[data.raw.train]
    if split.time is not None:
        order = np.argsort(np.argsort(np.asarray(values, np.float64), kind="stable"), kind="stable")
        return np.asarray(order * folds // len(order), np.int32)
    words = np.array([str(value) for value in values])
    return dealt(Y, folds, classes, seed, groups=np.unique(words, return_inverse=True)[1])

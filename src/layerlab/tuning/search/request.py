"""The request: what is asked of a search, checked before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layerlab.datasets import Dataset
from layerlab.errors import InputError
from layerlab.network import output_for
from layerlab.runs.metrics import RANKED_BY_CLASSES
from layerlab.settings import SETTINGS, Setting

from .proposals.space import Space, read_space, usual_space, with_changes
from .trials.folder import REQUEST_FILE, SearchFolder
from .trials.outcome import RANKED_BY
from .trials.population import SharedSettings
from .trials.scoring import LEAST_BLOCKS

TRIALS = Setting("trials", int, 100, "How many networks are tried", low=1, high=1_000_000)
BATCH = Setting("batch", int, None, "Trials that are proposed together", low=1, high=10_000)
FOLDS = Setting(
    "folds", int, 5, "Parts into which the training examples are split; each is held out once", low=2, high=1000
)
SEEDS = Setting("seeds", int, 1, "Number of initial weights that each trial is trained with", low=1, high=100)
ETA = Setting("halving", int, 4, "One of this many trials goes on at each rung; 1 for all", low=1, high=100)
OUTER = Setting(
    "outer", int, 0, "Number of outer folds; the whole search is repeated without each of them", low=0, high=100
)
WORKERS = Setting("workers", int, None, "Processes that train in parallel to this one; 0 for none", low=0, high=1024)

ASKED = (
    "trials",
    "space",
    "by",
    "folds",
    "seeds",
    "halving",
    "outer",
    "seed",
    "batch",
    "ensemble",
    "rank_on_test",
    "dtype",
    "engine",
)
"""Arguments of ``search`` that decide what is computed; the others say where, and by which processes."""


@dataclass(frozen=True)
class SearchRequest:
    """What is asked of a search, checked.

    Attributes:
        trials, batch, folds, outer, space: as for ``search``.
        shared: settings that all tasks share.
        averages: whether averages of several trials may be chosen.
        leak: whether the trials are ranked by the test set.
    """

    trials: int
    batch: int
    folds: int
    outer: int
    shared: SharedSettings
    space: Space
    averages: bool
    leak: bool

    def asked(self) -> dict[str, Any]:
        """Return the same by the names of the arguments of ``search``."""
        shared = self.shared
        return {
            "trials": self.trials,
            "by": shared.by,
            "folds": self.folds,
            "seeds": shared.seeds,
            "halving": shared.eta,
            "outer": self.outer,
            "seed": shared.seed,
            "batch": self.batch,
            "ensemble": self.averages,
            "rank_on_test": self.leak,
            "dtype": shared.dtype,
            "engine": shared.engine,
        }


def checked_request(data: Dataset, asked: Mapping[str, Any]) -> SearchRequest:
    """Check the arguments of ``search`` that say what is computed.

    Args:
        data: the dataset.
        asked: the arguments in ``ASKED``, by their names.

    Raises:
        InputError: one is not right.
    """
    _check_data(data)
    folds, seeds = FOLDS.check(asked["folds"]), SEEDS.check(asked["seeds"])
    eta, outer = ETA.check(asked["halving"]), OUTER.check(asked["outer"])
    trials = TRIALS.check(asked["trials"])
    classes = output_for(data.train.Y) != "identity"
    by = _checked_by(asked["by"], data, classes)
    _check_outer(outer, data, asked["rank_on_test"])
    space, batch = asked["space"], asked["batch"]
    changes = space if isinstance(space, Mapping) else {} if space is None else read_space(space)
    usual = usual_space(data.n_x, data.train.X.shape[1], classes)
    size = max(16, min(256, -(-trials // 8))) if batch is None else BATCH.check(batch)
    seed = SETTINGS["seed"].check(asked["seed"])
    dtype, engine = (SETTINGS[name].check(asked[name]) for name in ("dtype", "engine"))
    wanted = with_changes(usual, changes)
    _check_batch_sizes(wanted, _least_examples(data, folds, outer))
    shared = SharedSettings(by, eta, seeds, seed, dtype, engine)
    return SearchRequest(trials, size, folds, outer, shared, wanted, asked["ensemble"], asked["rank_on_test"])


def _check_data(data: Dataset) -> None:
    if not isinstance(data, Dataset):
        raise InputError(f"data is {type(data).__name__}: wanted a layerlab Dataset, with a training and a test set")
    if data.stream or data.augmentation:
        what = "is a stream" if data.stream else "has augmented images, which change in each epoch"
        raise InputError(f"{data.name}: {what}; wanted examples that lie in memory, which all trials share")


def _checked_by(by: str | None, data: Dataset, classes: bool) -> str:
    by = ("accuracy" if classes else "cost") if by is None else by
    if by not in RANKED_BY:
        raise InputError(f"by={by!r}: wanted one of {', '.join(map(repr, RANKED_BY))}, the score that ranks")
    if by != "cost" and not classes:
        raise InputError(f"by={by!r}: {data.name} has values, not classes; take by='cost'")
    if by in RANKED_BY_CLASSES and output_for(data.train.Y) == "sigmoid" and data.n_y > 1:
        raise InputError(f"by={by!r}: needs one class per example, and {data.name} has several labels")
    return by


def _check_outer(outer: int, data: Dataset, leak: bool) -> None:
    if outer == 1:
        raise InputError("outer=1: wanted 0, or at least 2 outer folds, each of which is held out once")
    if outer and (leak or data.validation is not None):
        what = "rank_on_test" if leak else "a validation set that came with the data"
        raise InputError(
            f"outer={outer} together with {what}: wanted folds of the training set; leave one of the two out"
        )


def _least_examples(data: Dataset, folds: int, outer: int) -> int:
    """Return the number of examples in the smallest of the searches: all, or what is left without an outer fold.

    Raises:
        InputError: there are too few of them for the folds, or rows belong together and the folds would separate them.
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
            f"{what} on rows that were split by {split.group or split.time!r}: they would be split regardless of it; "
            f"wanted at least {LEAST_BLOCKS} folds, and no outer ones"
        )
    return left


def _check_batch_sizes(space: Space, m: int) -> None:
    """Refuse a space in which a batch could have more examples than the smallest search has."""
    sizes = space.dimensions.get("batch_size", ())
    largest = sizes.high if not isinstance(sizes, tuple) else max((n for n in sizes if isinstance(n, int)), default=0)
    if largest > m:
        raise InputError(f"batch_size={largest:g} in the search space: wanted at most the {m} training examples")


def earlier_batch(folder: str | Path | None) -> int | None:
    """Trials in a batch of the search that is in a folder; with it, more trials can be asked for without naming it."""
    if folder is None or not (Path(folder) / REQUEST_FILE).exists():
        return None
    size = SearchFolder(Path(folder)).read_request().get("batch")
    return size if isinstance(size, int) else None

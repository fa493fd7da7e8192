"""How the rows of a table are split into training and test rows; the split can be recorded and repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import SEED
from layerlab.datasets.printable_names import number_order
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats, Indices
from layerlab.settings import Setting

from .cell_reports import rows_in_words
from .table import Column, Table

TEST_SHARE = Setting("test", float, 0.2, "Share of the rows in the test set", above=0, below=1)

MOST_STRATIFIED_GROUPS = 20_000
"""Up to this many groups, each is placed by how many test rows of every class are still missing."""


@dataclass(frozen=True)
class Split:
    """How rows are split.

    Attributes:
        share: share of the rows that go to the test set, above 0 and below 1.
        seed: seed of the random split.
        group: a column; rows with the same value in it stay in one set. Or None.
        time: a column; the last rows in its order are the test set. Or None. With a group too, earlier rows of the
            test set's groups are in neither set.
        given: whether the test set came in a file of its own; the share says how large it is.
    """

    share: float = 0.2
    seed: int = 0
    group: str | None = None
    time: str | None = None
    given: bool = False


def check_can_be_resplit(split: Split) -> None:
    """Refuse to repeat a split that does not depend on a seed."""
    if split.given:
        raise InputError(
            "the test set was given as a file, so it cannot be split again: leave out --splits, or that file"
        )
    if split.time is not None:
        raise InputError(
            f"time={split.time!r}: there is only one split by time, so it cannot be split again: leave out --splits, "
            "or --time"
        )


def split_rows(table: Table, target: str, split: Split) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split the rows: return the places of the training rows and of the test rows, each in ascending order.

    In a split by time, test rows of a class that no training row has are in neither set. With a group as well, earlier
    rows of the test set's groups are in neither set.

    Args:
        table: all rows, with the target and the columns that the split names.
        target: name of its column; in a random split, each class ("truth", "category") has its share in both sets.
        split: how to split.

    Raises:
        InputError: the split names a column that does not exist, a set would be empty, or the training set would have
            only one class. If rows are not split by time, it is also an error if a set would lack a class.
    """
    share, m = TEST_SHARE.check(split.share), table.m
    random = np.random.RandomState(SEED.check(split.seed))
    _check_columns(table, target, split)
    classes = class_codes(table[target])[0] if is_classes(table[target]) else np.zeros(m, np.int64)
    wanted = min(max(1, round(share * m)), m - 1)
    if m < 2:
        raise InputError(f"the table has {m} row with a target; wanted at least 2, one to train on and one to test")
    if split.time is not None:
        chosen = _last(table[split.time], table.rows, wanted)
    elif split.group is not None:
        chosen = _groups(table[split.group], table.rows, classes, wanted, random)
    else:
        chosen = _by_chance(table, target, classes, wanted, random)
    train = ~chosen
    if split.time is not None and split.group is not None:
        train &= ~_of_these_groups(table[split.group], chosen)
    _check_parts(table, target, train, chosen, split)
    if split.time is not None and is_classes(table[target]):
        chosen &= np.isin(classes, classes[train])  # no network can predict a class that it never saw
    return np.flatnonzero(train), np.flatnonzero(chosen)


def is_classes(column: Column) -> bool:
    """Return whether a target holds classes and not numbers."""
    return column.kind in ("truth", "category")


def class_codes(column: Column) -> tuple[Indices, tuple[str, ...]]:
    """Return the class number (m,) of each row, from 0, and the names of the classes: words in order, numbers by value.

    Args:
        column: a target of the kind truth or category, nothing missing.
    """
    if column.kind == "truth":
        names = column.words or ("no", "yes")
        return column.values.astype(np.int64), names
    words = in_order(set(column.values.tolist()))
    codes = {word: code for code, word in enumerate(words)}
    return np.fromiter((codes[word] for word in column.values), np.int64, len(column.values)), words


def in_order(words: set[str]) -> tuple[str, ...]:
    """Return names in the order of a target's classes: numbers by value, then words.

    Example:
        >>> in_order({"10", "9"}), in_order({"yes", "no"})
        (('9', '10'), ('no', 'yes'))
    """
    return tuple(sorted(words, key=number_order))


def _check_columns(table: Table, target: str, split: Split) -> None:
    """Check the columns that the split names."""
    if split.group is not None and split.group == split.time:
        raise InputError(
            f"time={split.time!r}: is the column of group too; wanted another column, or only one of the two options"
        )
    for argument, name in (("group", split.group), ("time", split.time)):
        if name is None:
            continue
        if name not in table.names:
            raise InputError(f"{argument}={name!r}: the table has no such column; wanted one of {_named(table.names)}")
        if name == target:
            raise InputError(f"{argument}={name!r}: is the target; wanted another column")
        lost = table.rows[table[name].missing]
        if lost.size:
            raise InputError(
                f"{argument}={name!r}: is missing in {rows_in_words(lost)}; wanted a value in every row, so fill it "
                "in or delete these rows"
            )
    if split.time is not None and table[split.time].kind not in ("date", "number"):
        raise InputError(
            f"time={split.time!r}: is a {table[split.time].kind}; wanted dates (written as 2024-12-31) or numbers"
        )


def _named(names: tuple[str, ...]) -> str:
    """Return the first of some names, quoted."""
    return ", ".join(repr(name) for name in names[:8]) + ", …" * (len(names) > 8)


def _by_chance(
    table: Table, target: str, classes: Indices, wanted: int, random: np.random.RandomState
) -> NDArray[np.bool_]:
    """Choose test rows at random, with the same share of each class in both sets, and at least one row in each."""
    counts = np.bincount(classes)
    if (single := np.flatnonzero(counts == 1)).size and is_classes(table[target]):
        name = class_codes(table[target])[1][single[0]]
        row = table.rows[np.flatnonzero(classes == single[0])[0]]
        more = f" (and {single.size - 1} more classes)" * (single.size > 1)
        raise InputError(
            f"row {row}, column {target!r}: {name!r} is the only row of its class{more}; wanted at least two, one to "
            "train on and one to test: leave such rows out with drop_rare=True, or give them another class"
        )
    share = wanted / len(classes) * counts
    # Every class gives the integer part of its share; the rows still wanted come from the largest fractions.
    take = np.floor(share).astype(np.int64)
    rest = np.argsort(take - share, kind="stable")[: wanted - int(take.sum())]
    take[rest] += 1
    take = np.where(counts > 0, np.clip(take, 1, np.maximum(counts - 1, 1)), 0)
    # In random order, sorted by class: the first rows of each class are a random choice of it.
    shuffled = random.permutation(len(classes))
    by_class = shuffled[np.argsort(classes[shuffled], kind="stable")]
    starts = np.cumsum(counts) - counts
    rank = np.arange(len(classes)) - starts[classes[by_class]]
    chosen = np.zeros(len(classes), bool)
    chosen[by_class[rank < take[classes[by_class]]]] = True
    return chosen


def _last(column: Column, rows: Indices, wanted: int) -> NDArray[np.bool_]:
    """Choose the last rows in time; equal times stay together, on the side that is closer to the wanted number."""
    times = np.asarray(column.values, np.float64)
    border = np.sort(times)[len(times) - wanted]
    with_border: NDArray[np.bool_] = times >= border
    without: NDArray[np.bool_] = times > border
    sizes = int(with_border.sum()), int(without.sum())
    if sizes[0] == len(rows) and sizes[1] == 0:
        raise InputError(f"time={column.name!r}: has the same value in all rows; wanted at least two times to split at")
    if sizes[0] == len(rows) or (sizes[1] and abs(sizes[1] - wanted) < abs(sizes[0] - wanted)):
        return without
    return with_border


def _groups(
    column: Column, rows: Indices, classes: Indices, wanted: int, random: np.random.RandomState
) -> NDArray[np.bool_]:
    """Choose whole groups at random; a group joins the test rows if that is closer to what is wanted of every class."""
    names, members = _group_numbers(column)
    if len(names) < 2:
        raise InputError(f"group={column.name!r}: has the same value in all rows; wanted at least two groups")
    order = random.permutation(len(names))
    sizes = np.bincount(members)
    if len(names) > MOST_STRATIFIED_GROUPS or classes.max(initial=0) == 0:
        joins = _up_to(sizes[order][:, None].astype(np.float64), np.array([float(wanted)]))
    else:
        counts = np.zeros((len(names), int(classes.max()) + 1))
        np.add.at(counts, (members, classes), 1.0)
        joins = _up_to(counts[order], counts.sum(axis=0) * wanted / len(rows))
    chosen_groups = np.zeros(len(names), bool)
    chosen_groups[order[joins]] = True
    if not chosen_groups.any():  # every group is larger than twice the share
        chosen_groups[np.argmin(sizes)] = True
    if chosen_groups.all():
        chosen_groups[np.argmax(sizes)] = False
    chosen: NDArray[np.bool_] = chosen_groups[members]
    return chosen


def _group_numbers(column: Column) -> tuple[NDArray[Any], Indices]:
    """Return the different values of a column, and for each row (m,) the number of its value among them."""
    values = np.array([str(value) for value in column.values]) if column.kind == "category" else column.values
    names, members = np.unique(values, return_inverse=True)
    return names, members


def _of_these_groups(column: Column, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether each row (m,) is in the group of a chosen row."""
    names, members = _group_numbers(column)
    there = np.zeros(len(names), bool)
    there[members[chosen]] = True
    found: NDArray[np.bool_] = there[members]
    return found


def _up_to(counts: Floats, wanted: Floats) -> NDArray[np.bool_]:
    """Return which groups (g, classes), taken one after another, bring the sum closer to what is wanted (classes,)."""
    joins = np.zeros(len(counts), bool)
    have = np.zeros_like(wanted)
    for place, group in enumerate(counts):
        if np.abs(have + group - wanted).sum() < np.abs(have - wanted).sum():
            have, joins[place] = have + group, True
    return joins


def _check_parts(table: Table, target: str, train: NDArray[np.bool_], test: NDArray[np.bool_], split: Split) -> None:
    """Refuse a split that leaves a set empty, or without a row of a class.

    Later rows may have other classes, so in a split by time the training set only needs two of them.
    """
    if not (train.any() and test.any()):
        if split.time is not None and split.group is not None:
            raise InputError(
                f"group={split.group!r} and time={split.time!r}: every row is in a group of the test set, so that none "
                "is left to train on; leave one of the two out"
            )
        raise InputError(f"{table.m} rows cannot be split with test={split.share:g}; wanted rows in both sets")
    if not is_classes(table[target]):
        return
    codes, names = class_codes(table[target])
    present = [np.unique(codes[places]) for places in (train, test)]
    if split.time is not None:
        if len(present[0]) < 2:
            raise InputError(
                f"time={split.time!r}: the training set has only the class {names[present[0][0]]!r} of {target!r}; "
                "wanted two at least: choose another share with test=, or leave time= out"
            )
        if not np.isin(present[1], present[0]).any():
            raise InputError(
                f"time={split.time!r}: no class of the test set is in the training set, such as "
                f"{names[present[1][0]]!r} of {target!r}; choose another share with test=, or leave time= out"
            )
        return
    for part, there in zip(("training", "test"), present, strict=True):
        if (empty := np.setdiff1d(np.unique(codes), there)).size:
            raise InputError(
                f"group={split.group!r}: the {part} set has no row of the class {names[empty[0]]!r} of {target!r}; "
                "wanted all classes in both sets: choose another share (test=) or seed (seed=), or delete these rows"
            )

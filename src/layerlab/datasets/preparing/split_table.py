"""A table whose rows are split into training and test rows, and the fields of a dataset that are made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice, Part, standardization_of
from layerlab.datasets.tabular.splitting import Split, split_rows
from layerlab.datasets.tabular.table import Column, Table

from .describing_encoders import pooled_notices
from .encoders import Encoder
from .learning_encoders import SCALING, learn_encoders
from .preparation import Preparation, learn_preparation
from .target import learn_target


@dataclass(frozen=True)
class Raw:
    """The table that a dataset was made from.

    Attributes:
        table: all rows; the feature columns, the target, and the columns that the split names.
        target: name of the target's column.
        train, test: places of the rows of the training and of the test set in the table.
        split: how the rows were split.
        features: names of the columns that become rows of X.
        max_categories: how many values of a category may have a row of X each, or None.
        scaling: how numbers and dates are scaled, "robust" or "quantile".
    """

    table: Table
    target: str
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    split: Split
    features: tuple[str, ...]
    max_categories: int | None = None
    scaling: str = SCALING.default

    def target_of(self, rows: NDArray[np.int64]) -> Column:
        """Return the target's values in the rows at some places."""
        target = self.table[self.target]
        return replace(target, values=target.values[rows])


def split_again(raw: Raw, split: Split) -> Raw:
    """Return the same table with all of its rows split in another way.

    Raises:
        InputError: a column that the split names is not in the table, or a set would be empty or lack a class.
    """
    train, test = split_rows(raw.table, raw.target, split)
    return replace(raw, train=train, test=test, split=split)


def dataset_fields(raw: Raw) -> dict[str, Any]:
    """Return the fields of ``Dataset`` that depend on the split of a table.

    Names and scales are computed at once. The preparation is learned from the training rows, and X and Y are made with
    it, when they are first read: they are functions here, as ``Deferred`` takes them.

    Raises:
        InputError: nothing can be learned from the target of the training rows.
    """
    target = raw.target_of(raw.train)
    is_regression = target.kind == "number"
    classes = (target.words or ("no", "yes")) if target.kind == "truth" else learn_target(target).classes

    @cache
    def preparation() -> Preparation:
        return learn_preparation(
            raw.table.taken(raw.train), raw.target, raw.features, raw.max_categories, scaling=raw.scaling
        )

    return {
        "raw": raw,
        "train": lambda: part_of(raw, raw.train, preparation()),
        "test": lambda: part_of(raw, raw.test, preparation()),
        "class_names": classes,
        "feature_names": lambda: preparation().feature_names,
        "called": (raw.table.rows[raw.train], raw.table.rows[raw.test]),
        "preparation": preparation,
        "target_scaling": standardization_of(np.asarray(target.values[None], np.float64)) if is_regression else None,
    }


def notices_of(raw: Raw, notices: Sequence[Notice], encoders: Sequence[Encoder] | None = None) -> tuple[Notice, ...]:
    """Return the notices about a table, with new ones about pooled categories, which depend on the training rows.

    Args:
        raw: the table and its split.
        notices: all notices so far.
        encoders: what was learned; None learns the categories from the training rows.
    """
    names = [name for name in raw.features if raw.table[name].kind == "category"]
    columns = raw.table.only(names).taken(raw.train).columns if names else ()
    known = {one.name: one for one in encoders or learn_encoders(columns, raw.max_categories)}
    there = [column for column in columns if column.name in known]
    pooled = pooled_notices([known[column.name] for column in there], there)
    return (*(notice for notice in notices if notice.kind != "pooled"), *pooled)


def part_of(raw: Raw, rows: NDArray[np.int64], preparation: Preparation) -> Part:
    """Make X and Y from the rows at some places of the table."""
    return Part(preparation.features(raw.table, rows), preparation.labels(raw.target_of(rows)))

"""How the columns of a table become rows of X: learned from the training set alone, and saved with the model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.json_values import check_keys, texts_from
from layerlab.datasets.part import Notice
from layerlab.datasets.printable_names import first_names
from layerlab.datasets.tabular.table import Column, Table
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .describing_encoders import describe_encoder, describe_target, with_similar_name
from .drift import find_drift, unlike_rows
from .encoder_records import encoder_from, encoder_record, target_from, target_record
from .encoders import Date, Encoder, Number, Truth
from .learning_encoders import MAX_CATEGORIES, MOST_NUMBERS, SCALING, learn_encoders
from .target import Target, learn_target

NO_TARGET = Target("", "number", ())
"""Stands for the target where none is learned; no column of a table has an empty name."""

NAMED_IN_MESSAGE = 10
"""How many columns a message names."""


@dataclass(frozen=True)
class Preparation:
    """What was learned from each column, in the order of the rows of X, and from the target.

    Attributes:
        encoders: one for each feature column.
        target: what was learned from the target.
        written: how the file writes numbers and dates, if not as usual: ``Column.words`` of these columns.
    """

    encoders: tuple[Encoder, ...]
    target: Target
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        names = self.columns if self.target is NO_TARGET else (*self.columns, self.target.name)
        if len(set(names)) != len(names) or not self.encoders:
            raise ValueError("wanted at least one column, and no name twice")

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the feature columns."""
        return tuple(encoder.name for encoder in self.encoders)

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of each feature column, and of the target."""
        return {one.name: one.kind for one in (*self.encoders, self.target)}

    @property
    def inputs(self) -> dict[str, str]:
        """The kind of each feature column; a new table must have these columns."""
        return {one.name: one.kind for one in self.encoders}

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """``Column.words`` of the columns that have some, so that a new file is read like the training file."""
        return {one.name: one.words for one in self.encoders if isinstance(one, Truth)} | dict(self.written)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the target's classes, label 0 first; empty for a regression."""
        return self.target.classes

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name for each row of X."""
        return tuple(name for encoder in self.encoders for name in encoder.feature_names)

    @property
    def groups(self) -> tuple[slice, ...]:
        """The rows of X that each feature column became, in the order of ``columns``."""
        ends = accumulate((len(encoder.feature_names) for encoder in self.encoders), initial=0)
        return tuple(slice(start, end) for start, end in pairwise(ends))

    def number_rows(self, without: Collection[str] = ()) -> tuple[int, ...]:
        """Return the rows of X that are scaled numbers or scaled days; constant columns are left out.

        The rows of a date's place in the year, week and day, and those that say where a value is missing, are not among
        them.

        Args:
            without: names of columns to leave out, such as the one by whose time the rows were split.
        """
        return tuple(
            group.start
            for encoder, group in zip(self.encoders, self.groups, strict=True)
            if isinstance(encoder, Number | Date) and np.isfinite(encoder.scale) and encoder.name not in without
        )

    def features(self, table: Any, rows: NDArray[np.int64] | None = None) -> Floats:
        """Make X (n_x, m) from a table with these columns, in any order; other columns are ignored.

        Args:
            table: a ``Table``, or a data frame of pandas, polars or pyarrow, which is read like the training file.
            rows: places of the wanted rows, (m,); None for all.

        Raises:
            InputError: a column is missing, or of another kind.
        """
        table = self.table_of(table)
        columns, groups = self._columns_of(table), self.groups
        X = np.empty((groups[-1].stop, table.m if rows is None else len(rows)))
        for encoder, column, group in zip(self.encoders, columns, groups, strict=True):
            X[group] = encoder.rows(column.values if rows is None else column.values[rows])
        return X

    def table_of(self, data: Any) -> Table:
        """Read the feature columns of data as a table, with the kinds that were learned.

        Args:
            data: a ``Table``, or a data frame.

        Raises:
            InputError: it is neither, or a column is missing.
        """
        if isinstance(data, Table):
            return data
        from layerlab.datasets.tabular.new_tables import read_as_trained
        from layerlab.datasets.tabular.reading import read_frame

        table, _ = read_as_trained(read_frame(data).frame, self.inputs, self.words)
        return table

    def labels(self, column: Column, rows: NDArray[Any] | None = None) -> Floats:
        """Make Y (n_y, m): one row of 0 and 1 for two classes, one-hot for more, values for a regression.

        Args:
            column: the target's column.
            rows: (m,) numbers of its rows in the file, for messages; None for 1, 2, 3, …

        Raises:
            InputError: a label is missing, or is not in the training set.
        """
        return self.target.labels(column, rows)

    def drift(self, table: Table) -> tuple[Notice, ...]:
        """Say what is unlike the training set in a new table: values out of range, unseen categories, missing values.

        Raises:
            InputError: a column is missing, or of another kind.
        """
        return (*self._ignored(table), *find_drift(self.encoders, self._columns_of(table), table.rows))

    def unlike_rows(self, table: Table) -> NDArray[np.intp]:
        """Return the indices of the rows with a value that the training set does not have.

        Raises:
            InputError: a column does not exist, or is of another kind.
        """
        return unlike_rows(self.encoders, self._columns_of(table))

    def described(self) -> list[dict[str, Any]]:
        """Describe in words how each column becomes inputs, for the tables of the terminal and of the report.

        Returns:
            For each column, and last the target: "column", "kind", "rows" (how many rows of X), and in words "done"
            (how they are made) and "seen" (the values in the training set).
        """
        return [*map(describe_encoder, self.encoders), describe_target(self.target)]

    def record(self) -> dict[str, Any]:
        """Return the preparation as plain values, for JSON."""
        return {
            "encoders": [*map(encoder_record, self.encoders)],
            "target": target_record(self.target),
            "written": {name: list(words) for name, words in self.written.items()},
        }

    def _columns_of(self, table: Table) -> list[Column]:
        """Return the table's feature columns, in the order of the encoders.

        Raises:
            InputError: one is missing, or of another kind.
        """
        there = {column.name: column for column in table.columns}
        missing = [name for name in self.columns if name not in there]
        if missing:
            raise InputError(_missing_columns(missing, list(there)))
        columns = [there[name] for name in self.columns]
        for encoder, column in zip(self.encoders, columns, strict=True):
            if column.kind != encoder.kind:
                raise InputError(
                    f"column {column.name!r}: is of the kind {column.kind}; wanted {encoder.kind}, as in the training "
                    f"data: correct the column, or train again on the new kind"
                )
        return columns

    def _ignored(self, table: Table) -> list[Notice]:
        """Make a notice if the table has columns that the model does not use."""
        known = self.kinds
        extra = [name for name in table.names if name not in known]
        if not extra:
            return []
        named = first_names([repr(name) for name in extra], NAMED_IN_MESSAGE)
        one = len(extra) == 1
        which = f"the column {named} is" if one else f"the columns {named} are"
        what = f"{which} ignored: the model was trained without {'it' if one else 'them'}"
        return [Notice("ignored", extra[0] if one else "", what)]


def _missing_columns(missing: list[str], there: list[str]) -> str:
    """Say which columns are missing, with names that look like them."""
    named = first_names([with_similar_name(name, there) for name in missing], NAMED_IN_MESSAGE)
    which = f"the column {named} is" if len(missing) == 1 else f"the columns {named} are"
    found = first_names([repr(name) for name in there], NAMED_IN_MESSAGE)
    return f"{which} missing: wanted every column that the model was trained on; there are {found or 'none'}"


def learn_preparation(
    table: Table,
    target: str,
    names: Sequence[str],
    max_categories: int | None = None,
    numbers: int = MOST_NUMBERS,
    scaling: str = SCALING.default,
) -> Preparation:
    """Learn from the training rows how the columns become rows of X.

    Args:
        table: the training rows only.
        target: name of the target's column.
        names: names of the columns that become features.
        max_categories, numbers, scaling: as for ``learn_encoders``.

    Raises:
        InputError: there is no column to learn from, the target is a date or has a single class, ``max_categories`` is
            not a whole number above 0, or ``scaling`` is not one of the two ways.

    Example:
        >>> age = Column("age", "number", np.array([20.0, 30.0, 40.0, np.nan]))
        >>> city = Column("city", "category", np.array(["Ulm", "Bonn", "Ulm", "Bonn"], object))
        >>> price = Column("price", "number", np.array([1.0, 2.0, 3.0, 4.0]))
        >>> table = Table((age, city, price), np.arange(1, 5))
        >>> preparation = learn_preparation(table, "price", ["age", "city"])
        >>> preparation.feature_names
        ('age', 'age missing', 'city=Ulm')
        >>> preparation.features(table)[1:]
        array([[ 0.,  0.,  0.,  1.],
               [ 1., -1.,  1., -1.]])
    """
    if not names:
        raise InputError(f"no column is left besides the target {target!r}: wanted at least one to learn from")
    features = learn_features(table, names, max_categories, numbers, scaling)
    return replace(features, target=learn_target(table[target]))


def learn_features(
    table: Table,
    names: Sequence[str],
    max_categories: int | None = None,
    numbers: int = MOST_NUMBERS,
    scaling: str = SCALING.default,
) -> Preparation:
    """Learn from the training rows how the columns become rows of X, as ``learn_preparation`` does, without a target.

    Its target is ``NO_TARGET``, so only its features can be used.
    """
    columns = [table[name] for name in names]
    written = {one.name: one.words for one in columns if one.words and one.kind != "truth"}
    encoders = learn_encoders(columns, MAX_CATEGORIES.check(max_categories), numbers, SCALING.check(scaling))
    return Preparation(encoders, NO_TARGET, written)


def preparation_from(record: Any) -> Preparation:
    """Rebuild a preparation from what ``Preparation.record`` wrote.

    Raises LookupError, TypeError or ValueError where the record was changed.
    """
    if not isinstance(record, dict) or not isinstance(record.get("encoders"), list):
        raise TypeError("wanted a preparation where there is something else")
    check_keys(record, {"encoders", "target", "written"})
    encoders, written = tuple(map(encoder_from, record["encoders"])), record["written"]
    if not isinstance(written, dict) or not set(written) <= {one.name for one in encoders}:
        raise ValueError("it says how unknown columns are written")
    words = {name: texts_from(some) for name, some in written.items()}
    return Preparation(encoders, target_from(record["target"]), words)

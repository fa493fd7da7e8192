"""How the columns of a table become rows of X: learned from the training part alone, and a part of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .dataset import Floats
from .tabular.table import Column, Notice, Table


@dataclass(frozen=True)
class Preparation:
    """What was learned of each column, in the order of the rows of X.

    Attributes:
        encoders: one a column that is used.
        target: what was learned of the target.
    """

    encoders: tuple[Any, ...]
    target: Any

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that are used."""
        raise NotImplementedError

    @property
    def kinds(self) -> dict[str, str]:
        """Kind of each column that is used, and of the target."""
        raise NotImplementedError

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One a row of X."""
        raise NotImplementedError

    @property
    def groups(self) -> tuple[slice, ...]:
        """For each column its rows of X."""
        raise NotImplementedError

    def features(self, table: Table) -> Floats:
        """(n_x, m) of a table with these columns, in any order, others beside them."""
        raise NotImplementedError

    def labels(self, column: Column) -> Floats:
        """(n_y, m): one row of 0 and 1 for two classes, one-hot for more, values for a regression.

        Raises:
            InputError: a label is missing or was not there in training.
        """
        raise NotImplementedError

    def drift(self, table: Table) -> tuple[Notice, ...]:
        """What a new table has that the training part had not: values out of range, unseen categories, missing ones."""
        raise NotImplementedError

    def described(self) -> list[dict[str, Any]]:
        """What is done to each column, in words, for tables on the terminal and in the report."""
        raise NotImplementedError

    def record(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        raise NotImplementedError


def learned(table: Table, target: str, names: Sequence[str]) -> Preparation:
    """What the training part says.

    Args:
        table: the training rows alone.
        target: name of its column.
        names: of the columns that become features.
    """
    raise NotImplementedError


def preparation_from(record: Any) -> Preparation:
    """What ``Preparation.record`` wrote; raises LookupError, TypeError or ValueError where it was changed."""
    raise NotImplementedError

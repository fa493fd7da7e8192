"""A table in memory: columns with their kinds, and rows with their numbers in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

KINDS = ("number", "truth", "category", "date")
"""The kinds of columns; "truth" is a column of yes and no."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: as in the file.
        kind: one of ``KINDS``.
        values: (m,): float64 for "number", "truth" (0 and 1) and "date" (days since 1970-01-01, with a fraction for the
            time of day), nan where missing; an object array of str for "category", None where missing.
        words: how the file writes the values, so that new files are read in the same way. For "truth", the words for 0
            and 1, such as ("no", "yes"). For "date", the format, such as ("%d/%m/%Y",), if it is not ISO's. For
            "number", (",",) if decimals follow a comma, and (",", "kg") or (".", "kg") with a unit. Else empty.
    """

    name: str
    kind: str
    values: NDArray[Any]
    words: tuple[str, ...] = ()

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Whether each value is missing, (m,)."""
        if self.kind == "category":
            return np.fromiter((value is None for value in self.values), bool, len(self.values))
        return np.isnan(np.asarray(self.values, np.float64))


@dataclass(frozen=True)
class Table:
    """Columns of equal length.

    Attributes:
        columns: in the file's order.
        rows: (m,) number of each row in the file; the first row below the header is 1.
        ids: (m,) texts that name the rows, from a column that is not among ``columns``; or None.
    """

    columns: tuple[Column, ...]
    rows: NDArray[np.int64]
    ids: NDArray[Any] | None = None

    @property
    def m(self) -> int:
        """The number of rows of the table."""
        return len(self.rows)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        return self.columns[self._places[name]]

    @cached_property
    def _places(self) -> dict[str, int]:
        """The place of each column by its name."""
        return {name: place for place, name in enumerate(self.names)}

    def taken(self, some: NDArray[np.int64]) -> Table:
        """Return the rows at some places of this table."""
        columns = tuple(replace(column, values=column.values[some]) for column in self.columns)
        return Table(columns, self.rows[some], None if self.ids is None else self.ids[some])

    def only(self, names: Sequence[str]) -> Table:
        """Return the columns of these names, in their order."""
        return replace(self, columns=tuple(self[name] for name in names))

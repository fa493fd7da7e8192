"""A table as it is read: columns that know their kind, rows that know their number, notices in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.settings import SETTINGS

KINDS = ("number", "truth", "category", "date")
"""Kinds that a column can have."""

SEED = replace(SETTINGS["seed"], help="Seed by which examples are dealt")

LARGEST_LEARNED = np.float64(1e100)
"""The largest number that is learned as it is, since squares of larger ones overflow; a NumPy number, as float32 cannot
hold it."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: as in the file.
        kind: one of ``KINDS``.
        values: (m,): float64 for "number", "truth" (0 and 1) and "date" (days since 1970-01-01, with a fraction for the
            time of day), nan where missing; an object array of str for "category", None where missing.
        words: how the file writes it, so that new files are read alike: of "truth" what 0 and 1 are called, such as
            ("no", "yes"); of "date" the format, such as ("%d/%m/%Y",), where it is not ISO's; of "number" (",",) where
            decimals follow a comma; else empty.
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
    """Columns of one length.

    Attributes:
        columns: in the file's order.
        rows: (m,) number of each row in the file, counted from 1 after a header.
    """

    columns: tuple[Column, ...]
    rows: NDArray[np.int64]

    @property
    def m(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        return self.columns[self._places[name]]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def taken(self, some: NDArray[np.int64]) -> Table:
        """The rows at some places of this table."""
        columns = tuple(replace(column, values=column.values[some]) for column in self.columns)
        return Table(columns, self.rows[some])

    def only(self, names: Sequence[str]) -> Table:
        """The columns of these names, in their order."""
        return Table(tuple(self[name] for name in names), self.rows)


class Notice(NamedTuple):
    """Something that a user should know about a file.

    Attributes:
        kind: a word: "dirty", "missing", "constant", "identifier", "text", "duplicates", "leak", "drift", ...
        column: the column's name, or "" for the whole table.
        what: the notice in one sentence.
        rows: numbers of the rows that it is about, the first ones.
        left_out: whether the column was left out because of it.
    """

    kind: str
    column: str
    what: str
    rows: tuple[int, ...] = ()
    left_out: bool = False

    def __str__(self) -> str:
        """The notice's sentence."""
        return self.what

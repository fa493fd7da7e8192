"""Rows of a Parquet file as a stream: slices that polars decodes, made into features by a preparation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ..preparation import Preparation
from ..tabular.table import Column, Table
from .sources import readable
from .stream import Numbers, Rows

if TYPE_CHECKING:
    import polars as pl

MOST_CLASSES = 20
"""Different whole numbers in a target that are taken for classes."""


@dataclass(frozen=True)
class Slices:
    """A Parquet file of which rows are read as they are needed.

    Attributes:
        path: of the file.
        names: of the columns that are read.
        rows: number of all rows.
        stamp: size and time of the last change, when it was opened.
    """

    path: Path
    names: tuple[str, ...]
    rows: int
    stamp: tuple[int, int]

    def read(self, start: int, count: int) -> pl.DataFrame:
        """Consecutive rows. polars decodes the pages in which they lie, and maps the row group's bytes.

        Raises:
            InputError: the file is gone, has changed or is damaged.
        """
        import polars as pl

        with readable(str(self.path)):
            if stamp_of(self.path) != self.stamp:
                raise InputError(f"{self.path}: has changed since it was opened; open it anew")
            return pl.scan_parquet(self.path, glob=False).select(self.names).slice(start, count).collect()

    def only(self, names: tuple[str, ...]) -> Slices:
        """The same with some of the columns."""
        return Slices(self.path, names, self.rows, self.stamp)


def stamp_of(path: Path) -> tuple[int, int]:
    """Size and time of the last change."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def slices_of(path: Path) -> tuple[Slices, Mapping[str, Any]]:
    """A Parquet file with all its columns, and their types.

    Raises:
        InputError: it is none, or has no rows.
    """
    import polars as pl

    with readable(str(path)):
        stamp, scan = stamp_of(path), pl.scan_parquet(path, glob=False)
        schema, rows = scan.collect_schema(), scan.select(pl.len()).collect().item()
    return Slices(path, tuple(schema.names()), rows, stamp), dict(schema)


@dataclass(frozen=True)
class Prepared:
    """Rows of a Parquet file as features and labels.

    Attributes:
        slices: the file, with the columns that are used and the target.
        kinds: of these columns.
        target: name of its column.
        preparation: what makes features and labels of them.
        block: rows that are read together.
        digest: SHA-256 of the file.
    """

    slices: Slices
    kinds: Mapping[str, str]
    target: str
    preparation: Preparation
    n_y: int
    block: int
    digest: str
    renewed: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        """Of the file."""
        return str(self.slices.path)

    @property
    def rows(self) -> int:
        """Of the file."""
        return self.slices.rows

    @property
    def n_x(self) -> int:
        """Rows of X that the preparation makes."""
        return len(self.preparation.feature_names)

    def read(self, numbers: Numbers, epoch: int) -> tuple[Rows, Rows]:  # noqa: ARG002
        """As in ``Source``."""
        first = int(numbers[0])
        frame = self.slices.read(first, int(numbers[-1]) - first + 1)
        if len(numbers) < len(frame):
            frame = frame[numbers - first]
        table = as_table(frame, self.kinds, numbers)
        return self.preparation.features(table).T, self.preparation.labels(table[self.target]).T


def kinds_of(frame: pl.DataFrame, target: str) -> dict[str, str]:
    """Kind of each column by its type and, of numbers, by whether they are 0 and 1; "" where it can be none.

    Args:
        frame: a sample of the rows.
        target: a column that is taken for classes if it has few different whole numbers.
    """
    return {name: _kind(frame[name], name == target) for name in frame.columns}


def _kind(column: pl.Series, is_target: bool) -> str:
    import polars as pl

    dtype = column.dtype
    if dtype.is_numeric():
        told = column.drop_nulls().unique()
        if 0 < len(told) <= 2 and set(told.to_list()) <= {0, 1}:
            return "truth"
        return "category" if is_target and dtype.is_integer() and len(told) <= MOST_CLASSES else "number"
    if dtype == pl.Boolean:
        return "truth"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "category"
    return "date" if dtype in (pl.Date, pl.Datetime) else ""


def as_table(frame: pl.DataFrame, kinds: Mapping[str, str], numbers: Numbers) -> Table:
    """Columns of these kinds; what is not finite is missing.

    Args:
        frame: with all of the columns.
        kinds: by name, of those that are taken.
        numbers: of the rows, counted from 0.
    """
    columns = tuple(Column(name, kind, VALUES[kind](frame[name])) for name, kind in kinds.items())
    return Table(columns, numbers + 1)


def _numbers(column: pl.Series) -> NDArray[Any]:
    import polars as pl

    values = np.array(column.cast(pl.Float64).to_numpy())
    values[np.isinf(values)] = np.nan
    return values


def _days(column: pl.Series) -> NDArray[Any]:
    import polars as pl

    stamps = column.cast(pl.Datetime("us")).cast(pl.Int64).cast(pl.Float64)
    return np.array(stamps.to_numpy()) / 86_400_000_000.0


def _words(column: pl.Series) -> NDArray[Any]:
    import polars as pl

    return column.cast(pl.String).to_numpy().astype(object)


VALUES = {"number": _numbers, "truth": _numbers, "date": _days, "category": _words}
"""From a column of polars to the values of a ``Column``, by kind."""

"""Rows of a Parquet file as a stream: polars decodes slices of it, and a preparation turns them into features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from layerlab.datasets.files import readable
from layerlab.datasets.preparing.preparation import Preparation
from layerlab.datasets.using_polars import check_can_be_read, check_not_forked
from layerlab.errors import InputError
from layerlab.formulas.arrays import Indices

from .parquet_columns import StreamColumns
from .stream import Rows

if TYPE_CHECKING:
    import polars as pl

PREPARED_ROWS = 10_000
"""How many rows are prepared together; the fewer, the less memory. A power of two would be slow to transpose."""


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file whose rows are read as they are needed.

    Attributes:
        path: the file.
        names: the columns that are read.
        rows: number of all rows.
        stamp: size and time of the last change when the file was opened.
    """

    path: Path
    names: tuple[str, ...]
    rows: int
    stamp: tuple[int, int]

    def read(self, start: int, count: int) -> pl.DataFrame:
        """Read consecutive rows: polars decodes the pages that contain them, and maps the bytes of their row group.

        Raises:
            InputError: the file is gone, has changed or is damaged.
        """
        with readable(str(self.path)):
            if size_and_time(self.path) != self.stamp:
                raise InputError(f"{self.path}: has changed since it was opened; open it again")
            return self._scan.slice(start, count).collect()

    @cached_property
    def _scan(self) -> pl.LazyFrame:
        """The scan of the file; it is kept because it remembers where row groups begin."""
        import polars as pl

        return pl.scan_parquet(self.path, glob=False).select(self.names)

    def only(self, names: tuple[str, ...]) -> ParquetFile:
        """Return the same file, limited to some columns."""
        return ParquetFile(self.path, names, self.rows, self.stamp)


def size_and_time(path: Path) -> tuple[int, int]:
    """Size of a file and time of its last change."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def parquet_file(path: Path) -> ParquetFile:
    """Open a Parquet file with all its columns.

    Raises:
        InputError: the file is not a Parquet file.
    """
    check_not_forked()
    with readable(str(path)):
        check_can_be_read(path, "stream", str(path), "Parquet")
        import polars as pl

        stamp, scan = size_and_time(path), pl.scan_parquet(path, glob=False)
        names, rows = scan.collect_schema().names(), scan.select(pl.len()).collect().item()
    return ParquetFile(path, tuple(names), rows, stamp)


@dataclass(frozen=True)
class ParquetExamples:
    """Rows of a Parquet file as features and labels: an ``ExampleSource``.

    Attributes:
        slices: the file, limited to the used columns and the target.
        columns: these columns and their kinds.
        preparation: turns them into features and labels.
        n_y: number of rows of Y.
        block: how many rows are read together.
        digest: SHA-256 of the file.
    """

    slices: ParquetFile
    columns: StreamColumns
    preparation: Preparation
    n_y: int
    block: int
    digest: str
    renewed: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        """The path of the file, as a text."""
        return str(self.slices.path)

    @property
    def rows(self) -> int:
        """Number of rows of the file."""
        return self.slices.rows

    @property
    def n_x(self) -> int:
        """Number of features that the preparation makes."""
        return len(self.preparation.feature_names)

    def read(self, numbers: Indices, epoch: int) -> Iterator[tuple[Rows, Rows]]:  # noqa: ARG002
        """Read rows, as ``ExampleSource`` specifies: decoded together, and prepared some at a time."""
        first = int(numbers[0])
        frame = self.slices.read(first, int(numbers[-1]) - first + 1)
        for start in range(0, len(numbers), PREPARED_ROWS):
            some = numbers[start : start + PREPARED_ROWS]
            rows = frame[some[0] - first : some[-1] - first + 1]
            if len(some) < len(rows):
                rows = rows[some - some[0]]
            part = self.columns.part(rows, some, self.preparation)
            yield part.X.T, part.Y.T

"""The first pass over a Parquet file: it finds a sample, the test rows, a row of every class, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice
from layerlab.datasets.tabular import cells
from layerlab.errors import InputError
from layerlab.formulas.arrays import Indices

from .parquet import ParquetFile
from .row_sampling import ChosenRows
from .stream_notices import NAMED_ROWS, first_rows_in_words

if TYPE_CHECKING:
    import polars as pl

MOST_LABELS = 1000
"""For up to this many different target values, a row of each is searched for."""


class FrameRows(NamedTuple):
    """Some rows of a file, and their numbers, from 0."""

    frame: pl.DataFrame
    numbers: Indices


@dataclass
class MarkedRows:
    """Which rows of a file are trained on, and which have no label.

    Attributes:
        used: (⌈rows / 8⌉,) a bit for each row: whether it is trained on.
        first_unlabelled, n_unlabelled: numbers of the first rows without a label, and how many there are.
    """

    used: NDArray[np.uint8]
    first_unlabelled: list[int] = field(default_factory=list)
    n_unlabelled: int = 0

    @classmethod
    def none_of(cls, rows: int) -> MarkedRows:
        """Start with ``rows`` rows, none of them marked."""
        return cls(np.zeros(-(-rows // 8), np.uint8))

    def mark(self, start: int, labelled: NDArray[np.bool_], test: NDArray[np.bool_]) -> None:
        """Mark consecutive rows; the first has the number ``start``, a multiple of 8."""
        self.used[start // 8 : -(-(start + len(test)) // 8)] = np.packbits(labelled & ~test)
        unlabelled = start + np.flatnonzero(~labelled)
        self.first_unlabelled += unlabelled[: NAMED_ROWS - len(self.first_unlabelled)].tolist()
        self.n_unlabelled += len(unlabelled)

    def notices(self, target: str = "") -> Iterator[Notice]:
        """Make a notice about rows without a label; ``target`` is the name of the label's column."""
        if self.n_unlabelled:
            rows = tuple(number + 1 for number in self.first_unlabelled)
            has, was = ("row has", "is") if self.n_unlabelled == 1 else ("rows have", "are")
            which = first_rows_in_words(rows, self.n_unlabelled)
            no_label = f"value of {target!r}" if target else "label"
            what = f"{self.n_unlabelled:,} {has} no {no_label} and {was} left out: {which}"
            yield Notice("missing", target, what, rows)


@dataclass
class ParquetPass:
    """What the first pass over a file finds.

    Attributes:
        rows: which rows are trained on.
        test, sample: the rows of the test set and of the sample, block by block.
        firsts: the first training row of each label.
        labels: the labels of training rows; None if there are more than ``MOST_LABELS``.
        infinite: for each column, how many numbers are infinite, and the first row.
    """

    rows: MarkedRows
    test: list[FrameRows] = field(default_factory=list)
    sample: list[FrameRows] = field(default_factory=list)
    firsts: list[FrameRows] = field(default_factory=list)
    labels: set[Any] | None = field(default_factory=set)
    infinite: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, frame: pl.DataFrame, start: int, target: str, chosen: ChosenRows) -> None:
        """Examine the rows of a block; the first has the number ``start``, a multiple of 8."""
        test, sample = chosen.parts(start, start + len(frame))
        labelled = ~has_no_value(frame[target])
        self.rows.mark(start, labelled, test)
        for kept, which in ((self.test, test & labelled), (self.sample, sample & labelled)):
            if which.any():
                kept.append(FrameRows(frame.filter(which), start + np.flatnonzero(which)))
        self._look_for_labels(frame, start, target, labelled & ~test)
        for name, infinite in _infinite(frame):
            count, first = self.infinite.get(name, (0, start + int(np.argmax(infinite))))
            self.infinite[name] = count + int(infinite.sum()), first

    def _look_for_labels(self, frame: pl.DataFrame, start: int, target: str, trained: NDArray[np.bool_]) -> None:
        """Keep the first training row of each new label."""
        if self.labels is None:
            return
        numbers, column = np.flatnonzero(trained), label_words(frame[target].filter(trained))
        firsts = column.arg_unique().sort().to_numpy()
        labels = column[firsts].to_list()
        fresh = [place for place, label in zip(firsts, labels, strict=True) if label not in self.labels]
        self.labels.update(column[fresh].to_list())
        if len(self.labels) > MOST_LABELS:
            self.labels, self.firsts = None, []
        elif fresh:
            self.firsts.append(FrameRows(frame[numbers[fresh]], start + numbers[fresh]))

    def notices(self, target: str) -> Iterator[Notice]:
        """Make notices about rows without a label and about infinite numbers."""
        yield from self.rows.notices(target)
        for name, (count, first) in self.infinite.items():
            if name != target:
                yield Notice(
                    "infinite",
                    name,
                    f"column {name!r} has {count:,} infinite number{'s' * (count > 1)}, the first in row {first + 1}; "
                    f"{'it is' if count == 1 else 'they are'} read as missing",
                    (first + 1,),
                )


def pass_over_file(file: ParquetFile, target: str, chosen: ChosenRows, block: int) -> ParquetPass:
    """Examine all blocks of a file.

    Raises:
        InputError: it cannot be read, or no row has a label.
    """
    found = ParquetPass(MarkedRows.none_of(file.rows))
    for start in range(0, file.rows, block):
        found.take(file.read(start, block), start, target, chosen)
    if not found.sample or not found.test:
        raise InputError(
            f"{file.path}: too few of its {file.rows:,} rows have a value in the column {target!r}; wanted some "
            f"for the training set and some for the test set"
        )
    return found


def joined_rows(rows: Sequence[FrameRows]) -> FrameRows:
    """Return all rows, each once, in the order of their numbers."""
    import polars as pl

    numbers, places = np.unique(np.concatenate([some.numbers for some in rows]), return_index=True)
    return FrameRows(pl.concat([some.frame for some in rows])[places], numbers)


def label_words(column: pl.Series) -> pl.Series:
    """Return a target's labels; text in its usual form, so that each label is written in one way only."""
    import polars as pl

    return cells.stripped(column) if column.dtype == pl.String else column


def has_no_value(column: pl.Series) -> NDArray[np.bool_]:
    """Return whether each cell (m,) is empty, holds a word for a missing value, or a number that is not finite."""
    import polars as pl

    if column.dtype == pl.String:
        return cells.stripped(column).is_null().to_numpy()
    there = column.is_not_null()
    if column.dtype.is_float():
        there &= column.is_finite().fill_null(False)
    return ~there.to_numpy()


def _infinite(frame: pl.DataFrame) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Find the columns with infinite numbers, and the rows of these numbers."""
    from polars import selectors

    if not (floats := frame.select(selectors.float())).width:
        return
    for name, found in floats.select(selectors.all().is_infinite().any()).row(0, named=True).items():
        if found:
            yield name, frame[name].is_infinite().fill_null(False).to_numpy()

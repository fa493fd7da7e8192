"""Which columns of a Parquet file are used: a sample shows the kind of each, and all rows are read as that kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice, Part
from layerlab.datasets.preparing.learning_encoders import SCALING
from layerlab.datasets.preparing.preparation import Preparation
from layerlab.datasets.tabular.column_checks import check_columns
from layerlab.datasets.tabular.dates import ISO
from layerlab.datasets.tabular.inferring_kinds import Written, infer_kinds
from layerlab.datasets.tabular.parsing_columns import POINT, read_as_kind
from layerlab.datasets.tabular.table import Column, Table
from layerlab.datasets.tabular.targets import prepare_target
from layerlab.errors import InputError
from layerlab.formulas.arrays import Indices

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class ColumnChoices:
    """The user's choices about columns: arguments of ``load_table``.

    Attributes:
        task: "classes", "values" or None.
        drop, keep, categories, numbers: names of columns.
        max_categories: how many values of a category get an input each, or None.
        decimal, day_first: how numbers and dates are written, where no column shows it.
        scaling: how numbers and dates are scaled.
    """

    task: str | None = None
    drop: Sequence[str] = ()
    keep: Sequence[str] = ()
    categories: Sequence[str] = ()
    numbers: Sequence[str] = ()
    max_categories: int | None = None
    decimal: str | None = None
    day_first: bool | None = None
    scaling: str = SCALING.default


@dataclass(frozen=True)
class StreamColumns:
    """The columns that are used, and how their cells are read.

    Attributes:
        file: the file's name, for messages.
        kinds: the kind of each feature column, by its name.
        words: ``Column.words`` of the columns that have some, by name.
        target: the target's column; only its name, kind and words are used.
    """

    file: str
    kinds: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]] = field(repr=False)
    target: Column = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features and of the target."""
        return (*self.kinds, self.target.name)

    def table(self, frame: pl.DataFrame, numbers: Indices) -> Table:
        """Return some rows as a table; their numbers are given from 0."""
        table = self._features(frame, numbers)
        labels, places = self._labels(frame[self.target.name])
        return Table((*table.columns, replace(labels, values=labels.values[places])), numbers + 1)

    def part(self, frame: pl.DataFrame, numbers: Indices, preparation: Preparation) -> Part:
        """Make X (n_x, m) and Y (n_y, m) from some rows.

        Raises:
            InputError: a label is not in the sample, or cannot be read.
        """
        table = self._features(frame, numbers)
        labels, places = self._labels(frame[self.target.name])
        if (wrong := np.flatnonzero(labels.missing[places])).size:
            row, came = numbers[wrong[0]] + 1, frame[labels.name][int(wrong[0])]
            raise InputError(
                f"{self.file}, row {row}, column {labels.name!r}: {came!r} is not a {self.target.kind}; wanted "
                f"values like those of the other rows: correct it, or leave such cells empty"
            )
        firsts = np.unique(places, return_index=True)[1]
        Y = preparation.labels(labels, numbers[firsts] + 1)
        return Part(preparation.features(table), Y[:, places])

    def _features(self, frame: pl.DataFrame, numbers: Indices) -> Table:
        """The feature columns of some rows; each cell is read by itself, so the other rows do not influence it."""
        columns = [_fixed(frame[name], kind, self.words.get(name, ())) for name, kind in self.kinds.items()]
        return Table(tuple(columns), numbers + 1)

    def _labels(self, series: pl.Series) -> tuple[Column, NDArray[np.int64]]:
        """The target's values (for classes, each only once), and for each row the place of its value among them."""
        name, kind, words = self.target.name, self.target.kind, self.target.words
        if kind == "category" and series.dtype.is_numeric():
            different, places = np.unique(series.cast(float).to_numpy(), return_inverse=True)
            texts = np.array([f"{value:.12g}" for value in different.tolist()], object)
            return Column(name, kind, texts), places
        return _fixed(series, kind, words), np.arange(len(series))


USUAL_WORDS = {"number": POINT, "date": (ISO,)}
"""How a column is written if its sample shows nothing else."""


def _fixed(series: pl.Series, kind: str, words: tuple[str, ...]) -> Column:
    """Read a column like the sample, whatever these cells alone would suggest."""
    column = read_as_kind(series, kind, words or USUAL_WORDS.get(kind, ())).column
    assert column is not None  # noqa: S101
    return column


class LearnedColumns(NamedTuple):
    """What a sample shows: the columns that are used, the sample as a table of them, and notices."""

    columns: StreamColumns
    table: Table
    notices: tuple[Notice, ...]


def learn_columns(
    frame: pl.DataFrame, numbers: Indices, target: str, choices: ColumnChoices, file: str
) -> LearnedColumns:
    """Learn from a sample the kinds of the columns, as ``load_table`` does, and which of them are features.

    Args:
        frame: the sample.
        numbers: numbers of the sample's rows, from 0.
        target: name of the target's column.
        choices: the user's choices about columns.
        file: the file's name, for messages.

    Raises:
        InputError: as ``load_table``.
    """
    written = Written(decimal=choices.decimal, day_first=choices.day_first)
    table, kind_notices = infer_kinds(
        frame, categories=choices.categories, numbers=choices.numbers, file=file, written=written
    )
    table = replace(table, rows=numbers + 1)
    if target not in table.names:
        raise InputError(f"{file}, column {target!r}: holds lists, times or bytes; wanted numbers or words to predict")
    rows = prepare_target(table, target, choices.task, file, drop_rare=False)
    features = [name for name in rows.table.names if name != target]
    places = np.arange(rows.table.m)
    checked = check_columns(rows.table, target, features, train=places, test=places[:0], keep=set(choices.keep))
    if not checked.names:
        raise InputError(f"{file}: no column is left to predict {target!r} from")
    used = rows.table.only((*checked.names, target))
    columns = StreamColumns(
        file,
        {name: used[name].kind for name in checked.names},
        {name: used[name].words for name in checked.names if used[name].words},
        replace(used[target], values=np.empty(0)),
    )
    notices = (*_of_sample(kind_notices, len(numbers)), *rows.notices, *checked.notices, *_as_text(frame, columns))
    return LearnedColumns(columns, used, notices)


def _of_sample(notices: Sequence[Notice], m: int) -> Iterator[Notice]:
    """Add to a notice that its row numbers are those of the sample; the pass over all rows reports infinite numbers."""
    for notice in notices:
        if notice.rows and "infinite" in notice.what:
            continue
        where = f" (row numbers in the sample of {m:,} rows)" if notice.rows else ""
        yield notice._replace(what=notice.what + where, rows=())


def _as_text(frame: pl.DataFrame, columns: StreamColumns) -> Iterator[Notice]:
    """Make a notice about each text column that is read as something else; cells that do not fit are not counted."""
    import polars as pl

    for name, kind in columns.kinds.items():
        if frame[name].dtype == pl.String and kind != "category":
            what = (
                f"{name!r} holds text that is read as {KIND_PLURALS[kind]}; outside of the sample, other cells are "
                "read as missing without a notice"
            )
            yield Notice("text", name, what)


KIND_PLURALS: dict[str, Any] = {"number": "numbers", "truth": "yes and no", "date": "dates"}
"""The kinds of columns in words."""

"""Arrays in files as a stream: slices are read from two .npy files, or from two datasets of an HDF5 file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.arrays.entry import FEATURE_DTYPES, LABEL_DTYPES
from layerlab.datasets.arrays.shapes import Look, infer_look
from layerlab.datasets.dataset import Dataset
from layerlab.datasets.files import readable
from layerlab.datasets.part import LARGEST_LEARNED, Notice, Part, Source, standardization_of
from layerlab.datasets.streaming.first_pass import MarkedRows
from layerlab.datasets.streaming.row_sampling import ChosenRows, choose_rows
from layerlab.datasets.streaming.sliced_arrays import find_sliceable, open_sliceable
from layerlab.datasets.streaming.stream import Rows, Stream, rows_of_block
from layerlab.datasets.streaming.stream_notices import stream_notice
from layerlab.errors import InputError
from layerlab.escapes import printable
from layerlab.formulas.arrays import Indices

MOST_ARRAY_CLASSES = 1000
"""At most this many different whole numbers or words in y are treated as classes."""

PLAIN = Look(channels_first=False, divisor=1.0, image_shape=None)
"""The look of features that are not pixels."""


class ArrayRows(NamedTuple):
    """Some rows of the arrays, and their numbers, from 0."""

    numbers: Indices
    X: Rows
    y: Rows


@dataclass(frozen=True)
class ArrayExamples:
    """Rows of two arrays that can be read in slices: an ``ExampleSource``.

    Attributes:
        name: the array of the inputs, for messages.
        X, y: (rows, …) and (rows,) or (rows, n_y), mapped by NumPy or opened by h5py.
        block: how many rows are read together.
        digest: text that differs if the arrays differ.
        classes: the labels in their order, where y holds whole numbers or words; else None.
        look: how images become features.
    """

    name: str
    X: Any
    y: Any
    block: int
    digest: str = ""
    classes: NDArray[Any] | None = None
    look: Look = PLAIN
    renewed: bool = field(default=False, init=False)

    @property
    def rows(self) -> int:
        """The number of rows of X and y."""
        return int(self.X.shape[0])

    @property
    def n_x(self) -> int:
        """Number of features; for images, the number of all pixel values."""
        return int(np.prod(self.X.shape[1:]))

    @property
    def n_y(self) -> int:
        """Number of rows of labels."""
        if self.classes is not None:
            return 1 if len(self.classes) == 2 else len(self.classes)
        return int(np.prod(self.y.shape[1:]))

    def read(self, numbers: Indices, epoch: int) -> Iterator[tuple[Rows, Rows]]:  # noqa: ARG002
        """Read rows, as ``ExampleSource`` specifies."""
        first, last = int(numbers[0]), int(numbers[-1]) + 1
        X, y = self.slice(first, last)
        if len(numbers) < last - first:
            X, y = X[numbers - first], y[numbers - first]
        yield self.features(X), self.labels(y)

    def slice(self, first: int, last: int) -> tuple[Rows, Rows]:
        """Consecutive rows: X (k, …) unchanged, and y (k,) or (k, n_y)."""
        with readable(self.name):
            X, y = np.asarray(self.X[first:last]), np.asarray(self.y[first:last])
        return X, y.reshape(-1) if y.shape[1:] == (1,) else y

    def features(self, X: Rows) -> Rows:
        """Return features (k, n_x) of a slice of X, with the same bits as ``Look.columns``."""
        X = (np.moveaxis(X, 1, -1) if self.look.channels_first else X).reshape(len(X), -1)
        return X if self.look.divisor == 1 else X.astype(np.float64) / self.look.divisor

    def labels(self, y: Rows) -> Rows:
        """Return labels (k, n_y) of a slice of y."""
        if self.classes is None:
            return y.reshape(len(y), -1)
        places = np.searchsorted(self.classes, y.reshape(-1))
        return places.reshape(-1, 1) if len(self.classes) == 2 else np.eye(len(self.classes))[places]


@dataclass
class ArrayPass:
    """What the first pass over the arrays finds.

    Attributes:
        rows: which rows are trained on.
        labels: the classes; None for a regression.
        test, sample: the rows of the test set and of the sample, block by block.
        firsts: the first training row of each class.
        reach: the lowest and the highest number in X.
    """

    rows: MarkedRows
    labels: set[Any] | None
    test: list[ArrayRows] = field(default_factory=list)
    sample: list[ArrayRows] = field(default_factory=list)
    firsts: list[ArrayRows] = field(default_factory=list)
    reach: tuple[Any, Any] | None = None

    def take(self, X: Rows, y: Rows, start: int, chosen: ChosenRows) -> None:
        """Examine the rows of a block, whose first row has the number ``start``, a multiple of 8."""
        test, sample = chosen.parts(start, start + len(X))
        labelled = np.ones(len(y), bool)
        if y.dtype.kind == "f":
            np.isfinite(y).reshape(len(y), -1).all(axis=1, out=labelled)
        self.rows.mark(start, labelled, test)
        low, high = self.reach or (X.min(), X.max())
        self.reach = min(low, X.min()), max(high, X.max())
        for kept, which in ((self.test, test & labelled), (self.sample, sample & labelled)):
            kept.append(ArrayRows(start + np.flatnonzero(which), X[which], y[which]))
        if self.labels is None:
            return
        trained = np.flatnonzero(labelled & ~test)
        classes, places = np.unique(y[trained], return_index=True)
        fresh = trained[[place for one, place in zip(classes.tolist(), places, strict=True) if one not in self.labels]]
        self.labels.update(classes.tolist())
        self.firsts.append(ArrayRows(start + fresh, X[fresh], y[fresh]))
        if len(self.labels) > MOST_ARRAY_CLASSES:
            self.labels, self.firsts = None, []


def open_arrays(path: str, target: str, test: float, seed: int, memory_mib: float) -> Dataset:
    """Open a dataset of arrays, as ``open_stream`` does.

    Whole numbers and words in y are classes, other numbers a regression; y with several columns stays as it is. Pixels
    are divided as by ``load_arrays``; other features stay as they are. ``standardized()`` scales the stream too, with
    the means and standard deviations of the sample.

    Raises:
        InputError: the arrays cannot be read, do not fit each other, or hold numbers that are not finite.
    """
    pair, choice_notices = find_sliceable(path, target)
    X, y, name = open_sliceable(pair.X), open_sliceable(pair.Y), pair.X.place
    fit = X.ndim > 1 and y.ndim in (1, 2) and len(X) == len(y) > 1 and min(X.shape) > 0
    if not fit or X.dtype.kind not in FEATURE_DTYPES or y.dtype.kind not in LABEL_DTYPES + "O":
        raise InputError(
            f"{name}: X has the shape {X.shape} of {X.dtype} and y {y.shape} of {y.dtype}: wanted X (rows, features) "
            f"of numbers, and y of numbers or words with as many rows, at least two"
        )
    columns = int(np.prod(X.shape[1:]) + np.prod(y.shape[1:]))
    found, digest = _pass_over_arrays(
        ArrayExamples(name, X, y, rows_of_block(columns, memory_mib)),
        choose_rows(len(X), columns, test, seed, memory_mib),
    )
    classes = None if found.labels is None else np.array(sorted(found.labels))
    if classes is not None and len(classes) < 2:
        raise InputError(f"{name}: all labels are {str(classes[0])!r}: wanted examples of at least two classes")
    look, look_notices = _look(X, found)
    source = ArrayExamples(name, X, y, rows_of_block(columns, memory_mib), digest, classes, look)
    stream = Stream(source, found.rows.used, memory_mib)
    train, test_rows = _together(found.sample + found.firsts), _together(found.test)
    test_rows, unseen = (test_rows, ()) if classes is None else _known(test_rows, classes)
    if not len(test_rows.X):
        count = 0 if classes is None else len(classes)
        raise InputError(
            f"{name}: y has {count} classes in {len(X):,} rows, and no test row has a class of the training set; "
            f"wanted several rows of each class, or numbers with a decimal point for a regression"
        )
    learned = _part(source, train)
    return Dataset(
        name=printable(pair.X.file.stem),
        train=learned,
        test=_part(source, test_rows),
        class_names=() if classes is None else tuple(map(str, classes)),
        image_shape=look.image_shape,
        look=look,
        about=f"{stream.rows:,} training rows of {name}, read in blocks of {source.block:,}",
        called=(train.numbers + 1, test_rows.numbers + 1),
        target_scaling=None if classes is not None else standardization_of(learned.Y),
        source=Source(path, {"target": target, "test": test, "seed": seed, "memory_mib": memory_mib}, digest),
        notices=(
            stream_notice(stream, len(train.X), len(test_rows.X)),
            *choice_notices,
            *look_notices,
            *found.rows.notices(),
            *unseen,
        ),
        stream=stream,
        split_at_random=True,
    )


def _look(X: Any, found: ArrayPass) -> tuple[Look, list[Notice]]:
    """Decide by shape and range how images become features."""
    ends = np.zeros((2, *X.shape[1:]), X.dtype)
    ends[0], ends[1] = found.reach or (0, 0)
    return infer_look(ends)


def _pass_over_arrays(source: ArrayExamples, chosen: ChosenRows) -> tuple[ArrayPass, str]:
    """Examine all blocks; return what is found, and the SHA-256 of their numbers, which does not depend on block size.

    Raises:
        InputError: a feature is not finite, or too few rows have labels.
    """
    X_digest, y_digest = hashlib.sha256(), hashlib.sha256()
    classified = source.n_y == 1 and source.y.dtype.kind != "f"
    found = ArrayPass(MarkedRows.none_of(source.rows), set() if classified else None)
    for start in range(0, source.rows, source.block):
        X, y = source.slice(start, min(start + source.block, source.rows))
        _update(X_digest, X)
        _update(y_digest, y)
        _check_block(source.name, X, y, start)
        found.take(X, y, start, chosen)
    if not any(len(some.X) for some in found.sample) or not any(len(some.X) for some in found.test):
        raise InputError(f"{source.name}: too few of its {source.rows:,} rows have a label; wanted some for each set")
    if found.labels is None and source.y.dtype.kind in "OUS":
        raise InputError(
            f"{source.name}: y holds more than {MOST_ARRAY_CLASSES} different words; wanted fewer classes, or numbers"
        )
    return found, hashlib.sha256(f"{X_digest.hexdigest()}{y_digest.hexdigest()}".encode()).hexdigest()


def _update(digest: Any, values: Rows) -> None:
    """Hash words as text, and numbers by their bytes."""
    if values.dtype.kind in "OU":
        digest.update("".join(f"{word!r}\n" for word in values.tolist()).encode())
    else:
        digest.update(np.ascontiguousarray(values).data)


def _check_block(name: str, X: Rows, y: Rows, start: int) -> None:
    """Refuse numbers that are not finite, but for missing labels, or too large to learn.

    Minimum and maximum show it without a copy of X: if there is a NaN, both are NaN.
    """
    if X.dtype.kind == "f" and not (X.min() >= -LARGEST_LEARNED and X.max() <= LARGEST_LEARNED):
        flat = X.reshape(len(X), -1)
        row, column = (int(place[0]) for place in np.nonzero(~(np.abs(flat) <= LARGEST_LEARNED)))
        raise InputError(
            f"{name}, row {start + row + 1}, feature {column + 1}: {flat[row, column]:g}: wanted finite numbers up to "
            f"{LARGEST_LEARNED:g}; fill in or leave out what is missing"
        )
    if y.dtype.kind == "f" and (large := np.abs(y) > LARGEST_LEARNED).any():
        row = start + int(np.nonzero(large)[0][0]) + 1
        raise InputError(f"{name}, row {row}: y has a number above {LARGEST_LEARNED:g}; use another unit")


def _together(rows: list[ArrayRows]) -> ArrayRows:
    """Return all rows, each once, in the order of their numbers."""
    numbers, X, y = (np.concatenate(values) for values in zip(*rows, strict=True))
    numbers, places = np.unique(numbers, return_index=True)
    return ArrayRows(numbers, X[places], y[places])


def _known(some: ArrayRows, classes: NDArray[Any]) -> tuple[ArrayRows, tuple[Notice, ...]]:
    """Return the rows of these classes, and a notice about the others."""
    known = np.isin(some.y, classes)
    if known.all():
        return some, ()
    rows = tuple((some.numbers[~known] + 1).tolist())
    what = f"{len(rows)} of the test rows have a label that no training row has; they are left out of the test set"
    return ArrayRows(some.numbers[known], some.X[known], some.y[known]), (Notice("unseen", "", what, rows),)


def _part(source: ArrayExamples, some: ArrayRows) -> Part:
    """Make X and Y from some rows."""
    return Part(*(np.asarray(rows, np.float64).T for rows in (source.features(some.X), source.labels(some.y))))

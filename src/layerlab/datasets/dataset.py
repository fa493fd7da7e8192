"""What a dataset is: two parts of the same kind, and what one needs to read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.network import output_for
from layerlab.settings import Setting

from .tabular.table import SEED, Notice, Table

if TYPE_CHECKING:
    from .arrays.shapes import Look
    from .images.augmentation import Augmentation
    from .preparing.preparation import Preparation
    from .streaming.stream import Stream
    from .tabular.splitting import Split

Floats = NDArray[np.float64]


class Part(NamedTuple):
    """Examples and their labels.

    Attributes:
        X: (n_x, m) float64, examples in columns.
        Y: (n_y, m) float64: one row of 0 and 1 for two classes, one-hot for more, values for regression.
    """

    X: Floats
    Y: Floats


class Standardization(NamedTuple):
    """x ← (x − mean) / scale, feature by feature; mean and scale (n_x, 1) come from the training part alone."""

    mean: Floats
    scale: Floats

    def __call__(self, X: Floats) -> Floats:
        """The standardised features, of the shape of X (n_x, m)."""
        return (X - self.mean) / self.scale

    def undone(self, X: Floats) -> Floats:
        """The features as they came, of the shape of X (n_x, m)."""
        return X * self.scale + self.mean


def standardization_of(rows: Floats) -> Standardization:
    """Mean and deviation of each row of (n, m); a row that is constant to rounding is centred and not scaled."""
    mean, deviation = rows.mean(axis=1, keepdims=True), rows.std(axis=1, keepdims=True)
    return Standardization(mean, np.where(deviation <= 1e-12 * np.abs(mean), 1.0, deviation))


class HeldOut(NamedTuple):
    """What ``hold_out`` took away from a training part: which share, dealt by which seed."""

    share: float
    seed: int = 0


@dataclass(frozen=True)
class Raw:
    """The table that a dataset was made of.

    Attributes:
        table: all rows; the columns that are used, the target, and those that the split speaks of.
        target: the target's name.
        train, test: places of the two parts' rows in the table.
        split: how they were dealt.
    """

    table: Table
    target: str
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    split: Split


@dataclass(frozen=True)
class Source:
    """Where a dataset was read from, so that it can be read again.

    Attributes:
        path: a file or a folder.
        options: arguments of ``load_data`` beside the path, plain values.
        digest: SHA-256 of what was read.
    """

    path: str
    options: Mapping[str, Any]
    digest: str


VALIDATION = Setting("validation", float, None, "Share of the training part that is held out", above=0, below=1)


@dataclass(frozen=True)
class Dataset:
    """A training part and a test part, and the names that make them readable.

    Attributes:
        name: what the command line calls it.
        train, test: the two parts.
        class_names: one name a class; the name of label 0 first. Empty for regression.
        feature_names: one name a row of X, or empty (pixels).
        image_shape: (height, width, channels) or (height, width) if each column is an image, else None.
        about: where it comes from, in a sentence.
        standardization: what was done to the features, or None if they are as they came.
        held_out: what ``hold_out`` took away from the training part, or None if it is whole.
        called: for the training and the test part what each example is called: the number of a table's row, or the name
            of a file, each (m,); None for data without.
        preparation: how the columns of a table become the rows of X, learned from the training part; else None.
        target_scaling: what ``train`` does to values before it learns them; predictions are undone. None for nothing.
        raw: the table that X and Y were made of, or None.
        source: the file or folder that was read, or None.
        notices: what was noticed on reading, in words.
        look: how arrays became columns, or None for what came otherwise.
        augmentation: how far the variants of images that are trained on may be from them, or None for none.
        stream: the whole training part in blocks, where ``train`` is only a sample of it; else None.
        validation: the part that came with the data to watch a training with, or None.
    """

    name: str
    train: Part
    test: Part
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    about: str = ""
    standardization: Standardization | None = None
    held_out: HeldOut | None = None
    called: tuple[NDArray[Any], NDArray[Any]] | None = None
    preparation: Preparation | None = None
    target_scaling: Standardization | None = None
    raw: Raw | None = field(default=None, repr=False)
    source: Source | None = None
    notices: tuple[Notice, ...] = ()
    stream: Stream | None = None
    validation: Part | None = None
    augmentation: Augmentation | None = None
    look: Look | None = None

    def __repr__(self) -> str:
        """What it is, without its numbers."""
        m = self.train.X.shape[1] if self.stream is None else self.stream.rows
        what = f"{len(self.class_names)} classes" if self.class_names else f"{self.n_y} value{'s' * (self.n_y > 1)}"
        parts = f"{m:,} to train on, {self.test.X.shape[1]:,} to test on"
        return f"<Dataset {self.name}: {parts}, {self.n_x:,} inputs, {what}>"

    @property
    def n_x(self) -> int:
        """Number of features."""
        return int(self.train.X.shape[0])

    @property
    def n_y(self) -> int:
        """Number of outputs."""
        return int(self.train.Y.shape[0])

    def standardized(self) -> Dataset:
        """The same data with every feature of mean 0 and deviation 1 on the training part.

        A feature that is constant there is centred and not scaled; data that is standardised already stays as it is.
        """
        if self.standardization is not None:
            return self
        standardize = standardization_of(self.train.X)
        return replace(
            self,
            train=Part(standardize(self.train.X), self.train.Y),
            test=Part(standardize(self.test.X), self.test.Y),
            validation=self.validation and Part(standardize(self.validation.X), self.validation.Y),
            standardization=standardize,
            stream=self.stream and self.stream.standardized(standardize),
        )

    def resplit(self, seed: int) -> Dataset:
        """All examples dealt anew into parts of the same sizes, each class in both as in the whole; values by chance.

        Args:
            seed: of the ``RandomState`` that deals.

        Raises:
            InputError: the features are standardised already (by another training part), a class has one example, the
                seed is out of range, or the rows of a table were not dealt by chance.
        """
        if self.stream is not None:
            raise InputError("a stream cannot be split again: open the file with another seed")
        if self.standardization is not None:
            raise InputError("a standardised dataset cannot be split again: split first, then standardise")
        if self.raw is not None:
            from .loading.tables import deal_anew
            from .tabular.splitting import check_chance

            check_chance(self.raw.split)
            return deal_anew(self, replace(self.raw.split, seed=SEED.check(seed)))
        X = np.concatenate([self.train.X, self.test.X], axis=1)
        Y = np.concatenate([self.train.Y, self.test.Y], axis=1)
        train, test = stratified_split(_strata(Y), self.test.X.shape[1], seed)
        called = None if self.called is None else np.concatenate(self.called)
        return replace(
            self,
            train=Part(X[:, train], Y[:, train]),
            test=Part(X[:, test], Y[:, test]),
            held_out=None,
            called=None if called is None else (called[train], called[test]),
        )


def hold_out(data: Dataset, share: float, seed: int = 0) -> tuple[Dataset, Part]:
    """A share of the training part as a validation part, each class in both as in the whole; values by chance.

    Args:
        data: not standardised yet, so that the scales will be those of what is left to train on.
        share: above 0, below 1.
        seed: of the ``RandomState`` that deals.

    Returns:
        The dataset with the rest as its training part, and the validation part.

    Raises:
        InputError: the features are standardised already, a share is held out already, or the share leaves a class out
            of a part.

    Example:
        >>> from layerlab.datasets import load_digits
        >>> digits, validation = hold_out(load_digits(), 0.2)
        >>> digits.train.X.shape, validation.X.shape, digits.held_out
        ((64, 1150), (64, 287), HeldOut(share=0.2, seed=0))
    """
    if data.standardization is not None:
        raise InputError("a standardised dataset cannot be split again: split first, then standardise")
    if data.held_out is not None:
        raise InputError(f"a share of {data.held_out.share:g} is held out already: hold out of the whole dataset")
    if data.raw is not None:
        from .loading.tables import held_apart

        rest, part = held_apart(data, VALIDATION.check(share), SEED.check(seed))
        return replace(rest, held_out=HeldOut(float(share), seed)), part
    (X, Y), m = data.train, data.train.X.shape[1]
    count = round(VALIDATION.check(share) * m)
    if not 0 < count < m:
        raise InputError(f"validation={share!r}: is {count} of {m} examples; wanted some in both parts")
    train, validation = (stratified_split if data.stream is None else _sample_split)(_strata(Y), count, seed)
    held_out = HeldOut(float(share), seed)
    called = None if data.called is None else (data.called[0][train], data.called[1])
    rest = replace(data, train=Part(X[:, train], Y[:, train]), held_out=held_out, called=called)
    if data.stream is not None:
        if data.called is None:
            raise InputError("a share of this stream cannot be held out: give its test part for validation")
        numbers = data.called[0]
        rest = replace(
            rest, stream=data.stream.without(numbers[validation] - 1), called=(numbers[train], data.called[1])
        )
    return rest, Part(X[:, validation], Y[:, validation])


def _strata(Y: Floats) -> NDArray[np.int64]:
    """Numbers (m,) of what is to be in both parts: classes, or all values as one."""
    return class_numbers(Y) if output_for(Y) != "identity" else np.zeros(Y.shape[1], np.int64)


def _sample_split(classes: NDArray[np.int64], n_test: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """``stratified_split`` of a stream's sample: what is the only one of its class there stays in the training part."""
    alone = np.bincount(classes)[classes] == 1
    several = np.flatnonzero(~alone)
    train, test = stratified_split(classes[several], n_test, seed)
    return np.concatenate([several[train], np.flatnonzero(alone)]), several[test]


def class_numbers(Y: Floats) -> NDArray[np.int64]:
    """Labels as class numbers, (m,): from one row of 0 and 1 or from one-hot columns."""
    numbers: NDArray[np.int64] = Y[0].astype(np.int64) if Y.shape[0] == 1 else Y.argmax(axis=0)
    return numbers


def one_hot(classes: NDArray[np.int64], n_classes: int) -> Floats:
    """Class numbers (m,) as columns with a single 1, (n_classes, m).

    Example:
        >>> one_hot(np.array([1, 0]), 3)
        array([[0., 1.],
               [1., 0.],
               [0., 0.]])
    """
    return np.eye(n_classes)[:, classes]


def label_rows(classes: NDArray[np.int64], n_classes: int) -> Floats:
    """Class numbers (m,) as a ``Part`` holds them: one row of 0 and 1 for two classes, one-hot rows for more."""
    return classes.astype(np.float64).reshape(1, -1) if n_classes == 2 else one_hot(classes, n_classes)


def stratified_split(classes: NDArray[np.int64], n_test: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of a training and a test part in which every class has its share.

    Args:
        classes: (m,) class numbers.
        n_test: examples in the test part.
        seed: of the ``RandomState`` that deals.

    Raises:
        InputError: a class has too few examples to be in both parts.
    """
    from sklearn.model_selection import train_test_split

    random_state = np.random.RandomState(SEED.check(seed))
    try:
        train, test = train_test_split(
            np.arange(len(classes)),
            test_size=n_test,
            stratify=classes,
            random_state=random_state,
        )
    except ValueError as error:
        raise InputError(
            f"{len(classes)} examples of {len(np.unique(classes))} classes cannot be split with {n_test} set "
            f"apart: wanted at least two examples of each class and room for each in both parts"
        ) from error
    return train, test

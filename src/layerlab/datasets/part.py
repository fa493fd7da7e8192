"""The values in a dataset: sets of examples, labels and classes, standardisation, and where data are from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.network import output_for
from layerlab.settings import SETTINGS, Setting

SEED = replace(SETTINGS["seed"], help="Seed of the random split")
"""The seed of a random split: its range, its default, and its words in errors."""

LARGEST_LEARNED = np.float64(1e100)
"""The largest number that can be learned, since squares of larger ones overflow; a NumPy number, because float32 cannot
hold it."""

TEST_SHARE = Setting("test", float, 0.2, "Share of the examples in the test set", above=0, below=1)
VALIDATION = Setting("validation", float, None, "Share of the training set that is held out", above=0, below=1)
"""The share that ``hold_out`` takes: its range, and its words in errors."""


class Part(NamedTuple):
    """A training, test or validation set: its examples and their labels.

    Attributes:
        X: (n_x, m) float64, examples in columns.
        Y: (n_y, m) float64: one row of 0 and 1 for two classes, one-hot columns for more, values for regression.
    """

    X: Floats
    Y: Floats


class Standardization(NamedTuple):
    """x ← (x − mean) / scale, for each feature; mean and scale (n_x, 1) come from the training set alone."""

    mean: Floats
    scale: Floats

    def __call__(self, X: Floats) -> Floats:
        """Standardise features X (n_x, m)."""
        return (X - self.mean) / self.scale

    def undone(self, X: Floats) -> Floats:
        """Undo the standardisation of features X (n_x, m)."""
        return X * self.scale + self.mean


def standardization_of(rows: Floats) -> Standardization:
    """Mean and standard deviation of each row of (n, m); a row that is constant up to rounding is only centred.

    Both are computed in float64 and returned in the type of the rows. In float32, the rounding error of a sum of many
    numbers around 1000 can exceed their differences, and a constant row would get a deviation from rounding alone.
    """
    kept = rows.dtype if rows.dtype.kind == "f" else np.dtype(np.float64)
    mean, deviation = (np.asarray(of(rows, axis=1, keepdims=True, dtype=np.float64)) for of in (np.mean, np.std))
    scale = np.where(deviation <= 1e-12 * np.abs(mean), 1.0, deviation)
    return Standardization(mean.astype(kept), scale.astype(kept))


class HeldOut(NamedTuple):
    """What ``hold_out`` took from a training set: the share, and the seed of the random split."""

    share: float
    seed: int = 0


@dataclass(frozen=True)
class Source:
    """Where a dataset was read from, so that it can be read again.

    Attributes:
        path: a file or a folder.
        options: the other arguments of ``load_data``, as plain values.
        digest: SHA-256 of what was read.
    """

    path: str
    options: Mapping[str, Any]
    digest: str


def class_numbers(Y: Floats) -> NDArray[np.int64]:
    """Turn labels into class numbers (m,), from one row of 0 and 1 or from one-hot columns."""
    numbers: NDArray[np.int64] = Y[0].astype(np.int64) if Y.shape[0] == 1 else Y.argmax(axis=0)
    return numbers


def one_hot(classes: NDArray[np.int64], n_classes: int) -> Floats:
    """Turn class numbers (m,) into columns with a single 1, (n_classes, m).

    Example:
        >>> one_hot(np.array([1, 0]), 3)
        array([[0., 1.],
               [1., 0.],
               [0., 0.]])
    """
    return np.eye(n_classes)[:, classes]


def label_rows(classes: NDArray[np.int64], n_classes: int) -> Floats:
    """Turn class numbers (m,) into the labels of a ``Part``: one row of 0 and 1 for two classes, one-hot for more."""
    return classes.astype(np.float64).reshape(1, -1) if n_classes == 2 else one_hot(classes, n_classes)


def stratified_split(classes: NDArray[np.int64], n_test: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split examples at random into a training and a test set, with the same share of each class in both.

    Args:
        classes: (m,) class numbers.
        n_test: examples in the test set.
        seed: seed of the random split.

    Raises:
        InputError: a class has too few examples to be in both sets.
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
            f"{len(classes)} examples of {len(np.unique(classes))} classes cannot be split into {n_test} "
            f"test examples and the rest: wanted at least two examples of each class, and room for each in both sets"
        ) from error
    return train, test


def base_rate(Y: Floats) -> float:
    """Return the share of the majority class among labels (n_y, m): the accuracy of always predicting that class."""
    return float(np.bincount(class_numbers(Y)).max() / Y.shape[1])


def strata(Y: Floats) -> NDArray[np.int64]:
    """Return the class numbers (m,) for a stratified split; 0 for every example of a regression."""
    return class_numbers(Y) if output_for(Y) != "identity" else np.zeros(Y.shape[1], np.int64)


class Notice(NamedTuple):
    """A notice: something that a user should know about a file.

    Attributes:
        kind: a word: "dirty", "missing", "constant", "identifier", "text", "duplicates", "leak", "drift", …
        column: the column's name, or "" for the whole table.
        what: the notice in words: what was found, what was done, and which argument changes it.
        rows: numbers of the first rows with it.
        left_out: whether the column was left out because of it.
    """

    kind: str
    column: str
    what: str
    rows: tuple[int, ...] = ()
    left_out: bool = False

    def __str__(self) -> str:
        """Return the notice as sentences."""
        return self.what if self.what.endswith((".", "…")) else f"{self.what}."

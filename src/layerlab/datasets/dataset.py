"""``Dataset``: a training and a test set of the same kind, and what is known of how they were made."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.escapes import printable
from layerlab.views import html_of

from .deferred import Deferred
from .images.image_ranges import ImageRanges, image_ranges
from .part import SEED, HeldOut, Notice, Part, Source, Standardization, standardization_of, strata, stratified_split
from .preparing.split_table import Raw, dataset_fields, notices_of, split_again
from .tabular.splitting import check_can_be_resplit

if TYPE_CHECKING:
    from .arrays.shapes import Look
    from .images.augmentation import Augmentation
    from .preparing.preparation import Preparation
    from .streaming.stream import Stream


@dataclass(frozen=True)
class Dataset:
    """A training set and a test set, and the names that make them readable.

    Attributes:
        name: what the command line calls it.
        train, test: the two sets. Those of a table are made of its columns when they are first read.
        class_names: one name a class; the name of label 0 first. Empty for regression.
        feature_names: one name a row of X, or empty (pixels).
        image_shape: (height, width, channels) or (height, width) if each column of X is an image, else None.
        about: where the data come from, in a sentence.
        standardization: what was done to the features, or None if they are as they came.
        held_out: what ``hold_out`` took away from the training set, or None if it is whole.
        called: what each example of the training and of the test set is called, each (m,): the number of a table's row,
            or the name of a file; None for data without such names.
        preparation: how the columns of a table become the rows of X, learned from the training set; else None.
        target_scaling: how ``train`` scales the target of a regression; predictions are scaled back. None for not.
        raw: the table that X and Y were made of, or None.
        source: the file or folder that was read, or None.
        notices: what was noticed on reading, in words.
        look: how arrays became columns, or None for data that were no arrays.
        split_at_random: whether both sets are of one distribution, since the examples were split at random or drawn
            alike; False where the test set came by itself, is later or of other groups, or nobody knows.
        augmentation: how far the variants of images that are trained on may be from them, or None for none.
        stream: the whole training set in blocks, where ``train`` is only a sample of it; else None.
        validation: the validation set that came with the data, or None.
        proportions: the least and the largest width by height of the training images' files, or None where they were
            no files; ``image_ranges`` has them.
        id_column: the column of a table that names its rows and is no feature, or None; ``ids`` has the names.
    """

    name: str
    train: Deferred[Part] = Deferred()  # noqa: RUF009  (a descriptor of its own)
    test: Deferred[Part] = Deferred()  # noqa: RUF009  (a descriptor of its own)
    class_names: tuple[str, ...] = ()
    feature_names: Deferred[tuple[str, ...]] = Deferred(())  # noqa: RUF009  (a descriptor of its own)
    image_shape: tuple[int, ...] | None = None
    about: str = ""
    standardization: Standardization | None = None
    held_out: HeldOut | None = None
    called: tuple[NDArray[Any], NDArray[Any]] | None = None
    preparation: Deferred[Preparation | None] = Deferred(None)  # noqa: RUF009  (a descriptor of its own)
    target_scaling: Standardization | None = None
    raw: Raw | None = field(default=None, repr=False)
    source: Source | None = None
    notices: tuple[Notice, ...] = ()
    stream: Stream | None = None
    validation: Part | None = None
    augmentation: Augmentation | None = None
    look: Look | None = None
    split_at_random: bool = False
    id_column: str | None = None
    proportions: tuple[float, float] | None = None

    def __repr__(self) -> str:
        """The dataset's name and sizes, without its numbers."""
        m = self.train.X.shape[1] if self.stream is None else self.stream.rows
        what = f"{len(self.class_names)} classes" if self.class_names else f"{self.n_y} value{'s' * (self.n_y > 1)}"
        parts = f"{m:,} to train on, {self.test.X.shape[1]:,} to test on"
        return f"<Dataset {printable(self.name)}: {parts}, {self.n_x:,} inputs, {what}>"

    def _repr_html_(self) -> str:
        """What notebooks show: the text and a picture, as HTML."""
        return html_of(self)

    def __getstate__(self) -> dict[str, Any]:
        """Every field computed, since the functions of deferred ones cannot go to another process."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @property
    def ids(self) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """What the examples of the training and of the test set are called in the table's column of ids, each (m,)."""
        if self.raw is None or self.raw.table.ids is None:
            return None
        return self.raw.table.ids[self.raw.train], self.raw.table.ids[self.raw.test]

    @cached_property
    def image_ranges(self) -> ImageRanges | None:
        """What the training images look like as a whole, or None where examples are no images."""
        if self.image_shape is None:
            return None
        X = self.train.X if self.standardization is None else self.standardization.undone(self.train.X)
        return image_ranges(X, self.image_shape, self.proportions)

    @property
    def n_x(self) -> int:
        """Number of features, which is the number of rows of X."""
        return len(self.feature_names) or int(self.train.X.shape[0])

    @property
    def n_y(self) -> int:
        """Number of outputs, which is the number of rows of Y."""
        return int(self.train.Y.shape[0])

    def standardized(self) -> Dataset:
        """The same data with every feature of mean 0 and standard deviation 1 on the training set.

        A feature that is constant there is centred and not scaled; data that are standardised already stay as they are.
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
        """Split all examples again at random, into sets of the same sizes in which each class has its share.

        Args:
            seed: seed of the random split.

        Raises:
            InputError: the features are standardised already (by another training set), a class has one example, the
                seed is out of range, or the rows of a table were not split at random.
        """
        if self.stream is not None:
            raise InputError("a stream cannot be split again: open the file with another seed")
        if self.standardization is not None:
            raise InputError("a standardised dataset cannot be split again: split first, then standardise")
        if self.raw is not None:
            check_can_be_resplit(self.raw.split)
            raw = split_again(self.raw, replace(self.raw.split, seed=SEED.check(seed)))
            return replace(self, held_out=None, notices=notices_of(raw, self.notices), **dataset_fields(raw))
        X = np.concatenate([self.train.X, self.test.X], axis=1)
        Y = np.concatenate([self.train.Y, self.test.Y], axis=1)
        train, test = stratified_split(strata(Y), self.test.X.shape[1], seed)
        called = None if self.called is None else np.concatenate(self.called)
        return replace(
            self,
            train=Part(X[:, train], Y[:, train]),
            test=Part(X[:, test], Y[:, test]),
            held_out=None,
            split_at_random=True,
            called=None if called is None else (called[train], called[test]),
        )

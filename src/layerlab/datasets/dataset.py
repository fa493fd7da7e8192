"""``Dataset``: a training set, a test set, and how they were made."""

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
from .preparing.learning_encoders import SCALING
from .preparing.split_table import Raw, dataset_fields, notices_of, split_again
from .tabular.splitting import check_can_be_resplit

if TYPE_CHECKING:
    from .arrays.shapes import Look
    from .images.augmentation import Augmentation
    from .preparing.preparation import Preparation
    from .streaming.stream import Stream


@dataclass(frozen=True)
class Dataset:
    """A training set and a test set, and the names of their classes and features.

    Attributes:
        name: its name on the command line.
        train, test: the two sets. Those of a table are made from its columns when they are first read.
        class_names: one name for each class; the name of label 0 first. Empty for a regression.
        feature_names: one name for each row of X, or empty (pixels).
        image_shape: (height, width, channels) or (height, width) if each column of X is an image, else None.
        about: what the data are and where they come from, in a few words.
        standardization: how the features were standardised, or None if they were not.
        held_out: the share that ``hold_out`` took from the training set, or None if the set is complete.
        called: names of the examples of the training and of the test set, each (m,): row numbers of a table, or names
            of files; None for data without such names.
        preparation: how the columns of a table become the rows of X, learned from the training set; else None.
        target_scaling: how ``train`` scales the target of a regression; predictions are scaled back. Else None.
        raw: the table that X and Y were made from, or None.
        source: the file or folder that was read, or None.
        notices: sentences about what a user should check.
        look: how arrays became columns, or None for data that did not come as arrays.
        split_at_random: whether both sets have the same distribution, because the examples were split at random or
            generated in the same way. False if the test set came by itself, is later, or has other groups.
        augmentation: how far the image variants that are trained on may differ from the images, or None.
        stream: the whole training set in blocks, if ``train`` is only a sample of it; else None.
        validation: the validation set that came with the data, or None.
        proportions: the least and the largest width / height of the training images' files, or None without files;
            ``image_ranges`` contains them.
        id_column: the column of a table that names its rows and is not a feature, or None; ``ids`` has the names.
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
        """Show the dataset's name and sizes."""
        m = self.train.X.shape[1] if self.stream is None else self.stream.rows
        numbers = f"{self.n_y} numbers" if self.n_y > 1 else "a number"
        what = f"{len(self.class_names)} classes" if self.class_names else numbers
        sets = f"training set {m:,}, test set {self.test.X.shape[1]:,}"
        return f"<Dataset {printable(self.name)}: {sets}, {self.n_x:,} inputs, predicts {what}>"

    def _repr_html_(self) -> str:
        """Return what notebooks show: the text and a picture, as HTML."""
        return html_of(self)

    def __getstate__(self) -> dict[str, Any]:
        """Compute every deferred field, since its function cannot be sent to another process."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @property
    def ids(self) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """The ids of the training and of the test examples, each (m,), from the table's column of ids; or None."""
        if self.raw is None or self.raw.table.ids is None:
            return None
        return self.raw.table.ids[self.raw.train], self.raw.table.ids[self.raw.test]

    @property
    def wave_inputs(self) -> tuple[int, ...]:
        """The rows of X that a network may see as waves: a table's scaled numbers and days; () for other data.

        The column by whose time the rows were split is not among them: new rows lie beyond all times of the training.
        """
        if self.preparation is None:
            return ()
        time = self.raw and self.raw.split.time
        return self.preparation.number_rows([time] if time else [])

    @cached_property
    def image_ranges(self) -> ImageRanges | None:
        """The ranges of brightness, contrast and detail of the training images, or None if examples are not images."""
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
        """Return the same data, scaled so that every feature has mean 0 and standard deviation 1 on the training set.

        A feature that is constant there is only centred. Data that are already standardised are returned unchanged.
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

    def rescaled(self, scaling: str) -> Dataset:
        """Scale the numbers and dates of a table in another way; data that are no table stay as they are.

        Args:
            scaling: "robust" or "quantile", as for ``load_table``.

        Raises:
            InputError: there is no such way.
        """
        if self.raw is None or self.raw.scaling == scaling:
            return self
        raw = replace(self.raw, scaling=SCALING.check(scaling))
        changed = {} if scaling == SCALING.default else {"scaling": scaling}
        source = self.source and replace(
            self.source, options={name: one for name, one in self.source.options.items() if name != "scaling"} | changed
        )
        return replace(self, source=source, **dataset_fields(raw))

    def resplit(self, seed: int) -> Dataset:
        """Split all examples again at random, into sets of the same sizes, with the same share of each class in both.

        Args:
            seed: seed of the random split.

        Raises:
            InputError: the features are already standardised (by another training set), a class has only one example,
                the seed is out of range, or the rows of a table were not split at random.
        """
        if self.stream is not None:
            raise InputError("a stream cannot be split again: open the file again with another seed")
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

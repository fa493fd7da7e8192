"""How the inputs X of a dataset were made from its file: the list of these facts, which are saved as JSON.

``Dataset`` and ``Run`` have each fact as an attribute. Code that writes, reads, checks or applies all facts takes
``InputRecord.of`` a dataset or a run. So a new fact is added only here and in these two classes.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.network import Network
from layerlab.settings import SETTINGS

from .arrays.shapes import Look
from .images.image_ranges import ImageRanges
from .json_values import check_keys, numbers_from, texts_from, truth_from
from .part import VALIDATION, HeldOut, Source, Standardization
from .preparing.preparation import Preparation, preparation_from

ADDED_LATER = {"id_column": None, "image_ranges": None}
"""Facts that the files of older runs do not have, with their values for such a run."""


@dataclass(frozen=True)
class InputRecord:
    """How a file's examples became the inputs X of a network, and the names of classes and features.

    Attributes:
        class_names: one name for each class; the name of label 0 first. Empty for a regression.
        feature_names: one name for each row of X, or empty (pixels).
        image_shape: (height, width, channels) or (height, width) if each column of X is an image, else None.
        look: how arrays (m, …) became columns, or None for other data.
        standardization: how the features were standardised, or None if they were not.
        preparation: how the columns of a table become the rows of X, or None without a table.
        target_scaling: how the values of a regression are scaled before ``train`` learns them, or None.
        source: the file or folder that was read, or None.
        held_out: the share of the training set that was held out for validation, and the seed; or None.
        id_column: the column of the table that names its rows and is not a feature, or None.
        image_ranges: ranges of brightness, contrast and detail of the training images, or None without images.
    """

    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    look: Look | None = None
    standardization: Standardization | None = None
    preparation: Preparation | None = None
    target_scaling: Standardization | None = None
    source: Source | None = None
    held_out: HeldOut | None = None
    id_column: str | None = None
    image_ranges: ImageRanges | None = None

    @classmethod
    def of(cls, owner: Any) -> InputRecord:
        """Collect the facts from the attributes of a ``Dataset`` or a ``Run``."""
        return cls(**{one.name: getattr(owner, one.name) for one in fields(cls)})

    @classmethod
    def from_record(cls, record: Any) -> InputRecord:
        """Rebuild an ``InputRecord`` from what ``record`` returned.

        Raises:
            ArithmeticError, AttributeError, LookupError, TypeError, ValueError: the JSON was damaged or changed.
        """
        record = ADDED_LATER | record
        check_keys(record, {one.name for one in fields(cls)})
        shape, held_out = record["image_shape"], record["held_out"]
        return cls(
            class_names=texts_from(record["class_names"]),
            feature_names=texts_from(record["feature_names"]),
            image_shape=None if shape is None else tuple(shape),
            look=_look_from(record["look"]),
            standardization=_scaling_from(record["standardization"]),
            preparation=None if record["preparation"] is None else preparation_from(record["preparation"]),
            target_scaling=_scaling_from(record["target_scaling"]),
            source=None if record["source"] is None else _source_from(**record["source"]),
            held_out=None if held_out is None else _held_out_from(**held_out),
            id_column=None if record["id_column"] is None else texts_from([record["id_column"]])[0],
            image_ranges=_ranges_from(record["image_ranges"]),
        )

    def record(self) -> dict[str, Any]:
        """Return the facts as plain values for JSON, by name."""
        shape = self.image_shape
        return {
            "class_names": [str(name) for name in self.class_names],
            "feature_names": [str(name) for name in self.feature_names],
            "image_shape": None if shape is None else [int(n) for n in shape],
            "look": None if self.look is None else self.look._asdict(),
            "standardization": _scaling_record(self.standardization),
            "preparation": None if self.preparation is None else self.preparation.record(),
            "target_scaling": _scaling_record(self.target_scaling),
            "source": None if self.source is None else asdict(self.source),
            "held_out": None if self.held_out is None else self.held_out._asdict(),
            "id_column": self.id_column,
            "image_ranges": self.image_ranges
            and {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in self.image_ranges._asdict().items()
            },
        }

    def check(self, network: Network) -> None:
        """Check that the names, the image shape and the scalings fit a network; pictures rely on it.

        Raises:
            InputError: one of them does not fit.
        """
        n_x, n_y = network.layer_dims[0], network.layer_dims[-1]
        n_classes = 2 if n_y == 1 else n_y
        if network.classifies and len(self.class_names) not in (0, n_classes):
            raise InputError(f"there are {len(self.class_names)} class names: wanted {n_classes}, or none")
        if len(self.feature_names) not in (0, n_x):
            raise InputError(f"there are {len(self.feature_names)} feature names: wanted {n_x}, or none")
        for shape in (self.image_shape, self.look and self.look.image_shape):
            _check_image_shape(shape, n_x)
        _check_scaling(self.standardization, n_x, "standardisation")
        _check_scaling(self.target_scaling, n_y, "scaling of the target")
        if self.preparation is not None and len(self.preparation.feature_names) != n_x:
            raise InputError(f"the preparation makes {len(self.preparation.feature_names)} features: wanted {n_x}")

    def features(self, examples: Any) -> NDArray[Any]:
        """Make the inputs X (n_x, m) from raw examples, standardised if the training set was.

        Args:
            examples: with a preparation, a ``Table`` or a data frame of pandas, polars or pyarrow; without, features in
                columns (n_x, m).

        Raises:
            InputError: a column of the table is missing, or of another kind.
        """
        X: NDArray[Any] = examples if self.preparation is None else self.preparation.features(examples)
        return X if self.standardization is None else self.standardization(X)


def _scaling_record(scaling: Standardization | None) -> dict[str, list[float]] | None:
    return scaling and {name: array.ravel().tolist() for name, array in scaling._asdict().items()}


def _scaling_from(record: Any) -> Standardization | None:
    if record is None:
        return None
    return Standardization(**{name: numbers_from(values).reshape(-1, 1) for name, values in record.items()})


def _check_scaling(scaling: Standardization | None, n: int, what: str) -> None:
    """Raise InputError if there are not n finite means and scales."""
    if scaling is None:
        return
    mean, scale = scaling
    if not (mean.shape == scale.shape == (n, 1) and np.isfinite([mean, scale]).all() and (scale > 0).all()):
        raise InputError(f"the {what} does not fit: wanted {n} finite means and scales above 0")


def _check_image_shape(shape: tuple[int, ...] | None, n_x: int) -> None:
    """Raise InputError if n_x numbers cannot be an image of that shape."""
    if shape is not None and not (
        len(shape) in (2, 3)
        and all(isinstance(n, Integral) and not isinstance(n, bool) and n > 0 for n in shape)
        and math.prod(shape) == n_x
    ):
        raise InputError(f"the image shape is {shape}: wanted two or three whole numbers whose product is {n_x}")


def _look_from(record: Any) -> Look | None:
    if record is None:
        return None
    (divisor,) = numbers_from([record["divisor"]]).tolist()
    look = Look(**{**record, "channels_first": truth_from(record["channels_first"]), "divisor": divisor})
    if not 0 < divisor < math.inf:
        raise ValueError(f"pixels are divided by {divisor:g}")
    return look if look.image_shape is None else look._replace(image_shape=tuple(look.image_shape))


def _ranges_from(record: Any) -> ImageRanges | None:
    if record is None:
        return None
    check_keys(record, set(ImageRanges._fields))
    (images,) = numbers_from([record["images"]]).tolist()
    ranges = {name: numbers_from(record[name]).tolist() for name in ImageRanges._fields if name != "images"}
    for low, high in ranges.values():
        if not -math.inf < low <= high < math.inf:
            raise ValueError("the range of training images has no ends, or they are swapped")
    if images != int(images) or images < 1:
        raise ValueError("the number of training images is not a whole number above 0")
    return ImageRanges(int(images), **{name: (low, high) for name, (low, high) in ranges.items()})


def _source_from(path: Any, options: Any, digest: Any) -> Source:
    if not isinstance(options, dict):
        raise TypeError("wanted the options of a source")
    texts_from([path, digest, *options])
    return Source(path, options, digest)


def _held_out_from(share: Any, seed: Any) -> HeldOut:
    return HeldOut(VALIDATION.check(share), SETTINGS["seed"].check(seed))

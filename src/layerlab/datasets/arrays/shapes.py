"""Which axis is that of the examples, and which arrays are images; notices say what was turned."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats


class Look(NamedTuple):
    """How examples (m, …) become columns.

    Attributes:
        channels_first: whether (c, h, w) is turned into (h, w, c).
        divisor: the number by which pixels are divided; 1 for other numbers.
        image_shape: the shape of the image in each column, or None if the columns are not images.
    """

    channels_first: bool
    divisor: float
    image_shape: tuple[int, ...] | None

    def columns(self, X: NDArray[Any]) -> Floats:
        """Turn examples (m, …) into columns (n_x, m), stored row by row in memory, with a single copy."""
        turned = np.array(np.moveaxis(self._channels_last(X), 0, -1), np.float64, order="C")
        return self._divided(turned.reshape(-1, len(X)))

    def some_columns(self, X: NDArray[Any], places: NDArray[np.int64]) -> Floats:
        """Columns (n_x, k) of the examples at some places of (m, …); each example's numbers are contiguous in memory.

        They are the same numbers as ``columns(X)[:, places]``, copied once.
        """
        rows: Floats = np.asarray(self._channels_last(X)[places], np.float64, order="C").reshape(len(places), -1)
        return self._divided(rows).T

    def _channels_last(self, X: NDArray[Any]) -> NDArray[Any]:
        """Images with their channels along the last axis."""
        return np.moveaxis(X, 1, -1) if self.channels_first else X

    def _divided(self, own: Floats) -> Floats:
        """Divide pixels in place; the caller made the array as a copy."""
        if self.divisor != 1:
            own /= self.divisor
        return own

    def compared(self, X: NDArray[Any], place: str) -> list[Notice]:
        """Check new examples (m, …), which are read like the training set; a notice gives the range of their pixels.

        Raises:
            InputError: their axes differ from those in training.
        """
        flat = X.ndim == 2 and not self.channels_first
        if self.channels_first and X.ndim != 4:
            raise InputError(f"{place} has the shape {X.shape}: wanted images with channels first, as in training")
        if self.image_shape is None:
            return []
        h, w, c = (*self.image_shape, 1)[:3]
        wanted = ((c, h, w),) if self.channels_first else (self.image_shape, (h, w, c))
        if not flat and X.shape[1:] not in wanted:
            raise InputError(f"{place} has the shape {X.shape}: wanted images of {wanted[0]}, as in training")
        low, high = float(X.min()) / self.divisor, float(X.max()) / self.divisor
        what = f"Pixels range from {low:.3g} to {high:.3g}"
        if self.divisor != 1:
            return [Notice("images", "", f"{what}, after the division by {self.divisor:g} as in training.")]
        return [] if low >= 0 and high <= 1 else [Notice("images", "", f"{what}; in training they range from 0 to 1.")]


def examples_first(
    X: NDArray[Any], Y: NDArray[Any], place: str, labels: str
) -> tuple[NDArray[Any], NDArray[Any], list[Notice]]:
    """Turn inputs and labels so that the first axis of both is that of the examples.

    Args:
        X: (m, …); or (…, m) if the lengths show it.
        Y: m labels in one row or one column, or (m, k) or (k, m).
        place, labels: the names of the two in messages.

    Returns:
        X (m, …), Y (m,) or (m, k), and notices about what was turned.

    Raises:
        InputError: no axis of X has the length of the labels, or an array has too many axes.
    """
    if X.ndim > 4 or Y.ndim > 2:
        raise InputError(
            f"{place} has the shape {X.shape} and {labels} {Y.shape}: wanted examples × features or images × height × "
            f"width × channels, and one label each"
        )
    Y = Y.reshape(-1) if Y.ndim == 2 and 1 in Y.shape else Y
    X = X.reshape(-1, 1) if X.ndim == 1 else X
    for turned in (Y, Y.T) if Y.ndim == 2 else (Y,):
        m = len(turned)
        notices = [Notice("turned", "", f"The labels have the shape {Y.shape}, so their columns are the examples.")]
        notices = notices if turned is not Y else []
        if len(X) == m:
            return X, turned, notices
        if X.shape[-1] == m:
            what = f"The inputs have the shape {X.shape}, with {m} labels, so the last axis is that of the examples."
            return np.moveaxis(X, -1, 0), turned, [Notice("turned", "", what), *notices]
    raise InputError(f"{place} has the shape {X.shape} and {labels} {Y.shape}: wanted a label for each row of inputs")


def infer_look(X: NDArray[Any]) -> tuple[Look, list[Notice]]:
    """Find out what the training set's examples are: numbers or images.

    Args:
        X: (m, n), or images (m, h, w), (m, h, w, c) or (m, c, h, w).
    """
    if X.ndim == 2:
        return Look(False, 1.0, None), []
    channels_first = X.ndim == 4 and X.shape[3] not in (1, 3) and X.shape[1] in (1, 3)
    shape = (*X.shape[2:], X.shape[1]) if channels_first else X.shape[1:]
    notices = (
        [
            Notice(
                "turned",
                "",
                f"The images have the shape {X.shape[1:]}, so the first axis is that of the colour channels.",
            )
        ]
        if channels_first
        else []
    )
    divisor = _divisor(X)
    if shape[2:] not in ((), (1,), (3,)) or divisor is None:
        why = "some values are outside of 0 to 255" if divisor is None else f"they have {shape[2]} channels"
        what = f"Arrays of the shape {X.shape[1:]} are read as plain numbers and not as images, because {why}."
        return Look(channels_first, 1.0, None), [*notices, Notice("images", "", what)]
    if divisor != 1:
        notices.append(Notice("images", "", f"Pixels are divided by {divisor:g}."))
    return Look(channels_first, divisor, shape[:2] if shape[2:] == (1,) else shape), notices


def _divisor(X: NDArray[Any]) -> float | None:
    """Return the number that scales pixels to 0 to 1; None if no usual one does."""
    low, high = float(X.min()), float(X.max())
    if X.dtype == np.uint8:
        return 255.0
    if low < 0 or high > 65535 or (high > 255 and X.dtype != np.uint16):
        return None
    if X.dtype.kind in "bf" and high <= 1:
        return 1.0
    return 65535.0 if high > 255 else 255.0

"""Augmented training images: flipped, shifted, rotated and brightened variants, with new ones in each epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .images.augmentation import (
    CHANGED_AT_A_TIME,
    Augmentation,
    Block,
    brightened,
    mirrored,
    random_draws,
    rotated,
    shifted,
)

if TYPE_CHECKING:
    from .dataset import Dataset


def augmented(
    X: NDArray[Any], image_shape: Sequence[int], augmentation: Augmentation, epoch: int, numbers: NDArray[Any]
) -> NDArray[Any]:
    """Make one variant of each image; it depends only on (seed, epoch, number) and the image itself.

    Args:
        X: (k, n_x), an image in each row, numbers from 0 to 1.
        image_shape: (height, width) or (height, width, channels), n_x numbers in all.
        augmentation: how far the variants may differ from the images.
        epoch: number of the epoch, from 0.
        numbers: (k,) numbers of the images in the training set.

    Returns:
        (k, n_x) in X's type; float64 if that is not a type of floats.

    Raises:
        InputError: the rows do not fit the shape or the numbers.
    """
    X, shape = np.asarray(X), tuple(image_shape)
    if X.ndim != 2 or X.shape[1] != np.prod(shape) or len(shape) not in (2, 3) or len(numbers) != len(X):
        raise InputError(
            f"X has the shape {X.shape}, an image {shape}, and there are {len(numbers)} numbers: wanted an image in "
            f"each row, and a number for each"
        )
    X = X if X.dtype.kind == "f" else X.astype(np.float64)
    images = X.reshape(len(X), *shape[:2], -1)  # (k, h, w, c)
    chance = random_draws(augmentation.seed, epoch, np.asarray(numbers))
    variants, step = np.empty_like(images), max(1, CHANGED_AT_A_TIME // max(1, X.shape[1]))
    for start in range(0, len(X), step):
        some = slice(start, start + step)
        variants[some] = _variants(images[some], augmentation, chance[some])
    return variants.reshape(X.shape)


def _variants(images: Block, how: Augmentation, chance: Floats) -> Block:
    """One variant of each image; ``chance`` (k, 6) holds its random numbers, uniform on [0, 1)."""
    heads, signed = chance < 0.5, 2 * chance - 1
    if how.flip != "none":
        across = heads[:, 0] & (how.flip != "vertical")
        down = heads[:, 1] & (how.flip != "horizontal")
        images = mirrored(images, across, down)
    if how.rotate:
        images = rotated(images, how.rotate * signed[:, 2])
    if how.shift:
        most = [int(how.shift) if how.shift >= 1 else max(1, round(how.shift * side)) for side in images.shape[1:3]]
        dy, dx = (np.floor(chance[:, 3 + i] * (2 * most[i] + 1)).astype(np.int64) - most[i] for i in (0, 1))
        images = shifted(images, dy, dx)
    return brightened(images, 1 + how.brightness * signed[:, 5]) if how.brightness else images


@dataclass(frozen=True)
class AugmentedImages:
    """A training set with new variants of its images in each epoch: the ``make`` of ``streaming.generated``.

    Attributes:
        pixels: (m, n_x), an image in each row: bytes if these are exact, else the original numbers.
        Y: (m, n_y) labels.
        image_shape: the shape of an image.
        augmentation: how far the variants may differ from the images.
    """

    pixels: NDArray[Any]
    Y: Floats
    image_shape: tuple[int, ...]
    augmentation: Augmentation

    @property
    def rows(self) -> int:
        """Number of training images."""
        return len(self.pixels)

    @property
    def n_x(self) -> int:
        """The number of values in an image, which is the number of features."""
        return int(self.pixels.shape[1])

    @property
    def digest(self) -> str:
        """Text that differs if the variants differ; pixels and labels have a digest of their own."""
        return str(self.augmentation)

    def read(self, numbers: NDArray[Any], epoch: int, dtype: Any = np.float64) -> tuple[NDArray[Any], Floats]:
        """Make variants of some images in an epoch, with their labels.

        Args:
            numbers: (k,) places of the images in the training set, in any order.
            epoch: number of the epoch, from 0.
            dtype: float64 or float32.

        Returns:
            X (k, n_x), from 0 to 1 and not standardised, and Y (k, n_y).
        """
        X = self.pixels[numbers].astype(dtype)
        if self.pixels.dtype == np.uint8:
            X /= 255
        return augmented(X, self.image_shape, self.augmentation, epoch, numbers), self.Y[numbers]


def augmented_images(data: Dataset, augmentation: Augmentation) -> AugmentedImages:
    """Make a source of variants from the training set of a dataset of images.

    Args:
        data: images that are not standardised, pixels from 0 to 1.
        augmentation: how far the variants may differ from the images.

    Raises:
        InputError: the data are not images, or are already standardised.
    """
    if data.image_shape is None:
        raise InputError(f"{data.name}: augmentation needs images, and these are not images; leave it out")
    if data.standardization is not None:
        raise InputError(f"{data.name}: standardised images cannot be augmented: augment first, then standardise")
    X = data.train.X.T
    pixels = np.rint(X * 255)
    if (pixels / 255 == X).all() and pixels.min(initial=0) >= 0 and pixels.max(initial=0) <= 255:
        kept: NDArray[Any] = np.ascontiguousarray(pixels, np.uint8)
    else:
        kept = np.ascontiguousarray(X)
    return AugmentedImages(kept, np.ascontiguousarray(data.train.Y.T), tuple(data.image_shape), augmentation)


def sample_variants(source: AugmentedImages, numbers: NDArray[Any], epochs: Sequence[int]) -> NDArray[Any]:
    """Return the variants of some images in some epochs, for pictures: (k, len(epochs), *image_shape)."""
    images: Iterator[NDArray[Any]] = (source.read(numbers, epoch)[0] for epoch in epochs)
    return np.stack(list(images), axis=1).reshape(len(numbers), len(epochs), *source.image_shape)

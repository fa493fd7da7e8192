"""The images as a network is shown them: each with augmented copies, and of every copy the inputs that are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.augmented_images import augmented
from layerlab.datasets.images.augmentation import parse_augmentation, random_draws
from layerlab.formulas.arrays import Floats

from .cats_features import INPUTS, Images

COPIES = 16
"""Of each image where it is augmented, itself among them."""

Rows = NDArray[Any]
"""(images, copies, n), float32."""

Chance = Floats
"""(k, 6), even on [0, 1)."""


def zoomed(images: Images, chance: Chance) -> Images:
    """Seen from 0.7 to 1.1 times as far away, about the centre; beyond the border its own pixels. Nearest pixels."""
    k, side = images.shape[:2]
    place = (np.arange(side) - (side - 1) / 2) * (0.7 + 0.4 * chance[:, :1]) + (side - 1) / 2  # (k, side)
    nearest = np.clip(np.rint(place).astype(int), 0, side - 1)
    changed: Images = images[np.arange(k)[:, None, None], nearest[:, :, None], nearest[:, None, :]]
    return changed


def jittered(images: Images, chance: Chance) -> Images:
    """Contrast and saturation times 0.7 to 1.3, each channel times 0.9 to 1.1, cut to 0 and 1."""
    contrast, saturation = (0.7 + 0.6 * chance[:, i].reshape(-1, 1, 1, 1).astype(np.float32) for i in (0, 1))
    mean = images.mean(axis=(1, 2, 3), keepdims=True)
    images = mean + (images - mean) * contrast
    grey = images.mean(axis=-1, keepdims=True)
    images = grey + (images - grey) * saturation
    changed: Images = np.clip(images * (0.9 + 0.2 * chance[:, None, None, 2:5]), 0, 1).astype(np.float32)
    return changed


def cut_out(images: Images, chance: Chance) -> Images:
    """A square of half the side anywhere, centre inside, in the image's mean colour (DeVries & Taylor 2017)."""
    side = np.arange(images.shape[1])
    down, across = (np.abs(side - chance[:, i : i + 1] * len(side)) < len(side) / 4 for i in (0, 1))
    hidden = (down[:, :, None] & across[:, None, :])[..., None]
    changed: Images = np.where(hidden, images.mean(axis=(1, 2), keepdims=True), images)
    return changed


MORE: dict[str, Callable[[Images, Chance], Images]] = {"zoom": zoomed, "jitter": jittered, "cutout": cut_out}
"""What layerlab's own augmentation has not; from images (k, 64, 64, 3) and six even numbers for each."""


class View(NamedTuple):
    """What a network is given.

    Attributes:
        inputs: names in ``INPUTS``, side by side in a row.
        augmentation: as ``--augment`` reads it; "none" for the images alone. Behind semicolons names in ``MORE``.
    """

    inputs: tuple[str, ...]
    augmentation: str


def view_rows(X: NDArray[np.float32], shape: tuple[int, ...], views: Sequence[View]) -> dict[View, Rows]:
    """The rows of each view of all images.

    Args:
        X: (m, n_x) an image a row, pixels from 0 to 1.
        shape: (height, width, 3).
        views: what is wanted; each input is computed once for each augmentation.
    """
    rows: dict[View, Rows] = {}
    for augmentation in dict.fromkeys(view.augmentation for view in views):
        some = [view for view in views if view.augmentation == augmentation]
        parts = _parts(X, shape, augmentation, dict.fromkeys(name for view in some for name in view.inputs))
        rows |= {view: np.concatenate([parts[name] for name in view.inputs], axis=-1) for view in some}
    return rows


def _parts(X: NDArray[np.float32], shape: tuple[int, ...], augmentation: str, names: Iterable[str]) -> dict[str, Rows]:
    """Each input (m, copies, n), copy after copy, so that no more than one copy of all images is in memory."""
    words, *more = augmentation.split(";")
    how, numbers = parse_augmentation(words), np.arange(len(X))
    found: dict[str, list[NDArray[np.float32]]] = {name: [] for name in names}
    for copy in range(1 if augmentation == "none" else COPIES):
        pixels = X if copy == 0 else augmented(X, shape, how, copy, numbers)
        images: Images = pixels.reshape(-1, *shape)
        for word in more if copy else ():
            images = MORE[word](images, random_draws(1, copy, numbers))
        for name, several in found.items():
            several.append(INPUTS[name](images))
    return {name: np.stack(several, axis=1) for name, several in found.items()}

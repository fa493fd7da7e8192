"""The images as a network is shown them: each with augmented copies, and of every copy the inputs that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.images.augmentation import augmented, parsed

from .cats_features import INPUTS, Images

COPIES = 16
"""Of each image where it is augmented, itself among them."""

Rows = NDArray[Any]
"""(images, copies, n), float32."""


class View(NamedTuple):
    """What a network is given.

    Attributes:
        inputs: names in ``INPUTS``, side by side in a row.
        augmentation: as ``--augment`` reads it; "none" for the images alone.
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
    how, numbers = parsed(augmentation), np.arange(len(X))
    found: dict[str, list[NDArray[np.float32]]] = {name: [] for name in names}
    for copy in range(1 if augmentation == "none" else COPIES):
        pixels = X if copy == 0 else augmented(X, shape, how, copy, numbers)
        images: Images = pixels.reshape(-1, *shape)
        for name, several in found.items():
            several.append(INPUTS[name](images))
    return {name: np.stack(several, axis=1) for name, several in found.items()}

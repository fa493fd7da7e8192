"""What training images look like as a whole, so that a photograph unlike all of them is noticed.

Three numbers say of an image x (pixels from 0 to 1, the mean of its colours) how it looks from afar:

    brightness  mean x            contrast  √(mean (x − mean x)²)
    detail      mean |x − its neighbour|, the mean of those beside and those below

and a fourth how wide its file is for its height. Nothing is said of what an image shows: a dog among cats is not
noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

FEWEST_IMAGES = 20
"""Training images from which their range says something of others."""

BEYOND, BEYOND_OF_FEW, MANY = 1.5, 2.0, 100
"""How many times a number (of brightness 1 − it, too) may be below the least or above the largest of ``MANY`` training
images, and of fewer.

Of the notes' cats, split at random 300 times, 0.8 % of the other images are beyond 209 training images (1.4 % beyond
100, 1.1 % beyond 50, 1.9 % beyond 20); of scikit-learn's digits none is beyond 1437."""

SQUEEZED = 2.0
"""How many times an image may be wider or higher, for its other side, than all training images."""

MEASURED_IMAGES = 5000
"""Training images that are measured, evenly spaced; no more are needed."""


class ImageRanges(NamedTuple):
    """The least and the largest of each number that the training images have.

    Attributes:
        images: how many training images there are.
        brightness, contrast, detail: of the pixels as the network takes them, before they are standardised.
        proportions: width by height of the files, set upright.
    """

    images: int
    brightness: tuple[float, float]
    contrast: tuple[float, float]
    detail: tuple[float, float]
    proportions: tuple[float, float]


def image_ranges(X: NDArray[Any], image_shape: Sequence[int], proportions: tuple[float, float] | None) -> ImageRanges:
    """Measure training images.

    Args:
        X: (n_x, m) pixels.
        image_shape: (height, width, channels) or (height, width).
        proportions: least and largest width by height of the files; None where they all are as ``image_shape``.
    """
    m = X.shape[1]
    some = X if m <= MEASURED_IMAGES else X[:, np.linspace(0, m - 1, MEASURED_IMAGES).astype(np.int64)]
    ranges = {name: (float(of.min()), float(of.max())) for name, of in _measured(some, image_shape).items()}
    own = image_shape[1] / image_shape[0]
    return ImageRanges(m, **ranges, proportions=(own, own) if proportions is None else proportions)


def unlike_training_images(
    ranges: ImageRanges, X: NDArray[Any], image_shape: Sequence[int], proportions: Sequence[float] | None = None
) -> dict[int, str]:
    """Find the images that are unlike all training images, and say in words what is unlike.

    Args:
        ranges: of the training images.
        X: (n_x, m) pixels, not standardised.
        image_shape: as for ``image_ranges``.
        proportions: width by height of each file; None where they were no files.

    Returns:
        A clause for each image that is unlike, by its place in X.
    """
    if ranges.images < FEWEST_IMAGES:
        return {}
    beyond = BEYOND if ranges.images >= MANY else BEYOND_OF_FEW
    clauses: dict[int, list[str]] = {}
    for name, values in _measured(X, image_shape).items():
        low, high = getattr(ranges, name)
        if low < 0:  # pixels that are not from 0 to 1 have no such ends
            continue
        outside = (values < low / beyond) | (values > high * beyond)
        if name == "brightness" and high <= 1:  # 0.9 is not much above 0.7, but a third of the ink
            outside |= 1 - values < (1 - high) / beyond
        for k in np.flatnonzero(outside):
            clauses.setdefault(int(k), []).append(f"{name} {values[k]:.2f}, theirs {low:.2f} to {high:.2f}")
    low, high = ranges.proportions
    theirs = f"{low:.2g}" if low == high else f"{low:.2g} to {high:.2g}"
    for place, ratio in enumerate(proportions or ()):
        if not low / SQUEEZED <= ratio <= high * SQUEEZED:
            clauses.setdefault(place, []).append(f"{ratio:.2g} times as wide as high, theirs {theirs}: it is squeezed")
    return {place: "; ".join(clauses[place]) for place in sorted(clauses)}


def _measured(X: NDArray[Any], image_shape: Sequence[int]) -> dict[str, Floats]:
    """The numbers of each image, (m,) by name."""
    images = np.asarray(X).T.reshape(-1, *image_shape)
    x = images.mean(axis=-1) if len(image_shape) == 3 else images
    steps = [np.abs(np.diff(x, axis=axis)).mean(axis=(1, 2)) for axis in (1, 2) if x.shape[axis] > 1]
    detail = np.mean(steps, axis=0) if steps else np.zeros(len(x))
    return {"brightness": x.mean(axis=(1, 2)), "contrast": x.std(axis=(1, 2)), "detail": detail}

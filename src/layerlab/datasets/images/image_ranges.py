"""What the training images look like in general, so that a photograph unlike all of them is noticed.

Three numbers describe an image x (pixels from 0 to 1, the mean of its colours) roughly:

    brightness  mean x            contrast  √(mean (x − mean x)²)
    detail      mean |x − its neighbour|, averaged over horizontal and vertical neighbours

A fourth number is the width of the file divided by its height. The numbers do not show what is in an image: a dog among
cats is not noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

FEWEST_IMAGES = 20
"""With fewer training images, their ranges say nothing about other images."""

BEYOND, BEYOND_OF_FEW, MANY = 1.5, 2.0, 100
"""By what factor a number (for brightness, 1 − it too) may be below the least or above the largest of the training
images: the first for ``MANY`` training images or more, the second for fewer.

With the cats of the course notes, split at random 300 times, 0.8 % of the other images are outside of the ranges of 209
training images (1.4 % of 100, 1.1 % of 50, 1.9 % of 20). With scikit-learn's digits, it is none, with 1437 images."""

SQUEEZED = 2.0
"""By what factor an image's proportions may differ from those of all training images."""

MEASURED_IMAGES = 5000
"""At most this many training images are measured, evenly spaced; more are not needed."""


class ImageRanges(NamedTuple):
    """The least and the largest value of each number among the training images.

    Attributes:
        images: number of training images.
        brightness, contrast, detail: of the pixels at the network's size, before they are standardised.
        proportions: width / height of the files, upright.
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
        proportions: least and largest width / height of the files; None if all are like ``image_shape``.
    """
    m = X.shape[1]
    some = X if m <= MEASURED_IMAGES else X[:, np.linspace(0, m - 1, MEASURED_IMAGES).astype(np.int64)]
    ranges = {name: (float(of.min()), float(of.max())) for name, of in _measured(some, image_shape).items()}
    own = image_shape[1] / image_shape[0]
    return ImageRanges(m, **ranges, proportions=(own, own) if proportions is None else proportions)


def unlike_training_images(
    ranges: ImageRanges, X: NDArray[Any], image_shape: Sequence[int], proportions: Sequence[float] | None = None
) -> dict[int, str]:
    """Find the images that are unlike all training images, and describe the difference.

    Args:
        ranges: the ranges of the training images.
        X: (n_x, m) pixels, not standardised.
        image_shape: as for ``image_ranges``.
        proportions: width / height of each file; None if the images did not come from files.

    Returns:
        A clause for each image that differs, by its place in X.
    """
    if ranges.images < FEWEST_IMAGES:
        return {}
    beyond = BEYOND if ranges.images >= MANY else BEYOND_OF_FEW
    clauses: dict[int, list[str]] = {}
    for name, values in _measured(X, image_shape).items():
        low, high = getattr(ranges, name)
        if low < 0:  # a range with negative numbers has no such factors
            continue
        outside = (values < low / beyond) | (values > high * beyond)
        if name == "brightness" and high <= 1:  # 0.9 is not much above 0.7, but it leaves a third of the ink
            outside |= 1 - values < (1 - high) / beyond
        for k in np.flatnonzero(outside):
            clauses.setdefault(int(k), []).append(f"{name} {values[k]:.2f}, in training {low:.2f} to {high:.2f}")
    low, high = ranges.proportions
    theirs = f"{low:.2g}" if low == high else f"{low:.2g} to {high:.2g}"
    for place, ratio in enumerate(proportions or ()):
        if not low / SQUEEZED <= ratio <= high * SQUEEZED:
            clauses.setdefault(place, []).append(f"width / height {ratio:.2g}, in training {theirs}, so it is squeezed")
    return {place: "; ".join(clauses[place]) for place in sorted(clauses)}


def _measured(X: NDArray[Any], image_shape: Sequence[int]) -> dict[str, Floats]:
    """Return the numbers of each image, (m,) by name."""
    images = np.asarray(X).T.reshape(-1, *image_shape)
    x = images.mean(axis=-1) if len(image_shape) == 3 else images
    steps = [np.abs(np.diff(x, axis=axis)).mean(axis=(1, 2)) for axis in (1, 2) if x.shape[axis] > 1]
    detail = np.mean(steps, axis=0) if steps else np.zeros(len(x))
    return {"brightness": x.mean(axis=(1, 2)), "contrast": x.std(axis=(1, 2)), "detail": detail}

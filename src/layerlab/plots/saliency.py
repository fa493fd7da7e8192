"""Saliency maps: images, and next to each the pixels that contributed to its prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .images import pixels
from .style import WIDTH, house_style, new_figure, settled, signed_colours, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_IMAGES = 6
"""The largest number of images that are drawn, one below the other."""

PERCENTILE = 99.5
"""The colour scale of a map ends at this percentile of its absolute values, so that a few extreme pixels do not leave
all others white."""


READING = (
    "Green: for the class named, purple: against it. Gradient: how z changes if this pixel gets brighter. Integrated "
    "gradients: how much this pixel adds to z, compared with the average training image."
)
"""Written below the picture: what the colours and the two columns of maps mean."""


@house_style()
def saliency(
    images: NDArray[Any],
    gradients: NDArray[Any],
    integrated: NDArray[Any],
    captions: Sequence[str],
    *,
    title: str = "Which pixels the predictions come from",
) -> Figure:
    """Draw a row for each image: the image, the gradient with respect to its pixels, and integrated gradients.

    Green pixels speak for the class that the caption names, purple ones against it; white ones have no effect. Each map
    has its own scale; a map of zeros says so. The channels of a colour image are summed.

    Args:
        images: (k, height, width) or (k, height, width, channels): bytes, or numbers from 0 to 1.
        gradients, integrated: arrays of the same shape as the images: the gradient of z, and integrated gradients from
            the average training image.
        captions: k texts, such as the predicted class and the one that is explained.
        title: title of the figure; "6 of 9" is added if some are left out.

    Returns:
        The figure: three pairs of axes for each image, for at most six images.

    Raises:
        InputError: the shapes or numbers of the four do not fit each other, or there is no image.
    """
    if not (len(images) == len(captions) > 0 and images.shape == gradients.shape == integrated.shape):
        raise InputError(
            f"{len(captions)} captions and arrays of shape {images.shape}, {gradients.shape}, {integrated.shape}: "
            f"wanted three of one shape (k, height, width) or (k, height, width, channels), and k captions"
        )
    shown = min(MOST_IMAGES, len(images))
    if shown < len(images):
        title = f"{title} ({shown} of {len(images)})"
    side = min((WIDTH - 0.6) / 3, 2.0) * min(1.0, images.shape[1] / images.shape[2])
    lines = [
        "\n".join(wrapped(line, WIDTH / 3 - 0.3, 9) for line in caption.split("\n")) for caption in captions[:shown]
    ]
    text = 0.15 * (max(line.count("\n") for line in lines) + 1) + 0.12
    figure = new_figure(title, 1.3 + shown * (side + text))
    figure.supxlabel(wrapped(READING, WIDTH - 0.3, 9), x=0.01, ha="left", fontsize=9, linespacing=1.2)
    grid = figure.subplots(shown, 3, squeeze=False)
    for places, image, slope, share, caption in zip(grid, images, gradients, integrated, lines, strict=False):
        places[0].imshow(pixels(image), cmap="gray", vmin=0, vmax=1, interpolation="none")
        for axes, values in zip(places[1:], (slope, share), strict=True):
            flat, end = _scaled(values)
            axes.imshow(flat, cmap=signed_colours(), vmin=-end, vmax=end, interpolation="none")
            if not flat.any():
                axes.text(0.5, 0.5, "0 everywhere", transform=axes.transAxes, ha="center", va="center", fontsize=9)
        places[0].set_xlabel(caption, loc="left", fontsize=9, linespacing=1.15)
    for axes, name in zip(grid[0], ("image", "gradient", "integrated gradients"), strict=True):
        axes.set_title(name)
    for axes in grid.ravel():
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(visible=True, color="#D5D5D5", linewidth=0.6)
    return settled(figure)


def _scaled(values: NDArray[Any]) -> tuple[Floats, float]:
    """Return a map summed over its channels, and the end of its colour scale."""
    flat = np.asarray(values, np.float64)
    flat = flat.sum(axis=-1) if flat.ndim == 3 else flat
    return flat, float(np.percentile(np.abs(flat), PERCENTILE)) or float(np.abs(flat).max()) or 1.0

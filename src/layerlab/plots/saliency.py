"""Which pixels an answer comes from, beside the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .images import _diverging, _pixels
from .style import WIDTH, house_style, new_figure, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 6
"""Images, one below the other."""

PERCENTILE = 99.5
"""Of the sizes of a map is the end of its scale, so that a few pixels do not leave the others white."""


@house_style()
def saliency(
    images: NDArray[Any],
    gradients: NDArray[Any],
    integrated: NDArray[Any],
    captions: Sequence[str],
    *,
    title: str = "Which pixels the answers come from",
) -> Figure:
    """A row an image: the image, the gradient by its pixels, and integrated gradients.

    Vermillion speaks for the answer that the caption names, blue against it, white says nothing; each map has a scale
    of its own. The channels of a colour image are summed.

    Args:
        images: (k, height, width) or (k, height, width, channels): bytes, or numbers from 0 to 1.
        gradients, integrated: of the same shape.
        captions: k of them, such as the answer and what is explained.
        title: what one sees; "6 of 9" is added where some are left out.

    Returns:
        The figure: three axes an image, at most six images.

    Raises:
        InputError: the four do not belong together, or there is no image.
    """
    if not (len(images) == len(captions) > 0 and images.shape == gradients.shape == integrated.shape):
        raise InputError(
            f"{len(captions)} captions and arrays of shape {images.shape}, {gradients.shape}, {integrated.shape}: "
            f"wanted three of one shape (k, height, width) or (k, height, width, channels), and k captions"
        )
    shown = min(MOST, len(images))
    if shown < len(images):
        title = f"{title} ({shown} of {len(images)})"
    side = min((WIDTH - 0.6) / 3, 2.0) * min(1.0, images.shape[1] / images.shape[2])
    lines = [wrapped(caption, WIDTH / 3 - 0.3, 9) for caption in captions[:shown]]
    text = 0.15 * (max(line.count("\n") for line in lines) + 1) + 0.12
    figure = new_figure(title, 0.65 + shown * (side + text))
    grid = figure.subplots(shown, 3, squeeze=False)
    for places, image, slope, share, caption in zip(grid, images, gradients, integrated, lines, strict=False):
        places[0].imshow(_pixels(image), cmap="gray", vmin=0, vmax=1, interpolation="none")
        for axes, values in zip(places[1:], (slope, share), strict=True):
            flat, end = _scaled(values)
            axes.imshow(flat, cmap=_diverging(), vmin=-end, vmax=end, interpolation="none")
        places[0].set_xlabel(caption, loc="left", fontsize=9, linespacing=1.15)
    for axes, name in zip(grid[0], ("image", "gradient", "integrated gradients"), strict=True):
        axes.set_title(name)
    for axes in grid.ravel():
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(visible=True, color="#D5D5D5", linewidth=0.6)
    return settled(figure)


def _scaled(values: NDArray[Any]) -> tuple[Floats, float]:
    """A map without channels, and the end of its scale."""
    flat = np.asarray(values, np.float64)
    flat = flat.sum(axis=-1) if flat.ndim == 3 else flat
    return flat, float(np.percentile(np.abs(flat), PERCENTILE)) or float(np.abs(flat).max()) or 1.0

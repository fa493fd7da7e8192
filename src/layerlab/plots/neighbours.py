"""An image beside its nearest training images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from layerlab.errors import InputError

from .images import gallery, pixels
from .style import INK, WIDTH, house_style, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_IMAGES = 5
"""The largest number of training images that are drawn."""


@house_style()
def neighbours(
    image: NDArray[Any],
    nearest: NDArray[Any],
    captions: Sequence[str],
    *,
    title: str = "An image and its nearest training images",
) -> Figure:
    """Draw an image in a frame, and beside it its nearest training images, the nearest first.

    Args:
        image: (height, width), (height, width, 1) or (height, width, 3): bytes, or numbers from 0 to 1.
        nearest: (k, height, width[, channels]), at least one image of the same shape; at most five are drawn.
        captions: 1 + k texts: that of the image, then those of the nearest ones, such as the class, the prediction and
            the distance.
        title: title of the figure.

    Returns:
        The figure: a pair of axes for each image, the caption its x label.

    Raises:
        InputError: the shapes differ, there is no neighbour, or there are not as many captions as images.
    """
    if not (len(captions) == 1 + len(nearest) > 1 and nearest.shape[1:] == image.shape):
        raise InputError(
            f"an image of shape {image.shape}, nearest ones of shape {nearest.shape} and {len(captions)} captions: "
            f"wanted images of one shape, and a caption for each"
        )
    images = [pixels(one) for one in (image, *nearest[:MOST_IMAGES])]
    columns = 1 + MOST_IMAGES  # an image has the same size, however many there are
    lines = ["\n".join(wrapped(line, WIDTH / columns - 0.12, 9) for line in text.split("\n")) for text in captions]
    figure, places = gallery(images, lines[: len(images)], columns, title)
    for axes in places:
        axes.spines[:].set(visible=True, color="#D5D5D5", linewidth=0.6)
    places[0].spines[:].set(color=INK, linewidth=1.6)
    return settled(figure)

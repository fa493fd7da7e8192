"""The contact sheet: images at the size at which a network gets them, and the variants that augmentation makes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .images import check_most, pixels
from .style import WIDTH, house_style, new_figure, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

IMAGES_IN_A_ROW = 8


@house_style()
def contact_sheet(
    images: NDArray[Any],
    names: Sequence[str],
    variants: NDArray[Any] | None = None,
    *,
    title: str = "Training images as the network sees them",
    most: int = 24,
    figure: Figure | None = None,
) -> Figure:
    """Draw images at the network's size with their classes, and below them variants, a row for each image.

    Args:
        images: (k, height, width), (k, height, width, 1) or (k, height, width, 3): bytes, or numbers from 0 to 1. The
            first ones of each class are shown, as many of one class as of another where there are enough.
        names: k names of classes.
        variants: (r, v, height, width[, channels]): for each of r images the original and v − 1 variants; or None.
        title: title of the figure; "24 of 160 images" is added if some are left out.
        most: images to show above the variants, at least 1.
        figure: a figure to clear, resize and draw into; None for a new one.

    Returns:
        The figure: a pair of axes for each image, its class the x label.

    Raises:
        InputError: there are not as many names as images, there are none, or a shape is no image's.
    """
    check_most(most)
    _check(images, names, variants)
    chosen = in_turn(names)[:most]
    if len(names) > most:
        title = f"{title} ({most} of {len(names)} images)"
    side = WIDTH / IMAGES_IN_A_ROW - 0.15
    captions = [wrapped(names[i], side, 8) for i in chosen]
    cells = [(*divmod(place, IMAGES_IN_A_ROW), pixels(images[i]), captions[place]) for place, i in enumerate(chosen)]
    lines = [max(caption.count("\n") + 1 for caption in captions)] * math.ceil(len(chosen) / IMAGES_IN_A_ROW)
    for row in [] if variants is None else variants[:, :IMAGES_IN_A_ROW]:
        labels = ["original", *(f"epoch {epoch + 1}" for epoch in range(len(row) - 1))]
        cells += [(len(lines), column, pixels(image), labels[column]) for column, image in enumerate(row)]
        lines.append(1)
    return _draw_cells(cells, lines, side, title, figure)


def in_turn(names: Sequence[str]) -> list[int]:
    """Return the indices of all examples: the first of each class, then the second of each class, and so on."""
    seen: Counter[str] = Counter()
    turns = []
    for name in names:
        turns.append(seen[name])
        seen[name] += 1
    order = {name: k for k, name in enumerate(seen)}
    return sorted(range(len(names)), key=lambda i: (turns[i], order[names[i]]))


def _draw_cells(
    cells: Sequence[tuple[int, int, Floats, str]], lines: Sequence[int], side: float, title: str, figure: Figure | None
) -> Figure:
    """Draw each image with its caption in its cell (row, column); ``lines`` counts the lines of text below each row."""
    shape = cells[0][2].shape
    heights = [min(side * shape[0] / shape[1], 2.5) + 0.14 + 0.14 * count for count in lines]
    figure = new_figure(title, 0.45 + sum(heights), figure)
    grid = figure.add_gridspec(len(lines), IMAGES_IN_A_ROW, height_ratios=heights)
    for row, column, image, caption in cells:
        axes = figure.add_subplot(grid[row, column], anchor="NW")
        axes.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="none")
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.set_xlabel(caption, loc="left", fontsize=8, linespacing=1.1, labelpad=2)
    return settled(figure)


def _check(images: NDArray[Any], names: Sequence[str], variants: NDArray[Any] | None) -> None:
    if len(images) != len(names) or not len(names):
        raise InputError(
            f"{len(images)} images and {len(names)} class names: wanted the same number of each, at least one"
        )
    for what, shape in [
        ("images", images.shape[1:]),
        *([("variants", variants.shape[2:])] if variants is not None else []),
    ]:
        if len(shape) not in (2, 3) or shape[2:] not in ((), (1,), (3,)) or shape != images.shape[1:]:
            raise InputError(
                f"{what} of the shape {shape}: wanted (height, width) or (height, width, 3), the same of both"
            )
    if not np.isfinite(np.asarray(images, np.float64)).all():
        raise InputError("some pixels are no finite numbers: wanted images as they came")

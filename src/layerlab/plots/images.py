"""Grids of images with a caption under each, such as the wrongly classified images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .style import WIDTH, house_style, new_figure, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@house_style()
def mislabelled(
    images: NDArray[Any],
    predicted: Sequence[str],
    truth: Sequence[str],
    probabilities: Sequence[float] | None = None,
    *,
    names: Sequence[str] | None = None,
    title: str = "Test images that the network classified wrong",
    most: int = 24,
    figure: Figure | None = None,
) -> Figure:
    """Draw wrongly classified images with predicted and true class; the most confident predictions come first.

    Args:
        images: (k, height, width), (k, height, width, 1) or (k, height, width, 3): bytes, or numbers from 0 to 1.
        predicted: k names of the predicted classes.
        truth: k names of the true classes.
        probabilities: k probabilities of the predicted classes; None shows none and keeps the order.
        names: k names of the images, such as those of their files; None shows none.
        title: title of the figure; "24 of 31" is added if some are left out.
        most: images to show, at least 1.
        figure: a figure to clear, resize and draw into; None for a new one.

    Returns:
        The figure: a pair of axes for each image, the caption its x label.

    Raises:
        InputError: there are not as many images, names and probabilities as there should be, or ``most`` is below 1.
    """
    check_most(most)
    k = len(images)
    sure = np.ones(k) if probabilities is None else np.asarray(probabilities, dtype=np.float64)
    if not len(predicted) == len(truth) == len(sure) == k:
        raise InputError(
            f"{k} images, {len(predicted)} predicted names, {len(truth)} true names, {len(sure)} probabilities: "
            f"wanted the same number of each"
        )
    if k == 0:
        return _nothing(title, "There is no mistake to show: every image got its correct class.", figure)
    if k > most:
        title = f"{title} ({most} of {k}{'' if probabilities is None else ', the most confident first'})"
    columns = 6 if all(len(word) < 9 for name in (*predicted, *truth) for word in name.split()) else 4
    surest = np.argsort(-sure, kind="stable")[:most]
    confident = ["" if probabilities is None else f" ({_sure(sure[i])})" for i in surest]
    captions = [
        "\n".join(
            wrapped(line, WIDTH / columns - 0.12, 9)
            for line in (f"predicted: {predicted[i]}{share}", f"is: {truth[i]}", *(names[i : i + 1] if names else ()))
        )
        for i, share in zip(surest, confident, strict=True)
    ]
    return settled(gallery([pixels(images[i]) for i in surest], captions, columns, title, figure=figure)[0])


def check_most(most: int) -> None:
    """Refuse a number of images to show that is below 1."""
    if most < 1:
        raise InputError(f"most={most}: wanted at least one picture")


def _sure(probability: float) -> str:
    """Write a probability in per cent without a line break; that of a wrong prediction is never rounded to 100 %."""
    text = "> 99 %" if probability > 0.995 else f"{100 * probability:.0f} %"
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def pixels(image: NDArray[Any]) -> Floats:
    """Return an image as numbers from 0 to 1; bytes are divided by 255, and a last axis of length 1 is dropped."""
    shares = np.asarray(image, dtype=np.float64) / (255 if np.asarray(image).dtype.kind in "ui" else 1)
    return (shares[..., 0] if shares.ndim == 3 and shares.shape[2] == 1 else shares).clip(0, 1)


def gallery(
    images: Sequence[Floats],
    captions: Sequence[str],
    columns: int,
    title: str,
    *,
    figure: Figure | None = None,
    margin: float = 0,
    **how: Any,
) -> tuple[Figure, list[Axes]]:
    """Draw images in a grid, a caption under each; grey from black (0) to white (1) unless ``how`` says otherwise.

    Args:
        images: images, each (height, width) or (height, width, 3).
        captions: a text for each image.
        columns: number of images in a row.
        title: title of the figure.
        figure: a figure to draw into; None for a new one.
        margin: width of the empty margin at the right, in inches.
        how: arguments of ``imshow``.

    Returns:
        The figure, not laid out yet, and the axes of each image.
    """
    rows = math.ceil(len(images) / columns)
    side = min((WIDTH - margin) / columns - 0.15, 1.5)
    text = 0.15 * max(caption.count("\n") + 1 for caption in captions) + 0.14
    figure = new_figure(title, 0.45 + rows * (min(side * images[0].shape[0] / images[0].shape[1], 2.5) + text), figure)
    grid = figure.add_gridspec(rows, columns)
    places = [figure.add_subplot(grid[divmod(i, columns)], anchor="SW") for i in range(len(images))]
    for axes, image, caption in zip(places, images, captions, strict=True):
        axes.imshow(image, **{"cmap": "gray", "vmin": 0, "vmax": 1, "interpolation": "none", **how})
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.set_xlabel(caption, loc="left", fontsize=9, linespacing=1.15)
    return figure, places


def _nothing(title: str, sentence: str, figure: Figure | None) -> Figure:
    """Return a figure with a sentence in place of a picture."""
    figure = new_figure(title, 1.2, figure)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.text(0.5, 0.5, sentence, horizontalalignment="center", verticalalignment="center")
    return settled(figure)

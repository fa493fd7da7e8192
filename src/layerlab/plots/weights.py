"""The weights of the first layer drawn as images, or how much training changed them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .images import check_most, gallery
from .style import WIDTH, house_style, settled, signed_colours, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HARDLY = 0.1
"""A unit hardly moved if its weights changed by less than this share of the largest change of a unit."""


@house_style()
def first_layer_weights(
    W1: NDArray[Any],
    image_shape: Sequence[int],
    *,
    title: str,
    start: NDArray[Any] | None = None,
    names: Sequence[str] = (),
    most: int = 24,
) -> Figure:
    """Draw the weights of the first layer, or how training changed them, each unit as the image that it multiplies.

    Where a unit is green, brighter pixels raise its z; where it is purple, they lower it; white has no effect. All
    units have one scale. The channels of a colour image are summed.

    With ``start`` the change W − W₀ is drawn, because much of a weight can be what was drawn at random before the
    training. The unit that moved most comes first, by the length ‖W − W₀‖ of its change. Units that moved less than
    10 % as far as the first are left out.

    Args:
        W1: (n, n_x), a row for each unit.
        image_shape: (height, width), (height, width, 1) or (height, width, 3), n_x numbers in all.
        title: title of the figure; "the 24 of 32 units that moved most" is added if some are left out.
        start: (n, n_x), the weights W₀ before the training; None draws W1 itself, the units in their order.
        names: the names of the outputs, where the first layer is the last one; they stay in their order.
        most: units to show, at least 1.

    Returns:
        The figure: one pair of axes for each unit, its number and how far it moved the x label, and one with the scale.

    Raises:
        InputError: the weights do not fit the shape, the start or the names, or are not finite; or ``most`` is below 1.
    """
    check_most(most)
    W0 = np.zeros_like(W1) if start is None else np.asarray(start)
    _check_weights(W1, W0, tuple(image_shape), names)
    change = np.asarray(W1, np.float64) - W0
    moved = np.linalg.norm(change, axis=1)
    by_movement = start is not None and not names
    order = np.argsort(-moved, kind="stable") if by_movement else np.arange(len(change))
    shown = (order[moved[order] >= HARDLY * moved.max()] if by_movement else order)[:most]
    if len(shown) < len(order):
        which = f"the {len(shown)} of {len(order)} units that moved most"
        title += f", {which if by_movement else f'the first {len(shown)} of {len(order)}'}"
    captions = [f"output {names[k]}" if names else f"unit {k + 1}" for k in shown]
    captions = [wrapped(caption, (WIDTH - 0.95) / 6 - 0.12, 9) for caption in captions]
    if start is not None:
        digits = max(0, 1 - math.floor(math.log10(moved.max()))) if moved.any() else 0  # two digits of the largest
        captions = [f"{caption}\nmoved {moved[k]:.{digits}f}" for caption, k in zip(captions, shown, strict=True)]
    maps = change[shown].reshape(len(shown), *image_shape[:2], -1).sum(axis=-1)
    end = float(np.abs(maps).max()) or 1.0
    scale: dict[str, Any] = {"cmap": signed_colours(), "vmin": -end, "vmax": end}
    figure, places = gallery(list(maps), captions, 6, title, margin=0.95, **scale)
    for axes in places:
        axes.spines[:].set(visible=True, color="#D5D5D5", linewidth=0.6)
    label = "weight" if start is None else "W − W₀"
    figure.colorbar(places[0].images[0], ax=places, label=label, aspect=30, fraction=0.04)
    note = _reading("output" if names else "unit", None if start is None else W0, in_colours=image_shape[2:] == (3,))
    note = wrapped(note, WIDTH - 0.3, 9)
    figure.set_figheight(figure.get_figheight() + 0.16 + 0.16 * (note.count("\n") + 1))
    figure.supxlabel(note, x=0.01, horizontalalignment="left", fontsize=9, linespacing=1.2)
    return settled(figure)


def _reading(row: str, start: Floats | None, *, in_colours: bool) -> str:
    """Say how to read the picture, and the length of a unit's weights before the training if that is known."""
    words = f"Green: brighter pixels raise z of the {row}; purple: they lower it."
    if in_colours:
        words += " Red, green and blue are summed."
    if start is None:
        return words
    words += " W₀: the weights before the training. “Moved” is the length of the change, ‖W − W₀‖."
    if not start.any():
        return f"{words} All weights W₀ were 0."
    before = float(np.linalg.norm(start, axis=1).mean())
    return (
        f"{words} For comparison: the weights W₀ of one {row} have the length {before:.2g}, on average over all {row}s."
    )


def _check_weights(W1: NDArray[Any], start: NDArray[Any], image_shape: tuple[int, ...], names: Sequence[str]) -> None:
    if W1.ndim != 2 or W1.shape[1] != math.prod(image_shape) or image_shape[2:] not in ((), (1,), (3,)):
        raise InputError(
            f"W1 has the shape {W1.shape} and an image {image_shape}: wanted (n, n_x) and (height, width) or (height, "
            f"width, 3), n_x numbers in all"
        )
    if start.shape != W1.shape or len(names) not in (0, len(W1)):
        raise InputError(
            f"W1 has the shape {W1.shape}, start {start.shape}, and there are {len(names)} names: wanted one "
            f"shape, and a name for each row or none"
        )
    if not (np.isfinite(W1).all() and np.isfinite(start).all()):
        raise InputError("some weights are no finite numbers, the training diverged: train with a lower learning rate")

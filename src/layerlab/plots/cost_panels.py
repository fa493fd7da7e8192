"""Cost curves that each stand for several trainings: a small pair of axes for each curve, all on one scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError

from .curves import UNIT, draw_track, scale_axes, track_of
from .style import BLUE, ORANGE, WIDTH, house_style, new_figure, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 4
"""The number of pairs of axes in a row."""

OTHERS = "#C8C8C8"
"""Colour of the curves of the other pairs of axes."""


@house_style()
def cost_panels(
    curves: Mapping[str, NDArray[Any]],
    bands: Mapping[str, tuple[NDArray[Any], NDArray[Any]]],
    *,
    every: int = 1,
    title: str = "The cost at each iteration of training, for each setting",
    unit: str = UNIT,
) -> Figure:
    """Draw a small pair of axes for each curve with its band, the other curves in grey, and all on one scale.

    The bands of many curves in one pair of axes would cover each other. In all else it is like ``cost_curves``.

    Args:
        curves: the costs (n,) of each curve by its name, such as medians over seeds; the lengths may differ. The part
            of a name after a colon is written on a line of its own.
        bands: by the same names, the lowest and the highest of the costs that the curve stands for, each (n,); infinite
            if one of them diverged.
        every: iterations from one cost to the next; the first cost is that of iteration 0.
        title: title of the figure.
        unit: the unit of the costs.

    Returns:
        The figure: one pair of axes for each of ``curves`` in their order, at most four in a row. The curve with the
        lowest last cost is orange.

    Raises:
        InputError: there is no curve, or its costs are not (n,).
    """
    if not curves:
        raise InputError("no curve to draw: wanted at least one name with its costs")
    tracks = [track_of(name, costs, notes=False) for name, costs in curves.items()]
    columns = min(COLUMNS, len(tracks))
    rows = math.ceil(len(tracks) / columns)
    names = ["\n".join(wrapped(line, WIDTH / columns - 0.25, 9) for line in name.split(": ")) for name in curves]
    lines = max(name.count("\n") for name in names) + 2
    figure = new_figure(title, 0.75 + rows * (1.5 + 0.15 * lines))
    places = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)
    scale_axes(places[0], tracks, bands, every)
    last = [track.costs[-1] if len(track.costs) and not track.diverged else math.inf for track in tracks]
    best = int(np.argmin(last)) if min(last) < math.inf else -1
    for k, (axes, name) in enumerate(zip(places, curves, strict=False)):
        for other in tracks[:k] + tracks[k + 1 :]:
            draw_track(axes, other, every, None, OTHERS, bins=60, area=False)
        for line in axes.lines:
            line.set(linewidth=0.7, zorder=0.5)
        draw_track(axes, tracks[k], every, bands.get(name), ORANGE if k == best else BLUE, bins=200)
        end = "diverged" if tracks[k].diverged else f"ends at {last[k]:.3g}" if last[k] < math.inf else "no iteration"
        axes.set_title(f"{names[k]}\n{end}", fontsize=9)
        _name_axes(axes, k, columns, len(tracks), unit)
    for axes in places[len(tracks) :]:
        axes.remove()
    return settled(figure)


def _name_axes(axes: Axes, k: int, columns: int, count: int, unit: str) -> None:
    """Put ticks and labels on the outer axes alone."""
    from matplotlib.ticker import MaxNLocator

    lowest, leftmost = k + columns >= count, k % columns == 0
    axes.tick_params(labelbottom=lowest, labelleft=leftmost)
    axes.set(xlabel="iteration" if lowest else "", ylabel=wrapped(f"cost ({unit})", 1.4) if leftmost else "")
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))

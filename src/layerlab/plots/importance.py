"""What predictions depend on: the shares of columns in one prediction, and the importance of columns for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .style import BLACK, BLUE, FAINT, ORANGE, diverging_colours, house_style, named_rows, new_figure, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 20
"""Rows of a picture, at most."""


@house_style()
def shares(
    rows: Sequence[tuple[str, float]],
    *,
    unit: str,
    speaks_for: str,
    title: str = "What the answer comes from",
) -> Figure:
    """A bar for each column: orange and to the right what speaks for a class, blue and to the left what speaks against.

    Args:
        rows: name of a column and its share, the first on top; at most 20 are drawn.
        unit: of the shares.
        speaks_for: what a share above 0 speaks for, such as a class.
        title: what one sees.

    Returns:
        The figure: one pair of axes, the numbers beside the bars.

    Raises:
        InputError: there is no row, or a share is not finite.
    """
    values = np.array([share for _, share in rows[:MOST_ROWS]])
    if not values.size or not np.isfinite(values).all():
        raise InputError("no shares to draw: wanted at least one row of a name and a finite number")
    figure, axes = named_rows([name for name, _ in rows[:MOST_ROWS]], title)
    axes.barh(range(len(values)), values, color=np.where(values > 0, ORANGE, BLUE), height=0.7)
    axes.axvline(0, color=BLACK, linewidth=0.8)
    reach = 1.25 * float(np.abs(values).max()) or 1.0
    axes.set_xlim(-reach, reach)
    for y, value in enumerate(values):
        axes.annotate(
            f"{value:+.3g}",
            (value, y),
            (4 if value >= 0 else -4, 0),
            textcoords="offset points",
            horizontalalignment="left" if value >= 0 else "right",
            verticalalignment="center_baseline",
        )
    axes.set_xlabel(wrapped(f"← against {speaks_for} · share ({unit}) · for {speaks_for} →", 4.6))
    return settled(figure)


@house_style()
def importance(
    rows: Sequence[tuple[str, float, tuple[float, float]]],
    *,
    xlabel: str,
    title: str = "What the score loses when a column is shuffled",
) -> Figure:
    """A dot for each column and a line for its interval; grey where the interval contains 0.

    Args:
        rows: name, mean and the ends of its interval; the first on top; at most 20 are drawn.
        xlabel: what is measured, and its unit.
        title: what one sees; "20 of 31" is added where some are left out.

    Returns:
        The figure: one pair of axes.

    Raises:
        InputError: there is no row.
    """
    if not rows:
        raise InputError("no importance to draw: wanted at least one row of name, mean and interval")
    if len(rows) > MOST_ROWS:
        title = f"{title} (the {MOST_ROWS} of {len(rows)} that cost most)"
    figure, axes = named_rows([name for name, *_ in rows[:MOST_ROWS]], title)
    axes.axvline(0, color=BLACK, linewidth=0.8, zorder=0)
    for y, (_, mean, (low, high)) in enumerate(rows[:MOST_ROWS]):
        colour = BLUE if low > 0 else FAINT
        axes.hlines(y, low, high, color=colour, linewidth=2)
        axes.plot(mean, y, "o", color=colour, markersize=6)
    axes.set_xlabel(f"{xlabel}, with 95 % intervals; grey: may be 0")
    return settled(figure)


@house_style()
def importance_map(
    drops: Floats, *, label: str, title: str = "What the score loses when a patch of the image is shuffled"
) -> Figure:
    """A map of an image's patches, coloured by what shuffling each of them costs.

    Args:
        drops: (patches down, patches across).
        label: what is measured, and its unit.
        title: what one sees.

    Returns:
        The figure: one pair of axes with a number in each patch, and the scale.

    Raises:
        InputError: the patches are no grid of finite numbers.
    """
    drops = np.asarray(drops, np.float64)
    if drops.ndim != 2 or not drops.size or not np.isfinite(drops).all():
        raise InputError(f"the patches have the shape {drops.shape}: wanted a grid of finite numbers")
    figure = new_figure(title, 4.6)
    axes = figure.add_subplot()
    largest = float(np.abs(drops).max()) or 1.0
    image = axes.imshow(drops, cmap=diverging_colours(), vmin=-largest, vmax=largest)
    for (i, j), value in np.ndenumerate(drops):
        axes.text(j, i, f"{value:.2g}", horizontalalignment="center", verticalalignment="center", fontsize=7.5)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    figure.colorbar(image, ax=axes, label=label, aspect=30, fraction=0.04)
    return settled(figure)

"""What predictions depend on: each column's contribution to one prediction, and its importance for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .style import (
    BLACK,
    BLUE,
    FAINT,
    GREEN,
    INK,
    PURPLE,
    house_style,
    named_rows,
    new_figure,
    settled,
    signed_colours,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 20
"""The largest number of rows in a picture."""


@house_style()
def shares(
    rows: Sequence[tuple[str, float]],
    *,
    unit: str,
    speaks_for: str,
    title: str = "What the prediction comes from",
) -> Figure:
    """Draw a bar for each column's contribution: green to the right if it speaks for a class, else purple to the left.

    Args:
        rows: name and contribution of each column, the first on top; at most 20 are drawn.
        unit: the unit of the contributions.
        speaks_for: what a contribution above 0 speaks for, such as a class.
        title: title of the figure.

    Returns:
        The figure: one pair of axes, the numbers next to the bars.

    Raises:
        InputError: ``rows`` is empty, or a contribution is not finite.
    """
    values = np.array([share for _, share in rows[:MOST_ROWS]])
    if not values.size or not np.isfinite(values).all():
        raise InputError("no contributions to draw: wanted at least one row of a name and a finite number")
    figure, axes = named_rows([name for name, _ in rows[:MOST_ROWS]], title)
    axes.barh(range(len(values)), values, color=np.where(values > 0, GREEN, PURPLE), height=0.7)
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
    axes.set_xlabel(wrapped(f"← against {speaks_for} · contribution ({unit}) · for {speaks_for} →", 4.6))
    return settled(figure)


@house_style()
def importance(
    rows: Sequence[tuple[str, float, tuple[float, float]]],
    *,
    xlabel: str,
    shown: Sequence[bool] | None = None,
    title: str = "Test set: what the score loses when a column is shuffled",
) -> Figure:
    """Draw a dot for each column and a line for its interval: blue if the column is shown to matter, else grey.

    Args:
        rows: name, mean and the ends of the interval of each column; the first on top; at most 20 are drawn.
        xlabel: what is measured, and its unit.
        shown: whether each column is shown to matter, such as by a test that is corrected for the number of columns;
            None takes each interval for itself and asks whether it lies above 0.
        title: title of the figure; "20 of 31" is added if some are left out.

    Returns:
        The figure: one pair of axes.

    Raises:
        InputError: ``rows`` is empty.
    """
    if not rows:
        raise InputError("no importance to draw: wanted at least one row of name, mean and interval")
    if len(rows) > MOST_ROWS:
        title = f"{title} (the {MOST_ROWS} of {len(rows)} columns that matter most)"
    figure, axes = named_rows([name for name, *_ in rows[:MOST_ROWS]], title)
    axes.axvline(0, color=BLACK, linewidth=0.8, zorder=0)
    blue = [low > 0 for _, _, (low, _) in rows] if shown is None else shown
    for y, (_, mean, (low, high)) in enumerate(rows[:MOST_ROWS]):
        colour = BLUE if blue[y] else FAINT
        axes.hlines(y, low, high, color=colour, linewidth=2)
        axes.plot(mean, y, "o", color=colour, markersize=6)
    grey = "the interval contains 0" if shown is None else "not shown to matter"
    axes.set_xlabel(f"{xlabel}, with 95 % intervals\n(grey: {grey})")
    return settled(figure)


@house_style()
def importance_map(
    drops: Floats, *, label: str, title: str = "Test set: what the score loses when a patch of the images is shuffled"
) -> Figure:
    """Draw a map of an image's patches; the colour says how much the score drops if the patch is shuffled.

    Args:
        drops: (patches down, patches across).
        label: what is measured, and its unit.
        title: title of the figure.

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
    image = axes.imshow(drops, cmap=signed_colours(), vmin=-largest, vmax=largest)
    for (i, j), value in np.ndenumerate(drops):
        ink = "white" if abs(value) > 0.6 * largest else INK
        axes.text(j, i, f"{value:.2g}", color=ink, ha="center", va="center", fontsize=8.5)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    figure.colorbar(image, ax=axes, label=label, aspect=30, fraction=0.04)
    return settled(figure)

"""Bars and dots by name: what speaks for one answer, and which columns the answers depend on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .style import BLACK, BLUE, FAINT, VERMILLION, house_style, new_figure, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 20
"""Rows of a picture."""


@house_style()
def shares(
    rows: Sequence[tuple[str, float]],
    *,
    unit: str,
    speaks_for: str,
    title: str = "What the answer comes from",
) -> Figure:
    """A bar a column: vermillion to the right what speaks for something, blue to the left what speaks against it.

    Args:
        rows: name and share, the first on top; at most 20 are drawn.
        unit: of the shares.
        speaks_for: what a share above 0 speaks for.
        title: what one sees.

    Returns:
        The figure: one axes, the numbers beside the bars.

    Raises:
        InputError: there is no row, or a share is not finite.
    """
    values = np.array([share for _, share in rows[:MOST]])
    if not values.size or not np.isfinite(values).all():
        raise InputError("no shares to draw: wanted at least one row of a name and a finite number")
    figure, axes = _rows([name for name, _ in rows[:MOST]], title)
    axes.barh(range(len(values)), values, color=np.where(values > 0, VERMILLION, BLUE), height=0.7)
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
    """A dot a column and a line for its interval; the columns whose interval holds 0 in grey.

    Args:
        rows: name, mean and the ends of its interval; the first on top; at most 20 are drawn.
        xlabel: what is measured, and its unit.
        title: what one sees; "20 of 31" is added where some are left out.

    Returns:
        The figure: one axes.

    Raises:
        InputError: there is no row.
    """
    if not rows:
        raise InputError("no importance to draw: wanted at least one row of name, mean and interval")
    if len(rows) > MOST:
        title = f"{title} (the {MOST} of {len(rows)} that cost most)"
    figure, axes = _rows([name for name, *_ in rows[:MOST]], title)
    axes.axvline(0, color=BLACK, linewidth=0.8, zorder=0)
    for y, (_, mean, (low, high)) in enumerate(rows[:MOST]):
        colour = BLUE if low > 0 else FAINT
        axes.hlines(y, low, high, color=colour, linewidth=2)
        axes.plot(mean, y, "o", color=colour, markersize=6)
    axes.set_xlabel(f"{xlabel}, with 95 % intervals; grey: may be 0")
    return settled(figure)


def _rows(names: Sequence[str], title: str) -> tuple[Figure, Axes]:
    """Axes with a name a row, the first on top."""
    names = [wrapped(name, 2.2) for name in names]
    height = 1.0 + sum(0.11 + 0.16 * (name.count("\n") + 1) for name in names)
    figure = new_figure(title, height)
    axes = figure.add_subplot()
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return figure, axes


Grid = Floats


@house_style()
def importance_map(
    drops: Grid, *, label: str, title: str = "What the score loses when a patch of the image is shuffled"
) -> Figure:
    """The patches of an image where they are, coloured by what shuffling each one costs.

    Args:
        drops: (patches down, patches across).
        label: what is measured, and its unit.
        title: what one sees.

    Returns:
        The figure: one axes with a number in each patch, and the scale.

    Raises:
        InputError: the patches are no grid of finite numbers.
    """
    from .images import _diverging

    drops = np.asarray(drops, np.float64)
    if drops.ndim != 2 or not drops.size or not np.isfinite(drops).all():
        raise InputError(f"the patches have the shape {drops.shape}: wanted a grid of finite numbers")
    figure = new_figure(title, 4.6)
    axes = figure.add_subplot()
    largest = float(np.abs(drops).max()) or 1.0
    image = axes.imshow(drops, cmap=_diverging(), vmin=-largest, vmax=largest)
    for (i, j), value in np.ndenumerate(drops):
        axes.text(j, i, f"{value:.2g}", horizontalalignment="center", verticalalignment="center", fontsize=7.5)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    figure.colorbar(image, ax=axes, label=label, aspect=30, fraction=0.04)
    return settled(figure)

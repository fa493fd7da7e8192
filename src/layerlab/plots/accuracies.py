"""Accuracies with their intervals beside the base rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from layerlab.errors import InputError

from .style import BLACK, BLUE, DASHES, canvas, house_style, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@house_style()
def accuracies(
    rows: Sequence[tuple[str, float, tuple[float, float]]],
    *,
    base_rate: float,
    n_test: int,
    title: str = "Test accuracy of each network, and how sure one can be of it",
) -> Figure:
    """A dot for each network's accuracy, a line for its interval, the numbers beside.

    Args:
        rows: name, accuracy, and the ends of its 95 % Wilson interval, shares from 0 to 1; the first on top.
        base_rate: share of the commonest class, which is right without looking: a dashed line, or where it lies so
            far below that the intervals would shrink to dots, a note at the left edge.
        n_test: test examples.
        title: what one sees.

    Returns:
        The figure: one axes in per cent, the first row on top.

    Raises:
        InputError: there is no row.
    """
    if not rows:
        raise InputError("no accuracy to draw: wanted at least one row of name, accuracy and interval")
    names = [wrapped(name, 2.2) for name, _, _ in rows]
    height = 1.55 + sum(0.14 + 0.16 * (name.count("\n") + 1) for name in names)
    figure, axes = canvas(None, title, height)
    percent = 100 * np.array([(low, accuracy, high) for _, accuracy, (low, high) in rows])
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"accuracy on {n_test} test examples (%), with 95 % Wilson intervals")
    base, low, high = 100 * base_rate, float(percent.min()), float(percent.max())
    far = low - base > 4 * max(high - low, 5)
    axes.set_xlim(_accuracy_limits(low if far else min(low, base), max(high, base)))
    axes.hlines(range(len(rows)), percent[:, 0], percent[:, 2], color=BLUE, linewidth=2, clip_on=False)
    axes.plot(percent[:, 1], range(len(rows)), "o", color=BLUE, markersize=6, clip_on=False)
    for y, (left, accuracy, right) in enumerate(percent):
        text = f"{accuracy:5.1f}".replace(" ", "\N{FIGURE SPACE}") + f" %  ({left:.1f} to {right:.1f})"
        axes.text(1.05, y, text, transform=axes.get_yaxis_transform(), verticalalignment="center_baseline")
    _mark_base_rate(axes, base, far)
    return settled(figure)


def _accuracy_limits(low: float, high: float) -> tuple[float, float]:
    """Both numbers (per cent) with some room, at least ten points apart, not beyond 0 and 100."""
    room = max(0.06 * (high - low), 5 - (high - low) / 2)
    right = min(high + room, 100.0)
    return max(min(low - room, right - 10), 0.0), max(right, 10.0)


def _mark_base_rate(axes: Axes, percent: float, far: bool) -> None:
    text = f"always the commonest class: {percent:.1f} %"
    if far:
        axes.annotate(f"← {text}", (0, 1), xycoords="axes fraction", xytext=(0, 3), textcoords="offset points")
        return
    low, high = axes.get_xlim()
    place = (percent - low) / (high - low)
    axes.axvline(percent, color=BLACK, linestyle=DASHES[1], linewidth=0.9, zorder=0)
    axes.annotate(
        text,
        (percent, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        horizontalalignment="left" if place < 0.3 else "right" if place > 0.7 else "center",
    )

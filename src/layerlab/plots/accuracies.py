"""Accuracies with their intervals, compared with the base rate: of several networks, and of a search's choice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from layerlab.errors import InputError

from .style import BLACK, BLUE, DASHES, ORANGE, house_style, named_rows, settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Stated(NamedTuple):
    """A score with its interval, for ``selection``.

    Attributes:
        name: whose score it is, and on which examples.
        figure: the accuracy, or R².
        interval: ends of its 95 % interval, or None.
        kind: "naive" (measured on the examples that also picked the winner), "honest" (measured on other examples) or
            "rival" (a reference network).
    """

    name: str
    figure: float
    interval: tuple[float, float] | None
    kind: str


DOTS = {"naive": (ORANGE, "D"), "honest": (BLUE, "o"), "rival": (BLACK, "s")}
"""Colour and shape of the dot of each kind of score."""


@house_style()
def accuracies(
    rows: Sequence[tuple[str, float, tuple[float, float]]],
    *,
    base_rate: float,
    n_test: int,
    title: str = "Test accuracy of each network, and how sure one can be of it",
) -> Figure:
    """Draw a dot for each network's accuracy, a line for its interval, and the numbers next to them.

    Args:
        rows: for each network its name, its accuracy, and the ends of its 95 % Wilson interval, as shares from 0 to 1;
            the first row is on top.
        base_rate: share of the majority class, which is the accuracy of always predicting it. It is a dashed line, or a
            note at the left edge if it is so low that the intervals would shrink to dots.
        n_test: number of test examples.
        title: title of the figure.

    Returns:
        The figure: one pair of axes in per cent, the first row on top.

    Raises:
        InputError: ``rows`` is empty.
    """
    if not rows:
        raise InputError("no accuracy to draw: wanted at least one row of name, accuracy and interval")
    figure, axes = named_rows([name for name, _, _ in rows], title, top=1.55, gap=0.14)
    percent = 100 * np.array([(low, accuracy, high) for _, accuracy, (low, high) in rows])
    axes.set_xlabel(f"accuracy on {n_test} test examples (%), with 95 % Wilson intervals")
    axes.hlines(range(len(rows)), percent[:, 0], percent[:, 2], color=BLUE, linewidth=2, clip_on=False)
    axes.plot(percent[:, 1], range(len(rows)), "o", color=BLUE, markersize=6, clip_on=False)
    for y, (left, accuracy, right) in enumerate(percent):
        text = f"{accuracy:5.1f}".replace(" ", "\N{FIGURE SPACE}") + f" %  ({left:.1f} to {right:.1f})"
        axes.text(1.05, y, text, transform=axes.get_yaxis_transform(), verticalalignment="center_baseline")
    _limit_and_mark_base_rate(axes, float(percent.min()), float(percent.max()), 100 * base_rate)
    return settled(figure)


@house_style()
def selection(
    rows: Sequence[Stated],
    *,
    shares: bool = True,
    base_rate: float | None = None,
    title: str = "How good the chosen network is, and the networks it is compared with",
) -> Figure:
    """Draw a dot for each score and a line for its interval.

    Optimistic scores ("naive") are orange, "honest" ones blue, and those of reference networks ("rival") black.

    Args:
        rows: the scores, the first on top.
        shares: True for accuracies, which are drawn in per cent; False for R².
        base_rate: accuracy of always predicting the majority class: a dashed line, or a note if it is far below.
        title: title of the figure.

    Returns:
        The figure: one pair of axes.

    Raises:
        InputError: ``rows`` is empty.
    """
    if not rows:
        raise InputError("nothing to draw: wanted at least one score")
    figure, axes = named_rows([row.name for row in rows], title, top=1.2, gap=0.13, width=2.3)
    factor = 100 if shares else 1
    for y, row in enumerate(rows):
        colour, marker = DOTS[row.kind]
        if row.interval is not None:
            low, high = row.interval
            axes.hlines(y, factor * low, factor * high, color=colour, linewidth=2, clip_on=False)
        axes.plot(factor * row.figure, y, marker, color=colour, markersize=6, clip_on=False)
        axes.text(1.03, y, _score_text(row, shares), transform=axes.get_yaxis_transform(), va="center_baseline")
    if shares and base_rate is not None:
        ends = [100 * end for row in rows for end in (row.interval or (row.figure,))]
        _limit_and_mark_base_rate(axes, min(ends), max(ends), 100 * base_rate)
    first_rival = next((y for y, row in enumerate(rows) if row.kind == "rival"), 0)
    if first_rival:
        axes.axhline(first_rival - 0.5, color="#DDDDDD", linewidth=0.8, zorder=0)
    axes.set_xlabel("accuracy (%) with 95 % intervals" if shares else "R²")
    return settled(figure)


def _score_text(row: Stated, shares: bool) -> str:
    """Write the score in per cent with its interval, or R²."""
    if not shares:
        return f"{row.figure:.3f}"
    interval = "" if row.interval is None else f"  ({100 * row.interval[0]:.1f} to {100 * row.interval[1]:.1f})"
    return f"{100 * row.figure:.1f} %{interval}"


def _limit_and_mark_base_rate(axes: Axes, low: float, high: float, base: float) -> None:
    """Let an axis of accuracies reach from low to high and to the base rate, unless that is too far below.

    Args:
        axes: the axes; x is in per cent.
        low, high: the ends of all intervals, in per cent.
        base: the base rate in per cent, marked by a line, or by a note at the left edge.
    """
    far = low - base > 4 * max(high - low, 5)
    axes.set_xlim(_accuracy_limits(low if far else min(low, base), max(high, base)))
    text = f"always the majority class: {base:.1f} %"
    if far:
        axes.annotate(f"← {text}", (0, 1), xycoords="axes fraction", xytext=(0, 3), textcoords="offset points")
        return
    left, right = axes.get_xlim()
    place = (base - left) / (right - left)
    axes.axvline(base, color=BLACK, linestyle=DASHES[1], linewidth=0.9, zorder=0)
    axes.annotate(
        text,
        (base, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        horizontalalignment="left" if place < 0.3 else "right" if place > 0.7 else "center",
    )


def _accuracy_limits(low: float, high: float) -> tuple[float, float]:
    """Return limits around both numbers (per cent) with some room, at least ten points apart, within 0 and 100."""
    room = max(0.06 * (high - low), 5 - (high - low) / 2)
    right = min(high + room, 100.0)
    return max(min(low - room, right - 10), 0.0), max(right, 10.0)

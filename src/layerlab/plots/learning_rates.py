"""The learning-rate range test: cost against learning rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .curves import UNIT
from .style import BLUE, DASHES, INK, ORANGE, house_style, settled, titled_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@house_style()
def range_test(
    rates: NDArray[Any],
    costs: NDArray[Any],
    suggestion: float | None = None,
    *,
    tried: tuple[NDArray[Any], NDArray[Any]] | None = None,
    title: str = "The cost while the learning rate rises from update to update",
    unit: str = UNIT,
    axes: Axes | None = None,
) -> Figure:
    """Draw the costs of a range test against its learning rates, and the learning rate that is suggested.

    With whole trainings (``tried``) the mark is a ring around the training with that learning rate, because the
    trainings chose it. Without them it is a line. The axis of costs ends a little above the first cost: what lies
    beyond has exploded. The axis of learning rates leaves out most of the small ones with which nothing moves.

    Args:
        rates, costs: (n,), as a ``RangeTest`` has them.
        suggestion: the learning rate that is marked, or None.
        tried: (k,) learning rates of whole trainings, and the cost (k,) at which each ended; a dot for each.
        title: title of the figure.
        unit: the unit of the costs.
        axes: the axes to draw into; None for a new figure.

    Returns:
        The figure: one pair of axes, a line of costs, dots where trainings ended, and the mark.

    Raises:
        InputError: there is no cost, or the numbers of learning rates and of costs differ.
    """
    from matplotlib.ticker import FuncFormatter, NullFormatter

    rates, costs = (np.asarray(values, np.float64) for values in (rates, costs))
    at, ends = (np.asarray(values, np.float64) for values in tried or (np.empty(0), np.empty(0)))
    if not rates.size or rates.shape != costs.shape or at.shape != ends.shape:
        raise InputError(
            f"learning rates and costs have the shapes {rates.shape} and {costs.shape}, those of trainings "
            f"{at.shape} and {ends.shape}: wanted as many of the one as of the other, at least one"
        )
    figure, panel = titled_axes(axes, title, height=3.8)
    known = np.isfinite(costs)
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.xaxis.set_minor_formatter(NullFormatter())
    marked = [] if suggestion is None else [suggestion]
    left = min([*at.tolist(), *marked, _first_to_move(rates, costs)]) / 10
    panel.set(xlabel="learning rate", ylabel=f"cost ({unit})", xlim=(max(rates[0], left), rates[-1]))
    panel.plot(rates[known], costs[known], color=BLUE, label="one test: the learning rate rises with each update")
    if at.size:
        panel.scatter(at, ends, s=22, color=ORANGE, zorder=3, label="end of a whole training with this learning rate")
    low = float(np.concatenate([costs[known], ends[np.isfinite(ends)]]).min(initial=np.inf))
    if np.isfinite([low, costs[0]]).all():
        room = max(0.35 * (costs[0] - low), 0.05 * abs(costs[0]), 1e-12)
        panel.set_ylim(low - 0.2 * room, costs[0] + room)
    if suggestion is not None and suggestion in at:
        _ring_suggestion(panel, suggestion, float(ends[at == suggestion][0]))
    elif suggestion is not None:
        _mark_suggestion(panel, suggestion)
    panel.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    return settled(figure, axes)


def _first_to_move(rates: Floats, costs: Floats) -> float:
    """The first learning rate at which the cost differs from the first one by 2 % of it; the last if it never does."""
    with np.errstate(invalid="ignore"):
        moved = ~(np.abs(costs - costs[0]) <= 0.02 * abs(costs[0]))
    return float(rates[moved.argmax()] if moved.any() else rates[-1])


def _ring_suggestion(axes: Axes, rate: float, cost: float) -> None:
    """Draw a ring around the training with the suggested learning rate, and the learning rate next to it."""
    axes.scatter([rate], [cost], s=110, facecolors="none", edgecolors=INK, linewidths=1.4, zorder=4, clip_on=False)
    axes.annotate(
        f"suggested: {rate:.2g}",
        (rate, cost),
        xytext=(-9, 0),
        textcoords="offset points",
        horizontalalignment="right",
        verticalalignment="center_baseline",
    )


def _mark_suggestion(axes: Axes, rate: float) -> None:
    """Draw a line at the suggested learning rate, and its value above."""
    axes.axvline(rate, color=ORANGE, linestyle=DASHES[1], linewidth=1.1)
    low, high = np.log(axes.get_xlim())
    side = "right" if np.log(rate) > (low + high) / 2 else "left"
    axes.annotate(
        f"suggested: {rate:.2g}",
        (rate, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        horizontalalignment=side,
        color=ORANGE,
    )

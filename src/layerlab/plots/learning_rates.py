"""The learning-rate range test: cost against learning rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError

from .style import BLUE, DASHES, FAINT, ORANGE, house_style, settled, titled_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@house_style()
def range_test(
    rates: NDArray[Any],
    costs: NDArray[Any],
    smoothed: NDArray[Any],
    suggestion: float | None = None,
    *,
    title: str = "The cost while the learning rate rises from update to update",
    unit: str = "nats per example",
    axes: Axes | None = None,
) -> Figure:
    """The costs of a range test against its learning rates, and the learning rate that it suggests.

    The axis of costs ends a little above the first cost: what lies beyond has exploded.

    Args:
        rates, costs, smoothed: (n,), as a ``RangeTest`` has them.
        suggestion: the learning rate that is marked, or None.
        title: what one sees.
        unit: of the costs.
        axes: where to draw instead of in a new figure.

    Returns:
        The figure: one pair of axes, a faint line of costs, a line of smoothed ones, one for the suggestion.

    Raises:
        InputError: there is no cost, or there are not as many of the one as of the others.
    """
    from matplotlib.ticker import FuncFormatter, NullFormatter

    rates, costs, smoothed = (np.asarray(values, np.float64) for values in (rates, costs, smoothed))
    if not rates.size or not rates.shape == costs.shape == smoothed.shape:
        raise InputError(
            f"rates, costs and smoothed have the shapes {rates.shape}, {costs.shape} and {smoothed.shape}: wanted as "
            f"many of each, at least one"
        )
    figure, panel = titled_axes(axes, title, height=3.8)
    known = np.isfinite(costs)
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.xaxis.set_minor_formatter(NullFormatter())
    panel.set(xlabel="learning rate", ylabel=f"cost ({unit})", xlim=(rates[0], rates[-1]))
    panel.plot(rates[known], costs[known], color=FAINT, linewidth=0.9, label="each update")
    panel.plot(rates[known], smoothed[known], color=BLUE, label="smoothed")
    low, first = float(smoothed[known].min(initial=np.inf)), float(smoothed[0])
    if np.isfinite([low, first]).all():
        room = max(0.35 * (first - low), 0.05 * abs(first), 1e-12)
        panel.set_ylim(min(low, float(costs[known].min())) - 0.2 * room, first + room)
    if suggestion is not None:
        _mark_suggestion(panel, suggestion)
    panel.legend(loc="lower left")
    return settled(figure, axes)


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

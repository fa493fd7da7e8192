"""How a search went: the cost of every trial on held-out examples, and the best trial so far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .curves import UNIT
from .search_settings import informative_range
from .style import BLUE, DASHES, INK, ORANGE, house_style, new_figure, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_CURVES = 400
"""The largest number of curves of one kind that are drawn."""


class Curve(NamedTuple):
    """The costs of a trial on held-out examples.

    Attributes:
        moments: iterations at which the cost was measured.
        costs: the costs at these moments; the curve ends before the first cost that is not finite.
        kind: "chosen", "finished" or "pruned".
        name: the trial's name; it is not drawn.
    """

    moments: Sequence[int]
    costs: Sequence[float]
    kind: str
    name: str = ""


LOOKS = {
    "pruned": ("#BDBDBD", 0.7, 1),
    "finished": (BLUE, 0.9, 2),
    "chosen": (ORANGE, 2.2, 3),
}
"""Colour, line width and order (higher ones on top) of each kind of curve."""


@house_style()
def held_out_curves(
    curves: Sequence[Curve],
    rungs: Sequence[int] = (),
    *,
    unit: str = UNIT,
    title: str = "Cost of each trial on the held-out examples",
) -> Figure:
    """Draw a curve for each trial over the logarithm of the iterations: grey if it was pruned, orange if chosen.

    Args:
        curves: at least one curve.
        rungs: iterations after which trials were pruned; they are marked.
        unit: the unit of the costs.
        title: title of the figure.

    Returns:
        The figure: one pair of axes. At most 400 curves of each kind are drawn; the legend says if there are more.

    Raises:
        InputError: no curve has a finite cost.
    """
    from matplotlib.collections import LineCollection

    kept = [(one, _finite_part(one)) for one in curves]
    values = np.array([cost for _, points in kept for _, cost in points])
    if not values.size:
        raise InputError("no curve to draw: wanted at least one trial with a finite cost")
    figure = new_figure(title, 4.0)
    axes = figure.add_subplot()
    for kind, (colour, width, order) in LOOKS.items():
        own = [points for one, points in kept if one.kind == kind and points]
        drawn = _thinned_out(own)
        if drawn:
            called = "other finished" if kind == "finished" else kind
            label = f"{len(own)} {called}" + (f", {len(drawn)} drawn" if len(drawn) < len(own) else "")
            few = width if len(own) < 100 else 0.6 * width
            axes.add_collection(LineCollection(drawn, colors=colour, linewidths=few, zorder=order, label=label))
    last = max(moment for _, points in kept for moment, _ in points)
    first = min(moment for _, points in kept for moment, _ in points)
    axes.set(xlim=(first, last) if last > first else (0.9 * first, 1.1 * first), xscale="log")
    _plain_ticks(axes)
    axes.set_ylim(_limits(values))
    for rung in rungs:
        axes.axvline(rung, color=INK, linestyle=DASHES[2], linewidth=0.9, zorder=0)
    marks = " (dotted lines: where trials are pruned)" if rungs else ""
    axes.set(xlabel=f"iteration{marks}", ylabel=wrapped(f"cost ({unit})", 2.6))
    figure.legend(loc="outside lower left", ncols=3)
    return settled(figure)


def _thinned_out(curves: Sequence[list[tuple[float, float]]]) -> list[list[tuple[float, float]]]:
    """Return all curves, or ``MOST_CURVES`` of them at equal distances."""
    if len(curves) <= MOST_CURVES:
        return list(curves)
    return [curves[i] for i in np.linspace(0, len(curves) - 1, MOST_CURVES).astype(int)]


def _finite_part(one: Curve) -> list[tuple[float, float]]:
    """Return the points of a curve before its first cost that is not finite."""
    points = []
    for moment, cost in zip(one.moments, one.costs, strict=True):
        if not math.isfinite(cost):
            break
        points.append((float(moment), float(cost)))
    return points


def _plain_ticks(axes: Axes) -> None:
    """Write the ticks of a logarithmic axis of iterations as whole numbers, not as powers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _limits(values: Floats) -> tuple[float, float]:
    """Return limits of an axis: from the lowest value up to at most eight times the median's distance from it."""
    low, high = informative_range(values, 8)
    room = 0.06 * ((high - low) or abs(high) or 1.0)
    return low - room, high + room


@house_style()
def best_so_far(
    scores: Sequence[float],
    finished: Sequence[bool],
    *,
    label: str = "cost",
    title: str = "The score of each trial, and the best so far",
) -> Figure:
    """Draw a dot for each trial, grey if it was pruned, and a line for the best of the trials trained to the end.

    Args:
        scores: (n,) scores in the order in which the trials were proposed; lower is better.
        finished: (n,) whether each was trained to the end.
        label: what the score is, and its unit.
        title: title of the figure.

    Returns:
        The figure: one pair of axes.

    Raises:
        InputError: there is no finite score.
    """
    worth, done = np.asarray(scores, np.float64), np.asarray(finished, bool)
    finite = np.isfinite(worth)
    if not finite.any():
        raise InputError("nothing to draw: wanted at least one trial with a finite score")
    figure = new_figure(title, 3.8)
    axes = figure.add_subplot()
    numbers = np.arange(len(worth))
    size = 14 if len(worth) < 200 else 5
    for which, colour, name in ((finite & ~done, "#BDBDBD", "pruned"), (finite & done, BLUE, "finished")):
        axes.scatter(numbers[which], worth[which], s=size, color=colour, linewidths=0, label=name)
    best = np.minimum.accumulate(np.where(finite & done, worth, np.inf))
    axes.step(numbers, np.where(np.isfinite(best), best, np.nan), where="post", color=ORANGE, label="best finished")
    low, high = _limits(worth[finite])
    far = finite & (worth > high)
    axes.scatter(
        numbers[far], np.full(far.sum(), high), s=16, color="#BDBDBD", marker="^", label="above", clip_on=False
    )
    axes.set_ylim(low, high)
    axes.set(xlabel="trial", ylabel=wrapped(label, 2.4), xlim=(-0.5, len(worth) - 0.5))
    figure.legend(loc="outside lower left", ncols=4)
    return settled(figure)

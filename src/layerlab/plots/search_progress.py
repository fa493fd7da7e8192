"""How a search came to its choice and what that is worth: curves, the best so far, honest and naive figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .accuracies import _accuracy_limits, _mark_base_rate
from .search_settings import reach_of
from .style import BLACK, BLUE, DASHES, INK, VERMILLION, house_style, new_figure, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 400
"""Curves of one kind that are drawn."""


class Curve(NamedTuple):
    """A trial on held-out examples.

    Attributes:
        moments: iterations.
        costs: as many; what is not finite ends it.
        kind: "chosen", "finished" or "given up".
        name: shown beside those that were chosen.
    """

    moments: Sequence[int]
    costs: Sequence[float]
    kind: str
    name: str = ""


LOOKS = {
    "given up": ("#BDBDBD", 0.7, 1),
    "finished": (BLUE, 0.9, 2),
    "chosen": (VERMILLION, 2.2, 3),
}
"""Colour, width and order of the curves."""


@house_style()
def held_out_curves(
    curves: Sequence[Curve],
    rungs: Sequence[int] = (),
    *,
    unit: str = "nats per example",
    title: str = "Cost on held-out examples of every trial, and where trials were given up",
) -> Figure:
    """A curve a trial over the logarithm of the iterations: grey where it was given up, vermillion where chosen.

    Args:
        curves: at least one.
        rungs: iterations after which trials were given up, marked.
        unit: of the costs.
        title: what one sees.

    Returns:
        The figure: one axes. Of more than 400 curves of a kind so many are drawn, and the legend says so.

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
        drawn = _some(own)
        if drawn:
            called = "other finished" if kind == "finished" else kind
            told = f"{len(own)} {called}" + (f", {len(drawn)} drawn" if len(drawn) < len(own) else "")
            few = width if len(own) < 100 else 0.6 * width
            axes.add_collection(LineCollection(drawn, colors=colour, linewidths=few, zorder=order, label=told))
    last = max(moment for _, points in kept for moment, _ in points)
    first = min(moment for _, points in kept for moment, _ in points)
    axes.set(xlim=(first, last) if last > first else (0.9 * first, 1.1 * first), xscale="log")
    _plain_ticks(axes)
    axes.set_ylim(_limits(values))
    for rung in rungs:
        axes.axvline(rung, color=INK, linestyle=DASHES[2], linewidth=0.9, zorder=0)
    axes.set(
        xlabel=f"iteration{' (dotted: trials are given up)' if rungs else ''}", ylabel=wrapped(f"cost ({unit})", 2.6)
    )
    figure.legend(loc="outside lower left", ncols=3)
    return settled(figure)


def _some(curves: Sequence[list[tuple[float, float]]]) -> list[list[tuple[float, float]]]:
    """All of them, or of many so many that can be seen."""
    if len(curves) <= MOST:
        return list(curves)
    return [curves[i] for i in np.linspace(0, len(curves) - 1, MOST).astype(int)]


def _finite_part(one: Curve) -> list[tuple[float, float]]:
    points = []
    for moment, cost in zip(one.moments, one.costs, strict=True):
        if not math.isfinite(cost):
            break
        points.append((float(moment), float(cost)))
    return points


def _plain_ticks(axes: Axes) -> None:
    """Iterations as whole numbers, not as powers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _limits(values: Floats) -> tuple[float, float]:
    """From the lowest value to the worst that still tells something, with some room."""
    low, high = reach_of(values, 8)
    room = 0.06 * ((high - low) or abs(high) or 1.0)
    return low - room, high + room


@house_style()
def best_so_far(
    scores: Sequence[float],
    finished: Sequence[bool],
    *,
    label: str = "cost",
    title: str = "The best trial so far, against the trials that were tried",
) -> Figure:
    """A dot a trial, grey where it was given up, and a line for the best of those that were trained to the end.

    Args:
        scores: (n,) in the order in which they were proposed, less is better.
        finished: (n,) whether each was trained to the end.
        label: what the score is, and its unit.
        title: what one sees.

    Returns:
        The figure: one axes.

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
    for which, colour, name in ((finite & ~done, "#BDBDBD", "given up"), (finite & done, BLUE, "finished")):
        axes.scatter(numbers[which], worth[which], s=size, color=colour, linewidths=0, label=name)
    best = np.minimum.accumulate(np.where(finite & done, worth, np.inf))
    axes.step(numbers, np.where(np.isfinite(best), best, np.nan), where="post", color=VERMILLION, label="best finished")
    low, high = _limits(worth[finite])
    far = finite & (worth > high)
    axes.scatter(
        numbers[far], np.full(far.sum(), high), s=16, color="#BDBDBD", marker="^", label="above", clip_on=False
    )
    axes.set_ylim(low, high)
    axes.set(xlabel="trial", ylabel=wrapped(label, 2.4), xlim=(-0.5, len(worth) - 0.5))
    figure.legend(loc="outside lower left", ncols=4)
    return settled(figure)


class Stated(NamedTuple):
    """A figure with its interval.

    Attributes:
        name: what it is.
        figure: accuracy, or R².
        interval: ends of its 95 % interval, or None.
        kind: "naive", "honest" or "rival".
    """

    name: str
    figure: float
    interval: tuple[float, float] | None
    kind: str


DOTS = {"naive": (VERMILLION, "D"), "honest": (BLUE, "o"), "rival": (BLACK, "s")}
"""Colour and shape of the dots."""


@house_style()
def selection(
    rows: Sequence[Stated],
    *,
    shares: bool = True,
    base_rate: float | None = None,
    title: str = "What the choice is worth: naive, by data that chose nothing, and beside others",
) -> Figure:
    """A dot a figure and a line for its interval: the naive one in vermillion, honest ones in blue, rivals in black.

    Args:
        rows: the first on top.
        shares: whether they are accuracies, which are drawn in per cent; else R².
        base_rate: what always answering the most frequent class scores: a dashed line, or a note where it is far.
        title: what one sees.

    Returns:
        The figure: one axes.

    Raises:
        InputError: there is no row.
    """
    if not rows:
        raise InputError("nothing to draw: wanted at least one figure")
    names = [wrapped(row.name, 2.3) for row in rows]
    figure = new_figure(title, 1.2 + sum(0.13 + 0.16 * (name.count("\n") + 1) for name in names))
    axes = figure.add_subplot()
    factor = 100 if shares else 1
    for y, row in enumerate(rows):
        colour, marker = DOTS[row.kind]
        if row.interval is not None:
            low, high = row.interval
            axes.hlines(y, factor * low, factor * high, color=colour, linewidth=2, clip_on=False)
        axes.plot(factor * row.figure, y, marker, color=colour, markersize=6, clip_on=False)
        axes.text(1.03, y, _said(row, shares), transform=axes.get_yaxis_transform(), va="center_baseline")
    if shares and base_rate is not None:
        ends = [100 * end for row in rows for end in (row.interval or (row.figure,))]
        low, high, base = min(ends), max(ends), 100 * base_rate
        far = low - base > 4 * max(high - low, 5)
        axes.set_xlim(_accuracy_limits(low if far else min(low, base), max(high, base)))
        _mark_base_rate(axes, base, far)
    parted = next((y for y, row in enumerate(rows) if row.kind == "rival"), 0)
    if parted:
        axes.axhline(parted - 0.5, color="#DDDDDD", linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("accuracy (%) with 95 % intervals" if shares else "R²")
    return settled(figure)


def _said(row: Stated, shares: bool) -> str:
    if not shares:
        return f"{row.figure:.3f}"
    sure = "" if row.interval is None else f"  ({100 * row.interval[0]:.1f} to {100 * row.interval[1]:.1f})"
    return f"{100 * row.figure:.1f} %{sure}"

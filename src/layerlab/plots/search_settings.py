"""The settings of a search's trials: lines through all settings, a map of two, and which settings mattered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .style import BLUE, FAINT, INK, ORANGE, house_style, named_rows, new_figure, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

ABSENT = -0.12
"""Height of a trial that does not have the setting; the other trials lie between 0 and 1."""

DARK = "#00324F"
"""Colour of the best score."""


class Dimension(NamedTuple):
    """A setting of the trials, an axis of ``parallel_coordinates``.

    Attributes:
        name: the name of the setting.
        values: (n,) numbers or words, one for each trial; None where the trial does not have the setting.
        log: whether the axis is logarithmic.
    """

    name: str
    values: Sequence[Any]
    log: bool = False


@house_style()
def parallel_coordinates(
    dimensions: Sequence[Dimension],
    scores: Sequence[float],
    chosen: Sequence[int] = (),
    *,
    label: str = "cost",
    title: str = "Each trial as a line through its settings: the better, the darker",
) -> Figure:
    """Draw a line for each trial through its settings; the best lie on top, and the chosen ones are orange.

    Args:
        dimensions: the axes from left to right, at least two.
        scores: (n,) scores of the trials; lower is better. Trials whose score is not finite are left out.
        chosen: indices of the chosen trials.
        label: what the score is, and its unit.
        title: title of the figure.

    Returns:
        The figure: one pair of axes, and the scale of colours.

    Raises:
        InputError: there are fewer than two dimensions, or no finite score.
    """
    from matplotlib.collections import LineCollection

    worth = np.asarray(scores, np.float64)
    if len(dimensions) < 2 or not np.isfinite(worth).any():
        raise InputError("nothing to draw: wanted at least two dimensions, and a trial with a finite score")
    figure = new_figure(title, 4.4)
    axes = figure.add_subplot()
    order = [int(i) for i in np.argsort(-worth) if np.isfinite(worth[i])]
    spread = np.zeros(len(worth))
    spread[order] = np.linspace(-0.02, 0.02, len(order))
    heights = np.column_stack([_axis(axes, x, one, spread) for x, one in enumerate(dimensions)])
    colours, scale = _score_colours(worth)
    places = np.arange(len(dimensions))
    lines = [np.column_stack([places, heights[i]]) for i in order]
    width = 0.9 if len(order) > 200 else 1.2
    axes.add_collection(LineCollection(lines, colors=colours(scale(worth[order])), linewidths=width))
    for i in chosen:
        axes.plot(places, heights[i], color=ORANGE, linewidth=2.2, zorder=3)
    axes.set(xlim=(-0.15, len(dimensions) - 0.4), ylim=(ABSENT - 0.06, 1.06), yticks=[])
    names = [one.name.replace("_", " ") for one in dimensions]
    axes.set_xticks(places, names, rotation=28, horizontalalignment="right", rotation_mode="anchor")
    axes.tick_params(axis="x", length=0)
    axes.spines[:].set_visible(False)
    _scale_bar(figure, axes, colours, scale, label)
    return settled(figure)


def _axis(axes: Axes, x: int, one: Dimension, spread: Floats) -> Floats:
    """Draw an axis with its ticks, and return the heights of the trials on it, (n,)."""
    present = [value for value in one.values if value is not None]
    axes.vlines(x, 0, 1, color=INK, linewidth=0.8, zorder=2)
    if present and all(isinstance(value, int | float) and not isinstance(value, bool) for value in present) and one.log:
        low, high = math.log10(min(present)), math.log10(max(present))
        ticks = [(10.0**k, f"{10.0**k:g}") for k in range(math.ceil(low), math.floor(high) + 1)]
        ticks = ticks if len(ticks) > 1 else [(10**end, f"{10**end:.2g}") for end in (low, high)]
        at = {
            value: (math.log10(value) - low) / ((high - low) or 1) for value in [*present, *(tick for tick, _ in ticks)]
        }
        own: Floats = np.zeros(len(spread))
    else:
        kinds = sorted(set(present), key=lambda value: (isinstance(value, str), value))
        at = {value: k / max(len(kinds) - 1, 1) for k, value in enumerate(kinds)}
        ticks = [(value, f"{value:g}" if isinstance(value, float) else str(value)) for value in kinds]
        ticks = ticks if len(ticks) <= 8 else [ticks[0], ticks[len(ticks) // 2], ticks[-1]]
        own = spread
    for value, text in ticks:
        _tick(axes, x, at[value], text)
    if len(present) < len(one.values):
        _tick(axes, x, ABSENT, "–")
    return np.array(
        [ABSENT if value is None else at[value] + move for value, move in zip(one.values, own, strict=True)]
    )


def _tick(axes: Axes, x: int, y: float, text: str) -> None:
    box = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75}
    axes.hlines(y, x - 0.04, x + 0.04, color=INK, linewidth=0.8, zorder=2)
    axes.text(x + 0.07, y, text, fontsize=8, verticalalignment="center_baseline", bbox=box, zorder=4)


def _score_colours(scores: Floats) -> tuple[Colormap, Normalize]:
    """Return colours from the best score to three times the median's distance; worse scores get the palest one."""
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    finite = scores[np.isfinite(scores)]
    low, high = informative_range(finite, 3)
    shades = LinearSegmentedColormap.from_list("better is darker", [DARK, BLUE, "#9CC7E0", "#E6E6E6"])
    return shades, Normalize(low, high if high > low else low + 1, clip=True)


def informative_range(values: Floats, times: float) -> tuple[float, float]:
    """Return the lowest value, and the value ``times`` times as far from it as the median, at most the highest."""
    low, median, high = (float(value) for value in np.quantile(values, (0, 0.5, 1)))
    return low, min(high, low + times * (median - low)) if median > low else high


def _scale_bar(figure: Figure, axes: Any, colours: Colormap, scale: Normalize, label: str) -> None:
    from matplotlib.cm import ScalarMappable

    mapped = ScalarMappable(scale, colours)
    bar = figure.colorbar(mapped, ax=axes, label=wrapped(label, 2.6), aspect=35, fraction=0.03, pad=0.015, extend="max")
    bar.outline.set_visible(False)


class Tried(NamedTuple):
    """A trial on ``rate_map``.

    Attributes:
        rate: the learning rate.
        width: number of units of the first hidden layer; 0 for none.
        score: the score; lower is better.
        optimizer: name of the optimiser.
    """

    rate: float
    width: int
    score: float
    optimizer: str


RATE_BINS = 9
"""The number of columns of a map; each is a range of learning rates."""


@house_style()
def rate_map(
    trials: Sequence[Tried],
    *,
    label: str = "cost",
    title: str = "The best score by learning rate and width, and how many trials each cell has",
) -> Figure:
    """Draw a map for each optimiser: learning rate to the right, width upwards; cells without a trial are empty.

    The width is the number of units of the first hidden layer.

    Args:
        trials: the trials with a score. If a score is not finite, the trial is counted, but never shown as the best.
        label: what the score is, and its unit.
        title: title of the figure.

    Returns:
        The figure: a pair of axes for each optimiser, and the scale of colours.

    Raises:
        InputError: there is no finite score.
    """
    worth = np.array([one.score for one in trials], np.float64)
    if not np.isfinite(worth).any():
        raise InputError("no map to draw: wanted at least one trial with a finite score")
    names = list(dict.fromkeys(sorted(one.optimizer for one in trials)))
    widths = _width_bins([one.width for one in trials])
    figure = new_figure(title, 0.9 + len(names) * (0.9 + 0.3 * len(widths)))
    panels = figure.subplots(len(names), 1, squeeze=False)[:, 0]
    colours, scale = _score_colours(worth)
    for axes, name in zip(panels, names, strict=True):
        own = [one for one in trials if one.optimizer == name]
        _draw_map(axes, own, widths, colours, scale)
        axes.set_title(name)
    panels[-1].set_xlabel("learning rate")
    _scale_bar(figure, list(panels), colours, scale, label)
    return settled(figure)


def _width_bins(widths: Sequence[int]) -> list[tuple[int, int]]:
    """Return ranges of widths, each about twice as wide as the one before; (0, 0) for no hidden layer."""
    bins = [(0, 0)] if 0 in widths else []
    low = min((width for width in widths if width), default=1)
    while low <= max(widths):
        high = max(low, 2 * low - 1)
        bins.append((low, high))
        low = high + 1
    return [(a, b) for a, b in bins if any(a <= width <= b for width in widths) or (a, b) != (0, 0)]


def _draw_map(
    axes: Axes, trials: Sequence[Tried], widths: Sequence[tuple[int, int]], colours: Colormap, scale: Normalize
) -> None:
    rates = np.array([one.rate for one in trials])
    low, high = rates.min(), rates.max()
    edges = np.geomspace(low / 1.0001, high * 1.0001, RATE_BINS + 1) if high > low else np.array([low / 1.5, low * 1.5])
    columns = np.clip(np.searchsorted(edges, rates, side="right") - 1, 0, len(edges) - 2)
    for row, (least, most) in enumerate(widths):
        for column in range(len(edges) - 1):
            here = [
                one.score
                for one, at in zip(trials, columns, strict=True)
                if at == column and least <= one.width <= most
            ]
            _draw_cell(axes, row, column, here, colours, scale)
    at = np.arange(len(edges)) - 0.5
    step = max(1, (len(edges) - 1) // 3)
    axes.set_xticks(at[::step], [f"{edge:.2g}" for edge in edges[::step]])
    names = ["none" if most == 0 else str(least) if least == most else f"{least} to {most}" for least, most in widths]
    axes.set_yticks(range(len(widths)), names)
    axes.set(xlim=(-0.5, len(edges) - 1.5), ylim=(-0.5, len(widths) - 0.5), ylabel="units")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _draw_cell(axes: Axes, row: int, column: int, scores: Sequence[float], colours: Colormap, scale: Normalize) -> None:
    from matplotlib.patches import Rectangle

    corner = (column - 0.47, row - 0.45)
    finite = [score for score in scores if math.isfinite(score)]
    if not finite:
        axes.add_patch(Rectangle(corner, 0.94, 0.9, facecolor="white", edgecolor="#DDDDDD", linewidth=0.6))
        if scores:
            axes.text(column, row, f"× ({len(scores)})", fontsize=8, color=FAINT, ha="center", va="center_baseline")
        return
    best = min(finite)
    shade = float(scale(best))
    axes.add_patch(Rectangle(corner, 0.94, 0.9, facecolor=colours(shade), edgecolor="none"))
    ink = "white" if shade < 0.5 else INK
    words = f"{best:.3g} ({len(scores)})"
    axes.text(
        column, row, words, fontsize=8, color=ink, horizontalalignment="center", verticalalignment="center_baseline"
    )


@house_style()
def mattered(
    shares: Sequence[tuple[str, float]], *, title: str = "Which settings the scores of the trials depended on"
) -> Figure:
    """Draw a bar for each setting of a search: how much of the scores' variance the setting explains alone.

    Args:
        shares: name and share of the variance, the largest first.
        title: title of the figure.

    Returns:
        The figure: one pair of axes, the numbers next to the bars.

    Raises:
        InputError: ``rows`` is empty.
    """
    if not shares:
        raise InputError("no importance to draw: wanted at least one row of name and share")
    figure, axes = named_rows([name.replace("_", " ") for name, _ in shares], title)
    values = [100 * share for _, share in shares]
    axes.barh(range(len(values)), values, color=BLUE, height=0.7)
    for y, value in enumerate(values):
        axes.annotate(f"{round(value / 10) * 10}", (value, y), (4, 0), textcoords="offset points", va="center_baseline")
    axes.set_xlim(0, 1.08 * max(values))
    axes.set_xlabel(
        wrapped(
            "share of the variance of the trials' ranks that a setting explains alone, to the nearest 10 % (fANOVA)", 5
        )
    )
    return settled(figure)

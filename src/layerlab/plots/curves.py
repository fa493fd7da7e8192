"""Curves: costs over the iterations, and the sigmoid with its slope."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import cycle, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas import sigmoid, sigmoid_slope
from layerlab.formulas.arrays import Floats

from .style import BLUE, COLOURS, DASHES, FAINT, ORANGE, house_style, lay_out, settled, titled_axes, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class _Track(NamedTuple):
    """A curve of costs up to its first one that is not finite.

    Attributes:
        label: its name, wrapped, with a note where it diverged or is empty.
        costs: (n,), all finite.
        diverged: whether a cost that is not finite followed.
    """

    label: str
    costs: Floats
    diverged: bool


@house_style()
def cost_curves(
    curves: Mapping[str, NDArray[Any]],
    *,
    every: int = 1,
    title: str = "The cost at each iteration of training",
    unit: str = "nats per example",
    bands: Mapping[str, tuple[NDArray[Any], NDArray[Any]]] | None = None,
    axes: Axes | None = None,
) -> Figure:
    """Costs over the iterations: a curve for each training, its name beside its end.

    The axis of costs is logarithmic where they span more than two decades. A curve ends at its first value that is not
    finite, and its label says that it diverged. The axis reaches up to ten times a curve's first cost, with bands up to
    twice.

    Args:
        curves: name to costs (n,), such as ``run.history.costs``; the lengths may differ. The name may be empty.
        every: iterations from one cost to the next; the first cost is iteration 0's.
        title: what one sees.
        unit: of the costs.
        bands: name to the lowest and the highest of the costs that its curve stands for, each (n,), infinite where one
            diverged; a light area in the curve's colour.
        axes: where to draw instead of in a new figure.

    Returns:
        The figure: one pair of axes, a line for each of ``curves`` in their order; long ones keep their extremes.

    Raises:
        InputError: there is no curve, or its costs are not (n,).
    """
    from matplotlib.ticker import MaxNLocator

    if not curves:
        raise InputError("no curve to draw: wanted at least one name with its costs")
    tracks = [_track(name, np.asarray(costs, dtype=np.float64)) for name, costs in curves.items()]
    figure, panel = titled_axes(axes, title, height=max(3.8, 1.3 + sum(map(_label_height, tracks)) / 72))
    longest = max(len(track.costs) for track in tracks)
    last = every * (longest if longest >= 100 else longest - 1)  # 5000 is a rounder end than 4999
    panel.set(xlabel="iteration", ylabel=f"cost ({unit})", xlim=(0, last) if longest > 1 else (-0.5, 0.5))
    panel.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
    bands = bands or {}
    lows = [_track(name, np.asarray(low, np.float64)) for name, (low, _) in bands.items()]
    _scale_costs(panel, [*tracks, *lows], reach=2 if bands else 10)
    looks = list(zip(tracks, cycle(COLOURS), cycle(DASHES), strict=False))
    for track, colour, dashes in looks:
        chosen = _thinned(track.costs, bins=min(500, 5000 // len(tracks) + 1))
        panel.plot(every * chosen, track.costs[chosen], color=colour, linestyle=dashes)
    for name, (_, colour, _) in zip(curves, looks, strict=True):
        if name in bands:
            low, high = bands[name]
            _draw_band(panel, low, high, colour, every)
    lay_out(figure)  # the names need to know how high the axes are
    _label_ends(panel, looks, every)
    return settled(figure, axes)


def _draw_band(axes: Axes, low: Floats, high: Floats, colour: str, every: int) -> None:
    """Draw a light area from the lowest to the highest costs; what lies far above the axes is cut off."""
    far = 1e3 * max(abs(axes.get_ylim()[1]), 1.0)
    low, high = np.minimum(low, far), np.minimum(high, far)
    chosen = np.union1d(_thinned(low, bins=300), _thinned(high, bins=300))
    axes.fill_between(every * chosen, low[chosen], high[chosen], color=colour, alpha=0.18, linewidth=0, zorder=0)


def _track(name: str, costs: Floats) -> _Track:
    """Cut a curve off at its first cost that is not finite, and label it.

    Raises:
        InputError: the costs are not (n,).
    """
    if costs.ndim != 1:
        raise InputError(f"the costs of {name!r} have the shape {costs.shape}: wanted one number an iteration, (n,)")
    finite = np.isfinite(costs)
    length = len(costs) if finite.all() else int(finite.argmin())
    note = "(diverged)" if length < len(costs) else "" if length else "(no\N{NO-BREAK SPACE}iteration)"
    return _Track(wrapped(f"{name} {note}".strip(), 1.7), costs[:length], length < len(costs))


def _label_height(track: _Track) -> float:
    """Height of a curve's label, in points."""
    return 11.5 * (track.label.count("\n") + 1) + 3


def _thinned(costs: Floats, bins: int) -> NDArray[np.int64]:
    """Indices of about 2 · bins costs at most: the lowest and the highest in each bin, the first and the last.

    Args:
        costs: (n,).
        bins: parts of the curve, about one a pixel.
    """
    if len(costs) <= 2 * bins:
        return np.arange(len(costs))
    edges = np.linspace(0, len(costs), bins + 1).astype(np.int64)
    kept = {0, len(costs) - 1}
    for low, high in pairwise(edges.tolist()):
        kept |= {low + int(costs[low:high].argmin()), low + int(costs[low:high].argmax())}
    return np.array(sorted(kept))


def _scale_costs(axes: Axes, tracks: Sequence[_Track], reach: float) -> None:
    """Set limits and scale of the axis of costs; it reaches at most ``reach`` times as high as a curve's first cost."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    drawn = [track for track in tracks if len(track.costs)]
    if not drawn:
        return
    low = min(track.costs.min() for track in drawn)
    high = max(min(track.costs.max(), reach * abs(track.costs[0]) or math.inf) for track in drawn)
    if low > 0 and high > 100 * low:
        axes.set_yscale("log")
        axes.set_ylim(low / 1.3, high * 1.3)
        few = high < 10_000 * low
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,), numticks=12))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
    elif 0 <= low <= high / 2:
        axes.set_ylim(0, 1.05 * high or 1)
    else:  # far from zero; a nearly flat curve shall look flat
        room = max(0.08 * (high - low), 0.05 * abs(high))
        axes.set_ylim(low - room, high + room)


def _label_ends(axes: Axes, looks: Sequence[tuple[_Track, str, Any]], every: int) -> None:
    """Mark each curve's end, and write its name to the right of the axes, moved up or down where names would touch."""
    box, (_, top) = axes.get_window_extent(), axes.get_ylim()
    points = box.height * 72 / axes.figure.dpi
    ends = [(every * (len(costs) - 1), min(costs[-1], top)) if len(costs) else (0, top) for (_, costs, _), *_ in looks]
    longest = max([2, *(len(track.costs) for track, *_ in looks)])
    wanted = (axes.transData.transform(ends)[:, 1] - box.y0) / box.height * points
    heights = np.array([_label_height(track) for track, *_ in looks])
    for (track, colour, dashes), end, height in zip(looks, ends, _spread(wanted, heights, points), strict=True):
        axes.text(1.07, height / points, track.label, transform=axes.transAxes, verticalalignment="center")
        if len(track.costs):
            marker = "x" if track.diverged else "o"
            axes.scatter([end[0]], [end[1]], s=22, color=colour, marker=marker, clip_on=False, zorder=3)
        if len(track.costs) and track.label:
            look = (colour, dashes) if len(track.costs) > 0.98 * longest else (FAINT, ":")
            line = {"arrowstyle": "-", "shrinkA": 0, "shrinkB": 0, "color": look[0], "linestyle": look[1]}
            axes.annotate("", end, (1.055, height / points), "data", "axes fraction", line, annotation_clip=False)


def _spread(wanted: Floats, heights: Floats, total: float) -> Floats:
    """Centres of boxes that do not overlap, in the same order as the wanted centres and as near to them as can be.

    Boxes that would touch move as one to the mean of what they want (pool adjacent violators, Ayer et al. 1955).

    Args:
        wanted: (n,) centres.
        heights: (n,) of the boxes.
        total: they lie between 0 and this, the outermost by their centres.

    Returns:
        (n,) centres, in the order of ``wanted``.
    """
    order = np.argsort(wanted, kind="stable")
    stacked = np.cumsum(heights[order]) - heights[order] / 2  # the centres when all boxes lie on the floor
    blocks: list[tuple[float, int]] = []
    for lift in wanted[order] - stacked:
        blocks.append((float(lift), 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (below, n), (above, k) = blocks[-2:]
            blocks[-2:] = [((below * n + above * k) / (n + k), n + k)]
    lifts = np.repeat([lift for lift, _ in blocks], [n for _, n in blocks])
    centres = np.empty(len(wanted))
    centres[order] = stacked + lifts.clip(-stacked[0], max(total - stacked[-1], -stacked[0]))
    return centres


@house_style()
def sigmoid_curve(*, axes: Axes | None = None) -> Figure:
    """The sigmoid and its slope from −8 to 8.

    Args:
        axes: where to draw instead of in a new figure.

    Returns:
        The figure: one pair of axes, two lines.
    """
    figure, panel = titled_axes(
        axes, "The sigmoid turns any number into one between 0 and 1; its slope is at most ¼", 3.8
    )
    z = np.linspace(-8, 8, 321)
    a = sigmoid(z)
    panel.hlines([0.5, 0.25], -8, 0, color=FAINT, linestyle=DASHES[2], linewidth=0.9)
    panel.vlines(0, 0, 0.5, color=FAINT, linestyle=DASHES[2], linewidth=0.9)
    panel.plot(z, a, color=BLUE)
    panel.plot(z, sigmoid_slope(z, a), color=ORANGE, linestyle=DASHES[1])
    panel.text(1.4, 0.72, "σ(z) = 1 / (1 + e⁻ᶻ)", color=BLUE)
    panel.text(1.0, 0.24, "slope σ′(z) = σ (1 − σ)", color=ORANGE)
    panel.set(xlabel="z", ylabel="σ and σ′", xlim=(-8, 8), ylim=(0, 1.02))
    panel.set_yticks([0, 0.25, 0.5, 1], ["0", "¼", "½", "1"])
    return settled(figure, axes)

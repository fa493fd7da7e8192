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
from layerlab.runs.verdict import goes_up

from .style import BLUE, COLOURS, DASHES, FAINT, ORANGE, house_style, lay_out, settled, titled_axes, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


UNIT = "cross-entropy, per example"
"""The unit of a classifier's costs."""

WINDOWS, FEWEST_SWINGING = 120, 60
"""A curve of at least the second number of costs that goes up and down is drawn as medians over the first number of
neighbourhoods."""


class Track(NamedTuple):
    """A curve of costs up to its first one that is not finite.

    Attributes:
        label: its name, wrapped, with a note where it diverged, oscillates or is empty.
        costs: (n,), all finite.
        diverged: whether a cost that is not finite followed.
        swings: whether it goes up and down so often that a line through every cost would be a blot.
    """

    label: str
    costs: Floats
    diverged: bool
    swings: bool


@house_style()
def cost_curves(
    curves: Mapping[str, NDArray[Any]],
    *,
    every: int = 1,
    title: str = "The cost at each iteration of training",
    unit: str = UNIT,
    bands: Mapping[str, tuple[NDArray[Any], NDArray[Any]]] | None = None,
    notes: bool = True,
    axes: Axes | None = None,
) -> Figure:
    """Draw costs over the iterations: a curve for each training, its name next to its end.

    The axis of costs is logarithmic where they span more than two decades. It reaches up to ten times a curve's first
    cost, with bands up to twice. A dot marks a curve's last cost, a triangle a last cost above the axis. A curve ends
    at its first value that is not finite, and its name says that it diverged.

    A curve that goes up and down all the time would be a blot. Its line is the median of some neighbouring costs, a
    light area reaches from the lowest to the highest of them, and its name says that it oscillates.

    Args:
        curves: the costs (n,) of each curve by its name, such as ``run.history.costs``; the lengths may differ. A name
            may be empty.
        every: iterations from one cost to the next; the first cost is that of iteration 0.
        title: title of the figure; "" for none.
        unit: the unit of the costs.
        bands: by the same names, the lowest and the highest of the costs that the curve stands for, each (n,); infinite
            if one of them diverged. They are drawn as a light area in the curve's colour.
        notes: False if the names already say which curves diverged or oscillated.
        axes: the axes to draw into; None for a new figure.

    Returns:
        The figure: one pair of axes, a line for each of ``curves`` in their order; long ones keep their extremes.

    Raises:
        InputError: there is no curve, or its costs are not (n,).
    """
    if not curves:
        raise InputError("no curve to draw: wanted at least one name with its costs")
    bands = bands or {}
    tracks = [track_of(name, costs, notes=notes) for name, costs in curves.items()]
    figure, panel = titled_axes(axes, title, height=max(3.8, 1.3 + sum(map(_label_height, tracks)) / 72))
    scale_axes(panel, tracks, bands, every)
    logarithmic = ", log scale" if panel.get_yscale() == "log" else ""
    panel.set(xlabel="iteration", ylabel=f"cost ({unit}{logarithmic})")
    tracks = [_with_hidden_end(track, panel.get_ylim()[1]) for track in tracks]
    looks = list(zip(tracks, cycle(COLOURS), cycle(DASHES), strict=False))
    for name, (track, colour, dashes) in zip(curves, looks, strict=True):
        draw_track(panel, track, every, bands.get(name), colour, dashes, bins=min(500, 5000 // len(tracks) + 1))
    lay_out(figure)  # the names need to know how high the axes are
    _label_ends(panel, looks, every)
    return settled(figure, axes)


def scale_axes(
    axes: Axes, tracks: Sequence[Track], bands: Mapping[str, tuple[NDArray[Any], NDArray[Any]]], every: int
) -> None:
    """Set limits, scales and ticks of the axes of iterations and costs, for these curves and bands."""
    from matplotlib.ticker import MaxNLocator

    longest = max(len(track.costs) for track in tracks)
    last = every * (longest if longest >= 100 else longest - 1)  # 5000 is a rounder end than 4999
    axes.set_xlim((0, last) if longest > 1 else (-0.5, 0.5))
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
    lows = [track_of(name, low) for name, (low, _) in bands.items()]
    _scale_costs(axes, [*tracks, *lows], reach=2 if bands else 10)


def draw_track(
    axes: Axes,
    track: Track,
    every: int,
    band: tuple[NDArray[Any], NDArray[Any]] | None,
    colour: str,
    dashes: Any = "solid",
    bins: int = 500,
    area: bool = True,
) -> None:
    """Draw a curve, and a light area for its band or, where it has none and swings, for its own swings."""
    costs, look = track.costs, {"color": colour, "linestyle": dashes}
    if band is not None:
        _draw_band(axes, *band, colour, every)
    if not track.swings:
        chosen = _thinned(costs, bins)
        axes.plot(every * chosen, costs[chosen], **look)
        return
    edges = np.linspace(0, len(costs), min(WINDOWS, len(costs) // 4) + 1).astype(np.int64)
    windows = [costs[a:b] for a, b in pairwise(edges.tolist())]
    middles = (edges[:-1] + edges[1:] - 1) / 2
    if area and band is None:
        low, high = (np.array([of(window) for window in windows]) for of in (np.min, np.max))
        axes.fill_between(every * middles, low, high, color=colour, alpha=0.3, linewidth=0, zorder=1)
    medians = [float(np.median(window)) for window in windows]
    axes.plot(every * np.append(0, middles), [costs[0], *medians], **look)


def _draw_band(axes: Axes, low: Floats, high: Floats, colour: str, every: int) -> None:
    """Draw a light area from the lowest to the highest costs; what lies far above the axes is cut off."""
    far = 1e3 * max(abs(axes.get_ylim()[1]), 1.0)
    low, high = np.minimum(low, far), np.minimum(high, far)
    chosen = np.union1d(_thinned(low, bins=300), _thinned(high, bins=300))
    axes.fill_between(every * chosen, low[chosen], high[chosen], color=colour, alpha=0.18, linewidth=0, zorder=0)


def track_of(name: str, costs: NDArray[Any], *, notes: bool = True) -> Track:
    """Cut a curve off at its first cost that is not finite, and label it.

    Raises:
        InputError: the costs are not (n,).
    """
    costs = np.asarray(costs, np.float64)
    if costs.ndim != 1:
        raise InputError(f"the costs of {name!r} have the shape {costs.shape}: wanted one number an iteration, (n,)")
    finite = np.isfinite(costs)
    length = len(costs) if finite.all() else int(finite.argmin())
    swings = length >= FEWEST_SWINGING and goes_up(costs[:length])
    note = ""
    if not len(costs):
        note = "(no\N{NO-BREAK SPACE}iteration)"
    elif notes:
        note = "(diverged)" if length < len(costs) else "(oscillates)" if swings else ""
    return Track(wrapped(f"{name} {note}".strip(), 1.7), costs[:length], length < len(costs), swings)


def _with_hidden_end(track: Track, top: float) -> Track:
    """Return the curve; if its last cost lies above the axis, its label gives that cost."""
    if track.diverged or not len(track.costs) or track.costs[-1] <= top:
        return track
    return track._replace(label=f"{track.label}\n↑ ends at {track.costs[-1]:.3g}".lstrip())


def _label_height(track: Track) -> float:
    """Return the height of a curve's label, in points."""
    return 11.5 * (track.label.count("\n") + 1) + 3


def _thinned(costs: Floats, bins: int) -> NDArray[np.int64]:
    """Return the indices of the lowest and the highest cost in each bin, and of the first and the last cost.

    Args:
        costs: (n,).
        bins: number of parts of the curve, about one per pixel.
    """
    if len(costs) <= 2 * bins:
        return np.arange(len(costs))
    edges = np.linspace(0, len(costs), bins + 1).astype(np.int64)
    kept = {0, len(costs) - 1}
    for low, high in pairwise(edges.tolist()):
        kept |= {low + int(costs[low:high].argmin()), low + int(costs[low:high].argmax())}
    return np.array(sorted(kept))


def _scale_costs(axes: Axes, tracks: Sequence[Track], reach: float) -> None:
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


def _label_ends(axes: Axes, looks: Sequence[tuple[Track, str, Any]], every: int) -> None:
    """Mark each curve's end, and write its name to the right of the axes, moved up or down where names would touch.

    A dot stands where the last cost is. Where this lies above the axis, a triangle points up to it.
    """
    box, (_, top) = axes.get_window_extent(), axes.get_ylim()
    points = box.height * 72 / axes.figure.dpi
    ends = [
        (every * (len(track.costs) - 1), min(track.costs[-1], top)) if len(track.costs) else (0, top)
        for track, *_ in looks
    ]
    longest = max([2, *(len(track.costs) for track, *_ in looks)])
    wanted = (axes.transData.transform(ends)[:, 1] - box.y0) / box.height * points
    heights = np.array([_label_height(track) for track, *_ in looks])
    for (track, colour, dashes), end, height in zip(looks, ends, _spread(wanted, heights, points), strict=True):
        axes.text(1.07, height / points, track.label, transform=axes.transAxes, verticalalignment="center")
        if len(track.costs):
            marker = "^" if track.costs[-1] > top else "x" if track.diverged else "o"
            axes.scatter([end[0]], [end[1]], s=22, color=colour, marker=marker, clip_on=False, zorder=3)
        if len(track.costs) and track.label:
            look = (colour, dashes) if len(track.costs) > 0.98 * longest else (FAINT, ":")
            line = {"arrowstyle": "-", "shrinkA": 0, "shrinkB": 0, "color": look[0], "linestyle": look[1]}
            axes.annotate("", end, (1.055, height / points), "data", "axes fraction", line, annotation_clip=False)


def _spread(wanted: Floats, heights: Floats, total: float) -> Floats:
    """Return centres of boxes that do not overlap, in the same order as the wanted centres and as near as possible.

    Boxes that would touch move together to the mean of their wanted centres (pool adjacent violators, Ayer et al.
    1955).

    Args:
        wanted: (n,) centres.
        heights: (n,) heights of the boxes.
        total: all centres lie between 0 and this number.

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
    """Draw the sigmoid and its slope from −8 to 8.

    Args:
        axes: the axes to draw into; None for a new figure.

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

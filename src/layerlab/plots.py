"""Pictures, all in one style: costs, accuracies, mistakes, weights, decision boundaries, the sigmoid.

Each function returns a ``matplotlib.figure.Figure`` 7 inches wide; ``save`` writes it as PNG and SVG. Nothing is shown
on a screen and no global state is touched: ``pyplot`` is not used, and matplotlib is imported at the first picture.
Where ``axes`` is given, the picture is drawn into it, so that a notebook can put several side by side.
"""

from __future__ import annotations

import io
import math
import os
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .formulas import sigmoid, sigmoid_slope

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Predict = Callable[[Floats], NDArray[Any]]
"""Points (2, k) to (1, k): class numbers 0 and 1, or probabilities of class 1."""

WIDTH = 7.0
"""Of every picture, in inches."""

BLUE, VERMILLION, BLACK = "#0072B2", "#D55E00", "#000000"
COLOURS = (BLUE, VERMILLION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", BLACK)
"""Told apart by colour-blind eyes too (Okabe & Ito 2008)."""

DASHES: tuple[Any, ...] = ("solid", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)))
"""Line styles; with seven colours and four of these, 28 curves differ."""

TINTS = ("#FBE3D5", "#D3E6F2")
"""Behind the points of class 0 and class 1: their colours, vermillion and blue, mixed with much white."""

INK, FAINT = "#262626", "#8C8C8C"

STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": INK,
    "text.parse_math": False,  # a "$" in a name is a dollar
    "figure.titlesize": 11.5,
    "figure.constrained_layout.h_pad": 0.07,
    "figure.constrained_layout.w_pad": 0.07,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "figure.dpi": 150,
    "savefig.dpi": 150,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "layerlab",  # the same picture has the same bytes
}
"""matplotlib's own defaults, and these."""


@contextmanager
def _house_style() -> Iterator[None]:
    """matplotlib's defaults and ``STYLE``, whatever the user has set; the user's settings are back afterwards."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


# Costs


class _Track(NamedTuple):
    """A curve up to its first value that is not finite."""

    label: str
    costs: Floats
    diverged: bool


@_house_style()
def cost_curves(
    curves: Mapping[str, NDArray[Any]],
    *,
    every: int = 1,
    title: str = "The cost at each iteration of training",
    unit: str = "nats per example",
    axes: Axes | None = None,
) -> Figure:
    """Cost over iterations, one curve a name, its name beside its end.

    The axis of costs is logarithmic where they span more than two decades. A curve ends at its first value that is not
    finite and is called diverged; the axis then ends at ten times its first cost.

    Args:
        curves: name to costs (n,), such as ``run.history.costs``; the lengths may differ.
        every: iterations from one cost to the next; the first is of iteration 0.
        title: what one sees.
        unit: of the costs.
        axes: where to draw instead of in a new figure.

    Returns:
        The figure: one axes, one line a curve in the order of ``curves``, thinned where it is long, extremes kept.

    Raises:
        InputError: there is no curve, or its costs are not (n,).
    """
    from matplotlib.ticker import MaxNLocator

    if not curves:
        raise InputError("no curve to draw: wanted at least one name with its costs")
    tracks = [_track(name, np.asarray(costs, dtype=np.float64)) for name, costs in curves.items()]
    figure, panel = _canvas(axes, title, height=max(3.8, 1.3 + sum(map(_label_height, tracks)) / 72))
    longest = max(len(track.costs) for track in tracks)
    last = every * (longest if longest >= 100 else longest - 1)  # 5000 is a rounder end than 4999
    panel.set(xlabel="iteration", ylabel=f"cost ({unit})", xlim=(0, last) if longest > 1 else (-0.5, 0.5))
    panel.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
    _scale_costs(panel, tracks)
    looks = list(zip(tracks, cycle(COLOURS), cycle(DASHES), strict=False))
    for track, colour, dashes in looks:
        chosen = _thinned(track.costs, bins=min(500, 5000 // len(tracks) + 1))
        panel.plot(every * chosen, track.costs[chosen], color=colour, linestyle=dashes)
    figure.draw_without_rendering()  # the names need to know how high the axes are
    _label_ends(panel, looks, every)
    return _settled(figure, axes)


def _track(name: str, costs: Floats) -> _Track:
    if costs.ndim != 1:
        raise InputError(f"the costs of {name!r} have the shape {costs.shape}: wanted one number an iteration, (n,)")
    finite = np.isfinite(costs)
    length = len(costs) if finite.all() else int(finite.argmin())
    note = "(diverged)" if length < len(costs) else "" if length else "(no\N{NO-BREAK SPACE}iteration)"
    return _Track(_wrapped(f"{name} {note}".strip(), 1.7), costs[:length], length < len(costs))


def _label_height(track: _Track) -> float:
    """Of a curve's name, in points."""
    return 11.5 * (track.label.count("\n") + 1) + 3


def _thinned(costs: Floats, bins: int) -> NDArray[np.int64]:
    """Indices of about 2 · bins costs at most: the lowest and the highest in each bin, the first and the last.

    Args:
        costs: (n,).
        bins: about one a pixel.
    """
    if len(costs) <= 2 * bins:
        return np.arange(len(costs))
    edges = np.linspace(0, len(costs), bins + 1).astype(np.int64)
    kept = {0, len(costs) - 1}
    for low, high in pairwise(edges.tolist()):
        kept |= {low + int(costs[low:high].argmin()), low + int(costs[low:high].argmax())}
    return np.array(sorted(kept))


def _scale_costs(axes: Axes, tracks: Sequence[_Track]) -> None:
    """Limits of the axis of costs, and its scale."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    drawn = [track for track in tracks if len(track.costs)]
    if not drawn:
        return
    low = min(track.costs.min() for track in drawn)
    high = max(min(track.costs.max(), 10 * track.costs[0] if track.diverged else math.inf) for track in drawn)
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
    """A mark at each curve's end, and right of the axes its name, moved up or down where names would touch."""
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
            look = (colour, dashes) if len(track.costs) > 0.98 * longest else (FAINT, ":")
            line = {"arrowstyle": "-", "shrinkA": 0, "shrinkB": 0, "color": look[0], "linestyle": look[1]}
            axes.annotate("", end, (1.055, height / points), "data", "axes fraction", line, annotation_clip=False)


def _spread(wanted: Floats, heights: Floats, total: float) -> Floats:
    """Centres of boxes, as near to those wanted as can be without overlap and in the same order.

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


# Accuracies


@_house_style()
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
    names = [_wrapped(name, 2.2) for name, _, _ in rows]
    height = 1.55 + sum(0.14 + 0.16 * (name.count("\n") + 1) for name in names)
    figure, axes = _canvas(None, title, height)
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
    return _settled(figure)


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


# Images


@_house_style()
def mislabelled(
    images: NDArray[Any],
    predicted: Sequence[str],
    truth: Sequence[str],
    probabilities: Sequence[float] | None = None,
    *,
    title: str = "What the network takes for something else",
    most: int = 24,
    figure: Figure | None = None,
) -> Figure:
    """The pictures a network got wrong, those it was surest of first, with its answer and the right one.

    Args:
        images: (k, height, width), (k, height, width, 1) or (k, height, width, 3): bytes, or numbers from 0 to 1.
        predicted: k class names, the network's answers.
        truth: k class names, the right ones.
        probabilities: k numbers from 0 to 1 that the network gave its answers; None leaves them out and keeps the order.
        title: what one sees; "24 of 31" is added where some are left out.
        most: pictures to show.
        figure: cleared, resized and drawn into, instead of a new one.

    Returns:
        The figure: one axes a picture, the caption its x label.

    Raises:
        InputError: the four do not belong together, or ``most`` is below 1.
    """
    _check_most(most)
    k = len(images)
    sure = np.ones(k) if probabilities is None else np.asarray(probabilities, dtype=np.float64)
    if not len(predicted) == len(truth) == len(sure) == k:
        raise InputError(
            f"{k} images, {len(predicted)} predicted names, {len(truth)} true names, {len(sure)} probabilities: "
            f"wanted as many of each"
        )
    if k == 0:
        return _nothing(title, "There is no mistake to show: every example got its right label.", figure)
    if k > most:
        title = f"{title} ({most} of {k}{'' if probabilities is None else ', the surest first'})"
    columns = 6 if all(len(word) < 9 for name in (*predicted, *truth) for word in name.split()) else 4
    surest = np.argsort(-sure, kind="stable")[:most]
    shares = ["" if probabilities is None else f" ({_sure(sure[i])})" for i in surest]
    captions = [
        "\n".join(
            _wrapped(line, WIDTH / columns - 0.12, 9)
            for line in (f"predicted: {predicted[i]}{share}", f"is: {truth[i]}")
        )
        for i, share in zip(surest, shares, strict=True)
    ]
    return _settled(_gallery([_pixels(images[i]) for i in surest], captions, columns, title, figure=figure)[0])


def _check_most(most: int) -> None:
    if most < 1:
        raise InputError(f"most={most}: wanted at least one picture")


def _sure(probability: float) -> str:
    """A probability in per cent, in one piece; a mistake is never 100 % sure."""
    text = "> 99 %" if probability > 0.995 else f"{100 * probability:.0f} %"
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _pixels(image: NDArray[Any]) -> Floats:
    """Whole numbers to 255, or shares, as shares from 0 to 1; a last axis of length 1 is dropped."""
    shares = np.asarray(image, dtype=np.float64) / (255 if np.asarray(image).dtype.kind in "ui" else 1)
    return (shares[..., 0] if shares.ndim == 3 and shares.shape[2] == 1 else shares).clip(0, 1)


def _gallery(
    images: Sequence[Floats],
    captions: Sequence[str],
    columns: int,
    title: str,
    *,
    figure: Figure | None = None,
    margin: float = 0,
    **how: Any,
) -> tuple[Figure, list[Axes]]:
    """Images in a grid, a caption under each; ``how`` they are drawn is black to white from 0 to 1 if not said.

    Args:
        images: each (height, width) or (height, width, 3).
        captions: as many.
        columns: images in a row.
        title: of the figure.
        figure: to draw into, instead of a new one.
        margin: kept free at the right, in inches.
        how: arguments of ``imshow``.

    Returns:
        The figure, not laid out yet, and the axes of each image.
    """
    rows = math.ceil(len(images) / columns)
    side = min((WIDTH - margin) / columns - 0.15, 1.5)
    text = 0.15 * max(caption.count("\n") + 1 for caption in captions) + 0.14
    figure = _figure(title, 0.45 + rows * (min(side * images[0].shape[0] / images[0].shape[1], 2.5) + text), figure)
    grid = figure.add_gridspec(rows, columns)
    places = [figure.add_subplot(grid[divmod(i, columns)], anchor="SW") for i in range(len(images))]
    for axes, image, caption in zip(places, images, captions, strict=True):
        axes.imshow(image, **{"cmap": "gray", "vmin": 0, "vmax": 1, "interpolation": "none", **how})
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.set_xlabel(caption, loc="left", fontsize=9, linespacing=1.15)
    return figure, places


def _nothing(title: str, sentence: str, figure: Figure | None) -> Figure:
    figure = _figure(title, 1.2, figure)
    figure.text(0.5, 0.4, sentence, horizontalalignment="center", verticalalignment="center")
    return _settled(figure)


# Weights


@_house_style()
def first_layer_weights(W1: NDArray[Any], image_shape: Sequence[int], *, title: str, most: int = 24) -> Figure:
    """The weights of each unit of the first layer, laid out as the image they look at.

    Grey images: blue is below 0, white is 0, vermillion above, on one scale for all units. Images in colours: each
    channel is 0.5 + w / (2 max |w|), the largest of all units shown, so that mid grey is 0.

    Args:
        W1: (n, n_x), a row a unit.
        image_shape: (height, width), (height, width, 1) or (height, width, 3), n_x numbers in all.
        title: what one sees; "24 of 32 units" is added where some are left out.
        most: units to show, the first ones.

    Returns:
        The figure: one axes a unit, its number the x label, and for grey images one more with the scale.

    Raises:
        InputError: the weights do not fit the shape, or are not finite, or ``most`` is below 1.
    """
    _check_most(most)
    _check_weights(W1, tuple(image_shape))
    weights = np.asarray(W1[:most], dtype=np.float64)
    if len(W1) > most:
        title = f"{title} (the first {most} of {len(W1)} units)"
    captions = [f"unit {i + 1}" for i in range(len(weights))]
    largest = float(np.abs(weights).max()) or 1.0
    if len(image_shape) == 3 and image_shape[2] == 3:
        colours = (0.5 + weights / (2 * largest)).reshape(-1, *image_shape)
        figure, _ = _gallery(list(colours), captions, 6, title)
        note = f"Each channel is 0.5 + w / (2 max |w|): mid grey is weight 0; max |w| of these units is {largest:.2g}."
        figure.set_figheight(figure.get_figheight() + 0.3)
        figure.supxlabel(note, x=0.01, horizontalalignment="left", fontsize=9)
    else:
        scale = {"cmap": _diverging(), "vmin": -largest, "vmax": largest}
        figure, places = _gallery(list(weights.reshape(-1, *image_shape[:2])), captions, 6, title, margin=0.95, **scale)
        figure.colorbar(places[0].images[0], ax=places, label="weight", aspect=30, fraction=0.04)
    return _settled(figure)


def _check_weights(W1: NDArray[Any], image_shape: tuple[int, ...]) -> None:
    if W1.ndim != 2 or W1.shape[1] != math.prod(image_shape) or image_shape[2:] not in ((), (1,), (3,)):
        raise InputError(
            f"W1 has the shape {W1.shape} and an image {image_shape}: wanted (n, n_x) and (height, width) or (height, "
            f"width, 3), n_x numbers in all"
        )
    if not np.isfinite(W1).all():
        raise InputError("some weights are no finite numbers, the training diverged: train with a lower learning rate")


def _diverging() -> Any:
    """Blue, white in the middle, vermillion."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("weights", [BLUE, "#FFFFFF", VERMILLION])


# Decision boundaries


@_house_style()
def decision_boundary(
    predict: Predict,
    X: Floats,
    Y: Floats,
    *,
    title: str = "How the network divides the plane",
    class_names: Sequence[str] = ("class 0", "class 1"),
    axes: Axes | None = None,
) -> Figure:
    """The plane as a network divides it, and the points it learned from.

    Args:
        predict: such as ``run.predict_proba``, or ``run.predict``, which gives a slightly rougher line.
        X: (2, m) points.
        Y: (1, m), 0 or 1.
        title: what one sees.
        class_names: of 0 and 1.
        axes: where to draw instead of in a new figure.

    Returns:
        The figure: one axes with the class names in its legend.

    Raises:
        InputError: the points do not lie in a plane, there are not two classes, or ``predict`` gives no (1, k).
    """
    _check_plane(X, Y, class_names)
    figure, panel = _canvas(axes, title, height=5.6)
    _draw_regions(panel, predict, X)
    _draw_points(panel, X, Y, class_names, size=5, rasterized=X.shape[1] > 2000)
    panel.set(xlabel="x1", ylabel="x2")
    panel.legend(loc="upper left", bbox_to_anchor=(1, 1), handletextpad=0.2)
    return _settled(figure, axes)


@_house_style()
def decision_boundaries(
    panels: Sequence[tuple[str, Predict]], X: Floats, Y: Floats, *, title: str, class_names: Sequence[str]
) -> Figure:
    """The same points divided by several networks, side by side; a place that is left over shows the points alone.

    Args:
        panels: name and ``predict`` of each network.
        X: (2, m) points.
        Y: (1, m), 0 or 1.
        title: what one sees.
        class_names: of 0 and 1.

    Returns:
        The figure: one axes a network, in their order, at most four in a row.

    Raises:
        InputError: no panel, or as ``decision_boundary``.
    """
    if not panels:
        raise InputError("no network to draw: wanted at least one panel of a name and its predict")
    _check_plane(X, Y, class_names)
    columns = min(4, len(panels))
    rows = math.ceil(len(panels) / columns)
    names = [_wrapped(name, WIDTH / columns - 0.4) for name, _ in panels]
    lines = max(name.count("\n") + 1 for name in names)
    figure = _figure(title, height=0.95 + rows * (min(WIDTH / columns - 0.2, 4) + 0.16 * lines))
    places = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)
    for panel, name, (_, predict) in zip(places, names, panels, strict=False):
        _draw_regions(panel, predict, X)
        panel.set_title(name)
    for panel in places[len(panels) : len(panels) + 1]:
        panel.set_title("the points alone")
    for panel in places[len(panels) + 1 :]:
        panel.remove()
    size = 5 if columns == 1 else 8 / columns
    _draw_points_in_all(places[: len(panels) + 1], columns, X, Y, class_names, size)
    handles = places[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower left", ncols=2, handletextpad=0.2, markerscale=5 / size)
    return _settled(figure)


def _draw_points_in_all(
    places: Sequence[Axes], columns: int, X: Floats, Y: Floats, class_names: Sequence[str], size: float
) -> None:
    """The points in each of the axes, and numbers and names on the outer ones."""
    for i, panel in enumerate(places):
        _draw_points(panel, X, Y, class_names, size=size, rasterized=X.shape[1] * len(places) > 2000)
        lowest, leftmost = i + columns >= len(places), i % columns == 0
        panel.tick_params(labelbottom=lowest, labelleft=leftmost)
        panel.set(xlabel="x1" if lowest else "", ylabel="x2" if leftmost else "")


def _check_plane(X: Floats, Y: Floats, class_names: Sequence[str]) -> None:
    if X.ndim != 2 or X.shape[0] != 2 or Y.shape != (1, X.shape[1]) or len(class_names) != 2:
        raise InputError(
            f"X of shape {X.shape}, Y of shape {Y.shape}, {len(class_names)} class names: wanted points (2, m), "
            f"labels (1, m) and two names"
        )


def _draw_regions(axes: Axes, predict: Predict, X: Floats, steps: int = 300) -> None:
    """Tints where ``predict`` says 0 and 1, a thin line between; the axes reach a little beyond the points."""
    low, high = X.min(axis=1), X.max(axis=1)
    room = np.where(high > low, 0.06 * (high - low), 1.0)
    x1, x2 = (np.linspace(a, b, steps) for a, b in zip(low - room, high + room, strict=True))
    grid = np.stack([array.ravel() for array in np.meshgrid(x1, x2)])  # (2, steps²)
    answers = np.asarray(predict(grid), dtype=np.float64)
    if answers.shape != (1, steps**2):
        raise InputError(f"predict gives {answers.shape} for points {grid.shape}: wanted one row, (1, {steps**2})")
    answers = answers.reshape(steps, steps)
    tints = axes.contourf(x1, x2, answers, levels=[-np.inf, 0.5, np.inf], colors=TINTS)
    tints.set_rasterized(True)  # in an SVG, thousands of corners as one small image
    if answers.min() <= 0.5 < answers.max():
        axes.contour(x1, x2, answers, levels=[0.5], colors=[FAINT], linewidths=0.8)


def _draw_points(
    axes: Axes, X: Floats, Y: Floats, class_names: Sequence[str], *, size: float, rasterized: bool = False
) -> None:
    """Class 0 as vermillion discs, class 1 as blue triangles; x1 and x2 on one scale unless that makes a sliver."""
    from matplotlib.ticker import MaxNLocator

    for label, (name, colour, marker) in enumerate(zip(class_names, (VERMILLION, BLUE), "o^", strict=True)):
        look: dict[str, Any] = {"markersize": size, "markeredgewidth": 0, "rasterized": rasterized}
        axes.plot(*X[:, Y[0] == label], marker, color=colour, label=name, **look)
    spans = np.ptp(X, axis=1)
    axes.set_aspect("equal" if spans.max() < 4 * spans.min() else "auto")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 4, 5, 10]))


# The sigmoid


@_house_style()
def sigmoid_curve(*, axes: Axes | None = None) -> Figure:
    """The sigmoid and its slope from −8 to 8.

    Args:
        axes: where to draw instead of in a new figure.

    Returns:
        The figure: one axes, two lines.
    """
    figure, panel = _canvas(axes, "The sigmoid turns any number into one between 0 and 1; its slope is at most ¼", 3.8)
    z = np.linspace(-8, 8, 321)
    a = sigmoid(z)
    panel.hlines([0.5, 0.25], -8, 0, color=FAINT, linestyle=DASHES[2], linewidth=0.9)
    panel.vlines(0, 0, 0.5, color=FAINT, linestyle=DASHES[2], linewidth=0.9)
    panel.plot(z, a, color=BLUE)
    panel.plot(z, sigmoid_slope(z, a), color=VERMILLION, linestyle=DASHES[1])
    panel.text(1.4, 0.72, "σ(z) = 1 / (1 + e⁻ᶻ)", color=BLUE)
    panel.text(1.0, 0.24, "slope σ′(z) = σ (1 − σ)", color=VERMILLION)
    panel.set(xlabel="z", ylabel="σ and σ′", xlim=(-8, 8), ylim=(0, 1.02))
    panel.set_yticks([0, 0.25, 0.5, 1], ["0", "¼", "½", "1"])
    return _settled(figure, axes)


# Files


@_house_style()
def save(figure: Figure, folder: str | Path, name: str) -> tuple[Path, Path]:
    """The figure as ``name.png`` (150 dots an inch) and ``name.svg`` (text as text); the same figure, the same bytes.

    Each file appears whole or not at all, in the place of an older one.

    Args:
        figure: any of these functions' result.
        folder: made if it is not there.
        name: of the files, without ending.

    Returns:
        The two paths, PNG first.

    Raises:
        InputError: the folder cannot be written to, or the name is a path.
    """
    folder = Path(folder)
    if not name or Path(name).name != name:
        raise InputError(f"name={name!r}: wanted a file name without folder and ending, such as 'costs'")
    paths = folder / f"{name}.png", folder / f"{name}.svg"
    for path, metadata in zip(paths, ({"Software": None}, {"Date": None, "Creator": None}), strict=True):
        picture = io.BytesIO()
        figure.savefig(picture, format=path.suffix[1:], metadata=metadata, dpi=150 if path.suffix == ".png" else 300)
        _write(path, picture.getvalue())
    return paths


def _write(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.write_bytes(content)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error}); name a folder that can be written to") from error


# The frame of every picture


def _figure(title: str, height: float, given: Figure | None = None) -> Figure:
    """An empty figure, its title flush left.

    Args:
        title: wrapped where it is long, and the figure then higher.
        height: in inches, for a title of one line.
        given: emptied and resized, instead of a new one.
    """
    from matplotlib.figure import Figure

    title = _wrapped(title, WIDTH - 0.2, size=STYLE["figure.titlesize"])
    figure = given or Figure()
    figure.clear()
    figure.set_size_inches(WIDTH, height + 0.19 * title.count("\n"))
    figure.set_layout_engine("constrained")
    figure.suptitle(title, x=0.01, horizontalalignment="left")
    return figure


def _canvas(axes: Axes | None, title: str, height: float) -> tuple[Figure, Axes]:
    """The given axes and their figure, or new ones."""
    if axes is None:
        figure = _figure(title, height)
        return figure, figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(_wrapped(title, axes.get_window_extent().width / axes.figure.dpi), loc="left", parse_math=False)
    return axes.figure.figure, axes


def _settled(figure: Figure, given: Axes | None = None) -> Figure:
    """The figure laid out once and for all, so that every later drawing of it is the same.

    Args:
        figure: finished.
        given: axes that the caller gave; their figure is left as it is.
    """
    if given is None:
        figure.draw_without_rendering()
        figure.draw_without_rendering()  # once more, with the widths that the first time gave
        figure.set_layout_engine("none")
    return figure


def _wrapped(text: str, inches: float, size: float = 9.5) -> str:
    """Text in lines that are at most that wide in letters of that size (points); eight lines at most."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font, lines = FontProperties(size=size), [text]
    for letters in range(min(len(text), int(36 * inches)), 4, -1):
        lines = textwrap.wrap(text, letters, max_lines=8, placeholder=" …", break_on_hyphens=False)
        widths = [text_to_path.get_text_width_height_descent(line, font, ismath=False)[0] for line in lines]
        if max(widths, default=0) <= 72 * inches:
            break
    return "\n".join(lines)

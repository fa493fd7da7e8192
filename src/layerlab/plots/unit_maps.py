"""Unit maps: what each unit of a network with two inputs computes, at every point of the plane."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Part
from layerlab.errors import InputError
from layerlab.formulas import LayerCache, Parameters, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.network import Network

from .sheet import Sheet, across
from .style import (
    FAINT,
    INK,
    WIDTH,
    activation_colours,
    class_looks,
    house_style,
    settled,
    shades,
    tinted,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

STEPS = 200
"""Points of the grid along each axis."""

MOST_POINTS = 200
"""The largest number of points on the map of a hidden unit; if there are more, every second (third, …) one is drawn."""

AT_A_TIME = 2048
"""How many points are computed at a time: a wide network's values for all of them could fill the memory."""

MOST_OUTPUTS = 8
"""The largest number of outputs that are drawn."""

BOUNDED = {"tanh": 1.0, "sigmoid": 1.0}
"""Activations that have a largest value: it ends the scale of colours. For others, the largest value at the points
does."""


class _Plane(NamedTuple):
    """The points and the network that is drawn.

    Attributes:
        network: the network, with its output named.
        X, Y: (2, m) points, and (n_y, m) their labels or values.
        class_names: a name for each class.
        extent: left, right, lower and upper end of every map.
    """

    network: Network
    X: Floats
    Y: Floats
    class_names: tuple[str, ...]
    extent: tuple[float, float, float, float]


class _Layer(NamedTuple):
    """The units of a layer that are drawn.

    Attributes:
        units: their numbers, from 0.
        Z, A: (units, STEPS, STEPS), before and after the activation, on the grid.
        at_points: (units, k), after the activation, at points.
    """

    units: NDArray[np.int64]
    Z: Floats
    A: Floats
    at_points: Floats


@house_style()
def unit_maps(
    network: Network,
    parameters: Parameters,
    part: Part | tuple[Floats, Floats],
    *,
    title: str = "What each unit sees of the plane, layer by layer",
    class_names: Sequence[str] = (),
    axis_names: Sequence[str] = ("x1", "x2"),
    examples: str = "training examples",
    most: int = 12,
) -> Figure:
    """Draw what each unit of a network with two inputs computes at every point of the plane, and last its output.

    Each hidden unit is a small map of its activation: green above 0, purple below, on one scale for all units of a
    layer. A thin line shows where the unit's z is 0. In the first layer this line is straight; a later layer combines
    the maps above it. The output shows the probability of a class, with a line at 0.5; of a regression it shows the
    value.

    Args:
        network: the network, with two inputs and at least one hidden layer, its output named.
        parameters: ``W1 b1 … WL bL``, such as ``run.parameters``.
        part: X (2, m), the points, and Y (n_y, m), labels as 0 and 1 or one-hot, or the values of a regression; such
            as ``data.train``.
        title: title of the figure.
        class_names: the names of the classes; empty for "class 0" and so on.
        axis_names: the names of the two inputs.
        examples: which examples the points are.
        most: units to show of each layer, at least 1. Of a wider layer those are shown that matter most: by how much
            the activation differs over the points, times the length of the unit's outgoing weights.

    Returns:
        The figure: a pair of axes for each unit, layer by layer, and one for each output, at most eight; then one for
        each scale of colours.

    Raises:
        InputError: the network has another number of inputs than two, or no hidden layer; the points do not fit it; the
            parameters are not finite; or ``most`` is below 1.

    Example:
        >>> import layerlab
        >>> from layerlab import plots
        >>> flower = layerlab.datasets.load_flower()
        >>> run = layerlab.train(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2, iterations=300)
        >>> figure = plots.unit_maps(run.network, run.parameters, flower.train, class_names=flower.class_names)
        >>> print(*(axes.get_xlabel().partition(",")[0] for axes in figure.axes[:5]))
        unit 1 unit 2 unit 3 unit 4 x1
    """
    X, Y = part
    _check(network, parameters, X, Y, most)
    names = tuple(class_names) or tuple(f"class {k}" for k in range(max(2, len(Y))))
    plane = _Plane(network, X, Y, names, extent_of(X))
    *hidden, output = _layers(plane, parameters, most)
    sheet = Sheet([len(layer.units) for layer in hidden], len(output.units), title)
    last = parameters[f"W{len(hidden) + 1}"]
    for number, layer in enumerate(hidden, start=1):
        weights = last[0] if number == len(hidden) and len(last) == 1 else None
        _draw_layer(sheet, plane, number, layer, weights)
    _draw_output(sheet, plane, output, axis_names)
    _explain(sheet, plane, examples, weighed=len(last) == 1)
    sheet.draw_scales()
    return settled(sheet.figure)


def _check(network: Network, parameters: Parameters, X: Floats, Y: Floats, most: int) -> None:
    if network.layer_dims[0] != 2 or len(network.layer_dims) < 3:
        raise InputError(
            f"a network of layers {'-'.join(map(str, network.layer_dims))}: wanted two inputs and at least one hidden "
            f"layer; without a hidden layer, decision_boundary shows all that there is"
        )
    if X.ndim != 2 or X.shape[0] != 2 or Y.shape != (network.layer_dims[-1], X.shape[1]) or not X.size:
        raise InputError(
            f"X has the shape {X.shape} and Y {Y.shape}: wanted (2, m) and ({network.layer_dims[-1]}, m), m at least 1"
        )
    if not all(np.isfinite(value).all() for value in parameters.values()):
        raise InputError("some weights are no finite numbers, the training diverged: train with a lower learning rate")
    if most < 1:
        raise InputError(f"most={most}: wanted at least one unit of each layer")


def extent_of(X: Floats) -> tuple[float, float, float, float]:
    """Return the ends of the maps, a little beyond the points; x1 and x2 have one scale unless one would be tiny."""
    low, high = X.min(axis=1), X.max(axis=1)
    spans = np.where(high > low, high - low, 1.0)
    half = 0.56 * (np.full(2, spans.max()) if spans.max() < 4 * spans.min() else spans)
    middle = (low + high) / 2
    (left, lower), (right, upper) = (middle - half).tolist(), (middle + half).tolist()
    return left, right, lower, upper


def _layers(plane: _Plane, parameters: Parameters, most: int) -> list[_Layer]:
    """Return each layer's chosen units on the grid and at points; the last layer has predictions as activations."""
    network, (left, right, lower, upper) = plane.network, plane.extent
    some = plane.X[:, :: math.ceil(plane.X.shape[1] / AT_A_TIME)]
    Z, caches = network_forward(some, parameters, network.activations, first=network.first)
    chosen = [_chosen(cache, parameters[f"W{k}"], most) for k, cache in enumerate(caches[:-1], start=2)]
    chosen.append(np.arange(min(len(Z), MOST_OUTPUTS)))
    grid = np.meshgrid(np.linspace(left, right, STEPS), np.linspace(lower, upper, STEPS))
    points = np.stack([array.ravel() for array in grid])  # (2, STEPS²)
    blocks: list[list[Floats]] = [[] for _ in chosen]
    for start in range(0, points.shape[1], AT_A_TIME):
        Z, inner = network_forward(
            points[:, start : start + AT_A_TIME], parameters, network.activations, first=network.first
        )
        activations = [*(cache.A for cache in inner[:-1]), network.loss.prediction(Z)]
        for block, cache, A, units in zip(blocks, inner, activations, chosen, strict=True):
            block.append(np.stack([cache.Z[units], A[units]]))
    on_grid = [np.concatenate(block, axis=2).reshape(2, -1, STEPS, STEPS) for block in blocks]
    return [
        _Layer(units, maps[0], maps[1], cache.A[units])
        for units, maps, cache in zip(chosen, on_grid, caches, strict=True)
    ]


def _chosen(cache: LayerCache, W_next: Floats, most: int) -> NDArray[np.int64]:
    """Return the numbers of all units, or of the ``most`` units that matter most; the most important one is first."""
    if len(cache.A) <= most:
        return np.arange(len(cache.A))
    return np.argsort(-np.std(cache.A, axis=1) * np.linalg.norm(W_next, axis=0), kind="stable")[:most]


def _draw_layer(sheet: Sheet, plane: _Plane, number: int, layer: _Layer, weights: Floats | None) -> None:
    """Draw a heading, the maps of a layer's units in rows, and their scale at the right."""
    n, shown, activation = plane.network.layer_dims[number], len(layer.units), plane.network.activations[number - 1]
    few = f"{n} unit{'s' if n > 1 else ''}" if shown == n else f"the {shown} of {n} units that matter most"
    sheet.write(sheet.left, sheet.y, f"Layer {number}: activation of {few} ({activation})", weight="bold")
    sheet.y -= sheet.heading
    end = BOUNDED.get(activation) or float(np.abs(layer.at_points).max()) or 1.0
    for place, unit in enumerate(layer.units):
        row, column = divmod(place, across(shown))
        y = sheet.y - row * (sheet.side + sheet.caption)
        axes = sheet.axes(sheet.left + column * (sheet.side + sheet.gap), y, sheet.side, sheet.side)
        image = _draw_values(axes, layer.A[place], plane, activation_colours(), (-end, end))
        _draw_line(axes, layer.Z[place], 0.0, plane, 0.9)
        _draw_points(axes, plane, 2.2, every=_every(plane))
        axes.set(xticks=[], yticks=[])
        words = [f"unit {unit + 1}"]
        if not layer.at_points[place].any():
            words.append("0 at every point")
        elif weights is not None:
            words.append(f"weight {_number(round(weights[unit], 3), '+')}")
        axes.set_xlabel((", " if sheet.side > 1.3 else "\n").join(words), loc="left", fontsize=9, labelpad=3)
    low = [(-end, _number(-end))] if layer.A.min() < 0 else []
    right = sheet.left + across(shown) * (sheet.side + sheet.gap)
    sheet.scale(image, (right, sheet.y, 0.1, sheet.side), [*low, (0.0, "0"), (end, _number(end))])
    sheet.y -= math.ceil(shown / across(shown)) * (sheet.side + sheet.caption) + 0.1


def _draw_output(sheet: Sheet, plane: _Plane, output: _Layer, axis_names: Sequence[str]) -> None:
    """Draw a heading and the larger maps of the outputs; a single map has its scale at the right."""
    from matplotlib.ticker import MaxNLocator

    network, several = plane.network, len(output.units) > 1
    what = "predicted value"
    if network.classifies:
        what = "probability of each class" if several else f"probability of {plane.class_names[-1]}"
    sheet.write(sheet.left, sheet.y, wrapped(f"Output: {what}", WIDTH - 0.3), weight="bold")
    sheet.y -= sheet.heading
    for place, k in enumerate(output.units):
        row, column = divmod(place, sheet.output_columns)
        x = sheet.output_left + column * (sheet.output_side + sheet.gap)
        y = sheet.y - row * (sheet.output_side + sheet.output_caption)
        axes = sheet.axes(x, y, sheet.output_side, sheet.output_side)
        colours, low, high = output_colours(network, plane.Y, len(plane.class_names), int(k))
        image = _draw_values(axes, output.A[place], plane, colours, (low, high))
        if network.classifies:
            _draw_line(axes, output.A[place], 0.5, plane, 1.6)
        _draw_points(axes, plane, 2.6 if several else 3.8, values=None if network.classifies else (image, int(k)))
        last_row = place + sheet.output_columns >= len(output.units)
        axes.set(xlabel=axis_names[0] if last_row else "", ylabel=axis_names[1] if column == 0 else "")
        axes.tick_params(labelleft=column == 0, labelbottom=last_row)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 4, 5, 10]))
    if not several:
        ticks = [(at, _number(at)) for at in (low, (low + high) / 2, high)]
        sheet.scale(image, (sheet.output_left + sheet.output_side + 0.35, sheet.y - 0.85, 1.8, 0.11), ticks)


def output_colours(network: Network, Y: Floats, classes: int, k: int) -> tuple[Colormap, float, float]:
    """Return the colours of an output's map, and the ends of their scale.

    Args:
        network: the network, its output named.
        Y: (n_y, m), the labels or values of the points.
        classes: number of classes.
        k: number of the output, from 0.
    """
    from matplotlib import colormaps

    looks = class_looks(classes)
    if not network.classifies:
        low, high = float(Y[k].min()), float(Y[k].max())
        return colormaps["cividis"], low, high if high > low else low + 1
    if network.has_two_classes:
        return shades(tinted(looks[0][0], 0.5), "#FFFFFF", tinted(looks[1][0], 0.5)), 0.0, 1.0
    return shades("#FFFFFF", tinted(looks[k][0], 0.5)), 0.0, 1.0


def _draw_values(axes: Axes, values: Floats, plane: _Plane, colours: Colormap, ends: tuple[float, float]) -> AxesImage:
    """Draw values on the grid as colours."""
    how: dict[str, Any] = {"extent": plane.extent, "origin": "lower", "aspect": "auto", "interpolation": "none"}
    image = axes.imshow(values, cmap=colours, vmin=ends[0], vmax=ends[1], **how)
    axes.spines[:].set(visible=True, color=FAINT, linewidth=0.6)
    return image


def _draw_line(axes: Axes, values: Floats, level: float, plane: _Plane, width: float) -> None:
    """Draw where the values are at a level, if they are anywhere."""
    if values.min() <= level < values.max():
        axes.contour(values, [level], extent=plane.extent, origin="lower", colors=[INK], linewidths=width)


def _every(plane: _Plane) -> int:
    """Return k if every k-th point is drawn on the map of a hidden unit."""
    return max(1, math.ceil(len(plane.X[0]) / MOST_POINTS))


def _has_looks(plane: _Plane) -> bool:
    """Return whether each point has the look of its class; with several labels for each point, none has."""
    return plane.network.classifies and not plane.network.has_several_labels


def _draw_points(
    axes: Axes, plane: _Plane, size: float, every: int = 1, values: tuple[AxesImage, int] | None = None
) -> None:
    """Draw the points in the looks of their classes, or in the colours of their own values of an output."""
    X, Y = plane.X[:, ::every], plane.Y[:, ::every]
    many = X.shape[1] > 2000
    if values is not None:
        image, k = values
        how: dict[str, Any] = {
            "c": Y[k],
            "cmap": image.get_cmap(),
            "norm": image.norm,
            "edgecolors": INK,
            "linewidths": 0.5,
        }
        axes.scatter(X[0], X[1], s=14, rasterized=many, **how)
    elif not _has_looks(plane):
        axes.plot(*X, "o", color=INK, markersize=size, markeredgewidth=0, rasterized=many)
    else:
        labels = Y[0] if len(Y) == 1 else Y.argmax(axis=0)
        for k, (colour, marker) in enumerate(class_looks(len(plane.class_names))):
            look: dict[str, Any] = {"color": colour, "markersize": size, "markeredgewidth": 0, "rasterized": many}
            axes.plot(*X[:, labels == k], marker, **look)
    axes.set(xlim=plane.extent[:2], ylim=plane.extent[2:])


def _explain(sheet: Sheet, plane: _Plane, examples: str, *, weighed: bool) -> None:
    """Say which examples the points are and how to read the maps, to the right of one output or below several."""
    from matplotlib.lines import Line2D

    x, y = sheet.left, 1.15
    if beside := sheet.output_columns == 1:
        x, y = sheet.output_left + sheet.output_side + 0.35, sheet.y
    looks, names = class_looks(len(plane.class_names)), plane.class_names
    if not _has_looks(plane):
        looks, names = (
            [(INK, "o")],
            ("an example",) if plane.network.classifies else ("in the colour of its true value",),
        )
    look: dict[str, Any] = {"linestyle": "none", "markersize": 6, "markeredgewidth": 0}
    legend = sheet.figure.legend(
        [Line2D([], [], color=colour, marker=marker, **look) for colour, marker in looks],
        names,
        loc="upper left",
        bbox_to_anchor=(x / WIDTH, (y + 0.05) / sheet.height),
        title=examples,
        alignment="left",
        handletextpad=0.2,
        borderaxespad=0,
        borderpad=0,
        ncols=1 if beside else 4,
    )
    legend.get_title().set_fontsize(9.5)
    lines = _reading(plane, weighed=weighed)
    if beside:
        sheet.write(x, y - 1.3, "\n".join(wrapped(line, WIDTH - x - 0.25, 9) for line in lines), fontsize=9)
    else:
        sheet.write(x, 0.5, wrapped(" ".join(lines), WIDTH - 0.25, 9), fontsize=9)


def _reading(plane: _Plane, *, weighed: bool) -> list[str]:
    """Return sentences that say how to read the maps."""
    m = plane.X.shape[1]
    few = len(range(0, m, _every(plane)))
    lines = [
        f"Small maps: the activation of each unit{'' if few == m else f', with {few} of the {m:,} points'}.",
        "Green: above 0; purple: below.",
        "Thin line: z of the unit is 0.",
    ]
    if plane.network.classifies:
        lines.append("Thick line: the probability is 0.5.")
    if weighed:
        lines.append(
            "Weight: from this unit to the output. z of the output: weight × activation, summed over the units of the "
            "last hidden layer, plus a bias."
        )
    return lines


def _number(value: float, sign: str = "") -> str:
    return f"{value:{sign}.2g}".replace("-", "−") if value else "0"

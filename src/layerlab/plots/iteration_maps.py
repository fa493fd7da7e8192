"""One iteration of a network with two inputs: what each unit computes before the update, after it, and the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas import Parameters, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.training.dissection.anatomy import Anatomy

from .drawable import check_drawable, check_iteration
from .style import (
    FAINT,
    INK,
    WIDTH,
    activation_colours,
    class_looks,
    house_style,
    new_figure,
    settled,
    signed_colours,
    wrapped,
)
from .unit_maps import BOUNDED, extent_of, output_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEPS = 100
"""Points of the grid along each axis."""

MOST_COLUMNS = 6
"""The largest number of maps side by side; of more units, those whose activation changes most are drawn."""

MOST_POINTS = 400
"""The largest number of examples that are drawn as points on the maps of an output."""

ROWS = ("before", "after", "change")


@house_style()
def iteration_maps(
    anatomy: Anatomy,
    *,
    X: Floats | None = None,
    title: str = "",
    class_names: Sequence[str] = (),
    axis_names: Sequence[str] = ("x1", "x2"),
) -> Figure:
    """Draw what each unit of a network with two inputs computes before an update and after it, and the change.

    Each layer has three rows of maps. Of hidden units, green is an activation above 0, purple below; the thin line is
    where z is 0. The last layer shows the probability of a class, with a line at 0.5, or the predicted value. In the
    third row green means that the update made the value larger. One update changes little, so the third row has a scale
    of its own, whose end is written there.

    Args:
        anatomy: one iteration taken apart, as ``layerlab.dissect`` and ``Stepper.dissect`` return it.
        X: (2, k), points that the maps reach to, such as ``data.train.X``; None for the examples of this iteration.
        title: title of the figure; "" says which iteration it is.
        class_names: the names of the classes; empty for "class 0" and so on.
        axis_names: the names of the two inputs.

    Returns:
        The figure: for each layer three pairs of axes for each unit, at most six units.

    Raises:
        InputError: the network has another number of inputs than two, the update makes no step (L-BFGS), or some
            numbers are not finite or too large.

    Example:
        >>> import layerlab
        >>> from layerlab import plots
        >>> flower = layerlab.datasets.load_flower()
        >>> network = layerlab.Network([2, 4, 1], hidden="tanh")
        >>> s = layerlab.Stepper(network, flower, learning_rate=1.2, iterations=100)
        >>> figure = plots.iteration_maps(s.dissect(), class_names=flower.class_names)
        >>> print(len(figure.axes))
        15
    """
    check_iteration(anatomy)
    after = anatomy.new_parameters
    dims = anatomy.network.layer_dims
    if dims[0] != 2:
        raise InputError(f"a network of layers {'-'.join(map(str, dims))}: wanted two inputs, whose plane can be drawn")
    if after is None:
        raise InputError(f"this update makes no step that can be drawn: {' '.join(anatomy.notes)}")
    check_drawable(anatomy, (*anatomy.parameters.values(), *after.values()))
    shown = _Shown(
        anatomy,
        max(2, len(class_names), len(anatomy.Y)),
        *_maps(anatomy, after, np.asarray(anatomy.X if X is None else X)),
    )
    bands = _bands(shown)
    columns = max(map(len, bands))
    side = min(1.25, (WIDTH - 0.5) / columns - 0.08)
    figure = new_figure(title or _title(anatomy), len(bands) * (3 * (side + 0.08) + 0.5) + 0.9)
    grid = figure.add_gridspec(3 * len(bands), columns)
    for number, band in enumerate(bands):
        for column, (layer, unit) in enumerate(band):
            for row in range(3):
                axes = figure.add_subplot(grid[3 * number + row, column], anchor="SW")
                _draw(axes, shown, layer, unit, row)
                if column == 0:
                    axes.set_ylabel(ROWS[row], fontsize=9)
    note = wrapped(_reading(anatomy, class_names, axis_names), WIDTH - 0.3, 9)
    figure.supxlabel(note, x=0.01, horizontalalignment="left", fontsize=9, linespacing=1.2)
    return settled(figure)


class _Shown(NamedTuple):
    """What is drawn.

    Attributes:
        anatomy: the iteration.
        classes: number of classes.
        extent: left, right, lower and upper end of every map.
        Z, A: for before and after, each layer's (n, STEPS, STEPS) on the grid; A of the last layer is the prediction.
    """

    anatomy: Anatomy
    classes: int
    extent: tuple[float, float, float, float]
    Z: tuple[list[Floats], list[Floats]]
    A: tuple[list[Floats], list[Floats]]


def _maps(anatomy: Anatomy, after: Parameters, X: Floats) -> tuple[Any, Any, Any]:
    """Return the ends of the maps, and Z and A of every unit on the grid, before and after the update."""
    extent = left, right, lower, upper = extent_of(X)
    grid = np.meshgrid(np.linspace(left, right, STEPS), np.linspace(lower, upper, STEPS))
    points, network = np.stack([array.ravel() for array in grid]), anatomy.network
    found: tuple[list[list[Floats]], list[list[Floats]]] = ([], [])
    for parameters in (anatomy.parameters, after):
        Z, caches = network_forward(points, parameters, network.activations, first=network.first)
        activations = [*(cache.A for cache in caches[:-1]), network.loss.prediction(Z)]
        found[0].append([cache.Z.reshape(-1, STEPS, STEPS) for cache in caches])
        found[1].append([A.reshape(-1, STEPS, STEPS) for A in activations])
    return extent, tuple(found[0]), tuple(found[1])


def _bands(shown: _Shown) -> list[list[tuple[int, int]]]:
    """Return which units are drawn side by side, as layer and unit from 0; small layers share a row."""
    before, after = shown.A
    rows = []
    for layer, (old, new) in enumerate(zip(before, after, strict=True)):
        moved = np.abs(new - old).max(axis=(1, 2))
        units = np.argsort(-moved, kind="stable")[:MOST_COLUMNS] if len(old) > MOST_COLUMNS else np.arange(len(old))
        rows.append([(layer, int(unit)) for unit in units])
    bands = [rows[0]]
    for row in rows[1:]:
        if len(bands[-1]) + len(row) <= MOST_COLUMNS:
            bands[-1] = [*bands[-1], *row]
        else:
            bands.append(row)
    return bands


def _draw(axes: Axes, shown: _Shown, layer: int, unit: int, row: int) -> None:
    """Draw one map: before, after, or the change."""
    network, last = shown.anatomy.network, len(shown.A[0]) - 1
    old, new = (A[layer][unit] for A in shown.A)
    line = None
    if row == 2:
        end = float(np.abs(shown.A[1][layer] - shown.A[0][layer]).max())
        values, colours, low, high = new - old, signed_colours(), -(end or 1.0), end or 1.0
        axes.set_xlabel(f"±{end:.1g}" if end else "none", fontsize=8.5, color=FAINT, labelpad=2)
    elif layer == last:
        values = shown.A[row][layer][unit]
        colours, low, high = output_colours(network, shown.anatomy.Y, shown.classes, unit)
        line = (values, 0.5) if network.classifies else None
    else:
        values = shown.A[row][layer][unit]
        end = BOUNDED.get(network.activations[layer]) or float(np.abs(shown.A[0][layer]).max()) or 1.0
        colours, low, high, line = activation_colours(), -end, end, (shown.Z[row][layer][unit], 0.0)
    how: dict[str, Any] = {"extent": shown.extent, "origin": "lower", "aspect": "auto", "interpolation": "none"}
    axes.imshow(values, cmap=colours, vmin=low, vmax=high, **how)
    if line is not None and line[0].min() <= line[1] < line[0].max():
        axes.contour(line[0], [line[1]], extent=shown.extent, origin="lower", colors=[INK], linewidths=0.9)
    if layer == last and row < 2 and network.has_two_classes:
        X, Y = np.asarray(shown.anatomy.X)[:, :MOST_POINTS], shown.anatomy.Y[0, :MOST_POINTS]
        for k, (colour, marker) in enumerate(class_looks(2)):
            axes.plot(*X[:, Y.round() == k], marker, color=colour, markersize=1.5, markeredgewidth=0)
    axes.set(xlim=shown.extent[:2], ylim=shown.extent[2:], xticks=[], yticks=[], box_aspect=1)
    axes.spines[:].set(visible=True, color=FAINT, linewidth=0.6)
    if row == 0:
        name = "output" if layer == last else f"unit {unit + 1}"
        if layer == last and len(old.shape) and len(shown.A[0][layer]) > 1:
            name += f" {unit + 1}"
        axes.set_title(f"layer {layer + 1}\n{name}", fontsize=9, linespacing=1.15)


def _title(anatomy: Anatomy) -> str:
    """Return which iteration it is."""
    return f"Iteration {anatomy.update + 1:,}: what each unit computes at every point of the plane"


def _reading(anatomy: Anatomy, class_names: Sequence[str], axis_names: Sequence[str]) -> str:
    """Say how to read the maps."""
    across, up = axis_names
    words = f"{across} runs from left to right, {up} from bottom to top. "
    words += "Hidden units: green is an activation above 0, purple one below; the line is where z = 0. "
    if anatomy.network.has_two_classes:
        second = class_names[-1] if class_names else "class 1"
        words += f"Output: the probability of {second}, with a line at 0.5. "
    elif anatomy.network.classifies:
        words += "Outputs: the probability of each class, with a line at 0.5. "
    else:
        words += "Output: the predicted value. "
    return words + "Change: green where the update makes the value larger, purple where smaller; its scale ends at ±."

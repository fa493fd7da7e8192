"""Decision boundaries: how networks divide the plane into two classes, and the points that they learned from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .style import FAINT, STYLE, TINTS, WIDTH, class_looks, house_style, new_figure, settled, titled_axes, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Predict = Callable[[Floats], NDArray[Any]]
"""A function from points (2, k) to class numbers 0 and 1 or to probabilities of class 1, (1, k)."""


@house_style()
def decision_boundary(
    predict: Predict,
    X: Floats,
    Y: Floats,
    *,
    title: str = "How the network divides the plane",
    class_names: Sequence[str] = ("class 0", "class 1"),
    axis_names: Sequence[str] = ("x1", "x2"),
    examples: str = "training examples",
    axes: Axes | None = None,
) -> Figure:
    """Draw how a network divides the plane into two classes, and the points.

    Args:
        predict: a function of points, such as ``run.predict_proba``. (``run.predict`` gives a slightly rougher line.)
        X: (2, m) points.
        Y: (1, m), 0 or 1.
        title: title of the figure; "" for none.
        class_names: the names of class 0 and class 1.
        axis_names: the names of the two inputs.
        examples: which examples the points are; the title of the legend.
        axes: the axes to draw into; None for a new figure.

    Returns:
        The figure: one pair of axes with the class names in its legend.

    Raises:
        InputError: the points have not two coordinates, there are not two classes, or ``predict`` does not return
            (1, k).
    """
    check_plane(X, Y, class_names)
    figure, panel = titled_axes(axes, title, height=5.6)
    _draw_regions(panel, predict, X)
    draw_points(panel, X, Y, class_names, size=5, rasterized=X.shape[1] > 2000)
    panel.set(xlabel=axis_names[0], ylabel=axis_names[1])
    legend = panel.legend(title=examples, loc="upper left", bbox_to_anchor=(1, 1), handletextpad=0.2, alignment="left")
    legend.get_title().set_fontsize(STYLE["legend.fontsize"])
    return settled(figure, axes)


@house_style()
def decision_boundaries(
    panels: Sequence[tuple[str, Predict]],
    X: Floats,
    Y: Floats,
    *,
    title: str,
    class_names: Sequence[str],
    axis_names: Sequence[str] = ("x1", "x2"),
    examples: str = "training examples",
) -> Figure:
    """Draw how several networks divide the same plane, side by side; an empty place shows the points alone.

    Args:
        panels: name and ``predict`` of each network.
        X: (2, m) points.
        Y: (1, m), 0 or 1.
        title: title of the figure.
        class_names: the names of class 0 and class 1.
        axis_names: the names of the two inputs.
        examples: which examples the points are; the title of the legend.

    Returns:
        The figure: a pair of axes for each network, in their order, at most four in a row.

    Raises:
        InputError: there is no panel, or for the same reasons as ``decision_boundary``.
    """
    if not panels:
        raise InputError("no network to draw: wanted at least one panel of a name and its predict")
    check_plane(X, Y, class_names)
    columns = min(4, len(panels))
    rows = math.ceil(len(panels) / columns)
    names = [wrapped(name, WIDTH / columns - 0.4) for name, _ in panels]
    lines = max(name.count("\n") + 1 for name in names)
    figure = new_figure(title, height=0.95 + rows * (min(WIDTH / columns - 0.2, 4) + 0.16 * lines))
    places = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)
    for panel, name, (_, predict) in zip(places, names, panels, strict=False):
        _draw_regions(panel, predict, X)
        panel.set_title(name)
    for panel in places[len(panels) : len(panels) + 1]:
        panel.set_title("the points alone")
    for panel in places[len(panels) + 1 :]:
        panel.remove()
    size = 5 if columns == 1 else 8 / columns
    drawn = places[: len(panels) + 1]
    for panel in drawn:
        draw_points(panel, X, Y, class_names, size=size, rasterized=X.shape[1] * len(drawn) > 2000)
    _name_outer_axes(drawn, columns, axis_names)
    legend = figure.legend(
        *places[0].get_legend_handles_labels(),
        title=examples,
        loc="outside lower left",
        ncols=2,
        handletextpad=0.2,
        markerscale=5 / size,
        alignment="left",
    )
    legend.get_title().set_fontsize(STYLE["legend.fontsize"])
    return settled(figure)


def _name_outer_axes(places: Sequence[Axes], columns: int, axis_names: Sequence[str]) -> None:
    """Put tick labels and axis labels on the outer axes only."""
    for i, panel in enumerate(places):
        lowest, leftmost = i + columns >= len(places), i % columns == 0
        panel.tick_params(labelbottom=lowest, labelleft=leftmost)
        panel.set(xlabel=axis_names[0] if lowest else "", ylabel=axis_names[1] if leftmost else "")


def check_plane(X: Floats, Y: Floats, class_names: Sequence[str]) -> None:
    """Raise InputError unless X is (2, m), Y is (1, m), and there are two names."""
    if X.ndim != 2 or X.shape[0] != 2 or Y.shape != (1, X.shape[1]) or len(class_names) != 2:
        raise InputError(
            f"X of shape {X.shape}, Y of shape {Y.shape}, {len(class_names)} class names: wanted points (2, m), "
            f"labels (1, m) and two names"
        )


def _draw_regions(axes: Axes, predict: Predict, X: Floats, steps: int = 300) -> None:
    """Tint where ``predict`` gives 0 and 1, with a thin line between; the axes reach a little beyond the points."""
    low, high = X.min(axis=1), X.max(axis=1)
    room = np.where(high > low, 0.06 * (high - low), 1.0)
    x1, x2 = (np.linspace(a, b, steps) for a, b in zip(low - room, high + room, strict=True))
    grid = np.stack([array.ravel() for array in np.meshgrid(x1, x2)])  # (2, steps²)
    answers = np.asarray(predict(grid), dtype=np.float64)
    if answers.shape != (1, steps**2):
        raise InputError(f"predict gives {answers.shape} for points {grid.shape}: wanted one row, (1, {steps**2})")
    answers = answers.reshape(steps, steps)
    axes.contourf(x1, x2, answers, levels=[-np.inf, 0.5, np.inf], colors=TINTS, zorder=-1)
    axes.set_rasterization_zorder(0)  # in an SVG, the regions' thousands of corners are one small image
    if answers.min() <= 0.5 < answers.max():
        axes.contour(x1, x2, answers, levels=[0.5], colors=[FAINT], linewidths=0.8)


def draw_points(
    axes: Axes, X: Floats, Y: Floats, class_names: Sequence[str], *, size: float, rasterized: bool = False
) -> None:
    """Draw class 0 as orange discs, class 1 as blue triangles; both axes have one scale unless one would be tiny."""
    from matplotlib.ticker import MaxNLocator

    for label, (name, (colour, marker)) in enumerate(zip(class_names, class_looks(2), strict=True)):
        look: dict[str, Any] = {"markersize": size, "markeredgewidth": 0, "rasterized": rasterized}
        axes.plot(*X[:, Y[0] == label], marker, color=colour, label=name, **look)
    spans = np.ptp(X, axis=1)
    axes.set_aspect("equal" if spans.max() < 4 * spans.min() else "auto")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 4, 5, 10]))

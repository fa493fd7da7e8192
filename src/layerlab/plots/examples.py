"""Pictures of the examples themselves: points of the plane, and how often each class or value occurs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .decision_boundaries import check_plane, draw_points
from .style import BLUE, ORANGE, house_style, named_rows, new_figure, settled, titled_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_CLASSES = 20
"""The largest number of classes whose counts are drawn."""

BINS = 30
"""The largest number of bars in a histogram."""


@house_style()
def points(
    X: Floats,
    Y: Floats,
    class_names: Sequence[str] = ("class 0", "class 1"),
    *,
    title: str = "The training set",
    axes: Axes | None = None,
) -> Figure:
    """Draw points of two classes in the plane.

    Args:
        X: (2, m) points.
        Y: (1, m), 0 or 1.
        class_names: the names of class 0 and class 1.
        title: says which examples are shown.
        axes: the axes to draw into; None for a new figure.

    Returns:
        The figure: one pair of axes with the class names in its legend.

    Raises:
        InputError: the points have not two coordinates, or there are not two classes.
    """
    check_plane(X, Y, class_names)
    figure, panel = titled_axes(axes, title, height=4.6)
    draw_points(panel, X, Y, class_names, size=5, rasterized=X.shape[1] > 2000)
    panel.set(xlabel="x1", ylabel="x2")
    panel.legend(loc="upper left", bbox_to_anchor=(1, 1), handletextpad=0.2)
    return settled(figure, axes)


@house_style()
def target(train: Floats, test: Floats, class_names: Sequence[str] = (), *, title: str = "What is predicted") -> Figure:
    """Draw how often each class, or each range of values, occurs in the training set and in the test set.

    Args:
        train, test: (n_y, m) labels, one-hot or one row of 0 and 1; or values, of which the first row is drawn.
        class_names: the names of the classes, in the order of their labels; empty for values.
        title: title of the figure.

    Returns:
        The figure: one pair of axes. Classes are rows with two dots, the share of each set; values are histograms.

    Raises:
        InputError: a set has no example.
    """
    if not (train.size and test.size):
        raise InputError("no example to draw: wanted a training set and a test set with at least one example each")
    sets = (("training set", train, BLUE, "o"), ("test set", test, ORANGE, "D"))
    if not class_names:
        return _histograms(sets, title)
    shown = list(class_names[:MOST_CLASSES])
    if len(class_names) > MOST_CLASSES:
        title = f"{title} (the first {MOST_CLASSES} of {len(class_names)} classes)"
    figure, axes = named_rows(shown, title, top=1.5)
    for name, Y, colour, marker in sets:
        share = 100 * (Y.mean(axis=1) if len(Y) > 1 else np.array([1 - Y.mean(), Y.mean()]))
        label = f"{name}, {Y.shape[1]:,} examples"
        axes.plot(share[: len(shown)], range(len(shown)), marker, color=colour, label=label, clip_on=False)
    axes.set(xlabel="share of the examples (%)", xlim=(0, None))
    figure.legend(loc="outside lower left", ncols=2, handletextpad=0.2)
    return settled(figure)


def _histograms(sets: Sequence[tuple[str, Floats, str, Any]], title: str) -> Figure:
    """Draw the first output's values in both sets, in the same bins, as shares of each set."""
    figure = new_figure(title, 3.6)
    axes = figure.add_subplot()
    everything = np.concatenate([Y[0] for _, Y, _, _ in sets])
    edges = np.histogram_bin_edges(everything, BINS)
    for name, Y, colour, _ in sets:
        counts = np.histogram(Y[0], edges)[0]
        axes.stairs(
            100 * counts / Y.shape[1], edges, color=colour, label=f"{name}, {Y.shape[1]:,} examples", linewidth=1.4
        )
    axes.set(xlabel="value that is predicted", ylabel="share of the examples (%)", ylim=(0, None))
    figure.legend(loc="outside lower left", ncols=2)
    return settled(figure)

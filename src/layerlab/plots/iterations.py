"""One iteration in pictures: each layer's weights, their gradients and steps; and the terms behind one weight."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.runs.all_optimizers import LBFGS
from layerlab.training.dissection.anatomy import Anatomy
from layerlab.training.dissection.layer_anatomy import LayerAnatomy

from .drawable import check_drawable, check_iteration
from .style import FAINT, INK, WIDTH, house_style, new_figure, settled, signed_colours, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LAYERS = 6
"""The largest number of layers that are drawn: the first ones and the last."""

MOST_CELLS, MOST_COLUMNS = 60, 5
"""A matrix with at most so many numbers, in at most so many columns, is drawn with its numbers."""

MOST_UNITS, ACROSS = 6, 3
"""The largest number of units of layer 1 that are drawn as images, and how many of them side by side."""

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Each sign of an exponent with the raised one that is drawn in its place, for ``str.translate``."""


class _Column(NamedTuple):
    """What is drawn of every layer below each other: a heading, and the values ``W1 b1 … WL bL``."""

    heading: str
    values: Mapping[str, Floats]


@house_style()
def iteration(anatomy: Anatomy, image_shape: Sequence[int] = (), *, title: str = "") -> Figure:
    """Draw what one iteration does to every layer: the weights W before it, their gradient dW, and the step.

    A row of a matrix is a unit, a column one of its inputs; the last column, a little apart, is the bias b. Green is
    above 0 and purple below; each matrix has its own scale, whose end is written below it. So one sees where the
    gradient is large, and that gradient descent steps against it: where dW is green, the step is purple. Small matrices
    have their numbers.

    Args:
        anatomy: one iteration taken apart, as ``layerlab.dissect`` and ``Stepper.dissect`` return it.
        image_shape: (height, width), (height, width, 1) or (height, width, 3) of the inputs if they are images. Then
            the weights of layer 1 are drawn as images, those of the six units whose step is longest.
        title: title of the figure; "" says which iteration it is.

    Returns:
        The figure: for each layer, from the first down, one pair of axes for each matrix. Where the
        optimiser makes no step by a formula (L-BFGS) there are no steps.

    Raises:
        InputError: the inputs do not fit ``image_shape``, or some numbers are not finite.

    Example:
        >>> import layerlab
        >>> from layerlab import plots
        >>> flower = layerlab.datasets.load_flower()
        >>> network = layerlab.Network([2, 4, 1], hidden="tanh")
        >>> s = layerlab.Stepper(network, flower, learning_rate=1.2, iterations=100)
        >>> figure = plots.iteration(s.dissect())
        >>> print(*(axes.get_title(loc="left").partition(",")[0] for axes in figure.axes[:3]))
        W and b before the update dW and db steps
    """
    _check(anatomy, image_shape)
    columns = _columns(anatomy)
    layers = list(anatomy.layers)
    if len(layers) > MOST_LAYERS:
        layers = [*layers[: MOST_LAYERS - 1], layers[-1]]
    heights = [_height(layer, bool(image_shape)) for layer in layers]
    figure = new_figure(title or _title(anatomy, len(layers)), sum(heights) + 1.0)
    grid = figure.add_gridspec(len(layers), len(columns), height_ratios=heights)
    for row, layer in enumerate(layers):
        for place, column in enumerate(columns):
            axes = figure.add_subplot(grid[row, place])
            if layer.layer == 1 and image_shape:
                W1 = column.values["W1"][:, : anatomy.network.layer_dims[0]]  # without columns for waves
                _draw_images(axes, W1, _most_moved(columns), tuple(image_shape))
            else:
                _draw_matrix(axes, layer, column)
            if row == 0:
                axes.set_title(column.heading)
            if place == 0:
                axes.set_ylabel(f"layer {layer.layer}", fontsize=9)
            else:
                axes.set_yticks([])
    note = wrapped(_reading(anatomy, images=bool(image_shape)), WIDTH - 0.3, 9)
    figure.supxlabel(note, x=0.01, horizontalalignment="left", fontsize=9, linespacing=1.2)
    return settled(figure)


def _check(anatomy: Anatomy, image_shape: Sequence[int]) -> None:
    check_iteration(anatomy)
    n_x = anatomy.network.layer_dims[0]
    if image_shape and (math.prod(image_shape) != n_x or tuple(image_shape[2:]) not in ((), (1,), (3,))):
        raise InputError(
            f"the network has {n_x} inputs and an image the shape {tuple(image_shape)}: wanted (height, width) or "
            f"(height, width, 3), {n_x} numbers in all"
        )
    arrays = (anatomy.parameters, anatomy.gradients, anatomy.steps or {})
    check_drawable(anatomy, (value for some in arrays for value in some.values()))


def _columns(anatomy: Anatomy) -> list[_Column]:
    """Return what is drawn: weights, gradients, and steps if there are some."""
    gradients = {name[1:]: value for name, value in anatomy.gradients.items()}
    columns = [
        _Column("W and b before the update", anatomy.parameters),
        _Column("dW and db, the gradients", gradients),
    ]
    return columns if anatomy.steps is None else [*columns, _Column("steps, added to W and b", anatomy.steps)]


def _title(anatomy: Anatomy, shown: int) -> str:
    """Return which iteration and which network it is."""
    dims = "-".join(map(str, anatomy.network.layer_dims))
    few = "" if shown == len(anatomy.layers) else f" ({shown} of its {len(anatomy.layers)} layers)"
    return f"Iteration {anatomy.update + 1:,} of the network {dims}{few}: weights, gradients, steps"


def _height(layer: LayerAnatomy, as_images: bool) -> float:
    """Return the height of a layer's row, in inches."""
    if layer.layer == 1 and as_images:
        return 0.5 + 0.9 * math.ceil(min(MOST_UNITS, len(layer.W)) / ACROSS)
    return 0.75 + (0.24 * max(2, len(layer.W)) if len(layer.W) <= 6 else 1.6)


def _draw_matrix(axes: Axes, layer: LayerAnatomy, column: _Column) -> None:
    """Draw one matrix, and beside it the column of biases; with numbers if they are few."""
    W, b = (np.asarray(column.values[f"{name}{layer.layer}"], np.float64) for name in "Wb")
    n, n_prev = W.shape
    gap, width = max(0.25, n_prev / 40), max(1.0, n_prev / 16)
    right = n_prev - 0.5 + gap
    end = float(max(np.abs(W).max(), np.abs(b).max()))
    for values, (first, last) in ((W, (-0.5, n_prev - 0.5)), (b, (right, right + width))):
        axes.imshow(values, extent=(first, last, n - 0.5, -0.5), **_colours(end))
    axes.set(xlim=(-0.5, right + width), ylim=(n - 0.5, -0.5))
    power, scale = _scale(end)
    if n_prev <= MOST_COLUMNS and n * (n_prev + 1) <= MOST_CELLS:
        for (row, place), value in np.ndenumerate(np.concatenate([W, b], axis=1)):
            x = place if place < n_prev else right + width / 2
            text = _short(value / 10**power, 1 if power or end >= 10 else 2)
            axes.text(x, row, text, ha="center", va="center", fontsize=7.5, color=_ink(value, end))
        if power:
            scale = f"numbers × {_power(power)}, full colour: ±{end / 10**power:.2g}"
    axes.set_xticks([*_ticks(n_prev), right + width / 2], [*_labels(n_prev), "b"])
    axes.set_yticks(_ticks(n), _labels(n))
    axes.tick_params(length=0, labelsize=8, pad=2)
    axes.spines[:].set_visible(False)
    source = "inputs" if layer.layer == 1 else f"units of layer {layer.layer - 1}"
    axes.set_xlabel(f"{source}\n{scale}", fontsize=8.5, color=FAINT, linespacing=1.3)


def _scale(end: float) -> tuple[int, str]:
    """Return the power of ten of small and large numbers, else 0, and where the scale of colours ends, in words."""
    if not end:
        return 0, "all numbers are 0"
    exponent = math.floor(math.log10(float(f"{end:.1e}")))
    power = 0 if -1 <= exponent <= 2 else exponent
    return power, f"full colour: ±{end / 10**power:.2g}{f' × {_power(power)}' if power else ''}"


def _power(exponent: int) -> str:
    return f"10{str(exponent).translate(RAISED)}"


def _short(value: float, digits: int) -> str:
    """Write a number of a cell; one that rounds to 0 is written as 0."""
    text = f"{value:.{digits}f}"
    return "0" if not float(text) else text.replace("-", "−")


def _colours(end: float) -> dict[str, Any]:
    """Return how ``imshow`` draws numbers from −end to end."""
    end = end or 1.0
    return {"cmap": signed_colours(), "vmin": -end, "vmax": end, "aspect": "auto", "interpolation": "none"}


def _ink(value: float, end: float) -> str:
    """Return the colour of a number on a cell of its colour."""
    return "white" if abs(value) > 0.7 * end else "black"


def _ticks(n: int) -> list[int]:
    """Return the places of the numbers along an axis: all of a few, else the first and the last."""
    return list(range(n)) if n <= 6 else [0, n - 1]


def _labels(n: int) -> list[str]:
    return [str(k + 1) for k in _ticks(n)]


def _most_moved(columns: Sequence[_Column]) -> NDArray[np.int64]:
    """Return the numbers of the units of layer 1 whose step (or gradient) is longest, the longest first."""
    lengths = np.linalg.norm(columns[-1].values["W1"], axis=1)
    return np.argsort(-lengths, kind="stable")[:MOST_UNITS]


def _draw_images(axes: Axes, W: Floats, units: NDArray[np.int64], image_shape: tuple[int, ...]) -> None:
    """Draw the weights of some units of layer 1, or their gradients or steps, as images with one scale."""
    height, width = image_shape[:2]
    maps = np.asarray(W, np.float64)[units].reshape(len(units), height, width, -1).sum(axis=-1)
    end = float(np.abs(maps).max())
    across, down = 1.08 * width, 1.3 * height  # from one image to the next
    for number, (unit, values) in enumerate(zip(units, maps, strict=True)):
        row, column = divmod(number, ACROSS)
        left, top = column * across, row * down
        axes.imshow(values, extent=(left, left + width, top + height, top), **_colours(end) | {"aspect": "equal"})
        frame = {"fill": False, "edgecolor": "#D5D5D5", "linewidth": 0.6}
        axes.add_patch(_rectangle((left, top), width, height, **frame))
        axes.text(left, top + 1.03 * height, f"unit {unit + 1}", fontsize=8, color=INK, va="top")
    rows = math.ceil(len(units) / ACROSS)
    axes.set(xlim=(-0.02 * width, ACROSS * across), ylim=(rows * down, -0.02 * height), xticks=[], yticks=[])
    axes.set_anchor("NW")
    axes.spines[:].set_visible(False)
    axes.set_xlabel(_scale(end)[1], fontsize=8.5, color=FAINT)


def _rectangle(*place: Any, **how: Any) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle(*place, **how)


def _reading(anatomy: Anatomy, *, images: bool) -> str:
    """Say how to read the picture."""
    words = (
        "Green: above 0; purple: below. Each matrix has its own scale. A row is a unit, a column one of its inputs; "
    )
    words += "b is the bias."
    if images:
        words += " Layer 1: the weights as images, the units with the longest steps; colours are summed."
    if anatomy.steps is None:
        searched = anatomy.settings["optimizer"] == LBFGS
        return words + (" L-BFGS searches along a line for its step." if searched else " No step is made.")
    return words + " W after the update = W before + step."

"""A regression's predictions: compared with the true values, and how far they are off (residuals)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .style import BLUE, DASHES, FAINT, house_style, new_figure, settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_OUTPUTS = 6
"""The largest number of outputs that are drawn; more would make a page too long."""


@house_style()
def answers_and_values(
    answers: NDArray[Any], Y: NDArray[Any], *, title: str = "Test set: predicted and true values"
) -> Figure:
    """Draw a dot for each example at its true value and its predicted value; on the diagonal both are equal.

    Args:
        answers: (n_y, m) predicted values.
        Y: (n_y, m) true values.
        title: title of the figure.

    Returns:
        The figure: a pair of axes for each output, for the first six outputs.

    Raises:
        InputError: the two are not of one shape (n_y, m) with m at least 1, or a value is not finite.
    """
    answers, Y = _checked(answers, Y)
    shown, title = _shown_outputs(Y, title)
    columns = min(2, shown)
    rows = -(-shown // columns)
    figure = new_figure(title, 0.7 + rows * (4.4 if columns == 1 else 3.2))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for k, axes in enumerate(panels[:shown]):
        ends = [min(answers[k].min(), Y[k].min()), max(answers[k].max(), Y[k].max())]
        room = 0.04 * (ends[1] - ends[0]) or 1.0
        limits = ends[0] - room, ends[1] + room
        axes.plot(limits, limits, color=FAINT, linestyle=DASHES[1], linewidth=0.9, zorder=0)
        look: dict[str, Any] = {"markersize": 4, "alpha": 0.6, "markeredgewidth": 0, "rasterized": Y.shape[1] > 2000}
        axes.plot(Y[k], answers[k], "o", color=BLUE, **look)
        which = f" of output {k + 1}" if len(Y) > 1 else ""
        axes.set(xlabel=f"true value{which}", ylabel="predicted value", xlim=limits, ylim=limits, aspect="equal")
    for axes in panels[shown:]:
        axes.remove()
    return settled(figure)


@house_style()
def residuals(
    answers: NDArray[Any],
    Y: NDArray[Any],
    *,
    title: str = "Test set: how far each prediction is off",
) -> Figure:
    """Draw a dot for each example at its predicted value and its residual: the true value minus the predicted one.

    If the dots lie evenly around the line of 0, nothing is left to learn. A bend or a funnel shows something that the
    network has not learned.

    Args:
        answers: (n_y, m) predicted values.
        Y: (n_y, m) true values.
        title: title of the figure.

    Returns:
        The figure: a pair of axes for each output, for the first six outputs.

    Raises:
        InputError: the two are not of one shape (n_y, m) with m at least 1, or a value is not finite.
    """
    answers, Y = _checked(answers, Y)
    shown, title = _shown_outputs(Y, title)
    figure = new_figure(title, 0.7 + 2.9 * shown)
    panels = figure.subplots(shown, 1, squeeze=False)[:, 0]
    for k, panel in enumerate(panels):
        _draw_residuals(panel, answers[k], Y[k], f" of output {k + 1}" if len(Y) > 1 else "")
    return settled(figure)


def _checked(answers: Any, Y: Any) -> tuple[Floats, Floats]:
    """Return both arrays as float64.

    Raises:
        InputError: they are not of one shape (n_y, m), or a value is not finite.
    """
    answers, Y = np.asarray(answers, np.float64), np.asarray(Y, np.float64)
    if not (answers.ndim == 2 and answers.shape == Y.shape and answers.size):
        raise InputError(
            f"the predictions have the shape {answers.shape} and Y {Y.shape}: wanted (n_y, m) of both, m at least 1"
        )
    if not (np.isfinite(answers).all() and np.isfinite(Y).all()):
        raise InputError("some predictions or values are not finite: wanted finite numbers")
    return answers, Y


def _shown_outputs(Y: Floats, title: str) -> tuple[int, str]:
    """Return the number of outputs that are drawn, and the title, which says so if some are left out."""
    shown = min(MOST_OUTPUTS, len(Y))
    return shown, title if shown == len(Y) else f"{title}; the first {MOST_OUTPUTS} of {len(Y)} outputs"


def _draw_residuals(axes: Axes, answers: NDArray[Any], values: NDArray[Any], which: str) -> None:
    off = values - answers
    axes.axhline(0, color=FAINT, linestyle=DASHES[1], linewidth=0.9)
    axes.plot(answers, off, "o", color=BLUE, markersize=4, alpha=0.6, markeredgewidth=0, rasterized=len(off) > 2000)
    reach = 1.1 * float(np.abs(off).max()) or 1.0
    axes.set(xlabel=f"predicted value{which}", ylabel="true − predicted value", ylim=(-reach, reach))

"""How far the answers of a regression are off, beside the answers themselves."""

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

MOST = 6
"""Outputs that are drawn; more make a page too long."""


@house_style()
def residuals(
    answers: NDArray[Any],
    Y: NDArray[Any],
    *,
    title: str = "How far each answer is off",
) -> Figure:
    """A dot an example: its answer, and the true value minus the answer.

    Dots that lie evenly around the line of 0 leave nothing to explain; a bend or a funnel is something that the network
    has not learned.

    Args:
        answers: (n_y, m) values that were predicted.
        Y: (n_y, m) true values.
        title: what one sees.

    Returns:
        The figure: one axes an output, the first six of them.

    Raises:
        InputError: the two are not tables of one shape with an example at least, or a value is not finite.
    """
    answers, Y = checked(answers, Y)
    shown, title = shown_of(Y, title)
    figure = new_figure(title, 0.7 + 2.9 * shown)
    panels = figure.subplots(shown, 1, squeeze=False)[:, 0]
    for k, panel in enumerate(panels):
        _draw(panel, answers[k], Y[k], f" of output {k + 1}" if len(Y) > 1 else "")
    return settled(figure)


def checked(answers: Any, Y: Any) -> tuple[Floats, Floats]:
    """Both as (n_y, m) finite numbers; raises InputError where they are not."""
    answers, Y = np.asarray(answers, np.float64), np.asarray(Y, np.float64)
    if not (answers.ndim == 2 and answers.shape == Y.shape and answers.size):
        raise InputError(
            f"answers have the shape {answers.shape} and Y {Y.shape}: wanted (n_y, m) of both, m at least 1"
        )
    if not (np.isfinite(answers).all() and np.isfinite(Y).all()):
        raise InputError("some answers or values are not finite: wanted finite numbers")
    return answers, Y


def shown_of(Y: Floats, title: str) -> tuple[int, str]:
    """How many outputs are drawn, and the title, which says so where some are left out."""
    shown = min(MOST, len(Y))
    return shown, title if shown == len(Y) else f"{title}; the first {MOST} of {len(Y)} outputs"


def _draw(axes: Axes, answers: NDArray[Any], values: NDArray[Any], which: str) -> None:
    off = values - answers
    axes.axhline(0, color=FAINT, linestyle=DASHES[1], linewidth=0.9)
    axes.plot(answers, off, "o", color=BLUE, markersize=4, alpha=0.6, markeredgewidth=0, rasterized=len(off) > 2000)
    reach = 1.1 * float(np.abs(off).max()) or 1.0
    axes.set(xlabel=f"answer{which}", ylabel="true value − answer", ylim=(-reach, reach))

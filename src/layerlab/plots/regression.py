"""Answers of a regression beside the true values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from .residuals import checked, shown_of
from .style import BLUE, DASHES, FAINT, house_style, new_figure, settled

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@house_style()
def answers_and_values(
    answers: NDArray[Any], Y: NDArray[Any], *, title: str = "Answers beside the true values"
) -> Figure:
    """A dot an example: its true value, and the answer; on the diagonal the answer is right.

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
        axes.set(xlabel=f"true value{which}", ylabel="answer", xlim=limits, ylim=limits, aspect="equal")
    for axes in panels[shown:]:
        axes.remove()
    return settled(figure)

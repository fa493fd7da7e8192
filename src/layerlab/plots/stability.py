"""The edge of stability: the cost of a training, and below it the sharpness with the bound of stable steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError

from .curves import UNIT, cost_curves
from .style import BLUE, DASHES, ORANGE, house_style, new_figure, settled

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@house_style()
def stability(
    costs: NDArray[Any],
    iterations: NDArray[Any],
    sharpness: NDArray[Any],
    bound: float | None = None,
    *,
    title: str = "Cost and sharpness on the training set",
    unit: str = UNIT,
) -> Figure:
    """Draw the cost of every update, and below it the sharpness and the bound of stable steps.

    The axis of sharpness is logarithmic if it spans more than a power of ten.

    Args:
        costs: (n,), such as ``run.history.costs``.
        iterations, sharpness: (k,) number of updates before each measurement, and the largest eigenvalue measured.
        bound: the sharpness above which steps are unstable, such as 2 / learning rate; None for no line.
        title: title of the figure.
        unit: the unit of the costs.

    Returns:
        The figure: two pairs of axes, one above the other.

    Raises:
        InputError: nothing was measured, or there are not as many iterations as measurements.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    at, values = np.asarray(iterations), np.asarray(sharpness, np.float64)
    if not at.size or at.shape != values.shape:
        raise InputError(
            f"iterations and sharpness have the shapes {at.shape} and {values.shape}: wanted as many of the one as of "
            f"the other, at least one"
        )
    figure = new_figure(title, height=5.4)
    above, below = figure.subplots(2, sharex=True)
    cost_curves({"": costs}, unit=unit, title="Cost of each update", axes=above)
    above.set_xlabel("")
    below.spines[["top", "right"]].set_visible(False)
    below.set_title("Sharpness: the largest curvature of the cost", loc="left")
    below.plot(at, values, color=BLUE, marker="o", markersize=2.5, linewidth=1.2)
    known = values[np.isfinite(values) & (values > 0)]
    seen = np.append(known, [] if bound is None else bound)
    if seen.size and seen.max() > 10 * seen.min():
        below.set_yscale("log")
        below.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
        below.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        below.yaxis.set_minor_formatter(NullFormatter())
    elif seen.size:
        below.set_ylim(min(0.0, float(np.nanmin(values))), 1.12 * seen.max())
    below.set(xlabel="iteration", ylabel="sharpness")
    if bound is not None:
        below.axhline(bound, color=ORANGE, linestyle=DASHES[1], linewidth=1.1)
        below.annotate(
            f"steps are unstable above {bound:.3g}",
            (1, bound),
            xycoords=("axes fraction", "data"),
            xytext=(0, 3),
            textcoords="offset points",
            horizontalalignment="right",
            color=ORANGE,
        )
    return settled(figure)

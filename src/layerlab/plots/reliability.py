"""The reliability diagram: the probabilities of predicted classes, and how often these predictions are correct."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.evaluating.statistics import BINS, Bin, calibration_error, reliability_bins, wilson_interval

from .style import BLUE, DASHES, FAINT, house_style, new_figure, settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@house_style()
def reliability(
    confidence: NDArray[Any],
    right: NDArray[np.bool_],
    *,
    title: str = "Test set: how often predictions of each confidence are correct",
) -> Figure:
    """Draw a reliability diagram: ten bins of confidence, and the share of correct predictions in each.

    On the diagonal, predictions are correct as often as their probabilities say. Below it, they are overconfident.

    Args:
        confidence: (k,) probabilities of the predicted classes, as ``calibration.confidences`` returns them.
        right: (k,) whether each prediction is correct.
        title: title of the figure; the expected calibration error is added.

    Returns:
        The figure. Above, a dot for each bin at its mean confidence and its share of correct predictions, with a 95 %
        Wilson interval. Below, a bar for each bin with its number of predictions. Empty bins show nothing.

    Raises:
        InputError: there is no prediction, the two lengths differ, or a confidence is outside [0, 1].
    """
    confidence, right = np.asarray(confidence), np.asarray(right)
    if not (confidence.ndim == 1 and confidence.shape == right.shape and confidence.size):
        raise InputError(
            f"confidence has the shape {confidence.shape} and right {right.shape}: wanted (k,) of each, k at least 1"
        )
    if not ((confidence >= 0) & (confidence <= 1)).all():
        raise InputError("some confidences are outside 0 to 1: wanted probabilities")
    bins = reliability_bins(confidence, right)
    error = f"expected calibration error: {100 * calibration_error(bins):.1f} percentage points"
    figure = new_figure(f"{title} ({error})", 5.6)
    shares, counts = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    _draw_shares(shares, bins)
    _draw_counts(
        counts, bins, f"confidence of the prediction (%), in {BINS} bins of equal width; {len(right):,} predictions"
    )
    return settled(figure)


def _draw_shares(axes: Axes, bins: list[Bin]) -> None:
    """Draw each bin's share of correct predictions over its mean confidence, with its interval, and the diagonal."""
    axes.plot([0, 100], [0, 100], color=FAINT, linestyle=DASHES[1], linewidth=0.9)
    axes.set_title("dashed: as many are correct as the confidence says")  # above the axes, where no interval crosses it
    for some in bins:
        low, high = wilson_interval(some.right, some.total)
        axes.vlines(100 * some.confidence, 100 * low, 100 * high, color=BLUE, linewidth=2, clip_on=False)
    places = [100 * some.confidence for some in bins], [100 * some.accuracy for some in bins]
    axes.plot(*places, "o", color=BLUE, markersize=6, clip_on=False)
    axes.set(ylabel="share correct (%), with 95 % Wilson interval", xlim=(0, 100), ylim=(0, 100))


def _draw_counts(axes: Axes, bins: list[Bin], label: str) -> None:
    """Draw a bar for the number of predictions in each bin."""
    for some in bins:
        middle = 50 * (some.low + some.high)
        axes.bar(middle, some.total, width=9, color=FAINT)
        axes.annotate(
            f"{some.total:,}", (middle, some.total), (0, 2), textcoords="offset points", horizontalalignment="center"
        )
    axes.set(xlabel=label, ylabel="predictions", ylim=(0, 1.3 * max(some.total for some in bins)))
    axes.set_xticks(range(0, 101, 10))

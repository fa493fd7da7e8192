"""How well probabilities rank the examples: ROC and precision-recall curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerlab.errors import InputError

from .style import COLOURS, DASHES, FAINT, house_style, new_figure, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from layerlab.evaluating.curves import Area, Ranking, Rankings

MOST_CLASSES = 10
"""The largest number of classes that are drawn; the curves of more classes could not be distinguished."""


@house_style()
def ranking(rankings: Rankings, *, title: str = "Test set: how well the probabilities rank the examples") -> Figure:
    """Draw the ROC curve at the left and the precision-recall curve at the right, for each class against all others.

    Args:
        rankings: the result of ``evaluating.curves.rankings_of``.
        title: title of the figure; "10 of 26 classes" is added if some are left out: only the best and the worst ranked
            classes are drawn then.

    Returns:
        The figure: two pairs of axes. Dashed lines show a random ranking: the diagonal and the base rate.

    Raises:
        InputError: there is no class to draw.
    """
    if not rankings.classes:
        raise InputError("all examples are of one class: wanted at least two classes")
    shown = _shown(rankings)
    if len(shown) < len(rankings.classes):
        title = f"{title} (the {len(shown)} of {len(rankings.classes)} classes that are ranked best and worst)"
    several = len(shown) > 1
    figure = new_figure(title, 3.75 + (0.19 * (-(-len(shown) // 2)) + 0.1 if several else 0))
    roc, recall = figure.subplots(1, 2)
    for k, one in enumerate(shown):
        look = {"color": COLOURS[k % len(COLOURS)], "linestyle": DASHES[k // len(COLOURS)], "clip_on": False}
        roc.plot(100 * one.false_positive_rate, 100 * one.true_positive_rate, **look)
        label = f"{one.name}: {one.auc.value:.3f}, {one.average_precision.value:.3f}"
        recall.step(100 * one.recall, 100 * one.precision, where="pre", label=label, **look, **_alone(one))
    _mark_chance(roc, recall, shown)
    kinds = ("the others", "the class" if several else shown[0].name)
    names = [wrapped(f"share of {kind} above the threshold (%)", 2.9) for kind in kinds]
    roc.set(xlabel=names[0], ylabel=names[1])
    recall.set(xlabel="recall (%)", ylabel="precision (%)")
    for axes, area, what in (
        (roc, rankings.auc, "area under the ROC curve"),
        (recall, rankings.average_precision, "average precision"),
    ):
        axes.set(xlim=(0, 100), ylim=(0, 100))
        axes.set_aspect("equal")
        if area is not None:
            mean = "mean " if len(rankings.classes) > 1 else ""
            axes.set_title(f"{mean}{what} {area.value:.3f}\n{_interval_text(area)}")
    if several:
        figure.legend(
            *recall.get_legend_handles_labels(),
            loc="outside lower left",
            ncols=2,
            title="class: the two areas",
            alignment="left",
        ).get_title().set_fontsize(9.5)
    return settled(figure)


def _alone(one: Ranking) -> dict[str, str]:
    """Return the marker of a curve that is a single point, because all examples have the same score."""
    return {"marker": "o"} if len(one.recall) == 1 else {}


def _interval_text(area: Area) -> str:
    """Write the interval, or say that there are too few examples for one."""
    if area.interval is None:
        return "too few examples for an interval" if area.remark.startswith("too few") else "no interval"
    low, high = area.interval
    return f"95 % interval {low:.3f} to {high:.3f}"


def _shown(rankings: Rankings) -> list[Ranking]:
    """Return all classes; if they are too many, half of ``MOST_CLASSES`` are the best ones and half the worst ones."""
    classes = rankings.classes
    if len(classes) <= MOST_CLASSES:
        return list(classes)
    order = sorted(range(len(classes)), key=lambda k: classes[k].auc.value)
    return [classes[k] for k in sorted(order[: MOST_CLASSES // 2] + order[-MOST_CLASSES // 2 :])]


def _mark_chance(roc: Axes, recall: Axes, shown: list[Ranking]) -> None:
    """Draw what a random ranking would give: the diagonal, and the base rate (the mean over several classes)."""
    look = {"color": FAINT, "linestyle": DASHES[1], "linewidth": 0.9, "zorder": 0}
    roc.plot([0, 100], [0, 100], **look)
    below: dict[str, Any] = {"xytext": (8, -8), "textcoords": "offset points", "ha": "center", "va": "center"}
    roc.annotate("random ranking", (50, 50), rotation=45, fontsize=8.5, **below)
    rates = [one.base_rate for one in shown]
    for rate in rates if len(rates) == 1 else (sum(rates) / len(rates),):
        recall.plot([0, 100], [100 * rate, 100 * rate], **look)
        word = "random\nranking" if len(rates) == 1 else "random\n(mean)"
        recall.annotate(  # beside the axes, where no curve is
            f"{word}\n{100 * rate:.1f} %",
            (1, 100 * rate),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            verticalalignment="center",
            fontsize=8.5,
        )

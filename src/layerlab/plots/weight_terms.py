"""The terms behind one weight in one iteration: the sum of its unit, and what each example says about the weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from layerlab.text import count_text
from layerlab.training.dissection.anatomy import Anatomy

from .drawable import check_drawable, check_iteration
from .style import BLACK, FAINT, GREEN, INK, ORANGE, PURPLE, house_style, new_figure, settled, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_BARS = 12
"""The largest number of terms with a bar of their own: the largest ones. The sum of all others has one bar."""


@house_style()
def weight_terms(
    anatomy: Anatomy,
    *,
    layer: int = 1,
    unit: int = 1,
    input: int | None = 1,  # noqa: A002
    example: int | None = None,
    title: str = "",
) -> Figure:
    """Draw the two sums behind one weight: z of its unit for one example, and its gradient as a mean over the examples.

    Left: a bar for each term w · a of z, green above 0 and purple below, then the bias b, and z itself. Right: dz · a
    of every example, from the largest to the smallest. Its mean, the dashed line, is the gradient. So one sees whether
    the examples agree on how the weight should change.

    Args:
        anatomy: one iteration taken apart, as ``layerlab.dissect`` and ``Stepper.dissect`` return it.
        layer, unit, input, example: which weight and which example, as for ``Anatomy.weight``; input None is the bias.
        title: title of the figure; "" names unit and weight.

    Returns:
        The figure: two pairs of axes, the sum and the gradient.

    Raises:
        InputError: there is no such layer, unit, input or example, or some numbers are not finite.

    Example:
        >>> import layerlab
        >>> from layerlab import plots
        >>> flower = layerlab.datasets.load_flower()
        >>> network = layerlab.Network([2, 4, 1], hidden="tanh")
        >>> s = layerlab.Stepper(network, flower, learning_rate=1.2, iterations=100)
        >>> figure = plots.weight_terms(s.dissect(), layer=2, unit=1, input=3)
        >>> print(*(text.get_text() for text in figure.axes[0].get_yticklabels()))
        unit 1 unit 2 unit 3 unit 4 b z
    """
    check_iteration(anatomy)
    summed = anatomy.sum_of(layer=layer, unit=unit, example=example)
    chain = anatomy.chain_of(layer=layer, unit=unit, input=input)
    products = chain.terms.products
    check_drawable(anatomy, (products, chain.mean, summed.terms.products, summed.b, summed.z))
    shown = min(len(summed.terms), MOST_BARS) + 3
    figure = new_figure(title or _title(anatomy, layer, unit, input), 1.3 + max(1.9, 0.21 * shown))
    left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": (1, 1.15)})
    _draw_sum(left, summed)
    column = int(np.flatnonzero(anatomy.examples == summed.example)[0])
    _draw_examples(right, products, chain, column, summed.example)
    return settled(figure)


def _title(anatomy: Anatomy, layer: int, unit: int, input_: int | None) -> str:
    """Name the iteration, the unit and the weight."""
    if input_ is None:
        which = "its bias b"
    else:
        which = f"its weight w for {f'input {input_}' if layer == 1 else f'unit {input_} of layer {layer - 1}'}"
    return f"Iteration {anatomy.update + 1:,}: unit {unit} of layer {layer}, and {which}"


def _draw_sum(axes: Axes, summed: Any) -> None:
    """Draw a bar for each term of z, for the bias, and for z."""
    rows, rest = summed.terms.largest(MOST_BARS)
    word = "input" if summed.layer == 1 else "unit"
    names, values = [f"{word} {row[0]}" for row in rows], [row[-1] for row in rows]
    if len(summed.terms) > len(rows):
        names, values = [*names, f"{len(summed.terms) - len(rows):,} others"], [*values, rest]
    names, values = [*names, "b", "z"], [*values, summed.b, summed.z]
    colours = [GREEN if value > 0 else PURPLE for value in values[:-1]] + [INK]
    places = [*range(len(values) - 1), len(values) - 0.6]
    axes.barh(places, values, color=colours, height=0.7)
    axes.axvline(0, color=BLACK, linewidth=0.8)
    axes.axhline(len(values) - 1.3, color=FAINT, linewidth=0.6)
    reach = max(map(abs, values)) or 1.0
    lowest, highest = min(0.0, *values), max(0.0, *values)
    if lowest == highest:
        highest = 1.0
    axes.set_xlim(lowest - (0.5 * reach if lowest < 0 else 0), highest + (0.42 * reach if highest > 0 else 0))
    for place, value in zip(places, values, strict=True):
        axes.annotate(
            _number(value),
            (value, place),
            (-4 if value < 0 else 4, 0),
            textcoords="offset points",
            ha="right" if value < 0 else "left",
            va="center_baseline",
            fontsize=8.5,
        )
    axes.set_yticks(places, names)
    axes.set_ylim(places[-1] + 0.6, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_title(wrapped(f"z for example {summed.example:,}: Σ w · {'x' if summed.layer == 1 else 'a'} + b", 3.0))
    axes.set_xlabel(f"w · {'x' if summed.layer == 1 else 'a'}")


def _draw_examples(axes: Axes, products: Any, chain: Any, column: int, number: int) -> None:
    """Draw what each example says about the weight, in descending order, the chosen example, and the mean."""
    order = np.argsort(-products, kind="stable")
    values = products[order]
    places = np.arange(len(values))
    steps: dict[str, Any] = {"step": "mid", "linewidth": 0}
    if len(values) > 1:
        axes.fill_between(places, np.maximum(values, 0), color=GREEN, alpha=0.75, **steps)
        axes.fill_between(places, np.minimum(values, 0), color=PURPLE, alpha=0.75, **steps)
    else:
        axes.bar(places, values, color=GREEN if values[0] > 0 else PURPLE)
    axes.axhline(0, color=BLACK, linewidth=0.8)
    axes.axhline(chain.mean, color=INK, linewidth=1.3, linestyle=(0, (5, 2)), label=f"gradient {_number(chain.mean)}")
    place = int(np.flatnonzero(order == column)[0])
    axes.plot(
        place, values[place], "o", color=ORANGE, markersize=6, label=f"example {number:,}: {_number(values[place])}"
    )
    axes.legend(loc="upper right", fontsize=8.5)
    what = "dz" if chain.input is None else f"dz · {'x' if chain.layer == 1 else 'a'}"
    count = count_text(len(values), "example")
    mean = (
        f"the mean of {what} over {count}" if chain.m == len(values) else f"Σ {what} of {count}, divided by {chain.m:,}"
    )
    axes.set_title(wrapped(f"Gradient: {mean}", 2.7))
    axes.set_xlabel("examples, from high to low")
    axes.set_ylabel(what)
    axes.margins(x=0.02)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−", 1) if value < 0 else f"{abs(value):.3g}"

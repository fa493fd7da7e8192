"""``Signal``: how large activations, gradients and steps are in each layer, as a table.

Where |a| shrinks from layer to layer, so does what the output can learn from; where |dz| shrinks from the last layer to
the first, the first layers hardly move.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np

from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.runs.verdict import listed

from .layer_anatomy import LayerAnatomy

FADED = 1e-3
"""Below this share of the inputs' spread, or of the largest dW, the signal counts as lost on its way."""

WIDTH = 80
"""Widest line of the printed table, in characters."""


class LayerSignal(NamedTuple):
    """One layer's row of the table.

    Attributes:
        layer, units, activation: which layer; its number counts from 1.
        a: mean |a| over units and examples.
        spread: how much a differs between the examples: the standard deviation over the examples, averaged over units.
            Where it is 0, the layer gives the same for every example.
        zeros: share of the values a that are exactly 0.
        dz: mean |dz| over units and examples.
        dW: mean |dw| over the weights, of the mean loss.
        step: mean |step| of the weights, divided by mean |w|; None where no step is made, or where all weights are 0.
    """

    layer: int
    units: int
    activation: str
    a: float
    spread: float
    zeros: float
    dz: float
    dW: float
    step: float | None


@dataclass(frozen=True)
class Signal:
    """The sizes of activations, gradients and steps in one update; ``print`` shows the table.

    Attributes:
        rows: one for each layer, first layer first.
        inputs: how much the inputs differ between the examples, measured as ``spread`` of a layer.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> network = layerlab.Network([2, 4, 1], hidden="tanh")
        >>> s = layerlab.Stepper(network, flower, learning_rate=1.2, iterations=100, initializer="zeros")
        >>> print(s.dissect().signal())
        layer  units  activation  |a|  spread  zeros  |dz|  |dW|  |step|/|W|
            1      4        tanh    0       0  100 %     0     0           –
            2      1     sigmoid  0.5       0    0 %   0.5     0           –
        <BLANKLINE>
        |…|: the mean size. spread: how much a differs between the examples (standard
        deviation, mean over the units); of the inputs it is 2.
        Layer 1 gives the same for every example, so no later layer can tell them apart.
        dW is 0 in layers 1 and 2: their weights do not learn.
    """

    rows: tuple[LayerSignal, ...]
    inputs: float

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is wrong with the signal on its way forward and backward; empty where nothing is."""
        return tuple(sentence for sentence in (self._forward, self._backward) if sentence)

    @property
    def _forward(self) -> str:
        hidden = self.rows[:-1] if self.inputs else ()  # a single example differs from none
        if any(not math.isfinite(row.a) for row in self.rows):
            return "Some values are not finite."
        for row in hidden:
            if row.spread == 0:
                return f"Layer {row.layer} gives the same for every example, so no later layer can tell them apart."
        for row in hidden:
            if row.spread < FADED * self.inputs:
                return (
                    f"In layer {row.layer} the examples differ by {row.spread:.1g}, and the inputs by "
                    f"{self.inputs:.1g}: hardly anything of the inputs arrives at the output."
                )
        return ""

    @property
    def _backward(self) -> str:
        still = [str(row.layer) for row in self.rows if row.dW == 0]
        if still:
            which = f"layers {listed(still)}: their" if len(still) > 1 else f"layer {still[0]}: its"
            return f"dW is 0 in {which} weights do not learn."
        least, most = (choice(self.rows, key=lambda row: row.dW) for choice in (min, max))
        if least.dW < FADED * most.dW:
            return (
                f"|dW| is {least.dW:.1g} in layer {least.layer} and {most.dW:.1g} in layer {most.layer}: "
                f"layer {least.layer} hardly learns."
            )
        return ""

    def __str__(self) -> str:
        head = ("layer", "units", "activation", "|a|", "spread", "zeros", "|dz|", "|dW|", "|step|/|W|")
        rows = [head, *(_cells(row) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        legend = (
            f"|…|: the mean size. spread: how much a differs between the examples (standard deviation, mean over the "
            f"units); of the inputs it is {self.inputs:.2g}."
        )
        below = [line for text in (legend, *self.sentences) for line in wrap(text, WIDTH)]
        return "\n".join([*lines, "", *below])


def signal_of(layers: Sequence[LayerAnatomy], steps: Parameters | None, X: Any) -> Signal:
    """Measure the layers of one update.

    Args:
        layers: the layers, first one first.
        steps: ``W1 b1 … WL bL``, new − old; None where no step is made.
        X: (n_x, m), the inputs; sparse where they were given so.
    """
    with np.errstate(all="ignore"):
        return Signal(tuple(_row(layer, steps) for layer in layers), _inputs_spread(X))


def _inputs_spread(X: Any) -> float:
    """Return the inputs' standard deviation over the examples, averaged over the inputs."""
    if isinstance(X, np.ndarray):
        return _spread(X)
    mean = np.asarray(X.mean(axis=1)).ravel()
    return float(np.sqrt(np.maximum(np.asarray((X * X).mean(axis=1)).ravel() - mean**2, 0.0)).mean())


def _spread(values: Floats) -> float:
    return float(values.std(axis=1).mean())


def _row(layer: LayerAnatomy, steps: Parameters | None) -> LayerSignal:
    size = _size(layer.W)
    return LayerSignal(
        layer.layer,
        len(layer.b),
        layer.activation,
        _size(layer.A),
        _spread(layer.A),
        float((layer.A == 0).mean()),
        _size(layer.dZ),
        _size(layer.dW),
        _size(steps[f"W{layer.layer}"]) / size if steps is not None and size else None,
    )


def _size(values: Floats) -> float:
    return float(np.abs(values).mean())


def _cells(row: LayerSignal) -> tuple[str, ...]:
    step = "–" if row.step is None else f"{row.step:.2g}"
    zeros = f"{100 * row.zeros:.0f} %"
    sizes = [f"{value:.2g}" for value in (row.a, row.spread, row.dz, row.dW)]
    return str(row.layer), f"{row.units:,}", row.activation, sizes[0], sizes[1], zeros, *sizes[2:], step

"""``Signal``: how large activations, gradients and steps are in each layer, as a table.

Where |a| shrinks from layer to layer, so does what the output can learn from; where |dz| shrinks from the last layer to
the first, the first layers hardly move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats

from .layer_anatomy import LayerAnatomy


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
    """

    rows: tuple[LayerSignal, ...]

    def __str__(self) -> str:
        head = ("layer", "units", "activation", "mean |a|", "spread", "zeros", "mean |dz|", "mean |dW|", "step / W")
        rows = [head, *(_cells(row) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        return "\n".join(
            [
                *lines,
                "",
                "spread: standard deviation of a over the examples, averaged over units; 0: the same for all",
                "step / W: mean size of the weights' step, as a share of the mean size of the weights",
            ]
        )


def signal_of(layers: Sequence[LayerAnatomy], steps: Parameters | None) -> Signal:
    """Measure the layers of one update.

    Args:
        layers: the layers, first one first.
        steps: ``W1 b1 … WL bL``, new − old; None where no step is made.
    """
    with np.errstate(all="ignore"):
        return Signal(tuple(_row(layer, steps) for layer in layers))


def _row(layer: LayerAnatomy, steps: Parameters | None) -> LayerSignal:
    size = _size(layer.W)
    return LayerSignal(
        layer.layer,
        len(layer.b),
        layer.activation,
        _size(layer.A),
        float(layer.A.std(axis=1).mean()),
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

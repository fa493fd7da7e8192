"""``LayerAnatomy``: everything that one layer computes in one update."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from layerlab.formulas import ACTIVATIONS, LayerCache, LinearCache
from layerlab.formulas.arrays import Floats


@dataclass(frozen=True, eq=False)
class LayerAnatomy:
    """One layer in one update: n units, n_prev inputs, m examples in columns.

    Attributes:
        layer: its number, from 1.
        activation: g; of the output layer, the function that makes predictions of Z.
        W, b: (n, n_prev) and (n, 1), before the update.
        A_prev: (n_prev, m), the inputs; sparse (CSC) where the training examples are sparse.
        Z: (n, m), W A_prev + b.
        A: (n, m), g(Z) after dropout; of the output layer, the predictions.
        kept: (n, m), the factors of dropout; None without dropout.
        dA, dZ: (n, m), gradients of each example's loss; dA is None in the output layer, where the loss gives dZ.
        dW, db: gradients of the mean loss, before penalty and clipping.
        activated: (n, m), g(Z) before dropout; of the output layer, Z.
    """

    layer: int
    activation: str
    W: Floats
    b: Floats
    A_prev: Any
    Z: Floats
    A: Floats
    kept: Floats | None
    dA: Floats | None
    dZ: Floats
    dW: Floats
    db: Floats
    activated: Floats = field(repr=False)

    def __repr__(self) -> str:
        n, n_prev = self.W.shape
        return f"<layer {self.layer}: {n_prev:,} inputs, {n:,} units, {self.activation}, {self.Z.shape[1]:,} examples>"

    @cached_property
    def slope(self) -> Floats | None:
        """(n, m), g′(Z); None in the output layer."""
        if self.dA is None:
            return None
        with np.errstate(all="ignore"):
            return np.asarray(ACTIVATIONS[self.activation].slope(self.Z, self.activated))

    def inputs(self, column: int) -> Floats:
        """Return the inputs of one example, (n_prev,)."""
        return _dense(self.A_prev[:, [column]])[:, 0]

    def input_row(self, row: int) -> Floats:
        """Return one input's value for each example, (m,)."""
        values: Floats = _dense(self.A_prev[[row]])[0]
        return values

    def cache(self, column: int) -> LayerCache:
        """Return what the backward pass needs of one example."""
        one = slice(column, column + 1)
        linear = LinearCache(self.inputs(column)[:, None], self.W, self.b)
        kept = None if self.kept is None else self.kept[:, one]
        activation = "identity" if self.dA is None else self.activation
        return LayerCache(linear, self.Z[:, one], self.activated[:, one], activation, kept=kept)


def _dense(values: Any) -> Floats:
    dense: Floats = values if isinstance(values, np.ndarray) else values.toarray()
    return dense

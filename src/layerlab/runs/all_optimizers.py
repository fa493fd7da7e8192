"""How a gradient becomes a step: the optimisers that are pure functions of arrays, and SciPy's L-BFGS."""

from __future__ import annotations

from typing import NamedTuple

from layerlab.formulas import OPTIMIZERS


class OptimizerFacts(NamedTuple):
    """What one needs to know of an optimiser to plan with it.

    Attributes:
        defaults: its own hyperparameters and their usual values.
        title: what it is called in a sentence.
        full_only: why the first layer is not computed in the span of the examples; "" if it may be.
    """

    defaults: dict[str, float]
    title: str
    full_only: str = ""


LBFGS = "lbfgs"

ALL_OPTIMIZERS = {
    name: OptimizerFacts(one.defaults, one.title, "" if one.commutes else f"{one.title} is not rotation-equivariant")
    for name, one in OPTIMIZERS.items()
} | {LBFGS: OptimizerFacts({}, "L-BFGS", "L-BFGS goes by lengths, which coefficients of examples do not keep")}
"""All that ``train`` may use, by name."""

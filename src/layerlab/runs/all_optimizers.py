"""All optimisers that ``train`` may use: those of ``formulas``, pure functions of arrays, and SciPy's L-BFGS."""

from __future__ import annotations

from typing import NamedTuple

from layerlab.formulas import OPTIMIZERS


class OptimizerFacts(NamedTuple):
    """What planning and printing need to know of an optimiser.

    Attributes:
        defaults: its own hyperparameters with their default values.
        title: its name in a sentence.
        full_only: why the first layer cannot be computed in the span of the examples; "" if it can.
    """

    defaults: dict[str, float]
    title: str
    full_only: str = ""


LBFGS = "lbfgs"

ALL_OPTIMIZERS = {
    name: OptimizerFacts(one.defaults, one.title, "" if one.commutes else f"{one.title} is not rotation-equivariant")
    for name, one in OPTIMIZERS.items()
} | {LBFGS: OptimizerFacts({}, "L-BFGS", "L-BFGS goes by lengths, which coefficients of examples do not keep")}
"""What is known of every optimiser, by the name that the setting ``optimizer`` takes."""

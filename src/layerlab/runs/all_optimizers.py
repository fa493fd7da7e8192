"""All optimisers of ``train``: those of ``formulas``, which are pure functions of arrays, and SciPy's L-BFGS."""

from __future__ import annotations

from typing import NamedTuple

from layerlab.formulas import OPTIMIZERS


class OptimizerFacts(NamedTuple):
    """What planning and printing need to know about an optimiser.

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
} | {LBFGS: OptimizerFacts({}, "L-BFGS", "L-BFGS uses lengths, which the coefficients of examples do not preserve")}
"""Facts about every optimiser, by its name in the setting ``optimizer``."""

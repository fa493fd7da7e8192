"""Shake the last bit of every initial weight: ``PYTHONPATH=tests SHAKE=1 .venv/bin/pytest --no-cov -p shaken``.

Another linear-algebra library, processor or number of threads rounds a product otherwise, and a training may amplify
that. A test that fails here (``SHAKE`` is the seed) hopes that a training ends in a certain way: build the situation
from fixed arrays instead. (Three of test_initializers.py fail, for they ask for these very bits.)
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from layerlab.formulas import initializers

SEED = os.environ.get("SHAKE")


def shaken(draw: Callable[..., Any]) -> Callable[..., Any]:
    """An initialiser whose numbers are one rounding higher, lower or as they were; zeros stay zeros."""

    def drawn(randn: Any, n: int, n_prev: int) -> Any:
        value = draw(randn, n, n_prev)
        roundings = np.random.RandomState([int(SEED or 0), n, n_prev]).randint(-1, 2, value.shape)
        return value * (1 + np.finfo(np.float64).eps * roundings)

    return drawn


if SEED is not None:  # else it is only read, for its docstring
    initializers.INITIALIZERS.update({name: shaken(draw) for name, draw in initializers.INITIALIZERS.items()})

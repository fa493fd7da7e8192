"""What of an iteration can be drawn: the check that its pictures begin with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from layerlab.errors import InputError
from layerlab.training.dissection.anatomy import Anatomy

LARGEST = 1e100
"""The largest number that is drawn. Around larger ones, the computation of axes and colours overflows."""


def check_iteration(anatomy: Any) -> None:
    """Check that a picture of an iteration gets one.

    Raises:
        InputError: it is something else, such as the stepper itself.
    """
    if not isinstance(anatomy, Anatomy):
        raise InputError(
            f"anatomy is {type(anatomy).__name__}: wanted an iteration taken apart, such as s.dissect() of a Stepper "
            f"s, or layerlab.dissect(run, data)"
        )


def check_drawable(anatomy: Anatomy, values: Iterable[Any]) -> None:
    """Check that numbers of an iteration can be drawn: that they are finite, and not larger than ``LARGEST``.

    Args:
        anatomy: the iteration, whose cost says whether the training diverged.
        values: numbers and arrays of it.

    Raises:
        InputError: one of them cannot.
    """
    largest = max((float(np.abs(value).max(initial=0.0)) for value in map(np.asarray, values)), default=0.0)
    if largest <= LARGEST:
        return
    if not np.isfinite(largest) and not np.isfinite(anatomy.cost):
        raise InputError(
            "some numbers are not finite, the training diverged: train with a lower learning rate, or smaller weights"
        )
    size = f"as large as {largest:.1e}" if np.isfinite(largest) else "not finite"
    raise InputError(f"some numbers are {size}, which cannot be drawn: wanted smaller weights and inputs")

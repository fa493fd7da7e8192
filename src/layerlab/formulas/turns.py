"""Cosine and sine of angles that are given in turns: cos 2πU and sin 2πU.

NumPy has fast functions for both. Compiled by XLA for a processor, a cosine is computed one number at a time, and takes
ten times as long as a few multiplications of whole arrays. There, both are computed together by power series: whole
turns are taken away, which loses nothing, and with the half angle a = π (U − round U), |a| ≤ π/2,

    sin a = a − a³/3! + a⁵/5! − …        cos a = 1 − a²/2! + a⁴/4! − …
    cos 2a = 1 − 2 sin² a                sin 2a = 2 sin a cos a

The series end where their next term is below the rounding of the type, so all agree with NumPy to a few roundings.
"""

from __future__ import annotations

import math

from .arrays import Array

TURN = 2 * math.pi
"""The angle of a whole turn."""

LAST_POWERS = {4: 14, 8: 22}
"""The highest power of a in the series, by the bytes of a number: (π/2)^16/16! is 7e-11, (π/2)^24/24! is 8e-20."""


def cosine_and_sine_of_turns(U: Array) -> tuple[Array, Array]:
    """Return cos 2πU and sin 2πU, each of the shape of U.

    Args:
        U: angles in turns: 1 is a whole one.

    Example:
        >>> import numpy as np
        >>> P, Q = cosine_and_sine_of_turns(np.array([0.0, 0.25, 0.5]))
        >>> print(np.round(P, 12) + 0.0, np.round(Q, 12) + 0.0)
        [ 1.  0. -1.] [0. 1. 0.]
    """
    xp = U.__array_namespace__()
    if xp.__name__ != "jax.numpy":
        angle = TURN * U
        return xp.cos(angle), xp.sin(angle)
    return _by_series(U)


def _by_series(U: Array) -> tuple[Array, Array]:
    """Compute both by the power series of the half angle."""
    a = math.pi * (U - U.__array_namespace__().round(U))
    square, last = a * a, LAST_POWERS[U.dtype.itemsize]
    sine, cosine = 0.0 * a, 0.0 * a
    for power in range(last, -1, -2):  # Horner's rule
        sign = -1.0 if power % 4 else 1.0
        cosine = cosine * square + sign / math.factorial(power)
        sine = sine * square + sign / math.factorial(power + 1)
    sine = sine * a
    return 1.0 - 2.0 * sine * sine, 2.0 * sine * cosine

"""Dropout: which hidden values an update sets to 0, chosen by a hash of seed, update, layer, unit and example.

With a hash in place of a random generator, every engine, every population and every width of padded arrays drops the
same values, and no random numbers have to be stored. The hash is two multiplications and three shifts of 32 bits
(Wellons 2018, "lowbias32"), applied once for each of the numbers.
"""

from __future__ import annotations

from typing import Any

from .arrays import Array

MULTIPLIER_1, MULTIPLIER_2 = 0x7FEB352D, 0x846CA68B
"""The hash's two multipliers."""


def dropout_factors(
    rate: Array | float, seed: Array, update: Array, layer: int, units: Array, examples: Array, dtype: Any
) -> Array:
    """Factors on hidden values: 0 or 1 / (1 − rate). This is inverted dropout (Srivastava et al. 2014).

    The values that are kept become larger in training, so that predictions need no change.

    Args:
        rate: share of the values that are set to 0, from 0 to below 1; a number, or (..., 1, 1) with one per model.
        seed, update: () whole numbers.
        layer: number of the hidden layer, from 1.
        units, examples: (n,) and (m,), the numbers of the layer's units and of the examples.
        dtype: type of the factors.

    Returns:
        (..., n, m), each 0 or 1 / (1 − rate).

    Example:
        >>> import numpy as np
        >>> number = np.asarray
        >>> dropout_factors(0.5, number(0), number(0), 1, np.arange(2), np.arange(6), np.float64)
        array([[0., 2., 2., 0., 0., 2.],
               [0., 2., 2., 0., 0., 2.]])
    """
    xp = examples.__array_namespace__()
    bits = _hashed(xp.astype(seed, xp.uint32)[None, None])
    for number in (update, layer, units[:, None], examples[None, :]):
        bits = _hashed(bits ^ (number if isinstance(number, int) else xp.astype(number, xp.uint32)))
    drawn = xp.astype(bits, dtype) * 2.0**-32
    return xp.where(drawn >= rate, 1.0 / (1.0 - rate), xp.zeros_like(drawn))


def _hashed(x: Array) -> Array:
    """Mix 32 bits so that every bit of the input changes about half of the output's bits."""
    x = (x ^ (x >> 16)) * MULTIPLIER_1
    x = (x ^ (x >> 15)) * MULTIPLIER_2
    return x ^ (x >> 16)

"""Several values in one option of the command line: with commas between them, and as ranges.

0.1,0.3          two values
0.001..1x7       seven values from 0.001 to 1, each larger by the same factor
0.001..1         the same with two steps per factor of 10: 0.001, 0.003162, 0.01, …
0..9             the whole numbers from 0 to 9
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from layerlab.errors import InputError
from layerlab.settings import Setting

MOST_VALUES = 10_000
"""The largest number of values in one range."""

STEPS_IN_A_DECADE = 2
"""Steps per factor of 10 in a range that does not say how many values it has."""

DIGITS = 4
"""Significant digits of the values between the ends, so that the value on the screen is the one in the training."""


def values_in(setting: Setting, text: str) -> list[Any]:
    """Return the values in a text, in their order.

    Args:
        setting: the hyperparameter whose values they are.
        text: values and ranges with commas between them.

    Raises:
        ValueError: a value is no number.
        InputError: a range goes from a higher to a lower number, has too many values, or is of the wrong kind.

    Example:
        >>> from layerlab.settings import SETTINGS
        >>> values_in(SETTINGS["learning_rate"], "0.01..1,5")
        [0.01, 0.03162, 0.1, 0.3162, 1.0, 5.0]
        >>> values_in(SETTINGS["seed"], "0..3")
        [0, 1, 2, 3]
    """
    return [value for part in text.split(",") for value in _part(setting, part.strip())]


def _part(setting: Setting, text: str) -> Sequence[Any]:
    """Return the values of one piece between commas: a value or a range."""
    if ".." not in text or setting.kind is str:
        return [_one(setting, text)]
    ends, _, count = text.partition("x")
    low, high = (setting.kind(end.strip()) for end in ends.split("..", 1))
    wrong = f"{setting.name.replace('_', ' ')} {text}: "
    if not low < high:
        raise InputError(f"{wrong}wanted a range from a lower to a higher number, such as {_example(setting)}")
    if setting.kind is int:
        if "x" in text:
            raise InputError(f"{wrong}wanted whole numbers from the first to the last, such as 0..9, without a count")
        return range(low, _checked(high - low + 1, wrong) + low)
    return _by_equal_factors(low, high, count if "x" in text else None, wrong)


def _by_equal_factors(low: float, high: float, count: str | None, wrong: str) -> list[float]:
    """Return values from low to high, each larger than the last by the same factor.

    Args:
        low, high: the ends, which are values too.
        count: how many values there are, or None for two steps per factor of 10.
        wrong: the beginning of an error message.
    """
    if not (low > 0 and math.isfinite(high)):
        raise InputError(f"{wrong}a range grows by equal factors: wanted finite ends above 0, or values with commas")
    n = int(count) if count is not None else round(STEPS_IN_A_DECADE * math.log10(high / low)) + 1
    if n < 2:
        raise InputError(f"{wrong}wanted at least 2 values in a range, such as 0.001..1x7")
    factor = (math.log(high) - math.log(low)) / (_checked(n, wrong) - 1)
    between = [float(f"{math.exp(math.log(low) + i * factor):.{DIGITS}g}") for i in range(1, n - 1)]
    return [low, *between, high]


def _checked(n: int, wrong: str) -> int:
    """Return the number of a range's values, or refuse it if it is too large."""
    if n > MOST_VALUES:
        raise InputError(f"{wrong}has {n:,} values: wanted at most {MOST_VALUES:,} in a range")
    return n


def _example(setting: Setting) -> str:
    return "0..9" if setting.kind is int else "0.001..1x7"


def _one(setting: Setting, text: str) -> Any:
    return None if setting.may_be_none and text in ("None", "none") else setting.kind(text)

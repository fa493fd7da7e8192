"""Several values in one option of the command line: with commas between them, and as ranges.

0.1,0.3          two values
0.001..1x7       seven values by equal factors, ends included
0.001..1         the same with two steps for each factor of 10: 0.001, 0.003162, 0.01, …
0..9             whole numbers, ends included
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from layerlab.errors import InputError
from layerlab.settings import Setting

MOST_VALUES = 10_000
"""Values that one range may name."""

STEPS_IN_A_DECADE = 2
"""Steps for each factor of 10 in a range that does not say how many values it has."""

DIGITS = 4
"""Significant digits of the values between the ends, so that the value shown is the one that is trained with."""


def values_in(setting: Setting, text: str) -> list[Any]:
    """The values that a text names, in its order.

    Args:
        setting: the hyperparameter whose values they are.
        text: values and ranges with commas between them, as above.

    Raises:
        ValueError: a value is no number.
        InputError: a range goes down, has too many values, or is not of the setting's kind.

    Example:
        >>> from layerlab.settings import SETTINGS
        >>> values_in(SETTINGS["learning_rate"], "0.01..1,5")
        [0.01, 0.03162, 0.1, 0.3162, 1.0, 5.0]
        >>> values_in(SETTINGS["seed"], "0..3")
        [0, 1, 2, 3]
    """
    return [value for part in text.split(",") for value in _part(setting, part.strip())]


def _part(setting: Setting, text: str) -> Sequence[Any]:
    """The values of one part between commas, a value or a range."""
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
    """Values from low to high, each by the same factor above the one before.

    Args:
        low, high: the ends, which are values too.
        count: how many values there are, or None for two steps a decade.
        wrong: how an error begins.
    """
    if not (low > 0 and math.isfinite(high)):
        raise InputError(f"{wrong}a range goes by equal factors: wanted finite ends above 0, or values with commas")
    n = int(count) if count is not None else round(STEPS_IN_A_DECADE * math.log10(high / low)) + 1
    if n < 2:
        raise InputError(f"{wrong}wanted at least 2 values in a range, such as 0.001..1x7")
    factor = (math.log(high) - math.log(low)) / (_checked(n, wrong) - 1)
    between = [float(f"{math.exp(math.log(low) + i * factor):.{DIGITS}g}") for i in range(1, n - 1)]
    return [low, *between, high]


def _checked(n: int, wrong: str) -> int:
    """The number of a range's values, refused if it is too large."""
    if n > MOST_VALUES:
        raise InputError(f"{wrong}names {n:,} values: wanted at most {MOST_VALUES:,} in a range")
    return n


def _example(setting: Setting) -> str:
    return "0..9" if setting.kind is int else "0.001..1x7"


def _one(setting: Setting, text: str) -> Any:
    return None if setting.may_be_none and text in ("None", "none") else setting.kind(text)

"""Several values in the words of a command line: with commas, and as ranges.

0.1,0.3          two values
0.001..1x7       seven values by equal factors, ends included
0.001..1         the same with two steps a decade: 0.001, 0.003162, 0.01, …
0..9             whole numbers, ends included
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from layerlab.errors import InputError
from layerlab.settings import Setting

MOST = 10_000
"""Values of one range."""

STEPS = 2
"""A decade, where nobody says how many values there shall be."""

DIGITS = 4
"""To which the values between the ends are rounded, so that the value that is told is the one that is trained with."""


def values_in(setting: Setting, text: str) -> list[Any]:
    """The values that a text names, those of ranges in their order.

    Args:
        setting: whose values they are.
        text: as above.

    Raises:
        ValueError: one of them is no number.
        InputError: a range is none.

    Example:
        >>> from layerlab.settings import SETTINGS
        >>> values_in(SETTINGS["learning_rate"], "0.01..1,5")
        [0.01, 0.03162, 0.1, 0.3162, 1.0, 5.0]
        >>> values_in(SETTINGS["seed"], "0..3")
        [0, 1, 2, 3]
    """
    return [value for part in text.split(",") for value in _part(setting, part.strip())]


def _part(setting: Setting, text: str) -> Sequence[Any]:
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
    return _spaced(low, high, count if "x" in text else None, wrong)


def _spaced(low: float, high: float, count: str | None, wrong: str) -> list[float]:
    """By equal factors."""
    if not (low > 0 and math.isfinite(high)):
        raise InputError(f"{wrong}a range goes by equal factors: wanted finite ends above 0, or values with commas")
    n = int(count) if count is not None else round(STEPS * math.log10(high / low)) + 1
    if n < 2:
        raise InputError(f"{wrong}wanted at least 2 values in a range, such as 0.001..1x7")
    factor = (math.log(high) - math.log(low)) / (_checked(n, wrong) - 1)
    between = [float(f"{math.exp(math.log(low) + i * factor):.{DIGITS}g}") for i in range(1, n - 1)]
    return [low, *between, high]


def _checked(n: int, wrong: str) -> int:
    if n > MOST:
        raise InputError(f"{wrong}names {n:,} values: wanted at most {MOST:,} in a range")
    return n


def _example(setting: Setting) -> str:
    return "0..9" if setting.kind is int else "0.001..1x7"


def _one(setting: Setting, text: str) -> Any:
    return None if setting.optional and text in ("None", "none") else setting.kind(text)

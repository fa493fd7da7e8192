"""Every hyperparameter once: its name, range, default and meaning in a sentence.

``train``, the command line and whatever sets hyperparameters read this table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from .errors import InputError


@dataclass(frozen=True)
class Setting:
    """One hyperparameter."""

    name: str
    kind: type
    default: Any
    help: str
    low: float = -math.inf
    above: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        """What values are right, in words."""
        if self.choices:
            return "one of " + ", ".join(repr(choice) for choice in self.choices)
        words = "a whole number" if self.kind is int else "a finite number"
        if self.low > -math.inf:
            words += f" of at least {self.kind(self.low)}"
        if self.above > -math.inf:
            words += f" above {self.above:g}"
        if self.high < math.inf:
            words += f", at most {self.kind(self.high)}"
        return words

    def check(self, value: Any) -> Any:
        """The value as its own type.

        Raises:
            InputError: it is of another kind or outside the range.
        """
        if not (self._is_choice(value) if self.choices else self._in_range(value)):
            raise InputError(f"{self.name}={value!r}: wanted {self.wanted} ({self.help[0].lower()}{self.help[1:]})")
        return self.kind(value)

    def _is_choice(self, value: Any) -> bool:
        return isinstance(value, str) and value in self.choices

    def _in_range(self, value: Any) -> bool:
        if not isinstance(value, Integral if self.kind is int else Real) or isinstance(value, bool):
            return False
        try:
            number = float(value)
        except OverflowError:  # a whole number that no float can hold
            return False
        return math.isfinite(number) and self.low <= number <= self.high and number > self.above


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("learning_rate", float, None, "Length of a step, as a multiple of the gradient", above=0),
        Setting("iterations", int, None, "Number of updates of the parameters", low=1),
        Setting("seed", int, 0, "Seed of the initial weights", low=0, high=2**32 - 1),
        Setting(
            "initializer",
            str,
            "he",
            "How the initial weights are drawn",
            choices=("zeros", "normal", "lecun", "xavier", "he"),
        ),
        Setting("engine", str, "auto", "What runs the updates", choices=("auto", "numpy")),
        Setting("dtype", str, "float64", "Type of all numbers", choices=("float64", "float32")),
    )
}
"""All hyperparameters by name."""


def check_settings(**values: Any) -> dict[str, Any]:
    """Each value checked against its row of the table.

    Example:
        >>> check_settings(learning_rate=1, iterations=100)
        {'learning_rate': 1.0, 'iterations': 100}
    """
    return {name: SETTINGS[name].check(value) for name, value in values.items()}

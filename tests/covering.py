"""Combinations for parametrized tests, where a whole product would test nothing more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def covering(*choices: Iterable[Any], rounds: int = 1) -> list[tuple[Any, ...]]:
    """Combinations that have every value of every list, each in ``rounds`` different companies.

    For values that the code keeps apart, such as activations and losses: what one of them does wrong shows beside any
    other. Of lists with 7 and 6 values a product has 42 combinations, one round 7 and two rounds 14.
    """
    lists = [list(values) for values in choices]
    longest = max(map(len, lists))
    return [
        tuple(values[(i + turn * number) % len(values)] for number, values in enumerate(lists))
        for turn in range(rounds)
        for i in range(longest)
    ]

"""Fields of a dataset that are computed when they are first read."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")

_COMPUTING = RLock()
"""Held while a field is computed, which may read other fields."""


class Deferred(Generic[T]):
    """A field of a frozen dataclass that may be given as a function without arguments.

    The function is called once, when the field is first read; then the field holds the result. So if a share of a table
    is held out at once, only the rest is prepared, and not the whole table before.

    Args:
        default: the field's default; a field without a default must be given.
    """

    def __init__(self, *default: T) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        """Remember the field's name, under which the instance stores the value."""
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        """Return the value, computing it now if it is still a function; from the class, return the default."""
        if instance is None:  # dataclass asks the class for the default
            if not self._default:
                raise AttributeError(self._name)
            return self._default[0]
        value = vars(instance)[self._name]
        if callable(value):
            with _COMPUTING:  # one thread computes it, and the others wait
                value = vars(instance)[self._name]
                if callable(value):
                    value = vars(instance)[self._name] = value()
        return cast("T", value)

    def __set__(self, instance: Any, value: T | Callable[[], T]) -> None:
        """Store a value, or the function that computes it."""
        vars(instance)[self._name] = value

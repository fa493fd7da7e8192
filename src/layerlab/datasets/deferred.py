"""Fields of a dataset that are computed when somebody first reads them."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")

_COMPUTING = RLock()
"""Held while a field is computed, which may read other fields."""


class Deferred(Generic[T]):
    """A field of a frozen dataclass that may be given as a function without arguments.

    The function is called once, when the field is first read, and the field holds the result from then on. So a table
    of which a share is held out at once is prepared once, for what is left to train on, and not for the whole before.

    Args:
        default: the field's default; a field without one has to be given.
    """

    def __init__(self, *default: T) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        """Remember the field's name, under which the value lies in the instance."""
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        """Return the value, which is computed now if it is a function still; from the class, return the default."""
        if instance is None:  # dataclass asks the class for the default
            if not self._default:
                raise AttributeError(self._name)
            return self._default[0]
        value = vars(instance)[self._name]
        if callable(value):
            with _COMPUTING:  # of several threads one computes it, and the others wait
                value = vars(instance)[self._name]
                if callable(value):
                    value = vars(instance)[self._name] = value()
        return cast("T", value)

    def __set__(self, instance: Any, value: T | Callable[[], T]) -> None:
        """Keep a value, or the function that computes it."""
        vars(instance)[self._name] = value

"""What a relation is looked for in: a wrong value, the right one, and what is known beside them, on one fixture."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..comparing import Numbers, numbers, tolerance_for


@dataclass(frozen=True)
class WrongValue:
    """A wrong value on one fixture.

    Attributes:
        got: what the learner's function has there.
        wanted: what the reference has there.
        sizes: the fixture's sizes by name.
        known: right quantities upstream of it, by name or by the text of the expression that makes them.
        name: of the quantity.
        arguments: of the call, by name, and what lies in them.
    """

    got: Any
    wanted: Any
    sizes: Mapping[str, int] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def came(self) -> Numbers | None:
        """The wrong value as an array of floats, if it is one."""
        return numbers(self.got)

    @cached_property
    def right(self) -> Numbers | None:
        """The right value as an array of floats, if it is one."""
        return numbers(self.wanted)

    @cached_property
    def tolerance(self) -> float:
        """How close numbers must be that are called equal."""
        return tolerance_for(self.got)

    @cached_property
    def quantities(self) -> dict[str, Numbers]:
        """The known arrays and numbers by name; what lies in dicts and tuples has names of its own."""
        found: dict[str, Numbers] = {}
        plain = {plain_name(name): value for name, value in self.known.items() if _is_expression(name)}
        for name, value in sorted(plain.items(), key=lambda item: isinstance(item[1], Mapping | tuple | list)):
            _collect(found, name, value)
        return {KEY.sub(lambda key: self._of_key(key, found), name): value for name, value in found.items()}

    def _of_key(self, key: re.Match[str], found: Mapping[str, Numbers]) -> str:
        """Write what lies in a dict by its key alone, where no other quantity has that name."""
        container, inner = self.known.get(key[1]), found.get(key[2])
        value = container.get(key[2]) if isinstance(container, Mapping) else None
        return (
            key[2] if value is not None and inner is not None and np.array_equal(np.asarray(value), inner) else key[0]
        )


KEY = re.compile(r"(\w+)\['(\w+)'\]")
"""An item of a dict: ``grads['dW1']``."""


def _collect(found: dict[str, Numbers], name: str, value: object) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            free = isinstance(key, str) and key.isidentifier() and key not in found
            _collect(found, str(key) if free else f"{name}[{key!r}]", item)
    elif isinstance(value, tuple | list):
        for place, item in enumerate(value):
            _collect(found, f"{name}[{place}]", item)
    else:
        array = numbers(value)
        if array is not None and array.size:
            found.setdefault(name, array)


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def plain_name(text: str) -> str:
    """Write an expression in one way: ``1 - A1**2``; what is no expression stays as it is."""
    try:
        return ast.unparse(ast.parse(text, mode="eval").body).replace(" ** ", "**")
    except SyntaxError:
        return text


@dataclass(frozen=True)
class Relation:
    """How a wrong value differs from the right one.

    Attributes:
        text: in the grammar of ``relations``.
        details: shapes (``got_shape``, ``wanted_shape``) and ``sizes`` (those that the text names) of the first case.
    """

    text: str
    details: Mapping[str, Any] = field(default_factory=dict)


def on_all(cases: Sequence[WrongValue], texts: Sequence[Sequence[str]]) -> list[str]:
    """Keep the texts that are true of every case, in the order of the first."""
    if not cases or not texts:
        return []
    return [text for text in texts[0] if all(text in others for others in texts[1:])]

"""Encoders and targets as plain values for JSON, and back again; a record that was changed is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from layerlab.datasets.json_values import check_keys, texts_from

from .encoders import Category, Date, Encoder, Number, Truth
from .target import Target

ENCODERS: dict[str, type[Encoder]] = {kind.kind: kind for kind in (Number, Truth, Category, Date)}
"""Encoders by the kind of column."""


def encoder_record(encoder: Encoder) -> dict[str, Any]:
    """Return an encoder's kind and fields as plain values."""
    return {"kind": encoder.kind, **_plain(encoder)}


def encoder_from(record: Any) -> Encoder:
    """Rebuild an encoder from what ``encoder_record`` wrote.

    Raises LookupError, TypeError or ValueError where the record was changed.
    """
    record = _mapping(record)
    kind = ENCODERS[_text(record["kind"])]
    return kind(**_checked(kind, {name: value for name, value in record.items() if name != "kind"}))


def target_record(target: Target) -> dict[str, Any]:
    """Return a target's fields as plain values."""
    return _plain(target)


def target_from(record: Any) -> Target:
    """Rebuild a target from what ``target_record`` wrote.

    Raises LookupError, TypeError or ValueError where the record was changed.
    """
    return Target(**_checked(Target, _mapping(record)))


def _plain(what: Encoder | Target) -> dict[str, Any]:
    """Return the fields of a dataclass as values that JSON can hold."""
    values = {field.name: getattr(what, field.name) for field in fields(what)}
    if values.get("scale") == float("inf"):  # JSON has no infinity
        values["scale"] = None
    if not values.get("knots", True):  # a version before there were knots can read the others, too
        del values["knots"]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _checked(kind: type[Any], record: dict[str, Any]) -> dict[str, Any]:
    """Check that a record has all fields of a dataclass and no others, each of its type."""
    wanted = {field.name: FIELD_READERS[str(field.type)] for field in fields(kind)}
    found = {"knots": []} | record if "knots" in wanted else dict(record)
    check_keys(found, set(wanted))
    if found.get("scale", 0.0) is None:
        found["scale"] = float("inf")
    return {name: read(found[name]) for name, read in wanted.items()}


def _mapping(record: Any) -> dict[str, Any]:
    """Check that a value is a mapping."""
    if not isinstance(record, dict):
        raise TypeError("wanted a mapping where there is something else")
    return record


def _number(value: Any) -> float:
    """Check that a value is a number, not NaN."""
    if type(value) is not float or value != value:
        raise TypeError("wanted a number where there is something else")
    return value


def _count(value: Any) -> int:
    """Check that a value is a whole number from 0."""
    if type(value) is not int or not 0 <= value < 2**53:
        raise TypeError("wanted a whole number from 0 where there is something else")
    return value


def _text(value: Any) -> str:
    """Check that a value is a text."""
    if not isinstance(value, str):
        raise TypeError("wanted a text where there is something else")
    return value


def _several(read: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    """Make a function that checks a list of such values."""

    def read_all(values: Any) -> tuple[Any, ...]:
        if not isinstance(values, list):
            raise TypeError("wanted a list where there is something else")
        return tuple(read(value) for value in values)

    return read_all


FIELD_READERS: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "int": _count,
    "float": _number,
    "tuple[str, ...]": texts_from,
    "tuple[int, ...]": _several(_count),
    "tuple[float, ...]": _several(_number),
}
"""How a field is checked, by its annotation."""

"""Right or not: shapes and numbers are compared, never types of numbers, so that no right answer is refused.

A returned value is compared as a tree whose leaves have names: an array, a number, or a list of numbers (the costs of a
training). What is accepted although it is not what was asked for is advice: an array of one number for a number, True
and False for 1 and 0, single precision. A list in place of an array is refused, since the next formula fails on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

COARSE = {2: 1e-2, 4: 1e-4}
"""Tolerances for numbers of 2 and of 4 bytes."""


def is_number(value: object) -> bool:
    """Say whether a value is one number: of Python, of NumPy, or an array without axes."""
    return isinstance(value, int | float | np.number | np.bool_) or (isinstance(value, np.ndarray) and value.ndim == 0)


def is_array(value: object) -> bool:
    """Say whether a value is an array with axes, of NumPy or of what turns into one."""
    return not is_number(value) and hasattr(value, "__array__") and not isinstance(value, type)


def is_list_of_numbers(value: object) -> bool:
    """Say whether a value is a list of numbers, or of arrays of one number: it is one leaf."""
    return isinstance(value, list) and all(is_number(item) or (is_array(item) and np.size(item) == 1) for item in value)


def numbers(value: object) -> Numbers | None:
    """Take a leaf as an array of floats; None where it is no array, number or list of numbers."""
    if is_list_of_numbers(value):
        value = [np.asarray(item).reshape(()) for item in value]  # type: ignore[attr-defined]
    elif not (is_number(value) or is_array(value)):
        return None
    array = np.asarray(value)
    if array.dtype.kind == "c":
        return None
    try:
        with np.errstate(all="ignore"):
            return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        return None


def tolerance_for(value: object, tolerance: float = 1e-7) -> float:
    """Return the tolerance, or a wider one for numbers of fewer than eight bytes."""
    kind = getattr(value, "dtype", None)
    return max(tolerance, COARSE.get(kind.itemsize, 0.0)) if kind is not None and kind.kind == "f" else tolerance


def close(got: Numbers, wanted: Numbers, tolerance: float = 1e-7) -> bool:
    """Say whether two arrays of one shape hold the same numbers, each up to the tolerance of itself and the largest."""
    if got.shape != wanted.shape:
        return False
    finite = np.abs(wanted[np.isfinite(wanted)])
    largest = float(finite.max()) if finite.size else 0.0
    with np.errstate(all="ignore"):
        return bool(np.allclose(got, wanted, tolerance, tolerance * largest or 1e-10, equal_nan=True))


def same(got: object, wanted: object, tolerance: float = 1e-7) -> bool:
    """Say whether a value is right: its shape and its numbers, whatever their type.

    A number may come as an array of one number. A tuple may come as a list. A dict may have more keys than wanted.
    """
    if isinstance(wanted, Mapping):
        return isinstance(got, Mapping) and all(key in got and same(got[key], wanted[key], tolerance) for key in wanted)
    if isinstance(wanted, tuple) or (isinstance(wanted, list) and not is_list_of_numbers(wanted)):
        return (
            isinstance(got, tuple | list)
            and len(got) == len(wanted)
            and all(same(item, other, tolerance) for item, other in zip(got, wanted, strict=True))
        )
    right = numbers(wanted)
    if right is None:
        if type(got) is not type(wanted):
            return False
        return bool(np.array_equal(np.asarray(got), wanted) if isinstance(wanted, np.ndarray) else got == wanted)
    if isinstance(wanted, list):
        got = list(got) if isinstance(got, tuple) else got
    elif isinstance(got, list):
        return False
    found = numbers(got)
    if found is None:
        return False
    if right.ndim == 0 and found.size == 1:
        found = found.reshape(())
    return close(found, right, tolerance_for(got, tolerance))


def leaves(value: object, names: Sequence[str]) -> dict[str, Any]:
    """List the leaves of a returned value by name, in order.

    Args:
        value: what the function returned.
        names: names of the values of a returned tuple, or the name of the one value. The keys of a dict name
            themselves; what lies in an inner tuple or list is ``caches[0]``. A name that is taken already keeps the
            dict's name too: ``cache['A2']``.
    """
    found: dict[str, Any] = {}
    if isinstance(value, tuple | list) and len(names) > 1:
        for place, item in enumerate(value):
            _spread(found, names[place] if place < len(names) else f"value[{place}]", item)
    else:
        _spread(found, names[0], value)
    return found


def _spread(found: dict[str, Any], name: str, value: object) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            inner = key if isinstance(key, str) and key not in found else f"{name}[{key!r}]"
            _spread(found, inner, item)
    elif isinstance(value, tuple) or (isinstance(value, list) and not is_list_of_numbers(value)):
        for place, item in enumerate(value):
            _spread(found, f"{name}[{place}]", item)
    else:
        found[name] = value


def kind_word(value: object) -> str:
    """Name a value's kind as sentences do: "array", "number", or the type's own name."""
    if value is None:
        return "None"
    return "number" if is_number(value) else "array" if is_array(value) else type(value).__name__


def structure_fault(got: object, wanted: object, names: Sequence[str]) -> str | None:
    """Say how the structure of a returned value differs from the wanted one, or None where it does not.

    One of: "type tuple instead of dict", "2 values instead of 3", "missing key 'dW1'", "order: dW, dA_prev, db" (the
    names of what came, in its order). A place inside follows: "2 values instead of 3 in caches[0]". Numbers count only
    for the order.
    """
    return _fault(got, wanted, list(names), "")


def _fault(got: object, wanted: object, names: list[str], place: str) -> str | None:
    where = f" in {place}" if place else ""
    if isinstance(wanted, Mapping):
        if not isinstance(got, Mapping):
            return f"type {kind_word(got)} instead of dict{where}"
        missing = [key for key in wanted if key not in got]
        if missing:
            return f"missing key {missing[0]!r}{where}"
        return _first(_fault(got[key], wanted[key], [str(key)], str(key)) for key in wanted)
    if isinstance(wanted, tuple) or (isinstance(wanted, list) and not is_list_of_numbers(wanted)):
        if not isinstance(got, tuple | list):
            return f"type {kind_word(got)} instead of {kind_word(wanted)}{where}"
        if len(got) != len(wanted):
            return f"{len(got)} {'value' if len(got) == 1 else 'values'} instead of {len(wanted)}{where}"
        if place or len(names) != len(wanted):
            names = [f"{place or names[0]}[{number}]" for number in range(len(wanted))]
        order = _order(got, wanted)
        if order is not None:
            return f"order: {', '.join(names[number] for number in order)}"
        return _first(_fault(item, other, [name], name) for item, other, name in zip(got, wanted, names, strict=True))
    return _leaf_fault(got, wanted, where)


def _leaf_fault(got: object, wanted: object, where: str) -> str | None:
    if isinstance(wanted, list):
        if not (isinstance(got, tuple | list) or is_array(got)):
            return f"type {kind_word(got)} instead of list{where}"
        count = len(got)  # type: ignore[arg-type]
        if count != len(wanted):
            return f"{count} {'value' if count == 1 else 'values'} instead of {len(wanted)}{where}"
        return None
    fits = type(got) is type(wanted)
    if is_number(wanted) or is_array(wanted):
        fits = is_number(got) or is_array(got)
    return None if fits else f"type {kind_word(got)} instead of {kind_word(wanted)}{where}"


def _first(faults: Any) -> str | None:
    return next((fault for fault in faults if fault is not None), None)


def _order(got: Sequence[object], wanted: Sequence[object]) -> list[int] | None:
    """Find which wanted value came at each place, where each came once and some are at another's place."""
    order: list[int] = []
    for place, item in enumerate(got):
        others = [other for other, value in enumerate(wanted) if other not in order and same(item, value)]
        order.append(place if same(item, wanted[place]) or not others else others[0])
    moved = sum(place != number for place, number in enumerate(order))
    return order if moved >= 2 and sorted(order) == list(range(len(wanted))) else None


def misplaced(got: object, wanted: object, names: Sequence[str]) -> dict[str, str]:
    """Find right values that came under another name: the wanted name, and the name where its value lies."""
    came, right = leaves(got, names), leaves(wanted, names)
    return {
        name: other
        for name, value in right.items()
        if not (name in came and same(came[name], value))
        for other in [next((other for other, item in came.items() if other != name and same(item, value)), None)]
        if other is not None and not (other in right and same(came[other], right[other]))
    }


def accepted_though(got: object, wanted: object, names: Sequence[str]) -> dict[str, str]:
    """List what a right answer should rather be: the leaf's name, and "one-by-one", "boolean" or "float32"."""
    came, advice = leaves(got, names), dict[str, str]()
    for name, right in leaves(wanted, names).items():
        value = came.get(name)
        if is_number(right) and is_array(value):
            advice[name] = "one-by-one"
        elif _type_kind(value) == "b" and _type_kind(right) != "b":
            advice[name] = "boolean"
        elif tolerance_for(value, 0.0) and not tolerance_for(right, 0.0):
            advice[name] = "float32"
    return advice


def _type_kind(value: object) -> str:
    return np.asarray(value).dtype.kind if is_number(value) or is_array(value) else ""

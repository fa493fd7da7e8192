"""Answers that are drawn at random are judged by their properties, never by their digits.

An exercise says in ``exercise.toml`` what is drawn:

    [random]
    seed = "seed"                     the argument that makes the answer repeatable
    W1 = { scale = 0.01 }             drawn around 0 with this standard deviation
    W = { scale = "1/n_prev**0.5" }   W1, W2, …: an expression of the array's rows n and columns n_prev
    b1 = "zero"                       all zeros; "b" for b1, b2, …

Shapes and zeros are looked at in every fixture. What chance decides (signs, mean, standard deviation) is looked at in
arrays of at least 200 numbers, with room for six standard errors: a right answer is not refused by bad luck.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..comparing import Numbers, kind_word, leaves, numbers, same
from .cases import Relation, WrongValue
from .constants import shape_text
from .recomputing import holds, value_of

ENOUGH, ERRORS = 200, 6.0
"""Numbers of an array whose spread is measured, and standard errors within which it may lie."""

SCALES = (
    *("1", "0.1", "0.01", "0.001", "0.0001", "10", "100", "1/n_prev", "1/n", "1/n_prev**0.5", "1/n**0.5"),
    *("(2/n_prev)**0.5", "(2/n)**0.5", "(2/(n+n_prev))**0.5", "n_prev**0.5", "n**0.5", "n_prev", "0.01/n_prev**0.5"),
)
"""Standard deviations that have a name."""


def drawn_rule(random: Mapping[str, Any], leaf: str) -> Mapping[str, Any] | str | None:
    """Return what an exercise says of a leaf, by its name or by its name without the number; None where nothing."""
    rule: Mapping[str, Any] | str | None = random.get(leaf, random.get(leaf.rstrip("0123456789")))
    return rule if leaf != "seed" else None


def drawn_right(leaf: str, got: object, wanted: object, random: Mapping[str, Any]) -> bool:
    """Say whether a leaf that is drawn at random has the wanted properties, which its shape is one of."""
    return next(_faults(leaf, got, wanted, random), None) is None


def drawn_relation(leaf: str, cases: Sequence[WrongValue], random: Mapping[str, Any]) -> Relation | None:
    """Say how a leaf that is drawn at random differs from what was wanted, on all fixtures where it does.

    Its texts: shape (n,) · type list · not a number · not zero · constant 0 · constant · rows equal · columns equal ·
    only positive · only negative · not centred · scale 1 instead of 0.01.
    """
    wrong = [case for case in cases if not drawn_right(leaf, case.got, case.wanted, random)]
    found = [list(_faults(leaf, case.got, case.wanted, random)) for case in wrong]
    shapes = [case.came.shape for case in wrong if case.came is not None]
    for text in found[0] if found else ():
        if all(text in others for others in found):
            named = shape_text(shapes, wrong) if text.startswith("shape") and len(shapes) == len(wrong) else None
            return Relation(named or text, _details(wrong[0]))
    return None


def drawn_holds(text: str, leaf: str, case: WrongValue, random: Mapping[str, Any]) -> bool:
    """Say whether such a text is true of a leaf in one fixture, recomputed."""
    if text.startswith("shape ("):
        return holds(f"{text} of other numbers", case)
    return text in _faults(leaf, case.got, case.wanted, random)


def _details(case: WrongValue) -> dict[str, Any]:
    shapes = {"got_shape": case.came, "wanted_shape": case.right}
    return {name: list(value.shape) for name, value in shapes.items() if value is not None} | {
        "sizes": dict(case.sizes)
    }


def _faults(leaf: str, got: object, wanted: object, random: Mapping[str, Any]) -> Iterator[str]:
    came, right, rule = numbers(got), numbers(wanted), drawn_rule(random, leaf)
    if came is None or right is None:
        yield f"type {kind_word(got)}"
    elif came.shape != right.shape:
        yield "shape"
    elif not np.isfinite(came).all():
        yield "not a number"
    elif rule == "zero":
        yield from ["not zero"] if came.any() else []
    elif isinstance(rule, Mapping):
        yield from _spread_faults(came, rule["scale"])


def _spread_faults(values: Numbers, scale: float | str) -> Iterator[str]:
    if values.size > 1 and (values == values.flat[0]).all():
        yield "constant 0" if values.flat[0] == 0 else "constant"
    if values.ndim == 2 and min(values.shape) > 1:
        yield from ["rows equal"] if (values == values[:1]).all() else []
        yield from ["columns equal"] if (values == values[:, :1]).all() else []
    if values.size < ENOUGH:
        return
    if (values >= 0).all() or (values <= 0).all():
        yield "only positive" if values.max() > 0 else "only negative"
    spread, error = float(values.std()), 1 / np.sqrt(values.size)
    if abs(values.mean()) > ERRORS * spread * error:
        yield "not centred"
    if not _near(spread, _scale(scale, values), error):
        names = [name for name in SCALES if _near(spread, _scale(name, values), error)]
        nearest = min(names, key=lambda name: abs(np.log(spread / _scale(name, values))), default=f"{spread:.2g}")
        yield f"scale {nearest} instead of {scale}"


def _near(spread: float, scale: float, error: float) -> bool:
    """Say whether a measured standard deviation is this one, as far as so many numbers tell."""
    return spread > 0 and abs(spread / scale - 1) <= ERRORS * error / np.sqrt(2)


def _scale(scale: float | str, values: Numbers) -> float:
    sizes = dict(zip(("n", "n_prev"), values.shape, strict=False))
    return float(value_of(str(scale), WrongValue(None, None, sizes)))


def drawing_fault(
    call: Callable[..., object], arguments: Mapping[str, Any], names: Sequence[str], random: Mapping[str, Any]
) -> tuple[str, str] | None:
    """Call a function that draws once more, and with another seed: the leaf where that shows a fault, and the fault.

    Args:
        call: the function, called with the arguments by their place.
        arguments: of a fixture with large arrays.
        names: of its outputs.
        random: the exercise's table.

    Returns:
        A leaf, and "not repeatable", "same for every seed" or "repeats W1" (the numbers of another leaf); or None.
    """
    seed = random.get("seed")
    first, again = (leaves(call(*arguments.values()), names) for _ in range(2))
    drawn = [
        leaf for leaf in first if isinstance(drawn_rule(random, leaf), Mapping) and numbers(first[leaf]) is not None
    ]
    if seed is not None:
        changed = {**arguments, seed: arguments[seed] + 1}
        other = leaves(call(*changed.values()), names)
        for leaf in drawn:
            if not same(again.get(leaf), first[leaf]):
                return leaf, "not repeatable"
            if same(other.get(leaf), first[leaf]):
                return leaf, "same for every seed"
    for place, leaf in enumerate(drawn):
        for earlier in drawn[:place]:
            if _same_stream(first[earlier], first[leaf]):
                return leaf, f"repeats {earlier}"
    return None


def _same_stream(one: Any, other: Any) -> bool:
    """Say whether two arrays begin with the same numbers, but for a factor."""
    a, b = np.ravel(np.asarray(one, dtype=float)), np.ravel(np.asarray(other, dtype=float))
    count = min(len(a), len(b), ENOUGH)
    a, b = a[:count], b[:count]
    if count < 10 or not a.any() or not b.any():
        return False
    return bool(np.allclose(a / np.abs(a).max(), b / np.abs(b).max(), 1e-9))

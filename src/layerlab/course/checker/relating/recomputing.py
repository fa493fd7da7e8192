"""Statements of relations, recomputed from their text alone: whether "ratio 1/m" is true of a wrong value."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from ..comparing import Numbers, close, kind_word, same
from .cases import WrongValue

Function = Callable[[Numbers], Numbers]

FUNCTIONS: Mapping[str, Function] = {
    "exp": np.exp,
    "log": np.log,
    "abs": np.abs,
    "sqrt": np.sqrt,
    "square": np.square,
    "reciprocal": np.reciprocal,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "threshold": lambda x: np.where(x > 0.5, 1.0, 0.0),
    "round": np.round,
}
"""Elementwise functions that a relation may name."""

INSTEAD: Mapping[str, tuple[Function, Function | None]] = {
    "sigmoid": (FUNCTIONS["sigmoid"], lambda a: np.log(a / (1 - a))),
    "tanh": (np.tanh, np.arctanh),
    "relu": (FUNCTIONS["relu"], None),
}
"""Activations that are taken for each other, each with its inverse."""

OPERATORS: Mapping[type[ast.AST], Callable[..., Numbers]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.USub: operator.neg,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
}

CALLS: Mapping[str, Callable[..., Numbers]] = {
    **{f"np.{name}": getattr(np, name) for name in ("sum", "mean", "max", "min", "std", "exp", "log", "abs", "sqrt")},
    **{f"np.{name}": getattr(np, name) for name in ("square", "tanh", "maximum", "minimum", "sign", "dot", "outer")},
    "np.linalg.norm": np.linalg.norm,
    "sigmoid": FUNCTIONS["sigmoid"],
    "relu": FUNCTIONS["relu"],
}
"""Calls that an expression may hold."""


def value_of(text: str, case: WrongValue) -> Numbers:
    """Compute an expression of known quantities and sizes; KeyError or ValueError where it has no value."""
    with np.errstate(all="ignore"):
        return np.asarray(_value(ast.parse(text, mode="eval").body, case), dtype=float)


def _value(node: ast.expr, case: WrongValue) -> Numbers:
    name = ast.unparse(node).replace(" ** ", "**")
    if name in case.quantities:
        return case.quantities[name]
    if name in case.sizes:
        return np.asarray(float(case.sizes[name]))
    match node:
        case ast.Constant(value=int() | float() as number):
            return np.asarray(float(number))
        case ast.UnaryOp(op=op, operand=operand):
            return OPERATORS[type(op)](_value(operand, case))
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](_value(left, case), _value(right, case))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return OPERATORS[type(op)](_value(left, case), _value(right, case)).astype(float)
        case ast.Attribute(value=inner, attr="T"):
            return _value(inner, case).T
        case ast.Call(func=function, args=args, keywords=keywords):
            options = {str(option.arg): ast.literal_eval(option.value) for option in keywords}
            return CALLS[ast.unparse(function)](*(_value(arg, case) for arg in args), **options)
    raise KeyError(name)


REDUCTION = re.compile(r"(np\.(?:sum|mean|max|min|linalg\.norm)\((\w+))\)")
FUNCTION_OF_SUM = re.compile(r"np\.(abs|exp)\(np\.sum\(([^()]+)\)\)")


def refined(text: str) -> Iterator[str]:
    """List what may be said of "is E" that tells more: another axis, or a sum before a function."""
    expression = text.removeprefix("is ")
    if expression != text:
        yield from (f"{word}: {expression}" for word, _ in _other_ways(expression))


def _other_ways(expression: str) -> Iterator[tuple[str, str]]:
    """Give what may be wrong in an expression, and the expression in which it is mended."""
    for axis, other in ((0, 1), (1, 0)):
        mended = re.sub(rf"axis={axis}(, keepdims=True)?\)", f"axis={other}, keepdims=True)", expression)
        if mended != expression:
            yield f"axis {axis} instead of {other}", mended
    mended = REDUCTION.sub(r"\1, axis=1, keepdims=True)", expression)
    if mended != expression:
        yield "no axis", mended
    mended = FUNCTION_OF_SUM.sub(r"np.sum(np.\1(\2))", expression)
    if mended != expression:
        yield f"added before {FUNCTION_OF_SUM.search(expression)[1]}", mended  # type: ignore[index]
    squared = re.fullmatch(r"np\.sum\((.*)\) \* np\.sum\(\1\)", expression)
    if squared is not None:
        yield "added before square", f"np.sum(({squared[1]})**2)"


def _equal_but_for_shape(value: Numbers, wanted: Numbers, tolerance: float) -> bool:
    return value.size == wanted.size and close(value.reshape(wanted.shape), wanted, tolerance)


FORM = re.compile(r"(transposed|repeated|shape \(.*?\)|(?:not )?(?:added|averaged)(?: axis \d)?)(?:, (.*))?$")
"""Relations of a value in another shape, with what follows: ``shape (n,), ratio m``."""


def holds(text: str, case: WrongValue) -> bool:
    """Say whether a relation's text is true of a case, computed from the text alone; of a right value none is."""
    try:
        with np.errstate(all="ignore"):
            return _holds(text, case)
    except (KeyError, ValueError, SyntaxError, ZeroDivisionError, TypeError):
        return False


def _holds(text: str, case: WrongValue) -> bool:
    if text == "none":
        return case.got is None
    if text.startswith("type "):
        return case.came is None and kind_word(case.got) == text.removeprefix("type ") != kind_word(case.wanted)
    if isinstance(case.got, str) and isinstance(case.wanted, str):
        return text == f'is "{case.got}"' and case.got != case.wanted
    got, wanted = case.came, case.right
    if got is None or wanted is None or close(got, wanted, case.tolerance):
        return False
    if text == "not a number":
        return bool(np.isfinite(wanted).all() and not np.isfinite(got).all())
    if text == "unchanged":
        given = case.arguments.get(case.name)
        return same(case.got, given) and not any(same(case.wanted, value) for value in case.arguments.values())
    head, colon, expression = text.partition(": ")
    if colon:
        return any(
            refined_by == head
            and _holds(f"is {expression}", case)
            and _equal_but_for_shape(value_of(other, case), wanted, case.tolerance)
            for refined_by, other in _other_ways(expression)
        )
    if text.endswith(" of other numbers"):
        return got.shape != wanted.shape and got.shape == _shape(text.removesuffix(" of other numbers"), case)
    form = FORM.match(text)
    if form is None:
        return (got.shape == wanted.shape or text.startswith(("is ", "constant"))) and _numbers_hold(
            text, case, got, wanted
        )
    pairs = compared_by(form[1], case)
    turned = got.shape != wanted.shape or form[1] == "transposed"
    return turned and any(_numbers_hold(form[2] or "same", case, *pair) for pair in pairs)


def _shape(text: str, case: WrongValue) -> tuple[int, ...]:
    sides = text.removeprefix("shape (").removesuffix(")").split(",")
    return tuple(int(value_of(side.strip(), case)) for side in sides if side.strip())


def fits_into(shape: tuple[int, ...], larger: tuple[int, ...]) -> bool:
    """Say whether an array of a shape can be repeated to fill another shape."""
    sides = zip(shape[::-1], larger[::-1], strict=False)
    return len(shape) <= len(larger) and all(side in (1, other) for side, other in sides)


def compared_by(form: str, case: WrongValue) -> Iterator[tuple[Numbers, Numbers]]:
    """List what is equal where a relation of shapes holds: parts of the wrong and of the right value."""
    got, wanted = case.came, case.right
    if got is None or wanted is None:
        return
    if not form:
        yield got, wanted
    elif form == "transposed":
        yield got.T, wanted
    elif form == "repeated":
        for value in (wanted, wanted.T, wanted.ravel()):
            if got.size > wanted.size and fits_into(value.shape, got.shape):
                yield got, np.broadcast_to(value, got.shape)
    elif form.startswith("shape"):
        if got.shape == _shape(form, case) and got.size == wanted.size:
            yield got.reshape(wanted.shape), wanted
    else:
        yield from _reduced(form, got, wanted)


def _reduced(form: str, got: Numbers, wanted: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    axis = int(form[-1]) if form[-1].isdigit() else None
    reduced = np.sum if "added" in form else np.mean
    missing = form.startswith("not ")
    whole, part = (got, wanted) if missing else (wanted, got)
    all_equal = reduced is np.mean and whole.size > 0 and bool((whole == whole.flat[0]).all())  # each is the mean
    if whole.size and not all_equal and (axis is None or axis < whole.ndim):
        result = np.asarray(reduced(whole, axis=axis))
        if result.size == part.size <= whole.size:
            result = result.reshape(part.shape)
            yield (result, part) if missing else (part, result)


def _numbers_hold(text: str, case: WrongValue, got: Numbers, wanted: Numbers) -> bool:
    """Say whether a relation of two arrays of one shape holds."""
    if text in _PLAIN:
        return _PLAIN[text](got, wanted, case.tolerance)
    coefficient, within, term = text.removeprefix("ratio ").partition(" in term ")
    if within:
        more = (value_of(coefficient, case) - 1) * value_of(term, case)
        return any(_broadcast_close(got, wanted + sign * more, case.tolerance) for sign in (1, -1))
    for head, equal in _WITH_EXPRESSION.items():
        if text.startswith(head):
            value = value_of(text.removeprefix(head), case)
            if head == "is " and value.shape != got.shape:
                return False
            return any(_broadcast_close(a, b, case.tolerance) for a, b in equal(got, wanted, value))
    one, instead, other = text.partition(" instead of ")
    if instead:
        return _taken_instead(one, other, case, got, wanted)
    name = text.removeprefix("without ").removeprefix("function ")
    if text.startswith("function "):
        return close(got, FUNCTIONS[name](wanted), case.tolerance)
    return text == f"without function {name}" and close(FUNCTIONS[name](got), wanted, case.tolerance)


def _taken_instead(one: str, other: str, case: WrongValue, got: Numbers, wanted: Numbers) -> bool:
    """Say whether one function was taken of what another one should have been taken of."""
    (function, back), (right, undo) = INSTEAD[one], INSTEAD[other]
    if undo is not None:
        return close(got, function(undo(wanted)), case.tolerance)
    return back is not None and close(right(back(got)), wanted, case.tolerance)


_WITH_EXPRESSION: Mapping[str, Callable[[Numbers, Numbers, Numbers], tuple[tuple[Numbers, Numbers], ...]]] = {
    "ratio ": lambda got, wanted, value: ((got, wanted * value),),
    "constant ": lambda got, _, value: ((got, value),),
    "is ": lambda got, _, value: ((got, value),),
    "missing term ": lambda got, wanted, value: ((got, wanted - value), (got, wanted + value)),
    "off by term ": lambda got, wanted, value: ((got, wanted - value), (got, wanted + value)),
    "extra term ": lambda got, wanted, value: ((got, wanted + value), (got, wanted - value)),
    "sign of term ": lambda got, wanted, value: ((got, wanted - 2 * value), (got, wanted + 2 * value)),
    "without factor ": lambda got, wanted, value: ((got * value, wanted),),
    "extra factor ": lambda got, wanted, value: ((got, wanted * value),),
}
"""Relations with an expression: what is equal where they hold."""


def _broadcast_close(a: Numbers, b: Numbers, tolerance: float) -> bool:
    one, other = np.broadcast_arrays(a, b)
    return close(one, other, tolerance)


def _permuted(got: Numbers, wanted: Numbers, tolerance: float) -> bool:
    values = np.sort(wanted, axis=None)
    various = bool(np.count_nonzero(np.diff(values)) >= 2)
    return various and close(np.sort(got, axis=None), values, tolerance)


def _rows_permuted(got: Numbers, wanted: Numbers, tolerance: float) -> bool:
    if got.ndim != 2 or not _permuted(got, wanted, tolerance):
        return False
    mine, right = (value[np.lexsort(value.round(12).T[::-1])] for value in (got, wanted))
    return close(mine, right, tolerance)


def _signs(got: Numbers, wanted: Numbers, tolerance: float) -> bool:
    turned = np.sign(got) != np.sign(wanted)
    return bool(turned.any() and not turned[wanted != 0].all()) and close(np.abs(got), np.abs(wanted), tolerance)


def _reshaped(got: Numbers, wanted: Numbers, tolerance: float) -> bool:
    return got.ndim == 2 and close(got, wanted.T.reshape(got.shape), tolerance)


def _proportional(got: Numbers, wanted: Numbers, tolerance: float) -> bool:
    largest = np.unravel_index(np.argmax(np.abs(wanted)), wanted.shape)
    factor = got[largest] / wanted[largest]
    return bool(wanted.size >= 3 and factor) and close(got, factor * wanted, tolerance)


def _factor_per_row(got: Numbers, wanted: Numbers, tolerance: float) -> bool:
    if got.ndim != 2 or got.shape[1] < 2 or not np.abs(wanted).max(axis=1).all():
        return False
    largest = np.argmax(np.abs(wanted), axis=1)[:, None]
    factors = np.take_along_axis(got, largest, 1) / np.take_along_axis(wanted, largest, 1)
    return not _proportional(got, wanted, tolerance) and close(got, factors * wanted, tolerance)


_PLAIN: Mapping[str, Callable[[Numbers, Numbers, float], bool]] = {
    "same": close,
    "1 - x": lambda got, wanted, tolerance: close(got, 1 - wanted, tolerance),
    "proportional": _proportional,
    "reshaped instead of transposed": _reshaped,
    "rows permuted": _rows_permuted,
    "columns permuted": lambda got, wanted, tolerance: _rows_permuted(got.T, wanted.T, tolerance),
    "permuted": _permuted,
    "truncated": lambda got, wanted, tolerance: close(got, np.trunc(wanted), tolerance),
    "modulo 256": lambda got, wanted, tolerance: close(got, wanted % 256, tolerance),
    "signs": _signs,
    "constant": lambda got, _, tolerance: got.size >= 2 and close(got, np.full_like(got, got.flat[0]), tolerance),
    "factor per row": _factor_per_row,
    "factor per column": lambda got, wanted, tolerance: _factor_per_row(got.T, wanted.T, tolerance),
}
"""Relations of two arrays of one shape that need nothing else."""

"""Which class of exception a call raised, and the facts of it that a learner can use.

The class follows from the exception's type. Where the type says little (NumPy raises ``ValueError`` for much), it
follows from the operands at the place that raised: their shapes and types are facts, whatever NumPy's text says in
the next version.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np

Operands = Sequence[tuple[str, Any]]
"""The parts of the expression that raised, by their text, with their values."""

PRODUCTS = ("np.dot", "np.matmul", "numpy.dot", "numpy.matmul")
"""Calls that multiply matrices: the inner sizes must be equal."""


@dataclass(frozen=True)
class Raised:
    """An exception as a fact.

    Attributes:
        relation: its class, one of ``EXCEPTIONS``.
        details: shapes, types, names, and Python's own words under ``text``.
    """

    relation: str
    details: Mapping[str, Any] = field(default_factory=dict)


def classified(error: BaseException, part: str, operands: Operands, names: Sequence[str] = ()) -> Raised:
    """Say which class an exception is of.

    Args:
        error: what was raised.
        part: the text of the expression that raised it.
        operands: that expression's parts and their values.
        names: the names that could have been meant, for one that is not known.
    """
    said = {"exception": type(error).__name__, "text": str(error)}
    raised = _by_type(error, names) or _by_operands(error, part, operands) or _by_text(error, operands)
    return Raised(raised.relation, said | dict(raised.details))


def _by_type(error: BaseException, names: Sequence[str]) -> Raised | None:
    """The class of an exception whose type says it."""
    match error:
        case KeyError():
            return Raised("missing-key", {"key": _plain(error.args[0]) if error.args else None})
        case UnboundLocalError():
            return Raised("unassigned", {"name": error.name or _quoted(error)})
        case NameError():
            name = error.name or _quoted(error)
            alike = {other.lower(): other for other in names if other != name}
            close = get_close_matches(name.lower(), alike, 1, 0.75)
            return Raised("unknown-name", {"name": name, "nearest": alike[close[0]] if close else None})
        case AttributeError():
            kind = type(error.obj).__name__ if error.obj is not None else None
            alike = {other.lower(): other for other in dir(error.obj)} if error.obj is not None else {}
            near = get_close_matches(str(error.name).lower(), alike, 1, 0.8)
            details = {"attribute": error.name, "type": kind, "nearest": alike[near[0]] if near else None}
            return Raised("attribute", details)
        case IndexError() if "only integers" not in str(error):
            return Raised("index")
    return None


def _by_operands(error: BaseException, part: str, operands: Operands) -> Raised | None:
    """The class that follows from operands that do not go together."""
    if "Casting" in type(error).__name__:
        return Raised("casting", {"types": [_type(value) for _, value in operands]})
    values = [value for _, value in operands]
    arrays = [value for value in values if isinstance(value, (np.ndarray, np.generic, int, float))]
    operation = _operation(part)
    if isinstance(error, ValueError) and len(values) == 2 and len(arrays) == 2:
        shapes = [list(np.shape(value)) for value in arrays]
        if operation == "product" and not _multiplies(*arrays):
            return Raised("shapes", {"operation": "product", "shapes": shapes, "turn": _turns(*arrays)})
        if operation == "elementwise" and not _lines_up(*arrays):
            return Raised("shapes", {"operation": "elementwise", "shapes": shapes})
    return None


def _operation(part: str) -> str:
    """What an expression does with two arrays: "product", "elementwise" or "other"."""
    try:
        node = ast.parse(part.strip(), mode="eval").body
    except SyntaxError:
        return _in_place(part)
    match node:
        case ast.BinOp(op=ast.MatMult()):
            return "product"
        case ast.BinOp() | ast.Compare():
            return "elementwise"
        case ast.Call(func=function):
            name = ast.unparse(function)
            if name in PRODUCTS or name.endswith(".dot"):
                return "product"
            ufunc = getattr(np, name.split(".")[-1], None)
            return "elementwise" if isinstance(ufunc, np.ufunc) and ufunc.nin == 2 else "other"
    return "other"


def _in_place(part: str) -> str:
    try:
        node = ast.parse(part.strip()).body[0]
    except (SyntaxError, IndexError):
        return "other"
    return "elementwise" if isinstance(node, ast.AugAssign) and not isinstance(node.op, ast.MatMult) else "other"


def _multiplies(left: Any, right: Any) -> bool:
    """Whether two arrays have a matrix product."""
    a, b = np.shape(left), np.shape(right)
    if not a or not b:
        return True
    return bool(a[-1] == (b[-2] if len(b) > 1 else b[-1]))


def _turns(left: Any, right: Any) -> bool:
    """Whether turning one of two matrices makes them fit."""
    return _multiplies(np.transpose(left), right) or _multiplies(left, np.transpose(right))


def _lines_up(left: Any, right: Any) -> bool:
    """Whether two arrays can be combined element by element."""
    try:
        np.broadcast_shapes(np.shape(left), np.shape(right))
    except ValueError:
        return False
    return True


def other_product(details: Mapping[str, Any]) -> str | None:
    """How two arrays would give the wanted shape: "turned", "exchanged", "elementwise" or "product".

    Args:
        details: with the operation, the two shapes, and the wanted shape.
    """
    wanted, shapes = details.get("wanted_shape"), details.get("shapes", ())
    if not wanted or len(shapes) != 2:
        return None
    a, b = (np.zeros(shape) for shape in shapes)
    ways: Mapping[str, Sequence[tuple[str, Callable[[], Any]]]] = {
        "product": (
            ("turned", lambda: a.T @ b),
            ("turned", lambda: a @ b.T),
            ("exchanged", lambda: b @ a),
            ("elementwise", lambda: a * b),
        ),
        "elementwise": (("product", lambda: a @ b), ("product", lambda: b @ a)),
    }
    tried = ways.get(details.get("operation", ""), ())
    return next((way for way, product in tried if _gives(product, wanted)), None)


def _gives(product: Callable[[], Any], shape: Sequence[int]) -> bool:
    """Whether a product can be computed and has this shape."""
    try:
        return list(product().shape) == list(shape)
    except ValueError:
        return False


TEXTS = (
    ("truth-value", ("truth value",)),
    ("one-number", ("length-1 arrays", "size-1 arrays", "0-dimensional arrays can be", "must be real number")),
    ("casting", ("Cannot cast", "cannot cast")),
    ("unpacking", ("unpack",)),
    (
        "call",
        (
            "positional argument",
            "keyword argument",
            "required argument",
            "() takes",
            "as a data type",
        ),
    ),
    ("types", ("is not callable", "inhomogeneous", "unhashable", "indices must be", "only integers", "scalar index")),
    ("index", ("out of bounds for array of dimension", "out of range", "as an index")),
    (
        "shapes",
        ("reshape", "broadcast", "not aligned", "mismatch", "must match", "same number of dim", "shape", "too deep"),
    ),
    ("types", ("operand", "subscriptable", "iterable", "ufunc", "must be str", "concatenate", "len()")),
    ("types", ("support", "sequence", "argument", "interpreted as an integer")),
)
"""Words of Python and NumPy by which the class of a ``TypeError`` or ``ValueError`` is known; the first that fits."""


def _by_text(error: BaseException, operands: Operands) -> Raised:
    """The class of an exception that its operands do not explain."""
    text = str(error)
    found = next((name for name, words in TEXTS if any(word in text for word in words)), "other")
    relation = found if isinstance(error, (TypeError, ValueError, IndexError)) else "other"
    shapes = [list(value.shape) for _, value in operands if isinstance(value, np.ndarray)]
    details: dict[str, Any] = {"types": [_type(value) for _, value in operands], "shapes": shapes}
    if relation == "shapes":
        details["operation"] = "reshape" if "reshape" in text else "other"
    return Raised(relation, details)


def _type(value: Any) -> str:
    """A value's type as a learner knows it: ``tuple``, ``float``, ``array of int64``."""
    return f"array of {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__


def _quoted(error: BaseException) -> str:
    """The name that a message of Python quotes."""
    parts = str(error).split("'")
    return parts[1] if len(parts) > 2 else ""


def _plain(key: Any) -> Any:
    return key if isinstance(key, (str, int)) else str(key)

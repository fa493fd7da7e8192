"""What an expression can be made of: the known quantities, and what is often made of one of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..comparing import Numbers
from .cases import WrongValue


@dataclass(frozen=True)
class Term:
    """A known quantity, or something made of one, in every case.

    Attributes:
        text: as an expression of Python.
        values: one array a case.
        base: the known quantity that it is made of.
        steps: how far it is from it: 0 itself, 1 what is often made of it, 2 what is rarely.
    """

    text: str
    values: tuple[Numbers, ...]
    base: str
    steps: int = 0

    @property
    def is_number(self) -> bool:
        """Whether it is one number in every case."""
        return all(value.ndim == 0 for value in self.values)


def known_terms(cases: Sequence[WrongValue]) -> list[Term]:
    """List the quantities that are known in every case, names before longer expressions, each value once."""
    names = [name for name in cases[0].quantities if all(name in case.quantities for case in cases)]
    terms = []
    for name in sorted(names, key=lambda name: (not name.isidentifier(), len(name) * (not name.isidentifier()))):
        values = tuple(case.quantities[name] for case in cases)
        if all(np.isfinite(value).all() for value in values) and any(value.any() for value in values):
            terms.append(Term(name, values, name))
    return unlike(terms)


def unlike(terms: Sequence[Term]) -> list[Term]:
    """Keep the first of the terms whose values are the same in every case but for the sign."""
    found: dict[tuple[str, ...], Term] = {}
    for term in terms:
        sums = [(value.shape, value.ravel() @ _weights(value.size)) for value in term.values]
        sign = -1.0 if next((total for _, total in sums if total), 1.0) < 0 else 1.0
        found.setdefault(tuple(f"{shape} {sign * total:.9e}" for shape, total in sums), term)
    return list(found.values())


@cache
def _weights(count: int) -> Numbers:
    """Return weights with which different arrays have different sums."""
    return np.asarray((0.6180339887498949 * np.arange(1, count + 1)) % 1, dtype=np.float64)


@cache
def tightness(text: str) -> int:
    """Say how tightly an expression binds: -1 a comparison, 0 a sum, 1 a product, 2 all else."""
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.BinOp):
        return 0 if isinstance(node.op, ast.Add | ast.Sub) else 2 if isinstance(node.op, ast.Pow) else 1
    if isinstance(node, ast.UnaryOp):
        return 0
    return -1 if isinstance(node, ast.Compare | ast.IfExp | ast.Lambda | ast.BoolOp) else 2


def in_brackets(text: str, rank: int) -> str:
    """Put an expression in parentheses unless it binds at least so tightly."""
    return text if tightness(text) >= rank else f"({text})"


def powered(text: str) -> str:
    """Write an expression so that a power or an attribute can follow."""
    node = ast.parse(text, mode="eval").body
    return text if isinstance(node, ast.Name | ast.Subscript | ast.Call | ast.Attribute) else f"({text})"


def times(coefficient: str, text: str) -> str:
    """Write a constant times an expression: ``dW / m``, ``-dW``, ``n/m * dW``."""
    sign = "-" if coefficient.startswith("-") else ""
    constant = coefficient.removeprefix("-")
    if text == "1":
        return coefficient
    if text.startswith("1 / ") and tightness(text) == 1 and not constant.startswith("1"):
        return f"{sign}{constant} / {text.removeprefix('1 / ')}"
    product = in_brackets(text, 1)
    if constant == "1":
        return f"{sign}{product}" if sign else text
    return f"{sign}{product} / {constant[2:]}" if constant.startswith("1/") else f"{sign}{constant} * {product}"


SIMPLE: tuple[tuple[str, Callable[[Numbers], Numbers]], ...] = (
    ("1 - {right}", lambda q: 1 - q),
    ("{power}**2", np.square),
    ("1 - {power}**2", lambda q: 1 - q**2),
    ("{left} * (1 - {right})", lambda q: q * (1 - q)),
    ("np.log({text})", np.log),
    ("np.exp({text})", np.exp),
    ("np.abs({text})", np.abs),
    ("{left} > 0", lambda q: (q > 0).astype(float)),
)
"""What is often made of a quantity, entry by entry: the text, and the function."""

FURTHER: tuple[tuple[str, Callable[[Numbers], Numbers]], ...] = (
    ("np.exp(-{right})", lambda q: np.exp(-q)),
    ("1 + {right}", lambda q: 1 + q),
    ("1 + {power}**2", lambda q: 1 + q**2),
    ("(1 - {right})**2", lambda q: (1 - q) ** 2),
    ("(1 + {right})**2", lambda q: (1 + q) ** 2),
    ("{left} * (1 + {right})", lambda q: q * (1 + q)),
    ("1 / {right}", np.reciprocal),
    ("1 / {power}**2", lambda q: 1 / q**2),
    ("1 / (1 + {right})", lambda q: 1 / (1 + q)),
    ("1 / (1 - {right})", lambda q: 1 / (1 - q)),
    ("{power}**3", lambda q: q**3),
    ("{power}**4", lambda q: q**4),
    ("np.sqrt({text})", np.sqrt),
    ("np.sqrt(1 - {power}**2)", lambda q: np.sqrt(1 - q**2)),
    ("np.log(1 - {right})", lambda q: np.log(1 - q)),
    ("np.log(1 + {right})", lambda q: np.log(1 + q)),
    ("1 - np.log({text})", lambda q: 1 - np.log(q)),
    ("2**{power}", np.exp2),
    ("{left} / np.linalg.norm({text})", lambda q: q / np.linalg.norm(q)),
    ("np.tanh({text})", np.tanh),
    ("1 - np.tanh({text})**2", lambda q: 1 - np.tanh(q) ** 2),
    ("sigmoid({text})", lambda q: 1 / (1 + np.exp(-q))),
    ("sigmoid({text}) * (1 - sigmoid({text}))", lambda q: np.exp(-q) / (1 + np.exp(-q)) ** 2),
    ("1 - sigmoid({text})**2", lambda q: 1 - 1 / (1 + np.exp(-q)) ** 2),
    ("1 + np.exp(-{right})", lambda q: 1 + np.exp(-q)),
    ("1 - np.exp(-{right})", lambda q: 1 - np.exp(-q)),
    ("1 / (1 - np.exp(-{right}))", lambda q: 1 / (1 - np.exp(-q))),
    ("np.maximum({text}, 0)", lambda q: np.maximum(q, 0)),
    ("np.minimum({text}, 0)", lambda q: np.minimum(q, 0)),
    ("np.sign({text})", np.sign),
    ("np.trunc({text})", np.trunc),
)
"""What is rarely made of a quantity."""


def _compared(compare: Callable[[Numbers, float], NDArray[np.bool_]], bound: float) -> Callable[[Numbers], Numbers]:
    return lambda q: compare(q, bound).astype(np.float64)


COMPARED: tuple[tuple[str, Callable[[Numbers], Numbers]], ...] = tuple(
    (f"{{left}} {sign} {bound}", _compared(compare, bound))
    for bound in (0, 0.5, 1)
    for sign, compare in ((">", np.greater), (">=", np.greater_equal), ("<", np.less), ("<=", np.less_equal))
)
"""Comparisons, for values that are true or false."""


def made_of(term: Term, functions: Sequence[tuple[str, Callable[[Numbers], Numbers]]], steps: int) -> Iterator[Term]:
    """List what functions make of a quantity, where that is finite, not the same everywhere, and not the quantity."""
    parts = {"text": term.text, "left": in_brackets(term.text, 1), "right": in_brackets(term.text, 2)}
    parts["power"] = powered(term.text)
    for text, function in functions:
        values = tuple(np.asarray(function(value)) for value in term.values)
        pairs = list(zip(values, term.values, strict=True))
        new = not any(all(np.array_equal(a, sign * b) for a, b in pairs) for sign in (1, -1))
        varied = all(np.isfinite(value).all() for value in values) and any((v != v.flat[0]).any() for v in values)
        if new and varied:
            yield Term(text.format(**parts), values, term.base, steps)


def turned(term: Term) -> Iterator[Term]:
    """Give the transpose of a matrix."""
    if all(value.ndim == 2 and value.size > 1 for value in term.values):
        yield Term(f"{powered(term.text)}.T", tuple(value.T for value in term.values), term.base)


REDUCTIONS: tuple[tuple[str, Callable[..., Numbers]], ...] = (
    ("np.sum({})", np.sum),
    ("np.max({})", np.max),
    ("np.linalg.norm({})", np.linalg.norm),
    ("np.mean({})", np.mean),
    ("np.min({})", np.min),
    ("np.std({})", np.std),
)

OF_FUNCTIONS: tuple[tuple[str, Callable[..., Numbers]], ...] = (
    ("np.sum(np.abs({}))", lambda q, **axis: np.sum(np.abs(q), **axis)),
    ("np.max(np.abs({}))", lambda q, **axis: np.max(np.abs(q), **axis)),
    ("np.exp(np.sum({}))", lambda q, **axis: np.exp(np.sum(q, **axis))),
    ("np.abs(np.sum({}))", lambda q, **axis: np.abs(np.sum(q, **axis))),
    ("np.sum(np.exp({}))", lambda q, **axis: np.sum(np.exp(q), **axis)),
)


def reduced(term: Term, reductions: Sequence[tuple[str, Callable[..., Numbers]]]) -> Iterator[Term]:
    """List what is left of a quantity when it is added up, or its largest number or its length is taken."""
    if term.is_number:
        return
    for form, function in reductions:
        options: list[dict[str, int | bool]] = [{}]
        if all(value.ndim == 2 for value in term.values):
            options += [{"axis": axis, **keep} for axis in (0, 1) for keep in ({"keepdims": True}, {})]
        for option in options:
            arguments = "".join(f", {name}={value}" for name, value in option.items())
            values = tuple(np.asarray(function(value, **option)) for value in term.values)
            if any(value.any() for value in values):
                text = form.format(term.text)
                end = len(text) - (2 if form.startswith(("np.abs(", "np.exp(")) else 1)
                yield Term(f"{text[:end]}{arguments}{text[end:]}", values, term.base, 1)

"""A learner's function rewritten so that each expression passes through a probe: ``dW = __probe__(4, lambda: …)``.

A place of the function that the probe sees is a ``Site``. The rewritten function computes what the function computes.
What stays as it is written: the insides of comprehensions, lambdas, f-strings and nested functions, expressions with a
walrus, what ``with`` opens, names of modules (``np.sum``), and the arguments ``axis=``, ``keepdims=`` and their like.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ..nodes import OPERATORS, add_ticks, call_of, immovable, lambda_of, own_text, spelled, tick

LITERAL = {"axis", "keepdims", "dtype", "order", "out", "where", "casting", "copy", "ndmin"}
"""Keyword arguments that stay as they are written."""

FIELDS: dict[type[ast.expr], tuple[str, ...]] = {
    ast.Attribute: ("value",),
    ast.BinOp: ("left", "right"),
    ast.UnaryOp: ("operand",),
    ast.BoolOp: ("values",),
    ast.Compare: ("left", "comparators"),
    ast.IfExp: ("test", "body", "orelse"),
    ast.Tuple: ("elts",),
    ast.List: ("elts",),
    ast.Set: ("elts",),
    ast.Dict: ("values",),
}
"""Where the parts of an expression lie, beside calls and subscripts."""

PURE = {"str", "len", "int", "min", "max", "abs", "range"}
"""Functions that may be called twice for a subscript: ``grads["dW" + str(l)] += …``."""

Pattern = tuple[Any, ...]
"""The sites of the elements of ``a, (b, c) = …``: numbers, patterns, and None for what is not traced."""


@dataclass(frozen=True)
class Site:
    """One place of the learner's function.

    Attributes:
        number: its place in the text, from 0.
        line, last_line: of the learner's file, from 1.
        text: the expression as the learner wrote it, on one line.
        name: what it is assigned to: ``dW``; ``dW1`` for ``grads["dW1"] = …``; ``A, cache`` for a tuple; else None.
        kind: "assignment", "return", "loop" (what ``for`` goes through), "test" (of ``if`` and ``while``), or "part".
        statement: the statement's text, of a compound one its first line.
        in_loop: whether it may run more than once.
        inside: the number of the nearest site around it; None for one that stands on its own in its statement.
        key: the number of the site of the subscript that it is assigned to: ``"dW" + str(l)``.
        into: what it becomes an item of: ``grads`` for ``grads["dW1"] = …``, ``costs`` for ``costs.append(…)``.
        elements: the sites that its value is unpacked into.
        pack: whether it is a tuple, list or dict that is written there: its parts are sites of their own.
    """

    number: int
    line: int
    last_line: int
    text: str
    name: str | None
    kind: str
    statement: str
    in_loop: bool
    inside: int | None = None
    key: int | None = None
    into: str | None = None
    elements: Pattern = ()
    pack: bool = False


def sites_of(pattern: Pattern) -> list[int]:
    """All site numbers of a pattern."""
    return [n for part in pattern for n in (sites_of(part) if isinstance(part, tuple) else [part]) if n is not None]


@dataclass
class Instrumenter:
    """Rewrites one function; its sites are listed in the order of the text.

    Attributes:
        source: the learner's text.
        modules: names that ``import`` binds, which are not probed.
        parts: whether parts of statements pass through the probe as well; sites have the same numbers either way.
    """

    source: str
    modules: frozenset[str]
    parts: bool = True
    sites: list[Site] = field(default_factory=list)
    _immovable: set[int] = field(default_factory=set)
    _statement: str = ""
    _loops: int = 0

    def __post_init__(self) -> None:
        self._lines = [line.encode() for line in self.source.splitlines()]

    def function(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Rewrite a function's body, and let it report its local names at its end when parts are probed."""
        self._immovable = immovable(node)
        start = 1 if ast.get_docstring(node) is not None else 0
        body = self._block(node.body[start:])
        if self.parts:
            report = ast.Expr(call_of("__locals__", call_of("locals")))
            body = [ast.Try(body=body, handlers=[], orelse=[], finalbody=[report])]
        node.body = [*node.body[:start], *body]
        return node

    def single(self, node: ast.Lambda) -> ast.Lambda:
        """Rewrite ``f = lambda x: …``: its expression is what it returns."""
        self._immovable = immovable(node)
        self._statement = self._text(node)
        node.body = self._site(node.body, "return")
        return node

    # statements

    def _block(self, statements: Iterable[ast.stmt]) -> list[ast.stmt]:
        return [self._rewritten(statement) for statement in statements]

    def _rewritten(self, node: ast.stmt) -> ast.stmt:
        self._statement = self._first_line(node)
        match node:
            case (
                ast.Assign(targets=[target, *_], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value)
            ):
                node.value = self._assigned(value, target)
            case ast.AugAssign():
                return ast.copy_location(self._augmented(node), node)
            case ast.Return(value=ast.expr() as value):
                node.value = self._packed(value, "return", None)
            case ast.Expr():
                node.value = self._statement_call(node.value)
            case ast.Assert():
                node.test = self._site(node.test, "part")
            case ast.FunctionDef() | ast.ClassDef():
                add_ticks(node)
            case _:
                self._compound(node)
        return node

    def _compound(self, node: ast.stmt) -> None:
        if isinstance(node, ast.For):
            node.iter = self._site(node.iter, "loop", name=self._text(node.target))
        elif isinstance(node, ast.If):
            node.test = self._site(node.test, "test")
        self._loops += isinstance(node, ast.For | ast.While)
        if isinstance(node, ast.While):
            node.test = self._site(node.test, "test")
        for part in (node, *getattr(node, "handlers", [])):
            if isinstance(part, ast.For | ast.While | ast.If | ast.With | ast.Try | ast.ExceptHandler):
                part.body = self._block(part.body)
        if isinstance(node, ast.For | ast.While):
            node.body = [tick(), *node.body]
            self._loops -= 1
        if isinstance(node, ast.For | ast.While | ast.If | ast.Try):
            node.orelse = self._block(node.orelse)
        if isinstance(node, ast.Try):
            node.finalbody = self._block(node.finalbody)

    def _assigned(self, value: ast.expr, target: ast.expr) -> ast.expr:
        if isinstance(target, ast.Tuple | ast.List) and not any(isinstance(part, ast.Starred) for part in target.elts):
            if not isinstance(value, ast.Tuple | ast.List) or len(value.elts) != len(target.elts):
                return self._unpacked(value, target)
            numbers = [len(self.sites)]
            for place, (part, to) in enumerate(zip(value.elts, target.elts, strict=True)):
                value.elts[place] = self._packed(part, "assignment", self._name(to))
                numbers.append(len(self.sites))
            for number, after, to in zip(numbers, numbers[1:], target.elts, strict=False):
                if after > number:  # else it is left as it is written
                    self._subscript(to, number)
            return value
        number = len(self.sites)
        value = self._packed(value, "assignment", self._name(target))
        self._subscript(target, number)
        return value

    def _subscript(self, target: ast.expr, number: int) -> None:
        """Let a subscript that is assigned to pass through the probe: a site's name may depend on it."""
        if not isinstance(target, ast.Subscript) or number >= len(self.sites):
            return
        self.sites[number] = replace(self.sites[number], into=self._text(target.value))
        if isinstance(target.slice, ast.Constant) or self._fixed(target):
            return
        key = self._add(target.slice, "part", None, None).number
        if self.parts:
            target.slice = self._probed(key, spelled(target.slice))
        self.sites[number] = replace(self.sites[number], key=key)

    def _unpacked(self, value: ast.expr, target: ast.Tuple | ast.List) -> ast.expr:
        """``a, b = f(x)`` becomes ``a, b = __unpack__(__probe__(…), pattern)``."""
        if self._fixed(value):
            return value
        number = len(self.sites)
        whole = self._site(value, "assignment", name=self._text(target))

        def pattern(part: ast.expr) -> Any:
            if isinstance(part, ast.Tuple | ast.List):
                return tuple(pattern(element) for element in part.elts)
            if isinstance(part, ast.Starred):
                return None
            element = self._add(part, "assignment", self._name(part), number).number
            self._subscript(part, element)
            return element

        elements = pattern(target)
        self.sites[number] = replace(self.sites[number], elements=elements)
        spelled = ast.parse(repr(elements), mode="eval").body
        inner = whole.args[1] if isinstance(whole, ast.Call) else lambda_of(whole)
        return ast.copy_location(call_of("__unpack__", ast.Constant(number), inner, spelled), value)

    def _augmented(self, node: ast.AugAssign) -> ast.stmt:
        """``x += y`` becomes ``x = __probe__(…, lambda: __iadd__(x, y))``, which does the same in place."""
        target = node.target
        calls = [call for call in ast.walk(target) if isinstance(call, ast.Call)]
        simple = all(isinstance(call.func, ast.Name) and call.func.id in PURE for call in calls)
        if self._fixed(node.value) or self._fixed(target) or not simple:
            node.value = self._site(node.value, "part")
            return node
        number = self._add(node, "assignment", self._name(target), None).number
        read = ast.parse(ast.unparse(target), mode="eval").body
        for part in ast.walk(read):
            ast.copy_location(part, target)
        old = self._site(read, "part", inside=number, text=self._text(target))
        new = self._site(node.value, "part", inside=number)
        changed = call_of(f"__{OPERATORS[type(node.op)]}__", old, new)
        for part in (changed, changed.func):
            ast.copy_location(part, node)
        self._subscript(target, number)
        return ast.Assign(targets=[target], value=self._probed(number, changed))

    def _packed(self, value: ast.expr, kind: str, name: str | None, inside: int | None = None) -> ast.expr:
        """Make a site of what is assigned or returned, and of each part of a tuple, list or dict written there."""
        if self._fixed(value) or not _is_pack(value):
            return self._site(value, kind, name=name, inside=inside)
        number = self._add(value, kind, name, inside).number
        self.sites[number] = replace(self.sites[number], pack=True)
        if isinstance(value, ast.Dict):
            for place, (key, part) in enumerate(zip(value.keys, value.values, strict=True)):
                text = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
                value.values[place] = self._packed(part, kind, text, number)
        elif isinstance(value, ast.Tuple | ast.List):
            for place, part in enumerate(value.elts):
                own = self._id(part) if name is None else f"{name}[{place}]"
                value.elts[place] = self._packed(part, kind, own, number)
        return self._probed(number, value)

    def _statement_call(self, value: ast.expr) -> ast.expr:
        """``costs.append(cost)`` gives the list its next element: what is appended counts as assigned."""
        match value:
            case ast.Call(func=ast.Attribute(attr="append"), args=[one], keywords=[]) if not self._fixed(value):
                if isinstance(one, ast.Starred):
                    return value
                number, into = len(self.sites), self._text(value.func)[: -len(".append")]
                value.args = [self._packed(one, "assignment", f"{into}[]")]
                if number < len(self.sites):
                    self.sites[number] = replace(self.sites[number], into=into)
                return value
        return value if isinstance(value, ast.Constant) else self._site(value, "part")

    # expressions

    def _site(
        self, node: ast.expr, kind: str, *, name: str | None = None, inside: int | None = None, text: str = ""
    ) -> ast.expr:
        """Let an expression and its parts pass through the probe, unless a lambda would change what it does."""
        if self._fixed(node) or (kind == "part" and isinstance(node, ast.GeneratorExp)):
            return node
        if kind == "part" and isinstance(node, ast.Constant) and not _worth(node.value):
            return node
        number = self._add(node, kind, name, inside, text).number
        self._inside(node, number)
        return self._probed(number, node) if self.parts or kind != "part" else node

    def _part(self, node: ast.expr, number: int) -> ast.expr:
        if isinstance(node, ast.Starred):
            node.value = self._part(node.value, number)
            return node
        if isinstance(node, ast.Slice) or self._module(node):
            return node
        return self._site(node, "part", inside=number)

    def _inside(self, node: ast.expr, number: int) -> None:
        """Rewrite the parts of an expression in place."""
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and not self._module(node.func):
                node.func.value = self._part(node.func.value, number)
            elif not isinstance(node.func, ast.Attribute | ast.Name):
                node.func = self._part(node.func, number)
            node.args = [self._part(part, number) for part in node.args]
            for keyword in node.keywords:
                if keyword.arg not in LITERAL:
                    keyword.value = self._part(keyword.value, number)
        elif isinstance(node, ast.Subscript):
            node.value = self._part(node.value, number)
            if isinstance(node.slice, ast.Tuple):
                node.slice.elts = [self._part(part, number) for part in node.slice.elts]
            else:
                node.slice = self._part(node.slice, number)
        for name in FIELDS.get(type(node), ()):
            inner = getattr(node, name)
            if isinstance(inner, list):
                inner[:] = [self._part(part, number) for part in inner]
            else:
                setattr(node, name, self._part(inner, number))

    # sites

    def _add(self, node: ast.AST, kind: str, name: str | None, inside: int | None, text: str = "") -> Site:
        line, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        site = Site(
            number=len(self.sites),
            line=line,
            last_line=last,
            text=text or self._text(node),
            name=name,
            kind=kind,
            statement=self._statement,
            in_loop=self._loops > 0,
            inside=inside,
        )
        self.sites.append(site)
        return site

    def _probed(self, number: int, node: ast.expr) -> ast.expr:
        return ast.copy_location(call_of("__probe__", ast.Constant(number), lambda_of(node)), node)

    def _module(self, node: ast.expr) -> bool:
        """Whether an expression is a module or something of one: ``np``, ``np.linalg.norm``."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.modules

    def _id(self, node: ast.expr) -> str | None:
        return node.id if isinstance(node, ast.Name) else None

    def _name(self, target: ast.expr) -> str:
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            key = target.slice.value
            if isinstance(key, str):
                return key
        return self._text(target)

    def _first_line(self, node: ast.stmt) -> str:
        body = getattr(node, "body", None)
        if isinstance(body, list) and body:
            return self._lines[node.lineno - 1].decode().strip()
        return self._text(node)

    def _text(self, node: ast.AST) -> str:
        return own_text(self._lines, node)

    def _fixed(self, node: ast.AST) -> bool:
        return id(node) in self._immovable


def _worth(value: object) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _is_pack(value: ast.expr) -> bool:
    """Whether an expression is a tuple, list or dict of something else than constants."""
    if isinstance(value, ast.Dict):
        parts = value.values if all(value.keys) else []
    else:
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
    return not all(isinstance(part, ast.Constant) for part in parts) and not any(
        isinstance(part, ast.Starred) for part in parts
    )

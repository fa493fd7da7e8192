"""Small faults, made by machine: one place of a solution's syntax tree is changed, as a learner might have it wrong."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .checker.changing.slots import Slot

KINDS_OF_FAULTS = (
    "operator",  # another operator, or its operands exchanged
    "term",  # a term or a factor left out, a sign turned
    "axis",  # another axis, none, keepdims left out
    "transpose",  # .T left out or added
    "constant",  # another number
    "arguments",  # two arguments of a call exchanged
    "call",  # a function left out, or another one called
    "variable",  # another variable of the function
    "index",  # a place off by one, another key
    "comparison",
    "removed",  # a statement left out
    "return",  # a return left out, or the order of what is returned
    "in place",  # an argument's array changed instead of a new one made
)

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add, ast.MatMult),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
}
_IN_PLACE: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.Lt, ast.GtE),
    ast.GtE: (ast.Lt, ast.Gt),
    ast.Lt: (ast.Gt, ast.LtE),
    ast.LtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
_OTHER_CALLS = {
    "exp": ("log", "square"),
    "log": ("exp", "log10"),
    "sum": ("mean", "prod"),
    "mean": ("sum",),
    "max": ("min", "sum"),
    "maximum": ("minimum",),
    "dot": ("multiply",),
    "multiply": ("dot",),
    "abs": ("square",),
    "square": ("abs", "sqrt"),
    "sqrt": ("square",),
    "tanh": ("sin",),
    "sigmoid": ("tanh",),
    "relu": ("abs",),
    "zeros": ("ones",),
    "randn": ("rand",),
}
_WRAPPERS = {
    "exp",
    "log",
    "abs",
    "square",
    "sqrt",
    "tanh",
    "sum",
    "mean",
    "squeeze",
    "sigmoid",
    "float",
    "relu",
    "array",
}


@dataclass(frozen=True)
class Mutant:
    """A text with one fault.

    Attributes:
        kind: one of ``KINDS_OF_FAULTS``.
        source: the text.
        line: the line of the fault; None where it lies in no line.
        shown: the line before and after, for people.
    """

    kind: str
    source: str
    line: int | None
    shown: str


def mutants_of(source: str, kinds: Mapping[str, str]) -> list[Mutant]:
    """Every fault of one place that this module can put into the functions of a text, each text once.

    Args:
        source: the text.
        kinds: what each variable holds, in a word: only variables of one kind are taken for each other.
    """
    base = ast.unparse(ast.parse(source))
    tree = ast.parse(base)
    found: dict[str, Mutant] = {}
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for kind, slot, new in _faults(function, kinds):
            old = slot.get()
            slot.put(new)
            text = ast.unparse(ast.fix_missing_locations(tree))
            slot.put(old)
            unknowable = kind == "removed" and "np.empty" in base  # what such an array then holds is chance
            if text not in (base, *found) and not unknowable:
                found[text] = Mutant(kind, text, *_place(base, text, kind, old))
    return list(found.values())


def with_other_names(source: str, function: str) -> str:
    """The text with all names changed that its function assigns."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
            arguments = {argument.arg for argument in ast.walk(node) if isinstance(argument, ast.arg)}
            new = {name: f"v{k}" for k, name in enumerate(dict.fromkeys(names), 1) if name not in arguments}
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name):
                    inner.id = new.get(inner.id, inner.id)
    return ast.unparse(tree)


_Faults = Iterator[tuple[str, Any]]


def _faults(function: ast.FunctionDef, kinds: Mapping[str, str]) -> Iterator[tuple[str, Slot, Any]]:
    for slot in _slots(function, function.body):
        node = slot.get()
        if isinstance(node, ast.stmt):
            faults = _of_statement(node)
        elif isinstance(node, ast.keyword):
            faults = _of_keyword(node)
        else:
            faults = _of_expression(node, slot, function, kinds)
        for kind, new in faults:
            yield kind, slot, new


def _slots(parent: ast.AST, statements: Sequence[ast.stmt]) -> Iterator[Slot]:
    """The places of all statements and expressions below, docstrings and what is assigned to aside."""
    for number, statement in enumerate(statements):
        field = next(name for name, value in ast.iter_fields(parent) if value is statements)
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        yield Slot(parent, field, number)
        yield from _inner_slots(statement)


def _inner_slots(node: ast.AST) -> Iterator[Slot]:
    for field, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield from _slots(node, value)
        elif not isinstance(getattr(value, "ctx", None), ast.Store) or isinstance(value, ast.Subscript):
            children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
            for number, child in children:
                if isinstance(child, ast.expr | ast.keyword):
                    stored = isinstance(getattr(child, "ctx", None), ast.Store)
                    if not stored:
                        yield Slot(node, field, number)
                    if not stored or isinstance(child, ast.Subscript):
                        yield from _inner_slots(child)


def _of_statement(node: ast.stmt) -> _Faults:
    if isinstance(node, ast.Return):
        yield "return", ast.Pass()
        if isinstance(node.value, ast.Tuple) and len(node.value.elts) > 1:
            first, second, *rest = node.value.elts
            yield "return", ast.Return(ast.Tuple([second, first, *rest], ast.Load()))
            yield "return", ast.Return(ast.Tuple(node.value.elts[:-1], ast.Load()))
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.Expr):
        yield "removed", ast.Pass()
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and isinstance(node.value.left, ast.Name):
        yield from _in_place(node, node.value, node.value.left)
    if isinstance(node, ast.AugAssign) and type(node.op) in _OPERATORS:
        for operator in _OPERATORS[type(node.op)]:
            yield "operator", ast.AugAssign(node.target, operator(), node.value)
        yield "removed", ast.Assign([node.target], node.value)


def _in_place(node: ast.Assign, operation: ast.BinOp, changed: ast.Name) -> _Faults:
    """``x = x - y`` becomes ``x -= y``, and ``z = x - y`` becomes ``z = np.subtract(x, y, out=x)``."""
    target = node.targets[0]
    if isinstance(target, ast.Name) and target.id == changed.id:
        yield "in place", ast.AugAssign(target, operation.op, operation.right)
    elif type(operation.op) in _IN_PLACE:
        function = ast.Attribute(ast.Name("np", ast.Load()), _IN_PLACE[type(operation.op)], ast.Load())
        call = ast.Call(function, [changed, operation.right], [ast.keyword("out", changed)])
        yield "in place", ast.Assign(node.targets, call)


def _of_keyword(node: ast.keyword) -> _Faults:
    if node.arg == "axis" and isinstance(node.value, ast.Constant) and node.value.value in (0, 1):
        yield "axis", ast.keyword("axis", ast.Constant(0 if node.value.value else 1))
        yield "axis", ast.keyword("axis", ast.Constant(None))
    elif node.arg == "keepdims":
        yield "axis", ast.keyword("keepdims", ast.Constant(False))


def _of_expression(node: ast.expr, slot: Slot, function: ast.FunctionDef, kinds: Mapping[str, str]) -> _Faults:
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "term", node.operand
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        for other in _COMPARISONS[type(node.ops[0])]:
            yield "comparison", ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield "transpose", node.value
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node, slot)
    elif isinstance(node, ast.Name):
        yield from _of_name(node, slot, function, kinds)


def _of_operation(node: ast.BinOp) -> _Faults:
    left, operator, right = node.left, node.op, node.right
    for other in _OPERATORS.get(type(operator), ()):
        yield "operator", ast.BinOp(left, other(), right)
    if isinstance(operator, ast.Sub | ast.Div | ast.MatMult):
        yield "operator", ast.BinOp(right, operator, left)
    if isinstance(operator, ast.Add | ast.Sub | ast.Mult | ast.Div):
        yield "term", left
    if isinstance(operator, ast.Add | ast.Mult):
        yield "term", right
    if isinstance(operator, ast.Sub):
        yield "term", ast.UnaryOp(ast.USub(), right)
    if isinstance(operator, ast.MatMult):
        for side in (left, right):
            if isinstance(side, ast.Name):
                turned = ast.Attribute(side, "T", ast.Load())
                yield (
                    "transpose",
                    ast.BinOp(turned if side is left else left, operator, turned if side is right else right),
                )


def _of_call(node: ast.Call) -> _Faults:
    name = _called(node)
    if len(node.args) > 1:
        first, second, *rest = node.args
        yield "arguments", ast.Call(node.func, [second, first, *rest], node.keywords)
    if name in _WRAPPERS and node.args:
        yield "call", node.args[0]
    for other in _OTHER_CALLS.get(name, ()):
        owner = node.func.value if isinstance(node.func, ast.Attribute) else ast.Name("np", ast.Load())
        yield "call", ast.Call(ast.Attribute(owner, other, ast.Load()), node.args, node.keywords)
    if name == "dot":
        for number, argument in enumerate(node.args):
            turned = [*node.args]
            turned[number] = ast.Attribute(argument, "T", ast.Load())
            yield "transpose", ast.Call(node.func, turned, node.keywords)
    yield from _of_keywords(node)
    if name == "range" or (name == "str" and not isinstance(node.args[0], ast.Constant)):
        for operator in (ast.Add(), ast.Sub()):
            moved = ast.BinOp(node.args[-1], operator, ast.Constant(1))
            yield "index", ast.Call(node.func, [*node.args[:-1], moved], node.keywords)


def _of_keywords(node: ast.Call) -> _Faults:
    for number, keyword in enumerate(node.keywords):
        if keyword.arg in ("axis", "keepdims"):
            others = [other for place, other in enumerate(node.keywords) if place != number]
            yield "axis", ast.Call(node.func, node.args, others)


def _of_constant(node: ast.Constant, slot: Slot) -> _Faults:
    value, parent = node.value, slot.parent
    if isinstance(value, str):
        if isinstance(parent, ast.Subscript | ast.Dict) and (found := re.fullmatch(r"(\w*?)(\d+)", value)):
            yield "index", ast.Constant(f"{found[1]}{int(found[2]) + 1}")
        elif isinstance(parent, ast.BinOp) and len(value) > 1:
            yield "index", ast.Constant(value[1:] if value[0] == "d" else f"d{value}")
    elif isinstance(value, bool) or not isinstance(value, int | float) or isinstance(parent, ast.keyword):
        return
    elif isinstance(parent, ast.Subscript | ast.Slice):
        yield "index", ast.Constant(value + 1)
        if value > 0:
            yield "index", ast.Constant(value - 1)
    else:
        for other in dict.fromkeys((value + 1, value * 2, 0, -value, value / 2)):
            if other != value:
                yield "constant", ast.Constant(other)


def _of_name(node: ast.Name, slot: Slot, function: ast.FunctionDef, kinds: Mapping[str, str]) -> _Faults:
    if isinstance(slot.parent, ast.Call) and slot.field == "func":
        return
    before = [argument.arg for argument in function.args.args]
    before += [
        inner.id
        for inner in ast.walk(function)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store) and inner.lineno < node.lineno
    ]
    if node.id in before:
        for other in dict.fromkeys(before):
            if other != node.id and kinds.get(other, "") == kinds.get(node.id, ""):
                yield "variable", ast.Name(other, ast.Load())


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _place(base: str, text: str, kind: str, old: ast.AST) -> tuple[int | None, str]:
    """The line of a fault, and what is shown of it. A statement that is left out is missed where its names are used."""
    before, after = base.splitlines(), text.splitlines()
    number = next(k for k, (a, b) in enumerate(zip([*before, ""], [*after, ""], strict=False), 1) if a != b)
    shown = f"{before[number - 1].strip()}  →  {after[number - 1].strip()}"
    if kind == "return" and after[number - 1].strip() == "pass":
        return None, shown
    if after[number - 1].strip() != "pass":
        return number, shown
    made = {node.id for node in ast.walk(old) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    uses = [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in made and node.lineno > number
    ]
    return min(uses, default=None), shown

"""Every public name and its parameters, compared with tests/contract/public_names.json.

A name that is renamed, an argument that is lost or a default that changes fails here. Annotations are left out: they
depend on the Python version and on where a type is defined.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pydoc
import re
import types
from collections.abc import Callable, Iterator
from typing import Any

from snapshots import Snapshots

import layerlab

MODULES = ("layerlab", *(f"layerlab.{room}" for room in ("datasets", "formulas", "notes", "plots", "sklearn")))
SPECIAL = ("__call__", "__contains__", "__getitem__", "__iter__", "__len__", "_repr_html_")
"""Methods without a name of their own that users call all the same."""


def default_text(value: Any) -> str:
    """A default as text, without addresses and module paths."""
    if of_layerlab(type(value)):
        return f"a {type(value).__name__}"
    return str(value.__qualname__) if callable(value) and hasattr(value, "__qualname__") else repr(value)


def parameters(function: Callable[..., Any]) -> list[str]:
    """The parameters of a function in order, with * and / where a signature has them."""
    lines: list[str] = []
    last = None
    for one in inspect.signature(function).parameters.values():
        if last is one.POSITIONAL_ONLY and one.kind is not last:
            lines.append("/")
        if one.kind is one.KEYWORD_ONLY and last not in (one.KEYWORD_ONLY, one.VAR_POSITIONAL):
            lines.append("*")
        star = "*" if one.kind is one.VAR_POSITIONAL else "**" if one.kind is one.VAR_KEYWORD else ""
        lines.append(star + one.name + ("" if one.default is one.empty else f"={default_text(one.default)}"))
        last = one.kind
    return lines


def of_layerlab(value: Any) -> bool:
    """Whether a class or function is defined in this package, wherever in it."""
    return str(getattr(value, "__module__", "")).partition(".")[0] == "layerlab"


def members(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties of a class and of its parents in this package; other packages' are theirs."""
    seen: dict[str, Any] = {}
    for parent in reversed([one for one in cls.__mro__ if of_layerlab(one)]):
        seen |= vars(parent)
    for name, value in sorted(seen.items()):
        if name.startswith("_") and name not in SPECIAL:
            continue
        if isinstance(value, (property, functools.cached_property)):
            yield name, "property"
        elif isinstance(value, (staticmethod, classmethod)):
            yield name, [type(value).__name__, *parameters(value.__func__)]
        elif isinstance(value, types.FunctionType):
            yield name, parameters(value)
        elif of_layerlab(getattr(value, "fn", None)):  # scikit-learn's available_if
            yield name, parameters(value.fn)


def class_facts(cls: type) -> dict[str, Any]:
    """What users of a class rely on."""
    if not of_layerlab(cls):
        return {"kind": "class of another package"}
    facts: dict[str, Any] = {"kind": "class"}
    facts["parents"] = [one.__name__ for one in cls.__mro__[1:] if one.__module__ == "builtins" and one is not object]
    if not issubclass(cls, BaseException) and not getattr(cls, "_is_protocol", False):
        facts["parameters"] = parameters(cls)
    fields = getattr(cls, "__dataclass_fields__", None) or getattr(cls, "_fields", None)
    if fields:
        facts["fields"] = [name for name in fields if not name.startswith("_")]
    return facts | {"members": dict(members(cls))}


def value_facts(value: Any) -> Any:
    """A public name as the file has it: parameters of a function, facts of a class, keys of a dictionary."""
    if inspect.ismodule(value):
        return "module"
    if inspect.isclass(value) and not isinstance(value, types.GenericAlias):
        return class_facts(value)
    if isinstance(value, types.FunctionType):
        return parameters(value)
    if isinstance(value, dict):
        return {"kind": "dictionary", "keys": list(value)}
    return repr(value) if isinstance(value, (int, float)) else f"a {type(value).__name__}"


def public_names() -> dict[str, Any]:
    """Every public module with its names."""
    notes = importlib.import_module("layerlab.notes")
    found = {}
    for path in (*MODULES, *(f"layerlab.notes.{chapter}" for chapter in notes.__all__)):
        module = importlib.import_module(path)
        found[path] = {name: value_facts(getattr(module, name)) for name in sorted(module.__all__)}
    return found


def test_public_names_and_their_parameters_are_kept(snapshots: Snapshots) -> None:
    snapshots.check("public_names.json", public_names())


def test_every_keyword_of_train_is_listed_with_its_default() -> None:
    page = pydoc.plain(pydoc.render_doc(layerlab.train))
    signature = inspect.signature(layerlab.train)
    keywords = [one for one in signature.parameters.values() if one.kind is one.KEYWORD_ONLY]
    assert keywords
    assert not any(one.kind in (one.VAR_KEYWORD, one.VAR_POSITIONAL) for one in signature.parameters.values())
    for one in keywords:
        assert one.default is not one.empty, one.name
        assert re.search(rf"\b{one.name}: [^=]* = {re.escape(repr(one.default))}", page), one.name

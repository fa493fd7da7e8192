"""Which words a finding takes, and what fills them in: by its code, and by what its relation says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from layerlab.course.checker.diagnostic import Diagnostic
from layerlab.course.checker.exercise import Exercise

from .phrasing import Language, Topic, digits, shortened
from .relations import called, proof_lines, relation_topic

ADVICE = ("overflow", "one-by-one", "float32", "convention", "boolean", "order")
"""Codes that are advice wherever they stand."""


def topic(found: Diagnostic, exercise: Exercise, words: Language) -> Topic:
    """Choose the words of a finding, and fill them in."""
    match found.code:
        case "value":
            return relation_topic(found, words)
        case "exception":
            return _exception(found, words)
        case "structure":
            return _structure(found, words)
        case "mutated":
            return _mutated(found, words)
        case "small-change":
            part: dict[str, object] = {"part": shortened(found.part or "")}
            return Topic(words, "small-change", found.relation or "", found.line, part, proof_lines(found, words)[:1])
        case "unnamed" | "slope":
            return _unnamed(found, words)
        case "loop":
            size = found.details.get("size") or words.phrase("each")
            section = "file" if found.details.get("refused") else "advice"
            return Topic(words, section, "loop", found.line, {"size": size})
        case code if code in ADVICE or (code == "edge" and "right" in found.details):
            return _advice(found, words)
    return _file(found, exercise, words)


def _file(found: Diagnostic, exercise: Exercise, words: Language) -> Topic:
    """The words of a finding about the file or the run."""
    details = found.details
    fields: dict[str, object] = {
        "function": exercise.function,
        "q": found.quantity or "",
        **{key: shortened(value) for key, value in details.items()},
        "arguments": words.term("arguments", str(details.get("arguments", ""))),
    }
    key = found.code
    between: list[str] = []
    match key:
        case "function-missing" if details.get("nearest"):
            key += ".nearest"
        case "never-ends" if details.get("thread"):
            key += ".thread"
        case "forbidden":
            key += f".{details['action']}"
        case "died":
            kind = "signal" if details.get("signal") is not None else "status"
            fields["status"] = words.phrase(kind, **{kind: details.get(kind)})
        case "returned-none":
            key += ".some" if details["times"] < details["of"] else ""
            between = _computed(details, words)
        case "syntax":
            between = [words.phrase("shown", shown=shortened(details["shown"]))] if details.get("shown") else []
            text = str(details["text"]).lower()
            key += ".indent" if re.search("indent|tab", text) else ".character" if "invalid character" in text else ""
        case "not-loaded" if details.get("given"):
            key += ".given"
        case "uses-global" if details.get("stands_for") is not None:
            between = [words.phrase("stands for", argument=details["stands_for"])]
    return Topic(words, "file", key, found.line, fields, between)


def _computed(details: Mapping[str, Any], words: Language) -> list[str]:
    """Which right values a function has and does not return."""
    names = details.get("computed", ())
    kind = "computed.one" if len(names) == 1 else "computed"
    return [words.phrase(kind, names=words.names(names))] if names else []


def _exception(found: Diagnostic, words: Language) -> Topic:
    """The words of an exception: of its cause in an earlier line where one is proved and can be named."""
    details, raised_line = found.details, found.details.get("raised_line")
    if raised_line is None:
        key, fields = _exception_words(found, found.part, words)
        proof, wanted = _repaired_by(found, words), _wanted_shape(found, words)
        return Topic(words, "exception", key, found.line, fields, proof, wanted)
    part = details.get("raised_part")
    key, fields = _exception_words(found, part, words)
    stops = Topic(words, "exception", key, raised_line, fields)
    if details.get("changed"):
        kind, place = str(details["change"]), shortened(details["change_part"])
        made = Topic(words, "small-change", kind, found.line, {"part": place})
    elif details.get("cause"):
        made = relation_topic(replace(found, relation=details["cause"]), words)
    else:
        q = shortened(details.get("called") or details.get("located") or found.quantity or "")
        made = Topic(words, "small-change", "other value", found.line, {"part": q})
    made.between = [words.phrase("raised", line=raised_line, fact=stops.fact())]
    return made


def _exception_words(found: Diagnostic, part: str | None, words: Language) -> tuple[str, dict[str, object]]:
    """Which words an exception takes, and what fills them in."""
    details, key = found.details, found.relation or "other"
    fields: dict[str, object] = {name: shortened(value) for name, value in details.items()}
    fields["part"] = shortened(part or "")
    if "key" in details:
        fields["key"] = shortened(repr(details["key"]))
    if "types" in details:
        fields["types"] = words.names(details["types"])
    if key == "shapes":
        return _shapes(found, part, fields, words), fields
    if key == "types" and part and "bitwise_xor" in str(details.get("text")):
        return "types.power", fields
    if key == "types" and part and "not callable" in str(details.get("text")):
        return "types.call", fields
    if key == "call" and part and "as a data type" in str(details.get("text")):
        return "call.shape", fields
    bare = {
        "types": "" if part and details.get("types") else "types.bare",
        "unknown-name": "unknown-name.nearest" if details.get("nearest") else "",
        "attribute": _attribute(details),
    }
    return bare.get(key) or key, fields


def _attribute(details: Mapping[str, Any]) -> str:
    """Which words a missing attribute takes."""
    if not (details.get("type") and details.get("attribute")):
        return "other"
    return "attribute.nearest" if details.get("nearest") else ""


def _shapes(found: Diagnostic, part: str | None, fields: dict[str, object], words: Language) -> str:
    """Which words shapes take that do not fit."""
    details = found.details
    if not part:
        return "shapes.bare"
    key, shapes = f"shapes.{details.get('operation', 'other')}", details.get("shapes", ())
    if shapes:
        fields["text"] = ", ".join(words.shape(shape) for shape in shapes)
    if key.endswith(("reshape", "other")):
        return key
    if len(shapes) != 2:
        return "shapes.other"
    fields["left"], fields["right"] = (words.shape(shape) for shape in shapes)
    other = details.get("other_product")
    if other is None and "wanted_shape" not in details and details.get("turn"):
        other = "turned"
    return f"{key}.{other}" if other is not None else key


def _repaired_by(found: Diagnostic, words: Language) -> list[str]:
    """That the right value in some place makes the whole result right."""
    if found.proof is None or not found.proof.complete or found.relation != "shapes":
        return []
    q = found.details.get("located", found.quantity)
    if found.details.get("changed"):
        return [words.phrase("changed.line", line=found.line)]
    q = found.details.get("called") or q
    return [words.phrase("repaired.all", q=shortened(q))] if q else []


def _wanted_shape(found: Diagnostic, words: Language) -> list[str]:
    """The shape that the missing quantity must have, and what has the same one."""
    shape, like = found.details.get("wanted_shape"), found.details.get("like")
    if found.quantity is None or not shape or found.relation != "shapes":
        return []
    kind = "like" if like else "wanted"
    return [words.phrase(kind, q=found.quantity, other=like, wanted=words.shape(shape))]


def _structure(found: Diagnostic, words: Language) -> Topic:
    """The words of a wrong build of the result."""
    text, _, place = (found.relation or "").partition(" in ")
    where = place if place and not text.startswith("return") else words.phrase("result")
    if text.startswith("return"):
        return Topic(words, "structure", "return in a loop", found.line, {})
    if kind := re.fullmatch(r"type (\S+) instead of (\S+)", text):
        came, other = (words.term("types", name) for name in kind.groups())
        return Topic(words, "structure", "type", found.line, {"where": where, "came": came, "other": other})
    if counts := re.fullmatch(r"(\d+) values? instead of (\d+)", text):
        came, other = (words.phrase("count.one" if count == "1" else "count", count=count) for count in counts.groups())
        return Topic(words, "structure", "count", found.line, {"where": where, "came": came, "other": other})
    kind_key = "order" if text.startswith("order: ") else "key"
    came = text.removeprefix("order: ").removeprefix("missing key ")
    bases = {name.split("[")[0] for name in came.split(", ") if "[" in name}
    if kind_key == "order" and len(bases) == 1:
        return Topic(words, "structure", "order.inside", found.line, {"where": bases.pop(), "came": came})
    return Topic(words, "structure", kind_key, found.line, {"where": where, "came": came})


def _mutated(found: Diagnostic, words: Language) -> Topic:
    """The words of arguments that a call changed."""
    details = found.details
    fields: dict[str, object] = {"names": words.names(details["names"])}
    made = Topic(words, "mutated", details["how"], found.line, fields)
    if details.get("copied"):
        made.instead = [words.phrase("copied", copied=details["copied"]), words.phrase("second call")]
    return made


def _unnamed(found: Diagnostic, words: Language) -> Topic:
    """The words of a wrong value that nothing explains: its worst place, and what was wanted there."""
    details, q = found.details, called(found) or words.phrase("result")
    fields: dict[str, object] = {"q": q}
    between = proof_lines(found, words)
    if found.code == "slope":
        fields |= {"argument": details["argument"], "index": _index(details["index"])}
        fields |= {"slope": digits(details["slope"]), "number": digits(details["got"])}
        return Topic(words, "file", "slope", found.line, fields)
    if "got_shape" in details:
        fields |= {name: words.shape(details[f"{name}_shape"]) for name in ("got", "wanted")}
        return Topic(words, "value", "shape.only", found.line, fields, between[:1])
    key = "unnamed.bare"
    if "expected" in details:
        key = "unnamed" if details.get("index") else "unnamed.number"
        fields |= {"number": digits(details["got"]), "expected": digits(details["expected"])}
        fields["index"] = f"{q}{_index(details.get('index', ()))}"
    if found.part and found.part != q:
        between = [words.phrase("part", part=shortened(found.part))]
    return Topic(words, "file", key, found.line, fields, between[:1])


def _index(index: Any) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""


def _advice(found: Diagnostic, words: Language) -> Topic:
    """Return the words of advice on a right answer, by its code."""
    details, key = found.details, found.code
    fields: dict[str, object] = {
        "q": found.quantity or "",
        "e": (found.relation or "").removeprefix("ratio "),
        "kind": words.term("warnings", found.relation or ""),
        "shape": words.shape(details.get("shape", ())),
        "arguments": words.term("arguments", str(details.get("arguments") or "")),
    }
    if key == "overflow" and details.get("right") is False:
        key = "overflow.saturated" if details.get("arguments") == "saturated" else "overflow.wrong"
    return Topic(words, "advice", key, found.line, fields)

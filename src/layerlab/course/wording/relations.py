"""Which words a relation takes: ``ratio 1/m``, ``shape (n,)``, ``is dA1 * A1``."""

from __future__ import annotations

import math
import re

from layerlab.course.checker.diagnostic import Diagnostic

from .phrasing import Language, Topic, digits, shortened

FORM = re.compile(r"(transposed|repeated|shape \(.*?\)|(?:not )?(?:added|averaged)(?: axis \d)?)(?:, (.*))?$")
EXPRESSIONS = ("missing term", "extra term", "off by term", "sign of term", "without factor", "extra factor")
WAY = re.compile(r"(?:axis (\d) instead of \d|no axis|added before (\w+)): ")
PLAIN = (
    "none",
    "not a number",
    "integers",
    "bytes",
    "not zero",
    "rows equal",
    "columns equal",
    "only positive",
    "only negative",
    "not centred",
    "not repeatable",
    "same for every seed",
    "unchanged",
    "all pairs",
    "truncated",
    "proportional",
    "1 - x",
    "rows permuted",
    "columns permuted",
    "permuted",
    "signs",
    "constant 0",
    "constant",
    "factor per row",
    "factor per column",
)
"""Relations that are keys of the words themselves."""


def relation_topic(found: Diagnostic, words: Language) -> Topic:
    """Choose the words of a wrong value by its relation, and fill them in."""
    details = found.details
    relation = str(details.get("told") or found.relation or "")
    q = called(found) or words.phrase("result")
    fields: dict[str, object] = {
        "q": q,
        "got": words.shape(details.get("got_shape")),
        "wanted": words.shape(details.get("wanted_shape")),
        "sizes": _sizes(found, words),
        "e": "",
        "kind": "",
    }
    made = Topic(words, "value", "is", found.line, fields, proof_lines(found, words)[:1])
    other = _other_words(made, found, relation)
    if other is not None:
        return other
    if relation in PLAIN:
        made.key = relation
    elif form := FORM.match(relation):
        _of_shape(made, found, form[1], form[2] or "")
    elif relation == "shape" or relation.endswith(" of other numbers"):
        made.key = "shape.only"
    elif relation == "reshaped instead of transposed":
        made.key = "reshaped"
    elif way := WAY.match(relation):
        made.key = "other axis" if way[1] else "added before" if way[2] else "no axis"
        made.fields |= {"e": way[1] or "", "kind": words.term("functions", way[2]) if way[2] else ""}
    else:
        _of_expression(made, relation, found)
    return made


def _other_words(made: Topic, found: Diagnostic, relation: str) -> Topic | None:
    """Words that take the relation's place: of a part, of a condition, of what has no name; None for all else."""
    details = found.details
    if details.get("right_in"):
        made.key, made.fields["e"] = "other returned", details["right_in"]
        return made
    if details.get("repeats") and found.part:
        made.between = [made.language.phrase("part", part=shortened(found.part))]
        return _part_instead(made, found.part)
    if details.get("repeats") or ("told" in details and details["told"] is None):
        return _unsaid(made, found)
    if details.get("of_part") and relation.startswith("is "):
        return _part_instead(made, str(found.part or ""))
    if details.get("kind") == "test" and found.code == "value":
        made.key = "condition.opposite" if relation == "1 - x" else "condition"
        return made
    return None


def _unsaid(made: Topic, found: Diagnostic) -> Topic:
    """Words of a relation whose quantities have no name that the learner knows: the largest difference."""
    made.section, made.key = "file", "unnamed.formula"
    details = found.details
    if "expected" in details:
        index = f"[{', '.join(map(str, details['index']))}]" if details.get("index") else ""
        made.key = "unnamed.other" if index else "unnamed.value"
        made.fields |= {"index": f"{made.fields['q']}{index}"}
        made.fields |= {"number": digits(details["got"]), "expected": digits(details["expected"])}
    return made


def _part_instead(made: Topic, part: str) -> Topic:
    """Words of a part that is another variable, number or expression than the one that is needed."""
    made.section, made.fields["part"] = "small-change", shortened(part)
    made.key = "variable" if part.isidentifier() else "part"
    return made


def _of_expression(made: Topic, relation: str, found: Diagnostic) -> None:
    """Words of a relation that names an expression, a constant, a function or a type."""
    head = next((head for head in EXPRESSIONS if relation.startswith(head)), "")
    if head:
        made.key, made.fields["e"] = head, shortened(relation.removeprefix(f"{head} "))
        return
    head, _, rest = relation.partition(" ")
    made.fields["e"] = shortened(rest)
    if relation.startswith(("without function ", "function ")):
        made.key = relation.rpartition(" ")[0]
        made.fields["kind"] = made.language.term("functions", relation.rpartition(" ")[2])
    elif head == "ratio" and " in term " not in rest:
        made.key = _ratio(rest, found)
    elif head == "is" and rest.startswith(("'", '"')):
        made.key = "is text"
    elif head == "is":
        made.key = "is name" if re.fullmatch(r"[A-Za-z_]\w*", rest) else "is"
        made.key = _exactly(rest, made, found) or made.key
    elif head == "type":
        made.fields["e"] = made.language.term("types", rest)
        made.key = head
    elif factor := re.fullmatch("ratio (.*) in term (.*)", relation):
        made.key, made.fields["kind"], made.fields["e"] = "ratio in term", *map(shortened, factor.groups())
    elif instead := re.fullmatch(r"(\w+) instead of \w+", relation):
        made.key, made.fields["kind"] = "other function", made.language.term("functions", instead[1])
    elif scales := re.fullmatch("scale (.*) instead of (.*)", relation):
        made.key, made.fields["e"], made.fields["wanted"] = "scale", *scales.groups()
    else:
        made.key = {"constant": "constant.expression", "repeats": "repeats", "modulo": "modulo"}.get(head, "other")
        made.fields["e"] = shortened(rest if made.key != "other" else relation)


def _exactly(text: str, made: Topic, found: Diagnostic) -> str | None:
    """Which words a number takes that is another one: a count, or a number that was typed in; None for all else."""
    got, expected = found.details.get("got"), found.details.get("expected")
    if got is None or expected is None:
        return None
    made.fields |= {"got": digits(got), "expected": digits(expected)}
    if re.fullmatch(r"-?[\d./]+", text):
        return "is literal"
    if float(expected).is_integer() and float(got).is_integer():
        return "is number" if text.isidentifier() else "number"
    return None


def _ratio(text: str, found: Diagnostic) -> str:
    """Which words a ratio takes: a sign, a mean left out or taken twice, another size, or any other constant."""
    if text == "-1":
        return "ratio -1"
    if text in ("m", "1/m"):
        return f"ratio {text}"
    if not found.details.get("wanted_shape", [1]):
        return "ratio.number"
    return "ratio sizes" if re.fullmatch(r"\(?m[-+]?1?\)?/\(?\w+[-+]?1?\)?", text) else "ratio"


def _of_shape(made: Topic, found: Diagnostic, form: str, more: str) -> None:
    """Words of a relation between two shapes."""
    details = found.details
    if form == "transposed":
        made.key = "transposed.square" if details.get("got_shape") == details.get("wanted_shape") else "transposed"
    elif form == "repeated":
        made.key = "repeated"
    elif form.startswith("shape") and math.prod(details.get("got_shape", ())) != math.prod(
        details.get("wanted_shape", ())
    ):
        made.key = "shape.only"
    elif form.startswith("shape"):
        fewer = len(details.get("got_shape", ())) < len(details.get("wanted_shape", ()))
        adds = re.search(r"\b(sum|mean|max|norm)\(", found.part or "") is not None
        made.key = "shape.dropped" if fewer and adds else "shape"
    else:
        axis = form.rpartition(" axis ")[2] if " axis " in form else ""
        kind = "sum" if "added" in form else "mean"
        made.fields["kind"] = made.language.phrase(f"{kind}.axis" if axis else kind, axis=axis)
        made.key = "not added" if form.startswith("not ") else "added"
    if more == "permuted":
        made.key = "shape.permuted"
    elif more.startswith("ratio "):
        fact = "{fact}"
        text = made.language.phrase("and.ratio", fact=fact, e=more.removeprefix("ratio "), sizes=made.fields["sizes"])
        made.after = text.removeprefix(fact)


def called(found: Diagnostic) -> str:
    """The wrong quantity by the name that the learner knows; "" where it has none."""
    return str(found.details["name"] or "") if "name" in found.details else found.quantity or ""


def proof_lines(found: Diagnostic, words: Language) -> list[str]:
    """What is right already, and what comes out right with the right value in this place, as one line."""
    proof = found.proof
    q = called(found)
    whole = str(found.details.get("located") or "")
    if found.details.get("of_part"):
        q = ""
    elif "[" in q or ", " in whole:
        q = q.split("[")[0] if "[" in q else whole
    if proof is None:
        return []
    said = []
    right = [name for name in proof.right if name != q]
    if right:
        said.append(words.phrase("right.one" if len(right) == 1 else "right", names=words.names(right)))
    others = [name for name in proof.repaired if name != q]
    if proof.complete and found.details.get("changed"):
        said.append(words.phrase("changed"))
    elif proof.complete and others and found.details.get("of_part"):
        said.append(words.phrase("part", part=shortened(found.part or "")))
    elif proof.complete and others and q:
        kind = "repaired.one" if len(others) == 1 else "repaired"
        said.append(words.phrase(kind, q=shortened(q), names=words.names(others)))
    return [" ".join(said)] if said else []


def _sizes(found: Diagnostic, words: Language) -> str:
    """The sizes that a relation names, with their numbers in the first test case."""
    sizes = found.details.get("sizes") or {}
    if not sizes:
        return ""
    text = words.phrase("comma").join(f"{name} = {value}" for name, value in sizes.items())
    count = found.details.get("wrong_cases")
    if count and count == found.details.get("cases"):
        return words.phrase("sizes.all", sizes=text, of=count)
    return words.phrase("sizes", sizes=text)

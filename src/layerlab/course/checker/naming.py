"""Say what was found in the learner's own names: a relation names quantities as the reference calls them.

A name stands as it is where the learner has it for the same value, or where it is an argument's or stands in the
statement and means nothing else in the learner's text. Else another of the learner's variables with this value takes
its place, or the formula that makes it. What cannot be said in this way is not said.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .comparing import same
from .judging.verdict import Judgement
from .watching.reference import Reference

HEADS = re.compile(
    r"(is|missing term|extra term|sign of term|without factor|extra factor|constant|ratio \S+ in term|unchanged)(?: |$)"
)
"""How relations begin that are followed by an expression."""

FUNCTIONS_KNOWN = ("np", "sigmoid", "relu")
DEEPEST, LONGEST_FORMULA = 2, 60


@dataclass(frozen=True)
class LearnersNames:
    """What the learner calls the quantities of an exercise.

    Attributes:
        verdict: the learner's calls.
        reference: the exercise's right values.
    """

    verdict: Judgement
    reference: Reference

    def told(self, relation: str) -> str | None:
        """A relation in the learner's names; None where it names something that the learner cannot know."""
        head = HEADS.match(relation)
        if head is None or not relation[head.end() :]:
            return relation
        try:
            said = self._expression(relation[head.end() :], 0)
        except SyntaxError:
            return relation
        return None if said is None else f"{head[1]} {said}"

    def named(self, quantity: str) -> bool:
        """Whether a name is one that the learner knows: from the statement, or from the own text."""
        return any(
            re.search(rf"(?<!\w){re.escape(quantity)}(?!\w)", text) for text in (self._statement, self.verdict.source)
        )

    def _expression(self, text: str, depth: int) -> str | None:
        tree = ast.parse(text, mode="eval")
        replaced: dict[str, ast.expr] = {}
        for name in sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}):
            if name in FUNCTIONS_KNOWN:
                continue
            said = self._name(name, depth)
            if said is None:
                return None
            replaced[name] = ast.parse(said, mode="eval").body
        told = ast.unparse(_Renamed(replaced).visit(tree)).replace(" ** ", "**")
        return told if len(told) <= LONGEST_FORMULA or told == text else None

    def _name(self, name: str, depth: int) -> str | None:
        """What a quantity is called in the learner's text; its formula where it has no name there."""
        values = [{**case.sizes, **case.known}.get(name) for case in self.reference.cases]
        own = [trial.locals for trial in self.verdict.trials]
        parameter = self._parameters.get(name)
        if parameter is not None:
            return parameter
        if any(value is None for value in values):
            return name if self.named(name) else None
        alike = [other for other in own[0] if _equal([names.get(other) for names in own], values)]
        if name in alike:
            return name
        if not any(name in names for names in own) and self.named(name):
            return name
        if alike:
            return alike[0]
        if (entry := self._entry(name)) is not None:
            return entry
        formula = self._formula(name)
        return None if formula is None or depth >= DEEPEST else self._expression(formula, depth + 1)

    def _entry(self, name: str) -> str | None:
        """How the learner writes an entry of an argument that is a dict, such as ``parameters["b2"]``."""
        for argument, own in self._parameters.items():
            held = self.verdict.trials[0].arguments[argument]
            if isinstance(held, Mapping) and name in held:
                return f'{own}["{name}"]'
        return None

    @property
    def _parameters(self) -> dict[str, str]:
        """The learner's own names of the arguments."""
        node = self.verdict.file.node
        names = [] if node is None else [argument.arg for argument in node.args.args]
        return dict(zip(self.verdict.trials[0].arguments, names, strict=False))

    @property
    def _statement(self) -> str:
        text = self.verdict.exercise.text("en.md")
        return text.partition("## Statement")[2].partition("## Hint")[0]

    def _formula(self, name: str) -> str | None:
        """The expression of the solution that makes a quantity, if one does."""
        sites = [site for site in self.reference.solution.sites if site.kind == "assignment" and site.name == name]
        return sites[0].text if len(sites) == 1 and not sites[0].in_loop else None


class _Renamed(ast.NodeTransformer):
    """An expression with others in place of some names."""

    def __init__(self, replaced: Mapping[str, ast.expr]) -> None:
        self.replaced = replaced

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.replaced.get(node.id, node)


def _equal(got: Sequence[Any], wanted: Sequence[Any]) -> bool:
    return all(value is not None and same(value, right) for value, right in zip(got, wanted, strict=True))


def repeats(relation: str, code: str) -> bool:
    """Whether "is E" says no more than the code itself: E is what stands there."""
    if not relation.startswith("is "):
        return False
    try:
        return ast.dump(ast.parse(relation[3:], mode="eval")) == ast.dump(ast.parse(code, mode="eval"))
    except SyntaxError:
        return relation[3:] == code

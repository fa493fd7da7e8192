"""Whether a learner's statement says what a statement of the reference says, whatever the names are.

``v2 = v1 @ X.T / m`` says what ``dW = dZ @ X.T / m`` says where v1 has the value of dZ, or a value that is no right
value of anything: then it is what comes before it that is wrong. A name that has another right value does not match.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from ..watching.instrumenting import Site, sites_of
from ..watching.runs import WatchedRun

READ = re.compile(r"[A-Za-z_]\w*(\[[^\[\]]*\])?")
"""A name, or an item that is read: ``A1``, ``cache["A1"]``."""


@dataclass(frozen=True)
class Saying:
    """What a statement says: its text with gaps, and for each turn the fingerprints of what is read in the gaps."""

    text: str
    gaps: frozenset[tuple[Hashable, ...]]

    def reads_only(self, known: frozenset[Hashable]) -> bool:
        """Whether everything that is read is right."""
        return all(key in known for gaps in self.gaps for key in gaps)


class Sayings:
    """What the statements of one run say, by the number of their site."""

    def __init__(self, run: WatchedRun) -> None:
        self.run = run

    @cached_property
    def all(self) -> dict[int, Saying]:
        """Every statement that was begun."""
        sites = [self.run.sites[number] for number in self.run.order]
        found = {site.number: self._of(site) for site in sites if _speaks(site)}
        for site in sites:
            for element in sites_of(site.elements):  # its text is a name that is assigned to, and says nothing
                found[element] = found[site.number]
        return found

    def _of(self, site: Site) -> Saying:
        reads, around = dict[str, Site](), {site.number}
        for part in self.run.sites[site.number + 1 :]:
            if part.inside in around:
                around.add(part.number)
                if READ.fullmatch(part.text):
                    reads[_one_way(part.text)] = part
        if not reads and READ.fullmatch(site.text):
            return Saying(
                f"{site.kind if site.inside is None else 'item'} _", frozenset((key,) for key in self.run.prints(site))
            )
        text, read = _with_gaps(site.text, frozenset(reads))
        turns = min(max((len(self.run.prints(reads[name])) for name in read), default=1), 4)
        return Saying(text, frozenset(tuple(self._at(reads[name], turn) for name in read) for turn in range(turns)))

    def _at(self, part: Site, turn: int) -> Hashable:
        prints = self.run.prints(part)
        return prints[turn] if turn < len(prints) else None


def _speaks(site: Site) -> bool:
    return site.kind in ("assignment", "return", "loop", "test")


def says_the_same(own: Saying, others: Sequence[Saying], known: frozenset[Hashable]) -> bool:
    """Say whether a learner's statement is one of the reference's: in each turn with right values in the same gaps.

    Args:
        own: of the learner's statement.
        others: of the reference's statements with the same text.
        known: fingerprints of all right values.
    """
    theirs = {gaps for other in others if other.text == own.text for gaps in other.gaps}
    return bool(theirs) and all(any(_match(gaps, other, known) for other in theirs) for gaps in own.gaps)


def _match(own: tuple[Hashable, ...], theirs: tuple[Hashable, ...], known: frozenset[Hashable]) -> bool:
    return len(own) == len(theirs) and all(
        mine == other or mine is None or mine not in known for mine, other in zip(own, theirs, strict=True)
    )


@cache
def _with_gaps(text: str, names: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """An expression with ``_`` in place of what it reads, and what that is, in order."""
    try:
        tree = ast.parse(text.strip())
    except SyntaxError:
        return text, ()
    gaps = _Gaps(names)
    return ast.unparse(gaps.visit(tree)), tuple(gaps.read)


class _Gaps(ast.NodeTransformer):
    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self.read: list[str] = []

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Name | ast.Subscript):
            text = ast.unparse(node)
            if text in self.names:
                self.read.append(text)
                return ast.Name(id="_", ctx=ast.Load())
        found: ast.AST = self.generic_visit(node)
        return found


@cache
def _one_way(text: str) -> str:
    return ast.unparse(ast.parse(text, mode="eval"))

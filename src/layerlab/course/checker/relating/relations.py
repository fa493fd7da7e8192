"""Relations: how a wrong value differs from the right one, in words of a small grammar that can be recomputed.

A relation is stated only if it is true of all cases it is looked for in: its text is recomputed on each (``holds``).
What comes first in this list wins. E is an expression of the sizes and of the known quantities upstream.

    is "relu"                           another text
    none · type list                    nothing, or something else than an array or a number
    not a number                        NaN or infinite, where the right value is finite
    unchanged                           the argument of the same name, as it was handed in
    transposed                          the right value's transpose
    shape (n,)                          the same numbers in this shape
    not added axis 1 · not added        adding along this axis, or everything, would give the right value; so "averaged"
    added axis 0 · added                the right value, added up once too much; so "averaged"
    repeated                            the right value again and again, in a larger shape
    ratio E                             E times the right value; ``shape (n,), ratio m`` has both
    proportional                        some constant times the right value, another in each fixture or of unknown name
    modulo 256                          the right numbers in a type of 8 bits
    1 - x                               1 minus the right value
    reshaped instead of transposed      the numbers of its transpose, read row by row
    rows permuted · columns permuted · permuted
    without function f · function f     f of it is right; it is f of what is right (``FUNCTIONS`` lists them)
    signs                               the right numbers, some with the other sign
    constant 0 · constant               the same number everywhere
    truncated                           cut off to whole numbers
    factor per row · factor per column
    is E                                another quantity: ``is dA1``, ``is dA1.T``, ``is -dA1``, ``is dA1 / m``
    missing term E · extra term E       the right value is a formula without E, or with E twice
    off by term E                       the right value plus or minus E
    sign of term E · ratio E in term E  E has the wrong sign, or is so many times too large
    without factor E · extra factor E
    relu instead of sigmoid             one function of what another should have been taken of: relu, sigmoid, tanh
    is E                                a short expression of at most two known quantities
    axis 0 instead of 1: E              E, which is right with the other axis; "no axis: E" with axis 1
    added before abs: E                 the function of a sum, where the sum of the function is right
    shape (m, m) of other numbers       nothing else than a wrong shape
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from ..comparing import Numbers, kind_word, same
from .cases import Relation, WrongValue
from .constants import Constants, shape_text
from .expressions import Match, QuantitySearch, TermTable, shortest
from .recomputing import FUNCTIONS, INSTEAD, compared_by, holds, refined
from .two_products import sums_of_two_products

__all__ = ["Relation", "WrongValue", "holds", "relation"]


REDUCED = tuple(f"{word}{axis}" for axis in ("", " axis 0", " axis 1", " axis 2") for word in ("added", "averaged"))

OF_ONE_SHAPE = (
    *("modulo 256", "1 - x", "reshaped instead of transposed", "rows permuted", "columns permuted", "permuted"),
    *("function abs", "constant 0", "constant", "truncated"),
)
"""Relations that need nothing but the two values."""

ODD = re.compile(r"[-+]1\)|\(1-")
"""Constants that no term has in a formula of the course: (m-1)/m, 1-learning_rate."""


def relation(cases: Sequence[WrongValue]) -> Relation | None:
    """Find how a value is wrong on all the given cases; None where nothing is true of all of them.

    Args:
        cases: the value on each fixture; those where it is right do not count.
    """
    cases = [case for case in cases if not same(case.got, case.wanted)]
    if not cases:
        return None
    with np.errstate(all="ignore"):
        found = next((text for text in _proposals(cases) if all(holds(text, case) for case in cases)), None)
        found = None if found == f"is {cases[0].name}" else found  # an older value of the same name says nothing
        if found is not None:
            found = next((text for text in refined(found) if all(holds(text, case) for case in cases)), found)
    return None if found is None else Relation(found, _details(found, cases[0]))


def _details(text: str, case: WrongValue) -> dict[str, object]:
    named = set(re.findall(r"[A-Za-z_]\w*", text)) & set(case.sizes)
    details: dict[str, object] = {"sizes": {name: int(case.sizes[name]) for name in case.sizes if name in named}}
    for key, value in (("got_shape", case.came), ("wanted_shape", case.right)):
        if value is not None:
            details[key] = list(value.shape)
    return details


def _proposals(cases: Sequence[WrongValue]) -> Iterator[str]:
    """List what may be true, simplest first."""
    first = cases[0]
    yield from ("none", f"type {kind_word(first.got)}", "not a number")
    yield from [f'is "{first.got}"'] if isinstance(first.got, str) else []
    if any(case.came is None or case.right is None for case in cases):
        return
    constants = Constants(cases)
    shape = shape_text([case.came.shape for case in cases if case.came is not None], cases)
    forms = ["transposed", "repeated", *([shape] if shape else []), *(f"not {form}" for form in REDUCED), *REDUCED]
    other = [f"{shape}, permuted", f"{shape} of other numbers"] if shape else []
    if any(value is not None and not value.size for case in cases for value in (case.came, case.right)):
        yield from other
        return
    yield "unchanged"
    yield from _of_a_number(cases, constants)
    yield from forms
    for form in ("", *forms):
        pairs = [next(compared_by(form, case), None) for case in cases]
        name = constants.name([_ratio(*pair) if pair else np.nan for pair in pairs], cases[0].tolerance)
        yield from [f"{form}, ratio {name}".removeprefix(", ")] if name else []
    if all(case.right is not None and case.right.size > 1 and np.ptp(case.right) == 0 for case in cases):
        yield from other  # of zeros, everything is a function
        return
    yield from OF_ONE_SHAPE
    yield from _of_known(cases, QuantitySearch(cases, constants))
    yield from (f"{one} instead of {two}" for one in INSTEAD for two in INSTEAD if one != two)
    yield from ("function reciprocal", "factor per row", "factor per column", "proportional")
    yield from other


def _of_a_number(cases: Sequence[WrongValue], constants: Constants) -> Iterator[str]:
    """Say what a number is that should be one of the fixture's sizes, or that was typed in: ``is n_x``, ``is 7``."""
    columns = ([case.came for case in cases], [case.right for case in cases])
    got, wanted = ([x.item() for x in column if x is not None and x.size == 1] for column in columns)
    if len(got) == len(wanted) == len(cases):
        name = constants.name(got)
        if name and (all(value.is_integer() for value in wanted) or (len(set(wanted)) > 1 and _is_literal(name))):
            yield f"is {got[0]:.4g}" if _is_literal(name) else f"is {name.removeprefix('(').removesuffix(')')}"


def _is_literal(name: str) -> bool:
    return not re.search("[A-Za-z_]", name)


def _of_known(cases: Sequence[WrongValue], search: QuantitySearch) -> Iterator[str]:
    """List what known quantities may explain: another one, terms, factors, then what is made of one or two."""
    got = [case.came for case in cases if case.came is not None]
    wanted = [case.right for case in cases if case.right is not None]
    shapes = [array.shape for array in got]
    alike = shapes == [array.shape for array in wanted]
    plain = TermTable([*search.plain, search.one], shapes)
    single = list(search.singles(search.target(got, plain)))
    yield from _expressions(search, (match for match in single if _has_a_name(match, search)))
    terms = list(_terms(search, got, wanted, plain)) if alike else []
    yield from (text for text in terms if text.startswith("sign of"))
    yield from ("without function abs", "signs")
    binary = all(np.isin(array, (0, 1)).all() for array in got)
    simple = search.target(got, TermTable(search.compared if binary else search.simple, shapes))
    yield from _expressions(search, (match for match in search.singles(simple) if _is_one(np.abs(match.ratios))))
    yield from terms
    if alike:
        yield from _factors(search, got, wanted, TermTable(search.known, shapes), ("without",))
        slopes = [term for term in search.simple if "1 - " in term.text]
        yield from _factors(search, got, wanted, TermTable([*search.plain, *slopes], shapes), ("extra",))
    yield from _expressions(search, single)
    if all(len(np.unique(array)) <= 3 < array.size for array in got):
        return  # labels and verdicts fit by chance
    further = [] if len(cases) == 1 else search.further
    more = search.target(got, TermTable(further, shapes))
    yield from _expressions(search, (match for match in search.singles(more) if _is_one(np.abs(match.ratios))))
    yield from (f"without function {name}" for name in ("relu", "sigmoid", "tanh", "threshold", "round"))
    yield from (f"function {name}" for name in FUNCTIONS if name != "reciprocal")
    table = TermTable([*search.plain, search.one, *search.simple, *search.reduced, *further], shapes)
    itself = search.target(got, table)
    yield from _expressions(search, itertools.chain(search.singles(itself), search.pairs(itself)))
    if alike and len(cases) > 1:
        yield from _factors(search, got, wanted, table, ("without", "extra"))
        yield from _terms(search, got, wanted, table, odd=True)
        yield from sums_of_two_products(search, got)


def _has_a_name(match: Match, search: QuantitySearch) -> bool:
    """Whether a match is a quantity with a name, but for a constant of sizes."""
    constant = search.constant(match.ratios) or ""
    known = {term.text for term in search.known if term.is_number}
    return match.text.removesuffix(".T").isidentifier() and not known & set(re.findall(r"[A-Za-z_]\w*", constant))


def _expressions(search: QuantitySearch, matches: Iterable[Match]) -> Iterator[str]:
    named = [(match, search.constant(match.ratios)) for match in matches]
    yield from shortest((f"is {match.times(name)}", match) for match, name in named if name is not None)


def _terms(
    search: QuantitySearch, got: list[Numbers], wanted: list[Numbers], table: TermTable, odd: bool = False
) -> Iterator[str]:
    """List terms that are missing, too many, or have the wrong sign or constant; the odd ones only if wanted.

    Without a term that a formula subtracts a value is larger: what is left of the formula says whether one is missing.
    """

    def known(arrays: list[Numbers]) -> bool:
        matches = search.singles(search.target(arrays, table))
        return any(search.constant(match.ratios) is not None and match.steps == 0 for match in matches)

    target = search.target([b - a for a, b in zip(got, wanted, strict=True)], table)
    matches = list(itertools.chain(search.singles(target), search.pairs(target) if odd else ()))
    found: dict[str, list[tuple[str, Match]]] = {"sign of": [], "missing": [], "extra": [], "off by": [], "ratio": []}
    for match in matches:
        once, half = search.constant(match.ratios), search.constant(match.ratios / 2)
        if half is not None and (once is None or half in ("1", "-1")):
            if odd and not known([(a + b) / 2 for a, b in zip(got, wanted, strict=True)]):
                continue
            found["sign of"].append((match.times(half.removeprefix("-")), match))
        elif once is not None and (odd or not ODD.search(once)):
            twice = [2 * b - a for a, b in zip(got, wanted, strict=True)]
            word = "missing" if known(got) else "extra" if known(twice) else "off by"
            if odd and word == "off by":
                continue
            found[word].append((match.times(once.removeprefix("-")), match))
        elif odd and match.term is not None and match.term.text != "1":
            found["ratio"] += _within(search, wanted, match, known)
    for word in ("sign of", "missing", "extra", "off by"):
        yield from (f"{word} term {text}" for text in shortest(found[word]))
    yield from shortest(found["ratio"])


def _within(
    search: QuantitySearch, wanted: list[Numbers], match: Match, known: Callable[[list[Numbers]], bool]
) -> Iterator[tuple[str, Match]]:
    """Say by which constant one term of a formula is wrong, if what is left without the term is known."""
    values = match.term.values if match.term is not None else ()
    for sign in (1, -1):
        constant = search.constant(1 - sign * match.ratios)
        if constant is not None and known([b - sign * value for b, value in zip(wanted, values, strict=True)]):
            yield f"ratio {constant} in term {match.text}", match


def _factors(
    search: QuantitySearch, got: list[Numbers], wanted: list[Numbers], table: TermTable, words: tuple[str, ...]
) -> Iterator[str]:
    """List factors that are missing or too many."""
    for word in words:
        over, under = (wanted, got) if word == "without" else (got, wanted)
        quotients = [np.nan_to_num(a / b, nan=0.0, posinf=0.0, neginf=0.0) for a, b in zip(over, under, strict=True)]
        matches = search.singles(search.target(quotients, table))
        yield from shortest((f"{word} factor {match.text}", match) for match in matches if _is_one(match.ratios))


def _is_one(ratios: Numbers) -> bool:
    return bool((np.abs(ratios - 1) <= 1e-7).all())


def _ratio(got: Numbers, wanted: Numbers) -> float:
    """Return the ratio of the two values at the right value's largest entry."""
    if got.shape != wanted.shape or not wanted.size:
        return np.nan
    largest = int(np.argmax(np.abs(wanted)))
    return float(got.flat[largest] / wanted.flat[largest])

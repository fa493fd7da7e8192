"""A short expression for a wrong value, of at most two known quantities: ``dA1 * A1``, ``W @ dZ``, ``A - Y``.

All pairs are tried at once on three entries of each case. What fits there, but for a constant that has a name, is
written as text; whoever asked recomputes it on the whole arrays. So a search takes some hundredths of a second.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..comparing import Numbers
from .cases import WrongValue
from .constants import Constants
from .pool import (
    COMPARED,
    FURTHER,
    OF_FUNCTIONS,
    REDUCTIONS,
    SIMPLE,
    Term,
    in_brackets,
    known_terms,
    made_of,
    powered,
    reduced,
    times,
    turned,
    unlike,
)
from .recomputing import fits_into

ENTRIES, PLACES = 3, 60
"""Entries of a case that are compared, out of so many."""

PAIRS, FACTORS, FOUND = 30_000, 60, 40
"""Pairs of terms that are tried, factors of matrix products, and fitting expressions of one kind that are looked at."""

Operation = Callable[[Numbers, Numbers], Numbers]

OPERATIONS: tuple[tuple[str, Operation, bool], ...] = (
    ("{left} * {factor}", np.multiply, True),
    ("{left} / {factor}", np.divide, False),
    ("{sum} - {term}", np.subtract, True),
    ("{sum} + {term}", np.add, True),
    ("({sum} - {term})**2", lambda a, b: (a - b) ** 2, True),
    ("np.abs({sum} - {term})", lambda a, b: np.abs(a - b), True),
)
"""What is done with two terms: the text, the function, and whether the order does not matter but for the sign."""


@dataclass(frozen=True)
class Match:
    """An expression that fits on the compared entries, but for a constant.

    Attributes:
        text: the expression without the constant.
        ratios: the constant in each case.
        bases: the known quantities in it.
        steps: how much is made of them.
        negative: the same with the other sign, where that is written otherwise: ``b - a``.
        term: where it is one term.
    """

    text: str
    ratios: Numbers
    bases: frozenset[str]
    steps: int
    negative: str = ""
    term: Term | None = None

    def times(self, constant: str) -> str:
        """Write the expression with its constant."""
        if constant.startswith("-") and self.negative:
            return times(constant[1:], self.negative)
        return times(constant, self.text)


class TermTable:
    """The terms that fit into arrays of some shapes, at some places of each; of equal ones the first."""

    def __init__(self, terms: Sequence[Term], shapes: Sequence[tuple[int, ...]]) -> None:
        self.shapes = tuple(shapes)
        self.is_number = all(set(shape) <= {1} for shape in shapes)
        sizes = [int(np.prod(shape)) for shape in shapes]
        self.places = [np.unique(np.linspace(0, size - 1, min(size, PLACES)).astype(int)) for size in sizes]
        self.terms = unlike(
            [
                term
                for term in terms
                if all(fits_into(value.shape, shape) for value, shape in zip(term.values, shapes, strict=True))
                and (self.is_number or not term.is_number or term.steps or term.text == "1")
            ]
        )
        self.rows = []
        for case, (shape, places) in enumerate(zip(shapes, self.places, strict=True)):
            rows = [np.broadcast_to(term.values[case], shape).ravel()[places] for term in self.terms]
            self.rows.append(np.array(rows).reshape(-1, len(places)))


class SearchTarget:
    """Numbers, one array a case, for which expressions of a table's terms are looked for.

    Attributes:
        numbers: the entries that are compared, those of the first case first.
        rows: the terms at these entries, (terms, entries).
        starts: where each case begins.
    """

    def __init__(self, arrays: Sequence[Numbers], table: TermTable, constants: Constants, tolerance: float) -> None:
        self.table, self.constants, self.tolerance = table, constants, max(tolerance, 1e-8)
        seen = [array.ravel()[places] for array, places in zip(arrays, table.places, strict=True)]
        chosen = [_spread(values, rows) for values, rows in zip(seen, table.rows, strict=True)]
        self.chosen = [places[some] for places, some in zip(table.places, chosen, strict=True)]
        self.numbers = np.concatenate([values[some] for values, some in zip(seen, chosen, strict=True)])
        self.rows = np.concatenate([row[:, some] for row, some in zip(table.rows, chosen, strict=True)], axis=1)
        counts = [len(some) for some in chosen]
        self.starts = np.cumsum([0, *counts[:-1]])
        self._first = np.repeat(self.starts, counts)

    @property
    def enough(self) -> bool:
        """Whether there are enough entries that no pair of quantities fits by chance."""
        return len(self.numbers) >= (2 if self.tolerance < 1e-6 else 3)

    def fitting(self, values: Numbers) -> NDArray[np.bool_]:
        """Say which rows, (…, entries), are the target's numbers but for a constant in each case."""
        return self._steady(self.numbers / values)

    def _steady(self, ratios: Numbers) -> NDArray[np.bool_]:
        """Say which rows of ratios, (…, entries), are the same within each case."""
        first = ratios[..., self._first]
        equal = (np.abs(ratios - first) <= self.tolerance * np.abs(first)) | np.isnan(ratios)  # 0 / 0 fits everything
        fits = np.asarray((equal & ~np.isnan(first)).all(axis=-1))
        if self.table.is_number:  # every row has a ratio, so only those that may have a name are asked
            rough, names = ratios[..., self.starts], self.constants.common
            named = (np.abs(rough[..., None, :] - names) <= self.tolerance * np.abs(names)).all(axis=-1).any(axis=-1)
            fits = fits & named
        return fits

    def candidates(
        self, pairs: NDArray[np.int64], made: Operation, rest: Operation = lambda numbers, _: numbers
    ) -> Iterator[tuple[Term, Term, Numbers]]:
        """Find pairs of terms of which something is made that fits; two entries of one case rule most pairs out.

        Args:
            pairs: the terms' places in the table, (pairs, 2).
            made: what is made of two terms.
            rest: what that should be, of the target's numbers and the first term.

        Yields:
            The two terms, and the constant in each case.
        """

        def ratios(some: NDArray[np.int64], entries: Any) -> Numbers:
            one, other = (self.rows[:, entries][some[:, place]] for place in (0, 1))
            return rest(self.numbers[entries], one) / made(one, other)

        counts = np.diff([*self.starts, len(self.numbers)])
        if counts.max() > 1:
            start = self.starts[int(np.argmax(counts))]
            first, second = ratios(pairs, start), ratios(pairs, start + 1)
            fits = (np.abs(first - second) <= self.tolerance * np.abs(first)) | np.isnan(second)
            pairs = pairs[fits][: 50 * FOUND]
        found = ratios(pairs, slice(None))
        for place in np.flatnonzero(self._steady(found))[:FOUND]:
            a, b = pairs[place]
            yield self.table.terms[a], self.table.terms[b], found[place][self.starts]

    def match(self, text: str, values: Numbers, *terms: Term) -> Match:
        """Describe an expression that fits, with its numbers at the compared entries."""
        ratios = (self.numbers / values)[self.starts]
        bases, steps = frozenset(term.base for term in terms), sum(term.steps for term in terms)
        return Match(text, ratios, bases, steps, term=terms[0] if len(terms) == 1 else None)


def _spread(values: Numbers, rows: Numbers) -> NDArray[np.int64]:
    """Choose entries of different size, the largest first: not 0 if that is possible, nor where many terms are 0."""
    telling = np.count_nonzero(rows, axis=0) + (len(rows) + 1) * (values != 0)
    best = np.flatnonzero(telling == telling.max())
    if len(best) < min(ENTRIES, values.size):
        best = np.argsort(-telling, kind="stable")[:ENTRIES]
    order = best[np.argsort(-np.abs(values[best]), kind="stable")]
    return np.asarray(order[np.linspace(0, len(order) - 1, min(ENTRIES, len(order))).astype(int)])


class QuantitySearch:
    """The known quantities of the cases, and the searches among them.

    Attributes:
        known: as they are known; ``plain`` has the transposes too.
        one: the number 1.
    """

    def __init__(self, cases: Sequence[WrongValue], constants: Constants) -> None:
        self.constants, self.tolerance = constants, cases[0].tolerance
        self.known = known_terms(cases)
        self.one = Term("1", tuple(np.ones(()) for _ in cases), "")
        self.plain = [*self.known, *itertools.chain.from_iterable(map(turned, self.known))]
        self._arrays = [term for term in self.known if not term.is_number]

    @cached_property
    def simple(self) -> list[Term]:
        """What is often made of one array."""
        return [made for term in self._arrays for made in made_of(term, SIMPLE, 1)]

    @cached_property
    def reduced(self) -> list[Term]:
        """What is left of one array when it is added up, or its largest number or its length is taken."""
        forms = (REDUCTIONS, OF_FUNCTIONS)
        return [made for some in forms for term in self._arrays for made in reduced(term, some)]

    @cached_property
    def further(self) -> list[Term]:
        """What is made of one array more rarely."""
        return [made for term in self._arrays for made in made_of(term, FURTHER, 2)]

    @cached_property
    def compared(self) -> list[Term]:
        """Whether one array is larger or smaller than 0, 0.5 or 1."""
        return [made for term in self._arrays for made in made_of(term, COMPARED, 1)]

    def target(self, arrays: Sequence[Numbers], table: TermTable) -> SearchTarget:
        """Take arrays, one a case, as what to look for."""
        return SearchTarget(arrays, table, self.constants, self.tolerance)

    def constant(self, ratios: Numbers) -> str | None:
        """Name a constant by its values in the cases."""
        return self.constants.name(ratios, self.tolerance)

    def singles(self, target: SearchTarget) -> Iterator[Match]:
        """Find terms that are the target, but for a constant."""
        terms, rows = target.table.terms, target.rows
        for place in np.flatnonzero(target.fitting(rows))[:FOUND]:
            yield target.match(terms[place].text, rows[place], terms[place])

    def pairs(self, target: SearchTarget) -> Iterator[Match]:
        """Find what is made of two terms and is the target, but for a constant."""
        terms = target.table.terms
        if not target.enough or not terms:
            return
        yield from self._products(target)
        if target.table.is_number:
            yield from self._sums_of_products(target)
            yield from self._sums_of_distances(target)
        steps = np.array([term.steps for term in terms])
        few = np.argwhere(steps[:, None] + steps[None] <= 2)
        few = few[np.argsort(steps[few].sum(axis=1), kind="stable")][:PAIRS]
        ordered = few[few[:, 0] <= few[:, 1]]
        for form, function, both in OPERATIONS:
            for a, b, ratios in target.candidates(ordered if both else few, function):
                if a is b and function in (np.divide, np.subtract):
                    continue
                negative = written(form, b, a) if function is np.subtract else ""
                yield Match(written(form, a, b), ratios, frozenset({a.base, b.base}), 3 + a.steps + b.steps, negative)
        if not target.table.is_number:
            yield from self._shifted(target, few)

    def _shifted(self, target: SearchTarget, few: NDArray[np.int64]) -> Iterator[Match]:
        """Find a term and a constant times another one: ``W - learning_rate * dW``."""
        for sign, rest in ((1, np.subtract), (-1, np.add)):
            for a, b, ratios in target.candidates(few, lambda _, other: other, rest):
                name = self.constant(ratios)
                if name is not None:
                    text = _shifted_text(a.text, sign, name, b.text)
                    yield Match(text, np.ones(len(ratios)), frozenset({a.base, b.base}), 3 + a.steps + b.steps)

    def _products(self, target: SearchTarget) -> Iterator[Match]:
        """Find matrix products of two known quantities, each as it is or transposed."""
        matrices = [term for term in self.plain if all(value.ndim == 2 for value in term.values)][:FACTORS]
        for a, b in itertools.product(matrices, repeat=2):
            if all(
                x.shape[1] == y.shape[0] and (len(x), y.shape[1]) == shape
                for x, y, shape in zip(a.values, b.values, target.table.shapes, strict=True)
            ):
                products = (x @ y for x, y in zip(a.values, b.values, strict=True))
                row = np.concatenate([z.ravel()[some] for z, some in zip(products, target.chosen, strict=True)])
                if target.fitting(row):
                    yield target.match(written("{left} @ {factor}", a, b), row, a, b)

    def _sums_of_products(self, target: SearchTarget) -> Iterator[Match]:
        """Find sums over all entries of the product or of the squared difference of two terms."""
        groups: dict[tuple[tuple[int, ...], ...], list[Term]] = {}
        for term in unlike([*self.known, *self.simple, *self.further]):
            if not term.is_number:
                groups.setdefault(tuple(value.shape for value in term.values), []).append(term)
        for terms in (group[:FACTORS] for group in groups.values()):
            rows = [
                np.stack([value.ravel() for value in values]) for values in zip(*(t.values for t in terms), strict=True)
            ]
            sums = np.stack([matrix @ matrix.T for matrix in rows], axis=-1)
            squares = np.einsum("iik->ik", sums)
            for form, values in (
                ("np.sum({left} * {factor})", sums),
                ("np.sum(({sum} - {term})**2)", squares[:, None] + squares[None] - 2 * sums),
            ):
                for a, b in np.argwhere(np.triu(target.fitting(values)))[:FOUND]:
                    pair = (terms[a], terms[b])
                    text = f"np.sum({powered(terms[a].text)}**2)" if a == b else written(form, *pair)
                    yield target.match(text, values[a, b], *pair)

    def _sums_of_distances(self, target: SearchTarget) -> Iterator[Match]:
        """Find sums of the distances of two known arrays."""
        arrays = [term for term in self.known if not term.is_number][:FACTORS]
        for a, b in itertools.combinations(arrays, 2):
            if [value.shape for value in a.values] == [value.shape for value in b.values]:
                sums = np.array([np.abs(x - y).sum() for x, y in zip(a.values, b.values, strict=True)])
                if target.fitting(sums):
                    yield target.match(written("np.sum(np.abs({sum} - {term}))", a, b), sums, a, b)


def written(form: str, a: Term, b: Term) -> str:
    """Write an operation of two terms: left factor, second factor, first and second term of a sum are its places."""
    left, right = a.text, b.text
    return form.format(
        left=in_brackets(left, 1), factor=in_brackets(right, 2), sum=in_brackets(left, 0), term=in_brackets(right, 1)
    )


def _shifted_text(left: str, sign: int, constant: str, right: str) -> str:
    second = times(constant.removeprefix("-"), right)
    if sign < 0:
        return (
            f"{second} - {in_brackets(left, 1)}"
            if not constant.startswith("-")
            else f"-{in_brackets(left, 1)} - {second}"
        )
    return f"{in_brackets(left, 0)} {'-' if constant.startswith('-') else '+'} {in_brackets(second, 1)}"


def shortest(found: Iterable[tuple[str, Match]]) -> list[str]:
    """Order texts: those with least made of known quantities first, then those of fewest of them, then the shortest."""
    return [text for text, _ in sorted(found, key=lambda pair: (pair[1].steps, len(pair[1].bases), len(pair[0])))]

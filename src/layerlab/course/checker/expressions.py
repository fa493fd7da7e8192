"""A short expression for a wrong value, of at most two known quantities: ``dA1 * A1``, ``W @ dZ``, ``A - Y``.

All pairs are tried at once on two entries of one case; what fits there is looked at on three entries of each case, and
is written as text if the constant between the two has a name. Whoever asked recomputes the text on the whole arrays.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cases import WrongValue
from .comparing import Numbers
from .constants import Constants
from .pool import FURTHER, SIMPLE, Term, known_terms, made_of, reduced, scaled, turned, wrapped
from .recomputing import fits_into

ENTRIES, PLACES, PAIRED, PRODUCTS = 3, 60, 200, 60
"""Entries of a case that are compared, of so many; terms that are tried in pairs; factors of matrix products."""

FOUND = 40
"""Fitting pairs of one operation that are looked at."""

OPERATIONS: tuple[tuple[str, Callable[[Numbers, Numbers], Numbers], bool], ...] = (
    ("*", np.multiply, True),
    ("/", np.divide, False),
    ("-", np.subtract, True),
    ("+", np.add, True),
)
"""What is done with two terms: sign, function, and whether the order does not matter but for the sign."""


@dataclass(frozen=True)
class Match:
    """An expression that fits on the compared entries, but for a constant.

    Attributes:
        text: the expression without the constant.
        ratios: the constant in each case.
    """

    text: str
    ratios: Numbers


class Table:
    """The terms that fit into arrays of some shapes, at some places of each."""

    def __init__(self, terms: Sequence[Term], shapes: Sequence[tuple[int, ...]]) -> None:
        self.shapes = tuple(shapes)
        self.is_number = all(set(shape) <= {1} for shape in shapes)
        sizes = [int(np.prod(shape)) for shape in shapes]
        self.places = [np.unique(np.linspace(0, size - 1, min(size, PLACES)).astype(int)) for size in sizes]
        self.terms = [
            term
            for term in terms
            if all(fits_into(value.shape, shape) for value, shape in zip(term.values, shapes, strict=True))
            and (self.is_number or not term.is_number or term.text == "1")
        ]
        self.rows = [
            np.array([np.broadcast_to(term.values[case], shape).ravel()[places] for term in self.terms])
            for case, (shape, places) in enumerate(zip(shapes, self.places, strict=True))
        ]


class Target:
    """Numbers, one array a case, for which expressions of a table's terms are looked for.

    Attributes:
        numbers: the entries that are compared, those of the first case first.
        rows: the terms at these entries, (terms, entries).
    """

    def __init__(self, arrays: Sequence[Numbers], table: Table, constants: Constants, tolerance: float) -> None:
        self.table, self.constants, self.tolerance = table, constants, max(tolerance, 1e-8)
        seen = [array.ravel()[places] for array, places in zip(arrays, table.places, strict=True)]
        chosen = [_spread(values) for values in seen]
        self.chosen = [places[some] for places, some in zip(table.places, chosen, strict=True)]
        self.numbers = np.concatenate([values[some] for values, some in zip(seen, chosen, strict=True)])
        self.rows = np.concatenate([row[:, some] for row, some in zip(table.rows, chosen, strict=True)], axis=1)
        counts = [len(some) for some in chosen]
        self.starts = np.cumsum([0, *counts[:-1]])
        self.first = np.repeat(self.starts, counts)

    @property
    def enough(self) -> bool:
        """Whether there are enough entries that no pair of quantities fits by chance."""
        return len(self.numbers) >= (2 if self.tolerance < 1e-6 else 3)

    def fitting(self, values: Numbers, wanted: Numbers | None = None) -> NDArray[np.bool_]:
        """Say which rows, (…, entries), are the wanted numbers but for a constant in each case."""
        ratios = (self.numbers if wanted is None else wanted) / values
        first = ratios[..., self.first]
        fits = np.asarray((np.abs(ratios - first) <= self.tolerance * np.abs(first)).all(axis=-1))
        if self.table.is_number:  # every row has a ratio, so only those that may have a name are asked
            rough, names = ratios[..., self.starts], self.constants.common
            named = (np.abs(rough[..., None, :] - names) <= self.tolerance * np.abs(names)).all(axis=-1).any(axis=-1)
            fits = fits & named
        return fits

    def matches(self, texts: Callable[[int], str], values: Numbers) -> Iterator[Match]:
        """List the rows that fit."""
        for place in np.flatnonzero(self.fitting(values))[:FOUND]:
            yield Match(texts(int(place)), (self.numbers / values[place])[self.starts])

    def pairs_fitting(self, combined: Callable[[Numbers, Numbers], Numbers]) -> NDArray[np.int64]:
        """Find pairs of terms whose combination, a function of two, may be the target but for a constant."""
        if self.table.is_number:
            return np.argwhere(self.fitting(combined(self.rows[:, None], self.rows[None])))
        case = int(np.argmax(np.diff([*self.starts, len(self.numbers)])))
        two = slice(self.starts[case], self.starts[case] + 2)
        ratios = self.numbers[two] / combined(self.rows[:, None, two], self.rows[None, :, two])
        close = np.abs(ratios[..., 1] - ratios[..., 0]) <= self.tolerance * np.abs(ratios[..., 0])
        return np.argwhere(close)[: 50 * FOUND]


def _spread(values: Numbers) -> NDArray[np.int64]:
    """Choose entries of different size, none of them 0 if that is possible."""
    order = np.argsort(-np.abs(values), kind="stable")
    count = max(int(np.count_nonzero(values)), min(ENTRIES, values.size))
    return np.unique(order[np.linspace(0, count - 1, min(ENTRIES, count)).astype(int)])


class Search:
    """The known quantities of the cases, and the searches among them.

    Attributes:
        known: as they are known; ``plain`` has the transposes too.
        simple: what is often made of one; ``reduced`` and ``further`` what is made more rarely.
        one: the number 1.
    """

    def __init__(self, cases: Sequence[WrongValue], constants: Constants) -> None:
        self.constants, self.tolerance = constants, cases[0].tolerance
        self.known = known_terms(cases)
        self.one = Term("1", tuple(np.ones(()) for _ in cases))
        self.plain = [*self.known, *itertools.chain.from_iterable(map(turned, self.known))]
        arrays = [term for term in self.known if not term.is_number]
        self.simple = [made for term in arrays for made in made_of(term, SIMPLE)]
        self.reduced = [made for term in arrays for made in reduced(term)]
        self.further = [made for term in arrays for made in made_of(term, FURTHER)]

    def target(self, arrays: Sequence[Numbers], table: Table) -> Target:
        """Take arrays, one a case, as what to look for."""
        return Target(arrays, table, self.constants, self.tolerance)

    def table(self, arrays: Sequence[Numbers], terms: Sequence[Term]) -> Table:
        """Tabulate those terms that fit into the shapes of these arrays."""
        return Table(terms, [array.shape for array in arrays])

    def constant(self, match: Match) -> str | None:
        """Name a match's constant."""
        return self.constants.name(match.ratios, self.tolerance)

    def whole(self, matches: Iterator[Match]) -> list[str]:
        """Write matches with their constants, the shortest first."""
        named = [(match, self.constant(match)) for match in matches]
        return shortest(scaled(name, match.text) for match, name in named if name is not None)

    @staticmethod
    def singles(target: Target) -> Iterator[Match]:
        """Find terms that are the target, but for a constant."""
        if target.table.terms:
            yield from target.matches(lambda place: target.table.terms[place].text, target.rows)

    def pairs(self, target: Target) -> Iterator[Match]:
        """Find sums, differences, products and quotients of two terms that are the target, but for a constant."""
        if not target.enough:
            return
        yield from self._products(target)
        if target.table.is_number:
            yield from self._sums_of_products(target)
        terms, rows = target.table.terms, target.rows
        if not terms:
            return
        for sign, function, both in OPERATIONS:
            spots = [(a, b) for a, b in target.pairs_fitting(function) if a < b or not both]
            if spots:
                left, right = (list(places) for places in zip(*spots, strict=True))
                texts = [combined(terms[a].text, sign, terms[b].text) for a, b in spots]
                yield from target.matches(texts.__getitem__, function(rows[left], rows[right]))
        yield from self._shifted(target)

    def _shifted(self, target: Target) -> Iterator[Match]:
        """Find a term and a constant times another one: ``W - learning_rate * dW``."""
        terms, rows, numbers = target.table.terms, target.rows, target.numbers
        if target.table.is_number:
            return
        case = int(np.argmax(np.diff([*target.starts, len(numbers)])))
        two = slice(target.starts[case], target.starts[case] + 2)
        ratios = (numbers[two] - rows[:, None, two]) / rows[None, :, two]
        close = np.abs(ratios[..., 1] - ratios[..., 0]) <= target.tolerance * np.abs(ratios[..., 0])
        for a, b in np.argwhere(close)[: 10 * FOUND]:
            if target.fitting(rows[b], numbers - rows[a]):
                name = self.constants.name(((numbers - rows[a]) / rows[b])[target.starts], self.tolerance)
                if name is not None:
                    sign, constant = ("-", name[1:]) if name.startswith("-") else ("+", name)
                    yield Match(
                        f"{terms[a].text} {sign} {scaled(constant, terms[b].text)}", np.ones(len(target.starts))
                    )

    def _products(self, target: Target) -> Iterator[Match]:
        """Find matrix products of two known quantities, each as it is or transposed."""
        matrices = [term for term in self.plain if all(value.ndim == 2 for value in term.values)][:PRODUCTS]
        shapes = target.table.shapes
        for a, b in itertools.product(matrices, repeat=2):
            if all(
                x.shape[1] == y.shape[0] and (len(x), y.shape[1]) == shape
                for x, y, shape in zip(a.values, b.values, shapes, strict=True)
            ):
                products = (x @ y for x, y in zip(a.values, b.values, strict=True))
                row = np.concatenate([z.ravel()[some] for z, some in zip(products, target.chosen, strict=True)])
                text = combined(a.text, "@", b.text)
                yield from target.matches(lambda _, text=text: text, row[None])  # type: ignore[misc]

    def _sums_of_products(self, target: Target) -> Iterator[Match]:
        """Find sums over all entries of the product of two terms."""
        groups: dict[tuple[tuple[int, ...], ...], list[Term]] = {}
        for term in [*self.known, *self.simple, *self.further]:
            if not term.is_number:
                groups.setdefault(tuple(value.shape for value in term.values), []).append(term)
        for terms in groups.values():
            cases = zip(*(term.values for term in terms[:PRODUCTS]), strict=True)
            rows = [np.stack([value.ravel() for value in values]) for values in cases]
            sums = np.stack([matrix @ matrix.T for matrix in rows], axis=-1)
            upper = np.argwhere(np.triu(target.fitting(sums)))
            texts = [f"np.sum({combined(terms[a].text, '*', terms[b].text)})" for a, b in upper]
            if texts:
                yield from target.matches(texts.__getitem__, sums[upper[:, 0], upper[:, 1]])


def combined(left: str, sign: str, right: str) -> str:
    """Write an operation of two expressions."""
    if sign in "+-":
        return f"{left} {sign} {wrapped(right, 1)}"
    return f"{wrapped(left, 1)} {sign} {wrapped(right, 2)}"


def shortest(texts: Iterator[str]) -> list[str]:
    """Order expressions: fewest names first, then the shortest."""
    return sorted(texts, key=lambda text: (len(re.findall(r"[A-Za-z_]\w*", text)), len(text)))

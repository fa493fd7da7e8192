"""A wrong value as the sum of two products: ``Y * np.log(1 - A) + (1 - Y) * np.log(A)``, where two terms are wrong.

The first factors are labels, Y and 1 - Y. All products with them are sorted by one number. For each of them, what is
left of the wrong value is looked up among the others, so that not all pairs have to be tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..comparing import Numbers
from .expressions import QuantitySearch, written
from .pool import Term, times, unlike

PRODUCTS, STEPS, FOUND = 4000, 3, 10
"""Products that are tried, steps from known quantities in one, and fitting sums that are looked at."""

NEAR = 1e-9
"""Relative distance within which what is left is a product."""


@dataclass
class _Rows:
    """Products, sums and single terms: the text of each, what is made in it, and some of its numbers."""

    texts: list[str] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    numbers: list[Numbers] = field(default_factory=list)
    factors: list[str] = field(default_factory=list)

    def add(self, text: str, steps: int, numbers: Numbers, factor: Term) -> None:
        """Add one of them, by what its first factor is made of."""
        self.factors.append(factor.base)
        self.texts.append(text)
        self.steps.append(steps)
        self.numbers.append(numbers)


def sums_of_two_products(search: QuantitySearch, got: Sequence[Numbers]) -> Iterator[str]:
    """List expressions for a wrong value, one array or one number a case, where it is such a sum."""
    arrays = [term for term in search.known if not term.is_number]
    named = [term for term in (*search.simple, *search.further) if term.base.isidentifier()]
    labels = {term.text for term in arrays if _are_labels(term)}
    shares = [term for term in named if term.base in labels and term.text == f"1 - {term.base}"]
    factors = [*(term for term in arrays if term.text in labels and term.text.isidentifier()), *shares]
    made = unlike([*arrays, *named])
    if all(array.size == 1 for array in got):
        rows = _added_up(factors, made)
        wanted, constants = np.array([array.item() for array in got]), search.constants.simple
    else:
        rows = _multiplied(factors, made, [array.shape for array in got])
        wanted, constants = _entries(got), {"1": np.ones(1), "-1": -np.ones(1)}
    if len(wanted) < 3 or not rows.texts:
        return
    found = [
        (steps, len(text), f"is {times(constant, text)}")
        for constant, values in constants.items()
        for steps, text in _sums(rows, wanted / values)
    ]
    yield from (text for _, _, text in sorted(found))


def _are_labels(term: Term) -> bool:
    """Say whether an array holds 0 and 1 alone in the first case, and numbers between them in the others."""
    return bool(np.isin(term.values[0], (0, 1)).all()) and all(((v >= 0) & (v <= 1)).all() for v in term.values)


def _entries(values: Sequence[Numbers]) -> Numbers:
    """Take some numbers of each array."""
    return np.concatenate([array.ravel()[:: 1 + array.size // 5] for array in values])


def _multiplied(factors: Sequence[Term], made: Sequence[Term], shapes: list[tuple[int, ...]]) -> _Rows:
    """List products of terms that have these shapes, and the terms themselves."""
    rows = _Rows()
    entries = {
        term.text: _entries(term.values) for term in (*factors, *made) if [v.shape for v in term.values] == shapes
    }
    for a, b in ((a, b) for a in factors if a.text in entries for b in made if b.text in entries):
        if a.steps + b.steps <= STEPS and len(rows.texts) < PRODUCTS:
            rows.add(written("{left} * {factor}", a, b), 1 + a.steps + b.steps, entries[a.text] * entries[b.text], a)
    return rows


def _added_up(factors: Sequence[Term], made: Sequence[Term]) -> _Rows:
    """List sums of products over all entries, sums of terms, and products of sums."""
    rows = _Rows()
    sums = {term.text: np.array([value.sum() for value in term.values]) for term in (*factors, *made)}
    for a, b in ((a, b) for a in factors for b in made):
        fits = [v.shape for v in a.values] == [v.shape for v in b.values] and a.steps + b.steps <= STEPS
        if fits and len(rows.texts) < PRODUCTS:
            steps = 1 + a.steps + b.steps
            products = np.array([np.vdot(x, y) for x, y in zip(a.values, b.values, strict=True)])
            rows.add(f"np.sum({written('{left} * {factor}', a, b)})", steps, products, a)
            rows.add(f"np.sum({a.text}) * np.sum({b.text})", steps + 1, sums[a.text] * sums[b.text], a)
    return rows


def _sums(rows: _Rows, wanted: Numbers) -> Iterator[tuple[int, str]]:
    """Find two rows that add up to the wanted numbers, or that differ by them, with the steps in them."""
    numbers = np.array(rows.numbers)
    weights = np.sqrt(np.arange(2.0, 2 + len(wanted)))  # one number that tells two rows apart
    order = np.argsort(numbers @ weights)
    keys = (numbers @ weights)[order]
    size = np.abs(wanted) + np.abs(numbers)
    for sign, word in ((1, "+"), (-1, "-")):
        left = sign * (wanted - numbers)
        near = np.searchsorted(keys, left @ weights)
        for shift in (-1, 0):
            other = order[np.clip(near + shift, 0, len(order) - 1)]
            fits = (np.abs(left - numbers[other]) <= NEAR * size).all(axis=1)
            fits &= (np.abs(numbers[other]) > NEAR * size).any(axis=1)
            for a in np.flatnonzero(fits)[:FOUND]:
                b = int(other[a])
                if rows.factors[a] != rows.factors[b]:
                    continue
                yield rows.steps[a] + rows.steps[b], f"{rows.texts[a]} {word} {rows.texts[b]}"

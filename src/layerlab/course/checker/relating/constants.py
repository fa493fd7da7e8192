"""Constants by name: 0.142857… is called 1/m where m is 7 in this fixture, and 1/9 in the next, where m is 9."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from ..comparing import Numbers
from .cases import WrongValue

TIGHT = 1e-9
"""Relative distance within which a measured ratio is a constant."""

ONE_CASE = ("2", "-2", "1/2", "-1/2", "10", "0.1", "100", "0.01", "255", "1/255")
"""Numbers that are taken for themselves even where only one case shows them."""


class Constants:
    """The constants that the cases' sizes and known numbers give, by name.

    Attributes:
        names: how each is written, simplest first.
        values: their values, (names, cases).
        tiers: how simple each is: 1 a size, 2 a quotient of two, …
        simple: the values of 1, −1, the sizes and what one divides by them, by name.
        common: the values of the simplest, and of 1, 2 and 1/2, (constants, cases).
    """

    def __init__(self, cases: Sequence[WrongValue]) -> None:
        self.names: list[str] = []
        sizes = [name for name in cases[0].sizes if all(name in case.sizes for case in cases)]
        columns = {name: np.array([float(case.sizes[name]) for case in cases]) for name in sizes}
        rows: list[Numbers] = []
        self.tiers: list[int] = []
        logarithms = [
            (8, text, np.full(len(cases), value))
            for base in (2, 10)
            for text, value in ((f"np.log({base})", np.log(base)), (f"1/np.log({base})", 1 / np.log(base)))
        ]
        with np.errstate(all="ignore"):
            for tier, name, value in itertools.chain(
                _of_sizes(columns), _of_numbers(columns, _known(cases)), logarithms
            ):
                for sign, text in ((1, name), (-1, f"-{name}")):
                    self.names.append(text)
                    rows.append(sign * value)
                    self.tiers.append(tier)
        self.values = np.array(rows).reshape(-1, len(cases))
        self.simple: dict[str, Numbers] = {"1": np.ones(len(cases)), "-1": -np.ones(len(cases))}
        self.simple |= {name: row for name, row, tier in zip(self.names, rows, self.tiers, strict=True) if tier == 1}
        near = [np.full(len(cases), value) for value in (1.0, -1.0, 2.0, -2.0, 0.5, -0.5)]
        self.common = np.array([*near, *(row for row, tier in zip(rows, self.tiers, strict=True) if tier == 1)])
        self.one_case = len(cases) == 1

    def name(self, ratios: Sequence[float] | Numbers, tolerance: float = TIGHT) -> str | None:
        """Name the constant that has these values in the cases; None where none or more than one has them."""
        wanted = np.asarray(ratios, dtype=float)
        if not np.isfinite(wanted).all() or not wanted.all():
            return None
        for text, value in (("1", 1.0), ("-1", -1.0)):
            if self._all_close(wanted, value, tolerance):
                return text
        with np.errstate(all="ignore"):
            fits = np.flatnonzero((np.abs(self.values - wanted) <= tolerance * np.abs(wanted)).all(axis=1))
        literal = _literal(float(wanted[0])) if self._all_close(wanted, wanted[0], tolerance) else None
        if self.one_case and literal not in ONE_CASE:
            literal = None
        if fits.size == 0:
            return literal
        tiers = [self.tiers[place] for place in fits]
        if (literal is not None and self.one_case) or tiers.count(min(tiers)) > 1:
            return None
        return literal or self.names[fits[int(np.argmin(tiers))]]

    @staticmethod
    def _all_close(values: Numbers, value: float, tolerance: float) -> bool:
        return bool((np.abs(values - value) <= tolerance * abs(value)).all())


def _literal(value: float) -> str | None:
    """Write a number as one divided by a small number, with at most four digits, or as a fraction."""
    fraction = Fraction(value).limit_denominator(1000)
    exact = abs(float(fraction) - value) <= TIGHT * abs(value)
    digits = f"{value:.4g}"
    if exact and abs(fraction.numerator) == 1 and (fraction.denominator in (2, 3, 4, 6, 7, 8, 9, 255)):
        return str(fraction)
    if abs(float(digits) - value) <= TIGHT * abs(value) and "e" not in digits:
        return digits
    return str(fraction) if exact else None


def _of_sizes(sizes: dict[str, Numbers]) -> Iterator[tuple[int, str, Numbers]]:
    for name, value in sizes.items():
        yield 1, name, value
        yield 1, f"1/{name}", 1 / value
        yield 2, f"({name}-1)/{name}", (value - 1) / value
        yield 2, f"{name}/({name}-1)", value / (value - 1)
        yield 3, f"{name}**2", value**2
        yield 3, f"1/{name}**2", 1 / value**2
        yield 3, f"({name}-1)", value - 1
        yield 3, f"({name}+1)", value + 1
        yield 3, f"1/({name}-1)", 1 / (value - 1)
        yield 3, f"({name}+1)/{name}", (value + 1) / value
        yield 3, f"{name}/({name}+1)", value / (value + 1)
        yield 4, f"2*{name}", 2 * value
        yield 4, f"1/(2*{name})", 1 / (2 * value)
        yield 4, f"{name}**0.5", value**0.5
        yield 4, f"1/{name}**0.5", value**-0.5
    for (a, x), (b, y) in itertools.combinations(sizes.items(), 2):
        yield 2, f"{a}/{b}", x / y
        yield 2, f"{b}/{a}", y / x
        yield 3, f"{a}*{b}", x * y
        yield 3, f"1/({a}*{b})", 1 / (x * y)


def _known(cases: Sequence[WrongValue]) -> dict[str, Numbers]:
    """Collect the known numbers that no size is."""
    first = cases[0]
    return {
        name: np.array([float(case.quantities[name]) for case in cases])
        for name, value in first.quantities.items()
        if name.isidentifier() and value.ndim == 0 and float(value) not in (0.0, 1.0, -1.0)
        if all(name in case.quantities and case.quantities[name].ndim == 0 for case in cases)
        if not any(all(case.sizes.get(size) == float(case.quantities[name]) for case in cases) for size in first.sizes)
    }


def _of_numbers(sizes: dict[str, Numbers], known: dict[str, Numbers]) -> Iterator[tuple[int, str, Numbers]]:
    for number, value in known.items():
        yield 5, number, value
        yield 5, f"1/{number}", 1 / value
        yield 6, f"(1-{number})", 1 - value
        yield 6, f"{number}**2", value**2
        for size, count in sizes.items():
            yield 7, f"{number}/{size}", value / count
            yield 7, f"{number}*{size}", value * count


def shape_text(shapes: Sequence[tuple[int, ...]], cases: Sequence[WrongValue]) -> str | None:
    """Write a shape by the names of the sizes: ``shape (n, 1)``; None where the cases' shapes have no common text."""
    if len({len(shape) for shape in shapes}) != 1:
        return None
    sides = [_side([shape[axis] for shape in shapes], cases) for axis in range(len(shapes[0]))]
    if any(side is None for side in sides):
        return None
    return f"shape ({', '.join(map(str, sides))}{',' if len(sides) == 1 else ''})"


def _side(lengths: Sequence[int], cases: Sequence[WrongValue]) -> str | None:
    if set(lengths) == {1}:
        return "1"
    sizes = cases[0].sizes
    single = [name for name in sizes if all(case.sizes.get(name) == n for case, n in zip(cases, lengths, strict=True))]
    if len(single) == 1:
        return single[0]
    if len(set(lengths)) == 1:
        return str(lengths[0])
    if single:
        return single[0]
    for count in (2, 3, 4):
        for names in itertools.combinations_with_replacement(sizes, count):
            if all(
                np.prod([case.sizes.get(name, 0) for name in names]) == n
                for case, n in zip(cases, lengths, strict=True)
            ):
                return "*".join(names)
    return None

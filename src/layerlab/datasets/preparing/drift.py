"""How new rows differ from those of the training part, column by column, in a sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.printable_names import some_of
from layerlab.datasets.tabular.table import Column, Notice

from .describing_encoders import number_words
from .encoders import Category, Date, Encoder, Number, limited
from .learning_encoders import MOST_RARE, binned

MAJOR = 0.25
"""From here on the population stability index is a major change (Siddiqi, "Credit Risk Scorecards", 2006, ch. 6)."""

CHANCE = 0.001
"""How often a larger index may come by chance alone."""

FIRST = 5
"""Rows and categories that a notice names."""

MOST_NAMED = 10
"""Columns that a notice names."""

SMALL_SHARE, SMALL_COUNT = 0.01, 5
"""Values below both are few: several such columns are told in one sentence."""

MISSING = {
    "number": "the median",
    "truth": "neither of the two",
    "category": "none of the known ones",
    "date": "the median",
}
"""What a missing value is taken as, by the kind of column, where training had none."""


class Part(NamedTuple):
    """A part of a notice: what, and the places of the rows that it is about."""

    what: str
    places: NDArray[np.intp]


class Found(NamedTuple):
    """What there is to say of a column: values that training had not, and that it has others in other shares."""

    name: str
    parts: list[Part]
    shifted: list[str]

    @property
    def places(self) -> NDArray[np.intp]:
        """Of the rows that have such values."""
        return np.unique(np.concatenate([np.zeros(0, np.intp), *(part.places for part in self.parts)]))


def drift_of(encoders: Sequence[Encoder], columns: Sequence[Column], rows: NDArray[Any]) -> tuple[Notice, ...]:
    """A notice for each column whose new rows have values that training had not, or have them in other shares.

    Where that is a few values of several columns, one notice for all of these.

    Args:
        encoders: what training said of each column.
        columns: the new values, (m,) each.
        rows: (m,) their numbers in the file.
    """
    every = [_found(encoder, column) for encoder, column in zip(encoders, columns, strict=True)]
    found = [one for one in every if one.parts or one.shifted]
    small = [one for one in found if _is_small(one, len(rows))]
    if len(small) < 2:
        small = []
    large = [_notice(one, rows) for one in found if one not in small]
    return (*large, _gathered(small, rows)) if small else tuple(large)


def _found(encoder: Encoder, column: Column) -> Found:
    parts = [*_beyond(encoder, column), *_newly_missing(encoder, column)]
    return Found(column.name, parts, list(_shifted(encoder, column)))


def _is_small(found: Found, m: int) -> bool:
    return not found.shifted and len(found.places) < min(SMALL_COUNT, SMALL_SHARE * m)


def _notice(found: Found, rows: NDArray[Any]) -> Notice:
    words = list(found.shifted)
    some = _first_rows(found.places, rows)
    if found.parts:
        words.insert(0, "; ".join(part.what for part in found.parts) + _in_rows(some))
    return Notice("drift", found.name, f"column {found.name!r}: {'; '.join(words)}", some)


def _gathered(small: Sequence[Found], rows: NDArray[Any]) -> Notice:
    """One sentence on columns of which few values are to be said."""
    named = some_of([f"{one.name!r} ({len(one.places)})" for one in small], MOST_NAMED)
    some = _first_rows(np.unique(np.concatenate([one.places for one in small])), rows)
    what = f"a few values are none that training had (out of its range, new, or missing): of the columns {named}"
    return Notice("drift", "", what + _in_rows(some), some)


def _first_rows(places: NDArray[np.intp], rows: NDArray[Any]) -> tuple[int, ...]:
    return tuple(int(row) for row in rows[places[:FIRST]])


def _in_rows(some: tuple[int, ...]) -> str:
    return f" (first in row{'s' if len(some) > 1 else ''} {', '.join(map(str, some))})"


def _beyond(encoder: Encoder, column: Column) -> Iterator[Part]:
    """Values that training had not."""
    if isinstance(encoder, Category):
        yield from _unseen(encoder, column)
    elif isinstance(encoder, (Number, Date)) and encoder.edges:
        x = limited(column.values)
        low, high = encoder.edges[0], encoder.edges[-1]
        beyond = (x < low) | (x > high)
        if beyond.any():
            here = x[~np.isnan(x)]
            words = [number_words(encoder, value) for value in (low, high, here.min(), here.max())]
            yield Part(
                f"{_share(beyond)} outside of the training part's range, {words[0]} to {words[1]} "
                f"({words[2]} to {words[3]} came)",
                np.flatnonzero(beyond),
            )


def _unseen(encoder: Category, column: Column) -> Iterator[Part]:
    """Categories that training had not; where it had too many to remember them, nothing can be said."""
    if len(encoder.rare) >= MOST_RARE:
        return
    known = {*encoder.values, *encoder.rare, None, ""}
    unseen = np.fromiter((value not in known for value in column.values), bool, len(column.values))
    if unseen.any():
        counted = Counter(column.values[unseen].tolist()).most_common()
        named = some_of([f"{name!r} ({count:,})" for name, count in counted], FIRST)
        done = "taken as rare ones" if encoder.has_rare else "taken as none of the known ones"
        yield Part(f"{_share(unseen)} of categories that training had not, {done}: {named}", np.flatnonzero(unseen))


def _newly_missing(encoder: Encoder, column: Column) -> Iterator[Part]:
    missing = column.missing
    if missing.any() and not encoder.missing:
        what = f"{_share(missing)} missing, which none was in training, and taken as {MISSING[encoder.kind]}"
        yield Part(what, np.flatnonzero(missing))


def _shifted(encoder: Encoder, column: Column) -> Iterator[str]:
    """The shares differ by more than chance, and by much."""
    new, old = list(_counts(encoder, column)), list(encoder.counts)
    if len(old) > 1 and any(new) and any(old):
        index = stability_index(old, new)
        limit = max(MAJOR, largest_by_chance(old, new))
        if index > limit:
            yield (
                f"the values are distributed otherwise than in training (population stability index {index:.2f}, above "
                f"{limit:.2f})"
            )


def _counts(encoder: Encoder, column: Column) -> Sequence[int]:
    """The new values counted as ``encoder.counts`` counts those of training."""
    if isinstance(encoder, Category):
        counted: list[int] = np.bincount(encoder.places(column.values), minlength=len(encoder.counts) + 1).tolist()
        return counted[:-1]  # the last are the missing ones
    x = np.asarray(column.values, np.float64)
    x = x[~np.isnan(x)]
    if isinstance(encoder, (Number, Date)):
        return binned(x, encoder.edges) if encoder.edges else []
    return [int((x == 0).sum()), int((x == 1).sum())]


def stability_index(old: Sequence[int], new: Sequence[int]) -> float:
    """The population stability index of two lists of counts (Siddiqi 2006).

        Σ (q − p) ln(q / p)        p, q = (count + ½) / (sum + ½ bins)

    The ½ keeps empty bins finite.

    Example:
        >>> round(stability_index([50, 50], [50, 50]), 3), round(stability_index([50, 50], [10, 90]), 3)
        (0.0, 0.853)
    """
    p, q = ((np.array(counts) + 0.5) / (sum(counts) + 0.5 * len(counts)) for counts in (old, new))
    return float(((q - p) * np.log(q / p)).sum())


def largest_by_chance(old: Sequence[int], new: Sequence[int]) -> float:
    """What the index exceeds once in a thousand times if nothing changed.

    χ²(bins − 1) · (1/m + 1/n)        Yurdakul & Naranjo, "Statistical properties of the population stability index",
                                      Journal of Risk Model Validation 14 (2020)
    """
    from scipy.special import chdtri

    return float(chdtri(len(old) - 1, CHANCE)) * (1 / sum(old) + 1 / sum(new))


def _share(which: NDArray[np.bool_]) -> str:
    count, m = int(which.sum()), len(which)
    return f"{count:,} of {m:,} value{'' if m == 1 else 's'} ({_percent(count, m)}) {'is' if count == 1 else 'are'}"


def _percent(count: int, m: int) -> str:
    """A share in percent, of two digits."""
    share = 100 * count / m
    return f"{share:.0f} %" if share >= 10 else f"{share:.2g} %"

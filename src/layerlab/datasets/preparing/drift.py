"""How new rows differ from the training rows: a sentence for each column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice
from layerlab.datasets.printable_names import first_names
from layerlab.datasets.tabular.table import Column

from .describing_encoders import value_in_words
from .encoders import Category, Date, Encoder, Number, without_huge
from .learning_encoders import MOST_RARE, bin_counts

MAJOR_SHIFT = 0.25
"""A population stability index above this is a major change (Siddiqi, "Credit Risk Scorecards", 2006, ch. 6)."""

CHANCE_OF_SHIFT = 0.001
"""The probability that chance alone gives a larger index than the limit."""

NAMED_VALUES = 5
"""How many rows and categories a notice names."""

NAMED_COLUMNS = 10
"""How many columns a notice names."""

SMALL_SHARE, SMALL_COUNT = 0.01, 5
"""A column with fewer unusual values than both shares one sentence with other such columns."""

TREATED_AS = {
    "number": "the median",
    "truth": "neither yes nor no",
    "category": "none of the known values",
    "date": "the median",
}
"""What a missing value is treated as, for each kind of column, if the training set has none."""

IN_THE_MIDDLE = "a value of middle rank"
"""What a missing number or date is treated as, if the column is scaled by ranks."""


class Deviation(NamedTuple):
    """Values of a column that do not occur in the training set.

    Attributes:
        what: the description of these values.
        places: places of their rows.
    """

    what: str
    places: NDArray[np.intp]


class ColumnDrift(NamedTuple):
    """How a column's new values differ from the training values: values that are new, and changed shares."""

    name: str
    parts: list[Deviation]
    shifted: list[str]

    @property
    def places(self) -> NDArray[np.intp]:
        """Places of the rows whose values do not occur in the training set."""
        return np.unique(np.concatenate([np.zeros(0, np.intp), *(part.places for part in self.parts)]))


def find_drift(encoders: Sequence[Encoder], columns: Sequence[Column], rows: NDArray[Any]) -> tuple[Notice, ...]:
    """Make a notice about each column with values that the training set does not have, or has in other shares.

    Several columns with only a few such values share one notice.

    Args:
        encoders: what was learned from each column in training.
        columns: the new values, (m,) each.
        rows: (m,) numbers of their rows in the file.
    """
    every = [_found(encoder, column) for encoder, column in zip(encoders, columns, strict=True)]
    found = [one for one in every if one.parts or one.shifted]
    small = [one for one in found if _is_small(one, len(rows))]
    if len(small) < 2:
        small = []
    large = [_notice(one, rows) for one in found if one not in small]
    return (*large, _gathered(small, rows)) if small else tuple(large)


def unlike_rows(encoders: Sequence[Encoder], columns: Sequence[Column]) -> NDArray[np.intp]:
    """Return the places of the rows with a value that the training set does not have.

    Args:
        encoders: what was learned from each column in training.
        columns: the new values, (m,) each.
    """
    places = [
        deviation.places
        for encoder, column in zip(encoders, columns, strict=True)
        for deviation in (*_beyond(encoder, column), *_newly_missing(encoder, column))
    ]
    return np.unique(np.concatenate([np.zeros(0, np.intp), *places]))


def _found(encoder: Encoder, column: Column) -> ColumnDrift:
    """Find how a column's new values differ."""
    parts = [*_beyond(encoder, column), *_newly_missing(encoder, column)]
    return ColumnDrift(column.name, parts, list(_shifted(encoder, column)))


def _is_small(found: ColumnDrift, m: int) -> bool:
    """Return whether a column differs in so few values that several such columns share one sentence."""
    return not found.shifted and len(found.places) < min(SMALL_COUNT, SMALL_SHARE * m)


def _notice(found: ColumnDrift, rows: NDArray[Any]) -> Notice:
    """Make the notice about one column."""
    words = list(found.shifted)
    some = _first_rows(found.places, rows)
    if found.parts:
        words.insert(0, "; ".join(part.what for part in found.parts) + _in_rows(some))
    return Notice("drift", found.name, f"column {found.name!r}: {'; '.join(words)}", some)


def _gathered(small: Sequence[ColumnDrift], rows: NDArray[Any]) -> Notice:
    """Make one notice about several columns with few unusual values."""
    named = first_names([f"{one.name!r} ({len(one.places)})" for one in small], NAMED_COLUMNS)
    some = _first_rows(np.unique(np.concatenate([one.places for one in small])), rows)
    what = f"A few values are outside of the training range, new, or missing, in the columns {named}"
    return Notice("drift", "", what + _in_rows(some), some)


def _first_rows(places: NDArray[np.intp], rows: NDArray[Any]) -> tuple[int, ...]:
    """Return numbers of the first rows at these places."""
    return tuple(int(row) for row in rows[places[:NAMED_VALUES]])


def _in_rows(some: tuple[int, ...]) -> str:
    """Write the numbers of the first rows, for the end of a sentence."""
    return f" (first in row{'s' if len(some) > 1 else ''} {', '.join(map(str, some))})"


def _beyond(encoder: Encoder, column: Column) -> Iterator[Deviation]:
    """Find numbers and dates outside of the training set's range, and unseen categories."""
    if isinstance(encoder, Category):
        yield from _unseen(encoder, column)
    elif isinstance(encoder, (Number, Date)) and encoder.edges:
        x = without_huge(column.values)
        low, high = encoder.edges[0], encoder.edges[-1]
        beyond = (x < low) | (x > high)
        if beyond.any():
            here = x[~np.isnan(x)]
            words = [value_in_words(encoder, value) for value in (low, high, here.min(), here.max())]
            new = "the new value is" if words[2] == words[3] else f"the new values range from {words[2]} to"
            yield Deviation(
                f"{_share(beyond)} outside of the training range, {words[0]} to {words[1]} ({new} {words[3]})",
                np.flatnonzero(beyond),
            )


def _unseen(encoder: Category, column: Column) -> Iterator[Deviation]:
    """Find categories that are not in the training set; none if it has too many to remember them all."""
    if len(encoder.rare) >= MOST_RARE:
        return
    known = {*encoder.values, *encoder.rare, None, ""}
    unseen = np.fromiter((value not in known for value in column.values), bool, len(column.values))
    if unseen.any():
        counted = Counter(column.values[unseen].tolist()).most_common()
        named = first_names([f"{name!r} ({count:,})" for name, count in counted], NAMED_VALUES)
        done = "treated like rare values" if encoder.has_rare else f"treated as {TREATED_AS['category']}"
        yield Deviation(f"{_share(unseen)} not in the training set and {done}: {named}", np.flatnonzero(unseen))


def _newly_missing(encoder: Encoder, column: Column) -> Iterator[Deviation]:
    """Find missing values where the training set had none."""
    missing = column.missing
    if missing.any() and not encoder.missing:
        by_rank = isinstance(encoder, (Number, Date)) and encoder.knots
        treated = IN_THE_MIDDLE if by_rank else TREATED_AS[encoder.kind]
        what = f"{_share(missing)} missing, unlike in training, and treated as {treated}"
        yield Deviation(what, np.flatnonzero(missing))


def _shifted(encoder: Encoder, column: Column) -> Iterator[str]:
    """Report a column whose values are distributed so differently that chance does not explain it."""
    new, old = list(_counts(encoder, column)), list(encoder.counts)
    if len(old) > 1 and any(new) and any(old):
        index = stability_index(old, new)
        limit = max(MAJOR_SHIFT, largest_by_chance(old, new))
        if index > limit:
            yield (
                f"the values are distributed differently than in training (population stability index {index:.2f}, "
                f"above {limit:.2f})"
            )


def _counts(encoder: Encoder, column: Column) -> Sequence[int]:
    """Count the new values as ``encoder.counts`` counts those of the training set."""
    if isinstance(encoder, Category):
        counted: list[int] = np.bincount(encoder.places(column.values), minlength=len(encoder.counts) + 1).tolist()
        return counted[:-1]  # the last count is that of missing values
    x = np.asarray(column.values, np.float64)
    x = x[~np.isnan(x)]
    if isinstance(encoder, (Number, Date)):
        return bin_counts(x, encoder.edges) if encoder.edges else []
    return [int((x == 0).sum()), int((x == 1).sum())]


def stability_index(old: Sequence[int], new: Sequence[int]) -> float:
    """Return the population stability index of two lists of counts (Siddiqi 2006).

        Σ (q − p) ln(q / p)        p, q = (count + ½) / (sum + ½ bins)

    The ½ keeps empty bins finite.

    Example:
        >>> round(stability_index([50, 50], [50, 50]), 3), round(stability_index([50, 50], [10, 90]), 3)
        (0.0, 0.853)
    """
    p, q = ((np.array(counts) + 0.5) / (sum(counts) + 0.5 * len(counts)) for counts in (old, new))
    return float(((q - p) * np.log(q / p)).sum())


def largest_by_chance(old: Sequence[int], new: Sequence[int]) -> float:
    """Return the index that is exceeded once in a thousand cases if nothing has changed.

    χ²(bins − 1) · (1/m + 1/n)        Yurdakul & Naranjo, "Statistical properties of the population stability index",
                                      Journal of Risk Model Validation 14 (2020)
    """
    from scipy.special import chdtri

    return float(chdtri(len(old) - 1, CHANCE_OF_SHIFT)) * (1 / sum(old) + 1 / sum(new))


def _share(which: NDArray[np.bool_]) -> str:
    """Write how many of all values, as the subject of a sentence."""
    count, m = int(which.sum()), len(which)
    return f"{count:,} of {m:,} value{'' if m == 1 else 's'} ({_percent(count, m)}) {'is' if count == 1 else 'are'}"


def _percent(count: int, m: int) -> str:
    """Write a share in percent, with two digits."""
    share = 100 * count / m
    return f"{share:.0f} %" if share >= 10 else f"{share:.2g} %"

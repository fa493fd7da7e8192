"""How each column becomes inputs, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from layerlab.datasets.part import Notice
from layerlab.datasets.printable_names import first_names
from layerlab.datasets.tabular.table import Column

from .encoders import Category, Date, Encoder, Number, Truth
from .learning_encoders import MOST_NUMBERS, MOST_RARE, count_values, fewest_examples
from .target import Target

NAMED_CATEGORIES = 10
"""How many categories a description names."""

LIMITED = ", limited smoothly to ±3"
"""What ends the description of every scaled number and date."""

SCORED = "the normal score of"
"""What begins the description of every number and date that is scaled by its rank."""

NOTICED_SHARE = 0.01
"""Share of the training rows from which a notice says that their values are pooled."""

MOST_DAYS = 2_000_000
"""Days from 1970 up to which a date is written as one: about five thousand years."""


def describe_encoder(encoder: Encoder) -> dict[str, Any]:
    """Describe a column: its kind, its rows of X, how they are made, and its values in the training set."""
    return {
        "column": encoder.name,
        "kind": encoder.kind,
        "rows": len(encoder.feature_names),
        "done": "; ".join((_done(encoder), *_done_where_missing(encoder))),
        "seen": _seen(encoder),
    }


def describe_target(target: Target) -> dict[str, Any]:
    """Describe the target in the same way."""
    n = len(target.classes)
    pair = " and ".join(f"{k} for {name!r}" for k, name in enumerate(target.classes[:2]))
    done = {0: "the number itself", 2: pair}.get(n, f"one of {n} classes")
    seen = first_names([repr(name) for name in target.classes], NAMED_CATEGORIES)
    return {
        "column": target.name,
        "kind": target.kind,
        "rows": n if n > 2 else 1,
        "done": f"target: {done}",
        "seen": seen,
    }


def value_in_words(encoder: Number | Date, value: float) -> str:
    """Write a number, or a date; with the time of day where the training set has times."""
    if not isinstance(encoder, Date) or not abs(value) < MOST_DAYS:
        return f"{value:.6g}"
    moment = np.datetime64(round(value * 1440), "m")
    timed = any(edge % 1 for edge in (encoder.edges[:1] + encoder.edges[-1:]))
    return str(moment if timed or "day" in encoder.periods else moment.astype("datetime64[D]")).replace("T", " ")


def _done(encoder: Encoder) -> str:
    """Say how a column becomes inputs."""
    if isinstance(encoder, Category):
        return _done_to_categories(encoder)
    if isinstance(encoder, Truth):
        no, yes = encoder.words or ("0", "1")
        return f"−1 for {no!r}, 1 for {yes!r}"
    if not np.isfinite(encoder.scale):
        scaled = "0, since all training values are equal" if encoder.edges else "0, since no training row has a value"
    elif encoder.knots:
        what = (
            "value's rank among the training values"
            if encoder.kind == "number"
            else "day's rank among the training days"
        )
        scaled = f"{SCORED} the {what}, at most ±3"
    elif encoder.kind == "number":
        scaled = f"(value − median {encoder.center:.6g}) / {encoder.scale:.6g}{LIMITED}"
    else:
        center = value_in_words(encoder, encoder.center)
        scaled = f"(days since {center}) / {encoder.scale:.6g}{LIMITED}"
    periods = encoder.periods if isinstance(encoder, Date) else ()
    waves = f"; sine and cosine of the time of the {' and of the '.join(periods)}" if periods else ""
    return scaled + waves


def _done_to_categories(encoder: Category) -> str:
    """Say which inputs a column of categories becomes."""
    if encoder.two_sided:
        return f"−1 for {encoder.values[0]!r}, 1 for {encoder.values[1]!r}, 0 for others"
    n = len(encoder.values)
    own = (
        f"an input of 0 or 1 for each of {n} values"
        if n > 1
        else f"an input of 0 or 1 for {encoder.values[0]!r}"
        if n
        else ""
    )
    rare = f"one for all {'other values' if n else 'values, since each is rare'}" if encoder.has_rare else ""
    return "; ".join(filter(None, (own, rare))) or "none, since no training row has a value"


def _done_where_missing(encoder: Encoder) -> tuple[str, ...]:
    """Say what becomes of missing values, if the training set has some."""
    if not encoder.missing:
        return ()
    own = "one input says where it is missing"
    return (own if isinstance(encoder, Category) else f"0 where missing; {own}",)


def _seen(encoder: Encoder) -> str:
    """Say which values a column has in the training set."""
    missing = (f"{encoder.missing:,} missing",) if encoder.missing else ()
    if isinstance(encoder, Category):
        pooled = f"{_several(encoder)} pooled values" if len(encoder.rare) > 1 else "a pooled value"
        rare = (f"{pooled} {encoder.counts[-1]:,}",) if encoder.has_rare else ()
        counted = zip(encoder.values, encoder.counts, strict=False)
        named = first_names([f"{value!r} {count:,}" for value, count in counted], NAMED_CATEGORIES)
        return ", ".join(filter(None, (named, *rare, *missing)))
    if isinstance(encoder, Truth):
        words = encoder.words or ("0", "1")
        return ", ".join(
            [f"{word!r} {count:,}" for word, count in zip(words, encoder.counts, strict=True)] + [*missing]
        )
    ends = [value_in_words(encoder, edge) for edge in encoder.edges[:: max(len(encoder.edges) - 1, 1)]]
    return ", ".join(filter(None, (" to ".join(ends), *missing)))


def pooled_notices(
    encoders: Iterable[Encoder], columns: Iterable[Column], rows: str = "training rows"
) -> Iterator[Notice]:
    """Make a notice of each category in which several values share one input.

    Args:
        encoders: what was learned from each column.
        columns: the same columns, training rows only.
        rows: what messages call those rows.
    """
    for encoder, column in zip(encoders, columns, strict=True):
        m = len(column.values)
        if not isinstance(encoder, Category) or len(encoder.rare) < 2 or encoder.counts[-1] < NOTICED_SHARE * m:
            continue
        counted, own = count_values(column), len(encoder.values)
        total = len(counted.frequent)
        which = f"{total - own:,} of its {total:,} values" if own else f"its {total:,} values"
        what = (
            f"column {column.name!r}: {which} ({encoder.counts[-1]:,} of {m:,} {rows}) share one input, so the model "
            f"cannot distinguish them. "
        )
        if counted.enough <= own:
            what += f"Each of them has fewer than {fewest_examples(m)} rows"
        else:
            what += f"Only the {own:,} most frequent have an input each"
        taking = f" and takes {8 * m * total / 2**20:,.0f} MiB" if m * total > MOST_NUMBERS else ""
        what += f" (max_categories={total} gives every value its own{taking})"
        yield Notice("pooled", column.name, what)


def pooled_value(encoder: Category, value: str) -> str:
    """Say what a value without an input of its own is treated as; "" where it has one."""
    if value in encoder.values:
        return ""
    if value in encoder.rare:
        return f"one of {_several(encoder)} pooled values" if len(encoder.rare) > 1 else ""
    if len(encoder.rare) >= MOST_RARE:
        return "one of the pooled values"
    return "not in the training set" + (", treated as one of the pooled values" if encoder.has_rare else "")


def _several(encoder: Category) -> str:
    """Return how many values are pooled; only the first ``MOST_RARE`` of them are remembered."""
    return f"{len(encoder.rare):,}{' or more' if len(encoder.rare) >= MOST_RARE else ''}"


def with_similar_name(name: str, there: Sequence[str]) -> str:
    """Return a missing name, with the similar name that may have been meant."""
    alike = [one for one in there if one.lower() == name.lower()] or get_close_matches(name, there, n=1)
    return f"{name!r} (is it {alike[0]!r}?)" if alike else repr(name)

"""What is done to each column, in words."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from layerlab.datasets.printable_names import first_names

from .encoders import Category, Date, Encoder, Number, Truth
from .target import Target

NAMED_CATEGORIES = 10
"""Categories that a description names."""

MOST_DAYS = 2_000_000
"""Days from 1970 that can be written as a date: some five thousand years."""


def describe_encoder(encoder: Encoder) -> dict[str, Any]:
    """Describe a column: its kind, its rows of X, what is done to it, what training saw in it."""
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
    done = {0: "values as they are", 2: "0 for the first class, 1 for the second"}.get(n, f"one of {n} classes")
    seen = first_names([repr(name) for name in target.classes], NAMED_CATEGORIES)
    return {
        "column": target.name,
        "kind": target.kind,
        "rows": n if n > 2 else 1,
        "done": f"target: {done}",
        "seen": seen,
    }


def value_in_words(encoder: Number | Date, value: float) -> str:
    """A number, or a date; with the time of day where training had times."""
    if not isinstance(encoder, Date) or not abs(value) < MOST_DAYS:
        return f"{value:.6g}"
    moment = np.datetime64(round(value * 1440), "m")
    timed = any(edge % 1 for edge in (encoder.edges[:1] + encoder.edges[-1:]))
    return str(moment if timed or "day" in encoder.periods else moment.astype("datetime64[D]")).replace("T", " ")


def _done(encoder: Encoder) -> str:
    """Say what is done to a column."""
    if isinstance(encoder, Category):
        return _done_to_categories(encoder)
    if isinstance(encoder, Truth):
        return "−1 and 1"
    if not np.isfinite(encoder.scale):
        scaled = "0, since it is constant in training" if encoder.edges else "0, since nothing was there in training"
    elif encoder.kind == "number":
        scaled = f"less the median {encoder.center:.6g}, by {encoder.scale:.6g}, clipped smoothly at ±3"
    else:
        center = value_in_words(encoder, encoder.center)
        scaled = f"days from {center}, by {encoder.scale:.6g}, clipped smoothly at ±3"
    periods = encoder.periods if isinstance(encoder, Date) else ()
    waves = f"; sine and cosine of the place in the {' and the '.join(periods)}" if periods else ""
    return scaled + waves


def _done_to_categories(encoder: Category) -> str:
    """Say which rows a column of categories becomes."""
    if encoder.two_sided:
        return f"−1 for {encoder.values[0]!r}, 1 for {encoder.values[1]!r}, 0 for others"
    n = len(encoder.values)
    own = (
        f"a row of 0 and 1 for each of {n} values"
        if n > 1
        else f"a row of 0 and 1 for {encoder.values[0]!r}"
        if n
        else ""
    )
    rare = f"one row for all {'others' if n else 'values, each of which is rare'}" if encoder.has_rare else ""
    return "; ".join(filter(None, (own, rare))) or "nothing was there in training"


def _done_where_missing(encoder: Encoder) -> tuple[str, ...]:
    """Say what becomes of missing values, if there were some."""
    if not encoder.missing:
        return ()
    row = "a row says where it is missing"
    return (row if isinstance(encoder, Category) else f"0 where missing; {row}",)


def _seen(encoder: Encoder) -> str:
    """Say what the training set has in a column."""
    missing = (f"{encoder.missing:,} missing",) if encoder.missing else ()
    if isinstance(encoder, Category):
        rare = (f"{encoder.counts[-1]:,} of rare values",) if encoder.has_rare else ()
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


def with_similar_name(name: str, there: Sequence[str]) -> str:
    """A name that is missing, with the name that may have been meant."""
    alike = [one for one in there if one.lower() == name.lower()] or get_close_matches(name, there, n=1)
    return f"{name!r} (is it {alike[0]!r}?)" if alike else repr(name)

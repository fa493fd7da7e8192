"""The sums of one iteration as plain numbers, lists and texts, as JSON needs them; long sums are cut short."""

from __future__ import annotations

from typing import Any

from .anatomy_terms import GradientChain, Terms, UnitDelta, UnitSum, WeightStep

MOST_TERMS = 1000
"""Of a sum with more terms, only so many are listed: those with the largest products."""


def sum_facts(found: UnitSum, source: int | None) -> dict[str, Any]:
    """Return the facts of a unit's z, with the term of one input (from 1), or None if the bias is looked at."""
    own = {name: getattr(found, name) for name in ("b", "z", "a", "activation", "kept")}
    return term_facts(found.terms) | {"own": None if source is None else list(found.terms[source - 1])} | own


def delta_facts(found: UnitDelta) -> dict[str, Any]:
    """Return the facts of a unit's dz."""
    return term_facts(found.terms) | {name: getattr(found, name) for name in ("da", "slope", "kept", "dz")}


def chain_facts(found: GradientChain, column: int) -> dict[str, Any]:
    """Return the facts of a gradient, with the term of the example in a column."""
    own = {name: getattr(found, name) for name in ("m", "mean", "penalty", "clipped_by", "gradient")}
    return term_facts(found.terms) | {"own": list(found.terms[column])} | own


def step_facts(found: WeightStep) -> dict[str, Any]:
    """Return the facts of an optimiser's step."""
    own = {name: getattr(found, name) for name in ("before", "gradient", "learning_rate", "step", "after")}
    return own | {"terms": dict(found.terms)}


def term_facts(terms: Terms) -> dict[str, Any]:
    """Return the rows of a sum's largest terms, how many terms there are, and the sum of those left out."""
    rows, rest = terms.largest(MOST_TERMS)
    return {"terms": [list(row) for row in rows], "n": len(terms), "rest": rest}

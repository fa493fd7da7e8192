"""Which learning rates are stable at the start and at the end of a training, and whether its own was, in words."""

from __future__ import annotations

import math

import numpy as np

from layerlab.text import count_text

from .edge_of_stability import StabilityCurve

MOST_DIGITS = 6
"""So many digits are written at most, to tell two different numbers apart."""

FLAT = 1e6
"""A limit above so many times the learning rate is none: the cost hardly curves there."""

FLAT_HERE = "the cost is almost flat or curves downwards, so that the sharpness sets no limit."


def stable_steps(curve: StabilityCurve, bound: float, rate: float, seed: int) -> str:
    """Say which learning rates the sharpness allows at the start and at the end, and how often it allowed this one.

    The sharpness says how the cost curves at one place. So a learning rate above its limit makes a step that overshoots
    there, but a training may still end well: its later steps may be stable, or go up and down around a low cost.

    Args:
        curve: a training, and its sharpness on the way.
        bound: the sharpness above which its steps are unstable.
        rate: its learning rate.
        seed: its seed.
    """
    values = curve.sharpness
    known = values[np.isfinite(values)]
    first, last = (_limit(bound * rate, float(value), rate) for value in values[[0, -1]])
    said = (
        f"At the start of a training with learning rate {rate:g} (seed {seed}), {_at_the_start(rate, first)}",
        _at_the_end(rate, first, last),
        _own(rate, int((known > bound).sum()), len(known)),
    )
    return " ".join(filter(None, said))


def _limit(steepest: float, sharpness: float, rate: float) -> float:
    """Return the largest stable learning rate: infinite if hardly anything curves upwards, nan if it is not known."""
    if not math.isfinite(sharpness):
        return math.nan
    limit = steepest / sharpness if sharpness > 0 else math.inf
    return limit if limit < FLAT * rate else math.inf


def _shown(limit: float, rate: float) -> str:
    """Write a limit with two digits, or with as many as it takes to tell it from a learning rate."""
    shown = limit
    for digits in range(2, MOST_DIGITS + 1):
        shown = float(f"{limit:.{digits}g}")
        if shown != rate and (shown > rate) == (limit > rate):
            break
    return f"{shown:g}"


def _stable(limit: float, rate: float) -> str:
    return f"learning rates up to {_shown(limit, rate)} are stable: larger steps overshoot, and the cost can rise."


def _at_the_start(rate: float, limit: float) -> str:
    if math.isnan(limit):
        return "the sharpness of the cost is not finite."
    return _stable(limit, rate) if limit < math.inf else FLAT_HERE


def _at_the_end(rate: float, first: float, last: float) -> str:
    if math.isnan(last):
        return "At the end it is not finite either." if math.isnan(first) else "At the end the sharpness is not finite."
    if math.isinf(last):
        return f"At the end, {FLAT_HERE}"
    if not math.isfinite(first):
        return f"At the end, {_stable(last, rate)}"
    if last < first:
        narrower = "the valley of the cost has become narrower (its curvature, the sharpness, is larger)"
        return f"At the end only those up to {_shown(last, rate)} are, because {narrower}."
    return f"At the end, those up to {_shown(last, rate)} are."


def _own(rate: float, above: int, measured: int) -> str:
    """Say how often the learning rate was above the limit, and what such steps do."""
    if not measured:
        return ""
    own, times = f"During this training, the recommended {rate:g} was", count_text(measured, "measurement")
    if not above:
        return f"{own} never above the limit ({times})."
    return (
        f"{own} above the limit in {above} of {times}: there its steps jump across the valley, and the cost can rise."
    )

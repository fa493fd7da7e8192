"""Possible causes of a run's trouble, in the order of the data flow: weights, features, schedule, learning rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from layerlab.formulas.arrays import Floats

from .all_optimizers import LBFGS
from .evidence import Evidence
from .findings import NO_CHANGES, STANDARDIZE
from .verdict import idle_units

MISSED = 0.2
"""Something may be wrong with a run whose cost is at least this share of the way from the lowest possible cost to that
of a constant prediction. Below it, the run misses less than this share of what can be learned."""

LEARNED_LITTLE = 0.9
"""A run that misses more than this has learned so little that regularisation may be the reason."""

SMALL, LARGE = 0.05, 20.0
"""Features should be scaled if their largest magnitude is below the first or above the second number, ..."""

UNEQUAL = 30.0
"""... or if their largest magnitudes differ by more than this factor."""

CENTRED, SCALED = 0.25, 2.0
"""Features count as scaled if no mean is further from 0 than the first number, and if the median standard deviation is
within the second factor of 1. Other features are tried scaled, but they alone make no run suspicious."""

SLOWED = 0.3
"""A schedule that lowers the learning rate below this share on average may end the learning too early."""

STILL_FALLING = 0.03
"""A curve is still falling if its second half lowered the cost by this share of a constant prediction's cost, ..."""

LATE_SHARE, BARELY = 0.25, 0.005
"""... or by the first share of its whole fall, if that is at least the second share of a constant prediction's cost."""

NOISY = 0.02
"""A curve is unsteady if the standard deviation of its last quarter is this share of a constant prediction's cost."""


class Suspect(NamedTuple):
    """A possible cause.

    Attributes:
        cause: the cause in words.
        changes: the settings that would remove it. Another learning rate may be added.
    """

    cause: str
    changes: Mapping[str, Any]


@np.errstate(all="ignore")  # features may be so large that their squares overflow
def suspects_of(seen: Evidence) -> tuple[Suspect, ...]:
    """Return the possible causes in the order in which data flow; empty where nothing is suspicious.

    The last one is the learning rate, without changes.
    """
    if not _suspicious(seen):
        return ()
    # layer by layer from the features to the outputs, then what makes the steps
    found = [*weak_weights(seen), *unscaled_features(seen), *strong_penalties(seen), *slowing_schedule(seen)]
    if seen.settings["optimizer"] != LBFGS:
        found.append(Suspect("the learning rate", NO_CHANGES))
    return tuple(found)


def _suspicious(seen: Evidence) -> bool:
    """Return whether another setting might have led to a lower cost."""
    if seen.equal or not math.isfinite(seen.final):
        return True
    if seen.missed < MISSED or seen.constant <= seen.least or seen.ended_early or seen.is_short:
        return False
    if seen.settings.get("monitor", None) not in (None, "cost") and seen.missed < LEARNED_LITTLE:
        return False  # it was not the training cost that was to be low
    curve, scale = seen.curve, seen.constant - seen.least
    half, quarter = curve[len(curve) // 2], curve[-max(2, len(curve) // 4) :]
    return bool(
        seen.missed > LEARNED_LITTLE
        or seen.verdict.word != "fell"
        or half - curve[-1] > STILL_FALLING * scale
        or half - curve[-1] > max(LATE_SHARE * (curve[0] - curve[-1]), BARELY * scale)
        or np.std(quarter) > NOISY * scale
        or idle_units(seen.hidden, 0.5)
        or weak_weights(seen)
        or far_features(seen)
        or slowing_schedule(seen)
    )


def weak_weights(seen: Evidence) -> list[Suspect]:
    """Suspect initial weights that are equal, zero, or so small that no signal gets through the layers."""
    hidden = seen.network.activations
    if not hidden or seen.given:
        return []
    if seen.equal:
        return _initializers("equal initial weights give equal gradients, so the units stay equal")
    name = seen.settings["initializer"]
    if seen.faint:
        layers = " → ".join(f"{number:.1g}" for number in seen.signal)
        return _initializers(
            f"the initial weights are too small: the examples differ less and less from layer to layer (standard "
            f"deviations from the features to the outputs at the start: {layers})"
        )
    if name in ("zeros", "normal"):
        return _initializers(f"the initial weights are small (initializer '{name}'), so the learning starts late")
    return []


def _initializers(cause: str) -> list[Suspect]:
    return [Suspect(cause, {"initializer": name}) for name in ("he", "lecun")]


def far_features(seen: Evidence) -> list[Suspect]:
    """Suspect features whose values are very small, very large, or of very different sizes."""
    why = _far_off(seen.train.X) if isinstance(seen.train.X, np.ndarray) else ""  # sparse ones are not shifted
    return [Suspect(f"the features are {why}", {STANDARDIZE: True})] if why else []


def unscaled_features(seen: Evidence) -> list[Suspect]:
    """Suspect features as ``far_features`` does, and those whose mean is not near 0 or deviation not near 1."""
    X, far = seen.train.X, far_features(seen)
    if far or not isinstance(X, np.ndarray):
        return far
    scales = X.std(axis=1)
    scales = scales[scales > 0]
    scaled = not len(scales) or 1 / SCALED < np.median(scales) < SCALED
    if scaled and np.abs(X.mean(axis=1)).max() <= CENTRED:
        return []
    return [Suspect(f"the features do not have mean 0 and standard deviation 1 ({_reach(X)})", {STANDARDIZE: True})]


def _far_off(X: Floats) -> str:
    """Say how features are too small, too large, or of different sizes; "" if they are not."""
    largest = max(float(X.max()), -float(X.min()))
    if largest < SMALL or largest > LARGE:
        return f"{'small' if largest < SMALL else 'large'}: {_reach(X)}"
    sizes = np.maximum(X.max(axis=1), -X.min(axis=1))
    sizes = sizes[sizes > 1e-12 * largest]
    if len(sizes) and sizes.max() > UNEQUAL * sizes.min():
        return f"of very different sizes: their largest magnitudes go from {sizes.min():.2g} to {sizes.max():.2g}"
    return ""


def _reach(X: Floats) -> str:
    return f"their values go from {X.min():.4g} to {X.max():.4g}"


def strong_penalties(seen: Evidence) -> list[Suspect]:
    """Suspect the L2 penalty, weight decay and dropout of a network that learned nothing.

    They are not suspected where a network learned something: less of them always lowers the training cost, but may be
    worse for new examples.
    """
    if not seen.missed > LEARNED_LITTLE:
        return []
    names = {"l2": "the L2 penalty", "weight_decay": "weight decay", "dropout": "dropout"}
    return [
        Suspect(f"{words} of {seen.settings[name]:g} is strong", {name: 0.0})
        for name, words in names.items()
        if seen.settings.get(name)
    ]


def slowing_schedule(seen: Evidence) -> list[Suspect]:
    """Suspect a schedule that lowers the learning rate so much that little is learned."""
    name = seen.settings.get("schedule", "constant")
    if name == "constant" or seen.mean_rate >= SLOWED:
        return []
    left = "" if math.isnan(seen.mean_rate) else f" to {100 * seen.mean_rate:.2g} % of its value on average"
    return [Suspect(f"the schedule '{name}' lowers the learning rate{left}", {"schedule": "constant"})]


def unscaled_target(seen: Evidence) -> list[Suspect]:
    """Suspect target values that are far from the size of a network's outputs at the start."""
    Y = seen.train.Y
    if seen.network.classifies or seen.network.output == "poisson" or SMALL < float(np.abs(Y).max()) < LARGE:
        return []
    return [Suspect(f"the target's values are far from 1: they go from {Y.min():.4g} to {Y.max():.4g}", NO_CHANGES)]

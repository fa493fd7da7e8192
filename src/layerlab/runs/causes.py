"""Causes that a run's evidence allows, in the order in which data flows: weights, features, schedule, learning rate."""

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
"""A run may be sick if its cost is at least this share of the way from the lowest possible cost to a constant answer's.
Below it, it misses less than this share of what can be learned, whatever the lowest cost is that can be reached."""

LEARNED_LITTLE = 0.9
"""A run that misses more than this learned so little that regularisation may be what keeps it from learning."""

SMALL, LARGE = 0.05, 20.0
"""Features whose largest magnitude is below the one or above the other should be scaled, ..."""

UNEQUAL = 30.0
"""... and those whose largest magnitudes differ by more than this factor."""

CENTRED, SCALED = 0.25, 2.0
"""Features are scaled if no mean is further from 0 than the one, and if the typical standard deviation is within the
other factor of 1. Others are tried scaled, though they alone make no run suspicious."""

SLOWED = 0.3
"""A schedule that lowers the learning rate to less than this share on average may end the learning too early."""

STILL_FALLING = 0.03
"""A curve still falls if its second half brought this share of a constant answer's cost, ..."""

LATE_SHARE, BARELY = 0.25, 0.005
"""... or the one share of its whole fall, if that is the other share of a constant answer's cost at least."""

NOISY = 0.02
"""A curve is unsteady if its last quarter varies (standard deviation) by this share of a constant answer's cost."""


class Suspect(NamedTuple):
    """A possible cause.

    Attributes:
        cause: in words.
        changes: what would remove it; a learning rate of its own may come to it.
    """

    cause: str
    changes: Mapping[str, Any]


@np.errstate(all="ignore")  # features may be so large that their squares overflow
def suspects_of(seen: Evidence) -> tuple[Suspect, ...]:
    """The causes that the evidence allows, in the order in which data flows; empty where nothing is to be suspected.

    The last one is the learning rate, without changes of its own.
    """
    if not _suspicious(seen):
        return ()
    # layer by layer from the features to the outputs, then what makes the steps
    found = [*weak_weights(seen), *unscaled_features(seen), *strong_penalties(seen), *slowing_schedule(seen)]
    if seen.settings["optimizer"] != LBFGS:
        found.append(Suspect("the learning rate", NO_CHANGES))
    return tuple(found)


def _suspicious(seen: Evidence) -> bool:
    """Whether the run may miss something that another setting would have brought."""
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
    """Initial weights that are equal, zero or so small that the signal does not come through the layers."""
    hidden = seen.network.activations
    if not hidden or seen.given:
        return []
    if seen.equal:
        return _initializers("equal initial weights give equal gradients, so that equal units stay equal for ever")
    name = seen.settings["initializer"]
    if seen.faint:
        layers = " → ".join(f"{number:.1g}" for number in seen.signal)
        return _initializers(
            f"the initial weights are too small: the examples differ less and less from layer to layer (standard "
            f"deviations from the features to the outputs at the start: {layers})"
        )
    if name in ("zeros", "normal"):
        return _initializers(f"the initial weights are small (initializer '{name}'), so that the learning starts late")
    return []


def _initializers(cause: str) -> list[Suspect]:
    return [Suspect(cause, {"initializer": name}) for name in ("he", "lecun")]


def far_features(seen: Evidence) -> list[Suspect]:
    """Features that are far from what a network is made for."""
    why = _far_off(seen.train.X) if isinstance(seen.train.X, np.ndarray) else ""  # sparse ones are not shifted
    return [Suspect(f"the features are {why}", {STANDARDIZE: True})] if why else []


def unscaled_features(seen: Evidence) -> list[Suspect]:
    """Those, and all that are not of mean 0 and standard deviation 1, more or less."""
    X, far = seen.train.X, far_features(seen)
    if far or not isinstance(X, np.ndarray):
        return far
    scales = X.std(axis=1)
    scales = scales[scales > 0]
    scaled = not len(scales) or 1 / SCALED < np.median(scales) < SCALED
    if scaled and np.abs(X.mean(axis=1)).max() <= CENTRED:
        return []
    return [Suspect(f"the features are not scaled: {_reach(X)}", {STANDARDIZE: True})]


def _far_off(X: Floats) -> str:
    """How features are far from what a network is made for, in words; "" if they are not."""
    largest = max(float(X.max()), -float(X.min()))
    if largest < SMALL or largest > LARGE:
        return f"{'small' if largest < SMALL else 'large'}: {_reach(X)}"
    sizes = np.maximum(X.max(axis=1), -X.min(axis=1))
    sizes = sizes[sizes > 1e-12 * largest]
    if len(sizes) and sizes.max() > UNEQUAL * sizes.min():
        return f"of very different size: their largest magnitudes go from {sizes.min():.2g} to {sizes.max():.2g}"
    return ""


def _reach(X: Floats) -> str:
    return f"they reach from {X.min():.4g} to {X.max():.4g}"


def strong_penalties(seen: Evidence) -> list[Suspect]:
    """What keeps a network that learned nothing from learning on purpose: a penalty, weight decay, dropout.

    Of others nothing is said: less of it always lowers the training cost, and may be worse for new examples.
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
    """A schedule that lowers the learning rate so much that little is learned."""
    name = seen.settings.get("schedule", "constant")
    if name == "constant" or seen.mean_rate >= SLOWED:
        return []
    left = "" if math.isnan(seen.mean_rate) else f" to {100 * seen.mean_rate:.2g} % of its value on average"
    return [Suspect(f"the schedule '{name}' lowers the learning rate{left}", {"schedule": "constant"})]


def unscaled_target(seen: Evidence) -> list[Suspect]:
    """Target values that are far from the size of a network's outputs at the start."""
    Y = seen.train.Y
    if seen.network.classifies or seen.network.output == "poisson" or SMALL < float(np.abs(Y).max()) < LARGE:
        return []
    return [Suspect(f"the target's values are far from 1: they reach from {Y.min():.4g} to {Y.max():.4g}", NO_CHANGES)]

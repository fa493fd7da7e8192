"""What a finished training shows, for its verdict and diagnosis: costs, units, signal, features, schedule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets import Part
from layerlab.formulas import SCHEDULES, Parameters, Progress
from layerlab.formulas.arrays import Floats
from layerlab.formulas.penalties import l2_penalty
from layerlab.network import Network

from .all_optimizers import LBFGS
from .constant_baseline import constant_cost, least_cost
from .findings import Verdict
from .forward_statistics import UnitStatistics, forward_statistics, signal_spread
from .history import History
from .verdict import Constant, from_start, verdict_of

EQUAL_WITHIN = 100
"""Equal units drift apart by rounding, each step a little more: while they differ by no more than this many machine
epsilons of the layer's largest number, they are still equal. How their products are rounded depends on the
linear-algebra library and the processor."""

COLUMNS_AT_A_TIME = 256
"""Columns of W that are compared at a time; units that differ mostly do so in the first of them."""


LEAST_UPDATES = 20
"""A training of fewer updates says too little to be judged by what it learned."""

NOTHING_LEARNED = 0.99
"""A run misses more than this if it learned nothing of the features: its cost is that of a constant answer."""

FAINT_SIGNAL = 1e-3
"""If the examples differ by less than this share of their own spread in a layer's Z at the start, hardly any signal
comes through."""

GROWN = 3.0
"""A signal that is this many times larger in some layer than in the features has grown on its way."""


class Evidence(NamedTuple):
    """What a finished training shows.

    Attributes:
        network: with its output named.
        settings: of the training, complete.
        train: the training set, X (n_x, m) and Y (n_y, m) as it was learned.
        curve: (n,) of the history, its very first cost before it.
        verdict: what the curve did.
        constant, least: the cost of the best constant answer, and the cost below which no answers can come.
        final: the cost of the final parameters on the training set, without penalty; nan where it is not finite. Where
            a monitor kept others, the lowest that the training reached, since it was not the training cost that chose.
        penalty: the L2 penalty of the final parameters.
        updates: that were made.
        given: whether it began from given parameters, which no initializer changes.
        ended_early: whether a callback or Ctrl-C ended the training.
        spread: standard deviation over the examples of the final logits, the largest of the outputs.
        hidden: statistics of the hidden units of the final parameters.
        equal: which layers have equal units, in words.
        signal: ``signal_spread`` at the start; empty where the initial parameters are not known.
        mean_rate: share of the learning rate that the schedule leaves on average; nan where it depends on the cost.
    """

    network: Network
    settings: Mapping[str, Any]
    train: Part
    curve: Floats
    verdict: Verdict
    constant: float
    least: float
    final: float
    penalty: float
    updates: int
    ended_early: bool
    given: bool
    spread: float
    hidden: tuple[UnitStatistics, ...]
    equal: tuple[str, ...]
    signal: tuple[float, ...]
    mean_rate: float

    @property
    def is_short(self) -> bool:
        """Whether too few updates were made to judge by what was learned; L-BFGS ends by itself where it is done."""
        return self.updates < LEAST_UPDATES and self.settings["optimizer"] != LBFGS

    @property
    def faint(self) -> bool:
        """Whether the examples differ less and less from layer to layer at the start, until hardly any signal is left.

        Where the signal first grows, as with large features that saturate the units, the weights are not too small.
        """
        if len(self.signal) < 2 or max(self.signal[1:]) > GROWN * self.signal[0]:
            return False
        return min(self.signal[1:]) < FAINT_SIGNAL * self.signal[0]

    @property
    def missed(self) -> float:
        """The final cost, 0 for the lowest possible and 1 for a constant answer; infinite where it is not finite."""
        if not math.isfinite(self.final):
            return math.inf
        return (self.final - self.least) / max(self.constant - self.least, 1e-300)


@np.errstate(all="ignore")  # numbers of a run that diverged may overflow
def evidence_of(
    network: Network,
    parameters: Parameters,
    history: History,
    train: Part,
    settings: Mapping[str, Any],
    *,
    weights: Floats | None = None,
    start: Parameters | None = None,
    given: bool = False,
) -> Evidence:
    """Gather what a finished training shows.

    Args:
        network: with its output named.
        parameters: at the end.
        history: every iteration's cost.
        train: the training set, with the labels or values that were learned.
        settings: of the training, complete.
        weights: (m,) weights of its examples, or None for all alike.
        start: the initial parameters, or None where they are not at hand.
        given: whether these were given.
    """
    seen = forward_statistics(network, parameters, train, weights)
    finite = all(np.isfinite(value).all() for value in (*parameters.values(), history.costs)) and np.isfinite(seen.cost)
    constant = constant_cost(network, train.Y, weights)
    spread = float(np.std(seen.Z, axis=-1).max())
    costs = history.costs if finite or history.diverged else np.append(history.costs, np.nan)
    noisy = bool(settings.get("dropout"))
    least = least_cost(network, train.Y, weights)
    final = _reached(seen.cost, history, settings) if finite else math.nan
    answer = Constant(constant, final > constant - (1 - NOTHING_LEARNED) * (constant - least))
    verdict = verdict_of(history, answer, seen.hidden, noisy) if finite else verdict_of(History(costs))
    return Evidence(
        network=network,
        settings=settings,
        train=train,
        curve=from_start(history),
        verdict=verdict,
        constant=constant,
        least=least,
        final=final,
        penalty=float(
            l2_penalty(train.X, parameters, settings.get("l2", 0.0), settings.get("batch_size") or train.X.shape[1])
        ),
        updates=len(history.costs),
        given=given,
        ended_early=history.stopped or history.interrupted,
        spread=spread,
        hidden=seen.hidden,
        equal=tuple(_equal(parameters)) if finite else (),
        signal=() if start is None else tuple(signal_spread(network, start, train.X)),
        mean_rate=_mean_rate(settings, history.epoch),
    )


def _reached(cost: float, history: History, settings: Mapping[str, Any]) -> float:
    """The cost that the training reached: of the parameters that were kept, or with a monitor the lowest on the way."""
    return min(cost, float(history.curve.min())) if settings.get("monitor") and len(history.costs) else cost


def _mean_rate(settings: Mapping[str, Any], an_epoch: int) -> float:
    """Share of the learning rate that the schedule leaves on average."""
    schedule, n = settings.get("schedule", "constant"), settings.get("iterations", 1)
    if schedule == "adaptive":
        return math.nan
    updates = np.unique(np.linspace(0, n - 1, 1000).astype(int)).astype(float)
    own = {name: settings[name] for name in SCHEDULES[schedule].defaults}
    progress = Progress(updates, np.asarray(float(an_epoch)), np.asarray(n / an_epoch))
    return float(np.mean(SCHEDULES[schedule].factor(progress, **own)))


def _equal(parameters: Parameters) -> list[str]:
    """Find hidden units of one layer that all compute the same: equal weights in and out stay equal for ever."""
    layers = []
    for layer in range(1, len(parameters) // 2):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        near = EQUAL_WITHIN * float(np.finfo(W.dtype).eps) * max(_largest(W), _largest(b))
        blocks = (W[:, i : i + COLUMNS_AT_A_TIME] for i in range(0, W.shape[1], COLUMNS_AT_A_TIME))
        if len(W) > 1 and _alike(b, near) and all(_alike(block, near) for block in blocks):
            layers.append(f"all {len(W)} units of layer {layer}")
    return layers


def _largest(X: Floats) -> float:
    """Return the largest magnitude, without an array of magnitudes: X may fill the memory."""
    return max(float(X.max()), -float(X.min()))


def _alike(rows: Floats, near: float) -> bool:
    """Return whether all rows equal the first up to rounding: each number, or where it is nearly 0 to within near."""
    return np.allclose(rows, rows[0], rtol=np.sqrt(np.finfo(rows.dtype).eps), atol=max(near, 1e-300))

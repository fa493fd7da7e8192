"""What a finished training shows: costs, units, signal, features, schedule. The verdict and the diagnosis use it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets import Part
from layerlab.formulas import SCHEDULES, Parameters, Progress
from layerlab.formulas.arrays import Floats
from layerlab.formulas.network import n_layers
from layerlab.formulas.penalties import l2_penalty
from layerlab.network import Network

from .all_optimizers import LBFGS
from .constant_baseline import constant_cost, least_cost
from .findings import Verdict
from .forward_statistics import UnitStatistics, forward_statistics, signal_spread
from .history import History
from .verdict import Constant, from_start, verdict_of

EQUAL_WITHIN = 100
"""Rounding makes equal units differ a little more with each step. They still count as equal while they differ by no
more than this many machine epsilons of the layer's largest number. How products are rounded depends on the
linear-algebra library and the processor."""

COLUMNS_AT_A_TIME = 256
"""How many columns of W are compared at a time; units that differ mostly do so in the first ones."""


LEAST_UPDATES = 20
"""A training of fewer updates is too short to be judged by what it learned."""

NOTHING_LEARNED = 0.99
"""A run that misses more than this has learned nothing from the features: a constant prediction costs as little."""

FAINT_SIGNAL = 1e-3
"""If at the start the examples' spread in a layer's Z is below this share of their spread in the features, hardly any
signal gets through."""

GROWN = 3.0
"""A signal has grown on its way if in some layer it is this many times larger than in the features."""


class Evidence(NamedTuple):
    """What a finished training shows.

    Attributes:
        network: the trained network, with its output named.
        settings: all settings of the training.
        train: the training set, X (n_x, m) and Y (n_y, m), with the labels or values that were learned.
        curve: (n,) the history's cost curve, with the cost at the start before it.
        verdict: what the curve did.
        constant, least: the cost of the best constant prediction, and the lowest possible cost.
        final: the cost of the final parameters on the training set, without penalty; nan where it is not finite. Where
            a monitor kept the parameters by another score, the lowest cost that the training reached.
        penalty: the L2 penalty of the final parameters.
        updates: the number of updates that were made.
        given: whether the training started from given parameters, which no initializer changes.
        ended_early: whether a callback or Ctrl-C ended the training.
        spread: standard deviation of the final logits over the examples, the largest of the outputs.
        hidden: statistics of the hidden units with the final parameters.
        equal: which layers have equal units, in words.
        signal: ``signal_spread`` at the start; empty where the initial parameters are not known.
        mean_rate: average share of the learning rate that the schedule leaves; nan where it depends on the cost.
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
        """Whether too few updates were made to judge the run; L-BFGS ends by itself when it is done."""
        return self.updates < LEAST_UPDATES and self.settings["optimizer"] != LBFGS

    @property
    def faint(self) -> bool:
        """Whether at the start the examples differ less from layer to layer, until hardly any signal is left.

        It is False if the signal first grows. That happens if large features saturate the units: then the initial
        weights are not too small.
        """
        if len(self.signal) < 2 or max(self.signal[1:]) > GROWN * self.signal[0]:
            return False
        return min(self.signal[1:]) < FAINT_SIGNAL * self.signal[0]

    @property
    def missed(self) -> float:
        """The final cost from 0 (the lowest possible) to 1 (a constant prediction); infinite if it is not finite."""
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
        network: the trained network, with its output named.
        parameters: the parameters at the end.
        history: the cost of every iteration.
        train: the training set, with the labels or values that were learned.
        settings: all settings of the training.
        weights: (m,) weights of its examples; None if all count the same.
        start: the initial parameters, or None where they are not known.
        given: whether the initial parameters were given.
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
            l2_penalty(
                train.X,
                parameters,
                settings.get("l2", 0.0),
                settings.get("batch_size") or train.X.shape[1],
                network.first,
            )
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
    """Return the cost of the final parameters, or with a monitor the lowest cost on the way."""
    return min(cost, float(history.curve.min())) if settings.get("monitor") and len(history.costs) else cost


def _mean_rate(settings: Mapping[str, Any], an_epoch: int) -> float:
    """Return the average share of the learning rate that the schedule leaves."""
    schedule, n = settings.get("schedule", "constant"), settings.get("iterations", 1)
    if schedule == "adaptive":
        return math.nan
    updates = np.unique(np.linspace(0, n - 1, 1000).astype(int)).astype(float)
    own = {name: settings[name] for name in SCHEDULES[schedule].defaults}
    progress = Progress(updates, np.asarray(float(an_epoch)), np.asarray(n / an_epoch))
    return float(np.mean(SCHEDULES[schedule].factor(progress, **own)))


def _equal(parameters: Parameters) -> list[str]:
    """Say in which layers all units compute the same: with equal weights in and out they stay equal."""
    layers = []
    for layer in range(1, n_layers(parameters)):
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
    """Return whether all rows equal the first up to rounding; numbers near 0 may differ by ``near``."""
    return np.allclose(rows, rows[0], rtol=np.sqrt(np.finfo(rows.dtype).eps), atol=max(near, 1e-300))

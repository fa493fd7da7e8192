"""Calibration: make a classifier's probabilities match how often it is correct, by temperature scaling.

Networks that are trained for a long time tend to be overconfident. Dividing every logit by one number T > 0, the
temperature, corrects that on average and changes no predicted class (Guo et al. 2017, "On calibration of modern neural
networks", section 4.2). T is chosen on examples that the network was not trained on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Part
from layerlab.errors import InputError
from layerlab.formulas import LOSSES, Loss, Parameters
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.argument_checks import check_labels_fit, check_part
from layerlab.runs.network_outputs import network_outputs
from layerlab.runs.run import Run
from layerlab.text import percent

from .statistics import calibration_error, reliability_bins

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.05, 20.0
"""The temperature is searched between these numbers; if the cost still falls at one of them, that one is taken."""

TRIED = 61
"""How many temperatures are tried first for members; each is a tenth above the one before."""


@dataclass(frozen=True)
class Calibration:
    """A calibrated run, and what calibration changed on the examples that the temperature was fitted to.

    Attributes:
        run: the run with its new ``temperature``; it predicts the same classes.
        temperatures, costs, errors: each before and after. Costs are mean cross-entropies per example, without penalty;
            errors are expected calibration errors (``statistics.calibration_error``).
        examples: number of examples that the temperature was fitted to.
        remark: sentences if no temperature is best; else empty.
    """

    run: Run
    temperatures: tuple[float, float]
    costs: tuple[float, float]
    errors: tuple[float, float]
    examples: int
    remark: str = ""

    def __str__(self) -> str:
        (T0, T1), (cost0, cost1), (error0, error1) = self.temperatures, self.costs, self.errors
        text = (
            f"temperature {T0:.3g} → {T1:.3g} on {self.examples:,} example{'' if self.examples == 1 else 's'}: "
            f"cost {cost0:.4f} → {cost1:.4f}, expected calibration error {percent(error0)} → {percent(error1)}"
        )
        return f"{text}\n! {self.remark}" if self.remark else text


def calibrate(run: Run, part: Part | tuple[Any, Any]) -> Calibration:
    """Calibrate a classifier's probabilities with a temperature T: softmax(z / T), or σ(z / T).

        T = argmin over T of the mean cross-entropy of z / T

    The last layer's W and b are divided by T, so the parameters alone give the new probabilities everywhere. Multiplied
    by ``run.temperature`` they are the trained ones. History, plan and diagnosis are those of the training. Members
    all get the same T, for which the mean of their probabilities costs least; their answers out of fold change with it.

    Args:
        run: a classifier.
        part: X (n_x, m) and Y (n_y, m) that the run was not trained on, prepared as the training set was. On its own
            training set a network is overconfident.

    Returns:
        The new run, and cost and calibration error before and after. If no T is best, for example because all
        predictions are correct, T is 0.05 or 20 and ``remark`` says why.

    Raises:
        InputError: the run has no probabilities or diverged, or the shapes of ``part`` do not fit it.

    Example:
        >>> import layerlab
        >>> digits = layerlab.datasets.load_digits()
        >>> X, Y = digits.train
        >>> run = layerlab.train(layerlab.Network([64, 32, 10]), (X[:, :1100], Y[:, :1100]), learning_rate=0.5,
        ...                      iterations=3000)
        >>> calibrated = layerlab.calibrate(run, (X[:, 1100:], Y[:, 1100:]))
        >>> print(calibrated.run.temperature > 1, calibrated.costs[1] < calibrated.costs[0])
        True True
    """
    if not run.network.classifies:
        raise InputError("the run was trained for regression and has no probabilities: wanted a classifier")
    X, Y = check_part(run.network, part, run.parameters["W1"].dtype, "validation ")
    check_labels_fit(run.network, Y, "validation ")
    part = Part(X, Y)
    Z = _logits(run, X) * run.temperature  # as it was trained
    with np.errstate(over="ignore"):
        finite = bool(np.isfinite(Z / MIN_TEMPERATURE).all())
    if not finite:
        raise InputError("the run diverged, so its outputs are not finite: train with a smaller learning rate first")
    loss = run.network.loss
    T = best_temperature(loss, Z, Y) if run.members is None else best_temperature_of_members(loss, Z, Y)
    calibrated = at_temperature(run, T)
    before, after = _cost_and_error(run, part), _cost_and_error(calibrated, part)
    return Calibration(
        calibrated,
        temperatures=(run.temperature, T),
        costs=(before[0], after[0]),
        errors=(before[1], after[1]),
        examples=X.shape[1],
        remark=_remark(T, confidences(run, part)[1]),
    )


def best_temperature(loss: Loss, Z: Floats, Y: Floats) -> float:
    """Return the T at which the mean loss of z / T is lowest, between ``MIN_TEMPERATURE`` and ``MAX_TEMPERATURE``.

    The loss is convex in 1 / T, so there is one lowest point, where the derivative with respect to log T is 0:

        −Σ (ŷ − y) z / T, summed over the outputs, mean over the examples

    Args:
        loss: cross-entropy of a sigmoid or softmax output.
        Z: (n_y, m), logits.
        Y: (n_y, m), labels.
    """
    from scipy.optimize import brentq

    def slope(log_T: float) -> float:
        scaled = Z / np.exp(log_T)
        return -float((loss.gradient(scaled, Y) * scaled).sum(axis=0).mean())

    low, high = np.log(MIN_TEMPERATURE), np.log(MAX_TEMPERATURE)
    if slope(low) >= 0:
        return MIN_TEMPERATURE
    if slope(high) <= 0:
        return MAX_TEMPERATURE
    return float(np.exp(brentq(slope, low, high, xtol=1e-10)))


def best_temperature_of_members(loss: Loss, Z: Floats, Y: Floats) -> float:
    """Return the T at which the mean of the members' probabilities costs least, in the range of ``best_temperature``.

    Their mean is not convex in 1 / T. So the cost is computed at some T of equal ratios, and the lowest is refined.

    Args:
        loss: cross-entropy of a sigmoid or softmax output.
        Z: (K, n_y, m), each member's logits.
        Y: (n_y, m), labels.
    """
    from scipy.optimize import minimize_scalar

    def cost(log_T: float) -> float:
        return float(loss.losses(log_odds(loss, loss.prediction(Z / np.exp(log_T)).mean(axis=0)), Y).mean())

    tried = np.linspace(np.log(MIN_TEMPERATURE), np.log(MAX_TEMPERATURE), TRIED)
    lowest = int(np.argmin([cost(one) for one in tried]))
    if lowest in (0, TRIED - 1):
        return MIN_TEMPERATURE if lowest == 0 else MAX_TEMPERATURE
    ends = tried[lowest - 1], tried[lowest + 1]
    return float(np.exp(minimize_scalar(cost, bounds=ends, method="bounded", options={"xatol": 1e-8}).x))


def log_odds(loss: Loss, P: Floats) -> Floats:
    """Return logits whose prediction is P: log p for softmax, log p − log (1 − p) for sigmoid.

    Args:
        loss: cross-entropy of a sigmoid or softmax output.
        P: (n_y, m) probabilities; 0 counts as the smallest positive number.
    """
    least = np.finfo(P.dtype).tiny
    logs = np.log(np.maximum(P, least))
    return logs if loss is LOSSES["softmax"] else logs - np.log(np.maximum(1 - P, least))


def _logits(run: Run, X: Floats) -> Floats:
    """Return the logits (n_y, m), or each member's (K, n_y, m), in float64."""
    n_y, m, count = run.network.layer_dims[-1], X.shape[1], 1 if run.members is None else len(run.members)
    Z = network_outputs(run.network, run.all_parameters, X, lambda Z: Z.reshape(count * n_y, -1), rows=count * n_y)
    return Z.astype(np.float64).reshape((n_y, m) if run.members is None else (count, n_y, m))


def at_temperature(run: Run, temperature: float) -> Run:
    """Return a copy of the run with another temperature above 0, by which its trained logits are divided.

    If the run has its own threshold, that moves with the probabilities, so that the same classes are predicted.
    """
    factor = temperature / run.temperature
    odds = (run.threshold / (1 - run.threshold)) ** (1 / factor)  # the same logit, scaled: no prediction changes
    threshold = odds / (1 + odds) if run.threshold != 0.5 else 0.5
    members = run.members
    if members is not None:
        loss = run.network.loss
        answers = np.asarray(loss.prediction(log_odds(loss, members.out_of_fold) / factor), members.out_of_fold.dtype)
        parameters = _last_layer_divided(run.network, members.parameters, factor)
        members = replace(members, parameters=parameters, out_of_fold=answers)
    parameters = _last_layer_divided(run.network, run.parameters, factor)
    return replace(run, parameters=parameters, temperature=temperature, threshold=threshold, members=members)


def _last_layer_divided(network: Network, parameters: Parameters, factor: float) -> Parameters:
    """Return the parameters with the last layer's W and b divided by a number."""
    last = len(network.layer_dims) - 1
    return {**parameters, **{name: parameters[name] / factor for name in (f"W{last}", f"b{last}")}}


def confidences(run: Run, part: Part | tuple[Any, Any]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the probability of each predicted class, and whether the prediction is correct.

    Args:
        run: a classifier.
        part: X (n_x, m) and Y (n_y, m), prepared as the training set was.

    Returns:
        (m,) probabilities of the predicted classes: at least ½ for a sigmoid output with threshold 0.5, at least 1/K
        for softmax; (m,) whether each prediction is correct. Several sigmoid outputs are predictions of their own:
        (n_y m,).

    Raises:
        InputError: the run has no probabilities, or the shapes of ``part`` do not fit it.
    """
    X, Y = check_part(run.network, part, run.parameters["W1"].dtype)
    P = run.predict_proba(X)
    labels = run.labels(P)
    right = labels == run.network.labels(Y)
    confidence = P.max(axis=0) if run.network.output == "softmax" else np.where(labels == 1, P, 1 - P).ravel()
    return confidence, right.ravel()


def _cost_and_error(run: Run, part: Part) -> tuple[float, float]:
    """Return cost and expected calibration error of a run on some examples."""
    Z = _logits(run, part.X)
    if run.members is not None:
        Z = log_odds(run.network.loss, run.network.loss.prediction(Z).mean(axis=0))
    cost = float(run.network.loss.losses(Z, part.Y).mean())
    return cost, calibration_error(reliability_bins(*confidences(run, part)))


def _remark(temperature: float, right: NDArray[np.bool_]) -> str:
    """Say why the temperature is at a bound of the search; "" if it is not."""
    count = f"{right.sum():,} of {right.size:,} predictions are correct"
    if temperature == MIN_TEMPERATURE:
        return (
            f"The cost is lowest at the lowest temperature that is tried, {temperature:g}: {count}. Calibrate on more "
            f"examples, some of which the network classifies wrongly."
        )
    if temperature == MAX_TEMPERATURE:
        return (
            f"The cost is lowest at the highest temperature that is tried, {temperature:g}: {count}, and guesses would "
            f"cost less than the network's predictions. Find out first what is wrong with the network."
        )
    return ""

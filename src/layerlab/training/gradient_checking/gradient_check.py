"""Gradient check: the explicit formulas, or a learner's own gradients, against numerical ones.

There are two independent ways to a numerical slope, both from costs alone:

- complex step, Im c(p + ih) / h with h = 10⁻³⁰: no two close numbers are subtracted, so it is exact up to rounding
  (Squire & Trapp 1998);
- central differences, (c(p + h) − c(p − h)) / 2h with an h that moves Z by at most 10⁻⁵: accurate to about 10⁻⁹.

At the kink of a relu there are two slopes. The complex step takes both, from just left and just right of the kink, and
any gradient between them is right. Central differences leave out the entries whose step crosses the kink.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Part
from layerlab.errors import InputError
from layerlab.formulas import Parameters, cost, network_backward, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.formulas.network import n_layers
from layerlab.formulas.turns import TURN
from layerlab.network import Network
from layerlab.runs.argument_checks import TrainingData, check_labels_fit, check_parameters, check_part, named_arrays
from layerlab.settings import SETTINGS, Setting
from layerlab.training.updates import EngineData, Program, objective

from .gradient_faults import GivenGradients, faults_in

Index = tuple[int, ...]
Slopes = Callable[[str, Index], tuple[float, float]]
"""The lowest and the highest right slope at one entry of a parameter, equal except at a kink; nan if unknown."""

COMPLEX_STEP = 1e-30
"""The h of complex steps. It can be this small because no numbers are subtracted."""

CENTRAL_STEP = 1e-5
"""The h of central differences, as a change of Z. Smaller steps suffer from rounding, larger ones from curvature."""

TOLERANCE = {"complex": 1e-10, "central": 1e-6}
"""Largest relative difference of a right gradient, by method."""

ROUNDING = 100 * float(np.finfo(np.float64).eps)
"""Rounding that the sums of a forward and backward pass may have, as a share of the terms that cancel in them."""

METHOD = Setting("method", str, "complex", "How the numerical slopes are computed", choices=tuple(TOLERANCE))
ENTRIES = Setting("entries", int, 100, "How many entries of each parameter are checked at most", low=1)


class ParameterCheck(NamedTuple):
    """One parameter's gradient compared with numerical slopes.

    Attributes:
        name: "dW1", "db1", …
        relative_difference: ‖explicit − numerical‖ / (‖explicit‖ + ‖numerical‖) over the checked entries. The divisor
            has a lower limit, so that rounding alone makes no gradient wrong. It is nan if no entry could be checked,
            and then the gradient does not count as right.
        worst: index of the entry that differs most.
        explicit, numerical: the two values there; at a kink, numerical is the nearest of all right slopes.
        checked, entries: how many entries were checked, and how many there are.
    """

    name: str
    relative_difference: float
    worst: tuple[int, ...]
    explicit: float
    numerical: float
    checked: int
    entries: int


@dataclass(frozen=True)
class GradientCheck:
    """The report of a gradient check: ``print`` shows it, and it is true if all gradients are right.

    Attributes:
        method: "complex" or "central".
        tolerance: the largest relative difference of a right gradient.
        checks: one for each parameter, first layer first.
        faults: sentences on what given gradients that are wrong have in common with the right ones: a constant factor
            such as m, the sign, a transpose, the slope of another activation; and where the backward pass first goes
            wrong. Empty if nothing certain can be said.
    """

    method: str
    tolerance: float
    checks: tuple[ParameterCheck, ...]
    faults: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return all(self.right(check) for check in self.checks)

    def right(self, check: ParameterCheck) -> bool:
        """Return whether one parameter's gradient is right."""
        return check.relative_difference <= self.tolerance

    def __str__(self) -> str:
        method = {"complex": "complex step", "central": "central differences"}[self.method]
        wrong = ", ".join(check.name for check in self.checks if check.checked and not self.right(check))
        unknown = ", ".join(check.name for check in self.checks if not check.checked)
        lines = [*self.faults]
        lines += [f"Wrong gradients: {wrong}."] if wrong else ["All gradients are right."] if self else []
        if unknown:
            lines.append(f"Not checked, because every step crosses the kink of a relu: {unknown}.")
        lines.append(
            f"Method: {method}; a gradient is right if its relative difference is at most {self.tolerance:.0e}."
        )
        lines += ["", f"{'':5}{'difference':>11}  {'':5}  {'entries checked':17}  largest difference"]
        for check in self.checks:
            verdict = "right" if self.right(check) else "WRONG" if check.checked else "  ?  "
            place = ", ".join(map(str, check.worst))
            entries = f"{check.checked} of {check.entries}"
            lines.append(
                f"{check.name:5}{check.relative_difference:>11.1e}  {verdict}  {entries:17}  "
                f"[{place}]: {check.explicit:.8g}, numerically {check.numerical:.8g}"
            )
        return "\n".join(lines)


def gradient_check(
    network: Network,
    data: TrainingData,
    *,
    parameters: Mapping[str, Any] | None = None,
    gradients: Mapping[str, Any] | None = None,
    method: str = METHOD.default,
    entries: int = ENTRIES.default,
    seed: int = SETTINGS["seed"].default,
) -> GradientCheck:
    """Compare gradients of the cost with numerical slopes, parameter by parameter, in float64.

    If you give your own gradients and some are wrong, the report begins with what they have in common with the right
    ones, as far as that is certain: a constant factor (such as m), the sign, a transpose, the slope of another
    activation, an L2 penalty, and where the backward pass first goes wrong.

    Args:
        network: the network; if it names no output, the labels decide.
        data: a ``Dataset`` (its training set is used), one of its two sets, or a pair (X, Y).
        parameters: the parameters at which the gradients are checked; None for random ones (LeCun, with random biases).
        gradients: ``dW1 db1 … dWL dbL`` to check instead of layerlab's own, at the same parameters.
        method: "complex" or "central".
        entries: how many entries of each parameter are checked at most, chosen at random.
        seed: seed of random parameters and of the choice of entries.

    Returns:
        A report that is true if every gradient is right.

    Raises:
        InputError: data, parameters or gradients have wrong shapes, the method is unknown, or the parameters are so
            large that the cost is not finite.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> print(layerlab.gradient_check(layerlab.Network([2, 4, 1], hidden="tanh"), flower))  # doctest: +ELLIPSIS
        All gradients are right.
        Method: complex step; a gradient is right if its relative difference is at most 1e-10.
        ...

        The gradients of logistic regression without the division by m:

        >>> import numpy as np
        >>> X, Y = flower.train
        >>> W, b = np.zeros((1, 2)), np.zeros((1, 1))
        >>> dZ = 1 / (1 + np.exp(-(W @ X + b))) - Y
        >>> mine = {"dW1": dZ @ X.T, "db1": dZ.sum(axis=1, keepdims=True) / 400}
        >>> check = layerlab.gradient_check(layerlab.Network([2, 1]), flower, parameters={"W1": W, "b1": b},
        ...                                 gradients=mine)
        >>> print(check.faults[0])
        Your dW1 is 400 times too large everywhere: m is 400. The mean over the examples is missing: divide by m.
    """
    part = check_part(network, data, np.float64)
    network = network.for_labels(part.Y)
    check_labels_fit(network, part.Y)
    method, entries = METHOD.check(method), ENTRIES.check(entries)
    random = np.random.RandomState(SETTINGS["seed"].check(seed))
    at = _drawn(network, random) if parameters is None else check_parameters(network, parameters, np.float64)
    with np.errstate(all="ignore"):
        program = Program(network.activations, str(network.output), optimizer="gd", embedding=network.embedding)
        cost_there, own = objective(program, EngineData(*part, rates={}), at)
    if not math.isfinite(cost_there):
        raise InputError("the cost is not finite at these parameters: wanted smaller parameters or features")
    given = own if gradients is None else named_arrays(network, gradients, "d")
    explicit = {name: value.astype(np.float64) for name, value in given.items()}

    slopes, noise = _complex_step(network, at, part, random) if method == "complex" else _central(network, at, part)
    tolerance = TOLERANCE[method]
    with np.errstate(all="ignore"):  # given numbers may be beyond all bounds
        checks = tuple(
            _check(name, explicit[f"d{name}"], slopes, entries, random, noise[name] / tolerance) for name in at
        )
    check = GradientCheck(method, tolerance, checks)
    wrong = tuple(one.name for one in checks if one.checked and not check.right(one))
    if gradients is None or not wrong:
        return check
    checked = tuple(one.name for one in checks if one.checked)
    return replace(check, faults=faults_in(GivenGradients(network, part, at, given, own, wrong, checked)))


def _complex_step(
    network: Network, at: Parameters, part: Part, random: np.random.RandomState
) -> tuple[Slopes, dict[str, float]]:
    """Return slopes by complex steps, and how much rounding can change all slopes of a parameter.

    Rounding depends on the terms that cancel: those of the gradient with examples of random sign and units of slope 1.
    """
    Z, caches = network_forward(part.X, at, network.activations, first=network.first)
    at_kink = _has_kink(network) and any((cache.Z == 0).any() for cache in caches[:-1])
    sides = [_beside_kinks(at, side) for side in (-1.0, 1.0)] if at_kink else [at]

    def slope(name: str, index: Index) -> tuple[float, float]:
        slopes = []  # one from the left of the kink, one from the right
        for side in sides:
            moved, hidden = _cost(network, side, part, name, index, COMPLEX_STEP * 1j)
            if at_kink and any(((Z.real == 0) & (Z.imag != 0)).any() for Z in hidden):  # by terms that cancel
                return math.nan, math.nan
            slopes.append(moved.imag / COMPLEX_STEP)
        return min(slopes), max(slopes)

    # The most that rounding can do: random signs, so that examples do not cancel, and every unit at its steepest.
    signs = random.choice([-1.0, 1.0], size=part.X.shape[1])
    steepest = [cache._replace(activation="identity") for cache in caches]
    terms = network_backward(network.loss.gradient(Z, part.Y, signs), steepest, network.first)
    size = math.sqrt(sum(float((value**2).sum()) for value in terms.values()))
    return slope, dict.fromkeys(at, ROUNDING * size)


def _beside_kinks(at: Parameters, side: float) -> Parameters:
    """Move biases of 0 so little that nothing else changes, those of later layers by more than the earlier pass on.

    With biases of 0, a unit is at its kink for every example for which all units before it are 0.
    """
    hairs = {f"b{layer}": side * min(1e-300 * 1e10**layer, 1e-100) for layer in range(1, n_layers(at))}
    return {name: value + hairs.get(name, 0.0) for name, value in at.items()}


def _central(network: Network, at: Parameters, part: Part) -> tuple[Slopes, dict[str, float]]:
    """Return slopes by central differences, and how much rounding of the two costs can change a parameter's slopes."""
    Z, caches = network_forward(part.X, at, network.activations, first=network.first)
    losses, dZ = network.loss.losses(Z, part.Y), network.loss.gradient(Z, part.Y)
    noise = ROUNDING * float(np.mean(np.abs(losses) + (np.abs(Z) * (np.abs(dZ) + CENTRAL_STEP)).sum(axis=0)))
    steps = dict.fromkeys(at, CENTRAL_STEP)
    for layer, cache in enumerate(caches, start=1):
        steps[f"W{layer}"] /= max(1.0, float(np.abs(cache.linear.A_prev).max()))
    if network.embedding is not None:  # a wave turns by 2π f x + 2π c
        turn = TURN * max(1.0, float(np.abs(part.X[list(network.embedding.inputs)]).max()))
        steps |= {"f1": CENTRAL_STEP / turn, "c1": CENTRAL_STEP / TURN}

    def slope(name: str, index: Index) -> tuple[float, float]:
        above, hidden_above = _cost(network, at, part, name, index, steps[name])
        below, hidden_below = _cost(network, at, part, name, index, -steps[name])
        crossed = any(((a > 0) != (b > 0)).any() for a, b in zip(hidden_above, hidden_below, strict=True))
        value = math.nan if crossed and _has_kink(network) else (above - below).real / (2 * steps[name])
        return value, value

    return slope, {name: noise / steps[name] * math.sqrt(value.size) for name, value in at.items()}


def _has_kink(network: Network) -> bool:
    """Return whether an activation of the hidden layers has two slopes at 0."""
    return any(name in ("relu", "leaky_relu", "selu") for name in network.activations)


def _cost(
    network: Network, at: Parameters, part: Part, name: str, index: Index, change: complex
) -> tuple[complex, list[NDArray[Any]]]:
    """Return the cost with one entry of one parameter changed, and Z of every hidden layer."""
    moved = at[name] + 0 * change
    moved[index] += change
    Z, caches = network_forward(part.X, {**at, name: moved}, network.activations, first=network.first)
    return complex(cost(network.loss.losses(Z, part.Y))), [cache.Z for cache in caches[:-1]]


def _check(
    name: str, explicit: Floats, slope: Slopes, entries: int, random: np.random.RandomState, least: float
) -> ParameterCheck:
    """Compare explicit with numerical slopes on a sample of one parameter's entries.

    Args:
        name: the parameter's name.
        explicit: its gradient.
        slope: measures the slope of an entry.
        entries: how many entries are compared at most.
        random: chooses them.
        least: the smallest size by which the difference is divided: at this size rounding alone reaches the tolerance.
    """
    strange = np.flatnonzero(~np.isfinite(explicit))[:1]  # is wrong, wherever it is
    chosen = sorted({*strange, *random.permutation(explicit.size)[: entries - len(strange)]})
    indices = [tuple(int(i) for i in np.unravel_index(flat, explicit.shape)) for flat in chosen]
    slopes = {index: slope(name, index) for index in indices}
    indices = [index for index in indices if not math.isnan(sum(slopes[index]))]
    if not indices:
        return ParameterCheck(f"d{name}", math.nan, (), math.nan, math.nan, 0, explicit.size)
    ours = np.array([explicit[index] for index in indices])
    low, high = np.array([slopes[index] for index in indices]).T
    theirs = np.where(np.isnan(ours), low, np.clip(ours, low, high))
    worst = int(np.abs(ours - theirs).argmax())
    size = max(float(np.linalg.norm(ours) + np.linalg.norm(theirs)), least)
    difference = float(np.linalg.norm(ours - theirs)) / size if size != 0 else 0.0  # nan stays nan
    return ParameterCheck(
        f"d{name}",
        difference,
        indices[worst],
        float(ours[worst]),
        float(theirs[worst]),
        len(indices),
        explicit.size,
    )


def _drawn(network: Network, random: np.random.RandomState) -> Parameters:
    """LeCun weights and small random biases, so that no gradient is 0 by accident, which would hide a mistake."""
    drawn = network.initial_parameters("lecun", seed=random.randint(2**31))
    return {name: 0.1 * random.randn(*value.shape) if name[0] == "b" else value for name, value in drawn.items()}

"""Gradient check: the explicit formulas, or a learner's own gradients, against numerical ones.

Two independent ways to a numerical slope, both from costs alone:

- complex step, Im c(p + ih) / h with h = 10⁻³⁰: no two close numbers are subtracted, so it is right to rounding, and
  the step is too short to cross the kink of a relu (Squire & Trapp 1998);
- central differences, (c(p + h) − c(p − h)) / 2h with h = 10⁻⁵, right to about 10⁻⁹: entries whose step takes a relu
  across its kink have no such slope and are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .architecture import Network
from .datasets import Dataset, Part
from .errors import InputError
from .formulas import Parameters, cost, initialize_parameters, network_forward
from .settings import SETTINGS
from .training.engines import cost_and_gradients
from .training.train import Data, check_part

Index = tuple[int, ...]
Moved = tuple[complex, list[NDArray[np.bool_]]]

COMPLEX_STEP = 1e-30
CENTRAL_STEP = 1e-5
TOLERANCE = {"complex": 1e-10, "central": 1e-6}
"""Largest relative difference of a right gradient."""


class ParameterCheck(NamedTuple):
    """One parameter's gradient against numerical slopes.

    Attributes:
        name: "dW1", "db1", …
        relative_difference: ‖explicit − numerical‖ / (‖explicit‖ + ‖numerical‖) over the checked entries; nan if none
            could be checked, which does not count as right.
        worst: index of the entry that differs most.
        explicit, numerical: the two values there.
        checked, entries: how many entries were checked, of how many.
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
    """The report; ``print`` shows it, its truth value says whether all gradients are right.

    Attributes:
        method: "complex" or "central".
        tolerance: largest relative difference that counts as right.
        checks: one a parameter, first layer first.
    """

    method: str
    tolerance: float
    checks: tuple[ParameterCheck, ...]

    def __bool__(self) -> bool:
        return all(self.right(check) for check in self.checks)

    def right(self, check: ParameterCheck) -> bool:
        """Whether one parameter's gradient is right."""
        return check.relative_difference <= self.tolerance

    def __str__(self) -> str:
        method = {"complex": "complex step", "central": "central differences"}[self.method]
        lines = [f"Gradient check by {method}; right means a relative difference of at most {self.tolerance:.0e}", ""]
        lines.append(f"{'':5}{'difference':>11}  {'':5}  {'entries checked':17}  largest difference")
        for check in self.checks:
            verdict = "right" if self.right(check) else "WRONG"
            place = ", ".join(map(str, check.worst))
            entries = f"{check.checked} of {check.entries}"
            lines.append(
                f"{check.name:5}{check.relative_difference:>11.1e}  {verdict}  {entries:17}  "
                f"[{place}]: {check.explicit:.8g}, numerically {check.numerical:.8g}"
            )
        wrong = [check.name for check in self.checks if not self.right(check)]
        lines += ["", f"Wrong: {', '.join(wrong)}." if wrong else "All gradients are right."]
        return "\n".join(lines)


def gradient_check(
    network: Network,
    data: Data,
    *,
    parameters: Mapping[str, Any] | None = None,
    gradients: Mapping[str, Any] | None = None,
    method: str = "complex",
    entries: int = 100,
    seed: int = 0,
) -> GradientCheck:
    """Compare gradients of the cost with numerical slopes, parameter by parameter, in float64.

    Args:
        network: without an output it is chosen by the labels.
        data: a ``Dataset`` (its training part), one of its parts, or a pair (X, Y).
        parameters: where to check; None draws them (LeCun, biases random too).
        gradients: ``dW1 db1 … dWL dbL`` to check instead of layerlab's own, at the same parameters.
        method: "complex" or "central".
        entries: check at most this many entries of each parameter, drawn by the seed.
        seed: of drawn parameters and entries.

    Returns:
        A report that is true if every gradient is right.

    Raises:
        InputError: data, parameters or gradients of wrong shapes, or an unknown method.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> print(layerlab.gradient_check(layerlab.Network([2, 4, 1], hidden="tanh"), flower))  # doctest: +ELLIPSIS
        Gradient check by complex step; right means a relative difference of at most 1e-10
        ...
        All gradients are right.
    """
    part = check_part(network, data.train if isinstance(data, Dataset) else data, "float64")
    network = network.for_labels(part.Y)
    if method not in TOLERANCE:
        raise InputError(f"method={method!r}: wanted 'complex' or 'central'")
    random = np.random.RandomState(SETTINGS["seed"].check(seed))
    at = _drawn(network, random) if parameters is None else _floats(parameters)
    _check_names(at, network, "parameters", prefix="")
    explicit = cost_and_gradients(network, at, part)[1] if gradients is None else _floats(gradients)
    _check_names(explicit, network, "gradients", prefix="d")

    total = float(np.sqrt(sum((value**2).sum() for value in explicit.values())))
    slope = partial(_complex_step if method == "complex" else _central_difference, network, at, part)
    checks = tuple(_check(name, explicit[f"d{name}"], slope, entries, random, total) for name in at)
    return GradientCheck(method, TOLERANCE[method], checks)


def _cost(network: Network, at: Parameters, part: Part, name: str, index: Index, change: complex) -> Moved:
    """The cost with one entry of one parameter changed, and which hidden units are then on."""
    moved = at[name] + 0 * change
    moved[index] += change
    Z, caches = network_forward(part.X, {**at, name: moved}, network.activations)
    return complex(cost(network.loss.losses(Z, part.Y))), [cache.Z.real > 0 for cache in caches[:-1]]


def _complex_step(network: Network, at: Parameters, part: Part, name: str, index: Index) -> float:
    moved, _ = _cost(network, at, part, name, index, COMPLEX_STEP * 1j)
    return moved.imag / COMPLEX_STEP


def _central_difference(network: Network, at: Parameters, part: Part, name: str, index: Index) -> float:
    """The slope, or nan where a unit with a kink is switched on or off between the two costs."""
    above, on_above = _cost(network, at, part, name, index, CENTRAL_STEP)
    below, on_below = _cost(network, at, part, name, index, -CENTRAL_STEP)
    crossed = any((a != b).any() for a, b in zip(on_above, on_below, strict=True))
    if crossed and network.hidden in ("relu", "leaky_relu"):
        return float("nan")
    return (above - below).real / (2 * CENTRAL_STEP)


def _check(
    name: str,
    explicit: NDArray[np.float64],
    slope: Callable[[str, Index], float],
    entries: int,
    random: np.random.RandomState,
    total: float,
) -> ParameterCheck:
    """Explicit against numerical on a sample of one parameter's entries."""
    chosen = sorted(random.permutation(explicit.size)[:entries])
    indices = [tuple(int(i) for i in np.unravel_index(flat, explicit.shape)) for flat in chosen]
    slopes = {index: slope(name, index) for index in indices}
    indices = [index for index in indices if not math.isnan(slopes[index])]
    if not indices:
        return ParameterCheck(f"d{name}", math.nan, (), math.nan, math.nan, 0, explicit.size)
    ours = np.array([explicit[index] for index in indices])
    theirs = np.array([slopes[index] for index in indices])
    worst = int(np.abs(ours - theirs).argmax())
    # a gradient that cancels to nothing is compared with the size of the whole
    size = max(float(np.linalg.norm(ours) + np.linalg.norm(theirs)), 1e-6 * total)
    difference = float(np.linalg.norm(ours - theirs)) / size if size > 0 else 0.0
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
    """LeCun weights and small random biases, so that no gradient is 0 for a reason that hides a mistake."""
    drawn = initialize_parameters(network.layer_dims, "lecun", seed=random.randint(2**31))
    return {name: value if name[0] == "W" else 0.1 * random.randn(*value.shape) for name, value in drawn.items()}


def _floats(arrays: Mapping[str, Any]) -> Parameters:
    return {name: np.asarray(value, dtype=np.float64) for name, value in arrays.items()}


def _check_names(found: Parameters, network: Network, what: str, prefix: str) -> None:
    wanted = {f"{prefix}{name}": value.shape for name, value in initialize_parameters(network.layer_dims).items()}
    missing = [name for name in wanted if name not in found or found[name].shape != wanted[name]]
    if missing:
        came = {name: found[name].shape if name in found else "missing" for name in missing}
        right = {name: wanted[name] for name in missing}
        raise InputError(f"{what} {came}: wanted {right} for layer_dims {network.layer_dims}")

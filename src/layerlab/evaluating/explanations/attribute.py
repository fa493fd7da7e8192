"""What an answer comes from: each input's share in it, by gradients."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.formulas.attribution import (
    Attributed,
    chosen_output,
    gradient_times_input,
    input_gradient,
    integrated_gradients,
)
from layerlab.runs.argument_checks import as_numbers, check_features
from layerlab.runs.run import Run

from .input_groups import InputGroup, column_groups

METHODS = ("integrated_gradients", "gradient_times_input", "gradient")
"""How an answer is divided among the inputs."""

FIRST_STEPS = 64
"""Of integrated gradients, at first; doubled up to ``MAX_STEPS`` while the remainder is large."""

MAX_STEPS = 4096

SMALL_REMAINDER = 0.01
"""A remainder of this share of the difference that is explained is small enough."""

BLOCK_EXAMPLES = 512
"""Examples that are explained at a time."""


@dataclass(frozen=True)
class Attribution:
    """What each input adds to an answer.

    Attributes:
        values: (n_x, m): shares in the answer, in its unit; of "gradient" the slope itself, per unit of X.
        of: (m,) number of the output that is explained.
        answers: (m,) that output, the logit of a class or a value, at X.
        baseline_answers: (m,) the same at the baseline.
        remainder: (m,) what the shares lack: answer − baseline answer − their sum; nan of "gradient", which divides
            nothing.
        method: one of ``METHODS``.
        steps: on the way from the baseline to X; 0 where there is no way.
        unit: of the answers, in words.
        columns: the columns of the table, or the features, that the rows of X belong to.
    """

    values: Floats
    of: NDArray[np.int64]
    answers: Floats
    baseline_answers: Floats
    remainder: Floats
    method: str
    steps: int
    unit: str
    columns: tuple[InputGroup, ...] = field(default=(), repr=False)

    @property
    def by_column(self) -> Floats:
        """(columns, m): the shares of the rows of X that belong to one column, summed, in the order of ``columns``."""
        return np.stack([self.values[group.rows].sum(axis=0) for group in self.columns])


def attribute(
    run: Run,
    X: Any,
    *,
    method: str = "integrated_gradients",
    baseline: Any = None,
    of: int | None = None,
    steps: int | None = None,
) -> Attribution:
    """Divide answers among the inputs that they come from.

    What is divided is the network's output before its last activation: the log odds of two classes, of more the logit
    less the mean of all logits, the value of a regression, the logarithm of a count. "integrated_gradients" divides the
    difference to the answer at the baseline completely, up to the remainder; "gradient_times_input" does so for linear
    networks alone; "gradient" is the slope by each input. All three describe the network, not the world: an input that
    it does not use gets 0 however much it matters.

    Args:
        run: trained.
        X: (n_x, m), prepared as the training part was.
        method: one of ``METHODS``.
        baseline: (n_x, 1) or (n_x,), an example that says nothing; None for zeros, which after standardisation is the
            mean example. For data that are as they came give the training part's mean.
        of: number of the output; None for the answer that the network gives to each example (class 1 of two classes).
        steps: of integrated gradients; None for 64, doubled while the remainder is above 1 % of the difference.

    Returns:
        The shares, and what they lack.

    Raises:
        InputError: X or the baseline do not fit, the method is unknown, the run diverged, or there are several outputs
            and none is chosen.

    Example:
        >>> import layerlab
        >>> tumours = layerlab.datasets.load_breast_cancer().standardized()
        >>> run = layerlab.train(layerlab.Network([30, 8, 1]), tumours, learning_rate=0.1, iterations=300)
        >>> some = attribute(run, tumours.test.X[:, :5])
        >>> difference = some.answers - some.baseline_answers
        >>> print(some.values.shape, bool((abs(some.remainder) <= 0.01 * abs(difference)).all()))
        (30, 5) True
    """
    if method not in METHODS:
        raise InputError(f"method={method!r}: wanted one of {', '.join(METHODS)}")
    if not all(np.isfinite(value).all() for value in run.parameters.values()):
        raise InputError("the run diverged, it gives no answers to explain: train with a smaller rate")
    X = np.asarray(check_features(X, run.network, np.float64), np.float64)
    start, which = _baseline(run, baseline), _outputs(run, X, of)
    counts = [_check_steps(steps)] if steps is not None else [FIRST_STEPS]
    while True:
        parts = [
            _attributed(run, X[:, k : k + BLOCK_EXAMPLES], start, which[k : k + BLOCK_EXAMPLES], method, counts[-1])
            for k in range(0, X.shape[1], BLOCK_EXAMPLES)
        ]
        some = Attributed(*(np.concatenate(arrays, axis=-1) for arrays in zip(*parts, strict=True)))
        remainder = some.outputs - some.baseline_outputs - some.values.sum(axis=0)
        if steps is not None or method != "integrated_gradients" or counts[-1] >= MAX_STEPS:
            break
        if _is_small(remainder, some):
            break
        counts.append(2 * counts[-1])
    return Attribution(
        some.values,
        which,
        some.outputs,
        some.baseline_outputs,
        np.full_like(remainder, np.nan) if method == "gradient" else remainder,
        method,
        counts[-1] if method == "integrated_gradients" else 0,
        _unit(run),
        tuple(column_groups(run)),
    )


def _is_small(remainder: Floats, some: Attributed) -> bool:
    difference = np.abs(some.outputs - some.baseline_outputs)
    return bool((np.abs(remainder) <= SMALL_REMAINDER * np.maximum(difference, SMALL_REMAINDER)).all())


def _attributed(run: Run, X: Floats, start: Floats, which: NDArray[np.int64], method: str, steps: int) -> Attributed:
    parameters = {name: np.asarray(value, np.float64) for name, value in run.parameters.items()}
    network = parameters, run.network.activations
    chosen = np.eye(run.network.layer_dims[-1])[:, which]  # (n_y, m)
    if run.network.output == "softmax":  # which a number added to all logits does not change
        chosen -= 1 / len(chosen)
    if method == "integrated_gradients":
        return integrated_gradients(X, start, *network, chosen, steps)
    if method == "gradient_times_input":
        return gradient_times_input(X, start, *network, chosen)
    ends = (chosen_output(some, *network, chosen) for some in (X, 0 * X + start))
    return Attributed(input_gradient(X, *network, chosen), *ends)


def _check_steps(steps: Any) -> int:
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or not 0 < steps <= 100_000:
        raise InputError(f"steps={steps!r}: wanted a whole number from 1 to 100,000")
    return int(steps)


def _baseline(run: Run, baseline: Any) -> Floats:
    """(n_x, 1)."""
    n_x = run.network.layer_dims[0]
    if baseline is None:
        return np.zeros((n_x, 1))
    array = np.asarray(baseline, np.float64)
    array = as_numbers(array.reshape(-1, 1) if array.ndim == 1 else array, "baseline", np.float64)
    if array.shape != (n_x, 1):
        raise InputError(f"baseline has the shape {array.shape}: wanted one example, ({n_x}, 1), prepared like X")
    return array


def _outputs(run: Run, X: Floats, of: int | None) -> NDArray[np.int64]:
    """(m,) number of the output that is explained for each example."""
    n_y, m = run.network.layer_dims[-1], X.shape[1]
    if of is not None:
        if isinstance(of, bool) or not isinstance(of, int | np.integer) or not 0 <= of < n_y:
            wanted = "0, there is one output" if n_y == 1 else f"the number of an output, 0 to {n_y - 1}"
            raise InputError(f"of={of!r}: wanted {wanted}")
        return np.full(m, of, np.int64)
    if run.network.output == "softmax":
        return np.asarray(run.predict(X)[0], np.int64)
    if n_y > 1:
        several = "several labels" if run.network.has_several_labels else "several values"
        raise InputError(f"the run gives each example {several}: say which is explained, of=0 to of={n_y - 1}")
    return np.zeros(m, np.int64)


UNITS = {
    "sigmoid": "log odds",
    "softmax": "logit above the classes' mean",
    "poisson": "logarithm of the count",
}
"""Of the outputs before the last activation; else they are the values themselves."""


def _unit(run: Run) -> str:
    return UNITS.get(str(run.network.output), "value")

"""``attribute``: how much each input contributes to a prediction (integrated gradients, gradient × input)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.formulas.attribution import (
    Contributions,
    chosen_output,
    gradient_times_input,
    input_gradient,
    integrated_gradients,
)
from layerlab.runs.argument_checks import as_numbers, check_features
from layerlab.runs.run import Run

from .input_groups import InputGroup, column_groups

ATTRIBUTION_METHODS = ("integrated_gradients", "gradient_times_input", "gradient")
"""Ways to divide a prediction among the inputs."""

FIRST_STEPS = 64
"""Steps of integrated gradients at first. They are doubled, up to ``MAX_STEPS``, while the remainder is large."""

MAX_STEPS = 4096
"""The largest number of steps if the caller gives none."""

SMALL_REMAINDER = 0.01
"""A remainder is small enough at this share of the difference between the output at X and at the baseline."""

BLOCK_EXAMPLES = 512
"""How many examples are computed at a time, so that a large X does not fill the memory."""


@dataclass(frozen=True)
class Attribution:
    """How much each input contributes to a prediction.

    Attributes:
        values: (n_x, m) contributions, in the output's unit; with "gradient" the slope, in that unit per unit of X.
        of: (m,) number of the output that is explained.
        answers: (m,) that output at X, before its activation: z of a class, or a value.
        baseline_answers: (m,) the same output at the baseline.
        remainder: (m,) answers − baseline_answers − sum of the contributions; nan with "gradient", whose slopes do not
            add up to anything.
        method: one of ``ATTRIBUTION_METHODS``.
        steps: number of steps of integrated gradients, from the baseline to X; 0 with the other methods.
        unit: the unit of the outputs, in words.
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
        """The contribution of each of ``columns``, (columns, m): the sum over its rows of X."""
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
    """Attribution: divide a network's predictions among the inputs that they come from.

    What is divided is the network's output z before its last activation. For two classes this is the logit; for more
    classes it is z of the class minus the mean z of all classes. For a regression it is the value; for counts it is
    the logarithm of their mean.
    "integrated_gradients" divides the difference between the output at X and at the baseline completely, except for the
    remainder. "gradient_times_input" does that for linear networks only. "gradient" is the slope with respect to each
    input. All three describe the network, not the world: an input that it does not use gets 0, however much it matters.

    Args:
        run: a trained network.
        X: (n_x, m), prepared as the training set was.
        method: "integrated_gradients", "gradient_times_input" or "gradient".
        baseline: (n_x, 1) or (n_x,), the input that stands for "no information". None for zeros, which are the mean
            example if the features are standardised; otherwise the training set's mean is a good choice.
        of: number of the output to explain; None for the class that the network predicts for each example (class 1 of
            two classes).
        steps: number of steps of integrated gradients; None for 64, and more while the remainder is above 1 %.

    Returns:
        The contributions, and the remainder that they leave.

    Raises:
        InputError: X or the baseline does not fit, the method is unknown, the run diverged, or there are several
            outputs and none is chosen.

    Example:
        >>> import layerlab
        >>> tumours = layerlab.datasets.load_breast_cancer().standardized()
        >>> run = layerlab.train(layerlab.Network([30, 8, 1]), tumours, learning_rate=0.1, iterations=300)
        >>> some = attribute(run, tumours.test.X[:, :5])
        >>> difference = some.answers - some.baseline_answers
        >>> print(some.values.shape, bool((abs(some.remainder) <= 0.01 * abs(difference)).all()))
        (30, 5) True
    """
    if method not in ATTRIBUTION_METHODS:
        raise InputError(f"method={method!r}: wanted one of {', '.join(ATTRIBUTION_METHODS)}")
    if run.diverged:
        raise InputError("the run diverged and has no predictions to explain: train again with a smaller learning rate")
    X = np.asarray(check_features(X, run.network, np.float64), np.float64)
    start, which = _baseline(run, baseline), _outputs(run, X, of)
    n_steps = FIRST_STEPS if steps is None else _check_steps(steps)
    found = _contributions(run, X, start, which, method, n_steps)
    if method == "integrated_gradients" and steps is None:
        while n_steps < MAX_STEPS and not _is_small(found):
            n_steps *= 2
            found = _contributions(run, X, start, which, method, n_steps)
    return Attribution(
        found.values,
        which,
        found.outputs,
        found.baseline_outputs,
        np.full_like(found.remainder, np.nan) if method == "gradient" else found.remainder,
        method,
        n_steps if method == "integrated_gradients" else 0,
        ANSWER_UNITS.get(str(run.network.output), "value"),
        tuple(column_groups(run)),
    )


def _is_small(found: Contributions) -> bool:
    """Return whether every example's remainder is small compared with the difference that is explained."""
    difference = np.abs(found.outputs - found.baseline_outputs)
    return bool((np.abs(found.remainder) <= SMALL_REMAINDER * np.maximum(difference, SMALL_REMAINDER)).all())


def _contributions(
    run: Run, X: Floats, start: Floats, which: NDArray[np.int64], method: str, steps: int
) -> Contributions:
    """Compute the inputs' contributions by one method, block by block."""
    blocks = [
        _contributions_of_block(run, X[:, k : k + BLOCK_EXAMPLES], start, which[k : k + BLOCK_EXAMPLES], method, steps)
        for k in range(0, X.shape[1], BLOCK_EXAMPLES)
    ]
    return Contributions(*(np.concatenate(arrays, axis=-1) for arrays in zip(*blocks, strict=True)))


def _contributions_of_block(
    run: Run, X: Floats, start: Floats, which: NDArray[np.int64], method: str, steps: int
) -> Contributions:
    parameters = {name: np.asarray(value, np.float64) for name, value in run.parameters.items()}
    network, first = (parameters, run.network.activations), run.network.first
    chosen = np.eye(run.network.layer_dims[-1])[:, which]  # (n_y, m)
    if run.network.output == "softmax":  # minus the mean: adding a number to all logits changes no probability
        chosen -= 1 / len(chosen)
    if method == "integrated_gradients":
        return integrated_gradients(X, start, *network, chosen, steps, first)
    if method == "gradient_times_input":
        return gradient_times_input(X, start, *network, chosen, first)
    ends = (chosen_output(some, *network, chosen, first) for some in (X, 0 * X + start))
    return Contributions(input_gradient(X, *network, chosen, first), *ends)


def _check_steps(steps: Any) -> int:
    """Return the number of steps, if it is one."""
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or not 0 < steps <= 100_000:
        raise InputError(f"steps={steps!r}: wanted a whole number from 1 to 100,000")
    return int(steps)


def _baseline(run: Run, baseline: Any) -> Floats:
    """Return the input that stands for "no information", of shape (n_x, 1)."""
    n_x = run.network.layer_dims[0]
    if baseline is None:
        return np.zeros((n_x, 1))
    array = np.asarray(baseline, np.float64)
    array = as_numbers(array.reshape(-1, 1) if array.ndim == 1 else array, "baseline", np.float64)
    if array.shape != (n_x, 1):
        raise InputError(f"baseline has the shape {array.shape}: wanted one example, ({n_x}, 1), prepared like X")
    return array


def _outputs(run: Run, X: Floats, of: int | None) -> NDArray[np.int64]:
    """Return the number of the output that is explained for each example, (m,)."""
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
        raise InputError(f"the run predicts {several} per example: say which is to be explained, of=0 to of={n_y - 1}")
    return np.zeros(m, np.int64)


ANSWER_UNITS = {
    "sigmoid": "z before the sigmoid",
    "softmax": "z before the softmax, minus the mean z of all classes",
    "poisson": "logarithm of the count",
}
"""What is explained, by the last activation; with other outputs it is the value itself."""

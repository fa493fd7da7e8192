"""A linear model on the same examples: what a network has to beat before it is worth its trouble."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.network import output_for
from layerlab.runs.run import Run
from layerlab.text import amount, percent

from .statistics import LEVEL, mcnemar_p_value, mean_interval, paired_p_value, r_squared, wilson_interval

MAX_TRAINING_EXAMPLES = 20_000
"""Training examples that a baseline learns from; more change a linear model little."""

MAX_CELLS = 16_000_000
"""Features times examples that it learns from: half a minute at the very most."""

MANY_FEATURES = 2000
"""From here on features are replaced by their coordinates in the span of as many examples at most."""


class LinearBaseline(NamedTuple):
    """A linear model's answers on the test part.

    Attributes:
        name: "logistic regression" or "ridge regression".
        predictions: (1, m) class numbers, or (n_y, m) values.
        accuracy: share of right answers; None for values.
        r2, error: R² and mean absolute error; None for classes.
        interval: 95 %, of the accuracy (Wilson) or of the error (Student).
        examples: how many training examples it learned from.
        remark: sentences where those are not all, or are the sample of a stream, or the fit did not settle; else empty.
    """

    name: str
    predictions: NDArray[Any]
    accuracy: float | None
    r2: float | None
    error: float | None
    interval: tuple[float, float]
    examples: int
    remark: str


def linear_baseline(dataset: Dataset, *, classes: bool | None = None, seed: int = 0) -> LinearBaseline:
    """Train scikit-learn's logistic regression, or ridge regression of values, on the training part.

    Features are brought to mean 0 and deviation 1 by the examples that it learns from; settings are scikit-learn's own
    (C = 1, alpha = 1). Values are scaled alike, so that their unit does not matter.

    Args:
        dataset: prepared as for the network; the test part is predicted and nothing else.
        classes: whether the labels are classes; None goes by the labels, as ``train`` does.
        seed: of the ``RandomState`` that draws the examples where there are too many.

    Raises:
        InputError: the training part has one class alone, or numbers that are not finite.

    Example:
        >>> import layerlab
        >>> linear = linear_baseline(layerlab.datasets.load_breast_cancer())
        >>> print(linear.name, linear.predictions.shape, linear.examples)
        logistic regression (1, 114) 455
    """
    classes = output_for(dataset.train.Y) != "identity" if classes is None else classes
    some, remark = _sampled(dataset, seed)
    X, Y = dataset.train.X[:, some], dataset.train.Y[:, some]
    Y_test = dataset.test.Y
    Q, Q_test = _coordinates(np.asarray(X, np.float64), np.asarray(dataset.test.X, np.float64))
    if classes:
        predictions, left = _classified(Q, class_numbers(Y), Q_test)
        right = predictions[0] == class_numbers(Y_test)
        accuracy, interval = float(right.mean()), wilson_interval(int(right.sum()), right.size)
        return LinearBaseline(
            "logistic regression", predictions, accuracy, None, None, interval, len(Q.T), _joined(remark, left)
        )
    values = _valued(Q, np.asarray(Y, np.float64), Q_test)
    error, interval = mean_interval(np.abs(Y_test - values).mean(axis=0))
    r2 = r_squared(Y_test, values)
    return LinearBaseline("ridge regression", values, None, r2, error, interval, len(Q.T), remark)


def _joined(*remarks: str) -> str:
    return " ".join(filter(None, remarks))


def _sampled(dataset: Dataset, seed: int) -> tuple[Any, str]:
    """Which of the examples are learned from: places, or all; of a stream they are some of the sample."""
    (n, m), stream = dataset.train.X.shape, dataset.stream
    most = min(MAX_TRAINING_EXAMPLES, MAX_CELLS // n) if n <= MANY_FEATURES else MANY_FEATURES
    some = slice(None) if m <= most else np.sort(np.random.RandomState(seed).permutation(m)[:most])
    drawn = f", drawn by seed {seed}" * (m > most)
    if stream is not None:
        part = f"{most:,} rows of the sample of {m:,}{drawn}" if m > most else f"the sample of {m:,} rows"
        return some, f"It learned from {part}; the network from {stream.rows:,}."
    return some, f"It learned from {most:,} of {m:,} training examples{drawn}." if m > most else ""


def _coordinates(X: Floats, X_test: Floats) -> tuple[Floats, Floats]:
    """Standardised features of both parts; of many features, coordinates in the span of the training examples.

    A linear model with a penalty on its weights' length stays in that span (the representer theorem), and lengths are
    the same there, so it gives the same answers:  X = U S Vᵀ, with S² and V from Xᵀ X  and  Uᵀ x = S⁻¹ Vᵀ Xᵀ x.
    """
    mean, scale = X.mean(axis=1, keepdims=True), X.std(axis=1, keepdims=True)
    scale = np.where(scale <= 1e-12 * np.abs(mean), 1.0, scale)
    scale[scale == 0] = 1.0
    X, X_test = (X - mean) / scale, (X_test - mean) / scale
    n, m = X.shape
    if n <= max(m, 100):
        return X, X_test
    squares, V = np.linalg.eigh(X.T @ X)
    kept = squares > squares[-1] * 1e-12
    S, V = np.sqrt(squares[kept])[:, None], V[:, kept]
    return S * V.T, (V / S.T).T @ (X.T @ X_test)


def _classified(X: Floats, classes: NDArray[np.int64], X_test: Floats) -> tuple[NDArray[np.int64], str]:
    """(1, m) class numbers of the test part, and a remark where the fit did not settle."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(classes)) < 2:
        raise InputError("the training part has examples of one class alone: wanted two classes at least")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = LogisticRegression(max_iter=300).fit(X.T, classes)
        predictions = model.predict(X_test.T)[None].astype(np.int64)
    unsettled = any(issubclass(warning.category, ConvergenceWarning) for warning in caught)
    return predictions, "Its fit had not settled after 300 iterations." * unsettled


def _valued(X: Floats, Y: Floats, X_test: Floats) -> Floats:
    """(n_y, m) values of the test part."""
    from sklearn.linear_model import Ridge

    mean, scale = Y.mean(axis=1, keepdims=True), Y.std(axis=1, keepdims=True)
    scale = np.where(scale == 0, 1.0, scale)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = Ridge().fit(X.T, ((Y - mean) / scale).T)
        answers = np.asarray(model.predict(X_test.T)).reshape(X_test.shape[1], -1).T
    predictions: Floats = answers * scale + mean
    return predictions


def baseline_facts(run: Run, dataset: Dataset) -> dict[str, Any]:
    """A run beside the linear baseline, in numbers and in a sentence; whatever goes wrong there is said, not raised.

    Args:
        run: trained on ``dataset``.
        dataset: prepared as for the run.

    Returns:
        ``outcome``: "better", "unclear" (may be chance), "worse", or None where there is nothing to compare; ``what``:
        a sentence; with a baseline its ``name``, ``examples``, ``remark``, test scores, and the ``p_value``.
    """
    if run.network.has_several_labels:
        return _without("A linear baseline is not offered for several labels an example.")
    if not all(np.isfinite(value).all() for value in run.parameters.values()):
        return _without("The run diverged, so there is nothing to hold beside a linear baseline.")
    try:
        linear = linear_baseline(dataset, classes=run.network.classifies)
    except (ArithmeticError, MemoryError, ValueError, np.linalg.LinAlgError) as error:
        return _without(f"The linear baseline could not be fitted: {str(error).splitlines()[0].rstrip('.')}.")
    return (_beside_classes if run.network.classifies else _beside_values)(run, dataset, linear)


def _without(sentence: str) -> dict[str, Any]:
    return {"outcome": None, "what": sentence}


def _beside_classes(run: Run, dataset: Dataset, linear: LinearBaseline) -> dict[str, Any]:
    """McNemar's exact test on the test examples that only one of the two gets right."""
    truth = class_numbers(dataset.test.Y)
    ours, theirs = run.predict(dataset.test.X)[0] == truth, linear.predictions[0] == truth
    p = mcnemar_p_value(int((ours & ~theirs).sum()), int((theirs & ~ours).sum()))
    better = float(ours.mean()) - float(theirs.mean())
    scores = f"{percent(ours.mean())} of the test part right, against {percent(theirs.mean())}"
    return {
        **_told(linear, better, p, f"{scores} by {linear.name} (exact McNemar test, {p_text(p)})"),
        "test_accuracy": linear.accuracy,
        "test_interval": list(linear.interval),
    }


def _beside_values(run: Run, dataset: Dataset, linear: LinearBaseline) -> dict[str, Any]:
    """Student's paired test on the absolute errors of the test examples."""
    Y = dataset.test.Y
    ours, theirs = (np.abs(Y - answers).mean(axis=0) for answers in (run.predict(dataset.test.X), linear.predictions))
    p = paired_p_value(ours, theirs)
    better = float(theirs.mean()) - float(ours.mean())
    scores = f"off by {amount(ours.mean())} on average over the test part, against {amount(theirs.mean())}"
    return {
        **_told(linear, better, p, f"{scores} by {linear.name} (paired t-test, {p_text(p)})"),
        "test_r2": linear.r2,
        "test_error": linear.error,
        "test_error_interval": list(linear.interval),
    }


OUTCOMES = {
    "better": "The network beats the linear baseline",
    "unclear": "The network is not shown to beat the linear baseline, the difference may be chance",
    "worse": "The network is worse than the linear baseline",
}
"""In words."""


def _told(linear: LinearBaseline, better: float, p: float, figures: str) -> dict[str, Any]:
    outcome = "unclear" if p >= 1 - LEVEL or better == 0 else "better" if better > 0 else "worse"
    what = _joined(f"{OUTCOMES[outcome]}: {figures}.", linear.remark)
    known = {"name": linear.name, "examples": linear.examples, "remark": linear.remark, "p_value": p}
    return {"outcome": outcome, "what": what, **known}


def p_text(p: float) -> str:
    """What a p-value is, with two digits, or that it is below 0.001.

    Example:
        >>> p_text(0.0312), p_text(1e-9)
        ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"

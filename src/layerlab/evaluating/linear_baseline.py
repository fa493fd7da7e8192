"""The linear baseline: logistic or ridge regression on the same data, which a network should beat to be worth it."""

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

from .statistics import (
    CONFIDENCE_LEVEL,
    interval_facts,
    mcnemar_p_value,
    mean_interval,
    paired_p_value,
    r_squared,
    share_interval,
)

MAX_TRAINING_EXAMPLES = 20_000
"""The baseline learns from at most so many training examples; more change a linear model little."""

MAX_CELLS = 16_000_000
"""It learns from at most so many numbers, features times examples, which takes half a minute at most."""

MANY_FEATURES = 2000
"""With more features than this the baseline learns from at most as many examples, in the coordinates of their span."""


class LinearBaseline(NamedTuple):
    """A linear model's predictions on the test set, and their score.

    Attributes:
        name: "logistic regression" or "ridge regression".
        predictions: (1, m) class numbers, or (n_y, m) values.
        accuracy: share of right answers; None for a regression.
        r2, error: R² and mean absolute error; None for a classifier.
        interval: 95 % interval of the accuracy (Wilson), or of the error (Student's t).
        examples: number of training examples that it learned from.
        remark: sentences where those are not all, or are the sample of a stream, or the fit did not converge; else
            empty.
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
    """Train scikit-learn's logistic regression, or for a regression its ridge regression, on the training set.

    Features are standardised by the examples that it learns from; settings are scikit-learn's own (C = 1, alpha = 1).
    Regression targets are standardised too, so that their unit does not matter.

    Args:
        dataset: prepared as for the network; of the test set only the score is taken.
        classes: whether the labels are classes; None decides by the labels, as ``train`` does.
        seed: of the ``RandomState`` that draws the training examples where there are too many.

    Raises:
        InputError: the training set has one class alone, or numbers that are not finite.

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
        predictions, unsettled = _classified(Q, class_numbers(Y), Q_test)
        accuracy, interval = share_interval(predictions[0] == class_numbers(Y_test))
        return LinearBaseline(
            "logistic regression", predictions, accuracy, None, None, interval, len(Q.T), _joined(remark, unsettled)
        )
    values = _valued(Q, np.asarray(Y, np.float64), Q_test)
    error, interval = mean_interval(np.abs(Y_test - values).mean(axis=0))
    r2 = r_squared(Y_test, values)
    return LinearBaseline("ridge regression", values, None, r2, error, interval, len(Q.T), remark)


def _joined(*remarks: str) -> str:
    """The remarks that are not empty, as one text."""
    return " ".join(filter(None, remarks))


def _sampled(dataset: Dataset, seed: int) -> tuple[Any, str]:
    """Which training examples the baseline learns from, as an index, and a remark where they are not all.

    Of a stream only the sample is in memory, so it learns from that.
    """
    (n, m), stream = dataset.train.X.shape, dataset.stream
    most = min(MAX_TRAINING_EXAMPLES, MAX_CELLS // n) if n <= MANY_FEATURES else MANY_FEATURES
    some = slice(None) if m <= most else np.sort(np.random.RandomState(seed).permutation(m)[:most])
    drawn = f", drawn by seed {seed}" * (m > most)
    if stream is not None:
        part = f"{most:,} rows of the sample of {m:,}{drawn}" if m > most else f"the sample of {m:,} rows"
        return some, f"It learned from {part}; the network from {stream.rows:,}."
    return some, f"It learned from {most:,} of {m:,} training examples{drawn}." if m > most else ""


def _coordinates(X: Floats, X_test: Floats) -> tuple[Floats, Floats]:
    """Standardised features of both sets; if there are many, their coordinates in the span of the training examples.

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
    """Class numbers of the test set, (1, m), by logistic regression; and a remark where the fit did not converge."""
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
    """Values of the test set, (n_y, m), by ridge regression."""
    from sklearn.linear_model import Ridge

    mean, scale = Y.mean(axis=1, keepdims=True), Y.std(axis=1, keepdims=True)
    scale = np.where(scale == 0, 1.0, scale)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = Ridge().fit(X.T, ((Y - mean) / scale).T)
        answers = np.asarray(model.predict(X_test.T)).reshape(X_test.shape[1], -1).T
    predictions: Floats = answers * scale + mean
    return predictions


def baseline_facts(run: Run, dataset: Dataset, predictions: NDArray[Any] | None = None) -> dict[str, Any]:
    """Compare a run with the linear baseline on the test set: a significance test, and a sentence that says its result.

    Where the baseline cannot be fitted, the sentence says why; nothing is raised.

    Args:
        run: trained on ``dataset``.
        dataset: prepared as for the run.
        predictions: the run's own for the test set, if they are known already; None computes them.

    Returns:
        ``outcome``: "better", "unclear" (the difference may be chance), "worse", or None where there is nothing to
        compare; ``what``: the sentence; if there is a baseline its ``name``, ``examples``, ``remark``, test scores, and
        the ``p_value``.
    """
    if run.diverged:
        return _without("The run diverged, so there is nothing to hold beside a linear baseline.")
    if run.network.has_several_labels:
        return _without("A linear baseline is not offered for several labels an example.")
    try:
        linear = linear_baseline(dataset, classes=run.network.classifies)
    except (ArithmeticError, MemoryError, ValueError, np.linalg.LinAlgError) as error:
        return _without(f"The linear baseline could not be fitted: {str(error).splitlines()[0].rstrip('.')}.")
    own = run.predict(dataset.test.X) if predictions is None else predictions
    return (_beside_classes if run.network.classifies else _beside_values)(own, linear, dataset.test.Y)


def _without(sentence: str) -> dict[str, Any]:
    """The facts where there is no baseline: why not."""
    return {"outcome": None, "what": sentence}


def _beside_classes(predictions: NDArray[Any], linear: LinearBaseline, Y: Floats) -> dict[str, Any]:
    """McNemar's exact test on the test examples that exactly one of the two gets right."""
    truth = class_numbers(Y)
    ours, theirs = predictions[0] == truth, linear.predictions[0] == truth
    p = mcnemar_p_value(int((ours & ~theirs).sum()), int((theirs & ~ours).sum()))
    better = float(ours.mean()) - float(theirs.mean())
    scores = f"{percent(ours.mean())} of the test part right, against {percent(theirs.mean())}"
    return {
        **_outcome_facts(linear, better, p, f"{scores} by {linear.name} (exact McNemar test, {p_text(p)})"),
        "test_accuracy": linear.accuracy,
        "test_interval": interval_facts(linear.interval),
    }


def _beside_values(predictions: NDArray[Any], linear: LinearBaseline, Y: Floats) -> dict[str, Any]:
    """Student's paired t-test on the absolute errors of the test examples."""
    ours, theirs = (np.abs(Y - values).mean(axis=0) for values in (predictions, linear.predictions))
    p = paired_p_value(ours, theirs)
    better = float(theirs.mean()) - float(ours.mean())
    scores = f"off by {amount(ours.mean())} on average over the test part, against {amount(theirs.mean())}"
    return {
        **_outcome_facts(linear, better, p, f"{scores} by {linear.name} (paired t-test, {p_text(p)})"),
        "test_r2": linear.r2,
        "test_error": linear.error,
        "test_error_interval": interval_facts(linear.interval),
    }


OUTCOMES = {
    "better": "The network beats the linear baseline",
    "unclear": "The network is not shown to beat the linear baseline, the difference may be chance",
    "worse": "The network is worse than the linear baseline",
}
"""How the sentence about each outcome begins."""


def _outcome_facts(linear: LinearBaseline, better: float, p: float, scores: str) -> dict[str, Any]:
    """The facts that classes and values share; ``better`` is by how much the network's score is better."""
    outcome = "unclear" if p >= 1 - CONFIDENCE_LEVEL or better == 0 else "better" if better > 0 else "worse"
    what = _joined(f"{OUTCOMES[outcome]}: {scores}.", linear.remark)
    known = {"name": linear.name, "examples": linear.examples, "remark": linear.remark, "p_value": p}
    return {"outcome": outcome, "what": what, **known}


def p_text(p: float) -> str:
    """A p-value with two digits, or that it is below 0.001.

    Example:
        >>> p_text(0.0312), p_text(1e-9)
        ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"

"""A network and its baselines, compared on the test set: a significance test, and sentences that say its result.

Where the network was trained with balanced classes, the baselines are too, and balanced accuracies are compared: each
class counts the same, as it did in training.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import base_rate, class_numbers
from layerlab.formulas.arrays import Floats
from layerlab.runs.class_words import MAJORITY
from layerlab.runs.plan import two_digit_time
from layerlab.runs.run import Run
from layerlab.text import amount, percent

from .area_intervals import FEWEST
from .baseline import BASELINE, Baseline, balanced_accuracy, class_shares, sentences
from .boosted_baseline import OutOfTimeError, boosted_baseline, is_quick
from .class_scores import are_unequal, class_names
from .linear_baseline import linear_baseline
from .paired_words import by_luck_text, disagreement_text
from .pseudo_values import few_examples, pseudo_values, score_p_value
from .statistics import CONFIDENCE_LEVEL, interval_facts, mcnemar_p_value, paired_p_value, r_squared

KINDS = {
    "logistic regression": "as scikit-learn fits it",  # `compare` trains one by gradient descent, with other scores
    "ridge regression": "a linear model",
    "histogram gradient boosting": "boosted decision trees",
}
"""What a learner should know about a baseline besides its name."""

LEAST_SECONDS = 2.0
"""The boosted baseline may take as long as the training of the network, but at least this long; after Ctrl-C exactly
this long."""

DRAWS = 9999
"""Draws of the permutation test; its smallest p-value is 0.0001."""


class Compared(NamedTuple):
    """What the test set says about a network and a baseline.

    Attributes:
        better: by how much the network's score is better.
        p: the p-value of the difference.
        model: the baseline with its score, in words.
        level: what is said where both scores are equal.
        evidence: sentences on which the verdict rests.
        constant: a constant prediction that is as good as the network, in words; "" if there is none.
        own: test scores of the baseline, by their names in JSON.
    """

    better: float
    p: float
    model: str
    level: str
    evidence: str
    constant: str
    own: dict[str, Any]


def baselines_facts(
    run: Run, dataset: Dataset, predictions: NDArray[Any] | None = None, baseline: str | None = None
) -> dict[str, Any]:
    """Compare a run with the linear and the boosted baseline on the test set.

    Where a baseline cannot be fitted, its sentence says why; nothing is raised.

    Args:
        run: a network that was trained on ``dataset``.
        dataset: the dataset, prepared as for the run.
        predictions: the run's predictions for the test set, if they are known already; None computes them.
        baseline: "linear" for the linear baseline alone, "boosted" for both, "none" for neither. None leaves the
            boosted one out for images, for arrays of more than 500 columns, and where it takes longer than the training
            (at least 2 seconds).

    Returns:
        ``baseline`` and ``boosted``. Each has ``outcome``: "better" (the network), "unclear" (the difference can be
        luck), "worse", or None where nothing was compared; and ``what``: the sentences, "" where it was not asked for.
        A fitted baseline has its ``name``, ``examples``, ``remark``, test scores and ``p_value`` too; the boosted one
        also the ``seconds`` of its fit.

    Raises:
        InputError: no baseline has that name.
    """
    BASELINE.check(baseline)
    linear = boosted = without_baseline("")
    if run.diverged:
        linear = without_baseline("The run diverged, so it is not compared with a baseline.")
    elif baseline != "none" and run.network.has_several_labels:
        linear = without_baseline("There is no baseline for examples with several labels.")
    elif baseline != "none":
        own = run.predict(dataset.test.X) if predictions is None else predictions
        linear = _compare(run, dataset, own, "the linear baseline", linear_baseline)
        if baseline == "boosted" or (baseline is None and is_quick(dataset)):
            seconds = allowed_seconds(run, baseline)
            boosted = _compare(run, dataset, own, "the boosted baseline", boosted_baseline, seconds=seconds)
            if boosted["outcome"] == "worse":
                trees, network = (two_digit_time(one) for one in (boosted["seconds"], run.history.seconds))
                took = f"Fitting the trees took {trees}, training the network {network}."
                boosted["what"] = sentences(boosted["what"], took)
    return {"baseline": linear, "boosted": boosted}


def allowed_seconds(run: Run, baseline: str | None) -> float:
    """Return how long a baseline that nobody asked for may take: as long as the training, or ``LEAST_SECONDS``."""
    if run.history.interrupted:  # whoever ends a training does not want to wait
        return LEAST_SECONDS
    return max(LEAST_SECONDS, math.inf if baseline else run.history.seconds)


def without_baseline(sentence: str) -> dict[str, Any]:
    """Return the facts where there is no baseline, with the reason."""
    return {"outcome": None, "what": sentence}


def _compare(
    run: Run, dataset: Dataset, own: NDArray[Any], title: str, fit: Callable[..., Baseline], **how: Any
) -> dict[str, Any]:
    """Fit a baseline to the data, with the network's class weights, and compare the network with it."""
    class_weight = run.settings["class_weight"]
    try:
        baseline = fit(dataset, classes=run.network.classifies, class_weight=class_weight, **how)
    except OutOfTimeError as error:
        return without_baseline(f"{title.capitalize()} {error}, so it is left out; --baseline boosted waits for it.")
    except (ArithmeticError, MemoryError, ValueError, np.linalg.LinAlgError) as error:
        return without_baseline(f"{title.capitalize()} could not be fitted: {str(error).splitlines()[0].rstrip('.')}.")
    if run.weighted:
        unweighted = "It counts all examples the same, because a run does not keep the weights of its examples."
        baseline = baseline._replace(remark=sentences(baseline.remark, unweighted))
    if not run.network.classifies:
        compared = _compared_values(own, baseline, dataset.test.Y)
    elif class_weight is None:
        says_little = are_unequal(dataset) and base_rate(dataset.test.Y) >= MAJORITY
        ranked = _compared_ranking(run, dataset, baseline) if says_little else None
        compared = ranked or _compared_classes(own, baseline, dataset.test.Y)
    else:
        compared = _compared_balanced(own, baseline, dataset.test.Y)
    return _facts(baseline, compared)


def _compared_ranking(run: Run, dataset: Dataset, baseline: Baseline) -> Compared | None:
    """Compare the areas under the ROC curves by their pseudo-values, because accuracy says little if a class is rare.

    Returns None if the test set has examples of only one class, so that an area is not defined.
    """
    Y, P = dataset.test.Y, baseline.probabilities
    assert P is not None  # noqa: S101
    truth = class_numbers(Y)
    ours, theirs = (
        pseudo_values("roc_auc", probabilities, truth, Y)
        for probabilities in (run.predict_proba(dataset.test.X), P[1:] if len(Y) == 1 else P)
    )
    if not np.isfinite([ours, theirs]).all():
        return None
    own, other = float(ours.mean()), float(theirs.mean())
    p = score_p_value(ours, theirs, truth)
    evidence = by_luck_text("a difference this large", (p, p))
    if few := [f"{int((truth == k).sum())} of {class_names(dataset)[k]!r}" for k in few_examples(truth)]:
        evidence = f"No test is made: the test set has {' and '.join(few)}, and a test takes {FEWEST} of each class."
    model = _described(baseline, f"ROC AUC {other:.3f}, the network {own:.3f}")
    constant = "predicting at random (ROC AUC 0.5)" if own <= 0.5 else ""
    return Compared(
        own - other,
        p,
        model,
        _as_good_as(model),
        evidence,
        constant,
        {**_class_scores(baseline), "test_roc_auc": other},
    )


def _compared_classes(predictions: NDArray[Any], baseline: Baseline, Y: Floats) -> Compared:
    """Compare by McNemar's exact test, on the test examples that exactly one of the two predicts correctly."""
    truth = class_numbers(Y)
    ours, theirs = predictions[0] == truth, baseline.predictions[0] == truth
    counts = ("the network", int((ours & ~theirs).sum())), (baseline.name, int((theirs & ~ours).sum()))
    p = mcnemar_p_value(counts[0][1], counts[1][1])
    ahead, behind = sorted(counts, key=lambda one: -one[1])
    evidence = disagreement_text(ahead, behind, (truth.size, "test examples"), (p, p))
    model, base = _described(baseline, f"{percent(theirs.mean())} correct"), base_rate(Y)
    level = f"The network and {_described(baseline, percent(theirs.mean()))} are correct equally often."
    majority = f"always answering the majority class ({percent(base)})" if ours.mean() <= base else ""
    better = float(ours.mean()) - float(theirs.mean())
    return Compared(better, p, model, level, evidence, majority, _class_scores(baseline))


def _compared_balanced(predictions: NDArray[Any], baseline: Baseline, Y: Floats) -> Compared:
    """Compare by a permutation test of the difference of the balanced accuracies."""
    truth = class_numbers(Y)
    ours, theirs = predictions[0] == truth, baseline.predictions[0] == truth
    own, other = balanced_accuracy(ours, truth), balanced_accuracy(theirs, truth)
    p = balanced_p_value(ours, theirs, truth)
    scores = f"balanced accuracy {percent(other)}, the network {percent(own)}"
    model = _described(baseline, scores, " with the same class weights")
    evidence = (
        f"{by_luck_text('a difference this large', (p, p))} Balanced accuracy is the mean recall of the classes. "
        f"Of all examples the network classifies {percent(ours.mean())} correctly, {baseline.name} "
        f"{percent(theirs.mean())}."
    )
    one = 1 / len(np.unique(truth))
    constant = f"always answering the same class (balanced accuracy {percent(one)})" if own <= one else ""
    return Compared(own - other, p, model, _as_good_as(model), evidence, constant, _class_scores(baseline))


def _class_scores(baseline: Baseline) -> dict[str, Any]:
    """Return a classifier's test scores."""
    return {
        "test_accuracy": baseline.accuracy,
        "test_balanced_accuracy": baseline.balanced_accuracy,
        "test_interval": interval_facts(baseline.interval),
    }


def _compared_values(predictions: NDArray[Any], baseline: Baseline, Y: Floats) -> Compared:
    """Compare by Student's paired t-test, on the absolute errors of the test examples."""
    ours, theirs = (np.abs(Y - values).mean(axis=0) for values in (predictions, baseline.predictions))
    p = paired_p_value(ours, theirs)
    scores = f"off by {amount(theirs.mean())} on average, the network by {amount(ours.mean())}"
    model = _described(baseline, scores)
    evidence = by_luck_text("a difference this large", (p, p))
    r2 = r_squared(Y, predictions)
    own = {
        "test_r2": baseline.r2,
        "test_error": baseline.error,
        "test_error_interval": interval_facts(baseline.interval),
    }
    constant = f"a constant prediction (R² {r2:.2f})" if r2 < 0 else ""
    better = float(theirs.mean()) - float(ours.mean())
    return Compared(better, p, model, _as_good_as(model), evidence, constant, own)


def _described(baseline: Baseline, scores: str, how: str = "") -> str:
    """Return a baseline's name, how it was fitted, and in brackets what kind of model it is and its scores."""
    return f"{baseline.name}{how} ({KINDS[baseline.name]}; {scores})"


def _as_good_as(model: str) -> str:
    """Say that the network and a model have the same score."""
    return f"The network is as good as {model}."


def _facts(baseline: Baseline, compared: Compared) -> dict[str, Any]:
    """Return the outcome, the sentences about it, and what is known about the baseline."""
    better, p = compared.better, compared.p
    outcome = "unclear" if p >= 1 - CONFIDENCE_LEVEL or abs(better) < 1e-12 else "better" if better > 0 else "worse"
    begins = {
        "better": "The network is better than",
        "unclear": "The network is not shown to be better than",
        "worse": "The network is worse than",
    }[outcome]
    but = f", but no better than {compared.constant}" if outcome == "better" and compared.constant else ""
    first = compared.level if abs(better) < 1e-12 else f"{begins} {compared.model}{but}."
    return {
        "outcome": outcome,
        "what": sentences(first, compared.evidence, baseline.remark),
        "name": baseline.name,
        "examples": baseline.examples,
        "remark": baseline.remark,
        "p_value": p,
        **({} if baseline.seconds is None else {"seconds": baseline.seconds}),
        **compared.own,
    }


def balanced_p_value(ours: NDArray[np.bool_], theirs: NDArray[np.bool_], truth: NDArray[np.int64]) -> float:
    """Test whether two classifiers can have the same balanced accuracy, by a paired permutation test.

    If neither is better, each example that exactly one of them classifies correctly is a fair coin toss between them,
    as in McNemar's test. Here an example counts 1 / (K n_k), as in the balanced accuracy.

    Args:
        ours, theirs: (m,) whether each model's prediction is correct.
        truth: (m,) true class numbers.

    Returns:
        Two-sided p-value, (1 + number of draws at least as far apart) / (1 + ``DRAWS``); 1 where they never disagree.

    Example:
        >>> truth = np.repeat([0, 1], [90, 10])  # one finds all of the ten, the other none; it is wrong on two others
        >>> finds, never = np.arange(100) >= 2, truth == 0
        >>> balanced_p_value(finds, never, truth), balanced_p_value(never, never, truth)
        (0.0017, 1.0)
    """
    random, shares = np.random.RandomState(0), class_shares(truth)
    difference = float((shares * (ours.astype(int) - theirs)).sum())
    drawn = np.zeros(DRAWS)
    for k in np.unique(truth):
        here = truth == k
        apart = int((ours != theirs)[here].sum())
        drawn += shares[here][0] * (2 * random.binomial(apart, 0.5, DRAWS) - apart)
    far = np.abs(drawn) >= abs(difference) - 1e-12
    return float((1 + far.sum()) / (1 + DRAWS))

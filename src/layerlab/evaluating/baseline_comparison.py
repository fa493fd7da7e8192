"""A network beside its baselines on the test set: a significance test, and a sentence that says its result.

Where the network was trained with balanced classes, so are the baselines, and their balanced accuracies are compared:
each class counts the same, as it did in training.
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
from layerlab.runs.run import Run
from layerlab.text import amount, percent

from .area_intervals import FEWEST
from .baseline import BASELINE, Baseline, balanced_accuracy, class_shares, sentences
from .boosted_baseline import OutOfTimeError, boosted_baseline, is_quick
from .class_scores import are_unequal, class_names
from .linear_baseline import linear_baseline
from .pseudo_values import few_examples, pseudo_values, score_p_value
from .statistics import CONFIDENCE_LEVEL, interval_facts, mcnemar_p_value, paired_p_value, r_squared

LEAST_SECONDS = 2.0
"""The boosted baseline may take as long as the network took, and this long in any case; after Ctrl-C this long."""

DRAWS = 9999
"""Of the permutation test; with them a p-value is 0.0001 at least."""


class Compared(NamedTuple):
    """What the test set says of a network and a baseline.

    Attributes:
        better: by how much the network's score is better.
        p: the p-value of the difference.
        scores: both scores in words.
        constant: that a constant answer is as good as the network, in words; "" where it is not.
        own: test scores of the baseline, by their names in JSON.
    """

    better: float
    p: float
    scores: str
    constant: str
    own: dict[str, Any]


def baselines_facts(
    run: Run, dataset: Dataset, predictions: NDArray[Any] | None = None, baseline: str | None = None
) -> dict[str, Any]:
    """Compare a run with the linear and the boosted baseline on the test set.

    Where a baseline cannot be fitted, its sentence says why; nothing is raised.

    Args:
        run: trained on ``dataset``.
        dataset: prepared as for the run.
        predictions: the run's own for the test set, if they are known already; None computes them.
        baseline: "linear" for this one alone, "boosted" for both, "none" for neither; None leaves the boosted one out
            for images and for arrays of more than 500 columns, and where it takes longer than the training (2 seconds
            at least).

    Returns:
        ``baseline`` and ``boosted``, each with ``outcome``: "better", "unclear" (the difference may be chance),
        "worse", or None where there is nothing to compare; ``what``: the sentence, "" where it was not asked for; if
        there is a baseline its ``name``, ``examples``, ``remark``, test scores, the ``p_value``, and of the boosted one
        the ``seconds`` that it took.

    Raises:
        InputError: there is no such baseline.
    """
    BASELINE.check(baseline)
    linear = boosted = _without("")
    if run.diverged:
        linear = _without("The run diverged, so there is nothing to hold beside a linear baseline.")
    elif baseline != "none" and run.network.has_several_labels:
        linear = _without("A linear baseline is not offered for several labels an example.")
    elif baseline != "none":
        own = run.predict(dataset.test.X) if predictions is None else predictions
        linear = _beside(run, dataset, own, "the linear baseline", linear_baseline)
        if baseline == "boosted" or (baseline is None and is_quick(dataset)):
            seconds = max(LEAST_SECONDS, math.inf if baseline else run.history.seconds)
            if run.history.interrupted:  # who ends a training waits for little more
                seconds = LEAST_SECONDS
            boosted = _beside(run, dataset, own, "the boosted baseline", boosted_baseline, seconds=seconds)
            if boosted["outcome"] == "worse":  # so much less is often enough
                took = f"The trees took {boosted['seconds']:.1f} s, the network {run.history.seconds:.1f} s."
                boosted["what"] = sentences(boosted["what"], took)
    return {"baseline": linear, "boosted": boosted}


def _without(sentence: str) -> dict[str, Any]:
    """The facts where there is no baseline: why not."""
    return {"outcome": None, "what": sentence}


def _beside(
    run: Run, dataset: Dataset, own: NDArray[Any], title: str, fit: Callable[..., Baseline], **how: Any
) -> dict[str, Any]:
    """Fit a baseline to the data, with the network's class weights, and compare the two."""
    class_weight = run.settings["class_weight"]
    try:
        baseline = fit(dataset, classes=run.network.classifies, class_weight=class_weight, **how)
    except OutOfTimeError as error:
        return _without(f"{title.capitalize()} {error} and is left out; --baseline boosted waits for it.")
    except (ArithmeticError, MemoryError, ValueError, np.linalg.LinAlgError) as error:
        return _without(f"{title.capitalize()} could not be fitted: {str(error).splitlines()[0].rstrip('.')}.")
    if run.weighted:
        told = "It counts every example the same: the weights that the network was trained with are not kept with it."
        baseline = baseline._replace(remark=sentences(baseline.remark, told))
    if not run.network.classifies:
        compared = _compared_values(own, baseline, dataset.test.Y)
    elif class_weight is None:
        says_little = are_unequal(dataset) and base_rate(dataset.test.Y) >= MAJORITY
        ranked = _compared_ranking(run, dataset, baseline) if says_little else None
        compared = ranked or _compared_classes(own, baseline, dataset.test.Y)
    else:
        compared = _compared_balanced(own, baseline, dataset.test.Y)
    return _facts(title, baseline, compared)


def _compared_ranking(run: Run, dataset: Dataset, baseline: Baseline) -> Compared | None:
    """Compare the areas under the ROC curves by their pseudo-values: where a class is rare accuracy says little.

    None where an area is not defined, because the test set has examples of one class alone.
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
    test = f"paired test after DeLong, {p_text(p)}"
    if few := [f"{int((truth == k).sum())} of {class_names(dataset)[k]!r}" for k in few_examples(truth)]:
        test = f"not tested: the test part has {' and '.join(few)}, and a test takes at least {FEWEST} of each class"
    scores = f"ROC AUC {own:.3f}, against {other:.3f} by {baseline.name} ({test})"
    constant = "answering at random (ROC AUC 0.5)" if own <= 0.5 else ""
    return Compared(own - other, p, scores, constant, {**_class_scores(baseline), "test_roc_auc": other})


def _compared_classes(predictions: NDArray[Any], baseline: Baseline, Y: Floats) -> Compared:
    """McNemar's exact test on the test examples that exactly one of the two gets right."""
    truth = class_numbers(Y)
    ours, theirs = predictions[0] == truth, baseline.predictions[0] == truth
    p = mcnemar_p_value(int((ours & ~theirs).sum()), int((theirs & ~ours).sum()))
    scores = (
        f"{percent(ours.mean())} of the test part right, against {percent(theirs.mean())} by {baseline.name} "
        f"(exact McNemar test, {p_text(p)})"
    )
    base = base_rate(Y)
    majority = f"always giving the most frequent class ({percent(base)} right)" if ours.mean() <= base else ""
    return Compared(float(ours.mean()) - float(theirs.mean()), p, scores, majority, _class_scores(baseline))


def _compared_balanced(predictions: NDArray[Any], baseline: Baseline, Y: Floats) -> Compared:
    """A permutation test of the difference of the balanced accuracies."""
    truth = class_numbers(Y)
    ours, theirs = predictions[0] == truth, baseline.predictions[0] == truth
    own, other = balanced_accuracy(ours, truth), balanced_accuracy(theirs, truth)
    p = balanced_p_value(ours, theirs, truth)
    scores = (
        f"balanced accuracy {percent(own)} (the mean over the classes of the share that is found), against "
        f"{percent(other)} by {baseline.name} with the same class weights (permutation test, {p_text(p)}); "
        f"{percent(ours.mean())} of the test part right, against {percent(theirs.mean())}"
    )
    one = 1 / len(np.unique(truth))
    constant = f"always giving the same class (balanced accuracy {percent(one)})" if own <= one else ""
    return Compared(own - other, p, scores, constant, _class_scores(baseline))


def _class_scores(baseline: Baseline) -> dict[str, Any]:
    """A classifier's test scores."""
    return {
        "test_accuracy": baseline.accuracy,
        "test_balanced_accuracy": baseline.balanced_accuracy,
        "test_interval": interval_facts(baseline.interval),
    }


def _compared_values(predictions: NDArray[Any], baseline: Baseline, Y: Floats) -> Compared:
    """Student's paired t-test on the absolute errors of the test examples."""
    ours, theirs = (np.abs(Y - values).mean(axis=0) for values in (predictions, baseline.predictions))
    p = paired_p_value(ours, theirs)
    scores = (
        f"off by {amount(ours.mean())} on average over the test part, against {amount(theirs.mean())} by "
        f"{baseline.name} (paired t-test, {p_text(p)})"
    )
    r2 = r_squared(Y, predictions)
    own = {
        "test_r2": baseline.r2,
        "test_error": baseline.error,
        "test_error_interval": interval_facts(baseline.interval),
    }
    constant = f"a constant answer (R² {r2:.2f})" if r2 < 0 else ""
    return Compared(float(theirs.mean()) - float(ours.mean()), p, scores, constant, own)


def _facts(title: str, baseline: Baseline, compared: Compared) -> dict[str, Any]:
    """The outcome, the sentence about it, and what is known of the baseline."""
    better, p = compared.better, compared.p
    outcome = "unclear" if p >= 1 - CONFIDENCE_LEVEL or abs(better) < 1e-12 else "better" if better > 0 else "worse"
    begins = {
        "better": f"The network beats {title}",
        "unclear": f"The network is not shown to beat {title}, the difference may be chance",
        "worse": f"The network is worse than {title}",
    }[outcome]
    if outcome == "better" and compared.constant:
        begins = f"The network is no better than {compared.constant}, though better than {title}"
    if abs(better) < 1e-12:
        begins = f"The network and {title} are equally good"
    return {
        "outcome": outcome,
        "what": sentences(f"{begins}: {compared.scores}.", baseline.remark),
        "name": baseline.name,
        "examples": baseline.examples,
        "remark": baseline.remark,
        "p_value": p,
        **({} if baseline.seconds is None else {"seconds": baseline.seconds}),
        **compared.own,
    }


def balanced_p_value(ours: NDArray[np.bool_], theirs: NDArray[np.bool_], truth: NDArray[np.int64]) -> float:
    """Test whether two classifiers may have the same balanced accuracy, by a paired permutation test.

    If neither is better, each example that exactly one of them gets right is a fair coin toss between them, as in
    McNemar's test; here an example counts 1 / (K n_k), as in the balanced accuracy.

    Args:
        ours, theirs: (m,) whether each model's answer is right.
        truth: (m,) true class numbers.

    Returns:
        Two-sided p-value, (1 + draws at least as far apart) / (1 + ``DRAWS``); 1 where they never disagree.

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


def p_text(p: float) -> str:
    """A p-value with two digits, or that it is below 0.001.

    Example:
        >>> p_text(0.0312), p_text(1e-9)
        ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"

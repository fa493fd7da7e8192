"""The score out of fold of a run with members: each training example is predicted by members that never saw it.

A test set of a fifth of a small table says little. Out of fold there are answers for the whole training set, and
simpler models can be trained on the same folds. Each answer comes only from the members without one fold; the mean of
all members is usually a little better.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset, Part
from layerlab.datasets.part import base_rate, class_numbers
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.class_words import MAJORITY
from layerlab.runs.members import Members
from layerlab.runs.metrics import RANKED_BY_CLASSES
from layerlab.runs.plan import two_digit_time
from layerlab.runs.run import Run
from layerlab.text import amount, count_text, percent

from .baseline import Baseline, sentences, table_of
from .baseline_comparison import allowed_seconds, without_baseline
from .boosted_baseline import OutOfTimeError, boosted_baseline, is_quick
from .class_scores import are_unequal
from .linear_baseline import linear_baseline
from .paired_words import by_luck_text
from .pseudo_values import pseudo_values, score_interval, score_p_value
from .statistics import (
    CONFIDENCE_LEVEL,
    cross_validated_interval,
    interval_facts,
    mean_interval,
    paired_p_value,
    r_squared,
)


class Scored(NamedTuple):
    """The examples that have answers out of fold, and what they are scored by.

    Attributes:
        by: "accuracy", "balanced_accuracy" or "roc_auc"; "mean absolute error" for a regression.
        Y: (n_y, n) their labels or values.
        folds: (n,) the fold of each.
    """

    by: str
    Y: Floats
    folds: NDArray[Any]

    @property
    def n_folds(self) -> int:
        """How many folds some member did not train on."""
        return len(np.unique(self.folds))

    def values(self, answers: Floats, labels: NDArray[Any]) -> Floats:
        """Return each example's part in the score, (n,): the mean is the score, or the mean absolute error.

        The areas and balanced accuracies of networks that were trained on different folds are taken fold by fold.

        Args:
            answers: (n_y, n) probabilities or values.
            labels: (n,) predicted class numbers; not used for a regression.
        """
        if self.by not in ("accuracy", *RANKED_BY_CLASSES):
            return np.asarray(np.abs(self.Y - answers).mean(axis=0), np.float64)
        parts = np.empty(self.Y.shape[1])
        for fold in np.unique(self.folds):
            here = self.folds == fold
            parts[here] = pseudo_values(self.by, answers[:, here], labels[here], self.Y[:, here])
        return parts

    def interval(self, values: Floats) -> tuple[float, float]:
        """Return the score's 95 % interval, which allows for the overlap of the folds' training sets."""
        if self.by == "accuracy":
            return cross_validated_interval(float(values.mean()), len(values), self.n_folds)
        if self.by in RANKED_BY_CLASSES:
            low, high = score_interval(values, class_numbers(self.Y), self.n_folds)[1]
            return max(0.0, low), min(1.0, high)
        return mean_interval(values, self.n_folds)[1]

    def p_value(self, ours: Floats, theirs: Floats) -> float:
        """Return the p-value of two equal scores, by a paired test that allows for the overlap of the training sets."""
        if self.by in RANKED_BY_CLASSES:
            return score_p_value(ours, theirs, class_numbers(self.Y), self.n_folds)
        return paired_p_value(ours, theirs, self.n_folds)


def out_of_fold_facts(run: Run, dataset: Dataset, baseline: str | None = None) -> dict[str, Any] | None:
    """Score a run with members on its training set, each example by the members that were not trained on it.

    Args:
        run: the trained network.
        dataset: the one that it was trained on, prepared as for the training.
        baseline: as for ``baselines_facts``; these baselines are trained without each fold too.

    Returns:
        None for a run without members, one that diverged, and several labels per example. Else a dict. ``score`` is the
        name of the score: "accuracy"; "balanced_accuracy" if classes are balanced in training; "roc_auc" if one class
        is rare; "mean absolute error" for values. ``value`` is the score on all ``examples`` of the ``folds``, with its
        95 % ``interval`` (None if there is none), and ``what`` says it in words. ``accuracy`` has its
        ``accuracy_interval``; a regression has ``r2`` instead. ``baseline`` and ``boosted`` are the facts of the linear
        and the boosted baseline on the same folds: ``outcome`` and ``what``, and if one was fitted ``name``, ``value``
        and ``p_value``.
    """
    members = run.members
    if members is None or run.diverged or run.network.has_several_labels:
        return None
    here = members.answered
    scored = Scored(_score_of(run, dataset), np.asarray(members.targets[:, here], np.float64), members.folds[here])
    answers = np.asarray(members.out_of_fold[:, here], np.float64)
    labels = run.labels(answers)[0]
    values = scored.values(answers, labels)
    facts: dict[str, Any] = {
        "examples": len(values),
        "folds": scored.n_folds,
        "score": scored.by,
        "value": float(values.mean()),
        "interval": interval_facts(scored.interval(values)),
    }
    if run.network.classifies:
        accuracy = float((labels == class_numbers(scored.Y)).mean())
        ends = cross_validated_interval(accuracy, len(values), scored.n_folds)
        facts |= {"accuracy": accuracy, "accuracy_interval": list(ends)}
    else:
        facts["r2"] = r_squared(scored.Y, answers)
    facts["what"] = sentences(_words(facts, run.network), IN_TIME if members.ordered else "")
    return facts | _baselines(run, dataset, scored, values, baseline)


def _score_of(run: Run, dataset: Dataset) -> str:
    """Return the score that a run and its baselines are compared by on the test set, too."""
    if not run.network.classifies:
        return "mean absolute error"
    if run.settings.get("class_weight") is not None:
        return "balanced_accuracy"
    return "roc_auc" if are_unequal(dataset) and base_rate(dataset.test.Y) >= MAJORITY else "accuracy"


def _words(facts: dict[str, Any], network: Network) -> str:
    """Say how good the members are on the training examples that they had not seen."""
    many = count_text(facts["examples"], "training example")
    begins = f"Out of fold, {many} were predicted by members that were not trained on them:"
    low, high = facts["interval"] or (math.nan, math.nan)
    if not network.classifies:
        ends = f" (95 % interval {amount(max(0.0, low))} to {amount(high)})" if facts["interval"] else ""
        return f"{begins} these answers are off by {amount(facts['value'])} on average{ends}, R² {facts['r2']:.3f}."
    if facts["score"] == "accuracy":
        return f"{begins} {percent(facts['value'])} are correct (95 % interval {percent(low)} to {percent(high)})."
    ends = f" (95 % interval {low:.3f} to {high:.3f})" if facts["interval"] else ""
    return f"{begins} {SCORE_WORDS[facts['score']]} {facts['value']:.3f}{ends}, {percent(facts['accuracy'])} correct."


IN_TIME = (
    "The folds are stretches of time, and most of these members were trained on later rows too. How well the future is "
    "predicted is what the test set says."
)
"""What is said of scores out of fold where folds follow each other in time."""

SCORE_WORDS = {"balanced_accuracy": "balanced accuracy", "roc_auc": "ROC AUC"}
"""What the scores are called in a sentence."""


def _baselines(run: Run, dataset: Dataset, scored: Scored, ours: Floats, baseline: str | None) -> dict[str, Any]:
    """Return the facts about the linear and the boosted baseline on the same folds."""
    members = run.members
    assert members is not None  # noqa: S101
    linear = boosted = without_baseline("")
    if baseline != "none" and _is_trained_on(members, dataset):
        seconds = allowed_seconds(run, baseline)
        linear = _compare(run, dataset, scored, ours, linear_baseline, seconds)
        if baseline == "boosted" or (baseline is None and is_quick(dataset)):
            boosted = _compare(run, dataset, scored, ours, boosted_baseline, seconds)
    return {"baseline": linear, "boosted": boosted}


def _is_trained_on(members: Members, dataset: Dataset) -> bool:
    """Return whether the dataset's training set is the one that the members were trained on."""
    Y = dataset.train.Y
    return dataset.stream is None and Y.shape == members.targets.shape and np.allclose(Y, members.targets)


def _compare(
    run: Run, dataset: Dataset, scored: Scored, ours: Floats, fit: Callable[..., Baseline], seconds: float
) -> dict[str, Any]:
    """Train a baseline without each fold in turn, and compare its answers for the folds with the members'."""
    title = "The linear baseline" if fit is linear_baseline else "The boosted baseline"
    try:
        name, answers, labels = _by_folds(run, dataset, fit, seconds)
    except OutOfTimeError:
        took = two_digit_time(seconds)
        return without_baseline(f"{title} was not trained on the same folds: that would have taken more than {took}.")
    except (ArithmeticError, MemoryError, ValueError, np.linalg.LinAlgError) as error:
        return without_baseline(
            f"{title} could not be fitted on the same folds: {str(error).splitlines()[0].rstrip('.')}."
        )
    theirs = scored.values(answers, labels)
    value, p = float(theirs.mean()), scored.p_value(ours, theirs)
    ahead = float(ours.mean()) - value if run.network.classifies else value - float(ours.mean())
    shown = p < 1 - CONFIDENCE_LEVEL and abs(ahead) >= 1e-12
    said = {
        "accuracy": f"is correct for {percent(value)}",
        "mean absolute error": f"is off by {amount(value)} on average",
    }.get(scored.by, f"has {SCORE_WORDS.get(scored.by)} {value:.3f}")
    what = f"On the same folds {name} {said}."
    return {
        "outcome": ("better" if ahead > 0 else "worse") if shown else "unclear",
        "what": sentences(what, by_luck_text("a difference this large", (p, p))),
        "name": name,
        "value": value,
        "p_value": p,
    }


def _by_folds(
    run: Run, dataset: Dataset, fit: Callable[..., Baseline], seconds: float
) -> tuple[str, Floats, NDArray[Any]]:
    """Return a baseline's name, and its answers (n_y, n) and labels (n,) for the examples with answers out of fold.

    Raises:
        OutOfTimeError: all folds together take longer than the seconds; after the first fold this is estimated.
    """
    members = run.members
    assert members is not None  # noqa: S101
    folds = np.unique(members.held_out)
    m, start, name = len(members.folds), perf_counter(), ""
    answers, labels = np.full(members.targets.shape, np.nan), np.zeros(m, np.int64)
    limit = {"seconds": seconds} if fit is boosted_baseline else {}
    for done, fold in enumerate(folds, start=1):
        here = members.folds == fold
        own = _without_fold(dataset, here)
        found = fit(own, classes=run.network.classifies, class_weight=run.settings.get("class_weight"), **limit)
        name, P = found.name, found.probabilities
        answers[:, here] = found.predictions if P is None else P[1:] if len(answers) == 1 else P
        labels[here] = 0 if P is None else found.predictions[0]
        if done < len(folds) and (perf_counter() - start) / done * len(folds) > seconds:
            raise OutOfTimeError(f"did not finish in {seconds:.1f} s")
    return name, answers[:, members.answered], labels[members.answered]


def _without_fold(dataset: Dataset, here: NDArray[np.bool_]) -> Dataset:
    """Return the dataset with the training examples of one fold as its test set, and the others as its training set."""
    (X, Y), raw = dataset.train, table_of(dataset)
    if raw is not None:
        raw = replace(raw, train=raw.train[~here], test=raw.train[here])
    sets = Part(X[:, ~here], Y[:, ~here]), Part(X[:, here], Y[:, here])
    return replace(dataset, train=sets[0], test=sets[1], raw=raw, called=None)

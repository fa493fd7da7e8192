"""The score out of fold of runs with members: against its definition, beside baselines, on the screen, in reports."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from members_by_hand import trained_by_hand
from sklearn.linear_model import Ridge
from test_run_intervals import frame, run_on

from layerlab import Network
from layerlab.datasets import Dataset, Part, load_table
from layerlab.evaluating import out_of_fold
from layerlab.evaluating.interval_coverage import coverage_facts
from layerlab.evaluating.scores import train_facts
from layerlab.evaluating.statistics import mean_interval, overlap_factor, paired_p_value
from layerlab.runs.summary import run_lines


def out_of_fold_facts(*arguments: Any) -> Any:
    """The facts, of any type."""
    return out_of_fold.out_of_fold_facts(*arguments)


def test_errors_out_of_fold_and_ridge_regression_on_the_same_folds() -> None:
    """A second way: the errors themselves, and scikit-learn's ridge regression trained without each fold."""
    run, data = run_on(classes=False)
    members = run.members
    facts = out_of_fold_facts(run, data, "linear")
    errors = np.abs(members.targets - members.out_of_fold)[0]
    assert (facts["examples"], facts["folds"], facts["score"]) == (192, 4, "mean absolute error")
    assert facts["value"] == pytest.approx(errors.mean())
    assert facts["r2"] == pytest.approx(1 - np.square(errors).sum() / (members.targets.var() * 192))
    mean, (low, _) = mean_interval(errors)
    assert facts["interval"][0] == pytest.approx(mean - (mean - low) * np.sqrt(1 + 4 / 3))
    X, y, theirs = data.train.X, data.train.Y[0], np.empty(192)
    for fold in range(4):
        here = members.folds == fold
        mean, scale = X[:, ~here].mean(axis=1, keepdims=True), X[:, ~here].std(axis=1, keepdims=True)
        unit = y[~here].std()
        ridge = Ridge().fit(((X - mean) / scale)[:, ~here].T, (y[~here] - y[~here].mean()) / unit)
        theirs[here] = ridge.predict(((X - mean) / scale)[:, here].T) * unit + y[~here].mean()
    linear = facts["baseline"]
    assert linear["value"] == pytest.approx(np.abs(y - theirs).mean(), rel=1e-6)
    assert linear["p_value"] == pytest.approx(paired_p_value(errors, np.abs(y - theirs), 4), rel=1e-3)
    assert "On the same folds ridge regression is off by" in linear["what"]
    assert facts["boosted"] == {"outcome": None, "what": ""}


def test_classes_out_of_fold_beside_both_baselines() -> None:
    run, data = run_on(classes=True)
    facts = out_of_fold_facts(run, data)
    right = run.members.out_of_fold.argmax(axis=0) == run.members.targets.argmax(axis=0)
    assert facts["value"] == facts["accuracy"] == right.mean()
    low, high = facts["interval"]
    assert low < right.mean() < high
    for which in ("baseline", "boosted"):
        assert facts[which]["outcome"] in ("better", "unclear", "worse")
        assert 0.6 < facts[which]["value"] < 1
        assert "On the same folds" in facts[which]["what"]


def test_a_rare_class_is_scored_by_its_ranking_fold_by_fold() -> None:
    random = np.random.RandomState(1)
    X = random.randn(3, 500)
    Y = (X[:1] + 0.5 * random.randn(1, 500) > 1.9).astype(float)
    data = Dataset("rare", Part(X[:, :400], Y[:, :400]), Part(X[:, 400:], Y[:, 400:]), class_names=("no", "yes"))
    run = trained_by_hand(Network([3, 1]), data, folds=2, models=2, learning_rate=0.5, iterations=200)
    facts = out_of_fold_facts(run, data, "linear")
    members: Any = run.members
    areas = []
    for fold in (0, 1):
        here = members.folds == fold
        p, y = members.out_of_fold[0, here], members.targets[0, here] > 0.5
        above = p[y][:, None] > p[~y]
        areas.append((above.mean(), here.mean()))
    assert facts["score"] == "roc_auc"
    assert facts["value"] == pytest.approx(sum(area * share for area, share in areas))
    assert "ROC AUC" in facts["what"]
    assert "has ROC AUC" in facts["baseline"]["what"]
    balanced = replace(run, settings={**run.settings, "class_weight": "balanced"})
    assert out_of_fold_facts(balanced, data, "none")["score"] == "balanced_accuracy"


def test_runs_without_answers_out_of_fold_have_no_score() -> None:
    run, data = run_on(classes=False)
    alone = replace(run, members=None)
    assert out_of_fold_facts(alone, data) is None
    assert coverage_facts(alone, data) is None
    other = replace(data, train=Part(data.train.X[:, 1:], data.train.Y[:, 1:]), raw=None)
    assert out_of_fold_facts(run, other)["baseline"]["what"] == ""  # of other examples there are no such folds


def test_a_baseline_that_takes_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerlab.evaluating.baseline_comparison.LEAST_SECONDS", 1e-9)
    run, data = run_on(classes=False)
    quick = replace(run, history=replace(run.history, seconds=0.0))
    facts = out_of_fold_facts(quick, data)
    assert facts["baseline"]["what"].startswith("The linear baseline was not trained on the same folds: that would")
    assert facts["boosted"]["what"].startswith("The boosted baseline was not trained on the same folds: that would")


def test_intervals_of_cross_validated_scores_are_wider() -> None:
    values = np.random.RandomState(0).rand(50)
    assert overlap_factor(8) == pytest.approx(1 + 8 / 7)
    (_, (low, high)), (_, (lower, higher)) = mean_interval(values), mean_interval(values, 8)
    assert (higher - lower) / (high - low) == pytest.approx(np.sqrt(1 + 8 / 7))
    assert paired_p_value(values, 0 * values + 0.4, 8) > paired_p_value(values, 0 * values + 0.4)


@pytest.mark.parametrize("classes", [False, True])
def test_the_screen_and_json_have_both(classes: bool) -> None:
    run, data = run_on(classes)
    facts = train_facts(run, data, "linear")
    lines = run_lines(run, facts)
    for what in (facts["out_of_fold"]["what"], facts["out_of_fold"]["baseline"]["what"], facts["intervals"]["what"]):
        assert what
        assert what in lines
    json.dumps(facts["out_of_fold"], allow_nan=False)
    covered = facts["intervals"]
    X, Y = data.test
    if classes:
        sets = run.predict_sets(X)
        assert covered["covered"] == sets[Y.argmax(axis=0), np.arange(len(Y[0]))].mean()
        assert covered["size"] == sets.sum(axis=0).mean()
    else:
        low, high = run.predict_intervals(X)
        assert covered["covered"] == ((low <= Y) & (high >= Y)).mean()
        assert covered["size"] == [(high - low).mean()]


def test_where_there_are_no_intervals_the_facts_say_why() -> None:
    run, data = run_on(classes=False)
    in_time = replace(run, members=replace(run.members, ordered=True))
    facts = train_facts(in_time, data, "none")
    assert facts["intervals"]["covered"] is None
    assert "ordered in time" in facts["intervals"]["what"]
    assert "what the test set says" in facts["out_of_fold"]["what"]
    small = load_table(frame(9, classes=False), target="y")
    few = trained_by_hand(
        Network([small.n_x, 1], output="identity"), small, folds=2, models=2, learning_rate=0.1, iterations=20
    )
    said: Any = coverage_facts(few, small)
    assert said["size"] is None
    assert "ask for at most 0.875" in said["what"]


@pytest.mark.parametrize("classes", [False, True])
def test_the_report_has_both(classes: bool, tmp_path: Path) -> None:
    from layerlab import report

    run, data = run_on(classes)
    page = report(run, data, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "this network, out of fold" in page
    assert "Out of fold, 192 training examples were predicted" in page
    kind = "sets of classes" if classes else "prediction intervals"
    assert f"The {kind} of 90 % contain the truth for" in page


def test_a_run_that_diverged_has_neither() -> None:
    run, data = run_on(classes=False)
    bad = {name: np.full_like(value, np.nan) for name, value in run.members.parameters.items()}
    lost = replace(run, members=replace(run.members, parameters=bad))
    assert out_of_fold_facts(lost, data) is None
    assert coverage_facts(lost, data) is None

"""Rare classes from outside: what is said of them, what ranks, thresholds, and class weights."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Say
from numpy.testing import assert_allclose, assert_array_equal
from rare_classes import write_frauds
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import layerlab
from layerlab import InputError, Network, Run, datasets
from layerlab.commands.inputs import threshold_for
from layerlab.datasets import Dataset, Part
from layerlab.datasets.loading.tables import load_table
from layerlab.evaluating.class_scores import are_unequal
from layerlab.evaluating.pseudo_values import CLASS_SCORES, pseudo_values, score_interval, score_p_value
from layerlab.evaluating.scores import train_facts
from layerlab.evaluating.thresholds import choose_threshold
from layerlab.runs.class_words import rare_class_lines, threshold_text
from layerlab.runs.metrics import METRICS, metric_value

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")

QUICK = ("--layers", "16", "--epochs", "15", "--learning-rate", "0.01", "--engine", "numpy", "--no-advice")


@pytest.fixture(scope="module")
def frauds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("frauds") / "frauds.csv"
    write_frauds(path)
    return path


@pytest.fixture(scope="module")
def data(frauds: Path) -> Dataset:
    return load_table(frauds, target="status")


def network_on(data: Dataset, **settings: Any) -> Run:
    how: dict[str, Any] = {
        "learning_rate": 0.01,
        "optimizer": "adam",
        "batch_size": 32,
        "epochs": 15,
        "engine": "numpy",
    }
    return layerlab.train(Network([data.n_x, 16, data.n_y]), data, advice=False, **how | settings)


def facts_of(say: Say, *arguments: object) -> tuple[dict[str, Any], str]:
    said = say(*arguments, "--json", "facts.json")
    assert not said.status, said.words
    return json.loads(Path("facts.json").read_text("utf-8")), said.words


def true_counts(data: Dataset, run: Run) -> tuple[int, int, int]:
    """Frauds in the test set, answers "fraud", and those of them that are right."""
    truth, answers = data.test.Y[0] == 0, run.predict(data.test.X)[0] == 0
    return int(truth.sum()), int(answers.sum()), int((truth & answers).sum())


def test_train_says_what_it_finds_of_a_rare_class_and_judges_by_it(say: Say, frauds: Path) -> None:
    facts, words = facts_of(say, "train", frauds, "--target", "status", *QUICK, "--out", "run")
    run, data = layerlab.load("run"), load_table(frauds, target="status")
    n, called, found = true_counts(data, run)
    assert (facts["rare"]["examples"], facts["rare"]["called"], facts["rare"]["found"]) == (n, called, found)
    assert (
        f"The network finds {found} of the {n} test examples of class 'fraud' (recall {100 * found / n:.1f} %)" in words
    )
    truth, P = data.test.Y[0], run.predict_proba(data.test.X)[0]
    assert facts["roc_auc"] == pytest.approx(metrics.roc_auc_score(truth, P))
    assert facts["average_precision"] == pytest.approx(metrics.average_precision_score(1 - truth, -P))
    assert facts["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(truth, P > 0.5))
    assert facts["recall"] == {
        "fraud": pytest.approx(found / n),
        "good": pytest.approx(metrics.recall_score(truth, P > 0.5)),
    }
    assert facts["precision"]["good"] == pytest.approx(metrics.precision_score(truth, P > 0.5))
    assert "not shown to be better than a constant answer" not in words
    assert "so accuracy says little" in words
    assert f"ROC AUC {facts['roc_auc']:.3f}" in words
    more = facts["rare"]["at_share"]
    share = (data.train.Y == 0).mean()
    assert (more["called"], more["found"]) == (int((1 - share > P).sum()), int((truth[1 - share > P] == 0).sum()))
    assert f"{more['found']} of the {n}, with {more['called'] - more['found']} false alarms" in words
    assert "--class-weight balanced" in words


def test_following_the_advice_finds_more_at_the_price_that_was_said(data: Dataset) -> None:
    before, after = (network_on(data, class_weight=weight) for weight in (None, "balanced"))
    n, _, found = true_counts(data, before)
    _, called, more = true_counts(data, after)
    assert found < n / 2
    assert more > found
    facts = train_facts(after, data)
    assert facts["rare"]["at_share"] is None  # it was followed
    assert facts["balanced_accuracy"] > train_facts(before, data)["balanced_accuracy"]
    assert called > n


@pytest.mark.parametrize("rare", ["fraud", "unsound"])  # the first of the two classes, and the second
def test_the_threshold_that_is_advised_finds_what_was_said(say: Say, frauds: Path, rare: str) -> None:
    Path("some.csv").write_text(frauds.read_text("utf-8").replace("fraud", rare), encoding="utf-8")
    how = ("train", "some.csv", "--target", "status", *QUICK)
    said = re.search(r": (\d+) of the (\d+), with (\d+) false .*? Try: --threshold (\S+),", say(*how).words)
    assert said is not None
    facts, words = facts_of(say, *how, "--threshold", said[4])
    now = facts["rare"]
    assert now["name"] == rare
    assert [now["found"], now["examples"], now["called"] - now["found"]] == [int(said[k]) for k in (1, 2, 3)]
    assert "Try: --threshold" not in words


def test_class_weights_shift_probabilities_and_that_is_said(say: Say, frauds: Path) -> None:
    _, words = facts_of(
        say, "train", frauds, "--target", "status", *QUICK, "--class-weight", "balanced", "--out", "run"
    )
    said = "a rare class gets higher probabilities than its true share"
    assert said in words
    assert say("report", "run", "--out", "page.html").status == 0
    page = " ".join(Path("page.html").read_text("utf-8").split())
    assert page.count(said) == 2  # in the summary, and beside the reliability diagram
    assert said not in say("train", frauds, "--target", "status", *QUICK).words


def test_the_ranking_of_noise_is_not_called_better_than_chance(say: Say) -> None:
    random = np.random.RandomState(1)
    rows = [f"{a:.3f},{b:.3f},{'bad' if i % 50 == 0 else 'good'}" for i, (a, b) in enumerate(random.randn(2000, 2))]
    Path("noise.csv").write_text("\n".join(["a,b,what", *rows]) + "\n", encoding="utf-8")
    facts, words = facts_of(say, "train", "noise.csv", "--target", "what", *QUICK)
    assert facts["rare"]["roc_auc"]["interval"][0] < 0.5 < facts["rare"]["roc_auc"]["interval"][1]
    assert "The network is not shown to distinguish 'bad' from the rest better than chance." in words
    assert "are better than chance" not in words


@pytest.mark.parametrize(
    ("counts", "unequal"), [((50, 50), False), ((21, 100), False), ((20, 100), True), ((90, 95, 10), True)]
)
def test_classes_are_unequal_from_five_to_one_on(counts: tuple[int, ...], unequal: bool) -> None:
    classes = np.repeat(np.arange(len(counts)), counts)
    Y = classes[None].astype(float) if len(counts) == 2 else np.eye(len(counts))[:, classes]
    part = Part(np.ones((1, len(classes))), Y)
    assert are_unequal(Dataset("drawn", part, part)) is unequal


def test_baselines_are_compared_by_the_ranking_where_a_class_is_rare(say: Say, frauds: Path) -> None:
    facts, words = facts_of(say, "train", frauds, "--target", "status", *QUICK)
    data = load_table(frauds, target="status")
    model = LogisticRegression(max_iter=300).fit(StandardScaler().fit_transform(data.train.X.T), data.train.Y[0])
    P = model.predict_proba(StandardScaler().fit(data.train.X.T).transform(data.test.X.T))[:, 1]
    own, other = facts["roc_auc"], metrics.roc_auc_score(data.test.Y[0], P)
    assert facts["baseline"]["test_roc_auc"] == pytest.approx(other)
    assert f"logistic regression (as scikit-learn fits it; ROC AUC {other:.3f}, the network {own:.3f})" in words
    assert "exactly one of them is right" not in words


def test_frauds_known_by_heart_are_said_though_the_accuracies_hardly_differ(data: Dataset) -> None:
    run = network_on(data, epochs=150, class_weight="balanced")
    facts = train_facts(run, data)
    scores = [metrics.balanced_accuracy_score(part.Y[0], run.predict(part.X)[0]) for part in (data.train, data.test)]
    assert facts["train_accuracy"] - facts["test_accuracy"] < 0.1
    said = f"(balanced accuracy {100 * scores[0]:.1f} %, test set {100 * scores[1]:.1f} %)"
    assert said in facts["train_test_gap"]["what"]


def test_equal_classes_have_the_scores_and_no_more_lines(say: Say) -> None:
    facts, words = facts_of(say, "train", "breast-cancer", "--iterations", "50", "--learning-rate", "0.1")
    assert facts["rare"] is None
    assert set(facts["recall"]) == {"malignant", "benign"}
    assert facts["roc_auc"] > 0.9
    assert "so accuracy says little" not in words


def test_scores_of_several_labels_are_means_over_them() -> None:
    random = np.random.RandomState(0)
    X = random.randn(3, 400)
    Y = (X[:2] + random.randn(2, 400) > 1).astype(float)
    some = Dataset("labels", Part(X[:, :300], Y[:, :300]), Part(X[:, 300:], Y[:, 300:]))
    run = layerlab.train(Network([3, 2], output="sigmoid"), some, learning_rate=0.5, iterations=200)
    facts, P, truth = train_facts(run, some), run.predict_proba(some.test.X), some.test.Y
    assert facts["roc_auc"] == pytest.approx(metrics.roc_auc_score(truth.T, P.T, average="macro"))
    assert facts["average_precision"] == pytest.approx(metrics.average_precision_score(truth.T, P.T, average="macro"))
    assert facts["recall"]["label 1"] == pytest.approx(metrics.recall_score(truth[1], P[1] > 0.5))


def test_scores_that_are_not_defined_are_none(data: Dataset) -> None:
    run = network_on(data, epochs=1)
    good = data.test.Y[0] == 1
    facts = train_facts(run, replace(data, test=Part(data.test.X[:, good], data.test.Y[:, good])))
    assert facts["roc_auc"] is facts["average_precision"] is facts["recall"]["fraud"] is None
    assert facts["rare"]["roc_auc"] is None


def test_data_describe_counts_the_classes(say: Say, frauds: Path) -> None:
    facts, words = facts_of(say, "data", "describe", frauds, "--target", "status")
    data = load_table(frauds, target="status")
    counts = {
        name: {"train": int(np.sum(k == data.train.Y)), "test": int(np.sum(k == data.test.Y))}
        for k, name in enumerate(("fraud", "good"))
    }
    assert facts["class_counts"] == counts
    assert f"fraud {counts['fraud']['train']} 1.1 % {counts['fraud']['test']} 1.1 %" in words
    assert facts_of(say, "data", "describe", "digits")[0]["class_counts"]["0"]["train"] > 100


def test_a_class_without_test_examples_is_not_what_a_network_is_judged_by() -> None:
    random = np.random.RandomState(3)

    def part(*counts: int) -> Part:
        classes = np.repeat(np.arange(3), counts)
        return Part(random.randn(2, len(classes)) + 2 * (classes == 1), np.eye(3)[:, classes])

    data = Dataset("late", part(200, 200, 60), part(60, 55, 0), class_names=("down", "up", "side"))
    run = layerlab.train(Network([2, 3]), data, learning_rate=0.1, iterations=200)
    assert not are_unequal(data)
    assert train_facts(run, data)["rare"] is None
    rarer = Dataset("late", part(400, 40, 300), part(90, 9, 0), class_names=("down", "up", "side"))
    run = layerlab.train(Network([2, 3]), rarer, learning_rate=0.1, iterations=200)
    facts = train_facts(run, rarer)
    assert facts["rare"]["name"] == "up"
    assert "50.0 % by chance" in " ".join(rare_class_lines(facts))
    untested = Dataset("late", part(400, 40, 0), part(90, 0, 0), class_names=("down", "up", "side"))
    assert are_unequal(untested)


# thresholds


def test_a_threshold_is_chosen_on_the_validation_set_and_used_everywhere(say: Say, frauds: Path) -> None:
    how = ("--validation", "0.25", "--threshold", "balanced_accuracy", "--out", "run")
    facts, words = facts_of(say, "train", frauds, "--target", "status", *QUICK, *how)
    run, (data, held_out) = layerlab.load("run"), datasets.hold_out(load_table(frauds, target="status"), 0.25)
    P, truth = run.predict_proba(held_out.X)[0], held_out.Y[0]
    best = max(metrics.balanced_accuracy_score(truth, t < P) for t in np.unique(P))
    assert metrics.balanced_accuracy_score(truth, run.threshold < P) == pytest.approx(best)
    assert facts["threshold"] == run.threshold != 0.5
    assert facts["threshold_choice"]["scores"][1] == pytest.approx(best)
    assert f"Threshold {run.threshold:.4g}: 'good' is predicted where its probability is above" in words
    test = run.predict_proba(data.test.X)[0]
    assert_array_equal(run.predict(data.test.X)[0], test > run.threshold)
    assert facts["test_accuracy"] == pytest.approx(((test > run.threshold) == data.test.Y[0]).mean())
    assert run.accuracy(data.test) == pytest.approx(facts["test_accuracy"])
    answers = facts_of(say, "predict", "run", frauds)[0]["predictions"]
    assert all((one["class"] == "good") == (one["probabilities"]["good"] > run.threshold) for one in answers)
    assert "Threshold" in say("explain", "run").words
    assert say("report", "run", "--out", "page.html").status == 0
    assert f"--threshold {run.threshold}" in Path("page.html").read_text("utf-8")


def test_a_threshold_is_never_chosen_on_the_test_set(say: Say, frauds: Path) -> None:
    said = say("train", frauds, "--target", "status", *QUICK, "--threshold", "f1")
    assert said.status == 2
    assert "is chosen on a validation set, never on the test set" in said.words
    data, held_out = datasets.hold_out(load_table(frauds, target="status"), 0.2)
    good = held_out.Y[0] == 1
    with pytest.raises(InputError, match="the validation set has examples of only one class"):
        threshold_for("f1", data, Part(held_out.X[:, good], held_out.Y[:, good]))  # before anything is trained


@pytest.mark.parametrize(
    ("what", "threshold", "words"),
    [
        ("flower", "1", "wanted a probability above 0 and below 1"),
        ("flower", "often", "wanted a probability above 0 and below 1, or one of balanced_accuracy, f1, accuracy"),
        ("digits", "0.3", "this one has 10 classes"),
        ("digits", "f1", "--threshold f1: wanted a network for two classes, and this one has 10 classes"),
        ("flower", "blau=0.3", "--threshold blau=0.3: wanted one of the classes"),
        ("flower", "red=3", "--threshold red=3: wanted a probability above 0 and below 1"),
    ],
)
def test_thresholds_that_are_none_are_refused_in_a_sentence(say: Say, what: str, threshold: str, words: str) -> None:
    said = say("train", what, "--threshold", threshold)
    assert said.status == 2
    assert words in said.words


def test_a_given_threshold_needs_no_validation_set_and_is_kept(say: Say) -> None:
    how = ("--iterations", "200", "--learning-rate", "1.2", "--engine", "numpy")
    facts, _ = facts_of(say, "train", "flower", *how, "--threshold", "0.2", "--out", "flower")
    assert facts["threshold"] == layerlab.load("flower").threshold == 0.2
    assert facts["threshold_choice"] is None
    usual = replace(layerlab.load("flower"), threshold=0.5)
    assert (
        usual.predict(datasets.load_flower().test.X).mean()
        < layerlab.load("flower").predict(datasets.load_flower().test.X).mean()
    )


def test_what_finds_more_can_be_typed_as_it_is_said(say: Say, frauds: Path) -> None:
    how = ("--target", "status", *QUICK, "--baseline", "none")
    facts, words = facts_of(say, "train", frauds, *how, "--out", "usual")
    typed = words.split("Try: --threshold ")[1].split(",")[0]
    assert typed.startswith("fraud=0.01")  # the first of the two classes, whose threshold is that of the second
    at_share, _ = facts_of(say, "train", frauds, *how, "--threshold", typed, "--out", "more")
    assert at_share["rare"]["found"] == facts["rare"]["at_share"]["found"] > facts["rare"]["found"]
    assert at_share["threshold"] == pytest.approx(1 - float(typed.partition("=")[2]))
    second = facts_of(say, "train", frauds, *how, "--threshold", "good=0.9", "--out", "second")[0]
    assert second["threshold"] == 0.9


@pytest.mark.parametrize("by", ["balanced_accuracy", "f1", "accuracy"])
def test_the_chosen_threshold_is_the_best_of_all(data: Dataset, by: str) -> None:
    run = network_on(data, epochs=5)
    P = run.predict_proba(data.train.X)
    choice = choose_threshold(run, data.train, by)
    everywhere = np.unique(np.concatenate([P[0], [0.0]]))[:: max(1, P.shape[1] // 500)]
    scores = [metric_value(METRICS[by], run.network, P, data.train.Y, threshold=float(one)) for one in everywhere]
    assert choice.scores[1] >= max(scores) - 1e-12
    assert choice.scores[0] == pytest.approx(metric_value(METRICS[by], run.network, P, data.train.Y))


def test_a_threshold_is_refused_where_there_are_not_two_classes(data: Dataset) -> None:
    run = network_on(data, epochs=1)
    good = data.train.Y[0] == 1
    with pytest.raises(InputError, match="examples of only one class"):
        choose_threshold(run, (data.train.X[:, good], data.train.Y[:, good]))
    with pytest.raises(InputError, match="by='roc_auc': wanted one of"):
        choose_threshold(run, data.train, "roc_auc")
    with pytest.raises(InputError, match="above 0 and below 1"):
        replace(run, threshold=1.5).save("never")


def test_calibration_changes_no_answer_of_another_threshold(data: Dataset) -> None:
    run = replace(network_on(data, epochs=5), threshold=0.97)
    calibrated = layerlab.calibrate(run, data.test).run
    assert calibrated.temperature != 1
    assert_array_equal(calibrated.predict(data.test.X), run.predict(data.test.X))
    assert run.predict(data.test.X).min() == 0


@pytest.mark.parametrize("format", ["onnx", pytest.param("numpy", marks=pytest.mark.processes)])
def test_exports_carry_the_threshold(data: Dataset, format: str, tmp_path: Path) -> None:  # noqa: A002
    run = replace(network_on(data, epochs=5), threshold=0.97)
    assert run.predict(data.test.X).min() == 0
    assert data.raw is not None
    export = layerlab.export(run, tmp_path / "model", data.raw.table, format=format)
    assert export.deviation <= export.tolerance
    text = (tmp_path / "model" / "predict.py").read_text("utf-8") if format == "numpy" else ""
    assert format == "onnx" or "[:, 1] > 0.97)" in text


def test_runs_with_different_thresholds_do_not_answer_together(say: Say) -> None:
    how = ("--iterations", "50", "--learning-rate", "1.2", "--engine", "numpy")
    for threshold in ("0.2", "0.3"):
        assert not say("train", "flower", *how, "--threshold", threshold, "--out", f"run-{threshold}").status
    np.save("new.npy", datasets.load_flower().test.X.T)
    said = say("predict", "run-0.2", "new.npy", "--with", "run-0.3")
    assert said.status == 2
    assert " in threshold; wanted runs on the same data" in said.words
    assert say("predict", "run-0.2", "new.npy", "--with", "run-0.2").status == 0


# what ranks


@pytest.mark.parametrize("by", CLASS_SCORES)
@pytest.mark.parametrize("k", [2, 3])
def test_the_mean_of_pseudo_values_is_scikit_learns_score(by: str, k: int) -> None:
    random = np.random.RandomState(k)
    classes = random.choice(k, 300, p=[0.1, 0.9] if k == 2 else [0.1, 0.3, 0.6])
    logits = random.randn(k, 300) + 1.5 * np.eye(k)[:, classes]
    P = np.exp(logits) / np.exp(logits).sum(axis=0)
    labels, Y = P.argmax(axis=0), np.eye(k)[:, classes]
    if k == 2:
        P, Y = P[1:], Y[1:]
    known = {
        "accuracy": metrics.accuracy_score(classes, labels),
        "balanced_accuracy": metrics.balanced_accuracy_score(classes, labels),
        "roc_auc": metrics.roc_auc_score(Y.T, P.T, average="macro"),
        "average_precision": metrics.average_precision_score(1 - Y[0], -P[0])
        if k == 2
        else metrics.average_precision_score(Y.T, P.T, average="macro"),
    }
    assert_allclose(pseudo_values(by, P, labels, Y).mean(), known[by])


def test_explain_ranks_columns_by_the_score_that_is_asked_for(say: Say, frauds: Path, data: Dataset) -> None:
    facts_of(say, "train", frauds, "--target", "status", *QUICK, "--class-weight", "balanced", "--out", "run")
    run = layerlab.load("run")
    for by in ("accuracy", "balanced_accuracy", "average_precision", None):
        facts, words = facts_of(say, "explain", "run", *(("--by", by) if by else ()))
        assert facts["score"] == (by or "roc_auc")  # a rare class is not judged by accuracy
        name = {"roc_auc": "ROC AUC"}.get(facts["score"], facts["score"].replace("_", " "))
        assert f"{name} lost (percentage points)" in words
    assert facts["score"] == "roc_auc"
    assert facts["base"] == pytest.approx(metrics.roc_auc_score(data.test.Y[0], run.predict_proba(data.test.X)[0]))
    shuffled = data.test.X.copy()
    first = ("amount", "hour", "age", "distance", "logins", "calls").index(facts["columns"][0]["name"])
    shuffled[first] = np.random.RandomState(0).permutation(shuffled[first])
    drop = facts["base"] - metrics.roc_auc_score(data.test.Y[0], run.predict_proba(shuffled)[0])
    assert facts["columns"][0]["drop"] == pytest.approx(drop, abs=0.1)
    assert say("explain", "run", "--by", "recall").status == 2
    assert "leave ROW or --by out" in say("explain", "run", "5", "--by", "roc_auc").words


def test_a_sweep_ranks_by_the_validation_set(say: Say, frauds: Path) -> None:
    raw = load_table(frauds, target="status")
    data, held_out = datasets.hold_out(raw, 0.25)
    how: dict[str, Any] = {"optimizer": "adam", "batch_size": 32, "epochs": 4, "engine": "numpy"}
    result = layerlab.sweep(Network([data.n_x, 8, 1]), data, learning_rate=[1e-4, 0.01], validation=held_out, **how)
    truth = held_out.Y[0]
    outputs = [run.predict_proba(held_out.X)[0] for run in result.runs]
    known = {
        "roc_auc": [metrics.roc_auc_score(truth, P) for P in outputs],
        "average_precision": [metrics.average_precision_score(1 - truth, -P) for P in outputs],
        "balanced_accuracy": [metrics.balanced_accuracy_score(truth, P > 0.5) for P in outputs],
    }
    for name, scores in known.items():
        assert_allclose(result.runs.validation_scores(name), scores)
        assert result.best_member(f"validation_{name}") == int(np.argmax(scores))
    with pytest.raises(InputError, match="by='validation_f1': wanted one of"):
        result.best("validation_f1")
    arguments = (
        "sweep",
        frauds,
        "--target",
        "status",
        "--layers",
        "8",
        "--learning-rate",
        "0.0001,0.01",
        "--epochs",
        "4",
    )
    facts, words = facts_of(say, *arguments, "--validation", "0.25", "--by", "average_precision")
    best = facts["members"][facts["best"]["member"]]
    assert best["validation_average_precision"] == max(one["validation_average_precision"] for one in facts["members"])
    assert "Best by average precision on the validation set: learning rate" in words
    assert "Recommended" not in words  # one answer, not two
    assert (
        "needs a validation set, since the test set is never used to choose" in say(*arguments, "--by", "roc_auc").words
    )
    shown, words = facts_of(say, *arguments)
    assert {"train_roc_auc", "test_roc_auc", "test_accuracy"} <= set(shown["members"][0])
    assert "accuracy" not in words


def test_metrics_of_a_history_have_scikit_learns_names(data: Dataset) -> None:
    run = network_on(data, epochs=2, metrics=("auc", "roc_auc", "average_precision"))
    final = run.history.final_metrics
    assert final["training_auc"] == final["training_roc_auc"]
    P, truth = run.predict_proba(data.train.X)[0], data.train.Y[0]
    assert final["training_average_precision"] == pytest.approx(metrics.average_precision_score(1 - truth, -P))


def rare_points(m: int = 240) -> Dataset:
    """Points of which one in six is of class 1, made by hand, so that a search knows a logistic regression alone."""
    random = np.random.RandomState(0)
    X = random.randn(3, m)
    Y = (X[:1] + 0.7 * random.randn(1, m) > 1.2).astype(float)
    return Dataset("points", Part(X[:, :180], Y[:, :180]), Part(X[:, 180:], Y[:, 180:]), class_names=("usual", "rare"))


@pytest.mark.parametrize("by", ["balanced_accuracy", "roc_auc", "average_precision"])
def test_a_search_ranks_by_the_score_and_reports_it(by: str) -> None:
    some = rare_points()
    space = {"iterations": [30], "layers": ["4"], "optimizer": ["adam"], "learning_rate": [0.001, 0.1]}
    result = layerlab.search(
        some, trials=4, space=space, by=by, folds=3, halving=1, ensemble=False, workers=0, engine="numpy"
    )
    facts = result.facts()
    assert facts["measure"] == facts["by"] == by
    run, truth = result.best, some.test.Y[0]
    P = run.predict_proba(some.test.X)[0]
    known = {
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, P > 0.5),
        "roc_auc": metrics.roc_auc_score(truth, P),
        "average_precision": metrics.average_precision_score(truth, P),
    }
    assert facts["test"]["figure"] == pytest.approx(known[by])
    assert facts["test"]["low"] < facts["test"]["figure"] < facts["test"]["high"]
    scores = [one["score"] for one in (*facts["known"], *facts["trials"])]
    assert facts["choice"]["score"] == min(scores)
    assert min(scores) < -0.5  # a score that is better the higher it is, as it ranks
    assert {"roc_auc": "ROC AUC"}.get(by, by.replace("_", " ")) in str(result)
    assert "they disagree on" not in str(result)


def test_a_search_refuses_a_score_that_the_data_do_not_have() -> None:
    some = rare_points()
    with pytest.raises(InputError, match="by='recall': wanted one of 'cost', 'accuracy', 'balanced_accuracy'"):
        layerlab.search(some, by="recall")
    few = np.zeros((1, 180))
    few[0, :2] = 1
    with pytest.raises(InputError, match="has none of class 1, so it cannot be scored there; take fewer folds"):
        layerlab.search(replace(some, train=Part(some.train.X, few)), by="roc_auc", trials=1, workers=0)
    values = replace(
        some, train=Part(some.train.X, some.train.X[:1]), test=Part(some.test.X, some.test.X[:1]), class_names=()
    )
    with pytest.raises(InputError, match="points has values, not classes"):
        layerlab.search(values, by="roc_auc")


@pytest.mark.parametrize(("by", "few"), [("roc_auc", 2), ("roc_auc", 5), ("roc_auc", 8), ("average_precision", 5)])
def test_two_equal_networks_are_called_different_as_seldom_as_the_test_says(by: str, few: int) -> None:
    """With a pooled variance it was 12 % of 5 examples of a class and 10 % of 8; of 2 it is 11 % with each class's."""
    random = np.random.RandomState(0)
    Y = (np.arange(400) < few).astype(float)[None]
    p_values, held = [], []
    for _ in range(400):
        same = random.randn(400) + Y
        drawn = [1 / (1 + np.exp(-(same + random.randn(1, 400)))) for _ in range(2)]
        parts = [pseudo_values(by, P, (P[0] > 0.5).astype(int), Y) for P in drawn]
        p_values.append(score_p_value(parts[0], parts[1], Y[0].astype(int)))
        low, high = score_interval(parts[0] - parts[1], Y[0].astype(int))[1]
        held.append(low <= 0 <= high)
    assert np.mean(np.array(p_values) < 0.05) < 0.085
    assert np.mean(held) > 0.915


def test_of_a_single_rare_example_nothing_is_called_better(say: Say) -> None:
    """Noise: "beats the linear baseline, p < 0.001" had been said beside "too few to say"."""
    random = np.random.RandomState(0)
    rows = [
        f"{a:.3f},{b:.3f},{'ill' if place % 333 == 0 else 'well'}" for place, (a, b) in enumerate(random.randn(2000, 2))
    ]
    Path("ill.csv").write_text("\n".join(["a,b,y", *rows]) + "\n", encoding="utf-8")
    facts, words = facts_of(say, "train", "ill.csv", "--target", "y", *QUICK, "--out", "run")
    n = facts["rare"]["examples"]
    assert n < 5
    assert [facts[name]["outcome"] for name in ("baseline", "boosted")] == ["unclear", "unclear"]
    assert f"No test is made: the test set has {n} of 'ill', and a test takes 5 of each class." in words
    assert "The network is better than" not in words
    assert "More would be found" not in words
    found, words = facts_of(say, "explain", "run", "--by", "roc_auc")
    assert [column["p_value"] for column in found["columns"]] == [1, 1]
    assert [column["interval"][0] < -0.5 for column in found["columns"]] == [True, True]
    assert "A class has fewer than 5 of these examples: too few to show that an input matters." in words
    assert "fewer than 5" not in facts_of(say, "explain", "run", "--by", "accuracy")[1]


def test_a_threshold_that_is_chosen_on_few_examples_says_so(data: Dataset) -> None:
    run, (X, Y) = network_on(data), data.test
    frauds = np.flatnonzero(Y[0] == 0)
    for n, said in ((1, "Only 1 of them is of the rarer class"), (4, "Only 4 of them are of the rarer class"), (5, "")):
        some = np.r_[frauds[:n], np.flatnonzero(Y[0] == 1)]
        choice = choose_threshold(run, (X[:, some], Y[:, some]))
        assert choice.rarer == n
        assert said in str(choice)
        assert ("rarer" in str(choice)) == bool(said)


def test_a_threshold_is_not_rounded_to_certainty() -> None:
    said = threshold_text(0.9996, ("ill", "well"))
    assert "'well' is predicted where its probability is above 99.96 %, else 'ill', from 0.04 % on." in said
    assert "above 3.0 %" in threshold_text(0.03)


def test_beside_a_rare_class_accuracy_says_something_of_several_others(say: Say) -> None:
    """Two classes share the rest, so that always giving one of them is right in half; the rare one ranks high."""
    random = np.random.RandomState(0)
    X = random.randn(2000, 2)
    answers = np.where(X[:, 0] > 0, "fine", "worn").astype("<U6")
    answers[X[:, 1] + random.randn(2000) > 2.7] = "broken"
    rows = [f"{a:.3f},{b:.3f},{answer}" for (a, b), answer in zip(X, answers, strict=True)]
    Path("machine.csv").write_text("\n".join(["a,b,y", *rows]) + "\n", encoding="utf-8")
    asked = ("train", "machine.csv", "--target", "y", "--layers", "8", "--epochs", "30", "--no-advice")
    facts, words = facts_of(say, *asked)
    n, found = facts["rare"]["examples"], facts["rare"]["found"]
    assert f"Class 'broken' is rare ({n} of the test examples), so accuracy says little about it." in words
    assert facts["rare"]["roc_auc"]["interval"][0] > 0.5
    assert found < n / 2
    assert "More of 'broken' may be found, with more false alarms. Try: --class-weight balanced" in words
    more, words = facts_of(say, *asked, "--class-weight", "balanced")
    assert more["rare"]["found"] > found
    assert "Try: --class-weight" not in words

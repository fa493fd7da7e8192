"""What a network is compared with: boosted trees, baselines weighted as the network is, and what is said of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Say
from numpy.testing import assert_array_equal
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler
from small_data import write_photos

import layerlab
from layerlab import Network, Run, datasets
from layerlab.datasets import Dataset, Part, load_table
from layerlab.datasets.part import class_numbers
from layerlab.evaluating.baseline_comparison import balanced_p_value, baselines_facts
from layerlab.evaluating.boosted_baseline import OutOfTimeError, boosted_baseline
from layerlab.evaluating.linear_baseline import linear_baseline
from layerlab.evaluating.scores import train_facts
from layerlab.evaluating.statistics import mcnemar_p_value
from layerlab.formulas.arrays import Floats
from layerlab.runs.plan import two_digit_time
from layerlab.runs.summary import run_lines
from layerlab.text import percent

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")


def checkered(m: int = 400) -> list[str]:
    """Lines of a table in which trees find what a small network does not: squares of a chessboard."""
    random = np.random.RandomState(0)
    squares = random.rand(m, 2) * 6
    colour = np.where(np.floor(squares).sum(axis=1) % 2 > 0, "black", "white")
    return ["x,y,colour", *(f"{x:.3f},{y:.3f},{c}" for (x, y), c in zip(squares, colour, strict=True))]


def rare(m: int = 3000) -> Dataset:
    """Arrays of which 2 % are of class 1, which lies a little aside."""
    random = np.random.RandomState(0)
    Y = (random.rand(1, m) < 0.02).astype(float)
    X = random.randn(3, m) + 1.5 * Y
    half = m // 2
    return Dataset("rare", Part(X[:, :half], Y[:, :half]), Part(X[:, half:], Y[:, half:]))


def trained(data: Dataset, **how: Any) -> Run:
    arguments: dict[str, Any] = {"learning_rate": 0.3, "iterations": 100, "progress": False, **how}
    return layerlab.train(Network((data.n_x, data.n_y)), data, **arguments)


def test_the_boosted_baseline_is_scikit_learns() -> None:
    data = datasets.load_breast_cancer()
    model = HistGradientBoostingClassifier(early_stopping=False, random_state=0)
    expected = model.fit(data.train.X.T, class_numbers(data.train.Y)).predict(data.test.X.T)
    assert_array_equal(boosted_baseline(data).predictions[0], expected)


def test_trees_get_categories_and_missing_values_as_they_are() -> None:
    random = np.random.RandomState(0)
    m = 500
    town = random.choice(list("ABCDEFGHIJKL"), m).astype(object)
    size = np.round(random.rand(m) * 100, 3)
    price = np.array([ord(one) % 5 for one in town]) + size / 100 + 0.1 * random.randn(m)
    size[::7] = np.nan
    town[::11] = None
    table = {"town": town.tolist(), "size": [None if np.isnan(one) else one for one in size], "price": price}
    pd = pytest.importorskip("pandas")
    data = load_table(pd.DataFrame(table), target="price")
    assert data.raw is not None
    codes = np.array([np.nan if one is None else float(ord(one)) for one in town])
    X = np.stack([codes, size], axis=1)
    model = HistGradientBoostingRegressor(categorical_features=[0], early_stopping=False, random_state=0)
    model.fit(X[data.raw.train], data.train.Y[0])
    np.testing.assert_allclose(boosted_baseline(data).predictions[0], model.predict(X[data.raw.test]), rtol=1e-9)


def test_more_categories_than_trees_tell_apart_are_one_and_it_is_said() -> None:
    random = np.random.RandomState(0)
    towns = np.concatenate([np.arange(300), random.randint(0, 250, 700)])
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"town": [f"t{one}" for one in towns], "n": random.rand(1000), "price": towns % 7.0})
    data = load_table(frame, target="price")
    assert data.raw is not None
    boosted = boosted_baseline(data)
    names, counts = np.unique([f"t{one}" for one in towns[data.raw.train]], return_counts=True)
    shared = int(np.sort(counts)[::-1][254:].sum())
    assert len(names) > 255
    assert boosted.remark == (
        f"It treats all but the 254 most frequent values as one: 'town' in {shared} of {len(data.raw.train)} "
        "training rows."
    )


def test_trees_of_many_classes_are_not_begun() -> None:
    rows = np.arange(6000)
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": rows * 7919 % 101 / 10, "b": rows * 31 % 97 / 10, "y": [f"c{k % 1000}" for k in rows]})
    start = time.process_time()
    with pytest.raises(OutOfTimeError, match=r"cannot fit 100 trees for each of 1,000 classes in 0\.2 s"):
        boosted_baseline(load_table(frame, target="y"), seconds=0.2)
    assert time.process_time() - start < 1.5


def test_trees_that_take_too_long_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    data = datasets.load_flower()
    with pytest.raises(OutOfTimeError, match=r"did not finish in 0\.0 s"):
        boosted_baseline(data, seconds=0.0)
    run = trained(data)
    monkeypatch.setattr("layerlab.evaluating.baseline_comparison.LEAST_SECONDS", 0.0)
    quick = replace(run, history=replace(run.history, seconds=0.0))
    facts = train_facts(quick, data)
    assert facts["boosted"] == {
        "outcome": None,
        "what": "The boosted baseline did not finish in 0.0 s, so it is left out; --baseline boosted waits for it.",
    }
    assert facts["boosted"]["what"] in run_lines(quick, facts)
    assert baselines_facts(quick, data, baseline="boosted")["boosted"]["outcome"] is not None
    slow = replace(run, history=replace(run.history, seconds=60.0))  # as long as the network took
    assert baselines_facts(slow, data)["boosted"]["outcome"] is not None
    ended = replace(run, history=replace(run.history, seconds=60.0, interrupted=True))  # whoever ended it will not wait
    assert baselines_facts(ended, data)["boosted"]["outcome"] is None


def test_trees_that_beat_the_network_are_said_first(say: Say, tmp_path: Path) -> None:
    (tmp_path / "chess.csv").write_text("\n".join(checkered()), encoding="utf-8")
    how = ["--layers", "2", "--iterations", "50", "--learning-rate", "0.1", "--out", "run", "--json", "run.json"]
    said = say("train", "chess.csv", "--target", "colour", *how)
    facts = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    boosted = facts["boosted"]
    assert boosted["outcome"] == "worse"
    assert boosted["name"] == "histogram gradient boosting"
    assert boosted["test_accuracy"] > facts["test_accuracy"] + 0.1
    assert boosted["seconds"] > 0
    assert set(facts["baseline"]) == set(boosted) - {"seconds"}
    text = " ".join(said.out.split())
    assert (
        f"The network is worse than histogram gradient boosting (boosted decision trees; "
        f"{percent(boosted['test_accuracy'])} correct)" in text
    )
    assert text.index("histogram gradient boosting") < text.index("logistic regression") < text.index("parameters")
    seconds = two_digit_time(boosted["seconds"]), two_digit_time(facts["seconds"])
    assert f"Fitting the trees took {seconds[0]}, training the network {seconds[1]}." in text
    assert say("report", "run", "--out", "run.html").status == 0
    page = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert boosted["what"].split(" Fitting the trees took ")[0] in page
    assert "histogram gradient boosting<small>boosted baseline</small>" in page
    assert page.index("histogram gradient boosting") < page.index("logistic regression")


def test_ctrl_c_while_trees_are_fitted_loses_no_run(say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("layerlab.evaluating.baseline_comparison.boosted_baseline", interrupted)
    said = say("train", "flower", "--layers", "3", "--iterations", "20", "--out", "run")
    assert said.status == 1
    assert len(layerlab.load(tmp_path / "run").history.costs) == 20
    assert "run" in said.err + said.out


def test_which_baselines_there_are_can_be_said(say: Say, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos")
    short = ["--layers", "2", "--iterations", "5", "--learning-rate", "0.01", "--json", "run.json", "--no-advice"]
    for data, option, named in (
        ("photos", (), (True, False)),
        ("photos", ("--baseline", "boosted"), (True, True)),
        ("flower", (), (True, True)),
        ("flower", ("--baseline", "linear"), (True, False)),
        ("flower", ("--baseline", "none"), (False, False)),
    ):
        said = say("train", data, *short, *option)
        assert said.status == 0
        facts = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
        assert ("name" in facts["baseline"], "name" in facts["boosted"]) == named
        assert ("logistic regression" in said.out, "gradient boosting" in said.words) == named
        assert "\n\n" not in said.out
    said = say("train", "flower", "--baseline", "trees")
    assert said.status == 2
    assert "--baseline 'trees': wanted one of 'linear', 'boosted', 'none'" in said.err.replace("\n", " ")
    assert not (tmp_path / "runs" / "flower-4").exists()


def test_arrays_of_many_columns_are_boosted_on_request() -> None:
    random = np.random.RandomState(0)
    X = random.randn(501, 60)
    Y = (X[:1] > 0).astype(float)
    wide = Dataset("wide", Part(X[:, :40], Y[:, :40]), Part(X[:, 40:], Y[:, 40:]))
    run = trained(wide)
    assert baselines_facts(run, wide)["boosted"] == {"outcome": None, "what": ""}
    assert baselines_facts(run, wide, baseline="boosted")["boosted"]["name"]
    narrow = Dataset("narrow", Part(X[:500, :40], Y[:, :40]), Part(X[:500, 40:], Y[:, 40:]))
    assert baselines_facts(trained(narrow), narrow)["boosted"]["name"]


def test_baselines_have_the_networks_class_weights() -> None:
    data = rare()
    y = class_numbers(data.train.Y)
    scale = StandardScaler().fit(data.train.X.T)
    logistic = LogisticRegression(max_iter=300, class_weight="balanced").fit(scale.transform(data.train.X.T), y)
    linear = linear_baseline(data, class_weight="balanced")
    assert_array_equal(linear.predictions[0], logistic.predict(scale.transform(data.test.X.T)))
    trees = HistGradientBoostingClassifier(class_weight="balanced", early_stopping=False, random_state=0)
    expected = trees.fit(data.train.X.T, y).predict(data.test.X.T)
    assert_array_equal(boosted_baseline(data, class_weight="balanced").predictions[0], expected)
    assert linear_baseline(data).predictions.sum() < linear.predictions.sum() / 10


def test_with_class_weights_the_balanced_accuracy_decides() -> None:
    data = rare()
    run = trained(data, class_weight="balanced")
    beside = baselines_facts(run, data)["baseline"]
    truth = class_numbers(data.test.Y)
    found = run.predict(data.test.X)[0] == truth
    balanced = np.mean([found[truth == k].mean() for k in (0, 1)])
    assert f", the network {100 * balanced:.1f} %)" in beside["what"]
    assert (
        "logistic regression with the same class weights (as scikit-learn fits it; balanced accuracy " in beside["what"]
    )
    assert "If both were equally good, a difference this large would come up" in beside["what"]
    # a network that finds rare ones is not worse than a baseline that answers with the majority class, though that has
    # more right answers
    plain = linear_baseline(data)
    never = plain.predictions[0] == truth
    assert found.mean() < never.mean()
    assert balanced_p_value(found, never, truth) < 0.05
    unweighted = trained(data)
    assert "balanced" not in baselines_facts(unweighted, data)["baseline"]["what"]


def test_the_permutation_test_is_mcnemars_where_classes_are_of_one_size() -> None:
    random = np.random.RandomState(1)
    truth = np.repeat([0, 1], 100)
    for _ in range(5):
        ours, theirs = random.rand(200) < 0.8, random.rand(200) < 0.7
        exact = mcnemar_p_value(int((ours & ~theirs).sum()), int((theirs & ~ours).sum()))
        assert balanced_p_value(ours, theirs, truth) == pytest.approx(exact, abs=0.015)


def test_the_permutation_test_rejects_as_often_as_it_says() -> None:
    random = np.random.RandomState(2)
    truth = np.repeat([0, 1], [380, 20])
    p = [balanced_p_value(random.rand(400) < 0.7, random.rand(400) < 0.7, truth) for _ in range(300)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.035)


def test_baselines_have_the_examples_weights() -> None:
    random = np.random.RandomState(0)
    X = random.randn(2, 300)
    Y = X[:1] + np.where(X[1:] > 0, 5.0, 0.0) * X[1:]
    data = Dataset("weighted", Part(X[:, :200], Y[:, :200]), Part(X[:, 200:], Y[:, 200:]))
    weights = 3.0 * (X[1, :200] > 0)
    scale, target = StandardScaler().fit(data.train.X.T), StandardScaler().fit(data.train.Y.T)
    share = weights / weights.mean()
    ridge = Ridge().fit(scale.transform(data.train.X.T), target.transform(data.train.Y.T), share)
    told = target.inverse_transform(ridge.predict(scale.transform(data.test.X.T)).reshape(-1, 1)).T
    np.testing.assert_allclose(linear_baseline(data, sample_weight=weights).predictions, told, rtol=1e-9)
    trees = HistGradientBoostingRegressor(early_stopping=False, random_state=0)
    trees.fit(data.train.X.T, data.train.Y[0], share)
    boosted = boosted_baseline(data, sample_weight=weights)
    np.testing.assert_allclose(boosted.predictions[0], trees.predict(data.test.X.T), rtol=1e-9)
    run = trained(data, sample_weight=weights, learning_rate=0.01)
    assert "a run does not keep the weights of its examples" in baselines_facts(run, data)["baseline"]["what"]


def outcome_of(answers: Floats, Y_train: Floats, Y: Floats) -> str:
    """What is said of answers (1, m) to Y beside a ridge regression that is far off."""
    m = Y.shape[1]
    X = np.linspace(0, 1, Y_train.shape[1])[None]
    data = Dataset("late", Part(X, Y_train), Part(np.full((1, m), 50.0) + np.arange(m), Y))
    run = trained(data, learning_rate=0.001, iterations=1)
    what = baselines_facts(run, data, answers, "linear")["baseline"]["what"]
    assert isinstance(what, str)
    return what


def test_what_is_worse_than_a_constant_does_not_beat_anything() -> None:
    random = np.random.RandomState(0)
    Y_train = np.linspace(0, 1, 100)[None] + 0.1 * random.randn(1, 100)
    Y = random.randn(1, 50)
    what = outcome_of(Y + 2 + random.randn(1, 50), Y_train, Y)
    assert what.startswith("The network is better than ridge regression (a linear model; off by "), what
    assert ", but no better than a constant prediction (R² -" in what
    assert "constant" not in outcome_of(Y + 0.1, Y_train, Y)


def test_equally_good_is_not_called_chance() -> None:
    data = datasets.load_breast_cancer()
    linear = linear_baseline(data)
    run = trained(data, iterations=1)
    facts = baselines_facts(run, data, linear.predictions, "linear")["baseline"]
    assert facts["outcome"] == "unclear"
    assert facts["what"].startswith(
        "The network and logistic regression (as scikit-learn fits it; 98.2 %) are correct equally often. Both are "
        "right on exactly the same test examples."
    )


def test_rare_categories_that_share_an_input_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.RandomState(0)
    pd = pytest.importorskip("pandas")
    towns = np.concatenate([np.repeat(["Ulm", "Bonn"], 200), [f"t{one}" for one in range(100)]])
    frame = pd.DataFrame({"town": towns, "n": random.rand(500), "price": random.rand(500)})
    data = load_table(frame, target="price")
    assert data.preparation is not None
    rows = data.preparation.encoders[0].counts[-1]
    assert 60 < rows <= 100
    assert linear_baseline(data).remark == (
        f"It distinguishes values that are one input for the network: those of 'town' in {rows} of 400 training rows."
    )


@pytest.mark.processes
def test_trees_do_not_depend_on_the_number_of_threads() -> None:
    code = (
        "from layerlab.datasets import load_breast_cancer\n"
        "from layerlab.evaluating import boosted_baseline\n"
        "boosted_baseline.FEW_CELLS = 0\n"
        "print(boosted_baseline.boosted_baseline(load_breast_cancer()).predictions.tolist())\n"
    )
    said = {
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", code],
            env={**os.environ, "OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(said) == 1

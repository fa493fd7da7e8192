"""The linear baseline, the curves of a ranking, and what is said of them."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve
from sklearn.preprocessing import StandardScaler

import layerlab
from layerlab import InputError, Network, Run, datasets, plots
from layerlab.datasets import Dataset, Part
from layerlab.datasets.part import class_numbers
from layerlab.evaluating.baseline_comparison import baselines_facts
from layerlab.evaluating.constant_answer import majority_facts
from layerlab.evaluating.curves import Area, rankings, rankings_facts, rankings_of
from layerlab.evaluating.explanations.input_groups import cell_text, patch_groups
from layerlab.evaluating.linear_baseline import linear_baseline
from layerlab.evaluating.scores import train_facts
from layerlab.evaluating.statistics import mcnemar_p_value, paired_p_value, wilson_interval
from layerlab.formulas.arrays import Floats
from layerlab.reporting.classification import ranking_section
from layerlab.runs.summary import run_lines
from layerlab.text import percent

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")


def trained(data: Dataset, *hidden: int, **how: Any) -> Run:
    output = how.pop("output", None)
    arguments: dict[str, Any] = {"learning_rate": 0.3, "iterations": 60, "progress": False, **how}
    return layerlab.train(Network((data.n_x, *hidden, data.n_y), hidden="tanh", output=output), data, **arguments)


def values(n_y: int = 1, bent: bool = False) -> Dataset:
    random = np.random.RandomState(0)
    X = 100 + 10 * random.randn(4, 300)
    Y = 1000 + (X[:n_y] - 100) * 7 + random.randn(n_y, 300)
    Y = (X[:n_y] - 100) ** 2 + random.randn(n_y, 300) if bent else Y
    return Dataset("values", Part(X[:, :200], Y[:, :200]), Part(X[:, 200:], Y[:, 200:]))


@pytest.mark.parametrize(("positives", "negatives"), [(33, 5), (5, 33), (99, 99), (200, 150)])
def test_a_ranking_upside_down_has_the_mirrored_interval_of_the_perfect_one(positives: int, negatives: int) -> None:
    n = positives + negatives
    scores, truth = np.arange(n, dtype=np.float64)[None], (np.arange(n) >= negatives)[None]
    perfect, reverse = (rankings(sign * scores, truth, ["one"]).auc for sign in (1.0, -1.0))
    assert perfect is not None
    assert reverse is not None
    assert perfect.interval is not None
    assert reverse.interval is not None
    assert (perfect.value, reverse.value) == (1.0, 0.0)
    assert reverse.interval == pytest.approx((0.0, 1 - perfect.interval[0]))


@pytest.mark.parametrize("name", ["digits", "breast_cancer", "flower"])
def test_the_baseline_is_scikit_learns_logistic_regression(name: str) -> None:
    data = datasets.load_dataset(name)
    scale = StandardScaler().fit(data.train.X.T)
    model = LogisticRegression(max_iter=300).fit(scale.transform(data.train.X.T), class_numbers(data.train.Y))
    linear = linear_baseline(data)
    assert (linear.predictions[0] != model.predict(scale.transform(data.test.X.T))).sum() <= 1
    right = linear.predictions[0] == class_numbers(data.test.Y)
    assert linear.accuracy == right.mean()
    assert linear.interval == wilson_interval(int(right.sum()), right.size)
    assert (linear.examples, linear.remark) == (data.train.X.shape[1], "")


@pytest.mark.parametrize("n_y", [1, 3])
def test_the_baseline_of_values_is_ridge_regression(n_y: int) -> None:
    data = values(n_y)
    scale, target = StandardScaler().fit(data.train.X.T), StandardScaler().fit(data.train.Y.T)
    model = Ridge().fit(scale.transform(data.train.X.T), target.transform(data.train.Y.T))
    told = model.predict(scale.transform(data.test.X.T)).reshape(-1, n_y)
    linear = linear_baseline(data)
    assert_allclose(linear.predictions, target.inverse_transform(told).T, rtol=1e-9)
    assert linear.error == pytest.approx(np.abs(data.test.Y - linear.predictions).mean())
    assert linear.r2 is not None
    assert linear.r2 > 0.9


def test_many_features_give_the_same_answers_through_the_span() -> None:
    random = np.random.RandomState(0)
    X = random.randn(400, 150)
    Y = np.where(X[:1] + X[1:2] > 0, 1.0, 0.0)
    for labels in (Y, X[:1] * 5 + 2):
        data = Dataset("wide", Part(X[:, :90], labels[:, :90]), Part(X[:, 90:], labels[:, 90:]))
        scale = StandardScaler().fit(data.train.X.T)
        plain, test = scale.transform(data.train.X.T), scale.transform(data.test.X.T)
        linear = linear_baseline(data)
        if linear.accuracy is not None:
            model = LogisticRegression(max_iter=300).fit(plain, labels[0, :90])
            assert_array_equal(linear.predictions[0], model.predict(test))
        else:
            target = StandardScaler().fit(labels[:, :90].T)
            told = Ridge().fit(plain, target.transform(labels[:, :90].T)).predict(test).reshape(-1, 1)
            assert_allclose(linear.predictions, target.inverse_transform(told).T, rtol=1e-8)


def test_the_baseline_sees_neither_the_test_part_nor_too_many_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    tumours = datasets.load_breast_cancer()
    alone = replace(tumours, test=Part(tumours.test.X[:, :5], tumours.test.Y[:, :5]))
    assert_array_equal(linear_baseline(alone).predictions, linear_baseline(tumours).predictions[:, :5])
    monkeypatch.setattr("layerlab.evaluating.linear_baseline.MAX_TRAINING_EXAMPLES", 100)
    linear = linear_baseline(tumours, seed=4)
    assert linear.examples == 100
    assert linear.remark == "It learned from 100 of 455 training examples, chosen at random (seed 4)."


def test_a_network_that_does_not_beat_it_is_said_so_first() -> None:
    flower = datasets.load_flower()
    good, bad = trained(flower, 6, learning_rate=1.2, iterations=3000), trained(flower, 6, iterations=1)
    facts = train_facts(good, flower)
    assert facts["baseline"]["outcome"] == "better"
    assert run_lines(good, facts)[1:3] == (facts["baseline"]["what"], facts["boosted"]["what"])
    linear = linear_baseline(flower)
    assert linear.accuracy is not None
    assert facts["baseline"]["what"].startswith(
        f"The network is better than logistic regression (as scikit-learn fits it; {percent(linear.accuracy)} correct)."
        " On "
    )
    assert facts["baseline"]["what"].endswith("in less than 0.1 % of cases: probably a real difference.")
    truth, ours = flower.test.Y[0], good.predict(flower.test.X)[0]
    right, theirs = ours == truth, linear.predictions[0] == truth
    p = mcnemar_p_value(int((right & ~theirs).sum()), int((~right & theirs).sum()))
    assert facts["baseline"]["p_value"] == p
    facts = train_facts(bad, flower)
    assert facts["baseline"]["outcome"] in ("unclear", "worse")
    assert facts["boosted"]["outcome"] == "worse"
    assert facts["constant"]["what"].startswith("The network is worse than a constant answer. If both were equally ")
    lines = run_lines(bad, facts)
    assert lines[0].endswith(facts["constant"]["what"])
    assert lines[1:3] == (facts["boosted"]["what"], facts["baseline"]["what"])
    facts = train_facts(bad, flower, "linear")
    assert run_lines(bad, facts)[1] == facts["baseline"]["what"]


def test_the_three_outcomes_of_values() -> None:
    bent = values(bent=True).standardized()
    better = trained(bent, 16, output="identity", learning_rate=0.002, iterations=6000)
    worse = trained(values().standardized(), output="identity", iterations=1, learning_rate=1e-6)
    same = trained(values().standardized(), output="identity", iterations=4000, learning_rate=0.1)
    for run, data, outcome, words in (
        (better, bent, "better", "The network is better than ridge regression (a linear model; off by "),
        (
            worse,
            values().standardized(),
            "worse",
            "The network is worse than ridge regression (a linear model; off by ",
        ),
        (
            same,
            values().standardized(),
            "unclear",
            "The network is not shown to be better than ridge regression (a linear model; off by ",
        ),
    ):
        beside = baselines_facts(run, data, baseline="linear")["baseline"]
        assert beside["outcome"] == outcome or (outcome == "unclear" and beside["p_value"] < 0.05)
        if beside["outcome"] == outcome:
            assert words in beside["what"]
        assert "If both were equally good, a difference this large would come up " in beside["what"]


def test_what_goes_wrong_with_the_baseline_is_said_and_not_raised() -> None:
    flower = datasets.load_flower()
    run = trained(flower, 3)
    one = replace(flower, train=Part(flower.train.X[:, :5], 0 * flower.train.Y[:, :5]))
    assert baselines_facts(run, one)["baseline"] == {
        "outcome": None,
        "what": "The linear baseline could not be fitted: the training set has examples of only one class: wanted "
        "at least two.",
    }
    diverged = replace(run, parameters={**run.parameters, "b1": np.full((3, 1), np.nan)})
    assert baselines_facts(diverged, flower)["baseline"]["what"].startswith("The run diverged")
    X, Y = flower.train
    labels = Dataset("labels", Part(X, np.vstack([Y, 1 - Y])), Part(X, np.vstack([Y, 1 - Y])))
    several = trained(labels, output="sigmoid")
    facts = train_facts(several, labels)
    assert facts["baseline"]["what"] == "There is no baseline for examples with several labels."
    assert facts["test_accuracy"] == pytest.approx(several.accuracy(labels.test))
    low, high = facts["test_interval"]
    assert low <= facts["test_accuracy"] <= high
    assert facts["baseline"]["what"] in run_lines(several, facts)
    counts = Dataset("counts", Part(X, 3 * Y), Part(X, 3 * Y))
    assert train_facts(trained(counts, output="poisson", learning_rate=0.01), counts)["baseline"]["name"]
    with pytest.raises(InputError, match="examples of only one class"):
        linear_baseline(one)


def test_paired_t_test_as_scipy_has_it() -> None:
    from scipy.stats import ttest_rel

    random = np.random.RandomState(0)
    first, second = random.rand(30), random.rand(30)
    assert paired_p_value(first, second) == pytest.approx(ttest_rel(first, second).pvalue)
    assert paired_p_value(first, first) == 1
    assert paired_p_value(first[:1], second[:1]) == 1
    assert paired_p_value(first, first + 0.5) == 2.0**-29  # thirty that all differ the same way


def drawn(seed: int, m: int = 60, digits: int = 8) -> tuple[Floats, NDArray[np.bool_]]:
    random = np.random.RandomState(seed)
    truth = random.rand(m) < 0.3
    truth[:2] = True, False
    return np.round(random.randn(m) + truth, digits), truth


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**31 - 1), st.sampled_from([0, 1, 8]), st.integers(3, 80))
def test_areas_and_curves_are_scikit_learns(seed: int, digits: int, m: int) -> None:
    scores, truth = drawn(seed, m, digits)
    (one,) = rankings(scores[None], truth[None], ["a"]).classes
    assert one.auc.value == pytest.approx(roc_auc_score(truth, scores))
    assert one.average_precision.value == pytest.approx(average_precision_score(truth, scores))
    false, true, _ = roc_curve(truth, scores, drop_intermediate=False)
    assert_allclose([one.false_positive_rate, one.true_positive_rate], [false, true])
    precision, recall, _ = precision_recall_curve(truth, scores)
    assert_allclose([one.precision[::-1], one.recall[::-1]], [precision[:-1], recall[:-1]])
    for area in (one.auc, one.average_precision):
        if area.interval is None:
            assert area.remark
        else:
            low, high = area.interval
            assert 0 <= low <= area.value <= high <= 1


@pytest.mark.parametrize("digits", [0, 8])
def test_the_roc_areas_interval_is_delongs(digits: int) -> None:
    # DeLong's placements, written out: the share of the others below an example of the class, and the other way round
    from scipy.stats import norm

    scores, truth = drawn(1, 400, digits)
    own, others = scores[truth], scores[~truth]
    wins = (own[:, None] > others) + 0.5 * (own[:, None] == others)
    variance = wins.mean(axis=1).var(ddof=1) / len(own) + wins.mean(axis=0).var(ddof=1) / len(others)
    area = wins.mean()
    logit, reach = np.log(area / (1 - area)), norm.ppf(0.975) * np.sqrt(variance) / (area * (1 - area))
    (one,) = rankings(scores[None], truth[None], ["a"]).classes
    assert one.auc.interval is not None
    assert_allclose(one.auc.interval, 1 / (1 + np.exp(-(logit + np.array([-reach, reach])))))


def held(area: Area | None, truth: float) -> bool:
    assert area is not None
    assert area.interval is not None
    return area.interval[0] <= truth <= area.interval[1]


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    scores, truth = drawn(0, 200_000)
    areas = roc_auc_score(truth, scores), average_precision_score(truth, scores)
    shares, mean_share, n = np.zeros(2), 0, 400
    random = np.random.RandomState(1)
    truth = np.arange(90) < 27
    for _ in range(n):
        some = rankings((random.randn(90) + truth)[None], truth[None], ["a"])
        shares += [held(area, areas[k]) for k, area in enumerate((some.auc, some.average_precision))]
        three = np.arange(90) % 3 == np.arange(3)[:, None]
        mean_share += held(rankings(random.randn(3, 90) + 1.0 * three, three, ["a", "b", "c"]).auc, areas[0])
    assert (np.abs([*shares, mean_share] - np.full(3, 0.955 * n)) < 0.04 * n).all()


@pytest.mark.parametrize(
    ("count", "others", "auc"), [(5, 1000, 0.9), (10, 100, 0.97), (1000, 10, 0.6), (10, 1000, 0.8)]
)
def test_intervals_of_a_rare_class_hold_the_truth_and_are_narrow_enough(count: int, others: int, auc: float) -> None:
    # the worst points; the whole count: python -m benchmarks.intervals
    n, random, shift = 300, np.random.RandomState(2), np.sqrt(2) * ndtri(auc)
    truth = np.arange(count + others) < count
    scores = random.randn(n, len(truth)) + shift * truth
    some = [rankings(one[None], truth[None], ["a"]) for one in scores]
    recall = (np.arange(5000) + 0.5) / 5000
    limit = float((count * recall / (count * recall + others * ndtr(ndtri(recall) - shift))).mean())
    precision = [one.average_precision for one in some]
    means = float(np.mean([area.value for area in precision if area]))
    for areas, true in (([one.auc for one in some], auc), (precision, limit), (precision, means)):
        assert sum(held(area, true) for area in areas) >= 0.92 * n
        values = np.array([area.value for area in areas if area])
        widths = [area.interval[1] - area.interval[0] for area in areas if area and area.interval]
        assert np.mean(widths) < 1.6 * np.subtract(*np.percentile(values, [97.5, 2.5]))


def test_too_few_examples_have_no_interval_and_say_so() -> None:
    scores, truth = np.arange(51.0), np.arange(51) == 25  # one of the class, in the middle: was 0.364 to 0.636
    some = rankings(np.array([scores, -scores]), np.array([truth, ~truth]), ["cat", "other"])
    assert some.classes[0].auc == Area(0.5, None, "too few examples of cat: 1, and an interval takes at least 5")
    assert some.classes[1].auc.remark == "too few examples that are not of other: 1, and an interval takes at least 5"
    why = some.classes[0].auc.remark
    assert some.auc == Area(0.5, None, why)
    facts = json.loads(json.dumps(rankings_facts(some), allow_nan=False))
    assert facts["classes"][0]["auc"] == {"value": 0.5, "interval": None, "remark": why}
    for count in (4, 5):
        area = rankings(scores[None], (scores % 10 == 3)[None] & (scores < 10 * count), ["a"]).auc
        assert area is not None
        assert (area.interval is None) == (count < 5)
    drawn_text = " ".join(axes.get_title("left") for axes in plots.ranking(some).axes)
    assert "too few examples for an interval" in drawn_text
    page = "".join(map(str, ranking_section(SimpleNamespace(facts={"rankings": facts}, rankings=some))))  # type: ignore[arg-type]
    assert page.count("<td>too few</td>") == 6  # two areas of two classes, and their means
    alike = rankings(np.zeros((1, 40)), (np.arange(40) < 20)[None], ["a"]).auc
    assert alike == Area(0.5, None, "all examples have the same score")


@pytest.mark.parametrize("count", [6, 120])
def test_a_perfect_ranking_is_not_said_to_be_certain(count: int) -> None:
    truth = np.arange(3 * count) < count
    (one,) = rankings(1.0 * truth[None], truth[None], ["a"]).classes
    assert one.auc.interval is not None
    assert one.auc == (1.0, (wilson_interval(count, count)[0], 1.0), "")
    assert one.auc == one.average_precision
    (often,) = rankings(1.0 * ~truth[None], ~truth[None], ["b"]).classes  # of the frequent class any ranking is precise
    assert often.average_precision.interval is not None
    assert often.average_precision.interval[0] > one.auc.interval[0]


def test_several_classes_have_a_mean_and_classes_without_examples_none() -> None:
    digits = datasets.load_digits()
    run = trained(digits, 8)
    some = rankings_of(run, digits)
    P, Y = run.predict_proba(digits.test.X), digits.test.Y
    assert some.auc is not None
    assert some.average_precision is not None
    assert some.auc.value == pytest.approx(roc_auc_score(Y.T, P.T, average="macro"))
    assert some.average_precision.value == pytest.approx(average_precision_score(Y.T, P.T, average="macro"))
    few = digits.test.Y.argmax(axis=0) < 3
    part = replace(digits, test=Part(digits.test.X[:, few], digits.test.Y[:, few]))
    assert [one.name for one in rankings_of(run, part).classes] == ["0", "1", "2"]
    alone = digits.test.Y.argmax(axis=0) == 3
    none = rankings_of(run, replace(digits, test=Part(digits.test.X[:, alone], digits.test.Y[:, alone])))
    assert rankings_facts(none) == {"auc": None, "average_precision": None, "classes": []}
    with pytest.raises(InputError, match="all examples are of one class"):
        plots.ranking(none)
    two = rankings_of(
        trained(datasets.load_breast_cancer().standardized()), datasets.load_breast_cancer().standardized()
    )
    assert [one.name for one in two.classes] == ["malignant"]  # the rarer one


def test_a_saliency_map_of_zeros_says_so() -> None:
    images = np.linspace(0, 1, 8).reshape(2, 2, 2)
    figure = plots.saliency(images, np.stack([images[0] * 0, images[1]]), images, ["a", "b"])
    assert [[text.get_text() for text in axes.texts] for axes in figure.axes][:6] == [
        [],
        ["0 everywhere"],
        [],
        [],
        [],
        [],
    ]


def dots(figure: Any) -> list[Any]:
    """The colour of the dot in each row."""
    return [line.get_color() for line in figure.axes[0].lines if line.get_marker() == "o"]


def test_the_pictures_say_what_they_show() -> None:
    random = np.random.RandomState(0)
    truth = np.arange(120) % 12 == np.arange(12)[:, None]
    some = rankings(random.randn(12, 120) + 2 * truth, truth, [f"kind {k}" for k in range(12)])
    figure = plots.ranking(some)
    assert "the 10 of 12 classes" in figure.get_suptitle()
    assert len(figure.axes[1].lines) == 11  # and that of a random ranking
    figure.draw_without_rendering()
    (rate,) = [text for text in figure.axes[1].texts if "random" in text.get_text()]
    assert rate.get_window_extent().x0 >= figure.axes[1].get_window_extent().x1  # outside, where no curve crosses it
    assert rate.get_window_extent().x1 <= figure.bbox.x1
    figure = plots.shares([("age", 1.5), ("town", -2.0)], unit="log odds", speaks_for="yes")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["age", "town"]
    assert "against yes" in figure.axes[0].get_xlabel()
    rows = [(f"c{k}", 1.0, (0.5, 1.5)) for k in range(25)]
    figure = plots.importance(rows, xlabel="lost")
    assert dots(figure) == ["#0072B2"] * 20
    assert dots(plots.importance(rows, xlabel="lost", shown=[k == 1 for k in range(25)])) == [
        "#0072B2" if k == 1 else "#8C8C8C" for k in range(20)
    ]
    assert figure.get_suptitle().replace("\n", " ").endswith("(the 20 of 25 columns that matter most)")
    images = random.rand(7, 4, 5)
    figure = plots.saliency(images, images - 0.5, images - 0.5, ["answer"] * 7)
    assert len(figure.axes) == 18
    assert "(6 of 7)" in figure.get_suptitle()
    assert "Green: for the class named, purple: against it." in " ".join(figure.get_supxlabel().split())
    assert len(plots.answers_and_values(random.rand(3, 9), random.rand(3, 9)).axes) == 3
    assert len(plots.importance_map(random.randn(4, 4), label="lost").axes[0].texts) == 16


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: plots.shares([], unit="u", speaks_for="a"), "no contributions to draw"),
        (lambda: plots.importance([], xlabel="x"), "no importance to draw"),
        (lambda: plots.importance_map(np.ones(3), label="x"), "wanted a grid of finite numbers"),
        (
            lambda: plots.saliency(np.ones((1, 2, 2)), np.ones((1, 2, 2)), np.ones((1, 2, 3)), ["a"]),
            "three of one shape",
        ),
        (lambda: plots.answers_and_values(np.ones((1, 2)), np.ones((1, 3))), "wanted \\(n_y, m\\) of both"),
        (lambda: plots.answers_and_values(np.ones((1, 1)), np.full((1, 1), np.nan)), "not finite"),
    ],
)
def test_pictures_of_nothing_are_refused(draw: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        draw()


def test_patches_cover_an_image_once() -> None:
    for shape in ((8, 8), (64, 64, 3), (5, 9), (3, 2, 1)):
        rows = np.concatenate([patch.rows for patch in patch_groups(shape)])
        assert_array_equal(np.sort(rows), np.arange(np.prod(shape)))


def test_cells_are_written_as_a_person_would() -> None:
    from layerlab.datasets.tabular.table import Column

    cells = [
        (Column("a", "number", np.array([1234.5, np.nan])), ["1234.5", "–"]),
        (Column("b", "category", np.array(["x", None], object)), ["x", "–"]),
        (Column("c", "truth", np.array([0.0, 1.0]), ("no", "yes")), ["no", "yes"]),
        (Column("d", "date", np.array([0.0, 19723.5])), ["1970-01-01", "2024-01-01 12:00:00"]),
    ]
    for column, texts in cells:
        assert [cell_text(column, row) for row in range(2)] == texts


def test_an_accuracy_below_the_majority_share_is_said_to_be_lower() -> None:
    Y = labels_of(38, 26)
    few, fewer = Y.astype(int), Y.astype(int)
    few[0, :11], few[0, 32:] = 0, 1  # 15 of the 26 are right, and 6 of the 12
    fewer[0, :20] = 0
    found = majority_facts(Y, few, 0.39)
    assert (found["outcome"], found["p_value"]) == ("unclear", mcnemar_p_value(6, 11))
    assert found["what"] == (
        "The network is correct less often than a constant answer would be. If both were equally good, a result this "
        "one-sided would come up in 33.2 % of cases: it can be luck."
    )
    fewer[0, 26:] = 1
    found = majority_facts(Y, fewer, 0.1)
    assert found["outcome"] == "worse"
    assert found["what"] == (
        "The network is worse than a constant answer. If both were equally good, a result this one-sided would come up "
        "in less than 0.1 % of cases: probably a real difference."
    )
    assert majority_facts(Y, Y.astype(int), 0.9)["what"] == ""
    assert majority_facts(Y, np.ones_like(few), 0.5)["what"].startswith("The network is not shown to be better ")
    several = np.vstack([Y, 1 - Y])
    assert "a difference this large would come up" in majority_facts(several, 1 - several, 0.0)["what"]


def labels_of(m: int, ones: int) -> np.ndarray:
    return (np.arange(m) < ones).astype(float)[None]

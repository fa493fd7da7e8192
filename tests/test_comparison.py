"""Several networks on the same data: figures, paired tests, seeds, splits, words."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerlab
from layerlab import Recipe
from layerlab.datasets import Dataset, Part, load_breast_cancer, load_flower
from layerlab.datasets.part import base_rate
from layerlab.evaluating.comparisons.comparison import Comparison, ModelResult, _paired_test
from layerlab.evaluating.comparisons.recipe_training import train_recipe
from layerlab.evaluating.comparisons.recipes import SUITES
from layerlab.evaluating.statistics import wilson_interval
from layerlab.runs.history import History, sampled_costs
from layerlab.training import train as training
from layerlab.training.engines import Chunk
from layerlab.training.fit import chunks_of

QUICK = (
    Recipe("logistic regression", (), 1.2, 150, initializer="zeros"),
    Recipe("2-layer network", (4,), 1.2, 150, hidden="tanh", initializer="normal", seed=3),
)


@pytest.fixture(scope="module")
def flower() -> Comparison:
    return layerlab.compare("flower", models=QUICK, seeds=3, splits=3, progress=False)


def test_accuracies_and_intervals_are_those_of_the_runs(flower: Comparison) -> None:
    data = load_flower()
    for model in flower.models:
        right = model.run.predict(data.test.X) == data.test.Y
        assert model.test_accuracy == right.mean()
        assert model.test_interval == wilson_interval(int(right.sum()), 400)
        assert model.train_accuracy == (model.run.predict(data.train.X) == data.train.Y).mean()


def test_paired_test_counts_the_examples_on_which_two_models_part(flower: Comparison) -> None:
    (test,) = flower.paired_tests
    first, second = (model.right for model in flower.models)
    assert test.only_first == (first & ~second).sum()
    assert test.only_second == (second & ~first).sum()
    assert test.only_first != test.only_second
    assert (test.first, test.second) == ("logistic regression", "2-layer network")


def test_base_rate_is_the_most_frequent_class_of_the_test_set() -> None:
    assert base_rate(np.array([[0.0, 1.0, 1.0, 1.0]])) == 0.75
    assert base_rate(np.eye(3)[:, [0, 1, 1, 2, 1]]) == 0.6


def test_training_majority_is_scored_on_the_test_set() -> None:
    X = np.arange(10.0).reshape(1, -1)
    data = Dataset(
        "uneven",
        Part(X, np.array([[0.0] * 7 + [1.0] * 3])),
        Part(X, np.array([[0.0] * 4 + [1.0] * 6])),
        class_names=("a", "b"),
    )
    result = layerlab.compare(data, models=QUICK, progress=False)
    assert (result.base_rate, result.training_majority) == (0.6, 0.4)


def test_every_seed_gives_the_accuracy_of_that_seed_alone(flower: Comparison) -> None:
    data = load_flower()
    logistic, network = flower.models
    assert logistic.seed_accuracies == (logistic.test_accuracy,)  # zeros are the same for every seed
    assert network.seed_accuracies == tuple(
        train_recipe(QUICK[1], data, seed=seed).accuracy(data.test) for seed in (3, 4, 5)
    )
    assert len(set(network.seed_accuracies)) > 1


def test_every_split_gives_the_accuracy_of_that_split_alone(flower: Comparison) -> None:
    assert flower.resplits is not None
    second = load_flower().resplit(seed=1)
    for recipe, summary in zip(QUICK, flower.resplits.models, strict=True):
        assert summary.accuracies[1] == train_recipe(recipe, second, seed=recipe.seed + 1).accuracy(second.test)
        assert summary.mean_accuracy == pytest.approx(np.mean(summary.accuracies))
    (test,) = flower.resplits.paired_tests
    differences = -np.diff([summary.accuracies for summary in flower.resplits.models], axis=0)
    assert test.mean_difference == pytest.approx(differences.mean())


def test_splits_of_standardised_data_are_standardised_by_their_own_training_part() -> None:
    recipe = SUITES["breast_cancer"].recipes[0]
    result = layerlab.compare("breast_cancer", models=[recipe], splits=2, progress=False)
    assert result.resplits is not None
    first = load_breast_cancer().resplit(seed=0).standardized()
    assert result.resplits.models[0].accuracies[0] == train_recipe(recipe, first).accuracy(first.test)


def test_verdict_says_chance_where_it_may_be_chance() -> None:
    run = train_recipe(Recipe("x", (), 0.1, 1, initializer="zeros"), load_flower())

    def model(name: str, right: int, shift: int = 0) -> ModelResult:
        mask = np.roll(np.arange(50) < right, shift)
        return ModelResult(Recipe(name, (), 1, 1), run, 1.0, right / 50, (0.0, 1.0), mask, ())

    # 40 and 36 of 50, wrong on different examples: 10 to 6 by McNemar, p = 0.45
    test = _paired_test(model("two", 36), model("four", 40, shift=6))
    assert test.verdict.startswith("80.0 % (four) against 72.0 % (two) on 50 examples: may be chance")
    # 40 and 20, the right ones of the second among those of the first: 20 to 0
    assert "hardly chance" in _paired_test(model("a", 40), model("b", 20)).verdict
    assert "the very same examples" in _paired_test(model("a", 40), model("b", 40)).verdict


def test_printed_comparison_says_what_its_facts_say(flower: Comparison) -> None:
    text, facts = " ".join(str(flower).split()), flower.facts()
    for model in facts["models"]:
        assert model["name"] in text
        assert f"{100 * model['test_accuracy']:.1f} %" in text
    for sentence in facts["verdict"]:
        assert sentence in text
    assert "re-drawn splits" in text
    assert "other initial weights" in text
    assert "zeros: all alike" in text


def test_facts_are_plain_and_complete(flower: Comparison) -> None:
    facts = json.loads(json.dumps(flower.facts(), allow_nan=False))
    assert {"dataset", "base_rate", "models", "paired_tests"} <= facts.keys()
    for model in facts["models"]:
        assert {"name", "layer_dims", "learning_rate", "iterations", "costs", "seconds"} <= model.keys()
        assert {"train_accuracy", "test_accuracy", "test_interval"} <= model.keys()
        assert [iteration for iteration, _ in model["costs"]] == [0, 100, 149]
    assert facts["models"][0]["costs"][0][1] == pytest.approx(np.log(2))


def test_sampled_costs_hold_the_last_once() -> None:
    assert sampled_costs(History(np.arange(201.0))) == [[0, 0.0], [100, 100.0], [200, 200.0]]
    assert sampled_costs(History(np.arange(102.0))) == [[0, 0.0], [100, 100.0], [101, 101.0]]
    assert sampled_costs(History(np.array([5.0]))) == [[0, 5.0]]
    assert sampled_costs(History(np.empty(0))) == []
    assert sampled_costs(History(np.arange(7.0), every=3)) == [[0, 1.0], [3, 4.0], [6, 6.0]]


def test_an_interrupt_ends_the_comparison_and_keeps_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    started = 0

    def interrupted(*args: Any, **settings: Any) -> Iterator[Chunk]:
        nonlocal started
        started += 1
        for number, chunk in enumerate(chunks_of(*args, **settings)):
            yield chunk
            if started == 2 and number == 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(training, "chunks_of", interrupted)
    result = layerlab.compare("flower", models=[*QUICK, QUICK[0]], splits=2, progress=False)
    assert result.interrupted
    assert len(result.models) == 2
    assert 0 < len(result.models[1].run.history.costs) < 150
    assert result.resplits is None
    assert "Interrupted" in str(result)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seeds": 0}, "at least 1 seed"),
        ({"splits": 1}, "0 or at least 2 splits"),
        ({"splits": -1}, "0 or at least 2 splits"),
        ({"models": []}, "name some with models"),
        ({"folder": "somewhere"}, "does not apply"),
    ],
)
def test_requests_that_make_no_sense_are_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(layerlab.InputError, match=words):
        layerlab.compare("flower", progress=False, **options)  # type: ignore[arg-type]


def test_values_instead_of_classes_are_refused() -> None:
    part = Part(np.ones((1, 4)), np.array([[0.5, 1.5, 2.5, 3.5]]))
    with pytest.raises(layerlab.InputError, match="values, not classes"):
        layerlab.compare(Dataset("prices", part, part), progress=False)


def test_cats_give_the_published_accuracies(cats_folder: Path) -> None:
    cats = layerlab.datasets.load_cats(cats_folder)
    assert base_rate(cats.test.Y) == 0.66
    result = layerlab.compare(cats, models=SUITES["cats"].recipes[:1], progress=False)
    assert result.models[0].test_accuracy == 0.70
    assert result.training_majority == 0.34

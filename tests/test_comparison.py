"""Several networks on the same data: scores, paired tests, seeds, splits, words."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtri

import layerlab
from layerlab import Recipe
from layerlab.console import Console
from layerlab.datasets import Dataset, Part, load_breast_cancer, load_flower
from layerlab.datasets.part import base_rate
from layerlab.evaluating.comparisons.comparison import Comparison, ModelResult, paired_tests
from layerlab.evaluating.comparisons.recipe_training import train_recipe
from layerlab.evaluating.comparisons.recipes import SUITES
from layerlab.evaluating.comparisons.resplits import summarize_splits
from layerlab.evaluating.comparisons.words import options_to_train, print_comparison
from layerlab.evaluating.statistics import holm, wilson_interval
from layerlab.runs.history import History, sampled_costs
from layerlab.text import percent
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


def test_paired_test_counts_the_examples_on_which_two_models_disagree(flower: Comparison) -> None:
    (test,) = flower.paired_tests
    first, second = (model.right for model in flower.models)
    assert test.only_first == (first & ~second).sum()
    assert test.only_second == (second & ~first).sum()
    assert test.only_first != test.only_second
    assert (test.first, test.second) == ("logistic regression", "2-layer network")


def test_base_rate_is_the_share_of_the_majority_class_of_the_test_set() -> None:
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
    facts = result.facts()
    assert (facts["majority_class"], facts["training_majority_class"]) == ("b", "a")
    said = (
        "In the training set, another class ('a') is the majority. Always answering that one would be correct for 40.0 "
        "% of the test examples."
    )
    assert said in facts["verdict"]
    assert any(
        "always answering 'b', the majority class, which is correct for 60.0 %" in one for one in facts["verdict"]
    )


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


def test_splits_of_standardised_data_are_standardised_by_their_own_training_set() -> None:
    recipe = SUITES["breast_cancer"].recipes[0]
    result = layerlab.compare("breast_cancer", models=[recipe], splits=2, progress=False)
    assert result.resplits is not None
    first = load_breast_cancer().resplit(seed=0).standardized()
    assert result.resplits.models[0].accuracies[0] == train_recipe(recipe, first).accuracy(first.test)


def results(right: NDArray[np.bool_]) -> list[ModelResult]:
    """Networks that answer as (K, m) tells; they are called a, b, c …"""
    run = train_recipe(Recipe("x", (), 0.1, 1, initializer="zeros"), load_flower())
    return [
        ModelResult(Recipe(name, (), 1, 1), run, 1.0, float(one.mean()), (0.0, 1.0), one, ())
        for name, one in zip("abcdefghij", right, strict=False)
    ]


def test_verdict_says_that_it_can_be_luck_where_it_can() -> None:
    # 36 and 40 of 50, wrong on different examples: 10 to 6 by McNemar, p = 0.45
    (test,) = paired_tests(results(np.array([np.arange(50) < 36, np.roll(np.arange(50) < 40, 6)])))
    assert test.verdict == (
        "b 80.0 %, a 72.0 %. On 16 of the 50 test examples exactly one of them is right: b 10 times, a 6 times. If "
        "both were equally good, a result this one-sided would come up in 45.4 % of cases: it can be luck."
    )
    # 40 and 20, the right ones of the second among those of the first: 20 to 0
    (test,) = paired_tests(results(np.arange(50) < np.array([[40], [20]])))
    assert "a 20 times, b never" in test.verdict
    assert test.verdict.endswith("would come up in less than 0.1 % of cases: probably a real difference.")
    assert test.p_adjusted == test.p_value
    (test,) = paired_tests(results(np.arange(50) < np.array([[40], [40]])))
    assert "Both are right on exactly the same test examples." in test.verdict


def test_several_pairs_are_judged_allowing_for_their_number() -> None:
    # 7 to 0 is p = 0.0156, which is 0.047 of three pairs, and 0.09 of six
    right = np.ones((4, 360), np.bool_)
    right[0, :7] = False
    tests = paired_tests(results(right[:3]))
    assert [test.p_value for test in tests] == pytest.approx([0.015625, 0.015625, 1.0])
    assert [test.p_adjusted for test in tests] == pytest.approx([0.046875, 0.046875, 1.0])
    assert tests[0].verdict == (
        "b 100.0 %, a 98.1 %. On 7 of the 360 test examples exactly one of them is right: b 7 times, a never. If both "
        "were equally good, a result this one-sided would come up in 1.6 % of cases, and in 4.7 % once it is "
        "allowed for that three pairs were compared: probably a real difference."
    )
    tests = paired_tests(results(right))
    assert tests[0].p_adjusted == pytest.approx(6 * 0.015625)
    assert tests[0].verdict.endswith(
        "and in 9.4 % once it is allowed for that six pairs were compared: it can be luck."
    )


def first_answer(right: NDArray[np.bool_]) -> str:
    """The first sentences of a comparison of networks that classify so."""
    data = load_flower()
    models = tuple(results(right))
    return str(Comparison(data, 0.5, 0.5, models, paired_tests(models)).facts()["verdict"][0])


def test_the_first_sentence_says_which_network_is_best_and_whether_that_is_shown() -> None:
    places = np.arange(50)
    assert first_answer(places < np.array([[40], [20]])) == (
        "Best on the test set: a, 80.0 %. It is probably better than b (40.0 %)."
    )
    assert first_answer(places < np.array([[45], [43], [20]])) == (
        "Best on the test set: a, 90.0 %. It is probably better than c (40.0 %). It is not shown to be better than b "
        "(86.0 %): the difference can be luck."
    )
    assert first_answer(places < np.array([[45], [45], [43]])) == (
        "Best on the test set: a and b, 90.0 % each. They are not shown to be better than c (86.0 %): the difference "
        "can be luck."
    )
    assert first_answer(places < np.array([[45], [44], [43]])).endswith(
        "It is not shown to be better than b (88.0 %) or c (86.0 %): such differences can be luck."
    )
    assert first_answer(places < np.array([[45], [45]])) == (
        "Both networks have the same accuracy on the test set: 90.0 %."
    )
    assert first_answer(places < np.array([[45], [44], [43], [42], [10]])) == (
        "Best on the test set: a, 90.0 %. It is probably better than 1 of the 4 others. It is not shown to be better "
        "than 3 of the 4 others: such differences can be luck."
    )


def test_equal_scores_on_different_examples_show_nothing() -> None:
    (test,) = paired_tests(results(np.array([np.arange(50) < 40, np.arange(50) >= 10])))
    assert test.verdict == (
        "a 80.0 %, b 80.0 %. On 20 of the 50 test examples exactly one of them is right: each 10 times. Neither is "
        "shown to be better."
    )
    (test,) = paired_tests(results(np.array([np.arange(50) < 40, np.arange(50) >= 11])))
    assert test.verdict.endswith("a result this one-sided would come up nearly always: it can be luck.")
    (test,) = paired_tests(results(np.array([np.arange(50) < 40, np.arange(50) >= 12])))
    assert test.verdict.endswith("a result this one-sided would come up in 83.2 % of cases: it can be luck.")


def test_equally_good_networks_are_seldom_told_apart_and_unequal_ones_are() -> None:
    # the whole count: python -m benchmarks.several_networks
    random, models = np.random.RandomState(0), results(np.ones((10, 1), np.bool_))
    apart = {3: 0, 10: 0}
    for networks in apart:
        for _ in range(100):
            some = [replace(model, right=one) for model, one in zip(models, answers(random, networks), strict=False)]
            apart[networks] += any(test.p_adjusted < 0.05 for test in paired_tests(some))
    assert max(apart.values()) <= 11  # of 100; more come up in less than 1 % of cases where the truth is 5 %
    better = 0
    for _ in range(60):
        some = [replace(model, right=one) for model, one in zip(models, answers(random, 10, better=0.08), strict=True)]
        better += paired_tests(some)[0].p_adjusted < 0.05
    assert better >= 0.8 * 60


def answers(random: np.random.RandomState, networks: int, better: float = 0.0) -> NDArray[np.bool_]:
    """Right and wrong answers to 1000 examples whose difficulty the networks share; the first may be better."""
    accuracy = np.full((networks, 1), 0.8)
    accuracy[0] += better
    drawn = random.standard_normal(1000) + random.standard_normal((networks, 1000))
    right: NDArray[np.bool_] = drawn / np.sqrt(2) < ndtri(accuracy)
    return right


def test_the_base_rate_is_compared_with_several_networks_at_once() -> None:
    data = Dataset(
        "half", Part(np.ones((1, 100)), np.arange(100.0)[None] % 2), Part(np.ones((1, 100)), np.arange(100.0)[None] % 2)
    )
    models = results(np.arange(100) < np.array([[61], [50], [50]]))
    models = [replace(model, test_interval=wilson_interval(int(model.right.sum()), 100)) for model in models]
    said = {
        count: Comparison(data, 0.5, 0.5, tuple(models[:count]), paired_tests(models[:count])).facts()
        for count in (1, 3)
    }
    assert "a is better than always answering the majority class, which is correct for 50.0 %." in said[1]["verdict"]
    assert said[1]["models"][0]["base_rate_p_value"] == pytest.approx(0.0278, abs=1e-4)
    assert said[3]["models"][0]["base_rate_p_adjusted"] == pytest.approx(0.0834, abs=1e-4)
    assert (
        "None of the three networks is shown to be better than always answering the majority class, which is correct "
        "for 50.0 %. If a were no better, a difference this large would come up in 2.8 % of cases, and "
        "in 8.3 % once it is allowed for that three networks were compared: it can be luck." in said[3]["verdict"]
    )


def test_tests_over_splits_allow_for_the_number_of_pairs() -> None:
    data = load_flower()
    accuracies = [
        [0.5, *row] for row in ([0.80, 0.84, 0.80], [0.81, 0.84, 0.80], [0.80, 0.85, 0.81], [0.80, 0.84, 0.80])
    ]
    recipes = [Recipe(name, (), 1.0, 1) for name in "abc"]
    split = summarize_splits(data, recipes, accuracies)
    p_values = [test.p_value for test in split.paired_tests]
    assert [test.p_adjusted for test in split.paired_tests] == list(holm(p_values))
    first = split.paired_tests[0]
    assert "b is 4.0 percentage points ahead of a on average" in first.verdict
    assert f"and in {percent(first.p_adjusted)} once it is allowed for that three pairs were compared" in first.verdict
    assert [one.base_rate_p_adjusted for one in split.models] == list(
        holm([one.base_rate_p_value for one in split.models])
    )
    assert "it is allowed for" not in split.paired_tests[1].verdict  # a and c


@pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")
def test_a_network_that_diverged_has_no_accuracy_and_counts_in_no_test() -> None:
    wild = Recipe("wild", (4,), 1e200, 20)  # its logits are nan, and "the answer 0" was 50 % right
    result = layerlab.compare("flower", models=[*QUICK, wild], splits=2, progress=False)
    facts, text = result.facts(), " ".join(str(result).split())
    assert np.isnan(facts["models"][2]["test_accuracy"])
    assert "wild diverged and has no accuracy." in facts["verdict"]
    assert "2-layer network and wild are not compared: wild diverged." in text
    assert not any(bad in text for bad in ("nan to", "nan %", "nan points"))
    first, *others = facts["paired_tests"]
    assert first["p_adjusted"] == first["p_value"]  # one pair was tested
    assert all(np.isnan(test["p_value"]) for test in others)
    assert facts["verdict"][0].startswith("Best over 2 random splits: 2-layer network")
    assert "allowed for" not in text


def test_two_splits_that_agree_by_chance_are_no_proof() -> None:
    # one of 50 test examples more, twice: was p = 0
    data = Dataset("few", Part(np.ones((1, 200)), np.ones((1, 200))), Part(np.ones((1, 50)), np.ones((1, 50))))
    split = summarize_splits(
        data, [Recipe("a", (), 1.0, 1), Recipe("b", (), 1.0, 1)], [[0.5, 0.8, 0.82], [0.5, 0.84, 0.86]]
    )
    (test,) = split.paired_tests
    assert test.p_value > 0.05
    assert test.verdict.endswith("it can be luck.")


def test_printed_comparison_says_what_its_facts_say(flower: Comparison) -> None:
    text, facts = " ".join(str(flower).split()), flower.facts()
    for model in facts["models"]:
        assert model["name"] in text
        assert f"{100 * model['test_accuracy']:.1f} %" in text
    for sentence in facts["verdict"]:
        assert sentence in text
    assert "Test accuracy over 3 random splits" in text
    assert "other initial weights" in text
    assert "zeros: one run" in text


def test_short_lines_show_two_tables_of_whole_cells(flower: Comparison) -> None:
    for width, tables in ((60, 2), (80, 1)):
        file = io.StringIO()
        print_comparison(flower.facts(), "petals", Console(file=file, width=width, color_system=None))
        assert file.getvalue().count("network              ") >= tables
        assert "…" not in file.getvalue()
        assert sum("layers  " in line for line in file.getvalue().splitlines()) == tables


def test_the_best_network_is_trained_next_where_one_is_shown(flower: Comparison) -> None:
    facts = flower.facts()
    assert options_to_train(facts) == {"layers": "4"}  # over splits
    assert options_to_train({**facts, "resplits": None}) == {"layers": "4"}
    luck = [{**test, "p_adjusted": 0.5} for test in facts["paired_tests"]]
    assert options_to_train({**facts, "resplits": None, "paired_tests": luck}) is None


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

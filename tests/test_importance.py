"""Which columns a network's score depends on: what is shown, and what chance may have done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from members_by_hand import trained_by_hand
from scipy.stats import t

import layerlab
from layerlab import InputError, Network, Periodic, datasets
from layerlab.console import as_text
from layerlab.datasets import Dataset, Part
from layerlab.evaluating.explanations.attribute import attribute
from layerlab.evaluating.explanations.importance import permutation_importance
from layerlab.evaluating.explanations.words import how_many_matter, print_importance
from layerlab.evaluating.statistics import holm
from layerlab.runs.findings import Finding
from layerlab.runs.forward_statistics import effect_of_inputs

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")


def test_a_run_that_diverged_explains_nothing_though_its_parameters_are_finite() -> None:
    flower = datasets.load_flower()
    run = layerlab.train(Network([2, 3, 1]), flower, learning_rate=0.1, iterations=3, progress=False)
    diverged = replace(run, diagnosis=(Finding("diverged", "the cost is not finite", "", ""),))
    assert diverged.diverged
    with pytest.raises(InputError, match="the run diverged and has no predictions to explain"):
        permutation_importance(diverged, flower)
    with pytest.raises(InputError, match="the run diverged and has no predictions to explain"):
        attribute(diverged, flower.test.X)


def of_one_column(m: int, n_x: int, output: str = "sigmoid") -> tuple[layerlab.Run, Dataset]:
    """A linear network that answers by all columns, and data whose target comes from the first one alone."""
    X = np.random.RandomState(3).randn(n_x, m)
    Y = np.where(X[:1] > 0, 1.0, 0.0) if output == "sigmoid" else X[:1]
    data = Dataset("one column", Part(X, Y), Part(X, Y))
    network = Network([n_x, 1], output=output)
    run = layerlab.train(network, data, learning_rate=0.1, iterations=1, progress=False)
    W1 = np.where(np.arange(n_x) == 0, 1.0, 0.4 if n_x > 1 else 0.0)[None]
    return replace(run, parameters={"W1": W1, "b1": np.zeros((1, 1))}), data


def test_columns_are_shown_to_matter_by_the_adjusted_p_value() -> None:
    run, data = of_one_column(300, 60)
    some = permutation_importance(run, data)
    by_chance = int((some.intervals[:, 0] > 0).sum()) - 1
    assert by_chance > 0  # some of the 59 that the target does not know
    assert some.columns[0].name == "feature 1"
    assert some.p_adjusted.tolist() == list(holm(some.p_values.tolist()))
    reach = (some.intervals[:, 1] - some.intervals[:, 0]) / 2
    by_t = 2 * t.sf(np.abs(some.drops) * t.ppf(0.975, 299) / reach, 299)
    assert some.p_values == pytest.approx(by_t, rel=1e-6)
    facts = some.facts
    assert [one["p_adjusted"] for one in facts["columns"]] == some.p_adjusted.tolist()
    assert [one["p_value"] for one in facts["columns"]] == some.p_values.tolist()
    said = how_many_matter(facts["columns"])
    assert said == (
        "1 of 60 inputs is shown to matter: shuffling makes the predictions worse (paired t-test over the test "
        f"examples, p < 0.05 after Holm's correction for 60 tests). {by_chance} more intervals lie above 0, which can "
        "be luck among 60 inputs."
    )
    printed = as_text(lambda console: print_importance(facts, console))
    assert "p, adjusted" in printed
    assert " ".join(said.split()) in " ".join(printed.split())


@pytest.mark.parametrize("output", ["sigmoid", "identity"])
def test_a_few_examples_show_nothing(output: Any) -> None:
    run, data = of_one_column(400, 1, output)
    assert how_many_matter(permutation_importance(run, data).facts["columns"]).startswith(
        "1 of 1 input is shown to matter: shuffling makes the predictions worse ("
    )
    X = np.array([[-2.0, 2.0]])
    two = replace(data, test=Part(X, X if output == "identity" else np.array([[0.0, 1.0]])))
    some = permutation_importance(run, two, repeats=20)
    assert some.drops[0] > 0.2  # both examples are worse by the same
    assert some.p_values[0] == 0.5
    assert how_many_matter(some.facts["columns"]).startswith("None of 1 input is shown to matter (")


@pytest.mark.parametrize("members", [False, True])
@pytest.mark.parametrize("waves", [False, True])
def test_members_and_waves_are_shuffled_in_what_they_answer_together(members: bool, waves: bool) -> None:
    """A second way: the same shuffles, and the run's own predictions for them."""
    X = np.random.RandomState(1).randn(3, 90)
    Y = np.sin(3 * X[:1]) + 0.3 * X[1:2]
    data = Dataset("waves", Part(X[:, :60], Y[:, :60]), Part(X[:, 60:], Y[:, 60:]))
    network = Network([3, 5, 1], output="identity", embedding=Periodic([0]) if waves else None)
    run = trained_by_hand(network, data, learning_rate=0.02, iterations=100, optimizer="adam")
    run = run if members else run.member(0)
    some = permutation_importance(run, data, repeats=2, seed=4)
    random = np.random.RandomState(4)
    order = random.permutation(30)
    X_test, Y_test = (array[:, order] for array in data.test)
    before = np.abs(run.predict(X_test) - Y_test).mean()
    drops = {}
    for j in range(3):
        found = []
        for _ in range(2):
            shuffled = X_test.copy()
            shuffled[j] = X_test[j, random.permutation(30)]
            found.append(np.abs(run.predict(shuffled) - Y_test).mean() - before)
        drops[f"feature {j + 1}"] = np.mean(found)
    assert some.base == pytest.approx(before)
    for column, drop in zip(some.columns, some.drops, strict=True):
        assert drop == pytest.approx(drops[column.name], abs=1e-12)
    if waves and members:
        assert some.columns[0].name == "feature 1"


def test_the_effects_of_inputs_on_several_members_are_the_norm_of_theirs() -> None:
    network = Network([3, 2, 1], output="identity", embedding=Periodic([1], frequencies=4, outputs=2))
    X = np.random.RandomState(0).randn(3, 50)
    single = [network.initial_parameters(seed=seed) for seed in (1, 2)]
    both = {name: np.stack([one[name] for one in single]) for name in single[0]}
    alone = [effect_of_inputs(network, one, X) for one in single]
    np.testing.assert_allclose(effect_of_inputs(network, both, X), np.hypot(*alone))

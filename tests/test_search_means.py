"""What a search says of held-out examples: means over examples in blocks of any size, and nothing of what diverged."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from searches import points, small

import layerlab
from layerlab import Network
from layerlab.formulas import LOSSES, network_forward
from layerlab.runs.findings import Finding
from layerlab.tuning.search.collecting import trial_result
from layerlab.tuning.search.estimates import Choice, correctness, estimate, paired
from layerlab.tuning.search.on_test_set import predicted
from layerlab.tuning.search.proposals.candidate import Candidate
from layerlab.tuning.search.proposals.known_networks import KnownNetwork
from layerlab.tuning.search.result import Nested, judged_at_once
from layerlab.tuning.search.trials.known_training import train_known
from layerlab.tuning.search.trials.population import SharedSettings
from layerlab.tuning.search.trials.scoring import best_moment, best_moments
from layerlab.tuning.search.trials.search_data import SearchData
from layerlab.tuning.search.trials.task_training import TaskProgress, train_task
from layerlab.tuning.search.trials.tasks import split_into_tasks
from layerlab.tuning.search.worth import rival_sentences, score_sentences

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")

SETTINGS: dict[str, Any] = {"depth": 0, "optimizer": "gd", "initializer": "he", "learning_rate": 0.3, "iterations": 30}


def uneven() -> SearchData:
    """Folds of 60, 20 and 10 examples, as groups make them."""
    X, Y = points()
    fold = np.repeat([0, 1, 2], [60, 20, 10]).astype(np.int32)
    return SearchData(X, Y, "sigmoid", fold, fold)


def losses_of(search_data: SearchData, run: layerlab.Run) -> Any:
    Z, _ = network_forward(search_data.X, run.parameters, run.network.activations)
    return LOSSES["sigmoid"].losses(Z, search_data.Y)


# Blocks of different sizes


def test_the_moment_is_best_for_the_examples_and_not_for_the_blocks() -> None:
    curves, sizes = np.array([[0.1, 0.1, 0.6], [0.5, 0.5, 0.4]]), np.array([10, 10, 100])
    assert best_moment(curves, sizes) == 1
    assert best_moments(curves, sizes).tolist() == [1, 1, 0]
    assert best_moment(curves, np.array([10, 10, 10])) == 0


@pytest.mark.parametrize("batch_size", [None, 16])
def test_curves_and_the_live_view_are_means_over_examples(batch_size: int | None) -> None:
    search_data = uneven()
    candidate = Candidate(0, {**SETTINGS, "batch_size": batch_size, "l2": 5.0})
    (task,) = split_into_tasks(0, [candidate], search_data, 1)
    shared = SharedSettings("cost", 1, 1, 0, "float64", "numpy")
    seen: list[TaskProgress] = []
    outcome = train_task(search_data, task, shared, watcher=seen.append)
    state: Any = SimpleNamespace(shared=shared, search_data=search_data)
    result = trial_result(outcome, 0, candidate, state)
    runs = [
        layerlab.train(
            candidate.network(6, 1, "sigmoid"),
            (search_data.X, search_data.Y),
            sample_weight=weights,
            progress=False,
            **candidate.settings,
        )
        for weights in search_data.weights()
    ]
    losses = np.stack([losses_of(search_data, run) for run in runs])
    held_out = search_data.fold == np.arange(3)[:, None]
    assert result.curve[-1] == pytest.approx(losses[held_out].mean(), rel=1e-9)
    assert result.trained[-1] == pytest.approx(losses[~held_out].mean(), rel=1e-9)
    assert seen[-1].costs == list(result.curve)
    at = best_moments(outcome.curves(0, "cost"), search_data.sizes)
    right = outcome.accuracy[0][at, np.arange(3)] @ search_data.sizes
    assert result.accuracy == pytest.approx(right / 90)


def test_what_a_known_network_costs_on_its_training_examples() -> None:
    search_data = uneven()
    settings = {name: value for name, value in SETTINGS.items() if name != "depth"}
    known = KnownNetwork(-1, "logistic regression", (), "relu", {**settings, "l2": 5.0})
    outcome = train_known(search_data, known, SharedSettings("cost", 1, 1, 0, "float64", "numpy"))
    assert not outcome.failed
    losses = [
        losses_of(
            search_data,
            layerlab.train(
                known.network(6, 1, "sigmoid"),
                (search_data.X, search_data.Y),
                sample_weight=weights,
                progress=False,
                **known.settings(90),
            ),
        )[weights > 0]
        for weights in search_data.weights()
    ]
    assert outcome.trained[0, 0] == pytest.approx(np.concatenate(losses).mean(), rel=1e-9)


# Networks that diverged


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_predictions_of_nan_are_no_answers(output: str) -> None:
    Y = np.eye(2)[:, [0, 0, 0, 1]] if output == "softmax" else np.array([[0.0, 0.0, 0.0, 1.0]])
    nothing = estimate(output, np.full(Y.shape, np.nan), Y)
    assert np.isnan([nothing.figure, nothing.low, nothing.high, nothing.cost]).all()
    half = Y.copy()
    half[:, 0] = np.nan
    assert np.isnan(correctness(output, half, Y)).tolist() == [True, False, False, False]
    assert np.isnan(estimate(output, half, Y, 3).figure)
    fine = estimate(output, 0.2 + 0.6 * Y, Y)
    assert fine.figure == 1
    assert paired(output, fine, nothing, Y)[:2] == (0, 0)
    assert np.isnan(paired(output, fine, nothing, Y)[2])


def test_a_run_that_diverged_predicts_nothing_on_the_test_set() -> None:
    flower = layerlab.datasets.load_flower()
    run = layerlab.train(Network([2, 3, 1]), flower, learning_rate=0.1, iterations=3, progress=False)
    assert np.isfinite(predicted(run, flower.test.X)).all()
    diverged = replace(run, diagnosis=(Finding("diverged", "the cost is not finite", "", ""),))
    assert diverged.diverged
    assert np.isnan(predicted(diverged, flower.test.X)).all()


def test_a_known_network_that_diverged_on_the_test_set_is_not_compared() -> None:
    found = small(trials=4, batch=4, workers=0, engine="numpy")
    assert found.choice is not None and found.test is not None and found.rivals  # noqa: PT018
    choice = Choice((found.trials[0].candidate.number,), found.choice.score)
    rival = found.rivals[0]
    nothing = estimate("sigmoid", np.full((1, 40), np.nan), np.zeros((1, 40)))
    one = rival._replace(test=nothing, test_paired=paired("sigmoid", found.test, nothing, np.zeros((1, 40))))
    other = rival._replace(number=rival.number - 1, name="other network")
    judged = judged_at_once([one, other], choice)
    assert np.isnan(judged[0].test_adjusted)  # type: ignore[arg-type]
    assert judged[1].test_adjusted == other.test_paired[2]  # type: ignore[index]
    facts = replace(found, choice=choice, rivals=judged, nested=Nested(nothing, (float("nan"),), ("",))).facts()
    facts = json.loads(json.dumps(facts, allow_nan=False))
    assert facts["rivals"][0]["test_paired"] == [0, 0, None]
    assert facts["rivals"][0]["test_p_adjusted"] is None
    said = list(rival_sentences(facts))
    assert f"The choice and the {rival.name} are not compared on the test examples: one of them diverged." in said[0]
    same = (
        "Chosen network 30.0 %, other network 30.0 %. Both are right on exactly the same test examples. On the 90 held-"
    )
    assert said[-1].startswith(same)
    sides = {"cross_fitted_paired": [9, 1, 0.021], "test_paired": [9, 1, 0.021], "test_p_adjusted": 0.021}
    facts["rivals"][1] |= sides | {"cross_fitted_p_adjusted": 0.042}
    both = list(rival_sentences(facts))[-1]  # of two pairs on the held-out examples, of one on the test set
    facts["rivals"][1]["test_paired"] = None
    held_out = list(rival_sentences(facts))[-1]
    assert held_out.endswith(
        "and in 4.2 % once it is allowed for that two pairs were compared: probably a real difference."
    )
    assert "this one-sided would come up in 2.1 % of cases: probably a real difference. On the 90 held-out" in both
    assert "There is no nested estimate: the network that was chosen without one of the outer folds diverged." in list(
        score_sentences(facts)
    )

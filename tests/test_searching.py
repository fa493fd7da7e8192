"""The parts of a search: its space, folds, tasks, halving, scores and choices."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import layerlab
from layerlab import InputError
from layerlab.datasets.folds import split_into_folds
from layerlab.formulas.arrays import Floats
from layerlab.tuning.search.estimates import prediction_losses
from layerlab.tuning.search.model_selection import FinishedTrial, ModelSelection
from layerlab.tuning.search.proposals.candidate import Candidate
from layerlab.tuning.search.proposals.sampler import EndedTrial, propose_batch, record_trials, recorded_trials
from layerlab.tuning.search.proposals.space import Range, Space, read_space, usual_space, with_changes
from layerlab.tuning.search.proposals.what_mattered import what_mattered
from layerlab.tuning.search.trials.halving import kept_trials, moments, rungs, scores_in_question
from layerlab.tuning.search.trials.population import SharedSettings
from layerlab.tuning.search.trials.scoring import best_moment, best_moments, decision_scores, score
from layerlab.tuning.search.trials.search_data import ALWAYS_TRAINED, SearchData, split_into_blocks
from layerlab.tuning.search.trials.task_training import train_task
from layerlab.tuning.search.trials.tasks import Task, split_into_tasks

HOW = SharedSettings("cost", 3, 1, 0, "float64", "numpy")
SIZES = np.array([10, 10, 10])


# the space


def test_wide_data_get_optimisers_that_train_in_the_span() -> None:
    wide, narrow = usual_space(12288, 209, True), usual_space(30, 455, True)
    assert set(wide.dimensions["optimizer"]) == {"gd", "nesterov"}  # type: ignore[arg-type]
    assert "adamw" in narrow.dimensions["optimizer"]  # type: ignore[operator]
    assert "weight_decay" in narrow.dimensions
    assert "weight_decay" not in wide.dimensions


def test_a_space_is_changed_by_values_lists_and_ranges(tmp_path: Path) -> None:
    file = tmp_path / "space.toml"
    file.write_text('depth = 1\nhidden = ["relu"]\nlearning_rate = { low = 0.1, high = 1, log = true }\n')
    space = with_changes(usual_space(30, 455, True), read_space(file))
    assert space.dimensions["depth"] == (1,)
    assert space.dimensions["learning_rate"] == Range(0.1, 1.0, True)
    assert "learning_rate (adamw)" not in space.dimensions  # one range was given, for all
    own = with_changes(usual_space(30, 455, True), {"learning_rate": {"adamw": {"low": 0.1, "high": 0.2}}})
    assert own.dimensions["learning_rate (adamw)"] == Range(0.1, 0.2)
    assert isinstance(own.dimensions["learning_rate"], Range)
    named = with_changes(usual_space(30, 455, True), {"layers": ["none", "20, 7, 5"]})
    assert named.dimensions["layers"] == ("none", "20,7,5")
    assert "depth" not in named.dimensions
    assert "weight_decay" not in with_changes(usual_space(30, 455, True), {"optimizer": "gd"}).dimensions


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lerning_rate": 1}, "'lerning_rate' in the search space: wanted one of depth"),
        ({"learning_rate": {"low": 1, "high": 0.1}}, "from 1 to 0.1: wanted low at most high"),
        ({"l2": {"low": 0, "high": 1, "log": True}}, "wanted low above 0, for its logarithm is taken"),
        ({"l2": {"low": 0}}, "wanted low and high"),
        ({"hidden": {"low": 0, "high": 1}}, "wanted a value or a list of values, no range"),
        ({"depth": []}, "is an empty list"),
        ({"depth": [1, 1]}, "1 is given twice"),
        ({"depth": -1}, "wanted a whole number of at least 0"),
        ({"optimizer": "lbfgs"}, "cannot share a program"),
        ({"layers": "20;7"}, "wanted sizes such as '20,7,5', or 'none'"),
        ({"layers": "20", "width": 3}, "wanted one of the two ways"),
        ({"dropout": 1.0}, "below 1"),
        ([("depth", 1)], "wanted a table of hyperparameters"),
    ],
)
def test_a_wrong_space_is_refused(changes: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        with_changes(usual_space(30, 455, True), changes)  # type: ignore[arg-type]


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "space.toml"
    with pytest.raises(InputError, match="there is no such file"):
        read_space(file)
    file.write_text("depth: 1")
    with pytest.raises(InputError, match="is no TOML"):
        read_space(file)


def test_a_candidate_says_what_train_takes() -> None:
    one = Candidate(
        3, {"depth": 3, "width": 10, "taper": 0.5, "hidden": "tanh", "batch_size": "all", "learning_rate (adamw)": 0.1}
    )
    assert one.layers == (10, 5, 2)
    assert one.settings == {"batch_size": None, "learning_rate": 0.1}
    assert Candidate(0, {"layers": "none"}).layers == ()
    assert str(one) == "hidden layers 10-5-2 (tanh), learning_rate 0.1"


# proposals


SPACE = Space(
    {"depth": (0, 1), "width": Range(4, 32, True), "optimizer": ("gd",), "learning_rate": Range(0.01, 1, True)}
)


def _told(candidates: list[Candidate]) -> list[EndedTrial]:
    worth = [np.array([abs(math.log(one.values["learning_rate"] / 0.1))]) for one in candidates]
    return [EndedTrial(one, {9: value}, pruned=False) for one, value in zip(candidates, worth, strict=True)]


def test_a_batch_depends_on_seed_number_and_what_was_told(tmp_path: Path) -> None:
    journal = tmp_path / "journal.log"
    first = propose_batch(SPACE, 0, 0, 0, 40, journal)
    assert first == propose_batch(SPACE, 0, 0, 0, 40, journal)
    assert first != propose_batch(SPACE, 1, 0, 0, 40, journal)
    record_trials(SPACE, journal, _told(first))
    record_trials(SPACE, journal, _told(first))  # nothing is counted twice
    assert recorded_trials(journal) == 40
    second = propose_batch(SPACE, 0, 1, 40, 20, journal)
    assert second == propose_batch(SPACE, 0, 1, 40, 20, journal)
    assert [one.number for one in second] == list(range(40, 60))
    near = [abs(math.log(one.values["learning_rate"] / 0.1)) for one in second]
    assert np.median(near) < np.median([one.scores[9][0] for one in _told(first)]) / 2  # it has learned
    mattered = what_mattered(journal)
    assert mattered is not None
    assert list(mattered.shares) == ["learning_rate"]
    assert mattered.shares["learning_rate"] > 0.5


def test_which_settings_mattered_is_told_from_enough_trials_and_not_of_chance(tmp_path: Path) -> None:
    more: dict[str, Any] = {"depth": (1,), "width": Range(4, 32, True), "optimizer": ("gd", "nesterov")}
    space = Space({**more, "learning_rate": Range(0.01, 1, True)})
    some, random = propose_batch(space, 0, 0, 0, 24, tmp_path / "none"), np.random.RandomState(0)
    chance = [EndedTrial(one, {9: random.randn(1)}, pruned=False) for one in some]
    record_trials(space, tmp_path / "few", _told(some[:23]))
    few = what_mattered(tmp_path / "few")
    assert few is not None
    assert (few.shares, few.trials, few.settings, few.wanted) == ({}, 23, 3, 24)
    record_trials(space, tmp_path / "enough", _told(some))
    enough = what_mattered(tmp_path / "enough")
    assert enough is not None
    assert list(enough.shares) == ["learning_rate"]
    record_trials(space, tmp_path / "chance", chance)
    of_chance = what_mattered(tmp_path / "chance")
    assert of_chance is not None
    assert of_chance.shares == {}
    assert of_chance.chance > 0.5


def test_a_trial_without_hidden_layers_is_asked_for_no_width(tmp_path: Path) -> None:
    for one in propose_batch(SPACE, 0, 0, 0, 20, tmp_path / "j"):
        assert ("width" in one.values) == (one.values["depth"] > 0)


# folds and blocks


def test_folds_have_a_share_of_every_class_and_keep_groups_together() -> None:
    Y = (np.arange(100) < 30).astype(float)[None]
    fold = split_into_folds(Y, 5, True, 0)
    assert np.bincount(fold).tolist() == [20] * 5
    assert [Y[0, fold == i].sum() for i in range(5)] == [6.0] * 5
    groups = np.arange(100) // 7
    fold = split_into_folds(Y, 5, True, 0, groups)
    assert all(len(np.unique(fold[groups == group])) == 1 for group in groups)
    with pytest.raises(InputError, match="no more than the 15 groups"):
        split_into_folds(Y, 20, True, 0, groups)


@pytest.mark.parametrize(("folds", "blocks"), [(1, 4), (2, 4), (3, 3), (5, 5)])
def test_there_are_blocks_enough_to_pick_to_rank_and_to_report(folds: int, blocks: int) -> None:
    Y = (np.arange(90) % 2).astype(float)[None]
    fold = np.repeat([ALWAYS_TRAINED, 0], [30, 60]) if folds == 1 else split_into_folds(Y, folds, True, 0)
    block = split_into_blocks(Y, fold.astype(np.int32), True, 0)
    held_out = fold != ALWAYS_TRAINED
    assert len(np.unique(block[held_out])) == blocks
    assert all(len(np.unique(fold[block == b])) == 1 for b in range(blocks))  # each within a fold


# scores


def test_a_block_is_counted_at_the_moment_that_the_others_pick() -> None:
    curves = np.array([[0.6, 0.7, 0.7], [0.4, 0.5, 0.6], [0.5, 0.3, 0.5]])
    assert best_moments(curves, SIZES).tolist() == [2, 1, 2]
    assert score(curves, SIZES) == pytest.approx((0.5 + 0.5 + 0.5) / 3)
    assert best_moment(curves, SIZES) == 2


@given(st.integers(0, 2**32 - 1), st.integers(0, 3))
def test_what_is_kept_for_a_report_has_no_say(seed: int, without: int) -> None:
    random = np.random.RandomState(seed)
    curves = random.rand(6, 4)
    changed = curves.copy()
    changed[:, without] = random.rand(6)
    others = np.arange(4) != without
    sizes = np.array([5, 6, 7, 8])
    at, then = (best_moments(some, sizes, without) for some in (curves, changed))
    np.testing.assert_array_equal(at[others], then[others])
    assert decision_scores(curves, sizes)[1 + without] == decision_scores(changed, sizes)[1 + without]
    # picked by the others alone
    assert at[without] == then[without]


def test_a_block_that_diverged_counts_as_infinitely_bad() -> None:
    curves = np.array([[0.6, 0.7, 0.7], [np.inf, 0.5, np.nan]])
    assert best_moments(curves, SIZES).tolist() == [0, 0, 0]
    assert score(np.full((2, 3), np.inf), SIZES) == math.inf


# halving


@given(st.integers(1, 100_000), st.integers(1, 5))
def test_moments_rise_to_the_end_and_hold_the_rungs(iterations: int, eta: int) -> None:
    when = moments(iterations, eta)
    assert when == sorted(set(when))
    assert when[-1] == iterations
    assert set(rungs(iterations, eta)) <= set(when)
    assert when[0] >= 1


def test_a_third_of_all_that_were_seen_is_kept() -> None:
    own = np.array([[0.3], [0.1], [0.2], [np.inf]])
    assert kept_trials(own, [], 3).ravel().tolist() == [False, True, True, False]
    seen = [np.array([0.05])] * 8  # earlier trials were better
    assert not kept_trials(own, seen, 3).any()
    assert kept_trials(own, [np.array([1.0])] * 8, 3).ravel().tolist() == [True, True, True, False]
    assert kept_trials(own, [], 1).ravel().tolist() == [True, True, True, False]


def test_a_decision_ranks_only_those_that_it_kept_before() -> None:
    scores, passed = np.array([[0.3], [0.1], [0.2]]), np.array([[1], [0], [1]])
    asked = scores_in_question(scores, passed, 1)
    assert kept_trials(asked, [], 2).ravel().tolist() == [False, False, True]
    seen = [scores_in_question(np.array([0.0]), np.array([0]), 1)] * 9
    assert kept_trials(asked, seen, 2).ravel().tolist() == [False, False, True]
    assert not kept_trials(np.full((2, 1), np.nan), [], 2).any()


# tasks


def _material(m: int = 60, n_x: int = 3) -> SearchData:
    random = np.random.RandomState(0)
    X = random.randn(n_x, m)
    Y = (X[:1] + X[1:2] > 0).astype(float)
    fold = split_into_folds(Y, 3, True, 0)
    return SearchData(X, Y, "sigmoid", fold, fold)


def _candidates(n: int) -> list[Candidate]:
    space = with_changes(usual_space(3, 60, True), {"iterations": 27, "width": {"low": 4, "high": 30}})
    with tempfile.TemporaryDirectory() as folder:
        return propose_batch(space, 0, 0, 0, n, Path(folder) / "j")


def test_every_trial_is_in_one_task_with_those_that_share_its_program() -> None:
    candidates = _candidates(30)
    tasks = split_into_tasks(0, candidates, _material(), 1)
    assert sorted(one.number for task in tasks for one in task.candidates) == list(range(30))
    assert len({task.name for task in tasks}) == len(tasks)
    for task in tasks:
        assert len({(one.settings["optimizer"], len(one.layers)) for one in task.candidates}) == 1
        assert all(
            own <= padded for one in task.candidates for own, padded in zip(one.layers, task.at_least, strict=True)
        )
    assert tasks == split_into_tasks(0, list(reversed(candidates)), _material(), 1)


# running


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_a_task_gives_up_all_but_the_best_and_keeps_what_they_say(engine: str) -> None:
    rates = [1e-4, 1e-3, 0.01, 0.1, 0.5, 1.0]
    own = {
        "depth": 1,
        "width": 5,
        "hidden": "tanh",
        "optimizer": "gd",
        "iterations": 90,
        "l2": 0.1,
        "initializer": "he",
    }
    candidates = tuple(Candidate(i, {**own, "learning_rate": rate}) for i, rate in enumerate(rates))
    search_data = _material()
    outcome = train_task(search_data, Task("0000-00", candidates, (8,)), HOW._replace(engine=engine))
    assert not outcome.failed
    assert outcome.finished(5)
    assert not outcome.finished(0)
    done = [i for i in range(6) if outcome.finished(i)]
    assert 1 <= len(done) < 6
    assert np.isnan(outcome.predictions[0]).all()
    assert np.isfinite(outcome.predictions[5]).all()
    # each example was judged by the model that was not trained on it
    fold = search_data.fold == 0
    at = int(outcome.moments[best_moments(outcome.curves(5, "cost"), search_data.sizes)[0]])
    alone = layerlab.train(
        candidates[5].network(3, 1, "sigmoid"),
        (search_data.X, search_data.Y),
        sample_weight=(~fold).astype(float),
        **{**candidates[5].settings, "iterations": at},
        engine="numpy",
    )
    np.testing.assert_allclose(
        outcome.predictions[5][0][:, fold], alone.predict_proba(search_data.X[:, fold]), rtol=1e-5, atol=1e-6
    )


def test_a_trial_that_cannot_be_trained_is_reported_and_disturbs_no_other() -> None:
    own = {"depth": 0, "optimizer": "gd", "iterations": 9, "l2": 0.1, "initializer": "he"}
    bad = Candidate(0, {**own, "learning_rate": 0.1, "batch_size": 1000})
    good = Candidate(1, {**own, "learning_rate": 0.1, "batch_size": 1000})._replace(
        values={**own, "learning_rate": 0.1}
    )
    outcome = train_task(_material(), Task("0000-00", (bad, good), ()), HOW)
    assert "batch_size=1000: wanted at most the 60 training examples" in outcome.failed[0]
    assert outcome.finished(1)


def test_a_trial_that_diverges_says_when() -> None:
    own = {"depth": 1, "width": 5, "hidden": "relu", "optimizer": "gd", "iterations": 60, "initializer": "he"}
    candidates = tuple(Candidate(i, {**own, "learning_rate": rate}) for i, rate in enumerate([0.1, 1e200]))
    outcome = train_task(_material(), Task("0000-00", candidates, (5,)), HOW._replace(eta=1))
    assert outcome.diverged[0] == 0
    assert outcome.diverged[1] > 0
    assert outcome.curves(1, "cost")[-1].tolist() == [math.inf] * 3


# choosing


def _finished(number: int, predictions: Floats, Y: Floats, search_data: SearchData) -> FinishedTrial:
    losses = prediction_losses("sigmoid", predictions, Y)
    curves = np.array([[losses[search_data.block == b].mean() for b in range(3)]])
    right = ((predictions > 0.5) == Y).mean(axis=0)
    accuracy = np.array([[right[search_data.block == b].mean() for b in range(3)]])
    every = np.repeat(predictions[None].astype(np.float32), 3, axis=0)
    return FinishedTrial(number, curves, every, accuracy, 9, np.ones(4, bool))


def test_an_average_is_chosen_where_it_ranks_better_and_not_otherwise() -> None:
    search_data, random = _material(), np.random.RandomState(1)
    truth = 0.6 * (2 * search_data.Y - 1)
    noisy = [1 / (1 + np.exp(-(truth + 2 * random.randn(*truth.shape)))) for _ in range(4)]
    trials = [_finished(i, one, search_data.Y, search_data) for i, one in enumerate(noisy)]
    assert len(ModelSelection(search_data, "cost", trials).choice().trials) > 1
    assert len(ModelSelection(search_data, "cost", trials, averages=False).choice().trials) == 1
    perfect = _finished(9, np.clip(search_data.Y, 0.01, 0.99), search_data.Y, search_data)
    assert ModelSelection(search_data, "cost", [*trials, perfect]).choice().trials == (9,)


def test_every_example_is_counted_once_by_a_choice_it_had_no_part_in() -> None:
    search_data = _material()
    # two trials: each right on its own block only, and wrong elsewhere; whoever looks at all picks the larger luck
    said = [np.where(search_data.block[None] == b, search_data.Y, 1 - search_data.Y) * 0.8 + 0.1 for b in range(2)]
    trials = [_finished(b, one, search_data.Y, search_data) for b, one in enumerate(said)]
    cross, choices = ModelSelection(search_data, "cost", trials, averages=False).cross_fitted()
    assert [one.trials[0] for one in choices[:2]] == [1, 0]  # the luck on a block has no say in it
    assert cross.figure == 0.0
    assert ModelSelection(search_data, "cost", trials).naive() == pytest.approx(1 / 3, abs=0.02)


def test_halving_has_its_say_without_each_block() -> None:
    search_data = _material()
    good = _finished(0, np.clip(search_data.Y, 0.1, 0.9), search_data.Y, search_data)
    barred = good._replace(number=1, curves=good.curves / 2, eligible=np.array([True, False, True, True]))
    selection = ModelSelection(search_data, "cost", [good, barred], averages=False)
    assert selection.choice().trials == (1,)
    assert selection.choice(without=0).trials == (0,)

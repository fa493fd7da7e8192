"""Networks that were known before a search take part in it: trained on the same folds, ranked, averaged, chosen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from searches import dataset, points, small, summary, table

import layerlab
from layerlab.datasets import Dataset, load_breast_cancer
from layerlab.datasets.folds import split_into_folds
from layerlab.reporting.search_page import search_facts, search_page
from layerlab.training.usual_members import usual_members
from layerlab.tuning.search.estimates import Choice, Estimate
from layerlab.tuning.search.proposals.known_networks import KnownNetwork, known_networks
from layerlab.tuning.search.result import Rival, judged_at_once
from layerlab.tuning.search.state import SearchState
from layerlab.tuning.search.trials.known_training import train_known
from layerlab.tuning.search.trials.outcome import Outcome
from layerlab.tuning.search.trials.population import SharedSettings
from layerlab.tuning.search.trials.search_data import SearchData, split_into_blocks
from layerlab.tuning.search.words import known_sentence
from layerlab.tuning.search.worth import members_text, rival_sentences

BAD: dict[str, Any] = {
    "layers": "none",
    "optimizer": "nesterov",
    "learning_rate": [1e-6, 2e-6, 3e-6],
    "iterations": 20,
    "initializer": "he",
    "batch_size": "all",
}
"""A space in which every network is far worse than a logistic regression."""


def searched(space: dict[str, Any] = BAD, data: Dataset | None = None, **how: Any) -> layerlab.Search:
    given = {"trials": 3, "folds": 3, "workers": 0, "engine": "numpy", "by": "cost", "space": space, **how}
    return layerlab.search(load_breast_cancer() if data is None else data, **given)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> layerlab.Search:
    return searched(folder=tmp_path_factory.mktemp("searches") / "bad")


def test_a_known_network_is_chosen_where_no_trial_ranks_better(found: layerlab.Search) -> None:
    assert found.choice is not None and found.cross is not None  # noqa: PT018
    assert all(number < 0 for number in found.choice.trials)
    names = [one.candidate.name for one in found.known if isinstance(one.candidate, KnownNetwork)]
    assert names == ["logistic regression", "2-layer network", "4-layer network"]
    assert [one.candidate.number for one in found.known] == [-3, -2, -1]
    best = max(one.cross.figure for one in found.rivals if one.cross)
    assert found.cross.figure >= best - 0.02
    assert found.cross.cost <= min(one.cross.cost for one in found.rivals if one.cross) + 0.02
    assert len(found.trials) == 3, "they are none of the proposed trials"
    assert found.looks == 1


@pytest.mark.processes
def test_the_chosen_known_network_is_trained_kept_and_said(found: layerlab.Search) -> None:
    alone = searched(ensemble=False)
    assert alone.choice is not None
    (number,) = alone.choice.trials
    own = {one.number: one for one in alone.rivals}[number]
    assert own.test_paired == (0, 0, 1.0)
    facts = alone.facts()
    assert "No trial ranked higher." in known_sentence(facts)
    assert not any(own.name in line for line in rival_sentences(facts)), "it is not compared with itself"
    assert f": the {own.name}, with accuracy" in str(alone)
    assert (
        "trained on the same folds and ranked with the trials by cost on the held-out examples: the logistic "
        f"regression ({facts['known'][0]['score']:.4f})"
    ) in search_page(facts)
    for place, run in zip(found.facts()["chosen"], found.runs, strict=True):
        kept = layerlab.load(found.folder / place)
        assert all((kept.parameters[name] == value).all() for name, value in run.parameters.items())
    assert search_facts(found.folder) == json.loads(json.dumps(found.facts()))


def test_several_known_networks_are_judged_at_once() -> None:
    nothing = Estimate(0.5, 0.4, 0.6, 0.7, np.ones(2))
    p_values = {-4: 0.02, -3: 0.03, -2: 0.2, -1: 1e-9}
    rivals = [Rival(number, "", nothing, nothing, (1, 2, p), (1, 2, p)) for number, p in p_values.items()]
    judged = judged_at_once(rivals, Choice((-1,), 0.5))  # which is not compared with itself
    assert [one.cross_adjusted for one in judged] == pytest.approx([0.06, 0.06, 0.2, 1.0])
    assert [one.test_adjusted for one in judged] == pytest.approx([0.06, 0.06, 0.2, 1.0])
    before = judged_at_once([one._replace(test=None, test_paired=None) for one in rivals], Choice((5, -1), 0.5))
    assert [one.cross_adjusted for one in before] == pytest.approx([0.06, 0.06, 0.2, 4e-9])
    assert [one.test_adjusted for one in before] == [None] * 4


def test_the_verdict_goes_by_the_adjusted_p_value(found: layerlab.Search) -> None:
    facts = found.facts() | {"choice": {"trials": [0]}}
    one, two, three = facts["rivals"]
    held_out = {"cross_fitted_paired": [60, 40, 0.04], "cross_fitted_p_adjusted": 0.12, "test_paired": None}
    facts["rivals"] = [{**one, **held_out}, two, three]
    told = next(iter(rival_sentences(facts)))
    assert told.endswith(
        "would come up in 4.0 % of cases, and in 12.0 % once it is allowed for that three pairs were compared: it can "
        "be luck."
    )


def test_members_of_an_average_are_named_in_their_order() -> None:
    facts = {"known": [{"number": -1, "name": "linear regression"}], "trials": []}
    assert members_text([3, -1, 2], facts) == "trial 3, the linear regression and trial 2"
    assert members_text([-1, 2], facts) == "the linear regression and trial 2"
    assert members_text([3, 2], facts) == "trials 3 and 2"
    assert members_text([-1], facts) == "the linear regression"
    known = [{**facts["known"][0], "score": 0.25}]
    mixed = {**facts, "known": known, "by": "cost", "choice": {"trials": [3, -1], "score": 0.2}}
    assert known_sentence(mixed).endswith(
        "trained on the same folds and ranked with the trials by cost on the held-out examples: the linear regression "
        "(0.2500). The average contains the linear regression."
    )
    other = {**mixed, "choice": {"trials": [3], "score": 0.2}}
    assert known_sentence(other).endswith("It did not rank higher than the choice (0.2000).")


@pytest.mark.processes
def test_the_choice_is_made_anew_for_each_block_among_known_networks_too() -> None:
    good = {**BAD, "learning_rate": [0.3, 0.5], "iterations": 100}
    first, second = searched(good, trials=2), searched(good, trials=2, by="accuracy")
    for one in (first, second):
        assert one.choice is not None
        assert len({one.candidate.number for one in (*one.known, *one.trials)}) == 5
        assert one.naive >= max(rival.cross.figure for rival in one.rivals if rival.cross) - 1e-12


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_known_network_is_trained_without_each_fold_with_the_search_s_seeds(seeds: int) -> None:
    part = points(60, 4)
    fold = split_into_folds(part.Y, 3, True, 0)
    search_data = SearchData(part.X, part.Y, "sigmoid", fold, split_into_blocks(part.Y, fold, True, 0))
    settings: dict[str, Any] = {
        "learning_rate": 0.1,
        "iterations": 30,
        "initializer": "he",
        "seed": 9,
        "batch_size": 1000,
    }
    known = KnownNetwork(-1, "small network", (3,), "tanh", settings)
    outcome = train_known(search_data, known, SharedSettings("cost", 4, seeds, 5, "float64", "numpy"))
    assert not outcome.failed
    assert outcome.finished(0)
    assert outcome.moments.tolist() == [30]
    held_out = fold == 1
    costs = []
    for seed in range(5, 5 + seeds):
        run = layerlab.train(
            known.network(4, 1, "sigmoid"),
            (part.X, part.Y),
            sample_weight=(~held_out).astype(float),
            engine="numpy",
            progress=False,
            **{**settings, "seed": seed, "batch_size": 60},
        )
        predicted = run.predict_proba(part.X[:, held_out])
        costs.append(-np.log(np.where(part.Y[:, held_out] == 1, predicted, 1 - predicted)).mean())
        if seed == 5:
            np.testing.assert_allclose(outcome.predictions[0, 0][:, held_out], predicted, rtol=1e-5)
    np.testing.assert_allclose(outcome.cost[0, 0, 1], np.mean(costs), rtol=1e-9)


def test_a_known_network_that_cannot_be_trained_is_reported_and_the_trials_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def faulty(data: Dataset, dtype: str) -> tuple[KnownNetwork, ...]:
        sound, *_ = known_networks(data, dtype)
        return sound, KnownNetwork(-2, "odd network", (3,), "relu", {"learning_rate": -1.0, "iterations": 5})

    monkeypatch.setattr("layerlab.tuning.search.starting.known_networks", faulty)
    found = searched({**BAD, "learning_rate": 0.1}, data=dataset(), trials=1)
    assert "learning_rate=-1.0: wanted" in found.known[1].failed
    assert [one.name for one in found.rivals] == ["logistic regression"]
    assert "! The odd network failed: learning_rate=-1.0" in str(found)


def test_the_sampler_is_not_told_of_known_networks(found: layerlab.Search) -> None:
    proposed = [one["number"] for one in json.loads((found.folder / "batches/0000.json").read_text())]
    assert proposed == [0, 1, 2]
    assert "logistic" not in (found.folder / "journal.log").read_text()


def _as_before(folder: Path) -> None:
    """Make a search's folder what it was before known networks took part: they were compared with, as tasks apart."""
    for path in folder.glob("results/known-*"):
        number = path.stem.removeprefix("known-")
        old = Outcome.load(path)
        old._replace(numbers=np.array([-1]), predictions=old.predictions[:, :1]).save(
            path.with_name(f"reference-{number}.safetensors")
        )
        path.unlink()
    (folder / "result.json").unlink()
    (folder / "test.json").unlink(missing_ok=True)


@pytest.mark.processes
def test_an_older_search_goes_on_and_its_known_networks_take_part(found: layerlab.Search, tmp_path: Path) -> None:
    folder = tmp_path / "search"
    whole = searched(folder=folder)
    _as_before(folder)
    again = searched(folder=folder, resume=True)
    assert again.choice == whole.choice == found.choice
    assert table(again) == table(found)


def test_an_older_search_on_data_made_by_hand_gets_a_linear_model(tmp_path: Path) -> None:
    folder = tmp_path / "search"
    fresh = small(workers=0, engine="numpy", trials=3, folder=folder)
    _as_before(folder)
    record = json.loads((folder / "search.json").read_text())
    (folder / "search.json").write_text(json.dumps({**record, "references": []}))
    (folder / "results/reference-0.safetensors").unlink()
    again = small(workers=0, engine="numpy", trials=3, folder=folder, resume=True)
    assert summary(again) == summary(fresh)
    assert len(SearchState.at(folder).known_networks) == 1
    assert json.loads((folder / "search.json").read_text())["format_version"] == 1


def test_the_page_of_a_search_that_ended_before_known_networks_took_part(
    found: layerlab.Search, tmp_path: Path
) -> None:
    facts = found.facts()
    for name in ("known", "mattered", "chosen"):
        del facts[name]
    for one in facts["rivals"]:
        for name in ("number", "cross_fitted_p_adjusted", "test_p_adjusted"):
            del one[name]
    facts["choice"] = {"trials": [0], "score": 0.5}
    facts["importance"] = {"learning_rate": 0.3123}
    (tmp_path / "result.json").write_text(json.dumps(facts))
    page = search_page(search_facts(tmp_path))
    assert "took part" not in page
    assert "What mattered" not in page
    assert "31 %" not in page


@pytest.mark.processes
def test_the_whole_search_without_each_outer_fold_has_the_known_networks_too() -> None:
    found = searched(data=dataset(), outer=2, trials=2)
    assert found.nested is not None
    assert all("logistic regression: no hidden layer" in line for line in found.nested.chosen)


def write_squares(path: Path, m: int) -> Path:
    """A table whose value is a parabola of its first column."""
    random = np.random.RandomState(0)
    x = random.uniform(-2, 2, m)
    rows = [f"{a:.3f},{b:.3f},{a * a + 0.1 * c:.3f}" for a, b, c in zip(x, *random.randn(2, m), strict=True)]
    path.write_text("\n".join(["a,b,y", *rows]) + "\n")
    return path


def test_a_table_is_compared_with_its_usual_training(tmp_path: Path) -> None:
    """The usual training is no candidate; its answers out of fold are for the same examples as those of the choice."""
    data = layerlab.datasets.load_table(write_squares(tmp_path / "t.csv", 80), target="y")
    space = {"layers": "none", "optimizer": "gd", "learning_rate": 0.1, "iterations": 20}
    found = layerlab.search(data, trials=1, space=space, folds=4, workers=0, engine="numpy", folder=tmp_path / "s")
    assert found.cross is not None
    last = found.rivals[-1]
    assert last.name == "usual training (mean of 8 networks)"
    assert last.number < min(one.candidate.number for one in found.known)
    assert last.cross is not None and last.test is not None  # noqa: PT018
    assert len(last.cross.right) == len(found.cross.right) == data.train.X.shape[1]
    assert last.cross.figure > 0.8 > found.cross.figure  # a straight line cannot follow a parabola
    assert last.cross_paired[2] < 0.05
    usual = layerlab.datasets.load_table(tmp_path / "t.csv", target="y", scaling="quantile")
    run = layerlab.train(
        layerlab.Network([2, 128, 128, 1], hidden="mish", embedding=layerlab.Periodic(inputs=usual.wave_inputs)),
        usual,
        advice=False,
        engine="numpy",
        **usual_members(usual.train.X.shape[1]),
    )
    errors = run.predict(usual.test.X) - usual.test.Y
    r2 = 1 - (errors**2).mean() / usual.test.Y.var()
    assert last.test.figure == pytest.approx(r2, abs=1e-3)
    words = str(found)
    assert "usual training (mean of 8 networks)" in " ".join(words.split())
    page = search_page(search_facts(tmp_path / "s"))
    assert "usual training (mean of 8 networks)" in page


def test_a_small_table_has_no_usual_training_to_compare_with(tmp_path: Path) -> None:
    data = layerlab.datasets.load_table(write_squares(tmp_path / "t.csv", 40), target="y")
    space = {"layers": "none", "optimizer": "gd", "learning_rate": 0.1, "iterations": 20}
    found = layerlab.search(data, trials=1, space=space, folds=4, workers=0, engine="numpy", folder=tmp_path / "s")
    assert {one.number for one in found.rivals} <= {one.candidate.number for one in found.known}

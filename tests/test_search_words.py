"""A search in words: sentences and table from its facts, pictures and the page, and the view while it runs."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from narrow_window import check_fits

import layerlab
from layerlab import plots
from layerlab.datasets import Dataset, Part
from layerlab.errors import InputError
from layerlab.reporting.pictures.of_searches import search_figures, search_pictures
from layerlab.reporting.search_page import search_facts, search_page
from layerlab.text import spoken_time
from layerlab.tuning.search.progress_view import SearchProgress, _throttled, progress_lines, spark, watching
from layerlab.tuning.search.result import Search
from layerlab.tuning.search.state import SearchState
from layerlab.tuning.search.trials.task_training import TaskProgress
from layerlab.tuning.search.words import failed_sentences, importance_text
from layerlab.tuning.search.worth import answer_text, optimism_text, rival_sentence, score_rows, score_sentences

NAMES = ["optimistic estimate", "corrected estimate", "nested estimate", "test set"]

SPACE = {
    "depth": [0, 1],
    "width": {"low": 3, "high": 6},
    "hidden": "tanh",
    "initializer": "he",
    "optimizer": ["gd", "nesterov"],
    "learning_rate": {"low": 0.05, "high": 1.0, "log": True},
    "l2": 0.0,
    "dropout": 0.0,
    "batch_size": "all",
    "iterations": 40,
}


def made(m: int, values: bool = False, seed: int = 0) -> Dataset:
    """Two features; the class is a quarter of the plane, the value a bent surface."""
    random = np.random.RandomState(seed)
    X = random.randn(2, m + 40)
    Y = np.tanh(X[:1]) + 0.1 * random.randn(1, m + 40) if values else (X.min(axis=0, keepdims=True) > -0.5) * 1.0
    classes = () if values else ("out", "in")
    return Dataset("made", Part(X[:, :m], Y[:, :m]), Part(X[:, m:], Y[:, m:]), class_names=classes)


def searched(data: Dataset, **others: Any) -> Search:
    given = {"trials": 8, "space": SPACE, "folds": 3, "workers": 0, "engine": "numpy", **others}
    return layerlab.search(data, **given)


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    return searched(made(80), folder=tmp_path_factory.mktemp("searches") / "made")


@pytest.fixture(scope="module")
def facts(search: Search) -> dict[str, Any]:
    return search.facts()


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_search_says_what_it_tried_chose_and_is_worth(search: Search) -> None:
    told = words(str(search))
    assert told.startswith(f"{words(answer_text(search.facts()))} ")
    assert (
        "Search on made: 8 trials and 1 reference network, ranked by accuracy on 80 held-out examples (3 folds)."
        in told
    )
    assert search.choice is not None and search.cross is not None and search.test is not None  # noqa: PT018
    assert (
        "Reference network, trained on the same folds and ranked with the trials by accuracy on the held-out examples: "
        f"the logistic regression ({-100 * search.known[0].score:.1f} %). It did not rank higher than the choice "
        f"({-100 * search.choice.score:.1f} %)." in told
    )
    best = search.trials[search.choice.trials[0]]
    assert f"{best.stopped_at:,} of at most 40 iterations" in told
    assert f"learning rate {best.candidate.values['learning_rate']:.3g}" in told
    for figure in (search.naive, search.cross.figure, search.test.figure):
        assert f"{100 * figure:.1f} %" in told
    assert "Optimistic estimate: measured on the examples that also picked the winner." in told
    assert (
        "Corrected estimate: the 80 training examples were split into 3 parts (folds), and each fold is scored by the "
        "network that the other folds picked." in told
    )
    assert "Test set: never used for choosing, so this is the score to report." in told
    assert "The test set was used once, after the choice." in told
    assert "LEAK" not in told
    assert "layerlab train" not in told  # data made by hand: no command has them


def test_the_first_sentence_says_the_choice_its_score_and_what_it_is_better_than(facts: dict[str, Any]) -> None:
    def rival(number: int, name: str, figure: float, p: float | None) -> dict[str, Any]:
        return {"number": number, "name": name, "test": {"figure": figure}, "test_p_adjusted": p}

    test = {"figure": 0.8, "low": 0.7, "high": 0.9, "n": 40}
    given = {**facts, "choice": {"trials": [3]}, "test": test, "known": [{}, {}, {}], "rivals": []}
    first = (
        "Chosen from 8 trials and 3 reference networks: trial 3, with accuracy 80.0 % on the 40 test examples "
        "(95 % interval 70.0 to 90.0 %)."
    )
    assert answer_text(given) == first
    rivals = [rival(-3, "a", 0.5, 0.01), rival(-2, "b", 0.79, 0.9), rival(-1, "c", 0.95, 0.02), rival(-4, "d", 0, None)]
    assert answer_text({**given, "rivals": rivals}) == (
        f"{first} It is probably better than the a (50.0 %). It is not shown to differ from the b (79.0 %). It is "
        "probably worse than the c (95.0 %): the search chose before it saw the test set, so the choice stays."
    )
    average = {**given, "choice": {"trials": [3, 5, 6]}, "test": None, "cross_fitted": {**test, "low": None}}
    assert answer_text(average) == (
        "Chosen from 8 trials and 3 reference networks: the average of 3 networks (trials 3, 5 and 6), with accuracy "
        "80.0 % on the 40 held-out examples."
    )
    assert answer_text({**facts, "choice": None}) == "No network could be chosen: none was trained to its end."
    assert answer_text({**given, "leak": "x"}) == "Chosen from 8 trials and 3 reference networks: trial 3."


def test_the_table_has_the_optimistic_estimate_first_and_each_with_its_interval(facts: dict[str, Any]) -> None:
    rows = score_rows(facts)
    assert [row.name for row in rows] == ["optimistic estimate", "corrected estimate", "test set"]
    assert [row.n for row in rows] == [80, 80, 40]
    for row in rows:
        assert row.interval is not None
        assert row.interval[0] < row.figure <= row.interval[1]
    nested = facts | {"nested": {"estimate": facts["test"], "figures": [0.5], "chosen": ["x"]}}
    assert [row.name for row in score_rows(nested)] == NAMES


def test_a_leak_is_said_first_and_loud() -> None:
    told = words(str(searched(made(60), rank_on_test=True, trials=4)))
    assert told.startswith("! LEAK: the test set ranked the networks")
    assert "ranked the networks, so its score is a leak" in told
    assert "so no score here says how good they are on new examples" in told
    assert "never used for choosing" not in told


def test_values_have_an_r_squared_without_an_interval() -> None:
    search = searched(made(80, values=True), trials=5, ensemble=False)
    told = words(str(search))
    assert search.test is not None
    assert f"test set {search.test.figure:.3f} – 40" in told
    assert "The optimistic estimate is" in told
    assert "majority class" not in told
    assert "R²" in search_page(search.facts())


def test_the_whole_search_cross_fitted_is_a_row_and_a_table(tmp_path: Path) -> None:
    search = searched(made(60), trials=4, outer=2, by="accuracy", folder=tmp_path / "made", ensemble=False)
    facts = search_facts(tmp_path / "made")
    assert [row.name for row in score_rows(facts)] == NAMES
    page = search_page(facts)
    assert "The search repeated without each outer fold" in page
    assert "accuracy that ranks" in page
    assert len(facts["nested"]["chosen"]) == 2
    assert facts == json.loads(json.dumps(search.facts()))


def test_an_interrupted_search_says_how_far_it_came() -> None:
    calls = []

    def watcher(*told: Any) -> None:
        calls.append(told)
        if len(calls) == 3:
            raise KeyboardInterrupt

    search = searched(made(60), watcher=watcher)
    assert search.interrupted
    assert search.test is None
    told = words(str(search))
    assert told.startswith("! Interrupted: the values below are those of the trials that have ended.")
    assert "test set" not in told


@pytest.mark.parametrize(
    ("own", "other", "paired", "told"),
    [
        (0.9, 0.5, (20, 0, 1e-5), "Chosen network 90.0 %, rival 50.0 %. On 20 of the 50 test examples exactly one of"),
        (0.5, 0.9, (0, 20, 1e-5), "Rival 90.0 %, chosen network 50.0 %. On 20 of the 50 test examples exactly one of"),
        (0.6, 0.5, (6, 1, 0.125), "Chosen network 60.0 %, rival 50.0 %. On 7 of the 50 test examples exactly one of"),
        (0.5, 0.6, (1, 6, 0.125), "Rival 60.0 %, chosen network 50.0 %. On 7 of the 50 test examples exactly one of"),
        (0.5, 0.5, (0, 0, 1.0), "Chosen network 50.0 %, rival 50.0 %. Both are right on exactly the same test example"),
    ],
)
def test_the_choice_and_a_rival_are_compared_in_words(
    own: float, other: float, paired: tuple[int, int, float], told: str
) -> None:
    one, two, p = paired
    sides = ("chosen network", {"figure": own, "n": 50}, one), ("rival", {"figure": other}, two)
    sentence = rival_sentence(*sides, "test examples", (p, p), 1, "accuracy")
    assert sentence.startswith(told)
    if p == 0.125:
        assert sentence.endswith("a result this one-sided would come up in 12.5 % of cases: it can be luck.")
    if p == 1e-5:
        assert sentence.endswith("would come up in less than 0.1 % of cases: probably a real difference.")


def test_rivals_of_a_regression_predict_more_or_less_closely() -> None:
    sides = ("chosen network", {"figure": 0.51, "n": 9}, 5), ("rival", {"figure": 0.4}, 4)
    assert rival_sentence(*sides, "test examples", (0.2, 0.2), 1, "r2") == (
        "Chosen network has R² 0.510 and rival has R² 0.400 on the 9 test examples. Chosen network predicts 5 of them "
        "more closely, rival 4. If both were equally good, a difference this large would come up in 20.0 % of cases: "
        "it can be luck."
    )


def test_uses_of_the_test_set_are_counted(facts: dict[str, Any]) -> None:
    twice = " ".join(score_sentences(facts | {"test_looks": [[1], [3, 5]]}))
    assert "The test set was used 2 times: for trial 1, then for trials 3 and 5." in twice
    assert "is choosing by it" in twice
    assert [row.what for row in score_rows(facts | {"test_looks": [[1], [3, 5]]})][-1] == "never used for choosing"


def test_optimism_in_points_or_r_squared() -> None:
    higher, lower = "The optimistic estimate is {} higher than the corrected one.", "The optimistic estimate is not too"

    def told(naive: float, corrected: float, measure: str) -> str:
        facts = {"naive": naive, "cross_fitted": {"figure": corrected}, "measure": measure}
        return optimism_text({**facts, "optimism": naive - corrected})

    assert told(0.848, 0.8, "accuracy") == higher.format("4.8 percentage points")
    assert told(0.848, 0.8, "r2") == higher.format("0.048")
    assert told(0.885, 0.8775, "accuracy") == higher.format("0.7 percentage points"), "as 88.5 % and 87.8 % differ"
    assert told(0.79, 0.8, "accuracy") == (
        f"{lower} high here: it is 1.0 percentage points lower than the corrected one."
    )
    for naive in (0.8, 0.8004):
        assert told(naive, 0.8, "accuracy") == f"{lower} high here: it is the same as the corrected one."
    assert optimism_text({"optimism": None, "measure": "r2"}) == ""


def test_failed_trials_are_said_by_number_with_the_reason(facts: dict[str, Any]) -> None:
    def failed(*reasons: str) -> list[str]:
        trials = [{"number": number, "failed": reason} for number, reason in enumerate(reasons)]
        return failed_sentences({"trials": trials, "known": []})

    assert failed("", "", "") == []
    assert failed("", "no memory", "no memory", "it died") == [
        "! Trials 1 and 2 failed: no memory",
        "! Trial 3 failed: it died",
    ]
    many = failed(*(f"reason {number}" for number in range(9)))
    assert len(many) == 6
    assert many[-1] == "! … and 4 more reasons, in the JSON"
    page = search_page(facts | {"trials": [{**one, "failed": "<b>it died"} for one in facts["trials"]]})
    assert "&lt;b&gt;it died" in page


def test_importance_is_said_in_shares() -> None:
    enough = {"trials": 40, "settings": 3, "wanted": 24, "chance": 0.52}
    assert importance_text({"importance": {"learning_rate": 0.68}, "mattered": enough}) == (
        "What the trials' scores depended on: learning rate about 70 %. Each is the share of the variance of the "
        "trials' ranks that this setting explains alone, to the nearest ten. Even with random scores, a setting would "
        "seem to explain up to about 50 %."
    )
    assert importance_text({"importance": {}, "mattered": enough}) == (
        "No setting stands out. Even with random scores, a setting would seem to explain up to about 50 % of the "
        "differences between the trials."
    )
    assert importance_text({"importance": {}, "mattered": None}) == ""


def test_few_trials_do_not_show_which_settings_matter(facts: dict[str, Any]) -> None:
    assert facts["importance"] == {}
    assert (
        importance_text(facts)
        == "8 trials do not show which settings matter: with 3 searched settings it takes at least 24 trials."
    )
    page = search_page(facts)
    assert "Which settings mattered" in page
    assert "it takes at least 24 trials" in page
    assert "Each trial as a line" not in page


@pytest.mark.processes
def test_a_telephone_shows_all_of_the_page(facts: dict[str, Any], tmp_path: Path) -> None:
    check_fits(search_page(facts), tmp_path)


def test_pictures_of_a_search(facts: dict[str, Any], tmp_path: Path) -> None:
    paths = search_pictures(facts, tmp_path)
    assert [path.stem for path in paths] == ["selection", "curves", "best", "rates"]
    matter = {"optimizer": 0.6, "learning_rate": 0.2}
    facts = facts | {"importance": matter, "mattered": {**facts["mattered"], "wanted": 8}}
    paths = search_pictures(facts, tmp_path)
    names = ["selection", "settings", "importance", "curves", "best", "rates"]
    assert [path.stem for path in paths] == names
    assert all((tmp_path / f"{name}.svg").exists() for name in names)
    drawn = {name: figure for name, figure, _ in search_figures(facts)}
    labels = [text.get_text() for text in drawn["settings"].axes[0].get_xticklabels()]
    assert labels == ["optimizer", "learning rate"]  # depth and width vary too, but the scores do not depend on them
    title = " ".join(drawn["settings"].get_suptitle().split())
    assert title.endswith("Of 4 settings the 2 on which the scores depended")
    alone = search_figures(facts | {"importance": {"optimizer": 0.6}})
    assert "settings" not in {name for name, _, _ in alone}  # lines through one axis are no picture
    assert drawn["curves"].axes[0].get_xscale() == "log"
    assert {axes.get_title(loc="left") for axes in drawn["rates"].axes} >= {"gd", "nesterov"}


def test_a_search_by_accuracy_draws_the_share_that_is_wrong(facts: dict[str, Any]) -> None:
    trials = [{**one, "score": -0.75} for one in facts["trials"]]
    drawn = {name: figure for name, figure, _ in search_figures({**facts, "by": "accuracy", "trials": trials})}
    assert drawn["best"].axes[0].get_ylabel() == "% of the held-out examples wrong"
    assert drawn["best"].axes[0].get_ylim()[0] < 25 < drawn["best"].axes[0].get_ylim()[1]


def test_pictures_of_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="at least two dimensions"):
        plots.parallel_coordinates([], [1.0])
    with pytest.raises(InputError, match="no map to draw"):
        plots.rate_map([plots.Tried(0.1, 3, float("inf"), "gd")])
    with pytest.raises(InputError, match="no importance to draw"):
        plots.mattered([])
    with pytest.raises(InputError, match="no curve to draw"):
        plots.held_out_curves([plots.Curve([1], [float("nan")], "pruned")])
    with pytest.raises(InputError, match="nothing to draw"):
        plots.best_so_far([float("inf")], [True])
    with pytest.raises(InputError, match="nothing to draw"):
        plots.selection([])


def test_a_trial_that_diverged_and_many_curves_are_drawn() -> None:
    tried = [plots.Tried(0.1, 0, float("inf"), "gd"), plots.Tried(0.1, 4, 0.5, "gd")]
    texts = [text.get_text() for text in plots.rate_map(tried).axes[0].texts]
    assert "× (1)" in texts
    assert "0.5 (1)" in texts
    many = [plots.Curve([1, 2], [1.0, 0.9], "pruned") for _ in range(500)]
    assert plots.held_out_curves(many).legends[0].get_texts()[0].get_text() == "500 pruned, 400 drawn"
    best = plots.best_so_far([0.5, 0.6, 0.55, 99.0], [True, True, True, False])
    assert "above" in [text.get_text() for text in best.legends[0].get_texts()]


def test_the_folder_keeps_the_facts(search: Search, facts: dict[str, Any]) -> None:
    assert search_facts(search.folder) == json.loads(json.dumps(facts))


def test_older_folders_call_pruned_trials_given_up(search: Search, facts: dict[str, Any], tmp_path: Path) -> None:
    shutil.copytree(search.folder, tmp_path / "older")
    older = json.loads(json.dumps(facts))
    older["trials"][0]["state"] = "given up"
    (tmp_path / "older/result.json").write_text(json.dumps(older))
    read = search_facts(tmp_path / "older")
    assert read["trials"][0]["state"] == "pruned"
    assert ">pruned<" in search_page(read)


def test_the_view_says_how_far_a_search_is(search: Search, tmp_path: Path) -> None:
    folder = tmp_path / "running"
    shutil.copytree(search.folder, folder)
    state = SearchState.at(folder)
    task = state.tasks(*next(iter(state.batches())))[0]
    state.folder.result(task.name).unlink()
    progress = SearchProgress(state, 8)
    first = progress_lines(progress, 3.0)
    left = 8 - len(task.candidates)
    assert first[0].startswith(f"{left} of 8 trials ended (")
    assert first[0].endswith("), after 3.0 s")
    assert first[1].startswith("best so far: held-out accuracy ")
    assert len(first) == 2  # nobody is at the task, whose news are old
    state.folder.progress_file(task.name).write_text(
        json.dumps(TaskProgress(task.name, 20, 40, 1, [0.7, 0.5, 0.3], [5, 10, 20])._asdict())
    )
    second = progress_lines(progress, 65.0)
    assert f"{len(task.candidates)} in training" in second[0]
    assert "█▅▁" in second[2]
    assert f"iteration 20 of 40, 1 of {len(task.candidates)} networks left, such as " in second[2]


def test_the_time_left_follows_from_what_has_ended(
    search: Search, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "running"
    shutil.copytree(search.folder, folder)
    state = SearchState.at(folder)
    names = [task.name for task in state.tasks(*next(iter(state.batches())))]
    counts = [len(task.candidates) for task in state.tasks(*next(iter(state.batches())))]
    kept = {name: state.folder.result(name).read_bytes() for name in names}
    for name in names:
        state.folder.result(name).unlink()
    clock = [1000.0]
    monkeypatch.setattr("layerlab.tuning.search.progress_view.time", lambda: clock[0])
    outcomes = SearchState.outcome
    monkeypatch.setattr(  # each task took 10 seconds
        SearchState,
        "outcome",
        lambda own, name: one and one._replace(seconds=10.0) if (one := outcomes(own, name)) else None,
    )

    def end(name: str, at: float) -> None:
        state.folder.result(name).write_bytes(kept[name])
        os.utime(state.folder.result(name), (at, at))

    def line(progress: SearchProgress) -> str:
        return progress_lines(progress, clock[0] - 1000)[0]

    end(names[0], 900.0)  # before this process resumed the search
    progress = SearchProgress(state, 20, 1000.0)
    assert line(progress).endswith("), after 0.0 s")
    clock[0] = 1011.0
    assert line(progress).endswith("), after 11 s"), "a task that has not ended shows nothing"
    end(names[1], 1012.0)
    clock[0] = 1012.0
    others = 20 - counts[0] - counts[1]
    assert line(progress).endswith(
        f"after 12 s; about {spoken_time(10 / counts[1] * others)} left for the other {others}"
    )
    clock[0] += 10 / counts[1] * others - 0.4
    assert line(progress).endswith(f"; less than a second left for the other {others}")
    clock[0] += 3.0
    assert " for the other" not in line(progress), "the others take longer than the one that has ended"
    state.folder.result("known-0").unlink()
    whole = SearchProgress(state, counts[0] + counts[1], 1000.0)
    assert ", 0 of 1 reference network, after " in line(whole)
    assert " for the other" not in line(whole)


@pytest.mark.parametrize(
    ("by", "score", "told"),
    [
        ("cost", 0.5, "held-out cost 0.5 (accuracy"),
        ("accuracy", -0.5, "held-out accuracy 50.0 %, trial"),
        ("roc_auc", -0.5, "held-out ROC AUC 0.500, trial"),
        ("balanced_accuracy", -0.5, "held-out balanced accuracy 50."),
    ],
)
def test_the_best_so_far_is_said_with_the_score_that_ranks(search: Search, by: str, score: float, told: str) -> None:
    state = SearchState.at(search.folder)
    best = search.trials[0]._replace(state="finished", score=score)
    ranked = dataclasses.replace(state, shared=state.shared._replace(by=by))
    progress = SearchProgress(
        ranked, 8, ended={task.name: [best] for task in state.tasks(*next(iter(state.batches())))}
    )
    assert told in progress_lines(progress, 3.0)[1]


def test_the_view_is_drawn_on_a_terminal_and_a_line_now_and_then_elsewhere(
    search: Search, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = SearchState.at(search.folder)
    with watching() as watcher:
        watcher(state, 8, 1.0)
    assert capsys.readouterr().err == ""  # not before ten seconds
    lines: list[list[str]] = []
    seldom = _throttled(lines.append, 1000.0)
    for _ in range(5):
        seldom(state, 8, 1.0)
    assert len(lines) == 1
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with watching() as watcher:
        watcher(state, 8, 1.0)
    assert "8 of 8 trials ended" in capsys.readouterr().err


def test_curves_in_text_and_times() -> None:
    assert spark([]) == ""
    assert spark([float("inf"), 1.0, 0.0]) == "×█▁"
    assert [spoken_time(seconds) for seconds in (0, 59.6, 3600)] == ["0.0 s", "1 min 0 s", "1 h 0 min"]

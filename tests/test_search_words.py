"""A search in words: sentences and table from its facts, pictures and the page, and the view while it runs."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
from layerlab.tuning.search.words import (
    failed_sentences,
    importance_text,
    optimism_text,
    rival_sentence,
    score_rows,
    score_sentences,
)

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
    assert told.startswith(
        "made: a search among 8 networks and 1 that was known before on 3 folds of 80 held-out examples, ranked by "
        "accuracy"
    )
    assert "The logistic regression was known before and took part, trained on the same folds and ranked with" in told
    assert search.choice is not None and search.cross is not None and search.test is not None  # noqa: PT018
    best = search.trials[search.choice.trials[0]]
    assert f"{best.stopped_at:,} of 40 iterations" in told
    assert f"learning rate {best.candidate.values['learning_rate']:.3g}" in told
    for figure in (search.naive, search.cross.figure, search.test.figure):
        assert f"{100 * figure:.1f} %" in told
    assert "picked and counted on the same examples" in told
    assert "The test part was looked at once, after the choice." in told
    assert "LEAK" not in told
    assert "layerlab train" not in told  # data made by hand: no command has them


def test_the_table_has_the_naive_figure_first_and_each_with_its_interval(facts: dict[str, Any]) -> None:
    rows = score_rows(facts)
    assert [row.name for row in rows] == ["naive", "cross-fitted", "test part"]
    assert [row.n for row in rows] == [80, 80, 40]
    for row in rows:
        assert row.interval is not None
        assert row.interval[0] < row.figure <= row.interval[1]
    nested = facts | {"nested": {"estimate": facts["test"], "figures": [0.5], "chosen": ["x"]}}
    assert [row.name for row in score_rows(nested)] == ["naive", "cross-fitted", "nested", "test part"]


def test_a_leak_is_said_first_and_loud() -> None:
    told = words(str(searched(made(60), rank_on_test=True, trials=4)))
    assert told.startswith("! LEAK: the test part ranked the networks")
    assert "which ranked the networks: a leak" in told
    assert "no figure of it is one of new examples" in told
    assert "which chose nothing" not in told


def test_values_have_an_r_squared_without_an_interval() -> None:
    search = searched(made(80, values=True), trials=5, ensemble=False)
    told = words(str(search))
    assert search.test is not None
    assert f"test part {search.test.figure:.3f} – 40" in told
    assert "of R²" in told or "none here" in told
    assert "most frequent class" not in told
    assert "R²" in search_page(search.facts())


def test_the_whole_search_cross_fitted_is_a_row_and_a_table(tmp_path: Path) -> None:
    search = searched(made(60), trials=4, outer=2, by="accuracy", folder=tmp_path / "made", ensemble=False)
    facts = search_facts(tmp_path / "made")
    assert [row.name for row in score_rows(facts)] == ["naive", "cross-fitted", "nested", "test part"]
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
    assert "! Interrupted: these are the figures of the trials that have ended." in told
    assert "test part" not in told


@pytest.mark.parametrize(
    ("own", "other", "paired", "told"),
    [
        (0.9, 0.5, (20, 0, 1e-5), "It beats the rival, 90.0 % against 50.0 % on 50 test examples: hardly chance"),
        (0.5, 0.9, (0, 20, 1e-5), "It is worse than the rival, 50.0 % against 90.0 % on 50 test examples: hardly"),
        (0.6, 0.5, (6, 1, 0.125), "It is not shown to beat the rival, 60.0 % against 50.0 %"),
        (0.5, 0.6, (1, 6, 0.125), "It is behind the rival, 50.0 % against 60.0 %"),
        (0.5, 0.5, (0, 0, 1.0), "As good as the rival, 50.0 % against 50.0 % on 50 test examples: both get the very"),
    ],
)
def test_rivals_are_beaten_in_words(own: float, other: float, paired: tuple[int, int, float], told: str) -> None:
    one, two, p = paired
    sentence = rival_sentence("rival", "test", {"figure": own, "n": 50}, {"figure": other}, (one, two), p, "accuracy")
    assert sentence.startswith(told)
    assert sentence.endswith(" The test set chooses nothing, so the choice stays.") == ("is worse" in told)
    if paired[2] == 0.125:
        assert sentence.endswith("may be chance; they disagree on 7, 6 to 1 (p = 0.12).")


def test_rivals_of_values_are_nearer_or_farther() -> None:
    told = rival_sentence("rival", "test", {"figure": 0.51, "n": 9}, {"figure": 0.4}, (5, 4), 0.2, "r2")
    assert told == (
        "It is not shown to beat the rival, R² 0.510 against 0.400 on 9 test examples: may be chance; it is nearer on "
        "5, farther on 4 (p = 0.2)."
    )


def test_looks_at_the_test_part_are_counted(facts: dict[str, Any]) -> None:
    twice = " ".join(score_sentences(facts | {"test_looks": [[1], [3, 5]]}))
    assert "looked at 2 times: for trial 1, then for trials 3, 5." in twice
    assert "picks by it" in twice


def test_optimism_in_points_or_r_squared() -> None:
    assert "claims 4.8 points more" in optimism_text({"optimism": 0.048, "measure": "accuracy"})
    assert "claims 0.048 of R² more" in optimism_text({"optimism": 0.048, "measure": "r2"})
    assert "none here; the naive figure is 1.0 points lower" in optimism_text(
        {"optimism": -0.01, "measure": "accuracy"}
    )
    assert "the naive figure is the same" in optimism_text({"optimism": 0.0, "measure": "accuracy"})
    assert optimism_text({"optimism": None, "measure": "r2"}) == ""


def test_failed_trials_are_said_by_number_with_the_reason(facts: dict[str, Any]) -> None:
    def failed(*reasons: str) -> list[str]:
        trials = [{"number": number, "failed": reason} for number, reason in enumerate(reasons)]
        return failed_sentences({"trials": trials, "known": []})

    assert failed("", "", "") == []
    assert failed("", "no memory", "no memory", "it died") == [
        "! Trials 1, 2 failed: no memory",
        "! Trial 3 failed: it died",
    ]
    many = failed(*(f"reason {number}" for number in range(9)))
    assert len(many) == 6
    assert many[-1] == "! … and 4 more reasons, which the JSON has"
    page = search_page(facts | {"trials": [{**one, "failed": "<b>it died"} for one in facts["trials"]]})
    assert "&lt;b&gt;it died" in page


def test_importance_is_said_in_shares() -> None:
    enough = {"trials": 40, "settings": 3, "wanted": 24, "chance": 0.52}
    assert importance_text({"importance": {"learning_rate": 0.68}, "mattered": enough}) == (
        "What the trials' scores depended on: learning rate about 70 %. These are shares of the variance of their "
        "ranks that a setting explains alone, to the nearest ten; in a search with random scores a setting would seem "
        "to explain up to about 50 %."
    )
    assert importance_text({"importance": {}, "mattered": enough}) == (
        "No setting mattered more than chance could make it seem: in a search with random scores a setting would seem "
        "to explain up to about 50 % of their variance."
    )
    assert importance_text({"importance": {}, "mattered": None}) == ""


def test_which_settings_mattered_is_not_told_from_few_trials(facts: dict[str, Any]) -> None:
    assert facts["importance"] == {}
    assert importance_text(facts) == (
        "Which settings mattered cannot be told from 8 trials: with 3 settings it takes 24."
    )
    page = search_page(facts)
    assert "What mattered" in page
    assert "it takes 24" in page
    assert "Every trial as a line" not in page


def test_pictures_of_a_search(facts: dict[str, Any], tmp_path: Path) -> None:
    paths = search_pictures(facts, tmp_path)
    assert [path.stem for path in paths] == ["selection", "curves", "best", "rates"]
    facts = facts | {"importance": {"optimizer": 0.6}, "mattered": {**facts["mattered"], "wanted": 8}}
    paths = search_pictures(facts, tmp_path)
    names = ["selection", "settings", "importance", "curves", "best", "rates"]
    assert [path.stem for path in paths] == names
    assert all((tmp_path / f"{name}.svg").exists() for name in names)
    drawn = {name: figure for name, figure, _ in search_figures(facts)}
    labels = [text.get_text() for text in drawn["settings"].axes[0].get_xticklabels()]
    assert labels == ["depth", "width", "optimizer", "learning rate"]
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
        plots.held_out_curves([plots.Curve([1], [float("nan")], "given up")])
    with pytest.raises(InputError, match="nothing to draw"):
        plots.best_so_far([float("inf")], [True])
    with pytest.raises(InputError, match="nothing to draw"):
        plots.selection([])


def test_a_trial_that_diverged_and_many_curves_are_drawn() -> None:
    tried = [plots.Tried(0.1, 0, float("inf"), "gd"), plots.Tried(0.1, 4, 0.5, "gd")]
    texts = [text.get_text() for text in plots.rate_map(tried).axes[0].texts]
    assert "× (1)" in texts
    assert "0.5 (1)" in texts
    many = [plots.Curve([1, 2], [1.0, 0.9], "given up") for _ in range(500)]
    assert plots.held_out_curves(many).legends[0].get_texts()[0].get_text() == "500 given up, 400 drawn"
    best = plots.best_so_far([0.5, 0.6, 0.55, 99.0], [True, True, True, False])
    assert "above" in [text.get_text() for text in best.legends[0].get_texts()]


def test_the_folder_keeps_the_facts(search: Search, facts: dict[str, Any]) -> None:
    assert search_facts(search.folder) == json.loads(json.dumps(facts))


def test_the_view_says_how_far_a_search_is(search: Search, tmp_path: Path) -> None:
    folder = tmp_path / "running"
    shutil.copytree(search.folder, folder)
    state = SearchState.at(folder)
    task = state.tasks(*next(iter(state.batches())))[0]
    state.folder.result(task.name).unlink()
    progress = SearchProgress(state, 8)
    first = progress_lines(progress, 3.0)
    left = 8 - len(task.candidates)
    assert first[0].startswith(f"{left} of 8 trials (")
    assert first[0].endswith(", 3.0 s")
    assert first[1].startswith("best so far: held-out accuracy ")
    assert len(first) == 2  # nobody is at the task, whose news are old
    state.folder.progress_file(task.name).write_text(
        json.dumps(TaskProgress(task.name, 20, 40, 1, [0.7, 0.5, 0.3], [5, 10, 20])._asdict())
    )
    second = progress_lines(progress, 65.0)
    assert f"{len(task.candidates)} in training" in second[0]
    assert "█▅▁" in second[2]
    assert "iteration 20 of 40, 1 left of" in second[2]


def test_the_time_left_is_told_by_what_has_ended(
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
    assert line(progress).endswith("), 0.0 s")
    clock[0] = 1011.0
    assert line(progress).endswith("), 11 s"), "a task that has not ended tells nothing"
    end(names[1], 1012.0)
    clock[0] = 1012.0
    others = 20 - counts[0] - counts[1]
    assert line(progress).endswith(f", 12 s, about {spoken_time(10 / counts[1] * others)} for the other {others}")
    clock[0] += 10 / counts[1] * others - 0.4
    assert line(progress).endswith(f", less than a second for the other {others}")
    clock[0] += 3.0
    assert " for the other" not in line(progress), "the others take longer than the one that has ended"
    state.folder.result("known-0").unlink()
    whole = SearchProgress(state, counts[0] + counts[1], 1000.0)
    assert ", 0 of 1 known network, " in line(whole)
    assert " for the other" not in line(whole)


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
    assert "8 of 8 trials" in capsys.readouterr().err


def test_curves_in_text_and_times() -> None:
    assert spark([]) == ""
    assert spark([float("inf"), 1.0, 0.0]) == "×█▁"
    assert [spoken_time(seconds) for seconds in (0, 59.6, 3600)] == ["0.0 s", "1 min 0 s", "1 h 0 min"]

"""Processes die in the middle of a search, and it comes to the same (at length: ``benchmarks/search_faults.py``)."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dask
import distributed  # noqa: F401 - brings its part of the configuration
import psutil
import pytest
from searches import POISON, beside, poisoned, small, summary, trainers

import layerlab
from layerlab import Run, WorkError
from layerlab.training.train import train
from layerlab.tuning.search.state import DEATHS, SearchState
from layerlab.tuning.search.trials.tasks import Task, single_trials

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    return summary(small(workers=0))


class Killer:
    """A watcher that kills processes that train, so many of them, while they are at a task."""

    def __init__(self, kills: int) -> None:
        self.kills = kills

    def __call__(self, state: SearchState, *_: object) -> None:
        at_work = any((state.folder.path / "claims").glob("0*.lock"))
        if self.kills and at_work and (some := trainers(os.getpid())):
            some[self.kills % len(some)].kill()
            self.kills -= 1


@pytest.mark.parametrize("how", [{"workers": 2}, {"cluster": "local:2"}], ids=str)
def test_a_process_that_trains_is_killed(how: dict[str, Any], undisturbed: dict[str, Any]) -> None:
    killer = Killer(2)
    assert summary(small(**how, watcher=killer)) == undisturbed
    assert killer.kills == 0


def test_the_searching_process_is_killed_and_resumed(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "search"
    for results in (1, 4):
        process = beside(folder, "workers=2")
        until = time.monotonic() + 60
        while len(list(folder.glob("results/*"))) < results and time.monotonic() < until:
            time.sleep(0.01)
        helpers = trainers(process.pid)
        process.kill()
        process.communicate()
        _, alive = psutil.wait_procs(helpers, timeout=20)
        assert not alive
    assert summary(small(workers=0, folder=folder, resume=True)) == undisturbed
    proposed = [one["number"] for path in sorted(folder.glob("batches/*")) for one in json.loads(path.read_text())]
    assert proposed == list(range(12))
    assert not list(folder.glob("claims/0*.*")), "nothing is left of tasks that have ended"


@pytest.mark.parametrize("how", ["workers=2", "cluster=local:2"])
def test_an_interrupt_ends_all_processes_and_says_nothing_strange(
    how: str, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    for attempt in range(3):
        folder = tmp_path / f"search-{attempt}"
        process = beside(folder, how)
        until = time.monotonic() + 60
        while not list(folder.glob("results/*")) and time.monotonic() < until:
            time.sleep(0.01)
        helpers = trainers(process.pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        words = process.communicate(timeout=30)[0].decode()
        _, alive = psutil.wait_procs(helpers, timeout=20)
        assert not alive
        if not words.startswith("Exception ignored in"):  # Python drops an interrupt that comes inside a destructor
            break
    said = [line for line in words.splitlines() if line.strip()]
    assert said[-1:] == ["AssertionError"], words  # of ``summary``: an interrupted search has not looked at the test
    assert words.count("Traceback") == 1, words
    assert "distributed" not in words
    assert summary(small(workers=0, folder=folder, resume=True)) == undisturbed


def begun(folder: Path) -> SearchState:
    """A search with its first batch proposed."""
    assert small(workers=0, folder=folder, watcher=_interrupt).interrupted
    return SearchState.at(folder)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_interrupt_of_the_last_training_keeps_no_half_network(
    undisturbed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``train`` returns what was trained until Ctrl-C; the search does not take it for the choice."""

    def interrupted(*arguments: Any, **settings: Any) -> Run:
        run = train(*arguments, **settings)
        if "sample_weight" in settings:  # a known network on its folds
            return run
        print("training: interrupted; what was trained is kept", file=sys.stderr)
        return replace(run, history=replace(run.history, interrupted=True))

    with monkeypatch.context() as patch:
        patch.setattr("layerlab.tuning.search.trials.known_training.train", interrupted)
        with pytest.raises(KeyboardInterrupt):
            small(workers=0, folder=tmp_path / "search")
    assert not list((tmp_path / "search").glob("chosen/*"))
    assert "is kept" not in capsys.readouterr().err
    assert summary(small(workers=0, folder=tmp_path / "search", resume=True)) == undisturbed


def in_single_trials(state: SearchState) -> list[Task]:
    """The tasks of several trials, at each of which processes have died too often."""
    tasks = [task for task in state.open_tasks() if isinstance(task, Task) and len(task.candidates) > 1]
    assert tasks
    for task in tasks:
        for _ in range(DEATHS):
            state.folder.note_death(task.name)
    return tasks


def test_where_processes_died_again_and_again_trials_are_trained_one_by_one(
    undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    state = begun(tmp_path / "search")
    tasks = in_single_trials(state)
    again = summary(small(workers=0, folder=tmp_path / "search", resume=True))
    assert all(state.folder.is_in_single_trials(task.name) for task in tasks)
    assert [row[:2] for row in again["rows"]] == [row[:2] for row in undisturbed["rows"]]  # the same proposals
    alone = {one.number for task in tasks for one in task.candidates}
    assert all(row[2] == "finished" for row in again["rows"] if row[0] in alone), "there was nothing to compare with"
    for one, other in zip(again["rows"], undisturbed["rows"], strict=True):
        if one[0] in alone and other[2] == "finished":
            numbers = [(float.fromhex(a), float.fromhex(b)) for a, b in zip(one[6:], other[6:], strict=True)]
            assert all(a == pytest.approx(b, rel=1e-10, nan_ok=True) for a, b in numbers)


def test_the_trial_at_fault_has_failed_and_its_neighbours_are_finished(tmp_path: Path) -> None:
    state = begun(tmp_path / "search")
    task = in_single_trials(state)[0]
    faulty, *others = single_trials(task)
    for _ in range(DEATHS):
        state.folder.note_death(faulty.name)
    found = {one.candidate.number: one for one in small(workers=0, folder=tmp_path / "search", resume=True).trials}
    assert list(found) == list(range(12))
    assert [number for number, one in found.items() if one.state == "failed"] == [faulty.candidates[0].number]
    assert found[faulty.candidates[0].number].failed == "the process that trained it died 4 times"
    assert all(found[one.candidates[0].number].state == "finished" for one in others)


def test_a_trial_at_which_processes_die_has_failed(tmp_path: Path) -> None:
    state = begun(tmp_path / "search")
    task = next(task for task in state.open_tasks() if isinstance(task, Task) and len(task.candidates) == 1)
    for _ in range(DEATHS):
        state.folder.note_death(task.name)
    found = small(workers=0, folder=tmp_path / "search", resume=True)
    failed = [one for one in found.trials if one.state == "failed"]
    assert [one.candidate for one in failed] == list(task.candidates)
    assert failed[0].failed == "the process that trained it died 4 times"
    assert [one.candidate.number for one in found.trials] == list(range(12))


def test_a_death_counts_for_the_task_that_was_begun(tmp_path: Path) -> None:
    state = begun(tmp_path / "search")
    first, second, *_ = (task.name for task in state.open_tasks())
    state.folder.note_begin(first, "somebody")
    state.folder.note_begin(second, "another")
    state.folder.note_dead_worker("somebody")
    assert (state.folder.deaths(first), state.folder.deaths(second)) == (1, 0)


def test_a_poisoned_trial_on_a_cluster_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerlab.tuning.search.workers.dask_cluster.run_order", poisoned)
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        found = small(cluster="local:2", trials=6)
    assert [one.candidate.number for one in found.trials] == list(range(6))
    failed = {one.candidate.number: one.failed for one in found.trials if one.state == "failed"}
    assert failed == {POISON: "the workers that trained it died again and again"}


def test_what_a_kill_leaves_in_the_journal_is_taken_away(
    undisturbed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "search"
    small(workers=0, folder=folder, trials=6)
    journal = folder / "journal.log"
    last = journal.read_bytes().splitlines(keepends=True)[-1]
    journal.write_bytes(journal.read_bytes()[: -len(last)] + last[: len(last) // 2])
    (folder / "journal.log.lock").touch()
    waited: list[float] = []
    clock = SimpleNamespace(**vars(time) | {"sleep": waited.append})
    monkeypatch.setattr("optuna.storages.journal._file.time", clock)
    assert summary(small(workers=0, folder=folder, resume=True)) == undisturbed
    assert sum(waited) < 10, "Optuna itself waits half a minute for the lock"
    numbers = [line for line in journal.read_text().splitlines() if "distributions" in line]
    assert len(numbers) == 12


def test_a_process_that_stops_with_an_error_ends_the_search_with_its_sentence(tmp_path: Path) -> None:
    state = begun(tmp_path / "search")
    state.folder.data_file.write_bytes(b"nothing")
    with pytest.raises(WorkError, match=r"a process that trains stopped: .*material.safetensors: is damaged"):
        small(workers=1, folder=tmp_path / "search", resume=True)


def test_a_known_network_at_which_processes_die_has_failed(tmp_path: Path) -> None:
    state = begun(tmp_path / "search")
    (task,) = state.known_tasks()
    state.folder.result(task.name).unlink()
    for _ in range(DEATHS):
        state.folder.note_death(task.name)
    found = small(workers=0, folder=tmp_path / "search", resume=True)
    assert [one.failed for one in found.known] == ["the process that trained it died 4 times"]
    assert found.rivals == ()
    assert "! The logistic regression failed: the process that trained it died 4 times" in str(found)


def test_a_folder_that_lost_its_empty_folders_goes_on(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    folder = begun(tmp_path / "search").folder.path
    for path in folder.glob("results/*"):
        path.unlink()
    for name in ("results", "claims"):
        (folder / name).rmdir()  # git and zip keep no empty folders
    assert summary(small(workers=0, folder=folder, resume=True)) == undisturbed


def test_a_search_without_its_folder_of_claims_can_be_worked_on(tmp_path: Path) -> None:
    state = begun(tmp_path / "search")
    (state.folder.path / "claims").rmdir()
    assert state.run_one()


def _refused(_: layerlab.Run, path: Path) -> None:
    layerlab.load(path)  # it is there and whole
    raise WorkError(f"{path}: writing failed")


@pytest.mark.parametrize("later", [layerlab.Run.save, _refused], ids=["before it writes", "while it writes"])
def test_two_processes_that_end_one_search_at_the_same_moment(
    later: Any, undisturbed: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = layerlab.Run.save

    def save_after_another(run: layerlab.Run, path: Path) -> Any:
        first(run, path)  # as another process does just now
        return later(run, path)

    monkeypatch.setattr(layerlab.Run, "save", save_after_another)
    found = small(workers=0, folder=tmp_path / "search")
    assert summary(found) == undisturbed
    assert found.choice is not None
    for number, run in zip(found.choice.trials, found.runs, strict=True):
        kept = layerlab.load(tmp_path / "search" / found.place(number))
        assert all((kept.parameters[name] == value).all() for name, value in run.parameters.items())

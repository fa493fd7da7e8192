"""A trial is trained as if it were alone, and a search comes to the same however it is carried out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from searches import beside, points, small, summary, table
from threadpoolctl import threadpool_info, threadpool_limits

import layerlab
from layerlab.datasets import Part
from layerlab.datasets.folds import split_into_folds
from layerlab.formulas import LOSSES, network_forward
from layerlab.tuning.search.proposals.candidate import Candidate
from layerlab.tuning.search.trials.outcome import Outcome, one_trial
from layerlab.tuning.search.trials.population import SharedSettings
from layerlab.tuning.search.trials.search_data import SearchData, split_into_blocks
from layerlab.tuning.search.trials.task_training import train_task
from layerlab.tuning.search.trials.tasks import Task, split_into_tasks

pytestmark = pytest.mark.processes  # the searches beside which those of other processes are held, too

FOLDS, ITERATIONS = 3, 90

PLAIN: dict[str, Any] = {
    "depth": 1,
    "width": 6,
    "hidden": "tanh",
    "initializer": "xavier",
    "optimizer": "nesterov",
    "learning_rate": 0.1,
    "iterations": ITERATIONS,
    "batch_size": "all",
}

CASES: dict[str, tuple[Part, dict[str, Any]]] = {
    "full width": (points(), {}),
    "full width, batches": (points(), {"batch_size": 16}),
    "full width, dropout, L2": (points(classes=3), {"dropout": 0.3, "l2": 0.5, "batch_size": 32}),
    "AdamW, batches": (points(), {"optimizer": "adamw", "learning_rate": 0.01, "batch_size": 16, "weight_decay": 0.1}),
    "span": (points(40, 300), {"learning_rate": 0.01}),
    "span, batches, dropout, L2": (
        points(40, 300, 3),
        {"learning_rate": 0.01, "batch_size": 16, "dropout": 0.2, "l2": 0.3},
    ),
}


def material_of(part: Part) -> SearchData:
    fold = split_into_folds(part.Y, FOLDS, True, 0)
    output = "sigmoid" if len(part.Y) == 1 else "softmax"
    return SearchData(part.X, part.Y, output, fold, split_into_blocks(part.Y, fold, True, 0))


def ended(part: Part, values: dict[str, Any], engine: str) -> tuple[SearchData, Task, Outcome]:
    """Five trials of different widths and rates as one population that is halved on the way."""
    some = [
        Candidate(
            i, {**PLAIN, **values, "width": 5 + i % 4, "learning_rate": {**PLAIN, **values}["learning_rate"] / (i + 1)}
        )
        for i in range(5)
    ]
    search_data = material_of(part)
    (task,) = split_into_tasks(0, some, search_data, 1)
    return search_data, task, train_task(search_data, task, SharedSettings("cost", 3, 1, 0, "float64", engine))


def alone(search_data: SearchData, candidate: Candidate, fold: int, iterations: int, engine: str) -> layerlab.Run:
    """The same fit by ``train``."""
    settings = {**candidate.settings, "iterations": iterations, "engine": engine}
    network = candidate.network(len(search_data.X), len(search_data.Y), search_data.output)
    weights = search_data.weights()[fold]
    return layerlab.train(network, (search_data.X, search_data.Y), sample_weight=weights, progress=False, **settings)


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")
def test_a_member_is_trained_as_the_same_fit_alone(case: str, engine: str) -> None:
    part, values = CASES[case]
    search_data, task, outcome = ended(part, values, engine)
    reached = outcome.reached.tolist()
    assert len(set(reached)) > 1, "some were pruned, and the others went on with their states"
    assert max(reached) == len(outcome.moments)
    for i in (int(np.argmax(reached)), int(np.argmin(reached))):
        own = outcome.moments[: reached[i]]
        runs = [alone(search_data, task.candidates[i], fold, int(own[-1]), engine) for fold in range(FOLDS)]
        inside = [losses(search_data, run)[search_data.fold != fold] for fold, run in enumerate(runs)]
        np.testing.assert_allclose(outcome.trained[i, reached[i] - 1], np.concatenate(inside).mean(), rtol=1e-10)
        outside = [losses(search_data, run)[search_data.fold == fold].mean() for fold, run in enumerate(runs)]
        np.testing.assert_allclose(outcome.cost[i, reached[i] - 1], outside, rtol=1e-10)


def losses(search_data: SearchData, run: layerlab.Run) -> NDArray[Any]:
    """(m,) each example's loss by a run, without a penalty."""
    Z, _ = network_forward(search_data.X, run.parameters, run.network.activations)
    return np.asarray(LOSSES[search_data.output].losses(Z, search_data.Y))


@pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")
def test_the_predictions_of_held_out_examples_are_those_of_the_fits_alone() -> None:
    search_data, task, outcome = ended(*CASES["full width, batches"], "numpy")
    i = int(np.argmax(outcome.reached))
    stops = np.argmin(np.stack([np.delete(outcome.cost[i], b, 1).mean(1) for b in range(FOLDS)], 1), axis=0)
    for fold, stop in enumerate(stops):
        # kept for a report on another block, this one is counted where the third block alone is best
        kept_for = (fold + 1) % FOLDS
        third = 3 - fold - kept_for
        moment = int(outcome.moments[int(np.argmin(outcome.cost[i][:, third]))])
        inside = search_data.fold == fold
        for block, at in ((fold, int(outcome.moments[stop])), (kept_for, moment)):
            run = alone(search_data, task.candidates[i], fold, at, "numpy")
            said = outcome.predictions[i, block][:, inside]
            np.testing.assert_allclose(said, run.predict_proba(search_data.X[:, inside]), rtol=1e-6, atol=1e-7)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    return summary(small(workers=0))


def test_products_in_this_process_are_on_one_thread_as_in_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = set[int]()

    def noted(*given: Any) -> Outcome:
        threads.update(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return train_task(*given)

    monkeypatch.setattr("layerlab.tuning.search.state.train_task", noted)
    with threadpool_limits(2, "blas"):
        small(workers=0, trials=3)
    assert threads == {1}


def test_processes_come_to_the_same_bits(undisturbed: dict[str, Any]) -> None:
    assert summary(small(workers=2)) == undisturbed


def test_a_cluster_comes_to_the_same_bits(undisturbed: dict[str, Any]) -> None:
    assert summary(small(cluster="local:2")) == undisturbed


def test_two_processes_on_one_folder_come_to_the_same_bits(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    both = [beside(tmp_path / "shared", "workers=0"), beside(tmp_path / "shared", "workers=1")]
    words = [one.communicate(timeout=120)[0].decode() for one in both]
    assert [one.returncode for one in both] == [0, 0], words
    found = [json.loads(path.read_text()) for path in tmp_path.glob("*.json")]
    assert found == [undisturbed, undisturbed]


def test_interrupted_and_resumed_comes_to_the_same_bits(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    calls = iter(range(1000))

    def interrupt(*_: object) -> None:
        if next(calls) == 3:
            raise KeyboardInterrupt

    first = small(workers=0, folder=tmp_path / "search", watcher=interrupt)
    assert first.interrupted
    assert first.test is None
    assert summary(small(workers=0, folder=tmp_path / "search", resume=True)) == undisturbed


def test_proposals_depend_on_the_seed(undisturbed: dict[str, Any]) -> None:
    other = table(small(workers=0, seed=1, trials=3))
    assert [row[1] for row in other] != [row[1] for row in undisturbed["rows"][:3]]


def test_trials_that_are_added_later_leave_the_first_as_they_are(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "search"
    assert table(small(workers=0, trials=6, folder=folder)) == undisturbed["rows"][:6]
    assert summary(small(workers=0, folder=folder, resume=True)) == undisturbed


@pytest.mark.parametrize("earlier", ["", "t"])
def test_outcomes_of_tasks_that_were_cut_differently_are_taken_over(
    undisturbed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, earlier: str
) -> None:
    folder = tmp_path / "search"
    assert summary(small(workers=0, folder=folder)) == undisturbed
    for path in (folder / "results").glob("*-p*.safetensors"):
        outcome = Outcome.load(path)
        for i, number in enumerate(outcome.numbers):
            one_trial(outcome, i).save(path.with_name(f"{path.name[:4]}-{earlier}{number:02d}.safetensors"))
        path.unlink()
    before = {path.name: path.read_bytes() for path in (folder / "results").iterdir()}
    monkeypatch.setattr("layerlab.tuning.search.state.train_task", lambda *_: pytest.fail("trained again"))
    assert summary(small(workers=0, folder=folder, resume=True)) == undisturbed
    assert all((folder / "results" / name).read_bytes() == data for name, data in before.items())


def test_several_groups_at_a_time_come_to_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for threads in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        found.append(ended(*CASES["span"], "xla")[2])
    assert found[0].cost.tobytes() == found[1].cost.tobytes()
    assert found[0].predictions.tobytes() == found[1].predictions.tobytes()

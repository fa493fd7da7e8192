"""Small searches for the tests, here or in a process of their own: ``python searches.py FOLDER workers=2``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from layerlab import Search
from layerlab.datasets import Dataset, Part
from layerlab.tuning.search.search import search
from layerlab.tuning.search.trials.outcome import Outcome
from layerlab.tuning.search.trials.search_data import SearchData
from layerlab.tuning.search.trials.tasks import Task
from layerlab.tuning.search.workers.dask_cluster import TaskOrder, run_order

SPACE = {"iterations": [60], "batch_size": [16, "all"], "width": [4, 8], "depth": [0, 1, 2], "dropout": [0.0, 0.2]}
REQUEST: dict[str, Any] = {"trials": 12, "batch": 6, "folds": 3, "space": SPACE}


def points(m: int = 90, n_x: int = 6, classes: int = 2, seed: int = 0) -> Part:
    """Examples whose class depends on their features, and on chance."""
    random = np.random.RandomState(seed)
    X = random.randn(n_x, m)
    logits = random.randn(classes, n_x) @ X + np.sin(3 * X[:1]) + 0.5 * random.randn(classes, m)
    if classes == 2:
        return Part(X, (logits[:1] > 0).astype(float))
    return Part(X, np.eye(classes)[logits.argmax(axis=0)].T)


def dataset() -> Dataset:
    """A training and a test part of such points."""
    train, test = points(), points(seed=0, m=130)
    part = Part(test.X[:, 90:], test.Y[:, 90:])
    return Dataset("points", train, part, ("no", "yes"), tuple(f"x{i}" for i in range(6)))


def small(**how: Any) -> Search:
    """A small search."""
    return search(dataset(), **{**REQUEST, **how})


def table(found: Search) -> list[list[Any]]:
    """The table of trials, its numbers bit for bit."""
    return [
        [one.candidate.number, str(one.candidate), one.state, one.score.hex(), one.accuracy.hex(), one.stopped_at]
        + [value.hex() for value in (*one.curve, *one.trained)]
        for one in found.trials
    ]


def summary(found: Search) -> dict[str, Any]:
    """The table, the choice and its figures."""
    assert found.choice is not None
    assert found.cross is not None
    assert found.test is not None
    figures = [found.cross.cost.hex(), found.test.cost.hex(), found.naive.hex()]
    known = [[one.score.hex(), *(value.hex() for value in (*one.curve, *one.trained))] for one in found.known]
    return {"rows": table(found), "known": known, "winner": list(found.choice.trials), "figures": figures}


def beside(folder: Path, how: str) -> subprocess.Popen[bytes]:
    """Such a search in a process of its own; its summary is written beside the folder."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, __file__, str(folder), how]
    return subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )


def trainers(pid: int) -> list[psutil.Process]:
    """The processes that train for a process, helpers or dask's."""
    found = []
    for one in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.Error):
            words = " ".join(one.cmdline())
            if "layerlab.tuning.search.workers.worker_process" in words or (
                "spawn_main" in words and "resource_tracker" not in words
            ):
                found.append(one)
    return found


POISON = 3


def poisoned(order: TaskOrder, search_data: SearchData) -> Outcome:
    """Trains, but for one trial, at which its process dies."""
    if isinstance(order.work, Task) and any(one.number == POISON for one in order.work.candidates):
        os.kill(os.getpid(), signal.SIGKILL)
    return run_order(order, search_data)


def main() -> None:
    """What ``beside`` starts."""
    folder, (name, value) = Path(sys.argv[1]), sys.argv[2].split("=")
    found = small(folder=folder, resume=True, **{name: int(value) if name == "workers" else value})
    Path(f"{folder}.{name}-{os.getpid()}.json").write_text(json.dumps(summary(found)))


if __name__ == "__main__":
    main()

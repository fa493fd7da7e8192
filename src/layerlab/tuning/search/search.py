"""``search``: choose hyperparameters systematically, and score the choice on examples that were not used to choose.

On Ctrl-C (``KeyboardInterrupt``) the training processes end, and ``search`` returns the results of the trials that have
ended, with ``interrupted`` set. Their results stay in the folder; the test set is not used. The command prints them and
exits with status 1; with ``--resume`` the search goes on. After the last trial, while the choice is trained on all
examples, the KeyboardInterrupt is passed on; the search can still go on from its folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from layerlab.datasets import Dataset
from layerlab.errors import InputError
from layerlab.machine import cores
from layerlab.runs.writing import kind_at
from layerlab.settings import SETTINGS

from .collecting import collected
from .nested import nested_estimate
from .on_test_set import with_final_test
from .request import ASKED, ETA, FOLDS, OUTER, SEEDS, TRIALS, WORKERS, checked_request, earlier_batch
from .result import Search
from .starting import start_search
from .trials.folder import what_the_disk_refuses
from .workers.processes import ThisProcess, WorkerProcesses, Workers
from .workers.running import SearchRun, Watcher, run_trials


def search(
    data: Dataset,
    *,
    trials: int = TRIALS.default,
    space: Mapping[str, Any] | str | Path | None = None,
    by: str | None = None,
    folds: int = FOLDS.default,
    seeds: int = SEEDS.default,
    halving: int = ETA.default,
    outer: int = OUTER.default,
    seed: int = 0,
    batch: int | None = None,
    ensemble: bool = True,
    rank_on_test: bool = False,
    dtype: str = SETTINGS["dtype"].default,
    engine: str = SETTINGS["engine"].default,
    workers: int | None = None,
    cluster: Any = None,
    folder: str | Path | None = None,
    resume: bool = False,
    watcher: Watcher | None = None,
) -> Search:
    """Try many networks on folds of the training set, choose one, and score it on other examples.

    The test set is used once, after the choice has been made. A search is kept in a folder. It can go on in this folder
    after an interrupt, a kill or a power cut, and several processes can work in it. The same request always proposes
    the same trials.

    Args:
        data: a dataset with a training set and a test set.
        trials: how many networks are tried.
        space: what may be tried, as a mapping or the path of a TOML file. It changes the usual space for data of this
            shape (``layerlab.tuning.search.proposals.space`` has the names).
        by: the score that ranks the trials on held-out examples: "cost", "accuracy", or where a class is rare
            "balanced_accuracy", "roc_auc" or "average_precision" (the mean over the folds), which is reported then.
            None takes accuracy for classification, the cost for regression.
        folds: parts of the training set, each held out once; a trial is trained without each of them.
        seeds: number of initial weights that each trial is trained with; its score is the mean over them.
        halving: with 4, the best quarter of the trials goes on after a sixteenth of the iterations, and again after a
            quarter of them; the others are pruned. Other numbers work alike; 1 trains all trials to the end.
        outer: repeat the whole search without each of this many outer folds, which estimates how good its choices are,
            and takes that many times as long; 0 for not at all.
        seed: seed of the proposals, the folds, and the first initial weights.
        batch: number of trials that are proposed together; None takes an eighth of all trials, but 16 to 256.
        ensemble: whether the average of the best trials may be chosen, where it ranks higher.
        rank_on_test: rank the trials by the test set. This is a leak, and the result says so.
        dtype, engine: as for ``train``.
        workers: processes that train in parallel to this one, each on one thread; None takes one for each core, 0
            trains in this process.
        cluster: workers of a dask cluster instead: "local:2", "tcp://host:8786", or a ``distributed.Client``.
        folder: the folder of the search; None for a temporary one, which is removed.
        resume: go on in a folder that holds this search already, or work in it together with other processes.
        watcher: a function that is called about ten times a second while tasks run.

    Returns:
        The chosen network, trained on the whole training set, its estimates, and all trials.

    Raises:
        InputError: data or settings are wrong, or the folder holds something else.
        WorkError: the disk is full.
    """
    begin = perf_counter()
    batch = earlier_batch(folder) if batch is None and resume else batch
    request = checked_request(data, {name: value for name, value in locals().items() if name in ASKED})
    with _place(folder, resume) as place, what_the_disk_refuses(place), _workers(workers, cluster) as own_workers:
        run = SearchRun(place, own_workers, watcher, begin)
        ready, state = start_search(place, data, request)
        try:
            run_trials(run, state, request.trials)
            any_ended = collected(state, request, ready, run.seconds).choice is not None
            nested = nested_estimate(run, state, request) if outer and any_ended else None
        except KeyboardInterrupt:
            return replace(collected(state, request, ready, run.seconds), interrupted=True)
        return with_final_test(collected(state, request, ready, run.seconds), state, ready, nested)


@contextmanager
def _place(folder: str | Path | None, resume: bool) -> Iterator[Path]:
    """The folder of the search: the user's, or a temporary one.

    Raises:
        InputError: something is there and is not to be resumed.
    """
    if folder is None:
        if resume:
            raise InputError("resume=True: name the folder to go on in, folder='…'")
        with tempfile.TemporaryDirectory(prefix="layerlab-search-") as made:
            yield Path(made)
        return
    path = Path(folder)
    there = kind_at(path)
    if there not in ("folder", ""):
        raise InputError(f"{path}: is no folder; name one for the search")
    if there and any(path.iterdir()) and not resume:
        raise InputError(f"{path}: holds something already; resume=True goes on with that search, or name another one")
    yield path


def _workers(workers: int | None, cluster: Any) -> Workers:
    """Return the processes that train the tasks, as the user wants them.

    Raises:
        InputError: both are asked for, or the number is not right.
    """
    if cluster is not None:
        if workers is not None:
            raise InputError(f"workers={workers!r} beside cluster={cluster!r}: wanted one of the two")
        from .workers.dask_cluster import DaskCluster

        return DaskCluster(cluster)
    if workers is None:
        return WorkerProcesses(cores())
    n = WORKERS.check(workers)
    return WorkerProcesses(n) if n else ThisProcess()

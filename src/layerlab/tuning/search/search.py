"""``search``: hyperparameters chosen systematically, and reported on data that chose nothing."""

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
from layerlab.settings import SETTINGS

from .collecting import found, nested_estimate, reported
from .request import ETA, FOLDS, OUTER, SEEDS, TRIALS, WORKERS, begun_arm, known_batch, wish_for
from .result import Search
from .workers.processes import Crew, Here, Processes, cores
from .workers.running import Watcher, Work, carry_out


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
    """Try many networks on folds of the training part, choose one, and report it on data that chose nothing.

    The test part is not touched before the choice has been made, and then once. A search is kept in a folder, in which
    it goes on after an interrupt, a kill or a power cut, and in which several processes may work; the same request
    proposes the same trials however it was carried out.

    Args:
        data: with a training and a test part.
        trials: how many networks are tried.
        space: what may be tried, a mapping or the path of a TOML file: changes to what is usual for data of this shape
            (``searching.space`` has the names).
        by: "cost" or "accuracy": the figure on held-out examples that ranks. None takes what is reported: accuracy of
            classes, the cost of values.
        folds: parts of the training examples, each held out once; a trial is trained without each of them.
        seeds: initial weights that each trial is tried with; its figure is their mean.
        halving: one of so many trials goes on at a sixteenth and at a quarter of its iterations (with 4); 1 trains all
            to the end.
        outer: repeat the whole search without each of so many outer folds, which gives an estimate of what it chooses
            on all training examples, at that many times the cost; 0 for not at all.
        seed: of the proposals, the folds, and the first initial weights.
        batch: trials that are proposed together; None takes an eighth of them, 16 to 256.
        ensemble: whether the best trials may be averaged, where that ranks better.
        rank_on_test: rank by the test part: a leak, and labelled as one.
        dtype, engine: as for ``train``.
        workers: processes that train beside this one, each on one thread; None takes as many as there are cores, 0
            trains in this process.
        cluster: workers of a dask cluster instead: "local:2", "tcp://host:8786", or a ``distributed.Client``.
        folder: where the search is kept; None takes a temporary one, which is removed.
        resume: go on in a folder that holds this search already, or work in it beside others.
        watcher: is called about ten times a second while tasks run.

    Returns:
        The chosen network, trained on the whole training part, its estimates, and all trials.

    Raises:
        InputError: data or settings are not right, or the folder holds something else.
    """
    begun = perf_counter()
    batch = known_batch(folder) if batch is None and resume else batch
    wish = wish_for(
        data, trials, space, by, (folds, seeds, halving, outer), seed, batch, ensemble, rank_on_test, dtype, engine
    )
    with _place(folder, resume) as place, crew_of(workers, cluster) as crew:
        work = Work(place, crew, watcher, begun)
        ready, arm = begun_arm(work.place, data, wish)
        try:
            carry_out(work, arm, wish.trials)
            any_ended = found(arm, wish, ready, work).choice is not None
            nested = nested_estimate(work, arm, wish) if outer and any_ended else None
        except KeyboardInterrupt:
            return replace(found(arm, wish, ready, work), interrupted=True)
        return reported(found(arm, wish, ready, work), arm, ready, nested)


@contextmanager
def _place(folder: str | Path | None, resume: bool) -> Iterator[Path]:
    """The folder of the search.

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
    if path.exists() and not path.is_dir():
        raise InputError(f"{path}: is no folder; name one for the search")
    if path.is_dir() and any(path.iterdir()) and not resume:
        raise InputError(
            f"{path}: holds something already; resume=True (--resume) goes on with that search, or name another one"
        )
    yield path


def crew_of(workers: int | None, cluster: Any) -> Crew:
    """Who runs the tasks.

    Raises:
        InputError: both are asked for, or the number is not right.
    """
    if cluster is not None:
        if workers is not None:
            raise InputError(f"workers={workers!r} beside cluster={cluster!r}: wanted one of the two")
        from .workers.dask_cluster import Cluster

        return Cluster(cluster)
    if workers is None:
        return Processes(cores())
    n = WORKERS.check(workers)
    return Processes(n) if n else Here()

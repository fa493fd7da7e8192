"""Faults: processes killed at random moments during a search, which has to come to the same all the same.

    python -m benchmarks.search_faults --kills 20

Three victims, each killed by SIGKILL so often: a process that trains beside the search (``workers=2``), a worker of a
dask cluster (``cluster="local:2"``), and the searching process itself, which is begun anew with ``resume=True``. A
search that ends before all kills are made is followed by another one. After each the journal must hold every trial
once and the table of trials must be that of the undisturbed search, number for number.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any, NamedTuple

TRIALS, BATCH = 36, 12
EXAMPLES = 400
SPACE = {"iterations": 400, "batch_size": [64, "all"], "width": [16, 32], "depth": [0, 1, 2]}

VICTIMS: dict[str, dict[str, Any]] = {
    "a process beside the search": {"workers": 2},
    "a worker of a dask cluster": {"cluster": "local:2"},
    "the searching process": {"workers": 2},
}
PARENT = "the searching process"


class Found(NamedTuple):
    """What became of the searches with one victim.

    Attributes:
        victim: who was killed.
        kills, searches: how often, and in how many searches.
        wrong: what differed from the undisturbed search, in sentences.
        difference: largest relative difference of two values in the tables.
        seconds: all in all.
    """

    victim: str
    kills: int
    searches: int
    wrong: list[str]
    difference: float
    seconds: float


def searched(folder: Path, how: dict[str, Any]) -> dict[str, Any]:
    """Search, or go on, in a folder; the table of trials and the winner."""
    import layerlab

    digits = layerlab.datasets.load_digits()
    part = type(digits.train)(digits.train.X[:, :EXAMPLES], digits.train.Y[:, :EXAMPLES])
    data = replace(digits, name="some digits", train=part)
    search = layerlab.search(data, trials=TRIALS, batch=BATCH, space=SPACE, folds=3, folder=folder, resume=True, **how)
    if search.choice is None or search.cross is None or search.test is None:
        raise SystemExit("nothing was chosen")
    rows = [
        [one.candidate.number, str(one.candidate), one.state, one.score, one.accuracy, one.stopped_at, *one.curve]
        for one in search.trials
    ]
    return {"rows": rows, "winner": list(search.choice.trials), "cross": search.cross.cost, "test": search.test.cost}


def begun(folder: Path, victim: str) -> subprocess.Popen[bytes]:
    """A process that searches and leaves its table beside the folder."""
    command = [sys.executable, "-m", "benchmarks.search_faults", "--search", str(folder), "--victim", victim]
    return subprocess.Popen(command)


def helpers(process: subprocess.Popen[bytes]) -> list[Any]:
    """The processes that train for a search."""
    import psutil

    try:
        below = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        return []
    found = []
    for one in below:
        try:
            words = " ".join(one.cmdline())
        except psutil.Error:
            continue
        if "layerlab.tuning.search.workers.worker_process" in words or (
            "spawn_main" in words and "resource_tracker" not in words
        ):
            found.append(one)
    return found


def disturbed(folder: Path, victim: str, kills: int, chance: random.Random, seconds: float) -> int:
    """One search with at most so many kills; how many were made."""
    made, process = 0, begun(folder, victim)
    until = monotonic() + chance.uniform(1.0, seconds)
    while process.poll() is None:
        sleep(0.02)
        if made >= kills or monotonic() < until:
            continue
        if victim == PARENT:
            process.kill()
            process.wait()
            made, process = made + 1, begun(folder, victim)
        else:
            some = helpers(process)
            if not some:
                continue
            chance.choice(some).send_signal(signal.SIGKILL)
            made += 1
        until = monotonic() + chance.uniform(1.0, seconds)
    if process.returncode:
        raise SystemExit(f"{victim}: the search ended with status {process.returncode}")
    return made


def faults(wanted: dict[str, Any], victim: str, kills: int, seconds: float, place: Path) -> Found:
    """Searches until so many kills were made, each compared with the undisturbed one."""
    chance, begin = random.Random(victim), perf_counter()  # noqa: S311
    made, number, wrong, difference = 0, 0, list[str](), 0.0
    while made < kills:
        number += 1
        folder = place / f"{victim.replace(' ', '-')}-{number}"
        made += disturbed(folder, victim, kills - made, chance, seconds)
        found = json.loads(folder.with_suffix(".json").read_text())
        wrong += [f"search {number}: {what}" for what in differences(wanted, found, folder)]
        difference = max(difference, *largest(wanted["rows"], found["rows"]))
    return Found(victim, made, number, wrong, difference, perf_counter() - begin)


def differences(wanted: dict[str, Any], found: dict[str, Any], folder: Path) -> list[str]:
    """What is not as it was without kills."""
    wrong = [f"another {name}" for name in wanted if wanted[name] != found[name]]
    if [row[0] for row in found["rows"]] != list(range(TRIALS)):
        wrong.append("a trial is missing in the table, or there twice")
    if numbers_told(folder) != list(range(TRIALS)):
        wrong.append("a trial is missing in the journal, or there twice")
    return wrong


def numbers_told(folder: Path) -> list[int]:
    """Numbers of the trials that the journal holds, as it holds them: whose values are those that were proposed."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = JournalStorage(JournalFileBackend(str(folder / "journal.log")))
    told = optuna.load_study(study_name="layerlab", storage=storage).get_trials()
    proposed = [one for path in sorted((folder / "batches").iterdir()) for one in json.loads(path.read_text())]
    same = [
        one["number"] for one, own in zip(proposed, told, strict=False) if own.params.items() <= one["values"].items()
    ]
    return same + [own.number for own in told[len(proposed) :]]


def largest(wanted: list[list[Any]], found: list[list[Any]]) -> Iterator[float]:
    """Relative differences of the numbers in two tables."""
    yield 0.0
    for one, other in zip(wanted, found, strict=False):
        for a, b in zip(one[3:], other[3:], strict=False):
            if a != b:
                yield abs(a - b) / max(abs(a), abs(b))


def main() -> None:
    """The searches, and a table of what became of them."""
    parser = argparse.ArgumentParser(description="Kills at random moments during a search.")
    parser.add_argument("--kills", type=int, default=20, help="of each victim")
    parser.add_argument("--only", choices=[*VICTIMS], help="one of the victims")
    parser.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--victim", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.search:
        table = searched(given.search, VICTIMS[given.victim])
        given.search.with_suffix(".json").write_text(json.dumps(table))
        return
    with tempfile.TemporaryDirectory() as name:
        begin = perf_counter()
        undisturbed = Path(name) / "undisturbed"
        disturbed(undisturbed, PARENT, 0, random.Random(0), 1.0)  # noqa: S311
        seconds, wanted = perf_counter() - begin, json.loads(undisturbed.with_suffix(".json").read_text())
        print(f"{TRIALS} trials on 3 folds, undisturbed: {seconds:.0f} s\n")
        print("| killed | times | searches | largest difference | what was wrong | seconds |")
        print("|---|---|---|---|---|---|")
        for victim in [given.only] if given.only else VICTIMS:
            most = 0.8 * seconds if victim == PARENT else seconds / 4
            one = faults(wanted, victim, given.kills, most, Path(name))
            wrong = "; ".join(one.wrong) or "nothing"
            print(
                f"| {one.victim} | {one.kills} | {one.searches} | {one.difference:.0e} | {wrong} | {one.seconds:.0f} |"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()

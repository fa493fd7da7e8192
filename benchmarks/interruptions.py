"""Nothing lost: signals at random moments, trainings side by side, full disks.

    python -m benchmarks.interruptions --signals 100 --early 20 --pairs 50 --disks 20

Every training is ``layerlab train`` in a process of its own. A signal (SIGTERM, SIGHUP and SIGINT in turn) comes at a
random moment after the first update, which the log shows, until the process would have ended by itself: it must leave a
run that loads. One that comes before the first update must leave a sentence and no file. Two trainings at once in one
folder must leave two runs, each with a log of its own. On a full disk (a small tmpfs in a name space of its own, which
needs no root) the run must be kept elsewhere, and the sentence must say where.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

SECONDS = 5.0
"""So long a command may go on after a signal."""

MOST = 120
"""Seconds after which a process counts as hanging."""

TRAINED = ("train", "digits", "--engine", "numpy", "--out", "run", "--json", "facts.json", "--plots", "pictures")
UPDATES = ("--layers", "20", "--iterations", "2000")
SIDE_BY_SIDE = ("train", "flower", "--engine", "numpy", "--iterations", "400", "--every", "1", "--no-advice")


class Ended(NamedTuple):
    """How a process ended.

    Attributes:
        status: its exit status.
        err: what it said on standard error.
        seconds: from the signal to its end.
    """

    status: int
    err: str
    seconds: float


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start a command in a folder."""
    command = [sys.executable, "-m", "layerlab", *words]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str], begin: float) -> Ended:
    """Wait for a process to end."""
    try:
        _, err = process.communicate(timeout=MOST)
    except subprocess.TimeoutExpired:
        process.kill()
        err = process.communicate()[1] + "killed: it hung"
    return Ended(process.returncode, err, monotonic() - begin)


def has_begun(folder: Path) -> bool:
    """Whether the first update was made: the log is there, or already the run."""
    return (folder / "run.log.csv").exists() or (folder / "run").exists()


def undisturbed(folder: Path) -> tuple[float, float]:
    """Seconds from the start to the first update, and from there to the end."""
    begin = monotonic()
    process = started(folder, *TRAINED, *UPDATES)
    while not has_begun(folder) and process.poll() is None:
        sleep(0.01)
    first = monotonic() - begin
    one = ended(process, begin)
    if one.status:
        raise SystemExit(one.err)
    return first, one.seconds - first


def phase(folder: Path) -> str:
    """What a command was at when the signal came, by what there was on the disk."""
    if not has_begun(folder):
        return "before the first update"
    if not (folder / "run").exists():
        return "training, advice or saving"
    if not (folder / "facts.json").exists():
        return "scoring"
    return "plotting" if (folder / "pictures").exists() else "printing, loading what draws"


def wrong_after(folder: Path, one: Ended) -> list[str]:
    """What is not as it must be after a signal that came after the first update."""
    import layerlab

    wrong = []
    try:
        layerlab.load(folder / "run")
    except layerlab.InputError as error:
        wrong.append(f"no run: {error}")
    if one.status not in (0, 1):
        wrong.append(f"status {one.status}")
    return wrong + wrong_words(folder, one)


def wrong_words(folder: Path, one: Ended) -> list[str]:
    """Tracebacks and half files."""
    wrong = ["a traceback"] * ("Traceback" in one.err or "Exception ignored" in one.err)
    wrong += [f"left {path.name}" for path in folder.rglob(".*")]
    if (folder / "facts.json").exists():
        json.loads((folder / "facts.json").read_text())
    return wrong


def signalled(chance: random.Random, number: int, times: tuple[float, float], early: bool) -> tuple[str, Any, Ended]:
    """Send one signal at a random moment; what the command was at, what was wrong, and how it ended."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        process = started(folder, *TRAINED, *UPDATES)
        if early:
            sleep(chance.uniform(0.1, 0.95 * times[0]))
        else:
            while not has_begun(folder) and process.poll() is None:
                sleep(0.005)
            sleep(chance.uniform(0.0, 0.95 * times[1]))
        at, over, begin = phase(folder), process.poll() is not None, monotonic()
        process.send_signal(SIGNALS[number % len(SIGNALS)])
        one = ended(process, begin)
        if has_begun(folder):
            return "after its end" if over else at, wrong_after(folder, one), one
        if one.status < 0 and not one.err:
            return "while Python itself started", [f"left {path.name}" for path in folder.iterdir()], one
        wrong = [f"left {path.name}" for path in folder.iterdir()] + wrong_words(folder, one)
        wrong += [] if one.status == 1 and "layerlab: interrupted" in one.err else [f"{one.status}: {one.err}"]
        return "before the first update", wrong, one


def signals(number: int, early: bool, chance: random.Random) -> list[str]:
    """Send so many signals, each to a training of its own; lines for the page."""
    with tempfile.TemporaryDirectory() as place:
        undisturbed(Path(place))  # warms the disk
    with tempfile.TemporaryDirectory() as place:
        times = undisturbed(Path(place))
    kinds, wrong, seconds = Counter[str](), list[str](), list[float]()
    for i in range(number):
        at, faults, one = signalled(chance, i, times, early)
        kinds[at] += 1
        seconds.append(one.seconds)
        wrong += [f"{SIGNALS[i % len(SIGNALS)].name} while {at}: {fault}" for fault in faults]
        print(f"{i + 1}: {at}, {one.seconds:.1f} s, {'; '.join(faults) or 'right'}", file=sys.stderr, flush=True)
    slow = sum(one > SECONDS for one in seconds)
    when = "before the first update" if early else "after the first update"
    return [
        f"{number} signals {when} ({times[0]:.1f} s to the first update, {times[1]:.1f} s from there to the end)",
        *(f"  {count} while: {at}" for at, count in kinds.most_common()),
        f"  ended {sorted(seconds)[number // 2]:.2f} s after the signal (median), {max(seconds):.1f} s at most",
        f"  {slow} of {number} took more than {SECONDS:g} s",
        _wrong(wrong),
    ]


def _wrong(sentences: list[str]) -> str:
    return f"  wrong: {'; '.join(sentences) or 'nothing'}"


def pairs(number: int, _: random.Random) -> list[str]:
    """Start so many pairs of trainings in one folder; lines for the page."""
    import layerlab

    wrong = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for i in range(number):
            both = [started(folder, *SIDE_BY_SIDE, "--seed", str(2 * i + one)) for one in (0, 1)]
            wrong += [
                f"{one.status}: {one.err}" for one in (ended(process, monotonic()) for process in both) if one.status
            ]
        kept = sorted((folder / "runs").iterdir())
        seeds = {layerlab.load(path).settings["seed"] for path in kept}
        for path in kept:
            epochs = [json.loads(line)["epoch"] for line in (path / "log.jsonl").read_text().splitlines()]
            if epochs != list(range(1, 401)):
                wrong.append(f"{path.name}: a log of {len(epochs)} lines")
    return [
        f"{number} pairs: {len(kept)} runs of {len(seeds)} different seeds",
        _wrong(wrong),
    ]


def on_a_full_disk(kibibytes: int) -> list[str]:
    """Train with the run's place on a disk of this size, in a name space of its own; what is wrong."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "disk").mkdir()
        inside = [sys.executable, "-m", "benchmarks.interruptions", "--inside", str(folder), str(kibibytes)]
        spaces = ["unshare", "--user", "--map-root-user", "--mount"]
        done = subprocess.run([*spaces, *inside], capture_output=True, text=True, check=False)
        if done.returncode:
            return [done.stderr.strip()[-300:]]
        return list(json.loads(done.stdout))


def inside(folder: Path, kibibytes: int) -> list[str]:
    """Mount the disk, train, and look: what is wrong."""
    import layerlab

    disk = folder / "disk"
    mount = shutil.which("mount") or "/bin/mount"
    subprocess.run([mount, "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(disk)], check=True)
    words = ("train", "digits", "--engine", "numpy", "--layers", "200", "--iterations", "100", "--every", "1")
    process = started(folder, *words, "--out", "disk/run", "--no-advice", "--json", "facts.json", "--plots", "pictures")
    one = ended(process, monotonic())
    wrong = [] if one.status == 1 else [f"status {one.status}"]
    said = re.search(r"the run is kept in (.+) instead", one.err)
    if said is None or "disk/run" not in one.err:
        return [*wrong, f"does not say where the run is: {one.err.strip()[-300:]}"]
    run = layerlab.load(said[1])
    facts = json.loads((folder / "facts.json").read_text())
    wrong += [] if len(run.history.costs) == 100 and facts["out"] == said[1] else ["another run"]
    wrong += [] if (folder / "pictures").exists() else ["no pictures"]
    logs = [path.read_bytes() for path in disk.glob("*") if path.suffix in (".csv", ".jsonl")]
    wrong += ["half a line in a log" for log in logs if log and not log.endswith(b"\n")]
    return wrong + [f"left {path.name}" for path in disk.iterdir() if path.suffix not in (".csv", ".jsonl")]


def disks(number: int, chance: random.Random) -> list[str]:
    """Train on so many full disks of different sizes; lines for the page."""
    sizes = [chance.randrange(4, 100, 4) for _ in range(number)]  # the network alone takes 120 KiB
    wrong = [f"{size} KiB: {fault}" for size in sizes for fault in on_a_full_disk(size)]
    return [f"{number} disks of {min(sizes)} to {max(sizes)} KiB", _wrong(wrong)]


def main() -> None:
    """Do what is asked, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name, what in {"signals": "after", "early": "before"}.items():
        parser.add_argument(f"--{name}", type=int, default=0, help=f"signals {what} the first update")
    parser.add_argument("--pairs", type=int, default=0, help="pairs of trainings in one folder")
    parser.add_argument("--disks", type=int, default=0, help="full disks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        print(json.dumps(inside(Path(asked.inside[0]), int(asked.inside[1]))))
        return
    for one in SIGNALS:
        signal.signal(one, signal.SIG_DFL)  # what is ignored here, as in the background, would be ignored there
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp()
    tasks: dict[str, tuple[int, Callable[[int, random.Random], list[str]]]] = {
        "signals": (asked.signals, lambda n, chance: signals(n, False, chance)),
        "early": (asked.early, lambda n, chance: signals(n, True, chance)),
        "pairs": (asked.pairs, pairs),
        "disks": (asked.disks, disks),
    }
    for number, task in tasks.values():
        if number:
            begin = monotonic()
            chance = random.Random(asked.seed)  # noqa: S311
            print("\n".join(task(number, chance)), f"\n  {monotonic() - begin:.0f} s", flush=True)
    shutil.rmtree(os.environ["XDG_CACHE_HOME"], ignore_errors=True)


if __name__ == "__main__":
    main()

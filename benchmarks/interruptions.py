"""Nothing lost: signals at random moments, trainings side by side, full disks.

    python -m benchmarks.interruptions --signals 100 --early 20 --pairs 50 --disks 20

Every training is the command ``layerlab train`` in a process of its own, which is forked from one that has loaded
layerlab, so that little time goes into loading. A signal (SIGTERM, SIGHUP and SIGINT in turn) comes at a random moment
after the first update, which the log shows, until the process would have ended by itself: it must leave a run that
loads. Those that come before the first update come to a Python that is started anew: they must leave a sentence and no
file. Two trainings at once in one folder must leave two runs, each with a log of its own. On a full disk (a small tmpfs
in a name space, which needs no root) the run must be kept elsewhere, and the sentence must say where.
"""

from __future__ import annotations

import argparse
import io
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple, NoReturn

from layerlab.__main__ import start
from layerlab.commands.main import main as run_command

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

SECONDS = 5.0
"""So long a command may go on after a signal."""

MOST = 120
"""Seconds after which a process counts as hanging."""

TRAINED = ("train", "digits", "--engine", "numpy", "--out", "run", "--json", "facts.json", "--plots", "pictures")
UPDATES = ("--layers", "20", "--iterations", "500")
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


class Training:
    """A process that runs the command line in a folder, forked from this one.

    Args:
        folder: the current folder of the process; what it prints lies beside it.
        words: of the command.
    """

    def __init__(self, folder: Path, *words: str) -> None:
        self.said = folder.with_name(f"{folder.name}.{len(list(folder.parent.iterdir()))}.err")
        self.status: int | None = None
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._run(folder, words)

    def _run(self, folder: Path, words: tuple[str, ...]) -> NoReturn:
        status: Any = 1
        try:
            os.chdir(folder)
            for number, place in ((1, Path(os.devnull)), (2, self.said)):
                os.dup2(os.open(place, os.O_CREAT | os.O_WRONLY | os.O_APPEND), number)
            sys.argv = ["layerlab", *words]
            start()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        finally:
            sys.stdout.flush()
            os._exit(status if isinstance(status, int) else 1)

    def poll(self) -> int | None:
        """The exit status, negative for the signal that killed it; None while it runs."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status

    def send_signal(self, number: int) -> None:
        """Send a signal to the process if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def ended(self, begin: float) -> Ended:
        """Wait for its end."""
        while self.poll() is None and monotonic() - begin < MOST:
            sleep(0.005)
        self.send_signal(signal.SIGKILL)
        while self.poll() is None:
            sleep(0.005)
        return Ended(self.status or 0, self.said.read_text() if self.said.exists() else "", monotonic() - begin)


def load_everything() -> None:
    """Train once in this process, so that those that are forked from it have all modules."""
    with tempfile.TemporaryDirectory() as place:
        before = Path.cwd()
        os.chdir(place)
        sys.argv = ["layerlab", *TRAINED, "--iterations", "5", "--no-advice"]
        with suppress(SystemExit), redirect_stdout(io.StringIO()):
            run_command()
        os.chdir(before)


@contextmanager
def new_folder() -> Iterator[Path]:
    """An empty folder, in one where something may lie beside it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "here"
        folder.mkdir()
        yield folder


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start Python anew for a command in a folder."""
    command = [sys.executable, "-m", "layerlab", *words]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def has_begun(folder: Path) -> bool:
    """Whether the first update was made: the log is there, or already the run."""
    return (folder / "run.log.csv").exists() or (folder / "run").exists()


def undisturbed() -> float:
    """Seconds from the first update to the end."""
    with new_folder() as folder:
        process = Training(folder, *TRAINED, *UPDATES)
        while not has_begun(folder) and process.poll() is None:
            sleep(0.005)
        one = process.ended(monotonic())
        if one.status:
            raise SystemExit(one.err)
        return one.seconds


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


def after_the_first_update(chance: random.Random, number: int, longest: float) -> tuple[str, list[str], Ended]:
    """Send one signal at a random moment; what the command was at, what was wrong, and how it ended."""
    with new_folder() as folder:
        process = Training(folder, *TRAINED, *UPDATES)
        while not has_begun(folder) and process.poll() is None:
            sleep(0.002)
        sleep(chance.uniform(0.0, longest))
        at, over, begin = phase(folder), process.poll() is not None, monotonic()
        process.send_signal(SIGNALS[number % len(SIGNALS)])
        one = process.ended(begin)
        return "after its end" if over else at, wrong_after(folder, one), one


def before_the_first_update(chance: random.Random, number: int, longest: float) -> tuple[str, list[str], Ended]:
    """Send one signal at a random moment to a Python that has just been started."""
    with new_folder() as folder:
        process = started(folder, *TRAINED, *UPDATES)
        sleep(chance.uniform(0.1, longest))
        at, begin = phase(folder), monotonic()
        process.send_signal(SIGNALS[number % len(SIGNALS)])
        _, err = process.communicate()
        one = Ended(process.returncode, err, monotonic() - begin)
        if has_begun(folder):
            return at, wrong_after(folder, one), one
        left = [f"left {path.name}" for path in folder.iterdir()]
        if one.status < 0 and not err:
            return "while Python itself started, without a word", left, one
        said = one.status == 1 and "layerlab: interrupted" in err
        return at, left + wrong_words(folder, one) + ([] if said else [f"{one.status}: {err}"]), one


def signals(number: int, early: bool, chance: random.Random) -> list[str]:
    """Send so many signals, each to a training of its own; lines for the page."""
    if early:
        begin = monotonic()
        with new_folder() as folder:
            process = started(folder, *TRAINED, *UPDATES)
            while not has_begun(folder) and process.poll() is None:
                sleep(0.005)
            longest = monotonic() - begin
            process.kill()
            process.communicate()
        when, send = f"before the first update ({longest:.1f} s after the start)", before_the_first_update
    else:
        longest = undisturbed()
        when, send = f"after the first update, until the end {longest:.1f} s later", after_the_first_update
    kinds, wrong, seconds = Counter[str](), list[str](), list[float]()
    for i in range(number):
        at, faults, one = send(chance, i, 0.95 * longest)
        kinds[at] += 1
        seconds.append(one.seconds)
        wrong += [f"{SIGNALS[i % len(SIGNALS)].name} while {at}: {fault}" for fault in faults]
        print(f"{i + 1}: {at}, {one.seconds:.1f} s, {'; '.join(faults) or 'right'}", file=sys.stderr, flush=True)
    slow = sum(one > SECONDS for one in seconds)
    return [
        f"{number} signals {when}",
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
    with new_folder() as folder:
        for i in range(number):
            both = [Training(folder, *SIDE_BY_SIDE, "--seed", str(2 * i + one)) for one in (0, 1)]
            all_ended = [process.ended(monotonic()) for process in both]
            wrong += [f"{one.status}: {one.err}" for one in all_ended if one.status]
        kept = sorted((folder / "runs").iterdir())
        seeds = {layerlab.load(path).settings["seed"] for path in kept}
        for path in kept:
            epochs = [json.loads(line)["epoch"] for line in (path / "log.jsonl").read_text().splitlines()]
            if epochs != list(range(1, 401)):
                wrong.append(f"{path.name}: a log of {len(epochs)} lines")
    return [f"{number} pairs: {len(kept)} runs of {len(seeds)} different seeds", _wrong(wrong)]


def on_a_full_disk(folder: Path, kibibytes: int) -> list[str]:
    """Train with the run's place on a disk of this size; what is wrong."""
    import layerlab

    disk = folder / "disk"
    disk.mkdir()
    mount = shutil.which("mount") or "/bin/mount"
    subprocess.run([mount, "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(disk)], check=True)
    words = ("train", "digits", "--engine", "numpy", "--layers", "200", "--iterations", "100", "--every", "1")
    others = ("--out", "disk/run", "--no-advice", "--json", "facts.json", "--plots", "pictures")
    one = Training(folder, *words, *others).ended(monotonic())
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
    sizes, wrong = [chance.randrange(4, 100, 4) for _ in range(number)], []  # the network alone takes 120 KiB
    for size in sizes:
        with new_folder() as folder:
            wrong += [f"{size} KiB: {fault}" for fault in on_a_full_disk(folder, size)]
            umount = shutil.which("umount") or "/bin/umount"
            subprocess.run([umount, str(folder / "disk")], check=True)
    return [f"{number} disks of {min(sizes)} to {max(sizes)} KiB", _wrong(wrong)]


def in_a_name_space(number: int, seed: int) -> None:
    """Do the same in a name space of mounts, where the disks are nobody else's."""
    inside = [sys.executable, "-m", "benchmarks.interruptions", "--inside", str(number), "--seed", str(seed)]
    subprocess.run([shutil.which("unshare") or "unshare", "--user", "--map-root-user", "--mount", *inside], check=True)


def main() -> None:
    """Do what is asked, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name, what in {"signals": "after", "early": "before"}.items():
        parser.add_argument(f"--{name}", type=int, default=0, help=f"signals {what} the first update")
    parser.add_argument("--pairs", type=int, default=0, help="pairs of trainings in one folder")
    parser.add_argument("--disks", type=int, default=0, help="full disks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--inside", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    for one in SIGNALS:
        signal.signal(one, signal.SIG_DFL)  # what is ignored here, as in the background, would be ignored there
    load_everything()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    tasks: dict[str, tuple[int, Callable[[int, random.Random], list[str]]]] = {
        "signals": (asked.signals, lambda n, chance: signals(n, False, chance)),
        "early": (asked.early, lambda n, chance: signals(n, True, chance)),
        "pairs": (asked.pairs, pairs),
        "inside": (asked.inside, disks),
    }
    for number, task in tasks.values():
        if number:
            begin, chance = monotonic(), random.Random(asked.seed)  # noqa: S311
            print("\n".join(task(number, chance)), f"\n  {monotonic() - begin:.0f} s", flush=True)
    if asked.disks:
        in_a_name_space(asked.disks, asked.seed)


if __name__ == "__main__":
    main()

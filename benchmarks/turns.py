"""Who goes when: the contenders of a row take turns, A B C A B C …, each in its own process, one at a time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from .row import Contender, Row, UnavailableError

ROOT = Path(__file__).parents[1]

REST = 0.15
"""Seconds before each turn: the thread pool of the contender before spins for a tenth of one after its last product."""

WATCH = 0.1
"""Seconds after that in which everybody rests and the machine is looked at: who is busy then is somebody else."""


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def environment(cache: str, row: Row) -> dict[str, str]:
    """What all processes get alike: as many threads as there are cores, and an empty cache folder.

    XLA takes no number of threads: it uses all cores.
    """
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    ours = {name: str(cores()) for name in threads} | {"XDG_CACHE_HOME": cache}
    if not row.gpu:
        ours["JAX_PLATFORMS"] = "cpu"
    unwanted = ("PYTHONDONTWRITEBYTECODE", "JAX_COMPILATION_CACHE_DIR", "OMP_WAIT_POLICY")
    return {name: value for name, value in os.environ.items() if name not in unwanted} | ours


def others_busy() -> float | None:
    """The share of all processors that other programs keep busy, looked at after a rest; None where none can say."""
    sleep(REST)
    before = _ticks()
    sleep(WATCH)
    (busy, every), (busy_before, every_before) = _ticks(), before
    return None if every == every_before else (busy - busy_before) / (every - every_before)


def _ticks() -> tuple[int, int]:
    """What all processors have spent busy, and altogether, in ticks since the machine's start; zeros but on Linux."""
    try:
        line = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0]
    except OSError:
        return 0, 0
    ticks = [int(number) for number in line.split()[1:]]
    return sum(ticks[:8]) - ticks[3] - ticks[4], sum(ticks[:8])


class Worker:
    """A contender's process, started and ready."""

    def __init__(
        self, row: Row, contender: Contender, quick: bool, root: Path = ROOT, cache: str | None = None
    ) -> None:
        """Start it in a checkout and wait until it has prepared; ``imported`` is how long its library took.

        Its cache folder is a new one, or that of a worker before it.

        Raises:
            UnavailableError: it cannot do the row here.
        """
        self.cache = tempfile.mkdtemp() if cache is None else cache
        self._owns_cache = cache is None
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        options = ["--quick"] if quick else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", row.name, contender.label, *options],
            cwd=root,
            env={**environment(self.cache, row), "PYTHONPATH": str(root / "src")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.imported: float = self._answer().get("import", 0.0)

    def go(self) -> dict[str, Any]:
        """One turn's facts, and how busy the machine was before it."""
        busy = others_busy()
        return {**self._ask("go"), "busy": busy}

    def end(self) -> int:
        """Its peak memory in bytes; the process ends."""
        peak: int = self._ask("end")["peak"]
        self.stop()
        return peak

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()
        if self._owns_cache:
            shutil.rmtree(self.cache, ignore_errors=True)

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        except OSError:  # it has died; its last words are read instead of an answer
            pass
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101
        line = self._process.stdout.readline()
        reply: dict[str, Any] = json.loads(line) if line else {"skipped": self._last_words()}
        if "skipped" in reply:
            self.stop()
            raise UnavailableError(reply["skipped"])
        return reply

    def _last_words(self) -> str:
        self._process.wait()
        self._errors.seek(0)
        words = self._errors.read().strip().splitlines()
        return f"its process ended: {words[-1] if words else f'exit status {self._process.returncode}'}"


def cold_process(row: Row, contender: Contender) -> dict[str, Any]:
    """Facts of one whole process of ``cold_fit``.

    Raises:
        UnavailableError: its library is not installed.
    """
    cache, busy = tempfile.mkdtemp(), others_busy()
    begun = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.cold_fit", contender.library],
        cwd=ROOT,
        env=environment(cache, row),
        capture_output=True,
        text=True,
    )
    seconds = perf_counter() - begun
    shutil.rmtree(cache, ignore_errors=True)
    if done.returncode:
        raise UnavailableError(f"its process ended: {done.stderr.strip().splitlines()[-1]}")
    reply: dict[str, Any] = json.loads(done.stdout)
    if "skipped" in reply:
        raise UnavailableError(reply["skipped"])
    return {"seconds": seconds, "updates": seconds, "iterations": 1, "checked": [], "busy": busy, **reply}


def measure(row: Row, rounds: int, quick: bool, tell: Callable[[str], None]) -> dict[str, dict[str, Any]]:
    """All turns of a row.

    Args:
        row: what is measured.
        rounds: turns of each contender, after a first one that is kept apart.
        quick: with as few iterations as the comparison of costs allows.
        tell: is called with how far it is.

    Returns:
        By the contender's label: "skipped", a reason; or "import" in seconds, "first" with the first turn's facts,
        "rounds" with those of the others, "cold" with those of first turns in new processes, "kept" with those of
        first turns in new processes that find the cache folder of the first one, "peak" in bytes.
    """
    found: dict[str, dict[str, Any]] = {}
    workers: dict[str, Worker] = {}
    try:
        for contender in row.contenders:
            tell(f"{row.name}: {contender.label} prepares")
            _attempt(found, contender, partial(_start, row, contender, quick, workers))
        for number in range(rounds):
            for contender in row.contenders:
                if "skipped" not in found[contender.label]:
                    tell(f"{row.name}: round {number + 1} of {rounds}, {contender.label}")
                    _attempt(found, contender, partial(_turn, row, contender, quick, workers, found))
        for label, worker in list(workers.items()):
            if "skipped" not in found[label]:
                with suppress(UnavailableError):
                    found[label]["peak"] = worker.end()
    finally:
        for worker in workers.values():
            worker.stop()
    return found


def _attempt(found: dict[str, dict[str, Any]], contender: Contender, work: Callable[[], dict[str, Any]]) -> None:
    """What the work finds out about a contender, or why it was left out."""
    try:
        found[contender.label] = work()
    except UnavailableError as reason:
        found[contender.label] = {"skipped": str(reason)}


def _start(row: Row, contender: Contender, quick: bool, workers: dict[str, Worker]) -> dict[str, Any]:
    if row.task == "cold":
        return {"import": 0.0, "first": cold_process(row, contender), "rounds": [], "cold": [], "kept": []}
    worker = workers[contender.label] = Worker(row, contender, quick)
    return {"import": worker.imported, "first": worker.go(), "rounds": [], "cold": [], "kept": []}


def _turn(
    row: Row, contender: Contender, quick: bool, workers: dict[str, Worker], found: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    known = found[contender.label]
    if row.task == "cold":
        turn = cold_process(row, contender)
        return {**known, "rounds": [*known["rounds"], turn], "peak": turn["peak"]}
    known["rounds"].append(workers[contender.label].go())
    caches = {"cold": None, "kept": workers[contender.label].cache}
    for kind in ("cold", "kept"):
        if getattr(contender, kind):
            fresh = Worker(row, contender, quick, cache=caches[kind])
            known[kind].append(fresh.go())
            fresh.stop()
    return known

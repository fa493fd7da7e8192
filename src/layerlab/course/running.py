"""Files of learners are checked in processes of their own: a spare one waits, and none is left behind.

``Checker`` is the only door. Whatever happens in the process, it ends in a ``Report``: an endless loop, a crash or an
``exit()`` are findings like any other.
"""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from layerlab.errors import WorkError

from .checker.diagnostic import Diagnostic
from .checker.exercise import Exercise
from .checker.judging.limits import BEGUN, DONE, LEARNERS_FILE, SECONDS
from .reports import Report

START = (
    "import sys; numpy = sys.argv.pop(); sys.path.insert(0, sys.argv.pop()); sys.path.append(numpy); "
    "from checker.child import wait; wait()"
)
"""What Python is started with: the folder in which ``checker`` lies comes first, and that of NumPy last."""

LATE, STARTING = 0.7, 20.0
"""Seconds after which a process is killed: one that should have ended itself, and one that does not begin."""

PATIENCE = 5.0
"""How many times as long as a learner's file an author's may take."""

SHOWN = 4000
"""Characters of what a file printed that are kept."""

_FAILED = "The checker itself failed, which is not the fault of the file. Please report it"
_FOLDER = Path(__file__).resolve().parent
_KEPT = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "SYSTEMROOT", "WINDIR"]
_KEPT += ["TEMP", "TMP", "TMPDIR"]
_THREADS = ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"]


class Checker:
    """Checks texts one after the other; between two checks a process waits that has loaded NumPy already.

    Use it in a ``with`` statement: at its end the waiting process ends as well.

    Args:
        shared: whether one process checks all, for authors' texts, which are trusted not to disturb each other; else
            each has its own. Their checks may also take longer: they ask what is found, not how quick a machine is.
    """

    def __init__(self, *, shared: bool = False) -> None:
        self._shared, self._patience = shared, PATIENCE if shared else 1.0
        self._waiting: _Child | None = None

    def __enter__(self) -> Checker:
        self._waiting = _Child()
        return self

    def __exit__(self, *reason: object) -> None:
        if self._waiting is not None:
            self._waiting.end()
            self._waiting = None

    def check(self, exercise: Exercise, source: str, verdict: Callable[[bool], None] | None = None) -> Report:
        """Check one text.

        Args:
            exercise: the exercise that it is for.
            source: the text of the learner's file.
            verdict: gets whether the text passed, as soon as that is known.

        Raises:
            WorkError: no process can be started, or the checker itself failed.
        """
        started = time.perf_counter()
        child, self._waiting = self._begun(), None
        facts: dict[str, Any] = {}
        done = False
        try:
            request = {"exercise": str(exercise.folder), "source": source, "patience": self._patience}
            for answer in child.answers(request):
                facts |= answer
                if verdict is not None and "passed" in answer:
                    verdict(answer["passed"])
            seconds = time.perf_counter() - started
            done = child.done
        finally:
            if self._shared and done:
                self._waiting = child
            else:
                child.end()
                self._waiting = _Child()
        if "error" in facts:
            raise WorkError(f"{_FAILED}: {facts['error'].strip().splitlines()[-1]}")
        if "passed" not in facts:
            facts |= {"passed": False, "findings": [child.meaning().record()]}
        elif not facts["passed"] and "findings" not in facts:  # the verdict stands, whatever became of the diagnosis
            facts["findings"] = [Diagnostic("unnamed", details={"failed": "the diagnosis did not end"}).record()]
        return Report.of(exercise, facts, child.printed, seconds)

    def _begun(self) -> _Child:
        if self._waiting is not None and not self._waiting.runs():
            self._waiting.end()
            self._waiting = None
        return self._waiting or _Child()


def check_source(exercise: Exercise, source: str) -> Report:
    """Check one text in a process that is started for it alone."""
    with Checker() as checker:
        return checker.check(exercise, source)


class _Child:
    """One process, from its start to its end, in a group of its own."""

    def __init__(self) -> None:
        self._prints = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the process
        command = [sys.executable, "-I", "-X", "utf8", "-c", START, str(_FOLDER), str(Path(np.__file__).parents[1])]
        try:
            self._process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._prints,
                env={name: os.environ[name] for name in _KEPT if name in os.environ} | dict.fromkeys(_THREADS, "1"),
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            raise WorkError(f"No process can be started in which to check the file: {error}.") from None
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._said: list[str] = []
        self._killed = self.done = False
        self.printed = ""

    def runs(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def answers(self, request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Send the request, and give what comes back until it is done, the process ends, or its time is over."""
        self.done = False
        with suppress(BrokenPipeError):  # it ended already: ``meaning`` says so
            requests = cast("IO[bytes]", self._process.stdin)
            requests.write((json.dumps(request) + "\n").encode())
            requests.flush()
        until = time.monotonic() + STARTING
        while True:
            try:
                line = self._lines.get(timeout=max(until - time.monotonic(), 0))
            except queue.Empty:
                self._killed = True
                return
            if line is None:
                return
            if line == DONE:
                self.done = True
                self._keep_printed()
                return
            if line == BEGUN or line.startswith(b"{"):
                until = time.monotonic() + SECONDS * request["patience"] + LATE
            if line.startswith(b"{"):
                yield json.loads(line)
            elif line != BEGUN:
                self._said.append(line.decode(errors="replace"))

    def end(self) -> None:
        """Kill the process and all that it started, wait until it is gone, and keep what it printed."""
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self._status = self._process.wait()
        self._reader.join(1)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        self._keep_printed()
        self._prints.close()

    def meaning(self) -> Diagnostic:
        """What it means that the process ended without findings."""
        said = "".join(self._said)
        if self._killed or "Timeout" in said:
            return Diagnostic("never-ends", line=_line(said), details={"seconds": SECONDS})
        if self._status < 0:
            return Diagnostic("died", line=_line(said), details={"signal": signal.Signals(-self._status).name})
        if self._status == 1 and "Traceback (most recent call last)" in self.printed:
            raise WorkError(f"{_FAILED}: {self.printed.strip().splitlines()[-1]}")
        return Diagnostic("ends-python", details={"how": f"os._exit({self._status})"})

    def _keep_printed(self) -> None:
        self._prints.seek(0)
        self.printed = self._prints.read(4 * SHOWN).decode(errors="replace")[:SHOWN]

    def _read(self) -> None:
        for line in cast("IO[bytes]", self._process.stdout):
            self._lines.put(line)
        self._lines.put(None)


def _line(said: str) -> int | None:
    """The innermost line of the learner's file in a traceback of faulthandler."""
    found = re.search(rf'File "{re.escape(LEARNERS_FILE)}", line (\d+)', said)
    return int(found[1]) if found else None

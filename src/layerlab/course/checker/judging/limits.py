"""What a learner's file may not do while it is checked, and what each such ending means.

This keeps accidents away: an exercise that overwrites a file, starts programs or fills the memory. It is no security
boundary: the code is the learner's own, on their own machine.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from importlib.abc import MetaPathFinder
from inspect import currentframe
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from ..diagnostic import Diagnostic

LEARNERS_FILE = "<learner>"
"""The file name under which a learner's text is compiled: frames of it are the learner's."""

SECONDS = 4.5
"""How long a check may take, from the line ``BEGUN`` on."""

BEGUN, DONE = b"begun\n", b"done\n"
"""What the process of a check answers first and last."""

MEMORY, FILE_SIZE = 2 << 30, 16 << 20
"""What a check may take: bytes of memory, and bytes of one file (what is printed goes into one)."""

MOST_PRINTED = 500_000
"""Characters that a file may print."""

ANSWERS = ("layerlab", "scipy", "sklearn", "jax", "torch", "tensorflow")
"""Packages that have the answers: an exercise is written with NumPy and what it is handed."""

REFUSALS = {
    "network": "an exercise is checked without a network",
    "process": "an exercise is checked without other processes: it may not start or end any",
    "write": "an exercise is checked without changing files: it may only read them",
}
"""Actions that the finding "forbidden" names, with the sentence of the exception."""

_PROCESS = """
    subprocess.Popen os.system os.exec os.posix_spawn os.spawn os.fork os.forkpty os.kill os.killpg os.startfile
    pty.spawn signal.pthread_kill webbrowser.open _winapi.CreateProcess
"""
_WRITE = """
    os.remove os.rename os.mkdir os.rmdir os.chmod os.chown os.link os.symlink os.truncate
    shutil.rmtree shutil.move shutil.copyfile
"""
_EVENTS = dict.fromkeys(_PROCESS.split(), "process") | dict.fromkeys(_WRITE.split(), "write")
"""Python's audit events that are refused beside those of sockets and files, and the action that each is."""

_PACKAGE = str(Path(__file__).resolve().parents[3]) + os.sep
_COURSE = str(Path(__file__).resolve().parents[2]) + os.sep


class Refused(PermissionError):  # noqa: N818
    """Says that a learner's file did what it may not do. It is remembered in ``Limits.refused``."""

    def __init__(self, diagnostic: Diagnostic, sentence: str) -> None:
        super().__init__(sentence)
        self.diagnostic = diagnostic


class Limits(MetaPathFinder):
    """Watches a check. What is refused raises ``Refused``, and is remembered if the learner's file goes on."""

    def __init__(self) -> None:
        self.refused: list[Diagnostic] = []
        self.awake = self._set = False

    def watch(self) -> None:
        """Refuse from now on, for a check that begins."""
        self.refused.clear()
        if not self._set:
            sys.dont_write_bytecode = self._set = True
            sys.meta_path.insert(0, self)
            sys.addaudithook(self._heard)
            _lower_limits()
        self.awake = True

    def rest(self) -> None:
        """Refuse nothing between two checks."""
        self.awake = False

    def refuse(self, code: str, sentence: str, **details: Any) -> None:
        """Remember what the learner's file tried, and raise."""
        diagnostic = Diagnostic(code, line=_line_of(currentframe()), details=details)
        self.refused.append(diagnostic)
        raise Refused(diagnostic, sentence)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:  # noqa: ARG002
        """Refuse to import what has the answers; leave all else to the others."""
        if self.awake and name.split(".")[0] in ANSWERS:
            self._refuse_answer(name)

    def _refuse_answer(self, module: str) -> None:
        self.refuse("imported-answer", f"the answer has to be your own: {module} cannot be imported", module=module)

    def _heard(self, event: str, values: tuple[Any, ...]) -> None:
        if not self.awake:
            return
        if event == "open":
            self._heard_open(*values)
        elif event == "builtins.input":
            self.refuse("asks", "an exercise is not asked anything: input() has nobody who answers")
        elif event in _EVENTS or event.startswith("socket."):
            action = _EVENTS.get(event, "network")
            self.refuse("forbidden", REFUSALS[action], action=action)

    def _heard_open(self, path: Any, mode: Any, flags: Any) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # a file that is open already, by its number
        name = os.fsdecode(path)
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        if (writes or (isinstance(mode, str) and set(mode) & set("wax+"))) and name != os.devnull:
            self.refuse("forbidden", REFUSALS["write"], action="write")
        full = str(Path(name).absolute())
        if full.startswith(_PACKAGE) and not full.startswith(_COURSE):
            self._refuse_answer("layerlab")


class Printed(io.TextIOWrapper):
    """Where a learner's file prints: up to ``MOST_PRINTED`` characters, and nothing at all when it is ``silent``."""

    def __init__(self, number: int, limits: Limits) -> None:
        super().__init__(io.FileIO(number, "w"), encoding="utf-8", errors="replace", line_buffering=True)
        self.limits = limits
        self.begin()

    def begin(self) -> None:
        """Begin again with nothing printed."""
        self.left, self.silent = MOST_PRINTED, False
        self.seek(0)
        self.truncate()

    def write(self, text: str) -> int:
        """Write, or refuse when it was too much."""
        self.left -= 0 if self.silent else len(text)
        if self.left < 0:
            self.limits.refuse("prints-too-much", f"more than {MOST_PRINTED:,} characters were printed")
        return len(text) if self.silent else super().write(text)


def ending(exception: BaseException) -> Diagnostic | None:
    """What an exception means that is about the run and not about its numbers; None for all others."""
    if isinstance(exception, Refused):
        return exception.diagnostic
    code: str | None = None
    details: Mapping[str, Any] = {}
    if isinstance(exception, SystemExit):
        code, details = "ends-python", {"how": "exit()"}
    elif isinstance(exception, MemoryError):
        code, details = "out-of-memory", {"text": str(exception)}
    elif isinstance(exception, RecursionError):
        code = "recursion"
    elif isinstance(exception, OSError) and exception.errno == errno.EFBIG:
        code = "prints-too-much"
    return None if code is None else Diagnostic(code, line=learners_line(exception), details=details)


def learners_line(exception: BaseException) -> int | None:
    """The innermost line of the learner's file that an exception went through."""
    lines = [
        line for frame, line in traceback.walk_tb(exception.__traceback__) if frame.f_code.co_filename == LEARNERS_FILE
    ]
    return lines[-1] if lines else None


def thread_that_goes_on(grace: float = 0.5) -> Diagnostic | None:
    """The finding for a thread that a learner's file started and that does not end, after a short wait."""
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    for thread in others:
        thread.join(grace / len(others))
    for number, frame in sys._current_frames().items():  # noqa: SLF001  there is no other way to them
        if number != threading.get_ident():
            return Diagnostic("never-ends", line=_line_of(frame), details={"thread": True})
    return None


class Overwritten:
    """Notes the names of NumPy, and puts back what a learner's file stores under them."""

    def __init__(self) -> None:
        self._modules = {"np": np, "np.linalg": np.linalg, "np.random": np.random}
        self._before = {name: dict(vars(module)) for name, module in self._modules.items()}

    def found(self) -> Diagnostic | None:
        """The finding on the first name that holds something else now."""
        first: Diagnostic | None = None
        for name, module in self._modules.items():
            for key, value in self._before[name].items():
                if vars(module).get(key) is not value:
                    setattr(module, key, value)
                    details = {"action": "overwrite", "name": f"{name}.{key}"}
                    first = first or Diagnostic("forbidden", details=details)
        return first


def _line_of(frame: FrameType | None) -> int | None:
    while frame is not None and frame.f_code.co_filename != LEARNERS_FILE:
        frame = frame.f_back
    return None if frame is None else frame.f_lineno


def _lower_limits() -> None:
    """Lower the limits of the process, where the system has them and lets it."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        with suppress(ValueError, OSError):  # macOS refuses some of them
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))

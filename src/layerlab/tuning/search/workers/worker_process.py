"""A process that works on a search: it claims one task after the other until the process that started it has gone.

    python -m layerlab.tuning.search.workers.worker_process FOLDER PARENT NAME

Each computes on one thread: two such processes on two cores do more than one on both, and the last bits do not depend
on how many cores there are. On Ctrl-C it does nothing: the parent kills it, and the task that it was at is begun again.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from time import sleep

from layerlab.errors import InputError, WorkError
from layerlab.tuning.search.state import SearchState
from layerlab.tuning.search.trials.folder import SearchFolder, what_the_disk_refuses
from layerlab.tuning.search.trials.task_training import TaskProgress

PAUSE = 0.05
"""Seconds between two looks for a task."""

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NPROC": "1"}
"""Variables by which NumPy's libraries and jax compute on one thread.

jax starts as many threads as ``NPROC`` says, else one a core. The flag below does not stop them from looking for work
in products; with two processes on two cores, this takes a third of their time.
"""

XLA_FLAG = "--xla_cpu_multi_thread_eigen=false"
"""By this jax computes a product on one thread."""


def on_one_thread(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables of a process that computes on one thread."""
    flags = environment.get("XLA_FLAGS", "")
    return {
        **environment,
        **ONE_THREAD,
        "XLA_FLAGS": flags if XLA_FLAG in flags else f"{flags} {XLA_FLAG}".strip(),
    }


class WorkerProcess:
    """A started process that works on the search in a folder for as long as this one lives.

    Args:
        folder: the folder of the search.
    """

    def __init__(self, folder: Path) -> None:
        self.name = secrets.token_hex(8)
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - nothing of it belongs on the screen
        words = ["-m", "layerlab.tuning.search.workers.worker_process", str(folder), str(os.getpid()), self.name]
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, *words],
            env=on_one_thread(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
        )

    @property
    def status(self) -> int | None:
        """The exit status, negative for the signal that killed it; None while it works."""
        return self.process.poll()

    def last_words(self) -> str:
        """Return the last line that it wrote on standard error."""
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else "it said nothing"

    def kill(self) -> None:
        """Kill the worker process without waiting for its task."""
        with suppress(OSError):
            self.process.kill()
        self.process.wait()
        self._stderr.close()


def progress_writer(folder: SearchFolder) -> Callable[[TaskProgress], None]:
    """Return a function that writes a task's progress where the process that watches the search reads it."""

    def write(progress: TaskProgress) -> None:
        path = folder.progress_file(progress.task)
        aside = path.with_name(f"{path.name}.part")
        aside.write_text(json.dumps(progress._asdict()))
        aside.replace(path)

    return write


def main() -> None:
    """Work until the parent is gone; an error that users can mend ends it with a sentence."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which kills this process
    path, parent, name = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    try:
        with what_the_disk_refuses(path):
            work(path, parent, name)
    except (InputError, WorkError) as error:
        sys.exit(str(error))


def work(path: Path, parent: int, name: str) -> None:
    """Train one task after the other; one that has not ended is left when the parent is gone.

    Args:
        path: the search's folder.
        parent: id of the process that started this one.
        name: the name of this process, by which others know at which task it died.
    """
    state = SearchState.at(path)
    write = progress_writer(state.folder)

    def watch(progress: TaskProgress) -> None:
        if os.getppid() != parent:
            sys.exit()
        write(progress)

    while os.getppid() == parent:
        if not state.run_one(watch, name):
            sleep(PAUSE)


if __name__ == "__main__":
    main()

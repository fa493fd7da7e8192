"""A process that works on a search: it claims one task after the other until the one that started it has gone.

    python -m layerlab.tuning.search.workers.worker_process FOLDER

Each computes on one thread: two such processes on two cores do more than one on both, and the bits do not depend on how
many cores there are.
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
from layerlab.tuning.search.trials.folder import Folder
from layerlab.tuning.search.trials.task_training import News

PAUSE = 0.05
"""Seconds between two looks for a task."""

ALONE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
FLAG = "--xla_cpu_multi_thread_eigen=false"


def on_one_thread(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that computes on one thread."""
    flags = environment.get("XLA_FLAGS", "")
    return {**environment, **ALONE, "XLA_FLAGS": flags if FLAG in flags else f"{flags} {FLAG}".strip()}


class Helper:
    """A process that works on the search in a folder for as long as this one lives."""

    def __init__(self, folder: Path) -> None:
        self.name = secrets.token_hex(8)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - its stderr, of which nothing belongs on the screen
        command = [
            sys.executable,
            "-m",
            "layerlab.tuning.search.workers.worker_process",
            str(folder),
            str(os.getpid()),
            self.name,
        ]
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            env=on_one_thread(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )

    @property
    def status(self) -> int | None:
        """Its exit status, negative for the signal that killed it; None while it works."""
        return self.process.poll()

    def last_words(self) -> str:
        """The last line that it wrote."""
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else "it said nothing"

    def end(self) -> None:
        """At once."""
        with suppress(OSError):
            self.process.kill()
        self.process.wait()
        self._said.close()


def teller(folder: Folder) -> Callable[[News], None]:
    """Writes how far a task is where the process that watches reads it."""

    def told(news: News) -> None:
        path = folder.news(news.task)
        aside = path.with_name(f"{path.name}.part")
        aside.write_text(json.dumps(news._asdict()))
        aside.replace(path)

    return told


def main() -> None:
    """Work until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends this one
    path, parent, name = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    try:
        work(path, parent, name)
    except (InputError, WorkError) as error:
        sys.exit(str(error))


def work(path: Path, parent: int, name: str) -> None:
    """One task after the other; one that is not ended is left when the parent is gone."""
    from layerlab.tuning.search.state import Arm

    arm = Arm.at(path)
    tell = teller(arm.folder)

    def told(news: News) -> None:
        if os.getppid() != parent:
            sys.exit()
        tell(news)

    while os.getppid() == parent:
        if not arm.run_one(told, name):
            sleep(PAUSE)


if __name__ == "__main__":
    main()

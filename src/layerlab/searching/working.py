"""A process that works on a search: it claims one task after the other until the one that started it has gone.

    python -m layerlab.searching.working FOLDER

Each computes on one thread: two such processes on two cores do more than one on both, and the bits do not depend on how
many cores there are.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import sleep

from .folder import Folder
from .running import News

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


def start(folder: Path) -> subprocess.Popen[bytes]:
    """A process that works on the search in a folder for as long as this one lives."""
    command = [sys.executable, "-m", "layerlab.searching.working", str(folder), str(os.getpid())]
    return subprocess.Popen(  # noqa: S603 - our own module
        command, env=on_one_thread(os.environ), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )


def teller(folder: Folder) -> object:
    """Writes how far a task is where the process that watches reads it."""

    def told(news: News) -> None:
        path = folder.news(news.task)
        aside = path.with_suffix(".part")
        aside.write_text(json.dumps(news._asdict()))
        aside.replace(path)

    return told


def main() -> None:
    """Work until the parent is gone."""
    from .arm import Arm

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends this one
    path, parent = Path(sys.argv[1]), int(sys.argv[2])
    arm = Arm.at(path)
    told = teller(arm.folder)
    while os.getppid() == parent:
        if not arm.run_one(told):  # type: ignore[arg-type]
            sleep(PAUSE)


if __name__ == "__main__":
    main()

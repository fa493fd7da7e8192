"""Files that a client takes away: each waits in the session's folder until it is fetched, once."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path
from threading import Lock

MOST_FILES = 16
"""So many files of a session wait; a further one takes the place of the oldest."""


class Downloads:
    """The files of a session, each under a random name. Any thread may use it."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._files: dict[str, tuple[Path, str]] = {}
        self._lock = Lock()

    def folder(self) -> Path:
        """Return a new empty folder for one file."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="layerlab-lab-"))
            return Path(tempfile.mkdtemp(dir=self._folder))

    def add(self, path: Path, name: str) -> str:
        """Let a file wait; return the random name under which it can be fetched."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._files[token] = path, name
            old = [*self._files][:-MOST_FILES]
            for one in old:
                _remove(self._files.pop(one)[0])
        return token

    def fetch(self, token: str) -> tuple[Path, str] | None:
        """Return a file and its name, once; whoever gets it removes it. None if there is no such file."""
        with self._lock:
            return self._files.pop(token, None)

    def close(self) -> None:
        """Remove all files."""
        with self._lock:
            self._files.clear()
            folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _remove(path: Path) -> None:
    shutil.rmtree(path.parent, ignore_errors=True)

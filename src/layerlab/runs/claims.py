"""Names on the disk that one process has for itself: a lock file, which the system frees with the process.

A name is claimed before the work whose result it is to hold: of two processes that want it one goes on, and the other
takes the next name or says so at once. A kill leaves nothing locked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from layerlab.errors import InputError

TRIES = 20
"""How often a lock file is opened that others remove at the same moment."""


class Lock:
    """A lock file, held until it is released or the process ends; the system frees it with the process.

    Args:
        path: of the file.
        file: the open file; None where none can be made, and then nothing is locked.
        made: folders that were made for it, the outermost first.
    """

    def __init__(self, path: Path, file: IO[str] | None, made: Sequence[Path] = ()) -> None:
        self.path, self._file, self._made = path, file, made

    def release(self) -> None:
        """Remove the lock file, so that another process can take the lock, and folders that are still empty."""
        if self._file is not None:
            with suppress(OSError):  # Windows removes no open file
                self.path.unlink(missing_ok=True)
            self._file.close()
            self._file = None
        _remove_empty(self._made)

    @classmethod
    def take(cls, path: Path) -> Lock | None:
        """Take the lock, or return None while another process holds it.

        Where the system or the disk knows no such locks, every process gets it: work may be done twice then.

        Raises:
            OSError: the file cannot be made.
        """
        for _ in range(TRIES):
            made = _make_folders(path.parent)
            try:
                file = path.open("a")
            except FileNotFoundError:  # another process has just removed the empty folder
                continue
            except OSError:
                _remove_empty(made)
                raise
            locked = _locked(file, path)
            if locked:
                return cls(path, file, made)
            file.close()
            if locked is not None:
                return None
        return None


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those around it; gives those that were not there, the outermost first."""
    missing: list[Path] = []
    while not folder.is_dir() and folder not in missing:
        missing.insert(0, folder)
        folder = folder.parent
    for one in missing:
        one.mkdir(exist_ok=True)
    return missing


def _remove_empty(folders: Sequence[Path]) -> None:
    for folder in reversed(folders):
        with suppress(OSError):  # somebody has put something there
            folder.rmdir()


def _locked(file: IO[str], path: Path) -> bool | None:
    """Try to get the lock; whether it is ours. On a system without locks it always is.

    None where the one who held it before removed the file between our opening and locking it: then our lock is on a
    file that nobody else will find, which ``samestat`` finds out.
    """
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file.fileno()), path.stat()) or None
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return None
    except (ImportError, OSError):
        return True


def claim(path: Path) -> Lock | None:
    """Claim a name for this process, with a lock file beside it; None if another process has it.

    Folders on the way are made. Where no file can be made, nothing is claimed: whoever writes there will say so.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 "." and ".." have names of their own then
    lock = path.with_name(f".{path.name}.lock")
    try:
        return Lock.take(lock)
    except OSError:
        return Lock(lock, None)


@contextmanager
def claimed(path: Path, refusal: str) -> Iterator[None]:
    """Hold a name inside the block.

    Raises:
        InputError: another process has it; with the sentence that is given.
    """
    lock = claim(path)
    if lock is None:
        raise InputError(refusal)
    try:
        yield
    finally:
        lock.release()


def claim_next(folder: Path, name: str, taken: Sequence[str] = ("",)) -> tuple[Path, Lock]:
    """Claim the first of folder/name-1, -2, … that is not there and that no other process has.

    Args:
        folder: is made if it is not there.
        name: before the number.
        taken: a number is taken if there is something at its path with one of these endings.
    """
    number = 1
    while True:
        path = folder / f"{name}-{number}"
        lock = None if _is_there(path, taken) else claim(path)
        if lock is not None:
            if not _is_there(path, taken):  # it may have been saved just before we got the lock
                return path, lock
            lock.release()
        number += 1


def _is_there(path: Path, endings: Sequence[str]) -> bool:
    return any(os.path.lexists(f"{path}{ending}") for ending in endings)

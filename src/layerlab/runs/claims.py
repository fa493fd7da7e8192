"""Names on the disk that only one process may use: a lock file, which the system unlocks when the process ends.

A name is claimed before the work whose result will have it. Of two processes that want the same name, one goes on; the
other takes the next name or says so at once. A killed process leaves nothing locked.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from layerlab.errors import InputError

TRIES = 20
"""How often a lock file is tried again that other processes remove at the same moment."""


LONGEST_NAME = 240
"""Largest number of bytes of a name. Disks allow 255; names of locks, logs and temporary files are up to 15 longer."""

SHORT_NAME = 100
"""Largest number of bytes of a dataset's name in the default name of a run."""


def short_name(name: str) -> str:
    """Return a name for a default place: that of the dataset, or the beginning of a very long one.

    Example:
        >>> short_name("digits"), len(short_name("é" * 200))
        ('digits', 50)
    """
    return os.fsencode(name)[:SHORT_NAME].decode(errors="ignore") if len(os.fsencode(name)) > SHORT_NAME else name


class Lock:
    """A lock file that is held until it is released or the process ends.

    Args:
        path: the path of the file.
        file: the open file; None where none can be created, and then nothing is locked.
        made: folders that were created for it, the outermost first.
    """

    def __init__(self, path: Path, file: IO[str] | None, made: Sequence[Path] = ()) -> None:
        self.path, self._file, self._made = path, file, made

    def release(self) -> None:
        """Remove the lock file, so that another process can take the lock, and its folders that are still empty."""
        if self._file is not None:
            with suppress(OSError):  # Windows removes no open file
                self.path.unlink(missing_ok=True)
            self._file.close()
            self._file = None
        _remove_empty(self._made)

    @classmethod
    def take(cls, path: Path) -> Lock | None:
        """Take the lock, or return None while another process holds it.

        Where the system or the disk has no such locks, every process gets it; work may then be done twice.

        Raises:
            OSError: the file cannot be created.
            InputError: something else has its name.
        """
        for tries_left in reversed(range(TRIES)):
            made = _make_folders(path.parent)
            try:
                file = _opened(path)
            except (OSError, InputError) as error:
                _remove_empty(made)
                if isinstance(error, FileNotFoundError) and tries_left:
                    continue  # another process has just removed the empty folder
                raise
            locked = _locked(file, path)
            if locked:
                return cls(path, file, made)
            file.close()
            if locked is not None:
                return None
        return None


def _opened(path: Path) -> IO[str]:
    """Open a lock file to append, and create it if needed; never a pipe, which would block, nor through a link.

    Raises:
        OSError: it cannot be created.
        InputError: something there is not a file.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    if not os.path.lexists(path) or stat.S_ISREG(path.lstat().st_mode):
        file = os.fdopen(os.open(path, flags, 0o666), "a")
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
    raise InputError(
        f"{path}: is not a file, and layerlab needs a lock file with this name; remove it, or name another place"
    )


def _make_folders(folder: Path) -> list[Path]:
    """Create a folder and those around it; return those that did not exist, the outermost first."""
    missing: list[Path] = []
    while not folder.is_dir() and folder not in missing:
        missing.insert(0, folder)
        folder = folder.parent
    try:
        for one in missing:
            one.mkdir(exist_ok=True)
    except OSError:
        _remove_empty(missing)
        raise
    return missing


def _remove_empty(folders: Sequence[Path]) -> None:
    for folder in reversed(folders):
        with suppress(OSError):  # somebody has put something there
            folder.rmdir()


def _locked(file: IO[str], path: Path) -> bool | None:
    """Try to get the lock, and return whether it is ours. On a system without locks it always is.

    None means: the process that held it before removed the file between our opening and our locking it. Then our lock
    is on a file that no other process will find; ``samestat`` detects that.
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
    """Claim a name for this process, with a lock file next to it; None if another process has it.

    Missing folders on the way are created. Where no file can be created, nothing is claimed; writing there will fail.

    Raises:
        InputError: the name is too long for the lock file, or something there with that name is not a file.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 "." and ".." have names of their own then
    if not path.name:  # the root, which has nothing next to it
        return Lock(path, None)
    length = len(os.fsencode(path.name))
    if length > LONGEST_NAME:
        raise InputError(
            f"{path}: has a name of {length} bytes; wanted at most {LONGEST_NAME}: files next to it have longer names"
        )
    lock = path.with_name(f".{path.name}.lock")
    try:
        return Lock.take(lock)
    except OSError:
        return Lock(lock, None)


@contextmanager
def claimed(path: Path, refusal: str) -> Iterator[None]:
    """Hold a name inside the block.

    Args:
        path: the name.
        refusal: the message if another process has it.

    Raises:
        InputError: another process has it.
    """
    lock = claim(path)
    if lock is None:
        raise InputError(refusal)
    try:
        yield
    finally:
        lock.release()


def claim_next(folder: Path, name: str, taken: Sequence[str] = ("",)) -> tuple[Path, Lock]:
    """Claim the first of folder/name-1, -2, … that does not exist and that no other process has.

    Args:
        folder: is created if it does not exist.
        name: the name before the number.
        taken: a number is taken if something exists at its path with one of these endings.
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

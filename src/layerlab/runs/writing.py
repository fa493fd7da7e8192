"""Writing safely: a place is tested before any long work; files are written next to it and then renamed."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from layerlab.errors import InputError, WorkError
from layerlab.text import tell

DASH = Path("-")
"""The path that means standard output, or standard input."""

NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG, errno.EIO)
"""Errors of the disk although the request was right: full, the user's or the file's limit reached, or broken."""


_gone_without: ContextVar[dict[str, str] | None] = ContextVar("what could not be written, as sentences", default=None)


@contextmanager
def noting_what_is_unwritten() -> Iterator[dict[str, str]]:
    """Collect a sentence for each "log" or "checkpoint" that could not be written while the work inside went on."""
    noted: dict[str, str] = {}
    before = _gone_without.set(noted)
    try:
        yield noted
    finally:
        _gone_without.reset(before)


def go_on_without(what: str, path: str | Path, error: Exception) -> None:
    """Say that a training goes on without a file that cannot be written, and note it for the caller.

    Args:
        what: "log" or "checkpoint".
        path: the path of the file.
        error: why it cannot be written.
    """
    sentence = f"{path}: the {what} could not be written ({error})"
    tell(f"{sentence}; the training goes on")
    if (noted := _gone_without.get()) is not None:
        noted[what] = sentence


def cannot_be_written(path: str | Path, error: OSError, what: str = "place") -> InputError | WorkError:
    """Return the error for a path that cannot be written to: a WorkError if the disk is full, else an InputError.

    Args:
        path: named in the message.
        error: the error of the system.
        what: what the user shall name instead, such as "place".
    """
    why = error.strerror or error
    if error.errno in NO_ROOM:
        return WorkError(f"{path}: cannot be written ({why}); make room there, or name another {what}")
    return InputError(f"{path}: cannot be written ({why}); name another {what}")


def kind_at(path: str | Path) -> str:
    """Return what is at a path: "folder", "file", "other" (a pipe, a device, a broken link), or "" for nothing.

    Raises:
        InputError: a folder on the way cannot be entered, or no file can have this name.
    """
    path = Path(path)
    try:
        path.lstat()
        return "folder" if path.is_dir() else "file" if path.is_file() else "other"
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be written ({error}); name another place") from error


def check_new_file(path: str | Path) -> Path:
    """Check that a new file can be written at a path, by testing its folder, which must exist; return the path.

    Raises:
        InputError: something is there already, or the place cannot be written to.
        WorkError: the disk is full.
    """
    path = Path(path)
    if kind_at(path):
        raise InputError(f"{path}: is there already, and nothing is overwritten; name another file or remove it")
    try_folder(path.parent, path)
    return path


def try_folder(place: Path, wanted: Path) -> None:
    """Check that files can be created in a folder, by creating one.

    Args:
        place: the folder.
        wanted: the path that the message names.

    Raises:
        InputError: none can be created.
        WorkError: the disk is full.
    """
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise cannot_be_written(wanted, error) from error


def write_text(path: Path, text: str) -> None:
    """Write a text file that appears as a whole or not at all: it is written next to its place and renamed.

    Raises:
        WorkError: writing failed on the way; nothing is left behind.
    """
    aside = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        aside = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        aside.chmod(0o644)
        aside.replace(path)
    except OSError as error:
        raise WorkError(f"{path}: writing failed ({error.strerror}); nothing was left there") from error
    finally:
        if aside is not None:
            aside.unlink(missing_ok=True)


def move(aside: Path, path: Path, new: bool) -> None:
    """Move what was written aside to its path.

    Args:
        aside: a file or a folder next to the path.
        path: its place.
        new: whether it is an error if something is there already; else it is replaced.

    Raises:
        FileExistsError: something is there.
    """
    if not new:
        aside.replace(path)
    elif os.path.lexists(path):  # an empty folder would be replaced
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    elif aside.is_dir():
        try:
            aside.rename(path)
        except OSError as error:
            if path.is_dir():  # systems differ in what they call it
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
            raise
    else:
        try:
            path.hardlink_to(aside)  # unlike a rename, it fails where something is there
        except FileExistsError:
            raise
        except OSError:  # a disk without such links
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
            aside.rename(path)
        else:
            aside.unlink()


def check_new(path: str | Path, what: str = "folder") -> Path:
    """Check that a new folder or file can be created at a path, with the folders that it needs; return the path.

    Args:
        path: the place.
        what: "folder" or "file", for the messages.

    Raises:
        InputError: something is there already, or the place cannot be written to.
        WorkError: the disk is full.
    """
    path = Path(path)
    try:
        if path.exists() or path.is_symlink():
            raise _is_there(path, what)
        parent = path.parent
        while not os.path.lexists(parent):  # a link that leads nowhere is there, and no folder can be made in it
            if parent.name == "..":
                raise InputError(f"{path}: uses .. after a folder that does not exist; name the path without ..")
            parent = parent.parent
        with tempfile.TemporaryDirectory(dir=parent, prefix=".layerlab-"):
            pass
    except OSError as error:  # a file in the way, a name too long, no permission
        if error.errno in NO_ROOM:
            raise cannot_be_written(path, error, what) from error
        raise InputError(f"{path}: cannot be made ({error}); name a {what} that can be written to") from error
    return path


def _is_there(path: Path, what: str) -> InputError:
    return InputError(f"{path}: is there already, and nothing is overwritten; name another {what} or remove it")


@contextmanager
def written_aside(path: str | Path, what: str = "folder") -> Iterator[Path]:
    """Give a temporary place next to the path; what is written there is renamed to the path at the end.

    Args:
        path: the final place; missing folders on the way are created.
        what: "folder" or "file", for the messages.

    Raises:
        InputError: something is there already, or the place cannot be written to.
        WorkError: writing failed. After any error nothing is left behind.
    """
    path, aside = check_new(path, what), None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=".layerlab-"))
        yield aside / path.name
        move(aside / path.name, path, new=True)
    except FileExistsError as error:  # somebody was faster
        raise _is_there(path, what) from error
    except OSError as error:
        raise WorkError(f"{path}: writing failed ({error}); nothing was left there") from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)

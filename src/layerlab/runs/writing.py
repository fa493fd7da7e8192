"""Writing safely: a place is tried before any long work, and files are written beside it and renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from layerlab.errors import InputError, WorkError

DASH = Path("-")
"""The path that stands for standard output, or for standard input."""


def check_new_file(path: str | Path) -> Path:
    """Check that a new file can be written at a path, by trying its folder, which has to exist; return the path.

    Raises:
        InputError: something is there already, or the place cannot be written to.
    """
    path = Path(path)
    try:
        there = path.exists() or path.is_symlink()
    except (OSError, ValueError) as error:  # a name too long, or none that a file can have
        raise InputError(f"{path}: cannot be written ({error}); name another place") from error
    if there:
        raise InputError(f"{path}: is there already, and nothing is overwritten; name another file or remove it")
    try_folder(path.parent, path)
    return path


def try_folder(place: Path, wanted: Path) -> None:
    """Check that files can be made in a folder, by making one.

    Args:
        place: the folder.
        wanted: the path that the message names.

    Raises:
        InputError: none can be made.
    """
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise InputError(f"{wanted}: cannot be written ({error.strerror}); name another place") from error


def write_text(path: Path, text: str) -> None:
    """Write a text file that is there whole or not at all: it is written beside its place and renamed.

    Raises:
        WorkError: writing failed on the way; nothing is left behind.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    aside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        aside.chmod(0o644)
        aside.replace(path)
    except OSError as error:
        raise WorkError(f"{path}: writing failed ({error.strerror}); nothing was left there") from error
    finally:
        aside.unlink(missing_ok=True)


def check_new(path: str | Path, what: str = "folder") -> Path:
    """Check that a new folder or file can be made at a path, with the folders that it needs; return the path.

    Args:
        path: the place.
        what: "folder" or "file", for the messages.

    Raises:
        InputError: something is there already, or the place cannot be written to.
    """
    path = Path(path)
    try:
        if path.exists() or path.is_symlink():
            raise InputError(f"{path}: is there already, and nothing is overwritten; name another {what} or remove it")
        parent = path.parent
        while not parent.exists():
            parent = parent.parent
        with tempfile.TemporaryDirectory(dir=parent, prefix=".layerlab-"):
            pass
    except OSError as error:  # a file in the way, a name too long, no permission
        raise InputError(f"{path}: cannot be made ({error}); name a {what} that can be written to") from error
    return path


@contextmanager
def written_aside(path: str | Path, what: str = "folder") -> Iterator[Path]:
    """Give a place beside the path, in a folder of its own: what is made there is renamed to the path at the end.

    Args:
        path: where it belongs; folders on the way are made.
        what: "folder" or "file", for the messages.

    Raises:
        InputError: something is there already, or the place cannot be written to.
        WorkError: writing failed on the way. Whatever is raised inside, nothing is left behind.
    """
    path, aside = check_new(path, what), None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=".layerlab-"))
        yield aside / path.name
        check_new(path, what)  # somebody may have been faster
        (aside / path.name).rename(path)
    except OSError as error:
        raise WorkError(f"{path}: writing failed ({error}); nothing was left there") from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)

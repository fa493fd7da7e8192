"""Which files, and which arrays in them, are the inputs and the labels of each set."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from layerlab.datasets.part import Notice
from layerlab.errors import InputError
from layerlab.escapes import printable

from .entry import Entry, check_readable, read_values
from .hdf5_files import hdf5_entries
from .matlab_files import matlab_entries
from .numpy_files import npy_entries, npz_entries
from .roles import array_called, arrays_in_words, likeliest_array, role_of

ARRAY_READERS: dict[str, Callable[[Path], list[Entry]]] = {
    ".npy": npy_entries,
    ".npz": npz_entries,
    ".h5": hdf5_entries,
    ".hdf5": hdf5_entries,
    ".mat": matlab_entries,
}
"""The functions that list the arrays of a file, by its ending."""

WANTED_ARRAYS = f"wanted a file of arrays ({', '.join(ARRAY_READERS)})"


class ArrayPair(NamedTuple):
    """The arrays of inputs and labels of a set."""

    X: Entry
    Y: Entry


class ChosenArrays(NamedTuple):
    """The arrays that were found.

    Attributes:
        pairs: inputs and labels of each set, "train" first.
        class_names: the names of the classes, if a file holds them; else empty.
        notices: what was guessed.
    """

    pairs: dict[str, ArrayPair]
    class_names: list[str]
    notices: list[Notice]


def choose_arrays(path: str | Path, target: str | Path | None) -> ChosenArrays:
    """Find the arrays of inputs and labels; notices say what was guessed.

    Args:
        path, target: as for ``load_arrays``.

    Raises:
        InputError: a file cannot be read, or no array has a suitable name.
    """
    file, name = _file_and_name(str(path), "inputs")
    entries = _entries(file)
    X = array_called(entries, name, printable(str(file))) if name else _guessed(file, entries, "X")
    check_readable(X)  # before labels are looked for
    beside = _file_of_labels(str(target), file) if target is not None else None
    Y_file, Y_name = beside if beside else (file, None if target is None else str(target))
    Y_entries = entries if Y_file == file else _entries(Y_file)
    Y = array_called(Y_entries, Y_name, printable(str(Y_file))) if Y_name else _labels_of(Y_file, Y_entries, X)
    role = role_of(X.name)
    others = {}
    if role and role.part in ("", "train"):
        for part in ("test", "validation"):
            more_X, more_Y = _elsewhere(entries, file, "X", part, X), _elsewhere(Y_entries, Y_file, "Y", part, Y)
            if more_X and more_Y:
                others[part] = ArrayPair(more_X, more_Y)
    if "test" not in others and "validation" in others:
        others["test"] = others.pop("validation")
    names = next(
        (entry for entry in (likeliest_array(some, "names", "") for some in (Y_entries, entries)) if entry), None
    )
    pairs = {"as the training set": ArrayPair(X, Y), **{f"as the {part} set": pair for part, pair in others.items()}}
    notices = [
        Notice("parts", "", f"{pair.X.place} (inputs) and {pair.Y.place} (labels) are read {what}.")
        for what, pair in pairs.items()
    ]
    return ChosenArrays({"train": ArrayPair(X, Y), **others}, _names(names), notices)


def choose_inputs(path: str | Path) -> Entry:
    """Find the array of inputs in a file without labels.

    Raises:
        InputError: the file cannot be read, or it has several arrays and none is named like inputs.
    """
    file, name = _file_and_name(str(path), "inputs")
    entries = _entries(file)
    if name:
        return array_called(entries, name, printable(str(file)))
    return entries[0] if len(entries) == 1 else likeliest_array(entries, "X", "test") or _guessed(file, entries, "X")


def _file_and_name(text: str, what: str) -> tuple[Path, str | None]:
    """Return the file, and the array's name after a colon if there is one."""
    before, colon, name = text.rpartition(":")
    if colon and name and Path(before).suffix.lower() in ARRAY_READERS and not os.path.lexists(text):
        return _checked(Path(before), what), name
    return _checked(Path(text), what), None


def _file_of_labels(target: str, inputs: Path) -> tuple[Path, str | None] | None:
    """Return the file of the labels, in this folder or in that of the inputs; None if the target is a name."""
    before = target.rpartition(":")[0]
    if Path(target).suffix.lower() not in ARRAY_READERS and Path(before).suffix.lower() not in ARRAY_READERS:
        return None
    here = Path(before if Path(before).suffix.lower() in ARRAY_READERS else target)
    beside = inputs.parent / target
    return _file_and_name(target if os.path.lexists(here) or here.is_absolute() else str(beside), "labels")


def _checked(path: Path, what: str) -> Path:
    """Check that a file of arrays can be read."""
    place = printable(str(path))
    if path.suffix.lower() not in ARRAY_READERS:
        raise InputError(f"{place}: the ending {path.suffix!r} is unknown; {WANTED_ARRAYS} with the {what}")
    try:
        mode = path.stat()
    except (OSError, ValueError) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else f"cannot be opened ({error})"
        raise InputError(f"{place}: {reason}; {WANTED_ARRAYS} with the {what}") from error
    if not stat.S_ISREG(mode.st_mode):
        came = "is a folder" if stat.S_ISDIR(mode.st_mode) else "is a pipe or a device, which may never end"
        raise InputError(f"{place}: {came}; {WANTED_ARRAYS} with the {what}")
    if mode.st_size == 0:
        raise InputError(f"{place}: is empty; {WANTED_ARRAYS} with the {what}")
    return path


def _entries(file: Path) -> list[Entry]:
    """List the arrays of a file."""
    return ARRAY_READERS[file.suffix.lower()](file)


def _guessed(file: Path, entries: Sequence[Entry], kind: str) -> Entry:
    """Guess which array of a file is the inputs."""
    if file.suffix.lower() == ".npy":
        return entries[0]
    guess = likeliest_array(entries, kind, "train") or likeliest_array(entries, kind, "")
    if guess is None:
        raise InputError(
            f"{printable(str(file))}: no array in it is named like inputs (X, x_train, train_set_x, images, …): name "
            f"one of {arrays_in_words(entries)}, as in {printable(file.name)}:NAME, and the labels with target=NAME"
        )
    return guess


def _labels_of(file: Path, entries: Sequence[Entry], X: Entry) -> Entry:
    """Find the labels of the inputs by their names."""
    if file.suffix.lower() == ".npy" and entries[0] is not X:
        return entries[0]
    role = role_of(X.name)
    guess = (
        likeliest_array(entries, "Y", role.part if role else "")
        or likeliest_array(entries, "Y", "")
        or likeliest_array(entries, "Y", "train")
    )
    if guess is None or guess is X:
        others = [entry for entry in entries if entry is not X]
        which = f"one of {arrays_in_words(others)}" if others else "a file of labels, such as y.npy"
        raise InputError(f"{printable(str(file))}: no array in it is named like labels: name {which} with target=")
    return guess


def _elsewhere(entries: Sequence[Entry], file: Path, kind: str, part: str, own: Entry) -> Entry | None:
    """Find the array of another set: in the same file, or in one whose name has "test" instead of "train"."""
    there = likeliest_array([entry for entry in entries if entry is not own], kind, part)
    if there is not None or part != "test":
        return there
    name = file.name.replace("train", "test").replace("Train", "Test").replace("TRAIN", "TEST")
    if name == file.name or not (file.parent / name).is_file():
        return None
    more = _entries(_checked(file.parent / name, "test set"))
    if file.suffix.lower() == ".npy":
        return more[0]
    return likeliest_array(more, kind, "test") or next((entry for entry in more if entry.name == own.name), None)


def _names(entry: Entry | None) -> list[str]:
    """Return the names of the classes in a file; empty if they are not text."""
    if entry is None or entry.trouble or entry.dtype.kind not in "SU":
        return []
    texts = read_values(entry, "SU").ravel()
    try:
        return [text.decode().strip() if isinstance(text, bytes) else text.strip() for text in texts.tolist()]
    except UnicodeDecodeError as error:
        raise InputError(f"{entry.place}: some names of classes are not text in UTF-8: write them again") from error

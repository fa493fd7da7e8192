"""What lies in a folder of images: parts, classes and files, and what is there beside them, in words.

folder/cats/1.jpg                a folder for each class, or
folder/train/cats/1.jpg          training, validation and test folders that hold them
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from layerlab.datasets.part import Notice
from layerlab.datasets.printable_names import first_names, natural_order, usual_form
from layerlab.errors import InputError
from layerlab.escapes import printable

from .photos import FORMAT_WORDS

IMAGE_ENDINGS = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".gif", ".bmp", ".dib", ".tif", ".tiff"),
    *(".heic", ".heif"),  # not read, and each of them is named with what to do
)
"""Endings of files that are taken as images; their content decides then."""

PART_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
"""What the folders of the sets are called, in capitals or not."""

SYSTEM = ("__MACOSX", "Thumbs.db", "desktop.ini", "$RECYCLE.BIN", "System Volume Information")
"""What operating systems leave behind; it counts as hidden."""

WANTED_FOLDERS = "wanted a folder with a folder of images for each class, or train/ and test/ folders that hold such"


class ImageFile(NamedTuple):
    """A file that should be an image.

    Attributes:
        path: the file.
        name: relative to the folder, printable.
        class_name: the folder it lies in.
        part: the set it belongs to: "train", "validation", "test", or "" where the folder names no sets.
    """

    path: Path
    name: str
    class_name: str
    part: str


class Listing(NamedTuple):
    """All that a folder holds.

    Attributes:
        files: by set, class and name, each sorted naturally.
        class_names: sorted naturally.
        notices: what lies there beside images.
    """

    files: tuple[ImageFile, ...]
    class_names: tuple[str, ...]
    notices: tuple[Notice, ...]


@dataclass
class _Beside:
    """What lies in a folder and is not read, listed by the reason."""

    root: Path
    hidden: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    endings: Counter[str] = field(default_factory=Counter)

    def named(self, path: Path) -> str:
        return printable(str(path.relative_to(self.root)))


def list_image_folder(folder: Path) -> Listing:
    """List the images of a folder by set and class; nothing is opened.

    Symbolic links are followed where they stay inside the folder.

    Raises:
        InputError: the folder is not there or cannot be read, holds no class folders, an empty one or only one, or the
            test set a class that the training set has not.
    """
    if not folder.is_dir():
        came = "is a file" if folder.exists() else "there is no such folder"
        raise InputError(f"{printable(str(folder))}: {came}; {WANTED_FOLDERS}")
    beside = _Beside(folder)
    folders, files = _inside(folder, beside)
    _set_aside(files, beside)
    parts = _parts(folders)
    if parts is None:
        found, classes = _classes(folders, "", beside)
        tops = {"": classes}
    else:
        beside.unread += [beside.named(path) for path in folders if path not in parts.values()]
        found, tops = [], {}
        for part, path in parts.items():
            folders, files = _inside(path, beside)
            _set_aside(files, beside)
            some, tops[part] = _classes(folders, part, beside)
            found += some
    names = tops["" if parts is None else "train"]
    _check_classes(folder, names, found, beside)
    for part in ("validation", "test"):
        strange = [name for name in tops.get(part, ()) if name not in names]
        if strange:
            raise InputError(
                f"{printable(str(folder))}: the {part} part has the class {first_names(strange)}, which the training "
                f"part has not: wanted the same class folders in each part; add it there, or take it away here"
            )
    return Listing(tuple(found), tuple(names), tuple(_said(beside)))


def image_files(path: Path) -> list[Path]:
    """A file by itself, or the images of a folder and of the folders in it, sorted naturally.

    Raises:
        InputError: the folder holds none.
    """
    if not path.is_dir():
        return [path]
    files = [file for file in path.rglob("*") if file.suffix.lower() in IMAGE_ENDINGS and not file.name.startswith(".")]
    if not files:
        raise InputError(f"{printable(str(path))}: holds no image: wanted {FORMAT_WORDS} files")
    return sorted(files, key=lambda file: natural_order(str(file)))


def _parts(folders: Sequence[Path]) -> dict[str, Path] | None:
    """The folders of the sets, training first; None where the folders are classes, one of them perhaps of trains."""
    parts = {PART_FOLDERS[path.name.lower()]: path for path in folders if path.name.lower() in PART_FOLDERS}
    if "train" not in parts or not any(path.is_dir() for path in parts["train"].iterdir()):
        return None
    return {part: parts[part] for part in ("train", "validation", "test") if part in parts}


def _classes(folders: Sequence[Path], part: str, beside: _Beside) -> tuple[list[ImageFile], list[str]]:
    """The files of each class folder, and the folders' names."""
    found = []
    for path in folders:
        nested, files = _inside(path, beside)
        beside.nested += map(beside.named, nested)
        for file in files:
            if file.suffix.lower() in IMAGE_ENDINGS:
                found.append(ImageFile(file, beside.named(file), _class_name(path), part))
            else:
                beside.endings[printable(file.suffix.lower()) or "no ending"] += 1
    return found, list(dict.fromkeys(map(_class_name, folders)))


def _class_name(folder: Path) -> str:
    """What a class is called; Macs write accents in another Unicode form than other systems, and mean the same."""
    return printable(usual_form(folder.name))


def _inside(folder: Path, beside: _Beside) -> tuple[list[Path], list[Path]]:
    """Folders and other files in a folder, sorted naturally, without what is hidden or leads out."""
    try:
        entries = sorted(folder.iterdir(), key=lambda path: natural_order(path.name))
    except OSError as error:
        raise InputError(
            f"{printable(str(folder))}: cannot be looked into ({error.strerror}); {WANTED_FOLDERS}"
        ) from error
    folders: list[Path] = []
    files: list[Path] = []
    for path in entries:
        if path.name.startswith(".") or path.name in SYSTEM:
            beside.hidden.append(beside.named(path))
        elif path.is_symlink() and not _stays(path, beside.root):
            beside.outside.append(beside.named(path))
        else:
            (folders if os.path.isdir(path) else files).append(path)  # noqa: PTH112  (a loop of links is no folder)
    return folders, files


def _stays(link: Path, root: Path) -> bool:
    """Whether a link leads to something inside the folder."""
    end = Path(os.path.realpath(link))
    return Path(os.path.realpath(root)) in (end, *end.parents)


def _set_aside(files: Sequence[Path], beside: _Beside) -> None:
    """Files that lie in no class folder."""
    for file in files:
        if file.suffix.lower() in IMAGE_ENDINGS:
            beside.loose.append(beside.named(file))
        else:
            beside.endings[printable(file.suffix.lower()) or "no ending"] += 1


def _check_classes(folder: Path, names: Sequence[str], found: Sequence[ImageFile], beside: _Beside) -> None:
    """Check that there are two classes at least, and images of each."""
    place, beside_them = printable(str(folder)), " ".join(notice.what for notice in _said(beside))
    if not names:
        raise InputError(f"{place}: holds no class folders; {WANTED_FOLDERS}{beside_them and f' ({beside_them[:-1]})'}")
    filled = {file.class_name for file in found if file.part in ("", "train")}
    empty = [name for name in names if name not in filled]
    if empty:
        hint = f" ({beside_them[:-1]})" if beside_them else ""
        raise InputError(
            f"{place}: no image in the class folder {first_names(empty)}{hint}: wanted some in each; add them, remove "
            f"the folder, or name the folder that holds the class folders"
        )
    if len(names) == 1:
        raise InputError(
            f"{place}: there is one class only, {names[0]!r}: wanted two or more class folders; add one more"
        )


def _said(beside: _Beside) -> list[Notice]:
    """What is not read, in sentences."""
    lists = {
        "hidden": (beside.hidden, "hidden and not read"),
        "link": (beside.outside, "a symbolic link that leads out of the folder and is not followed"),
        "nested": (beside.nested, "a folder inside a class folder and not looked into"),
        "loose": (beside.loose, "an image in no class folder and not read"),
        "unread": (beside.unread, "beside the folders of the parts and not read"),
    }
    notices = [Notice(kind, "", f"{_are(names)} {what}.") for kind, (names, what) in lists.items() if names]
    if beside.endings:
        counts = ", ".join(f"{ending} {count}" for ending, count in sorted(beside.endings.items()))
        files = "file is no image" if beside.endings.total() == 1 else "files are no images"
        notices.append(Notice("other", "", f"{beside.endings.total()} {files} by the ending and not read ({counts})."))
    return notices


def _are(names: Sequence[str]) -> str:
    """Some names as the subject of a sentence."""
    return f"{names[0]} is" if len(names) == 1 else f"{first_names(names)} are each"

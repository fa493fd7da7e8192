"""The contents of a folder of images: sets, classes and files; notices say what else is there.

folder/cats/1.jpg                a folder for each class, or
folder/train/cats/1.jpg          training, validation and test folders that hold class folders
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
    *(".heic", ".heif"),  # not read; the error says what to do
)
"""Files with these endings are taken as images; then their content decides."""

PART_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
"""The names of the folders of the sets, in upper or lower case."""

SYSTEM = ("__MACOSX", "Thumbs.db", "desktop.ini", "$RECYCLE.BIN", "System Volume Information")
"""Files of operating systems; they are treated as hidden."""

WANTED_FOLDERS = "wanted a folder with a folder of images for each class, or train/ and test/ folders that hold such"


class ImageFile(NamedTuple):
    """A file that should be an image.

    Attributes:
        path: the file.
        name: its path relative to the folder, printable.
        class_name: the name of its class folder.
        part: the set it belongs to: "train", "validation", "test", or "" where the folder names no sets.
    """

    path: Path
    name: str
    class_name: str
    part: str


class Listing(NamedTuple):
    """The contents of a folder.

    Attributes:
        files: by set, class and name, each in natural order (9 before 10).
        class_names: in natural order.
        notices: what is there besides images.
    """

    files: tuple[ImageFile, ...]
    class_names: tuple[str, ...]
    notices: tuple[Notice, ...]


@dataclass
class _Beside:
    """What a folder holds that is not read, listed by the reason."""

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
        InputError: the folder does not exist or cannot be read; it holds no class folders, an empty one, or only one;
            the test set has a class that the training set does not have.
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
                f"{printable(str(folder))}: the {part} set has the class {first_names(strange)}, which the training "
                f"set does not have: wanted the same class folders in each set; add it there, or remove it here"
            )
    return Listing(tuple(found), tuple(names), tuple(_said(beside)))


def image_files(path: Path) -> list[Path]:
    """Return a single file, or all images in a folder and its subfolders, in natural order.

    Raises:
        InputError: the folder holds no image.
    """
    if not path.is_dir():
        return [path]
    files = [file for file in path.rglob("*") if file.suffix.lower() in IMAGE_ENDINGS and not file.name.startswith(".")]
    if not files:
        raise InputError(f"{printable(str(path))}: holds no image: wanted {FORMAT_WORDS} files")
    return sorted(files, key=lambda file: natural_order(str(file)))


def _parts(folders: Sequence[Path]) -> dict[str, Path] | None:
    """The folders of the sets, training first; None if the folders are classes, one of which may be called train."""
    parts = {PART_FOLDERS[path.name.lower()]: path for path in folders if path.name.lower() in PART_FOLDERS}
    if "train" not in parts or not any(path.is_dir() for path in parts["train"].iterdir()):
        return None
    return {part: parts[part] for part in ("train", "validation", "test") if part in parts}


def _classes(folders: Sequence[Path], part: str, beside: _Beside) -> tuple[list[ImageFile], list[str]]:
    """Return the files of each class folder, and the folders' names."""
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
    """The name of a class; Macs write accents in another Unicode form than other systems, but it is the same name."""
    return printable(usual_form(folder.name))


def _inside(folder: Path, beside: _Beside) -> tuple[list[Path], list[Path]]:
    """Folders and files in a folder, in natural order, without hidden ones and links that lead out of it."""
    try:
        entries = sorted(folder.iterdir(), key=lambda path: natural_order(path.name))
    except OSError as error:
        raise InputError(f"{printable(str(folder))}: cannot be opened ({error.strerror}); {WANTED_FOLDERS}") from error
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
    """Return whether a link leads to a place inside the folder."""
    end = Path(os.path.realpath(link))
    return Path(os.path.realpath(root)) in (end, *end.parents)


def _set_aside(files: Sequence[Path], beside: _Beside) -> None:
    """Note the files that are not in a class folder."""
    for file in files:
        if file.suffix.lower() in IMAGE_ENDINGS:
            beside.loose.append(beside.named(file))
        else:
            beside.endings[printable(file.suffix.lower()) or "no ending"] += 1


def _check_classes(folder: Path, names: Sequence[str], found: Sequence[ImageFile], beside: _Beside) -> None:
    """Check that there are at least two classes, and images of each."""
    place, beside_them = printable(str(folder)), " ".join(notice.what for notice in _said(beside))
    if not names:
        raise InputError(f"{place}: holds no class folders; {WANTED_FOLDERS}{beside_them and f' ({beside_them[:-1]})'}")
    filled = {file.class_name for file in found if file.part in ("", "train")}
    empty = [name for name in names if name not in filled]
    if empty:
        hint = f" ({beside_them[:-1]})" if beside_them else ""
        raise InputError(
            f"{place}: no image in the class folder {first_names(empty)}{hint}: wanted some in each; add them, remove "
            f"the folder, or give the folder that holds the class folders"
        )
    if len(names) == 1:
        raise InputError(
            f"{place}: there is only one class, {names[0]!r}: wanted two or more class folders; add one more"
        )


def _said(beside: _Beside) -> list[Notice]:
    """Make the notices about what is not read."""
    lists = {
        "hidden": (beside.hidden, "hidden"),
        "link": (beside.outside, "a link to a place outside of the folder"),
        "nested": (beside.nested, "inside a class folder"),
        "loose": (beside.loose, "outside of the class folders"),
        "unread": (beside.unread, "next to the folders of the sets"),
    }
    notices = [
        Notice(kind, "", f"Not read ({what}): {first_names(names)}.") for kind, (names, what) in lists.items() if names
    ]
    if beside.endings:
        counts = ", ".join(f"{ending} {count}" for ending, count in sorted(beside.endings.items()))
        notices.append(Notice("other", "", f"Not read (the ending is not that of an image): {counts}."))
    return notices

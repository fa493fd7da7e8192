"""``load_images``: a folder of images with a folder for each class, of any size and format, read on all cores.

files → headers (size, colour) → one size → pixels / 255 → training and test set
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Sized
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.dataset import Dataset
from layerlab.datasets.images.augmentation import Augmentation, parse_augmentation
from layerlab.datasets.images.image_folders import ImageFile, Listing, list_image_folder
from layerlab.datasets.images.photos import Header, pixels_to_columns
from layerlab.datasets.images.reading_images import Images, read_images
from layerlab.datasets.part import SEED, TEST_SHARE, Notice, Part, label_rows, stratified_split
from layerlab.datasets.printable_names import first_names
from layerlab.datasets.provenance import source_of
from layerlab.errors import InputError
from layerlab.escapes import printable
from layerlab.settings import Setting

SQUEEZED = 1.5
"""An image is reported if its proportions differ from the network's by more than this factor."""

LIMIT = Setting("limit", int, None, "At most how many images of each class and set are read", low=2, optional=True)


def load_images(
    folder: str | Path,
    *,
    size: int | str | None = None,
    colour: bool | None = None,
    test: float = TEST_SHARE.default,
    seed: int = 0,
    skip_bad: bool = False,
    limit: int | None = None,
    augmentation: str | Augmentation | None = None,
) -> Dataset:
    """Load images from folders, one folder for each class, as columns of pixels / 255.

    If the folder holds ``train/`` and ``test/`` or ``val/``, each with class folders, these are the sets. Without a
    test folder, the validation folder is the test set. Without both, the images are split at random, with the same
    share of each class in both sets.

    Args:
        folder: class folders with JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF files of any size.
        size: size of every image: "64" for 64 × 64 pixels, "64x48" for 64 wide and 48 high; None takes the median
            width and height, reduced if the longer side is above 64 pixels.
        colour: True for three numbers per pixel, False for one; None takes one if no image has a colour.
        test: share of the images for the test set, if no folder holds one.
        seed: seed of the random split, and of the random choice if there is a limit.
        skip_bad: whether files that cannot be read are left out, with a notice.
        limit: read at most this many images of each class and set, chosen at random.
        augmentation: how far the variants that are trained on may differ from an image, such as "flip,shift=2"; None
            trains on the images themselves.

    Returns:
        The dataset, with its classes in natural order (9 before 10); ``called`` has the names of the files.

    Raises:
        InputError: no class folders, an empty one, or only one; files that cannot be read; more than fits in memory.
    """
    root = Path(folder)
    options: dict[str, Any] = {"size": size, "colour": colour, "test": test, "seed": seed}
    parsed = parse_augmentation(augmentation) if isinstance(augmentation, str) else augmentation
    options |= {"skip_bad": skip_bad, "limit": limit, "augmentation": parsed and str(parsed)}
    test, seed, limit = TEST_SHARE.check(test), SEED.check(seed), LIMIT.check(limit)
    height_and_width = None if size is None else _size(size)
    if colour not in (None, True, False):
        raise InputError(f"colour={colour!r}: wanted True, False or None")
    listing = list_image_folder(root)
    files = _limited(listing.files, limit, seed)
    read, notices = read_images(root, files, height_and_width, colour, skip_bad)
    _check_left(root, listing.class_names, read.files)
    if len(files) < len(listing.files):
        notices.append(
            Notice("limit", "", f"{len(files)} of {len(listing.files)} images are read: at most {limit} of each class.")
        )
    parts, set_notices = _parted(root, listing, read, test, seed)
    notices += [*set_notices, *_copies(read, parts), *_proportions(read)]
    numbers = _numbers(listing, read.files)
    Y, names = label_rows(numbers, len(listing.class_names)), np.array([file.name for file in read.files])
    taken = {part: Part(pixels_to_columns(read.images[some]), Y[:, some]) for part, some in parts.items()}
    digest = hashlib.sha256("".join(f"{f.name}\0{d}\n" for f, d in zip(read.files, read.digests, strict=True)).encode())
    return Dataset(
        name=printable(root.resolve().name),
        train=taken["train"],
        test=taken["test"],
        validation=taken.get("validation"),
        class_names=listing.class_names,
        image_shape=read.images.shape[1:],
        about=_about(root, listing, read),
        called=(names[parts["train"]], names[parts["test"]]),
        source=source_of(load_images, folder, digest.hexdigest(), **options),
        augmentation=parsed,
        proportions=_range_of_proportions([read.headers[i] for i in parts["train"]]),
        split_at_random={file.part for file in read.files} <= {"", "train"},
        notices=(*listing.notices, *notices),
    )


def _size(size: Any) -> tuple[int, int]:
    """Height and width of "64" or "64x48"; in the text the width comes first."""
    match = re.fullmatch(r"\s*([0-9]{1,5})(?:\s*[x×*]\s*([0-9]{1,5}))?\s*", str(size), re.IGNORECASE)
    width, height = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if min(width, height) < 1:
        raise InputError(f"size={size!r}: wanted pixels, such as 64, or 64x48 for 64 wide and 48 high")
    return height, width


def _limited(files: Sequence[ImageFile], limit: int | None, seed: int) -> Sequence[ImageFile]:
    """At most ``limit`` files of each class and set, in their order."""
    if limit is None:
        return files
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, file in enumerate(files):
        groups[file.part, file.class_name].append(i)
    random = np.random.RandomState(seed)
    return [files[i] for some in groups.values() for i in sorted(random.permutation(some)[:limit])]


def _check_left(root: Path, class_names: Sequence[str], files: Sequence[ImageFile]) -> None:
    """Check that there are images of each class that could be read."""
    filled = {file.class_name for file in files if file.part in ("", "train")}
    empty = [name for name in class_names if name not in filled]
    if empty:
        raise InputError(
            f"{printable(str(root))}: no image of the class {first_names(empty)} can be read; wanted some of each: "
            f"repair them, or remove the folder"
        )


def _numbers(listing: Listing, files: Sequence[ImageFile]) -> NDArray[np.int64]:
    """Return the class number of each file."""
    number = {name: i for i, name in enumerate(listing.class_names)}
    return np.array([number[file.class_name] for file in files], np.int64)


def _parted(
    root: Path, listing: Listing, read: Images, test: float, seed: int
) -> tuple[dict[str, NDArray[np.int64]], list[Notice]]:
    """Return places of each set's images, and notices."""
    where = np.array([file.part for file in read.files])
    parts = {part: np.flatnonzero(where == part) for part in ("train", "validation", "test") if (where == part).any()}
    if not parts or parts.keys() == {"train"}:
        parts = _split(root, listing, read.files, test, seed)
        notices = []
    elif "test" in parts:
        notices = [Notice("parts", "", f"The folders {', '.join(parts)} are the sets; images are not split at random.")]
    else:
        parts["test"] = parts.pop("validation")
        notices = [Notice("parts", "", "There is no test folder, so the validation folder is the test set.")]
    numbers = _numbers(listing, read.files)
    for part in [part for part in parts if part != "train"]:
        absent = [name for k, name in enumerate(listing.class_names) if k not in numbers[parts[part]]]
        if absent:
            notices.append(Notice("absent", "", f"The {part} set has no image of the class {first_names(absent)}."))
    return parts, notices


def _split(
    root: Path, listing: Listing, files: Sequence[ImageFile], test: float, seed: int
) -> dict[str, NDArray[np.int64]]:
    """Split each class at random, as ``stratified_split`` does."""
    counts = Counter(file.class_name for file in files)
    single = [name for name in listing.class_names if counts[name] == 1]
    if single:
        raise InputError(
            f"{printable(str(root))}: the class {first_names(single)} has a single image; wanted at least two, one to "
            f"train on and one to test on: add some, or remove the folder"
        )
    n_test = max(math.ceil(test * len(files)), len(counts))
    try:
        train, held = stratified_split(_numbers(listing, files), n_test, seed)
    except InputError as error:
        raise InputError(f"{printable(str(root))}: {error}") from error
    return {"train": train, "test": held}


def _files(some: Sized) -> str:
    """Return how many files, as the beginning of a sentence."""
    return "One file is" if len(some) == 1 else f"{len(some)} files are"


def _copies(read: Images, parts: dict[str, NDArray[np.int64]]) -> Iterator[Notice]:
    """Find identical files: within a set, in two sets, in two classes."""
    part_of = {int(i): part for part, some in parts.items() for i in some}
    same: dict[str, list[int]] = defaultdict(list)
    for i, digest in enumerate(read.digests):
        same[digest].append(i)
    groups = [group for group in same.values() if len(group) > 1]
    within = [group for group in groups if len({part_of[i] for i in group}) < len(group)]
    across = [group for group in groups if len({part_of[i] for i in group}) > 1]
    classes = [group for group in groups if len({read.files[i].class_name for i in group}) > 1]

    def named(group: list[int]) -> str:
        return " = ".join(read.files[i].name for i in group[:3])

    if within:
        copies = sum(len(group) - len({part_of[i] for i in group}) for group in within)
        what = f"{copies} {'file is an exact copy' if copies == 1 else 'files are exact copies'} within the same set"
        yield Notice("duplicates", "", f"{what}: {first_names([*map(named, within)])}.")
    if across:
        what = f"{_files(across)} in two sets: {first_names([*map(named, across)])}"
        yield Notice("leak", "", f"{what}. Scores will look better than they are: delete the copies.")
    if classes:
        what = f"{_files(classes)} in two classes: {first_names([*map(named, classes)])}"
        yield Notice("contradiction", "", f"{what}. One of the two classes must be wrong.")


def _proportions(read: Images) -> Iterator[Notice]:
    """Find images that are squeezed or enlarged."""
    height, width = read.images.shape[1:3]
    ratios = [header.width / header.height * height / width for header in read.headers]
    far = [i for i, ratio in enumerate(ratios) if not 1 / SQUEEZED <= ratio <= SQUEEZED]
    small = [i for i, header in enumerate(read.headers) if header.height < height and header.width < width]

    def named(some: list[int]) -> tuple[str, str]:
        sizes = [f"{read.files[i].name}: {read.headers[i].width} × {read.headers[i].height}" for i in some]
        return f"{len(some)} of {len(ratios)} images", first_names(sizes)

    if far:
        count, sizes = named(far)
        what = f"{count} have very different proportions and are squeezed to {width} × {height} ({sizes})."
        yield Notice("squeezed", "", what)
    if small:
        count, sizes = named(small)
        yield Notice("enlarged", "", f"{count} are smaller than {width} × {height} pixels and are enlarged ({sizes}).")


def _range_of_proportions(headers: Sequence[Header]) -> tuple[float, float]:
    """Return the least and the largest width by height."""
    ratios = [header.width / header.height for header in headers]
    return min(ratios), max(ratios)


def _about(root: Path, listing: Listing, read: Images) -> str:
    """Describe the images in a sentence."""
    formats = ", ".join(f"{count} {name}" for name, count in Counter(h.format for h in read.headers).most_common())
    widths, heights = ({header[side] for header in read.headers} for side in (1, 0))
    came = f"{min(widths)} × {min(heights)}"
    if len(widths) + len(heights) > 2:
        came += f" to {max(widths)} × {max(heights)}"
    height, width = read.images.shape[1:3]
    colours = "in colour" if read.images.ndim == 4 else "in grey"
    name = printable(root.resolve().name)
    return (
        f"{len(read.files)} images of {len(listing.class_names)} classes in {name!r} ({formats}; {came} pixels), "
        f"read {width} pixels wide and {height} high, {colours}"
    )

"""Images from many files, read at one size: headers first, then pixels on all cores; every bad file is named."""

from __future__ import annotations

import hashlib
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.files import check_room, open_file
from layerlab.datasets.part import Notice
from layerlab.datasets.printable_names import first_names
from layerlab.errors import InputError
from layerlab.escapes import printable

from .image_folders import ImageFile
from .photos import Header, image_header, pillow_is_quiet, pixels_of

LARGEST_SIDE = 64
"""The longer side in pixels, if no size is given."""

NAMED_BAD_FILES = 10
"""How many bad files are named; of more, only the number is given."""

T = TypeVar("T")


class Images(NamedTuple):
    """The images that could be read, in the order of the listing."""

    files: list[ImageFile]
    headers: list[Header]
    images: NDArray[np.uint8]  # (m, height, width) or (m, height, width, 3)
    digests: list[str]


def read_images(
    root: Path, files: Sequence[ImageFile], given: tuple[int, int] | None, colour: bool | None, skip_bad: bool
) -> tuple[Images, list[Notice]]:
    """Read all images at one size; bad files are named in one error, or left out and named in a notice."""
    with pillow_is_quiet():
        headers = list(_side_by_side(lambda file: _or_reason(image_header, file), files, ""))
        good = [(file, header) for file, header in zip(files, headers, strict=True) if isinstance(header, Header)]
        bad = {file.name: header for file, header in zip(files, headers, strict=True) if isinstance(header, str)}
        shape = _shape([header for _, header in good], given, colour)
        _check_room(root, len(good), shape)
        images, digests = np.empty((len(good), *shape), np.uint8), list[str]()
        work = [file for file, _ in good]
        for i, answer in enumerate(
            _side_by_side(lambda file: _or_reason(_pixels(shape), file), work, "reading images")
        ):
            if isinstance(answer, str):
                bad[work[i].name] = answer
            else:
                images[len(digests)] = answer[0]
                digests.append(answer[1])
    if bad and not skip_bad:
        raise InputError(
            f"{printable(str(root))}: {len(bad)} of {len(files)} images cannot be read: {_listed_bad(bad, files)}; "
            f"repair or remove them, or leave them out with skip_bad=True"
        )
    left = [(file, header) for file, header in good if file.name not in bad]
    images = images[: len(left)]
    if colour is None and images.ndim == 4 and (images == images[..., :1]).all():
        images = np.ascontiguousarray(images[..., 0])
    what = f"{len(bad)} of {len(files)} images cannot be read and are left out: {_listed_bad(bad, files)}."
    notices = [Notice("bad", "", what)] if bad else []
    return Images([file for file, _ in left], [header for _, header in left], images, digests), notices


def _listed_bad(bad: dict[str, str], files: Sequence[ImageFile]) -> str:
    """Return the first bad files, and what is wrong with each."""
    return first_names([f"{file.name} ({bad[file.name]})" for file in files if file.name in bad], NAMED_BAD_FILES)


def _or_reason(read: Callable[[Path], T], file: ImageFile) -> T | str:
    """Return the content of a file, or say why it cannot be read."""
    try:
        return read(file.path)
    except InputError as error:
        return printable(str(error).removeprefix(f"{file.path}: "))


def _pixels(shape: tuple[int, ...]) -> Callable[[Path], tuple[NDArray[np.uint8], str]]:
    """Make the function that reads an image as pixels of that shape, and its SHA-256."""

    def read(path: Path) -> tuple[NDArray[np.uint8], str]:
        pixels = pixels_of(path, shape)
        with open_file(path, empty=True) as file:
            return pixels, hashlib.file_digest(file, "sha256").hexdigest()

    return read


def _side_by_side(work: Callable[[ImageFile], T], files: Sequence[ImageFile], label: str) -> Iterator[T]:
    """Yield the results in the order of the files, with a progress bar on a terminal.

    Threads are enough, since Pillow releases Python's lock.
    """
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        answers: Iterable[T] = pool.map(work, files)
        if label and len(files) > 500 and sys.stderr.isatty():
            from rich.markup import escape
            from rich.progress import track

            from layerlab.console import Console

            answers = track(answers, escape(printable(label)), len(files), console=Console(stderr=True), transient=True)
        yield from answers


def _shape(headers: Sequence[Header], given: tuple[int, int] | None, colour: bool | None) -> tuple[int, ...]:
    """Return the shape of every image: the given size or the median, and 3 channels if an image has a colour."""
    colour = not all(header.grey for header in headers) if colour is None else colour
    if given is None:
        height, width = (float(np.median([header[side] for header in headers] or [1])) for side in (0, 1))
        scale = min(1.0, LARGEST_SIDE / max(height, width))
        given = max(1, round(scale * height)), max(1, round(scale * width))
    return (*given, 3) if colour else given


def _check_room(root: Path, m: int, shape: tuple[int, ...]) -> None:
    """Refuse more images than fit in memory: one byte for each number, and eight bytes for it in X."""
    what = f"{printable(str(root))}: {m} images of {shape[1]} × {shape[0]} pixels{' in colour' if shape[2:] else ''}"
    check_room(f"{what}: reading them", 9.0 * m * math.prod(shape), "choose a smaller size with size=, or fewer images")

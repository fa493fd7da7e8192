"""The notes' cat images: two HDF5 files, found on this machine or fetched once and checked.

The files come from the public repository that the course's learners share; the SHA-256 of each is known, and a download
that differs is thrown away.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, WorkError
from .dataset import Dataset, Part
from .images import pixels_to_columns

SOURCE = (
    "https://raw.githubusercontent.com/greyhatguy007/deep-learning-specialization/"
    "dcc0454449e8c0bc0d7aa63dbf640b4a138c3c6b/C1-NeuralNetworksAndDeepLearning/week4/W4A2/datasets/"
)
"""Where the files are fetched from; a mirror can be named in ``LAYERLAB_CATS_URL`` (the checksums stay)."""

SHA256 = {
    "train_catvnoncat.h5": "fbe56ab67c3ae28d564e3a644189117976d6b31af0a3ce9bb17dbf22908af242",
    "test_catvnoncat.h5": "6a9d39ce52fa85953c5834695b8534a30ed8cfd54971fb2f080b5a24d002b951",
}
"""The two files."""

TIMEOUT = 30.0
"""Seconds without an answer after which a download is given up."""


class CatArrays(NamedTuple):
    """The five arrays as the files hold them, labels as rows: what the notes' ``load_dataset`` returns."""

    train_images: NDArray[np.uint8]  # (209, 64, 64, 3)
    train_labels: NDArray[np.int64]  # (1, 209)
    test_images: NDArray[np.uint8]  # (50, 64, 64, 3)
    test_labels: NDArray[np.int64]  # (1, 50)
    classes: NDArray[np.bytes_]  # (2,)


def load_cats(folder: str | Path | None = None) -> Dataset:
    """The notes' cats and non-cats: 209 training and 50 test images of 64 × 64 pixels in colours.

    Args:
        folder: where the two files are; None looks in the folder that the environment variable ``LAYERLAB_DATA`` names,
            then in the user's cache, and fetches them if they are in neither.

    Returns:
        12288 features from 0 to 1; one row, 0 non-cat and 1 cat.

    Raises:
        InputError: no files in ``folder``, or files that are not the cats'.
        WorkError: the download failed.
    """
    arrays = read_cats(folder)
    return Dataset(
        name="cats",
        train=Part(pixels_to_columns(arrays.train_images), arrays.train_labels.astype(np.float64)),
        test=Part(pixels_to_columns(arrays.test_images), arrays.test_labels.astype(np.float64)),
        class_names=tuple(name.decode() for name in arrays.classes),
        image_shape=arrays.train_images.shape[1:],
        about="cats and non-cats, 64 × 64 pixels in colours (the notes' images)",
    )


def read_cats(folder: str | Path | None = None) -> CatArrays:
    """The five arrays of the cat files, found as ``load_cats`` finds them."""
    where = find_cats(folder)
    train_images, train_labels, classes = _read_part(where / "train_catvnoncat.h5", "train")
    test_images, test_labels, _ = _read_part(where / "test_catvnoncat.h5", "test")
    if train_images.shape[1:] != test_images.shape[1:]:
        raise InputError(
            f"{where}: training images have the shape {train_images.shape[1:]} and test images "
            f"{test_images.shape[1:]}: wanted the same"
        )
    return CatArrays(train_images, train_labels, test_images, test_labels, classes)


def find_cats(folder: str | Path | None = None) -> Path:
    """The folder that holds the two files; fetches them into the cache if need be."""
    if folder is not None:
        missing = [name for name in SHA256 if not (Path(folder) / name).is_file()]
        if missing:
            raise InputError(f"{folder}: no {' and no '.join(missing)} there; wanted both cat files in that folder")
        return Path(folder)
    for place in (os.environ.get("LAYERLAB_DATA"), cats_cache()):
        if place and all((Path(place) / name).is_file() for name in SHA256):
            return Path(place)
    return fetch_cats()


def cats_cache() -> Path:
    """Where fetched files are kept: the user's cache folder."""
    import pooch

    return Path(pooch.os_cache("layerlab")) / "cats"


def fetch_cats(source: str | None = None, tell: Callable[[str], None] = lambda _: None) -> Path:
    """The two files from the network into the cache, checked; what is there already and right is not fetched again.

    Args:
        source: address of the folder that holds them; None is ``LAYERLAB_CATS_URL`` or ``SOURCE``.
        tell: called with a line before each download.

    Returns:
        The cache folder.

    Raises:
        WorkError: no connection, no such file there, a download cut off, or other contents than expected.
    """
    import pooch
    import requests

    source = source or os.environ.get("LAYERLAB_CATS_URL") or SOURCE
    if not source.endswith("/"):
        source += "/"
    cache = cats_cache()
    pooch.get_logger().setLevel("ERROR")  # it would tell its own story on standard error
    remedy = f"fetch {' and '.join(SHA256)} by other means and name their folder with --folder or LAYERLAB_DATA"
    for name, digest in SHA256.items():
        if (cache / name).is_file() and pooch.file_hash(str(cache / name)) == digest:
            continue
        tell(f"fetching {source}{name}")
        try:
            pooch.retrieve(
                source + name,
                known_hash=f"sha256:{digest}",
                fname=name,
                path=cache,
                downloader=pooch.HTTPDownloader(timeout=TIMEOUT),
            )
        except requests.HTTPError as error:
            raise WorkError(f"{source}{name}: the server has no such file ({error}); {remedy}") from error
        except requests.RequestException as error:
            raise WorkError(
                f"{source}{name}: no answer, or the connection broke ({type(error).__name__}); try again, or {remedy}"
            ) from error
        except ValueError as error:
            raise WorkError(
                f"{source}{name}: what arrived is not the file that was expected (SHA-256 differs) and was thrown "
                f"away; try again, or {remedy}"
            ) from error
        except OSError as error:
            raise WorkError(
                f"{cache}: cannot be written ({error}); free or name another cache (XDG_CACHE_HOME)"
            ) from error
    return cache


def _read_part(path: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bytes_]]:
    """Images, labels as a row, class names of one file, checked."""
    import h5py

    keys = (f"{part}_set_x", f"{part}_set_y", "list_classes")
    try:
        with h5py.File(path, "r") as file:
            missing = [key for key in keys if not isinstance(file.get(key), h5py.Dataset)]
            if missing:
                raise InputError(
                    f"{path}: holds {', '.join(file) or 'nothing'}; wanted the arrays {', '.join(keys)} "
                    f"(missing: {', '.join(missing)})"
                )
            images, labels, classes = (file[key][()] for key in keys)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read as an HDF5 file ({error}); fetch it again: layerlab data fetch cats"
        ) from error
    if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8 or len(images) == 0:
        raise InputError(
            f"{path}: {keys[0]} is {images.dtype} of shape {images.shape}; wanted bytes (uint8) of shape "
            f"(examples, height, width, 3), at least one example"
        )
    if labels.shape != images.shape[:1] or not np.isin(labels, (0, 1)).all():
        raise InputError(
            f"{path}: {keys[1]} has the shape {labels.shape} and values {np.unique(labels)[:5].tolist()}; wanted one "
            f"label 0 or 1 for each of the {len(images)} images"
        )
    if classes.shape != (2,) or classes.dtype.kind != "S":
        raise InputError(f"{path}: list_classes is {classes.dtype} of shape {classes.shape}; wanted two names as bytes")
    return images, labels.reshape(1, -1).astype(np.int64), classes

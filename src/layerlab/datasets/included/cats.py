"""The cat images of the course notes: two HDF5 files, found on this machine or downloaded once and checked.

The files come from a public repository of the course's learners. The SHA-256 of each is known, and a download that
differs is deleted.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.dataset import Dataset
from layerlab.datasets.files import read_file
from layerlab.datasets.images.photos import pixels_to_columns
from layerlab.datasets.part import Part
from layerlab.errors import InputError, WorkError
from layerlab.machine import cache_folder

if TYPE_CHECKING:
    import requests

SOURCE = (
    "https://raw.githubusercontent.com/greyhatguy007/deep-learning-specialization/"
    "dcc0454449e8c0bc0d7aa63dbf640b4a138c3c6b/C1-NeuralNetworksAndDeepLearning/week4/W4A2/datasets/"
)
"""The address of the files; ``LAYERLAB_CATS_URL`` can name a mirror (the checksums stay the same)."""

SHA256 = {
    "train_catvnoncat.h5": "fbe56ab67c3ae28d564e3a644189117976d6b31af0a3ce9bb17dbf22908af242",
    "test_catvnoncat.h5": "6a9d39ce52fa85953c5834695b8534a30ed8cfd54971fb2f080b5a24d002b951",
}
"""SHA-256 of the two files."""

SIZES = {"train_catvnoncat.h5": 2_572_022, "test_catvnoncat.h5": 616_958}
"""The bytes of the two files; no more are downloaded."""

TIMEOUT = 30.0
"""After this many seconds without an answer, a download has failed."""

LONGEST_DOWNLOAD = 600.0
"""A file may take at most this many seconds in all."""


class CatArrays(NamedTuple):
    """The five arrays in the files, with labels as rows: what ``load_dataset`` of the course notes returns."""

    train_images: NDArray[np.uint8]  # (209, 64, 64, 3)
    train_labels: NDArray[np.int64]  # (1, 209)
    test_images: NDArray[np.uint8]  # (50, 64, 64, 3)
    test_labels: NDArray[np.int64]  # (1, 50)
    classes: NDArray[np.bytes_]  # (2,)


def load_cats(folder: str | Path | None = None) -> Dataset:
    """Load the photographs of the course notes, cat or not: 209 for training and 50 for test, 64 × 64 pixels in colour.

    Args:
        folder: the folder of the two files; None searches the folder in ``LAYERLAB_DATA`` (an environment variable),
            then the user's cache, and downloads the files if they are in neither.

    Returns:
        The dataset: 12288 features from 0 to 1; one row of labels, 0 (non-cat) and 1 (cat).

    Raises:
        InputError: the files are not in ``folder``, or are other files.
        WorkError: the download failed.
    """
    arrays = read_cats(folder)
    return Dataset(
        name="cats",
        train=Part(pixels_to_columns(arrays.train_images), arrays.train_labels.astype(np.float64)),
        test=Part(pixels_to_columns(arrays.test_images), arrays.test_labels.astype(np.float64)),
        class_names=tuple(name.decode() for name in arrays.classes),
        image_shape=arrays.train_images.shape[1:],
        about="photographs, cat or not, 64 × 64 pixels in colour (from the course notes)",
    )


def read_cats(folder: str | Path | None = None) -> CatArrays:
    """Read the five arrays of the cat files, which are found as by ``load_cats``."""
    where = find_cats(folder)
    train_images, train_labels, classes = _read_part(where / "train_catvnoncat.h5", "train")
    test_images, test_labels, test_classes = _read_part(where / "test_catvnoncat.h5", "test")
    if train_images.shape[1:] != test_images.shape[1:] or classes.tolist() != test_classes.tolist():
        raise InputError(
            f"{where}: train_catvnoncat.h5 holds images of {train_images.shape[1:]} and classes {classes.tolist()}, "
            f"test_catvnoncat.h5 {test_images.shape[1:]} and {test_classes.tolist()}; wanted the same in both"
        )
    return CatArrays(train_images, train_labels, test_images, test_labels, classes)


def find_cats(folder: str | Path | None = None) -> Path:
    """Return the folder of the two files, which are downloaded into the cache if necessary."""
    if folder is not None:
        missing = _missing(Path(folder))
        if missing:
            raise InputError(f"{folder}: no {' and no '.join(missing)} there; wanted both cat files in that folder")
        return Path(folder)
    return cats_here() or fetch_cats()


def cats_here() -> Path | None:
    """Return the first folder on this machine that holds both files, or None; nothing is downloaded."""
    places = (os.environ.get("LAYERLAB_DATA"), cats_cache())
    return next((Path(place) for place in places if place and not _missing(Path(place))), None)


def cats_cache() -> Path:
    """Return the folder in the user's cache for downloaded files."""
    return cache_folder() / "cats"


def check_cats() -> str:
    """Say where the cat files are found without a download."""
    where = cats_here()
    if where is None:
        return "not on this machine; downloaded at the first use"
    right = all(_is_right(where / name, digest) for name, digest in SHA256.items())
    return f"in {where}, checksums {'right' if right else 'WRONG: replace these files'}"


def fetch_cats(source: str | None = None, tell: Callable[[str], None] = lambda _: None) -> Path:
    """Download the two files into the cache and check them; a correct file that is already there is kept.

    Args:
        source: address of their folder; None for ``LAYERLAB_CATS_URL`` or ``SOURCE``.
        tell: called with a line of text before each download.

    Returns:
        The cache folder.

    Raises:
        InputError: the address, or that of a proxy, is not a web address.
        WorkError: no connection, no such file there, a download cut off, or other contents than expected.
    """
    source = source or os.environ.get("LAYERLAB_CATS_URL") or SOURCE
    if not source.startswith(("http://", "https://")):
        raise InputError(
            f"{_without_secrets(source)}: not an address for the download of {' and '.join(SHA256)}: wanted http://… "
            "or https://…"
        )
    cache = cats_cache()
    for name, digest in SHA256.items():
        if _is_right(cache / name, digest):
            continue
        address = _address_of(source, name)
        tell(f"downloading {_without_secrets(address)}")
        try:
            _download(address, cache / name, digest, SIZES[name])
        except (OSError, ValueError) as error:
            raise _what_broke(error, _without_secrets(address), cache / name) from None
    return cache


def _address_of(source: str, name: str) -> str:
    """Return the address of a file in the folder at an address; the query stays at the end."""
    folder, mark, query = source.partition("?")
    return f"{folder.rstrip('/')}/{name}{mark}{query}"


def _without_secrets(address: str) -> str:
    """Return an address without its password and query, which may be secret."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:  # brackets that are not those of an IPv6 address
        return address.partition("://")[0] + "://…"
    return urlunsplit(parts._replace(netloc=host, query="", fragment=""))


def _download(address: str, place: Path, digest: str, size: int) -> None:
    """Download one file to its place, where it appears complete and correct, or not at all.

    It is small and stays in memory until it is checked, so that even a kill leaves no partial file.

    Raises:
        OSError: the connection or the disk failed.
        ValueError: other contents than expected.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    data = _bytes_at(address, size)
    if len(data) > size or hashlib.sha256(data).hexdigest() != digest:
        raise ValueError("other contents than expected, or more")
    aside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        aside.write_bytes(data)
        aside.replace(place)
    finally:
        aside.unlink(missing_ok=True)


def _bytes_at(address: str, size: int) -> bytes:
    """Download at most ``size`` bytes, in at most ``LONGEST_DOWNLOAD`` seconds; raise as ``_download``.

    A thread downloads, since a server that sends a byte now and then could keep the library busy forever.
    """
    import requests

    answer: Future[bytes] = Future()
    enough = Event()

    def fetch() -> None:
        data = bytearray()
        try:
            with requests.get(address, timeout=TIMEOUT, stream=True) as response:
                response.raise_for_status()
                for piece in response.iter_content(2**12):
                    data += piece
                    if len(data) > size or enough.is_set():
                        break
            answer.set_result(bytes(data))
        except OSError as error:  # raised again in the waiting thread
            answer.set_exception(error)
        except Exception:  # for a wrong proxy, the libraries raise various errors
            answer.set_exception(requests.exceptions.InvalidProxyURL())

    Thread(target=fetch, daemon=True).start()
    try:
        return answer.result(LONGEST_DOWNLOAD)
    except TimeoutError:
        raise requests.Timeout from None
    finally:
        enough.set()


def _is_right(path: Path, digest: str) -> bool:
    """Return whether a file exists and has this SHA-256."""
    try:
        return hashlib.sha256(read_file(path, max(SIZES.values()))).hexdigest() == digest
    except InputError:
        return False


def _what_broke(error: OSError | ValueError, address: str, place: Path) -> InputError | WorkError:
    """Make the error that says why a download failed, and what to do."""
    import requests

    remedy = f"download {' and '.join(SHA256)} in another way and give their folder with --folder or LAYERLAB_DATA"
    if isinstance(error, requests.HTTPError):
        what = f"{address}: the server does not send the file ({_status(error)}); try later, or {remedy}"
    elif isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return InputError(
            f"{address}: is not a valid address ({type(error).__name__}): wanted http://HOST/FOLDER or https://… in "
            f"LAYERLAB_CATS_URL, and in http_proxy and https_proxy, if they are set; or {remedy}"
        )
    elif isinstance(error, requests.RequestException):
        what = f"{address}: no answer, or the connection broke ({type(error).__name__}); try again, or {remedy}"
    elif isinstance(error, OSError):
        what = (
            f"{place}: cannot be written ({error}); free some space there, or choose another cache with XDG_CACHE_HOME"
        )
    else:
        what = (
            f"{address}: the file that arrived is not the expected one (its SHA-256 differs) and was deleted; "
            f"try again, or {remedy}"
        )
    return WorkError(what)


def _status(error: requests.HTTPError) -> str:
    """Return the status that a server answered, without the address that the library adds."""
    return "no answer" if error.response is None else f"{error.response.status_code} {error.response.reason}"


def _missing(folder: Path) -> list[str]:
    """Return the names of the cat files that are not in a folder."""
    try:
        return [name for name in SHA256 if not (folder / name).is_file()]
    except OSError:  # no permission for the folder, or a name that is too long
        return list(SHA256)


def _read_part(path: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bytes_]]:
    """Read images, labels as a row and class names from one file, and check them."""
    import h5py

    keys = (f"{part}_set_x", f"{part}_set_y", "list_classes")
    try:
        with h5py.File(path, "r") as file:
            missing = [key for key in keys if not isinstance(file.get(key), h5py.Dataset)]
            if missing:
                raise InputError(f"{path}: no arrays {', '.join(missing)} there; wanted {', '.join(keys)}")
            _check_kinds(path, *(file[key] for key in keys))
            images, labels, classes = (file[key][()] for key in keys)
    except InputError:
        raise
    except (
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
        MemoryError,
    ) as error:  # h5py raises all of them for broken files
        raise InputError(
            f"{path}: cannot be read as an HDF5 file ({error}); download it again: layerlab data fetch cats"
        ) from error
    if not np.isin(labels, (0, 1)).all():
        raise InputError(f"{path}: {keys[1]} holds {np.unique(labels)[:5].tolist()}; wanted labels 0 and 1")
    if not all(_is_text(name) for name in classes):
        raise InputError(f"{path}: list_classes holds {classes.tolist()}; wanted names in UTF-8")
    return images, labels.reshape(1, -1).astype(np.int64), classes


def _check_kinds(path: Path, images: Any, labels: Any, classes: Any) -> None:
    """Check types and shapes of the three HDF5 arrays before they are read, since a broken file may claim terabytes."""
    if images.dtype != np.uint8 or images.shape is None or images.shape[3:] != (3,) or 0 in images.shape:
        raise InputError(
            f"{path}: {images.name} is {images.dtype} of shape {images.shape}; wanted bytes (uint8) of shape "
            f"(examples, height, width, 3), at least one example"
        )
    if labels.dtype.kind not in "biuf" or labels.shape != images.shape[:1]:
        raise InputError(
            f"{path}: {labels.name} is {labels.dtype} of shape {labels.shape}; wanted one label 0 or 1 for each of the "
            f"{images.shape[0]} images"
        )
    if classes.dtype.kind != "S" or classes.shape != (2,):
        raise InputError(f"{path}: list_classes is {classes.dtype} of shape {classes.shape}; wanted two names as bytes")


def _is_text(name: bytes) -> bool:
    """Return whether bytes are text in UTF-8."""
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True

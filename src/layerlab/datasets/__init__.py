"""Data to learn from, in the notes' orientation: examples are columns of X and Y, split into a training and a test set.

Each loader returns a ``Dataset``; importing this package reads no data and imports nothing heavy.

    part.py         the values that datasets are made of: Part, Standardization, Notice, …
    tabular/        tables: files and frames read, cells parsed (cells.py), kinds inferred, rows checked and split
    images/ arrays/ folders of images, and arrays in files, read and checked
    preparing/      how columns of a table become rows of X, learned from the training rows
    streaming/      files with more rows than memory holds
    dataset.py      ``Dataset``
    loading/        a loader for each kind of data: load_table, load_images, load_arrays, open_stream; load_data chooses
    included/       the data that come with layerlab
    holding_out.py  a validation set split off the training set
    describing.py   what is said of a dataset
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from layerlab.errors import InputError

from .dataset import Dataset
from .holding_out import hold_out
from .images.augmentation import Augmentation
from .images.photos import load_photos
from .included.builtin import load_breast_cancer, load_digits
from .included.cats import load_cats
from .included.planar import EXTRA, load_extra, load_flower
from .loading.anything import load_data
from .loading.arrays import load_arrays
from .loading.images import load_images
from .loading.streams import open_stream
from .loading.tables import load_table
from .part import Part, Standardization

LOADERS: dict[str, Callable[[], Dataset]] = {
    "digits": load_digits,
    "cats": load_cats,
    "flower": load_flower,
    "breast_cancer": load_breast_cancer,
    **{name: partial(load_extra, name) for name in EXTRA},
}
"""Every dataset by the name that the command line calls it."""


ABOUT = {
    "digits": "1797 handwritten digits, 8 × 8 pixels",
    "cats": "259 cats and non-cats, 64 × 64 pixels in colours; two files, fetched once",
    "flower": "800 points of two classes on the petals of a flower",
    "breast_cancer": "569 tumours, 30 measurements each",
    **dict.fromkeys(EXTRA, "400 points in the plane, from the course's extra sets"),
}
"""Every dataset in a few words, without loading it."""


def known_name(name: str) -> str:
    """A dataset's name with underscores, as in ``LOADERS``.

    Raises:
        InputError: the name is unknown.
    """
    known = name.replace("-", "_")
    if known not in LOADERS:
        raise InputError(f"no dataset is called {name!r}: wanted one of {', '.join(LOADERS)}")
    return known


def load_dataset(name: str, folder: str | Path | None = None) -> Dataset:
    """A dataset by its name.

    Args:
        name: a name in ``LOADERS``; hyphens may stand for underscores.
        folder: where the files are, for data that is read from files (cats).

    Raises:
        InputError: the name is unknown, or the folder does not apply.
    """
    known = known_name(name)
    if folder is None:
        return LOADERS[known]()
    if known != "cats":
        raise InputError(f"{name} is not read from files, so a folder ({folder}) does not apply: leave it out")
    return load_cats(folder)


__all__ = [
    "ABOUT",
    "LOADERS",
    "Augmentation",
    "Dataset",
    "Part",
    "Standardization",
    "hold_out",
    "known_name",
    "load_arrays",
    "load_breast_cancer",
    "load_cats",
    "load_data",
    "load_dataset",
    "load_digits",
    "load_extra",
    "load_flower",
    "load_images",
    "load_photos",
    "load_table",
    "open_stream",
]

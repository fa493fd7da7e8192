"""Data to learn from: examples are columns of X and Y, as in the course notes, split into a training and a test set.

Each loader returns a ``Dataset``. Importing this package reads no data and imports no large library.

    part.py         the values in a dataset: Part, Standardization, Notice, …
    tabular/        tables: files and frames read, cells parsed (cells.py), kinds inferred, rows checked and split
    images/ arrays/ folders of images, and arrays in files, read and checked
    preparing/      how columns of a table become rows of X, learned from the training rows
    streaming/      files with more rows than fit in memory
    dataset.py      ``Dataset``
    loading/        a loader for each kind of data: load_table, load_images, load_arrays, open_stream; load_data chooses
    included/       the datasets that come with layerlab
    holding_out.py  a validation set split off the training set
    describing.py   a dataset in words
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
"""The loader of every included dataset, by its name on the command line."""


ABOUT = {
    "digits": "1797 handwritten digits, 8 × 8 pixels",
    "cats": "259 photographs, cat or not, 64 × 64 pixels in colour; downloaded once",
    "flower": "800 points of two classes on the petals of a flower, as in the course notes",
    "breast_cancer": "569 tumours with 30 measurements each",
    "noisy_circles": "400 points of two classes on two noisy circles, one inside the other",
    "noisy_moons": "400 points of two classes on two half-moons that reach into each other",
    "blobs": "400 points of two classes in six clusters, whose classes alternate",
    "gaussian_quantiles": "400 points of two classes: a centre, and the ring around it",
    "no_structure": "400 random points of two classes, with nothing to learn",
}
"""Every included dataset in a few words."""


def known_name(name: str) -> str:
    """Return a dataset's name with underscores, as in ``LOADERS``.

    Raises:
        InputError: no dataset has that name.
    """
    known = name.replace("-", "_")
    if known not in LOADERS:
        raise InputError(f"no dataset is called {name!r}: wanted one of {', '.join(LOADERS)}")
    return known


def load_dataset(name: str, folder: str | Path | None = None) -> Dataset:
    """Load a dataset by its name.

    Args:
        name: a name in ``LOADERS``; hyphens may stand for underscores.
        folder: the folder of the files, for a dataset in files (cats).

    Raises:
        InputError: no dataset has that name, or it does not need a folder.
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

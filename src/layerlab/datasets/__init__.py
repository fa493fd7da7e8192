"""Data to learn from: loaded by name, in the notes' orientation (examples are columns), split into train and test.

Each loader returns a ``Dataset``; importing this package reads and imports nothing heavy.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..errors import InputError
from .builtin import load_breast_cancer, load_digits
from .cats import load_cats
from .dataset import Dataset, Part, Standardization
from .images import load_photos
from .planar import EXTRA, load_extra, load_flower

LOADERS: dict[str, Callable[[], Dataset]] = {
    "digits": load_digits,
    "cats": load_cats,
    "flower": load_flower,
    "breast_cancer": load_breast_cancer,
    **{name: partial(load_extra, name) for name in EXTRA},
}
"""Every dataset by the name that the command line calls it."""


def load_dataset(name: str, folder: str | Path | None = None) -> Dataset:
    """A dataset by its name.

    Args:
        name: a name in ``LOADERS``; hyphens may stand for underscores.
        folder: where the files are, for data that is read from files (cats).

    Raises:
        InputError: the name is unknown, or the folder does not apply.
    """
    known = name.replace("-", "_")
    if known not in LOADERS:
        raise InputError(f"no dataset is called {name!r}: wanted one of {', '.join(LOADERS)}")
    if folder is None:
        return LOADERS[known]()
    if known != "cats":
        raise InputError(f"{name} is not read from files, so a folder ({folder}) does not apply: leave it out")
    return load_cats(folder)


__all__ = [
    "LOADERS",
    "Dataset",
    "Part",
    "Standardization",
    "load_breast_cancer",
    "load_cats",
    "load_dataset",
    "load_digits",
    "load_extra",
    "load_flower",
    "load_photos",
]

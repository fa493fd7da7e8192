"""From a path, or a frame, to a dataset: what is there decides how it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .dataset import Dataset


def load_data(path: str | Path, **options: Any) -> Dataset:
    """A dataset of one's own: a table, a folder of images, or arrays.

    Args:
        path: a table (.csv, .tsv, .parquet, .arrow, .feather, .jsonl, .ndjson, compressed or not), a folder with a
            folder of images for each class, or arrays (.npy, .npz, .h5, .hdf5, .mat).
        options: of ``load_table``, ``load_images`` or ``load_arrays``, whichever reads the path.
    """
    raise NotImplementedError

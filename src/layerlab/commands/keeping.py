"""Save a trained network in its place, or in another one if that is not possible."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from layerlab.errors import InputError, WorkError

if TYPE_CHECKING:
    from layerlab.datasets import Dataset
    from layerlab.runs.run import Run

    from .output import Output


def keep(run: Run, place: Path, log_path: Path, dataset: Dataset, raw: Dataset, output: Output) -> Path | None:
    """Save a run in its place; if that is a folder, also the log that was written next to it and the split of the data.

    If the place can no longer be written to (the disk is full, the permission was lost), the run is saved in another
    place, and ``output.failure`` says where.

    Args:
        run: a network that was trained on ``dataset``.
        place: a new folder, or a new file.
        log_path: the log's path without ending.
        dataset: the data that the run was trained on.
        raw: the same data before a validation set was held out and the features were standardised.
        output: gets the failures.

    Returns:
        The path of the run; None if it could not be saved anywhere.
    """
    failures = []
    for path in (place, *_other_places(place)):
        try:
            run.save(path)
        except (InputError, WorkError, OSError) as error:
            failures.append(str(error))
            continue
        output.made.append(str(path))
        missing = _keep_beside(path, log_path, dataset, raw)
        if failures:
            output.failure = f"{failures[0]}; the run was saved in {path} instead"
        elif missing:
            output.failure = f"{missing}; the run itself was saved in {path}"
        return path
    output.failure = f"{failures[0]}; the run could not be saved in another place either: {'; '.join(failures[1:])}"
    return None


def _keep_beside(path: Path, log_path: Path, dataset: Dataset, raw: Dataset) -> str:
    """Write the other files of a run that is a folder; return why that was not possible, or ""."""
    from layerlab.datasets.describing import split_csv
    from layerlab.runs.log_files import copy_log
    from layerlab.runs.run_files import is_one_file
    from layerlab.runs.writing import write_text

    if is_one_file(path):
        return ""
    try:
        copy_log(log_path, path)
        if dataset.called is not None and dataset.stream is None:
            write_text(path / "split.csv", split_csv(dataset, raw))
    except (OSError, WorkError) as error:
        return str(error)
    return ""


def _other_places(place: Path) -> Iterator[Path]:
    """Yield other folders for a run: here, in the user's data folder, and among the temporary files."""
    from platformdirs import user_data_path

    name = f"{place.name.removesuffix('.safetensors')}-saved"
    for find in (Path.cwd, lambda: user_data_path("layerlab"), lambda: Path(tempfile.gettempdir())):
        with suppress(OSError):  # the current folder may be gone
            folder = find()
            number = 1
            while (folder / f"{name}-{number}").exists():
                number += 1
            yield folder / f"{name}-{number}"

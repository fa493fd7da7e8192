"""A trained network is kept: in its place, or where that is not possible somewhere else."""

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
    """Save a run in its place, and if it is a folder the log that grew beside it and the split of the data.

    Where the place cannot be written to any more (the disk is full, the permission was lost), the run is saved in
    another one, and ``output.failure`` says in which.

    Args:
        run: trained on ``dataset``.
        place: a new folder, or a new file.
        log_path: the log's path without ending.
        dataset: what the run was trained on.
        raw: the same before a share was held out and features were standardised.
        output: where failures are said.

    Returns:
        The path of the run; None where no place could take it.
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
            output.failure = f"{failures[0]}; the run is kept in {path} instead"
        elif missing:
            output.failure = f"{missing}; the run itself is kept in {path}"
        return path
    output.failure = f"{failures[0]}; no other place could take the run: {'; '.join(failures[1:])}"
    return None


def _keep_beside(path: Path, log_path: Path, dataset: Dataset, raw: Dataset) -> str:
    """Write what belongs to a run in a folder; why that was not possible, or nothing."""
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
    """Folders for a run whose place cannot take it: here, in the user's data, and among the temporary files."""
    from platformdirs import user_data_path

    name = f"{place.name.removesuffix('.safetensors')}-saved"
    for find in (Path.cwd, lambda: user_data_path("layerlab"), lambda: Path(tempfile.gettempdir())):
        with suppress(OSError):  # the current folder may be gone
            folder = find()
            number = 1
            while (folder / f"{name}-{number}").exists():
                number += 1
            yield folder / f"{name}-{number}"

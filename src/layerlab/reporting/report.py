"""The page about a run: ``report`` writes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from layerlab.datasets import Dataset
from layerlab.evaluating.baseline import BASELINE
from layerlab.runs.run import Run
from layerlab.runs.writing import check_new_file, write_text

from .reported_run import ReportedRun
from .run_data import prepared_for
from .sections import run_page


def report(run: Run, dataset: Dataset, path: str | Path, *, baseline: str | None = None) -> Path:
    """Write a report about a run into one HTML file that contains its pictures.

    Args:
        run: a classifier that predicts one class for each example, or a regression.
        dataset: the data of the training and of the test. Where the run held out a validation set, the same examples
            are held out here. Where the run standardised the features, its own means and deviations are used again.
        path: a new file; nothing is overwritten.
        baseline: which simpler models the run is compared with: "linear", "boosted" (the linear model and boosted
            trees) or "none". None takes both, but the linear one alone for images and for arrays of more than 500
            columns.

    Returns:
        The path.

    Raises:
        InputError: the run cannot be reported on, the data do not suit it, the file exists already, or it cannot be
            written.
        WorkError: writing failed on the way; no file is left behind.

    Example:
        >>> import tempfile
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> run = layerlab.train(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2, iterations=500)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     layerlab.report(run, flower, f"{folder}/report.html").read_text(encoding="utf-8")[:15]
        '<!DOCTYPE html>'
    """
    write_report(run, dataset, path, baseline)
    return Path(path)


def write_report(run: Run, dataset: Dataset, path: str | Path, baseline: str | None = None) -> dict[str, Any]:
    """Write the page as ``report`` does, and return the facts that are on it."""
    BASELINE.check(baseline)
    path = check_new_file(path)
    data = prepared_for(run, dataset)
    if run.network.classifies and not data.class_names:
        data = replace(data, class_names=tuple(f"class {k}" for k in range(max(2, data.n_y))))
    reported = ReportedRun(run, data, baseline)
    write_text(path, run_page(reported))
    return reported.facts

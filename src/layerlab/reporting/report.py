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
    """Write what there is to know about a run into one file of HTML, pictures and all.

    Args:
        run: a classifier of one class an example, or a regression.
        dataset: what it was trained and is tested on. Where a share was held out, the same is held out here; where the
            run was trained on standardised features, they are standardised by the run's own means and scales.
        path: a new file; nothing is overwritten.
        baseline: what the run is compared with: "linear", "boosted" (the linear baseline and boosted trees) or "none";
            None takes both, but the linear one alone for images and for arrays of more than 500 columns.

    Returns:
        The path.

    Raises:
        InputError: the run or the data do not suit, something is there already, or the place cannot be written to.
        WorkError: writing failed on the way; nothing is left behind.

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
    """Write the page as ``report`` does; the facts that are on it."""
    BASELINE.check(baseline)
    path = check_new_file(path)
    data = prepared_for(run, dataset)
    if run.network.classifies and not data.class_names:
        data = replace(data, class_names=tuple(f"class {k}" for k in range(max(2, data.n_y))))
    reported = ReportedRun(run, data, baseline)
    write_text(path, run_page(reported))
    return reported.facts

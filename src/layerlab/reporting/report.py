"""``report``: a run and its data become one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.describing import data_facts
from layerlab.datasets.part import class_numbers
from layerlab.evaluating.calibration import confidences
from layerlab.evaluating.curves import rankings_facts, rankings_of
from layerlab.evaluating.scores import train_facts
from layerlab.evaluating.statistics import calibration_error, reliability_bins
from layerlab.runs.run import Run
from layerlab.runs.writing import check_new_file, write_text

from .classification import by_class_facts
from .explanations import importance_facts
from .regression import fifths_facts
from .run_data import prepared_for
from .sections import report_text


def report(run: Run, dataset: Dataset, path: str | Path) -> Path:
    """Write what there is to know about a run into one file of HTML, pictures and all.

    Args:
        run: a classifier of one class an example, or a regression.
        dataset: what it was trained and is tested on. Where a share was held out, the same is held out here; where the
            run was trained on standardised features, they are standardised by the run's own means and scales.
        path: a new file; nothing is overwritten.

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
    write_report(run, dataset, path)
    return Path(path)


def write_report(run: Run, dataset: Dataset, path: str | Path) -> dict[str, Any]:
    """``report``, and the facts that are on the page."""
    path = check_new_file(path)
    data = prepared_for(run, dataset)
    facts = report_facts(run, data)
    write_text(path, report_text(run, data, facts))
    return facts


def report_facts(run: Run, data: Dataset) -> dict[str, Any]:
    """What the page says in numbers: those of the training, of the data and of the columns.

    Of classes the confusion matrix, the areas under the curves and the calibration error; of values the errors by
    fifths of the answers.
    """
    facts = train_facts(run, data) | {
        "temperature": run.temperature,
        "versions": dict(run.versions),
        "data": data_facts(data),
        "importance": importance_facts(run, data),
    }
    if not run.network.classifies:
        return facts | {"fifths": fifths_facts(run, data)}
    n = max(2, data.n_y)
    truth, predicted = class_numbers(data.test.Y), run.predict(data.test.X)[0]
    confidence, right = confidences(run, data.test)
    counts = np.bincount(n * truth + predicted, minlength=n * n).reshape(n, n)
    return facts | {
        "confusion": counts.tolist(),
        "by_class": by_class_facts(counts),
        "rankings": rankings_facts(rankings_of(run, data)),
        "calibration_error": calibration_error(reliability_bins(confidence, right)),
        "mean_confidence": float(confidence.mean()),
    }

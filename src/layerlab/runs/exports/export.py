"""``export``: write a model for other software, run it on examples, and save it if it predicts what layerlab does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Standardization
from layerlab.errors import InputError, WorkError
from layerlab.runs.run import Run
from layerlab.runs.writing import check_new, written_aside

from .checked_examples import FeaturesOrTable, check_examples, network_inputs, number_of

EXPORT_FORMATS = {"onnx": "file", "numpy": "folder"}
"""What each format is: one file, or a folder."""

LARGEST_DEVIATION = {"float32": 1e-5, "float64": 1e-10}
"""The largest allowed difference to layerlab's predictions, for each type of numbers."""


class Export(NamedTuple):
    """A model that was written and checked by running it.

    Attributes:
        path: the ONNX file, or the folder with ``predict.py`` and ``weights.npz``.
        format: "onnx" or "numpy".
        deviation: the largest difference between its predictions and layerlab's. For probabilities it is the difference
            itself, for regression a share of the largest value.
        tolerance: the largest deviation that is allowed.
        examples: number of examples that it was checked on.
    """

    path: Path
    format: str
    deviation: float
    tolerance: float
    examples: int


ExportedPredictions = tuple[NDArray[Any], NDArray[Any] | None]
"""What an exported model predicts for m examples, in rows: (m, K) probabilities or (m, n_y) values; and labels, (m,)
classes, (m, n_y) for several sigmoid outputs, or None with values."""


class Format(NamedTuple):
    """The functions that write a run in one format, and run the exported model on examples."""

    write: Callable[[Run, Path], None]
    run: Callable[[Path, FeaturesOrTable], ExportedPredictions]


class FittedEstimator(Protocol):
    """A fitted estimator of ``layerlab.sklearn``."""

    def to_run(self) -> Run:
        """Return its network as a run."""


def export(run: Run | FittedEstimator, path: str | Path, X: Any, *, format: str = "onnx") -> Export:  # noqa: A002
    """Export a model that runs without layerlab: it takes raw examples in rows, and predicts what the run predicts.

    The preparation of a table's columns and the run's standardisation are part of the model. Before it is saved, it is
    checked on the examples given here, by onnxruntime or a new Python process. Its labels have to fit its
    probabilities, and its predictions may differ from layerlab's by at most 1e-5 (float32) or 1e-10 (float64).

    Args:
        run: a trained network, a fitted estimator of ``layerlab.sklearn``, or scikit-learn's pipeline of a
            StandardScaler and such an estimator.
        path: a new file for "onnx", a new folder for "numpy".
        X: raw examples to check it on: (n_x, m) in columns before any standardisation, or a table for a run that has a
            ``preparation``. The first 200,000 are used.
        format: "onnx", or "numpy" for a readable ``predict.py`` with its ``weights.npz``.

    Raises:
        InputError: the format is unknown, something is at the path already, the run diverged, X does not fit the
            network, or a package that the format needs is not installed.
        WorkError: the model predicts something else, cannot be run, or cannot be written; nothing is left behind.

    Example:
        >>> import tempfile
        >>> from layerlab import Network, datasets, train
        >>> flower = datasets.load_flower()
        >>> run = train(Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2, iterations=100, progress=False)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export(run, f"{folder}/flower.onnx", flower.test.X).deviation < 1e-12
        True
    """
    run = _run_of(run)
    way = check_export(path, format)
    run.check_whole()
    examples = check_examples(run, X)
    ours = _predictions(run, network_inputs(run, examples))
    tolerance = LARGEST_DEVIATION[str(ours.dtype)]
    with written_aside(path, EXPORT_FORMATS[format]) as aside:
        way.write(run, aside)
        deviation = _deviation(run, ours, way.run(aside, examples))
        if not deviation <= tolerance:  # nan is refused too
            raise WorkError(
                f"{path}: the predictions of the exported model differ from layerlab's by {deviation:.1g} on these "
                f"{number_of(examples)} examples, more than the allowed {tolerance:.0e}, so it was not saved; "
                f"{_remedy(ours.dtype)}"
            )
    return Export(Path(path), format, deviation, tolerance, number_of(examples))


def _run_of(model: Any) -> Run:
    """Return the run of an estimator or pipeline, with the pipeline's standardisation; a run stays itself.

    Raises:
        InputError: the model is none of these.
    """
    if isinstance(model, Run):
        return model
    steps = [step for _, step in getattr(model, "steps", [])] or [model]
    *before, last = steps
    if not hasattr(last, "to_run"):
        raise InputError(
            f"run is {type(model).__name__}: wanted a layerlab.Run, an estimator of layerlab.sklearn, or a pipeline of "
            f"a StandardScaler and one"
        )
    run: Run = last.to_run()
    if [type(step).__name__ for step in before] not in ([], ["StandardScaler"]):
        raise InputError(
            f"the pipeline has {', '.join(type(step).__name__ for step in before)} before the network: wanted one "
            f"StandardScaler or nothing; export the last step alone, and apply the others before you use the model"
        )
    if not before:
        return run
    n = run.network.layer_dims[0]
    mean = before[0].mean_ if before[0].with_mean else np.zeros(n)
    scale = before[0].scale_ if before[0].with_std else np.ones(n)
    return replace(run, standardization=Standardization(mean[:, None], scale[:, None]))


def check_export(path: str | Path, format: str) -> Format:  # noqa: A002
    """Check what can be checked before there is any data, and return how to write and run the format.

    Raises:
        InputError: the format is unknown, its packages are not installed, or the path is taken or cannot be written to.
    """
    if not isinstance(format, str) or format not in EXPORT_FORMATS:
        raise InputError(f"format={format!r}: wanted one of {', '.join(EXPORT_FORMATS)}")
    way = _onnx() if format == "onnx" else _numpy()
    check_new(path, EXPORT_FORMATS[format])
    return way


def _onnx() -> Format:
    """Return the ONNX format; raise InputError if its packages are not installed."""
    try:
        from . import onnx_graph
    except ImportError as error:
        raise InputError(
            f"format='onnx' needs the packages onnx and onnxruntime ({error}): pip install -e '.[onnx]'"
        ) from error
    return Format(onnx_graph.write_onnx, onnx_graph.run_onnx)


def _numpy() -> Format:
    from . import numpy_source

    return Format(numpy_source.write_numpy, numpy_source.run_numpy)


def _predictions(run: Run, X: NDArray[Any]) -> NDArray[Any]:
    """Return layerlab's own probabilities (K, m) or values (n_y, m) for X (n_x, m) as the network takes it."""
    outputs = run.predict_proba(X) if run.network.classifies else run.predict(X)
    predictions: NDArray[Any] = run.network.class_probabilities(outputs)
    return predictions


def _deviation(run: Run, ours: NDArray[Any], theirs: ExportedPredictions) -> float:
    """Return the largest difference; infinity if the shape differs, or labels do not fit their probabilities."""
    outputs, labels = theirs[0].T, theirs[1]
    if outputs.shape != ours.shape:
        return float("inf")
    if run.network.classifies:
        own = run.labels(outputs[1:] if run.network.has_two_classes else outputs)
        if labels is None or not np.array_equal(np.atleast_2d(labels.T), own):
            return float("inf")
    scale = 1.0 if run.network.classifies else float(np.abs(ours).max()) or 1.0
    with np.errstate(all="ignore"):
        return float(np.abs(outputs - ours).max()) / scale


def _remedy(dtype: np.dtype[Any]) -> str:
    """Say what helps if the difference is too large."""
    if dtype == np.float32:
        return "float32 may be too coarse for these numbers: train with dtype='float64', or standardise the features"
    return "look for extremely large or small numbers among the examples"

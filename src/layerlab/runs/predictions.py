"""The predictions of a run, or of several runs together, for new examples: computed, and written as CSV."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError, WorkError
from layerlab.escapes import printable_lines
from layerlab.formulas.arrays import Floats
from layerlab.typed_options import as_typed

from .new_examples import NewExamples, read_new_examples
from .run import Run
from .writing import DASH, written_aside

BETWEEN_CLASSES = " | "
"""What stands between the classes of a set in a CSV file."""


@dataclass(frozen=True)
class Predictions:
    """What one or several runs predict for m examples.

    Attributes:
        examples: the new examples.
        class_names: the names of a classifier's classes, that of label 0 first; else empty.
        labels: (m,) class numbers, or (n_y, m) values of a regression.
        probabilities: (K, m) probabilities of a classifier, or None.
        low, high: lowest and highest prediction of the runs: (m,) probabilities of the predicted class, or (n_y, m)
            values; None for one run.
        interval: the two ends of the prediction intervals of a regression, each (n_y, m); None if none were asked for.
        sets: (K, m) whether each class is in the set of each example; None if none were asked for.
        level: the level of the intervals or sets; None if none were asked for.
    """

    examples: NewExamples
    class_names: tuple[str, ...]
    labels: NDArray[Any]
    probabilities: NDArray[Any] | None
    low: NDArray[Any] | None = None
    high: NDArray[Any] | None = None
    interval: tuple[Floats, Floats] | None = None
    sets: NDArray[np.bool_] | None = None
    level: float | None = None

    @property
    def m(self) -> int:
        """The number of examples that are predicted."""
        return int(self.examples.X.shape[1])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each example's prediction as plain values, by the names that JSON and the CSV file have."""
        called = self.examples.called
        for k in range(self.examples.X.shape[1]):
            row: dict[str, Any] = {name: values[k] for name, values in called.items()}
            yield row | (self._of_classes(k) if self.probabilities is not None else self._of_values(k))

    def _of_classes(self, k: int) -> dict[str, Any]:
        """Return example k's class, the probability of each class, and its set of classes if there is one.

        For several runs the lowest and highest probability too.
        """
        assert self.probabilities is not None  # noqa: S101
        shares = dict(zip(self.class_names, self.probabilities[:, k].tolist(), strict=True))
        row = {"class": self.class_names[self.labels[k]], "probabilities": shares}
        if self.low is not None and self.high is not None:
            row |= {"lowest": float(self.low[k]), "highest": float(self.high[k])}
        if self.sets is not None:
            row["set"] = [name for name, inside in zip(self.class_names, self.sets[:, k], strict=True) if inside]
        return row

    def _of_values(self, k: int) -> dict[str, Any]:
        """Return example k's values, with their intervals if there are some; for several runs the spread of them."""
        row: dict[str, Any] = {}
        for j, values in enumerate(self.labels):
            end = f" {j + 1}" if len(self.labels) > 1 else ""
            row[f"value{end}"] = float(values[k])
            if self.low is not None and self.high is not None:
                row |= {f"lowest{end}": float(self.low[j, k]), f"highest{end}": float(self.high[j, k])}
            if self.interval is not None:
                low, high = self.interval
                row |= {f"low{end}": float(low[j, k]), f"high{end}": float(high[j, k])}
        return row


def predict_table(
    run: Run,
    table: Any,
    *,
    id: str | None = None,  # noqa: A002  (load_table's own word)
    intervals: float | None = None,
) -> Any:
    """Predict the rows of a raw table: classes with their probabilities, or values (as `layerlab predict` does).

    Args:
        run: a network that was trained on a table.
        table: a data frame of pandas, polars or pyarrow, or a path. It is prepared as the training set was.
        id: the column that names the rows; None for the id column of the training table, if this table has it.
        intervals: the level of prediction intervals or of sets of classes, such as 0.9; None for none.

    Returns:
        A data frame: of pandas, with the same index, if the table is one; else of polars. Its columns are "row"
        (counted from 1), the ids unchanged, and "class" and "probability of …" for each class, or "value". With
        ``intervals`` also "low" and "high", or "set", the list of the classes in the set.

    Raises:
        InputError: the table cannot be read, has no such column, or is not what the run was trained on; or the run has
            no intervals (as for ``Run.predict_intervals``).
    """
    import polars as pl

    if run.preparation is None and not run.feature_names:
        raise InputError("the run was not trained on a table: use run.predict, which takes arrays")
    examples = read_new_examples(run, [Path(table) if isinstance(table, str) else table], id_column=id)
    try:
        predictions = predictions_of([run], examples, intervals)
    except InputError as error:
        raise InputError(as_typed(str(error), {"level": "intervals"})) from None
    rows = [_flat(row) for row in predictions.rows()]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    if type(table).__module__.partition(".")[0] == "pandas":
        return type(table)(columns, index=table.index)
    return pl.DataFrame(columns)


def predictions_of(runs: Sequence[Run], examples: NewExamples, level: float | None = None) -> Predictions:
    """Predict with all runs: return the mean of their probabilities or values, and the lowest and the highest.

    Args:
        runs: at least one run; if there are several, all must be trained on the same data.
        examples: the examples, prepared for the first run.
        level: the level of the prediction intervals or sets of classes of a single run with members; None for none.

    Raises:
        InputError: the runs differ in classes, inputs or preparation, or give each example several labels; or intervals
            are asked for that they do not have.
    """
    first = runs[0]
    if first.network.has_several_labels:
        raise InputError("the run predicts several labels per example: wanted a run that predicts one class, or values")
    for run in runs[1:]:
        _check_same(first, run)
    if level is not None and len(runs) > 1:
        raise InputError("intervals belong to one run, and several predict here together: leave out the others")
    X = examples.X
    if not first.network.classifies:
        values = np.stack([run.predict(X) for run in runs])
        low, high = (values.min(axis=0), values.max(axis=0)) if len(runs) > 1 else (None, None)
        interval = None if level is None else first.predict_intervals(X, level)
        return Predictions(examples, (), values.mean(axis=0), None, low, high, interval=interval, level=level)
    shares = np.stack([run.network.class_probabilities(run.predict_proba(X)) for run in runs])
    mean = shares.mean(axis=0)
    labels = first.labels(mean[1:] if first.network.has_two_classes else mean)[0]
    own = shares[:, labels, np.arange(X.shape[1])]
    low, high = (own.min(axis=0), own.max(axis=0)) if len(runs) > 1 else (None, None)
    names = first.class_names or tuple(map(str, range(mean.shape[0])))
    sets = None if level is None else first.predict_sets(X, level)
    return Predictions(examples, names, labels, mean, low, high, sets=sets, level=level)


def _check_same(first: Run, other: Run) -> None:
    """Raise InputError if two runs predict different things, or prepare their inputs differently."""
    asked = [
        {
            "class names": run.class_names,
            "inputs": run.network.layer_dims[0],
            "outputs": (run.network.layer_dims[-1], run.network.classifies),
            "image size": run.image_shape,
            "reading of arrays": run.look,
            "columns or preparation": run.preparation,
            "threshold": run.threshold,
            "standardisation": run.standardization and [values.tolist() for values in run.standardization],
        }
        for run in (first, other)
    ]
    differ = [name for name in asked[0] if asked[0][name] != asked[1][name]]
    if differ:
        raise InputError(
            f"{other!r}: differs from {first!r} in {', '.join(differ)}; wanted runs on the same data, split and "
            f"columns, which differ only in seed, hidden layers or settings"
        )


def write_predictions(predictions: Predictions, path: Path) -> None:
    """Write a CSV file with one row for each example, as a whole or not at all; - is standard output.

    The columns are "file" or "row", the row's id, the prediction as "class" or "value", a probability for each class,
    and with several runs the lowest and highest prediction. Intervals are in "low" and "high"; the classes of a set are
    in "set", with `` | `` between them.

    Raises:
        InputError: something is at the path already, or it cannot be written to.
        WorkError: writing failed on the way; nothing is left behind.
    """
    if path == DASH and sys.stdout.isatty():  # a terminal would obey what names of classes hold
        _write(predictions, text := io.StringIO())
        sys.stdout.write(printable_lines(text.getvalue()))
        return
    if path == DASH:
        _write(predictions, sys.stdout)
        return
    try:
        with written_aside(path, "file") as aside:
            with aside.open("w", encoding="utf-8", newline="") as file:
                _write(predictions, file)
            aside.chmod(0o644)
    except UnicodeError as error:
        raise WorkError(f"{path}: a name cannot be written as UTF-8 ({error}); nothing was left there") from error


def _write(predictions: Predictions, file: IO[str]) -> None:
    """Write the predictions as CSV into an open file."""
    writer: Any = None
    for row in predictions.rows():
        flat = _flat(row)
        if "set" in row:
            flat["set"] = BETWEEN_CLASSES.join(row["set"])
        if writer is None:
            writer = csv.DictWriter(file, list(flat), lineterminator="\n")
            writer.writeheader()
        writer.writerow(flat)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Return one prediction with a column for each class's probability."""
    shares = row.pop("probabilities", {})
    return row | {f"probability of {name}": share for name, share in shares.items()}

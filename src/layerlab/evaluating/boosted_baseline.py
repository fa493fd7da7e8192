"""The boosted baseline: scikit-learn's histogram gradient boosting with its defaults, on the same rows of a table.

Trees need no preparation, so they get the columns of the table as they were read: numbers, categories as categories,
missing values as missing. A date becomes a number of days and, as for the network, its place in the year, week and day.
Data without a table, such as arrays, are used as the network uses them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.datasets.preparing.encoders import Date, Encoder, without_huge
from layerlab.datasets.preparing.split_table import Raw
from layerlab.datasets.printable_names import first_names
from layerlab.errors import WorkError
from layerlab.formulas.arrays import Floats

from .baseline import Baseline, BaselineData, fit_data, probabilities_by, scored, table_of

NAME = "histogram gradient boosting"
"""The name of the model in sentences."""

MANY_COLUMNS = 500
"""For images, and for arrays with more columns than this, trees are fitted on request only."""

MAX_CELLS = 64_000_000
"""The trees learn from at most this many numbers, columns times rows: 512 MB."""

FEW_CELLS = 2_000_000
"""So many numbers take a second on one thread. Several threads wait for each other after every tree: on a machine with
other work, 16,000 rows of 12 columns took 40 s with two threads."""

MAX_CATEGORIES = 255
"""The number of categories per column that scikit-learn's histograms can distinguish."""

NEVER_EARLY = {"early_stopping": True, "validation_fraction": None, "n_iter_no_change": 1000}
"""Settings that make scikit-learn call the "score" after every tree; it only looks at the clock. Training would stop
after a thousand scores without progress, which never happens. Without early stopping no score would be called."""


TREES = 100
"""scikit-learn's number of trees; with more than two classes, per class."""

TREE_SECONDS, CELL_SECONDS = 2e-4, 1e-9
"""Seconds that a tree takes at least, and seconds for each number that it learns from (both measured). The clock is
checked after one tree for each class; with many classes that is far too late."""


class OutOfTimeError(WorkError):
    """The trees could not be fitted in the given time."""


class Columns(NamedTuple):
    """The columns that the trees learn from.

    Attributes:
        train, test: (m, n) numbers, or codes of categories; nan for missing values. Examples are rows.
        categories: (n,) whether each column holds codes.
        remark: a sentence if categories share a code; else empty.
    """

    train: Floats
    test: Floats
    categories: NDArray[np.bool_]
    remark: str = ""


def is_quick(dataset: Dataset) -> bool:
    """Return whether the dataset is a table or arrays of few columns, on which trees are fitted without request."""
    return dataset.raw is not None or (dataset.image_shape is None and dataset.n_x <= MANY_COLUMNS)


def boosted_baseline(
    dataset: Dataset,
    *,
    classes: bool | None = None,
    class_weight: str | None = None,
    sample_weight: Any = None,
    seed: int = 0,
    seconds: float = np.inf,
) -> Baseline:
    """Fit scikit-learn's histogram gradient boosting to the training set.

    The settings are scikit-learn's defaults: 100 trees (with more than two classes, per class), learning rate 0.1, 31
    leaves. There is no early stopping, so that all rows are used. Of a column with more than 255 categories, the 254
    most frequent are kept and all others become one. With several targets each has its own model.

    Args:
        dataset: the dataset, prepared as for the network; the test set is used only for the score.
        classes: whether the labels are classes; None decides by the labels, as ``train`` does.
        class_weight, sample_weight: as for the network's training.
        seed: ``random_state``, also for the choice of training examples where there are too many.
        seconds: the time limit.

    Raises:
        InputError: the training set has only one class.
        OutOfTimeError: the time limit was reached.

    Example:
        >>> import layerlab
        >>> boosted = boosted_baseline(layerlab.datasets.load_breast_cancer())
        >>> print(boosted.name, boosted.predictions.shape, boosted.examples)
        histogram gradient boosting (1, 114) 455
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    start, raw = perf_counter(), table_of(dataset)
    n = dataset.n_x if raw is None else len(raw.features)
    weighing = {"class_weight": class_weight, "sample_weight": sample_weight}
    data = fit_data(dataset, max(1, MAX_CELLS // n), classes=classes, seed=seed, **weighing)
    columns = _columns_of_table(dataset, raw, data) if raw else _columns_of_arrays(dataset, data)
    of = HistGradientBoostingClassifier if data.classifies else HistGradientBoostingRegressor

    def on_time(*_: Any, **__: Any) -> float:
        if perf_counter() - start > seconds:
            raise OutOfTimeError(f"did not finish in {seconds:.1f} s")
        return 0.0

    trees = len(np.unique(class_numbers(data.Y))) if data.classifies else 1
    if trees > 2 and TREES * trees * (TREE_SECONDS + CELL_SECONDS * columns.train.size) > seconds:
        raise OutOfTimeError(f"cannot fit {TREES} trees for each of {trees:,} classes in {seconds:.1f} s")
    answers = []
    for y in [class_numbers(data.Y)] if data.classifies else data.Y:
        model = of(scoring=on_time, categorical_features=columns.categories, random_state=seed, **NEVER_EARLY)
        with threadpool_limits(1 if columns.train.size < FEW_CELLS else None, user_api="openmp"):
            answers.append(model.fit(columns.train, y, data.weights).predict(columns.test))
    predictions = np.stack(answers).astype(np.int64 if data.classifies else np.float64)
    took = perf_counter() - start
    P = probabilities_by(model, columns.test, data) if data.classifies else None
    return scored(NAME, predictions, dataset.test.Y, data, columns.remark, seconds=took, probabilities=P)


def _columns_of_arrays(dataset: Dataset, data: BaselineData) -> Columns:
    """Return the features as the network gets them."""
    X, X_test = (np.asarray(some.T, np.float64) for some in (dataset.train.X[:, data.some], dataset.test.X))
    return Columns(X, X_test, np.zeros(X.shape[1], bool))


def _columns_of_table(dataset: Dataset, raw: Raw, data: BaselineData) -> Columns:
    """Return the columns of the table as they were read, and a date's place in its periods."""
    rows, test = raw.train[data.some], raw.test
    assert dataset.preparation is not None  # noqa: S101
    found: list[tuple[Floats, Floats, bool]] = []
    pooled = []
    for encoder in dataset.preparation.encoders:
        values = raw.table[encoder.name].values
        if encoder.kind == "category":
            codes, shared = _codes(values[rows], values[test])
            found.append((*codes, True))
            pooled += [f"{encoder.name!r} in {shared:,}"] if shared else []
        else:
            found += [(some[rows], some[test], False) for some in _numbers(encoder, values)]
    remark = f"It treats all but the {MAX_CATEGORIES - 1} most frequent values as one: {first_names(pooled)} of "
    return Columns(
        np.stack([train for train, _, _ in found], axis=1),
        np.stack([some for _, some, _ in found], axis=1),
        np.array([is_category for _, _, is_category in found]),
        f"{remark}{len(rows):,} training rows." if pooled else "",
    )


def _numbers(encoder: Encoder, values: NDArray[Any]) -> Iterator[Floats]:
    """Yield a column of numbers (m,), nan where missing; for dates also sine and cosine of the place in each period."""
    yield without_huge(values)
    if isinstance(encoder, Date):
        yield from encoder.rows(values)[1 : 1 + 2 * len(encoder.periods)]


def _codes(train: NDArray[Any], test: NDArray[Any]) -> tuple[tuple[Floats, Floats], int]:
    """Return codes of categories, nan where missing or unknown, and how many training values share a code with others.

    Args:
        train, test: (m,) names of the categories; None or "" for missing values.
    """
    counted = Counter(value for value in train.tolist() if value)
    names = sorted(counted, key=lambda name: (-counted[name], name))
    kept = names if len(names) <= MAX_CATEGORIES else names[: MAX_CATEGORIES - 1]
    code: dict[Any, float] = {name: float(place) for place, name in enumerate(kept)}
    other = np.nan if len(kept) == len(names) else float(len(kept))
    code |= dict.fromkeys((None, ""), np.nan)
    codes = tuple(np.array([code.get(value, other) for value in some.tolist()]) for some in (train, test))
    return (codes[0], codes[1]), sum(counted[name] for name in names[len(kept) :])

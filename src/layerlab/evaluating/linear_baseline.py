"""The linear baseline: logistic or ridge regression on the same data, which a network should beat."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers, standardization_of
from layerlab.datasets.preparing.encoders import Category, Encoder
from layerlab.datasets.preparing.split_table import Raw
from layerlab.datasets.printable_names import first_names
from layerlab.formulas.arrays import Floats

from .baseline import Baseline, BaselineData, fit_data, probabilities_by, scored, table_of

MAX_TRAINING_EXAMPLES = 20_000
"""The baseline learns from at most this many training examples; more of them change a linear model little."""

MAX_CELLS = 16_000_000
"""It learns from at most this many numbers, features times examples, which takes at most half a minute."""

MANY_POOLED = 0.05
"""If at least this share of the training rows has pooled values in a column, the linear model distinguishes them."""

NAMED_COLUMNS = 3
"""How many columns with pooled values are named."""

MAX_SPARSE_EXAMPLES = 100_000
"""The most training examples if every value of a category is a feature: most features are 0 and cost nothing."""

MANY_FEATURES = 2000
"""With more features than this, the baseline learns from at most this many examples, in coordinates of their span."""


def linear_baseline(
    dataset: Dataset,
    *,
    classes: bool | None = None,
    class_weight: str | None = None,
    sample_weight: Any = None,
    seed: int = 0,
) -> Baseline:
    """Train scikit-learn's logistic regression, or for a regression its ridge regression, on the training set.

    Features are standardised on the examples that it learns from. The settings are scikit-learn's defaults (C = 1,
    alpha = 1). Regression targets are standardised too, so that their unit does not matter.

    A network may have one input for several values of a category (they are pooled). If many rows have such values, or
    if there are too many inputs to learn from all rows, the linear model has a sparse feature for each value. This
    costs a linear model nothing.

    Args:
        dataset: the dataset, prepared as for the network; the test set is used only for the score.
        classes: whether the labels are classes; None decides by the labels, as ``train`` does.
        class_weight, sample_weight: as for the network's training.
        seed: the seed of the ``RandomState`` that chooses the training examples where there are too many.

    Raises:
        InputError: the training set has only one class, or numbers that are not finite.

    Example:
        >>> import layerlab
        >>> linear = linear_baseline(layerlab.datasets.load_breast_cancer())
        >>> print(linear.name, linear.predictions.shape, linear.examples)
        logistic regression (1, 114) 455
    """
    n, pooled, raw = dataset.train.X.shape[0], _pooled(dataset), table_of(dataset)
    most = min(MAX_TRAINING_EXAMPLES, MAX_CELLS // n) if n <= MANY_FEATURES else MANY_FEATURES
    weighing = {"class_weight": class_weight, "sample_weight": sample_weight}
    few = most < dataset.train.X.shape[1] and any(isinstance(one, Category) for one in _encoders(dataset))
    if raw is not None and (pooled or few):
        data = fit_data(dataset, MAX_SPARSE_EXAMPLES, classes=classes, seed=seed, **weighing)
        Q, Q_test = _with_all_values(dataset, raw, data)
    else:
        data = fit_data(dataset, most, classes=classes, seed=seed, **weighing)
        X, X_test = (np.asarray(some, np.float64) for some in (dataset.train.X[:, data.some], dataset.test.X))
        Q, Q_test = _coordinates(X, X_test)
    about = _pooled_remark(pooled, dataset.train.X.shape[1], told_apart=raw is not None)
    if data.classifies:
        predictions, P, unsettled = _classified(Q, data, Q_test)
        return scored("logistic regression", predictions, dataset.test.Y, data, unsettled, about, probabilities=P)
    return scored("ridge regression", _valued(Q, data, Q_test), dataset.test.Y, data, about)


def _pooled(dataset: Dataset) -> list[Category]:
    """Return the categories whose pooled values (one input of the network) are in many training rows."""
    m = dataset.train.X.shape[1]
    categories = [one for one in _encoders(dataset) if isinstance(one, Category) and one.has_rare]
    return [encoder for encoder in categories if encoder.counts[-1] >= MANY_POOLED * m]


def _encoders(dataset: Dataset) -> tuple[Encoder, ...]:
    return dataset.preparation.encoders if dataset.preparation else ()


def _pooled_remark(pooled: list[Category], m: int, told_apart: bool) -> str:
    """Say which values are one input for the network, and whether the linear model distinguishes them; "" for none."""
    named = first_names([f"{one.name!r} in {one.counts[-1]:,}" for one in pooled], NAMED_COLUMNS)
    rows = f"of {named} of {m:,} training rows."
    if not pooled or told_apart:
        return f"It distinguishes values that are one input for the network: those {rows}" if pooled else ""
    return (
        f"Like the network it treats pooled values as one: those {rows} A model that distinguishes them may be better."
    )


def _with_all_values(dataset: Dataset, raw: Raw, data: BaselineData) -> tuple[Any, Any]:
    """Return sparse features (n, m) of both sets in which every value of a category has its own row.

    They have standard deviation 1 but keep their means, because centred features are not sparse; the intercept of the
    model replaces the means.
    """
    from scipy.sparse import csr_array, hstack
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    assert dataset.preparation is not None  # noqa: S101
    rows, test = raw.train[data.some], raw.test
    found = []
    for encoder in dataset.preparation.encoders:
        column = raw.table[encoder.name].values
        if isinstance(encoder, Category):
            names = np.array([value or "" for value in column.tolist()], dtype=object)[:, None]
            one_hot = OneHotEncoder(handle_unknown="ignore").fit(names[rows])
            found.append(tuple(one_hot.transform(names[some]) for some in (rows, test)))
        else:
            standardized = _coordinates(encoder.rows(column[rows]), encoder.rows(column[test]))
            found.append(tuple(csr_array(some.T) for some in standardized))
    X, X_test = (hstack(some, format="csr") for some in zip(*found, strict=True))
    scaler = StandardScaler(with_mean=False).fit(X)
    return scaler.transform(X).T, scaler.transform(X_test).T


def _coordinates(X: Floats, X_test: Floats) -> tuple[Floats, Floats]:
    """Return standardised features of both sets; if there are many, coordinates in the span of the training examples.

    A linear model with a penalty on the length of its weights stays in that span (the representer theorem), and lengths
    are the same there, so the predictions are the same:  X = U S Vᵀ, with S² and V from Xᵀ X  and  Uᵀ x = S⁻¹ Vᵀ Xᵀ x.
    """
    mean, scale = X.mean(axis=1, keepdims=True), X.std(axis=1, keepdims=True)
    scale = np.where(scale <= 1e-12 * np.abs(mean), 1.0, scale)
    scale[scale == 0] = 1.0
    X, X_test = (X - mean) / scale, (X_test - mean) / scale
    n, m = X.shape
    if n <= max(m, 100):
        return X, X_test
    squares, V = np.linalg.eigh(X.T @ X)
    kept = squares > squares[-1] * 1e-12
    S, V = np.sqrt(squares[kept])[:, None], V[:, kept]
    return S * V.T, (V / S.T).T @ (X.T @ X_test)


def _classified(X: Any, data: BaselineData, X_test: Any) -> tuple[NDArray[np.int64], Floats, str]:
    """Return class numbers (1, m) and probabilities (K, m) of the test set by logistic regression on X (n, m).

    X may be sparse. The text is a remark if the fit did not converge.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = LogisticRegression(max_iter=300).fit(X.T, class_numbers(data.Y), data.weights)
        predictions = model.predict(X_test.T)[None].astype(np.int64)
        P = probabilities_by(model, X_test.T, data)
    unsettled = any(issubclass(warning.category, ConvergenceWarning) for warning in caught)
    return predictions, P, "Its fit had not converged after 300 iterations." * unsettled


def _valued(X: Any, data: BaselineData, X_test: Any) -> Floats:
    """Return values (n_y, m) of the test set by ridge regression on X (n, m), sparse or not."""
    from sklearn.linear_model import Ridge

    target = standardization_of(data.Y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = Ridge().fit(X.T, target(data.Y).T, data.weights)
        answers = np.asarray(model.predict(X_test.T)).reshape(X_test.shape[1], -1).T
    return target.undone(answers)

"""Who is compared on tables, each with the preprocessing that its users give it; ready to fit to a data frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from .tables_material import Table

Contender = Callable[[Table, int], Any]
"""From a table and a seed to an estimator; an ImportError or TypeError says that it cannot be had yet."""


def filled(table: Table) -> Any:
    """Missing numbers by the median; still a data frame."""
    fill = ColumnTransformer(
        [("numbers", SimpleImputer(strategy="median"), table.numbers)],
        remainder="passthrough",
        verbose_feature_names_out=False,
    )
    return fill.set_output(transform="pandas")


def standardized(table: Table) -> Any:
    """Numbers of mean 0 and deviation 1, a column of 0 and 1 for each value of a category."""
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), table.numbers),
            ("categories", OneHotEncoder(handle_unknown="ignore"), table.categories),
        ]
    )


def in_a_pipeline(table: Table, estimator: Any) -> Any:
    """Behind standardised features; values to be predicted are standardised too."""
    scaled = estimator if table.classifies else TransformedTargetRegressor(estimator, transformer=StandardScaler())
    return make_pipeline(standardized(table), scaled)


def scikit_learn(table: Table, seed: int) -> Any:
    """scikit-learn's network as it comes."""
    return in_a_pipeline(table, (MLPClassifier if table.classifies else MLPRegressor)(random_state=seed))


def linear(table: Table, seed: int) -> Any:  # noqa: ARG001
    """Logistic regression, or ridge regression."""
    return in_a_pipeline(table, LogisticRegression(max_iter=1000) if table.classifies else Ridge())


def boosting(table: Table, seed: int) -> Any:
    """Gradient-boosted trees, which need no preprocessing, but that a column may have 255 categories at most."""
    codes = OrdinalEncoder(max_categories=255, handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = ColumnTransformer([("categories", codes, table.categories), ("numbers", "passthrough", table.numbers)])
    are_codes = [True] * len(table.categories) + [False] * len(table.numbers)
    of = HistGradientBoostingClassifier if table.classifies else HistGradientBoostingRegressor
    return make_pipeline(columns, of(categorical_features=are_codes, random_state=seed))


def layerlab(table: Table, seed: int) -> Any:
    """layerlab's network as it comes."""
    return in_a_pipeline(table, _layerlab(table)(random_state=seed))


def layerlab_tabular(table: Table, seed: int) -> Any:
    """layerlab's preset for tables, behind its scaler."""
    from layerlab.sklearn import TabularScaler

    return make_pipeline(filled(table), TabularScaler(), _layerlab(table)(preset="tabular", random_state=seed))


def _layerlab(table: Table) -> Any:
    import layerlab.sklearn

    name = "MLPClassifier" if table.classifies else "MLPRegressor"
    if not hasattr(layerlab.sklearn, name):
        raise ImportError(f"layerlab.sklearn has no {name}")
    return getattr(layerlab.sklearn, name)


BASE = "scikit-learn MLP"
"""With whom all others are compared."""

CONTENDERS: dict[str, Contender] = {
    BASE: scikit_learn,
    "linear": linear,
    "boosted trees": boosting,
    "layerlab MLP": layerlab,
    "layerlab tabular": layerlab_tabular,
}
"""By name."""

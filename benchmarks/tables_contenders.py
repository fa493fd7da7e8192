"""Who is compared on tables, each with the preprocessing that its users give it; ready to fit to a data frame.

Everybody has the defaults of its package, one thread and the same seed. Classes come as whole numbers from 0, since
XGBoost wants no others. layerlab's default network, which reads the table itself, is in ``tables_layerlab``.
"""

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
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from .tables_material import Table

Contender = Callable[[Table, int], Any]
"""From a table and a seed to an estimator; an ImportError says that its package is not installed."""


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


def lightgbm(table: Table, seed: int) -> Any:
    """LightGBM's trees, which take pandas' categories."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    return (LGBMClassifier if table.classifies else LGBMRegressor)(random_state=seed, n_jobs=1, verbose=-1)


def xgboost(table: Table, seed: int) -> Any:
    """XGBoost's trees, which take pandas' categories."""
    from xgboost import XGBClassifier, XGBRegressor

    return (XGBClassifier if table.classifies else XGBRegressor)(random_state=seed, n_jobs=1, enable_categorical=True)


def catboost(table: Table, seed: int) -> Any:
    """CatBoost's trees, which take categories as texts and want one for a missing category too."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    model = (CatBoostClassifier if table.classifies else CatBoostRegressor)(
        random_seed=seed, thread_count=1, verbose=0, allow_writing_files=False, cat_features=table.categories or None
    )
    return make_pipeline(FunctionTransformer(_missing_named), model)


def _missing_named(X: Any) -> Any:
    """Make categories texts, and a missing one the text "missing"."""
    texts = list(X.select_dtypes("category"))
    return X.assign(**{name: X[name].astype(object).where(X[name].notna(), "missing").astype(str) for name in texts})


def realmlp(table: Table, seed: int) -> Any:
    """RealMLP with its tuned defaults, of pytabkit; it takes categories, but no missing numbers."""
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    of = RealMLP_TD_Classifier if table.classifies else RealMLP_TD_Regressor
    return make_pipeline(filled(table), of(random_state=seed, n_threads=1, device="cpu", verbosity=0))


def layerlab_realmlp(table: Table, seed: int) -> Any:
    """RealMLP's recipe as layerlab's estimators have it, behind their scaler."""
    from layerlab.sklearn import MLPClassifier, MLPRegressor, TabularScaler

    model = (MLPClassifier if table.classifies else MLPRegressor)(preset="realmlp", random_state=seed)
    return make_pipeline(filled(table), TabularScaler(), model)


CONTENDERS: dict[str, Contender] = {
    "linear": linear,
    "scikit-learn MLP": scikit_learn,
    "HistGradientBoosting": boosting,
    "LightGBM": lightgbm,
    "XGBoost": xgboost,
    "CatBoost": catboost,
    "RealMLP": realmlp,
    "layerlab realmlp": layerlab_realmlp,
}
"""By name."""

PACKAGES = {
    "LightGBM": "lightgbm",
    "XGBoost": "xgboost-cpu",
    "CatBoost": "catboost",
    "RealMLP": "pytabkit",
    "layerlab realmlp": "layerlab",
}
"""Which package a contender is from; scikit-learn where none is named."""

"""The transformer that makes features of tables as they come: those of ``load_table``, in scikit-learn's ways."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from layerlab import InputError
from layerlab.datasets import load_table
from layerlab.sklearn import MLPClassifier, MLPRegressor, TablePreprocessor


@parametrize_with_checks([TablePreprocessor(), TablePreprocessor(max_categories=3)])  # type: ignore[untyped-decorator]
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def customers(m: int = 120, seed: int = 0) -> pd.DataFrame:
    """A table with everything: missing cells, texts that are numbers, categories, dates, truth values, a constant."""
    random = np.random.RandomState(seed)
    age = random.uniform(18, 80, m)
    frame = pd.DataFrame(
        {
            "customer": [f"K{i:05d}-{random.randint(10**6)}" for i in range(m)],
            "age": np.where(random.rand(m) < 0.1, np.nan, age),
            "income": [f"{1000 * value:,.0f}" if value > 0.1 else "n/a" for value in random.rand(m)],
            "city": random.choice(np.array(["Ulm", "Bonn", "Jena", None], object), m),
            "since": pd.to_datetime("2020-01-01") + pd.to_timedelta(random.randint(0, 900, m), "D"),
            "member": random.choice(["yes", "no"], m),
            "active": random.rand(m) < 0.5,
            "country": "DE",
        }
    )
    frame["buys"] = np.where(age + 20 * (frame["city"] == "Ulm") + 5 * random.randn(m) > 55, "often", "never")
    return frame


def as_polars(frame: pd.DataFrame) -> pl.DataFrame:
    return pl.DataFrame({name: frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame})


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_features_are_those_of_load_table(kind: str) -> None:
    frame = customers()
    data = load_table(frame, target="buys")
    assert data.raw is not None
    X = frame.drop(columns="buys")
    kinds: dict[str, Callable[[Any], Any]] = {"pandas": lambda part: part, "polars": as_polars}
    of_kind = kinds.get(kind, lambda part: as_polars(part).to_arrow())
    preprocessor = TablePreprocessor().fit(of_kind(X.iloc[data.raw.train]))
    assert tuple(preprocessor.get_feature_names_out()) == data.feature_names
    assert_array_equal(preprocessor.transform(of_kind(X.iloc[data.raw.train])).T, data.train.X)
    assert_array_equal(preprocessor.transform(of_kind(X.iloc[data.raw.test])).T, data.test.X)
    left_out = {notice.column for notice in preprocessor.notices_ if notice.left_out}
    assert left_out == {"customer", "country"} == {notice.column for notice in data.notices if notice.left_out}


def test_options_are_those_of_load_table() -> None:
    frame = customers()
    frame["zip"] = np.random.RandomState(1).choice([10115, 80331, 50667], len(frame))
    options: dict[str, Any] = {"categories": ["zip"], "keep": ["customer"], "max_categories": 2}
    data = load_table(frame, target="buys", **options)
    assert data.raw is not None
    preprocessor = TablePreprocessor(**options).fit(frame.drop(columns="buys").iloc[data.raw.train])
    assert tuple(preprocessor.get_feature_names_out()) == data.feature_names
    assert_array_equal(preprocessor.transform(frame.drop(columns="buys").iloc[data.raw.train]).T, data.train.X)


def test_texts_are_read_in_the_language_that_is_said() -> None:
    frame = pl.DataFrame({"price": ["1,200", "3,400", "2,100", "5,600"] * 10, "day": ["01/02/2024", "03/04/2024"] * 20})
    for decimal, day_first in ((".", True), (",", False)):
        preprocessor = TablePreprocessor(decimal=decimal, day_first=day_first).fit(frame)
        data = load_table(
            frame.with_columns(y=pl.Series([0, 1] * 20)), target="y", decimal=decimal, day_first=day_first
        )
        assert data.raw is not None
        prices = data.raw.table["price"].values
        assert (prices[0] == 1.2) == (decimal == ",")
        table = preprocessor.preparation_.table_of(frame)
        assert_array_equal(table["price"].values, prices)
        assert_array_equal(table["day"].values, data.raw.table["day"].values)


def test_arrays_of_objects_and_of_numbers_with_holes() -> None:
    frame = customers().drop(columns=["buys", "since"])
    array = frame.to_numpy(object)
    of_array, of_frame = TablePreprocessor().fit(array), TablePreprocessor().fit(frame)
    assert_array_equal(of_array.transform(array), of_frame.transform(frame))
    assert of_array.get_feature_names_out()[0] == "x1"
    assert of_array.get_feature_names_out(list(frame))[0] == "age"
    holes = np.array([[1.0, 2.0], [np.nan, 4.0], [3.0, np.inf], [4.0, 8.0]])
    assert np.isfinite(TablePreprocessor().fit_transform(holes)).all()
    words = np.array([["1", "Ulm"], ["2", "Bonn"], ["", "Ulm"], ["4", "Ulm"]])
    assert TablePreprocessor().fit(words).get_feature_names_out()[:2].tolist() == ["x0", "x0 missing"]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_pipelines_searches_and_copies() -> None:
    frame = customers(300)
    X, y = frame.drop(columns="buys"), frame["buys"]
    pipeline = make_pipeline(TablePreprocessor(), MLPClassifier((8,), random_state=0, max_iter=60, tol=1e-3))
    pipeline.set_params(mlpclassifier__learning_rate_init=0.02)
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.8
    search = GridSearchCV(pipeline, {"tablepreprocessor__max_categories": [1, None]}, cv=2).fit(X, y)
    assert search.best_score_ > 0.7
    fitted = pipeline.fit(X, y)
    for other in (pickle.loads(pickle.dumps(fitted)), clone(fitted).fit(X, y)):  # noqa: S301
        assert (other.predict(X) == fitted.predict(X)).all()
    assert (fitted.predict(X.iloc[:1]) == fitted.predict(X)[:1]).all()


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_the_output_may_be_a_data_frame(kind: str) -> None:
    X = customers().drop(columns="buys").set_index(np.arange(50, 170))
    preprocessor = TablePreprocessor().set_output(transform=kind)
    out = preprocessor.fit_transform(X)
    assert list(out.columns) == list(preprocessor.get_feature_names_out())
    if kind == "pandas":
        assert out.index.equals(X.index)


def test_new_rows_may_have_what_fit_did_not_see() -> None:
    frame = customers().drop(columns="buys")
    preprocessor = TablePreprocessor().fit(frame.assign(age=frame["age"].fillna(50)))
    new = pd.concat([frame.head(3).assign(city="Wien", age=np.nan), frame.head(1).assign(age=1e300)])
    assert np.isfinite(preprocessor.transform(new)).all()
    assert np.abs(preprocessor.transform(new)).max() <= 3


def test_refusals() -> None:
    frame = customers().drop(columns="buys")
    fitted = TablePreprocessor().fit(frame)
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.transform(frame.rename(columns={"age": "Age"}))
    with pytest.raises(InputError, match="keep='age': wanted a list of columns' names"):
        TablePreprocessor(keep="age").fit(frame)
    with pytest.raises(InputError, match="X has no column 'aeg'"):
        TablePreprocessor(categories=["aeg"]).fit(frame)
    nothing = "X has 30 samples and no column from which anything can be learned: 'country' has the value 'DE'"
    with pytest.raises(InputError, match=nothing):
        TablePreprocessor().fit(frame[["country"]].head(30))
    with pytest.raises(NotFittedError):
        TablePreprocessor().transform(frame)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_the_networks_name_what_takes_missing_values_and_texts(kind: Any) -> None:
    hint = rf"TablePreprocessor takes tables .*make_pipeline\(TablePreprocessor\(\), {kind.__name__}\(\)\)"
    holes, y = np.array([[1.0], [np.nan], [2.0], [3.0]]), [0, 1, 0, 1]
    with pytest.raises(ValueError, match=r"(?s)^Input X contains NaN.*" + hint):
        kind().fit(holes, y)
    with pytest.raises(ValueError, match=r"(?s)could not convert string to float.*" + hint):
        kind().fit(np.array([["a"], ["b"], ["a"], ["b"]], object), y)
    fitted = kind(max_iter=2).partial_fit(
        *([[0.0], [1.0]], [0, 1]), **({"classes": [0, 1]} if kind is MLPClassifier else {})
    )
    with pytest.raises(ValueError, match=hint):
        fitted.predict(holes)
    with pytest.raises(ValueError, match="Input y contains NaN") as caught:
        kind().fit([[0.0], [1.0]], [0.0, np.nan])
    assert "TablePreprocessor" not in str(caught.value)


def test_notices_name_arguments_and_no_options() -> None:
    n = 60
    frame = pl.DataFrame(
        {
            "code": [f"00{i % 7}" for i in range(n)],
            "key": [f"k{i}" for i in range(n)],
            "unsure": ["1.034", "2.134"] * (n // 2),
            "day": ["01/02/2024", "03/04/2024"] * (n // 2),
        }
    )
    told = " | ".join(notice.what for notice in TablePreprocessor().fit(frame).notices_)
    for argument in ("numbers=['code']", "keep=['key']", "decimal=','", "day_first=True or day_first=False"):
        assert argument in told
    assert "--" not in told
    TablePreprocessor(numbers=["code"], keep=["key"], decimal=",", day_first=True).fit(frame)

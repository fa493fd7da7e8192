"""The scaler of tables: each column by hand, categories of every kind, and scikit-learn's own checks."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from layerlab import InputError
from layerlab.formulas.arrays import Floats
from layerlab.sklearn import TabularScaler


def clipped(z: Any) -> Floats:
    return np.asarray(z / np.sqrt(1 + (np.asarray(z) / 3) ** 2))


@parametrize_with_checks([TabularScaler()])  # type: ignore[untyped-decorator]
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    check(estimator)


# Numbers


def test_numbers_are_robustly_scaled_and_smoothly_clipped() -> None:
    random = np.random.RandomState(0)
    X = random.standard_t(2, size=(101, 4)) * [1.0, 10.0, 1e-3, 1e6] + [0.0, 5.0, 1.0, -1e6]
    scaler, reference = TabularScaler().fit(X), RobustScaler().fit(X)
    assert_allclose(scaler.center_, reference.center_, rtol=1e-14)
    assert_allclose(scaler.scale_, reference.scale_, rtol=1e-14)
    new = 100 * random.randn(7, 4)
    assert_allclose(scaler.transform(new), clipped(reference.transform(new)), rtol=1e-12)


def test_where_the_middle_half_is_equal_half_the_range_is_the_scale() -> None:
    X = np.array([[0.0], [0.0], [0.0], [0.0], [0.0], [8.0], [-2.0]])
    scaler = TabularScaler().fit(X)
    assert_array_equal(scaler.scale_, [5.0])
    assert_allclose(scaler.transform(X)[-2:, 0], clipped([8 / 5, -2 / 5]), rtol=1e-15)


def test_a_constant_column_becomes_0_whatever_comes_later() -> None:
    scaler = TabularScaler().fit([[7.0, 1.0], [7.0, 2.0]])
    assert_array_equal(scaler.scale_, [np.inf, 0.5])
    assert_array_equal(scaler.transform([[1e300, 1.5]]), [[0.0, 0.0]])


def test_nothing_comes_to_lie_beyond_3() -> None:
    scaler = TabularScaler().fit(np.arange(5.0)[:, None])
    ends = scaler.transform([[1e300], [-1e300], [2.0], [4.0]]).ravel().tolist()
    assert ends == pytest.approx([3.0, -3.0, 0.0, 3 / 10**0.5])


# Categories


def test_categories_of_an_array_are_named_by_their_indices() -> None:
    X = np.array([["red", 1, "yes"], ["green", 2, "no"], ["blue", 3, "yes"], ["red", 5, "no"]], dtype=object)
    scaler = TabularScaler(categories=[0, 2]).fit(X)
    names = ["x1", "x0_blue", "x0_green", "x0_red", "x2_yes"]
    assert scaler.get_feature_names_out().tolist() == names
    raw = np.array([[1, 0, 0, 1, 1], [2, 0, 1, 0, -1], [3, 1, 0, 0, 1], [5, 0, 0, 1, -1]], dtype=float)
    assert_allclose(scaler.transform(X), TabularScaler().fit_transform(raw), rtol=1e-15)  # scaled as numbers are
    assert [values.tolist() for values in scaler.categories_] == [["blue", "green", "red"], ["no", "yes"]]


def test_unknown_and_missing_categories_are_0_in_every_column() -> None:
    X = np.array([["a", "x"], ["b", "y"], ["c", None], ["a", np.nan], ["a", "x"]], dtype=object)
    scaler = TabularScaler(categories=[0, 1]).fit(X)
    assert scaler.get_feature_names_out().tolist() == ["x0_a", "x0_b", "x0_c", "x1_y"]
    nothing = (0 - scaler.center_) / scaler.scale_
    assert_allclose(scaler.transform(np.array([["?", "?"], [None, None]], dtype=object)), clipped([nothing, nothing]))


def test_whole_numbers_may_be_categories() -> None:
    X = np.array([[3, 0.5], [1, 1.5], [2, 2.5]])
    assert TabularScaler(categories=[0]).fit(X).get_feature_names_out().tolist() == ["x1", "x0_1.0", "x0_2.0", "x0_3.0"]


def test_a_data_frame_says_which_columns_are_categories() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {
            "age": [20.0, 30.0, 40.0, 50.0],
            "children": pd.array([0, 1, 2, 1], dtype="Int64"),
            "town": ["Bonn", "Ulm", "Trier", "Ulm"],
            "member": [True, False, True, False],
            "grade": pd.Categorical(["low", "high", None, "low"]),
            "asked": pd.array([True, None, False, True], dtype="boolean"),
        }
    )
    scaler = TabularScaler().fit(frame)
    names = ["age", "children", "town_Bonn", "town_Trier", "town_Ulm", "member_True", "grade_low", "asked_True"]
    assert scaler.get_feature_names_out().tolist() == names
    raw = [
        [20, 0, 1, 0, 0, 1, 1, 1], [30, 1, 0, 0, 1, -1, -1, 0], [40, 2, 0, 1, 0, 1, 0, -1], [50, 1, 0, 0, 1, -1, 1, 1],
    ]  # fmt: skip
    assert_allclose(scaler.transform(frame), TabularScaler().fit_transform(raw), rtol=1e-15)
    table = scaler.set_output(transform="pandas").transform(frame)
    assert table.columns.tolist() == names
    only = TabularScaler(categories=["town"]).fit(frame[["age", "town"]])
    assert only.get_feature_names_out().tolist() == [names[0], *names[2:5]]


def test_a_polars_frame_is_read_alike() -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"age": [20, 30, 40], "town": ["Bonn", "Ulm", "Trier"], "member": [True, False, None]})
    scaler = TabularScaler().fit(frame)
    assert scaler.get_feature_names_out().tolist() == ["age", "town_Bonn", "town_Trier", "town_Ulm", "member_True"]
    raw = [[20, 1, 0, 0, 1], [30, 0, 0, 1, -1], [40, 0, 1, 0, 0]]
    assert_allclose(scaler.transform(frame), TabularScaler().fit_transform(raw), rtol=1e-15)
    with pytest.raises(InputError, match="the column 'day' is Date: wanted numbers or categories"):
        TabularScaler().fit(frame.with_columns(pl.Series("day", [1, 2, 3]).cast(pl.Date)))


# In company


def test_it_works_in_a_pipeline_and_survives_clone_and_pickle() -> None:
    X = np.array([["a", 1.0], ["b", 2.0], ["a", 3.0], ["b", 4.0]], dtype=object)
    pipeline = make_pipeline(TabularScaler(categories=[0]), LogisticRegression()).fit(X, [0, 1, 0, 1])
    assert pipeline.predict(X).tolist() == [0, 1, 0, 1]
    again = pickle.loads(pickle.dumps(pipeline))  # noqa: S301
    assert_array_equal(again.predict_proba(X), pipeline.predict_proba(X))
    assert clone(pipeline)[0].categories == [0]


# What is refused


@pytest.mark.parametrize(
    ("X", "categories", "words"),
    [
        ([["a", 1.0]], None, "X has text where a number was wanted (could not convert string to float: 'a'): name the"),
        ([[1.0, 2.0]], [2], "categories: there is no column 2; wanted a number from 0 to 1"),
        ([[1.0, 2.0]], ["age"], "categories: there is no column 'age'; wanted a number from 0 to 1"),
        ([[1.0, np.nan]], None, "Input X contains NaN.\nTabularScaler does not accept missing values"),
        ([[1.0, np.inf]], None, "Input X contains infinity"),
    ],
)
def test_tables_that_are_refused(X: Any, categories: Any, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        TabularScaler(categories=categories).fit(np.array(X, dtype=object))
    assert str(caught.value).startswith(words)


def test_frames_that_are_refused() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"age": [1.0, 2.0], "day": pd.date_range("2026-01-01", periods=2)})
    with pytest.raises(InputError, match=r"the column 'day' is datetime64\[.*\]: wanted numbers or"):
        TabularScaler().fit(frame)
    with pytest.raises(InputError, match="there is no column 'town'; wanted one of age, day, or a number from 0 to 1"):
        TabularScaler(categories=["town"]).fit(frame)

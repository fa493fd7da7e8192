"""Numbers and dates scaled by the normal scores of their ranks: by hand, from outside, in files and in exports."""

from __future__ import annotations

import json
import runpy
import tempfile
from pathlib import Path
from typing import Any

import array_api_strict as strict
import numpy as np
import polars as pl
import pytest
from command import Say
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm, rankdata
from test_export_tables import CARS, FEATURES, FORMATS, NEW, drawn, onnx_answers, own_answers
from test_preparation import NAN, dates, numbers, table, truths, two_tables, words

import layerlab
from layerlab import InputError
from layerlab.datasets import load_data, load_table
from layerlab.datasets.loading.streams import open_stream
from layerlab.datasets.preparing.preparation import Preparation, learn_preparation, preparation_from
from layerlab.datasets.tabular.table import Column, Table
from layerlab.formulas.scaling import evenly_ranked, normal_scores, piecewise_linear
from layerlab.sklearn import TablePreprocessor


def ranked(*columns: Column) -> Preparation:
    """What is learned from these columns; the target is a value."""
    target = numbers("target", *range(len(columns[0].values)))
    names = [column.name for column in columns]
    return learn_preparation(table(*columns, target), "target", names, scaling="quantile")


def row(preparation: Preparation, *values: float) -> list[float]:
    """The scaled row of the only column."""
    (encoder,) = preparation.encoders
    scaled: list[float] = preparation.features(table(numbers(encoder.name, *values)))[0].tolist()
    return scaled


# The formula


def test_scores_by_hand() -> None:
    preparation = ranked(numbers("x", 0, 0, 7, 50))
    middle = norm.ppf([0.25, 0.25, 0.625, 0.875])  # the two equal values share the mean of ranks 1 and 2
    assert row(preparation, 0, 7, 50) == pytest.approx(middle[1:])
    assert row(preparation, 3.5, 28.5) == pytest.approx((middle[1:-1] + middle[2:]) / 2)
    assert row(preparation, -1, 51, 1e300, np.inf, -np.inf) == pytest.approx(middle[[0, 3, 3, 3, 0]])


@given(st.lists(st.integers(-(10**6), 10**6).map(lambda n: n / 100), min_size=2, max_size=60))
@settings(max_examples=60, deadline=None)
def test_scores_are_those_of_scipys_mean_ranks(values: list[float]) -> None:
    x = np.array(values)
    if np.ptp(x) == 0:
        return
    expected = np.clip(norm.ppf((rankdata(x) - 0.5) / len(x)), -3, 3)
    assert_allclose(row(ranked(numbers("x", *x)), *x), expected, atol=1e-12)


def test_many_rows_are_described_by_a_thousand_values() -> None:
    x = np.random.RandomState(0).lognormal(sigma=3, size=30_001)
    preparation = ranked(numbers("x", *x))
    (encoder,) = preparation.encoders
    knots = encoder.knots  # type: ignore[union-attr]
    assert len(knots) == 1000
    assert set(knots) <= set(x.tolist())
    assert (knots[0], knots[-1]) == (x.min(), x.max())
    levels = norm.cdf(row(preparation, *x))
    assert_allclose(levels, np.clip((rankdata(x) - 0.5) / len(x), norm.cdf(-3), norm.cdf(3)), atol=0.0011)
    assert (min(row(preparation, *x)), max(row(preparation, *x))) == (-3, 3)


def test_two_values_and_a_value_that_half_of_the_rows_have() -> None:
    assert row(ranked(numbers("x", 5, 9, 9, 9)), 5, 9) == pytest.approx(norm.ppf([0.125, 0.625]))
    zeros = np.where(np.arange(4000) % 2, 0, np.arange(4000))
    assert row(ranked(numbers("x", *zeros)), 0)[0] == pytest.approx(norm.ppf(0.25), abs=2e-3)


@pytest.mark.parametrize("values", [(7, 7, 7), (NAN, NAN, NAN), (7, 7 + 1e-302, NAN)])
def test_a_constant_and_an_empty_column_are_0(values: tuple[float, ...]) -> None:
    preparation = ranked(numbers("x", *values))
    assert row(preparation, 7, -1e308, np.inf, NAN) == [0, 0, 0, 0]
    assert preparation.number_rows() == ()


def test_a_missing_value_is_0_and_has_an_input_if_training_had_some() -> None:
    preparation = ranked(numbers("x", 1, 2, NAN, 4))
    assert preparation.feature_names == ("x", "x missing")
    X = preparation.features(table(numbers("x", NAN, 2)))
    assert X.tolist() == [[0, 0], [1, 0]]
    assert row(ranked(numbers("x", 1, 2, 4)), NAN) == [0]


def test_huge_and_tiny_distances_do_not_overflow() -> None:
    for ends in ((-1e308, 1e308), (0, 5e-324), (0, 1e-310), (1e300, np.inf)):
        few = ranked(numbers("x", *ends, *ends, 1))
        assert np.abs(row(few, *ends, ends[0] / 2 + ends[1] / 2, 1e-311)).max() <= 3
    # Of two tiny knots, the slope between them is no number; the place between them is.
    assert piecewise_linear(np.array([5e-311]), np.array([0.0, 1e-310]), np.array([-1.0, 1.0])) == pytest.approx(0)


def test_a_number_that_passed_through_float32_has_nearly_the_same_score() -> None:
    x = np.random.RandomState(1).randn(500) * 0.1
    preparation = ranked(numbers("x", *x))
    assert_allclose(row(preparation, *x.astype(np.float32)), row(preparation, *x), atol=1e-4)


def test_the_formulas_in_another_library() -> None:
    x = np.random.RandomState(0).randint(0, 9, 40).astype(float)
    for most in (50, 7):
        ours, theirs = evenly_ranked(x, most), evenly_ranked(strict.asarray(x), most)
        assert_array_equal(ours, np.asarray(theirs))
        assert_array_equal(normal_scores(ours), np.asarray(normal_scores(theirs)))
    knots, values = np.array([0.0, 2.0, 4.0]), np.array([1.0, -1.0, 0.5])
    between = piecewise_linear(*map(strict.asarray, (x, knots, values)))
    assert_allclose(np.asarray(between), np.interp(x, knots, values), rtol=1e-14)


# Dates, and which rows are numbers


def test_the_day_of_a_date_is_scaled_by_its_rank_and_its_waves_stay() -> None:
    day = dates("day", 0, 100, 900, 1000, 5000)
    ours, robust = (
        learn_preparation(table(day, numbers("y", 1, 2, 3, 4, 5)), "y", ["day"], scaling=scaling).features(table(day))
        for scaling in ("quantile", "robust")
    )
    assert_allclose(ours[0], norm.ppf([0.1, 0.3, 0.5, 0.7, 0.9]), atol=1e-15)
    assert_array_equal(ours[1:], robust[1:])


@pytest.mark.parametrize("scaling", ["robust", "quantile"])
def test_the_rows_of_numbers_and_days(scaling: str) -> None:
    preparation = learn_preparation(CARS, "sells", [*FEATURES, "speed"], scaling=scaling)
    names = [preparation.feature_names[place] for place in preparation.number_rows()]
    assert names == ["price", "sold", "speed"]
    names = [preparation.feature_names[place] for place in preparation.number_rows(without=["sold"])]
    assert names == ["price", "speed"]


# Words about it


def test_it_is_described_and_drift_is_found() -> None:
    x = np.arange(200.0)
    preparation = ranked(numbers("x", *x), dates("day", *x))
    said = [line["done"] for line in preparation.described()]
    assert said[0] == "the normal score of the value's rank among the training values, at most ±3"
    assert said[1].startswith("the normal score of the day's rank among the training days, at most ±3; sine and cosine")
    new = table(numbers("x", *np.where(x < 150, x + 150, NAN)), dates("day", *x))
    (notice,) = preparation.drift(new)
    for words_of_it in ("outside of the training range, 0 to 199", "treated as a value of middle rank", "distributed"):
        assert words_of_it in notice.what
    assert len(preparation.unlike_rows(new)) == 100 + 50
    constant = ranked(numbers("x", 3, 3))
    assert constant.described()[0]["done"] == "0, since all training values are equal"


def prices(rows: int = 120) -> pl.DataFrame:
    """Flats whose rent follows the rank of their size."""
    random = np.random.RandomState(3)
    size = random.lognormal(4, 1, rows)
    built = np.datetime64("1990-01-01") + random.randint(0, 9000, rows)
    return pl.DataFrame(
        {"size": size, "built": built, "town": random.choice(["Ulm", "Bonn"], rows), "rent": np.log(size)}
    )


def test_the_command_line_trains_describes_and_predicts_with_it(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    prices().write_csv("flats.csv")
    said = say("data", "describe", "flats.csv", "--target", "rent", "--scaling", "quantile", "--json", "-")
    assert "the normal score of the value's rank among the training values" in said.out
    say(
        "train",
        "flats.csv",
        "--target",
        "rent",
        "--scaling",
        "quantile",
        "--epochs",
        "2",
        "--baseline",
        "none",
        "--out",
        "run",
    )
    run = layerlab.load("run")
    assert run.source is not None
    assert run.source.options["scaling"] == "quantile"
    assert run.preparation == load_table("flats.csv", target="rent", scaling="quantile").preparation
    prices(5).drop("rent").write_csv("new.csv")
    facts = json.loads(say("predict", "run", "new.csv", "--json", "-").out)
    assert len(facts["predictions"]) == 5
    page = say("report", "run", "--baseline", "none")
    assert page.status == 0
    assert "A normal score is the number of the same rank" in next(tmp_path.rglob("*.html")).read_text("utf-8")
    assert "of middle rank" in say("explain", "run", "3").words


def test_an_unknown_way_is_refused(say: Say, tmp_path: Path) -> None:
    prices().write_csv(tmp_path / "flats.csv")
    said = say("data", "describe", tmp_path / "flats.csv", "--target", "rent", "--scaling", "normal")
    wanted = "wanted one of 'robust', 'quantile'"
    assert said.status == 2
    assert wanted in " ".join(said.err.split())
    for reader in (load_table, load_data):
        with pytest.raises(InputError, match=wanted):
            reader(tmp_path / "flats.csv", target="rent", scaling="ranks")
    with pytest.raises(InputError, match=wanted):
        TablePreprocessor(scaling="ranks").fit(prices())


def test_a_stream_and_the_preprocessor_learn_the_same(tmp_path: Path) -> None:
    frame = prices()
    frame.write_parquet(tmp_path / "flats.parquet")
    stream = open_stream(tmp_path / "flats.parquet", target="rent", scaling="quantile")
    assert stream.preparation is not None
    assert all(one.knots for one in stream.preparation.encoders if one.kind in ("number", "date"))  # type: ignore[union-attr]
    data = load_table(frame, target="rent", scaling="quantile", test=0.25)
    assert data.raw is not None
    own = TablePreprocessor(scaling="quantile")
    X = own.fit(frame[data.raw.train.tolist()].drop("rent")).transform(frame[data.raw.test.tolist()].drop("rent"))
    assert_array_equal(X.T, data.test.X)


# Files


def test_a_record_keeps_every_digit_and_old_records_have_no_knots() -> None:
    preparation = learn_preparation(CARS, "sells", FEATURES, scaling="quantile")
    record = json.loads(json.dumps(preparation.record()))
    again = preparation_from(record)
    assert again == preparation
    assert_array_equal(again.features(NEW), preparation.features(NEW))
    robust = learn_preparation(CARS, "sells", FEATURES).record()
    assert not any("knots" in one for one in robust["encoders"])


@pytest.mark.parametrize("knots", [[2.0, 1.0], [1.0, 1.0], [1.0], [0.0, 1e301], [0.0, "1"], 3.0])
def test_damaged_knots_are_refused(knots: Any) -> None:
    record = json.loads(json.dumps(learn_preparation(CARS, "sells", FEATURES, scaling="quantile").record()))
    record["encoders"][0]["knots"] = knots
    with pytest.raises((LookupError, TypeError, ValueError)):
        preparation_from(record)


# Exports


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", FORMATS)
def test_an_exported_model_scales_by_ranks_too(tmp_path: Path, form: str, dtype: str) -> None:
    run = drawn(learn_preparation(CARS, "sells", FEATURES, scaling="quantile"), dtype)
    done = layerlab.export(run, tmp_path / "model", CARS, format=form)
    assert done.deviation <= {"float32": 1e-6, "float64": 1e-14}[dtype]
    if form == "onnx":
        probabilities, _ = onnx_answers(tmp_path / "model", NEW)
    else:
        model = runpy.run_path(str(tmp_path / "model" / "predict.py"))
        probabilities = model["probabilities"]({column.name: column.values.tolist() for column in NEW.columns})
    within = {"float32": 1e-6, "float64": 1e-12}[dtype]
    assert_allclose(probabilities[:, 1], own_answers(run, NEW), rtol=0, atol=within)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("different", [2, 3, 16, 17, 999, 5000])
def test_exports_find_the_place_among_any_number_of_knots(tmp_path: Path, form: str, different: int) -> None:
    x = np.random.RandomState(0).randn(different)
    train = table(numbers("x", *x), numbers("y", *x))
    run = drawn(learn_preparation(train, "y", ["x"], scaling="quantile"))
    edges = np.concatenate([x, np.nextafter(x, 9), np.nextafter(x, -9), [NAN, -1e308, 1e308, 0]])
    new = table(numbers("x", *edges), numbers("y", *np.zeros(len(edges))))
    assert layerlab.export(run, tmp_path / "model", new, format=form).deviation < 1e-12


@given(two_tables(), st.sampled_from(["float32", "float64"]))
@settings(max_examples=12, deadline=None)
def test_whatever_the_tables_hold(tables: tuple[Table, Table], dtype: str) -> None:
    train, new = tables
    preparation = learn_preparation(train, train.names[-1], train.names[:-1], scaling="quantile")
    assert preparation_from(json.loads(json.dumps(preparation.record()))) == preparation
    assert np.abs(preparation.features(new)).max() <= 3
    preparation.drift(new)
    with tempfile.TemporaryDirectory() as folder:
        done = layerlab.export(drawn(preparation, dtype), Path(folder) / "model", new)
        assert done.deviation <= {"float32": 1e-5, "float64": 1e-10}[dtype]


def test_categories_and_truths_are_as_before() -> None:
    columns = words("town", "Ulm", "Bonn", "Ulm", None), truths("new", 1, 0, NAN, 1)
    target = numbers("y", 1, 2, 3, 4)
    one, other = (
        learn_preparation(table(*columns, target), "y", ["town", "new"], scaling=scaling)
        for scaling in ("robust", "quantile")
    )
    assert one == other

"""The tables benchmark's own arithmetic, on answers and results small enough to work out by hand."""

from __future__ import annotations

import json
import math
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks import tables_accuracy, tables_report
from benchmarks.tables_accuracy import fitted, missing, results_in, text_of
from benchmarks.tables_scores import Answer, record_of
from scipy.stats import binom

from layerlab.evaluating.statistics import corrected_resampled_t, holm

FIRST_TIME = np.array([True, True, False, True])


def test_values_are_scored_in_standard_deviations_of_the_training_targets() -> None:
    y_train, y_test = np.array([0.0, 4.0, 0.0, 4.0]), np.array([1.0, 2.0, 3.0, 4.0])  # standard deviation 2
    answer = Answer(y_test + np.array([2.0, -2.0, 2.0, -2.0]), seconds=1.5, cpu_seconds=1.0)
    record = record_of(y_train, y_test, answer, FIRST_TIME)
    assert record == {"main": 1.0, "mae": 1.0, "seconds": 1.5, "cpu_seconds": 1.0}


def test_two_classes_are_ranked_by_the_roc_area_and_several_by_the_log_loss() -> None:
    y = np.array([0, 0, 1, 1])
    p = np.array([0.1, 0.6, 0.5, 0.8])  # of 4 pairs one is in the wrong order
    two = record_of(y, y, Answer(np.stack([1 - p, p], axis=1), 0, 0), FIRST_TIME)
    loss = -np.log([0.9, 0.4, 0.5, 0.8]).mean()
    assert two["main"] == pytest.approx(0.25)
    assert two["log_loss"] == pytest.approx(loss, rel=1e-5)
    y3 = np.array([0, 1, 2, 1])
    P = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.5, 0.25, 0.25], [0.1, 0.9, 0.0]])
    several = record_of(y3, y3, Answer(P, 0, 0), FIRST_TIME)
    assert several["main"] == pytest.approx(-np.log([0.8, 0.7, 0.25, 0.9]).mean(), rel=1e-5)
    assert several["accuracy"] == 0.75


def test_a_row_that_an_earlier_split_tested_counts_once() -> None:
    y_train, y_test = np.array([0.0, 2.0]), np.array([0.0, 1.0, 2.0, 3.0])
    interval = np.array([[-1.0, 1.0], [2.0, 3.0], [2.0, 2.0], [0.0, 4.0]])  # the second does not hold its row
    answer = Answer(y_test, 0, 0, interval=interval)
    record = record_of(y_train, y_test, answer, FIRST_TIME)
    assert [record[name] for name in ("rows", "covered", "new_rows", "new_covered")] == [4, 3, 3, 2]
    assert record["width"] == (2 + 1 + 0 + 4) / 4  # the targets' standard deviation is 1
    y, P = np.array([0, 1, 0, 1]), np.full((4, 2), 0.5)
    sets = np.array([[True, False], [True, False], [False, False], [True, True]])
    record = record_of(y, y, Answer(P, 0, 0, interval=sets), FIRST_TIME)
    assert (record["covered"], record["new_covered"], record["width"]) == (2, 2, 1)


def test_out_of_fold_losses_are_compared_in_standard_errors() -> None:
    y_train, y_test = np.zeros(4), np.zeros(2)
    answer = Answer(np.array([1.0, 2.0]), 0, 0, out_of_fold=np.array([1.0, 1.0, 2.0, 2.0]))  # losses 1, 4; 1, 1, 4, 4
    y_train = y_train + np.array([0.0, 0.0, 0.0, 1e-9])
    record = record_of(y_train, y_test, answer, np.ones(2, bool))
    assert record["out_of_fold_excess"] == pytest.approx(0, abs=1e-6)
    worse = answer._replace(out_of_fold=np.array([2.0, 2.0, 3.0, 3.0]))  # losses 4, 4, 9, 9
    error = math.sqrt(np.var([4, 4, 9, 9], ddof=1) / 4 + np.var([1, 4], ddof=1) / 2)
    assert record_of(y_train, y_test, worse, np.ones(2, bool))["out_of_fold_excess"] == pytest.approx(
        (6.5 - 2.5) / error, rel=1e-5
    )


@pytest.mark.parametrize("contender", ["linear", pytest.param("layerlab", marks=pytest.mark.processes)])
@pytest.mark.parametrize(("table", "worst"), [("diabetes", 0.85), ("titanic", 0.25)])
def test_a_contender_answers_for_the_test_rows_in_their_order(table: str, worst: float, contender: str) -> None:
    try:
        record = fitted(table, contender, 0)
    except ImportError as error:
        pytest.skip(str(error))
    assert record["main"] < worst  # rows or classes in another order would give 1.4 and 0.5 or more
    assert record["seconds"] > 0


def fits(*scores: float, **more: float) -> dict[str, Any]:
    """Fits of a contender to a table, by number of the split."""
    return {str(split): {"main": score, "version": "made 1", **more} for split, score in enumerate(scores)}


MADE = {
    "layerlab": {"concrete": fits(0.2, 0.3, 0.4), "mpg": fits(0.1, 0.1, 0.1)},
    "linear": {"concrete": fits(0.3, 0.5, 0.4), "mpg": fits(0.2, 0.2, 0.2)},
    "HistGradientBoosting": {"concrete": fits(0.3, 0.3)},
}


def test_differences_are_paired_and_have_the_corrected_interval() -> None:
    found = tables_report.difference(MADE, "linear", "layerlab", "concrete")
    assert found is not None
    mean, interval, _ = corrected_resampled_t(np.array([0.1, 0.2, 0.0]), 824, 206)  # a fifth of 1030 rows
    assert found[0] == pytest.approx(mean)
    assert found[1] == pytest.approx(interval)
    in_common = tables_report.difference(MADE, "HistGradientBoosting", "layerlab", "concrete")
    assert in_common is not None
    assert in_common[0] == pytest.approx(0.05)  # of the first two splits
    assert tables_report.difference(MADE, "HistGradientBoosting", "layerlab", "mpg") is None


def test_ranks_count_only_tables_that_all_have() -> None:
    of_rank, count = tables_report.ranks(MADE, ["concrete", "mpg"])
    assert count == 1
    assert of_rank.tolist() == [1.5, 3.0, 1.5]


def test_the_ratio_is_a_geometric_mean() -> None:
    mean, low, high = tables_report.ratio(MADE, "linear", "layerlab", ["concrete", "mpg"])
    assert mean == pytest.approx(math.sqrt(0.4 / 0.3 * 2))
    assert low < mean < high
    assert math.isnan(tables_report.ratio(MADE, "HistGradientBoosting", "layerlab", ["mpg"])[0])


def test_cover_is_tested_one_sided_and_adjusted() -> None:
    splits = {"covered": 40.0, "rows": 50.0, "width": 1.5}
    made = {
        "layerlab": {
            "mpg": fits(0.1, 0.1, new_covered=40.0, new_rows=50.0, **splits),
            "concrete": fits(0.1, 0.1, new_covered=45.0, new_rows=50.0, **splits),
        }
    }
    found = tables_report.covered_enough(made, "layerlab")
    p = [binom.cdf(80, 100, 0.9), binom.cdf(90, 100, 0.9)]
    assert found["mpg"][:2] == (100, 80)
    assert [found[name][2] for name in ("mpg", "concrete")] == pytest.approx(p)
    assert [found[name][3] for name in ("mpg", "concrete")] == pytest.approx(holm(p))
    assert "80.0 %" in tables_report.covers(made, "layerlab")
    assert tables_report.covers(MADE, "layerlab") == ""


def test_fits_that_are_kept_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables_accuracy, "KEPT", tmp_path / "kept.json")
    (tmp_path / "kept.json").write_text(text_of({"linear": {"mpg": fits(0.2, 0.3)}}), encoding="utf-8")
    file = tmp_path / "folder" / "linear" / "mpg" / "3.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"main": 0.5}), encoding="utf-8")
    results = results_in(tmp_path / "folder")
    assert {split: record["main"] for split, record in results["linear"]["mpg"].items()} == {
        "0": 0.2,
        "1": 0.3,
        "3": 0.5,
    }
    asked = Namespace(splits=5)
    assert list(missing(["mpg", "fgl"], ["linear"], asked, results)) == [
        ("mpg", "linear", [2, 4]),
        ("fgl", "linear", [0, 1, 2, 3, 4]),
    ]


def test_the_page_names_the_tables_that_defaults_were_chosen_on() -> None:
    every = {"mae": 0.1, "seconds": 1.0, "cpu_seconds": 0.5}
    made = {name: {table: fits(0.2, 0.3, **every) for table in ("concrete", "mpg")} for name in ("layerlab", "linear")}
    page = tables_report.page(made, "layerlab")
    assert "| new | rows | layerlab | linear |" in page
    assert "| concrete | 1030 | **0.2500** | **0.2500** |" in page
    assert "| seen before | rows | layerlab | linear |" in page
    assert "## Differences from layerlab" in page
    assert "## Intervals" not in page

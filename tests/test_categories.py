"""Categories of many values, from outside: all that have enough rows are inputs, and it is said which share one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from command import Say

import layerlab
from layerlab.datasets import hold_out
from layerlab.datasets.loading.streams import open_stream
from layerlab.datasets.loading.tables import load_table
from layerlab.evaluating.comparisons.recipes import suite_of
from layerlab.evaluating.explanations.explanation import explain_answer
from layerlab.evaluating.linear_baseline import linear_baseline

ONE = ("--target", "sales", "--members", "1")


def stores(count: int = 100, rows: int = 50) -> pl.DataFrame:
    """Stores with an effect of their own each, and as many rows each."""
    random = np.random.RandomState(0)
    store = random.permutation(np.repeat(np.arange(count), rows))
    effect, x = 5 * random.randn(count), random.randn(len(store))
    sales = effect[store] + 2 * x + 0.5 * random.randn(len(store))
    return pl.DataFrame({"store": [f"s{number}" for number in store], "x": x, "sales": sales})


def pooled(data: Any) -> list[str]:
    return [notice.what for notice in data.notices if notice.kind == "pooled"]


def test_a_hundred_stores_are_told_apart(tmp_path: Path, say: Say) -> None:
    """With fifty inputs for them the error was 2.7, and that of a ridge on all of them is 0.41; the noise is 0.4."""
    stores().write_csv(tmp_path / "stores.csv")
    out = say("train", str(tmp_path / "stores.csv"), *ONE, "--out", str(tmp_path / "run"), "--json", "-")
    facts = json.loads(out.out)
    assert facts["layer_dims"][0] == 101
    assert facts["test_error"] < 0.5
    assert facts["baseline"]["test_error"] < 0.45


def test_a_limit_is_asked_for_kept_with_the_run_and_said(tmp_path: Path, say: Say) -> None:
    stores(60, 20).write_csv(tmp_path / "stores.csv")
    run = tmp_path / "run"
    asked = [*ONE, "--max-categories", "9", "--epochs", "2"]
    out = say("train", str(tmp_path / "stores.csv"), *asked, "--out", str(run))
    data = load_table(stores(60, 20), target="sales", max_categories=9)
    (sentence,) = pooled(data)
    rows = data.preparation.encoders[0].counts[-1]  # type: ignore[union-attr]
    assert sentence == (
        f"column 'store': 51 of its 60 values ({rows:,} of 960 training rows) share one input, so the model cannot "
        f"distinguish them. Only the 9 most frequent have an input each (max_categories=60 gives every value its own)"
    )
    assert f"• {sentence.replace('max_categories=', '--max-categories ')}." in out.words
    assert data.n_x == 11
    kept = layerlab.load(run)
    assert kept.source is not None
    assert kept.source.options["max_categories"] == 9
    assert layerlab.datasets.load_data(tmp_path / "stores.csv", target="sales", max_categories=9).n_x == 11
    assert say("report", str(run)).status == 0


def test_few_rows_are_said_and_one_pooled_value_is_its_own_input() -> None:
    frame = pl.DataFrame({"c": ["a"] * 300 + ["b"] * 200 + [f"r{i // 2}" for i in range(100)], "y": np.arange(600.0)})
    (sentence,) = pooled(load_table(frame, target="y"))
    assert sentence.startswith("column 'c': 4")  # some of the pairs may be in the test set
    assert re.search(
        r"so the model cannot distinguish them\. Each of them has fewer than 5 rows \(max_categories=\d+ ",
        sentence,
    )
    alone = pl.DataFrame({"c": ["a"] * 300 + ["b"] * 290 + ["rare"] * 10, "y": np.arange(600.0)})
    assert pooled(load_table(alone, target="y", max_categories=2)) == []


def test_the_number_that_the_notice_names_gives_an_input_to_every_value(tmp_path: Path, say: Say) -> None:
    """Of 400 stores with five rows each about two thirds have fewer than five in the training set."""
    stores(400, 5).write_csv(tmp_path / "stores.csv")
    asked = ["train", str(tmp_path / "stores.csv"), *ONE, "--json", "-", "--baseline", "linear"]
    pooled_facts, said = json.loads((first := say(*asked)).out), first.words
    match = re.search(r"fewer than 5 rows \(--max-categories (\d+) gives every value its own\)", said)
    assert match is not None
    facts = json.loads(say(*asked, "--max-categories", match[1]).out)
    assert facts["layer_dims"][0] == int(match[1]) + 1
    assert facts["test_error"] < 0.5 * pooled_facts["test_error"]
    assert pooled_facts["baseline"]["test_error"] == pytest.approx(facts["baseline"]["test_error"], rel=0.02)
    nine = load_table(stores(400, 5), target="sales", max_categories=9)
    assert nine.n_x == 11


def test_the_linear_baseline_takes_all_rows_of_many_inputs() -> None:
    """Of more than 2000 inputs it had 2000 of the training rows."""
    linear = linear_baseline(load_table(stores(2500, 2), target="sales", max_categories=2500))
    assert linear.examples == 4000


def test_what_is_said_is_of_the_rows_that_are_trained_on() -> None:
    data = load_table(stores(60, 20), target="sales", max_categories=9)
    rest, _ = hold_out(data, 0.25)
    assert len(pooled(rest)) == len(pooled(data)) == 1
    for some, m in ((data, 960), (rest, 720), (data.resplit(1), 960), (data.resplit(2), 960)):
        assert some.preparation is not None
        rows = some.preparation.encoders[0].counts[-1]
        assert f"51 of its 60 values ({rows} of {m} training rows) share one input" in pooled(some)[0]


def test_no_answer_is_explained_by_a_value_that_is_no_input() -> None:
    data = load_table(stores(60, 20), target="sales", max_categories=9)
    run = layerlab.train(layerlab.Network([data.n_x, 1]), data, learning_rate=0.1, iterations=20)
    assert data.raw is not None
    assert data.preparation is not None
    known = set(data.preparation.encoders[0].values)  # type: ignore[union-attr]
    store = data.raw.table["store"].values
    some = next(row for row in data.raw.test if store[row] not in known)
    own = next(row for row in data.raw.test if store[row] in known)
    said = [
        {one["name"]: one["value"] for one in explain_answer(run, data, int(data.raw.table.rows[row]))["columns"]}
        for row in (some, own)
    ]
    assert said[0]["store"] == f"{store[some]} (one of 51 pooled values)"
    assert said[1]["store"] == store[own]


def test_the_linear_baseline_tells_pooled_values_apart() -> None:
    """It is as good as with an input for each store: it does not look bad only because it sees as little."""
    data, whole = (load_table(stores(60, 20), target="sales", max_categories=most) for most in (9, None))
    assert data.preparation is not None
    rows = data.preparation.encoders[0].counts[-1]
    linear, same = linear_baseline(data), linear_baseline(whole)
    assert linear.remark == (
        f"It distinguishes values that are one input for the network: those of 'store' in {rows} of 960 training rows."
    )
    assert same.remark == ""
    np.testing.assert_allclose(linear.predictions, same.predictions, rtol=1e-3)


def test_a_small_table_with_many_categories_gets_a_larger_network() -> None:
    many, few = (load_table(stores(count, 20), target="sales") for count in (120, 60))
    suites = [suite_of(data) for data in (many, few)]
    assert [suite and suite.recipes[1].layers for suite in suites] == [(256,), (128,)]
    assert [suite and suite.recipes[1].others["epochs"] for suite in suites] == [200, 100]


def test_a_stream_has_the_same_inputs(tmp_path: Path) -> None:
    path = tmp_path / "stores.parquet"
    stores().write_parquet(path)
    whole = open_stream(path, target="sales")
    assert whole.n_x == 101
    limited = open_stream(path, target="sales", max_categories=9)
    assert limited.n_x == 11
    assert limited.source is not None
    assert limited.source.options["max_categories"] == 9
    assert "91 of its 100 values" in pooled(limited)[0]
    assert " rows of the sample) share one input" in pooled(limited)[0]
    small = open_stream(path, target="sales", memory_mib=1)
    assert small.n_x < 101  # its sample would need more than a quarter of the memory
    np.save(tmp_path / "X.npy", np.ones((9, 2)))
    np.save(tmp_path / "y.npy", np.ones(9))
    with pytest.raises(layerlab.InputError, match="are for tables; leave them out"):
        open_stream(tmp_path / "X.npy", target="y.npy", max_categories=9)

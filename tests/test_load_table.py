"""A table becomes a dataset, or one sentence says what is wrong with it and where."""

from __future__ import annotations

import copy
import gzip
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from command import Say
from sklearn import datasets

import layerlab
from layerlab import InputError
from layerlab.datasets import hold_out
from layerlab.datasets.dataset import Dataset
from layerlab.datasets.describing import data_lines, split_csv
from layerlab.datasets.loading.anything import load_data
from layerlab.datasets.loading.tables import load_table
from layerlab.datasets.part import HeldOut, Part
from layerlab.datasets.preparing import preparation, split_table
from layerlab.datasets.preparing.split_table import dataset_fields, split_again
from layerlab.datasets.tabular.splitting import Split

SHIPPED = ("breast_cancer", "wine", "diabetes", "iris", "digits")


def shipped(name: str) -> pd.DataFrame:
    frame: pd.DataFrame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    return frame


def same(one: Dataset, other: Dataset) -> None:
    for part, again in ((one.train, other.train), (one.test, other.test)):
        np.testing.assert_array_equal(part.X, again.X)
        np.testing.assert_array_equal(part.Y, again.Y)
    assert one.class_names == other.class_names
    assert one.feature_names == other.feature_names
    assert one.preparation == other.preparation
    assert one.called is not None
    assert other.called is not None
    np.testing.assert_array_equal(one.called[1], other.called[1])


@pytest.mark.parametrize("name", SHIPPED)
def test_every_format_gives_the_same_dataset(tmp_path: Path, name: str) -> None:
    frame = shipped(name)
    polars = pl.DataFrame({column: frame[column].to_numpy() for column in frame})
    frame.to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "t.tsv.gz").write_bytes(gzip.compress(polars.write_csv(separator="\t").encode()))
    polars.write_parquet(tmp_path / "t.parquet")
    polars.write_ipc(tmp_path / "t.arrow")
    polars.write_ndjson(tmp_path / "t.jsonl")
    polars.write_csv(tmp_path / "semicolons.csv", separator=";", decimal_comma=True)
    first = load_table(tmp_path / "t.csv", target="target")
    for other in (frame, polars, *(tmp_path / f"t.{ending}" for ending in ("tsv.gz", "parquet", "arrow", "jsonl"))):
        same(first, load_table(other, target="target"))
    same(first, load_table(tmp_path / "semicolons.csv", target="target"))
    assert first.name == "t"
    m = len(frame)
    assert first.test.X.shape[1] == pytest.approx(0.2 * m, abs=len(first.class_names) or 1)
    assert first.class_names == tuple(str(k) for k in sorted(set(frame["target"]))) or first.target_scaling is not None


PEOPLE = """name,age,smoker,city,since,pay
Ann,31,yes,Ulm,2020-01-31,2100
Bob,45,no,Bonn,2019-05-01,"3,200"
Cem,n/a,no,Ulm,2021-07-09,1800
Dee,28,yes,Kiel,2018-11-11,2500
"""


def people(rows: int = 48) -> str:
    header, *four = PEOPLE.splitlines()
    return "\n".join([header, *(four[i % 4].replace(",", f"{i},", 1) for i in range(rows))]) + "\n"


def test_a_dirty_table_is_read_and_told(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(people())
    data = load_table(tmp_path / "people.csv", target="smoker")
    assert data.name == "people"
    assert data.class_names == ("no", "yes")
    assert data.raw is not None
    assert data.raw.table.names == ("age", "smoker", "city", "since", "pay")
    assert [column.kind for column in data.raw.table.columns] == ["number", "truth", "category", "date", "number"]
    assert data.about == f"48 rows of {tmp_path / 'people.csv'}, predicting 'smoker' from 4 of 5 other columns"
    said = " | ".join(map(str, data.notices))
    assert "'age': 12 cells are read as missing: row 3 'n/a', row 7 'n/a', row 11 'n/a', …" in said
    assert "'pay': 12 cells are not plain numbers and were converted: row 2 '3,200' as 3200" in said
    assert "'name' has a different word in every row" in said
    assert data.preparation is not None
    train, test = data.raw.train, data.raw.test
    np.testing.assert_array_equal(data.train.Y[0], np.array([1, 0, 0, 1] * 12)[train])
    np.testing.assert_array_equal(data.preparation.features(data.raw.table.taken(test)), data.test.X)
    assert data.called is not None
    np.testing.assert_array_equal(data.called[1], test + 1)


def test_the_task_is_inferred_and_said() -> None:
    x = np.random.RandomState(0).randn(100)
    stars = pl.DataFrame({"x": x, "y": np.arange(100) % 5 + 1})
    data = load_table(stars, target="y")
    assert data.class_names == ("1", "2", "3", "4", "5")
    assert "'y' has 5 different values, so it is treated as classes (task='values' treats it as a number)" in " ".join(
        map(str, data.notices)
    )
    assert data.target_scaling is None
    values = load_table(stars, target="y", task="values")
    assert values.class_names == ()
    assert values.target_scaling is not None
    assert values.target_scaling.mean[0, 0] == values.train.Y.mean()
    assert values.target_scaling.scale[0, 0] == values.train.Y.std()
    assert load_table(pl.DataFrame({"x": x, "y": x * 2}), target="y").class_names == ()
    assert load_table(pl.DataFrame({"x": x, "y": np.arange(100) % 20}), target="y").class_names == ()
    assert load_table(pl.DataFrame({"x": x, "y": np.arange(100) % 20}), target="y", task="classes").class_names[
        9:11
    ] == (
        "9",
        "10",
    )
    signs = pl.DataFrame({"x": x, "y": np.where(x > 0, 1.0, -1.0)})
    assert load_table(signs, target="y").class_names == ("-1", "1")


def test_rows_without_target_are_left_out_and_counted() -> None:
    y: list[str | None] = ["a", "b", "b"] * 20
    y[4] = y[50] = None
    data = load_table(pl.DataFrame({"x": np.random.RandomState(0).randn(60), "y": y}), target="y")
    assert "'y': 2 rows have no value and are left out: rows 5, 51." in map(str, data.notices)
    assert data.train.X.shape[1] + data.test.X.shape[1] == 58
    assert data.called is not None
    assert not {5, 51} & {*data.called[0], *data.called[1]}
    assert 60 in {*data.called[0], *data.called[1]}


def test_a_class_of_one_row_is_refused_or_left_out() -> None:
    frame = pl.DataFrame({"x": np.random.RandomState(0).randn(61), "y": ["a", "b"] * 30 + ["c"]})
    with pytest.raises(InputError, match=r"row 61, column 'y': 'c' is the only row of its class; .* drop_rare=True"):
        load_table(frame, target="y")
    data = load_table(frame, target="y", drop_rare=True)
    assert data.class_names == ("a", "b")
    assert "'y': 1 row is the only one of a class and left out, because of drop_rare=True: row 61." in map(
        str, data.notices
    )


def test_a_leak_is_told_and_stays() -> None:
    random = np.random.RandomState(0)
    y = random.randint(0, 2, 200)
    data = load_table(pl.DataFrame({"x": random.randn(200), "copy": y + 7.5, "y": y.astype(bool)}), target="y")
    assert data.feature_names == ("x", "copy")
    leak = next(notice for notice in data.notices if notice.kind == "leak")
    assert leak.what.startswith("'copy' alone predicts 'y' with a balanced accuracy of 100.0 %")
    assert leak.what.endswith("leave it out with drop=['copy']")
    assert load_table(data_frame(data), target="y", drop=["copy"]).feature_names == ("x",)


def data_frame(data: Dataset) -> pl.DataFrame:
    assert data.raw is not None
    return pl.DataFrame({column.name: column.values for column in data.raw.table.columns})


def visits() -> pl.DataFrame:
    random = np.random.RandomState(5)
    return pl.DataFrame(
        {
            "patient": [f"p{i}" for i in random.randint(0, 40, 300)],
            "day": pl.Series(np.datetime64("2020-01-01") + random.randint(0, 500, 300)),
            "x": random.randn(300),
            "colour": np.array(["red", "green", "blue"])[random.randint(0, 3, 300)],
            "y": np.array(["well", "ill"])[random.randint(0, 2, 300)],
        }
    )


@pytest.mark.parametrize("by", ["group", "time"])
def test_the_column_of_the_split_is_no_feature_and_stays_for_dealing_anew(by: str) -> None:
    column = {"group": "patient", "time": "day"}[by]
    data = load_table(visits(), target="y", **{by: column})  # type: ignore[arg-type]
    assert data.raw is not None
    assert data.preparation is not None
    assert column not in data.preparation.columns
    assert column in data.raw.table.names
    assert any(notice.kind == "split" and notice.column == column for notice in data.notices)
    rest, validation = hold_out(data, 0.25, seed=3)
    assert rest.raw is not None
    values = data.raw.table[column].values
    train, test = values[rest.raw.train], values[rest.raw.test]
    held = values[np.setdiff1d(data.raw.train, rest.raw.train)]
    assert len(held) == validation.X.shape[1]
    if by == "group":
        assert not {*train} & {*held}
        assert not {*train, *held} & {*test}
    else:
        assert train.max() < held.min()
        assert held.max() < test.min()


def split_as(data: Dataset, split: Split) -> Dataset:
    """The same table, split in another way."""
    assert data.raw is not None
    return replace(data, held_out=None, **dataset_fields(split_again(data.raw, split)))


def test_dealt_anew_the_preparation_is_learned_anew() -> None:
    data = load_table(visits(), target="y")
    again = split_as(data, Split(0.4, 7))
    assert again.raw is not None
    assert again.preparation is not None
    assert again.test.X.shape[1] == 120
    assert again.raw.split == Split(0.4, 7)
    same(again, load_table(visits(), target="y", test=0.4, seed=7))
    same(split_as(again, Split()), data)
    rest, validation = hold_out(data, 0.25, seed=1)
    assert rest.held_out == HeldOut(0.25, 1)
    assert (rest.train.X.shape[1], validation.X.shape[1], rest.test.X.shape[1]) == (180, 60, 60)
    assert rest.preparation != data.preparation
    assert split_as(rest, Split()).held_out is None
    with pytest.raises(InputError, match=r"a share of 0.25 is already held out"):
        hold_out(rest, 0.1)
    with pytest.raises(InputError, match="validation=2"):
        hold_out(data, 2)
    with pytest.raises(InputError, match="group='z': the table has no such column"):
        split_as(replace(data), Split(group="z"))


def count_calls(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, m: Callable[[Any, Any], int]) -> list[int]:
    """The number of rows of each call of a function, which ``m`` reads off its first arguments and its result."""
    function, calls = getattr(where, name), []

    def counted(*args: Any, **others: Any) -> Any:
        result = function(*args, **others)
        calls.append(m(args, result))
        return result

    monkeypatch.setattr(where, name, counted)
    return calls


def counted_preparations(monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], list[int]]:
    """From how many rows each preparation is learned, and for how many rows inputs are made each time."""
    learned = count_calls(monkeypatch, split_table, "learn_preparation", lambda args, _: args[0].m)
    made = count_calls(monkeypatch, preparation.Preparation, "features", lambda _, X: X.shape[1])
    return learned, made


def test_a_table_is_prepared_once_though_a_share_is_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    learned, made = counted_preparations(monkeypatch)
    rest, validation = hold_out(load_table(visits(), target="y"), 0.25)
    assert (learned, made) == ([180], [60])  # the validation set, by what the rest says
    assert rest.train.X.shape[1] == 180
    assert rest.test.X.shape[1] == 60
    assert rest.train is rest.train
    assert (learned, made) == ([180], [60, 180, 60])
    assert validation.X.shape == (rest.n_x, 60)


def test_the_command_line_prepares_a_table_once_though_a_share_is_held_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Say
) -> None:
    visits().write_csv(tmp_path / "t.csv")
    learned, made = counted_preparations(monkeypatch)
    lines = ["train", str(tmp_path / "t.csv"), "--target", "y", "--validation", "0.25", "--epochs", "2"]
    assert say(*lines, "--out", str(tmp_path / "run")).status == 0
    assert learned == [180]  # what is left to train on; the file is described by what was learned from that
    assert made == [60, 180, 60]


def test_the_inputs_of_a_table_are_made_without_a_copy_of_it() -> None:
    random = np.random.RandomState(0)
    frame = pl.DataFrame({f"x{i}": random.randn(20_000) for i in range(50)} | {"y": random.randn(20_000)})
    data = load_table(frame, target="y")
    assert data.preparation is not None  # learned
    tracemalloc.start()
    try:
        X = data.train.X
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.3 * X.nbytes  # the inputs, and a few columns at a time


def test_a_field_is_computed_once_though_several_threads_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    learned, _ = counted_preparations(monkeypatch)
    data = load_table(visits(), target="y")
    together = Barrier(4)

    def read(_: int) -> Part:
        together.wait()
        return data.train

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(read, range(4)))
    assert all(part is data.train for part in parts)
    assert learned == [240]


@pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")
def test_a_run_on_what_a_held_out_share_left_is_reported_with_the_inputs_of_the_rest(tmp_path: Path) -> None:
    """The only missing value is in the share that is held out: the rest has no input that says "missing"."""
    file, table = tmp_path / "t.csv", visits()
    whole = load_table(table, target="y")
    rest, _ = hold_out(whole, 0.25)
    assert whole.raw is not None
    assert rest.raw is not None
    gone = pl.int_range(pl.len()) == min(set(whole.raw.train.tolist()) - set(rest.raw.train.tolist()))
    table.with_columns(pl.when(gone).then(None).otherwise("x").alias("x")).write_csv(file)
    whole = load_table(file, target="y")
    rest, validation = hold_out(whole, 0.25)
    assert rest.n_x < whole.n_x
    network = layerlab.Network([rest.n_x, rest.n_y])
    run = layerlab.train(network, rest, learning_rate=0.01, iterations=2, validation=validation, progress=False)
    assert layerlab.report(run, load_table(file, target="y"), tmp_path / "page.html").exists()


def test_a_dataset_of_a_table_that_was_not_read_yet_is_copied_whole() -> None:
    data = load_table(visits(), target="y")
    same(copy.deepcopy(data), data)  # as for another process, by __getstate__


def test_a_second_file_is_the_test_part(tmp_path: Path) -> None:
    frame = visits()
    frame.head(200).write_csv(tmp_path / "train.csv")
    frame.tail(100).select("y", "x", "colour", "day", "patient").write_csv(tmp_path / "test.csv", separator=";")
    data = load_table(tmp_path / "train.csv", target="y", test_file=tmp_path / "test.csv")
    assert (data.train.X.shape[1], data.test.X.shape[1]) == (200, 100)
    assert data.called is not None
    assert data.called[1].tolist() == list(range(1, 101))
    assert data.raw is not None
    assert data.raw.split == Split(1 / 3, given=True)
    rest, _ = hold_out(data, 0.25)
    lines = split_csv(rest, data).splitlines()
    assert lines[0] == "example,part,file"
    assert lines[151] == f"1,test,{tmp_path / 'test.csv'}"
    own = [line.removesuffix(f",{tmp_path / 'train.csv'}") for line in lines[1:151] + lines[251:]]
    assert sum(line.endswith(",train") for line in own) == 150
    assert {int(line.split(",")[0]) for line in own} == set(range(1, 201))
    assert "Training set: 200 examples. Test set: 100 examples, given as a file of its own." in list(data_lines(data))
    assert f"{tmp_path / 'test.csv'}: the fields are separated by semicolons" in " ".join(map(str, data.notices))
    ratings = pl.DataFrame({"x": np.random.RandomState(0).randn(80), "y": np.arange(80) % 4})
    assert load_table(ratings, target="y", test_file=ratings.tail(9)).test.Y.shape == (4, 9)
    assert load_table(ratings, target="x", test_file=ratings.tail(9)).test.Y.shape == (1, 9)
    with pytest.raises(
        InputError, match="row 2, column 'y': '7' is not a class of the training set; wanted one of '0', '1'"
    ):
        load_table(ratings, target="y", test_file=pl.DataFrame({"x": [1.0, 2.0], "y": [1, 7]}))
    with pytest.raises(InputError, match="has no column 'x'; wanted the 2 columns"):
        load_table(ratings, target="y", test_file=ratings.drop("x"))
    with pytest.raises(InputError, match="no row has a value that can be read"):
        load_table(ratings, target="y", test_file=pl.DataFrame({"x": [1.0], "y": ["?"]}))
    with pytest.raises(InputError, match="a test set from a file needs no split"):
        load_table(ratings, target="y", test_file=ratings, group="x")


def test_what_was_not_dealt_by_chance_is_not_dealt_anew() -> None:
    data = load_table(visits(), target="y", group="patient")
    assert data.resplit(1).raw.split == Split(0.2, 1, group="patient")  # type: ignore[union-attr]
    with pytest.raises(InputError) as caught:
        load_table(visits(), target="y", time="day").resplit(1)
    assert str(caught.value) == (
        "time='day': there is only one split by time, so it cannot be split again: leave out --splits, or --time"
    )
    given = load_table(visits(), target="y", test_file=visits().tail(30))
    with pytest.raises(InputError) as caught:
        given.resplit(1)
    assert str(caught.value) == (
        "the test set was given as a file, so it cannot be split again: leave out --splits, or that file"
    )
    with pytest.raises(InputError, match="given as a file, so it cannot be split again"):
        layerlab.compare(given, splits=2, progress=False)
    rest, validation = hold_out(given, 0.1)
    assert (rest.train.X.shape[1], validation.X.shape[1], rest.test.X.shape[1]) == (270, 30, 30)


def test_ten_thousand_columns() -> None:
    random = np.random.RandomState(0)
    frame = pl.DataFrame({**{f"f{i}": random.randn(60) for i in range(10_000)}, "y": ["a", "b"] * 30})
    data = load_table(frame, target="y")
    assert data.train.X.shape == (10_000, 48)


TWO = "x,y\n" + "".join(f"{i}.5,{'ab'[i % 2]}\n" for i in range(30))

BAD: list[tuple[str, bytes | str, dict[str, Any], str]] = [
    ("no such column", TWO, {"target": "z"}, "target='z': {file} has no such column; it has 'x', 'y'"),
    ("a slip", TWO.replace("y", "price", 1), {"target": "prize"}, "did you mean 'price'?"),
    ("another case", TWO.replace("y", "PRICE", 1), {"target": "price"}, "did you mean 'PRICE'?"),
    ("empty", "", {}, "is empty (0 bytes)"),
    ("blank lines", "\n\n\n", {}, "has only blank lines"),
    ("header only", "x,y\n", {}, "has a line of names ('x', 'y') and no row"),
    ("one row", "x,y\n1,2.5\n", {"task": "values"}, "has the value '2.5' in every row"),
    ("no header", "1.5,2\n2,3.5\n", {}, "the first line ('1.5', '2') holds numbers"),
    ("double names", "y,y\n1,2\n", {}, "columns 1 and 2 are both called 'y'"),
    ("no name", "x,,y\n1,2,3\n", {}, "column 2 of 3 has no name"),
    ("too few fields", "x,y\n1,2\n3\n", {}, "row 2: has 1 field; wanted 2"),
    ("too many fields", "x,y\n1,2\n3,4,5\n", {}, "row 2: has 3 fields; wanted 2"),
    ("open quote", 'x,y\n1,"2\n3,4\n', {}, "row 1: a quotation mark is not closed"),
    ("inches", 'x,y\n1,a\n5" pipe,b\n', {}, "row 2: a quotation mark is not closed or stands inside a field"),
    ("open quote in the header", 'x,"y\n1,2\n', {}, "the header: a quotation mark"),
    ("zero byte", "x,y\n1,\0\n", {}, "row 1: a zero byte"),
    ("latin-1", "x,y\n1,é\n".encode("latin-1"), {}, "row 1: byte 0xe9 is not UTF-8"),
    ("no encoding", TWO, {"encoding": "klingon"}, "encoding='klingon': no such encoding"),
    ("wrong encoding", "x,y\n1,é\n".encode(), {"encoding": "ascii"}, "row 1: byte 0xc3 is not ascii"),
    ("half UTF-16", b"\xff\xfex\0,\0y", {}, "is not utf-16"),
    ("Parquet", b"PAR1" + bytes(20), {}, "contains Parquet and ends in '.csv'"),
    ("gzip", gzip.compress(TWO.encode())[:-4], {}, "cannot be unpacked as gzip"),
    ("no target", "x,y\n1,\n2,n/a\n", {}, "column 'y': no row has a value that can be read"),
    (
        "one class",
        "x,y\n" + "1,a\n" * 30,
        {},
        "column 'y': has the value 'a' in every row; wanted at least two different",
    ),
    ("one value", "x,y\n" + "1,3\n" * 30, {}, "column 'y': has the value '3' in every row"),
    ("always true", "x,y\n" + "1,yes\n" * 30, {}, "column 'y': has the value 'yes' in every row"),
    (
        "names",
        "x,y\n" + "".join(f"{i},n{i}\n" for i in range(30)),
        {},
        "column 'y': has a different word in each of its 30 rows",
    ),
    ("many classes", "x,y\n" + "".join(f"{i}.5,n{i // 1.5}\n" for i in range(30)), {}, "classes in 30 rows"),
    ("a class of one", TWO + "5,c\n", {}, "row 31, column 'y': 'c' is the only row of its class"),
    ("dates", "x,y\n" + "1,2024-01-01\n2,2024-01-02\n" * 9, {}, "column 'y': holds dates; wanted classes or numbers"),
    (
        "words as values",
        TWO,
        {"task": "values"},
        "column 'y': 'a' is not a number; wanted numbers for task='values'",
    ),
    ("no task", TWO, {"task": "guess"}, "task='guess': wanted 'classes' or 'values'"),
    ("no share", TWO, {"test": 1}, "test=1: wanted a finite number above 0, below 1"),
    ("no seed", TWO, {"seed": 1.5}, "seed=1.5: wanted a whole number"),
    ("no group", TWO, {"group": "z"}, "group='z': {file} has no such column"),
    ("no time", TWO, {"time": "z"}, "time='z': {file} has no such column"),
    ("group is target", TWO, {"group": "y"}, "group='y': is the target"),
    ("group and time", TWO, {"group": "x", "time": "x"}, "time='x': is the column of group too; wanted another"),
    ("one group", "x,g,y\n" + "1,u,a\n2,u,b\n" * 20, {"group": "g"}, "group='g': has the same value in all rows"),
    ("missing group", "x,g,y\n" + "1,u,a\n2,,b\n" * 20, {"group": "g"}, "group='g': is missing in rows 2, 4, 6, …"),
    ("words as time", "x,t,y\n" + "1,u,a\n2,v,b\n" * 20, {"time": "t"}, "time='t': is a category; wanted dates"),
    (
        "class in one part",
        "t,x,y\n" + "".join(f"{i},{i}.5,{'ab'[i > 25]}\n" for i in range(30)),
        {"time": "t"},
        "the training set has only the class 'a'",
    ),
    ("dropped", TWO, {"drop": ["z"]}, "drop='z': {file} has no such column"),
    ("target dropped", TWO, {"drop": ["y"]}, "drop='y': is the target"),
    ("kept and dropped", TWO, {"drop": ["x"], "keep": ["x"]}, "drop='x': is to be kept"),
    ("kept", TWO, {"keep": ["z"]}, "keep='z': {file} has no such column"),
    ("a word for a list", TWO, {"drop": "x"}, "drop='x': is one word; wanted a list"),
    ("everything dropped", TWO, {"drop": ["x"]}, "no column is left to predict 'y' from: 'y' is the only column"),
    (
        "nothing said",
        "x,y\n" + "1,a\n1,b\n" * 20,
        {},
        "no column is left to predict 'y' from: 'x' has the value '1' in every row",
    ),
    ("no category", TWO, {"categories": ["z"]}, "categories: {file} has no column 'z'"),
    ("no numbers", "x,y\n" + "u,a\nv,b\n" * 20, {"numbers": ["x"]}, "column 'x': no cell is a number"),
    ("both kinds", TWO, {"numbers": ["x"], "categories": ["x"]}, "'x' is in categories and in numbers"),
    ("too large", TWO, {"limit_bytes": 100}, "more than the 100 bytes"),
    ("too large as numbers", TWO, {"limit_bytes": 300}, "30 rows of 2 columns are 480 bytes as numbers"),
]


@pytest.mark.parametrize(("content", "options", "said"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_bad_tables(tmp_path: Path, content: bytes | str, options: dict[str, Any], said: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError) as caught:
        load_table(file, **{"target": "y", **options})
    sentence = str(caught.value)
    assert said.format(file=file) in sentence
    assert "\n" not in sentence
    assert "wanted" in sentence or "did you mean" in sentence or "it has" in sentence or "no column is left" in sentence


def test_a_target_that_holds_lists() -> None:
    with pytest.raises(InputError, match="the table, column 'y': holds lists, times or bytes"):
        load_table(pl.DataFrame({"x": [1, 2], "y": [[1], [2]]}), target="y")


def told(data: Dataset) -> str:
    return " | ".join(map(str, data.notices))


def test_copies_are_counted_over_all_columns_of_the_file() -> None:
    random = np.random.RandomState(0)
    frame = pl.DataFrame({"name": [f"n{i}" for i in range(60)], "x": random.randint(0, 2, 60), "y": ["a", "b"] * 30})
    for drop in (["name"], []):
        alike = told(load_table(frame, target="y", drop=drop))
        assert "56 rows equal an earlier row in every column that is used, so the model cannot" in alike
        assert "of the 12 test rows are equal to a training row in them" in alike
        assert "delete the copies" not in alike
    twice = told(load_table(pl.concat([frame, frame]), target="y", drop=["name"]))
    assert "60 rows equal an earlier row in every column, and" in twice
    assert "delete the copies" in twice


def test_copies_in_a_test_file(tmp_path: Path) -> None:
    frame = pl.DataFrame({"name": [f"n{i}" for i in range(60)], "x": np.random.RandomState(0).randn(60)})
    frame = frame.with_columns(y=pl.col("x") * 2)
    frame.write_csv(tmp_path / "t.csv")
    (tmp_path / "u.csv").write_text("Test part\n\n" + frame.tail(9).write_csv())
    data = load_table(tmp_path / "t.csv", target="y", test_file=tmp_path / "u.csv")
    assert "9 rows equal an earlier row in every column, and 9 of the 9 test rows" in told(data)
    assert f"{tmp_path / 'u.csv'}: 2 lines above the names were skipped" in told(data)


def test_a_column_that_is_there_where_the_answer_is_yes_is_a_leak() -> None:
    random = np.random.RandomState(0)
    y = random.randint(0, 2, 600)
    boats = [f"b{random.randint(0, 30)}" if one != (random.rand() < 0.02) else None for one in y]
    data = load_table(pl.DataFrame({"x": random.randn(600), "boat": boats, "y": y.astype(bool)}), target="y")
    leak = next(notice for notice in data.notices if notice.kind == "leak")
    assert leak.what.startswith("Whether 'boat' has a value predicts 'y' with a balanced accuracy of 9")
    assert "(learned on half of the training rows, measured on the others)" in leak.what
    for name in SHIPPED:
        assert not any(
            notice.kind in ("leak", "group") for notice in load_table(shipped(name), target="target").notices
        )


def test_rows_of_the_same_someone_are_told() -> None:
    said = told(load_table(visits(), target="y"))
    assert "'patient' has 40 different values in 300 rows" in said
    assert "keep equal rows together: group='patient'" in said
    assert "keep equal rows" not in told(load_table(visits(), target="y", group="patient"))
    random = np.random.RandomState(0)
    ids = random.randint(0, 60, 300)
    numbers = {
        "subject": ids,
        "age": ids,
        "customerId": ids,
        "paid": ids,
        "x": random.randn(300),
        "y": random.randn(300),
    }
    about = [
        notice.column for notice in load_table(pl.DataFrame(numbers), target="y").notices if notice.kind == "group"
    ]
    assert about == ["subject", "customerId"]


def test_time_may_be_a_feature_too() -> None:
    lost = load_table(visits(), target="y", time="day")
    assert "is not an input, so the model cannot learn season or trend (keep=['day'] makes it an input)" in told(lost)
    kept = load_table(visits(), target="y", time="day", keep=["day"])
    assert kept.preparation is not None
    assert kept.preparation.columns == ("patient", "day", "x", "colour")
    assert "the test set) and is also an input, because of keep=['day']" in told(kept)
    again, _ = hold_out(kept, 0.2)
    assert again.preparation is not None
    assert again.preparation.columns == kept.preparation.columns


@pytest.mark.parametrize("classes", [False, True])
def test_a_target_that_drifts_is_told(classes: bool) -> None:
    random, t = np.random.RandomState(0), np.arange(500)
    for slope, drifts in ((0.01, True), (0.0, False)):
        y = slope * t + random.randn(500)
        target = np.where(y > 2, "high", "low") if classes else y
        frame = pl.DataFrame({"t": t, "x": random.randn(500), "y": target})
        assert ("'y' changes over time: " in told(load_table(frame, target="y", time="t"))) == drifts
        assert "changes over time" not in told(load_table(frame, target="y"))


def test_lines_above_the_names_are_skipped_as_asked(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Report\n\n" + TWO)
    data = load_data(tmp_path / "t.csv", target="y", skip=2)
    assert data.source is not None
    assert data.source.options == {"target": "y", "skip": 2}
    same(data, load_table(pl.DataFrame({"x": [i + 0.5 for i in range(30)], "y": ["a", "b"] * 15}), target="y"))


def test_a_target_that_is_not_said_or_not_there_is_hinted_at(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",".join(f"c{i}" for i in range(12)) + ",House Price\n" + ",".join("1" * 13) + "\n")
    listed = "it has 'c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', …, 'House Price'"
    with pytest.raises(InputError) as caught:
        load_data(tmp_path / "t.csv")
    assert str(caught.value).endswith(
        f"is a table; wanted target=NAME too: {listed}; did you mean the last one, target='House Price'?"
    )
    with pytest.raises(InputError) as caught:
        load_data(tmp_path / "t.csv", target="house_price")
    assert str(caught.value).endswith(f"has no such column; did you mean 'House Price'? {listed}")

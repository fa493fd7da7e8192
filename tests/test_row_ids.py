"""A column of ids: no feature, kept with the data, carried through predictions exactly as it is written."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from command import Say

import layerlab
from layerlab import InputError, Network, Run, predict_table, train
from layerlab.datasets import Dataset, load_table
from layerlab.datasets.loading.streams import open_stream
from layerlab.evaluating.explanations.explanation import explain_answer

ODD = ["00017", "12345678901234567890123", " 7 ", "NA", "1,5", "2021-01-01", 'a "b"', "", "007.10", "1e5", "Ärzte", "-"]
"""Ids of every kind that a reader might take for something else."""


def rows(count: int = 60) -> list[dict[str, Any]]:
    random = np.random.RandomState(0)
    names = [*ODD, *(f"{number:05d}" for number in range(500, 500 + count - len(ODD)))]
    return [
        {"code": name, "a": f"{a:.3f}", "b": f"{b:.3f}", "y": "yes" if a + b > 0 else "no"}
        for name, (a, b) in zip(names, random.standard_normal((count, 2)), strict=True)
    ]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["code", "a", "b", "y"])
        writer.writeheader()
        writer.writerows(rows())
    return path


def trained(data: Dataset) -> Run:
    return train(Network((data.n_x, 3, data.n_y)), data, learning_rate=0.1, iterations=20, advice=False)


def test_ids_are_no_feature_and_stay_with_their_rows(table: Path) -> None:
    data = load_table(table, target="y", id="code")
    assert data.feature_names == ("a", "b")
    assert data.id_column == "code"
    assert data.ids is not None
    assert data.called is not None
    written = [row["code"] for row in rows()]
    for ids, numbers in zip(data.ids, data.called, strict=True):
        assert ids.tolist() == [written[number - 1] for number in numbers]
    assert [notice.what for notice in data.notices if notice.kind == "id"] == [
        "'code' names the rows and is not an input"
    ]
    again = data.resplit(3)
    assert again.ids is not None
    assert sorted(np.concatenate(again.ids)) == sorted(written)
    plain = load_table(table, target="y", drop=["code"])
    assert np.array_equal(plain.train.X, data.train.X)


def test_predictions_carry_ids_as_they_are_written(say: Say, table: Path, tmp_path: Path) -> None:
    said = say("train", "people.csv", "--target", "y", "--id", "code", "--epochs", 2, "--out", "run")
    assert said.status == 0, said.err
    assert layerlab.load(tmp_path / "run").id_column == "code"
    said = say("predict", "run", "people.csv", "--out", "answers.csv", "--json", "facts.json")
    assert said.status == 0, said.err
    with Path("answers.csv").open(encoding="utf-8", newline="") as file:
        answers = list(csv.DictReader(file))
    assert list(answers[0]) == ["row", "code", "class", "probability of no", "probability of yes"]
    written = [row["code"] for row in rows()]
    assert [row["code"] for row in answers] == written
    facts = json.loads(Path("facts.json").read_text(encoding="utf-8"))
    assert [row["code"] for row in facts["predictions"]] == written
    assert "00017" in say("predict", "run", "people.csv").words


def test_a_table_without_the_ids_is_numbered_and_that_is_said(say: Say, table: Path) -> None:
    assert say("train", "people.csv", "--target", "y", "--id", "code", "--epochs", 2, "--out", "run").status == 0
    pl.read_csv(table).drop("code").write_csv("plain.csv")
    said = say("predict", "run", "plain.csv")
    assert said.status == 0
    assert "plain.csv: has no column 'code', which names the rows that the run was trained on" in said.words
    said = say("predict", "run", "plain.csv", "people.csv", "--out", "-")
    answers = list(csv.DictReader(said.out.splitlines()))
    assert [row["code"] for row in answers[:60]] == [""] * 60
    assert answers[60]["code"] == "00017"
    said = say("predict", "run", "plain.csv", "--id", "kode")
    assert said.status == 2
    assert "--id 'kode': plain.csv has no such column" in said.err


def test_ids_may_be_named_for_a_run_that_was_trained_without(say: Say, table: Path) -> None:
    assert say("train", "people.csv", "--target", "y", "--leave-out", "code", "--epochs", 2, "--out", "run").status == 0
    assert "code" not in next(csv.reader(say("predict", "run", "people.csv", "--out", "-").out.splitlines()))
    answers = list(csv.DictReader(say("predict", "run", "people.csv", "--id", "code", "--out", "-").out.splitlines()))
    assert answers[0]["code"] == "00017"


def test_explanations_and_reports_name_rows_by_their_ids(say: Say, table: Path) -> None:
    assert say("train", "people.csv", "--target", "y", "--id", "code", "--epochs", 2, "--out", "run").status == 0
    for row in ("00017", "1"):  # the id, and the row's number
        assert "code 00017 (in the t" in say("explain", "run", row).words
    pl.read_csv(table, infer_schema=False).drop("y").write_csv("new.csv")
    assert "code 00017: the prediction is" in say("explain", "run", "00017", "--data", "new.csv").words
    assert say("report", "run", "--out", "report.html").status == 0
    assert "test examples (by their code) are classified wrong" in Path("report.html").read_text(encoding="utf-8")
    lines = list(csv.DictReader(Path("run", "split.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["code"] for row in lines} == {row["code"] for row in rows()}
    assert all(rows()[int(line["example"]) - 1]["code"] == line["code"] for line in lines)


def test_explain_says_what_is_unlike_in_a_new_table(say: Say, table: Path) -> None:
    assert say("train", "people.csv", "--target", "y", "--id", "code", "--epochs", 2, "--out", "run").status == 0
    Path("new.csv").write_text("a,b\n99,0.5\n", encoding="utf-8")
    said = say("explain", "run", "1", "--data", "new.csv")
    assert said.status == 0, said.err
    assert "new.csv: has no column 'code'" in said.words
    assert "column 'a': 1 of 1 value (100 %) is outside of the training range" in said.words
    assert "Row 1: the prediction is" in said.words


def test_several_rows_may_share_an_id(tmp_path: Path) -> None:
    frame = pl.DataFrame(rows()).with_columns(code=pl.lit("K9"))
    data = load_table(frame, target="y", id="code")
    assert "59 of 60 rows repeat the id of an earlier row" in str(data.notices)
    facts = explain_answer(trained(data), data, "K9")
    assert (facts["named"], facts["part"]) == ("code K9", "the test set")


def test_a_second_file_has_ids_of_its_own(table: Path, tmp_path: Path) -> None:
    pl.DataFrame(rows(30)).write_csv(tmp_path / "later.csv")
    data = load_table(table, target="y", id="code", test_file=tmp_path / "later.csv")
    assert data.ids is not None
    assert data.ids[1].tolist() == [row["code"] for row in rows(30)]
    pl.DataFrame(rows(30)).drop("code").write_csv(tmp_path / "nameless.csv")
    with pytest.raises(InputError, match=r"id='code': .*nameless\.csv has no such column"):
        load_table(table, target="y", id="code", test_file=tmp_path / "nameless.csv")


def test_ids_may_also_say_how_rows_are_split(tmp_path: Path) -> None:
    frame = pl.DataFrame(rows()).with_columns(code=pl.Series([f"{i // 3:04d}" for i in range(60)]))
    data = load_table(frame, target="y", id="code", group="code")
    assert data.ids is not None
    assert not set(data.ids[0]) & set(data.ids[1])
    assert data.feature_names == ("a", "b")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"id": "y"}, "id='y': is the target"),
        ({"id": "kode"}, "id='kode': the table has no such column"),
        ({"id": "code", "keep": ["code"]}, "keep='code': is the id"),
        ({"id": "code", "drop": ["code"]}, "drop='code': is the id"),
    ],
)
def test_a_column_has_one_use(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        load_table(pl.DataFrame(rows()), target="y", **options)


def test_arrays_and_streams(tmp_path: Path) -> None:
    pl.DataFrame(rows()).write_parquet(tmp_path / "people.parquet")
    stream = open_stream(tmp_path / "people.parquet", target="y", id="code")
    assert stream.id_column == "code"
    assert "code" not in "".join(stream.feature_names)
    with pytest.raises(InputError, match="keep='code': is the id"):
        open_stream(tmp_path / "people.parquet", target="y", id="code", keep=["code"])
    digits = layerlab.datasets.load_digits()
    run = train(Network((64, 10)), digits, learning_rate=0.1, iterations=1, advice=False)
    with pytest.raises(InputError, match=r"was not trained on a table: use run\.predict"):
        predict_table(run, pl.DataFrame(rows()))


# --- class names in Python


def test_predict_gives_class_names_on_request() -> None:
    frame = pd.DataFrame(rows())
    run = trained(load_table(frame, target="y", id="code"))
    numbers, names = run.predict(frame), run.predict(frame, names=True)
    assert numbers.shape == (1, 60)
    assert names.tolist() == [("no", "yes")[number] for number in numbers[0]]
    frame["answer"] = names
    digits = layerlab.datasets.load_digits()
    run = train(Network((64, 10)), digits, learning_rate=0.1, iterations=1, advice=False)
    assert run.predict(digits.test.X, names=True).tolist() == [str(k) for k in run.predict(digits.test.X)[0]]
    values = load_table(pd.DataFrame(rows()), target="a", drop=["code"])
    with pytest.raises(InputError, match="names=True: the network predicts values"):
        trained(values).predict(values.test.X, names=True)


def test_predict_table_answers_in_the_kind_of_frame_that_came(table: Path) -> None:
    run = trained(load_table(table, target="y", id="code"))
    frame = pd.DataFrame(rows()).set_index(np.arange(100, 160))
    answers = predict_table(run, frame)
    assert list(answers.columns) == ["row", "code", "class", "probability of no", "probability of yes"]
    assert answers.index.equals(frame.index)
    assert answers["code"].tolist() == frame["code"].tolist()
    assert answers["class"].tolist() == run.predict(frame, names=True).tolist()
    assert np.array_equal(answers["probability of yes"], run.predict_proba(frame)[0])
    for source in (pl.DataFrame(rows()), table, str(table)):
        assert predict_table(run, source)["code"].to_list() == frame["code"].tolist()
    assert predict_table(run, pl.DataFrame(rows()), id="b")["b"].to_list() == frame["b"].tolist()


def test_ids_whose_name_is_taken_stand_under_id() -> None:
    frame = pl.DataFrame(rows()).rename({"code": "class"})
    answers = predict_table(trained(load_table(frame, target="y", id="class")), frame)
    assert answers.columns[:3] == ["row", "id", "class"]
    assert answers["id"].to_list() == frame["class"].to_list()

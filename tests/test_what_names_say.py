"""One name in two Unicode forms, codes made of digits, repeated headers, and advice about columns and copies."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from command import Say
from PIL import Image

from layerlab.datasets import load_data, load_table
from layerlab.datasets.dataset import Dataset
from layerlab.datasets.loading.streams import open_stream
from layerlab.datasets.tabular.reading import read_frame

M = 80
RANDOM = np.random.RandomState(0)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def said(data: Dataset) -> str:
    return " | ".join(map(str, data.notices))


def kind(data: Dataset, name: str) -> str:
    assert data.raw is not None
    return data.raw.table[name].kind


def drinks(change: Any = str) -> pl.DataFrame:
    words = [change(word) if i % 4 > 1 else word for i, word in enumerate(["café", "thé"] * (M // 2))]
    return pl.DataFrame({"a": np.arange(M) % 9, "b": np.arange(M) % 5, "boisson préférée": words})


def test_a_label_in_two_unicode_forms_is_one_class_and_it_is_said(tmp_path: Path) -> None:
    target = "boisson préférée"
    once = load_table(drinks(), target=target)
    assert "Unicode" not in said(once)
    frame = drinks(nfd).rename({target: nfd(target)})
    for write in (frame.write_csv, frame.write_parquet, frame.write_ndjson):
        path = tmp_path / f"t.{write.__name__.replace('write_', '').replace('ndjson', 'jsonl')}"
        write(path)
        for asked in (target, nfd(target)):
            data = load_data(path, target=asked)
            assert data.class_names == once.class_names == ("café", "thé")
            np.testing.assert_array_equal(data.train.Y, once.train.Y)
            assert "40 cells are written in an unusual Unicode form (accents, spaces)" in said(data)
    streamed = open_stream(tmp_path / "t.parquet", target=target, test=0.3)
    assert streamed.class_names == ("café", "thé")
    assert streamed.preparation is not None
    assert streamed.preparation.features(frame).shape[1] == M


def test_categories_groups_and_new_data_in_another_form() -> None:
    frame = drinks().rename({"boisson préférée": "x"}).with_columns(y=np.where(np.arange(M) % 2, "no", "yes"))
    frame = frame.with_columns(x=pl.col("x") + pl.Series([" au lait", "\u00a0au lait "] * (M // 2)))
    data = load_table(frame, target="y")
    assert data.preparation is not None
    assert data.preparation.feature_names == ("a", "b", "x=thé au lait")
    new = frame.with_columns(x=pl.Series(list(map(nfd, frame["x"].to_list()))))
    np.testing.assert_array_equal(data.preparation.features(new), data.preparation.features(frame))
    np.testing.assert_array_equal(
        data.preparation.features(new.rename({"a": "a\u00a0", "b": " b"})), data.preparation.features(frame)
    )
    grouped = drinks(nfd).rename({"boisson préférée": "é"}).with_columns(y=pl.Series(RANDOM.rand(M)))
    split = load_table(grouped, target="y", group=nfd("é"))
    assert split.raw is not None
    sets = [{split.raw.table["é"].values[row] for row in rows} for rows in (split.raw.train, split.raw.test)]
    assert sorted(map(len, sets)) == [1, 1]


def test_the_command_line_takes_names_in_either_form(say: Say, tmp_path: Path) -> None:
    drinks(nfd).write_csv(tmp_path / "t.csv")
    told = say("data", "describe", str(tmp_path / "t.csv"), "--target", nfd("boisson préférée"), "--leave-out", "a")
    assert told.status == 0
    assert "boisson préférée" in told.words


def test_class_folders_in_two_forms_are_one_class(tmp_path: Path) -> None:
    for part, form in (("train", "NFC"), ("test", "NFD")):
        for name in ("café", "thé"):
            folder = tmp_path / part / unicodedata.normalize(form, name)  # type: ignore[arg-type]
            folder.mkdir(parents=True)
            for i in range(3):
                Image.new("L", (4, 4), 40 * i + len(name)).save(folder / f"{i}.png")
    assert load_data(tmp_path).class_names == ("café", "thé")


@pytest.mark.parametrize(
    ("words", "category"),
    [
        (["001.1", "1.1", "002.3", "2.3"], True),
        (["007", "012", "120", "345"], True),
        (["01", "1", "2", "02"], True),
        (["4111111111111111", "4111111111111112"], True),
        (["+4915112345678", "+4915112345679"], True),
        (["01", "02", "03", "12"], False),
        (["0", "0.5", "0.25", "10"], False),
        (["-0.5", "100000000000000", "1e17", "3"], False),
    ],
)
def test_digits_that_name_something_are_categories_or_are_said(words: list[str], category: bool) -> None:
    frame = pl.DataFrame({"code": words * (M // len(words)), "y": RANDOM.rand(M)})
    data = load_table(frame, target="y")
    assert kind(data, "code") == ("category" if category else "number")
    assert any(notice.column == "code" and notice.kind == "codes" for notice in data.notices) == (
        category or words[0] == "01"
    )
    assert kind(load_table(frame, target="y", numbers=["code"]), "code") == "number"


def test_typed_numbers_that_float64_cannot_tell_apart_are_codes(tmp_path: Path) -> None:
    frame = pl.DataFrame({"code": [2**60 + i % 2 for i in range(M)], "y": RANDOM.rand(M)})
    frame.write_parquet(tmp_path / "t.parquet")
    data = load_data(tmp_path / "t.parquet", target="y")
    assert kind(data, "code") == "category"
    assert data.preparation is not None
    assert data.preparation.feature_names == (f"code={2**60 + 1}",)


def flowers() -> list[str]:
    return [f"{'AB'[i % 2]},{i / 8},{i % 7}" for i in range(M)]


def test_repeated_headers_are_left_out_and_said(tmp_path: Path) -> None:
    header, rows = "kind,length,width", flowers()
    (tmp_path / "t.csv").write_text(
        "\n".join([header, *rows[:20], header, *rows[20:40], " kind , length,width ", *rows[40:]])
    )
    (tmp_path / "once.csv").write_text("\n".join([header, *rows]))
    data, once = (load_data(tmp_path / name, target="kind") for name in ("t.csv", "once.csv"))
    assert data.class_names == ("A", "B")
    np.testing.assert_array_equal(data.train.X, once.train.X)
    assert "2 lines repeat the column names, as in joined files (after rows 20, 40); they are left out" in said(data)
    joined = read_frame(tmp_path / "once.csv").frame
    again = pl.concat([joined, pl.DataFrame([joined.columns], schema=joined.columns, orient="row"), joined])
    assert load_table(again, target="kind").class_names == ("A", "B")
    assert load_table(
        pl.DataFrame({"kind": ["kind", "A"] * 20, "x": [i % 7 for i in range(40)]}), target="kind"
    ).class_names == (
        "A",
        "kind",
    )


@pytest.mark.parametrize("end", ["", "\r"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_separator_more_at_the_end_of_rows_or_names_is_read(tmp_path: Path, end: str, separator: str) -> None:
    names, rows = "kind,length,width".replace(",", separator), [row.replace(",", separator) for row in flowers()]
    expected = [row.split(separator) for row in rows]
    for header, tails in ((names, [separator] * M), (names + separator, [""] * M), (names, [separator, ""] * (M // 2))):
        lines = [header, *(row + tail for row, tail in zip(rows, tails, strict=True))]
        (tmp_path / "t.csv").write_bytes(f"{end}\n".join(lines).encode())
        read = read_frame(tmp_path / "t.csv")
        assert read.frame.columns == ["kind", "length", "width"]
        assert [list(row) for row in read.frame.rows()] == expected
        assert any("a separator" in notice.what for notice in read.notices)
    (tmp_path / "t.csv").write_text(
        "\n".join([names, *(row + separator for row in rows[:-1]), rows[-1] + separator + "x"])
    )
    with pytest.raises(ValueError, match="has 4 fields; wanted 3 as in the header"):
        read_frame(tmp_path / "t.csv")


def yearly(name: str) -> pl.DataFrame:
    return pl.DataFrame({name: np.arange(1950, 1950 + M), "x": RANDOM.rand(M), "y": RANDOM.rand(M)})


def test_a_year_is_no_identifier_and_an_identifier_is_kept_on_request(say: Say, tmp_path: Path) -> None:
    for name in ("year", "birth_year", "Jahr", "releaseYear", "month"):
        assert kind(load_table(yearly(name), target="y"), name) == "number"
    rooms = pl.DataFrame({"n": [*range(M - 1), 3], "y": RANDOM.rand(M)})
    assert kind(load_table(rooms, target="y"), "n") == "number"
    left = load_table(yearly("x1"), target="y")
    assert "'x1' numbers the rows; it is left out (keep=['x1'] keeps it)" in said(left)
    assert left.raw is not None
    assert "x1" not in left.raw.table.names
    yearly("x1").write_csv(tmp_path / "t.csv")
    told = say("data", "describe", str(tmp_path / "t.csv"), "--target", "y", "--keep", "x1").words
    assert "'x1' numbers the rows; it is used all the same, because of --keep 'x1'" in told


def test_a_trend_in_time_is_no_leak() -> None:
    days = pl.Series(np.datetime64("2020-01-01") + np.arange(400))
    frame = pl.DataFrame({"day": days, "copy": np.arange(400) * 2.5, "y": np.arange(400) + RANDOM.rand(400)})
    notices = {notice.column: notice for notice in load_table(frame, target="y").notices}
    assert notices["day"].kind == "trend"
    assert notices["day"].what.endswith("If new rows will be later ones, test on the last rows: time='day'")
    by_time = load_table(frame, target="y", time="day", keep=["day"])
    assert "trend" not in {notice.kind for notice in by_time.notices}  # it would ask for the split that there is
    assert notices["copy"].kind == "leak"
    assert "If 'copy' is known before the target is, a model may need nothing else" in notices["copy"].what
    assert notices["copy"].what.endswith("leave it out with drop=['copy']")


@pytest.mark.parametrize("decimal", [".", ","])
def test_equal_values_of_a_target_that_a_category_predicts_are_not_called_copies(decimal: str) -> None:
    random = np.random.RandomState(7)
    agents = random.randint(0, 11, 300)
    values = 2.0 * agents + random.normal(0, 0.2, 300)
    words = [f"{value:.2f}".replace(".", decimal) for value in values]
    frame = pl.DataFrame({"agent": [f"A{one}" for one in agents], "y": words})
    told = " ".join(notice.what for notice in load_table(frame, target="y").notices)
    assert "rows equal an earlier row in every column, which is normal" in told
    finer = frame.with_columns(y=pl.Series(values))
    copied = load_table(pl.concat([finer, finer[:30]]), target="y")
    assert "delete the copies from the file" in " ".join(notice.what for notice in copied.notices)


def test_equal_answers_to_a_few_questions_are_not_called_copies() -> None:
    random = np.random.RandomState(3)
    mood = random.randn(500, 1)
    answers = np.clip(np.round(3 + 0.8 * mood + 0.6 * random.randn(500, 5)), 1, 5)
    survey = pl.DataFrame({f"q{i}": answers[:, i] for i in range(5)}).with_columns(y=pl.Series(mood[:, 0] > 0))
    told = said(load_table(survey, target="y"))
    assert "which is normal where the columns have few different values" in told
    assert "Delete one of two equal rows only if both are about the same person or thing" in told
    assert "better than they are" not in told
    measured = pl.DataFrame({f"x{i}": random.randn(200) for i in range(5)} | {"y": random.randint(0, 2, 200)})
    copied = said(load_table(pl.concat([measured, measured.head(20)]), target="y"))
    assert "20 rows equal an earlier row in every column" in copied
    assert "delete the copies from the file" in copied

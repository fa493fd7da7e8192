"""Numbers and dates as files of several languages write them: decided once for a file, said where it is not sure."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from command import Say

import layerlab
from layerlab import InputError, Network
from layerlab.datasets import load_data
from layerlab.datasets.dataset import Dataset
from layerlab.datasets.loading.streams import open_stream
from layerlab.datasets.tabular.new_tables import read_as_trained

M = 60
RANDOM = np.random.RandomState(0)
Y = [f"{value:.2f}" for value in RANDOM.rand(M)]


def table(folder: Path, columns: dict[str, list[str]], separator: str = ",", name: str = "t.csv") -> Path:
    rows = zip(*columns.values(), strict=True)
    path = folder / name
    lines = [separator.join(columns), *(separator.join(f'"{cell}"' for cell in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def values(data: Dataset, name: str) -> list[Any]:
    assert data.raw is not None
    return list(data.raw.table[name].values.tolist())


def kind(data: Dataset, name: str) -> str:
    assert data.raw is not None
    return data.raw.table[name].kind


def said(data: Dataset) -> str:
    return " | ".join(map(str, data.notices))


def german(value: float, digits: int = 2) -> str:
    return f"{value:,.{digits}f}".replace(",", "_").replace(".", ",").replace("_", ".")


LARGE = [round(float(value), 2) for value in 1000 + 90_000 * RANDOM.rand(M)]
WAYS = {
    "German": lambda value: german(value),
    "French": lambda value: f"{value:,.2f}".replace(",", "\u202f").replace(".", ","),
    "Swedish": lambda value: f"{value:,.2f} kr".replace(",", "\u00a0").replace(".", ","),
    "Swiss": lambda value: f"CHF {value:,.2f}".replace(",", "’"),
    "English": lambda value: f"${value:,.2f}",
    "plain": lambda value: f"{value:.2f}",
    "with a unit": lambda value: f"{value:.2f} kg",
    "German with a unit": lambda value: f"{german(value)} m²",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_numbers_of_several_languages_are_the_same_numbers(tmp_path: Path, way: str, separator: str) -> None:
    path = table(tmp_path, {"x": list(map(WAYS[way], LARGE)), "y": ["no", "yes"] * (M // 2)}, separator)
    data = load_data(path, target="y")
    assert values(data, "x") == LARGE
    assert values(load_data(path, target="x"), "x") == LARGE
    for decimal in (".", ","):  # an option decides what is not sure, and nothing else
        assert values(load_data(path, target="y", decimal=decimal), "x") == LARGE


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["5,73,000", "12,34,567", "1,00,00,000"], [573_000, 1_234_567, 10_000_000]),
        (["(1,234.50)", "1,234.50-", "2.5"], [-1234.5, -1234.5, 2.5]),
        (["(1.234,50)", "1.234,50-", "2,5"], [-1234.5, -1234.5, 2.5]),
        (["12,5 %", "7 %", "1.000,25 %"], [12.5, 7, 1000.25]),
        (["€ 1.234,50", "-3,5 €", "EUR 4"], [1234.5, -3.5, 4]),
        (["Rs. 5,73,000.50", "₹ 1", "2"], [573_000.5, 1, 2]),
        (["1’234.5", "1'234'567.25", "8"], [1234.5, 1234567.25, 8]),
    ],
)
def test_signs_around_numbers(words: list[str], expected: list[float]) -> None:
    frame = pl.DataFrame({"x": words * 20, "y": RANDOM.rand(len(words) * 20)})
    assert values(load_data_of(frame), "x")[: len(expected)] == expected


def load_data_of(frame: pl.DataFrame, **options: Any) -> Dataset:
    return layerlab.datasets.load_table(frame, target="y", **options)


def test_a_sure_column_decides_for_the_others(tmp_path: Path) -> None:
    thousands = [f"{1 + i % 9}.{i % 10}34" for i in range(M)]
    comma = load_data(table(tmp_path, {"n": thousands, "y": [y.replace(".", ",") for y in Y]}), target="y")
    assert values(comma, "n")[:2] == [1034, 2134]
    assert "'n': decimals follow a comma in this file, so '1.034' is read as 1034" in said(comma)
    point = load_data(table(tmp_path, {"n": thousands, "y": Y}), target="y")
    assert values(point, "n")[:2] == [1.034, 2.134]
    assert said(point) == ""
    commas = [word.replace(".", ",") for word in thousands]
    assert values(load_data(table(tmp_path, {"n": commas, "y": Y}), target="y"), "n")[:2] == [1034, 2134]
    semicolons = load_data(table(tmp_path, {"n": commas, "y": [y.replace(".", ",") for y in Y]}, ";"), target="y")
    assert values(semicolons, "n")[:2] == [1.034, 2.134]


def test_a_target_that_only_other_columns_decide(tmp_path: Path) -> None:
    prices = [german(round(value), 0) for value in LARGE]
    data = load_data(table(tmp_path, {"area": [german(value / 1000) for value in LARGE], "y": prices}, ";"), target="y")
    assert values(data, "y") == [round(value) for value in LARGE]


def test_where_nothing_decides_it_is_said_with_the_option(tmp_path: Path) -> None:
    unsure = {"n": [f"{1 + i % 9}.{i % 10}34" for i in range(M)], "y": ["a", "b"] * (M // 2)}
    for separator, first, other, option in ((",", 1.034, 1034, ","), (";", 1034, 1.034, ".")):
        path = table(tmp_path, unsure, separator)
        data = load_data(path, target="y")
        assert values(data, "n")[0] == first
        assert (
            f"{path}: no cell shows for certain whether decimals follow a point or a comma; '1.034' in 'n' is read as "
            f"{first}. If it is {other}, use decimal={option!r}"
        ) in said(data)
        asked = load_data(path, target="y", decimal=option)
        assert values(asked, "n")[0] == other
        assert "no cell shows" not in said(asked)
    below = {**unsure, "n": ["999" if i % 2 else "1.034" for i in range(M)]}
    assert values(load_data(table(tmp_path, below), target="y"), "n")[:2] == [1034, 999]
    with pytest.raises(InputError, match=r"decimal=.;.: wanted .\.. or .,."):
        load_data(path, target="y", decimal=";")


def test_columns_in_two_languages_are_read_each_in_its_own_and_it_is_said(tmp_path: Path) -> None:
    columns = {"a": [y.replace(".", ",") for y in Y], "b": Y, "n": ["1.034", "2.134"] * (M // 2), "y": Y}
    data = load_data(table(tmp_path, columns), target="y")
    assert values(data, "a") == values(data, "b") == [float(y) for y in Y]
    assert values(data, "n")[0] == 1.034
    assert "'n': '1.034' is read as 1.034; other columns have decimal points ('b') and decimal commas ('a')" in said(
        data
    )


def test_units_are_left_out_and_several_are_not_mixed() -> None:
    data = load_data_of(pl.DataFrame({"w": [f"{i / 8} kg" for i in range(M)], "y": RANDOM.rand(M)}))
    assert values(data, "w") == [i / 8 for i in range(M)]
    assert "'w': 60 cells are written with the unit 'kg', and were read without it: row 1 '0.0 kg' as 0" in said(data)
    two = load_data_of(
        pl.DataFrame({"w": [f"{i % 9} {'g' if i % 3 else 'kg'}" for i in range(M)], "y": RANDOM.rand(M)})
    )
    assert kind(two, "w") == "category"
    assert "'w': numbers have several units ('g', 'kg'), so it is a category" in said(two)


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    columns = {
        "area": [german(1000 + value / 10) for value in LARGE],
        "rooms": [str(i % 900) for i in range(M)],
        "seen": [f"{i % 28 + 1:02}/{i % 12 + 1:02}/{21 + i % 3}" for i in range(M)],
        "price": [german(value) for value in LARGE],
    }
    return table(tmp_path, columns, ";", "houses.csv")


def test_what_is_not_sure_is_not_said_as_a_fact_as_well(tmp_path: Path) -> None:
    path = tmp_path / "unsure.csv"
    rows = [f"1.{100 + 7 * i % 50};2.{200 + 3 * i % 50};{i % 7}" for i in range(M)]
    path.write_text("\n".join(["a;b;y", *rows]), encoding="utf-8")
    told = said(load_data(path, target="y"))
    assert "'1.100' in 'a' is read as 1100 (and so is 'b'). If it is 1.1, use decimal='.'" in told
    assert "decimals follow a comma" not in told
    assert "'b': decimals follow a comma in this file" in said(load_data(path, target="y", decimal=","))


def test_a_saved_run_reads_new_files_in_its_own_language(say: Say, houses: Path) -> None:
    folder = houses.parent
    assert say("train", str(houses), "--target", "price", "--epochs", "2", "--out", "r").status == 0
    own = {"area": ["1.234", "2.345"], "rooms": ["1.034", "7"], "seen": ["03/04/22", "13/04/22"]}
    plain = {"area": ["1234.0", "2345.0"], "rooms": ["1034", "7"], "seen": ["2022-04-03", "2022-04-13"]}
    others = {**plain, "area": ["1,234.0", "2,345.0"], "seen": own["seen"]}
    answers = []
    for name, columns in (("own", own), ("plain", plain), ("others", others)):
        table(folder, columns, ",", f"{name}.csv")
        assert say("predict", "r", f"{name}.csv", "--out", f"{name}-answers.csv").status == 0
        answers.append((folder / f"{name}-answers.csv").read_text())
    assert answers[0] == answers[1] == answers[2]
    told = say("predict", "r", "others.csv", "--out", "more.csv").words
    assert "has decimal points, as in '1,234.0', and the training data have decimal commas; it is read so" in told
    swapped = table(folder, {**own, "seen": ["03/31/22", "04/01/22"]}, ",", "swapped.csv")
    told = say("predict", "r", str(swapped), "--out", "swapped-answers.csv").words
    assert (
        "'seen' has dates written as month/day/year, such as '03/31/22', and the training data as day/month/"
        "year; they are read so" in told
    )
    both = table(folder, {**own, "area": ["1.234,5", "2,345.6"]}, ",", "both.csv")
    refused = say("predict", "r", str(both), "--out", "none.csv")
    assert refused.status == 2
    assert "the training data have decimal commas, and this file has decimal points too" in refused.words


def test_the_command_line_has_the_options(say: Say, tmp_path: Path) -> None:
    unsure = {
        "n": ["1.034", "2.134"] * (M // 2),
        "d": ["01/02/2024", "03/04/2024"] * (M // 2),
        "y": ["a", "b"] * (M // 2),
    }
    path = table(tmp_path, unsure)
    first = say("data", "describe", str(path), "--target", "y").words
    assert "--decimal ','" in first
    assert "--day-first or --month-first" in first
    told = say("data", "describe", str(path), "--target", "y", "--decimal", ",", "--month-first").words
    assert "'1.034' is read as 1034" in told
    assert "dates such as '01/02/2024' are read as month/day/year (--day-first reads them the other way)" in told
    assert say("data", "describe", str(path), "--target", "y", "--decimal", "x").status == 2


def test_a_stream_is_read_as_a_table(tmp_path: Path) -> None:
    m = 400
    random = np.random.RandomState(1)
    columns = {
        "a": [german(value) for value in 9000 * random.rand(m)],
        "n": [german(value, 0) for value in 1000 + 9000 * random.rand(m)],
        "d": [f"{i % 28 + 1:02}.{i % 12 + 1:02}.21" for i in range(m)],
        "y": [german(value, 0) for value in 1000 + 9000 * random.rand(m)],
    }
    pl.DataFrame(columns).write_parquet(tmp_path / "t.parquet")
    streamed = open_stream(tmp_path / "t.parquet", target="y")
    whole = load_data(tmp_path / "t.parquet", target="y")
    assert streamed.preparation is not None
    assert whole.preparation is not None
    assert (
        streamed.preparation.kinds
        == whole.preparation.kinds
        == {"a": "number", "n": "number", "d": "date", "y": "number"}
    )
    assert streamed.preparation.words == whole.preparation.words == {"a": (",",), "n": (",",), "d": ("%d.%m.%y",)}
    assert streamed.train.Y.min() >= 1000
    unsure = pl.DataFrame({"n": ["1.034", "2.134"] * (m // 2), "y": random.rand(m)})
    unsure.write_parquet(tmp_path / "u.parquet")
    asked = open_stream(tmp_path / "u.parquet", target="y", decimal=",")
    assert asked.preparation is not None
    assert asked.preparation.words == {"n": (",",)}
    assert asked.source is not None
    assert asked.source.options["decimal"] == ","


DAYS = [date(2021, 1, 1) + timedelta(days=9 * i) for i in range(M)]
MONTHS = {
    "German": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}


@pytest.mark.parametrize(
    "how",
    [
        *("%d-%m-%y", "%m-%d-%y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%y-%m-%d", "%Y.%m.%d", "%Y%m%d"),
        *("%d-%b-%Y", "%d-%b-%y", "%d %b %y", "%d %B %Y", "%B %d, %Y", "%b. %d %Y", "%d%b%Y", "%m/%d/%Y 12:00 AM"),
    ],
)
def test_days_as_people_write_them(how: str) -> None:
    data = load_data_of(pl.DataFrame({"d": [day.strftime(how) for day in DAYS], "y": RANDOM.rand(M)}))
    assert kind(data, "d") == "date"
    assert values(data, "d") == [(day - date(1970, 1, 1)).days for day in DAYS]
    if "%y" in how:
        assert "two-digit years are read as 1969 to 2068" in said(data)


@pytest.mark.parametrize("language", MONTHS)
def test_months_in_other_languages(language: str) -> None:
    names = MONTHS[language].split()
    between = {"German": ". {} ", "French": " {} ", "Spanish": " de {} de "}[language]
    words = [f"{day.day}{between.format(names[day.month - 1])}{day.year}" for day in DAYS]
    data = load_data_of(pl.DataFrame({"d": words, "y": RANDOM.rand(M)}))
    assert values(data, "d") == [(day - date(1970, 1, 1)).days for day in DAYS]


def test_two_digits_of_a_year_are_read_as_posix_reads_them() -> None:
    words = ["31-12-69", "31-12-68", "01-01-00"] * 20
    data = load_data_of(pl.DataFrame({"until": words, "y": RANDOM.rand(M)}))
    days = [
        (date(year, month, day) - date(1970, 1, 1)).days
        for year, month, day in ((1969, 12, 31), (2068, 12, 31), (2000, 1, 1))
    ]
    assert values(data, "until")[:3] == days


YEAR = date.today().year


@pytest.mark.parametrize(
    ("name", "years", "first"),
    [
        ("born", range(1930, 1997), 1930),  # of which half would be to come
        ("born", range(YEAR - 97, YEAR), YEAR - 97),
        ("seen", range(1932, 1948), 1932),
        ("end", range(YEAR - 1, YEAR + 40), YEAR - 1),
        ("day", range(1998, YEAR + 30), 1998),  # a century before they would span more
        ("day", range(YEAR + 1, YEAR + 4), YEAR + 1),
    ],
)
def test_years_of_two_digits_are_not_read_as_the_future_where_the_past_may_be_meant(
    name: str, years: range, first: int, tmp_path: Path
) -> None:
    words = [f"{i % 28 + 1:02}.{i % 11 + 1:02}.{years[i % len(years)] % 100:02}" for i in range(5 * M)]
    frame = pl.DataFrame({name: words, "y": RANDOM.rand(5 * M)})
    data = load_data_of(frame)
    assert values(data, name)[0] == (date(first, 1, 1) - date(1970, 1, 1)).days
    assert min(values(data, name)) >= (date(first, 1, 1) - date(1970, 1, 1)).days
    run = layerlab.train(Network([data.n_x, 1]), data, iterations=1, learning_rate=0.1)
    run.save(tmp_path / "run")
    assert data.preparation is not None
    loaded = layerlab.load(tmp_path / "run").preparation
    assert loaded == data.preparation
    table, _ = read_as_trained(frame[:3], {name: "date"}, loaded.words)  # a part of it says less, and is read alike
    assert table[name].values.tolist() == values(data, name)[:3]


def test_the_order_of_days_and_months_is_decided_for_the_file_or_said() -> None:
    unsure = ["01/02/2024", "03/04/2024", "05/06/2023"] * 20
    frame = pl.DataFrame({"d": unsure, "y": RANDOM.rand(M)})
    alone = load_data_of(frame)
    assert kind(alone, "d") == "category"
    assert "Choose with day_first=True or day_first=False" in said(alone)
    february, january = (date(2024, 2, 1) - date(1970, 1, 1)).days, (date(2024, 1, 2) - date(1970, 1, 1)).days
    assert values(load_data_of(frame, day_first=True), "d")[0] == february
    assert values(load_data_of(frame, day_first=False), "d")[0] == january
    sure = load_data_of(frame.with_columns(e=pl.Series(["28/02/24", "01/02/24", "03/02/24"] * 20)))
    assert values(sure, "d")[0] == february
    assert (
        "'d': dates such as '01/02/2024' are read as day/month/year (day_first=False reads them the other way)"
        in said(sure)
    )
    monthly = load_data_of(
        pl.DataFrame({"d": [f"01/{i % 12 + 1:02}/{2015 + i // 12}" for i in range(M)], "y": RANDOM.rand(M)})
    )
    assert values(monthly, "d")[1] - values(monthly, "d")[0] == 31


def test_whole_numbers_that_are_dates_are_told() -> None:
    frame = pl.DataFrame({"d": [int(day.strftime("%Y%m%d")) for day in DAYS], "y": RANDOM.rand(M)})
    data = load_data_of(frame)
    assert kind(data, "d") == "date"
    assert "numbers of eight digits such as 20210101 are read as dates" in said(data)
    assert kind(load_data_of(frame, numbers=["d"]), "d") == "number"
    ids = pl.DataFrame({"d": 20_210_000 + RANDOM.permutation(9999)[:M], "y": RANDOM.rand(M)})
    assert kind(load_data_of(ids), "d") == "number"


MONTHLY = [date(2021 + i // 12, i % 12 + 1, 1) for i in range(M)]


@pytest.mark.parametrize(
    "how",
    ["%Y-%m", "%Y/%m", "%m/%Y", "%m-%Y", "%m.%Y", "%b %Y", "%B %Y", "%b-%Y", "%Y %b", "%Y%m"],
)
def test_months_are_dates(how: str) -> None:
    data = load_data_of(pl.DataFrame({"d": [day.strftime(how) for day in MONTHLY], "y": RANDOM.rand(M)}))
    assert kind(data, "d") == "date"
    assert values(data, "d") == [(day - date(1970, 1, 1)).days for day in MONTHLY]
    assert data.preparation is not None
    assert "week" not in str(data.preparation.encoders)  # the first of a month falls on any day
    assert "are read as their first day" in said(data) or "year and month" in said(data)


@pytest.mark.parametrize("form", ["{0}-Q{1}", "Q{1} {0}", "{0}Q{1}"])
def test_quarters_are_dates(form: str) -> None:
    words = [form.format(2001 + i // 4, i % 4 + 1) for i in range(M)]
    data = load_data_of(pl.DataFrame({"d": words, "y": RANDOM.rand(M)}))
    assert values(data, "d")[:2] == [(date(2001, month, 1) - date(1970, 1, 1)).days for month in (1, 4)]


@pytest.mark.parametrize(
    "words",
    [
        [f"{2000 + i % 12}-{i % 12 + 1:02}" for i in range(M)],  # seasons
        [f"{4700 + i % 6}-{i % 12 + 1:02}" for i in range(M)],  # numbers of parts
        [f"may {i % 7}" for i in range(M)],
    ],
)
def test_what_looks_like_months_and_is_none_stays_a_category(words: list[str]) -> None:
    assert kind(load_data_of(pl.DataFrame({"d": words, "y": RANDOM.rand(M)})), "d") == "category"


def test_months_split_and_predict(say: Say, tmp_path: Path) -> None:
    columns = {"x": [str(i % 5) for i in range(M)], "y": [str(i % 7) for i in range(M)]}
    path = table(tmp_path, {"d": [day.strftime("%b %Y") for day in MONTHLY], **columns})
    told = say("train", str(path), "--target", "y", "--time", "d", "--epochs", "2", "--out", str(tmp_path / "run"))
    assert told.status == 0, told.words
    assert say("predict", str(tmp_path / "run"), str(path), "--out", str(tmp_path / "out.csv")).status == 0


def test_durations_are_told_from_other_categories() -> None:
    data = load_data_of(pl.DataFrame({"dur": [f"{i % 5}:{i % 7 + 10}" for i in range(M)], "y": RANDOM.rand(M)}))
    assert "'dur': durations or times of day, such as '0:10', are read as a category" in said(data)
    assert "durations" not in said(load_data_of(pl.DataFrame({"odds": ["1:9", "2:8"] * 30, "y": RANDOM.rand(M)})))

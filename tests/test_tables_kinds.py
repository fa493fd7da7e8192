"""What columns are taken for, what becomes of their cells, and what is said of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerlab import InputError
from layerlab.datasets.part import Notice
from layerlab.datasets.tabular import cells
from layerlab.datasets.tabular.column_checks import check_columns
from layerlab.datasets.tabular.inferring_kinds import infer_kinds
from layerlab.datasets.tabular.leaks import find_leaks
from layerlab.datasets.tabular.new_tables import read_as_trained
from layerlab.datasets.tabular.table import Column, Table


def one(values: list[Any], **options: Any) -> tuple[Column, tuple[Notice, ...]]:
    table, notices = infer_kinds(pl.DataFrame({"x": values}), **options)
    return table["x"], notices


def words_of(*notices: Notice) -> str:
    return " | ".join(notice.what for notice in notices)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["1", " 2.5 ", "-3e2", "+4", ".5"], "number", [1, 2.5, -300, 4, 0.5]),
        (["1", "", None], "number", [1, np.nan, np.nan]),
        (["", None, "n/a"], "number", [np.nan] * 3),
        (["3.0", "4"], "number", [3, 4]),
        (["0", "1", "10"], "number", [0, 1, 10]),
        (["0.25", "0123.5"], "category", ["0.25", "0123.5"]),
        (["yes", "No", "YES"], "truth", [1, 0, 1]),
        (["t", "F", ""], "truth", [1, 0, np.nan]),
        (["TRUE", "False"], "truth", [1, 0]),
        (["yes", "no", "maybe"], "category", ["yes", "no", "maybe"]),
        (["red", "NULL", " blue "], "category", ["red", None, "blue"]),
        (["1970-01-02", "2024-02-29T12:00", "1969-12-31 06:00:00Z"], "date", [1, 19782.5, -0.75]),
        (["1970-01-02T00:00:00+06:00", ""], "date", [0.75, np.nan]),
        (["31.12.1970", "01.01.1970"], "date", [364, 0]),
        (["13/01/1970", "02/01/1970"], "date", [12, 1]),
        (["01/13/1970", "01/02/1970"], "date", [12, 1]),
        (["Jan 2, 1970", "Feb 1, 1970"], "date", [1, 31]),
        (["01/02/70", "02/03/70"], "category", ["01/02/70", "02/03/70"]),
        ([1, 2, None], "number", [1, 2, np.nan]),
        ([True, None], "truth", [1, np.nan]),
        ([date(1970, 1, 2), None], "date", [1, np.nan]),
        ([datetime(1970, 1, 2, 18), None], "date", [1.75, np.nan]),
        ([None, None], "number", [np.nan, np.nan]),
    ],
)
def test_kinds_and_values(values: list[Any], kind: str, expected: list[Any]) -> None:
    column, _ = one(values)
    assert column.kind == kind
    if kind == "category":
        assert column.values.tolist() == expected
    else:
        assert column.values.dtype == np.float64
        np.testing.assert_array_equal(column.values, expected)


def test_clean_columns_say_nothing() -> None:
    for values in (["1", "2", ""], ["a", "b", None], ["yes", "no", "no"], ["2024-01-01"] * 3, [1.5, None, 2.0]):
        assert one(values)[1] == ()


def test_truth_keeps_its_words() -> None:
    assert one(["No", "yes", "no"])[0].words == ("No", "yes")
    assert one(["Y", "Y"])[0].words == ("n", "Y")
    assert one([True, False])[0].words == ("false", "true")


def test_numbers_in_dress_are_read_and_reported() -> None:
    values = ["1"] * 20
    dressed = {
        1: ("1,234", 1234.0),
        3: ("$5", 5.0),
        4: ("12 %", 12.0),
        6: ("(5)", -5.0),
        8: ("€ 3", 3.0),
        9: ("1 234.5", 1234.5),
    }
    for place, (word, _) in dressed.items():
        values[place] = word
    column, notices = one(values)
    assert column.kind == "number"
    assert {place: column.values[place] for place in dressed} == {place: value for place, (_, value) in dressed.items()}
    assert words_of(*notices) == (
        "'x': 6 cells are not plain numbers and were converted: row 2 '1,234' as 1234, row 4 '$5' as 5, "
        "row 5 '12 %' as 12, … | 'x': has amounts in several currencies ('$', '€'); they are read as numbers "
        "and not converted"
    )
    assert notices[0].kind == "dirty"
    assert notices[0].rows == (2, 4, 5, 7, 9, 10)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("-$1,000.50", -1000.5),
        ("($12)", -12),
        ("−5", -5),
        ("3 €", 3),
        ("12,345,678", 12345678),
        ("1\u202f000", 1000),
        ("1'000'000", 1e6),
        ("50%", 50),
    ],
)
def test_words_that_are_repaired(word: str, value: float) -> None:
    assert cells.repaired_numbers(pl.Series([word])).to_list() == [value]


@pytest.mark.parametrize(
    "word", ["5 kg", "1,23", "1,2,345", "0,123", "1e400", "inf", "--5", "$", "%", "()", "1-2", "<5", "1_000", "٣"]
)
def test_words_that_are_not(word: str) -> None:
    assert cells.repaired_numbers(pl.Series([word])).to_list() == [None]


def test_cells_that_are_no_numbers_are_missing_and_reported() -> None:
    column, notices = one([*map(str, range(18)), "abc", "inf"])
    assert column.kind == "number"
    assert np.isnan(column.values[-2:]).all()
    assert words_of(*notices) == "'x': 2 cells are not numbers and were read as missing: row 19 'abc', row 20 'inf'"


def test_a_mixed_column_is_a_category_and_says_so() -> None:
    column, notices = one(["1", "2", "3", "b"] * 10)
    assert column.kind == "category"
    assert "10 cells are not numbers and 75 % are, so it is a category" in words_of(*notices)
    assert "row 4 'b'" in words_of(*notices)
    column, notices = one(["1", "2", "3", "b"], numbers=["x"])
    assert column.kind == "number"
    assert words_of(*notices) == "'x': 1 cell is not a number and was read as missing: row 4 'b'"


def test_decimal_commas_are_recognised_by_column() -> None:
    column, notices = one(["1,5", "1.234,56", "3", "-0,25 €"])
    assert column.values.tolist() == [1.5, 1234.56, 3, -0.25]
    assert column.words == (",",)
    assert words_of(*notices) == "'x': decimals follow a comma, as in '1,5'; they are read so"
    assert one(["1,234", "5,678"])[0].values.tolist() == [1234, 5678]
    assert one(["1,5", "2.5"])[0].kind == "category"  # a comma here, a point there: nobody knows


def test_codes_with_zeros_in_front_are_categories() -> None:
    column, notices = one(["01067", "80331", "20095"])
    assert column.values.tolist() == ["01067", "80331", "20095"]
    assert "such as '01067', are read as codes" in words_of(*notices)
    assert one(["01067", "80331"], numbers=["x"])[0].values.tolist() == [1067, 80331]


def test_dates_that_can_be_read_two_ways_are_categories_and_said() -> None:
    column, notices = one(["01/02/2024", "03/04/2024"])
    assert column.kind == "category"
    assert "its dates can be read as day/month/year or as month/day/year" in words_of(*notices)
    assert one(["13/02/2024", "03/04/2024"])[0].words == ("%d/%m/%Y",)


def test_words_for_missing_are_said_and_empty_cells_are_not() -> None:
    column, notices = one(["red", "NA", "", "-", None])
    assert column.missing.tolist() == [False, True, True, True, True]
    assert words_of(*notices) == "'x': 2 cells are read as missing: row 2 'NA', row 4 '-'"


def test_infinite_numbers_are_missing_and_reported() -> None:
    column, notices = one([1.0, float("inf"), float("-inf"), float("nan")])
    assert np.isnan(column.values[1:]).all()
    assert words_of(*notices) == "'x': 2 cells are infinite and were read as missing: row 2 'inf', row 3 '-inf'"


@pytest.mark.parametrize("values", [[[1], [2]], [{"a": 1}, None], [b"x", b"y"], [timedelta(1), None]])
def test_what_is_no_cell_is_left_out_and_said(values: list[Any]) -> None:
    table, notices = infer_kinds(pl.DataFrame({"x": values, "y": [1, 2]}))
    assert table.names == ("y",)
    assert notices[0].left_out
    assert "'x' holds " in notices[0].what


def test_asked_kinds_win() -> None:
    assert one([1.0, 2.0, 2.5, None], categories=["x"])[0].values.tolist() == ["1", "2", "2.5", None]
    assert one(["yes", "no"], categories=["x"])[0].kind == "category"
    assert one([date(2024, 1, 2)], categories=["x"])[0].values.tolist() == ["2024-01-02"]
    with pytest.raises(InputError, match="column 'x': no cell is a number; wanted some, or leave it out of numbers="):
        one(["a", "b"], numbers=["x"])
    with pytest.raises(InputError, match="categories: the table has no column 'z'"):
        one(["a"], categories=["z"])
    with pytest.raises(InputError, match="is in categories and in numbers"):
        one(["a"], categories=["x"], numbers=["x"])
    with pytest.raises(InputError, match="categories='x': is one word; wanted a list"):
        one(["a"], categories="x")


def test_names_with_braces_are_said_as_they_are() -> None:
    _, notices = infer_kinds(pl.DataFrame({"{s} {0}": ["1", "2", "b"]}))
    assert notices[0].what.startswith("'{s} {0}': 1 cell is not a number and 67 %")


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1).filter(
        lambda x: any(v is not None for v in x)
    )
)
def test_numbers_come_back_bit_by_bit(values: list[float | None]) -> None:
    column, notices = one([None if value is None else repr(value) for value in values])
    assert {notice.kind for notice in notices} <= {"decimal"}  # 1.125 alone may have a comma for thousands
    assert column.kind == "number"
    np.testing.assert_array_equal(column.values, [np.nan if value is None else value for value in values])


@given(st.lists(st.datetimes(datetime(1600, 1, 1), datetime(2500, 1, 1)), min_size=1))
def test_times_come_back(times: list[datetime]) -> None:
    column, _ = one([time.isoformat() for time in times])
    expected = [(time - datetime(1970, 1, 1)).total_seconds() / 86400 for time in times]
    assert column.kind == "date"
    np.testing.assert_allclose(column.values, expected, rtol=0, atol=1e-9)


@given(st.lists(st.text(max_size=8) | st.none(), min_size=1, max_size=20))
def test_no_words_break_it(words: list[str | None]) -> None:
    column, notices = one(words)
    assert len(column.values) == len(words)
    assert all(notice.rows == () or max(notice.rows) <= len(words) for notice in notices)
    for kind in ("number", "truth", "category", "date"):
        table, _ = read_as_trained(pl.DataFrame({"x": words}, schema={"x": pl.String}), {"x": kind})
        assert table["x"].kind == kind


def test_a_new_file_has_the_kinds_of_the_old_one() -> None:
    frame = pl.DataFrame(
        {
            "more": [1, 2, 3],
            "t": ["TRUE", "0", "nein"],
            "a": ["€ 5", None, "x"],
            "w": [1.0, 2.0, 2.5],
            "c": ["1,234", "1", "2"],
            "d": ["03/04/2024", "2024-04-03", "soon"],
        }
    )
    kinds = {"d": "date", "t": "truth", "a": "number", "w": "category", "c": "number"}
    table, notices = read_as_trained(frame, kinds, {"t": ("no", "Yes"), "c": (",",), "d": ("%d/%m/%Y",)})
    assert table.names == ("d", "t", "a", "w", "c")
    np.testing.assert_array_equal(table["t"].values, [1, 0, np.nan])
    assert table["t"].words == ("no", "Yes")
    np.testing.assert_array_equal(table["a"].values, [5, np.nan, np.nan])
    assert table["w"].values.tolist() == ["1", "2", "2.5"]
    assert table["c"].values.tolist() == [1.234, 1, 2]
    np.testing.assert_array_equal(table["d"].values, [19816, 19816, np.nan])
    assert "'t': 1 cell is not yes or no and was read as missing: row 3 'nein'" in words_of(*notices)
    assert "'a': 1 cell is not a number and was read as missing: row 3 'x'" in words_of(*notices)
    assert "'d': 1 cell is not a date and was read as missing: row 3 'soon'" in words_of(*notices)


def test_a_new_file_whose_days_and_months_are_unsure_is_not_guessed() -> None:
    table, notices = read_as_trained(pl.DataFrame({"d": ["03/04/2024", "2024-01-01"]}), {"d": "date"})
    np.testing.assert_array_equal(table["d"].values, [np.nan, 19723])
    assert words_of(*notices) == "'d': 1 cell is not a date and was read as missing: row 1 '03/04/2024'"
    assert np.isnan(read_as_trained(pl.DataFrame({"d": ["03/04/2024"]}), {"d": "date"})[0]["d"].values).all()


def test_a_new_file_with_other_types_or_without_a_column() -> None:
    table, _ = read_as_trained(pl.DataFrame({"x": [[1], None], "y": [True, False]}), {"x": "category", "y": "number"})
    assert table["x"].values.tolist() == [None, None]
    assert table["y"].values.tolist() == [1, 0]
    with pytest.raises(InputError, match=r"new.csv: has no column 'a', 'b'; wanted the 3 columns that the model"):
        read_as_trained(pl.DataFrame({"x": [1]}), {"x": "number", "a": "number", "b": "number"}, file="new.csv")


def test_a_column_of_another_case_is_hinted_at() -> None:
    with pytest.raises(InputError) as caught:
        read_as_trained(
            pl.DataFrame({"Age": ["1"], "body mass": ["2"], "x": ["3"]}), {"age": "number", "body_mass": "number"}
        )
    assert str(caught.value).endswith(
        "has no column 'age', 'body_mass'; wanted the 2 columns that the model was trained on (it has 'Age' for 'age', "
        "'body mass' for 'body_mass': the names must be the same)"
    )


NUMBERS = {"a": "number", "b": "number"}
COMMAS: dict[str, tuple[str, ...]] = {"a": (",",)}


def test_a_new_file_is_read_as_it_writes_its_decimals() -> None:
    points = pl.DataFrame({"a": ["80.5", "123.456", "7"], "b": ["1.5", "2.25", "3"]})
    table, notices = read_as_trained(points, NUMBERS, COMMAS, "new.csv")
    assert table["a"].values.tolist() == [80.5, 123.456, 7]
    assert words_of(*notices) == (
        "new.csv: has decimal points, as in '80.5', and the training data have decimal commas; it is read so"
    )
    commas = pl.DataFrame({"a": ["80,5", "1,234", "7"], "b": ["1,500", "2,250", "3"]})
    for words in (COMMAS, {}):
        table, notices = read_as_trained(commas, NUMBERS, words, "new.csv")
        assert table["a"].values.tolist() == [80.5, 1.234, 7]
        assert table["b"].values.tolist() == [1.5, 2.25, 3]
        assert "decimals follow a comma" in words_of(*notices)
    unsure = pl.DataFrame({"a": ["1.234", "2.345"], "b": ["1", "2"]})
    assert read_as_trained(unsure, NUMBERS, COMMAS)[0]["a"].values.tolist() == [1234, 2345]
    assert read_as_trained(unsure, NUMBERS, {})[0]["a"].values.tolist() == [1.234, 2.345]


def test_a_new_file_that_writes_its_decimals_in_both_ways_is_refused() -> None:
    both = pl.DataFrame({"a": ["80,5", "80.5", "81.5"]})
    with pytest.raises(InputError) as caught:
        read_as_trained(both, {"a": "number"}, COMMAS, "new.csv")
    assert str(caught.value) == (
        "new.csv, row 2, column 'a': '80.5': the training data have decimal commas, and this file has decimal "
        "points too; wanted one of them in the whole file"
    )
    with pytest.raises(InputError, match="row 1, column 'a': '80,5': the training data have decimal points"):
        read_as_trained(both, {"a": "number"}, {})
    slip = pl.DataFrame({"a": ["80,5"] * 9 + ["80.5"]})
    table, notices = read_as_trained(slip, {"a": "number"}, COMMAS)
    assert np.isnan(table["a"].values[9])
    assert "row 10 '80.5'" in words_of(*notices)


M = 200


def looked(columns: dict[str, Any], keep: tuple[str, ...] = ()) -> tuple[dict[str, Notice], tuple[str, ...]]:
    """Notices by column, and the columns that stay, for a table with a random target "y"."""
    frame = pl.DataFrame({**columns, "y": np.random.RandomState(9).randint(0, 2, M).astype(bool)})
    table, _ = infer_kinds(frame)
    train, test = np.arange(M // 2), np.arange(M // 2, M)
    names = [name for name in table.names if name != "y"]
    notices, stay = check_columns(table, "y", names, train=train, test=test, keep=keep)
    return {notice.column: notice for notice in notices}, stay


RANDOM = np.random.RandomState(0)


@pytest.mark.parametrize(
    ("name", "values", "kind", "said"),
    [
        ("x", ["a"] * M, "constant", "'x' has the value 'a' in every row; it is left out (keep=['x'] keeps it)"),
        ("x", [3] * M, "constant", "'x' has the value '3' in every row"),
        ("x", [True] * M, "constant", "'x' has the value 'true' in every row"),
        ("x", [None] * M, "missing", "'x' is empty in every row"),
        ("x", [f"k{i}" for i in range(M)], "identifier", "'x' has a different word in every row"),
        ("x", list(range(1, M + 1)), "identifier", "'x' numbers the rows"),
        ("x", RANDOM.permutation(M).tolist(), "identifier", "'x' numbers the rows"),
        ("customer_id", (RANDOM.permutation(M) * 7).tolist(), "identifier", "has a different number in every row"),
        ("customerID", (RANDOM.permutation(M) * 7).tolist(), "identifier", "has a different number in every row"),
        (
            "x",
            [f"The {i}th sentence that somebody wrote down" for i in range(M)],
            "text",
            "'x' is free text (200 different",
        ),
    ],
)
def test_columns_that_say_nothing_are_left_out(name: str, values: list[Any], kind: str, said: str) -> None:
    notices, stay = looked({name: values, "other": RANDOM.randn(M)})
    assert stay == ("other",)
    assert notices[name].kind == kind
    assert notices[name].left_out
    assert said in notices[name].what
    notices, stay = looked({name: values}, keep=(name,))
    assert stay == (name,)
    assert notices[name].what.endswith(f"; it is used all the same, because of keep=[{name!r}]")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("humid", (RANDOM.permutation(M) * 7).tolist()),
        ("x", RANDOM.randn(M).tolist()),
        ("x", ["a", None] * (M // 2)),
        ("x", [1.0, None] * (M // 2)),
        ("id", [i // 2 for i in range(M)]),
        ("x", ["a", "b"] * (M // 2)),
    ],
)
def test_columns_that_say_something_stay_in_silence(name: str, values: list[Any]) -> None:
    notices, stay = looked({name: values, "noise": RANDOM.randn(M)})
    assert notices == {}
    assert stay == (name, "noise")


def test_copies_of_rows_are_counted_and_those_in_both_parts() -> None:
    notices, _ = looked({"x": [0.5] * (M - 2) + [1.5, 1.5]})
    assert notices[""].kind == "duplicates"
    values = np.arange(M) + 0.5
    values[150], values[160], values[151] = values[0], values[1], values[152]
    frame = pl.DataFrame({"x": values, "y": ["a"] * M})
    table, _ = infer_kinds(frame)
    found = check_columns(table, "y", ["x"], train=np.arange(100), test=np.arange(100, M)).notices[-1]
    assert found.rows == (151, 153, 161)
    assert found.what.startswith(
        "3 rows equal an earlier row in every column, and 2 of the 100 test rows are also in the training set"
    )


def column(name: str, kind: str, values: Any) -> Column:
    return Column(name, kind, np.array(values, object if kind == "category" else np.float64))


def leaking(target: Column, *columns: Column) -> dict[str, float]:
    table = Table((*columns, target), np.arange(1, len(target.values) + 1))
    return {leak.name: leak.score for leak in find_leaks(table, target.name, [one.name for one in columns])}


def test_columns_that_tell_the_classes_alone() -> None:
    random = np.random.RandomState(1)
    y = random.randint(0, 3, 600)
    found = leaking(
        column("y", "category", [f"c{k}" for k in y]),
        column("copy", "number", y * 2.5),
        column("scale", "number", y + random.uniform(0, 0.9, 600)),
        column("word", "category", [["a", None, "b"][k] for k in y]),
        column("gap", "number", np.where(y == 0, np.nan, y)),
        column("noise", "number", random.randn(600)),
        column("near", "number", y + random.randn(600) / 2),
        column("part", "truth", y == 1),
        column("name", "category", [f"n{i}" for i in range(600)]),
    )
    assert set(found) == {"copy", "scale", "word", "gap"}
    assert all(score > 0.99 for score in found.values())


def test_a_rare_class_is_told_too() -> None:
    y = np.arange(20_000) % 50 == 0
    x = np.where(y, 1.0, 0.0) + np.random.RandomState(0).uniform(0, 0.9, 20_000)
    assert set(leaking(column("y", "truth", y), column("x", "number", x))) == {"x"}
    assert leaking(column("y", "truth", y), column("x", "number", np.zeros(20_000))) == {}


def test_columns_that_tell_the_values_alone() -> None:
    random = np.random.RandomState(2)
    y = np.exp(random.randn(800))
    found = leaking(
        column("y", "number", y),
        column("log", "number", np.log(y)),
        column("gap", "number", np.where(y < 0.5, np.nan, y)),
        column("noisy", "number", y + random.randn(800)),
        column("void", "number", np.full(800, np.nan)),
        column("word", "category", [f"w{int(value)}" for value in y]),
    )
    assert {"log"} <= set(found) <= {"log", "gap"}


def test_a_few_rows_tell_nothing() -> None:
    assert leaking(column("y", "truth", [0, 1] * 10), column("x", "number", [0, 1] * 10)) == {}

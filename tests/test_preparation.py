"""What is done to the columns of a table: by hand, from outside, and over tables that nobody would write."""

from __future__ import annotations

import json
import math
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from layerlab import InputError
from layerlab.datasets.preparing.drift import largest_by_chance, stability_index
from layerlab.datasets.preparing.learning_encoders import category_limit
from layerlab.datasets.preparing.preparation import Preparation, learn_preparation, preparation_from
from layerlab.datasets.tabular.table import Column, Table
from layerlab.formulas.scaling import quantiles, robust_scale, smooth_clip
from layerlab.sklearn import TabularScaler

NAN = np.nan


def numbers(name: str, *values: float) -> Column:
    return Column(name, "number", np.array(values, float))


def words(name: str, *values: str | None) -> Column:
    return Column(name, "category", np.array(values, object))


def truths(name: str, *values: float, words: tuple[str, ...] = ("no", "yes")) -> Column:
    return Column(name, "truth", np.array(values, float), words)


def dates(name: str, *values: float) -> Column:
    return Column(name, "date", np.array(values, float))


def days(*texts: str) -> list[float]:
    return [float(np.datetime64(text, "s").astype(np.int64)) / 86400 for text in texts]


def table(*columns: Column) -> Table:
    return Table(columns, np.arange(1, 1 + len(columns[0].values)))


def prepared(*columns: Column, target: Column | None = None) -> Preparation:
    """Learned of these columns, and of a target that is a value."""
    target = target or numbers("target", *range(len(columns[0].values)))
    return learn_preparation(table(*columns, target), target.name, [column.name for column in columns])


def rows_of(preparation: Preparation, *columns: Column) -> dict[str, list[float]]:
    X = preparation.features(table(*columns))
    assert X.dtype == np.float64
    assert X.flags.c_contiguous
    return dict(zip(preparation.feature_names, X.tolist(), strict=True))


def clipped(z: float) -> float:
    return z / math.sqrt(1 + (z / 3) ** 2)


# Numbers


def test_numbers_by_hand() -> None:
    age = numbers("age", 20, 30, 40, 50, NAN, 1000)
    rows = rows_of(prepared(age), age)  # median 40, quartiles 30 and 50
    assert rows["age"] == pytest.approx([clipped(z) for z in (-1, -0.5, 0, 0.5, 0, 48)])
    assert rows["age missing"] == [0, 0, 0, 0, 1, 0]


def test_numbers_are_scaled_as_the_estimators_scaler_does() -> None:
    values = np.random.RandomState(0).standard_t(2, size=(101, 3)) * [1, 1e-3, 1e6]
    columns = [numbers(f"x{i}", *values[:, i]) for i in range(3)]
    X = prepared(*columns).features(table(*columns))
    assert_array_equal(X, TabularScaler().fit_transform(values).T)


def test_without_missing_ones_in_training_a_missing_number_is_the_median() -> None:
    preparation = prepared(numbers("age", 1, 2, 3))
    assert preparation.feature_names == ("age",)
    assert rows_of(preparation, numbers("age", NAN, 2, 3)) == {"age": [0, 0, pytest.approx(clipped(1))]}


@pytest.mark.parametrize("values", [(7, 7, 7), (NAN, NAN, NAN)])
def test_a_constant_and_an_empty_column_are_0(values: tuple[float, ...]) -> None:
    preparation = prepared(numbers("x", *values))
    assert rows_of(preparation, numbers("x", 7, -1e308, np.inf))["x"] == [0, 0, 0]


def test_infinity_is_the_end() -> None:
    preparation = prepared(numbers("x", 1, 2, 3, np.inf, -np.inf))
    assert rows_of(preparation, numbers("x", np.inf, -np.inf))["x"] == pytest.approx([3, -3])


def test_quantiles_are_numpys_in_any_library() -> None:
    x = np.random.RandomState(0).randn(2, 3, 50)
    for level, found in zip((0, 0.1, 0.33, 0.5, 1), quantiles(x, (0, 0.1, 0.33, 0.5, 1)), strict=True):
        assert_allclose(found[..., 0], np.quantile(x, level, axis=-1), rtol=1e-14)
    for ours, theirs in zip(robust_scale(x), robust_scale(strict.asarray(x)), strict=True):
        assert_array_equal(ours, np.asarray(theirs))
    assert_array_equal(smooth_clip(x), np.asarray(smooth_clip(strict.asarray(x))))


# Truth values


def test_truth_values_by_hand() -> None:
    member = truths("member", 1, 0, NAN)
    assert rows_of(prepared(member), member) == {"member": [1, -1, 0], "member missing": [0, 0, 1]}
    assert prepared(truths("member", 1, 0)).feature_names == ("member",)


# Categories


def test_categories_by_hand() -> None:
    city = words("city", "Ulm", "Bonn", "Ulm", "Bonn", "Trier", "Trier")
    rows = rows_of(prepared(city), words("city", "Trier", "Rom", None, "Ulm", ""))
    assert rows == {"city=Bonn": [0, 0, 0, 0, 0], "city=Trier": [1, 0, 0, 0, 0], "city=Ulm": [0, 0, 0, 1, 0]}


def test_rare_and_unseen_ones_share_a_row_and_missing_ones_have_their_own() -> None:
    city = words("city", "Ulm", "Ulm", "Bonn", "Bonn", "Trier", None, "")
    rows = rows_of(prepared(city), words("city", "Ulm", "Trier", "Rom", None, ""))
    assert rows == {
        "city=Bonn": [0, 0, 0, 0, 0],
        "city=Ulm": [1, 0, 0, 0, 0],
        "city rare or unseen": [0, 1, 1, 0, 0],
        "city missing": [0, 0, 0, 1, 1],
    }


def test_two_values_are_two_sides() -> None:
    preparation = prepared(words("member", "yes", "no", "yes", "no"))
    assert rows_of(preparation, words("member", "yes", "no", "perhaps", None)) == {"member=yes": [1, -1, 0, 0]}


def test_categories_are_in_natural_order() -> None:
    grade = words("grade", *["10", "9", "b", "a", "-1"] * 2)
    assert prepared(grade).feature_names == ("grade=-1", "grade=9", "grade=10", "grade=a", "grade=b")


def test_what_is_rare_depends_on_the_number_of_rows() -> None:
    def names(m: int, few: int) -> tuple[str, ...]:
        return prepared(words("x", *["a"] * (m - few), *["b"] * few)).feature_names

    assert names(10, 1) == ("x=a", "x rare or unseen")
    assert names(10, 2) == ("x=b",)
    assert names(300, 2) == ("x=a", "x rare or unseen")  # one in a hundred
    assert names(300, 3) == ("x=b",)
    assert names(5000, 4) == ("x=a", "x rare or unseen")  # five
    assert names(5000, 5) == ("x=b",)


def streets(most: int | None = None, **others: Any) -> Preparation:
    """Sixty streets, of which fifty have a row more, learned with a limit."""
    street = words("street", *[f"{i} Street" for i in range(60) for _ in range(2 + (i < 50))])
    both = table(street, numbers("target", *range(len(street.values))))
    return learn_preparation(both, "target", ["street"], most, **others)


def test_every_value_with_enough_examples_has_a_row_unless_asked_otherwise() -> None:
    assert len(streets().feature_names) == 60
    assert len(streets(60).feature_names) == 60
    preparation = streets(50)
    assert len(preparation.feature_names) == 51
    assert preparation.feature_names[-1] == "street rare or unseen"
    assert rows_of(preparation, words("street", "55 Street", "5 Street"))["street rare or unseen"] == [1, 0]
    with pytest.raises(InputError, match="max_categories=0: wanted a whole number of at least 1"):
        streets(0)


def test_values_are_limited_by_memory_but_not_below_fifty() -> None:
    m = 170
    assert len(streets(numbers=m * 60).feature_names) == 60
    assert len(streets(numbers=m * 60 - 1).feature_names) == 60  # 59 and the pooled one
    assert len(streets(numbers=m * 55).feature_names) == 56
    assert len(streets(numbers=m).feature_names) == 51
    assert len(streets(60, numbers=m).feature_names) == 60  # what is asked for counts


@given(st.lists(st.integers(0, 3000), max_size=6), st.integers(1, 500), st.integers(0, 400_000))
def test_the_limit_is_the_largest_that_fits(counts: list[int], m: int, room: int) -> None:
    limit = category_limit(counts, m, room)
    used = [sum(min(count, most) for count in counts) * m for most in (limit, limit + 1)]
    assert limit >= 50
    assert used[0] <= room or limit == 50
    assert used[1] > room or limit >= max(counts, default=0)


def test_a_column_of_names_is_one_row() -> None:
    preparation = prepared(words("name", *[f"n{i}" for i in range(30)]))
    assert preparation.feature_names == ("name rare or unseen",)


# Dates


def test_dates_by_hand() -> None:
    day = dates("day", *days("2024-01-01", "2024-01-02", "2024-01-03"), NAN)
    rows = rows_of(prepared(day), day)
    assert rows == {"day": pytest.approx([clipped(-1), 0, clipped(1), 0]), "day missing": [0, 0, 0, 1]}


def test_what_comes_round_is_a_wave() -> None:
    day = dates("day", *days("2020-03-01 06:00", "2024-03-01 06:00", "2022-08-31", "2023-03-01"))
    preparation = prepared(day)
    waves = [f"day {wave} of the {period}" for period in ("year", "week", "day") for wave in ("sine", "cosine")]
    assert preparation.feature_names == ("day", *waves)
    X = preparation.features(table(day))
    assert_allclose(X[1:3, 0], X[1:3, 1], atol=0.02)  # four years later
    assert_allclose(X[1:3, 2], -X[1:3, 1], atol=0.05)  # half a year
    assert_allclose(X[5:, :2], [[1, 1], [0, 0]], atol=1e-9)  # six o'clock is a quarter of the day
    week = prepared(dates("day", *np.arange(20000.0, 20020.0)))
    assert week.feature_names == ("day", "day sine of the week", "day cosine of the week")
    X = week.features(table(dates("day", 20000, 20007, 20001, NAN)))
    assert_allclose(X[1:, 0], X[1:, 1], atol=1e-12)
    assert abs(X[1:, 0] - X[1:, 2]).max() > 0.1
    assert_array_equal(X[:, 3], 0)


# All together


CARS = table(
    numbers("price", 10, 20, NAN, 40, 50, 60),
    words("fuel", "diesel", "petrol", "petrol", "gas", "diesel", "petrol"),
    truths("new", 0, 1, 1, 0, 1, 0),
    dates("sold", *days("2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05", "2026-01-06")),
    words("sells", "slow", "fast", "fast", "slow", "fast", "slow"),
)


def test_groups_are_the_rows_of_each_column_and_the_order_of_a_table_does_not_matter() -> None:
    preparation = learn_preparation(CARS, "sells", ["sold", "fuel", "price"])
    assert preparation.columns == ("sold", "fuel", "price")
    assert preparation.kinds == {"sold": "date", "fuel": "category", "price": "number", "sells": "category"}
    names = preparation.feature_names
    assert [names[group] for group in preparation.groups] == [
        ("sold",), ("fuel=diesel", "fuel=petrol", "fuel rare or unseen"), ("price", "price missing"),
    ]  # fmt: skip
    X = preparation.features(CARS)
    assert_array_equal(X, preparation.features(CARS.only(["price", "new", "fuel", "sold"])))
    assert_array_equal(X[:, [4, 1]], preparation.features(CARS.taken(np.array([4, 1]))))


def test_it_says_what_is_done() -> None:
    said = learn_preparation(CARS, "sells", ["price", "fuel", "new", "sold"]).described()
    assert [(line["column"], line["kind"], line["rows"]) for line in said] == [
        ("price", "number", 2), ("fuel", "category", 3), ("new", "truth", 1), ("sold", "date", 1),
        ("sells", "category", 1),
    ]  # fmt: skip
    assert [line["seen"] for line in said] == [
        "10 to 60, 1 missing",
        "'diesel' 2, 'petrol' 3, a pooled value 1",
        "'no' 3, 'yes' 3",
        "2026-01-01 to 2026-01-06",
        "'fast', 'slow'",
    ]
    assert [line["done"] for line in said] == [
        "(value − median 40) / 30, limited smoothly to ±3; 0 where missing; one input says where it is missing",
        "an input of 0 or 1 for each of 2 values; one for all other values",
        "−1 for 'no', 1 for 'yes'",
        "(days since 2026-01-03) / 2.5, limited smoothly to ±3",
        "target: 0 for 'fast' and 1 for 'slow'",
    ]


def test_a_column_that_is_missing_or_of_another_kind() -> None:
    preparation = learn_preparation(CARS, "sells", ["price", "fuel", "new"])
    with pytest.raises(InputError) as caught:
        preparation.features(table(numbers("Price", 1), words("brand", "x")))
    assert str(caught.value) == (
        "the columns 'price' (is it 'Price'?), 'fuel', 'new' are missing: wanted every column that the model was "
        "trained on; there are 'Price', 'brand'"
    )
    with pytest.raises(
        InputError, match="column 'price': is of the kind category; wanted number, as in the training data"
    ):
        preparation.drift(table(words("price", "1"), words("fuel", "gas"), truths("new", 1)))
    with pytest.raises(InputError, match="no column is left besides the target 'sells'"):
        learn_preparation(CARS, "sells", [])


# The target


def test_two_classes_are_one_row_and_more_are_one_hot() -> None:
    preparation = prepared(numbers("x", 1, 2, 3), target=words("y", "10", "9", "10"))
    assert preparation.class_names == ("9", "10")
    assert preparation.labels(words("y", "9", "10")).tolist() == [[0, 1]]
    preparation = prepared(numbers("x", 1, 2, 3), target=words("y", "a", "b", "c"))
    assert preparation.labels(words("y", "c", "a")).tolist() == [[0, 1], [0, 0], [1, 0]]
    preparation = prepared(numbers("x", 1, 2, 3), target=truths("y", 1, 0, 1))
    assert preparation.class_names == ("no", "yes")
    assert preparation.labels(truths("y", 1, 0)).tolist() == [[1, 0]]
    preparation = prepared(numbers("x", 1, 2, 3))
    assert preparation.class_names == ()
    assert preparation.labels(numbers("target", 4.5, -1)).tolist() == [[4.5, -1]]


@pytest.mark.parametrize(
    ("target", "new", "said"),
    [
        (
            words("y", "a", "b"), words("y", "a", "c", "c"),
            ("row 12, column 'y': the label 'c' (and the same problem in 1 more row): wanted a class of the training "
            "set (a, b); correct or delete such rows"),
        ),
        (words("y", "a", "b"), words("y", None, "a", "a"), "row 11, column 'y': no label: wanted a class of the"),
        (truths("y", 0, 1), truths("y", 0, 1, NAN), "row 13, column 'y': no label: wanted a class of the"),
        (numbers("y", 0, 1), numbers("y", 0, NAN, 1), "row 12, column 'y': no label: wanted a finite number"),
        (numbers("y", 0, 1), numbers("y", 0, 1, np.inf), "row 13, column 'y': the value inf: wanted a finite number"),
        (numbers("y", 0, 1), words("y", "a", "a", "a"), "column 'y': is of the kind category: wanted number, the"),
    ],
)  # fmt: skip
def test_labels_that_are_refused(target: Column, new: Column, said: str) -> None:
    preparation = prepared(numbers("x", 1, 2), target=target)
    with pytest.raises(InputError) as caught:
        preparation.labels(new, np.array([11, 12, 13]))
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (words("y", "a", "a"), "column 'y': has 1 class in the training set: wanted at least two"),
        (truths("y", 1, 1), "column 'y': has 1 class in the training set: wanted at least two"),
        (dates("y", 1, 2), "column 'y': is a date and cannot be the target"),
    ],
)
def test_targets_that_are_refused(target: Column, said: str) -> None:
    with pytest.raises(InputError, match=said):
        prepared(numbers("x", 1, 2), target=target)


# Drift


def drawn(m: int, seed: int, shift: float = 0.0) -> Table:
    random = np.random.RandomState(seed)
    return table(
        numbers("age", *np.round(random.normal(40 + shift, 10, m).clip(18, 80))),
        words("city", *random.choice(["Ulm", "Bonn"], m, p=[0.5 + shift / 50, 0.5 - shift / 50])),
        truths("new", *(random.rand(m) < 0.5 + shift / 50)),
        numbers("y", *random.randn(m)),
    )


def notes(preparation: Preparation, new: Table) -> dict[str, str]:
    return {notice.column: str(notice) for notice in preparation.drift(new)}


def test_nothing_is_said_of_the_training_part_itself_and_of_its_like() -> None:
    train = drawn(500, 0)
    preparation = learn_preparation(train, "y", ["age", "city", "new"])
    assert preparation.drift(train) == ()
    for seed in range(1, 20):
        for m in (1, 5, 30, 300):
            said = " ".join(map(str, preparation.drift(drawn(m, seed))))
            assert "distributed" not in said, said


def test_values_out_of_range_are_said_with_their_rows() -> None:
    preparation = prepared(numbers("age", 20, 30, 40), dates("day", *days("2026-01-01", "2026-01-02", "2026-01-03")))
    [first, second] = preparation.drift(
        Table(
            (numbers("age", 30, 19, -5, NAN), dates("day", *days("2026-01-01", "2027-01-01", "2026-01-02 12:00"), NAN)),
            np.array([7, 8, 9, 10]),
        )
    )
    assert first.what == (
        "column 'age': 2 of 4 values (50 %) are outside of the training range, 20 to 40 (the new values range from -5 "
        "to 30); 1 of 4 values (25 %) is missing, unlike in training, and treated as the median "
        "(first in rows 8, 9, 10)"
    )
    assert (first.kind, first.column, first.rows, first.left_out) == ("drift", "age", (8, 9, 10), False)
    assert "1 of 4 values (25 %) is outside of the training range, 2026-01-01 to 2026-01-03 (the new" in second.what


def test_few_values_of_several_columns_are_said_in_one_sentence() -> None:
    ramp = np.arange(1000.0)
    preparation = prepared(*(numbers(name, *ramp) for name in "abc"))
    a, b, c = ramp.copy(), ramp.copy(), ramp.copy()
    a[[3, 5]], b[4], c[:20] = -1, 2000, np.nan
    [large, small] = preparation.drift(table(*(numbers(name, *x) for name, x in zip("abc", (a, b, c), strict=True))))
    assert large.column == "c"
    assert small.what == (
        "A few values are outside of the training range, new, or missing, in the columns 'a' (2), 'b' (1) "
        "(first in rows 4, 5, 6)"
    )
    assert (small.kind, small.column, small.rows) == ("drift", "", (4, 5, 6))
    [alone] = preparation.drift(table(*(numbers(name, *x) for name, x in zip("abc", (a, ramp, ramp), strict=True))))
    assert alone.what.startswith("column 'a': 2 of 1,000 values (0.2 %) are outside")


def test_all_of_one_value_and_days_in_words() -> None:
    preparation = prepared(numbers("x", 1, 2), dates("day", *days("2026-01-01", "2026-01-02", "2026-01-05")))
    said = notes(preparation, table(numbers("x", 9), dates("day", *days("2027-10-02 12:00"))))
    assert said["x"].startswith("column 'x': 1 of 1 value (100 %) is outside")
    assert "(the new value is 2027-10-02)" in said["day"]
    timed = prepared(dates("day", *days("2026-01-01 08:30", "2026-01-02")))
    assert "2026-01-01 08:30 to 2026-01-02 00:00" in notes(timed, table(dates("day", *days("2027-01-01"))))["day"]


def test_categories_that_training_had_not() -> None:
    preparation = prepared(words("city", "Ulm", "Ulm", "Bonn", "Bonn", "Trier"))
    assert notes(preparation, table(words("city", "Trier", "Rom", "Rom", "Wien"))) == {
        "city": "column 'city': 3 of 4 values (75 %) are not in the training set and treated like rare values: "
        "'Rom' (2), 'Wien' (1) (first in rows 2, 3, 4)."
    }
    preparation = prepared(words("city", "Ulm", "Ulm", "Bonn", "Bonn"))
    said = notes(preparation, table(words("city", "Ulm", "Rom", None)))["city"]
    assert "treated as none of the known values: 'Rom' (1); 1 of 3 values (33 %) is missing, unlike in" in said


def test_names_too_many_to_remember_are_not_called_new() -> None:
    preparation = prepared(words("name", *[f"n{i}" for i in range(1500)]))
    assert preparation.drift(table(words("name", "n1499", "new"))) == ()
    assert len(json.dumps(preparation.record())) < 20_000


def test_other_shares_are_said_beyond_what_chance_makes() -> None:
    preparation = learn_preparation(drawn(500, 0), "y", ["age", "city", "new"])
    said = notes(preparation, drawn(400, 1, shift=15.0))
    assert set(said) == {"age", "city", "new"}
    assert all(
        "distributed differently than in training (population stability index" in words for words in said.values()
    )


def test_the_stability_index_by_hand_and_its_limit_by_chance() -> None:
    p, q = np.array([5000.5, 5000.5]) / 10001, np.array([1000.5, 9000.5]) / 10001
    assert stability_index([5000, 5000], [1000, 9000]) == pytest.approx(((q - p) * np.log(q / p)).sum())
    random = np.random.RandomState(0)
    old = random.multinomial(5000, [0.1] * 10)
    indices = [stability_index(old.tolist(), random.multinomial(100, [0.1] * 10).tolist()) for _ in range(2000)]
    assert np.mean(np.array(indices) > largest_by_chance(old.tolist(), [10] * 10)) < 0.005


def test_columns_beside_the_known_ones_are_ignored_in_words() -> None:
    preparation = learn_preparation(CARS, "sells", ["price"])
    more = (*CARS.columns, numbers("row", *range(6)))
    [notice] = preparation.drift(Table(more, CARS.rows))
    assert str(notice) == "the columns 'fuel', 'new', 'sold', 'row' are ignored: the model was trained without them."
    assert notice.kind == "ignored"
    assert preparation.drift(CARS.only(["sells", "price"])) == ()


# Whatever comes

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)
anything = st.floats(allow_nan=True, allow_infinity=True)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": st.one_of(anything, st.sampled_from([0.0, 1.0, NAN, 1e300, -1e308, 5e-324])),
    "truth": st.sampled_from([0.0, 1.0, NAN]),
    "category": st.one_of(st.none(), st.sampled_from(["", "a", "b", "10", "9"]), names),
    "date": st.one_of(st.floats(-30000, 60000), anything, st.integers(19000, 21000).map(float)),
}


@st.composite
def two_tables(draw: st.DrawFn) -> tuple[Table, Table]:
    """Two tables with the same columns, the last of which is a target."""
    kinds = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=4))
    called = draw(st.lists(names, min_size=len(kinds) + 1, max_size=len(kinds) + 1, unique=True))
    tables = []
    for m in (draw(st.integers(2, 30)), draw(st.integers(1, 5))):
        columns = []
        for name, kind in zip(called, kinds, strict=False):
            values = draw(st.lists(VALUES[kind], min_size=m, max_size=m))
            columns.append(Column(name, kind, np.array(values, object if kind == "category" else float)))
        tables.append(table(*columns, numbers(called[-1], *range(m))))
    return tables[0], tables[1]


@given(two_tables())
@settings(max_examples=150, deadline=None)
def test_features_are_finite_and_new_tables_never_raise(tables: tuple[Table, Table]) -> None:
    train, new = tables
    preparation = learn_preparation(train, train.names[-1], train.names[:-1])
    for some in (train, new):
        X = preparation.features(some)
        assert X.shape == (len(preparation.feature_names), some.m)
        assert np.isfinite(X).all()
        assert abs(X).max(initial=0) <= 3
    preparation.drift(new)
    preparation.described()
    assert not any("outside" in str(notice) or "had not" in str(notice) for notice in preparation.drift(train))


@given(two_tables())
@settings(max_examples=100, deadline=None)
def test_a_record_gives_the_same_bits(tables: tuple[Table, Table]) -> None:
    train, new = tables
    preparation = learn_preparation(train, train.names[-1], train.names[:-1])
    again = preparation_from(json.loads(json.dumps(preparation.record(), allow_nan=False)))
    assert again == preparation
    assert_array_equal(again.features(new), preparation.features(new), strict=True)
    assert again.drift(new) == preparation.drift(new)


def places_of(record: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All places in a record."""
    entries = record.items() if isinstance(record, dict) else enumerate(record) if isinstance(record, list) else ()
    return [path, *(place for key, value in entries for place in places_of(value, (*path, key)))]


SOMETHING = st.one_of(
    st.none(), st.booleans(), st.integers(), anything, st.text(max_size=3), st.just([]), st.just({}), st.just([1.0]),
    st.sampled_from(["number", "truth", "category", "date", "year", [], ["a", "a"], [0, -1]]),
)  # fmt: skip


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_changed_record_is_refused_or_is_another_preparation(data: st.DataObject) -> None:
    record = json.loads(json.dumps(learn_preparation(CARS, "sells", ["price", "fuel", "new", "sold"]).record()))
    place = data.draw(st.sampled_from(places_of(record)[1:]))
    inside = record
    for key in place[:-1]:
        inside = inside[key]
    if data.draw(st.booleans()):
        del inside[place[-1]]
    else:
        inside[place[-1]] = data.draw(SOMETHING)
    try:
        preparation = preparation_from(record)
    except (LookupError, TypeError, ValueError):
        return
    preparation.described()
    there = [column for column in CARS.columns if preparation.kinds.get(column.name) == column.kind]
    if set(preparation.columns) <= {column.name for column in there}:
        X: NDArray[Any] = preparation.features(CARS)
        assert X.shape == (len(preparation.feature_names), 6)
        assert np.isfinite(X).all()
        preparation.drift(CARS)


@pytest.mark.parametrize("record", [None, [], 3, {}, {"encoders": [], "target": {}}, {"encoders": {}, "target": {}}])
def test_no_record(record: Any) -> None:
    with pytest.raises((LookupError, TypeError, ValueError)):
        preparation_from(record)
